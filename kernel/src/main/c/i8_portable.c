/* The int8 product in plain C. */
#include "floats_portable.h"

#define NAME(kernel) portable_##kernel
#define KINDS(X) X(BYTES)

enum { BYTES, PAIR };
#define PANEL_LOOP(TILE) IN_TILES(2, TILE)
#define PICK_LOOP(TILE) IN_TILES(2, TILE)
#define LANES for (int i = 0; i < WIDTH; i++)

typedef struct { uint32_t v[WIDTH]; } I; /* a sum may wrap and come back */
typedef const uint8_t *A;
typedef struct { const int8_t *v; } W;
typedef const uint8_t *C;
typedef const uint8_t *N;

INLINE int kind_of(const weight *w) { (void)w; return BYTES; }
INLINE int offset_of(const weight *w) { return offset(w); }
INLINE void i_keep(I *i) { (void)i; }
INLINE I i_start(const int_any *sums, int offset) {
  I start;
  LANES start.v[i] = -(uint32_t)offset * (uint32_t)sums[i];
  return start;
}
INLINE F f_of(I x) {
  F f = f_zero();
  LANES f.v[i / 4][i % 4] = (float)(int32_t)x.v[i];
  return f;
}
INLINE A a_load(const uint8_t *at) { return at; }
INLINE W w_load(const char *at, int kind) { (void)kind; return (W){(const int8_t *)at}; }
INLINE I i_dot(I sum, A a, W w, int kind) {
  (void)kind;
  LANES {
    const int8_t *v = w.v + QUAD * i;
    sum.v[i] += (uint32_t)(a[0] * v[0] + a[1] * v[1] + a[2] * v[2] + a[3] * v[3]);
  }
  return sum;
}
INLINE I i_dot2(I sum, A a, A b, W v, W w) { return i_dot(i_dot(sum, a, v, BYTES), b, w, BYTES); }
INLINE C c_load(const uint8_t *at) { return at; }
INLINE N n_load(const char *at) { return (N)at; }
INLINE I i_dot_picked(I sum, C c, N n, W w, int kind) {
  (void)kind;
  for (int i = 0; i < VALUES; i++) {
    sum.v[i / QUAD] += (uint32_t)(c[n[i]] * w.v[i]);
  }
  return sum;
}

INLINE float z_of(const float_any *x, const weight *w, int i) {
  return (x[i] - w->centres[i]) * w->factors[i];
}

static void magnitudes(int32_t *most, const float_any *const *x, const weight *w) {
  for (int r = 0; r < ROUNDED; r++) {
    most[r] = 0;
    for (int i = 0; i < w->in; i++) {
      float z = z_of(x[r], w, i);
      int32_t bits;
      memcpy(&bits, &z, sizeof bits);
      bits &= 0x7fffffff; /* ordered as the floats are */
      most[r] = bits > most[r] ? bits : most[r];
    }
  }
}

static void to_levels(
    uint8_t *const *to, const float_any *const *x, const weight *w, const scaling *by, int offset) {
  for (int r = 0; r < ROUNDED; r++) {
    for (int i = 0; i < w->in; i++) {
      float shifted = z_of(x[r], w, i) * by[r].factor + 0x1.8p23f; /* an integer, half to even */
      int32_t level;
      memcpy(&level, &shifted, sizeof level);
      to[r][i] = (uint8_t)(level + offset);
    }
    memset(to[r] + w->in, offset, (size_t)(pitch_i8(w->in) - w->in));
  }
}

static void quads(uint8_t *to, const uint8_t *bytes, int64_t pitch, int in, int rows) {
  for (int q = 0; q < (in + 3) / QUAD; q++) {
    for (int r = 0; r < rows; r++) {
      memcpy(to + QUAD * (ROWS_I8 * (int64_t)q + r), bytes + r * pitch + QUAD * q, QUAD);
    }
  }
}

static void inputs(uint8_t *to, const uint8_t *bytes, int64_t pitch, int in, int rows) {
  for (int k = 0; k < in; k++) {
    for (int r = 0; r < rows; r++) {
      to[ROWS_I8 * (int64_t)k + r] = bytes[r * pitch + k];
    }
  }
}

static void gather(uint8_t *to, const uint8_t *from, const int_any *numbers, int64_t steps) {
  for (int64_t k = 0; k < steps; k++) {
    for (int r = 0; r < ROWS_I8; r++) {
      for (int i = 0; i < QUAD; i++) {
        to[(k * ROWS_I8 + r) * QUAD + i] = from[ROWS_I8 * (int64_t)numbers[k * QUAD + i] + r];
      }
    }
  }
}

#include "i8.inc"
