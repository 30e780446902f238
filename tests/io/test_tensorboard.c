/* SPDX-License-Identifier: MIT */
/* Event files: the bytes TensorBoard itself would write, whole after every kind of end.
 */
#include "support/support.h"

#include "mien/io.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *tag;
    int64_t step;
    double wall_s, value;
} rows[] = {/* as in python/golden/events.py */
    {"loss/train", 0, 1700000000.25, 1.5}, {"loss/train", 1, 1700000001.0, -0.1},
    {"ccc", 300, 1700000002.5, (double)INFINITY},
    {"Gr\xc3\xbcn/gr\xc3\xb6\xc3\x9f"
     "e",
        INT64_C(1) << 40, 1700000003.0, 1e-30},
    {"back", -1, 1700000004.0, 0.0}};
enum { ROWS = sizeof rows / sizeof *rows };

#define START_S 1699999999.5

static mien_events *open_at(const char *path, int64_t size_max) {
    mien_events *e = NULL;
    assert_good(mien_events_open(path, size_max, START_S, &e));
    return e;
}

static void add(mien_events *e, int first, int end) {
    for (int i = first; i < end; i++) {
        assert_good(mien_events_scalar(
            e, rows[i].tag, rows[i].step, rows[i].wall_s, rows[i].value));
    }
}

static void assert_same_file(const char *path, const char *want_path) {
    char *got = NULL, *want = NULL;
    size_t got_count = 0, want_count = 0;
    assert_good(mien_file_read(path, 100000, &got, &got_count));
    assert_good(mien_file_read(want_path, 100000, &want, &want_count));
    assert_int_equal(got_count, want_count);
    assert_memory_equal(got, want, want_count);
    mien_free(got);
    mien_free(want);
}

static const char *golden(void) {
    return support_source("tests/golden/events.tfevents");
}

static void the_bytes_are_those_of_tensorboard(void **state) {
    (void)state;
    const char *path = support_temp_path("golden.tfevents");
    mien_events *e = open_at(path, INT64_MAX);
    add(e, 0, ROWS);
    int64_t size = mien_events_size(e);
    assert_good(mien_events_close(&e));
    assert_null(e);
    assert_good(mien_events_close(&e));
    assert_int_equal(mien_file_size(path), size);
    assert_same_file(path, golden());
}

static void a_torn_tail_is_cut_wherever_it_was_torn(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    char path[4096]; /* of its own: the loops use up the lent ones */
    int64_t ends[ROWS + 1];
    snprintf(path, sizeof path, "%s", support_temp_path("torn.tfevents"));
    mien_events *e = open_at(support_temp_path("whole.tfevents"), INT64_MAX);
    ends[0] = mien_events_size(e);
    for (int i = 0; i < ROWS; i++) {
        add(e, i, i + 1);
        ends[i + 1] = mien_events_size(e);
    }
    assert_good(mien_events_close(&e));
    assert_good(mien_file_read(golden(), 100000, &bytes, &count));
    for (size_t cut = 0; cut <= count; cut++) {
        int whole = -1;
        support_write("torn.tfevents", bytes, cut);
        while (whole < ROWS && (int64_t)cut >= ends[whole + 1]) {
            whole++;
        }
        e = open_at(path, INT64_MAX);
        assert_int_equal(mien_events_size(e), ends[whole < 0 ? 0 : whole]);
        add(e, whole < 0 ? 0 : whole, ROWS);
        assert_good(mien_events_close(&e));
        assert_same_file(path, golden());
    }
    for (size_t at = (size_t)ends[0]; at < count; at++) { /* a changed byte, too */
        int whole = 0;
        bytes[at] ^= 1;
        support_write("torn.tfevents", bytes, count);
        bytes[at] ^= 1;
        while (ends[whole + 1] <= (int64_t)at) {
            whole++;
        }
        e = open_at(path, INT64_MAX);
        assert_int_equal(mien_events_size(e), ends[whole]);
        assert_good(mien_events_close(&e));
    }
    mien_free(bytes);
}

static void a_run_goes_on_from_the_size_it_had(void **state) {
    (void)state;
    const char *path = support_temp_path("resumed.tfevents");
    mien_events *e = open_at(path, INT64_MAX);
    add(e, 0, 2);
    int64_t size = mien_events_size(e);
    assert_good(mien_events_scalar(e, "lost", 9, 1.0, 2.0));
    assert_good(mien_events_close(&e));
    e = open_at(path, size + 1);
    assert_int_equal(mien_events_size(e), size);
    add(e, 2, ROWS);
    assert_good(mien_events_close(&e));
    assert_same_file(path, golden());
    e = open_at(path, 0);
    add(e, 0, ROWS);
    assert_good(mien_events_close(&e));
    assert_same_file(path, golden());
}

static void files_that_are_none_are_left_alone(void **state) {
    (void)state;
    mien_events *e = NULL;
    const char *path = support_write("notes.txt", "a few words", 11);
    assert_fails(mien_events_open(path, INT64_MAX, 1, &e), MIEN_EFORMAT, "notes.txt");
    assert_int_equal(mien_file_size(path), 11);
    assert_fails(mien_events_open(support_temp_path("no/such"), INT64_MAX, 1, &e),
        MIEN_EIO, "no/such");
    assert_null(e);
}

static void tags_are_checked(void **state) {
    (void)state;
    static char tag[1026];
    mien_events *e = open_at(support_temp_path("tags.tfevents"), INT64_MAX);
    memset(tag, 'x', 1025);
    assert_fails(mien_events_scalar(e, "", 1, 1, 1), MIEN_EINVAL, "0 bytes");
    assert_fails(mien_events_scalar(e, tag, 1, 1, 1), MIEN_EINVAL, "1025 bytes");
    assert_fails(mien_events_scalar(e, "\xff", 1, 1, 1), MIEN_EINVAL, "UTF-8");
    tag[1024] = '\0';
    for (int i = 0; i < 100; i++) { /* more than is gathered at once */
        assert_good(mien_events_scalar(e, tag, INT64_MIN, -1, 1));
    }
    int64_t size = mien_events_size(e);
    assert_good(mien_events_close(&e));
    e = open_at(support_temp_path("tags.tfevents"), INT64_MAX);
    assert_int_equal(mien_events_size(e), size);
    assert_good(mien_events_close(&e));
}

static void a_kill_loses_no_more_than_was_being_written(void **state) {
    (void)state;
    const char *path = support_temp_path("killed.tfevents");
    int kept = 0;
    for (int trial = 0; trial < 20; trial++) {
        pid_t child = fork();
        if (child == 0) {
            mien_events *e = NULL;
            if (mien_events_open(path, INT64_MAX, START_S, &e) == MIEN_OK) {
                for (int64_t i = 1;; i++) {
                    mien_events_scalar(e, "loss", i, 1.0, (double)i);
                    if (i % 7 == 0) {
                        mien_events_flush(e);
                    }
                }
            }
            _exit(1);
        }
        usleep(2000 + 500 * (unsigned)trial);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        int64_t size = mien_file_size(path);
        if (size > 0) { /* the child came so far */
            mien_events *e = open_at(path, INT64_MAX);
            int64_t whole = mien_events_size(e), flushed = 7 * 64;
            assert_true(whole <= size && whole > size - flushed);
            assert_int_equal(mien_file_size(path), whole);
            kept += whole > 40;
            assert_good(mien_events_close(&e));
            unlink(path);
        }
    }
    assert_true(kept > 0);
}

static void a_full_disk_is_told_and_the_file_stays_whole(void **state) {
    (void)state;
    struct rlimit before, small;
    const char *path = support_temp_path("full.tfevents");
    mien_events *e = open_at(path, INT64_MAX);
    add(e, 0, 1);
    assert_good(mien_events_flush(e));
    int64_t size = mien_file_size(path);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = (rlim_t)size + 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    add(e, 1, ROWS);
    mien_status status = mien_events_flush(e);
    mien_status again = mien_events_flush(e);
    mien_status closed = mien_events_close(&e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, MIEN_EIO);
    assert_int_equal(again, MIEN_EIO);
    assert_int_equal(closed, MIEN_EIO);
    assert_int_equal(mien_file_size(path), size);
}

/* By the Python of MIEN_TEST_PYTHON, else python3, if it has the package. */
static void tensorboard_reads_what_was_written(void **state) {
    (void)state;
    char line[256], folder[512];
    const char *python = getenv("MIEN_TEST_PYTHON");
    assert_good(mien_directory_make(support_temp_path("board")));
    mien_events *e =
        open_at(support_temp_path("board/events.out.tfevents.0"), INT64_MAX);
    add(e, 0, ROWS);
    assert_good(mien_events_close(&e));
    snprintf(folder, sizeof folder, "'%s' '%s' '%s' 2>/dev/null",
        python ? python : "python3", support_source("tests/io/read_events.py"),
        support_temp_path("board"));
    FILE *lines = popen(folder, "r");
    assert_non_null(lines);
    static const char *const want[] = {
        "Gr\xc3\xbcn/gr\xc3\xb6\xc3\x9f"
        "e 1099511627776 1700000003.0 1.0000000031710769e-30\n",
        "back -1 1700000004.0 0.0\n", "ccc 300 1700000002.5 inf\n",
        "loss/train 0 1700000000.25 1.5\n",
        "loss/train 1 1700000001.0 -0.10000000149011612\n"};
    int read = 0;
    while (fgets(line, sizeof line, lines)) {
        assert_true(read < ROWS);
        assert_string_equal(line, want[read]);
        read++;
    }
    int end = pclose(lines);
    if (WIFEXITED(end) && (WEXITSTATUS(end) == 77 || WEXITSTATUS(end) == 127)) {
        print_message("SKIPPED: no Python package tensorboard (MIEN_TEST_PYTHON)\n");
        skip();
    }
    assert_int_equal(end, 0);
    assert_int_equal(read, ROWS);
}

static mien_status write_some(void *context) {
    mien_events *e = NULL;
    mien_status status = mien_events_open(context, INT64_MAX, START_S, &e);
    status = status ? status : mien_events_scalar(e, "a", 1, 2, 3);
    mien_events_close(&e);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path("memory.tfevents"));
    support_each_allocation_fails(write_some, path, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_those_of_tensorboard),
        cmocka_unit_test(a_torn_tail_is_cut_wherever_it_was_torn),
        cmocka_unit_test(a_run_goes_on_from_the_size_it_had),
        cmocka_unit_test(files_that_are_none_are_left_alone),
        cmocka_unit_test(tags_are_checked),
        cmocka_unit_test(a_kill_loses_no_more_than_was_being_written),
        cmocka_unit_test(a_full_disk_is_told_and_the_file_stays_whole),
        cmocka_unit_test(tensorboard_reads_what_was_written),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
