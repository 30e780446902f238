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
    const float *const *at; /* [rows][width]; NULL of a row: it has none */
    double *mean, *square;  /* [width] of the rows that are there; sums of squares */
    int64_t present;        /* rows that are there */
    mien_findings *findings;
} inputs;

static const float *row_of(const inputs *in, int64_t row) {
    return in->at[row];
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

/* Rows where both a target and the input are there. */
typedef struct pairs {
    const double *y; /* NaN: missing */
    int64_t n;
    double mean, square; /* of y: mean, sum of squares about it */
} pairs;

static bool is_pair(const inputs *in, const pairs *p, int64_t row) {
    return in->at[row] && isfinite(p->y[row]);
}

static pairs pairs_of(const inputs *in, const double *y) {
    pairs p = {.y = y};
    for (int64_t i = 0; i < in->rows; i++) {
        if (is_pair(in, &p, i)) {
            p.n++;
            p.mean += y[i];
        }
    }
    p.mean = p.n > 0 ? p.mean / (double)p.n : 0;
    for (int64_t i = 0; i < in->rows; i++) {
        double d = is_pair(in, &p, i) ? y[i] - p.mean : 0;
        p.square += d * d;
    }
    return p;
}

/* Sums of squares and products with y about the means of the pairs; those of all rows
 * stand for them where all rows are pairs. */
static void add_products(
    const inputs *in, const pairs *p, double *mean, double *xx, double *xy) {
    bool all = p->n == in->present;
    for (int64_t i = 0; !all && i < in->rows; i++) {
        for (int64_t c = 0; is_pair(in, p, i) && c < in->width; c++) {
            mean[c] += (double)row_of(in, i)[c] / (double)p->n;
        }
    }
    if (all) {
        memcpy(mean, in->mean, (size_t)in->width * sizeof *mean);
        memcpy(xx, in->square, (size_t)in->width * sizeof *xx);
    }
    for (int64_t i = 0; i < in->rows; i++) {
        if (!is_pair(in, p, i)) {
            continue;
        }
        const float *x = row_of(in, i);
        const double dy = p->y[i] - p->mean;
        for (int64_t c = 0; c < in->width; c++) {
            xy[c] += ((double)x[c] - mean[c]) * dy;
        }
        for (int64_t c = 0; !all && c < in->width; c++) {
            xx[c] += ((double)x[c] - mean[c]) * ((double)x[c] - mean[c]);
        }
    }
}

/* Correlation of each value with y over rows where both are there. */
static mien_status check_number(const inputs *in, const char *target, const double *y) {
    size_t width = (size_t)in->width;
    double *mean = mien_alloc(width, sizeof *mean), *xx = mien_alloc(width, sizeof *xx);
    double *xy = mien_alloc(width, sizeof *xy), best = 0;
    int64_t found = 0, first = 0;
    const pairs p = pairs_of(in, y);
    const double most = p.n >= MANY ? SAME_R_MANY : SAME_R;
    mien_status status = mean && xx && xy ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && p.n >= ROWS_MIN && p.square > 0) {
        add_products(in, &p, mean, xx, xy);
    }
    for (int64_t c = 0; status == MIEN_OK && c < in->width; c++) {
        double r = xx[c] > 0 && p.square > 0 ? xy[c] / sqrt(xx[c] * p.square) : 0;
        if (fabs(r) >= most) {
            first = found++ ? first : c;
            best = found == 1 ? r : best;
        }
    }
    if (status == MIEN_OK && found > 0) {
        status = report_target(in, target, first, found, p.n, best);
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
        if (!in->at[i] || label[i] < 0) {
            continue;
        }
        float x = row_of(in, i)[column];
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
        n += in->at[i] && label[i] >= 0;
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

/* 1 or −1 for each column. */
static void draw_signs(int64_t width, float *sign) {
    for (int64_t c = 0; c < width; c++) {
        uint64_t x = (uint64_t)c + 1;
        x *= 0x9e3779b97f4a7c15u;
        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93u;
        sign[c] = x >> 63 ? 1 : -1;
    }
}

/* 1 / SD of each value, 0 where it hardly changes; how many change. */
static int64_t scale_of(const inputs *in, double *scale) {
    int64_t changing = 0;
    for (int64_t c = 0; c < in->width; c++) {
        double sd = in->present ? sqrt(in->square[c] / (double)in->present) : 0;
        scale[c] =
            sd > 1e-6 * fabs(in->mean[c]) ? 1 / sd : 0; /* NaN among them: left out */
        changing += scale[c] > 0;
    }
    return changing;
}

/* Whether a row tells too little to be compared: one value all along, as of silence, or
 * zeros but for a few values, as of a window without a beat or of the name of a class.
 */
static bool is_silent(const inputs *in, int64_t row) {
    const float *x = row_of(in, row);
    int64_t told = 0;
    bool same = true;
    for (int64_t c = 0; c < in->width && (told < COLUMNS_MIN || same); c++) {
        told += x[c] != 0;
        same = same && x[c] == x[0];
    }
    return told < COLUMNS_MIN || same;
}

/* Sums of a row's standardised values, column c with its sign into number c mod SKETCH:
 * the square of a difference of two rows is kept in the mean over signs, and exactly
 * where there are no more columns than numbers. */
static void sum_row(const float *x, const double *mean, const double *scale,
    const float *sign, int64_t width, float *sum) {
    float part[SKETCH] = {0};
    for (int64_t c = 0; c < width; c += SKETCH) {
        int64_t n = width - c < SKETCH ? width - c : SKETCH;
        for (int64_t k = 0; k < n; k++) {
            float z = (float)(((double)x[c + k] - mean[c + k]) * scale[c + k]);
            part[k] += isfinite(z) ? z * sign[c + k] : 0;
        }
    }
    memcpy(sum, part, sizeof part);
}

static int64_t draw(const inputs *in, const double *scale, int64_t changing,
    float *sign, sketch *sketches) {
    int64_t count = 0;
    const float unit = (float)sqrt((double)SKETCH / (double)changing);
    draw_signs(in->width, sign);
    for (int64_t i = 0; i < in->rows; i++) {
        if (!in->at[i] || is_silent(in, i)) {
            continue;
        }
        sketch *s = &sketches[count++];
        s->row = i;
        sum_row(row_of(in, i), in->mean, scale, sign, in->width, s->at);
        for (int k = 0; k < SKETCH; k++) {
            s->at[k] *= unit;
        }
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
                                      (size_t)in->width * sizeof *in->at[row]) == 0;
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

/* Rows near in all numbers are near in the first one, within sqrt(SKETCH) times as
 * much.
 */
static mien_status compare_sketches(const inputs *in, sketch *s, int64_t count) {
    int64_t compared = 0;
    mien_status status = MIEN_OK;
    qsort(s, (size_t)count, sizeof *s, by_place);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        for (int64_t j = i + 1; status == MIEN_OK && j < count &&
                                (double)s[j].at[0] - (double)s[i].at[0] < 5 * NEAR_RMS;
             j++) {
            if (++compared > PAIRS_MAX) {
                return mien_findings_add(in->findings, MIEN_NOTE, "near", NULL,
                    "%s: not all rows were compared for likeness", in->column);
            }
            status = compare(in, &s[i], &s[j]);
        }
    }
    return status;
}

static mien_status check_near(const inputs *in) {
    double *scale = mien_alloc((size_t)in->width, sizeof *scale);
    sketch *sketches = mien_alloc((size_t)in->rows, sizeof *sketches);
    float *sign = mien_alloc((size_t)in->width, sizeof *sign);
    mien_status status = scale && sketches && sign ? MIEN_OK : MIEN_ENOMEM;
    int64_t changing = status == MIEN_OK ? scale_of(in, scale) : 0;
    if (changing >= COLUMNS_MIN) {
        int64_t count = draw(in, scale, changing, sign, sketches);
        status = compare_sketches(in, sketches, count);
    }
    mien_free(sign);
    mien_free(sketches);
    mien_free(scale);
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

static void measure(inputs *in) {
    for (int64_t i = 0; i < in->rows; i++) {
        in->present += in->at[i] != NULL;
        for (int64_t c = 0; in->at[i] && c < in->width; c++) {
            in->mean[c] += (double)in->at[i][c];
        }
    }
    for (int64_t c = 0; in->present > 0 && c < in->width; c++) {
        in->mean[c] /= (double)in->present;
    }
    for (int64_t i = 0; i < in->rows; i++) {
        for (int64_t c = 0; in->at[i] && c < in->width; c++) {
            double d = (double)in->at[i][c] - in->mean[c];
            in->square[c] += d * d;
        }
    }
}

static mien_status look_at(
    inputs *in, const char *const *targets, int count, bool near) {
    in->mean = mien_alloc((size_t)in->width, sizeof *in->mean);
    in->square = mien_alloc((size_t)in->width, sizeof *in->square);
    mien_status status = in->mean && in->square ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        measure(in);
        status = check_targets(in, targets, count);
    }
    if (status == MIEN_OK && near) {
        status = check_near(in);
    }
    mien_free(in->square);
    mien_free(in->mean);
    return status;
}

static bool is_too_much(int64_t rows, int64_t width) {
    return rows > VALUES_MAX / width;
}

static mien_status tell_too_much(
    const char *column, int64_t rows, int64_t width, mien_findings *findings) {
    return mien_findings_add(findings, MIEN_NOTE, "sampled", NULL,
        "%s: %" PRId64 " rows of %" PRId64
        " values are too many to be looked at for targets and likeness",
        column, rows, width);
}

mien_status mien_doctor_values(const mien_trials *trials, const char *column,
    int64_t width, const float *const *at, const mien_sides *sides,
    const char *const *targets, int targets_count, mien_findings *findings) {
    inputs in = {.trials = trials,
        .column = column,
        .sides = sides,
        .rows = mien_trials_rows(trials),
        .width = width,
        .at = at,
        .findings = findings};
    return is_too_much(in.rows, width) ? tell_too_much(column, in.rows, width, findings)
                                       : look_at(&in, targets, targets_count, true);
}

/* The places of rows [rows][width] that lie one behind the other. */
static const float **places_of(
    const float *values, const bool *present, int64_t rows, int64_t width) {
    const float **at = mien_alloc((size_t)rows, sizeof *at);
    for (int64_t i = 0; at && i < rows; i++) {
        at[i] = present[i] ? values + i * width : NULL;
    }
    return at;
}

mien_status mien_doctor_inputs(const mien_trials *trials, const char *column,
    int64_t width, mien_findings *findings) {
    const int64_t rows = mien_trials_rows(trials);
    float *values = NULL;
    bool *present = NULL;
    if (width < 1) {
        return MIEN_OK;
    }
    if (is_too_much(rows, width)) {
        return tell_too_much(column, rows, width, findings);
    }
    int64_t *all = mien_alloc((size_t)rows, sizeof *all);
    for (int64_t i = 0; all && i < rows; i++) {
        all[i] = i;
    }
    mien_status status =
        all ? mien_trials_features(trials, column + strlen(MIEN_FEATURES_PREFIX), all,
                  rows, &values, &present, &width)
            : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        const float **at = places_of(values, present, rows, width);
        status =
            at ? mien_doctor_values(trials, column, width, at, NULL, NULL, 0, findings)
               : MIEN_ENOMEM;
        mien_free((void *)at);
    } else if (status != MIEN_ENOMEM && status != MIEN_EINTERRUPTED) {
        status = MIEN_OK; /* told already */
    }
    mien_free(values);
    mien_free(present);
    mien_free(all);
    return status;
}

mien_status mien_doctor_number(const mien_trials *trials, const char *column,
    const char *const *targets, int targets_count, mien_findings *findings) {
    static const mien_sides none = {.strict = true};
    const int64_t rows = mien_trials_rows(trials);
    inputs in = {.trials = trials,
        .column = column,
        .sides = &none,
        .rows = rows,
        .width = 1,
        .findings = findings};
    float *values = mien_alloc((size_t)rows, sizeof *values);
    bool *present = mien_alloc((size_t)rows, sizeof *present);
    for (int64_t i = 0; values && present && i < rows; i++) {
        double x = 0;
        const char *cell = mien_trials_cell(trials, i, column);
        present[i] = cell && mien_parse_number(cell, &x);
        values[i] = present[i] ? (float)x : 0;
    }
    const float **at = values && present ? places_of(values, present, rows, 1) : NULL;
    in.at = at;
    mien_status status = at ? look_at(&in, targets, targets_count, false) : MIEN_ENOMEM;
    mien_free((void *)at);
    mien_free(values);
    mien_free(present);
    return status;
}
