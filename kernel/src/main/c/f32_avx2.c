/* The float32 product by AVX2 and FMA: a panel's outputs are two vectors. */
#include "avx2.h"

#define NAME(kernel) avx2_##kernel

typedef struct { __m256 a, b; } F;
typedef __m256 B;

#define PANEL_LOOP(TILE) IN_SIXES(TILE)
#define PICK_COLUMNS

INLINE F f_zero(void) { return (F){_mm256_setzero_ps(), _mm256_setzero_ps()}; }
INLINE F f_load(const char *at) {
  return (F){_mm256_loadu_ps((const float *)at), _mm256_loadu_ps((const float *)(at + 32))};
}
INLINE F f_add(F a, F b) { return (F){_mm256_add_ps(a.a, b.a), _mm256_add_ps(a.b, b.b)}; }
INLINE __m256 positive(__m256 a) {
  return _mm256_and_ps(a, _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_NLE_UQ));
}
INLINE F f_positive(F a) { return (F){positive(a.a), positive(a.b)}; }
INLINE void f_keep(F *f) {
  KEEP(f->a);
  KEEP(f->b);
}
INLINE F f_loadn(const float_any *at, int lanes) {
  return (F){
      _mm256_maskload_ps((const float *)at, first_lanes(lanes)),
      _mm256_maskload_ps((const float *)(at + 8), first_lanes(lanes - 8))};
}
INLINE void f_storen(float_any *at, F f, int lanes) {
  if (lanes == WIDTH) {
    _mm256_storeu_ps((float *)at, f.a);
    _mm256_storeu_ps((float *)(at + 8), f.b);
  } else {
    _mm256_maskstore_ps((float *)at, first_lanes(lanes), f.a);
    _mm256_maskstore_ps((float *)(at + 8), first_lanes(lanes - 8), f.b);
  }
}
INLINE B b_load(const float *at) { return _mm256_broadcast_ss(at); }
INLINE F f_madd(F sum, B b, F v) {
  return (F){_mm256_fmadd_ps(b, v.a, sum.a), _mm256_fmadd_ps(b, v.b, sum.b)};
}

static void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int half = 0; half < rows; half += 8) {
    for (int k = 0; k < in; k += 8) {
      __m256i lanes = first_lanes(in - k);
      __m256i v[8];
      UNROLL for (int r = 0; r < 8; r++) {
        v[r] = half + r < rows
                   ? _mm256_maskload_epi32((const int *)(x + (half + r) * stride + k), lanes)
                   : _mm256_setzero_si256();
      }
      transpose(v);
      UNROLL for (int i = 0; i < 8; i++) {
        _mm256_storeu_si256((__m256i *)(to + ROWS_F32 * (k + i) + half), v[i]);
      }
    }
  }
}

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
