/* The int8 product by AVX-512 VNNI: one instruction multiplies four inputs of 16 outputs. */
#include "avx512.h"
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

INLINE void i8_finish(
    I sum, float scale, const float_any *scales, const float_any *bias, int lanes, int relu,
    float_any *y) {
  __mmask16 mask = first_lanes(lanes);
  __m512 zero = _mm512_setzero_ps();
  __m512 each = _mm512_mul_ps(_mm512_set1_ps(scale), _mm512_loadu_ps((const void *)scales));
  each = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), each);
  each = _mm512_add_ps(each, bias ? _mm512_maskz_loadu_ps(mask, (const void *)bias) : zero);
  if (relu) {
    each = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(each, zero, _CMP_NLE_UQ), each);
  }
  _mm512_mask_storeu_ps((void *)y, mask, each);
}

static float quantised(uint8_t *to, const float_any *x, int in, int levels, int offset) {
  __m512i no_sign = _mm512_set1_epi32(0x7fffffff);
  __m512i most = _mm512_setzero_si512();
  int whole = in / 16 * 16;
  __mmask16 rest = first_lanes(in - whole);
  for (int i = 0; i < whole; i += 16) {
    __m512i bits = _mm512_loadu_si512((const void *)(x + i));
    most = _mm512_max_epi32(most, _mm512_and_si512(bits, no_sign));
  }
  __m512i last = _mm512_maskz_loadu_epi32(rest, (const void *)(x + whole));
  most = _mm512_max_epi32(most, _mm512_and_si512(last, no_sign));
  scaling s = scaling_of(_mm512_reduce_max_epi32(most), levels);

  __m512 factor = _mm512_set1_ps(s.factor);
  /* Adding it rounds to an integer, half to even, and leaves level + offset in the lowest byte. */
  __m512 shift = _mm512_set1_ps(0x1.8p23f + (float)offset);
#define LEVELS_OF(v) \
  _mm512_cvtepi32_epi8(_mm512_castps_si512(_mm512_add_ps(_mm512_mul_ps(v, factor), shift)))
  for (int i = 0; i < whole; i += 16) {
    __m512 v = _mm512_loadu_ps((const void *)(x + i));
    _mm_store_si128((__m128i *)(to + i), LEVELS_OF(v));
  }
  _mm_store_si128((__m128i *)(to + whole), LEVELS_OF(_mm512_castsi512_ps(last)));
#undef LEVELS_OF
  return s.scale;
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
