/* Bytes of four rows side by side, by SSE2. */
#ifndef INTERLEAVE_H
#define INTERLEAVE_H

#include <immintrin.h>

#include "falconer.h"

/* Writes [16][4] bytes of 16 each. */
INLINE void interleave(
    uint8_t *to, const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d) {
  __m128i v[QUAD] = {
      _mm_loadu_si128((const void *)a), _mm_loadu_si128((const void *)b),
      _mm_loadu_si128((const void *)c), _mm_loadu_si128((const void *)d)};
  __m128i low[2] = {_mm_unpacklo_epi8(v[0], v[1]), _mm_unpacklo_epi8(v[2], v[3])};
  __m128i high[2] = {_mm_unpackhi_epi8(v[0], v[1]), _mm_unpackhi_epi8(v[2], v[3])};
  __m128i *out = (__m128i *)to;
  _mm_store_si128(out, _mm_unpacklo_epi16(low[0], low[1]));
  _mm_store_si128(out + 1, _mm_unpackhi_epi16(low[0], low[1]));
  _mm_store_si128(out + 2, _mm_unpacklo_epi16(high[0], high[1]));
  _mm_store_si128(out + 3, _mm_unpackhi_epi16(high[0], high[1]));
}

#endif
