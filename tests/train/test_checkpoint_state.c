/* SPDX-License-Identifier: MIT */
/* A state comes back from a checkpoint with the same bits, or not at all. */
#include "support/support.h"

#include <string.h>

#include "train/run/checkpoint_state.h"

static void fill(mien_checkpoint_state *state, float *a, double *b) {
    assert_good(mien_checkpoint_state_add(state, MIEN_F32, 3, a, "%s.a", "part"));
    assert_good(mien_checkpoint_state_add(state, MIEN_F64, 1, b, "b"));
}

static const char *save(const mien_checkpoint_state *state) {
    const char *path = support_temp_path("state.safetensors");
    assert_good(
        mien_safetensors_write(path, state->count, (const char *const *)state->names,
            (const mien_tensor *const *)state->tensors, (const char *const[]){NULL}));
    return path;
}

static void what_was_saved_comes_back(void **state) {
    (void)state;
    float a[3] = {1.1f, -0.0f, 3e-42f}, a_again[3] = {0};
    double b = 0.1, b_again = 0;
    mien_checkpoint_state kept = {0}, again = {0};
    mien_archive *archive = NULL;
    fill(&kept, a, &b);
    assert_string_equal(kept.names[0], "part.a");
    assert_good(mien_archive_open(save(&kept), &archive));
    fill(&again, a_again, &b_again);
    assert_good(mien_checkpoint_state_load(&again, archive));
    assert_memory_equal(a, a_again, sizeof a);
    assert_memory_equal(&b, &b_again, sizeof b);
    mien_archive_close(&archive);
    mien_checkpoint_state_clear(&again);
    mien_checkpoint_state_clear(&kept);
}

static void what_does_not_fit_changes_nothing(void **state) {
    (void)state;
    float a[3] = {1, 2, 3}, changed[4] = {9, 9, 9, 9};
    double b = 4;
    mien_checkpoint_state kept = {0}, other = {0};
    mien_archive *archive = NULL;
    fill(&kept, a, &b);
    assert_good(mien_archive_open(save(&kept), &archive));
    assert_good(mien_checkpoint_state_add(&other, MIEN_F32, 3, changed, "part.a"));
    assert_good(mien_checkpoint_state_add(&other, MIEN_F32, 1, changed + 3, "b"));
    assert_fails(
        mien_checkpoint_state_load(&other, archive), MIEN_ESHAPE, "b is f64 [1]");
    mien_checkpoint_state_clear(&other);
    assert_good(mien_checkpoint_state_add(&other, MIEN_F32, 4, changed, "part.a"));
    assert_fails(mien_checkpoint_state_load(&other, archive), MIEN_ESHAPE, "part.a");
    mien_checkpoint_state_clear(&other);
    assert_good(mien_checkpoint_state_add(&other, MIEN_F32, 3, changed, "part.a"));
    assert_good(mien_checkpoint_state_add(&other, MIEN_F32, 1, changed + 3, "c"));
    assert_fails(
        mien_checkpoint_state_load(&other, archive), MIEN_ENOTFOUND, "c is not in");
    for (int i = 0; i < 4; i++) {
        assert_true(changed[i] == 9);
    }
    mien_checkpoint_state_clear(&other);
    mien_archive_close(&archive);
    mien_checkpoint_state_clear(&kept);
}

static void long_names_are_refused(void **state) {
    (void)state;
    char name[600];
    double b = 0;
    mien_checkpoint_state kept = {0};
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    assert_fails(mien_checkpoint_state_add(&kept, MIEN_F64, 1, &b, "%s", name),
        MIEN_ELIMIT, "long");
    assert_int_equal(kept.count, 0);
    mien_checkpoint_state_clear(&kept);
}

static mien_status add_many(void *context) {
    (void)context;
    double b[40] = {0};
    mien_checkpoint_state kept = {0};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 40; i++) {
        status = mien_checkpoint_state_add(&kept, MIEN_F64, 1, b + i, "b%d", i);
    }
    mien_checkpoint_state_clear(&kept);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    support_each_allocation_fails(add_many, NULL, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_comes_back),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
