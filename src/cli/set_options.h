/* SPDX-License-Identifier: MIT */
/* --set KEY=VALUE: options of a row of a table (data sets, synthetic sets). */
#ifndef MIEN_CLI_SET_OPTIONS_H
#define MIEN_CLI_SET_OPTIONS_H

#include "cli/command.h"

/* Options of `table` (NULL: `name` has none, and none may be given) with what is given,
 * KEY=VALUE a line; NULL: nothing. *own is left NULL without a table; freed by the
 * caller. */
mien_status cli_set_options(cli *c, const char *name, const mien_option *table,
    const char *given, mien_options **own);

enum { CLI_TEXTS_MAX = 256 };
/* Splits the newline-joined texts of a MIEN_OPTION_LIST in place; NULL: none. How many
 * there are, -1 if more than CLI_TEXTS_MAX. */
int cli_texts_split(char *text, const char **texts);

#endif
