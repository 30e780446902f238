/* SPDX-License-Identifier: MIT */
/* Cells of columns features.NAME: where their values are, for the doctor. */
#include "data/importers/features.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one cell ----------------------------------------------------------------- */

mien_status mien_feature_fail_in(
    mien_status status, const mien_trials *t, int64_t row, const char *column) {
    const char *group = mien_trials_cell(t, row, "group");
    return mien_fail_in(status, "%s:%" PRId64 ": %s of trial \"%s\"%s%s%s", t->path,
        mien_table_line(t->table, row), column, mien_trials_id(t, row),
        group ? " (group \"" : "", group ? group : "", group ? "\")" : "");
}

mien_status mien_feature_place_read(
    const mien_trials *t, int64_t row, const char *column, mien_feature_place *place) {
    mien_feature_place found = {NULL, -1};
    if (mien_trials_cell(t, row, column)) {
        found.file = mien_trials_path(t, row, column);
        if (!found.file) {
            return MIEN_ENOMEM;
        }
        mien_place cut;
        mien_status status = mien_place_cut(found.file, &cut);
        if (status != MIEN_OK) {
            mien_free(found.file);
            return mien_feature_fail_in(status, t, row, column);
        }
        found.row = cut.row;
    }
    *place = found;
    return MIEN_OK;
}

int64_t mien_feature_width(const mien_array *array, const mien_feature_place *place) {
    return mien_array_width(array) * (place->row < 0 ? mien_array_shape(array)[0] : 1);
}

mien_status mien_feature_read(
    const mien_array *array, const mien_feature_place *place, float *values) {
    int64_t width = mien_feature_width(array, place), first = place->row;
    mien_status status =
        first < 0 ? mien_array_read(array, 0, mien_array_shape(array)[0], values)
                  : mien_array_read(array, first, 1, values);
    for (int64_t i = 0; status == MIEN_OK && i < width; i++) {
        if (!isfinite(values[i])) {
            status = mien_fail(MIEN_ENUMBER,
                "%s: value %" PRId64 " of row %" PRId64 " is %s", place->file, i,
                first < 0 ? 0 : first, isnan(values[i]) ? "NaN" : "infinite");
        }
    }
    return status;
}
