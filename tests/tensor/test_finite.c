/* SPDX-License-Identifier: MIT */
/* The first value that is not finite is found wherever it stands. */
#include "support/support.h"

#include "tensor/finite.h"

#include <float.h>
#include <math.h>

#define COUNT 3001

static void the_first_bad_value_is_found(void **state) {
    (void)state;
    static float values[COUNT];
    const float bad[] = {INFINITY, -INFINITY, NAN, -NAN};
    const float good[] = {0, -0.0F, FLT_MAX, -FLT_MAX, FLT_MIN / 4, 1};
    for (int i = 0; i < COUNT; i++) {
        values[i] = good[i % 6];
    }
    assert_int_equal(mien_not_finite(values, COUNT), -1);
    assert_int_equal(mien_not_finite(values, 0), -1);
    for (int i = 0; i < COUNT; i += 37) {
        float kept = values[i];
        values[i] = bad[i % 4];
        assert_int_equal(mien_not_finite(values, COUNT), i);
        assert_int_equal(mien_not_finite(values, i), -1);
        values[i] = kept;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_bad_value_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
