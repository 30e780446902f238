/* SPDX-License-Identifier: MIT */
/* What is in a trial table, drawn before anything is trained on it: how many rows,
 * people and stimuli, how ratings are spread, whole and by category, targets against
 * each other, and labels against the side of the scale that ratings fall on. Comes in:
 * the table and the doctor's findings; called by cmd_doctor.c. */
#include "cli/doctor_report.h"

#include "mien/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRED_MAX = 4, GROUPS_MAX = 12, TEXT_MAX = 320, FINDINGS_MAX = 400 };

/* A column of names: which one each row has. */
typedef struct names {
    const char **cell;            /* [rows], NULL where missing */
    const char *name[GROUPS_MAX]; /* in the table's order, where they are so few */
    int64_t count;                /* of distinct names */
} names;

static void names_clear(names *n) {
    mien_free(n->cell);
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in the order in which rows have them; there are GROUPS_MAX at most. */
static void list_names(names *n, int64_t rows) {
    int64_t listed = 0;
    for (int64_t i = 0; i < rows; i++) {
        int64_t k = 0;
        while (n->cell[i] && k < listed && strcmp(n->cell[i], n->name[k]) != 0) {
            k++;
        }
        if (n->cell[i] && k == listed) {
            n->name[listed++] = n->cell[i];
        }
    }
}

static mien_status names_of(const mien_trials *trials, const char *column, names *n) {
    int64_t rows = mien_trials_rows(trials), there = 0;
    const char **sorted = mien_alloc((size_t)rows, sizeof *sorted);
    *n = (names){.cell = mien_alloc((size_t)rows, sizeof *n->cell)};
    if (!n->cell || !sorted) {
        mien_free(sorted);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        n->cell[i] = mien_trials_cell(trials, i, column);
        if (n->cell[i]) {
            sorted[there++] = n->cell[i];
        }
    }
    qsort(sorted, (size_t)there, sizeof *sorted, by_bytes);
    for (int64_t i = 0; i < there; i++) {
        n->count += i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0;
    }
    mien_free(sorted);
    if (n->count <= GROUPS_MAX) {
        list_names(n, rows);
    }
    return MIEN_OK;
}

/* ---- counts and findings --------------------------------------------------------- */

static void add_count(
    const mien_trials *trials, const char *column, const char *what, mien_string *out) {
    names n;
    if (names_of(trials, column, &n) == MIEN_OK && n.count > 0) {
        mien_string_addf(out, ", %lld %s", (long long)n.count, what);
    }
    names_clear(&n);
}

static mien_status add_words(mien_page *page, const mien_trials *trials) {
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%lld trials", (long long)mien_trials_rows(trials));
    add_count(trials, "person", "people", &text);
    add_count(trials, "stimulus", "stimuli", &text);
    add_count(trials, "group", "groups", &text);
    mien_string_add(&text, ". ");
    for (int t = 0; t < mien_trials_targets(trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(trials, t);
        mien_string_addf(&text, "%s is %s (%s, %s)", target->name,
            target->kind == MIEN_TARGET_CLASS ? "a label" : "a rating",
            target->construct[0] ? target->construct : "construct not said",
            target->perspective[0] ? target->perspective : "perspective not said");
        if (target->kind == MIEN_TARGET_NUMBER) {
            mien_string_addf(&text, " from %g to %g", target->minimum, target->maximum);
        }
        mien_string_add(&text, ". ");
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : mien_page_paragraph(page, text.text);
    mien_string_clear(&text);
    return status;
}

const char *cli_severity_name(mien_severity severity) {
    static const char *const words[] = {
        [MIEN_NOTE] = "note", [MIEN_WARNING] = "warning", [MIEN_ERROR] = "error"};
    return words[severity];
}

static mien_status add_findings(
    mien_page *page, const mien_finding *findings, int64_t count) {
    static const char *const header[] = {"Severity", "Check", "Trial", "Finding"};
    int64_t shown = count < FINDINGS_MAX ? count : FINDINGS_MAX;
    const char **cells = mien_alloc((size_t)shown, 4 * sizeof *cells);
    mien_status status =
        cells ? mien_page_heading(page, "What was found") : MIEN_ENOMEM;
    for (int64_t i = 0; cells && i < shown; i++) {
        cells[4 * i] = cli_severity_name(findings[i].severity);
        cells[4 * i + 1] = findings[i].check;
        cells[4 * i + 2] = findings[i].trial[0] ? findings[i].trial : "–";
        cells[4 * i + 3] = findings[i].text;
    }
    status = status ? status : mien_page_table(page, "", 4, header, shown, cells);
    if (status == MIEN_OK && shown < count) {
        char text[TEXT_MAX];
        snprintf(text, sizeof text, "The first %lld of %lld findings.",
            (long long)shown, (long long)count);
        status = mien_page_paragraph(page, text);
    }
    mien_free(cells);
    return status;
}

/* ---- histograms ------------------------------------------------------------------ */

/* The first column that sorts rows into a few kinds. */
static mien_status category_of(
    const mien_trials *trials, names *n, const char **column) {
    static const char *const usual[] = {"category", "theme", "set", "emotion"};
    mien_status status = MIEN_OK;
    *column = NULL;
    *n = (names){0};
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !*column; i++) {
        names_clear(n);
        status = names_of(trials, usual[i], n);
        if (status != MIEN_OK) {
            return status;
        }
        *column = n->count >= 2 && n->count <= GROUPS_MAX ? usual[i] : NULL;
    }
    return status;
}

static mien_status draw_histograms(mien_page *page, const mien_trials *trials,
    const mien_trials_target *target, const names *by) {
    int64_t rows = mien_trials_rows(trials), used = 0;
    int groups = 1 + (by ? (int)by->count : 0);
    double *value = mien_alloc((size_t)rows, 2 * sizeof *value);
    mien_figure_group group[GROUPS_MAX + 1] = {{"all trials", value, rows}};
    mien_string svg;
    mien_string_init(&svg);
    mien_status status =
        value ? mien_trials_numbers(trials, target->name, value) : MIEN_ENOMEM;
    for (int g = 1; status == MIEN_OK && g < groups; g++) {
        double *of = value + rows + used;
        group[g] = (mien_figure_group){by->name[g - 1], of, 0};
        for (int64_t i = 0; i < rows; i++) {
            if (by->cell[i] && strcmp(by->cell[i], by->name[g - 1]) == 0) {
                of[group[g].count++] = value[i];
            }
        }
        used += group[g].count;
    }
    const mien_figure_axis axis = {target->name, target->minimum, target->maximum};
    char title[TEXT_MAX];
    snprintf(title, sizeof title, "%.64s: how its ratings are spread", target->name);
    status =
        status ? status : mien_figure_histograms(&svg, title, &axis, group, groups);
    status = status ? status : mien_page_html(page, svg.text);
    mien_string_clear(&svg);
    mien_free(value);
    return status;
}

/* Labels of a class target or a category, and the side of the scale: S2's labelled and
 * calculated categories. */
static mien_status add_sides(mien_page *page, const mien_trials *trials,
    const mien_trials_target *target, const names *by, const char *column) {
    enum { COLUMNS = 4 };
    char title[TEXT_MAX], count[GROUPS_MAX][3][24];
    static const char *const header[] = {
        "Label", "Below the middle", "On the middle", "Above the middle"};
    const char *cells[GROUPS_MAX * COLUMNS];
    int64_t rows = mien_trials_rows(trials);
    double *value = mien_alloc((size_t)rows, sizeof *value);
    double middle = (target->minimum + target->maximum) / 2;
    mien_status status =
        value ? mien_trials_numbers(trials, target->name, value) : MIEN_ENOMEM;
    for (int64_t g = 0; status == MIEN_OK && g < by->count; g++) {
        int64_t side[3] = {0};
        for (int64_t i = 0; i < rows; i++) {
            if (by->cell[i] && strcmp(by->cell[i], by->name[g]) == 0 &&
                isfinite(value[i])) {
                side[1 + (value[i] > middle) - (value[i] < middle)]++;
            }
        }
        cells[g * COLUMNS] = by->name[g];
        for (int s = 0; s < 3; s++) {
            snprintf(count[g][s], sizeof count[g][s], "%lld", (long long)side[s]);
            cells[g * COLUMNS + 1 + s] = count[g][s];
        }
    }
    snprintf(title, sizeof title, "%.64s as labelled, and the side of %.64s (%g)",
        column, target->name, middle);
    status = status ? status
                    : mien_page_table(page, title, COLUMNS, header, by->count, cells);
    mien_free(value);
    return status;
}

static mien_status add_spreads(mien_page *page, const mien_trials *trials) {
    names by;
    const char *column = NULL;
    mien_status status = category_of(trials, &by, &column);
    status = status ? status : mien_page_heading(page, "How ratings are spread");
    for (int t = 0; status == MIEN_OK && t < mien_trials_targets(trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(trials, t);
        if (target->kind == MIEN_TARGET_NUMBER) {
            status = draw_histograms(page, trials, target, column ? &by : NULL);
            status = status || !column ? status
                                       : add_sides(page, trials, target, &by, column);
        }
    }
    names_clear(&by);
    return status;
}

/* ---- classes --------------------------------------------------------------------- */

static mien_status add_classes(mien_page *page, const mien_trials *trials) {
    static const char *const header[] = {"Class", "Trials", "Share, %"};
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < mien_trials_targets(trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(trials, t);
        if (target->kind != MIEN_TARGET_CLASS) {
            continue;
        }
        int64_t rows = mien_trials_rows(trials), known = 0, classes = target->classes;
        int *label = mien_alloc((size_t)rows, sizeof *label);
        int64_t *count = mien_alloc((size_t)classes, sizeof *count);
        char(*text)[2][24] = mien_alloc((size_t)classes, sizeof *text);
        const char **cells = mien_alloc((size_t)classes, 3 * sizeof *cells);
        status = label && count && text && cells
                     ? mien_trials_classes(trials, target->name, label)
                     : MIEN_ENOMEM;
        for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
            if (label[i] >= 0) {
                count[label[i]]++;
                known++;
            }
        }
        for (int64_t c = 0; status == MIEN_OK && c < classes; c++) {
            snprintf(text[c][0], sizeof text[c][0], "%lld", (long long)count[c]);
            snprintf(text[c][1], sizeof text[c][1], "%.1f",
                known ? 100.0 * (double)count[c] / (double)known : 0);
            cells[3 * c] = target->class_name[c];
            cells[3 * c + 1] = text[c][0];
            cells[3 * c + 2] = text[c][1];
        }
        status = status
                     ? status
                     : mien_page_table(page, target->name, 3, header, classes, cells);
        mien_free(cells);
        mien_free(text);
        mien_free(count);
        mien_free(label);
    }
    return status;
}

/* ---- targets against each other ---------------------------------------------------
 */

static mien_status add_pair(mien_page *page, const mien_trials *trials,
    const mien_trials_target *x, const mien_trials_target *y) {
    int64_t rows = mien_trials_rows(trials);
    double *value = mien_alloc((size_t)rows, 2 * sizeof *value);
    char title[TEXT_MAX];
    mien_string svg;
    mien_string_init(&svg);
    mien_status status =
        value ? mien_trials_numbers(trials, x->name, value) : MIEN_ENOMEM;
    status = status ? status : mien_trials_numbers(trials, y->name, value + rows);
    const mien_figure_axis across = {x->name, x->minimum, x->maximum},
                           up = {y->name, y->minimum, y->maximum};
    snprintf(title, sizeof title, "%.64s against %.64s", y->name, x->name);
    status = status ? status
                    : mien_figure_scatter(&svg, title, &across, value, &up,
                          value + rows, NULL, rows, false, false);
    status = status ? status : mien_page_html(page, svg.text);
    mien_string_clear(&svg);
    mien_free(value);
    return status;
}

static mien_status add_pairs(mien_page *page, const mien_trials *trials) {
    const mien_trials_target *of[PAIRED_MAX];
    int count = 0;
    for (int t = 0; t < mien_trials_targets(trials) && count < PAIRED_MAX; t++) {
        const mien_trials_target *target = mien_trials_target_at(trials, t);
        if (target->kind == MIEN_TARGET_NUMBER) {
            of[count++] = target;
        }
    }
    mien_status status =
        count > 1 ? mien_page_heading(page, "Ratings against each other") : MIEN_OK;
    for (int y = 1; y < count; y++) {
        for (int x = 0; status == MIEN_OK && x < y; x++) {
            status = add_pair(page, trials, of[x], of[y]);
        }
    }
    return status;
}

mien_status cli_doctor_report(
    const char *table, const mien_finding *findings, int64_t count, const char *path) {
    mien_trials *trials = NULL;
    mien_page *page = NULL;
    char title[TEXT_MAX];
    snprintf(title, sizeof title, "The trial table %.200s", mien_path_base(table));
    mien_status status = mien_page_new(title, "mien doctor", &page);
    /* a table that cannot be opened has findings that say why */
    bool opened = status == MIEN_OK && mien_trials_open(table, &trials) == MIEN_OK;
    status = status || !opened ? status : add_words(page, trials);
    status = status ? status : add_findings(page, findings, count);
    status = status || !opened ? status : add_spreads(page, trials);
    status = status || !opened ? status : add_classes(page, trials);
    status = status || !opened ? status : add_pairs(page, trials);
    status = status ? status : mien_page_write(page, path);
    mien_page_free(&page);
    mien_trials_close(&trials);
    return status;
}
