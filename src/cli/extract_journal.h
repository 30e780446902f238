/* SPDX-License-Identifier: MIT */
/* The journal of an extraction, beside its output: what is done so far, so that it
 * can go on after a kill. */
#ifndef MIEN_CLI_EXTRACT_JOURNAL_H
#define MIEN_CLI_EXTRACT_JOURNAL_H

#include "mien/io.h"

enum { CLI_ROW_DONE = -1 };

/** A row of an input, or, with row CLI_ROW_DONE, that it is complete. */
typedef struct cli_journal_row {
    int32_t input, row;
    double start_s, end_s, sound_s; /**< sound_s: how much sound there is in it */
    int32_t frames;                 /**< how many pictures were taken */
    uint32_t mask;                  /**< bit i: family i has values */
    float *values;                  /**< [width] of all families; lent */
    char *about;                    /**< of CLI_ROW_DONE: JSON; lent */
} cli_journal_row;

typedef struct cli_journal cli_journal;

/**
 * Opens or begins the journal. One that tells of another task (its head differs) is
 * begun anew; what follows its last whole record is cut off.
 *
 * @param head  what the task is made of, as text
 * @param width values of a row
 */
mien_status cli_journal_open(
    const char *path, const char *head, int64_t width, cli_journal **journal);
/** Rows so far, in the order they were added. */
int64_t cli_journal_count(const cli_journal *journal);
const cli_journal_row *cli_journal_at(const cli_journal *journal, int64_t index);
/** Appends a copy, in memory and in the file. */
mien_status cli_journal_add(cli_journal *journal, const cli_journal_row *row);
/** Closes; also removes the file if the task is done. */
void cli_journal_close(cli_journal **journal, bool done);

#endif
