/* SPDX-License-Identifier: MIT */
/* The registry of optimisers; keeps their state and runs a row over all chunks. */
#include "train/optimisers/optim.h"

#include <math.h>
#include <string.h>

static const mien_optim *const optims[] = {
#define X(name) &mien_optim_##name,
#include "train/optimisers/optims.def"
#undef X
};

int mien_optim_count(void) {
    return (int)(sizeof optims / sizeof optims[0]);
}

const mien_optim *mien_optim_at(int index) {
    return index >= 0 && index < mien_optim_count() ? optims[index] : NULL;
}

const mien_optim *mien_optim_find(const char *name) {
    const char *nearest = "";
    int distance = INT32_MAX;
    for (int i = 0; i < mien_optim_count(); i++) {
        int d = mien_edit_distance(optims[i]->name, name);
        if (d == 0) {
            return optims[i];
        }
        if (d < distance) {
            distance = d;
            nearest = optims[i]->name;
        }
    }
    mien_fail(MIEN_ENOTFOUND, "no optimiser \"%s\"; the nearest is %s", name, nearest);
    return NULL;
}

/* The counters that a checkpoint keeps beside the arrays: doubles count exactly up
 * to 2^53. */
typedef struct counters {
    double step, memory;
} counters;

struct mien_optimiser {
    const mien_optim *optim;
    mien_trainables *trainables;
    mien_optimiser_setup setup;
    void *settings;
    int states;
    float **state; /* [trainables, states] */
    counters counters;
    double norm;
};

/* ---- making one --------------------------------------------------------------- */

static mien_status check_setup(const mien_optimiser_setup *setup) {
    if (!(setup->clip_norm >= 0) || !(setup->clip_value >= 0)) {
        return mien_fail(MIEN_EINVAL,
            "gradients clipped to norm %g, value %g: both must be 0 or more",
            setup->clip_norm, setup->clip_value);
    }
    if (setup->unchecked && setup->clip_norm > 0) {
        return mien_fail(
            MIEN_EINVAL, "clipping by norm reads the gradients: they are checked");
    }
    return MIEN_OK;
}

static mien_status parse_settings(mien_optimiser *o, const mien_options *given) {
    mien_options *defaults = NULL;
    mien_status status = MIEN_OK;
    if (!given) {
        status = mien_options_new(o->optim->options, &defaults);
        given = defaults;
    }
    if (status == MIEN_OK) {
        status = o->optim->parse(given, o->settings);
    }
    mien_options_free(&defaults);
    return status;
}

static int count_states(const mien_optimiser *o) {
    int count = 0;
    while (o->optim->state_names[count]) {
        count++;
    }
    return o->optim->states ? o->optim->states(o->settings) : count;
}

static mien_status make_states(mien_optimiser *o) {
    const mien_trainables *l = o->trainables;
    o->states = count_states(o);
    o->state = mien_alloc((size_t)(l->count * o->states), sizeof *o->state);
    if (!o->state) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < l->count * o->states; i++) {
        o->state[i] = mien_alloc((size_t)l->row[i / o->states].count, sizeof(float));
        if (!o->state[i]) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

mien_status mien_optimiser_new(const mien_optim *optim, const mien_options *given,
    const mien_optimiser_setup *setup, mien_trainables *trainables,
    mien_optimiser **optimiser) {
    mien_status status = setup ? check_setup(setup) : MIEN_OK;
    if (status != MIEN_OK) {
        return status;
    }
    mien_optimiser *o = mien_alloc(1, sizeof *o);
    if (!o) {
        return MIEN_ENOMEM;
    }
    o->optim = optim;
    o->trainables = trainables;
    o->setup = setup ? *setup : (mien_optimiser_setup){0};
    o->counters.memory = optim->memory;
    o->norm = (double)NAN;
    o->settings = mien_alloc(1, optim->settings_size);
    status = o->settings ? parse_settings(o, given) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = make_states(o);
    }
    if (status != MIEN_OK) {
        mien_optimiser_free(&o);
        return status;
    }
    *optimiser = o;
    return MIEN_OK;
}

void mien_optimiser_free(mien_optimiser **optimiser) {
    if (!optimiser || !*optimiser) {
        return;
    }
    mien_optimiser *o = *optimiser;
    for (int64_t i = 0; o->state && i < o->trainables->count * o->states; i++) {
        mien_free(o->state[i]);
    }
    mien_free(o->state);
    mien_free(o->settings);
    mien_free(o);
    *optimiser = NULL;
}

/* ---- stepping ----------------------------------------------------------------- */

typedef struct work {
    const mien_optimiser *optimiser;
    mien_optim_step step; /* for an array whose multipliers are 1 */
} work;

static void step_chunk(
    void *context, const mien_trainable *row, const mien_chunk *chunk) {
    const work *w = context;
    const mien_optimiser *o = w->optimiser;
    mien_optim_step step = w->step;
    step.rate *= row->rate;
    step.decay *= row->decay;
    mien_optim_chunk c = {.values = row->values + chunk->first,
        .gradient = row->gradient + chunk->first,
        .count = chunk->count};
    for (int s = 0; s < o->states; s++) {
        c.state[s] = o->state[chunk->index * o->states + s] + chunk->first;
    }
    o->optim->update(&step, &c);
}

static mien_status check_pace(const mien_optimiser *o, const mien_pace *pace) {
    const mien_optim_common *common = o->settings;
    if (!isfinite(pace->rate) || pace->rate < 0) {
        return mien_fail(MIEN_EINVAL, "%s: a rate of %g", o->optim->name, pace->rate);
    }
    if (!isnan(pace->momentum) && common->momentum == 0) {
        return mien_fail(MIEN_EINVAL,
            "the schedule moves the momentum, but %s was given none: set its momentum, "
            "or turn that off in the schedule",
            o->optim->name);
    }
    return MIEN_OK;
}

/* Cuts and scale as torch.nn.utils.clip_grad_value_ and then clip_grad_norm_. */
static mien_status clip(mien_optimiser *o, float *limit, float *scale) {
    const mien_optimiser_setup *s = &o->setup;
    *limit = s->clip_value > 0 ? (float)s->clip_value : (float)INFINITY;
    *scale = 1;
    o->norm = (double)NAN;
    if (s->unchecked) {
        return MIEN_OK;
    }
    mien_norm_options options = {.limit = *limit};
    mien_status status = mien_trainables_norm(o->trainables, &options, &o->norm);
    if (status == MIEN_OK && s->clip_norm > 0) {
        *scale = (float)fmin(1, s->clip_norm / (o->norm + 1e-6));
    }
    return status;
}

mien_status mien_optimiser_step(mien_optimiser *optimiser, const mien_pace *pace) {
    mien_optimiser *o = optimiser;
    const mien_optim_common *common = o->settings;
    mien_status status = check_pace(o, pace);
    if (status != MIEN_OK) {
        return status;
    }
    work w = {.optimiser = o};
    status = clip(o, &w.step.limit, &w.step.scale);
    if (status != MIEN_OK) {
        return mien_fail_in(
            status, "step %lld", (long long)mien_optimiser_steps(o) + 1);
    }
    o->counters.step++;
    w.step.settings = o->settings;
    w.step.step = (int64_t)o->counters.step;
    w.step.rate = pace->rate;
    w.step.decay = common->decay;
    w.step.momentum = isnan(pace->momentum) ? common->momentum : pace->momentum;
    if (o->optim->begin) {
        o->optim->begin(&w.step, &o->counters.memory);
    }
    mien_trainables_run(o->trainables, step_chunk, &w);
    return MIEN_OK;
}

int64_t mien_optimiser_steps(const mien_optimiser *optimiser) {
    return (int64_t)optimiser->counters.step;
}

double mien_optimiser_norm(const mien_optimiser *optimiser) {
    return optimiser->norm;
}

mien_status mien_optimiser_check(const mien_optimiser *optimiser) {
    double steps = optimiser->counters.step;
    return steps >= 0 && steps <= 0x1p53 && steps == floor(steps)
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "the optimiser has made %g steps", steps);
}

mien_status mien_optimiser_state(
    mien_optimiser *optimiser, const char *prefix, mien_checkpoint_state *state) {
    mien_optimiser *o = optimiser;
    mien_status status = mien_checkpoint_state_add(
        state, MIEN_F64, 2, &o->counters, "%s.counters", prefix);
    for (int64_t i = 0; status == MIEN_OK && i < o->trainables->count * o->states;
         i++) {
        const mien_trainable *row = &o->trainables->row[i / o->states];
        status = mien_checkpoint_state_add(state, MIEN_F32, row->count, o->state[i],
            "%s.%s.%s", prefix, row->name, o->optim->state_names[i % o->states]);
    }
    return status;
}
