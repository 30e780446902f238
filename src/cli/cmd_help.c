/* SPDX-License-Identifier: MIT */
/* mien help: the texts of --help, the man pages, and the page of all commands. */
#include "cli/command.h"

static const mien_option options[] = {
    {.name = "man", .type = MIEN_OPTION_FLAG, .help = "As a man page (roff)"},
    {.name = "markdown",
        .type = MIEN_OPTION_FLAG,
        .help = "All commands as one page of Markdown"},
    {0},
};

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const cli_command *command = count ? cli_command_find(positional[0]) : NULL;
    if (count && !command) {
        return cli_usage(c, "there is no command \"%s\"", positional[0]);
    }
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_options_flag(o, "markdown") ? cli_markdown(&text)
                         : mien_options_flag(o, "man")    ? cli_man(&text, command)
                         : command ? cli_help_command(&text, command)
                                   : cli_help(&text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

const cli_command cli_command_help = {
    .name = "help",
    .summary = "Explain a command",
    .synopsis = "[COMMAND] [--man] | --markdown",
    .text = "Without a command: the list of commands.",
    .examples = "  mien help predict\n  mien help --man predict | man -l -\n",
    .options = options,
    .positional_max = 1,
    .run = run,
};
