/* SPDX-License-Identifier: MIT */
/* Picture files to pixels: Pillow's, exactly, and a clear error for everything else. */
#define _GNU_SOURCE /* memmem */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/file.h"
#include "mien/media.h"

/* FNV-1a, as python/golden/pictures.py computes it */
static uint64_t hash(const mien_tensor *image) {
    uint64_t h = 0xCBF29CE484222325u;
    const uint8_t *bytes = image->data;
    for (size_t i = 0; i < mien_tensor_bytes(image); i++) {
        h = (h ^ bytes[i]) * 0x100000001B3u;
    }
    return h;
}

static const char *golden(const char *name) {
    char path[256];
    snprintf(path, sizeof(path), "tests/golden/pictures/%s", name);
    return support_source(path);
}

static uint8_t *bytes_of(const char *path, size_t *count) {
    uint8_t *bytes = NULL;
    assert_good(mien_media_file_read(path, 1 << 30, &bytes, count));
    return bytes;
}

/* Calls check(name, width, height, hash) for each line of the golden list. */
static void each_golden(void (*check)(const char *, int64_t, int64_t, uint64_t)) {
    FILE *list = fopen(golden("expected.txt"), "r");
    char name[128];
    long long width, height;
    unsigned long long want;
    int count = 0;
    assert_non_null(list);
    while (fscanf(list, "%127s %lld %lld %llx", name, &width, &height, &want) == 4) {
        check(name, width, height, want);
        count++;
    }
    fclose(list);
    assert_true(count >= 50);
}

static void check_pixels(
    const char *name, int64_t width, int64_t height, uint64_t want) {
    mien_tensor *image = NULL;
    assert_good(mien_image_read(golden(name), NULL, &image));
    assert_int_equal(image->dtype, MIEN_U8);
    assert_int_equal(image->shape[0], height);
    assert_int_equal(image->shape[1], width);
    assert_int_equal(image->shape[2], 3);
    if (hash(image) != want) {
        fail_msg("%s: pixels differ from Pillow's", name);
    }
    mien_tensor_free(&image);
}

static void pixels_of_every_kind_are_pillows(void **state) {
    (void)state;
    each_golden(check_pixels);
}

static void check_probe(
    const char *name, int64_t width, int64_t height, uint64_t want) {
    mien_image_info info;
    (void)want;
    assert_good(mien_image_probe(golden(name), &info));
    assert_int_equal(info.width, width);
    assert_int_equal(info.height, height);
    const char *extension = mien_path_extension(name);
    assert_memory_equal(info.format, strcmp(extension, "jpg") ? extension : "jpeg", 3);
}

static void a_probe_tells_size_and_format_without_pixels(void **state) {
    (void)state;
    each_golden(check_probe);
}

static void lossy_webp_is_within_a_level_of_libwebp(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    size_t count;
    uint8_t *want = bytes_of(golden("lossy.rgb"), &count);
    assert_good(mien_image_read(golden("lossy.webp"), NULL, &image));
    const uint8_t *got = image->data;
    assert_int_equal(count, mien_tensor_bytes(image));
    for (size_t i = 0; i < count; i++) {
        assert_in_range(abs(got[i] - want[i]), 0, 1);
    }
    mien_free(want);
    mien_tensor_free(&image);
}

/* Where the first picture of an animated WebP stands in its file. */
static uint8_t *first_part(uint8_t *bytes, size_t count) {
    uint8_t *at = memmem(bytes, count, "ANMF", 4);
    assert_non_null(at);
    return at + 8;
}

static void the_first_picture_of_an_animation_stands_at_its_place(void **state) {
    (void)state;
    enum { WIDTH = 23, HEIGHT = 17, X = 4, Y = 2 };
    mien_tensor *plain = NULL, *placed = NULL;
    mien_image_options options = mien_image_options_default();
    size_t count;
    uint8_t *bytes = bytes_of(golden("moving.webp"), &count);
    memcpy(options.background, (uint8_t[]){1, 2, 3}, 3);
    assert_good(mien_image_read(golden("rgb.webp"), NULL, &plain));
    bytes[24] = WIDTH + 6 - 1; /* a wider and higher canvas */
    bytes[27] = HEIGHT + 3 - 1;
    first_part(bytes, count)[0] = X / 2;
    first_part(bytes, count)[3] = Y / 2;
    assert_good(mien_image_parse("placed.webp", bytes, count, &options, &placed));
    assert_int_equal(placed->shape[0], HEIGHT + 3);
    assert_int_equal(placed->shape[1], WIDTH + 6);
    const uint8_t *got = placed->data, *want = plain->data;
    for (int y = 0; y < HEIGHT + 3; y++) {
        for (int x = 0; x < WIDTH + 6; x++, got += 3) {
            bool inside = x >= X && x < X + WIDTH && y >= Y && y < Y + HEIGHT;
            assert_memory_equal(got,
                inside ? want + 3 * ((y - Y) * WIDTH + x - X) : options.background, 3);
        }
    }
    first_part(bytes, count)[0] = 100;
    mien_tensor_free(&placed);
    assert_fails(mien_image_parse("far.webp", bytes, count, NULL, &placed),
        MIEN_EFORMAT, "far.webp: the first picture");
    mien_tensor_free(&plain);
    mien_free(bytes);
}

static void orientation_can_be_left_alone(void **state) {
    (void)state;
    mien_image_options options = mien_image_options_default();
    mien_tensor *stored = NULL, *upright = NULL;
    options.orient = false;
    assert_good(mien_image_read(golden("turn6.png"), &options, &stored));
    assert_good(mien_image_read(golden("turn1.png"), NULL, &upright));
    assert_int_equal(hash(stored), hash(upright));
    mien_tensor_free(&stored);
    mien_tensor_free(&upright);
}

static void the_background_shows_through(void **state) {
    (void)state;
    mien_image_options options = mien_image_options_default();
    mien_tensor *image = NULL;
    memcpy(options.background, (uint8_t[]){1, 2, 3}, 3);
    assert_good(mien_image_read(golden("rgba.png"), &options, &image));
    assert_memory_equal(image->data, ((uint8_t[]){1, 2, 3}), 3); /* first alpha is 0 */
    mien_tensor_free(&image);
}

/* Every beginning of a picture is an error, or the whole picture where only its end
 * mark is missing; it is never part of a picture. */
static void check_cuts(const char *name, int64_t width, int64_t height, uint64_t want) {
    size_t count;
    uint8_t *bytes = bytes_of(golden(name), &count);
    (void)width;
    (void)height;
    for (size_t n = 0; n < count; n++) {
        mien_tensor *image = NULL;
        uint8_t *part = malloc(n ? n : 1); /* so that reading beyond is seen */
        memcpy(part, bytes, n);
        mien_status status = mien_image_parse(name, part, n, NULL, &image);
        free(part);
        if (status == MIEN_OK) {
            bool whole = hash(image) == want;
            mien_tensor_free(&image);
            /* the orientation of a WebP may stand behind its pixels */
            if (!whole && strcmp(mien_path_extension(name), "webp") != 0) {
                fail_msg(
                    "%s cut to %zu of %zu bytes is taken for whole", name, n, count);
            }
        } else if (status != MIEN_EFORMAT && status != MIEN_EUNSUPPORTED) {
            fail_msg("%s cut to %zu: %s: %s", name, n, mien_status_name(status),
                mien_error());
        } else {
            assert_null(image);
            assert_non_null(strstr(mien_error(), name));
        }
    }
    mien_free(bytes);
}

static void part_of_a_picture_is_no_picture(void **state) {
    (void)state;
    mien_log_set(NULL, NULL);
    each_golden(check_cuts);
}

static void check_flips(
    const char *name, int64_t width, int64_t height, uint64_t want) {
    size_t count;
    uint8_t *bytes = bytes_of(golden(name), &count);
    (void)width;
    (void)height;
    (void)want;
    for (size_t i = 0; i < count; i++) {
        mien_tensor *image = NULL;
        mien_image_options options = mien_image_options_default();
        options.pixels_max = 100000;
        bytes[i] ^= 0x5A;
        mien_status status = mien_image_parse(name, bytes, count, &options, &image);
        bytes[i] ^= 0x5A;
        if (status == MIEN_OK) {
            mien_tensor_free(&image);
        } else if (status != MIEN_EFORMAT && status != MIEN_EUNSUPPORTED &&
                   status != MIEN_ELIMIT) {
            fail_msg("%s with byte %zu changed: %s: %s", name, i,
                mien_status_name(status), mien_error());
        }
    }
    mien_free(bytes);
}

static void a_changed_byte_is_survived(void **state) {
    (void)state;
    mien_log_set(NULL, NULL);
    each_golden(check_flips);
}

static int warnings;

static void count_warning(
    void *context, mien_log_level level, const char *room, const char *text) {
    (void)context;
    (void)room;
    warnings += level == MIEN_LOG_WARN && strstr(text, "restart.jpg") != NULL;
}

static void a_damaged_jpeg_that_catches_up_is_kept_with_a_warning(void **state) {
    (void)state;
    size_t count;
    mien_tensor *image = NULL;
    uint8_t *bytes = bytes_of(golden("restart.jpg"), &count);
    size_t at = count / 2;
    while (bytes[at - 1] == 0xFF || bytes[at] == 0xFF || bytes[at + 1] == 0xFF ||
           bytes[at + 2] == 0xFF) {
        at++;
    }
    memmove(bytes + at, bytes + at + 2, count - at - 2); /* two bytes of one segment */
    warnings = 0;
    mien_log_set(count_warning, NULL);
    assert_good(mien_image_parse("restart.jpg", bytes, count - 2, NULL, &image));
    assert_int_equal(warnings, 1);
    mien_log_set(NULL, NULL);
    mien_tensor_free(&image);
    mien_free(bytes);
}

static void what_is_no_picture_is_named(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    const char *text = support_write("text.jpg", "Dear reader, this is no picture", 31);
    assert_fails(mien_image_read(text, NULL, &image), MIEN_EFORMAT, "text.jpg");
    const char *empty = support_write("empty.png", "", 0);
    assert_fails(mien_image_read(empty, NULL, &image), MIEN_EFORMAT, "empty");
    assert_fails(mien_image_read(support_temp_path("gone.jpg"), NULL, &image), MIEN_EIO,
        "gone.jpg");
    assert_fails(mien_image_read(support_temp(), NULL, &image), MIEN_EIO, "directory");
    assert_fails(mien_image_read("/dev/null", NULL, &image), MIEN_EIO, "not a file");
    const char *pipe = support_temp_path("pipe.jpg");
    mien_media_kind kind;
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_fails(mien_image_read(pipe, NULL, &image), MIEN_EIO, "is a pipe");
    assert_fails(mien_media_kind_of(pipe, &kind), MIEN_EIO, "is a pipe");
}

/* Writes 30000 × 30000 into the header of a small picture. */
static void check_huge(const char *name, size_t at, size_t size, bool little) {
    size_t count;
    mien_tensor *image = NULL;
    uint8_t *bytes = bytes_of(golden(name), &count);
    for (int i = 0; i < 2; i++) {
        uint8_t *field = bytes + at + (size_t)i * size;
        memset(field, 0, size);
        field[little ? 0 : size - 1] = 30000 & 255;
        field[little ? 1 : size - 2] = 30000 >> 8;
    }
    if (!strcmp(mien_path_extension(name), "png")) {
        /* the checksum of the header chunk, over its name and 13 bytes */
        uint32_t crc = 0xFFFFFFFF;
        for (size_t i = 12; i < 29; i++) {
            crc ^= bytes[i];
            for (int k = 0; k < 8; k++) {
                crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
            }
        }
        for (int i = 0; i < 4; i++) {
            bytes[29 + i] = (uint8_t)(~crc >> (24 - 8 * i));
        }
    }
    int64_t before = mien_peak_memory();
    assert_fails(
        mien_image_parse(name, bytes, count, NULL, &image), MIEN_ELIMIT, "30000");
    assert_true(mien_peak_memory() - before < 64 << 20);
    mien_free(bytes);
}

static size_t find(const char *name, const char *mark, size_t length) {
    size_t count;
    uint8_t *bytes = bytes_of(golden(name), &count);
    size_t at = 0;
    while (at + length < count && memcmp(bytes + at, mark, length) != 0) {
        at++;
    }
    mien_free(bytes);
    return at;
}

static void huge_pictures_are_refused_before_room_is_made(void **state) {
    (void)state;
    check_huge("444.jpg", find("444.jpg", "\xFF\xC0", 2) + 5, 2, false);
    check_huge("progressive.jpg", find("progressive.jpg", "\xFF\xC2", 2) + 5, 2, false);
    check_huge("rgba.png", 16, 4, false);
    check_huge("rgb.bmp", 18, 4, true);
    check_huge("rgb.gif", 6, 2, true);
}

static void large_files_are_refused(void **state) {
    (void)state;
    mien_image_options options = mien_image_options_default();
    mien_tensor *image = NULL;
    options.bytes_max = 100;
    assert_fails(
        mien_image_read(golden("444.jpg"), &options, &image), MIEN_ELIMIT, "444.jpg");
}

static void scaled_decoding_stays_at_or_above_the_short_side(void **state) {
    (void)state;
    const struct {
        int least, height;
    } cases[] = {{0, 48}, {49, 48}, {48, 48}, {25, 48}, {24, 24}, {13, 24}, {12, 12},
        {7, 12}, {6, 6}, {1, 6}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mien_image_options options = mien_image_options_default();
        mien_tensor *image = NULL;
        options.scale_short_min = cases[i].least;
        assert_good(mien_image_read(golden("restart.jpg"), &options, &image));
        assert_int_equal(image->shape[0], cases[i].height);
        mien_tensor_free(&image);
    }
}

static mien_status read_one(void *context) {
    mien_tensor *image = NULL;
    mien_status status = mien_image_read(golden(context), NULL, &image);
    mien_tensor_free(&image);
    return status;
}

static void check_memory(
    const char *name, int64_t width, int64_t height, uint64_t want) {
    char copy[128];
    (void)width;
    (void)height;
    (void)want;
    snprintf(copy, sizeof(copy), "%s", name);
    support_each_allocation_fails(read_one, copy, 40);
}

static void every_failed_allocation_is_reported(void **state) {
    (void)state;
    each_golden(check_memory);
}

static mien_status read_worker(void *context, int64_t index, int worker) {
    static const char *const names[] = {
        "420.jpg", "rgba.png", "palette.bmp", "rgb.webp"};
    uint64_t *hashes = context;
    mien_tensor *image = NULL;
    (void)worker;
    mien_status status = mien_image_read(golden(names[index % 4]), NULL, &image);
    if (status == MIEN_OK) {
        hashes[index] = hash(image);
    }
    mien_tensor_free(&image);
    return status;
}

static void threads_read_at_once(void **state) {
    (void)state;
    enum { COUNT = 64 };
    uint64_t hashes[COUNT] = {0};
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(4, &pool));
    assert_good(mien_thread_pool_run(pool, COUNT, read_worker, hashes));
    for (int i = 4; i < COUNT; i++) {
        assert_int_equal(hashes[i], hashes[i % 4]);
    }
    mien_thread_pool_free(&pool);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    mien_tensor *image = NULL, *back = NULL;
    void *bytes = NULL;
    size_t count = 0;
    assert_good(mien_image_read(golden("444.jpg"), NULL, &image));
    const char *path = support_temp_path("back.png");
    assert_good(mien_image_write_png(image, path));
    assert_good(mien_image_read(path, NULL, &back));
    assert_int_equal(hash(back), hash(image));
    mien_tensor_free(&back);
    assert_good(mien_image_to_jpeg(image, 95, &bytes, &count));
    assert_good(mien_image_parse("back.jpg", bytes, count, NULL, &back));
    assert_memory_equal(back->shape, image->shape, 3 * sizeof(int64_t));
    mien_tensor_free(&back);
    mien_free(bytes);
    assert_fails(mien_image_to_jpeg(image, 0, &bytes, &count), MIEN_EINVAL, "quality");
    assert_fails(
        mien_image_write_png(image, "/nowhere/x.png"), MIEN_EIO, "/nowhere/x.png");
    if (access("/dev/full", W_OK) == 0) {
        assert_fails(mien_image_write_png(image, "/dev/full"), MIEN_EIO, "/dev/full");
    }
    mien_tensor_free(&image);
}

static void only_pictures_are_written(void **state) {
    (void)state;
    mien_tensor *floats = NULL;
    void *bytes = NULL;
    size_t count = 0;
    assert_good(mien_tensor_new(MIEN_F32, 3, (const int64_t[]){2, 2, 3}, &floats));
    assert_fails(mien_image_to_jpeg(floats, 90, &bytes, &count), MIEN_ESHAPE, "f32");
    assert_fails(mien_image_write_png(floats, "x.png"), MIEN_ESHAPE, "x.png");
    mien_tensor_free(&floats);
}

static void kinds_are_told_by_the_first_bytes(void **state) {
    (void)state;
    mien_media_kind kind;
    assert_good(mien_media_kind_of(golden("rgb.gif"), &kind));
    assert_int_equal(kind, MIEN_MEDIA_PICTURE);
    assert_good(mien_media_kind_of(golden("lossy.webp"), &kind));
    assert_int_equal(kind, MIEN_MEDIA_PICTURE);
    assert_good(
        mien_media_kind_of(support_write("a.mp4", "no film at all", 14), &kind));
    assert_int_equal(kind, MIEN_MEDIA_UNKNOWN);
    assert_good(mien_media_kind_of(support_write("b",
                                       "\0\0\0\x20"
                                       "ftypisom",
                                       12),
        &kind));
    assert_int_equal(kind, MIEN_MEDIA_FILM);
    assert_good(mien_media_kind_of(support_write("empty", "", 0), &kind));
    assert_int_equal(kind, MIEN_MEDIA_UNKNOWN);
    assert_fails(mien_media_kind_of("/nowhere", &kind), MIEN_EIO, "/nowhere");
}

static void real_pictures_decode(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    assert_good(mien_image_read(support_shared("data/pictures/owl.jpg"), NULL, &image));
    assert_int_equal(image->shape[2], 3);
    mien_tensor_free(&image);
    assert_good(mien_image_read(support_shared("data/pictures/cat.bmp"), NULL, &image));
    mien_tensor_free(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_of_every_kind_are_pillows),
        cmocka_unit_test(a_probe_tells_size_and_format_without_pixels),
        cmocka_unit_test(lossy_webp_is_within_a_level_of_libwebp),
        cmocka_unit_test(the_first_picture_of_an_animation_stands_at_its_place),
        cmocka_unit_test(orientation_can_be_left_alone),
        cmocka_unit_test(the_background_shows_through),
        cmocka_unit_test(part_of_a_picture_is_no_picture),
        cmocka_unit_test(a_changed_byte_is_survived),
        cmocka_unit_test(a_damaged_jpeg_that_catches_up_is_kept_with_a_warning),
        cmocka_unit_test(what_is_no_picture_is_named),
        cmocka_unit_test(huge_pictures_are_refused_before_room_is_made),
        cmocka_unit_test(large_files_are_refused),
        cmocka_unit_test(scaled_decoding_stays_at_or_above_the_short_side),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(threads_read_at_once),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(only_pictures_are_written),
        cmocka_unit_test(kinds_are_told_by_the_first_bytes),
        cmocka_unit_test(real_pictures_decode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
