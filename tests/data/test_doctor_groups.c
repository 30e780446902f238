/* SPDX-License-Identifier: MIT */
/* The doctor on what stands on both sides: leaks, and designs that mean it. */
#include "data/fixtures_doctor.h"

static void stimuli_that_all_people_see_are_one_note(void **state) {
    (void)state;
    char table[20000] = "trial\tgroup\tperson\tstimulus\tvalence\n", row[100];
    for (int p = 0; p < 10; p++) {
        for (int s = 0; s < 20; s++) {
            snprintf(row, sizeof row, "t%d.%d\tg%d\tp%d\ts%d\t%d\n", p, s, p, p, s,
                1 + s % 7);
            strcat(table, row);
        }
    }
    visit v = examine(table, SIDECAR);
    assert_int_equal(count_of(&v, MIEN_ERROR), 0);
    assert_found(&v, MIEN_NOTE, "leak", "",
        "20 of 20 different values of stimulus stand in several values of group");
    assert_int_equal(count_of(&v, MIEN_WARNING), 0);
    mien_free(v.findings);
}

static void people_on_both_sides_are_told_once(void **state) {
    (void)state;
    visit v = examine("trial\tgroup\tperson\tsplit\tvalence\n"
                      "a\tf1\tp1\ttrain\t2\nb\tf2\tp1\ttest\t6\n"
                      "c\tf1\tp2\ttrain\t3\nd\tf2\tp3\ttest\t5\n",
        SIDECAR);
    assert_found(&v, MIEN_WARNING, "leak", "",
        "1 of 3 different values of person stand in several values of group");
    assert_found(&v, MIEN_WARNING, "leak", "",
        "1 of 3 different values of person stand in several values of split");
    assert_int_equal(count_of(&v, MIEN_ERROR), 0);
    mien_free(v.findings);
}

static void a_stimulus_in_two_groups_of_stimuli_is_an_error(void **state) {
    (void)state;
    visit v = examine(
        "trial\tgroup\tstimulus\tvalence\na\tg1\ts1\t2\nb\tg2\ts1\t6\n", SIDECAR);
    assert_found(&v, MIEN_ERROR, "leak", "b", "stimulus s1 is in group g2");
    mien_free(v.findings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stimuli_that_all_people_see_are_one_note),
        cmocka_unit_test(people_on_both_sides_are_told_once),
        cmocka_unit_test(a_stimulus_in_two_groups_of_stimuli_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
