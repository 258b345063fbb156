/* What is done to rows by AVX2 and FMA. */
#include "floats_avx2.h"

#define NAME(kernel) avx2_##kernel

#include "rows.inc"
