/* SPDX-License-Identifier: MIT */
/* Rows with the same inputs have the same fingerprint, whatever their files are called.
 */
#include "support/support.h"

#include "inputs/fingerprint.h"

#include <string.h>

static mien_fingerprints *prints_of(const char *kind, const char *name) {
    mien_input input;
    mien_fingerprints *f = NULL;
    const char *path = support_write("first.csv", "1,2\n", 4);
    mien_place first = {.file = path, .row = 0};
    assert_good(mien_input_init(&input, kind, name));
    if (strcmp(kind, "features") == 0) {
        assert_good(mien_input_measure(&input, &first));
    }
    assert_good(mien_fingerprints_new(&input, 1, &f));
    return f;
}

static uint64_t take(mien_fingerprints *f, const mien_place *place) {
    uint64_t print = 1;
    assert_good(mien_fingerprints_take(f, place, &print));
    return print;
}

static uint64_t print_of(mien_fingerprints *f, const char *name, const char *text) {
    const mien_place place = mien_place_of(support_write(name, text, strlen(text)));
    return take(f, &place);
}

static void files_are_known_by_their_bytes(void **state) {
    (void)state;
    mien_fingerprints *f = prints_of("picture", "image");
    uint64_t a = print_of(f, "a.ppm", "P5 1 1 255 a");
    assert_true(a >> 48 == 0);
    assert_true(a != 0 && a == print_of(f, "copy.ppm", "P5 1 1 255 a"));
    assert_true(a != print_of(f, "b.ppm", "P5 1 1 255 b"));
    mien_place timed = mien_place_of(support_temp_path("a.ppm"));
    timed.start_s = 3; /* a picture has no part in time */
    assert_true(take(f, &timed) == a);
    mien_fingerprints_free(&f);
    assert_null(f);
}

/* Bytes that are told of are those that count: the file is not read again. */
static void bytes_that_were_told_stand_for_the_file(void **state) {
    (void)state;
    mien_fingerprints *f = prints_of("picture", "image");
    uint64_t a = print_of(f, "told.ppm", "P5 1 1 255 a");
    const mien_place place = mien_place_of(support_temp_path("other.ppm"));
    assert_good(mien_fingerprints_tell(f, place.file, "P5 1 1 255 a", 12));
    support_write("other.ppm", "P5 1 1 255 b", 12);
    assert_true(take(f, &place) == a);
    mien_fingerprints_free(&f);
}

static void values_at_hand_stand_for_those_of_the_file(void **state) {
    (void)state;
    mien_fingerprints *f = prints_of("features", "x");
    const float here[] = {3, 4};
    const float *values = here;
    uint64_t read = print_of(f, "read.csv", "3,4\n"), print = 1;
    const mien_place gone = mien_place_of(support_temp_path("gone.csv"));
    assert_good(mien_fingerprints_take_values(f, &gone, &values, &print));
    assert_true(print == read && read != 0);
    mien_fingerprints_free(&f);
}

static void features_are_known_by_their_values(void **state) {
    (void)state;
    mien_fingerprints *f = prints_of("features", "x");
    mien_place two = mien_place_of(support_write("x.csv", "3,4\n1,2\n", 8));
    mien_place other = mien_place_of(support_write("y.tsv", "1.0\t2e0\n", 8));
    two.row = 1;
    other.row = 0;
    uint64_t a = take(f, &two);
    assert_true(a != 0 && a == take(f, &other));
    two.row = 0;
    assert_true(a != take(f, &two));
    mien_fingerprints_free(&f);
}

static void what_is_missing_or_a_film_is_not_told(void **state) {
    (void)state;
    mien_fingerprints *f = prints_of("picture", "image");
    const mien_place none = mien_place_of(NULL),
                     film =
                         mien_place_of(support_source("tests/golden/films/small.mp4")),
                     gone = mien_place_of("/none/there.png");
    uint64_t print = 7;
    assert_true(take(f, &none) == 0);
    assert_true(take(f, &film) == 0);
    assert_fails(mien_fingerprints_take(f, &gone, &print), MIEN_EIO, "there.png");
    assert_true(print == 7);
    mien_fingerprints_free(&f);
}

static mien_status once(void *context) {
    mien_input input;
    mien_fingerprints *f = NULL;
    uint64_t print = 0;
    const mien_place *place = context;
    mien_status status = mien_input_init(&input, "picture", "image");
    status = status ? status : mien_fingerprints_new(&input, 1, &f);
    status = status ? status : mien_fingerprints_take(f, place, &print);
    mien_fingerprints_free(&f);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_place place = mien_place_of(support_write("a.ppm", "P5 1 1 255 a", 12));
    support_each_allocation_fails(once, &place, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_known_by_their_bytes),
        cmocka_unit_test(bytes_that_were_told_stand_for_the_file),
        cmocka_unit_test(values_at_hand_stand_for_those_of_the_file),
        cmocka_unit_test(features_are_known_by_their_values),
        cmocka_unit_test(what_is_missing_or_a_film_is_not_told),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
