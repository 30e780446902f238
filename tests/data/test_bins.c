/* SPDX-License-Identifier: MIT */
/* Bins of a continuous target. */
#include "support/support.h"

#include "mien/data.h"

#include <math.h>

static void bins_are_cut_by_rank(void **state) {
    (void)state;
    const double value[] = {9, -5, 3, 1e6, 0, 2};
    static const int want[] = {2, 0, 1, 2, 0, 1};
    int bin[6];
    assert_good(mien_bins_make(6, value, 3, bin));
    assert_memory_equal(bin, want, sizeof want);
}

static void equal_values_share_a_bin(void **state) {
    (void)state;
    const double value[] = {1, 1, 1, 1, 2, 3};
    static const int want[] = {0, 0, 0, 0, 2, 2};
    int bin[6];
    assert_good(mien_bins_make(6, value, 3, bin));
    assert_memory_equal(bin, want, sizeof want);
}

static void bins_need_numbers(void **state) {
    (void)state;
    const double value[] = {1, NAN};
    int bin[2];
    assert_fails(mien_bins_make(2, value, 2, bin), MIEN_EINVAL, "row 1 has no value");
    assert_fails(mien_bins_make(1, value, 0, bin), MIEN_EINVAL, "0 bins");
    assert_good(mien_bins_make(0, value, 2, bin));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_are_cut_by_rank),
        cmocka_unit_test(equal_values_share_a_bin),
        cmocka_unit_test(bins_need_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
