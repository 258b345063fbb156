/* Attention in int8 in plain C. */
#include "floats_portable.h"

#define NAME(kernel) portable_##kernel
#define ROWS 2
#define GROUPS 1
#define ROW_LOOP(TILE) IN_TILES(2, TILE)
#define ROW_TILES(TILE) TILE(1) TILE(2)
#define LANES for (int i = 0; i < WIDTH; i++)

typedef struct { int32_t v[WIDTH]; } I;
typedef const uint8_t *Q, *V;

INLINE I i_all(int32_t x) {
  I all;
  LANES all.v[i] = x;
  return all;
}
INLINE void i_store(int32_t *to, I i) { memcpy(to, &i, sizeof i); }
INLINE void i_keep(I *i) { (void)i; }
INLINE F f_of(I x) {
  F f;
  LANES f.v[i / 4][i % 4] = (float)x.v[i];
  return f;
}
INLINE Q q_load(const uint8_t *at) { return at; }
INLINE V v_load(const uint8_t *at) { return at; }
INLINE I i_dot_query(I sum, V keys, Q query) {
  const int8_t *q = (const int8_t *)query;
  LANES {
    const uint8_t *k = keys + QUAD * i;
    sum.v[i] += k[0] * q[0] + k[1] * q[1] + k[2] * q[2] + k[3] * q[3];
  }
  return sum;
}
INLINE I i_dot_share(I sum, Q shares, V values) {
  LANES {
    const int8_t *v = (const int8_t *)values + QUAD * i;
    sum.v[i] += shares[0] * v[0] + shares[1] * v[1] + shares[2] * v[2] + shares[3] * v[3];
  }
  return sum;
}
INLINE uint8_t lowest(F f, int lane) { return (uint8_t)((four_uints)f.v[lane / 4])[lane % 4]; }
INLINE void store_quads(uint8_t *to, F x[QUAD]) {
  LANES {
    for (int j = 0; j < QUAD; j++) {
      to[QUAD * i + j] = lowest(x[j], i);
    }
  }
}
INLINE void store_bytes(uint8_t *to, F x) { LANES to[i] = lowest(x, i); }

INLINE void store_shares(uint8_t *to, F one, F two) {
  store_bytes(to, one);
  store_bytes(to + WIDTH, two);
}
INLINE void interleave(uint8_t *to, const uint8_t *from[QUAD], int first) {
  const uint8_t *a = from[0] + first, *b = from[1] + first;
  const uint8_t *c = from[2] + first, *d = from[3] + first;
  uint32_t quads[WIDTH];
  LANES {
    uint32_t low = a[i] | (uint32_t)b[i] << 8;
    quads[i] = low | (uint32_t)c[i] << 16 | (uint32_t)d[i] << 24;
  }
  memcpy(to, quads, sizeof quads);
}
INLINE void interleave_two(uint8_t *to, const uint8_t *from[QUAD], int first) {
  interleave(to, from, first);
  interleave(to + VALUES, from, first + WIDTH);
}
INLINE int add_most_quads(
    const uint8_t *to, const uint8_t *rows, int64_t stride, int quads, int x) {
  (void)to, (void)rows, (void)stride, (void)quads, (void)x;
  return 0;
}
INLINE int quad_token(int quad, int j) { return QUAD * quad + j; }
INLINE int64_t quad_place(int64_t t, int quad) { return t / QUAD + quad; }
INLINE F f_less(F a, F b) { return f_sub(a, b); }

#include "attention_i8.inc"
