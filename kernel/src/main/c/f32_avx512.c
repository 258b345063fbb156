/* The float32 product by AVX-512: a panel's outputs are one vector. */
#include "avx512.h"

#define NAME(kernel) avx512_##kernel

typedef __m512 F, B, G;
typedef __m512i N;

#define PANEL_LOOP(TILE) IN_TILES(16, TILE)
#define PAIR_LOOP(TILE) IN_TILES(8, TILE)
#define PICK_LOOP(TILE) IN_TILES(8, TILE)

INLINE F f_zero(void) { return _mm512_setzero_ps(); }
INLINE F f_load(const char *at) { return _mm512_loadu_ps(at); }
INLINE F f_add(F a, F b) { return _mm512_add_ps(a, b); }
INLINE F f_positive(F a) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, f_zero(), _CMP_NLE_UQ), a);
}
INLINE void f_keep(F *f) { KEEP(*f); }
INLINE F f_loadn(const float_any *at, int lanes) {
  return _mm512_maskz_loadu_ps(first_lanes(lanes), (const void *)at);
}
INLINE void f_storen(float_any *at, F f, int lanes) {
  _mm512_mask_storeu_ps((void *)at, first_lanes(lanes), f);
}
INLINE B b_load(const float *at) { return _mm512_set1_ps(*at); }
INLINE F f_madd(F sum, B b, F v) { return _mm512_fmadd_ps(b, v, sum); }
INLINE G g_load(const float *at) { return _mm512_loadu_ps(at); }
INLINE N n_load(const char *at) { return _mm512_loadu_si512(at); }
INLINE F f_pick(F sum, G g, N n, F v) {
  return _mm512_fmadd_ps(_mm512_permutexvar_ps(n, g), v, sum);
}

static void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int k = 0; k < in; k += 16) {
    __mmask16 lanes = first_lanes(least(16, in - k));
    __m512i v[16];
    UNROLL for (int r = 0; r < 16; r++) {
      v[r] = r < rows ? _mm512_maskz_loadu_epi32(lanes, (const void *)(x + r * stride + k))
                      : _mm512_setzero_si512();
    }
    transpose(v);
    UNROLL for (int i = 0; i < 16; i++) {
      _mm512_store_si512(to + ROWS_F32 * (k + i), v[i]);
    }
  }
}

#include "f32.inc"
