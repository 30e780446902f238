/* SPDX-License-Identifier: MIT */
/* Every row of train/schedules/schedules.def: its rates are rates, in whatever order
 * steps are asked for, and it describes and checks itself. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "train/schedules/schedule.h"

enum { STEPS = 60 };

static mien_scheduler *make(const mien_schedule *schedule, int64_t warmup) {
    mien_scheduler *scheduler = NULL;
    assert_good(mien_scheduler_new(schedule, NULL,
        &(mien_scheduler_setup){
            .rate = 0.1, .steps = STEPS, .steps_per_epoch = 4, .warmup = warmup},
        &scheduler));
    return scheduler;
}

static void every_schedule_gives_rates(void **state) {
    (void)state;
    assert_true(mien_schedule_count() > 0);
    for (int i = 0; i < mien_schedule_count(); i++) {
        for (int64_t warmup = 0; warmup < 10; warmup += 5) {
            mien_scheduler *scheduler = make(mien_schedule_at(i), warmup);
            double backwards[STEPS];
            for (int64_t n = STEPS - 1; n >= 0; n--) {
                backwards[n] = mien_scheduler_at(scheduler, n).rate;
                assert_true(backwards[n] >= 0 && backwards[n] <= 0.1 * (1 + 1e-12));
            }
            for (int64_t n = 0; n < STEPS; n++) {
                mien_pace pace = mien_scheduler_at(scheduler, n);
                assert_true(pace.rate == backwards[n]);
                assert_true(
                    isnan(pace.momentum) || (pace.momentum >= 0 && pace.momentum < 1));
            }
            assert_true(warmup == 0 || backwards[0] == 0);
            mien_scheduler_free(&scheduler);
        }
    }
}

static void every_schedule_that_listens_hears(void **state) {
    (void)state;
    for (int i = 0; i < mien_schedule_count(); i++) {
        mien_scheduler *scheduler = make(mien_schedule_at(i), 0);
        double before = mien_scheduler_at(scheduler, 0).rate;
        for (int n = 0; n < 40; n++) { /* never better */
            assert_good(mien_scheduler_tell(scheduler, 1));
        }
        bool changed = mien_scheduler_at(scheduler, 0).rate != before;
        assert_int_equal(changed, mien_scheduler_listens(scheduler));
        mien_scheduler_free(&scheduler);
    }
}

static void every_schedule_describes_and_checks_itself(void **state) {
    (void)state;
    for (int i = 0; i < mien_schedule_count(); i++) {
        const mien_schedule *schedule = mien_schedule_at(i);
        assert_ptr_equal(mien_schedule_find(schedule->name), schedule);
        assert_true(strlen(schedule->summary) > 10);
        assert_true(schedule->settings_size >= sizeof(mien_schedule_common));
        assert_true(!schedule->start == !schedule->tell);
        for (const mien_option *o = schedule->options; o->name; o++) {
            mien_options *given = NULL;
            assert_true(o->initial && strlen(o->help) > 10);
            if (o->type == MIEN_OPTION_LIST) {
                continue; /* checked when a scheduler is made */
            }
            assert_good(mien_options_new(schedule->options, &given));
            assert_fails(
                mien_options_set(given, NULL, o->name, "-1"), MIEN_EINVAL, o->name);
            mien_options_free(&given);
        }
    }
    assert_null(mien_schedule_at(-1));
    assert_null(mien_schedule_at(mien_schedule_count()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_schedule_gives_rates),
        cmocka_unit_test(every_schedule_that_listens_hears),
        cmocka_unit_test(every_schedule_describes_and_checks_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
