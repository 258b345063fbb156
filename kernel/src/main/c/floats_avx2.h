/* Sixteen floats by AVX2 and FMA, two vectors: floats.h says what each is. */
#ifndef FLOATS_AVX2_H
#define FLOATS_AVX2_H

#include "avx2.h"

typedef struct { __m256 a, b; } F;
typedef __m256 B;

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
  if (__builtin_constant_p(lanes) && lanes == WIDTH) {
    return f_load((const char *)at);
  }
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
INLINE F f_all(float x) { return (F){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
INLINE F f_first(F a, int lanes) {
  if (__builtin_constant_p(lanes) && lanes == WIDTH) {
    return a;
  }
  return (F){
      _mm256_and_ps(a.a, _mm256_castsi256_ps(first_lanes(lanes))),
      _mm256_and_ps(a.b, _mm256_castsi256_ps(first_lanes(lanes - 8)))};
}
INLINE void f_store(float *at, F f) {
  _mm256_store_ps(at, f.a);
  _mm256_store_ps(at + 8, f.b);
}
INLINE F f_sub(F a, F b) { return (F){_mm256_sub_ps(a.a, b.a), _mm256_sub_ps(a.b, b.b)}; }
INLINE F f_mul(F a, F b) { return (F){_mm256_mul_ps(a.a, b.a), _mm256_mul_ps(a.b, b.b)}; }
INLINE F f_div(F a, F b) { return (F){_mm256_div_ps(a.a, b.a), _mm256_div_ps(a.b, b.b)}; }
INLINE F f_max(F a, F b) { return (F){_mm256_max_ps(a.a, b.a), _mm256_max_ps(a.b, b.b)}; }
INLINE F f_min(F a, F b) { return (F){_mm256_min_ps(a.a, b.a), _mm256_min_ps(a.b, b.b)}; }
INLINE F f_fma(F a, F b, F c) {
  return (F){_mm256_fmadd_ps(a.a, b.a, c.a), _mm256_fmadd_ps(a.b, b.b, c.b)};
}
INLINE float f_sum(F a) {
  __m256 eight = _mm256_add_ps(a.a, a.b);
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
INLINE __m256 larger(__m256 most, __m256 a) {
  __m256i magnitude = _mm256_and_si256(_mm256_castps_si256(a), _mm256_set1_epi32(0x7fffffff));
  return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(most), magnitude));
}
INLINE F f_larger(F most, F a) { return (F){larger(most.a, a.a), larger(most.b, a.b)}; }
INLINE __m256 times_two_to(__m256 a, __m256 shifted) {
  __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
  __m256i one = _mm256_castps_si256(_mm256_set1_ps(1));
  return _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_add_epi32(exponent, one)));
}
INLINE __m256 unless_below(__m256 a, __m256 limit, __m256 b, __m256 other) {
  return _mm256_blendv_ps(b, other, _mm256_cmp_ps(a, limit, _CMP_LT_OQ));
}
INLINE F f_unless_below(F a, float limit, F b, F other) {
  __m256 all = _mm256_set1_ps(limit);
  return (F){unless_below(a.a, all, b.a, other.a), unless_below(a.b, all, b.b, other.b)};
}
INLINE __m256 exponents(__m256 a) {
  __m256i biased = _mm256_srli_epi32(_mm256_castps_si256(a), 23);
  return _mm256_cvtepi32_ps(_mm256_sub_epi32(biased, _mm256_set1_epi32(127)));
}
INLINE F f_exponent(F x) { return (F){exponents(x.a), exponents(x.b)}; }
INLINE __m256 mantissas(__m256 a) {
  __m256i rest = _mm256_and_si256(_mm256_castps_si256(a), _mm256_set1_epi32(0x7fffff));
  return _mm256_castsi256_ps(_mm256_or_si256(rest, _mm256_set1_epi32(0x3f800000)));
}
INLINE F f_mantissa(F x) { return (F){mantissas(x.a), mantissas(x.b)}; }
INLINE F f_times_two_to(F a, F whole, F shifted) {
  (void)whole;
  return (F){times_two_to(a.a, shifted.a), times_two_to(a.b, shifted.b)};
}

#define HALVES(a, b, mask) _mm256_permute2f128_ps(a, b, mask)
#define PAIRS(a, b, mask) \
  _mm256_castpd_ps(_mm256_shuffle_pd(_mm256_castps_pd(a), _mm256_castps_pd(b), mask))
/* One lane of each of 8 vectors, from halves of pairs of vectors to numbers of pairs. */
#define OF_LANES(name, MAX)                                                              \
  INLINE __m256 name##_8(const F x[8]) {                                                 \
    __m256 v[4];                                                                         \
    UNROLL for (int i = 0; i < 4; i++) {                                                 \
      __m256 a = MAX(x[i].a, x[i].b), b = MAX(x[4 + i].a, x[4 + i].b);                   \
      v[i] = MAX(HALVES(a, b, 0x20), HALVES(a, b, 0x31));                                \
    }                                                                                    \
    UNROLL for (int i = 0; i < 2; i++) {                                                 \
      v[i] = MAX(PAIRS(v[i], v[2 + i], 0), PAIRS(v[i], v[2 + i], 0xf));                  \
    }                                                                                    \
    v[0] = MAX(_mm256_shuffle_ps(v[0], v[1], 0x88), _mm256_shuffle_ps(v[0], v[1], 0xdd)); \
    return _mm256_permutevar8x32_ps(v[0], _mm256_setr_epi32(0, 2, 1, 3, 4, 6, 5, 7));    \
  }                                                                                      \
  INLINE F name(const F x[16]) { return (F){name##_8(x), name##_8(x + 8)}; }
OF_LANES(f_most_of, _mm256_max_ps)
OF_LANES(f_largest_of, larger)
#undef OF_LANES
#undef PAIRS
#undef HALVES

static inline void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int half = 0; half < WIDTH; half += 8) {
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
        _mm256_storeu_si256((__m256i *)(to + 16 * (k + i) + half), v[i]);
      }
    }
  }
}

#include "floats.h"

#endif
