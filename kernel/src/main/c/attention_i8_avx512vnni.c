/* Attention in int8 by AVX-512 VNNI: one instruction multiplies four bytes of 16 lanes. */
#include "floats_avx512.h"
#include "interleave.h"

#define NAME(kernel) avx512vnni_##kernel
#define ROWS 8
#define GROUPS 2
#define AHEAD
#define ROW_LOOP(TILE) IN_TILES(8, TILE)
#define ROW_TILES(TILE) TILE(2) TILE(4) TILE(8)

typedef __m512i I, Q, V;

INLINE I i_all(int32_t x) { return _mm512_set1_epi32(x); }
INLINE void i_store(int32_t *to, I i) { _mm512_store_si512(to, i); }
INLINE void i_keep(I *i) { KEEP(*i); }
INLINE I i_either(int32_t mask, I a, I b) {
  return _mm512_ternarylogic_epi32(_mm512_set1_epi32(mask), a, b, 0xca);
}
INLINE F f_of(I i) { return _mm512_cvtepi32_ps(i); }
INLINE I i_of_bits(F f) { return _mm512_castps_si512(f); }
INLINE Q q_load(const uint8_t *at) { return _mm512_set1_epi32(*(const int_any *)at); }
INLINE V v_load(const uint8_t *at) { return _mm512_load_si512(at); }
INLINE I i_dot_query(I sum, V keys, Q query) { return _mm512_dpbusd_epi32(sum, keys, query); }
INLINE I i_dot_share(I sum, Q shares, V values) {
  return _mm512_dpbusd_epi32(sum, shares, values);
}
INLINE void store_quads(uint8_t *to, F x[QUAD]) {
  I low = i_either(0xff, i_of_bits(x[0]), _mm512_slli_epi32(i_of_bits(x[1]), 8));
  I c = _mm512_slli_epi32(i_of_bits(x[2]), 16), d = _mm512_slli_epi32(i_of_bits(x[3]), 24);
  _mm512_store_si512(to, i_either(0xffff, low, i_either(0xffffff, c, d)));
}
INLINE void store_bytes(uint8_t *to, F x) {
  _mm_store_si128((__m128i *)to, _mm512_cvtepi32_epi8(i_of_bits(x)));
}

INLINE int quad_token(int quad, int j) { return QUAD * quad + j; }
INLINE int64_t quad_place(int64_t t, int quad) { return t / QUAD + quad; }
INLINE F f_less(F a, F b) { return f_sub(a, b); }

#include "attention_i8.inc"
