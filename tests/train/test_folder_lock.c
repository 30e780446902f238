/* SPDX-License-Identifier: MIT */
/* A run folder belongs to one process, and to nobody when that has been killed. */
#include "support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "train/run/folder_lock.h"
#include "train/run/folder.h"

static const char *folder(const char *name) {
    const char *path = support_temp_path(name);
    assert_good(mien_directory_make(path));
    return path;
}

/* A process that has the folder until it is killed. */
static pid_t occupy(const char *run) {
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        mien_folder_lock *folder_lock = NULL;
        if (mien_folder_lock_take(run, &folder_lock) != MIEN_OK ||
            write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    assert_true(child > 0);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void finish_off(pid_t child) {
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static bool has_lock_file(const char *run) {
    char *path = mien_path_join(run, MIEN_CLAIM_FILE);
    bool there = mien_file_exists(path);
    mien_free(path);
    return there;
}

static void a_folder_that_a_process_has_is_refused_by_its_number(void **state) {
    (void)state;
    const char *run = folder("occupied");
    char part[64];
    mien_folder_lock *folder_lock = NULL;
    pid_t child = occupy(run);
    snprintf(part, sizeof part, "process %ld is training", (long)child);
    assert_fails(mien_folder_lock_take(run, &folder_lock), MIEN_EIO, part);
    assert_non_null(strstr(mien_error(), "mien resume"));
    assert_null(folder_lock);
    assert_fails(mien_folder_make(run, &folder_lock), MIEN_EIO, part);
    finish_off(child);
}

static void the_file_of_a_killed_process_is_in_nobodys_way(void **state) {
    (void)state;
    const char *run = folder("killed");
    mien_folder_lock *folder_lock = NULL;
    finish_off(occupy(run));
    assert_true(has_lock_file(run));
    assert_good(mien_folder_lock_take(run, &folder_lock));
    mien_folder_lock_drop(&folder_lock);
    finish_off(occupy(run));
    assert_good(mien_folder_make(run, &folder_lock));
    mien_folder_lock_drop(&folder_lock);
}

static void a_claim_that_is_dropped_leaves_nothing(void **state) {
    (void)state;
    const char *run = folder("dropped");
    mien_folder_lock *folder_lock = NULL, *second = NULL;
    for (int i = 0; i < 3; i++) {
        assert_good(mien_folder_lock_take(run, &folder_lock));
        assert_fails(mien_folder_lock_take(run, &second), MIEN_EIO, "is training");
        mien_folder_lock_drop(&folder_lock);
        assert_null(folder_lock);
        assert_false(has_lock_file(run));
    }
    mien_folder_lock_drop(&folder_lock);
    mien_folder_lock_drop(NULL);
}

static void a_folder_that_is_not_there_is_told(void **state) {
    (void)state;
    mien_folder_lock *folder_lock = NULL;
    assert_fails(mien_folder_lock_take(support_temp_path("no/such"), &folder_lock),
        MIEN_EIO, "no/such/run.lock");
}

static mien_status take_once(void *context) {
    mien_folder_lock *folder_lock = NULL;
    mien_status status = mien_folder_make(context, &folder_lock);
    mien_folder_lock_drop(&folder_lock);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", folder("allocations"));
    support_each_allocation_fails(take_once, path, 100);
    assert_false(has_lock_file(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_a_process_has_is_refused_by_its_number),
        cmocka_unit_test(the_file_of_a_killed_process_is_in_nobodys_way),
        cmocka_unit_test(a_claim_that_is_dropped_leaves_nothing),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
