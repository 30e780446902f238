/* SPDX-License-Identifier: MIT */
/* Stochastic gradient descent with momentum, as PyTorch's. */
#include "train/optimisers/optim.h"
#include "train/wide.h"

typedef struct settings {
    mien_optim_common common;
    bool nesterov;
} settings;

static const char *const state_names[] = {"momentum", NULL};

static const mien_option options[] = {
    {.name = "momentum",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 1,
        .help = "part of the last direction that is kept"},
    {.name = "nesterov",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "look ahead along the direction"},
    MIEN_OPTIM_DECAY_OPTION("0"),
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    s->common.momentum = mien_options_number(given, "momentum");
    s->common.decay = mien_options_number(given, "decay");
    s->nesterov = mien_options_flag(given, "nesterov");
    return s->nesterov && s->common.momentum == 0
               ? mien_fail(MIEN_EINVAL, "sgd: nesterov needs a momentum above 0")
               : MIEN_OK;
}

static int states(const void *from) {
    return ((const settings *)from)->common.momentum > 0;
}

MIEN_WIDE_BODY void plain_body(const mien_optim_step *s, const mien_optim_chunk *c) {
    float *restrict p = c->values;
    const float *restrict g = c->gradient;
    const float rate = (float)s->rate, decay = (float)s->decay;
    const float limit = s->limit, scale = s->scale;
    for (int64_t i = 0; i < c->count; i++) {
        p[i] -= rate * (mien_cut(g[i], limit) * scale + decay * p[i]);
    }
}

MIEN_WIDE(static, plain, (const mien_optim_step *s, const mien_optim_chunk *c), (s, c))

/* The direction starts at the first gradient: 0 · momentum + g. */
MIEN_WIDE_BODY void heavy_body(const mien_optim_step *s, const mien_optim_chunk *c) {
    const settings *set = s->settings;
    float *restrict p = c->values, *restrict m = c->state[0];
    const float *restrict g = c->gradient;
    const float rate = (float)s->rate, decay = (float)s->decay;
    const float momentum = (float)s->momentum;
    const float limit = s->limit, scale = s->scale;
    /* p −= rate (a d + b m): without Nesterov's look ahead a is 0 and b is 1 */
    const float a = set->nesterov ? 1 : 0, b = set->nesterov ? momentum : 1;
    for (int64_t i = 0; i < c->count; i++) {
        float d = mien_cut(g[i], limit) * scale + decay * p[i];
        m[i] = momentum * m[i] + d;
        p[i] -= rate * (a * d + b * m[i]);
    }
}

MIEN_WIDE(static, heavy, (const mien_optim_step *s, const mien_optim_chunk *c), (s, c))

static void update(const mien_optim_step *s, const mien_optim_chunk *c) {
    const settings *set = s->settings;
    if (set->common.momentum > 0) {
        heavy(s, c);
    } else {
        plain(s, c);
    }
}

const mien_optim mien_optim_sgd = {
    .name = "sgd",
    .summary = "p -= rate m, m = momentum m + g + decay p; Sutskever et al. 2013, in "
               "PyTorch's form without dampening",
    .options = options,
    .rate = 1e-3,
    .state_names = state_names,
    .settings_size = sizeof(settings),
    .parse = parse,
    .states = states,
    .update = update,
};
