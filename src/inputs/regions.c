/* SPDX-License-Identifier: MIT */
/* Reads region and points from a row of a trial table, for training and prediction. */
#include "inputs/regions.h"

#include <math.h>
#include <string.h>

static mien_status read_numbers(const mien_table *table, int64_t row,
    const char *const *columns, int count, double *numbers) {
    double read[10];
    for (int i = 0; i < count; i++) {
        int column = mien_table_column(table, columns[i]);
        const char *cell = column < 0 ? NULL : mien_table_cell(table, row, column);
        if (!cell || mien_cell_missing(cell)) {
            return MIEN_OK;
        }
        if (!mien_parse_number(cell, &read[i]) || !isfinite(read[i])) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: column \"%s\": \"%s\" is no number", mien_table_file(table),
                (long long)mien_table_line(table, row), columns[i], cell);
        }
    }
    memcpy(numbers, read, (size_t)count * sizeof *numbers);
    return MIEN_OK;
}

mien_status mien_place_read_regions(
    const mien_table *table, int64_t row, mien_place *place) {
    static const char *const region[] = {"x", "y", "w", "h"};
    static const char *const points[] = {"right_eye_x", "right_eye_y", "left_eye_x",
        "left_eye_y", "nose_x", "nose_y", "right_mouth_x", "right_mouth_y",
        "left_mouth_x", "left_mouth_y"};
    mien_status status = read_numbers(table, row, region, 4, place->region);
    return status == MIEN_OK ? read_numbers(table, row, points, 10, place->points)
                             : status;
}
