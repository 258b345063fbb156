/* Attention in float32 by AVX-512. */
#include "floats_avx512.h"

#define NAME(kernel) avx512_##kernel
#define ROWS 12
#define GROUPS 2
#define ROW_LOOP(TILE) IN_TWELVES(TILE)
#define ROW_TILES(TILE) TILE(4) TILE(8) TILE(12)

#include "attention_f32.inc"
