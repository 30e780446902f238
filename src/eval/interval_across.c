/* SPDX-License-Identifier: MIT */
/* Samples whose rows share two things, persons and stimuli, judged over both. */
#include "eval/interval_across.h"

static int64_t most(const int64_t *number, int64_t n) {
    int64_t most = -1;
    for (int64_t i = 0; i < n; i++) {
        most = number[i] > most ? number[i] : most;
    }
    return most;
}

static mien_crossed_figure *figures_of(const void *const *metrics, int count) {
    mien_crossed_figure *figures = mien_alloc((size_t)count, sizeof *figures);
    for (int f = 0; figures && f < count; f++) {
        figures[f] = (mien_crossed_figure){metrics[f], false};
    }
    return figures;
}

static mien_crossed_sample sample_of(const mien_sample *of, const mien_sample *rows) {
    return (mien_crossed_sample){.n = rows->n,
        .truth = rows->truth,
        .predictions = of->predictions,
        .count = of->count,
        .null = of->null,
        .person = rows->group,
        .stimulus = rows->across};
}

mien_status mien_intervals_across(const mien_metric *const *metrics, int count,
    const mien_sample *a, const mien_sample *b, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals) {
    mien_crossed_figure *figures =
        figures_of((const void *const *)(const void *)metrics, count);
    const mien_crossed_sample first = sample_of(a, a);
    const mien_crossed_sample second = b ? sample_of(b, a) : first;
    mien_status status = figures
                             ? mien_crossed_intervals(figures, count, &first,
                                   b ? &second : NULL, most(a->group, a->n) + 1,
                                   most(a->across, a->n) + 1, options, pool, intervals)
                             : MIEN_ENOMEM;
    mien_free(figures);
    return status;
}

mien_status mien_class_intervals_across(const mien_class_metric *const *metrics,
    int count, const mien_class_sample *a, const mien_class_sample *b,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals) {
    int64_t n = a->count ? a->answers->n : 0;
    mien_crossed_figure *figures =
        figures_of((const void *const *)(const void *)metrics, count);
    const mien_crossed_class_sample first = {a->answers, a->count, a->group, a->across};
    const mien_crossed_class_sample second = {
        b ? b->answers : NULL, b ? b->count : 0, a->group, a->across};
    mien_status status = figures ? mien_crossed_class_intervals(figures, count, &first,
                                       b ? &second : NULL, most(a->group, n) + 1,
                                       most(a->across, n) + 1, options, pool, intervals)
                                 : MIEN_ENOMEM;
    mien_free(figures);
    return status;
}
