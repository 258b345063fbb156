/* Attention in float32 by AVX-512. */
#include "floats_avx512.h"

#define NAME(kernel) avx512_##kernel
#define ROWS 8
#define GROUPS 2
#define AHEAD
#define ROW_LOOP(TILE) IN_TILES(8, TILE)
#define ROW_TILES(TILE) TILE(2) TILE(4) TILE(8)

#include "attention_f32.inc"
