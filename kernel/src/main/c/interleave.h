/* Where bytes of int8 keys and values lie, by AVX2. */
#ifndef INTERLEAVE_H
#define INTERLEAVE_H

#include <immintrin.h>

#include "falconer.h"

/* Stores the lower half here, the upper there. */
INLINE void store_halves(uint8_t *here, uint8_t *there, __m256i v) {
  _mm_store_si128((__m128i *)here, _mm256_castsi256_si128(v));
  _mm_store_si128((__m128i *)there, _mm256_extracti128_si256(v, 1));
}

/* Writes [16][4] bytes of four rows, from the ith on. */
INLINE void interleave(uint8_t *to, const uint8_t *from[QUAD], int i) {
  __m128i v[QUAD];
  UNROLL for (int j = 0; j < QUAD; j++) {
    v[j] = _mm_loadu_si128((const void *)(from[j] + i));
  }
  __m128i a = _mm_unpacklo_epi8(v[0], v[1]), b = _mm_unpacklo_epi8(v[2], v[3]);
  __m128i c = _mm_unpackhi_epi8(v[0], v[1]), d = _mm_unpackhi_epi8(v[2], v[3]);
  __m128i *out = (__m128i *)to;
  _mm_store_si128(out, _mm_unpacklo_epi16(a, b));
  _mm_store_si128(out + 1, _mm_unpackhi_epi16(a, b));
  _mm_store_si128(out + 2, _mm_unpacklo_epi16(c, d));
  _mm_store_si128(out + 3, _mm_unpackhi_epi16(c, d));
}

/* Writes [32][4] bytes of four rows, from the ith on. */
INLINE void interleave_two(uint8_t *to, const uint8_t *from[QUAD], int i) {
  __m256i v[QUAD];
  UNROLL for (int j = 0; j < QUAD; j++) {
    v[j] = _mm256_loadu_si256((const void *)(from[j] + i));
  }
  __m256i a = _mm256_unpacklo_epi8(v[0], v[1]), b = _mm256_unpacklo_epi8(v[2], v[3]);
  __m256i c = _mm256_unpackhi_epi8(v[0], v[1]), d = _mm256_unpackhi_epi8(v[2], v[3]);
  uint8_t *second = to + VALUES;
  store_halves(to, second, _mm256_unpacklo_epi16(a, b));
  store_halves(to + 16, second + 16, _mm256_unpackhi_epi16(a, b));
  store_halves(to + 32, second + 32, _mm256_unpacklo_epi16(c, d));
  store_halves(to + 48, second + 48, _mm256_unpackhi_epi16(c, d));
}

/* Writes [4][16][4] bytes + x of 16 rows; and the four quads behind them there, if there is one. */
INLINE void add_quads(
    uint8_t *here, uint8_t *there, const uint8_t *rows, int64_t stride, int x) {
  __m256i plus = _mm256_set1_epi8((char)x);
  UNROLL for (int r = 0; r < WIDTH; r += 4) {
    __m256i v[4];
    UNROLL for (int j = 0; j < 4; j++) {
      const uint8_t *row = rows + (r + j) * stride;
      __m256i bytes = there ? _mm256_loadu_si256((const void *)row)
                            : _mm256_castsi128_si256(_mm_loadu_si128((const void *)row));
      v[j] = _mm256_add_epi8(bytes, plus);
    }
    __m256i a = _mm256_unpacklo_epi32(v[0], v[1]), b = _mm256_unpacklo_epi32(v[2], v[3]);
    __m256i c = _mm256_unpackhi_epi32(v[0], v[1]), d = _mm256_unpackhi_epi32(v[2], v[3]);
    __m256i quads[4] = {
        _mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b), _mm256_unpacklo_epi64(c, d),
        _mm256_unpackhi_epi64(c, d)};
    UNROLL for (int q = 0; q < 4; q++) {
      int at = VALUES * q + QUAD * r;
      if (there) {
        store_halves(here + at, there + at, quads[q]);
      } else {
        _mm_store_si128((__m128i *)(here + at), _mm256_castsi256_si128(quads[q]));
      }
    }
  }
}

/* Writes [quads][16][4] bytes + x of 16 rows, of the quads but for three, whose number it returns. */
INLINE int add_most_quads(uint8_t *to, const uint8_t *rows, int64_t stride, int quads, int x) {
  int i = 0;
  for (; i + 8 <= quads; i += 8) {
    add_quads(to + VALUES * i, to + VALUES * (i + 4), rows + QUAD * i, stride, x);
  }
  if (i + 4 <= quads) {
    add_quads(to + VALUES * i, 0, rows + QUAD * i, stride, x);
    i += 4;
  }
  return i;
}

#endif
