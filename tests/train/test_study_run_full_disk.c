/* SPDX-License-Identifier: MIT */
/* A disk that is full in the middle of a run: a limit on the size of files stands for
 * it. What was saved stays, the file is named, and a resume ends with the same bits. */
#include "train/runs.h"

#include <sys/resource.h>

/* Files may grow to `bytes` from step `at` on; 0: from the beginning. */
typedef struct filling {
    int64_t at, seen;
    rlim_t bytes;
} filling;

static void set_limit(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void fill_up(void *context, const char *stage, int64_t done, int64_t total) {
    filling *f = context;
    (void)done;
    (void)total;
    if (strcmp(stage, "training") == 0 && ++f->seen == f->at) {
        set_limit(f->bytes);
    }
}

static mien_status train_filling(
    const char *run, const char *const *set, int count, filling *f) {
    mien_study *study = NULL;
    mien_train_options o = options_of();
    o.progress = fill_up;
    o.context = f;
    mien_status status = pictures_study(set, count, &study);
    signal(SIGXFSZ, SIG_IGN);
    if (f->at == 0) {
        set_limit(f->bytes);
    }
    status = status == MIEN_OK ? mien_train(study, run, &o) : status;
    mien_study_close(&study);
    return status;
}

/* Trains in a child, whose limit ends with it; what it failed with goes to text. */
static mien_status train_in_child(
    const char *run, const char *const *set, int count, filling f, char text[4096]) {
    int ends[2], result = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        mien_log_set(NULL, NULL);
        mien_status status = train_filling(run, set, count, &f);
        size_t length = strlen(mien_error());
        bool told = write(ends[1], mien_error(), length) == (ssize_t)length;
        _exit(told ? -(int)status : 99);
    }
    assert_true(child > 0);
    close(ends[1]);
    ssize_t got = read(ends[0], text, 4095);
    text[got > 0 ? got : 0] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    return (mien_status)-WEXITSTATUS(result);
}

static void assert_told(const char *text, const char *file) {
    if (!strstr(text, file) || !strstr(text, "File too large")) {
        fail_msg("\"%s\" does not name %s", text, file);
    }
}

static const char *whole(void) {
    static char path[4096];
    if (!path[0]) {
        snprintf(path, sizeof path, "%s", support_temp_path("whole"));
        assert_good(train(path, busy, BUSY));
    }
    return path;
}

static int64_t size_of(const char *run, const char *file) {
    char *path = mien_path_join(run, file);
    int64_t size = mien_file_exists(path) ? mien_file_size(path) : -1;
    mien_free(path);
    return size;
}

/* No half of a file that could not be written. */
static void assert_no_parts(const char *run, const char *folder) {
    char *path = mien_path_join(run, folder), **names = NULL;
    int64_t count = 0;
    assert_good(mien_directory_list(path, &names, &count));
    for (int64_t i = 0; i < count; i++) {
        assert_null(strstr(names[i], ".part"));
    }
    mien_names_free(&names, count);
    mien_free(path);
}

static void a_checkpoint_that_cannot_be_written_leaves_the_one_before(void **state) {
    (void)state;
    const char *run = run_path("checkpoint");
    char text[4096];
    filling f = {.at = 4, .bytes = 16 << 10};
    assert_int_equal(train_in_child(run, busy, BUSY, f, text), MIEN_EIO);
    assert_told(text, "fold-0/checkpoint.safetensors");
    assert_non_null(strstr(text, "mien resume"));
    assert_true(size_of(run, "fold-0/checkpoint.safetensors") > 16 << 10);
    assert_no_parts(run, "fold-0");
    assert_good(resume(run));
    assert_same_files(whole(), run);
}

static void a_log_that_cannot_be_written_stops_the_run(void **state) {
    (void)state;
    const char *run = run_path("log");
    char text[4096];
    filling f = {.at = 5, .bytes = 64};
    assert_int_equal(train_in_child(run, busy, BUSY, f, text), MIEN_EIO);
    assert_told(text, "log.jsonl");
    assert_good(resume(run));
    assert_same_files(whole(), run);
}

/* Nothing was saved before: it begins again. */
static void a_first_checkpoint_that_cannot_be_written_costs_no_more(void **state) {
    (void)state;
    const char *run = run_path("first");
    char text[4096];
    filling f = {.at = 1, .bytes = 16 << 10};
    assert_int_equal(train_in_child(run, busy, BUSY, f, text), MIEN_EIO);
    assert_told(text, "fold-0/checkpoint.safetensors");
    assert_int_equal(size_of(run, "fold-0/checkpoint.safetensors"), -1);
    assert_good(resume(run));
    assert_same_files(whole(), run);
}

/* The model holds a golden picture of 36 KiB, more than any file before it. */
static void a_model_that_cannot_be_written_is_written_later(void **state) {
    (void)state;
    const char *run = run_path("model"), *full = run_path("full");
    const char *set[SMALL + 1];
    char text[4096];
    filling f = {.at = 0, .bytes = 30 << 10};
    memcpy(set, small, sizeof small);
    set[SMALL] = "epochs=10";
    assert_int_equal(train_in_child(run, set, SMALL + 1, f, text), MIEN_EIO);
    assert_told(text, "model.safetensors");
    assert_int_equal(size_of(run, "model.safetensors"), -1);
    assert_no_parts(run, "");
    assert_good(resume(run));
    assert_good(train(full, set, SMALL + 1));
    assert_same_files(full, run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_that_cannot_be_written_leaves_the_one_before),
        cmocka_unit_test(a_log_that_cannot_be_written_stops_the_run),
        cmocka_unit_test(a_first_checkpoint_that_cannot_be_written_costs_no_more),
        cmocka_unit_test(a_model_that_cannot_be_written_is_written_later),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
