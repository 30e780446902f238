/* SPDX-License-Identifier: MIT */
/* Recodes a column of a table of labels; called by importer_pictures.c. */
#include "data/recode.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* "0..1", "2" or a word. */
static bool read_from(char *from, double *low, double *high) {
    char *dots = strstr(from, "..");
    *low = *high = (double)NAN;
    if (!dots) {
        bool number = mien_parse_number(from, low);
        *low = number ? *low : (double)NAN;
        *high = *low;
        return *from != 0;
    }
    *dots = 0;
    bool good = mien_parse_number(from, low) && mien_parse_number(dots + 2, high) &&
                *low <= *high;
    *dots = '.';
    return good;
}

static mien_status add_rule(mien_recode *r, char *rule) {
    char *equals = strrchr(rule, '=');
    if (r->count == MIEN_RECODE_RULES_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "recode: more than %d rules", MIEN_RECODE_RULES_MAX);
    }
    if (equals) {
        *equals = 0;
    }
    if (!equals || !equals[1] ||
        !read_from(rule, &r->rules[r->count].low, &r->rules[r->count].high)) {
        return mien_fail(MIEN_EINVAL,
            "recode: \"%s\" is none of VALUE=CLASS and LOW..HIGH=CLASS", rule);
    }
    r->rules[r->count].from = rule;
    r->rules[r->count++].to = equals + 1;
    return MIEN_OK;
}

mien_status mien_recode_parse(const char *text, mien_recode *r) {
    *r = (mien_recode){0};
    if (!text || !*text) {
        return MIEN_OK;
    }
    r->text = mien_strdup(text);
    if (!r->text) {
        return MIEN_ENOMEM;
    }
    char *colon = strchr(r->text, ':');
    if (!colon || colon == r->text || !colon[1]) {
        return mien_fail(MIEN_EINVAL,
            "recode: \"%s\" is not COLUMN:VALUE=CLASS,… "
            "(valence:0..1=negative,2=neutral)",
            text);
    }
    *colon = 0;
    r->column = r->text;
    mien_status status = MIEN_OK;
    for (char *next = colon + 1; status == MIEN_OK && *next;) {
        char *rule = next;
        next += strcspn(next, ",");
        if (*next) {
            *next++ = 0;
        }
        status = add_rule(r, rule);
    }
    return status;
}

void mien_recode_clear(mien_recode *r) {
    mien_free(r->text);
    *r = (mien_recode){0};
}

int mien_recode_classes(
    const mien_recode *r, const char *classes[MIEN_RECODE_RULES_MAX]) {
    int count = 0;
    for (int i = 0; i < r->count; i++) {
        bool known = false;
        for (int c = 0; c < count && !known; c++) {
            known = strcmp(classes[c], r->rules[i].to) == 0;
        }
        if (!known) {
            classes[count++] = r->rules[i].to;
        }
    }
    return count;
}

/* The cell's new text; NULL: no rule is for it. */
static const char *recoded(const mien_recode *r, const char *cell) {
    double value;
    bool number = mien_parse_number(cell, &value);
    for (int i = 0; i < r->count; i++) {
        bool range = !isnan(r->rules[i].low);
        if (range ? number && value >= r->rules[i].low && value <= r->rules[i].high
                  : strcmp(cell, r->rules[i].from) == 0) {
            return r->rules[i].to;
        }
    }
    return NULL;
}

mien_status mien_recode_apply(const mien_recode *r, mien_table *table) {
    int column = r->text ? mien_table_column(table, r->column) : -1;
    mien_status status = MIEN_OK;
    if (r->text && column < 0) {
        return mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\" (recode)",
            mien_table_file(table), r->column);
    }
    for (int64_t i = 0; status == MIEN_OK && column >= 0 && i < mien_table_rows(table);
         i++) {
        const char *cell = mien_table_cell(table, i, column);
        const char *to = mien_cell_missing(cell) ? cell : recoded(r, cell);
        status = to ? mien_table_set_cell(table, i, column, to)
                    : mien_fail(MIEN_EFORMAT,
                          "%s:%" PRId64 ": %s is \"%s\", for which recode has no class",
                          mien_table_file(table), mien_table_line(table, i), r->column,
                          cell);
    }
    return status;
}
