/* SPDX-License-Identifier: MIT */
/* The doctor on ratings and classes.
 *
 * In comes an opened table (doctor.c); out go findings "missing", "range", "raters",
 * "balance", "class" and "votes". */
#include "data/doctor/doctor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES_MAX 64

/* NaN where the cell is missing or no number: reading has complained of those already.
 */
static double number_at(const mien_trials *t, int64_t row, const char *column) {
    double value = (double)NAN;
    int at = mien_table_column(t->table, column);
    if (at < 0 || mien_table_number(t->table, row, at, &value) != MIEN_OK) {
        return (double)NAN;
    }
    return value;
}

/* ---- one target --------------------------------------------------------------- */

typedef struct spread {
    int64_t rated, outside, below, above; /* of the middle of the range */
    double sum, squares, smallest, largest;
} spread;

static mien_status check_rating(const mien_trials *t, const mien_trials_target *target,
    int64_t row, spread *s, mien_findings *findings) {
    double value = number_at(t, row, target->name);
    if (isnan(value)) {
        return MIEN_OK;
    }
    double middle = (target->minimum + target->maximum) / 2;
    s->smallest = s->rated == 0 || value < s->smallest ? value : s->smallest;
    s->largest = s->rated == 0 || value > s->largest ? value : s->largest;
    s->rated++;
    s->below += value < middle;
    s->above += value > middle;
    s->sum += value;
    s->squares += value * value;
    if (value >= target->minimum && value <= target->maximum) {
        return MIEN_OK;
    }
    s->outside++;
    return mien_findings_add(findings, MIEN_ERROR, "range", mien_trials_id(t, row),
        "%s:%" PRId64 ": %s is %g; the sidecar says %g to %g", t->path,
        mien_table_line(t->table, row), target->name, value, target->minimum,
        target->maximum);
}

/* SD and number of raters: what they can be. */
static mien_status check_raters(const mien_trials *t, const mien_trials_target *target,
    int64_t row, mien_findings *findings) {
    double width = target->maximum - target->minimum;
    double sd = number_at(t, row, target->sd_column);
    double n = number_at(t, row, target->n_column);
    mien_status status = MIEN_OK;
    if (target->sd_column[0] && !isnan(sd) && (sd < 0 || sd > width)) {
        status =
            mien_findings_add(findings, MIEN_ERROR, "raters", mien_trials_id(t, row),
                "%s is %g; 0 to %g is possible", target->sd_column, sd, width);
    }
    if (status == MIEN_OK && target->n_column[0] && !isnan(n) &&
        (n < 1 || n != floor(n))) {
        status =
            mien_findings_add(findings, MIEN_ERROR, "raters", mien_trials_id(t, row),
                "%s is %g; a whole number from 1 is needed", target->n_column, n);
    }
    return status;
}

static mien_status report_missing(const mien_trials_target *target, int64_t rows,
    int64_t rated, mien_findings *findings) {
    if (rated == rows) {
        return MIEN_OK;
    }
    return mien_findings_add(findings, rated ? MIEN_WARNING : MIEN_ERROR, "missing",
        NULL, "%s is missing in %" PRId64 " of %" PRId64 " rows", target->name,
        rows - rated, rows);
}

static mien_status report_spread(const mien_trials_target *target, int64_t rows,
    const spread *s, mien_findings *findings) {
    mien_status status = report_missing(target, rows, s->rated, findings);
    if (status != MIEN_OK || s->rated == 0) {
        return status;
    }
    double n = (double)s->rated, mean = s->sum / n;
    double variance = s->squares / n - mean * mean;
    double sd = sqrt(variance > 0 ? variance : 0);
    double width = target->maximum - target->minimum;
    double low = 100 * (double)s->below / n, high = 100 * (double)s->above / n;
    /* a tenth of the range, or of the rows: below it a read-out has little to learn
     * from */
    bool narrow = sd < width / 10, lopsided = low < 10 || high < 10;
    return mien_findings_add(findings, narrow || lopsided ? MIEN_WARNING : MIEN_NOTE,
        "balance", NULL,
        "%s: mean %.3g, SD %.3g, from %g to %g; %.0f %% of rows below the middle of "
        "the "
        "range, %.0f %% above%s%s",
        target->name, mean, sd, s->smallest, s->largest, low, high,
        narrow ? "; the ratings hardly differ" : "",
        lopsided ? "; one side is nearly empty" : "");
}

static mien_status check_target(
    const mien_trials *t, const mien_trials_target *target, mien_findings *findings) {
    spread s = {0};
    int64_t rows = mien_trials_rows(t);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < rows && status == MIEN_OK; i++) {
        status = check_rating(t, target, i, &s, findings);
        status = status ? status : check_raters(t, target, i, findings);
    }
    return status ? status : report_spread(target, rows, &s, findings);
}

/* ---- classes ------------------------------------------------------------------ */

/* Values of column by row; NULL where missing. */
static const char **cells_of(const mien_trials *t, const char *column) {
    int64_t rows = mien_trials_rows(t);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    for (int64_t i = 0; cells && i < rows; i++) {
        cells[i] = mien_trials_cell(t, i, column);
    }
    return cells;
}

/* The last word on the sizes of classes. */
static mien_status report_balance(const char *name, const char *sizes, int64_t smallest,
    int64_t largest, mien_findings *findings) {
    bool uneven = smallest * 10 < largest;
    return mien_findings_add(findings, uneven ? MIEN_WARNING : MIEN_NOTE, "balance",
        NULL, "%s: %s%s", name, sizes,
        uneven ? "; the largest is over ten times the smallest" : "");
}

static mien_status report_classes(const char *column, const char *const *cells,
    const int64_t *first, int64_t rows, int64_t *sizes, mien_findings *findings) {
    int64_t classes = 0, smallest = rows, largest = 0;
    for (int64_t i = 0; i < rows; i++) {
        sizes[first[i]] += cells[i] != NULL;
    }
    mien_string text;
    mien_string_init(&text);
    for (int64_t i = 0; i < rows; i++) {
        if (!cells[i] || first[i] != i) {
            continue;
        }
        classes++;
        smallest = sizes[i] < smallest ? sizes[i] : smallest;
        largest = sizes[i] > largest ? sizes[i] : largest;
        if (classes <= CLASSES_MAX) {
            mien_string_addf(
                &text, "%s%s %" PRId64, text.length ? ", " : "", cells[i], sizes[i]);
        }
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && classes > 0 && classes <= CLASSES_MAX) {
        status = report_balance(column, text.text, smallest, largest, findings);
    }
    mien_string_clear(&text);
    return status;
}

/* Sizes of a target's classes, in its order; a class that nobody has cannot be learned.
 */
static mien_status report_target_classes(
    const mien_trials_target *target, const int64_t *sizes, mien_findings *findings) {
    int64_t smallest = INT64_MAX, largest = 0;
    mien_string text, empty;
    mien_string_init(&text);
    mien_string_init(&empty);
    for (int c = 0; c < target->classes; c++) {
        mien_string_addf(
            &text, "%s%s %" PRId64, c ? ", " : "", target->class_name[c], sizes[c]);
        if (sizes[c] == 0) {
            mien_string_addf(
                &empty, "%s%s", empty.length ? ", " : "", target->class_name[c]);
            continue;
        }
        smallest = sizes[c] < smallest ? sizes[c] : smallest;
        largest = sizes[c] > largest ? sizes[c] : largest;
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : mien_string_status(&empty);
    if (status == MIEN_OK && largest > 0) {
        status = report_balance(target->name, text.text, smallest, largest, findings);
    }
    if (status == MIEN_OK && empty.length > 0) {
        status = mien_findings_add(findings, MIEN_WARNING, "class", NULL,
            "%s: no row has the class %s; it cannot be learned", target->name,
            empty.text);
    }
    mien_string_clear(&empty);
    mien_string_clear(&text);
    return status;
}

/* Votes that make no shares, and labels that others outvote. */
static mien_status check_votes(const mien_trials *t, const mien_trials_target *target,
    int64_t row, int label, double *shares, mien_findings *findings) {
    if (!target->votes_column) {
        return MIEN_OK;
    }
    mien_status status = mien_target_shares(t, target, row, shares);
    if (status == MIEN_ENOMEM) {
        return status;
    }
    if (status != MIEN_OK) {
        return mien_findings_add(
            findings, MIEN_ERROR, "votes", mien_trials_id(t, row), "%s", mien_error());
    }
    int top = 0;
    for (int c = 1; c < target->classes; c++) {
        top = shares[c] > shares[top] ? c : top;
    }
    if (label < 0 || isnan(shares[top]) || shares[label] >= shares[top]) {
        return MIEN_OK;
    }
    return mien_findings_add(findings, MIEN_WARNING, "votes", mien_trials_id(t, row),
        "%s is %s, but more voted for %s", target->name, target->class_name[label],
        target->class_name[top]);
}

/* Reading has complained of labels that are none of the classes. */
static mien_status check_class_target(
    const mien_trials *t, const mien_trials_target *target, mien_findings *findings) {
    int64_t rows = mien_trials_rows(t), rated = 0;
    int64_t *sizes = mien_alloc((size_t)target->classes, sizeof *sizes);
    double *shares = mien_alloc((size_t)target->classes, sizeof *shares);
    mien_status status = sizes && shares ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        const char *cell = mien_trials_cell(t, i, target->name);
        int label = cell ? mien_target_class(target, cell) : -1;
        rated += cell != NULL;
        if (label >= 0) {
            sizes[label]++;
        }
        status = check_votes(t, target, i, label, shares, findings);
    }
    status = status ? status : report_missing(target, rows, rated, findings);
    status = status ? status : report_target_classes(target, sizes, findings);
    mien_free(shares);
    mien_free(sizes);
    return status;
}

static mien_status check_classes(
    const mien_trials *t, const char *column, mien_findings *findings) {
    if (mien_table_column(t->table, column) < 0 || mien_trials_target_find(t, column)) {
        return MIEN_OK;
    }
    int64_t rows = mien_trials_rows(t);
    const char **cells = cells_of(t, column);
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    int64_t *sizes = mien_alloc((size_t)rows, sizeof *sizes);
    mien_status status = cells && first && sizes ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_names_first(rows, cells, first);
    status =
        status ? status : report_classes(column, cells, first, rows, sizes, findings);
    mien_free(sizes);
    mien_free(first);
    mien_free(cells);
    return status;
}

mien_status mien_doctor_ratings(const mien_trials *trials, mien_findings *findings) {
    static const char *const classes[] = {"category", "emotion", "split"};
    mien_status status = MIEN_OK;
    for (int i = 0; i < trials->targets_count && status == MIEN_OK; i++) {
        const mien_trials_target *target = &trials->targets[i];
        status = target->kind == MIEN_TARGET_CLASS
                     ? check_class_target(trials, target, findings)
                     : check_target(trials, target, findings);
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes && status == MIEN_OK; i++) {
        status = check_classes(trials, classes[i], findings);
    }
    return status;
}
