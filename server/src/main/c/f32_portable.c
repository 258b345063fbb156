/* The float32 product in plain C. */
#include "falconer.h"

#define NAME(kernel) portable_##kernel

typedef struct { float v[WIDTH]; } F;
typedef float B;
typedef struct { const float *v; } G;
typedef struct { const int_any *v; } N;

enum { PANEL_ROWS = 2, PICK_ROWS = 2 };
#define PAIR_ROWS 0
#define LANES for (int i = 0; i < WIDTH; i++)

INLINE F f_zero(void) { return (F){{0}}; }
INLINE F f_load(const char *at) { F f; memcpy(&f, at, sizeof f); return f; }
INLINE F f_add(F a, F b) { LANES a.v[i] += b.v[i]; return a; }
INLINE F f_positive(F a) { LANES a.v[i] = a.v[i] <= 0 ? 0 : a.v[i]; return a; }
INLINE void f_keep(F *f) { (void)f; }
INLINE F f_loadn(const float_any *at, int lanes) {
  F f = f_zero();
  for (int i = 0; i < lanes; i++) f.v[i] = at[i];
  return f;
}
INLINE void f_storen(float_any *at, F f, int lanes) {
  for (int i = 0; i < lanes; i++) at[i] = f.v[i];
}
INLINE B b_load(const float *at) { return *at; }
INLINE F f_madd(F sum, B b, F v) { LANES sum.v[i] += b * v.v[i]; return sum; }
INLINE G g_load(const float *at) { return (G){at}; }
INLINE N n_load(const char *at) { return (N){(const int_any *)at}; }
INLINE F f_pick(F sum, G g, N n, F v) { LANES sum.v[i] += g.v[n.v[i]] * v.v[i]; return sum; }

static void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int k = 0; k < in; k++) {
    for (int r = 0; r < ROWS_F32; r++) {
      to[ROWS_F32 * k + r] = r < rows ? x[r * stride + k] : 0;
    }
  }
}

#include "f32.inc"
