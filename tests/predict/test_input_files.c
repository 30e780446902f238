/* SPDX-License-Identifier: MIT */
/* Folders and lists to files. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mien/io.h"
#include "predict/input_files.h"

static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0,
    0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0};

static void write_png(const char *name) {
    support_write(name, png, sizeof png);
}

static const char *write_text(const char *name, const char *text) {
    return support_write(name, text, strlen(text));
}

static void make_folder(const char *name) {
    assert_good(mien_directory_make(support_temp_path(name)));
}

static void expand(mien_input_files *inputs, const char *name) {
    assert_good(mien_input_files_expand(inputs, &name, 1));
}

/* The items must be these names below the temporary folder, none of them a problem. */
static void assert_items(
    const mien_input_files *inputs, const char *const *names, int count) {
    for (int i = 0; i < count && i < inputs->count; i++) {
        assert_string_equal(inputs->items[i].path, support_temp_path(names[i]));
        assert_null(inputs->items[i].problem);
    }
    assert_int_equal(inputs->count, count);
}

static void names_stay_as_they_are_and_in_order(void **state) {
    (void)state;
    const char *const names[] = {"b.jpg", "a.mp4", "no such file.png", "b.jpg"};
    mien_input_files inputs;
    assert_good(mien_input_files_expand(&inputs, names, 4));
    assert_int_equal(inputs.count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(inputs.items[i].path, names[i]);
        assert_null(inputs.items[i].problem); /* told when it is opened */
    }
    mien_input_files_clear(&inputs);
    assert_int_equal(inputs.count, 0);
}

static void folders_are_walked_in_natural_order(void **state) {
    (void)state;
    make_folder("walk/set 10");
    make_folder("walk/set 2/deeper");
    make_folder("walk/.hidden");
    write_png("walk/10.png");
    write_png("walk/9.png");
    write_png("walk/set 10/1.png");
    write_png("walk/set 2/b.png");
    write_png("walk/set 2/deeper/a"); /* by its bytes, without an ending */
    write_png("walk/.hidden/x.png");
    write_png("walk/.x.png");
    write_text("walk/readme.md", "not a picture");
    write_text("walk/list.txt", "not followed inside a folder");
    static const char *const want[] = {"walk/9.png", "walk/10.png", "walk/set 2/b.png",
        "walk/set 2/deeper/a", "walk/set 10/1.png"};
    mien_input_files inputs;
    expand(&inputs, support_temp_path("walk"));
    assert_items(&inputs, want, 5);
    mien_input_files_clear(&inputs);
}

static void a_file_named_as_a_picture_is_kept_to_be_told(void **state) {
    (void)state;
    make_folder("odd");
    write_text("odd/empty.jpg", "");
    write_text("odd/text.JPG", "hello");
    static const char *const want[] = {"odd/empty.jpg", "odd/text.JPG"};
    mien_input_files inputs;
    expand(&inputs, support_temp_path("odd"));
    assert_items(&inputs, want, 2);
    mien_input_files_clear(&inputs);
}

static void links_to_folders_do_not_loop(void **state) {
    (void)state;
    make_folder("loop");
    write_png("loop/a.png");
    assert_int_equal(symlink(".", support_temp_path("loop/self")), 0);
    assert_int_equal(symlink("a.png", support_temp_path("loop/b.png")), 0);
    static const char *const want[] = {"loop/a.png", "loop/b.png"};
    mien_input_files inputs;
    expand(&inputs, support_temp_path("loop"));
    assert_items(&inputs, want, 2);
    mien_input_files_clear(&inputs);
}

static void a_folder_that_cannot_be_read_does_not_end_the_walk(void **state) {
    (void)state;
    if (geteuid() == 0) {
        print_message("SKIPPED: everything can be read by root\n");
        skip();
    }
    make_folder("shut/b");
    write_png("shut/a.png");
    write_png("shut/b/x.png");
    write_png("shut/c.png");
    chmod(support_temp_path("shut/b"), 0);
    mien_input_files inputs;
    expand(&inputs, support_temp_path("shut"));
    chmod(support_temp_path("shut/b"), 0700);
    assert_int_equal(inputs.count, 3);
    assert_null(inputs.items[0].problem);
    assert_int_equal(inputs.items[1].status, MIEN_EIO);
    assert_non_null(strstr(inputs.items[1].problem, "shut/b"));
    assert_null(inputs.items[2].problem);
    mien_input_files_clear(&inputs);
}

static void folders_too_deep_are_told_and_the_rest_goes_on(void **state) {
    (void)state;
    char path[1024] = "deep";
    for (int i = 0; i < 34; i++) {
        strcat(path, "/d");
    }
    make_folder(path);
    strcat(path, "/lost.png");
    write_png(path);
    write_png("deep/z.png");
    mien_input_files inputs;
    expand(&inputs, support_temp_path("deep"));
    assert_int_equal(inputs.count, 2);
    assert_int_equal(inputs.items[0].status, MIEN_ELIMIT);
    assert_non_null(strstr(inputs.items[0].problem, "more than 32 deep"));
    assert_string_equal(inputs.items[1].path, support_temp_path("deep/z.png"));
    mien_input_files_clear(&inputs);
}

static void a_list_names_a_path_a_line(void **state) {
    (void)state;
    make_folder("lists");
    mien_input_files inputs;
    static const char *const want[] = {
        "lists/a.jpg", "lists/sub/b c.png", "lists/d.mp4"};
    static const char *const texts[] = {
        "a.jpg\n# a remark\n\nsub/b c.png\nd.mp4\n",       /* LF */
        "a.jpg\r\n# a remark\r\n\r\nsub/b c.png\r\nd.mp4", /* CRLF, no end */
        "a.jpg\r# a remark\r\rsub/b c.png\rd.mp4\r",       /* CR */
        "\xEF\xBB\xBF"
        "a.jpg\nsub/b c.png\nd.mp4\n", /* byte order mark */
    };
    for (int i = 0; i < 4; i++) {
        expand(&inputs, write_text("lists/l.txt", texts[i]));
        assert_items(&inputs, want, 3);
        mien_input_files_clear(&inputs);
    }
    expand(&inputs, write_text("lists/l.TXT", "/somewhere/else.jpg\n"));
    assert_string_equal(inputs.items[0].path, "/somewhere/else.jpg");
    mien_input_files_clear(&inputs);
}

static void a_table_names_images_or_films(void **state) {
    (void)state;
    make_folder("tables");
    mien_input_files inputs;
    static const char *const want[] = {"tables/a.jpg", "tables/f.mp4", "tables/b.jpg"};
    expand(&inputs,
        write_text("tables/t.tsv", "trial\timage\tfilm\n1\ta.jpg\tn/a\n2\tn/a\tf.mp4\n"
                                   "3\tn/a\tn/a\n4\tb.jpg\tg.mp4\n"));
    assert_items(&inputs, want, 3);
    mien_input_files_clear(&inputs);
}

static void what_cannot_be_expanded_is_told_and_the_rest_goes_on(void **state) {
    (void)state;
    make_folder("bad/empty");
    write_text("bad/nothing.txt", "# only a remark\n");
    write_text("bad/columns.tsv", "trial\tpicture\n1\ta.jpg\n");
    write_text("bad/ragged.tsv", "trial\timage\n1\n");
    write_text("bad/times.tsv", "film\tstart_s\tend_s\na\t0\t1\nb\t2\t1\n");
    support_write("bad/zero.txt", "a.jpg\0b.jpg\n", 12);
    const struct {
        const char *name, *part;
        mien_status status;
    } cases[] = {
        {"bad/missing.txt", "missing.txt", MIEN_EIO},
        {"bad/missing.tsv", "missing.tsv", MIEN_EIO},
        {"bad/empty", "no picture or film", MIEN_ENOTFOUND},
        {"bad/nothing.txt", "no picture or film", MIEN_ENOTFOUND},
        {"bad/columns.tsv", "\"image\" or \"film\"", MIEN_EFORMAT},
        {"bad/ragged.tsv", "ragged.tsv:2", MIEN_EFORMAT},
        {"bad/times.tsv", "times.tsv:3: start_s 2, end_s 1", MIEN_EFORMAT},
        {"bad/zero.txt", "a zero byte", MIEN_EFORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const names[] = {support_temp_path(cases[i].name), "good.jpg"};
        mien_input_files inputs;
        assert_good(mien_input_files_expand(&inputs, names, 2));
        assert_int_equal(inputs.count, 2);
        assert_int_equal(inputs.items[0].status, cases[i].status);
        assert_string_equal(inputs.items[0].path, names[0]);
        if (!strstr(inputs.items[0].problem, cases[i].part)) {
            fail_msg("\"%s\" is not in \"%s\"", cases[i].part, inputs.items[0].problem);
        }
        assert_string_equal(inputs.items[1].path, "good.jpg");
        mien_input_files_clear(&inputs);
    }
}

static mien_status expand_all(void *context) {
    mien_input_files inputs;
    mien_status status = mien_input_files_expand(&inputs, context, 3);
    for (int64_t i = 0; status == MIEN_OK && i < inputs.count; i++) {
        /* running out of memory must not turn into a missing or bad input */
        status = inputs.items[i].status;
    }
    if (status == MIEN_OK) {
        assert_int_equal(inputs.count, 8);
    }
    mien_input_files_clear(&inputs);
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    char folder[4096], list[4096], table[4096];
    make_folder("memory/sub");
    write_png("memory/a.png");
    write_png("memory/sub/b.png");
    snprintf(folder, sizeof folder, "%s", support_temp_path("memory"));
    snprintf(list, sizeof list, "%s", write_text("m.txt", "a\nb\nc\n"));
    snprintf(table, sizeof table, "%s", write_text("m.tsv", "image\na\nb\nc\n"));
    const char *const names[] = {folder, list, table};
    support_each_allocation_fails(expand_all, (void *)names, 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stay_as_they_are_and_in_order),
        cmocka_unit_test(folders_are_walked_in_natural_order),
        cmocka_unit_test(a_file_named_as_a_picture_is_kept_to_be_told),
        cmocka_unit_test(links_to_folders_do_not_loop),
        cmocka_unit_test(a_folder_that_cannot_be_read_does_not_end_the_walk),
        cmocka_unit_test(folders_too_deep_are_told_and_the_rest_goes_on),
        cmocka_unit_test(a_list_names_a_path_a_line),
        cmocka_unit_test(a_table_names_images_or_films),
        cmocka_unit_test(what_cannot_be_expanded_is_told_and_the_rest_goes_on),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
