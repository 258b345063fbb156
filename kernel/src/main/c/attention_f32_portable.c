/* Attention in float32 without instructions of its own. */
#include "floats_portable.h"

#define NAME(kernel) portable_##kernel
#define ROWS 2
#define GROUPS 1
#define ROW_LOOP(TILE) IN_TILES(2, TILE)
#define ROW_TILES(TILE) TILE(1) TILE(2)

#include "attention_f32.inc"
