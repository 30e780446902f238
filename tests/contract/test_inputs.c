/* SPDX-License-Identifier: MIT */
/* Every row of inputs/inputs.def: it is found by name, its settings have one form, and
 * its reader survives any failed allocation. */
#include "support/support.h"

#include "mien/inputs.h"

#include <string.h>

static void every_kind_is_found_by_its_name(void **state) {
    (void)state;
    const mien_input_kind *found = NULL;
    assert_true(mien_input_kind_count() >= 2);
    for (int i = 0; i < mien_input_kind_count(); i++) {
        const mien_input_kind *kind = mien_input_kind_at(i);
        assert_true(strlen(kind->summary) > 10 && strlen(kind->column) > 1);
        assert_non_null(kind->shape);
        assert_non_null(kind->load);
        assert_good(mien_input_kind_find(kind->name, &found));
        assert_ptr_equal(found, kind);
    }
    assert_null(mien_input_kind_at(-1));
    assert_fails(mien_input_kind_find("pictur", &found), MIEN_ENOTFOUND, "picture");
}

static void settings_are_written_in_one_way(void **state) {
    (void)state;
    for (int i = 0; i < mien_input_kind_count(); i++) {
        mien_input input, again;
        mien_options *options = NULL;
        assert_good(mien_input_init(&input, mien_input_kind_at(i)->name, "some"));
        again = input;
        memset(again.settings, 0, sizeof again.settings);
        assert_good(mien_input_options(&input, &options));
        assert_good(mien_input_settings(&again, options));
        assert_string_equal(again.settings, input.settings);
        mien_options_free(&options);
        strcpy(input.settings, "no-such-key=1");
        assert_fails(mien_input_options(&input, &options), MIEN_EINVAL, "no-such-key");
    }
}

static mien_status open_one(void *context) {
    mien_reader *reader = NULL;
    mien_status status = mien_reader_open(context, NULL, &reader);
    mien_reader_close(&reader);
    return status;
}

static void opening_survives_any_failed_allocation(void **state) {
    (void)state;
    for (int i = 0; i < mien_input_kind_count(); i++) {
        mien_input input;
        assert_good(mien_input_init(&input, mien_input_kind_at(i)->name, "some"));
        if (mien_input_measure(&input, NULL) != MIEN_OK) {
            input.shape = (mien_item_shape){.rank = 1, .size = {4}, .steps = 1};
        }
        support_each_allocation_fails(open_one, &input, 200);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_found_by_its_name),
        cmocka_unit_test(settings_are_written_in_one_way),
        cmocka_unit_test(opening_survives_any_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
