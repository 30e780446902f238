/* SPDX-License-Identifier: MIT */
/* The structure of a command, and the helpers that all commands share. */
#ifndef MIEN_CLI_COMMAND_H
#define MIEN_CLI_COMMAND_H

#include "mien/mien.h"

/** One run of the program. */
typedef struct cli {
    bool quiet;
    bool json; /**< stderr holds JSON lines and nothing else */
    int threads;
    bool terminal;    /**< stderr is one: progress bars make sense */
    bool usage;       /**< the failure is the caller's: exit 2 */
    bool told;        /**< the failure has been printed already */
    int64_t problems; /**< inputs that failed while the rest went on */
    double bar_drawn_s, bar_began_s;
    char bar_stage[64];
} cli;

/** A row of commands.def. */
typedef struct cli_command {
    const char *name;
    const char *summary;        /**< one line, no full stop */
    const char *synopsis;       /**< what follows "mien NAME" */
    const char *text;           /**< paragraphs for --help and the man page */
    const char *examples;       /**< lines of "command # what it does" */
    const mien_option *options; /**< its own, without the common ones */
    bool hidden;
    bool keeps; /**< an interrupt is its own business: it stops where its work stays
                   whole */
    int positional_min, positional_max; /**< max −1: any number */
    mien_status (*run)(
        cli *c, const mien_options *options, int count, const char *const *positional);
} cli_command;

#define X(name) extern const cli_command cli_command_##name;
#include "cli/commands.def"
#undef X

int cli_command_count(void);
const cli_command *cli_command_at(int index);
/** NULL if absent. */
const cli_command *cli_command_find(const char *name);
/** Options that every command has. */
extern const mien_option cli_common[];
/** A command's own options followed by the common ones; mien_free(). */
mien_option *cli_all_options(const cli_command *command);

/** A command's flag --exact. */
#define CLI_EXACT_OPTION                                                               \
    {                                                                                  \
        .name = "exact", .type = MIEN_OPTION_FLAG,                                     \
        .help = "Convolutions as they are written, not by Winograd's faster algorithm" \
    }

/** mien_fail(MIEN_EINVAL, …) that makes the program exit with 2. */
mien_status cli_usage(cli *c, const char *format, ...) MIEN_PRINTF(2, 3);
/** Prints an error that does not end the run; counts it. */
void cli_problem(cli *c, const char *input, const char *text);
/** {KIND: TEXT, KEY: VALUE} as a line on stderr: "error" or "warning". */
void cli_json_line(
    const char *kind, const char *text, const char *key, const char *value);
/** A line on stderr, "mien: " and the text, as a terminal may have it. */
void cli_line(const char *text);
/** One line for people on stderr unless --quiet or --json. */
void cli_say(cli *c, const char *format, ...) MIEN_PRINTF(2, 3);

/** Draws the page of a run that is done and says where its figures are. */
mien_status cli_report_run(cli *c, const char *run);
/** A small picture of a trial's stimulus for a page (mien_report_options). */
mien_status cli_report_picture(
    void *context, const char *file, double at_s, void **jpeg, size_t *bytes);

/** The main figure of every target of a run, and that of always answering with the
 * mean. */
mien_status cli_main_figures(cli *c, const char *run);

/** Progress on a terminal; nothing elsewhere. total 0: unknown. */
void cli_progress(void *c, const char *stage, int64_t done, int64_t total);
/** Wipes the bar: call before printing anything and at the end. */
void cli_progress_end(cli *c);

/** Text for `mien --help`, `mien NAME --help`; roff for man; a page of all commands; a
 * completion script. */
mien_status cli_help(mien_string *out);
mien_status cli_help_command(mien_string *out, const cli_command *command);
mien_status cli_man(mien_string *out, const cli_command *command); /**< NULL: mien.1 */
mien_status cli_markdown(mien_string *out);
mien_status cli_completion(mien_string *out);

/** Closes the writer and gives the first failure: status with its text, or the
 * closing's.
 */
mien_status cli_close_rows(mien_table_writer **writer, mien_status status);
/** Whether a file is called as a table is: .tsv or .csv, in any case. */
bool cli_is_table(const char *path);
/** Writes text to the path, or to stdout for NULL and "-", and reports a full disk. */
mien_status cli_write(const char *path, const mien_string *text);

#endif
