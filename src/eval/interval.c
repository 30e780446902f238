/* SPDX-License-Identifier: MIT */
/* Two ways to an interval: leave each group out and see how far the figure moves, or
 * draw groups with replacement. interval_pairs.c and interval_classes.c say what a
 * figure is of the groups that count; both ways ask for all figures of a draw at once.
 */
#include "eval/interval.h"
#include "eval/student.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

mien_interval_options mien_interval_options_default(void) {
    return (mien_interval_options){
        .rule = MIEN_INTERVAL_JACKKNIFE, .repeats = 2000, .level = 0.95, .seed = 1};
}

/* ---- scales -------------------------------------------------------------------- */

double mien_scale_to(mien_scale scale, double x) {
    switch (scale) {
    case MIEN_SCALE_CORRELATION:
        return atanh(x);
    case MIEN_SCALE_ERROR:
        return log(x);
    case MIEN_SCALE_EXPLAINED:
        return -log(1 - x);
    case MIEN_SCALE_BRIER:
        x /= 2;
        /* fall through */
    case MIEN_SCALE_SHARE:
        return asin(sqrt(fmin(1, fmax(0, x))));
    case MIEN_SCALE_PLAIN:
    default:
        return x;
    }
}

double mien_scale_from(mien_scale scale, double y) {
    const double right = asin(1);
    switch (scale) {
    case MIEN_SCALE_CORRELATION:
        return tanh(y);
    case MIEN_SCALE_ERROR:
        return exp(y);
    case MIEN_SCALE_EXPLAINED:
        return 1 - exp(-y);
    case MIEN_SCALE_BRIER:
    case MIEN_SCALE_SHARE:
        y = sin(fmin(right, fmax(0, y)));
        return scale == MIEN_SCALE_BRIER ? 2 * y * y : y * y;
    case MIEN_SCALE_PLAIN:
    default:
        return y;
    }
}

/* ---- resamples ----------------------------------------------------------------- */

typedef struct resampling {
    const mien_statistic *of;
    const mien_interval_options *options;
    double *sample;  /* [resamples, figures] */
    uint32_t *times; /* [workers, groups] */
    char *room;      /* [workers][of->room] */
} resampling;

static void resampling_clear(resampling *r) {
    mien_free(r->sample);
    mien_free(r->times);
    mien_free(r->room);
}

static mien_status resampling_init(resampling *r, const mien_statistic *of,
    const mien_interval_options *o, const mien_thread_pool *pool, int64_t resamples) {
    size_t workers = pool ? (size_t)mien_thread_pool_threads(pool) : 1;
    bool draws = o->rule == MIEN_INTERVAL_BOOTSTRAP;
    size_t groups = draws ? (size_t)of->groups : 1;
    *r = (resampling){.of = of,
        .options = o,
        .sample =
            mien_alloc((size_t)resamples * (size_t)of->figures, sizeof *r->sample),
        .times = mien_alloc(workers * groups, sizeof *r->times),
        .room = mien_alloc(workers, of->room)};
    return r->sample && r->times && r->room ? MIEN_OK : MIEN_ENOMEM;
}

/* Each repeat has a random stream of its own, so threads do not matter. */
static mien_status draw(void *context, int64_t repeat, int worker) {
    resampling *r = context;
    int64_t groups = r->of->groups;
    uint32_t *times = r->times + worker * groups;
    mien_stream stream;
    memset(times, 0, (size_t)groups * sizeof *times);
    mien_stream_init(&stream, r->options->seed, (uint64_t)repeat, 0);
    for (int64_t k = 0; k < groups; k++) {
        times[(int64_t)(mien_stream_uniform(&stream) * (double)groups)]++;
    }
    r->of->compute(r->of->context, &(mien_draw){.times = times, .without = -1},
        r->room + (size_t)worker * r->of->room, r->sample + repeat * r->of->figures);
    return MIEN_OK;
}

static mien_status leave_out(void *context, int64_t group, int worker) {
    resampling *r = context;
    r->of->compute(r->of->context, &(mien_draw){.without = group},
        r->room + (size_t)worker * r->of->room, r->sample + group * r->of->figures);
    return MIEN_OK;
}

/* One figure's values of all resamples in which it is defined. */
static int64_t defined_of(
    const resampling *r, int figure, int64_t resamples, double *values) {
    int64_t n = 0;
    for (int64_t i = 0; i < resamples; i++) {
        double x = r->sample[i * r->of->figures + figure];
        if (isfinite(x)) {
            values[n++] = x;
        }
    }
    return n;
}

/* ---- bootstrap ----------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics (NumPy's default quantile). */
static double quantile(const double *sorted, int64_t n, double q) {
    double position = q * (double)(n - 1);
    int64_t below = (int64_t)floor(position);
    int64_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (position - (double)below) * (sorted[above] - sorted[below]);
}

void mien_percentiles(double *values, int64_t n, double level, mien_interval *i) {
    qsort(values, (size_t)n, sizeof *values, ascending);
    if (n > 0) {
        i->low = quantile(values, n, (1 - level) / 2);
        i->high = quantile(values, n, 1 - (1 - level) / 2);
    }
}

/* ---- jackknife ----------------------------------------------------------------- */

/* How the influences of groups on a figure are spread. */
typedef struct influence {
    double error;             /* standard error of the figure */
    double skewness, freedom; /* of the influences; degrees of freedom of the error */
} influence;

/* values [n] on the scale: the figure with each group left out. A few groups that weigh
 * much make the error itself uncertain: its degrees of freedom follow from the
 * influences' kurtosis (Satterthwaite), at most n − 1. Skewness and kurtosis are those
 * of samples (Fisher's k-statistics). */
static influence influence_of(const double *values, int64_t n) {
    double mean = 0, two = 0, three = 0, four = 0, g = (double)n;
    for (int64_t k = 0; k < n; k++) {
        mean += values[k] / g;
    }
    for (int64_t k = 0; k < n; k++) {
        double u = (mean - values[k]) * (g - 1);
        two += u * u / g;
        three += u * u * u / g;
        four += u * u * u * u / g;
    }
    influence i = {.error = sqrt(two / (g - 1)), .freedom = g - 1};
    if (n > 3 && two > 0) {
        double excess =
            (g - 1) / ((g - 2) * (g - 3)) * ((g + 1) * (four / (two * two) - 3) + 6);
        double freedom = 2 * g / (excess + 2 * g / (g - 1));
        i.skewness = three / (two * sqrt(two)) * sqrt(g * (g - 1)) / (g - 2);
        i.freedom = freedom > 0 ? fmin(g - 1, fmax(1.5, freedom)) : g - 1;
    }
    return i;
}

/* The studentised figure's quantile where Student's t has t: Hall's (1992) cubic takes
 * out what skewness does to it. */
static double unskewed(double t, double skewness, int64_t n) {
    double a = skewness / sqrt((double)n), z = t - a / 6;
    return fabs(a) < 1e-9 ? z : 3 / a * (cbrt(1 + a * z) - 1);
}

/* The plain scale where a figure lies at its scale's end. */
mien_scale mien_scale_usable(
    mien_scale scale, double value, const double *values, int64_t n) {
    bool good = isfinite(mien_scale_to(scale, value));
    for (int64_t k = 0; good && k < n; k++) {
        good = isfinite(mien_scale_to(scale, values[k]));
    }
    return good ? scale : MIEN_SCALE_PLAIN;
}

/* Student's t at which the interval's bound on the side of `to` just reaches it. */
static double touching(double centre, double to, const influence *i, int64_t n) {
    double a = i->skewness / sqrt((double)n), u = (centre - to) / i->error;
    double z = fabs(a) < 1e-9 ? u : (pow(a * u / 3 + 1, 3) - 1) / a;
    return fmax(0, u > 0 ? z + a / 6 : -(z + a / 6));
}

/* p: of the figure against 0; NULL: not asked for. */
static void students(mien_scale scale, double *values, int64_t n, double level,
    mien_interval *interval, double *p) {
    if (n < 2) {
        return;
    }
    scale = mien_scale_usable(scale, interval->value, values, n);
    for (int64_t k = 0; k < n; k++) {
        values[k] = mien_scale_to(scale, values[k]);
    }
    influence i = influence_of(values, n);
    if (scale == MIEN_SCALE_ERROR) {
        /* The mean of few errors, skewed as they are, is mostly too small where its own
         * standard error is too. */
        i.error *= sqrt((double)n / (double)(n - 1));
    }
    double centre = mien_scale_to(scale, interval->value);
    double t = mien_student_two_sided(1 - level, i.freedom);
    if (i.error > 1e-14 * fabs(centre)) {
        interval->low =
            mien_scale_from(scale, centre - i.error * unskewed(t, i.skewness, n));
        interval->high =
            mien_scale_from(scale, centre - i.error * unskewed(-t, i.skewness, n));
    } else {
        interval->low = interval->high = interval->value;
    }
    double zero = mien_scale_to(scale, 0);
    if (p && isfinite(zero)) {
        *p = i.error > 1e-14 * fabs(centre)
                 ? mien_student_tails(touching(centre, zero, &i, n), i.freedom)
                 : interval->value == 0;
    }
}

double mien_share_beyond(const double *values, int64_t n) {
    double below = 1, above = 1;
    for (int64_t k = 0; k < n; k++) {
        below += values[k] <= 0;
        above += values[k] >= 0;
    }
    return n > 1 ? fmin(1, 2 * fmin(below, above) / (double)(n + 1)) : (double)NAN;
}

/* ---- both ---------------------------------------------------------------------- */

mien_status mien_interval_options_check(const mien_interval_options *o) {
    if (o->repeats < 1 || !(o->level > 0 && o->level < 1)) {
        return mien_fail(MIEN_EINVAL,
            "intervals: %d repeats, level %g: at least 1 repeat and a level between 0 "
            "and 1 are needed",
            o->repeats, o->level);
    }
    return MIEN_OK;
}

static mien_status resample(resampling *r, mien_thread_pool *pool, int64_t resamples,
    mien_interval *intervals) {
    const mien_statistic *of = r->of;
    bool draws = r->options->rule == MIEN_INTERVAL_BOOTSTRAP;
    double *values = mien_alloc((size_t)resamples, sizeof *values);
    mien_status status = values ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_thread_pool_run(pool, resamples, draws ? draw : leave_out, r);
    }
    for (int f = 0; status == MIEN_OK && f < of->figures; f++) {
        double *p = r->options->p ? &r->options->p[f] : NULL;
        if (!isfinite(intervals[f].value)) {
            continue;
        }
        int64_t n = defined_of(r, f, resamples, values);
        if (draws) {
            mien_percentiles(values, n, r->options->level, &intervals[f]);
        } else {
            students(of->scale[f], values, n, r->options->level, &intervals[f], p);
        }
        if (draws && p) {
            *p = mien_share_beyond(values, n);
        }
    }
    mien_free(values);
    return status;
}

mien_status mien_statistic_intervals(const mien_statistic *statistic,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals) {
    mien_interval_options o = options ? *options : mien_interval_options_default();
    int64_t resamples =
        o.rule == MIEN_INTERVAL_BOOTSTRAP ? o.repeats : statistic->groups;
    resampling r = {0};
    bool any = false;
    mien_status status = mien_interval_options_check(&o);
    if (status == MIEN_OK) {
        status = resampling_init(&r, statistic, &o, pool, resamples);
    }
    if (status == MIEN_OK) {
        statistic->compute(
            statistic->context, &(mien_draw){.without = -1}, r.room, r.sample);
        for (int f = 0; f < statistic->figures; f++) {
            intervals[f] = (mien_interval){r.sample[f], (double)NAN, (double)NAN};
            any = any || isfinite(r.sample[f]);
        }
        for (int f = 0; o.p && f < statistic->figures; f++) {
            o.p[f] = (double)NAN;
        }
    }
    if (status == MIEN_OK && any && statistic->groups > 1) {
        status = resample(&r, pool, resamples, intervals);
    }
    resampling_clear(&r);
    return status;
}
