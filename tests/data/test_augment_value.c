/* SPDX-License-Identifier: MIT */
/* Augmentations as studies name them. */
#include "support/support.h"

#include "mien/data.h"

#include <string.h>

static mien_status read_text(const char *yaml, mien_augment *a) {
    mien_value *value = NULL;
    mien_status status = mien_value_parse_yaml("s.yaml", yaml, strlen(yaml), &value);
    if (status == MIEN_OK) {
        status = mien_augment_read(mien_value_get(value, "augment"), a);
    }
    mien_value_free(&value);
    return status;
}

static void assert_read(const char *yaml, const char *want) {
    mien_augment *a = NULL, *same = NULL;
    mien_string got, text;
    mien_string_init(&got);
    mien_string_init(&text);
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_new(&same));
    assert_good(read_text(yaml, a));
    assert_good(mien_augment_write(a, &got));
    assert_good(mien_augment_parse(same, NULL, want));
    assert_good(mien_augment_write(same, &text));
    assert_string_equal(got.text, text.text);
    mien_string_clear(&got);
    mien_string_clear(&text);
    mien_augment_free(&a);
    mien_augment_free(&same);
}

static void lists_maps_and_texts_give_the_same_steps(void **state) {
    (void)state;
    assert_read("augment: [flip, {rotate: 15}, {brightness: [0.8, 1.2]}]",
        "flip; rotate 15; brightness 0.8,1.2");
    assert_read("augment:\n  - zoom: {factor: 0.3, joint: true, p: 0.5}\n  - vflip:\n",
        "zoom 0.3 joint=true p=0.5; vflip");
    assert_read("augment: flip; rotate 15", "flip; rotate 15");
    assert_read("augment: [{resample: {fill: reflect, colour: [0, 0.5, 1]}}]",
        "resample reflect colour=0,0.5,1");
    assert_read("augment: []", "");
    assert_read("augment: null", "");
}

static void mistakes_name_file_and_line(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"augment:\n  - flip\n  - rotat: 15\n",
            "s.yaml:3: unknown augmentation \"rotat\""},
        {"augment:\n  - {rotate: {degree: 15}}\n", "did you mean \"degrees\""},
        {"augment:\n  - {rotate: 15, flip: 1}\n",
            "s.yaml:2: an augmentation is a name"},
        {"augment: 15", "s.yaml:1: augmentations are a list"},
        {"augment: [3]", "is a name"},
        {"augment: [{rotate: []}]", "neither a value"},
        {"augment: [{rotate: [[1, 2]]}]", "neither a value"},
        {"augment: flip 7", "s.yaml:1: flip"},
    };
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(read_text(cases[i][0], a), MIEN_EINVAL, cases[i][1]);
        assert_int_equal(mien_augment_count(a), 0);
    }
    mien_augment_free(&a);
}

static mien_status read_some(void *context) {
    mien_augment *a = NULL;
    mien_status status = mien_augment_new(&a);
    status = status ? status : mien_augment_read(context, a);
    mien_augment_free(&a);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    const char *yaml = "[flip, {rotate: 15}, {zoom: {factor: [0.8, 1.2], p: 1}}]";
    mien_value *value = NULL;
    assert_good(mien_value_parse_yaml("s.yaml", yaml, strlen(yaml), &value));
    support_each_allocation_fails(read_some, value, 200);
    mien_value_free(&value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_maps_and_texts_give_the_same_steps),
        cmocka_unit_test(mistakes_name_file_and_line),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
