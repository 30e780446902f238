/* SPDX-License-Identifier: MIT */
/* mien resume: goes on with a training that was interrupted, killed or out of space. */
#include "base/ranks.h"
#include "cli/command.h"
#include "cli/train_axes.h"

static const mien_option options[] = {
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "The backbone's weights, where they are not where they were"},
    {0},
};

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    const char *folder = positional[0];
    bool silent = mien_rank(mien_ranks_here()) > 0;
    mien_train_options t = mien_train_options_default();
    t.threads = c->threads;
    t.weights = mien_options_text(o, "weights");
    t.progress = silent ? NULL : cli_progress;
    t.context = c;
    if (cli_axes_is(folder)) {
        return cli_axes_resume(c, folder, &t);
    }
    mien_status status = mien_resume(folder, &t);
    return status == MIEN_OK && !silent ? cli_report_run(c, folder) : status;
}

const cli_command cli_command_resume = {
    .name = "resume",
    .summary = "Go on with a training that was stopped",
    .synopsis = "RUN",
    .text =
        "Resumes the run of a network where its last checkpoints stand and ends it "
        "with the same bits\nas if it had never been stopped, with the threads that "
        "it began with. Study, trial table and\nweights must be as they were: what "
        "has changed is told. A run that is finished is left alone.",
    .examples = "  mien resume runs/oasis\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
