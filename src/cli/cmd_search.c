/* SPDX-License-Identifier: MIT */
/* mien search: keys of a study searched inside its folds. */
#include "base/ranks.h"
#include "cli/command.h"
#include "cli/set_options.h"

#include <string.h>

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "RUN",
        .help = "The run folder to make",
        .letter = 'o'},
    {.name = "over",
        .type = MIEN_OPTION_LIST,
        .metavar = "KEY=WHAT",
        .help =
            "A key that is searched: a range ('1e-5..1e-2 log'), a list "
            "('[sgd, adam]') or a map, as in search.over; may be given several times"},
    {.name = "set",
        .type = MIEN_OPTION_LIST,
        .metavar = "KEY=VALUE",
        .help = "Overrides a key of the study (search.name=halving); may be given "
                "several times"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "The backbone's weights (default: those fetched by mien models pull)"},
    CLI_EXACT_OPTION,
    {.name = "check",
        .type = MIEN_OPTION_FLAG,
        .help = "Only check the study, its table and everything that is searched"},
    {0},
};

static mien_status search(
    cli *c, const mien_options *o, const char *study, const mien_search_options *s) {
    const char *run = mien_options_text(o, "output");
    if (!run && !s->check) {
        return cli_usage(c, "-o RUN is missing: the folder the run is written to");
    }
    if (cli_is_table(study)) {
        return cli_usage(
            c, "%s: is a table; search takes a study (docs/study.md)", study);
    }
    mien_train_options t = mien_train_options_default();
    t.threads = c->threads;
    t.weights = mien_options_text(o, "weights");
    t.exact = mien_options_flag(o, "exact");
    bool silent = mien_rank(mien_ranks_here()) > 0;
    t.progress = silent ? NULL : cli_progress;
    t.context = c;
    mien_status status = mien_search_begin(study, s, run ? run : "", &t);
    c->usage = status == MIEN_EINVAL;
    if (status != MIEN_OK || silent) {
        return status;
    }
    if (s->check) {
        cli_say(c, "%s can be searched", study);
        return MIEN_OK;
    }
    return cli_report_run(c, run);
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    const char *sets[CLI_TEXTS_MAX], *overs[CLI_TEXTS_MAX];
    const char *set = mien_options_text(o, "set"), *over = mien_options_text(o, "over");
    char *set_text = set ? mien_strdup(set) : NULL,
         *over_text = over ? mien_strdup(over) : NULL;
    mien_search_options s = {.set = sets,
        .sets = cli_texts_split(set_text, sets),
        .over = overs,
        .overs = cli_texts_split(over_text, overs),
        .check = mien_options_flag(o, "check")};
    mien_status status = (set && !set_text) || (over && !over_text) ? MIEN_ENOMEM
                         : s.sets < 0 || s.overs < 0
                             ? cli_usage(c, "--set, --over: given more than %d times",
                                   (int)CLI_TEXTS_MAX)
                             : search(c, o, positional[0], &s);
    mien_free(over_text);
    mien_free(set_text);
    return status;
}

const cli_command cli_command_search = {
    .name = "search",
    .summary = "Search keys of a study inside its folds",
    .synopsis = "STUDY.yaml -o RUN [--over KEY=WHAT]…",
    .text =
        "In each fold points are judged on inner folds of its training part, the best "
        "is "
        "trained on all of\nthat part, and the fold, which the choice has not seen, is "
        "predicted: the figures are of what was\nchosen inside. One more search on all "
        "rows gives the model. What is frozen is computed once for\nall points. "
        "Strategies are grid, random, tpe and halving (search.name); the study's "
        "section "
        "search\nor --over say what is searched (docs/search.md).\n\n"
        "RUN is a run folder with points.sqlite and search.csv (every point) and "
        "chosen.yaml (the study as\nit was chosen) beside. A search that was killed "
        "goes "
        "on with `mien resume`; every point that was\njudged is kept.",
    .examples =
        "  mien search studies/s4-search.yaml -o runs/s4-search\n"
        "  mien search study.yaml -o runs/rates --over optimiser.rate='1e-5..1e-2 "
        "log'\n"
        "  mien search study.yaml -o runs/grid --set search.name=grid --over "
        "head.layers='[[], [27], [27, 27]]'\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = 1,
    .run = run,
};
