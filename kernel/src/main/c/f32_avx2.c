/* The float32 product by AVX2 and FMA: a panel's outputs are two vectors. */
#include "floats_avx2.h"

#define NAME(kernel) avx2_##kernel

#define PANEL_LOOP(TILE) IN_SIXES(TILE)
#define PICK_COLUMNS
#define ROWS_AT_ONCE 12 /* two tiles that fill the registers; 16 are one of six and two of five */

#include "f32.inc"

/*
 * Adds to the sums of a panel of N:16 over H halves of 16 rows those of the groups from first to
 * last: a vector is eight rows of one output, because AVX2 can't pick from 16 floats at once.
 * sums[output][half].
 */
INLINE void pick_sums(
    const int H, const matmul *m, const float *columns, int panel, int first, int last,
    __m256 sums[16][2]) {
  const weight *w = &m->w;
  int64_t start = (int64_t)w->steps * (w->groups * (int64_t)panel + first);
  for (int o = 0; o < WIDTH; o += 4) {
    __m256 sum[4][2];
    UNROLL for (int i = 0; i < 4; i++) {
      UNROLL for (int h = 0; h < H; h++) {
        sum[i][h] = sums[o + i][h];
      }
    }
    const char *values = w->values + 2 * VALUES * start + 4 * o;
    for (int group = first; group < last; group++) {
      const float *x = columns + ROWS_F32 * WIDTH * (int64_t)group;
      for (int k = 0; k < w->steps; k++) {
        const int_any *inputs = (const int_any *)(values + VALUES);
        UNROLL for (int i = 0; i < 4; i++) {
          const float *column = x + ROWS_F32 * (int64_t)inputs[i];
          __m256 v = _mm256_broadcast_ss((const float *)values + i);
          UNROLL for (int h = 0; h < H; h++) {
            sum[i][h] = _mm256_fmadd_ps(v, _mm256_loadu_ps(column + 8 * h), sum[i][h]);
            KEEP(sum[i][h]);
          }
        }
        values += 2 * VALUES;
      }
    }
    UNROLL for (int i = 0; i < 4; i++) {
      UNROLL for (int h = 0; h < H; h++) {
        sums[o + i][h] = sum[i][h];
      }
    }
  }
}

enum { GROUPS_AT_ONCE = 8 }; /* their rows and weights stay in the first cache */

static void pick_columns(const matmul *m, const float *x, int64_t row, int count, int panel) {
  __m256 sums[16][2];
  memset(sums, 0, sizeof sums);
  for (int group = 0; group < m->w.groups; group += GROUPS_AT_ONCE) {
    int last = least(m->w.groups, group + GROUPS_AT_ONCE);
    if (count <= 8) {
      pick_sums(1, m, x, panel, group, last, sums);
    } else {
      pick_sums(2, m, x, panel, group, last, sums);
    }
  }
  F bias = f32_bias(m, panel);
  int lanes = lanes_of(m, panel);
  for (int h = 0; 8 * h < count; h++) {
    __m256i v[2][8];
    UNROLL for (int i = 0; i < 16; i++) {
      v[i / 8][i % 8] = _mm256_castps_si256(sums[i][h]);
    }
    transpose(v[0]);
    transpose(v[1]);
    UNROLL for (int r = 0; r < 8; r++) {
      if (8 * h + r < count) {
        F sum = {_mm256_castsi256_ps(v[0][r]), _mm256_castsi256_ps(v[1][r])};
        f32_finish(m, sum, bias, lanes, row + 8 * h + r, panel);
      }
    }
  }
}
