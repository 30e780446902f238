/* SPDX-License-Identifier: MIT */
/* Files made to harm: each is refused at once, in little memory, and runs nothing. */
#include "support/support.h"

#include "io/archive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define SECONDS 1.0
#define BYTES (100 << 20)

/* The legacy format's first three pickles. */
#define HEAD                                                                           \
    "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."                          \
    "\x80\2M\xe9\3."                                                                   \
    "\x80\2}X\x0d\0\0\0little_endian\x88s."
#define STORAGE(count)                                                                 \
    "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\6\0\0\0cuda:0" count "NtQ"
#define TENSOR(count, size)                                                            \
    "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE(                                    \
        count) "K\0" size "\x85K\1\x85\x89"                                            \
               "ccollections\nOrderedDict\n)RtR"
#define KEYS "\x80\2]X\1\0\0\0ka."
#define MODULE(parameters, modules)                                                    \
    "\x80\2(X\6\0\0\0modulecmodels\nNet\nX\4\0\0\0a.pyX\4\0\0\0passtQ)\x81q\0}"        \
    "X\x0b\0\0\0_parameters}" parameters                                               \
    "sX\x08\0\0\0_buffers}sX\x08\0\0\0_modules}" modules "sb."

static int64_t resident(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)usage.ru_maxrss * 1024;
}

static void assert_harmless(
    const void *bytes, size_t count, mien_status status, const char *part) {
    const char *path = support_temp_path("hostile.pth");
    mien_archive *archive = NULL;
    assert_good(mien_file_write(path, bytes, count));
    int64_t before = resident();
    clock_t start = clock(); /* of this process alone, however busy the others are */
    assert_fails(mien_archive_open(path, &archive), status, part);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS);
    assert_true(resident() - before < BYTES);
}
#define HARMLESS(stream, status, part)                                                 \
    assert_harmless(stream, sizeof(stream) - 1, status, part)

static void a_good_module_is_read(void **state) {
    (void)state;
    static const char good[] = HEAD MODULE("X\1\0\0\0w" TENSOR("K\2", "K\2") "s", "")
        KEYS "\2\0\0\0\0\0\0\0\0\0\x80?\0\0\0@";
    const char *path = support_temp_path("good.pth");
    mien_archive *archive = NULL;
    mien_tensor *w = NULL;
    assert_good(mien_file_write(path, good, sizeof good - 1));
    assert_good(mien_archive_open(path, &archive));
    assert_int_equal(mien_archive_find(archive, "w"), 0);
    assert_good(mien_archive_load(archive, 0, &w));
    assert_true(((const float *)w->data)[1] == 2);
    mien_tensor_free(&w);
    mien_archive_close(&archive);
}

static void a_command_is_not_run(void **state) {
    (void)state;
    HARMLESS(HEAD "\x80\2cposix\nsystem\nX\x16\0\0\0touch /tmp/mien-owned2\x85R.",
        MIEN_EUNSUPPORTED, "posix.system");
    HARMLESS(HEAD MODULE("", "X\1\0\0\0acposix\nsystem\nX\x16\0\0\0"
                             "touch /tmp/mien-owned2\x85Rs"),
        MIEN_EUNSUPPORTED, "posix.system");
    HARMLESS(HEAD "\x80\2(X\6\0\0\0modulecos\nsystem\nX\1\0\0\0aX\1\0\0\0btQ"
                  "X\x16\0\0\0touch /tmp/mien-owned2\x85\x81.",
        MIEN_EUNSUPPORTED, "os.system");
    assert_false(mien_file_exists("/tmp/mien-owned2"));
}

static void two_gigabytes_in_two_kilobytes_are_not_taken(void **state) {
    (void)state;
    HARMLESS(HEAD MODULE("X\1\0\0\0w" TENSOR("J\0\0\0\x20", "J\0\0\0\x20") "s", "") KEYS
        "\0\0\0\x20\0\0\0\0abcd",
        MIEN_EFORMAT, "truncated inside storage k");
}

static void a_module_in_itself_is_found(void **state) {
    (void)state;
    HARMLESS(
        HEAD MODULE("", "X\1\0\0\0ah\0s") "\x80\2].", MIEN_EFORMAT, "contains itself");
}

static void a_million_nested_tuples_end(void **state) {
    (void)state;
    enum { MILLION = 1000000 };
    static const char head[] = HEAD "\x80\2)", tail[] = ".\x80\2].";
    size_t first = sizeof head - 1, last = sizeof tail - 1;
    char *stream = malloc(first + MILLION + last);
    memcpy(stream, head, first);
    memset(stream + first, 0x85, MILLION);
    memcpy(stream + first + MILLION, tail, last);
    assert_harmless(stream, first + MILLION + last, MIEN_ELIMIT, "deeper than 32");
    free(stream);
}

static void a_truncated_storage_is_refused(void **state) {
    (void)state;
    HARMLESS(HEAD MODULE("X\1\0\0\0w" TENSOR("K\2", "K\2") "s", "") KEYS
        "\2\0\0\0\0\0\0\0\0\0\x80?\0\0",
        MIEN_EFORMAT, "truncated inside storage k");
    HARMLESS(HEAD MODULE("X\1\0\0\0w" TENSOR("K\2", "K\2") "s", "") KEYS "\2\0\0",
        MIEN_EFORMAT, "truncated before storage k");
    HARMLESS(HEAD MODULE("X\1\0\0\0w" TENSOR("K\2", "K\2") "s", ""), MIEN_EFORMAT,
        "ends too early");
}

/* Each module holds the one before twice: 2^30 of them, were all visited. */
static void modules_that_multiply_end(void **state) {
    (void)state;
    mien_string s;
    mien_string_init(&s);
    static const char head[] = HEAD "\x80\2Nq\0000";
    mien_string_add_n(&s, head, sizeof head - 1);
    for (int level = 1; level <= 30; level++) {
        static const char start[] = "cnn\nNet\n)\x81}X\x0b\0\0\0_parameters}s"
                                    "X\x08\0\0\0_buffers}sX\x08\0\0\0_modules}(";
        const char get[] = {'h', (char)(level - 1)}, put[] = {'q', (char)level};
        mien_string_add_n(&s, start, sizeof start - 1);
        for (int i = 0; i < 2; i++) {
            mien_string_add_n(&s, i ? "X\1\0\0\0b" : "X\1\0\0\0a", 6);
            mien_string_add_n(&s, get, 2);
        }
        mien_string_add(&s, "usb");
        mien_string_add_n(&s, put, 2);
        mien_string_add(&s, level < 30 ? "0" : ".");
    }
    mien_string_add_n(&s, "\x80\2].", 4);
    assert_harmless(s.text, s.length, MIEN_ELIMIT, "steps");
    mien_string_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_module_is_read),
        cmocka_unit_test(a_command_is_not_run),
        cmocka_unit_test(two_gigabytes_in_two_kilobytes_are_not_taken),
        cmocka_unit_test(a_module_in_itself_is_found),
        cmocka_unit_test(a_million_nested_tuples_end),
        cmocka_unit_test(a_truncated_storage_is_refused),
        cmocka_unit_test(modules_that_multiply_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
