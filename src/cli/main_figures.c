/* SPDX-License-Identifier: MIT */
/* The closing lines of a training: its main figures beside those of its baseline. */
#include "cli/command.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char cell[64];

/* "0.61 [0.52, 0.68]"; "n/a" where it is not defined. */
static const char *interval_text(const mien_value *map, cell text) {
    double value = mien_value_number(mien_value_get(map, "value"), (double)NAN);
    double low = mien_value_number(mien_value_get(map, "low"), (double)NAN);
    double high = mien_value_number(mien_value_get(map, "high"), (double)NAN);
    if (!isfinite(value)) {
        snprintf(text, sizeof(cell), "n/a");
    } else if (isfinite(low) && isfinite(high)) {
        snprintf(text, sizeof(cell), "%.3f [%.3f, %.3f]", value, low, high);
    } else {
        snprintf(text, sizeof(cell), "%.3f", value);
    }
    return text;
}

static const mien_value *metric_of(const mien_value *metrics, const char *name) {
    for (int64_t i = 0; i < mien_value_count(metrics); i++) {
        const mien_value *one = mien_value_at(metrics, i);
        const char *text = mien_value_text(mien_value_get(one, "name"));
        if (text && strcmp(text, name) == 0) {
            return one;
        }
    }
    return NULL;
}

/* The main one of the metrics that the baseline has too; r of a constant answer is
 * not defined. */
static const mien_value *main_metric(const mien_value *metrics) {
    static const char *const names[] = {"rmse", "mae", "mse", "macro_f1", "accuracy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const mien_value *one = metric_of(metrics, names[i]);
        const mien_value *baseline = mien_value_get(one, "baseline");
        if (isfinite(
                mien_value_number(mien_value_get(baseline, "value"), (double)NAN))) {
            return one;
        }
    }
    return NULL;
}

static const char *title_of(const mien_value *metric) {
    const char *title = mien_value_text(mien_value_get(metric, "title"));
    return title ? title : "";
}

static void say_target(cli *c, const mien_value *target) {
    const mien_value *metrics = mien_value_get(target, "metrics");
    const mien_value *r = metric_of(metrics, "r"), *main = main_metric(metrics);
    const char *name = mien_value_text(mien_value_get(target, "name"));
    bool classes = mien_value_get(target, "classes") != NULL;
    cell first, second, baseline;
    mien_string line;
    mien_string_init(&line);
    mien_string_addf(&line, "  %s:", name ? name : "");
    if (r) {
        bool defined =
            isfinite(mien_value_number(mien_value_get(r, "value"), (double)NAN));
        mien_string_addf(&line, " %s %s%s", title_of(r), interval_text(r, first),
            defined ? ""
                    : " (not defined: fewer than two held-out rows, or ratings or "
                      "predictions that are all the same)");
    }
    if (main) {
        mien_string_addf(&line, "%s %s %s, of always %s %s", r ? ";" : "",
            title_of(main), interval_text(main, second),
            classes ? "the most frequent class" : "the mean",
            interval_text(mien_value_get(main, "baseline"), baseline));
    }
    if (r || main) {
        cli_say(c, "%s", line.text);
    }
    mien_string_clear(&line);
}

/* Prints the figures for people: a person known from the fewest and from the most
 * own trials. */
static void say_point(cli *c, const mien_value *point) {
    const char *form = mien_value_text(mien_value_get(point, "form"));
    const mien_value *r = mien_value_get(point, "r"),
                     *e = mien_value_get(point, "rmse");
    const mien_value *gain = mien_value_get(point, "gain");
    cli_say(c, "  %-10s %3lld own trials: r %.3f, RMSE %.3f, %.3f less than the norm",
        form ? form : "", (long long)mien_value_int(mien_value_get(point, "own"), 0),
        mien_value_number(mien_value_get(r, "mean"), (double)NAN),
        mien_value_number(mien_value_get(e, "mean"), (double)NAN),
        mien_value_number(mien_value_get(gain, "mean"), (double)NAN));
}

/* One figure over several assignments of the folds. */
static void say_deals(cli *c, const mien_value *target) {
    const mien_value *metrics = mien_value_get(target, "metrics");
    const mien_value *one = metric_of(metrics, "r");
    one = one ? one : metric_of(metrics, "accuracy");
    const char *name = mien_value_text(mien_value_get(target, "name"));
    const char *figure = mien_value_text(mien_value_get(one, "name"));
    const mien_value *values = mien_value_get(one, "values");
    mien_string line;
    mien_string_init(&line);
    mien_string_addf(
        &line, "  %s, %s by assignment:", name ? name : "", figure ? figure : "");
    for (int64_t k = 0; k < mien_value_count(values); k++) {
        mien_string_addf(
            &line, " %.3f", mien_value_number(mien_value_at(values, k), (double)NAN));
    }
    mien_string_addf(&line, "; mean %.3f, SD %.3f",
        mien_value_number(mien_value_get(one, "mean"), (double)NAN),
        mien_value_number(mien_value_get(one, "sd"), (double)NAN));
    cli_say(c, "%s", line.text ? line.text : "");
    mien_string_clear(&line);
}

static void say_permutation(cli *c, const mien_value *target, int64_t repeats) {
    const mien_value *metrics = mien_value_get(target, "metrics");
    const mien_value *one = metric_of(metrics, "r");
    one = one ? one : metric_of(metrics, "accuracy");
    const char *name = mien_value_text(mien_value_get(target, "name"));
    const char *figure = mien_value_text(mien_value_get(one, "name"));
    cli_say(c, "  %s, %s: p %.4g of %lld exchanges of labels", name ? name : "",
        figure ? figure : "", mien_value_number(mien_value_get(one, "p"), (double)NAN),
        (long long)repeats);
}

mien_status cli_main_figures(cli *c, const char *run) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    mien_status status = path ? mien_value_read(path, &results) : MIEN_ENOMEM;
    const mien_value *targets = mien_value_get(results, "targets");
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(targets); i++) {
        say_target(c, mien_value_at(targets, i));
    }
    const mien_value *deals =
        mien_value_get(mien_value_get(results, "deals"), "targets");
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(deals); i++) {
        say_deals(c, mien_value_at(deals, i));
    }
    const mien_value *permutation = mien_value_get(results, "permutation");
    const mien_value *permuted = mien_value_get(permutation, "targets");
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(permuted); i++) {
        say_permutation(c, mien_value_at(permuted, i),
            mien_value_int(mien_value_get(permutation, "repeats"), 0));
    }
    const mien_value *curve = mien_value_get(results, "curve");
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(curve); i++) {
        say_point(c, mien_value_at(curve, i));
    }
    mien_value_free(&results);
    mien_free(path);
    return status;
}
