/* SPDX-License-Identifier: MIT */
/* The section on what each input of a run contributes: figures of explain.json. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INPUTS_MAX = 16, WAYS = 4, NAME_MAX_LENGTH = 160 };

/* A way of changing an input: its key, and in words. */
typedef struct way {
    const char *key, *words;
    bool loss; /* the figure shows it */
} way;
static const way ways[WAYS] = {{"left_out", "left out", true},
    {"permuted", "permuted", true}, {"retrained", "trained without it", true},
    {"alone", "alone", false}};

/* A figure by which contributions are told: of numbers the first, of classes the
 * others.
 */
typedef struct figure {
    const char *name, *axis, *lost, *value;
} figure;
static const figure figures[] = {{"r", "Pearson r lost", "r lost", "r"},
    {"log_loss", "Log loss added", "log loss added", "log loss"},
    {"balanced_accuracy", "Balanced accuracy lost", "balanced accuracy lost",
        "balanced accuracy"}};
enum { FIGURES = sizeof figures / sizeof *figures };

static const mien_value *metric_of(
    const mien_value *input, const char *key, const char *name) {
    const mien_value *list = mien_value_get(input, key);
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *metric = mien_value_at(list, i);
        const char *text = mien_value_text(mien_value_get(metric, "name"));
        if (text && strcmp(text, name) == 0) {
            return metric;
        }
    }
    return NULL;
}

static mien_interval interval_of(
    const mien_value *input, const way *w, const figure *f) {
    const mien_value *metric = metric_of(input, w->key, f->name);
    return mien_run_interval(w->loss ? mien_value_get(metric, "loss") : metric);
}

/* Whether a figure is there for the whole model, or for a change of its first input. */
static bool has_figure(const mien_value *target, const figure *f) {
    const mien_value *first = mien_value_at(mien_value_get(target, "inputs"), 0);
    bool has = metric_of(target, "metrics", f->name) != NULL;
    for (int w = 0; w < WAYS; w++) {
        has = has || metric_of(first, ways[w].key, f->name) != NULL;
    }
    return has;
}

static const char *name_of(const mien_value *map) {
    const char *name = mien_value_text(mien_value_get(map, "name"));
    return name ? name : "";
}

/* ---- words --------------------------------------------------------------------- */

static mien_status describe(mien_page *page, const mien_value *document) {
    const char *hiding = mien_value_text(mien_value_get(document, "hiding"));
    const mien_value *p = mien_value_get(document, "permutation");
    const char *rule = mien_value_text(mien_value_get(p, "rule"));
    bool mask = hiding && strcmp(hiding, "mask") == 0;
    bool shift = rule && strcmp(rule, "shift") == 0;
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text,
        "Every held-out trial was predicted again by the network of its own fold. An "
        "input that is left out is %s; one that is permuted is %s (%lld times). Bars "
        "are what is lost, against the same network with everything: Pearson r of "
        "numbers, log loss that is added of classes; an "
        "interval that holds 0 shows no contribution. Inputs that tell the same stand "
        "in "
        "for each other: leaving out one of them loses little.",
        mask ? "missing to the network" : "replaced by its mean in training",
        shift ? "turned round in time within each group" : "exchanged between trials",
        (long long)mien_value_int(mien_value_get(p, "repeats"), 0));
    mien_status status = mien_string_status(&text);
    status = status == MIEN_OK ? mien_page_paragraph(page, text.text) : status;
    mien_string_clear(&text);
    return status;
}

/* ---- figure -------------------------------------------------------------------- */

static mien_status draw(mien_string *out, const mien_value *target, const figure *f) {
    mien_figure_bar bars[WAYS * INPUTS_MAX];
    char name[WAYS * INPUTS_MAX][NAME_MAX_LENGTH], title[NAME_MAX_LENGTH];
    const mien_value *inputs = mien_value_get(target, "inputs");
    int n = 0;
    for (int64_t m = 0; m < mien_value_count(inputs) && m < INPUTS_MAX; m++) {
        const mien_value *input = mien_value_at(inputs, m);
        bool first = true;
        for (int w = 0; w < WAYS; w++) {
            mien_interval i = interval_of(input, &ways[w], f);
            if (!ways[w].loss || !isfinite(i.value)) {
                continue;
            }
            snprintf(
                name[n], sizeof name[n], "%.60s: %s", name_of(input), ways[w].words);
            bars[n] = (mien_figure_bar){name[n], i, w, first};
            first = false;
            n++;
        }
    }
    snprintf(
        title, sizeof title, "What each input contributes to %.60s", name_of(target));
    mien_string_add(out, "<figure>\n");
    mien_status status = n ? mien_figure_bars(out, title, f->axis, bars, n) : MIEN_OK;
    mien_string_add(out, "</figure>\n");
    return status;
}

/* ---- table --------------------------------------------------------------------- */

static bool has_way(const mien_value *target, const way *w) {
    return mien_value_get(mien_value_at(mien_value_get(target, "inputs"), 0), w->key);
}

/* Sensors of a series, which are left out alone. */
static void add_parts(mien_string *out, const mien_value *target,
    const mien_value *parts, const figure *f) {
    const mien_interval none = {(double)NAN, (double)NAN, (double)NAN};
    for (int64_t k = 0; k < mien_value_count(parts); k++) {
        const mien_value *part = mien_value_at(parts, k);
        mien_svg(out, "<tr><th scope='row'>$</th>", name_of(part));
        for (int w = 0; w < WAYS; w++) {
            mien_interval i = w == 0 ? interval_of(part, &ways[w], f) : none;
            if (has_way(target, &ways[w])) {
                mien_interval_cell(out, &i, 3);
            }
        }
        mien_string_add(out, "</tr>\n");
    }
}

static void add_table(mien_string *out, const mien_value *target, const figure *f) {
    const mien_value *inputs = mien_value_get(target, "inputs");
    char caption[NAME_MAX_LENGTH];
    snprintf(caption, sizeof caption, "Inputs of %.60s, with 95 %% intervals",
        name_of(target));
    mien_svg(out,
        "<div class='table'><table>\n<caption>$</caption>\n<thead><tr><th "
        "scope='col'>Input</th>",
        caption);
    for (int w = 0; w < WAYS; w++) {
        if (has_way(target, &ways[w])) {
            char head[NAME_MAX_LENGTH];
            snprintf(head, sizeof head, "%s%s %s", ways[w].loss ? f->lost : f->value,
                ways[w].loss ? "," : "", ways[w].words);
            mien_svg(out, "<th scope='col' class='n'>$</th>", head);
        }
    }
    mien_string_add(out, "</tr></thead>\n<tbody>\n");
    for (int64_t m = 0; m < mien_value_count(inputs); m++) {
        const mien_value *input = mien_value_at(inputs, m);
        mien_svg(out, "<tr><th scope='row'>$</th>", name_of(input));
        for (int w = 0; w < WAYS; w++) {
            mien_interval i = interval_of(input, &ways[w], f);
            if (has_way(target, &ways[w])) {
                mien_interval_cell(out, &i, 3);
            }
        }
        mien_string_add(out, "</tr>\n");
        add_parts(out, target, mien_value_get(input, "parts"), f);
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

/* ---- cells of crossed folds ------------------------------------------------------ */

static const mien_value *pooled(const mien_value *list) {
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *m = mien_value_at(list, i);
        if (!mien_value_bool(mien_value_get(m, "within_persons"), false)) {
            return m;
        }
    }
    return NULL;
}

static void add_interval(mien_string *out, const mien_value *list) {
    mien_interval i = mien_run_interval(pooled(list));
    mien_interval_cell(out, &i, 3);
}

/* What each input, and each sensor of a series, tells of persons and stimuli that the
 * models had seen or not: what is lost without it, pooled. */
static void add_cells(mien_string *out, const mien_value *target) {
    const mien_value *cells = mien_value_get(target, "cells");
    const mien_value *first = mien_value_at(cells, 0);
    const mien_value *names = mien_value_get(first, "left_out");
    const char *metric = name_of(pooled(mien_value_get(first, "metrics")));
    bool r = strcmp(metric, "r") == 0;
    char caption[NAME_MAX_LENGTH + 128];
    snprintf(caption, sizeof caption,
        "%s of %.60s that is lost without each input, by what the models had seen, "
        "with "
        "95 %% intervals over both",
        r ? "Pearson r" : "Balanced accuracy", name_of(target));
    mien_svg(out,
        "<div class='table'><table>\n<caption>$</caption>\n<thead><tr><th "
        "scope='col'>Left out</th>",
        caption);
    for (int64_t c = 0; c < mien_value_count(cells); c++) {
        const char *cell =
            mien_value_text(mien_value_get(mien_value_at(cells, c), "cell"));
        mien_svg(out, "<th scope='col' class='n'>$</th>", cell ? cell : "");
    }
    mien_string_add(out,
        "</tr></thead>\n<tbody>\n<tr><th scope='row'>nothing: the figure itself</th>");
    for (int64_t c = 0; c < mien_value_count(cells); c++) {
        add_interval(out, mien_value_get(mien_value_at(cells, c), "metrics"));
    }
    mien_string_add(out, "</tr>\n");
    for (int64_t k = 0; k < mien_value_count(names); k++) {
        mien_svg(out, "<tr><th scope='row'>$</th>", name_of(mien_value_at(names, k)));
        for (int64_t c = 0; c < mien_value_count(cells); c++) {
            const mien_value *lost =
                mien_value_get(mien_value_at(cells, c), "left_out");
            add_interval(out, mien_value_get(mien_value_at(lost, k), "lost"));
        }
        mien_string_add(out, "</tr>\n");
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

/* A figure by the first that the target has, a table by each. */
static mien_status add_target(mien_string *out, const mien_value *target) {
    bool drawn = false;
    mien_status status = MIEN_OK;
    for (int f = 0; status == MIEN_OK && f < FIGURES; f++) {
        if (!has_figure(target, &figures[f])) {
            continue;
        }
        status = drawn ? MIEN_OK : draw(out, target, &figures[f]);
        drawn = true;
        if (status == MIEN_OK) {
            add_table(out, target, &figures[f]);
        }
    }
    if (status == MIEN_OK && mien_value_get(target, "cells")) {
        add_cells(out, target);
    }
    return status;
}

static mien_status add_document(mien_page *page, const mien_value *document) {
    const mien_value *targets = mien_value_get(document, "targets");
    mien_string out;
    mien_string_init(&out);
    mien_status status = MIEN_OK;
    if (mien_value_int(mien_value_get(document, "version"), 0) != 1) {
        status = mien_fail(
            MIEN_EFORMAT, "%s: is not of version 1", mien_value_file(document));
    }
    status = status == MIEN_OK ? mien_page_heading(page, "What each input contributes")
                               : status;
    status = status == MIEN_OK ? describe(page, document) : status;
    for (int64_t t = 0; status == MIEN_OK && t < mien_value_count(targets); t++) {
        status = add_target(&out, mien_value_at(targets, t));
    }
    status = status == MIEN_OK ? mien_string_status(&out) : status;
    status = status == MIEN_OK ? mien_page_html(page, out.text) : status;
    mien_string_clear(&out);
    return status;
}

mien_status mien_run_explanation(mien_page *page, const mien_run *run) {
    char *path = mien_path_join(run->path, "explain.json");
    mien_value *document = NULL;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_value_read(path, &document);
        status = status == MIEN_OK ? add_document(page, document) : status;
    }
    mien_value_free(&document);
    mien_free(path);
    return status;
}
