/* SPDX-License-Identifier: MIT */
/* Optimisers: the rows of optims.def, and an optimiser, which is a row with its options
 * and what it remembers of the arrays it trains. */
#ifndef MIEN_TRAIN_OPTIM_H
#define MIEN_TRAIN_OPTIM_H

#include "train/fit/trainables.h"
#include "train/run/checkpoint_state.h"

typedef struct mien_optim mien_optim;
typedef struct mien_optimiser mien_optimiser;

/* ---- using one ---------------------------------------------------------------- */

/** The rate and factors that a schedule sets for a step. */
typedef struct mien_pace {
    double rate;
    double momentum; /**< in the place of the optimiser's own; NaN: leave that */
} mien_pace;

typedef struct mien_optimiser_setup {
    double clip_value; /**< gradients are cut to ± this first; 0: not */
    double clip_norm;  /**< then scaled so that their norm is at most this; 0: not */
    bool unchecked;    /**< do not look for NaN in gradients (saves one reading of them;
                          mien_optimiser_norm() is NaN then); only without clip_norm */
} mien_optimiser_setup;

/** given: parsed options of the row; NULL: its defaults; setup NULL: no clipping.
 * trainables are lent. MIEN_EINVAL, MIEN_ENOMEM. */
mien_status mien_optimiser_new(const mien_optim *optim, const mien_options *given,
    const mien_optimiser_setup *setup, mien_trainables *trainables,
    mien_optimiser **optimiser);
void mien_optimiser_free(mien_optimiser **optimiser);

/** One step on all arrays, one pass over memory, on all threads of the trainables'
 * pool; the same bits whatever their number. MIEN_ENUMBER names the array whose
 * gradient is no number, and MIEN_EINVAL a rate that is none or a momentum for an
 * optimiser without; nothing has changed then. */
mien_status mien_optimiser_step(mien_optimiser *optimiser, const mien_pace *pace);
int64_t mien_optimiser_steps(const mien_optimiser *optimiser);
/** Norm of the gradients of the last step, after clip_value and before clip_norm. */
double mien_optimiser_norm(const mien_optimiser *optimiser);
/** Whether what was resumed from a checkpoint can be: MIEN_EFORMAT. */
mien_status mien_optimiser_check(const mien_optimiser *optimiser);
/** Adds PREFIX.counters and PREFIX.PARAMETER.STATE to what a checkpoint keeps. */
mien_status mien_optimiser_state(
    mien_optimiser *optimiser, const char *prefix, mien_checkpoint_state *state);

/* ---- rows --------------------------------------------------------------------- */

enum { MIEN_OPTIM_STATES_MAX = 2, MIEN_OPTIM_FACTORS_MAX = 6 };

/** The first settings of every row. */
typedef struct mien_optim_common {
    double momentum; /* 0: it has none that a schedule could move */
    double decay;
} mien_optim_common;

/** One step of one array. */
typedef struct mien_optim_step {
    const void *settings;
    int64_t step; /* 1 at first */
    double rate;  /* with the array's multiplier, as decay */
    double decay;
    double momentum;                       /* the settings' or the schedule's */
    double factor[MIEN_OPTIM_FACTORS_MAX]; /* set by begin */
    float limit, scale; /* the gradient is mien_cut(g, limit) · scale */
} mien_optim_step;

/** A chunk: arrays that do not overlap. */
typedef struct mien_optim_chunk {
    float *values;
    const float *gradient;
    float *state[MIEN_OPTIM_STATES_MAX];
    int64_t count;
} mien_optim_chunk;

struct mien_optim {
    const char *name;
    const char *summary;
    const mien_option *options;
    double rate;                    /**< PyTorch's default */
    const char *const *state_names; /**< NULL-ended */
    double memory;                  /**< first value of the number that begin keeps */
    size_t settings_size;           /**< begins with mien_optim_common */
    mien_status (*parse)(const mien_options *given, void *settings);
    /** How many of state_names are needed. NULL: all. */
    int (*states)(const void *settings);
    /** Computes what is the same for all arrays of a step: fills factor. */
    void (*begin)(mien_optim_step *step, double *memory);
    void (*update)(const mien_optim_step *step, const mien_optim_chunk *chunk);
};

int mien_optim_count(void);
const mien_optim *mien_optim_at(int index);
/** NULL with error text that names the nearest. */
const mien_optim *mien_optim_find(const char *name);

#define X(name) extern const mien_optim mien_optim_##name;
#include "train/optimisers/optims.def"
#undef X

/** The option "decay", for a table of options. */
#define MIEN_OPTIM_DECAY_OPTION(default_decay)                                         \
    {                                                                                  \
        .name = "decay", .type = MIEN_OPTION_NUMBER, .initial = default_decay,         \
        .minimum = 0, .maximum = 1e6, .help = "weight decay"                           \
    }

#endif
