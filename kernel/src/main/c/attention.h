/* Attention of rows to tokens: dev.falconer.kernel.Attention. */
#ifndef ATTENTION_H
#define ATTENTION_H

#include "falconer.h"

enum {
  LINE = 64,
  MOST_WIDTH = 256,         /* of a head */
  BLOCK = 256,              /* tokens whose scores lie in memory at once */
  TOKENS = 32,              /* tokens that are multiplied at once: there are padded ones up to it */
  BLOCK_PITCH = BLOCK + 16, /* floats from a row to the next: not in the same set of a cache */
  WIDTH_PITCH = MOST_WIDTH + 16,
  SHARES_PITCH = BLOCK + 64 /* bytes, likewise */
};

typedef struct {
  int heads, width, is_int8;
  float scale;
  int64_t tokens;
} attention;

/*
 * Keys or values: a token t of head h lies at + h head + t token floats; or there is, rounded, a
 * byte of each of its levels [width], zeros up to four, its scale.
 */
typedef struct {
  const float_any *at;
  int64_t head, token;
} tokens;

/* Strides are in floats; own keys and values are null or both there. */
typedef struct {
  const float_any *query;
  int64_t query_stride, rows;
  const float_any *own_keys, *own_values;
  int64_t own_stride;
  float_any *y;
  int64_t y_stride;
} attending;

INLINE int64_t padded(const attention *a) { return (a->tokens + TOKENS - 1) / TOKENS * TOKENS; }
INLINE int vectors_of(const attention *a) { return (a->width + WIDTH - 1) / WIDTH; }
INLINE int quads_of(const attention *a) { return (a->width + QUAD - 1) / QUAD; }

/*
 * What prepare lays out, all parts aligned to 64 bytes; tokens are padded.
 *
 *   in float32   where values lie (tokens), a line
 *   add [tokens] floats, -infinity for those padded; then of every head
 *   in float32   keys [tokens / 16][width][16] floats; then, unless they are whole vectors and stay
 *                where they are, values [heads][tokens][vectors][16], without padded tokens
 *   in int8      scales of keys, what is added to scores, units of shares, what sums of shares
 *                are multiplied by, each [tokens], and values' largest scale [16] floats,
 *                keys [tokens / 16][quads][16][4] bytes, level + 64,
 *                values [tokens / 4][vectors][16][4] bytes, levels
 */
INLINE int has_whole_values(const attention *a) { return a->width % WIDTH == 0; }
INLINE int64_t all_f32(const attention *a) {
  int64_t values = has_whole_values(a) ? 0 : a->tokens * WIDTH * vectors_of(a);
  return LINE + 4 * padded(a) + 4 * a->heads * (padded(a) * a->width + values);
}
INLINE int64_t floats_i8(const attention *a) {
  return 4 * padded(a) + WIDTH;
}
INLINE int64_t head_i8(const attention *a) {
  return 4 * floats_i8(a) + padded(a) * (QUAD * quads_of(a) + WIDTH * vectors_of(a));
}
INLINE int64_t state_of(const attention *a) {
  return a->is_int8 ? 4 * padded(a) + a->heads * head_i8(a) : all_f32(a);
}

#define ATTENTION_KERNELS(isa, type)                                                      \
  void isa##_prepare_##type(                                                              \
      const attention *a, const tokens *keys, const tokens *values, const float_any *mask, \
      char *state);                                                                       \
  void isa##_attend_##type(const attention *a, const char *state, const attending *rows);
#define ROUNDING_KERNELS(isa)                                                              \
  void isa##_round(int width, const float_any *from, int64_t count, char *to);             \
  void isa##_prepare_rounded(                                                              \
      const attention *a, const tokens *keys, const tokens *values, const float_any *mask, \
      char *state);
ATTENTION_KERNELS(portable, f32)
ATTENTION_KERNELS(avx2, f32)
ATTENTION_KERNELS(avx512, f32)
ATTENTION_KERNELS(portable, i8)
ATTENTION_KERNELS(avx2, i8)
ATTENTION_KERNELS(avx512vnni, i8)
ROUNDING_KERNELS(portable)
ROUNDING_KERNELS(avx2)
ROUNDING_KERNELS(avx512vnni)

#endif
