/* The float32 product by AVX2 and FMA: a panel's outputs are two vectors. */
#include "avx2.h"

#define NAME(kernel) avx2_##kernel

typedef struct { __m256 a, b; } F, G;
typedef __m256 B;
typedef struct { __m256i a, b; } N;

enum { PANEL_ROWS = 6, PICK_ROWS = 2 };
#define PAIR_ROWS 0

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
INLINE G g_load(const float *at) { return f_load((const char *)at); }
INLINE N n_load(const char *at) {
  return (N){_mm256_loadu_si256((const __m256i *)at), _mm256_loadu_si256((const __m256i *)(at + 32))};
}
/* Numbers 0..15 of two vectors of eight: bit 3 tells the vector. */
INLINE __m256 picked(G g, __m256i n) {
  return _mm256_blendv_ps(
      _mm256_permutevar8x32_ps(g.a, n), _mm256_permutevar8x32_ps(g.b, n),
      _mm256_castsi256_ps(_mm256_slli_epi32(n, 28)));
}
INLINE F f_pick(F sum, G g, N n, F v) {
  return (F){
      _mm256_fmadd_ps(picked(g, n.a), v.a, sum.a), _mm256_fmadd_ps(picked(g, n.b), v.b, sum.b)};
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
