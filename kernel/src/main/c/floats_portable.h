/*
 * Sixteen floats without instructions of their own, vectors of four as the compiler has them:
 * floats.h says what each is.
 */
#ifndef FLOATS_PORTABLE_H
#define FLOATS_PORTABLE_H

#include "falconer.h"

#define FOURS UNROLL for (int i = 0; i < WIDTH / 4; i++)

typedef float four __attribute__((vector_size(16)));
typedef float four_any __attribute__((vector_size(16), aligned(1), may_alias));
typedef int32_t four_ints __attribute__((vector_size(16)));
typedef uint32_t four_uints __attribute__((vector_size(16)));
typedef struct { four v[WIDTH / 4]; } F;
typedef float B;

INLINE F f_load(const char *at) {
  F f;
  FOURS f.v[i] = *(const four_any *)(at + 16 * i);
  return f;
}
INLINE F f_zero(void) {
  F f;
  FOURS f.v[i] = (four){0, 0, 0, 0};
  return f;
}
INLINE F f_add(F a, F b) {
  FOURS a.v[i] += b.v[i];
  return a;
}
INLINE F f_positive(F a) {
  FOURS a.v[i] = (four)(~(four_ints)(a.v[i] <= (four){0, 0, 0, 0}) & (four_ints)a.v[i]);
  return a;
}
INLINE void f_keep(F *f) { FOURS __asm__ volatile("" : "+x"(f->v[i])); }
INLINE F f_loadn(const float_any *at, int lanes) {
  float v[WIDTH] = {0};
  for (int i = 0; i < lanes; i++) {
    v[i] = at[i];
  }
  return f_load((const char *)v);
}
INLINE void f_storen(float_any *at, F f, int lanes) { memcpy((char *)at, &f, 4 * (size_t)lanes); }
INLINE B b_load(const float *at) { return *at; }
INLINE F f_madd(F sum, B b, F v) {
  FOURS sum.v[i] += b * v.v[i];
  return sum;
}
INLINE F f_all(float x) {
  F f;
  FOURS f.v[i] = (four){x, x, x, x};
  return f;
}
INLINE void f_store(float *at, F f) { memcpy(at, &f, sizeof f); }
INLINE F f_first(F a, int lanes) {
  float v[WIDTH];
  f_store(v, a);
  return f_loadn(v, lanes);
}
INLINE F f_sub(F a, F b) {
  FOURS a.v[i] -= b.v[i];
  return a;
}
INLINE F f_mul(F a, F b) {
  FOURS a.v[i] *= b.v[i];
  return a;
}
INLINE F f_div(F a, F b) {
  FOURS a.v[i] /= b.v[i];
  return a;
}
INLINE four either(four_ints is_first, four a, four b) {
  return (four)((is_first & (four_ints)a) | (~is_first & (four_ints)b));
}
INLINE F f_max(F a, F b) {
  FOURS a.v[i] = either((four_ints)(a.v[i] > b.v[i]), a.v[i], b.v[i]);
  return a;
}
INLINE F f_min(F a, F b) {
  FOURS a.v[i] = either((four_ints)(a.v[i] < b.v[i]), a.v[i], b.v[i]);
  return a;
}
/* The product is exact in double precision. */
INLINE F f_fma(F a, F b, F c) {
  for (int i = 0; i < WIDTH; i++) {
    c.v[i / 4][i % 4] = (float)((double)a.v[i / 4][i % 4] * b.v[i / 4][i % 4] + c.v[i / 4][i % 4]);
  }
  return c;
}
INLINE float f_sum(F a) {
  four sum = (a.v[0] + a.v[1]) + (a.v[2] + a.v[3]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}
INLINE F f_larger(F most, F a) {
  FOURS {
    four_ints magnitude = (four_ints)a.v[i] & 0x7fffffff;
    four_ints is_larger = (four_ints)(magnitude > (four_ints)most.v[i]);
    most.v[i] = either(is_larger, (four)magnitude, most.v[i]);
  }
  return most;
}
INLINE F f_unless_below(F a, float limit, F b, F other) {
  F most = f_all(limit);
  FOURS {
    four_ints is = a.v[i] < most.v[i];
    b.v[i] = (four)((is & (four_ints)other.v[i]) | (~is & (four_ints)b.v[i]));
  }
  return b;
}
INLINE F f_exponent(F a) {
  FOURS a.v[i] = __builtin_convertvector(((four_ints)a.v[i] >> 23) - 127, four);
  return a;
}
INLINE F f_mantissa(F a) {
  FOURS a.v[i] = (four)(((four_ints)a.v[i] & 0x7fffff) | 0x3f800000);
  return a;
}
INLINE F f_times_two_to(F a, F whole, F shifted) {
  (void)whole;
  FOURS a.v[i] *= (four)(((four_uints)shifted.v[i] << 23) + (four_uints)(four){1, 1, 1, 1});
  return a;
}

#define OF_LANES(name, MAX)                            \
  INLINE F name(const F x[16]) {                       \
    F all = f_zero();                                  \
    for (int r = 0; r < WIDTH; r++) {                  \
      F most = x[r];                                   \
      for (int i = 1; i < WIDTH; i++) {                \
        most = MAX(most, f_all(x[r].v[i / 4][i % 4])); \
      }                                                \
      all.v[r / 4][r % 4] = most.v[0][0];              \
    }                                                  \
    return all;                                        \
  }
OF_LANES(f_most_of, f_max)
OF_LANES(f_largest_of, f_larger)
#undef OF_LANES

static inline void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int k = 0; k < (in + QUAD - 1) / QUAD * QUAD; k++) {
    for (int r = 0; r < 16; r++) {
      to[16 * k + r] = r < rows && k < in ? x[r * stride + k] : 0;
    }
  }
}

#include "floats.h"

#endif
