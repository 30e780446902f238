/* SPDX-License-Identifier: MIT */
/* Cells become places, and equal places are one item. */
#include "support/support.h"

#include "mien/inputs.h"

#include <math.h>
#include <string.h>

static mien_place cut(char *text) {
    mien_place place;
    assert_good(mien_place_cut(text, &place));
    return place;
}

static void a_cell_names_a_file_a_row_or_a_row_of_a_data_set(void **state) {
    (void)state;
    char whole[] = "a/b.npy", row[] = "a/b.npy#12", set[] = "a.h5#films/one:3",
         all[] = "a.h5#films/one";
    assert_int_equal(cut(whole).row, -1);
    assert_int_equal(cut(row).row, 12);
    assert_string_equal(row, "a/b.npy");
    assert_int_equal(cut(set).row, 3);
    assert_string_equal(set, "a.h5#films/one");
    assert_int_equal(cut(all).row, -1);
    assert_string_equal(all, "a.h5#films/one");
}

static void a_row_that_is_no_number_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"a.npy#", "a.h5#x:-1", "a.h5#x:", "a.h5#:3"};
    mien_place place;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[32];
        strcpy(text, bad[i]);
        assert_fails(mien_place_cut(text, &place), MIEN_EFORMAT, bad[i]);
    }
}

static void equal_places_have_one_number_and_missing_ones_none(void **state) {
    (void)state;
    mien_place p[7];
    int64_t item[7], first[7], count = 0;
    static const char *const file[] = {"b", "a", NULL, "b", "a", "b", "a"};
    for (int i = 0; i < 7; i++) {
        p[i] = mien_place_of(file[i]);
    }
    p[4].row = 2;     /* another row than p[1] */
    p[5].start_s = 0; /* another part than p[0] */
    assert_good(mien_places_number(p, 7, item, first, &count));
    const int64_t want[] = {0, 1, -1, 0, 2, 3, 1}, wanted_first[] = {0, 1, 4, 5};
    assert_int_equal(count, 4);
    assert_memory_equal(item, want, sizeof want);
    assert_memory_equal(first, wanted_first, sizeof wanted_first);
}

static void a_part_is_told_from_the_whole(void **state) {
    (void)state;
    mien_place a = mien_place_of("f"), b = a;
    assert_int_equal(mien_place_compare(&a, &b), 0);
    b.region[3] = 10;
    assert_int_not_equal(mien_place_compare(&a, &b), 0);
    b = a;
    b.end_s = 5;
    assert_int_equal(mien_place_compare(&a, &b), -mien_place_compare(&b, &a));
    assert_int_not_equal(mien_place_compare(&a, &b), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_names_a_file_a_row_or_a_row_of_a_data_set),
        cmocka_unit_test(a_row_that_is_no_number_is_refused),
        cmocka_unit_test(equal_places_have_one_number_and_missing_ones_none),
        cmocka_unit_test(a_part_is_told_from_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
