/* SPDX-License-Identifier: MIT */
/* Outputs of a network become values and probabilities as their link says. */
#include "support/support.h"

#include <math.h>

#include "mien/models.h"

static const char *const labels[] = {"low", "middle", "high"};

static mien_target target_of(mien_link link) {
    mien_target t = {.minimum = 1, .maximum = 7, .link = link};
    if (link != MIEN_LINK_VALUE) {
        t.classes_count = 3;
        t.classes = labels;
    }
    return t;
}

static void values_are_mapped_to_their_range(void **state) {
    (void)state;
    mien_target t = target_of(MIEN_LINK_VALUE);
    const float output = 0.5f;
    float row = 0;
    assert_int_equal(mien_target_outputs(&t), 1);
    assert_int_equal(mien_target_width(&t), 1);
    mien_target_read(&t, &output, &row);
    assert_near((double)row, 5.5, 1e-6);
}

static void softmax_is_that_of_the_logits(void **state) {
    (void)state;
    mien_target t = target_of(MIEN_LINK_SOFTMAX);
    const float z[] = {logf(1), logf(2), logf(5)}, huge[] = {1000, 1000, -1000};
    const float want[] = {0.125f, 0.25f, 0.625f}, halves[] = {0.5f, 0.5f, 0};
    float row[3];
    assert_int_equal(mien_target_outputs(&t), 3);
    assert_int_equal(mien_target_width(&t), 3);
    mien_target_read(&t, z, row);
    assert_close(row, want, 3, 1e-6, 0);
    mien_target_read(&t, huge, row);
    assert_close(row, halves, 3, 0, 0);
}

/* Conditional odds 3:1 of passing the first threshold, then 1:1. */
static void thresholds_multiply(void **state) {
    (void)state;
    mien_target t = target_of(MIEN_LINK_CORN);
    const float z[] = {logf(3), 0};
    const float want[] = {0.25f, 0.375f, 0.375f};
    float row[3];
    assert_int_equal(mien_target_outputs(&t), 2);
    assert_int_equal(mien_target_width(&t), 3);
    mien_target_read(&t, z, row);
    assert_close(row, want, 3, 1e-6, 0);
}

static void the_choice_is_that_of_the_loss(void **state) {
    (void)state;
    mien_target likeliest = target_of(MIEN_LINK_SOFTMAX);
    mien_target ordered = target_of(MIEN_LINK_CORN);
    const double split[] = {0.4, 0.25, 0.35}, even[] = {0.5, 0, 0.5},
                 top[] = {0.2, 0.2, 0.6}, equal[] = {0.2, 0.4, 0.4};
    assert_int_equal(mien_target_choose(&likeliest, split), 0);
    assert_int_equal(mien_target_choose(&ordered, split), 1); /* the median */
    assert_int_equal(mien_target_choose(&ordered, even), 0);
    assert_int_equal(mien_target_choose(&likeliest, even), 0);
    assert_int_equal(mien_target_choose(&ordered, top), 2);
    assert_int_equal(mien_target_choose(&likeliest, equal), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_mapped_to_their_range),
        cmocka_unit_test(softmax_is_that_of_the_logits),
        cmocka_unit_test(thresholds_multiply),
        cmocka_unit_test(the_choice_is_that_of_the_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
