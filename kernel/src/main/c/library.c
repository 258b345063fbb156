/* What the library offers to Java: see NativeKernels.java. */
#include <cpuid.h>

#include "attention.h"

#define EXPORT __attribute__((visibility("default")))

/* Of the functions below and of the packed weights they read. */
enum { VERSION = 4 };

typedef struct {
  void (*f32)(const matmul *);
  void (*i8)(const matmul *);
  void (*layer_norm)(const norm *);
  void (*activate)(enum activation, const rows *);
  void (*add)(const rows *, const rows *);
  struct {
    void (*prepare)(
        const attention *, const tokens *, const tokens *, const float_any *, char *);
    void (*attend)(const attention *, const char *, const attending *);
  } attention[2]; /* float32, int8 */
  void (*round)(int, const float_any *, int64_t, char *);
  void (*prepare_rounded)(
      const attention *, const tokens *, const tokens *, const float_any *, char *);
} kernels;

#define OF(floats, ints)                                                                    \
  {                                                                                         \
    floats##_f32, ints##_i8, floats##_layer_norm, floats##_activate, floats##_add, {        \
      {floats##_prepare_f32, floats##_attend_f32}, { ints##_prepare_i8, ints##_attend_i8 } \
    },                                                                                      \
    ints##_round, ints##_prepare_rounded                                                    \
  }
static const kernels KERNELS[] = {
    OF(portable, portable),
    OF(avx2, avx2),
    OF(avx512, avx2),
    OF(avx512, avx512vnni),
};

EXPORT int32_t falconer_version(void) { return VERSION; }

static int has(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

/* Returns the best set of KERNELS up to one that processor and operating system can run. */
EXPORT int32_t falconer_isa(int32_t most) {
  unsigned a, b, c, d;
  if (most < 1 || !__get_cpuid(1, &a, &b, &c, &d) || !has(c, bit_FMA | bit_OSXSAVE | bit_AVX)) {
    return 0;
  }
  unsigned saved, high; /* the registers that the operating system keeps for a thread */
  __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
  if (!has(saved, 0x6) || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has(b, bit_AVX2)) {
    return 0;
  }
  unsigned wide = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ;
  if (most < 2 || !has(saved, 0xe6) || !has(b, wide)) {
    return 1;
  }
  return most < 3 || !has(c, bit_AVX512VNNI) ? 2 : 3;
}

static weight read_weight(const char *packed) {
  const int_any *header = (const int_any *)packed;
  weight w = {
      .layout = (enum layout)header[2],
      .is_int8 = header[3],
      .out = header[4],
      .in = header[5],
      .steps = header[6],
      .levels = header[7],
      .largest = header[8],
      .panels = (header[4] + WIDTH - 1) / WIDTH,
      .groups = (header[5] + WIDTH - 1) / WIDTH,
  };
  int is_panel = w.layout == PANEL16 || w.layout == PANEL16X4;
  int64_t numbers = w.layout == PANEL16 && w.is_int8 ? QUAD : 1;
  int64_t steps = w.steps;
  const char *at = packed + 64;
  w.starts = (const int_any *)at;
  at += is_panel ? (4 * ((int64_t)w.panels + 1) + 63) / 64 * 64 : 0;
  w.inputs = (const int_any *)at;
  at += is_panel ? (4 * numbers * steps + 63) / 64 * 64 : 0;
  w.values = at;
  at += w.layout == PERMUTE16 ? 2 * VALUES * steps * w.panels * w.groups : VALUES * steps;
  w.scales = (const float_any *)at;
  w.sums = (const int_any *)(at + (int64_t)64 * w.panels);
  w.centres = (const float_any *)(at + (int64_t)128 * w.panels);
  w.factors = w.centres + (int64_t)WIDTH * w.groups;
  return w;
}

/* Returns the bytes of scratch that the kernels take. */
static int64_t scratch_of(const weight *w) {
  if (!w->is_int8) {
    return 4 * ROWS_F32 * pitch_f32(w->in) * blocks_f32(w);
  }
  int64_t most = 0;
  for (int panel = 0; w->layout == PANEL16 && panel < w->panels; panel++) {
    int64_t steps = w->starts[panel + 1] - w->starts[panel];
    most = steps > most ? steps : most;
  }
  return 4 * ROWS_I8 + ROWS_I8 * (2 * pitch_i8(w->in) + QUAD * most);
}

/* Multiplies and returns 0; or does nothing and returns the bytes of scratch that it takes. */
EXPORT int64_t falconer_matmul(
    int32_t isa, const char *packed, const float *x, int64_t x_stride, int64_t rows,
    const float *bias, int32_t relu, float *y, int64_t y_stride, char *scratch, int64_t bytes) {
  matmul m = {
      .w = read_weight(packed),
      .x = x,
      .x_stride = x_stride,
      .rows = rows,
      .bias = bias,
      .relu = relu,
      .y = y,
      .y_stride = y_stride,
      .scratch = scratch,
  };
  int64_t wanted = scratch_of(&m.w);
  if (bytes < wanted) {
    return wanted;
  }
  (m.w.is_int8 ? KERNELS[isa].i8 : KERNELS[isa].f32)(&m);
  return 0;
}

EXPORT void falconer_layer_norm(
    int32_t isa, const float *x, int64_t x_stride, int64_t rows, int64_t width, const float *scale,
    const float *shift, float epsilon, float *y, int64_t y_stride) {
  norm n = {
      .x = x,
      .x_stride = x_stride,
      .rows = rows,
      .width = width,
      .scale = scale,
      .shift = shift,
      .epsilon = epsilon,
      .y = y,
      .y_stride = y_stride,
  };
  KERNELS[isa].layer_norm(&n);
}

EXPORT void falconer_activate(
    int32_t isa, int32_t activation, float *y, int64_t y_stride, int64_t count, int64_t width) {
  rows all = {y, y_stride, count, width};
  KERNELS[isa].activate((enum activation)activation, &all);
}

EXPORT void falconer_add(
    int32_t isa, float *x, int64_t x_stride, int64_t count, int64_t width, float *y,
    int64_t y_stride) {
  rows from = {x, x_stride, count, width};
  rows to = {y, y_stride, count, width};
  KERNELS[isa].add(&from, &to);
}

static attention attention_of(
    int32_t heads, int32_t width, float scale, int32_t is_int8, int64_t count) {
  return (attention){
      .heads = heads, .width = width, .scale = scale, .is_int8 = is_int8, .tokens = count};
}

/* Returns the bytes of a state. */
EXPORT int64_t falconer_attention_bytes(
    int32_t heads, int32_t width, int32_t is_int8, int64_t count) {
  attention a = attention_of(heads, width, 1, is_int8, count);
  return state_of(&a);
}

EXPORT void falconer_attention_round(
    int32_t isa, int32_t width, const float *from, int64_t count, char *to) {
  KERNELS[isa].round(width, from, count, to);
}

EXPORT void falconer_attention_prepare(
    int32_t isa, int32_t heads, int32_t width, int32_t is_int8, int32_t are_rounded,
    const float *keys, int64_t key_head, int64_t key_token, const float *values, int64_t value_head,
    int64_t value_token, int64_t count, const float *mask, char *state) {
  attention a = attention_of(heads, width, 1, is_int8, count);
  tokens k = {keys, key_head, key_token};
  tokens v = {values, value_head, value_token};
  const kernels *by = &KERNELS[isa];
  (are_rounded ? by->prepare_rounded : by->attention[is_int8].prepare)(&a, &k, &v, mask, state);
}

EXPORT void falconer_attention_run(
    int32_t isa, int32_t heads, int32_t width, float scale, int32_t is_int8, int64_t count,
    const char *state, const float *query, int64_t query_stride, int64_t row_count,
    const float *own_keys, const float *own_values, int64_t own_stride, float *y,
    int64_t y_stride) {
  attention a = attention_of(heads, width, scale, is_int8, count);
  attending all = {
      .query = query,
      .query_stride = query_stride,
      .rows = row_count,
      .own_keys = own_keys,
      .own_values = own_values,
      .own_stride = own_stride,
      .y = y,
      .y_stride = y_stride,
  };
  KERNELS[isa].attention[is_int8].attend(&a, state, &all);
}
