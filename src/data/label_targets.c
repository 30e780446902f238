/* SPDX-License-Identifier: MIT */
/* Finds what to learn in a table of labels: numbers in a range, or classes. */
#include "data/label_targets.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static mien_status read_range(const mien_options *options, mien_trials_target *t) {
    const char *text = mien_options_text(options, "range");
    const char *comma = strchr(text, ',');
    char *low = comma ? mien_strndup(text, (size_t)(comma - text)) : NULL;
    bool good = low && mien_parse_number(low, &t->minimum) &&
                mien_parse_number(comma + 1, &t->maximum) && isfinite(t->minimum) &&
                isfinite(t->maximum) && t->minimum < t->maximum;
    bool failed = comma && !low;
    mien_free(low);
    return failed ? MIEN_ENOMEM
           : good ? MIEN_OK
                  : mien_fail(MIEN_EINVAL, "range: \"%s\" is not LOW,HIGH", text);
}

/* Labels are classes where one of them is no number. */
static bool is_numeric(const mien_table *from, int column) {
    for (int64_t i = 0; i < mien_table_rows(from); i++) {
        double value;
        if (mien_table_number(from, i, column, &value) != MIEN_OK) {
            return false;
        }
    }
    return true;
}

static mien_status read_classes(
    const mien_table *from, mien_label_targets *targets, int index, int column) {
    int64_t rows = mien_table_rows(from), unique = 0, classes = 0;
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    int64_t *number = mien_alloc((size_t)rows, sizeof *number);
    const char **sorted = mien_alloc((size_t)rows, sizeof *sorted);
    targets->classes[index] = sorted;
    mien_status status = cells && number && sorted ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        const char *cell = mien_table_cell(from, i, column);
        cells[i] = mien_cell_missing(cell) ? NULL : cell;
    }
    status = status ? status : mien_names_number(rows, cells, number, &unique);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (cells[i]) { /* missing ones come last */
            sorted[number[i]] = cells[i];
            classes = number[i] >= classes ? number[i] + 1 : classes;
        }
    }
    if (status == MIEN_OK && (classes < 2 || classes > MIEN_TRIALS_CLASSES_MAX)) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: column \"%s\" has %" PRId64 " different labels; 2 to %d are possible",
            mien_table_file(from), mien_table_name(from, column), classes,
            MIEN_TRIALS_CLASSES_MAX);
    }
    targets->items[index].kind = MIEN_TARGET_CLASS;
    targets->items[index].classes = (int)classes;
    targets->items[index].class_name = sorted;
    mien_free(number);
    mien_free(cells);
    return status;
}

static mien_status add_target(const mien_table *from, const mien_options *options,
    mien_label_targets *targets, const char *name, size_t length, bool must) {
    static const char *const reserved[] = {
        "trial", "person", "stimulus", "group", "split", "start_s", "end_s"};
    mien_trials_target t = {.unit = "as in the labels"};
    if (targets->count == MIEN_LABEL_TARGETS_MAX || length == 0 ||
        length >= sizeof t.name) {
        return mien_fail(MIEN_ELIMIT, "targets: up to %d, with names of 1 to %zu bytes",
            MIEN_LABEL_TARGETS_MAX, sizeof t.name - 1);
    }
    memcpy(t.name, name, length);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (strcmp(t.name, reserved[i]) == 0) {
            return mien_fail(
                MIEN_EINVAL, "targets: \"%s\" means something else", t.name);
        }
    }
    int column = mien_table_column(from, t.name);
    if (column < 0) {
        return must ? mien_fail(MIEN_EFORMAT,
                          "%s:1: there is no column \"%s\" (targets)",
                          mien_table_file(from), t.name)
                    : MIEN_OK;
    }
    snprintf(
        t.construct, sizeof t.construct, "%s", mien_options_text(options, "construct"));
    snprintf(t.perspective, sizeof t.perspective, "%s",
        mien_options_text(options, "perspective"));
    int index = targets->count++;
    targets->items[index] = t;
    targets->column[index] = column;
    return is_numeric(from, column) ? read_range(options, &targets->items[index])
                                    : read_classes(from, targets, index, column);
}

mien_status mien_label_targets_find(
    const mien_table *from, const mien_options *options, mien_label_targets *targets) {
    const char *given = mien_options_text(options, "targets");
    const char *next = given ? given : "valence,arousal,emotion";
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *next) {
        size_t length = strcspn(next, ",");
        status = add_target(from, options, targets, next, length, given);
        next += length + (next[length] == ',');
    }
    if (status == MIEN_OK && targets->count == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: none of the columns is valence, arousal or emotion (targets=COLUMNS)",
            mien_table_file(from));
    }
    return status;
}

void mien_label_targets_clear(mien_label_targets *targets) {
    for (int i = 0; i < targets->count; i++) {
        mien_free((void *)targets->classes[i]);
    }
    *targets = (mien_label_targets){0};
}
