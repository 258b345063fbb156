/* Attention in int8 by AVX-512 VNNI: one instruction multiplies four bytes of 16 lanes. */
#include "floats_avx512.h"

#define NAME(kernel) avx512vnni_##kernel
#define ROWS 12
#define GROUPS 2
#define ROW_LOOP(TILE) IN_TWELVES(TILE)
#define ROW_TILES(TILE) TILE(4) TILE(8) TILE(12)

typedef __m512i I, Q, V;

INLINE I i_all(int32_t x) { return _mm512_set1_epi32(x); }
INLINE void i_store(int32_t *to, I i) { _mm512_store_si512(to, i); }
INLINE void i_keep(I *i) { KEEP(*i); }
INLINE F f_of(I i) { return _mm512_cvtepi32_ps(i); }
INLINE Q q_load(const uint8_t *at) { return _mm512_set1_epi32(*(const int_any *)at); }
INLINE V v_load(const uint8_t *at) { return _mm512_load_si512(at); }
INLINE I i_dot_query(I sum, V keys, Q query) { return _mm512_dpbusd_epi32(sum, keys, query); }
INLINE I i_dot_share(I sum, Q shares, V values) {
  return _mm512_dpbusd_epi32(sum, shares, values);
}
/* Of a those bits that mask has, else of b. */
INLINE __m512i bits_of(__m512i mask, __m512i a, __m512i b) {
  return _mm512_ternarylogic_epi32(mask, a, b, 0xca);
}
INLINE void store_quads(uint8_t *to, F x[QUAD]) {
  __m512i b = _mm512_slli_epi32(_mm512_castps_si512(x[1]), 8);
  __m512i d = _mm512_slli_epi32(_mm512_castps_si512(x[3]), 24);
  __m512i c = _mm512_slli_epi32(_mm512_castps_si512(x[2]), 16);
  __m512i low = bits_of(_mm512_set1_epi32(0xff), _mm512_castps_si512(x[0]), b);
  __m512i high = bits_of(_mm512_set1_epi32(0xffffff), c, d);
  _mm512_store_si512(to, bits_of(_mm512_set1_epi32(0xffff), low, high));
}
INLINE void store_bytes(uint8_t *to, F x) {
  _mm_store_si128((__m128i *)to, _mm512_cvtepi32_epi8(_mm512_castps_si512(x)));
}

#include "attention_i8.inc"
