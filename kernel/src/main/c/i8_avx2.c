/*
 * The int8 product by AVX2, which multiplies unsigned by signed bytes and adds two products in 16
 * bits, which they must not leave: the weight's largest levels tell how many may be added.
 */
#include "floats_avx2.h"
#include "gather.h"

#define NAME(kernel) avx2_##kernel
#define KINDS(X) X(BYTES) X(PAIR) X(SIGNED)

/*
 * BYTES: two products fit into 16 bits.
 * PAIR: four do, so that two steps are added there.
 * SIGNED: two of any levels do, if a weight's magnitude is multiplied by the activation with the
 *   weight's sign; activations then have no offset.
 */
enum { BYTES, PAIR, SIGNED };
#define PANEL_LOOP(TILE) IN_TILES(4, TILE)
#define PICK_LOOP(TILE) IN_TILES(4, TILE)

typedef struct { __m256i a, b; } I, N;
typedef __m256i A, C;
typedef struct { __m256i a, b, magnitude_a, magnitude_b; } W;

INLINE int kind_of(const weight *w) {
  int product = (offset(w) + w->levels) * w->largest;
  return 4 * product <= INT16_MAX ? PAIR : 2 * product <= INT16_MAX ? BYTES : SIGNED;
}
INLINE int offset_of(const weight *w) { return kind_of(w) == SIGNED ? 0 : offset(w); }
INLINE void i_keep(I *i) {
  KEEP(i->a);
  KEEP(i->b);
}
INLINE __m256i load(const void *at) { return _mm256_loadu_si256(at); }
INLINE I i_start(const int_any *sums, int offset) {
  __m256i by = _mm256_set1_epi32(-offset);
  return (I){
      _mm256_mullo_epi32(load((const void *)sums), by),
      _mm256_mullo_epi32(load((const void *)(sums + 8)), by)};
}
INLINE F f_of(I i) { return (F){_mm256_cvtepi32_ps(i.a), _mm256_cvtepi32_ps(i.b)}; }
INLINE A a_load(const uint8_t *at) { return _mm256_set1_epi32(*(const int_any *)at); }

INLINE W w_load(const char *at, int kind) {
  W w = {load(at), load(at + 32), _mm256_setzero_si256(), _mm256_setzero_si256()};
  if (kind == SIGNED) {
    w.magnitude_a = _mm256_abs_epi8(w.a);
    w.magnitude_b = _mm256_abs_epi8(w.b);
  }
  return w;
}
INLINE __m256i pairs(__m256i sum, __m256i pairs_of_16) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs_of_16, _mm256_set1_epi16(1)));
}
INLINE __m256i dot(__m256i sum, __m256i a, __m256i w, __m256i magnitude, int kind) {
  return pairs(
      sum, kind == SIGNED ? _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(a, w))
                          : _mm256_maddubs_epi16(a, w));
}
INLINE I i_dot(I sum, A a, W w, int kind) {
  return (I){dot(sum.a, a, w.a, w.magnitude_a, kind), dot(sum.b, a, w.b, w.magnitude_b, kind)};
}
INLINE __m256i dot2(__m256i sum, __m256i a, __m256i b, __m256i v, __m256i w) {
  return pairs(sum, _mm256_add_epi16(_mm256_maddubs_epi16(a, v), _mm256_maddubs_epi16(b, w)));
}
INLINE I i_dot2(I sum, A a, A b, W v, W w) {
  return (I){dot2(sum.a, a, b, v.a, w.a), dot2(sum.b, a, b, v.b, w.b)};
}
INLINE C c_load(const uint8_t *at) {
  return _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)at));
}
INLINE N n_load(const char *at) { return (N){load(at), load(at + 32)}; }
INLINE I i_dot_picked(I sum, C c, N n, W w, int kind) {
  return (I){
      dot(sum.a, _mm256_shuffle_epi8(c, n.a), w.a, w.magnitude_a, kind),
      dot(sum.b, _mm256_shuffle_epi8(c, n.b), w.b, w.magnitude_b, kind)};
}

/* Floats from one on, fewer if there are no more; 0 behind. */
INLINE __m256 floats_at(const float_any *x, int i, int in) {
  return i + 8 <= in ? _mm256_loadu_ps((const float *)(x + i))
                     : _mm256_maskload_ps((const float *)(x + i), first_lanes(in - i));
}

/* Returns 32 levels of four vectors. */
INLINE __m256i levels_of(__m256 v[4], __m256 factor, __m256i shift) {
  __m256i q[4];
  UNROLL for (int i = 0; i < 4; i++) {
    q[i] = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], factor));
  }
  __m256i packed =
      _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  return _mm256_add_epi8(_mm256_permutevar8x32_epi32(packed, order), shift);
}

INLINE int32_t largest_of(__m256i most) {
  __m128i half = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return _mm_cvtsi128_si32(half);
}

INLINE void larger_of_8(__m256i *most, const float_any *const *x, const weight *w, int i, int in) {
  __m256i no_sign = _mm256_set1_epi32(0x7fffffff);
  __m256 centres = floats_at(w->centres, i, in), factors = floats_at(w->factors, i, in);
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    __m256 z = _mm256_mul_ps(_mm256_sub_ps(floats_at(x[r], i, in), centres), factors);
    most[r] = _mm256_max_epi32(most[r], _mm256_and_si256(_mm256_castps_si256(z), no_sign));
  }
}

static void magnitudes(int32_t *bits, const float_any *const *x, const weight *w) {
  __m256i most[ROUNDED];
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    most[r] = _mm256_setzero_si256();
  }
  int i = 0;
  for (; i + 8 <= w->in; i += 8) {
    larger_of_8(most, x, w, i, i + 8);
  }
  if (i < w->in) {
    larger_of_8(most, x, w, i, w->in);
  }
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    bits[r] = largest_of(most[r]);
  }
}

INLINE void levels_of_32(
    uint8_t *const *to, const float_any *const *x, const weight *w, const scaling *by, __m256i shift,
    int i, int in) {
  __m256 centres[4], factors[4];
  UNROLL for (int j = 0; j < 4; j++) {
    centres[j] = floats_at(w->centres, i + 8 * j, in);
    factors[j] = floats_at(w->factors, i + 8 * j, in);
  }
  UNROLL for (int r = 0; r < ROUNDED; r++) {
    __m256 v[4];
    UNROLL for (int j = 0; j < 4; j++) {
      v[j] = _mm256_mul_ps(_mm256_sub_ps(floats_at(x[r], i + 8 * j, in), centres[j]), factors[j]);
    }
    __m256i levels = levels_of(v, _mm256_set1_ps(by[r].factor), shift);
    _mm256_store_si256((__m256i *)(to[r] + i), levels);
  }
}

static void to_levels(
    uint8_t *const *to, const float_any *const *x, const weight *w, const scaling *by, int offset) {
  __m256i shift = _mm256_set1_epi8((char)offset);
  int i = 0;
  for (; i + 32 <= w->in; i += 32) {
    levels_of_32(to, x, w, by, shift, i, i + 32);
  }
  if (i < w->in) {
    levels_of_32(to, x, w, by, shift, i, w->in);
  }
}

static void quads(uint8_t *to, const uint8_t *bytes, int64_t pitch, int in, int rows) {
  for (int first = 0; first < rows; first += 8) {
    for (int k = 0; k < in; k += 32) {
      __m256i v[8];
      UNROLL for (int r = 0; r < 8; r++) {
        v[r] = _mm256_load_si256((const __m256i *)(bytes + (first + r) * pitch + k));
      }
      transpose(v);
      uint8_t *out = to + ROWS_I8 * (int64_t)k + QUAD * first;
      UNROLL for (int q = 0; q < 8; q++) {
        _mm256_store_si256((__m256i *)(out + QUAD * ROWS_I8 * q), v[q]);
      }
    }
  }
}

static void inputs(uint8_t *to, const uint8_t *bytes, int64_t pitch, int in, int rows) {
  (void)rows;
  /* Of eight places of four bytes: in each half the first bytes, the second ones ..; then both. */
  __m256i within = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  __m256i across = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (int first = 0; first < ROWS_I8; first += 8) {
    for (int k = 0; k < in; k += 32) {
      __m256i v[8];
      UNROLL for (int i = 0; i < 8; i++) {
        v[i] = _mm256_load_si256((const __m256i *)(bytes + row_of(first + i) * pitch + k));
      }
      transpose(v);
      uint8_t *out = to + ROWS_I8 * (int64_t)k + first;
      UNROLL for (int q = 0; q < 8; q++) {
        __m256i four = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(v[q], within), across);
        __m128i low = _mm256_castsi256_si128(four), high = _mm256_extracti128_si256(four, 1);
        _mm_storel_epi64((__m128i *)out, low);
        _mm_storeh_pd((double *)(out + 32), _mm_castsi128_pd(low));
        _mm_storel_epi64((__m128i *)(out + 64), high);
        _mm_storeh_pd((double *)(out + 96), _mm_castsi128_pd(high));
        out += QUAD * ROWS_I8;
      }
    }
  }
}

#include "i8.inc"
