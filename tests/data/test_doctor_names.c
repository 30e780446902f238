/* SPDX-License-Identifier: MIT */
/* The doctor on names that a reader takes for one, and on cells that drew in others. */
#include "data/fixtures_doctor.h"

#define CLASSES(list)                                                                  \
    "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":[" list "]," TARGET "}}}"

static void names_that_differ_by_what_is_not_seen_are_found(void **state) {
    (void)state;
    visit v = examine("trial\tgroup\tperson\tstimulus\tvalence\n"
                      "a\tDog\t01\tfilm 1\t2\nb\tDog \t1\tfilm  1\t6\n"
                      "c\tCat\t2\tfilm2\t3\nd\t Cat\t2\tFilm02\t5\n"
                      "e\tBee\t3\t1.05\t3\nf\tBee\t3\t1.5\t5\n",
        SIDECAR);
    assert_found(
        &v, MIEN_WARNING, "names", "", "group: \"Dog\" and \"Dog \" differ only by");
    assert_found(&v, MIEN_WARNING, "names", "", "group: \"Cat\" and \" Cat\"");
    assert_found(&v, MIEN_WARNING, "names", "", "person: \"01\" and \"1\"");
    assert_found(&v, MIEN_WARNING, "names", "", "stimulus: \"film 1\" and \"film  1\"");
    assert_found(&v, MIEN_WARNING, "names", "", "stimulus: \"film2\" and \"Film02\"");
    assert_null(find(&v, "names", "1.05"));
    assert_int_equal(count_of(&v, MIEN_ERROR), 0);
    mien_free(v.findings);
}

static void labels_that_differ_by_what_is_not_seen_are_found(void **state) {
    (void)state;
    visit v = examine("trial\temotion\na\thappy\nb\thappy \nc\tsad\nd\tSad\n",
        CLASSES("\"happy\",\"happy \",\"sad\",\"Sad\""));
    assert_found(&v, MIEN_WARNING, "names", "", "emotion: \"happy\" and \"happy \"");
    assert_found(&v, MIEN_WARNING, "names", "", "emotion: \"sad\" and \"Sad\"");
    mien_free(v.findings);
    v = examine("trial\temotion\na\t0\nb\t10\n", CLASSES("\"0\",\"10\",\"100\""));
    assert_null(find(&v, "names", ""));
    mien_free(v.findings);
}

/* Five rows whose second and fourth begin and end with a lone quote are three. */
static void cells_that_drew_in_rows_are_found(void **state) {
    (void)state;
    visit v = examine("trial\tvalence\tnote\na\t2\tx\nb\t3\t\"so\nc\t4\ty\nd\t5\tno\"\n"
                      "e\t6\tz\n",
        SIDECAR);
    assert_found(&v, MIEN_WARNING, "quote", "", "sick.tsv:3: the cell of \"note\" has");
    mien_free(v.findings);
    v = examine("trial\tvalence\tnote\na\t2\t\"a \"\"b\"\"\"\n", SIDECAR);
    assert_null(find(&v, "quote", ""));
    mien_free(v.findings);
}

static void a_published_table_with_lone_quotes_is_warned_of(void **state) {
    (void)state;
    mien_finding *findings = NULL;
    int64_t count = 0;
    assert_good(mien_doctor(support_shared("cases/data/14-quote-in-tsv/t.tsv"), NULL,
        NULL, NULL, &findings, &count));
    visit v = {findings, count};
    assert_non_null(find(&v, "quote", "t.tsv"));
    mien_free(findings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_differ_by_what_is_not_seen_are_found),
        cmocka_unit_test(labels_that_differ_by_what_is_not_seen_are_found),
        cmocka_unit_test(cells_that_drew_in_rows_are_found),
        cmocka_unit_test(a_published_table_with_lone_quotes_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
