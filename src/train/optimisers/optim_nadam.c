/* SPDX-License-Identifier: MIT */
/* Adam with Nesterov's look ahead, in PyTorch's form with a growing momentum. */
#include <math.h>

#include "train/optimisers/adam.h"
#include "train/wide.h"

static const mien_option options[] = {
    MIEN_ADAM_OPTIONS,
    {.name = "momentum-decay",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.004",
        .minimum = 0,
        .maximum = 1,
        .help = "how fast the momentum grows to beta1"},
    {.name = "decoupled",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "weight decay as adamw's"},
    MIEN_OPTIM_DECAY_OPTION("0"),
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    mien_adam_settings *s = to;
    s->momentum_decay = mien_options_number(given, "momentum-decay");
    s->decoupled = mien_options_flag(given, "decoupled");
    return mien_adam_parse(given, s);
}

/* With μ_t = β1 (1 − 0.96^(t ψ) / 2), and memory the product of all μ so far:
 * factor 0: (1 − μ_t) / (1 − Π μ); factor 1: 1 / √(1 − β2^t);
 * factor 2: μ_(t+1) / (1 − Π μ · μ_(t+1)) */
static void begin(mien_optim_step *step, double *memory) {
    const mien_adam_settings *s = step->settings;
    double t = (double)step->step;
    double now = step->momentum * (1 - 0.5 * pow(0.96, t * s->momentum_decay));
    double next = step->momentum * (1 - 0.5 * pow(0.96, (t + 1) * s->momentum_decay));
    *memory *= now;
    step->factor[0] = (1 - now) / (1 - *memory);
    step->factor[1] = 1 / sqrt(1 - pow(s->beta2, t));
    step->factor[2] = next / (1 - *memory * next);
}

MIEN_WIDE_BODY void update_body(
    const mien_optim_step *step, const mien_optim_chunk *chunk) {
    const mien_adam_settings *set = step->settings;
    float *restrict p = chunk->values;
    float *restrict m = chunk->state[0], *restrict v = chunk->state[1];
    const float *restrict g = chunk->gradient;
    const float limit = step->limit, scale = step->scale;
    const float decay = set->decoupled ? 0 : (float)step->decay;
    const float keep = set->decoupled ? (float)(1 - step->rate * step->decay) : 1;
    const float new_m = (float)(1 - step->momentum);
    const float old_v = (float)set->beta2, new_v = (float)(1 - set->beta2);
    const float of_gradient = (float)(step->rate * step->factor[0]);
    const float of_mean = (float)(step->rate * step->factor[2]);
    const float root = (float)step->factor[1], epsilon = (float)set->epsilon;
    for (int64_t i = 0; i < chunk->count; i++) {
        float d = mien_cut(g[i], limit) * scale + decay * p[i];
        float mean = m[i] + new_m * (d - m[i]);
        float square = old_v * v[i] + new_v * d * d;
        m[i] = mean;
        v[i] = square;
        p[i] = keep * p[i] -
               (of_gradient * d + of_mean * mean) / (sqrtf(square) * root + epsilon);
    }
}

MIEN_WIDE(static, update, (const mien_optim_step *step, const mien_optim_chunk *chunk),
    (step, chunk))

const mien_optim mien_optim_nadam = {
    .name = "nadam",
    .summary = "adam that steps along the mean of the next step; Dozat 2016, in "
               "PyTorch's form (momentum_decay)",
    .options = options,
    .rate = 2e-3,
    .state_names = mien_adam_state_names,
    .memory = 1,
    .settings_size = sizeof(mien_adam_settings),
    .parse = parse,
    .begin = begin,
    .update = update,
};
