/* SPDX-License-Identifier: MIT */
/* The 2 × 2 table of crossed folds: persons and stimuli that the same models had seen
 * or not. Reads "crossed" of a target in results.json; nothing of runs without. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char number[MIEN_NUMBER_MAX];

static const char *text_at(const mien_value *map, const char *key) {
    const char *text = mien_value_text(mien_value_get(map, key));
    return text ? text : "";
}

static const mien_value *cell_named(const mien_value *crossed, const char *name) {
    const mien_value *cells = mien_value_get(crossed, "cells");
    for (int64_t i = 0; i < mien_value_count(cells); i++) {
        if (strcmp(text_at(mien_value_at(cells, i), "cell"), name) == 0) {
            return mien_value_at(cells, i);
        }
    }
    return NULL;
}

static const mien_value *metric_of(
    const mien_value *cell, const char *name, bool within) {
    const mien_value *list = mien_value_get(cell, "metrics");
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *m = mien_value_at(list, i);
        bool of = mien_value_bool(mien_value_get(m, "within_persons"), false);
        if (strcmp(text_at(m, "name"), name) == 0 && of == within) {
            return m;
        }
    }
    return NULL;
}

/* "r 0.412 [0.300, 0.513]", with a dash where it is undefined. */
static void add_line(
    mien_string *out, const char *label, const mien_value *value, bool strong) {
    const mien_interval i = mien_run_interval(value);
    number a, b, c;
    mien_svg(out, strong ? "<strong>$ $</strong>" : "$ $", label,
        isfinite(i.value) ? mien_fixed(i.value, 3, a) : "–");
    if (isfinite(i.low) && isfinite(i.high)) {
        mien_svg(out, " [$, $]", mien_fixed(i.low, 3, b), mien_fixed(i.high, 3, c));
    }
    mien_string_add(out, "<br>");
}

static void add_cell(mien_string *out, const mien_value *crossed, const char *name,
    const char *metric, const char *title) {
    const mien_value *cell = cell_named(crossed, name);
    const mien_value *pooled = metric_of(cell, metric, false);
    const char *strongest = text_at(cell, "strongest");
    char label[160];
    mien_string_add(out, "<td>");
    if (!cell || mien_value_int(mien_value_get(cell, "rows"), 0) == 0) {
        mien_string_add(out, "–</td>");
        return;
    }
    add_line(out, title, mien_value_get(pooled, "model"), true);
    add_line(out, "within persons",
        mien_value_get(metric_of(cell, metric, true), "model"), false);
    snprintf(label, sizeof label, "without the model (%s)", strongest);
    add_line(out, label,
        mien_value_get(mien_value_get(pooled, "without_model"), strongest), false);
    add_line(out, "gain over that", mien_value_get(pooled, "gain"), false);
    if (strcmp(name, "both-unseen") != 0) {
        add_line(
            out, "over both unseen", mien_value_get(pooled, "over_both_unseen"), false);
    }
    mien_string_addf(out, "%lld trials</td>",
        (long long)mien_value_int(mien_value_get(cell, "rows"), 0));
}

static void add_table(mien_string *out, const mien_run_target *t,
    const mien_value *crossed, const char *metric, const char *title) {
    const char *person = text_at(mien_value_get(crossed, "persons"), "by");
    const char *stimulus = text_at(mien_value_get(crossed, "stimuli"), "by");
    mien_svg(out,
        "<div class='table'><table>\n<caption>$ of $ by what the model had seen, with "
        "95 % intervals over both</caption>\n<thead><tr><th></th><th scope='col'>$ "
        "unseen</th><th scope='col'>$ seen</th></tr></thead>\n<tbody>\n",
        title, t->name, stimulus, stimulus);
    for (int seen = 0; seen < 2; seen++) {
        mien_svg(out, "<tr><th scope='row'>$ $</th>", person, seen ? "seen" : "unseen");
        add_cell(out, crossed, seen ? "person-seen" : "both-unseen", metric, title);
        add_cell(out, crossed, seen ? "both-seen" : "stimulus-seen", metric, title);
        mien_string_add(out, "</tr>\n");
    }
    mien_string_add(out, "</tbody></table></div>\n");
}

static void add_words(mien_string *out, const mien_value *crossed) {
    const mien_value *persons = mien_value_get(crossed, "persons");
    const mien_value *stimuli = mien_value_get(crossed, "stimuli");
    mien_string_addf(out,
        "%lld persons were assigned to %lld folds and %lld stimuli to %lld; each model "
        "learnt from the trials of neither a fold of persons nor a fold of stimuli, "
        "and "
        "was judged on all four cells. A model that does not beat what is known "
        "without "
        "it where both are seen has learnt names. Every other figure on this page is "
        "of "
        "trials whose person and stimulus were both unseen.",
        (long long)mien_value_int(mien_value_get(persons, "count"), 0),
        (long long)mien_value_int(mien_value_get(persons, "folds"), 0),
        (long long)mien_value_int(mien_value_get(stimuli, "count"), 0),
        (long long)mien_value_int(mien_value_get(stimuli, "folds"), 0));
}

mien_status mien_run_crossed(mien_page *page, const mien_run *run) {
    mien_string out, words;
    bool any = false;
    mien_string_init(&out);
    mien_string_init(&words);
    for (int t = 0; t < run->targets; t++) {
        const mien_run_target *target = &run->target[t];
        const mien_value *crossed = mien_value_get(target->value, "crossed");
        if (!crossed) {
            continue;
        }
        if (!any) {
            add_words(&words, crossed);
        }
        any = true;
        add_table(&out, target, crossed, target->classes ? "balanced_accuracy" : "r",
            target->classes ? "Balanced accuracy" : "Pearson r");
    }
    mien_status status = mien_string_status(&out);
    status = status ? status : mien_string_status(&words);
    if (status == MIEN_OK && any) {
        status = mien_page_heading(page, "Persons and stimuli, seen and unseen");
        status = status ? status : mien_page_paragraph(page, words.text);
        status = status ? status : mien_page_html(page, out.text);
    }
    mien_string_clear(&words);
    mien_string_clear(&out);
    return status;
}
