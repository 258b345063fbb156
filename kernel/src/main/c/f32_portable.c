/* The float32 product without instructions of its own: vectors of four as the compiler has them. */
#include "falconer.h"

#define NAME(kernel) portable_##kernel
#define PANEL_LOOP(TILE) IN_TILES(2, TILE)
#define PICK_LOOP(TILE) IN_TILES(2, TILE)
#define FOURS UNROLL for (int i = 0; i < WIDTH / 4; i++)

typedef float four __attribute__((vector_size(16)));
typedef float four_any __attribute__((vector_size(16), aligned(1), may_alias));
typedef int32_t four_ints __attribute__((vector_size(16)));
typedef struct { four v[WIDTH / 4]; } F;
typedef float B;
typedef struct { const float *v; } G;
typedef struct { const int_any *v; } N;

INLINE F f_load(const char *at) {
  F f;
  FOURS f.v[i] = *(const four_any *)(at + 16 * i);
  return f;
}
INLINE F f_zero(void) {
  F f;
  FOURS f.v[i] = (four){0, 0, 0, 0};
  return f;
}
INLINE F f_add(F a, F b) {
  FOURS a.v[i] += b.v[i];
  return a;
}
INLINE F f_positive(F a) {
  FOURS a.v[i] = (four)(~(four_ints)(a.v[i] <= (four){0, 0, 0, 0}) & (four_ints)a.v[i]);
  return a;
}
INLINE void f_keep(F *f) { FOURS __asm__ volatile("" : "+x"(f->v[i])); }
INLINE F f_loadn(const float_any *at, int lanes) {
  float v[WIDTH] = {0};
  for (int i = 0; i < lanes; i++) {
    v[i] = at[i];
  }
  return f_load((const char *)v);
}
INLINE void f_storen(float_any *at, F f, int lanes) { memcpy((char *)at, &f, 4 * (size_t)lanes); }
INLINE B b_load(const float *at) { return *at; }
INLINE F f_madd(F sum, B b, F v) {
  FOURS sum.v[i] += b * v.v[i];
  return sum;
}
INLINE G g_load(const float *at) { return (G){at}; }
INLINE N n_load(const char *at) { return (N){(const int_any *)at}; }
INLINE F f_pick(F sum, G g, N n, F v) {
  FOURS {
    const int_any *k = n.v + 4 * i;
    sum.v[i] += (four){g.v[k[0]], g.v[k[1]], g.v[k[2]], g.v[k[3]]} * v.v[i];
  }
  return sum;
}

static void columns(float *to, const float_any *x, int64_t stride, int rows, int in) {
  for (int k = 0; k < in; k++) {
    for (int r = 0; r < ROWS_F32; r++) {
      to[ROWS_F32 * k + r] = r < rows ? x[r * stride + k] : 0;
    }
  }
}

#include "f32.inc"
