/* SPDX-License-Identifier: MIT */
/* Reads EmoEye's epochs: 301 rows in the columns of the published files. The importer
 * (data/importers/importer_emoeye.c) checks epochs with this, inputs of kind series and
 * scanpath are made of them. */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/inputs.h"

enum { ROWS = MIEN_EPOCH_ROWS };

/* The time's column is called TIME, or TIME( and when the recording began. */
static int time_column(const mien_table *t) {
    for (int c = 0; c < mien_table_columns(t); c++) {
        const char *name = mien_table_name(t, c);
        if (strcmp(name, "TIME") == 0 || strncmp(name, "TIME(", 5) == 0) {
            return c;
        }
    }
    return -1;
}

static mien_status take(const mien_table *t, const char *name, double *values,
    const char *flag_name, unsigned char *flags) {
    int column = mien_table_column(t, name), flag = -1;
    if (flag_name) {
        flag = mien_table_column(t, flag_name);
    }
    if (column < 0 || (flag_name && flag < 0)) {
        return mien_fail(MIEN_EFORMAT, "%s:1: no column %s", mien_table_file(t),
            column < 0 ? name : flag_name);
    }
    for (int i = 0; i < ROWS; i++) {
        double valid = 1;
        mien_status status = mien_table_number(t, i, column, &values[i]);
        if (status == MIEN_OK && flag_name) {
            status = mien_table_number(t, i, flag, &valid);
        }
        if (status != MIEN_OK) {
            return status;
        }
        if (flags) {
            flags[i] = valid > 0 && !isnan(values[i]);
        }
    }
    return MIEN_OK;
}

static mien_status take_all(const mien_table *t, mien_epoch *e) {
    int time = time_column(t);
    if (time < 0) {
        return mien_fail(MIEN_EFORMAT, "%s:1: no column TIME(…)", mien_table_file(t));
    }
    if (mien_table_rows(t) != ROWS) {
        return mien_fail(MIEN_EFORMAT,
            "%s: an epoch of %lld rows; %d are needed: it was cut at the end of a "
            "recording, or is no epoch",
            mien_table_file(t), (long long)mien_table_rows(t), ROWS);
    }
    mien_status status = take(t, mien_table_name(t, time), e->time_s, NULL, NULL);
    status = status ? status : take(t, "FPOGX", e->x, "FPOGV", e->gaze_valid);
    status = status ? status : take(t, "FPOGY", e->y, "FPOGV", e->gaze_valid);
    status = status ? status : take(t, "FPOGID", e->fixation, NULL, NULL);
    status = status ? status : take(t, "LPMM", e->left_mm, "LPMMV", e->left_valid);
    status = status ? status : take(t, "RPMM", e->right_mm, "RPMMV", e->right_valid);
    status = status ? status : take(t, "GSR", e->gsr_ohm, "GSRV", e->gsr_valid);
    return status ? status : take(t, "HR", e->heart_bpm, "HRV", e->heart_valid);
}

mien_status mien_epoch_read(const char *path, mien_epoch *epoch) {
    MIEN_NEED(path, epoch);
    mien_table_options o = mien_table_options_default();
    mien_table *t = NULL;
    mien_epoch *read = mien_alloc(1, sizeof *read);
    o.delimiter = ',';
    o.rows_max = 100000;
    mien_status status = read ? mien_table_read(path, &o, &t) : MIEN_ENOMEM;
    status = status ? status : take_all(t, read);
    if (status == MIEN_OK) {
        *epoch = *read;
    }
    mien_table_free(&t);
    mien_free(read);
    return status;
}
