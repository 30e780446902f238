/* SPDX-License-Identifier: MIT */
/* The registry of schedules; warm-up; steps and epochs. */
#include "train/schedules/schedule.h"

#include <math.h>
#include <string.h>

static const mien_schedule *const schedules[] = {
#define X(name) &mien_schedule_##name,
#include "train/schedules/schedules.def"
#undef X
};

const char *const mien_schedule_units[] = {"epoch", "step", NULL};

int mien_schedule_count(void) {
    return (int)(sizeof schedules / sizeof schedules[0]);
}

const mien_schedule *mien_schedule_at(int index) {
    return index >= 0 && index < mien_schedule_count() ? schedules[index] : NULL;
}

const mien_schedule *mien_schedule_find(const char *name) {
    const char *nearest = "";
    int distance = INT32_MAX;
    for (int i = 0; i < mien_schedule_count(); i++) {
        int d = mien_edit_distance(schedules[i]->name, name);
        if (d == 0) {
            return schedules[i];
        }
        if (d < distance) {
            distance = d;
            nearest = schedules[i]->name;
        }
    }
    mien_fail(MIEN_ENOTFOUND, "no schedule \"%s\"; the nearest is %s", name, nearest);
    return NULL;
}

void mien_schedule_parse_per(const mien_options *given, mien_schedule_common *common) {
    common->per_step = strcmp(mien_options_text(given, "per"), "step") == 0;
}

mien_pace mien_pace_of(double rate) {
    return (mien_pace){rate, (double)NAN};
}

struct mien_scheduler {
    const mien_schedule *schedule;
    mien_scheduler_setup setup;
    void *settings;
    double memory[MIEN_SCHEDULE_MEMORY];
};

static mien_status check_setup(const mien_scheduler_setup *s) {
    if (!isfinite(s->rate) || s->rate < 0) {
        return mien_fail(MIEN_EINVAL, "a rate of %g; it must be 0 or more", s->rate);
    }
    if (s->steps < 1 || s->steps_per_epoch < 1) {
        return mien_fail(MIEN_EINVAL, "%lld steps, %lld an epoch: nothing to train",
            (long long)s->steps, (long long)s->steps_per_epoch);
    }
    if (s->warmup < 0 || s->warmup >= s->steps) {
        return mien_fail(MIEN_EINVAL, "a warm-up of %lld steps in a training of %lld",
            (long long)s->warmup, (long long)s->steps);
    }
    if (!(s->warmup_start >= 0 && s->warmup_start <= 1)) {
        return mien_fail(MIEN_EINVAL,
            "a warm-up from %g times the rate; it must be 0 to 1", s->warmup_start);
    }
    return MIEN_OK;
}

mien_status mien_scheduler_new(const mien_schedule *schedule, const mien_options *given,
    const mien_scheduler_setup *setup, mien_scheduler **scheduler) {
    mien_options *defaults = NULL;
    mien_status status = check_setup(setup);
    if (status != MIEN_OK) {
        return status;
    }
    mien_scheduler *p = mien_alloc(1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    p->schedule = schedule;
    p->setup = *setup;
    p->settings = mien_alloc(1, schedule->settings_size);
    status = p->settings ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && !given) {
        status = mien_options_new(schedule->options, &defaults);
        given = defaults;
    }
    if (status == MIEN_OK) {
        status = schedule->parse(given, p->settings);
    }
    mien_options_free(&defaults);
    if (status != MIEN_OK) {
        mien_scheduler_free(&p);
        return status;
    }
    if (schedule->start) {
        schedule->start(p->settings, setup->rate, p->memory);
    }
    *scheduler = p;
    return MIEN_OK;
}

void mien_scheduler_free(mien_scheduler **scheduler) {
    if (!scheduler || !*scheduler) {
        return;
    }
    mien_free((*scheduler)->settings);
    mien_free(*scheduler);
    *scheduler = NULL;
}

mien_pace mien_scheduler_at(const mien_scheduler *scheduler, int64_t step) {
    const mien_scheduler_setup *s = &scheduler->setup;
    const mien_schedule_common *common = scheduler->settings;
    int64_t unit = common->per_step ? 1 : s->steps_per_epoch;
    int64_t after = step > s->warmup ? step - s->warmup : 0;
    mien_moment m = {.rate = s->rate,
        .at = after / unit,
        .total = (s->steps - s->warmup + unit - 1) / unit,
        .memory = scheduler->memory};
    if (m.at >= m.total) {
        m.at = m.total - 1;
    }
    mien_pace pace = scheduler->schedule->at(scheduler->settings, &m);
    if (step < s->warmup) {
        double part = (double)step / (double)s->warmup;
        pace.rate *= s->warmup_start + (1 - s->warmup_start) * part;
    }
    return pace;
}

bool mien_scheduler_listens(const mien_scheduler *scheduler) {
    return scheduler->schedule->tell != NULL;
}

mien_status mien_scheduler_tell(mien_scheduler *scheduler, double metric) {
    if (!scheduler->schedule->tell) {
        return MIEN_OK;
    }
    if (isnan(metric)) {
        return mien_fail(
            MIEN_ENUMBER, "schedule %s: the metric is nan", scheduler->schedule->name);
    }
    scheduler->schedule->tell(scheduler->settings, metric, scheduler->memory);
    return MIEN_OK;
}

mien_status mien_scheduler_state(
    mien_scheduler *scheduler, const char *prefix, mien_checkpoint_state *state) {
    return mien_checkpoint_state_add(
        state, MIEN_F64, MIEN_SCHEDULE_MEMORY, scheduler->memory, "%s.memory", prefix);
}
