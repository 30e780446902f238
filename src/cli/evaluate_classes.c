/* SPDX-License-Identifier: MIT */
/* Judges the classes of a run's predictions. */
#include "cli/evaluate_classes.h"

#include "cli/evaluate_labels.h"
#include "cli/figures.h"

mien_status cli_evaluate_classes(const mien_options *options, mien_pool *pool,
    const mien_table *table, const char *target, mien_table_writer **writer) {
    const mien_bootstrap_options b = cli_bootstrap_of(options);
    cli_labels l;
    mien_status status = cli_labels_read(&l, table, target, NULL, 0);
    if (status == MIEN_OK) {
        status = cli_figures_begin(
            options, 3, (const char *const[]){"value", "low", "high"}, writer);
    }
    mien_class_answers *each = mien_alloc((size_t)l.seeds, sizeof *each);
    if (status == MIEN_OK) {
        status = each ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t k = 0; status == MIEN_OK && k < l.seeds; k++) {
        each[k] = cli_labels_answers(&l, k);
    }
    for (int m = 0; status == MIEN_OK && m < mien_class_metric_count(); m++) {
        const mien_class_metric *metric = mien_class_metric_at(m);
        mien_interval i;
        status = mien_class_bootstrap_mean(
            metric, each, (int)l.seeds, l.group, &b, pool, &i);
        if (status == MIEN_OK) {
            status = cli_figures_row(*writer,
                &(cli_figures_of){target, metric->name, l.rows, l.groups}, 3,
                (const double[]){i.value, i.low, i.high});
        }
    }
    mien_free(each);
    cli_labels_clear(&l);
    return status;
}
