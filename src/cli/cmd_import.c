/* SPDX-License-Identifier: MIT */
/* mien import: a published data set to a trial table with its sidecar. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/set_options.h"

#include <string.h>

#include "data/recordings/recording_files.h"

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "TRIALS.tsv",
        .help = "The table to write (its sidecar gets the same name with .json); of "
                "recordings also a folder, for BIDS",
        .letter = 'o'},
    {.name = "set",
        .type = MIEN_OPTION_LIST,
        .metavar = "KEY=VALUE",
        .help = "An option of the data set, as `mien import` lists them; may be given "
                "several times"},
    CLI_FORCE_OPTION,
    {0},
};

static void add_options(mien_string *text, const mien_option *table) {
    for (const mien_option *o = table; o && o->name; o++) {
        mien_string_addf(text, "               %s: %s", o->name, o->help);
        if (o->initial) {
            mien_string_addf(text, " (default: %s)", o->initial);
        }
        mien_string_add(text, "\n");
    }
}

static mien_status list_sets(void) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < mien_importer_count(); i++) {
        const mien_importer *set = mien_importer_at(i);
        mien_string_addf(&text, "%-14s %s\n", set->name, set->summary);
        add_options(&text, set->options);
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = cli_write(NULL, &text);
    }
    mien_string_clear(&text);
    return status;
}

/* A value of an option may name a table that is read. */
static mien_status keep_inputs(const char *given, const char *output) {
    mien_status status = MIEN_OK;
    char *text = mien_strdup(given ? given : ""), *rest = text;
    while (text && status == MIEN_OK && *rest) {
        char *end = rest + strcspn(rest, "\n");
        bool last = !*end;
        *end = 0;
        const char *value = strchr(rest, '=');
        value = value ? value + 1 : NULL;
        status = cli_keep_inputs(output, &value, 1);
        rest = last ? end : end + 1;
    }
    mien_free(text);
    return text ? status : MIEN_ENOMEM;
}

/* Recordings to a folder: BIDS. */
static mien_status to_bids(
    cli *c, const char *directory, const mien_options *own, const char *output) {
    const mien_recording_options reading = {.preset = mien_options_text(own, "preset"),
        .columns = mien_options_text(own, "columns")};
    mien_status status = mien_recordings_to_bids(directory, output, "view", &reading);
    if (status == MIEN_OK) {
        cli_say(c, "%s is written; `mien import bids %s` makes its trial table", output,
            output);
    }
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const mien_importer *set = NULL;
    mien_options *own = NULL;
    const char *output = mien_options_text(o, "output");
    if (count == 0) {
        return list_sets();
    }
    mien_status status = mien_importer_find(positional[0], &set);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    if (count < 2 || !output) {
        return cli_usage(c, "usage: mien import %s DIR -o TRIALS.tsv", set->name);
    }
    const bool bids = strcmp(set->name, "recordings") == 0 &&
                      strcmp(mien_path_extension(output), "tsv") != 0;
    status = keep_inputs(mien_options_text(o, "set"), output);
    status = status || bids ? status : cli_keep_other_trials(o, output);
    status = status ? status
                    : cli_set_options(c, set->name, set->options,
                          mien_options_text(o, "set"), &own);
    if (status == MIEN_OK && bids) {
        status = to_bids(c, positional[1], own, output);
        mien_options_free(&own);
        return status;
    }
    status = status ? status : mien_importer_run(set, positional[1], own, output);
    mien_options_free(&own);
    if (status == MIEN_OK) {
        cli_say(c, "%s is written; `mien doctor %s` looks it over", output, output);
    }
    return status;
}

const cli_command cli_command_import = {
    .name = "import",
    .summary = "Turn a published data set into a trial table",
    .synopsis = "SET DIR -o TRIALS.tsv",
    .text = "SET is one of the names that `mien import` lists, with their options, "
            "when it is "
            "given nothing;\nDIR is the folder as published. Paths in the table are "
            "relative "
            "to it, so table and files can\nmove together.",
    .examples =
        "  mien import\n  mien import oasis OASIS/ -o oasis.tsv\n  mien import "
        "features FOLDER/ --set labels=labels.csv --set group=film -o mine.tsv\n"
        "  mien import recordings LAB/ -o BIDS/\n  mien import bids BIDS/ -o "
        "trials.tsv\n",
    .options = options,
    .positional_max = 2,
    .run = run,
};
