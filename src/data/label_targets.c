/* SPDX-License-Identifier: MIT */
/* Finds what to learn in a table of labels: numbers in a range, or classes.
 *
 * In come a table and the options of an importer (importer_features.c,
 * importer_pictures.c); out go targets as a sidecar describes them. */
#include "data/label_targets.h"
#include "io/text.h"

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

/* Does a list of names joined by commas have this one? */
static bool lists(const char *list, const char *name) {
    size_t length = strlen(name);
    for (; list && *list; list += *list == ',') {
        size_t here = strcspn(list, ",");
        if (here == length && strncmp(list, name, length) == 0) {
            return true;
        }
        list += here;
    }
    return false;
}

/* Counts of what the cells of a column look like. */
typedef struct look {
    int64_t numbers, others, commas; /* commas: a number but for its decimal comma */
    int64_t odd;                     /* the first row that is no number; -1 */
    bool whole;                      /* all numbers are integers */
    double values[MIEN_LABEL_FEW];   /* different ones, up to so many and one more */
    int different;
} look;

static void add_value(look *c, double value) {
    c->whole = c->whole && value == floor(value);
    int i = 0;
    while (i < c->different && i < MIEN_LABEL_FEW && c->values[i] != value) {
        i++;
    }
    if (i == c->different && c->different <= MIEN_LABEL_FEW) {
        if (i < MIEN_LABEL_FEW) {
            c->values[i] = value;
        }
        c->different++;
    }
}

static look look_at(const mien_table *from, int column) {
    look c = {.odd = -1, .whole = true};
    for (int64_t i = 0; i < mien_table_rows(from); i++) {
        const char *cell = mien_table_cell(from, i, column);
        double value;
        if (mien_cell_missing(cell)) {
            continue;
        }
        if (mien_table_number(from, i, column, &value) == MIEN_OK) {
            c.numbers++;
            add_value(&c, value);
        } else {
            c.odd = c.others == 0 ? i : c.odd;
            c.others++;
            c.commas += mien_text_decimal_comma(cell);
        }
    }
    return c;
}

/* The text of mien_table_number() for a cell, and more. */
static mien_status fail_odd(const mien_table *from, int column, const look *c) {
    double value;
    mien_string why;
    mien_string_init(&why);
    mien_status status = mien_table_number(from, c->odd, column, &value);
    mien_string_addf(&why, "%s", mien_error());
    status = mien_fail(status,
        "%s, as others in this column are (%sclasses=%s if these are "
        "names of classes; n/a where a value is missing)",
        why.failed ? "" : why.text,
        c->commas > 0 ? "decimal=comma if all numbers here are written so; " : "",
        mien_table_name(from, column));
    mien_string_clear(&why);
    return status;
}

static mien_status ask(const mien_table *from, int column, const look *c) {
    return mien_fail(MIEN_EINVAL,
        "%s: column \"%s\" has %d different values, all whole numbers: are they "
        "classes "
        "(classes=%s) or ratings (range=LOW,HIGH)?",
        mien_table_file(from), mien_table_name(from, column), c->different,
        mien_table_name(from, column));
}

/* Whether a column is one of classes. */
static mien_status find_kind(
    const mien_table *from, const mien_options *options, int column, bool *classes) {
    look c = look_at(from, column);
    *classes =
        lists(mien_options_text(options, "classes"), mien_table_name(from, column));
    if (*classes) {
        return MIEN_OK;
    }
    if (c.others > 0 && (c.numbers > 0 || c.commas == c.others)) {
        return fail_odd(from, column, &c);
    }
    *classes = c.others > 0;
    bool few = c.whole && c.different >= 2 && c.different <= MIEN_LABEL_FEW;
    return !*classes && few && !mien_options_given(options, "range")
               ? ask(from, column, &c)
               : MIEN_OK;
}

/* Whole numbers in their own order, all else in that of letters. */
static void sort_classes(const char **names, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        int64_t number;
        if (!mien_parse_int(names[i], &number)) {
            return;
        }
    }
    for (int64_t i = 1; i < count; i++) {
        for (int64_t j = i; j > 0; j--) {
            int64_t one = 0, two = 0;
            mien_parse_int(names[j - 1], &one);
            mien_parse_int(names[j], &two);
            if (one <= two) {
                break;
            }
            const char *kept = names[j];
            names[j] = names[j - 1];
            names[j - 1] = kept;
        }
    }
}

/* A label that a model could keep. */
static mien_status check_label(const mien_table *from, int column, const char *label) {
    size_t length = strlen(label);
    bool plain = true;
    for (const char *c = label; *c; c++) {
        plain = plain && (unsigned char)*c >= ' ' && *c != 0x7f;
    }
    return length <= MIEN_TRIALS_LABEL_MAX && plain
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "%s: column \"%s\": the label \"%.40s…\" %s",
                     mien_table_file(from), mien_table_name(from, column), label,
                     plain ? "has more than the 63 bytes that a model keeps"
                           : "has a line break, tab or other control character");
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
    for (int64_t c = 0; status == MIEN_OK && c < classes; c++) {
        status = check_label(from, column, sorted[c]);
    }
    if (status == MIEN_OK) {
        sort_classes(sorted, classes);
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
    static const char *const reserved[] = {"trial", "person", "stimulus", "group",
        "fold", "split", "seed", "row", "input", "start_s",
        "end_s"}; /* of tables of trials and of predictions */
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
    bool classes = false;
    mien_status status = find_kind(from, options, column, &classes);
    if (status != MIEN_OK) {
        return status;
    }
    return classes ? read_classes(from, targets, index, column)
                   : read_range(options, &targets->items[index]);
}

/* Checks that every column that `classes` names is there and is to be learnt. */
static mien_status check_classes(
    const mien_table *from, const mien_options *options, const char *targets) {
    const char *next = mien_options_text(options, "classes");
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && next && *next) {
        size_t length = strcspn(next, ",");
        char *name = mien_strndup(next, length);
        if (!name) {
            return MIEN_ENOMEM;
        }
        if (mien_table_column(from, name) < 0) {
            status =
                mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\" (classes)",
                    mien_table_file(from), name);
        } else if (!lists(targets ? targets : "valence,arousal,emotion", name)) {
            status = mien_fail(MIEN_EINVAL,
                "classes: \"%s\" is none of the targets (targets=…)", name);
        }
        mien_free(name);
        next += length + (next[length] == ',');
    }
    return status;
}

mien_status mien_label_targets_find(
    const mien_table *from, const mien_options *options, mien_label_targets *targets) {
    const char *given = mien_options_text(options, "targets");
    mien_status status = check_classes(from, options, given);
    const char *next = given ? given : "valence,arousal,emotion";
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
