/* SPDX-License-Identifier: MIT */
/* Tree-structured Parzen estimator: draws where good points were denser than others.
 *
 * The first points are drawn evenly. Then the best share of those that are judged is
 * told from the rest, each axis gets a density of either (of a range a mixture of
 * normal densities around its points and an even one, of a list smoothed counts), some
 * candidates are drawn from the density of the good, and the one with the largest ratio
 * of both is next. An axis that hangs on another learns from points where it counted.
 *
 * Source: Bergstra, Bardenet, Bengio & Kégl, Algorithms for hyper-parameter
 * optimization, NeurIPS 2011. */
#include "train/search/strategy.h"

#include <math.h>

static const mien_option options[] = {{.name = "points",
                                          .type = MIEN_OPTION_INT,
                                          .initial = "50",
                                          .minimum = 1,
                                          .maximum = MIEN_SEARCH_POINTS_MAX,
                                          .help = "How many points are drawn"},
    {.name = "startup",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 1,
        .maximum = MIEN_SEARCH_POINTS_MAX,
        .help = "Points that are drawn evenly first"},
    {.name = "gamma",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.25",
        .minimum = 0.01,
        .maximum = 0.9,
        .help = "Share of the points that counts as good"},
    {.name = "candidates",
        .type = MIEN_OPTION_INT,
        .initial = "6",
        .minimum = 1,
        .maximum = 10000,
        .help = "Drawn from the good, of which the most promising is taken"},
    {0}};

/* The narrowest a normal density around a point gets, of a range of 1. */
#define NARROWEST 0.02

/* A density over places from 0 to 1: normal ones around points, cut at both ends, and
 * an even one of the weight of one point. */
typedef struct density {
    int64_t n;
    double *centre, *width; /* [n] */
} density;

static double normal_below(double x) {
    return 0.5 * erfc(-x * 0.70710678118654752440);
}

/* All are as wide as Scott's rule has it for the points and both ends of the range, so
 * that gaps between a few points are not taken for news. */
static void density_widths(density *d) {
    double n = (double)d->n + 2, mean = 1 / n, square = 1;
    for (int64_t i = 0; i < d->n; i++) {
        mean += d->centre[i] / n;
        square += d->centre[i] * d->centre[i];
    }
    double spread = sqrt(fmax(square / n - mean * mean, 0));
    for (int64_t i = 0; i < d->n; i++) {
        d->width[i] = fmax(1.06 * spread * pow(n, -0.2), NARROWEST);
    }
}

static double density_at(const density *d, double x) {
    double sum = 1; /* the even one */
    for (int64_t i = 0; i < d->n; i++) {
        double c = d->centre[i], w = d->width[i], z = (x - c) / w;
        double inside = normal_below((1 - c) / w) - normal_below(-c / w);
        sum += exp(-0.5 * z * z) / (w * 2.50662827463100050242 * inside);
    }
    return sum / (double)(d->n + 1);
}

static double density_draw(const density *d, mien_random *random) {
    int64_t of = (int64_t)mien_random_interval(random, (uint64_t)d->n);
    if (of == d->n) {
        return mien_random_uniform(random);
    }
    for (int i = 0; i < 64; i++) {
        double x = d->centre[of] + d->width[of] * mien_random_normal(random);
        if (x >= 0 && x <= 1) {
            return x;
        }
    }
    return d->centre[of];
}

/* ---- good and others ------------------------------------------------------------- */

typedef struct model {
    const mien_search_setup *setup;
    const mien_search_past *past;
    int64_t n;
    bool *good;    /* [n] */
    density of[2]; /* others, good */
} model;

/* What failed is among the others: it says where not to look. */
static void tell_good(model *m) {
    int64_t judged = 0;
    for (int64_t i = 0; i < m->n; i++) {
        judged += isfinite(m->past[i].score);
    }
    double gamma = mien_options_number(m->setup->options, "gamma");
    int64_t wanted = (int64_t)ceil(gamma * (double)judged);
    for (int64_t i = 0; i < m->n; i++) {
        double own = m->past[i].score;
        int64_t better = 0;
        for (int64_t k = 0; isfinite(own) && k < m->n; k++) {
            double other = m->past[k].score;
            better += isfinite(other) && (other > own || (!(other < own) && k < i));
        }
        m->good[i] = isfinite(own) && better < wanted;
    }
}

static double choose_range(model *m, int a, mien_random *random) {
    const mien_axis *axis = &m->setup->space->axis[a];
    int64_t candidates = mien_options_int(m->setup->options, "candidates");
    double best = -1, chosen = 0;
    m->of[0].n = m->of[1].n = 0;
    for (int64_t i = 0; i < m->n; i++) {
        if (isfinite(m->past[i].at[a])) {
            density *d = &m->of[m->good[i]];
            d->centre[d->n++] = mien_axis_place(axis, m->past[i].at[a]);
        }
    }
    density_widths(&m->of[0]);
    density_widths(&m->of[1]);
    for (int64_t i = 0; i < candidates; i++) {
        double x = density_draw(&m->of[1], random);
        double ratio = density_at(&m->of[1], x) / density_at(&m->of[0], x);
        if (ratio > best) {
            best = ratio;
            chosen = x;
        }
    }
    return mien_axis_value(axis, chosen);
}

/* A value drawn by the smoothed counts of the good. */
static int draw_value(const double *share, int values, mien_random *random) {
    double u = mien_random_uniform(random);
    for (int v = 0; v + 1 < values; v++) {
        u -= share[v];
        if (u < 0) {
            return v;
        }
    }
    return values - 1;
}

/* Of a list one value is drawn by how often it was among the good: taking the largest
 * ratio would leave a list at the first value that did well. */
static double choose_value(model *m, int a, mien_random *random) {
    const mien_axis *axis = &m->setup->space->axis[a];
    double share[MIEN_AXIS_VALUES_MAX], sum = 1;
    for (int v = 0; v < axis->values; v++) {
        share[v] = 1.0 / axis->values;
    }
    for (int64_t i = 0; i < m->n; i++) {
        if (m->good[i] && isfinite(m->past[i].at[a])) {
            share[(int)m->past[i].at[a]]++;
            sum++;
        }
    }
    for (int v = 0; v < axis->values; v++) {
        share[v] /= sum;
    }
    return draw_value(share, axis->values, random);
}

static bool model_init(model *m) {
    size_t n = (size_t)m->n;
    m->good = mien_alloc(n, sizeof *m->good);
    bool made = m->good != NULL;
    for (int g = 0; g < 2; g++) {
        m->of[g].centre = mien_alloc(n, sizeof *m->of[g].centre);
        m->of[g].width = mien_alloc(n, sizeof *m->of[g].width);
        made = made && m->of[g].centre && m->of[g].width;
    }
    return made;
}

static void model_clear(model *m) {
    for (int g = 0; g < 2; g++) {
        mien_free(m->of[g].centre);
        mien_free(m->of[g].width);
    }
    mien_free(m->good);
}

static mien_status count(const mien_search_setup *setup, int64_t *points) {
    *points = mien_options_int(setup->options, "points");
    return MIEN_OK;
}

static mien_status next(const mien_search_setup *setup, const mien_search_past *past,
    int64_t n, mien_search_point *point) {
    const mien_space *s = setup->space;
    mien_random random = mien_search_random(setup->seed, (uint64_t)n);
    model m = {.setup = setup, .past = past, .n = n};
    point->budget = 1;
    if (n < mien_options_int(setup->options, "startup")) {
        mien_search_draw(s, &random, point->at);
        return MIEN_OK;
    }
    mien_status status = model_init(&m) ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        tell_good(&m);
    }
    for (int a = 0; status == MIEN_OK && a < s->axes; a++) {
        point->at[a] = !mien_space_active(s, a, point->at) ? (double)NAN
                       : s->axis[a].values ? choose_value(&m, a, &random)
                                           : choose_range(&m, a, &random);
    }
    model_clear(&m);
    return status;
}

const mien_search_strategy mien_strategy_tpe = {
    .name = "tpe",
    .summary = "Tree-structured Parzen estimator: where good points were dense",
    .options = options,
    .count = count,
    .next = next,
};
