/* The float32 product without instructions of its own: vectors of four as the compiler has them. */
#include "floats_portable.h"

#define NAME(kernel) portable_##kernel
#define PANEL_LOOP(TILE) IN_TILES(2, TILE)
#define PICK_LOOP(TILE) IN_TILES(2, TILE)

typedef struct { const float *v; } G;
typedef struct { const int_any *v; } N;

INLINE G g_load(const float *at) { return (G){at}; }
INLINE N n_load(const char *at) { return (N){(const int_any *)at}; }
INLINE F f_pick(F sum, G g, N n, F v) {
  FOURS {
    const int_any *k = n.v + 4 * i;
    sum.v[i] += (four){g.v[k[0]], g.v[k[1]], g.v[k[2]], g.v[k[3]]} * v.v[i];
  }
  return sum;
}

#include "f32.inc"
