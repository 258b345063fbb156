/* Attention in float32 by AVX2 and FMA. */
#include "floats_avx2.h"

#define NAME(kernel) avx2_##kernel
#define ROWS 6
#define GROUPS 1
#define ROW_LOOP(TILE) IN_SIXES(TILE)
#define ROW_TILES(TILE) TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)

#include "attention_f32.inc"
