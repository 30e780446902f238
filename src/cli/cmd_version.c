/* SPDX-License-Identifier: MIT */
/* mien version: which version this is. */
#include "cli/command.h"

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    mien_string text;
    (void)c;
    (void)o;
    (void)count;
    (void)positional;
    mien_string_init(&text);
    mien_status status = mien_string_addf(&text, "mien %s\n", mien_version());
    status = status ? status : cli_write(NULL, &text);
    mien_string_clear(&text);
    return status;
}

const cli_command cli_command_version = {
    .name = "version",
    .summary = "Show the version",
    .synopsis = "",
    .text = "The same as mien --version.",
    .examples = "  mien version\n",
    .run = run,
};
