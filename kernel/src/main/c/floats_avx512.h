/* Sixteen floats by AVX-512: floats.h says what each is. */
#ifndef FLOATS_AVX512_H
#define FLOATS_AVX512_H

#include "avx512.h"

typedef __m512 F, B;

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
INLINE F f_all(float x) { return _mm512_set1_ps(x); }
INLINE F f_first(F a, int lanes) { return _mm512_maskz_mov_ps(first_lanes(lanes), a); }
INLINE void f_store(float *at, F f) { _mm512_store_ps(at, f); }
INLINE F f_sub(F a, F b) { return _mm512_sub_ps(a, b); }
INLINE F f_mul(F a, F b) { return _mm512_mul_ps(a, b); }
INLINE F f_div(F a, F b) { return _mm512_div_ps(a, b); }
INLINE F f_max(F a, F b) { return _mm512_max_ps(a, b); }
INLINE F f_min(F a, F b) { return _mm512_min_ps(a, b); }
INLINE F f_fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
INLINE float f_sum(F a) { return _mm512_reduce_add_ps(a); }
INLINE F f_larger(F most, F a) {
  __m512i magnitude = _mm512_and_si512(_mm512_castps_si512(a), _mm512_set1_epi32(0x7fffffff));
  return _mm512_castsi512_ps(_mm512_max_epi32(_mm512_castps_si512(most), magnitude));
}
INLINE F f_unless_below(F a, float limit, F b, F other) {
  return _mm512_mask_mov_ps(b, _mm512_cmp_ps_mask(a, f_all(limit), _CMP_LT_OQ), other);
}
INLINE F f_exponent(F a) { return _mm512_getexp_ps(a); }
INLINE F f_mantissa(F a) {
  return _mm512_getmant_ps(a, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
}
INLINE F f_times_two_to(F a, F whole, F shifted) {
  (void)shifted;
  return _mm512_scalef_ps(a, whole);
}

#define UPPER(a, b, mask) _mm512_shuffle_f32x4(a, b, mask)
#define PAIR(a, b, mask) _mm512_castpd_ps(_mm512_shuffle_pd(_mm512_castps_pd(a), _mm512_castps_pd(b), mask))
/* One lane of each of 16 vectors, from halves of pairs of vectors to numbers of pairs. */
#define OF_LANES(name, MAX)                                                            \
  INLINE F name(const F x[16]) {                                                       \
    F v[8];                                                                            \
    UNROLL for (int i = 0; i < 8; i++) {                                               \
      v[i] = MAX(UPPER(x[i], x[8 + i], 0x44), UPPER(x[i], x[8 + i], 0xee));            \
    }                                                                                  \
    UNROLL for (int i = 0; i < 4; i++) {                                               \
      v[i] = MAX(UPPER(v[i], v[4 + i], 0x88), UPPER(v[i], v[4 + i], 0xdd));            \
    }                                                                                  \
    UNROLL for (int i = 0; i < 2; i++) {                                               \
      v[i] = MAX(PAIR(v[i], v[2 + i], 0), PAIR(v[i], v[2 + i], 0xff));                 \
    }                                                                                  \
    v[0] = MAX(_mm512_shuffle_ps(v[0], v[1], 0x88), _mm512_shuffle_ps(v[0], v[1], 0xdd)); \
    const __m512i order =                                                              \
        _mm512_setr_epi32(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15);       \
    return _mm512_permutexvar_ps(order, v[0]);                                         \
  }
OF_LANES(f_most_of, f_max)
OF_LANES(f_largest_of, f_larger)
#undef OF_LANES
#undef PAIR
#undef UPPER

static inline void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int k = 0; k < in; k += 16) {
    __mmask16 lanes = first_lanes(least(16, in - k));
    __m512i v[16];
    UNROLL for (int r = 0; r < 16; r++) {
      v[r] = r < rows ? _mm512_maskz_loadu_epi32(lanes, (const void *)(x + r * stride + k))
                      : _mm512_setzero_si512();
    }
    transpose(v);
    UNROLL for (int i = 0; i < 16; i++) {
      _mm512_store_si512(to + 16 * (k + i), v[i]);
    }
  }
}

#include "floats.h"

#endif
