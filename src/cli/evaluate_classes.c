/* SPDX-License-Identifier: MIT */
/* Judges predicted classes. */
#include "cli/evaluate_classes.h"

#include "cli/figures.h"

enum { METRICS_MAX = 32 };

const mien_class_metric *const *cli_class_metrics(int *count) {
    static const mien_class_metric *metrics[METRICS_MAX];
    *count = mien_class_metric_count();
    for (int i = 0; i < *count && i < METRICS_MAX; i++) {
        metrics[i] = mien_class_metric_at(i);
    }
    return metrics;
}

mien_status cli_labels_write(const mien_options *options, mien_thread_pool *pool,
    mien_table_writer **writer, const char *target, const cli_labels *labels) {
    const cli_labels *l = labels;
    const mien_interval_options o = cli_intervals_of(options);
    mien_interval intervals[METRICS_MAX];
    int count;
    const mien_class_metric *const *metrics = cli_class_metrics(&count);
    mien_class_answers *each = mien_alloc((size_t)l->seeds, sizeof *each);
    const mien_class_sample sample = {each, (int)l->seeds, l->group, l->across};
    mien_status status = each ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t k = 0; status == MIEN_OK && k < l->seeds; k++) {
        each[k] = cli_labels_answers(l, k);
    }
    if (status == MIEN_OK) {
        status =
            mien_class_intervals(metrics, count, &sample, NULL, &o, pool, intervals);
    }
    for (int m = 0; status == MIEN_OK && m < count; m++) {
        const cli_figures_of of = {target, metrics[m]->name, l->rows, l->groups};
        status = cli_figures_interval(options, writer, &of, &intervals[m]);
    }
    mien_free(each);
    return status;
}
