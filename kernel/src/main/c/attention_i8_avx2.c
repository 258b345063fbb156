/*
 * Attention in int8 by AVX2, which multiplies unsigned by signed bytes and adds two products in 16
 * bits: 127 x 127 of keys and 255 x 63 of values fit there twice.
 */
#include "floats_avx2.h"
#include "interleave.h"

#define NAME(kernel) avx2_##kernel
#define ROWS 4
#define GROUPS 1
#define ROW_LOOP(TILE) IN_TILES(4, TILE)
#define ROW_TILES(TILE) TILE(1) TILE(2) TILE(4)

typedef struct { __m256i a, b; } I, V;
typedef __m256i Q;

INLINE I i_all(int32_t x) { return (I){_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
INLINE void i_store(int32_t *to, I i) {
  _mm256_store_si256((__m256i *)to, i.a);
  _mm256_store_si256((__m256i *)(to + 8), i.b);
}
INLINE void i_keep(I *i) { (void)i; } /* dot does */
INLINE F f_of(I i) { return (F){_mm256_cvtepi32_ps(i.a), _mm256_cvtepi32_ps(i.b)}; }
INLINE Q q_load(const uint8_t *at) { return _mm256_set1_epi32(*(const int_any *)at); }
INLINE V v_load(const uint8_t *at) {
  const __m256i *v = (const __m256i *)at;
  return (V){_mm256_load_si256(v), _mm256_load_si256(v + 1)};
}
INLINE __m256i dot(__m256i sum, __m256i not_negative, __m256i by) {
  __m256i pairs = _mm256_maddubs_epi16(not_negative, by);
  __m256i quads = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
  /* In place, or the compiler copies sums. */
  __asm__ volatile("vpaddd %1, %0, %0" : "+x"(sum) : "x"(quads));
  return sum;
}
INLINE I i_dot_query(I sum, V keys, Q query) {
  return (I){dot(sum.a, keys.a, query), dot(sum.b, keys.b, query)};
}
INLINE I i_dot_share(I sum, Q shares, V values) {
  return (I){dot(sum.a, shares, values.a), dot(sum.b, shares, values.b)};
}
INLINE __m256i quads(__m256 x0, __m256 x1, __m256 x2, __m256 x3) {
  __m256i byte = _mm256_set1_epi32(0xff);
  __m256i a = _mm256_and_si256(_mm256_castps_si256(x0), byte);
  __m256i b = _mm256_slli_epi32(_mm256_and_si256(_mm256_castps_si256(x1), byte), 8);
  __m256i c = _mm256_slli_epi32(_mm256_and_si256(_mm256_castps_si256(x2), byte), 16);
  __m256i d = _mm256_slli_epi32(_mm256_castps_si256(x3), 24);
  return _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
}
INLINE void store_quads(uint8_t *to, F x[QUAD]) {
  __m256i *quad = (__m256i *)to;
  _mm256_store_si256(quad, quads(x[0].a, x[1].a, x[2].a, x[3].a));
  _mm256_store_si256(quad + 1, quads(x[0].b, x[1].b, x[2].b, x[3].b));
}
INLINE void store_bytes(uint8_t *to, F x) {
  __m256i byte = _mm256_set1_epi32(0xff);
  __m256i a = _mm256_and_si256(_mm256_castps_si256(x.a), byte);
  __m256i b = _mm256_and_si256(_mm256_castps_si256(x.b), byte);
  __m256i halves = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xd8);
  __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(halves, halves), 0xd8);
  _mm_store_si128((__m128i *)to, _mm256_castsi256_si128(bytes));
}

/* Packing works on halves of 16 bytes: tokens lie as it leaves them. */
INLINE int quad_token(int quad, int j) { return 2 * quad + j / 2 + j % 2 * 8; }
INLINE int64_t quad_place(int64_t t, int quad) {
  return t / 32 * 8 + quad / 2 * 4 + t % 32 / 16 * 2 + quad % 2;
}
INLINE __m256i halves(F f) {
  __m256i b = _mm256_slli_epi32(_mm256_castps_si256(f.b), 16);
  return _mm256_blend_epi16(_mm256_castps_si256(f.a), b, 0xaa);
}
INLINE void store_shares(uint8_t *to, F one, F two) {
  _mm256_store_si256((__m256i *)to, _mm256_packus_epi16(halves(one), halves(two)));
}

/* Powers add more than they multiply, and these units differ. */
INLINE F f_less(F a, F b) {
  __m256 one = _mm256_set1_ps(1);
  return (F){_mm256_fmsub_ps(a.a, one, b.a), _mm256_fmsub_ps(a.b, one, b.b)};
}

#include "attention_i8.inc"
