/* What the kernels share; results as dev.falconer.kernel's MatMul, RowMath and Attention say. */
#ifndef FALCONER_H
#define FALCONER_H

#include <stdint.h>
#include <string.h>

/* Numbers that may lie at any address. */
typedef int32_t __attribute__((aligned(1), may_alias)) int_any;
typedef float __attribute__((aligned(1), may_alias)) float_any;

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif

enum layout { DENSE, PERMUTE16, PANEL16, PANEL16X4 };

enum {
  WIDTH = 16,      /* outputs of a panel, inputs of a group */
  QUAD = 4,        /* inputs of a step in int8 */
  VALUES = 64,     /* bytes of a step's values */
  ROWS_F32 = 16,   /* rows that are multiplied together */
  ROWS_I8 = 32,
  ROUNDED = 4      /* rows that are rounded together */
};

/* A packed weight [out, in]: dev.falconer.packed.PackedHeader. */
typedef struct {
  enum layout layout;
  int is_int8, out, in, steps, levels, largest;
  int panels, groups;
  const int_any *starts, *inputs;
  const char *values;
  const float_any *scales;
  const int_any *sums;
  const float_any *centres, *factors; /* [groups 16], 0 beyond in */
} weight;

/* One call. Strides are in floats; bias may be null; scratch is aligned to 64 bytes. */
typedef struct {
  weight w;
  const float_any *x;
  int64_t x_stride, rows;
  const float_any *bias;
  int relu;
  float_any *y;
  int64_t y_stride;
  char *scratch;
} matmul;

/* Of dev.falconer.kernel.Activation. */
enum activation { NONE, RELU, GELU, GELU_TANH, SILU, SIGMOID, TANH };

/* Strides are in floats. */
typedef struct {
  float_any *at;
  int64_t stride, rows, width;
} rows;

/* One call; shift may be null, y may be x. */
typedef struct {
  const float_any *x;
  int64_t x_stride, rows, width;
  const float_any *scale, *shift;
  float epsilon;
  float_any *y;
  int64_t y_stride;
} norm;

/* The kernels, each compiled for several instruction sets. */
#define FLOAT_KERNELS(isa)                                         \
  void isa##_f32(const matmul *m);                                 \
  void isa##_layer_norm(const norm *n);                            \
  void isa##_activate(enum activation activation, const rows *y);  \
  void isa##_add(const rows *x, const rows *y);
FLOAT_KERNELS(portable)
FLOAT_KERNELS(avx2)
FLOAT_KERNELS(avx512)
#define INT_KERNELS(isa) void isa##_i8(const matmul *m);
INT_KERNELS(portable)
INT_KERNELS(avx2)
INT_KERNELS(avx512vnni)

/* Keeps the compiler from computing an address again for each offset from it. */
#define KEEP_ADDRESS(at) __asm__("" : "+r"(at))

INLINE int least(int64_t a, int64_t b) { return (int)(a < b ? a : b); }

/* Bytes from a row to the next in int8 scratch: none that a cache would keep in one set. */
INLINE int64_t pitch_i8(int in) { return (in + 63) / 64 * 64 + 64; }

/* Floats from a row to the next in float32 scratch. */
INLINE int64_t pitch_f32(int in) { return (in + 15) / 16 * 16 + 16; }

/* Blocks of rows that are laid out at once in float32: several if the weight is large. */
INLINE int blocks_f32(const weight *w) {
  int64_t values = VALUES * (int64_t)w->steps;
  return (w->layout == PERMUTE16 ? 2 * w->panels * w->groups * values : values) > 1 << 20 ? 4 : 1;
}

/* The first step of a panel; that of the panel after the last is the number of steps. */
INLINE int64_t first_step(const weight *w, int panel) {
  int inputs = w->is_int8 ? QUAD : 1;
  return w->layout == DENSE ? panel * (int64_t)((w->in + inputs - 1) / inputs) : w->starts[panel];
}

/* What a row's z = (x - centre) its input's factor is rounded by: level = rint(z factor), z = level
   scale. */
typedef struct {
  float factor, scale;
} scaling;

/* Returns the scaling of a row by its largest magnitude; NaN if the row has NaN or infinity. */
INLINE scaling scaling_of(int32_t magnitude, int levels) {
  float most;
  memcpy(&most, &magnitude, sizeof most);
  if (magnitude >= 0x7f800000) {
    return (scaling){0, __builtin_nanf("")};
  }
  return (scaling){most < 0x1p-100f ? 0 : (float)levels / most, most / (float)levels};
}

/* What is added to an activation's level, so that it is not negative. */
INLINE int offset(const weight *w) { return w->levels < 64 ? 64 : 128; }

/* The outputs of a panel, fewer in the last. */
INLINE int lanes_of(const matmul *m, int panel) { return least(WIDTH, m->w.out - WIDTH * panel); }

/* Calls TILE(R) for count rows from r on: R at a time, then the half or quarter that is enough. */
#define IN_TILES(R, TILE)                          \
  for (int r = 0, left; (left = count - r) > 0; r += (R)) { \
    if (left > (R) / 2) {                           \
      TILE(R);                                      \
    } else if (left > (R) / 4) {                    \
      TILE((R) / 2);                                \
    } else {                                        \
      TILE(((R) + 3) / 4);                          \
    }                                               \
  }

/* Calls TILE(R) for count rows from r on: 12 at a time, then 8 or 4. */
#define IN_TWELVES(TILE)                            \
  for (int r = 0, left; (left = count - r) > 0;) {  \
    if (left > 8) {                                 \
      TILE(12);                                     \
      r += 12;                                      \
    } else if (left > 4) {                          \
      TILE(8);                                      \
      r += 8;                                       \
    } else {                                        \
      TILE(4);                                      \
      r += 4;                                       \
    }                                               \
  }

#define TILE_CASE(R, TILE) \
  case R:                  \
    TILE(R);               \
    r += R;                \
    break;
/* Calls TILE(R) for count rows from r on: R to 6, as few and as equal as can be. */
#define IN_SIXES(TILE)                              \
  for (int r = 0, left; (left = count - r) > 0;) {  \
    int tiles = (left + 5) / 6;                     \
    switch ((left + tiles - 1) / tiles) {           \
      TILE_CASE(1, TILE)                            \
      TILE_CASE(2, TILE)                            \
      TILE_CASE(3, TILE)                            \
      TILE_CASE(4, TILE)                            \
      TILE_CASE(5, TILE)                            \
      TILE_CASE(6, TILE)                            \
    }                                               \
  }

#endif
