/* SPDX-License-Identifier: MIT */
/* Adam's step, with decay through the gradient or decoupled from it. */
#include "train/optimisers/adam.h"

#include <math.h>

#include "train/wide.h"

const char *const mien_adam_state_names[] = {"mean", "square", NULL};

mien_status mien_adam_parse(const mien_options *given, mien_adam_settings *settings) {
    settings->common.momentum = mien_options_number(given, "beta1");
    settings->common.decay = mien_options_number(given, "decay");
    settings->beta2 = mien_options_number(given, "beta2");
    settings->epsilon = mien_options_number(given, "epsilon");
    return MIEN_OK;
}

/* factor 0: 1 / (1 − β1^t); factor 1: 1 / √(1 − β2^t) */
void mien_adam_begin(mien_optim_step *step, double *memory) {
    (void)memory;
    const mien_adam_settings *s = step->settings;
    double t = (double)step->step;
    step->factor[0] = 1 / (1 - pow(step->momentum, t));
    step->factor[1] = 1 / sqrt(1 - pow(s->beta2, t));
}

MIEN_WIDE_BODY void mien_adam_update_body(
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
    const float rate = (float)(step->rate * step->factor[0]);
    const float root = (float)step->factor[1], epsilon = (float)set->epsilon;
    for (int64_t i = 0; i < chunk->count; i++) {
        float d = mien_cut(g[i], limit) * scale + decay * p[i];
        float mean = m[i] + new_m * (d - m[i]);
        float square = old_v * v[i] + new_v * d * d;
        m[i] = mean;
        v[i] = square;
        p[i] = keep * p[i] - rate * mean / (sqrtf(square) * root + epsilon);
    }
}

MIEN_WIDE(, mien_adam_update,
    (const mien_optim_step *step, const mien_optim_chunk *chunk), (step, chunk))
