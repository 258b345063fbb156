/* What the AVX-512 kernels share. */
#ifndef AVX512_H
#define AVX512_H

#include <immintrin.h>

#include "falconer.h"

#define KEEP(v) __asm__ volatile("" : "+v"(v))

INLINE __mmask16 first_lanes(int lanes) { return (__mmask16)((1u << lanes) - 1); }

/* v[i][j] = v[j][i], 16 x 16 numbers of 32 bits. */
INLINE void transpose(__m512i v[16]) {
  __m512i t[16];
  UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
  UNROLL for (int i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  /* v[4 g + j], part l: column 4 l + j of rows 4 g .. 4 g + 3 */
  UNROLL for (int j = 0; j < 4; j++) {
    __m512i a = _mm512_shuffle_i32x4(v[j], v[4 + j], 0x88);
    __m512i b = _mm512_shuffle_i32x4(v[j], v[4 + j], 0xdd);
    __m512i c = _mm512_shuffle_i32x4(v[8 + j], v[12 + j], 0x88);
    __m512i d = _mm512_shuffle_i32x4(v[8 + j], v[12 + j], 0xdd);
    t[j] = _mm512_shuffle_i32x4(a, c, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(a, c, 0xdd);
    t[4 + j] = _mm512_shuffle_i32x4(b, d, 0x88);
    t[12 + j] = _mm512_shuffle_i32x4(b, d, 0xdd);
  }
  UNROLL for (int i = 0; i < 16; i++) {
    v[i] = t[i];
  }
}

#endif
