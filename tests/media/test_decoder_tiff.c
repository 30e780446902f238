/* SPDX-License-Identifier: MIT */
/* TIFF of every kind people have: the right pixels, or an error that names the tag.
 * What equals Pillow to the bit stands in tests/golden/pictures and is checked by
 * test_image.c.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/file.h"
#include "mien/media.h"

/* ---- files written here: one strip, little-endian ---- */

typedef struct entry {
    uint16_t tag, type;
    uint32_t count, value;
} entry;

enum { SHORT = 3, LONG = 4, ENTRIES_MAX = 24, SIDE = 8 };

typedef struct maker {
    entry entries[ENTRIES_MAX];
    int count;
    uint8_t data[4096];
    size_t data_count;
} maker;

static void put(maker *m, uint16_t tag, uint32_t value) {
    for (int i = 0; i < m->count; i++) {
        if (m->entries[i].tag == tag) {
            m->entries[i].value = value;
            return;
        }
    }
    m->entries[m->count++] = (entry){tag, LONG, 1, value};
}

static int by_tag(const void *a, const void *b) {
    return ((const entry *)a)->tag - ((const entry *)b)->tag;
}

static void put_bytes(uint8_t *to, uint32_t value, int n) {
    for (int i = 0; i < n; i++, value >>= 8) {
        to[i] = (uint8_t)value;
    }
}

/* A picture of SIDE × SIDE pixels whose strip holds m->data. */
static maker made_of(
    int samples, int bits, int photometric, const void *data, size_t n) {
    maker m = {0};
    memcpy(m.data, data, n);
    m.data_count = n;
    put(&m, 256, SIDE);
    put(&m, 257, SIDE);
    put(&m, 258, (uint32_t)bits);
    put(&m, 259, 1);
    put(&m, 262, (uint32_t)photometric);
    put(&m, 273, 8);
    put(&m, 277, (uint32_t)samples);
    put(&m, 278, SIDE);
    put(&m, 279, (uint32_t)n);
    return m;
}

static size_t bytes_of(maker *m, uint8_t *out) {
    uint32_t at = (uint32_t)(8 + m->data_count + (m->data_count & 1));
    memcpy(out, "II*\0", 4);
    put_bytes(out + 4, at, 4);
    memcpy(out + 8, m->data, m->data_count);
    qsort(m->entries, (size_t)m->count, sizeof *m->entries, by_tag);
    put_bytes(out + at, (uint32_t)m->count, 2);
    uint8_t *e = out + at + 2;
    for (int i = 0; i < m->count; i++, e += 12) {
        put_bytes(e, m->entries[i].tag, 2);
        put_bytes(e + 2, m->entries[i].type, 2);
        put_bytes(e + 4, m->entries[i].count, 4);
        put_bytes(e + 8, m->entries[i].value, 4);
    }
    put_bytes(e, 0, 4);
    return (size_t)(e + 4 - out);
}

static mien_status parse(maker *m, mien_tensor **image) {
    uint8_t bytes[8192];
    return mien_image_parse("made.tif", bytes, bytes_of(m, bytes), NULL, image);
}

static void check_pixel(maker *m, uint8_t red, uint8_t green, uint8_t blue) {
    mien_tensor *image = NULL;
    const uint8_t want[3] = {red, green, blue};
    assert_good(parse(m, &image));
    assert_int_equal(image->shape[0], SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) {
        assert_memory_equal((const uint8_t *)image->data + 3 * i, want, 3);
    }
    mien_tensor_free(&image);
}

/* SIDE × SIDE pixels of n equal bytes each. */
static const uint8_t *all(const uint8_t *pixel, int n) {
    static uint8_t data[SIDE * SIDE * 16];
    for (int i = 0; i < SIDE * SIDE * n; i++) {
        data[i] = pixel[i % n];
    }
    return data;
}

enum { N = SIDE * SIDE };

static void samples_become_colours_by_their_kind(void **state) {
    (void)state;
    maker m = made_of(3, 8, 2, all((uint8_t[]){10, 20, 30}, 3), N * 3);
    check_pixel(&m, 10, 20, 30);
    m = made_of(3, 16, 2, all((uint8_t[]){0xFF, 10, 0, 20, 0x80, 30}, 6), N * 6);
    check_pixel(&m, 10, 20, 30); /* the high byte */
    m = made_of(1, 8, 0, all((uint8_t[]){55}, 1), N);
    check_pixel(&m, 200, 200, 200); /* 0 is white */
    m = made_of(1, 4, 1, all((uint8_t[]){0x33}, 1), N / 2);
    check_pixel(&m, 51, 51, 51);
    m = made_of(1, 1, 0, all((uint8_t[]){0}, 1), N / 8);
    check_pixel(&m, 255, 255, 255);
    m = made_of(4, 8, 5, all((uint8_t[]){0, 255, 51, 51}, 4), N * 4);
    check_pixel(&m, 204, 0, 163); /* (255 − 51)·(1 − ink) */
    m = made_of(4, 16, 5, all((uint8_t[]){0, 0, 0, 255, 0, 51, 0, 51}, 8), N * 8);
    check_pixel(&m, 204, 0, 163);
}

static void samples_behind_the_colours_are_what_their_tag_says(void **state) {
    (void)state;
    const uint8_t half[4] = {128, 64, 0, 128};
    maker m = made_of(4, 8, 2, all(half, 4), N * 4);
    check_pixel(&m, 191, 159, 127); /* nobody says: alpha, as Pillow and FFmpeg think */
    put(&m, 338, 2);                /* alpha that is not multiplied in */
    check_pixel(&m, 191, 159, 127);
    put(&m, 338, 1); /* alpha that is */
    check_pixel(&m, 255, 191, 127);
    put(&m, 338, 0); /* something else */
    check_pixel(&m, 128, 64, 0);
    m = made_of(2, 8, 1, all((uint8_t[]){100, 0}, 2), N * 2);
    check_pixel(&m, 100, 100, 100);
    put(&m, 338, 2);
    check_pixel(&m, 255, 255, 255);
    put(&m, 338, 1);
    check_pixel(&m, 255, 255, 255); /* 100 + 255 is more than white */
    m = made_of(5, 8, 5, all((uint8_t[]){0, 255, 51, 51, 9}, 5), N * 5);
    check_pixel(&m, 204, 0, 163); /* a spot colour is left out */
}

static void bits_are_turned_round_where_the_tag_says_so(void **state) {
    (void)state;
    static const int widths[] = {1, 2, 4, 8};
    for (int i = 0; i < 4; i++) {
        /* 0b00010000, turned round 0b00001000: of 1 bit not all alike, so of 2 to 8 */
        const uint8_t byte[1] = {(uint8_t[]){0xFF, 0xAA, 0xCC, 0x10}[i]};
        const uint8_t want = (uint8_t[]){255, 85, 51, 8}[i];
        maker m = made_of(1, widths[i], 1, all(byte, 1), (size_t)(N * widths[i] / 8));
        put(&m, 266, 2);
        check_pixel(&m, want, want, want);
    }
}

static void a_palette_of_bytes_is_told_from_one_of_words(void **state) {
    (void)state;
    for (int high = 0; high < 2; high++) {
        uint8_t data[N / 4 + 24] = {0};
        memset(data, 0x55, N / 4); /* number 1 everywhere, of 2 bits */
        for (int c = 0; c < 3; c++) {
            put_bytes(data + N / 4 + 8 * c + 2, (uint32_t)(40 + c) << 8 * high, 2);
        }
        maker m = made_of(1, 2, 3, data, sizeof data);
        put(&m, 279, N / 4);
        m.entries[m.count++] = (entry){320, SHORT, 12, 8 + N / 4};
        check_pixel(&m, 40, 41, 42);
    }
    maker m = made_of(1, 8, 3, all((uint8_t[]){1}, 1), N);
    mien_tensor *image = NULL;
    assert_fails(parse(&m, &image), MIEN_EFORMAT, "without their table");
}

static void what_is_not_read_is_refused_by_its_tag(void **state) {
    (void)state;
    static const struct {
        int samples, bits, photometric, tag, value;
        const char *part;
    } cases[] = {
        {1, 32, 1, 339, 3, "floating-point samples (tag 339, SampleFormat, is 3)"},
        {1, 16, 1, 339, 3, "floating-point samples (tag 339"},
        {1, 64, 1, 339, 3, "floating-point samples (tag 339"},
        {1, 16, 1, 339, 2, "signed samples (tag 339"},
        {1, 32, 1, 339, 1, "(tag 258, BitsPerSample, is 32)"},
        {1, 12, 1, 339, 1, "(tag 258, BitsPerSample, is 12)"},
        {4, 8, 5, 332, 2, "inks other than CMYK (tag 332"},
        {3, 8, 8, 339, 1, "(tag 262, PhotometricInterpretation, is 8)"},
        {1, 8, 32803, 339, 1, "camera's raw pixels (tag 262"},
        {1, 16, 32844, 339, 1, "(tag 262, PhotometricInterpretation, is 32844)"},
        {3, 16, 6, 339, 1, "in YCbCr of other than 8 bits (tag 258"},
        {16, 8, 1, 339, 1, "(tag 277, SamplesPerPixel, is 16)"},
        {3, 8, 2, 259, 6, "as JPEG in the old way (tag 259, Compression, is 6)"},
        {3, 8, 2, 259, 34712, "as JPEG 2000 (tag 259"},
        {3, 8, 2, 259, 50002, "as JPEG XL (tag 259"},
        {3, 8, 2, 259, 999, "in an unknown way (tag 259, Compression, is 999)"},
        {3, 8, 2, 254, 1, "small preview, as of a camera's raw file (tag 254"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = (size_t)(N * cases[i].samples * cases[i].bits / 8);
        uint8_t *zeros = calloc(1, n);
        maker m = made_of(cases[i].samples, cases[i].bits, cases[i].photometric, zeros,
            n < 4096 ? n : 4096);
        mien_tensor *image = NULL;
        put(&m, (uint16_t)cases[i].tag, (uint32_t)cases[i].value);
        assert_fails(parse(&m, &image), MIEN_EUNSUPPORTED, cases[i].part);
        free(zeros);
    }
}

static void sizes_that_lie_are_errors(void **state) {
    (void)state;
    static const struct {
        int tag;
        uint32_t value;
        mien_status status;
    } cases[] = {
        {256, 30000, MIEN_EFORMAT}, /* rows that are not there */
        {257, 4000000, MIEN_EFORMAT}, {256, 2000000000, MIEN_ELIMIT},
        {256, 0, MIEN_EFORMAT}, {273, 5000, MIEN_EFORMAT}, /* a strip behind the end */
        {262, 2, MIEN_EFORMAT},                            /* RGB of one sample */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        maker m = made_of(1, 8, 1, all((uint8_t[]){7}, 1), N);
        mien_tensor *image = NULL;
        put(&m, (uint16_t)cases[i].tag, cases[i].value);
        if (cases[i].tag == 257) {
            put(&m, 278, cases[i].value);
        }
        assert_fails(parse(&m, &image), cases[i].status, "made.tif");
    }
    /* a tile far wider than its picture */
    maker m = made_of(1, 8, 1, all((uint8_t[]){7}, 1), N);
    mien_tensor *image = NULL;
    put(&m, 322, 0x40000000);
    put(&m, 323, 16);
    put(&m, 324, 8);
    put(&m, 325, N);
    assert_fails(
        parse(&m, &image), MIEN_ELIMIT, "made.tif: TIFF in blocks of 1073741824");
}

/* ---- the files of the fault report ---- */

/* The largest difference from right.png, of channel c, or of all if c < 0. */
static int distance(const char *name, int c) {
    char path[64];
    mien_tensor *right = NULL, *image = NULL;
    int most = 0;
    assert_good(mien_image_read(support_shared("cases/media/right.png"), NULL, &right));
    snprintf(path, sizeof path, "cases/media/%s", name);
    assert_good(mien_image_read(support_shared(path), NULL, &image));
    assert_memory_equal(image->shape, right->shape, 3 * sizeof(int64_t));
    const uint8_t *got = image->data, *want = right->data;
    for (size_t i = 0; i < mien_tensor_bytes(image); i++) {
        int d = abs(got[i] - want[c < 0 ? i : i / 3 * 3 + (size_t)c]);
        most = d > most ? d : most;
    }
    mien_tensor_free(&right);
    mien_tensor_free(&image);
    return most;
}

static void reported_files_have_the_right_pixels(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int most;
    } files[] = {{"tiled.tif", 0}, {"tiled_deflate.tif", 0}, {"cmyk8.tif", 1},
        {"cmyk8_planar.tif", 1}, {"cmyk16.tif", 1}, {"ycbcr444.tif", 3},
        {"ycbcr_pil.tif", 3}, {"zstd.tif", 0}, {"bigtiff.tif", 0}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int most = distance(files[i].name, -1);
        if (most > files[i].most) {
            fail_msg("%s differs by up to %d", files[i].name, most);
        }
    }
}

static void reported_files_of_other_pixels_too(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    assert_good(mien_image_read(
        support_shared("cases/media/alpha_associated.tif"), NULL, &image));
    for (size_t i = 0; i < mien_tensor_bytes(image); i++) {
        assert_int_equal(((const uint8_t *)image->data)[i], 255);
    }
    mien_tensor_free(&image);
    assert_good(mien_image_read(
        support_shared("cases/media/fillorder2_gray2.tif"), NULL, &image));
    for (int64_t i = 0; i < image->shape[0] * image->shape[1]; i++) {
        int64_t x = i % image->shape[1];
        assert_int_equal(((const uint8_t *)image->data)[3 * i], x / 4 % 4 * 85);
    }
    mien_tensor_free(&image);
}

static void reported_files_of_floats_are_refused_by_name(void **state) {
    (void)state;
    static const char *const names[] = {"float16.tif", "float32.tif"};
    for (int i = 0; i < 2; i++) {
        char path[64];
        mien_tensor *image = NULL;
        snprintf(path, sizeof path, "cases/media/%s", names[i]);
        assert_fails(mien_image_read(support_shared(path), NULL, &image),
            MIEN_EUNSUPPORTED, "floating-point samples (tag 339, SampleFormat, is 3)");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_become_colours_by_their_kind),
        cmocka_unit_test(samples_behind_the_colours_are_what_their_tag_says),
        cmocka_unit_test(bits_are_turned_round_where_the_tag_says_so),
        cmocka_unit_test(a_palette_of_bytes_is_told_from_one_of_words),
        cmocka_unit_test(what_is_not_read_is_refused_by_its_tag),
        cmocka_unit_test(sizes_that_lie_are_errors),
        cmocka_unit_test(reported_files_have_the_right_pixels),
        cmocka_unit_test(reported_files_of_other_pixels_too),
        cmocka_unit_test(reported_files_of_floats_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
