/* What is done to rows without instructions of their own. */
#include "floats_portable.h"

#define NAME(kernel) portable_##kernel

#include "rows.inc"
