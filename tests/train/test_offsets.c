/* SPDX-License-Identifier: MIT */
/* Offsets of persons: the analysis of variance by hand, and that who does not differ
 * gets nothing. */
#include "support/support.h"

#include <math.h>

#include "train/run/offsets.h"

/* Three persons of 2, 3 and 1 residuals; person 3 has none. */
static void offsets_are_shrunken_means(void **state) {
    (void)state;
    const double residual[] = {1, 3, -2, -1, -3, 5};
    const int64_t person[] = {0, 0, 1, 1, 1, 2};
    double offset[4];
    mien_offset_spread s;
    assert_good(mien_offsets_shrink(residual, person, 6, 4, offset, &s));
    /* mean 0.5; means 2, −2, 5; inside 2 + 2 + 0 over 6 − 3; of means
     * 2·1.5² + 3·2.5² + 4.5² = 43.5; each = (6 − 14 / 6) / 2 */
    double within = 4.0 / 3, each = (6 - 14.0 / 6) / 2;
    double between = (43.5 / 2 - within) / each;
    assert_near(s.within, within, 1e-12);
    assert_near(s.between, between, 1e-12);
    assert_int_equal(s.persons, 3);
    assert_near(offset[0], 1.5 * 2 / (2 + within / between), 1e-12);
    assert_near(offset[1], -2.5 * 3 / (3 + within / between), 1e-12);
    assert_near(offset[2], 4.5 * 1 / (1 + within / between), 1e-12);
    assert_near(offset[3], 0, 0);
}

static void equal_persons_have_no_offset(void **state) {
    (void)state;
    const double residual[] = {1, -1, 1, -1, 2, -2};
    const int64_t person[] = {0, 0, 1, 1, 2, 2};
    double offset[3];
    mien_offset_spread s;
    assert_good(mien_offsets_shrink(residual, person, 6, 3, offset, &s));
    assert_near(s.between, 0, 0);
    for (int p = 0; p < 3; p++) {
        assert_near(offset[p], 0, 0);
    }
    /* one person, and one row each, tell nothing of persons */
    assert_good(
        mien_offsets_shrink(residual, (int64_t[]){0, 0, 0, 0, 0, 0}, 6, 1, offset, &s));
    assert_near(offset[0], 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_shrunken_means),
        cmocka_unit_test(equal_persons_have_no_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
