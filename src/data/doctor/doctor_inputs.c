/* SPDX-License-Identifier: MIT */
/* The doctor on what features say of targets and of each other: a target that stands
 * among the inputs, and rows that are nearly the same on both sides of a split.
 *
 * In comes an opened table whose features doctor_features.c has looked at (what could
 * not be read it has told), or which a study learns from (audit.c); out go findings
 * "target" and "near". */
#include "data/doctor/doctor.h"
#include "data/importers/features.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MIN = 6, SKETCH = 24, COLUMNS_MIN = 8 };
/* A value that is a linear function of the target but for rounding. */
#define SAME_R 0.9999
/* The same where there are so many rows that chance does not reach it. */
#define SAME_R_MANY 0.999
enum { MANY = 24, SIDE_MIN = 6 };
/* Root mean square difference of standardised values; of independent rows it is 1.4. */
#define NEAR_RMS 0.02
#define VALUES_MAX ((int64_t)1 << 28)
#define PAIRS_MAX 50000000

typedef struct inputs {
    const mien_trials *trials;
    const char *column;      /* "features.vggish" */
    const mien_sides *sides; /* NULL: groups and the column split */
    int64_t rows, width;
    float *values; /* [rows][width] */
    bool *present; /* [rows] */
    mien_findings *findings;
} inputs;

static const float *row_of(const inputs *in, int64_t row) {
    return in->values + row * in->width;
}

/* ---- a target among the inputs -----------------------------------------------------
 */

static mien_status report_target(const inputs *in, const char *target, int64_t first,
    int64_t found, int64_t rows, double r) {
    char how[40] = "tells its class";
    if (isfinite(r)) {
        snprintf(how, sizeof how, "has r %.4f with it", r);
    }
    return mien_findings_add(in->findings, MIEN_ERROR, "target", NULL,
        "%s: value %" PRId64 " of a row %s in all %" PRId64
        " rows%s: the target %s is among "
        "the inputs",
        in->column, first, how, rows, found > 1 ? " (others too)" : "", target);
}

/* Correlation of each value with y over rows where both are there. */
static mien_status check_number(const inputs *in, const char *target, const double *y) {
    size_t width = (size_t)in->width;
    double *mean = mien_alloc(width, sizeof *mean), *xx = mien_alloc(width, sizeof *xx);
    double *xy = mien_alloc(width, sizeof *xy), middle = 0, yy = 0;
    int64_t n = 0, found = 0, first = 0;
    double best = 0;
    mien_status status = mean && xx && xy ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < in->rows; i++) {
        if (in->present[i] && isfinite(y[i])) {
            n++;
            middle += y[i];
            for (int64_t c = 0; c < in->width; c++) {
                mean[c] += (double)row_of(in, i)[c];
            }
        }
    }
    for (int64_t i = 0; status == MIEN_OK && n >= ROWS_MIN && i < in->rows; i++) {
        double dy = y[i] - middle / (double)n;
        yy += in->present[i] && isfinite(y[i]) ? dy * dy : 0;
        for (int64_t c = 0; in->present[i] && isfinite(y[i]) && c < in->width; c++) {
            double dx = (double)row_of(in, i)[c] - mean[c] / (double)n;
            xx[c] += dx * dx;
            xy[c] += dx * dy;
        }
    }
    for (int64_t c = 0; status == MIEN_OK && yy > 0 && c < in->width; c++) {
        double r = xx[c] > 0 ? xy[c] / sqrt(xx[c] * yy) : 0;
        if (fabs(r) >= (n >= MANY ? SAME_R_MANY : SAME_R)) {
            first = found++ ? first : c;
            best = found == 1 ? r : best;
        }
    }
    if (status == MIEN_OK && found > 0) {
        status = report_target(in, target, first, found, n, best);
    }
    mien_free(xy);
    mien_free(xx);
    mien_free(mean);
    return status;
}

/* Has a value one number for each class, and of either of two numbers at least `least`
 * rows? So it is with a class' number, and with one that says whether it is a certain
 * class. */
static bool tells_class(const inputs *in, int64_t column, const int *label, int classes,
    float *of, int64_t least) {
    float one = NAN;
    int64_t with = 0, without = 0;
    for (int k = 0; k < classes; k++) {
        of[k] = NAN;
    }
    for (int64_t i = 0; i < in->rows; i++) {
        float x = row_of(in, i)[column];
        if (!in->present[i] || label[i] < 0) {
            continue;
        }
        if (isnan(of[label[i]])) {
            of[label[i]] = x;
        } else if (of[label[i]] != x) {
            return false;
        }
        one = isnan(one) ? x : one;
        with += x == one;
        without += x != one;
    }
    return with >= least && without >= least;
}

static mien_status check_class(
    const inputs *in, const mien_trials_target *target, const int *label) {
    float *of = mien_alloc((size_t)target->classes, sizeof *of);
    int64_t n = 0, found = 0, first = 0;
    if (!of) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < in->rows; i++) {
        n += in->present[i] && label[i] >= 0;
    }
    for (int64_t c = 0; n >= ROWS_MIN && c < in->width; c++) {
        int64_t least = n >= MANY ? SIDE_MIN : n / 3;
        if (tells_class(in, c, label, target->classes, of, least)) {
            first = found++ ? first : c;
        }
    }
    mien_free(of);
    return found == 0 ? MIEN_OK
                      : report_target(in, target->name, first, found, n, (double)NAN);
}

static mien_status check_target(const inputs *in, const mien_trials_target *target) {
    size_t rows = (size_t)in->rows;
    double *y = mien_alloc(rows, sizeof *y);
    int *label = mien_alloc(rows, sizeof *label);
    mien_status status = y && label ? MIEN_OK : MIEN_ENOMEM;
    bool number = target->kind == MIEN_TARGET_NUMBER;
    for (int64_t i = 0; status == MIEN_OK && i < in->rows; i++) {
        const char *cell = mien_trials_cell(in->trials, i, target->name);
        y[i] = (double)NAN; /* reading has complained of what is no number */
        if (number && cell && !mien_parse_number(cell, &y[i])) {
            y[i] = (double)NAN;
        }
        label[i] = !number && cell ? mien_target_class(target, cell) : -1;
    }
    if (status == MIEN_OK) {
        status =
            number ? check_number(in, target->name, y) : check_class(in, target, label);
    }
    mien_free(label);
    mien_free(y);
    return status;
}

/* ---- rows that are nearly the same
 * ---------------------------------------------------- */

/* A row in few numbers whose differences are those of the whole, on average: sums of
 * its standardised values with signs drawn by place. */
typedef struct sketch {
    int64_t row;
    float at[SKETCH];
} sketch;

static bool sign_of(int64_t column, int k) {
    uint64_t x = (uint64_t)column * SKETCH + (uint64_t)k + 1;
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x >> 63;
}

/* Mean and 1 / SD of each value, 0 where it hardly changes; how many change. */
static int64_t measure(const inputs *in, double *mean, double *scale) {
    int64_t n = 0, changing = 0;
    for (int64_t i = 0; i < in->rows; i++) {
        n += in->present[i];
        for (int64_t c = 0; in->present[i] && c < in->width; c++) {
            mean[c] += (double)row_of(in, i)[c];
        }
    }
    for (int64_t c = 0; n > 0 && c < in->width; c++) {
        mean[c] /= (double)n;
    }
    for (int64_t i = 0; i < in->rows; i++) {
        for (int64_t c = 0; in->present[i] && c < in->width; c++) {
            double d = (double)row_of(in, i)[c] - mean[c];
            scale[c] += d * d;
        }
    }
    for (int64_t c = 0; c < in->width; c++) {
        double sd = n > 0 ? sqrt(scale[c] / (double)n) : 0;
        scale[c] =
            sd > 1e-6 * fabs(mean[c]) ? 1 / sd : 0; /* NaN among them: left out */
        changing += scale[c] > 0;
    }
    return changing;
}

/* Whether a row tells too little to be compared: one value all along, as of silence, or
 * zeros but for a few values, as of a window without a beat or of the name of a class.
 */
static bool is_silent(const inputs *in, int64_t row) {
    const float *x = row_of(in, row);
    int64_t told = 0, same = 0;
    for (int64_t c = 0; c < in->width; c++) {
        told += x[c] != 0;
        same += x[c] == x[0];
    }
    return told < COLUMNS_MIN || same == in->width;
}

static int64_t draw(const inputs *in, const double *mean, const double *scale,
    int64_t changing, sketch *sketches) {
    int64_t count = 0;
    double unit = 1 / sqrt((double)changing);
    for (int64_t i = 0; i < in->rows; i++) {
        if (!in->present[i] || is_silent(in, i)) {
            continue;
        }
        double sum[SKETCH] = {0};
        for (int64_t c = 0; c < in->width; c++) {
            double z = ((double)row_of(in, i)[c] - mean[c]) * scale[c];
            for (int k = 0; k < SKETCH && isfinite(z) && z != 0; k++) {
                sum[k] += sign_of(c, k) ? z : -z;
            }
        }
        sketches[count].row = i;
        for (int k = 0; k < SKETCH; k++) {
            sketches[count].at[k] = (float)(sum[k] * unit);
        }
        count++;
    }
    return count;
}

static int by_place(const void *a, const void *b) {
    const sketch *x = a, *y = b;
    int order = (x->at[0] > y->at[0]) - (x->at[0] < y->at[0]);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static double distance(const sketch *a, const sketch *b) {
    double sum = 0;
    for (int k = 0; k < SKETCH; k++) {
        double d = (double)a->at[k] - (double)b->at[k];
        sum += d * d;
    }
    return sqrt(sum / SKETCH);
}

/* Whether two rows stand on two sides, and of what: a column, or "" for folds. */
static const char *divider_of(const inputs *in, int64_t one, int64_t two) {
    const mien_trials *t = in->trials;
    if (in->sides) {
        return mien_sides_part(in->sides, one, two) ? "" : NULL;
    }
    static const char *const dividers[] = {"split", "group"};
    for (int d = 0; d < 2; d++) {
        const char *here = mien_trials_cell(t, one, dividers[d]);
        const char *there = mien_trials_cell(t, two, dividers[d]);
        if (here && there && strcmp(here, there) != 0) {
            return dividers[d];
        }
    }
    return NULL;
}

static mien_status compare(const inputs *in, const sketch *a, const sketch *b) {
    int64_t row = a->row > b->row ? a->row : b->row, other = a->row + b->row - row;
    const char *divider = divider_of(in, row, other);
    double rms = divider ? distance(a, b) : 1;
    bool same = rms < NEAR_RMS && memcmp(row_of(in, row), row_of(in, other),
                                      (size_t)in->width * sizeof *in->values) == 0;
    if (rms >= NEAR_RMS || (same && !in->sides)) {
        return MIEN_OK; /* the very same are told as a leak */
    }
    if (in->sides) {
        return mien_findings_add(in->findings, MIEN_ERROR, "near",
            mien_trials_id(in->trials, row),
            "%s is %s as in trial %s, and one is tested by a model that knows the "
            "other",
            in->column, same ? "the same" : "nearly the same",
            mien_trials_id(in->trials, other));
    }
    return mien_findings_add(in->findings, MIEN_WARNING, "near",
        mien_trials_id(in->trials, row),
        "%s is nearly the same as in trial %s (they differ by %.2g SD), but %s is %s "
        "here "
        "and %s there",
        in->column, mien_trials_id(in->trials, other), rms, divider,
        mien_trials_cell(in->trials, row, divider),
        mien_trials_cell(in->trials, other, divider));
}

/* Rows near in all numbers are near in the first one: four times as far leaves out one
 * pair in ten thousand. */
static mien_status compare_sketches(const inputs *in, sketch *s, int64_t count) {
    int64_t pairs = 0;
    mien_status status = MIEN_OK;
    qsort(s, (size_t)count, sizeof *s, by_place);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        for (int64_t j = i + 1; status == MIEN_OK && j < count &&
                                (double)s[j].at[0] - (double)s[i].at[0] < 4 * NEAR_RMS;
             j++) {
            if (++pairs > PAIRS_MAX) {
                return mien_findings_add(in->findings, MIEN_NOTE, "near", NULL,
                    "%s: not all rows were compared for likeness", in->column);
            }
            status = compare(in, &s[i], &s[j]);
        }
    }
    return status;
}

static mien_status check_near(const inputs *in) {
    double *mean = mien_alloc((size_t)in->width, sizeof *mean);
    double *scale = mien_alloc((size_t)in->width, sizeof *scale);
    sketch *sketches = mien_alloc((size_t)in->rows, sizeof *sketches);
    mien_status status = mean && scale && sketches ? MIEN_OK : MIEN_ENOMEM;
    int64_t changing = status == MIEN_OK ? measure(in, mean, scale) : 0;
    if (changing >= COLUMNS_MIN) {
        int64_t count = draw(in, mean, scale, changing, sketches);
        status = compare_sketches(in, sketches, count);
    }
    mien_free(sketches);
    mien_free(scale);
    mien_free(mean);
    return status;
}

/* ---- one column of features ---------------------------------------------------------
 */

static bool is_wanted(const inputs *in, const mien_trials_target *target,
    const char *const *targets, int count) {
    for (int i = 0; i < count; i++) {
        if (strcmp(target->name, targets[i]) == 0) {
            return true;
        }
    }
    return in->sides == NULL;
}

static mien_status check_targets(
    const inputs *in, const char *const *targets, int count) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < in->trials->targets_count; i++) {
        const mien_trials_target *t = &in->trials->targets[i];
        status = is_wanted(in, t, targets, count) ? check_target(in, t) : MIEN_OK;
    }
    return status;
}

static mien_status look_at(
    inputs *in, const int64_t *all, const char *const *targets, int count) {
    const char *name = in->column + strlen(MIEN_FEATURES_PREFIX);
    mien_status status = mien_trials_features(
        in->trials, name, all, in->rows, &in->values, &in->present, &in->width);
    if (status != MIEN_OK) { /* told already */
        return status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED ? status : MIEN_OK;
    }
    status = check_targets(in, targets, count);
    return status ? status : check_near(in);
}

mien_status mien_doctor_inputs(const mien_trials *trials, const char *column,
    int64_t width, const mien_sides *sides, const char *const *targets,
    int targets_count, mien_findings *findings) {
    inputs in = {
        .trials = trials, .column = column, .sides = sides, .findings = findings};
    in.rows = mien_trials_rows(trials);
    if (width < 1) {
        return MIEN_OK;
    }
    if (in.rows > VALUES_MAX / width) {
        return mien_findings_add(findings, MIEN_NOTE, "sampled", NULL,
            "%s: %" PRId64 " rows of %" PRId64
            " values are too many to be looked at for targets and likeness",
            column, in.rows, width);
    }
    int64_t *all = mien_alloc((size_t)in.rows, sizeof *all);
    for (int64_t i = 0; all && i < in.rows; i++) {
        all[i] = i;
    }
    mien_status status = all ? look_at(&in, all, targets, targets_count) : MIEN_ENOMEM;
    mien_free(in.values);
    mien_free(in.present);
    mien_free(all);
    return status;
}

mien_status mien_doctor_number(const mien_trials *trials, const char *column,
    const char *const *targets, int targets_count, mien_findings *findings) {
    static const mien_sides none = {.strict = true};
    const size_t rows = (size_t)mien_trials_rows(trials);
    inputs in = {.trials = trials,
        .column = column,
        .sides = &none,
        .rows = (int64_t)rows,
        .width = 1,
        .values = mien_alloc(rows, sizeof *in.values),
        .present = mien_alloc(rows, sizeof *in.present),
        .findings = findings};
    mien_status status = in.values && in.present ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < in.rows; i++) {
        double x = 0;
        const char *cell = mien_trials_cell(trials, i, column);
        in.present[i] = cell && mien_parse_number(cell, &x);
        in.values[i] = in.present[i] ? (float)x : 0;
    }
    status = status ? status : check_targets(&in, targets, targets_count);
    mien_free(in.values);
    mien_free(in.present);
    return status;
}
