/* SPDX-License-Identifier: MIT */
/* mien report: one self-contained page for one or more runs. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/train_axes.h"

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.html",
        .help = "The page to write",
        .letter = 'o'},
    CLI_FORCE_OPTION,
    {0},
};

/* The files of a run that a report is drawn from. */
static mien_status keep_run(const char *output, const char *run) {
    static const char *const names[] = {"results.json", "predictions.csv", "study.yaml",
        "trials.tsv", "run.json", "metrics.csv", "explain.json", "explain.csv",
        "axes.csv", "axes.json"};
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof names / sizeof *names; i++) {
        char *path = mien_path_join(run, names[i]);
        status =
            path ? cli_keep_inputs(output, (const char *const *)&path, 1) : MIEN_ENOMEM;
        mien_free(path);
    }
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *output = mien_options_text(o, "output");
    if (!output) {
        return cli_usage(c, "-o FILE.html is missing: the page to write");
    }
    cli_run_paths runs;
    mien_status status = cli_run_paths_open(&runs, count, positional);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = keep_run(output, positional[i]);
    }
    for (int i = 0; status == MIEN_OK && i < runs.count; i++) {
        status = keep_run(output, runs.path[i]);
    }
    status = status ? status : cli_keep_other_pages(o, output);
    if (status == MIEN_OK) {
        mien_report_options with = mien_report_options_default();
        with.picture = cli_report_picture;
        with.axes = runs.axes;
        status = mien_report_runs_with(
            (const char *const *)runs.path, runs.count, &with, output);
    }
    cli_run_paths_clear(&runs);
    if (status == MIEN_OK) {
        cli_say(c, "%s is written", output);
    }
    return status;
}

const cli_command cli_command_report = {
    .name = "report",
    .summary = "Draw one or more runs as a page",
    .synopsis = "RUN… -o FILE.html",
    .text =
        "What was done in words, the figures with their intervals, predicted "
        "against rated, hits and\nmisses as pictures where the stimuli are at hand. "
        "The page\nneeds no other file and no network. For a page about pictures "
        "or films "
        "see\n`mien predict --report`.",
    .examples = "  mien report runs/oasis -o oasis.html\n",
    .options = options,
    .positional_min = 1,
    .positional_max = -1,
    .run = run,
};
