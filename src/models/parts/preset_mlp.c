/* SPDX-License-Identifier: MIT */
/* The simple thing to beat: projected features averaged, and hidden layers. */
#include "models/parts/preset.h"

#include <stdio.h>

static const char *const activations[] = {"relu", "elu", "tanh", NULL};
static const mien_option options[] = {
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "32",
        .minimum = 1,
        .maximum = 4096,
        .help = "values that each input is projected to, and of each hidden layer"},
    {.name = "layers",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 16,
        .help = "hidden layers behind the mean of the projected inputs"},
    {.name = "activation",
        .type = MIEN_OPTION_CHOICE,
        .initial = "relu",
        .choices = activations,
        .help = "of the mean and of each hidden layer"},
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 0.95,
        .help = "after each activation"},
    {0},
};

static mien_status set_head(
    const mien_options *given, mien_architecture *architecture) {
    const mien_head_kind *head = NULL;
    const char *activation = mien_options_text(given, "activation");
    char widths[16 * 8], rate[32];
    size_t at = 0;
    widths[0] = 0;
    for (int64_t i = 0; i < mien_options_int(given, "layers"); i++) {
        at += (size_t)snprintf(widths + at, sizeof widths - at, "%s%lld", i ? " " : "",
            (long long)mien_options_int(given, "width"));
    }
    mien_format_double(mien_options_number(given, "dropout"), rate);
    const char *const pairs[][2] = {{"layers", widths}, {"activation", activation},
        {"dropout", rate}, {"read-activation", activation}, {"read-dropout", rate}};
    mien_status status = mien_head_kind_find("linear", &head);
    architecture->head_prefix[0] = 0;
    return status == MIEN_OK
               ? mien_part_from(&architecture->head, head->name, head->options, NULL,
                     &(mien_option){0}, pairs, sizeof pairs / sizeof *pairs)
               : status;
}

static mien_status apply(const mien_options *given, mien_architecture *architecture) {
    mien_status status =
        mien_preset_project(architecture, mien_options_int(given, "width"));
    if (status == MIEN_OK) {
        status = mien_architecture_fuse(architecture, "mean", NULL);
    }
    return status == MIEN_OK ? set_head(given, architecture) : status;
}

const mien_preset mien_preset_mlp = {
    .name = "mlp",
    .summary = "Mean of the projected features, and hidden layers",
    .options = options,
    .apply = apply,
};
