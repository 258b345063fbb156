/* The int8 product by AVX-512 VNNI: one instruction multiplies four inputs of 16 outputs. */
#include "floats_avx512.h"
#include "gather.h"

#define NAME(kernel) avx512vnni_##kernel
#define KINDS(X) X(BYTES)

enum { BYTES, PAIR };
#define PANEL_LOOP(TILE) IN_TILES(16, TILE)
#define PAIR_LOOP(TILE) IN_TILES(8, TILE)
#define PICK_LOOP(TILE) IN_TILES(8, TILE)

typedef __m512i I, A, W, C, N;

INLINE int kind_of(const weight *w) {
  (void)w;
  return BYTES;
}
INLINE int offset_of(const weight *w) { return offset(w); }
INLINE void i_keep(I *i) { KEEP(*i); }
INLINE I i_start(const int_any *sums, int offset) {
  return _mm512_mullo_epi32(_mm512_loadu_si512((const void *)sums), _mm512_set1_epi32(-offset));
}
INLINE F f_of(I i) { return _mm512_cvtepi32_ps(i); }
INLINE A a_load(const uint8_t *at) { return _mm512_set1_epi32(*(const int_any *)at); }
INLINE W w_load(const char *at, int kind) {
  (void)kind;
  return _mm512_loadu_si512(at);
}
INLINE I i_dot(I sum, A a, W w, int kind) {
  (void)kind;
  return _mm512_dpbusd_epi32(sum, a, w);
}
INLINE I i_dot2(I sum, A a, A b, W v, W w) { return i_dot(i_dot(sum, a, v, BYTES), b, w, BYTES); }
INLINE C c_load(const uint8_t *at) {
  return _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)at));
}
INLINE N n_load(const char *at) { return _mm512_loadu_si512(at); }
INLINE I i_dot_picked(I sum, C c, N n, W w, int kind) {
  (void)kind;
  return _mm512_dpbusd_epi32(sum, _mm512_shuffle_epi8(c, n), w);
}

INLINE __m512i larger_bits(__m512i most, __m512 x) {
  __m512i no_sign = _mm512_set1_epi32(0x7fffffff);
  return _mm512_max_epi32(most, _mm512_and_si512(_mm512_castps_si512(x), no_sign));
}

static void magnitudes(int32_t *bits, const float_any *const *x, const weight *w) {
  __m512i most[ROUNDED];
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    most[r] = _mm512_setzero_si512();
  }
  int i = 0;
  for (; i + 16 <= w->in; i += 16) {
    __m512 centres = _mm512_loadu_ps((const void *)(w->centres + i));
    __m512 factors = _mm512_loadu_ps((const void *)(w->factors + i));
    UNROLL for (int r = 0; r < ROUNDED; r++) {
      __m512 z = _mm512_sub_ps(_mm512_loadu_ps((const void *)(x[r] + i)), centres);
      most[r] = larger_bits(most[r], _mm512_mul_ps(z, factors));
    }
  }
  if (i < w->in) {
    __m512 centres = f_loadn(w->centres + i, w->in - i), factors = f_loadn(w->factors + i, w->in - i);
    UNROLL for (int r = 0; r < ROUNDED; r++) {
      __m512 z = _mm512_sub_ps(f_loadn(x[r] + i, w->in - i), centres);
      most[r] = larger_bits(most[r], _mm512_mul_ps(z, factors));
    }
  }
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    bits[r] = _mm512_reduce_max_epi32(most[r]);
  }
}

INLINE __m128i levels_of(__m512 x, __m512 centres, __m512 factors, __m512 by, __m512 shift) {
  __m512 z = _mm512_mul_ps(_mm512_sub_ps(x, centres), factors);
  return _mm512_cvtepi32_epi8(_mm512_castps_si512(_mm512_add_ps(_mm512_mul_ps(z, by), shift)));
}

static void to_levels(
    uint8_t *const *to, const float_any *const *x, const weight *w, const scaling *by, int offset) {
  __m512 factor[ROUNDED];
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    factor[r] = _mm512_set1_ps(by[r].factor);
  }
  /* Adding it rounds to an integer, half to even, and leaves level + offset in the lowest byte. */
  __m512 shift = _mm512_set1_ps(MAGIC + (float)offset);
  int i = 0;
  for (; i + 16 <= w->in; i += 16) {
    __m512 centres = _mm512_loadu_ps((const void *)(w->centres + i));
    __m512 factors = _mm512_loadu_ps((const void *)(w->factors + i));
    UNROLL for (int r = 0; r < ROUNDED; r++) {
      __m512 each = _mm512_loadu_ps((const void *)(x[r] + i));
      _mm_store_si128((__m128i *)(to[r] + i), levels_of(each, centres, factors, factor[r], shift));
    }
  }
  if (i < w->in) {
    __m512 centres = f_loadn(w->centres + i, w->in - i), factors = f_loadn(w->factors + i, w->in - i);
    UNROLL for (int r = 0; r < ROUNDED; r++) {
      __m512 each = f_loadn(x[r] + i, w->in - i);
      _mm_store_si128((__m128i *)(to[r] + i), levels_of(each, centres, factors, factor[r], shift));
    }
  }
}

static void quads(uint8_t *to, const uint8_t *bytes, int64_t pitch, int in, int rows) {
  for (int half = 0; half < rows; half += 16) {
    for (int k = 0; k < in; k += 64) {
      __m512i v[16];
      UNROLL for (int r = 0; r < 16; r++) {
        v[r] = _mm512_load_si512(bytes + (half + r) * pitch + k);
      }
      transpose(v);
      uint8_t *out = to + ROWS_I8 * (int64_t)k + QUAD * half;
      UNROLL for (int q = 0; q < 16; q++) {
        _mm512_store_si512(out + QUAD * ROWS_I8 * q, v[q]);
      }
    }
  }
}

static void inputs(uint8_t *to, const uint8_t *bytes, int64_t pitch, int in, int rows) {
  (void)rows;
  /* Of 16 places of four bytes: in each part of four the first bytes, the second ones ..; then the
     first bytes of all parts. */
  __m512i within = _mm512_broadcast_i32x4(
      _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  __m512i across = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  for (int half = 0; half < 2; half++) {
    for (int k = 0; k < in; k += 64) {
      __m512i v[16];
      UNROLL for (int i = 0; i < 16; i++) {
        v[i] = _mm512_load_si512(bytes + row_of(16 * half + i) * pitch + k);
      }
      transpose(v);
      uint8_t *out = to + ROWS_I8 * (int64_t)k + 16 * half;
      UNROLL for (int q = 0; q < 16; q++) {
        __m512i four = _mm512_permutexvar_epi32(across, _mm512_shuffle_epi8(v[q], within));
        _mm_store_si128((__m128i *)out, _mm512_castsi512_si128(four));
        _mm_store_si128((__m128i *)(out + 32), _mm512_extracti32x4_epi32(four, 1));
        _mm_store_si128((__m128i *)(out + 64), _mm512_extracti32x4_epi32(four, 2));
        _mm_store_si128((__m128i *)(out + 96), _mm512_extracti32x4_epi32(four, 3));
        out += QUAD * ROWS_I8;
      }
    }
  }
}

#include "i8.inc"
