/* SPDX-License-Identifier: MIT */
/* How pixels are found that no longer lie on the grid, and what lies around the
 * picture. */
#include "signal/augment.h"

#include <string.h>

static const char *const kernels[] = {"bilinear", "nearest", NULL};
static const char *const fills[] = {
    [MIEN_FILL_CONSTANT] = "constant",
    [MIEN_FILL_NEAREST] = "nearest",
    [MIEN_FILL_REFLECT] = "reflect",
    [MIEN_FILL_MIRROR] = "mirror",
    NULL,
};

static const mien_option options[] = {
    {.name = "kernel",
        .type = MIEN_OPTION_CHOICE,
        .initial = "bilinear",
        .choices = kernels,
        .help = "of the one resampling"},
    {.name = "fill",
        .type = MIEN_OPTION_CHOICE,
        .initial = "constant",
        .choices = fills,
        .help =
            "what lies around: a colour, the border's pixels, or the picture reflected "
            "with its border (reflect) or without (mirror)"},
    {.name = "colour",
        .type = MIEN_OPTION_TEXT,
        .initial = "mean",
        .help =
            "of the constant: mean (the network's), a grey or red,green,blue from 0 "
            "to 1"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    return mien_augment_colour(step, "colour", step->number);
}

static void set(const mien_augment_step *step, mien_resampling *resampling) {
    const char *fill = mien_options_text(step->options, "fill");
    const char *kernel = mien_options_text(step->options, "kernel");
    resampling->nearest = strcmp(kernel, "nearest") == 0;
    for (int i = 0; fills[i]; i++) {
        if (strcmp(fills[i], fill) == 0) {
            resampling->fill = (mien_fill)i;
        }
    }
    resampling->colour = mien_augment_colour_of(step->number);
}

static const mien_augment_work work = {
    .phase = MIEN_AUGMENT_SETS, .prepare = prepare, .set = set};

const mien_augment_kind mien_augment_resample = {
    .name = "resample",
    .summary = "how the steps that move pixels resample; itself it changes nothing",
    .main = "fill",
    .options = options,
    .work = &work,
};
