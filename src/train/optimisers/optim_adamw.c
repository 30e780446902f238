/* SPDX-License-Identifier: MIT */
/* Adam with decoupled weight decay, as PyTorch's. */
#include "train/optimisers/adam.h"

static const mien_option options[] = {
    MIEN_ADAM_OPTIONS, MIEN_OPTIM_DECAY_OPTION("0.01"), {0}};

static mien_status parse(const mien_options *given, void *to) {
    mien_adam_settings *s = to;
    s->decoupled = true;
    return mien_adam_parse(given, s);
}

const mien_optim mien_optim_adamw = {
    .name = "adamw",
    .summary =
        "adam with p *= 1 - rate decay before the step; Loshchilov & Hutter 2019",
    .options = options,
    .rate = 1e-3,
    .state_names = mien_adam_state_names,
    .settings_size = sizeof(mien_adam_settings),
    .parse = parse,
    .begin = mien_adam_begin,
    .update = mien_adam_update,
};
