/* SPDX-License-Identifier: MIT */
/* mien import: a published data set to a trial table with its sidecar. */
#include "cli/command.h"

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "TRIALS.tsv",
        .help = "The table to write (its sidecar gets the same name with .json)",
        .letter = 'o'},
    {0},
};

static mien_status list_sets(void) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < mien_dataset_count(); i++) {
        const mien_dataset *set = mien_dataset_at(i);
        mien_string_addf(&text, "%-10s %s\n", set->name, set->summary);
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const mien_dataset *set = NULL;
    const char *output = mien_options_text(o, "output");
    if (count == 0) {
        return list_sets();
    }
    mien_status status = mien_dataset_find(positional[0], &set);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    if (count < 2 || !output) {
        return cli_usage(c, "usage: mien import %s DIR -o TRIALS.tsv", set->name);
    }
    status = mien_dataset_import(set, positional[1], output);
    if (status == MIEN_OK) {
        cli_say(c, "%s is written; `mien doctor %s` looks it over", output, output);
    }
    return status;
}

const cli_command cli_command_import = {
    .name = "import",
    .summary = "Turn a published data set into a trial table",
    .synopsis = "SET DIR -o TRIALS.tsv",
    .text =
        "SET is one of the names that `mien import` lists when it is given nothing; "
        "DIR is "
        "the folder as\npublished. Paths in the table are relative to it, so table and "
        "pictures can move together.",
    .examples = "  mien import\n  mien import oasis OASIS/ -o oasis.tsv\n",
    .options = options,
    .positional_max = 2,
    .run = run,
};
