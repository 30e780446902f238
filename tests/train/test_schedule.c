/* SPDX-License-Identifier: MIT */
/* Schedules against PyTorch (python/golden/optimisers.py, PyTorch 2.15.0), against a
 * published project, and in epochs, steps and warm-up. */
#include "support/support.h"

#include <math.h>

#include "train/goldens.h"
#include "train/schedules/schedule.h"

static mien_scheduler *make(
    const char *name, const char *options, const mien_scheduler_setup *setup) {
    mien_options *given = NULL;
    mien_scheduler *scheduler = NULL;
    const mien_schedule *schedule = mien_schedule_find(name);
    assert_non_null(schedule);
    golden_options(schedule->options, options, &given);
    assert_good(mien_scheduler_new(schedule, given, setup, &scheduler));
    mien_options_free(&given);
    return scheduler;
}

static void every_step_equals_pytorch(void **state) {
    (void)state;
    static double rates[GOLDEN_MOST], momenta[GOLDEN_MOST], metrics[GOLDEN_MOST];
    mien_table *table = NULL;
    assert_good(
        mien_table_read(support_source("tests/golden/schedules.tsv"), NULL, &table));
    assert_true(mien_table_rows(table) > 40);
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        mien_scheduler_setup s = {.rate = golden_number(table, i, "rate"),
            .steps = (int64_t)golden_number(table, i, "steps"),
            .steps_per_epoch = (int64_t)golden_number(table, i, "steps_per_epoch"),
            .warmup = (int64_t)golden_number(table, i, "warmup"),
            .warmup_start = golden_number(table, i, "warmup_start")};
        mien_scheduler *scheduler = make(
            golden_cell(table, i, "schedule"), golden_cell(table, i, "options"), &s);
        int64_t told = golden_numbers(table, i, "metrics", metrics);
        bool moves = golden_numbers(table, i, "momenta", momenta) > 0;
        assert_int_equal(golden_numbers(table, i, "rates", rates), s.steps);
        for (int64_t n = 0; n < s.steps; n++) {
            mien_pace pace = mien_scheduler_at(scheduler, n);
            if (!(fabs(pace.rate - rates[n]) <= 1e-11 * rates[n] + 1e-17)) {
                fail_msg("row %lld (%s %s), step %lld: got %.17g, want %.17g",
                    (long long)i, golden_cell(table, i, "schedule"),
                    golden_cell(table, i, "options"), (long long)n, pace.rate,
                    rates[n]);
            }
            assert_int_equal(!isnan(pace.momentum), moves);
            if (moves) {
                assert_near(pace.momentum, momenta[n], 1e-12);
            }
            if (told && (n + 1) % s.steps_per_epoch == 0) {
                assert_true(mien_scheduler_listens(scheduler));
                assert_good(
                    mien_scheduler_tell(scheduler, metrics[n / s.steps_per_epoch]));
            }
        }
        mien_scheduler_free(&scheduler);
    }
    mien_table_free(&table);
}

static void multipliers_give_the_published_rates(void **state) {
    (void)state;
    char options[128];
    /* a rate of 0.01 times what was meant as the rate itself */
    snprintf(options, sizeof options, "factors=0.01,0.01,0.01,%.17g", 0.01 * exp(-0.1));
    mien_scheduler_setup s = {.rate = 0.01, .steps = 300, .steps_per_epoch = 10};
    mien_scheduler *scheduler = make("multiplier", options, &s);
    for (int64_t n = 0; n < 300; n++) {
        double want = n < 30 ? 1.0e-4 : 9.048374180359595e-05;
        assert_near(mien_scheduler_at(scheduler, n).rate, want, 1e-20);
    }
    mien_scheduler_free(&scheduler);
}

static void a_fall_may_wait_and_end(void **state) {
    (void)state;
    char options[128];
    /* the rate that was meant there: 0.01, from epoch 3 on × e^−0.1 down to 1e-4 */
    snprintf(options, sizeof options, "every=1 after=2 minimum=0.0001 factor=%.17g",
        exp(-0.1));
    mien_scheduler_setup s = {.rate = 0.01, .steps = 200, .steps_per_epoch = 2};
    mien_scheduler *scheduler = make("step", options, &s);
    for (int64_t n = 0; n < 200; n++) {
        double epoch = (double)(n / 2);
        double want = epoch < 3 ? 0.01 : fmax(1e-4, 0.01 * exp(-0.1 * (epoch - 2)));
        assert_near(mien_scheduler_at(scheduler, n).rate, want, 1e-16);
    }
    mien_scheduler_free(&scheduler);
}

static void warm_up_comes_before_epochs_are_counted(void **state) {
    (void)state;
    mien_scheduler_setup s = {
        .rate = 1, .steps = 12, .steps_per_epoch = 2, .warmup = 4, .warmup_start = 0.5};
    mien_scheduler *scheduler = make("multiplier", "factors=1,0.5,0.25", &s);
    const double want[] = {
        0.5, 0.625, 0.75, 0.875, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25};
    for (int64_t n = 0; n < 14; n++) {
        assert_near(mien_scheduler_at(scheduler, n).rate, want[n], 1e-15);
    }
    mien_scheduler_free(&scheduler);
}

static void after_the_end_the_rate_stays(void **state) {
    (void)state;
    mien_scheduler_setup s = {.rate = 0.1, .steps = 20, .steps_per_epoch = 5};
    mien_scheduler *scheduler = make("one_cycle", "", &s);
    assert_near(mien_scheduler_at(scheduler, 500).rate,
        mien_scheduler_at(scheduler, 19).rate, 0);
    assert_near(mien_scheduler_at(scheduler, 19).rate, 0.1 / 25 / 10000, 1e-18);
    mien_scheduler_free(&scheduler);
    scheduler = make("cosine", "period=10 minimum=0.01", &s);
    for (int64_t n = 10; n < 30; n++) {
        assert_near(mien_scheduler_at(scheduler, n).rate, 0.01, 1e-17);
    }
    mien_scheduler_free(&scheduler);
}

static void the_shortest_trainings_have_a_pace(void **state) {
    (void)state;
    for (int i = 0; i < mien_schedule_count(); i++) {
        for (int64_t steps = 1; steps < 5; steps++) {
            mien_scheduler_setup s = {
                .rate = 0.1, .steps = steps, .steps_per_epoch = 1};
            mien_scheduler *scheduler = make(mien_schedule_at(i)->name, "", &s);
            for (int64_t n = 0; n < steps; n++) {
                double rate = mien_scheduler_at(scheduler, n).rate;
                assert_true(rate >= 0 && rate <= 0.1 + 1e-15);
            }
            mien_scheduler_free(&scheduler);
        }
    }
}

static void a_plateau_goes_on_from_a_checkpoint(void **state) {
    (void)state;
    const char *path = support_temp_path("scheduler.safetensors");
    mien_scheduler_setup s = {.rate = 0.1, .steps = 100, .steps_per_epoch = 1};
    mien_scheduler *whole = make("plateau", "patience=1 cooldown=1", &s);
    mien_scheduler *again = make("plateau", "patience=1 cooldown=1", &s);
    mien_checkpoint_state kept = {0}, loaded = {0};
    mien_archive *archive = NULL;
    for (int n = 0; n < 5; n++) {
        assert_good(mien_scheduler_tell(whole, 1));
    }
    assert_near(mien_scheduler_at(whole, 0).rate, 0.01, 1e-17);
    assert_good(mien_scheduler_state(whole, "scheduler", &kept));
    assert_good(
        mien_safetensors_write(path, kept.count, (const char *const *)kept.names,
            (const mien_tensor *const *)kept.tensors, (const char *const[]){NULL}));
    assert_good(mien_scheduler_state(again, "scheduler", &loaded));
    assert_good(mien_archive_open(path, &archive));
    assert_good(mien_checkpoint_state_load(&loaded, archive));
    for (int n = 0; n < 10; n++) {
        assert_good(mien_scheduler_tell(whole, 1));
        assert_good(mien_scheduler_tell(again, 1));
        assert_true(
            mien_scheduler_at(whole, n).rate == mien_scheduler_at(again, n).rate);
    }
    assert_fails(mien_scheduler_tell(again, NAN), MIEN_ENUMBER, "nan");
    mien_archive_close(&archive);
    mien_checkpoint_state_clear(&loaded);
    mien_checkpoint_state_clear(&kept);
    mien_scheduler_free(&again);
    mien_scheduler_free(&whole);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    static const struct {
        mien_scheduler_setup setup;
        const char *text;
    } bad[] = {{{NAN, 10, 1, 0, 0}, "rate"}, {{-1, 10, 1, 0, 0}, "rate"},
        {{1, 0, 1, 0, 0}, "nothing"}, {{1, 10, 0, 0, 0}, "nothing"},
        {{1, 10, 1, 10, 0}, "warm-up of 10"}, {{1, 10, 1, -1, 0}, "warm-up"},
        {{1, 10, 1, 2, 1.5}, "warm-up"}};
    mien_scheduler *scheduler = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_fails(mien_scheduler_new(mien_schedule_find("constant"), NULL,
                         &bad[i].setup, &scheduler),
            MIEN_EINVAL, bad[i].text);
    }
    static const char *const options[][3] = {{"multiplier", "factors=1,x", "\"x\""},
        {"multiplier", "factors=1,-2", "\"-2\""}, {"multiplier", "factors=1,", "\"\""},
        {"multiplier", "factors=nan", "\"nan\""},
        {"one_cycle", "rise=0.6 three-phases=true", "rise"}};
    mien_scheduler_setup good = {.rate = 1, .steps = 10, .steps_per_epoch = 1};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const mien_schedule *schedule = mien_schedule_find(options[i][0]);
        mien_options *given = NULL;
        golden_options(schedule->options, options[i][1], &given);
        assert_fails(mien_scheduler_new(schedule, given, &good, &scheduler),
            MIEN_EINVAL, options[i][2]);
        mien_options_free(&given);
    }
    assert_null(scheduler);
    assert_null(mien_schedule_find("cosin"));
    assert_non_null(strstr(mien_error(), "cosine"));
}

static void more_factors_than_the_limit_are_refused(void **state) {
    (void)state;
    const mien_schedule *schedule = mien_schedule_find("multiplier");
    static char text[2 * 4097 + 1];
    mien_options *given = NULL;
    mien_scheduler *scheduler = NULL;
    mien_scheduler_setup s = {.rate = 1, .steps = 10, .steps_per_epoch = 1};
    for (int i = 0; i < 4097; i++) {
        memcpy(text + 2 * i, "1,", 2);
    }
    text[2 * 4096 + 1] = 0;
    assert_good(mien_options_new(schedule->options, &given));
    assert_good(mien_options_set(given, NULL, "factors", text));
    assert_fails(mien_scheduler_new(schedule, given, &s, &scheduler), MIEN_ELIMIT,
        "more than 4096");
    mien_options_free(&given);
}

static mien_status make_one(void *context) {
    (void)context;
    mien_scheduler *scheduler = NULL;
    mien_scheduler_setup s = {.rate = 1, .steps = 10, .steps_per_epoch = 1};
    mien_status status =
        mien_scheduler_new(mien_schedule_find("plateau"), NULL, &s, &scheduler);
    mien_scheduler_free(&scheduler);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(make_one, NULL, 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_equals_pytorch),
        cmocka_unit_test(multipliers_give_the_published_rates),
        cmocka_unit_test(a_fall_may_wait_and_end),
        cmocka_unit_test(warm_up_comes_before_epochs_are_counted),
        cmocka_unit_test(after_the_end_the_rate_stays),
        cmocka_unit_test(the_shortest_trainings_have_a_pace),
        cmocka_unit_test(a_plateau_goes_on_from_a_checkpoint),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(more_factors_than_the_limit_are_refused),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
