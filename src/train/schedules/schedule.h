/* SPDX-License-Identifier: MIT */
/* Schedules: the rows of schedules.def, and a scheduler, which says the rate (and,
 * where the schedule moves it, the momentum) of every step of a training. */
#ifndef MIEN_TRAIN_SCHEDULE_H
#define MIEN_TRAIN_SCHEDULE_H

#include "train/optimisers/optim.h"

typedef struct mien_schedule mien_schedule;
typedef struct mien_scheduler mien_scheduler;

/* ---- using one ---------------------------------------------------------------- */

typedef struct mien_scheduler_setup {
    double rate;             /**< the base rate; the largest of one_cycle */
    int64_t steps;           /**< of the whole training, ≥ 1 */
    int64_t steps_per_epoch; /**< ≥ 1 */
    int64_t warmup;          /**< steps before the schedule begins to count */
    double warmup_start;     /**< factor of the first of them, in [0, 1]; the factor
                                then grows evenly to 1 */
} mien_scheduler_setup;

/** given: parsed options of the row; NULL: its defaults. MIEN_EINVAL, MIEN_ENOMEM. */
mien_status mien_scheduler_new(const mien_schedule *schedule, const mien_options *given,
    const mien_scheduler_setup *setup, mien_scheduler **scheduler);
void mien_scheduler_free(mien_scheduler **scheduler);
/** The pace of step ≥ 0, of whatever step is asked. Warm-up comes first; the schedule
 * counts its steps, or its whole epochs of steps_per_epoch, from the end of that; after
 * the last step it stays where it ended. */
mien_pace mien_scheduler_at(const mien_scheduler *scheduler, int64_t step);
/** True for a schedule that must be told how well it goes, once an epoch. */
bool mien_scheduler_listens(const mien_scheduler *scheduler);
/** Others ignore it. MIEN_ENUMBER for a metric that is no number. */
mien_status mien_scheduler_tell(mien_scheduler *scheduler, double metric);
/** Adds PREFIX.memory to what a checkpoint keeps. */
mien_status mien_scheduler_state(
    mien_scheduler *scheduler, const char *prefix, mien_checkpoint_state *state);

/* ---- rows --------------------------------------------------------------------- */

enum { MIEN_SCHEDULE_MEMORY = 4 };

/** The first settings of every row. */
typedef struct mien_schedule_common {
    bool per_step; /* else it counts epochs */
} mien_schedule_common;

/** Where a training stands, in the schedule's own unit. */
typedef struct mien_moment {
    double rate;       /* base */
    int64_t at, total; /* 0 ≤ at < total */
    const double *memory;
} mien_moment;

struct mien_schedule {
    const char *name;
    const char *summary;
    const mien_option *options;
    size_t settings_size; /**< begins with mien_schedule_common */
    mien_status (*parse)(const mien_options *given, void *settings);
    mien_pace (*at)(const void *settings, const mien_moment *moment);
    /** Two functions, both or neither: the first fills the memory before the first
     * step, the second takes in a metric. */
    void (*start)(const void *settings, double rate, double *memory);
    void (*tell)(const void *settings, double metric, double *memory);
};

int mien_schedule_count(void);
const mien_schedule *mien_schedule_at(int index);
/** NULL with error text that names the nearest. */
const mien_schedule *mien_schedule_find(const char *name);

/** Reads the option "per". */
void mien_schedule_parse_per(const mien_options *given, mien_schedule_common *common);

/** A rate that leaves the momentum alone. */
mien_pace mien_pace_of(double rate);

extern const char *const mien_schedule_units[];
#define MIEN_SCHEDULE_PER_OPTION(unit)                                                 \
    {                                                                                  \
        .name = "per", .type = MIEN_OPTION_CHOICE, .initial = unit,                    \
        .choices = mien_schedule_units, .help = "what is counted"                      \
    }

#define X(name) extern const mien_schedule mien_schedule_##name;
#include "train/schedules/schedules.def"
#undef X

#endif
