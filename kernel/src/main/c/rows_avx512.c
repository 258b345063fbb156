/* What is done to rows by AVX-512. */
#include "floats_avx512.h"

#define NAME(kernel) avx512_##kernel

#include "rows.inc"
