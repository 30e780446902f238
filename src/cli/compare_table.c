/* SPDX-License-Identifier: MIT */
/* The table of mien compare. cmd_compare.c finds the differences. */
#include "cli/compare_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 13, TEXT = 32 };

mien_status cli_differences_add(cli_differences *all, const cli_difference *one) {
    if (all->count == all->room) {
        int room = all->room ? 2 * all->room : 64;
        cli_difference *more =
            mien_realloc(all->of, (size_t)all->count, (size_t)room, sizeof *more);
        if (!more) {
            return MIEN_ENOMEM;
        }
        all->of = more;
        all->room = room;
    }
    all->of[all->count++] = *one;
    return MIEN_OK;
}

void cli_differences_clear(cli_differences *all) {
    mien_free(all->of);
    *all = (cli_differences){0};
}

/* ---- margins --------------------------------------------------------------------- */

/* The margin of a metric in "0.02" or "r=0.02,rmse=0.1"; NaN: none is told. */
static double margin_of(const char *margin, const char *metric) {
    size_t length = strlen(metric);
    double number;
    if (!margin) {
        return (double)NAN;
    }
    if (mien_parse_number(margin, &number)) {
        return number;
    }
    for (const char *at = margin; at;
         at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        if (strncmp(at, metric, length) == 0 && at[length] == '=') {
            return strtod(at + length + 1, NULL);
        }
    }
    return (double)NAN;
}

static mien_status bad_margin(const char *margin) {
    return mien_fail(MIEN_EINVAL,
        "--margin %s: a number above 0, or metrics with theirs: r=0.02,rmse=0.1",
        margin);
}

mien_status cli_margin_check(const char *margin) {
    double number;
    if (!margin) {
        return MIEN_OK;
    }
    if (mien_parse_number(margin, &number)) {
        return number > 0 ? MIEN_OK : bad_margin(margin);
    }
    for (const char *at = margin; at;
         at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char one[64], *equals;
        snprintf(one, sizeof one, "%.*s", (int)strcspn(at, ","), at);
        equals = strchr(one, '=');
        if (!equals || !mien_parse_number(equals + 1, &number) || !(number > 0)) {
            return bad_margin(margin);
        }
        *equals = 0;
        if (!mien_metric_find(one) && !mien_class_metric_find(one)) {
            return mien_fail(
                MIEN_EINVAL, "--margin %s: there is no metric \"%s\"", margin, one);
        }
    }
    return MIEN_OK;
}

/* An interval that holds 0 does not make two runs equal; one within the margin does. */
static const char *verdict_of(const cli_difference *d, double margin, double level) {
    const mien_interval *i = &d->apart;
    bool known = isfinite(i->low) && isfinite(i->high) && isfinite(margin);
    bool within = known && i->low > -margin && i->high < margin;
    bool apart = d->p_holm <= 1 - level;
    return !known            ? NULL
           : within && apart ? "different, within the margin"
           : within          ? "equivalent"
           : apart           ? "different"
                             : "undecided";
}

/* ---- several runs ---------------------------------------------------------------- */

/* p of one target and metric over all second runs. */
void cli_differences_adjust(cli_differences *all) {
    double p[MIEN_HOLM_MAX];
    int at[MIEN_HOLM_MAX];
    for (int k = 0; k < all->count; k++) {
        int n = 0;
        for (int i = 0; i < all->count && n < MIEN_HOLM_MAX; i++) {
            if (strcmp(all->of[i].target, all->of[k].target) == 0 &&
                all->of[i].metric == all->of[k].metric) {
                at[n] = i;
                p[n++] = all->of[i].p;
            }
        }
        mien_holm(p, n, p);
        for (int i = 0; i < n; i++) {
            all->of[at[i]].p_holm = p[i];
        }
    }
}

static mien_status begin_all(
    const mien_options *options, bool margin, mien_table_writer **writer) {
    static const char *const names[COLUMNS] = {"target", "metric", "run", "rows",
        "groups", "a", "b", "difference", "low", "high", "p", "p_holm", "verdict"};
    return cli_figures_open(
        options, margin ? COLUMNS : COLUMNS - 1, names, 3, margin ? 1 : 0, writer);
}

static mien_status write_all(const mien_options *options, const cli_differences *all,
    mien_table_writer **writer) {
    const char *margin = mien_options_text(options, "margin");
    double level = mien_options_number(options, "level");
    bool for_people = strcmp(mien_options_text(options, "format"), "tsv") == 0;
    mien_status status = begin_all(options, margin != NULL, writer);
    for (int k = 0; status == MIEN_OK && k < all->count; k++) {
        const cli_difference *d = &all->of[k];
        const double numbers[] = {
            d->a, d->b, d->apart.value, d->apart.low, d->apart.high, d->p, d->p_holm};
        char text[COLUMNS][TEXT];
        const char *cells[COLUMNS] = {d->target, d->metric, d->run, text[3], text[4]};
        snprintf(text[3], TEXT, "%lld", (long long)d->rows);
        snprintf(text[4], TEXT, "%lld", (long long)d->groups);
        for (int c = 0; c < 7; c++) {
            cells[5 + c] = cli_figure_text(numbers[c], for_people, text[5 + c]);
        }
        cells[12] = verdict_of(d, margin_of(margin, d->metric), level);
        status = mien_table_writer_row(*writer, cells);
    }
    return status;
}

static mien_status write_two(const mien_options *options, const cli_differences *all,
    mien_table_writer **writer) {
    static const char *const names[] = {"a", "b", "difference", "low", "high"};
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < all->count; k++) {
        const cli_difference *d = &all->of[k];
        const cli_figures_of of = {d->target, d->metric, d->rows, d->groups};
        status = cli_figures_begin(options, 5, names, writer);
        if (status == MIEN_OK) {
            status = cli_figures_row(options, *writer, &of, 5,
                (const double[]){
                    d->a, d->b, d->apart.value, d->apart.low, d->apart.high});
        }
    }
    return status;
}

mien_status cli_differences_write(
    const mien_options *options, cli_differences *all, mien_table_writer **writer) {
    return all->runs > 1 || mien_options_text(options, "margin")
               ? write_all(options, all, writer)
               : write_two(options, all, writer);
}
