/* SPDX-License-Identifier: MIT */
/* Films dealt over processes; for extract_films.c. */
#ifndef MIEN_CLI_EXTRACT_RANKS_H
#define MIEN_CLI_EXTRACT_RANKS_H

#include "cli/extract_films.h"

/** Does every input by cli_extract_input(), on whichever rank; on rank 0 the journal
 * has all rows then. head: all that decides what the rows are, the same on all ranks.
 */
mien_status cli_extract_deal(cli_film_job *job, const char *head);
/** A row to the journal, or to rank 0, which has it. One that is there stays. */
mien_status cli_extract_put(cli_film_job *job, const cli_journal_row *row);
/** On a rank other than 0: hands an input's problem to rank 0. False: this is rank 0.
 */
bool cli_extract_tell(cli_film_job *job, int64_t input, const char *text);

/* ---- of extract_films.c ---- */

/** One film; a bad one is told and is no failure. */
mien_status cli_extract_input(cli_film_job *job, int64_t input);
/** Tells the user, or whoever asked. */
void cli_extract_problem(cli_film_job *job, const char *input, const char *text);

#endif
