/* SPDX-License-Identifier: MIT */
/* Reads who rated what how from a trial table. */
#include "train/persons/person.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/trials.h"
#include "train/numbering.h"

/* Features agree between a stimulus' rows up to rounding in the table. */
#define SAME 1e-9

void mien_ratings_clear(mien_ratings *r) {
    mien_free(r->first);
    mien_free(r->stimulus);
    mien_free(r->value);
    mien_free(r->row);
    mien_free((void *)r->person);
    mien_free((void *)r->name);
    mien_free(r->column);
    mien_free(r->mean);
    mien_free(r->scale);
    *r = (mien_ratings){0};
}

/* The columns of the table before rows are sorted by person. */
typedef struct rows {
    double *value;               /* [rows of the table] */
    const char **person, **name; /* [count] */
    int64_t *row, *who, *what;   /* [count] */
    int64_t count, people, stimuli;
} rows;

static void rows_clear(rows *r) {
    mien_free(r->value);
    mien_free((void *)r->person);
    mien_free((void *)r->name);
    mien_free(r->row);
    mien_free(r->who);
    mien_free(r->what);
}

static mien_status find_column(const mien_trials *trials, const mien_study *study,
    const char *key, const char *column) {
    char where[MIEN_STUDY_WHERE_MAX];
    return mien_table_column(mien_trials_table(trials), column) >= 0
               ? MIEN_OK
               : mien_fail(MIEN_ENOTFOUND, "%s: %s: %s has no column \"%s\"",
                     mien_study_where(study, key, where), key, study->trials, column);
}

static mien_status need_cell(
    const mien_trials *trials, int64_t row, const char *column, const char **cell) {
    *cell = mien_trials_cell(trials, row, column);
    return *cell ? MIEN_OK
                 : mien_fail(MIEN_EFORMAT, "trial %s is rated and has no %s",
                       mien_trials_id(trials, row), column);
}

static mien_status list_rows(
    rows *r, const mien_trials *trials, const mien_study *study) {
    const char *by = mien_options_text(study->options, "person.by");
    const char *of = mien_options_text(study->options, "person.stimulus");
    int64_t all = mien_trials_rows(trials);
    for (int64_t i = 0; i < all; i++) {
        if (!isfinite(r->value[i])) {
            continue;
        }
        mien_status status = need_cell(trials, i, by, &r->person[r->count]);
        if (status == MIEN_OK) {
            status = need_cell(trials, i, of, &r->name[r->count]);
        }
        if (status != MIEN_OK) {
            return mien_fail_in(status, "%s", study->trials);
        }
        r->row[r->count++] = i;
    }
    if (r->count == 0) {
        return mien_fail(MIEN_EFORMAT, "%s: no trial is rated", study->trials);
    }
    mien_status status = mien_number_names(r->person, r->count, r->who, &r->people);
    return status == MIEN_OK
               ? mien_number_names(r->name, r->count, r->what, &r->stimuli)
               : status;
}

static mien_status read_rows(rows *r, const mien_trials *trials,
    const mien_study *study, const mien_trials_target *target) {
    size_t all = (size_t)mien_trials_rows(trials);
    r->value = mien_alloc(all, sizeof *r->value);
    r->person = mien_alloc(all, sizeof *r->person);
    r->name = mien_alloc(all, sizeof *r->name);
    r->row = mien_alloc(all, sizeof *r->row);
    r->who = mien_alloc(all, sizeof *r->who);
    r->what = mien_alloc(all, sizeof *r->what);
    if (!r->value || !r->person || !r->name || !r->row || !r->who || !r->what) {
        return MIEN_ENOMEM;
    }
    mien_status status = find_column(
        trials, study, "person.by", mien_options_text(study->options, "person.by"));
    if (status == MIEN_OK) {
        status = find_column(trials, study, "person.stimulus",
            mien_options_text(study->options, "person.stimulus"));
    }
    if (status == MIEN_OK) {
        status = mien_trials_check_range(trials, target->name, NULL, 0);
    }
    if (status == MIEN_OK) {
        status = mien_trials_numbers(trials, target->name, r->value);
    }
    return status == MIEN_OK ? list_rows(r, trials, study) : status;
}

/* Ratings sorted by person, in the order of the table within each. */
static mien_status sort_rows(mien_ratings *out, const rows *r) {
    out->people = r->people;
    out->stimuli = r->stimuli;
    out->count = r->count;
    out->first = mien_alloc((size_t)r->people + 2, sizeof *out->first);
    out->stimulus = mien_alloc((size_t)r->count, sizeof *out->stimulus);
    out->value = mien_alloc((size_t)r->count, sizeof *out->value);
    out->row = mien_alloc((size_t)r->count, sizeof *out->row);
    out->person = mien_alloc((size_t)r->people, sizeof *out->person);
    out->name = mien_alloc((size_t)r->stimuli, sizeof *out->name);
    if (!out->first || !out->stimulus || !out->value || !out->row || !out->person ||
        !out->name) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < r->count; i++) {
        out->first[r->who[i] + 2]++;
        out->person[r->who[i]] = r->person[i];
        out->name[r->what[i]] = r->name[i];
    }
    for (int64_t p = 0; p < r->people; p++) {
        out->first[p + 2] += out->first[p + 1];
    }
    for (int64_t i = 0; i < r->count; i++) {
        int64_t at = out->first[r->who[i] + 1]++;
        out->stimulus[at] = r->what[i];
        out->value[at] = r->value[r->row[i]];
        out->row[at] = r->row[i];
    }
    return MIEN_OK;
}

/* A stimulus that is rated twice would stand on both sides of a person's split. */
static mien_status check_twice(
    const mien_ratings *r, const mien_trials *trials, const mien_study *study) {
    int64_t *seen = mien_alloc((size_t)r->stimuli, sizeof *seen); /* rating + 1 */
    mien_status status = seen ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t p = 0; status == MIEN_OK && p < r->people; p++) {
        for (int64_t i = r->first[p]; status == MIEN_OK && i < r->first[p + 1]; i++) {
            int64_t before = seen[r->stimulus[i]] - 1;
            if (before >= r->first[p]) {
                status = mien_fail(MIEN_EFORMAT,
                    "%s: trials %s and %s: %s rates %s twice; keep one, or their mean",
                    study->trials, mien_trials_id(trials, r->row[before]),
                    mien_trials_id(trials, r->row[i]), r->person[p],
                    r->name[r->stimulus[i]]);
            }
            seen[r->stimulus[i]] = i + 1;
        }
    }
    mien_free(seen);
    return status;
}

/* ---- features ------------------------------------------------------------------- */

static mien_status read_column(mien_ratings *r, const mien_trials *trials,
    const mien_study *study, int k, const char *name, double *values, bool *has) {
    mien_status status = mien_trials_numbers(trials, name, values);
    memset(has, 0, (size_t)r->stimuli * sizeof *has);
    for (int64_t i = 0; status == MIEN_OK && i < r->count; i++) {
        double x = values[r->row[i]], *to = &r->column[r->stimulus[i] * r->columns + k];
        if (!isfinite(x)) {
            status = mien_fail(MIEN_EFORMAT, "%s: trial %s has no %s", study->trials,
                mien_trials_id(trials, r->row[i]), name);
        } else if (has[r->stimulus[i]] && fabs(*to - x) > SAME * fmax(1, fabs(x))) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: trial %s: %s of %s is %g, elsewhere %g: a feature is of the "
                "stimulus, the same in all its rows",
                study->trials, mien_trials_id(trials, r->row[i]), name,
                r->name[r->stimulus[i]], x, *to);
        } else {
            *to = x;
            has[r->stimulus[i]] = true;
        }
    }
    return status;
}

static void standardise(mien_ratings *r, int k) {
    double mean = 0, square = 0;
    for (int64_t s = 0; s < r->stimuli; s++) {
        mean += r->column[s * r->columns + k] / (double)r->stimuli;
    }
    for (int64_t s = 0; s < r->stimuli; s++) {
        double d = r->column[s * r->columns + k] - mean;
        square += d * d / (double)r->stimuli;
    }
    r->mean[k] = mean;
    r->scale[k] = square > 0 ? sqrt(square) : 1;
    for (int64_t s = 0; s < r->stimuli; s++) {
        double *x = &r->column[s * r->columns + k];
        *x = (*x - mean) / r->scale[k];
    }
}

static mien_status read_features(
    mien_ratings *r, const mien_trials *trials, const mien_study *study) {
    char *names[MIEN_PERSON_COLUMNS_MAX] = {0};
    int count = 0;
    mien_status status = mien_study_items(
        study, "person.features", names, MIEN_PERSON_COLUMNS_MAX - 2, &count);
    size_t all = (size_t)mien_trials_rows(trials);
    double *values = mien_alloc(all, sizeof *values);
    bool *has = mien_alloc((size_t)r->stimuli, sizeof *has);
    r->columns = count;
    if (status == MIEN_OK && count) {
        r->column = mien_alloc((size_t)r->stimuli * (size_t)count, sizeof *r->column);
        r->mean = mien_alloc((size_t)count, sizeof *r->mean);
        r->scale = mien_alloc((size_t)count, sizeof *r->scale);
        status =
            r->column && r->mean && r->scale && values && has ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int k = 0; status == MIEN_OK && k < count; k++) {
        status = find_column(trials, study, "person.features", names[k]);
        if (status == MIEN_OK) {
            status = read_column(r, trials, study, k, names[k], values, has);
        }
        if (status == MIEN_OK) {
            standardise(r, k);
        }
    }
    for (int k = 0; k < MIEN_PERSON_COLUMNS_MAX; k++) {
        mien_free(names[k]);
    }
    mien_free(values);
    mien_free(has);
    return status;
}

/* ---- all ------------------------------------------------------------------------ */

static mien_status find_target(const mien_trials *trials, const mien_study *study,
    const mien_trials_target **target) {
    int count =
        study->targets_count ? study->targets_count : mien_trials_targets(trials);
    if (count != 1) {
        return mien_fail(MIEN_EFORMAT,
            "%s: targets: %d of them; method: person learns one", study->path, count);
    }
    *target = study->targets_count ? mien_trials_target_find(trials, study->targets[0])
                                   : mien_trials_target_at(trials, 0);
    if (!*target) {
        return mien_trials_no_target(trials, study->path, study->targets[0]);
    }
    return (*target)->kind == MIEN_TARGET_NUMBER
               ? MIEN_OK
               : mien_fail(MIEN_EUNSUPPORTED,
                     "%s: targets: %s has classes; method: person learns numbers",
                     study->path, (*target)->name);
}

mien_status mien_ratings_read(
    mien_ratings *ratings, const mien_trials *trials, const mien_study *study) {
    const mien_trials_target *target = NULL;
    rows r = {0};
    *ratings = (mien_ratings){0};
    mien_status status = find_target(trials, study, &target);
    if (status == MIEN_OK) {
        ratings->minimum = target->minimum;
        ratings->maximum = target->maximum;
        status = read_rows(&r, trials, study, target);
    }
    if (status == MIEN_OK) {
        status = sort_rows(ratings, &r);
    }
    rows_clear(&r);
    if (status == MIEN_OK) {
        status = check_twice(ratings, trials, study);
    }
    return status == MIEN_OK ? read_features(ratings, trials, study) : status;
}
