/* SPDX-License-Identifier: MIT */
/* The order of a dataset's rows in time within their groups, and the windows of context
 * and series that follow from it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/dataset/dataset.h"

#define SAME_TIME 1e-3 /* of lengths in seconds, which tables round */

void mien_dataset_order_clear(mien_dataset *c) {
    mien_free(c->order);
    mien_free(c->first);
    mien_free(c->window);
}

/* ---- order --------------------------------------------------------------------- */

typedef struct moment {
    int64_t group, row;
    double start;
} moment;

static int by_time(const void *a, const void *b) {
    const moment *x = a, *y = b;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    if (x->start < y->start || x->start > y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

static const char *trial_of(const mien_dataset *c, int64_t row) {
    return mien_trials_id(c->trials, c->row[row]);
}

/* Why rows have no order in their groups; "" : they have. */
static void find_disorder(
    const mien_dataset *c, const moment *moments, char *text, size_t size) {
    for (int64_t i = 0; i < c->rows && !*text; i++) {
        const moment *m = &moments[i];
        if (!isfinite(m->start)) {
            snprintf(text, size, "trial %s has no start_s", trial_of(c, m->row));
        } else if (!c->group_name[m->row]) {
            snprintf(text, size, "trial %s is of no group", trial_of(c, m->row));
        } else if (i > 0 && m->group == moments[i - 1].group &&
                   m->start <= moments[i - 1].start) {
            snprintf(text, size, "trials %s and %s of %s start at the same time, %g s",
                trial_of(c, moments[i - 1].row), trial_of(c, m->row),
                c->group_name[m->row], m->start);
        }
    }
}

static mien_status read_starts(const mien_dataset *c, moment *moments) {
    size_t all = (size_t)mien_trials_rows(c->trials);
    bool there = mien_table_column(mien_trials_table(c->trials), "start_s") >= 0;
    double *start = mien_alloc(all, sizeof *start);
    mien_status status = start ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && there) {
        status = mien_trials_numbers(c->trials, "start_s", start);
    }
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        moments[i] = (moment){c->group[i], i, there ? start[c->row[i]] : (double)NAN};
    }
    mien_free(start);
    return status;
}

static mien_status keep_order(mien_dataset *c, const moment *moments) {
    c->order = mien_alloc((size_t)c->rows, sizeof *c->order);
    c->first = mien_alloc((size_t)c->groups + 1, sizeof *c->first);
    if (!c->order || !c->first) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < c->rows; i++) {
        c->order[i] = moments[i].row;
        c->first[moments[i].group + 1] = i + 1; /* groups are numbered without gaps */
    }
    return MIEN_OK;
}

static mien_status find_order(mien_dataset *c, const mien_study *study) {
    const mien_architecture *d = &study->recipe.architecture;
    const char *need = d->context_before + d->context_after > 0  ? "context"
                       : study->smoothing != MIEN_SMOOTHING_NONE ? "smoothing"
                                                                 : NULL;
    char text[512] = "";
    moment *moments = mien_alloc((size_t)c->rows, sizeof *moments);
    mien_status status = moments ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && c->group_name) {
        status = read_starts(c, moments);
    }
    if (status == MIEN_OK && c->group_name) {
        qsort(moments, (size_t)c->rows, sizeof *moments, by_time);
        find_disorder(c, moments, text, sizeof text);
    }
    if (status == MIEN_OK && need && *text) {
        status = mien_fail(MIEN_EFORMAT, "%s: %s: %s needs rows in order of time",
            study->trials, text, need);
    }
    if (status == MIEN_OK && c->group_name && !*text) {
        status = keep_order(c, moments);
    }
    mien_free(moments);
    return status;
}

/* Rows of the same group around each, oldest first; -1 beyond its ends. */
static mien_status find_windows(mien_dataset *c, const mien_study *study) {
    const mien_architecture *d = &study->recipe.architecture;
    c->segments = d->context_before + 1 + d->context_after;
    if (c->segments == 1) {
        return MIEN_OK;
    }
    c->window = mien_alloc((size_t)(c->rows * c->segments), sizeof *c->window);
    if (!c->window) {
        return MIEN_ENOMEM;
    }
    for (int64_t g = 0; g < c->groups; g++) {
        for (int64_t i = c->first[g]; i < c->first[g + 1]; i++) {
            int64_t *window = c->window + c->order[i] * c->segments;
            for (int64_t t = 0; t < c->segments; t++) {
                int64_t at = i + t - d->context_before;
                window[t] =
                    at >= c->first[g] && at < c->first[g + 1] ? c->order[at] : -1;
            }
        }
    }
    return MIEN_OK;
}

mien_status mien_dataset_order(mien_dataset *dataset, const mien_study *study) {
    mien_status status = find_order(dataset, study);
    return status == MIEN_OK ? find_windows(dataset, study) : status;
}

double mien_dataset_segment_s(const mien_dataset *dataset) {
    const mien_dataset *c = dataset;
    const mien_table *table = mien_trials_table(c->trials);
    int start = mien_table_column(table, "start_s");
    int end = mien_table_column(table, "end_s");
    double segment = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        double from = (double)NAN, to = (double)NAN;
        if (start < 0 || end < 0 ||
            mien_table_number(table, c->row[i], start, &from) != MIEN_OK ||
            mien_table_number(table, c->row[i], end, &to) != MIEN_OK) {
            return 0;
        }
        segment = i == 0 ? to - from : segment;
        if (!(fabs(to - from - segment) < SAME_TIME)) {
            return 0;
        }
    }
    return segment;
}
