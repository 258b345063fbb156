/* The float32 product by AVX-512: a panel's outputs are one vector. */
#include "floats_avx512.h"

#define NAME(kernel) avx512_##kernel

typedef __m512 G;
typedef __m512i N;

#define PANEL_LOOP(TILE) IN_TILES(16, TILE)
#define PAIR_LOOP(TILE) IN_TILES(8, TILE)
#define PICK_LOOP(TILE) IN_TILES(8, TILE)

INLINE G g_load(const float *at) { return _mm512_loadu_ps(at); }
INLINE N n_load(const char *at) { return _mm512_loadu_si512(at); }
INLINE F f_pick(F sum, G g, N n, F v) {
  return _mm512_fmadd_ps(_mm512_permutexvar_ps(n, g), v, sum);
}

#include "f32.inc"
