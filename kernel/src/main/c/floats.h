/*
 * What is made of sixteen floats, from what an instruction set defines:
 *
 *   F                    16 floats
 *   B                    a float, to multiply F by
 *   f_zero f_all(float) f_load f_store    f_store to an address aligned to 64 bytes
 *   f_loadn f_storen f_first              the first lanes alone; f_first leaves zeros
 *   f_add f_sub f_mul f_div f_fma(a, b, c)   f_fma: a b + c, rounded once
 *   f_max f_min          the second operand where either is NaN
 *   f_positive           max(v, 0), NaN stays
 *   f_larger(most, a)    max(most, |a|), NaN stays; most has no sign
 *   f_sum                of the lanes, in a fixed order
 *   f_most_of f_largest_of(F[16])   the f_max and f_larger of each one's lanes
 *   f_times_two_to(a, whole, MAGIC + whole)   a 2^whole, NaN stays
 *   f_unless_below(a, limit, b, other)   b, or the other where a is below the limit
 *   f_exponent f_mantissa   x = mantissa 2^exponent, of normal numbers above 0; mantissa in [1, 2)
 *   f_keep(F *)          keeps the compiler from reordering sums
 *   b_load, f_madd(acc, B, F)   rounded once or twice
 *   columns(to, x, stride, rows, in)   to[k][16] = x[0..rows][k], zeros for missing rows and up to
 *                        a multiple of four inputs; rows at most 16
 */
#ifndef FLOATS_H
#define FLOATS_H

/* Adding it rounds to an integer, half to even, whose lowest bits are the sum's. */
#define MAGIC 0x1.8p23f

#define LOG2_E 1.442695f

/* Returns c + f (c2 + f (c3 ..)), each step rounded once. */
#define HORNER2(f, a, b) f_fma(f, f_all(b), f_all(a))
#define HORNER3(f, a, ...) f_fma(f, HORNER2(f, __VA_ARGS__), f_all(a))
#define HORNER4(f, a, ...) f_fma(f, HORNER3(f, __VA_ARGS__), f_all(a))
#define HORNER5(f, a, ...) f_fma(f, HORNER4(f, __VA_ARGS__), f_all(a))
#define HORNER6(f, a, ...) f_fma(f, HORNER5(f, __VA_ARGS__), f_all(a))

/* A power of two by its whole exponent and the rest; shifted is MAGIC + whole. */
typedef struct { F shifted, whole, rest; } exponent;

INLINE exponent exponent_of(F x) {
  F shifted = f_add(x, f_all(MAGIC));
  F whole = f_sub(shifted, f_all(MAGIC));
  return (exponent){shifted, whole, f_sub(x, whole)};
}

/* Of rest: (2^rest - 1) / rest, so that its error is below 9.2e-8 2^rest. */
INLINE F growth(F rest) {
  return HORNER5(rest, .693147f, .24022242f, .055507336f, .009671513f, .0013264727f);
}

/* Returns 2^x, to 1.5e-7 of it, 2^-126 below -126; x is below 127. */
INLINE F f_power(F x) {
  exponent e = exponent_of(f_max(f_all(-126), x));
  return f_times_two_to(f_fma(e.rest, growth(e.rest), f_all(1)), e.whole, e.shifted);
}

#endif
