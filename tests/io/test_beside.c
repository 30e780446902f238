/* SPDX-License-Identifier: MIT */
/* Files that are written beside their target: names, links, sweeping, what is kept. */
#include "io/beside.h"

#include "support/support.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void assert_holds(const char *path, const char *text) {
    char *bytes = NULL;
    size_t count = 0;
    assert_good(mien_file_read(path, 100, &bytes, &count));
    assert_string_equal(bytes, text);
    mien_free(bytes);
}

static void put(mien_beside *b, const char *text) {
    assert_int_equal(write(b->fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void fresh_folder(const char *name) {
    assert_good(mien_directory_make(support_temp_path(name)));
}

static int64_t files_in(const char *name) {
    char **names = NULL;
    int64_t count = 0;
    assert_good(mien_directory_list(support_temp_path(name), &names, &count));
    mien_names_free(&names, count);
    return count;
}

static void the_old_file_stays_until_the_new_one_is_complete(void **state) {
    (void)state;
    const mien_beside_kind kinds[] = {MIEN_BESIDE_HIDDEN, MIEN_BESIDE_SHOWN};
    fresh_folder("stays");
    for (int i = 0; i < 2; i++) {
        mien_beside b = {.fd = -1};
        const char *path = support_write("stays/f", "old", 3);
        assert_good(mien_beside_open(path, kinds[i], &b));
        put(&b, "new");
        assert_holds(path, "old");
        assert_true(mien_beside_named(mien_path_base(b.name)));
        assert_good(mien_beside_commit(&b));
        assert_holds(path, "new");
        assert_good(mien_beside_open(path, kinds[i], &b));
        put(&b, "newer");
        mien_beside_abandon(&b);
        assert_holds(path, "new");
        assert_int_equal(files_in("stays"), 1);
    }
}

/* Two names differ in what no process number gives. */
static void no_name_can_be_foreseen(void **state) {
    (void)state;
    fresh_folder("names");
    mien_beside one = {.fd = -1}, two = {.fd = -1};
    const char *path = support_temp_path("names/f");
    assert_good(mien_beside_open(path, MIEN_BESIDE_HIDDEN, &one));
    assert_good(mien_beside_open(path, MIEN_BESIDE_HIDDEN, &two));
    int differ = 0;
    for (size_t i = 0; one.name[i] && two.name[i]; i++) {
        differ += one.name[i] != two.name[i];
    }
    assert_in_range(differ, 5, 16); /* of 16 random digits 15 on average */
    mien_beside_abandon(&one);
    mien_beside_abandon(&two);
}

static void a_link_as_target_keeps_pointing_and_a_device_is_no_target(void **state) {
    (void)state;
    struct stat info;
    mien_beside b = {.fd = -1};
    fresh_folder("links");
    const char *path = support_temp_path("links/link");
    support_write("links/file", "old", 3);
    assert_int_equal(symlink("file", path), 0);
    assert_good(mien_beside_open(path, MIEN_BESIDE_HIDDEN, &b));
    put(&b, "new");
    assert_good(mien_beside_commit(&b));
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_holds(support_temp_path("links/file"), "new");
    assert_fails(mien_beside_open("/dev/null", MIEN_BESIDE_HIDDEN, &b), MIEN_EIO,
        "no regular file");
    assert_fails(mien_beside_open(support_temp(), MIEN_BESIDE_HIDDEN, &b), MIEN_EIO,
        "no regular file");
}

/* name: its file is made and was last written so many seconds ago. */
static const char *make_old(const char *name, int seconds) {
    const char *path = support_write(name, "x", 1);
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}};
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

static void what_killed_processes_left_is_swept_and_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int age;
        bool stays;
    } files[] = {{"swept/.mien-0123456789abcdef.part", 700, false},
        {"swept/.mien-0123456789abcde0.part", 500, true}, /* may be being written */
        {"swept/rows.csv.01234567.part", 700, true},      /* somebody's rows */
        {"swept/.mien-0123456789abcdeg.part", 700, true}, /* not ours */
        {"swept/.mien-mine.part", 700, true}, {"swept/f", 700, true}};
    enum { COUNT = sizeof files / sizeof *files };
    fresh_folder("swept");
    for (int i = 0; i < COUNT; i++) {
        make_old(files[i].name, files[i].age);
    }
    char held[4096];
    snprintf(
        held, sizeof held, "%s", make_old("swept/.mien-aaaaaaaaaaaaaaaa.part", 700));
    int fd = open(held, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_good(mien_file_write(support_temp_path("swept/new"), "x", 1));
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(
            mien_file_exists(support_temp_path(files[i].name)), files[i].stays);
    }
    assert_true(mien_file_exists(held)); /* its writer lives */
    close(fd);
    assert_good(mien_file_write(support_temp_path("swept/new"), "x", 1));
    assert_false(mien_file_exists(held));
}

static void what_is_kept_never_replaces_anything(void **state) {
    (void)state;
    static const char *const before[] = {NULL, "", "old"};
    for (int i = 0; i < 3; i++) {
        mien_beside b = {.fd = -1};
        char *kept = NULL, folder[16], file[32];
        snprintf(folder, sizeof folder, "kept%d", i);
        snprintf(file, sizeof file, "%s/rows.csv", folder);
        fresh_folder(folder);
        if (before[i]) {
            support_write(file, before[i], strlen(before[i]));
        }
        assert_good(mien_beside_open(support_temp_path(file), MIEN_BESIDE_SHOWN, &b));
        put(&b, "rows");
        mien_beside_keep(&b, &kept);
        assert_holds(kept, "rows");
        if (i < 2) {
            assert_string_equal(kept, support_temp_path(file));
        } else {
            assert_holds(support_temp_path(file), "old");
            assert_true(mien_beside_named(mien_path_base(kept)));
        }
        mien_free(kept);
    }
}

static mien_status open_once(void *context) {
    mien_beside b = {.fd = -1};
    mien_status status = mien_beside_open(context, MIEN_BESIDE_HIDDEN, &b);
    return status == MIEN_OK ? mien_beside_commit(&b) : status;
}

static void every_failing_allocation_leaves_nothing(void **state) {
    (void)state;
    fresh_folder("each");
    char path[4096];
    snprintf(path, sizeof path, "%s", support_temp_path("each/f"));
    support_each_allocation_fails(open_once, path, 50);
    assert_int_equal(files_in("each"), 1);
}

static void files_of_a_group_are_whole_and_reach_the_disk_when_asked(void **state) {
    (void)state;
    mien_beside b = {.fd = -1};
    fresh_folder("group");
    const char *path = support_write("group/f", "old", 3);
    mien_files_group_begin();
    mien_files_group_begin();
    mien_files_group_end();
    assert_true(mien_files_grouped());
    assert_good(mien_beside_open(path, MIEN_BESIDE_HIDDEN, &b));
    put(&b, "new");
    assert_holds(path, "old");
    assert_good(mien_beside_commit(&b));
    mien_files_group_end();
    assert_false(mien_files_grouped());
    assert_good(mien_files_reach_disk(support_temp_path("group")));
    assert_holds(path, "new");
    assert_int_equal(files_in("group"), 1);
    assert_fails(mien_files_reach_disk(support_temp_path("no")), MIEN_EIO, "open");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_file_stays_until_the_new_one_is_complete),
        cmocka_unit_test(no_name_can_be_foreseen),
        cmocka_unit_test(a_link_as_target_keeps_pointing_and_a_device_is_no_target),
        cmocka_unit_test(what_killed_processes_left_is_swept_and_nothing_else),
        cmocka_unit_test(what_is_kept_never_replaces_anything),
        cmocka_unit_test(files_of_a_group_are_whole_and_reach_the_disk_when_asked),
        cmocka_unit_test(every_failing_allocation_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
