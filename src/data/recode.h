/* SPDX-License-Identifier: MIT */
/* Values of a column put together: a scale of five that becomes three classes. */
#ifndef MIEN_DATA_RECODE_H
#define MIEN_DATA_RECODE_H

#include "data/trials.h"

#define MIEN_RECODE_RULES_MAX 64

/** "COLUMN:0..1=negative,2=neutral,3..4=positive": a number, a range of numbers or a
 * word, and the class it becomes. */
typedef struct mien_recode {
    char *text; /* NULL: nothing is recoded */
    const char *column;
    struct {
        const char *from, *to; /* words */
        double low, high;      /* NaN: a word */
    } rules[MIEN_RECODE_RULES_MAX];
    int count;
} mien_recode;

/** MIEN_EINVAL names what is wrong in the text. mien_recode_clear() in any case. */
mien_status mien_recode_parse(const char *text, mien_recode *recode);
void mien_recode_clear(mien_recode *recode);
/** Replaces the column's cells; missing ones stay. MIEN_EFORMAT with file:line for a
 * cell that no rule is for. */
mien_status mien_recode_apply(const mien_recode *recode, mien_table *table);
/** The classes, each once, in the order of the rules; returns how many. */
int mien_recode_classes(
    const mien_recode *recode, const char *classes[MIEN_RECODE_RULES_MAX]);

#endif
