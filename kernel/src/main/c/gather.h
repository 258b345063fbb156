/* Where int8 activations lie for panels of any inputs, by AVX2. */
#ifndef GATHER_H
#define GATHER_H

#include <immintrin.h>

#include "falconer.h"

/*
 * inputs keeps an input's 32 rows in an order, in which gather meets them again: unpacking works on
 * halves of 16 bytes, of which the first holds rows 0-3 8-11 16-19 24-27, the second the others.
 */
INLINE int row_of(int place) { return place % 16 / 4 * 8 + place / 16 * 4 + place % 4; }

/* to[step][32 rows][4] of the four inputs of each step; from[input][32 places]. */
INLINE void gather(uint8_t *to, const uint8_t *from, const int_any *numbers, int64_t steps) {
  for (int64_t k = 0; k < steps; k++) {
    __m256i v[4];
    UNROLL for (int i = 0; i < 4; i++) {
      v[i] = _mm256_load_si256((const __m256i *)(from + ROWS_I8 * (int64_t)numbers[4 * k + i]));
    }
    __m256i a = _mm256_unpacklo_epi8(v[0], v[1]);
    __m256i b = _mm256_unpackhi_epi8(v[0], v[1]);
    __m256i c = _mm256_unpacklo_epi8(v[2], v[3]);
    __m256i d = _mm256_unpackhi_epi8(v[2], v[3]);
    __m256i *out = (__m256i *)(to + QUAD * ROWS_I8 * k);
    _mm256_store_si256(out, _mm256_unpacklo_epi16(a, c));
    _mm256_store_si256(out + 1, _mm256_unpackhi_epi16(a, c));
    _mm256_store_si256(out + 2, _mm256_unpacklo_epi16(b, d));
    _mm256_store_si256(out + 3, _mm256_unpackhi_epi16(b, d));
  }
}

#endif
