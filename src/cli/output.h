/* SPDX-License-Identifier: MIT */
/* Rules of where a command may write: never to an input, nor to a file that mien did
 * not make. */
#ifndef MIEN_CLI_OUTPUT_H
#define MIEN_CLI_OUTPUT_H

#include "cli/command.h"

/** A command's flag --force. */
#define CLI_FORCE_OPTION                                                               \
    {                                                                                  \
        .name = "force", .type = MIEN_OPTION_FLAG,                                     \
        .help = "Replace an output file that mien did not make; an input never"        \
    }

/** MIEN_EINVAL where output is the same file as one of the inputs,
 * whatever the names, links among them; FILE#NAME is an array in FILE, NULL inputs are
 * passed over. Fine for an output that is NULL, "-" or no regular file. c may be NULL:
 * then exit 1. */
mien_status cli_keep_inputs(
    const char *output, const char *const *inputs, int64_t count);
/** MIEN_EINVAL where a regular file that is not empty lies there and mien
 * did not make it, as far as its beginning tells: marks are what files of this kind
 * begin with (after a '^') or hold in their first 64 KiB; one of them is enough. With
 * --force all is replaced. */
mien_status cli_keep_others(
    const mien_options *o, const char *output, const char *const *marks);
/** A table whose first two columns are these, as CSV, TSV or JSON Lines. */
mien_status cli_keep_other_tables(
    const mien_options *o, const char *output, const char *first, const char *second);
/** A table of predictions, whatever its first columns are. */
mien_status cli_keep_other_predictions(const mien_options *o, const char *output);
/** A timeline of these targets, in any of the formats. */
mien_status cli_keep_other_timelines(
    const mien_options *o, const char *output, const mien_target *targets);
/** A page of mien. */
mien_status cli_keep_other_pages(const mien_options *o, const char *output);
/** A trial table with its sidecar, as mien_importer_run() left them. */
mien_status cli_keep_other_trials(const mien_options *o, const char *output);

#endif
