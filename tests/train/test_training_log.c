/* SPDX-License-Identifier: MIT */
/* The log of a training: whole lines of JSON, whoever writes and whenever it stops. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/run/training_log.h"

/* Not inlined: GCC 12 would take the text for the variable that holds it. */
__attribute__((noinline)) static char *read_log(const char *path) {
    char *text = NULL;
    size_t length = 0;
    assert_good(mien_file_read(path, 1 << 24, &text, &length));
    return text;
}

/* The line as a tree; it is cut off at text, which moves on. */
static mien_value *next_line(char **text) {
    mien_value *value = NULL;
    char *end = strchr(*text, '\n');
    assert_non_null(end);
    assert_good(
        mien_value_parse_json("log.jsonl", *text, (size_t)(end - *text), &value));
    *text = end + 1;
    return value;
}

static double number(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), NAN);
}

static void steps_and_epochs_are_lines_of_json(void **state) {
    (void)state;
    const char *path = support_temp_path("log.jsonl");
    mien_training_log *log_of_training = NULL;
    mien_network_fit_moment m = {.fold = 1,
        .seed = 9,
        .epoch = 2,
        .step = 3,
        .steps = 4,
        .loss = 0.5,
        .rate = 0.125,
        .norm = 7,
        .idle = 0.25};
    const mien_network_fit_epoch e = {.loss_train = 0.75,
        .loss_validation = NAN,
        .metric = 0.5,
        .rate = 0.125,
        .norm = 6,
        .accuracy_train = NAN,
        .metric_test = NAN};
    assert_good(mien_training_log_open(path, &log_of_training));
    assert_good(mien_training_log_note(log_of_training, "begun"));
    assert_good(mien_training_log_step(log_of_training, &m));
    m.result = &e;
    m.best = true;
    assert_good(mien_training_log_epoch(log_of_training, &m, NULL));
    assert_good(mien_training_log_close(&log_of_training));
    char *text = read_log(path), *at = text;
    mien_value *note = next_line(&at), *step = next_line(&at), *epoch = next_line(&at);
    assert_int_equal(*at, 0);
    assert_string_equal(mien_value_text(mien_value_get(note, "what")), "begun");
    assert_near(number(step, "fold"), 1, 0);
    assert_near(number(step, "seed"), 9, 0);
    assert_near(number(step, "epoch"), 2, 0);
    assert_near(number(step, "step"), 3, 0);
    assert_near(number(step, "loss"), 0.5, 0);
    assert_near(number(step, "rate"), 0.125, 0);
    assert_near(number(step, "norm"), 7, 0);
    assert_near(number(step, "idle"), 0.25, 0);
    assert_near(number(epoch, "loss_train"), 0.75, 0);
    assert_int_equal(
        mien_value_kind_of(mien_value_get(epoch, "loss_validation")), MIEN_VALUE_NULL);
    assert_near(number(epoch, "metric"), 0.5, 0);
    assert_near(number(epoch, "seed"), 9, 0);
    assert_true(mien_value_bool(mien_value_get(epoch, "best"), false));
    assert_true(number(epoch, "elapsed_s") >= 0);
    mien_value_free(&note);
    mien_value_free(&step);
    mien_value_free(&epoch);
    mien_free(text);
}

static void a_torn_last_line_is_cut_off(void **state) {
    (void)state;
    static const struct {
        const char *before, *kept;
    } cases[] = {{"{\"a\": 1}\n{\"b\": 2", "{\"a\": 1}\n"}, {"{\"a\"", ""},
        {"{\"a\": 1}\n", "{\"a\": 1}\n"}, {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path =
            support_write("torn.jsonl", cases[i].before, strlen(cases[i].before));
        mien_training_log *log_of_training = NULL;
        assert_good(mien_training_log_open(path, &log_of_training));
        assert_good(mien_training_log_note(log_of_training, "resumed"));
        assert_good(mien_training_log_close(&log_of_training));
        char *text = read_log(path);
        size_t kept = strlen(cases[i].kept);
        assert_memory_equal(text, cases[i].kept, kept);
        assert_memory_equal(text + kept, "{\"what\": \"resumed\"", 18);
        mien_free(text);
    }
}

static mien_status write_some(void *context, int64_t index, int worker) {
    (void)worker;
    mien_network_fit_moment m = {.fold = (int)index, .loss = 0.1234567, .rate = 1e-5};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 50; i++) {
        m.step = i;
        status = mien_training_log_step(context, &m);
    }
    return status;
}

static void threads_do_not_tear_each_others_lines(void **state) {
    (void)state;
    const char *path = support_temp_path("threads.jsonl");
    mien_training_log *log_of_training = NULL;
    mien_thread_pool *pool = NULL;
    int next[8] = {0};
    assert_good(mien_thread_pool_new(4, &pool));
    assert_good(mien_training_log_open(path, &log_of_training));
    assert_good(mien_thread_pool_run(pool, 8, write_some, log_of_training));
    assert_good(mien_training_log_close(&log_of_training));
    mien_thread_pool_free(&pool);
    char *text = read_log(path), *at = text;
    for (int i = 0; i < 8 * 50; i++) {
        mien_value *line = next_line(&at);
        int fold = (int)number(line, "fold");
        assert_in_range(fold, 0, 7);
        assert_near(number(line, "step"), next[fold]++, 0);
        mien_value_free(&line);
    }
    assert_int_equal(*at, 0);
    mien_free(text);
}

/* Scalars of an epoch that are numbers; the file's first record says its version. */
static void an_epochs_numbers_are_events_too(void **state) {
    (void)state;
    const char *log = support_temp_path("events.jsonl");
    const char *path = support_temp_path("events.out.tfevents.test");
    mien_training_log *log_of_training = NULL;
    mien_events *events = NULL;
    const mien_network_fit_epoch e = {.loss_train = 0.75,
        .loss_validation = NAN,
        .metric = 0.5,
        .rate = 0.125,
        .norm = 6,
        .accuracy_train = NAN,
        .metric_test = NAN};
    mien_network_fit_moment m = {.epoch = 2, .result = &e};
    assert_good(mien_training_log_open(log, &log_of_training));
    assert_good(mien_events_open(path, INT64_MAX, 0, &events));
    assert_good(mien_training_log_epoch(log_of_training, &m, events));
    assert_int_equal(mien_events_size(events), mien_file_size(path)); /* flushed */
    assert_good(mien_events_close(&events));
    assert_good(mien_training_log_close(&log_of_training));
    char *bytes = NULL;
    size_t length = 0;
    int train = 0, validation = 0;
    assert_good(mien_file_read(path, 1 << 20, &bytes, &length));
    for (size_t i = 0; i + 15 < length; i++) {
        train += memcmp(bytes + i, "loss/train", 10) == 0;
        validation += memcmp(bytes + i, "loss/validation", 15) == 0;
    }
    assert_int_equal(train, 1);
    assert_int_equal(validation, 0);
    mien_free(bytes);
}

static void a_log_that_cannot_be_written_names_its_path(void **state) {
    (void)state;
    mien_training_log *log_of_training = NULL;
    assert_fails(mien_training_log_open(support_temp_path("no/log"), &log_of_training),
        MIEN_EIO, "no/log");
    assert_null(log_of_training);
    assert_good(mien_training_log_close(&log_of_training));
    if (mien_file_exists("/dev/full") &&
        mien_training_log_open("/dev/full", &log_of_training) == MIEN_OK) {
        assert_fails(
            mien_training_log_note(log_of_training, "begun"), MIEN_EIO, "/dev/full");
        mien_training_log_close(&log_of_training);
    }
}

static mien_status open_and_note(void *context) {
    mien_training_log *log_of_training = NULL;
    mien_status status = mien_training_log_open(context, &log_of_training);
    if (status == MIEN_OK) {
        status = mien_training_log_note(log_of_training, "begun");
    }
    mien_status closed = mien_training_log_close(&log_of_training);
    return status == MIEN_OK ? closed : status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path("each.jsonl"));
    support_each_allocation_fails(open_and_note, path, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_epochs_are_lines_of_json),
        cmocka_unit_test(a_torn_last_line_is_cut_off),
        cmocka_unit_test(threads_do_not_tear_each_others_lines),
        cmocka_unit_test(an_epochs_numbers_are_events_too),
        cmocka_unit_test(a_log_that_cannot_be_written_names_its_path),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
