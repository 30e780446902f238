/* SPDX-License-Identifier: MIT */
/* mien completion: the script that makes bash complete commands and options. */
#include "cli/command.h"

#include <string.h>

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)o;
    (void)count;
    if (strcmp(positional[0], "bash") != 0) {
        return cli_usage(
            c, "completion for \"%s\" is not there; only bash", positional[0]);
    }
    mien_string text;
    mien_string_init(&text);
    mien_status status = cli_completion(&text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

const cli_command cli_command_completion = {
    .name = "completion",
    .summary = "Print the completion script of a shell",
    .synopsis = "bash",
    .text = "The installed package has it in place already.",
    .examples = "  source <(mien completion bash)\n",
    .hidden = true,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
