/* SPDX-License-Identifier: MIT */
/* mien verify: does a model still give the outputs its contract promises? */
#include "cli/command.h"

static const mien_option options[] = {
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "The backbone's weights (default: those fetched by mien models pull)"},
    {.name = "tolerance",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.001",
        .minimum = 0,
        .maximum = 1,
        .help = "Largest difference allowed, as a share of the target's range"},
    CLI_EXACT_OPTION,
    {0},
};

static mien_status verify(
    const cli *c, const mien_options *o, const char *model, mien_verification *found) {
    mien_predict_options p = mien_predict_options_default();
    p.threads = c->threads;
    p.weights = mien_options_text(o, "weights");
    p.exact = mien_options_flag(o, "exact");
    mien_predictor *predictor = NULL;
    mien_status status = mien_predictor_open(model, &p, &predictor);
    if (status == MIEN_OK) {
        status = mien_predictor_verify(
            predictor, mien_options_number(o, "tolerance"), found);
    }
    mien_predictor_close(&predictor);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    for (int i = 0; i < count; i++) {
        mien_verification found = {0};
        mien_status status = verify(c, o, positional[i], &found);
        if (status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED) {
            return status;
        }
        if (status != MIEN_OK) {
            cli_problem(c, positional[i], mien_error());
            continue;
        }
        mien_string line;
        mien_string_init(&line);
        mien_string_addf(&line,
            "%s: good; %lld golden vectors, largest difference %.2g of the range\n",
            positional[i], (long long)found.vectors, found.largest);
        status = cli_write(NULL, &line);
        mien_string_clear(&line);
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

const cli_command cli_command_verify = {
    .name = "verify",
    .summary = "Check that a model gives what its contract promises",
    .synopsis = "MODEL…",
    .text = "Checks every byte of the file against its hashes, the backbone's weights "
            "against "
            "theirs, and\nreplays the golden vectors: small pictures with the outputs "
            "they must "
            "give. Exit status 1 on any\ndifference.",
    .examples = "  mien verify image-va\n  mien verify runs/oasis/model.safetensors\n",
    .options = options,
    .positional_min = 1,
    .positional_max = -1,
    .run = run,
};
