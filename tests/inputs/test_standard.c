/* SPDX-License-Identifier: MIT */
/* One rule for standardising: of training items, without what is missing. */
#include "support/support.h"

#include "mien/inputs.h"

#include <math.h>

static void mean_and_spread_are_those_of_the_items_named(void **state) {
    (void)state;
    const float x[] = {1, 10, 3, 30, 99, 99, 5, 20};
    const int64_t items[] = {0, 1, 3};
    mien_standard s;
    float y[8];
    assert_good(mien_standard_measure(&s, 2, x, items, 3));
    assert_near((double)s.mean[0], 3, 1e-6);
    assert_near((double)s.mean[1], 20, 1e-6);
    assert_near((double)s.scale[0], 1 / sqrt(8.0 / 3), 1e-6);
    assert_null(s.fill);
    mien_standard_apply(&s, 4, x, y);
    assert_near((double)y[0], -2 / sqrt(8.0 / 3), 1e-6);
    assert_near((double)y[3], 10 / sqrt(200.0 / 3), 1e-6);
    mien_standard_clear(&s);
}

static void what_does_not_vary_has_no_say(void **state) {
    (void)state;
    const float x[] = {0.1f, 0.1f, 0.1f}, other[] = {1e9f};
    const int64_t items[] = {0, 1, 2};
    float y;
    mien_standard s;
    assert_good(mien_standard_measure(&s, 1, x, items, 3));
    mien_standard_apply(&s, 1, other, &y);
    assert_true(y == 0);
    mien_standard_clear(&s);
}

static void small_units_are_no_lack_of_spread(void **state) {
    (void)state;
    const float x[] = {1e-12f, 3e-12f};
    const int64_t items[] = {0, 1};
    float y[2];
    mien_standard s;
    assert_good(mien_standard_measure(&s, 1, x, items, 2));
    mien_standard_apply(&s, 2, x, y);
    assert_near((double)y[1], 1, 1e-5);
    mien_standard_clear(&s);
}

static void a_missing_value_is_filled_with_the_median_of_training(void **state) {
    (void)state;
    const float x[] = {1, 2, (float)NAN, 4, 100};
    const int64_t items[] = {0, 1, 2, 3, 4};
    float y[5];
    mien_standard s;
    assert_good(mien_standard_measure(&s, 1, x, items, 5));
    assert_near((double)s.fill[0], 3, 1e-6);
    assert_near((double)s.mean[0], 107.0 / 4, 1e-5);
    mien_standard_apply(&s, 5, x, y);
    assert_near((double)y[2], (3 - 107.0 / 4) * (double)s.scale[0], 1e-5);
    mien_standard_clear(&s);
}

static void a_value_that_no_item_has_is_an_error(void **state) {
    (void)state;
    const float x[] = {1, (float)NAN, 2, (float)NAN};
    const int64_t items[] = {0, 1};
    mien_standard s;
    assert_fails(mien_standard_measure(&s, 2, x, items, 2), MIEN_EFORMAT, "value 1");
    mien_standard_clear(&s);
}

static mien_status measure(void *context) {
    const float x[] = {1, (float)NAN, 2};
    const int64_t items[] = {0, 1, 2};
    mien_standard s;
    (void)context;
    mien_status status = mien_standard_measure(&s, 1, x, items, 3);
    mien_standard_clear(&s);
    return status;
}

static void measuring_survives_any_failed_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(measure, NULL, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_and_spread_are_those_of_the_items_named),
        cmocka_unit_test(what_does_not_vary_has_no_say),
        cmocka_unit_test(small_units_are_no_lack_of_spread),
        cmocka_unit_test(a_missing_value_is_filled_with_the_median_of_training),
        cmocka_unit_test(a_value_that_no_item_has_is_an_error),
        cmocka_unit_test(measuring_survives_any_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
