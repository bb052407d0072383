/* SPDX-License-Identifier: GPL-2.0 */
/* What a fuzzing target defines, and libFuzzer or standalone.c calls. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0; whatever is wrong ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
