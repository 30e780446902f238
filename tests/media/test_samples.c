/* SPDX-License-Identifier: MIT */
/* The times at which a film is looked at. */
#include "support/support.h"

#include "media/samples.h"

static void times_do_not_drift(void **state) {
    (void)state;
    mien_samples s = {.end_us = INT64_MAX, .every_s = 1.0 / 3};
    assert_int_equal(mien_sample_at(&s, 1), 333333);
    assert_int_equal(mien_sample_at(&s, 2), 666667);
    assert_int_equal(mien_sample_at(&s, 3000000), 1000000000000);
    s.every_s = 0.1;
    assert_int_equal(mien_sample_at(&s, 36000), 3600000000);
}

static void the_end_is_no_sample(void **state) {
    (void)state;
    mien_samples s = {.start_us = 500000, .end_us = 900000, .every_s = 0.2};
    assert_int_equal(mien_sample_at(&s, 0), 500000);
    assert_int_equal(mien_sample_at(&s, 1), 700000);
    assert_int_equal(mien_sample_at(&s, 2), INT64_MAX);
    assert_int_equal(mien_sample_at(&s, INT64_MAX), INT64_MAX);
}

static void the_sample_from_a_time_is_the_first_not_before_it(void **state) {
    (void)state;
    mien_samples s = {.start_us = 500000, .end_us = INT64_MAX, .every_s = 0.07};
    for (int64_t us = 0; us < 3000000; us += 777) {
        int64_t k = 0;
        while (mien_sample_at(&s, k) < us) {
            k++;
        }
        assert_int_equal(mien_sample_from(&s, us), mien_sample_at(&s, k));
        assert_true(mien_sample_within(&s, us, mien_sample_at(&s, k) + 1));
        assert_false(mien_sample_within(&s, us, mien_sample_at(&s, k)));
    }
}

static void without_a_step_every_frame_of_the_part_is_seen(void **state) {
    (void)state;
    mien_samples s = {.start_us = 100, .end_us = 200};
    assert_false(mien_sample_within(&s, 99, 150));
    assert_true(mien_sample_within(&s, 100, 150));
    assert_true(mien_sample_within(&s, 199, 250));
    assert_false(mien_sample_within(&s, 200, 250));
    assert_int_equal(mien_sample_from(&s, 5), 100);
    assert_int_equal(mien_sample_from(&s, 200), INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_do_not_drift),
        cmocka_unit_test(the_end_is_no_sample),
        cmocka_unit_test(the_sample_from_a_time_is_the_first_not_before_it),
        cmocka_unit_test(without_a_step_every_frame_of_the_part_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
