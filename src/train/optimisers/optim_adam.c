/* SPDX-License-Identifier: MIT */
/* Adam with weight decay through the gradient, as PyTorch's. */
#include "train/optimisers/adam.h"

static const mien_option options[] = {
    MIEN_ADAM_OPTIONS, MIEN_OPTIM_DECAY_OPTION("0"), {0}};

static mien_status parse(const mien_options *given, void *to) {
    mien_adam_settings *s = to;
    s->decoupled = false;
    return mien_adam_parse(given, s);
}

const mien_optim mien_optim_adam = {
    .name = "adam",
    .summary = "p -= rate m / (sqrt(v) + epsilon) with corrected running means m of g "
               "and v of g^2; Kingma & Ba 2015",
    .options = options,
    .rate = 1e-3,
    .state_names = mien_adam_state_names,
    .settings_size = sizeof(mien_adam_settings),
    .parse = parse,
    .begin = mien_adam_begin,
    .update = mien_adam_update,
};
