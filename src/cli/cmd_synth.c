/* SPDX-License-Identifier: MIT */
/* mien synth: data with a planted signal, in the form of a published set. */
#include "cli/command.h"

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "DIR",
        .help = "The folder to fill; new or empty",
        .letter = 'o'},
    {.name = "r",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.6",
        .minimum = 0,
        .maximum = 0.95,
        .help = "Correlation that the best linear read-out reaches; 0: no signal"},
    {.name = "films",
        .type = MIEN_OPTION_INT,
        .initial = "12",
        .minimum = 1,
        .maximum = 10000,
        .help = "Films"},
    {.name = "segments",
        .type = MIEN_OPTION_INT,
        .initial = "360",
        .minimum = 20,
        .maximum = 10000,
        .help = "Segments of a film, within a tenth"},
    {.name = "seed",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 4294967295,
        .help = "Of everything that is drawn"},
    {.name = "modalities",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAMES",
        .help = "Which carry the signal, joined by commas (default: all)"},
    {0},
};

static mien_status list_sets(void) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < mien_synth_count(); i++) {
        const mien_synth *synth = mien_synth_at(i);
        mien_string_addf(&text, "%-10s %s\n", synth->name, synth->summary);
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : cli_write(NULL, &text);
    mien_string_clear(&text);
    return status;
}

static void progress(void *c, int64_t done, int64_t total) {
    cli_progress(c, "films", done, total);
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const mien_synth *synth = NULL;
    const char *output = mien_options_text(o, "output");
    if (count == 0) {
        return list_sets();
    }
    mien_status status = mien_synth_find(positional[0], &synth);
    if (status != MIEN_OK) {
        c->usage = true;
        return status;
    }
    if (!output) {
        return cli_usage(c, "usage: mien synth %s -o DIR", synth->name);
    }
    mien_synth_options s = {.r = mien_options_number(o, "r"),
        .films = (int)mien_options_int(o, "films"),
        .segments = (int)mien_options_int(o, "segments"),
        .seed = (uint32_t)mien_options_int(o, "seed"),
        .modalities = mien_options_text(o, "modalities")};
    status = mien_synth_write(synth, &s, output, progress, c);
    cli_progress_end(c);
    if (status == MIEN_OK) {
        cli_say(c, "%s/trials.tsv is written; %s/ideal.csv has what can be reached",
            output, output);
    }
    return status;
}

const cli_command cli_command_synth = {
    .name = "synth",
    .summary = "Make data with a planted signal, to try a study on",
    .synopsis = "SET -o DIR",
    .text = "SET is one of the names that `mien synth` lists when it is given nothing. "
            "DIR gets "
            "features, a trial\ntable, and ideal.csv: the values of the best linear "
            "read-out of "
            "all features. In each film they\ncorrelate with the ratings by --r; what "
            "a model "
            "reaches can be held against that. The same options\ngive the same bytes.",
    .examples =
        "  mien synth cognimuse -o films/\n  mien synth cognimuse --r 0 -o chance/\n"
        "  mien synth cognimuse --modalities vggish,emobase2010 -o sound/\n",
    .options = options,
    .positional_max = 1,
    .run = run,
};
