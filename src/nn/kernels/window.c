/* SPDX-License-Identifier: MIT */
/* Options of one- and three-dimensional convolutions and pools. */
#include "nn/kernels/window.h"

mien_status mien_window_numbers(
    const mien_options *given, const char *key, int minimum, int dims, int *values) {
    const char *text = mien_options_text(given, key);
    int count = text ? mien_op_ints(text, dims, values) : -1;
    bool good = count == 1 || count == dims;
    for (int i = 0; good && i < dims; i++) {
        values[i] = count == 1 ? values[0] : values[i];
        good = values[i] >= minimum;
    }
    return good ? MIEN_OK
                : mien_fail(MIEN_EINVAL,
                      "%s: \"%s\" is not one%s whole number%s from %d on, divided by "
                      "commas",
                      key, text ? text : "", dims > 1 ? " or three" : "",
                      dims > 1 ? "s" : "", minimum);
}

mien_status mien_window_padding(
    const mien_options *given, const char *key, int dims, int *before, int *after) {
    const char *text = mien_options_text(given, key);
    int values[2 * MIEN_WINDOW_DIMS];
    int count = text ? mien_op_ints(text, 2 * dims, values) : -1;
    bool good = count == 1 || count == dims || count == 2 * dims;
    for (int i = 0; good && i < dims; i++) {
        before[i] = values[count == 1 ? 0 : i];
        after[i] = values[count == 1 ? 0 : count == dims ? i : dims + i];
        good = before[i] >= 0 && after[i] >= 0;
    }
    return good
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "%s: \"%s\" is not 1, %d or %d (all before, then all after) whole "
                     "numbers ≥ 0",
                     key, text ? text : "", dims, 2 * dims);
}
