/* SPDX-License-Identifier: MIT */
/* Intervals of figures over persons and stimuli at once. In: rows that say who saw
 * what, with their moments or counts (crossed_sums.c); out: figures, pooled or within
 * persons, with a two-way jackknife or bootstrap. Called by the scores of crossed
 * studies (train/scores/scores_crossed.c).
 *
 * All figures are functions of sums over rows. Rows of one person in front of one
 * stimulus are one unit; units are sorted by person, so that a resample, which weighs
 * each unit by person and by stimulus, adds them up person by person. */
#include <math.h>
#include <string.h>

#include "eval/crossed.h"
#include "eval/interval.h"
#include "eval/student.h"

/* ---- figures of a resample ------------------------------------------------------- */

/* The weights of persons and stimuli in a resample, or the one of either that is
 * left out. */
typedef struct draw {
    const uint32_t *person, *stimulus; /* NULL: each once, but for: */
    int64_t no_person, no_stimulus;    /* -1: none */
} draw;

/* Room of one resample: sums of all and of a person, and of every figure within. */
typedef struct room {
    double *all, *one, *values, *within, *weight; /* width, width, figures … */
} room;

static size_t room_doubles(const mien_crossed *c) {
    return 2 * (size_t)c->width + 3 * (size_t)c->figures;
}

static room room_of(const mien_crossed *c, double *at) {
    return (room){at, at + c->width, at + 2 * c->width, at + 2 * c->width + c->figures,
        at + 2 * c->width + 2 * c->figures};
}

static void add(double *to, const double *from, double times, int width) {
    for (int i = 0; i < width; i++) {
        to[i] += times * from[i];
    }
}

static double weight_of(const uint32_t *times, int64_t without, int64_t index) {
    return times ? (double)times[index] : index != without;
}

/* A person's figures, and what they add to the mean over persons. */
static void add_within(const mien_crossed *c, int k, room *r, double times) {
    mien_crossed_values(c, k, r->one, r->values);
    for (int f = 0; f < c->figures; f++) {
        if (c->figure[f].within && isfinite(r->values[f])) {
            r->within[f] += times * r->values[f];
            r->weight[f] += times;
        }
    }
}

/* Figures of one answer: pooled of all sums, within as the mean over persons. */
static void answer(const mien_crossed *c, int k, room *r, double *figures) {
    mien_crossed_values(c, k, r->all, r->values);
    for (int f = 0; f < c->figures; f++) {
        figures[f] = !c->figure[f].within ? r->values[f]
                     : r->weight[f] > 0   ? r->within[f] / r->weight[f]
                                          : (double)NAN;
    }
}

static void compute_one(
    const mien_crossed *c, int k, const draw *d, room *r, double *figures) {
    memset(r->all, 0, room_doubles(c) * sizeof *r->all);
    for (int64_t p = 0; p < c->persons; p++) {
        double times = weight_of(d->person, d->no_person, p), rows = 0;
        if (times == 0) {
            continue;
        }
        memset(r->one, 0, (size_t)c->width * sizeof *r->one);
        for (int64_t u = c->first[p]; u < c->first[p + 1]; u++) {
            double w = weight_of(d->stimulus, d->no_stimulus, c->stimulus[u]);
            if (w != 0) {
                add(r->one, mien_crossed_unit(c, k, u), w, c->width);
                rows += w;
            }
        }
        if (rows > 0) {
            add(r->all, r->one, times, c->width);
            if (c->any_within) {
                add_within(c, k, r, times);
            }
        }
    }
    answer(c, k, r, figures);
}

/* Mean over the seeds of a, less that of b. */
static void compute(const mien_crossed *c, const draw *d, double *at, double *figures) {
    room r = room_of(c, at);
    double *one = at + room_doubles(c);
    memset(figures, 0, (size_t)c->figures * sizeof *figures);
    for (int k = 0; k < c->answers; k++) {
        compute_one(c, k, d, &r, one);
        add(figures, one, mien_crossed_weight(c, k), c->figures);
    }
}

/* ---- resamples ------------------------------------------------------------------- */

typedef struct resampling {
    const mien_crossed *of;
    uint64_t seed;
    size_t doubles;  /* of a worker's room */
    double *rooms;   /* [workers][doubles] */
    uint32_t *times; /* [workers][persons + stimuli] */
    double *sample;  /* [resamples, figures] */
    bool bootstrap;
} resampling;

static void resampling_clear(resampling *r) {
    mien_free(r->rooms);
    mien_free(r->times);
    mien_free(r->sample);
}

static mien_status resampling_init(resampling *r, const mien_crossed *of,
    const mien_interval_options *o, const mien_thread_pool *pool, int64_t resamples) {
    size_t workers = pool ? (size_t)mien_thread_pool_threads(pool) : 1;
    *r = (resampling){.of = of,
        .seed = o->seed,
        .doubles = room_doubles(of) + (size_t)of->figures,
        .bootstrap = o->rule == MIEN_INTERVAL_BOOTSTRAP};
    r->rooms = mien_alloc(workers * r->doubles, sizeof *r->rooms);
    r->times =
        mien_alloc(workers * (size_t)(of->persons + of->stimuli), sizeof *r->times);
    r->sample = mien_alloc((size_t)resamples * (size_t)of->figures, sizeof *r->sample);
    return r->rooms && r->times && r->sample ? MIEN_OK : MIEN_ENOMEM;
}

static void draw_times(mien_stream *stream, int64_t n, uint32_t *times) {
    memset(times, 0, (size_t)n * sizeof *times);
    for (int64_t k = 0; k < n; k++) {
        times[(int64_t)(mien_stream_uniform(stream) * (double)n)]++;
    }
}

/* Makes resample `index`: a repeat of the bootstrap; of the jackknife a person or,
 * after these, a stimulus left out. */
static mien_status resample(void *context, int64_t index, int worker) {
    resampling *r = context;
    const mien_crossed *c = r->of;
    uint32_t *times = r->times + worker * (c->persons + c->stimuli);
    draw d = {.no_person = -1, .no_stimulus = -1};
    if (r->bootstrap) {
        mien_stream stream;
        mien_stream_init(&stream, r->seed, (uint64_t)index, 1);
        draw_times(&stream, c->persons, times);
        draw_times(&stream, c->stimuli, times + c->persons);
        d.person = times;
        d.stimulus = times + c->persons;
    } else if (index < c->persons) {
        d.no_person = index;
    } else {
        d.no_stimulus = index - c->persons;
    }
    compute(
        c, &d, r->rooms + (size_t)worker * r->doubles, r->sample + index * c->figures);
    return MIEN_OK;
}

/* ---- intervals ------------------------------------------------------------------- */

/* Jackknife variance of one figure on its scale; 0 with fewer than two values. values:
 * room for n. */
static double variance(const double *sample, int64_t n, int figures, int f,
    mien_scale scale, double *values) {
    int64_t count = 0;
    double mean = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double y = mien_scale_to(scale, sample[i * figures + f]);
        if (isfinite(y)) {
            values[count++] = y;
            mean += y;
        }
    }
    mean /= (double)count;
    for (int64_t i = 0; i < count; i++) {
        sum += (values[i] - mean) * (values[i] - mean);
    }
    return count > 1 ? sum * (double)(count - 1) / (double)count : 0;
}

/* p of a figure against 0; NaN where 0 is the end of its scale. */
static double p_of(
    mien_scale scale, double value, double centre, double error, double freedom) {
    double zero = mien_scale_to(scale, 0);
    return !isfinite(zero) ? (double)NAN
           : error > 1e-14 * fabs(centre)
               ? mien_student_tails(fabs(centre - zero) / error, freedom)
               : value == 0;
}

/* The variances over persons and over stimuli are added. What both hold of single pairs
 * is not taken off once, as Cameron, Gelbach & Miller (2011) do: where nothing but
 * pairs varies that is too much, but predictions of crossed fits share rows that were
 * learnt from, and with it taken off the errors were too small (docs/numerics.md). */
static void jackknife(const mien_crossed *c, const double *sample,
    const mien_interval_options *o, double *values, mien_interval *intervals) {
    int64_t members = c->persons < c->stimuli ? c->persons : c->stimuli;
    double freedom = (double)members - 1;
    double t = mien_student_two_sided(1 - o->level, freedom);
    for (int f = 0; f < c->figures; f++) {
        mien_interval *i = &intervals[f];
        if (!isfinite(i->value)) {
            continue;
        }
        mien_scale scale = mien_scale_usable(c->scale[f], i->value, values, 0);
        double person = variance(sample, c->persons, c->figures, f, scale, values);
        double stimulus = variance(
            sample + c->persons * c->figures, c->stimuli, c->figures, f, scale, values);
        double error = sqrt(person + stimulus);
        double centre = mien_scale_to(scale, i->value);
        i->low = mien_scale_from(scale, centre - t * error);
        i->high = mien_scale_from(scale, centre + t * error);
        if (o->p) {
            o->p[f] = p_of(scale, i->value, centre, error, freedom);
        }
    }
}

static void bootstrap(const mien_crossed *c, const double *sample, int64_t repeats,
    const mien_interval_options *o, double *values, mien_interval *intervals) {
    for (int f = 0; f < c->figures; f++) {
        int64_t n = 0;
        for (int64_t i = 0; i < repeats; i++) {
            double x = sample[i * c->figures + f];
            if (isfinite(x)) {
                values[n++] = x;
            }
        }
        if (isfinite(intervals[f].value)) {
            mien_percentiles(values, n, o->level, &intervals[f]);
        }
        if (o->p && isfinite(intervals[f].value)) {
            o->p[f] = mien_share_beyond(values, n);
        }
    }
}

mien_status mien_crossed_resample(const mien_crossed *crossed,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals) {
    const mien_crossed *c = crossed;
    mien_interval_options o = options ? *options : mien_interval_options_default();
    bool draws = o.rule == MIEN_INTERVAL_BOOTSTRAP;
    int64_t resamples = draws ? o.repeats : c->persons + c->stimuli;
    resampling r = {0};
    double *values = NULL;
    mien_status status = mien_interval_options_check(&o);
    if (status == MIEN_OK) {
        status = resampling_init(&r, c, &o, pool, resamples);
    }
    if (status == MIEN_OK) {
        const draw all = {.no_person = -1, .no_stimulus = -1};
        compute(c, &all, r.rooms, r.sample);
        for (int f = 0; f < c->figures; f++) {
            intervals[f] = (mien_interval){r.sample[f], (double)NAN, (double)NAN};
        }
        for (int f = 0; o.p && f < c->figures; f++) {
            o.p[f] = (double)NAN;
        }
    }
    if (status == MIEN_OK && c->persons > 1 && c->stimuli > 1) {
        values = mien_alloc((size_t)resamples, sizeof *values);
        status =
            values ? mien_thread_pool_run(pool, resamples, resample, &r) : MIEN_ENOMEM;
        if (status == MIEN_OK && draws) {
            bootstrap(c, r.sample, resamples, &o, values, intervals);
        } else if (status == MIEN_OK) {
            jackknife(c, r.sample, &o, values, intervals);
        }
    }
    mien_free(values);
    resampling_clear(&r);
    return status;
}
