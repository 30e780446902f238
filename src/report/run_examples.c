/* SPDX-License-Identifier: MIT */
/* Hits and misses of a run as pictures, each with what was rated and what was
 * predicted.
 *
 * In: predictions.csv, and of trials.tsv and run.json which picture or moment of a film
 * each trial showed; the caller of the report reads and shrinks it
 * (mien_report_options). Out: cards of the largest misses, each picture once, and of
 * hits over the whole scale. Called by report_runs.c; where no picture is at hand there
 * is nothing. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSES = 10, FIFTHS = 5, HITS_MAX = 10, COLUMN_MAX = 512 };
/* The scale below a picture, px. */
enum { SCALE_WIDTH = 152, SCALE_HEIGHT = 18, SCALE_EDGE = 8 };

typedef char number[MIEN_NUMBER_MAX];

/* ---- what a trial showed --------------------------------------------------------- */

typedef struct shown {
    const mien_run *run;
    mien_table *trials;
    char *folder; /* that paths of the trials are relative to */
    int trial, file, start, end;
    int64_t *row; /* [rows] of the trials; -1: it is not among them */
} shown;

static void shown_clear(shown *s) {
    mien_free(s->row);
    mien_free(s->folder);
    mien_table_free(&s->trials);
}

/* trials.tsv keeps the paths of the table that it is a copy of. */
static mien_status find_folder(shown *s) {
    char *path = mien_path_join(s->run->path, "run.json");
    mien_value *about = NULL;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_value_read(path, &about);
    }
    const char *table = mien_value_text(mien_value_get(about, "trials"));
    if (status == MIEN_OK) {
        s->folder = table ? mien_path_directory(table) : mien_strdup(s->run->path);
        status = s->folder ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_value_free(&about);
    mien_free(path);
    return status;
}

/* Matches the rows of both tables, which have the trials in the same order;
 * trials.tsv may have more. */
static mien_status match_trials(shown *s) {
    int64_t at = 0, all = mien_table_rows(s->trials);
    s->row = mien_alloc((size_t)s->run->rows + 1, sizeof *s->row);
    for (int64_t i = 0; s->row && i < s->run->rows; i++) {
        const char *trial = mien_run_cell(s->run, i, "trial");
        while (at < all && strcmp(mien_table_cell(s->trials, at, s->trial), trial)) {
            at++;
        }
        s->row[i] = at < all ? at++ : -1;
    }
    return s->row ? MIEN_OK : MIEN_ENOMEM;
}

/* s->trials stays NULL where trials name no pictures. */
static mien_status shown_open(shown *s, const mien_run *run) {
    static const char *const columns[] = {"image", "face", "film"};
    *s = (shown){.run = run, .file = -1};
    char *path = mien_path_join(run->path, "trials.tsv");
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_table_read(path, NULL, &s->trials);
    }
    mien_free(path);
    for (int k = 0; status == MIEN_OK && s->trials && s->file < 0 && k < 3; k++) {
        s->file = mien_table_column(s->trials, columns[k]);
    }
    if (status == MIEN_OK && s->trials) {
        s->trial = mien_table_column(s->trials, "trial");
        s->start = mien_table_column(s->trials, "start_s");
        s->end = mien_table_column(s->trials, "end_s");
    }
    if (status == MIEN_OK && (s->file < 0 || s->trial < 0)) {
        mien_table_free(&s->trials);
    }
    if (status == MIEN_OK && s->trials) {
        status = find_folder(s);
    }
    return status == MIEN_OK && s->trials ? match_trials(s) : status;
}

/* The file's name as the trials have it; NULL: none. */
static const char *file_of(const shown *s, int64_t row) {
    int64_t at = s->row[row];
    const char *cell = at < 0 ? NULL : mien_table_cell(s->trials, at, s->file);
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

/* The middle of the part of a film; NaN: all of it, or a picture. */
static double moment_of(const shown *s, int64_t row) {
    double start = (double)NAN, end = (double)NAN;
    int64_t at = s->row[row];
    if (s->start >= 0) {
        start = strtod(mien_table_cell(s->trials, at, s->start), NULL);
    }
    if (s->end >= 0) {
        end = strtod(mien_table_cell(s->trials, at, s->end), NULL);
    }
    return isfinite(end) && end > start ? (start + end) / 2 : start;
}

/* Two rows that would show the same picture. */
static bool same_picture(const shown *s, int64_t a, int64_t b) {
    double x = moment_of(s, a), y = moment_of(s, b);
    return strcmp(file_of(s, a), file_of(s, b)) == 0 &&
           (x == y || (isnan(x) && isnan(y)));
}

/* ---- choosing -------------------------------------------------------------------- */

/* A row with what it is ordered by. */
typedef struct candidate {
    int64_t row;
    double key;
    int class; /* that was rated; -1: a number */
    bool right;
} candidate;

typedef struct chosen {
    int64_t row[MISSES + HITS_MAX];
    int misses, hits; /* the misses stand first */
} chosen;

static int by_key(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    int order = (x->key > y->key) - (x->key < y->key);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool is_new(const shown *s, const chosen *c, int64_t row) {
    for (int i = 0; i < c->misses + c->hits; i++) {
        if (same_picture(s, c->row[i], row)) {
            return false;
        }
    }
    return true;
}

static void take_misses(
    const shown *s, const candidate *list, int64_t count, int most, chosen *c) {
    for (int64_t i = 0; i < count && c->misses < most; i++) {
        if (!list[i].right && is_new(s, c, list[i].row)) {
            c->row[c->misses++] = list[i].row;
        }
    }
}

/* The closest prediction in each fifth of the ratings, from the lowest on. */
static void take_fifths(const shown *s, const mien_run_target *t, candidate *list,
    int64_t count, chosen *c) {
    for (int64_t i = 0; i < count; i++) {
        list[i].key = t->truth[list[i].row];
    }
    qsort(list, (size_t)count, sizeof *list, by_key);
    for (int q = 0; q < FIFTHS; q++) {
        int64_t best = -1;
        double least = (double)INFINITY;
        for (int64_t i = count * q / FIFTHS; i < count * (q + 1) / FIFTHS; i++) {
            int64_t row = list[i].row;
            double miss = fabs(t->truth[row] - t->prediction[row]);
            if (miss < least && is_new(s, c, row)) {
                least = miss;
                best = row;
            }
        }
        if (best >= 0) {
            c->row[c->misses + c->hits++] = best;
        }
    }
}

static void choose_numbers(
    const shown *s, const mien_run_target *t, candidate *list, chosen *c) {
    int64_t count = 0;
    for (int64_t i = 0; i < s->run->rows; i++) {
        double miss = fabs(t->truth[i] - t->prediction[i]);
        if (isfinite(miss) && file_of(s, i)) {
            list[count++] = (candidate){i, -miss, -1, false};
        }
    }
    qsort(list, (size_t)count, sizeof *list, by_key);
    take_misses(s, list, count, count < 2 * MISSES ? (int)count / 2 : MISSES, c);
    take_fifths(s, t, list, count, c);
}

/* ---- classes --------------------------------------------------------------------- */

static const char *class_cell(
    const mien_run *run, const mien_run_target *t, int64_t row, const char *part) {
    char column[COLUMN_MAX];
    snprintf(column, sizeof column, "%s_%s", t->name, part);
    const char *cell = mien_run_cell(run, row, column);
    return mien_cell_missing(cell) ? NULL : cell;
}

/* NaN where the table has no probabilities. */
static double probability_of(
    const mien_run *run, const mien_run_target *t, int64_t row, const char *label) {
    char part[COLUMN_MAX];
    snprintf(part, sizeof part, "p_%.300s", label);
    const char *cell = class_cell(run, t, row, part);
    return cell ? strtod(cell, NULL) : (double)NAN;
}

static int class_number(const mien_run_target *t, const char *label) {
    const mien_value *names = mien_value_get(t->value, "classes");
    for (int64_t k = 0; k < mien_value_count(names); k++) {
        const char *name = mien_value_text(mien_value_at(names, k));
        if (name && strcmp(name, label) == 0) {
            return (int)k;
        }
    }
    return -1;
}

/* The misses that the model was surest of, and of each class its surest hit. */
static void choose_classes(
    const shown *s, const mien_run_target *t, candidate *list, chosen *c) {
    int64_t count = 0;
    for (int64_t i = 0; i < s->run->rows; i++) {
        const char *truth = class_cell(s->run, t, i, "truth");
        const char *answer = class_cell(s->run, t, i, "prediction");
        if (truth && answer && file_of(s, i)) {
            double sure = probability_of(s->run, t, i, answer);
            list[count++] = (candidate){i, isnan(sure) ? 0 : -sure,
                class_number(t, truth), strcmp(truth, answer) == 0};
        }
    }
    qsort(list, (size_t)count, sizeof *list, by_key);
    take_misses(s, list, count, MISSES, c);
    for (int k = 0; k < t->classes && c->hits < HITS_MAX; k++) {
        for (int64_t i = 0; i < count; i++) {
            if (list[i].right && list[i].class == k && is_new(s, c, list[i].row)) {
                c->row[c->misses + c->hits++] = list[i].row;
                break;
            }
        }
    }
}

/* ---- drawing --------------------------------------------------------------------- */

/* A ring where it was rated, a dot where it was predicted. */
static void add_scale(
    mien_string *out, const mien_run_target *t, double truth, double prediction) {
    char title[256];
    number a, b, low, high;
    double span = t->maximum - t->minimum, width = SCALE_WIDTH - 2 * SCALE_EDGE;
    if (!(span > 0)) {
        return;
    }
    double x = SCALE_EDGE + width * fmin(fmax((truth - t->minimum) / span, 0), 1);
    double y = SCALE_EDGE + width * fmin(fmax((prediction - t->minimum) / span, 0), 1);
    double middle = SCALE_HEIGHT / 2.0, right = SCALE_WIDTH - SCALE_EDGE;
    snprintf(title, sizeof title, "rated %s (ring), predicted %s (dot), from %s to %s",
        mien_fixed(truth, 2, a), mien_fixed(prediction, 2, b),
        mien_scale_text(t->minimum, low), mien_scale_text(t->maximum, high));
    mien_svg_begin(out, SCALE_WIDTH, SCALE_HEIGHT, title, title);
    mien_svg(out, "<path class='grid' d='M# #H#' stroke='#888' stroke-width='1.5'/>\n",
        (double)SCALE_EDGE, middle, right);
    mien_svg(out, "<path class='line' d='M# #H#' stroke-width='3'/>\n", x, middle, y);
    mien_svg(out, "<circle class='hollow' cx='#' cy='#' r='5.5' stroke-width='2'/>\n",
        x, middle);
    mien_svg(out, "<circle class='dot' cx='#' cy='#' r='4'/>\n", y, middle);
    mien_svg_end(out);
}

static void add_numbers(mien_string *out, const mien_run_target *t, int64_t row) {
    number a, b, c;
    double truth = t->truth[row], prediction = t->prediction[row];
    add_scale(out, t, truth, prediction);
    mien_svg(out,
        "rated <strong>$</strong><br>predicted <strong>$</strong> "
        "<small>($$)</small>",
        mien_fixed(truth, 2, a), mien_fixed(prediction, 2, b),
        prediction > truth ? "+" : "", mien_fixed(prediction - truth, 2, c));
}

static void add_share(mien_string *out, double share) {
    if (isfinite(share)) {
        mien_string_addf(
            out, " <small>%lld %%</small>", (long long)llround(100 * share));
    }
}

static void add_classes(
    mien_string *out, const mien_run *run, const mien_run_target *t, int64_t row) {
    const char *truth = class_cell(run, t, row, "truth");
    const char *answer = class_cell(run, t, row, "prediction");
    mien_svg(out, "rated <strong>$</strong>", truth);
    if (strcmp(truth, answer) != 0) {
        add_share(out, probability_of(run, t, row, truth));
    }
    mien_svg(out, "<br>predicted <strong>$</strong>", answer);
    add_share(out, probability_of(run, t, row, answer));
}

/* *drawn stays where the picture is not at hand. */
static mien_status add_card(mien_string *out, const shown *s, const mien_run_target *t,
    int64_t row, int *drawn) {
    const mien_report_options *o = s->run->options;
    const char *name = mien_run_cell(s->run, row, "stimulus");
    char *path = mien_path_join(s->folder, file_of(s, row));
    void *jpeg = NULL;
    size_t bytes = 0;
    mien_status status =
        path ? o->picture(o->context, path, moment_of(s, row), &jpeg, &bytes)
             : MIEN_ENOMEM;
    mien_free(path);
    if (status != MIEN_OK) {
        bool all = status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED;
        return all ? status : MIEN_OK;
    }
    name = mien_cell_missing(name) ? mien_run_cell(s->run, row, "trial") : name;
    mien_svg(out, "<figure class='card'><img alt='' src='");
    mien_html_jpeg(out, jpeg, bytes);
    mien_svg(out, "'><figcaption><strong>$</strong><br>", name);
    mien_free(jpeg);
    if (t->classes) {
        add_classes(out, s->run, t, row);
    } else {
        add_numbers(out, t, row);
    }
    mien_string_add(out, "</figcaption></figure>\n");
    *drawn += 1;
    return mien_string_status(out);
}

/* Cards under a heading; nothing where no picture is at hand. */
static mien_status add_cards(mien_string *out, const shown *s, const mien_run_target *t,
    const char *heading, const int64_t *row, int count) {
    mien_string cards;
    int drawn = 0;
    mien_status status = MIEN_OK;
    mien_string_init(&cards);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = add_card(&cards, s, t, row[i], &drawn);
    }
    if (status == MIEN_OK && drawn > 0) {
        mien_svg(out, "<h3>$: $</h3>\n<div class='cards'>\n", heading, t->name);
        mien_string_add(out, cards.text);
        mien_string_add(out, "</div>\n");
        status = mien_string_status(out);
    }
    mien_string_clear(&cards);
    return status;
}

static mien_status add_target(
    mien_string *out, const shown *s, const mien_run_target *t, candidate *list) {
    chosen c = {.misses = 0};
    if (t->classes) {
        choose_classes(s, t, list, &c);
    } else {
        choose_numbers(s, t, list, &c);
    }
    mien_status status = add_cards(out, s, t,
        t->classes ? "Misses that it was surest of" : "Largest misses", c.row,
        c.misses);
    return status == MIEN_OK
               ? add_cards(out, s, t,
                     t->classes ? "The surest hit of each class"
                                : "Hits, the closest in each fifth of the ratings",
                     c.row + c.misses, c.hits)
               : status;
}

static const char *words_of(const mien_run *run) {
    for (int t = 0; t < run->targets; t++) {
        if (!run->target[t].classes) {
            return "A picture stands once, however many people rated it. Below it its "
                   "scale: a ring where it was rated, a dot where it was predicted.";
        }
    }
    return run->seeds > 1 ? "A picture stands once, with the answer of the first seed."
                          : "A picture stands once, however many people rated it.";
}

mien_status mien_run_examples(mien_page *page, const mien_run *run) {
    shown s = {0};
    mien_string out;
    if (!run->options || !run->options->picture || run->rows < 1) {
        return MIEN_OK;
    }
    mien_string_init(&out);
    candidate *list = mien_alloc((size_t)run->rows, sizeof *list);
    mien_status status = list ? shown_open(&s, run) : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && s.trials && t < run->targets; t++) {
        status = add_target(&out, &s, &run->target[t], list);
    }
    if (status == MIEN_OK && out.length > 0) {
        status = mien_page_heading(page, "Hits and misses");
        status = status == MIEN_OK ? mien_page_paragraph(page, words_of(run)) : status;
        status = status == MIEN_OK ? mien_page_html(page, out.text) : status;
    }
    shown_clear(&s);
    mien_free(list);
    mien_string_clear(&out);
    return status;
}
