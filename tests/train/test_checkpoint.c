/* SPDX-License-Identifier: MIT */
/* A checkpoint is taken up to the same bits, or refused whole. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>

#include "train/run/checkpoint.h"
#include "train/heads.h"

static const char id[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void open_heads(heads *h) {
    assert_good(heads_open(h, support_temp(), NULL, 0));
}

/* Writes the checkpoint of one save of many and stops there; -1: never. */
typedef struct saver {
    mien_training *training;
    const char *path;
    int at, seen;
} saver;

static mien_status save(void *context, bool epoch_end, bool urgent) {
    saver *s = context;
    (void)epoch_end;
    (void)urgent;
    if (++s->seen != s->at) {
        return MIEN_OK;
    }
    mien_status status = mien_checkpoint_write(s->path, s->training, id, 77);
    return status == MIEN_OK ? mien_fail(MIEN_EINVAL, "here") : status;
}

/* Predictions of a training that nothing stopped. */
static void run_through(heads *h, float predictions[4 * HEADS_ROWS]) {
    mien_training *t = NULL;
    const int64_t *rows = NULL;
    const float *got = NULL;
    assert_good(heads_training(h, 0, &t));
    assert_good(mien_training_run(t, NULL));
    int64_t count = mien_network_fit_tested(mien_training_fit(t), &rows, &got);
    memcpy(predictions, got, (size_t)(count * h->dataset.width) * sizeof *got);
    mien_training_close(&t);
}

static void write_at(heads *h, const char *path, int at) {
    mien_training *t = NULL;
    assert_good(heads_training(h, 0, &t));
    saver s = {t, path, at, 0};
    mien_network_fit_hooks hooks = {.context = &s, .save = save};
    assert_fails(mien_training_run(t, &hooks), MIEN_EINVAL, "here");
    mien_training_close(&t);
}

static void any_save_is_taken_up_to_the_same_bits(void **state) {
    (void)state;
    heads h;
    float want[4 * HEADS_ROWS];
    const char *path = support_temp_path("any.safetensors");
    open_heads(&h);
    run_through(&h, want);
    for (int at = 1; at <= 9; at++) {
        mien_training *t = NULL;
        const int64_t *rows = NULL;
        const float *got = NULL;
        int64_t events = 0;
        write_at(&h, path, at);
        assert_good(heads_training(&h, 0, &t));
        assert_good(mien_checkpoint_read(path, t, id, &events));
        assert_int_equal(events, 77);
        assert_good(mien_training_run(t, NULL));
        int64_t count = mien_network_fit_tested(mien_training_fit(t), &rows, &got);
        assert_memory_equal(got, want, (size_t)(count * h.dataset.width) * sizeof *got);
        mien_training_close(&t);
    }
    heads_clear(&h);
}

static void a_finished_training_keeps_its_predictions(void **state) {
    (void)state;
    heads h;
    float want[4 * HEADS_ROWS];
    const char *path = support_temp_path("done.safetensors");
    mien_training *t = NULL;
    int64_t events = 0;
    const int64_t *rows = NULL;
    const float *got = NULL;
    open_heads(&h);
    run_through(&h, want);
    assert_good(heads_training(&h, 0, &t));
    assert_good(mien_training_run(t, NULL));
    assert_good(mien_checkpoint_write(path, t, id, 0));
    mien_training_close(&t);
    assert_good(heads_training(&h, 0, &t));
    assert_good(mien_checkpoint_read(path, t, id, &events));
    assert_true(mien_training_done(t));
    int64_t count = mien_network_fit_tested(mien_training_fit(t), &rows, &got);
    assert_memory_equal(got, want, (size_t)(count * h.dataset.width) * sizeof *got);
    mien_training_close(&t);
    heads_clear(&h);
}

static void every_changed_byte_is_refused_and_nothing_is_taken_up(void **state) {
    (void)state;
    heads h;
    const char *path = support_temp_path("bytes.safetensors");
    mien_training *t = NULL;
    char *bytes = NULL;
    size_t length = 0;
    int64_t events = 0;
    open_heads(&h);
    write_at(&h, path, 3);
    assert_good(mien_file_read(path, 1 << 20, &bytes, &length));
    assert_good(heads_training(&h, 0, &t));
    const char *changed = support_temp_path("changed.safetensors");
    for (size_t i = 0; i < length; i += i < 8 ? 1 : 13) {
        bytes[i] ^= 1;
        assert_good(mien_file_write(changed, bytes, length));
        assert_true(mien_checkpoint_read(changed, t, id, &events) != MIEN_OK);
        assert_int_equal(mien_network_fit_epochs(mien_training_fit(t)), 0);
        bytes[i] ^= 1;
    }
    for (size_t cut = 0; cut < length; cut += length / 9) {
        assert_good(mien_file_write(changed, bytes, cut));
        assert_true(mien_checkpoint_read(changed, t, id, &events) != MIEN_OK);
    }
    assert_good(mien_file_write(changed, bytes, length));
    assert_good(mien_checkpoint_read(changed, t, id, &events));
    mien_free(bytes);
    mien_training_close(&t);
    heads_clear(&h);
}

static void what_is_no_checkpoint_of_the_run_is_told(void **state) {
    (void)state;
    heads h;
    const char *path = support_temp_path("told.safetensors");
    const char *plain = support_temp_path("plain.safetensors");
    mien_training *t = NULL;
    int64_t events = 0;
    open_heads(&h);
    write_at(&h, path, 2);
    assert_good(heads_training(&h, 0, &t));
    assert_fails(mien_checkpoint_read(path, t, "another", &events), MIEN_EVERIFY,
        "told.safetensors: it is of another run");
    assert_good(mien_safetensors_write(plain, 0, NULL, NULL, NULL));
    assert_fails(
        mien_checkpoint_read(plain, t, id, &events), MIEN_EFORMAT, "no checkpoint");
    assert_fails(mien_checkpoint_read(support_temp_path("none"), t, id, &events),
        MIEN_EIO, "none");
    mien_training_close(&t);
    heads_clear(&h);
}

/* Sealed as it should be, by a program that was wrong. */
static void a_place_that_no_training_reaches_is_refused(void **state) {
    (void)state;
    static const struct {
        int index;
        double value;
    } cases[] = {{0, -1}, {0, 5}, {0, 1.5}, {0, NAN}, {1, 1e300}, {1, -1}, {2, 2},
        {8, 4}, {8, -2}, {8, INFINITY}, {9, 0.5}};
    heads h;
    const char *path = support_temp_path("place.safetensors");
    open_heads(&h);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_training *t = NULL;
        mien_checkpoint_state s = {0};
        int64_t events = 0;
        assert_good(heads_training(&h, 0, &t));
        assert_good(mien_training_state(t, &s));
        assert_string_equal(s.names[0], "position");
        double *at = s.tensors[0]->data, before = at[cases[i].index];
        at[cases[i].index] = cases[i].value;
        assert_good(mien_checkpoint_write(path, t, id, 0));
        at[cases[i].index] = before;
        mien_checkpoint_state_clear(&s);
        assert_fails(mien_checkpoint_read(path, t, id, &events), MIEN_EFORMAT,
            "stands at epoch");
        assert_int_equal(mien_network_fit_epochs(mien_training_fit(t)), 0);
        mien_training_close(&t);
    }
    heads_clear(&h);
}

static void counts_that_no_training_reaches_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *name, *part;
        int index;
        double value;
    } cases[] = {{"optimiser.counters", "the optimiser has made", 0, 1e200},
        {"optimiser.counters", "the optimiser has made", 0, 0.5},
        {"stopping.memory", "early stopping has seen", 3, 1e300},
        {"stopping.memory", "early stopping has seen", 0, NAN}};
    heads h;
    const char *path = support_temp_path("counts.safetensors");
    open_heads(&h);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_training *t = NULL;
        mien_checkpoint_state s = {0};
        int64_t events = 0, k = 0;
        assert_good(heads_training(&h, 0, &t));
        assert_good(mien_training_state(t, &s));
        while (strcmp(s.names[k], cases[i].name) != 0) {
            k++;
        }
        ((double *)s.tensors[k]->data)[cases[i].index] = cases[i].value;
        assert_good(mien_checkpoint_write(path, t, id, 0));
        mien_checkpoint_state_clear(&s);
        mien_training_close(&t);
        assert_good(heads_training(&h, 0, &t));
        assert_fails(
            mien_checkpoint_read(path, t, id, &events), MIEN_EFORMAT, cases[i].part);
        mien_training_close(&t);
    }
    heads_clear(&h);
}

static void a_checkpoint_of_another_network_is_refused(void **state) {
    (void)state;
    heads h, wider;
    const char *path = support_temp_path("other.safetensors");
    const char *const set[] = {"head.layers=5"};
    mien_training *t = NULL;
    int64_t events = 0;
    open_heads(&h);
    write_at(&h, path, 2);
    heads_clear(&h);
    assert_good(heads_open(&wider, support_temp(), set, 1));
    assert_good(heads_training(&wider, 0, &t));
    assert_fails(mien_checkpoint_read(path, t, id, &events), MIEN_ESHAPE, "head.");
    mien_training_close(&t);
    heads_clear(&wider);
}

static void a_checkpoint_that_cannot_be_written_names_its_path(void **state) {
    (void)state;
    heads h;
    mien_training *t = NULL;
    open_heads(&h);
    assert_good(heads_training(&h, 0, &t));
    assert_fails(mien_checkpoint_write(support_temp_path("no/such"), t, id, 0),
        MIEN_EIO, "no/such");
    mien_training_close(&t);
    heads_clear(&h);
}

static mien_status write_and_read(void *context) {
    int64_t events = 0;
    const char *path = support_temp_path("each.safetensors");
    mien_status status = mien_checkpoint_write(path, context, id, 0);
    return status == MIEN_OK ? mien_checkpoint_read(path, context, id, &events)
                             : status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    heads h;
    mien_training *t = NULL;
    open_heads(&h);
    assert_good(heads_training(&h, 0, &t));
    support_each_allocation_fails(write_and_read, t, 5000);
    mien_training_close(&t);
    heads_clear(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_save_is_taken_up_to_the_same_bits),
        cmocka_unit_test(a_finished_training_keeps_its_predictions),
        cmocka_unit_test(every_changed_byte_is_refused_and_nothing_is_taken_up),
        cmocka_unit_test(what_is_no_checkpoint_of_the_run_is_told),
        cmocka_unit_test(a_place_that_no_training_reaches_is_refused),
        cmocka_unit_test(counts_that_no_training_reaches_are_refused),
        cmocka_unit_test(a_checkpoint_of_another_network_is_refused),
        cmocka_unit_test(a_checkpoint_that_cannot_be_written_names_its_path),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
