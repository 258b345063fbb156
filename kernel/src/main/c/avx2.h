/* What the AVX2 kernels share. */
#ifndef AVX2_H
#define AVX2_H

#include <immintrin.h>

#include "falconer.h"

#define KEEP(v) __asm__ volatile("" : "+x"(v))

/* All bits of the first lanes of eight. */
INLINE __m256i first_lanes(int lanes) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* v[i][j] = v[j][i], 8 x 8 numbers of 32 bits. */
INLINE void transpose(__m256i v[8]) {
  __m256i t[8];
  UNROLL for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi32(v[i], v[i + 1]);
  }
  UNROLL for (int i = 0; i < 8; i += 4) {
    v[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    t[i] = _mm256_permute2x128_si256(v[i], v[4 + i], 0x20);
    t[4 + i] = _mm256_permute2x128_si256(v[i], v[4 + i], 0x31);
  }
  UNROLL for (int i = 0; i < 8; i++) {
    v[i] = t[i];
  }
}

#endif
