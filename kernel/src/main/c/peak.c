/* The most that a thread can multiply: loops over registers alone. */
#include <immintrin.h>

#include "falconer.h"

#define TARGET(isa) __attribute__((target(isa)))

/* Hides a value from the compiler, or it would compute equal sums once. */
#define HIDE(v) __asm__ volatile("" : "+v"(v))

/* Sums that don't wait for each other: more than latency times units, fewer than registers. */
enum { WIDE = 24, NARROW = 12, DOTS = 8 };

/* A loop over sums [count], all from a start on; ADD(i) adds a product to sum i. */
#define LOOP(count, start, ADD)                       \
  UNROLL for (int i = 0; i < (count); i++) {          \
    sums[i] = start;                                  \
    HIDE(sums[i]);                                    \
  }                                                   \
  for (int64_t round = 0; round < rounds; round++) {  \
    UNROLL for (int i = 0; i < (count); i++) {        \
      ADD(i);                                         \
    }                                                 \
  }                                                   \
  UNROLL for (int i = 0; i < (count); i++) {          \
    HIDE(sums[i]);                                    \
  }

TARGET("avx2,fma") static void avx2_fma(int64_t rounds) {
  __m256 sums[NARROW], half = _mm256_set1_ps(.5f);
#define ADD(i) sums[i] = _mm256_fmadd_ps(sums[i], half, half)
  LOOP(NARROW, half, ADD)
#undef ADD
}

TARGET("avx2") static void avx2_dot(int64_t rounds) {
  __m256i sums[DOTS], a = _mm256_set1_epi8(3), w = a, ones = _mm256_set1_epi16(1);
#define ADD(i) \
  HIDE(a);     \
  sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(_mm256_maddubs_epi16(a, w), ones))
  LOOP(DOTS, ones, ADD)
#undef ADD
}

TARGET("avx512f") static void avx512_fma(int64_t rounds) {
  __m512 sums[WIDE], half = _mm512_set1_ps(.5f);
#define ADD(i) sums[i] = _mm512_fmadd_ps(sums[i], half, half)
  LOOP(WIDE, half, ADD)
#undef ADD
}

TARGET("avx512f,avx512vnni") static void avx512vnni_dot(int64_t rounds) {
  __m512i sums[WIDE], a = _mm512_set1_epi8(3);
#define ADD(i) sums[i] = _mm512_dpbusd_epi32(sums[i], a, a)
  LOOP(WIDE, a, ADD)
#undef ADD
}

/* By number of instruction set, float32 and int8; a product is two operations. */
static const struct {
  void (*run)(int64_t rounds);
  int operations;
} PEAKS[][2] = {
    {{0, 0}, {0, 0}},
    {{avx2_fma, 2 * 8 * NARROW}, {avx2_dot, 2 * 32 * DOTS}},
    {{avx512_fma, 2 * 16 * WIDE}, {avx2_dot, 2 * 32 * DOTS}},
    {{avx512_fma, 2 * 16 * WIDE}, {avx512vnni_dot, 2 * 64 * WIDE}},
};

/* Runs rounds of a loop and returns the operations done: 0 if the instruction set has no loop. */
__attribute__((visibility("default"))) int64_t falconer_peak(
    int32_t isa, int32_t is_int8, int64_t rounds) {
  if (!PEAKS[isa][is_int8].run) {
    return 0;
  }
  PEAKS[isa][is_int8].run(rounds);
  return PEAKS[isa][is_int8].operations * rounds;
}
