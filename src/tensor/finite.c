/* SPDX-License-Identifier: MIT */
/* Whether all of many values are finite, read at the speed of memory. */
#include "tensor/finite.h"

#include <math.h>
#include <string.h>

/* Values looked at before it is asked whether one of them was bad: without a way out of
 * the loop it uses vectors. */
#define BLOCK 1024

/* An exponent of ones only is infinity or NaN: one more overflows into the sign. */
static uint32_t is_bad(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return ((bits & 0x7fffffff) + 0x00800000) & 0x80000000;
}

int64_t mien_not_finite(const float *values, int64_t count) {
    for (int64_t first = 0; first < count; first += BLOCK) {
        int64_t last = count - first < BLOCK ? count : first + BLOCK;
        uint32_t bad = 0;
        for (int64_t i = first; i < last; i++) {
            bad |= is_bad(values[i]);
        }
        for (int64_t i = first; bad && i < last; i++) {
            if (!isfinite(values[i])) {
                return i;
            }
        }
    }
    return -1;
}
