/* SPDX-License-Identifier: MIT */
/* Pictures that are not read are named, with what to do; films in the same containers
 * stay films. */
#include "support/support.h"

#include <string.h>

#include "media/file.h"
#include "mien/media.h"

typedef struct head {
    const char *bytes;
    size_t count;
    const char *part;
} head;

#define HEAD(bytes) "" bytes, sizeof("" bytes) - 1

static void pictures_of_other_kinds_are_refused_by_name(void **state) {
    (void)state;
    static const head heads[] = {
        {HEAD("\0\0\0\x18"
              "ftypheic"
              "\0\0\0\0"
              "mif1heic"),
            "HEIC picture, which"},
        {HEAD("\0\0\0\x18"
              "ftypheix"
              "\0\0\0\0"
              "mif1heix"),
            "heif-convert"},
        {HEAD("\0\0\0\x18"
              "ftypmif1"
              "\0\0\0\0"
              "mif1heic"),
            "HEIC"},
        {HEAD("\0\0\0\x1C"
              "ftypmif1"
              "\0\0\0\0"
              "mif1avifmiaf"),
            "AVIF"},
        {HEAD("\0\0\0\x1C"
              "ftypavif"
              "\0\0\0\0"
              "avifmif1miaf"),
            "still AVIF picture"},
        {HEAD("\0\0\0\x0CJXL \r\n\x87\n...."), "JPEG XL"},
        {HEAD("\xFF\x0A\1\2\3\4"), "JPEG XL"},
        {HEAD("\0\0\0\x0CjP  \r\n\x87\n...."), "JPEG 2000"},
        {HEAD("8BPS\0\1......"), "Photoshop"},
        {HEAD("\x76\x2F\x31\x01\2\0\0\0"), "OpenEXR"},
        {HEAD("PF\n1 1\n-1.0\n...."), "PFM"},
        {HEAD("P7\nWIDTH 1\n"), "PAM"},
        {HEAD("\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0...."),
            "icon (ICO)"},
        {HEAD("icns\0\0\1\0"), "icon (ICNS)"},
        {HEAD("SIMPLE  =                    T"), "FITS"},
        {HEAD("qoif\0\0\0\1\0\0\0\1\3\0"), "QOI"},
        {HEAD("DDS |\0\0\0...."), "DDS"},
        {HEAD("SDPX\0\0\0\0"), "DPX"},
        {HEAD("XPDS\0\0\0\0"), "DPX"},
        {HEAD("%PDF-1.7\n"), "PDF"},
        {HEAD("%!PS-Adobe-3.0\n"), "PostScript"},
        {HEAD("<svg xmlns='x'/>"), "SVG"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        mien_media_kind kind;
        mien_tensor *image = NULL;
        const char *path = support_write("x.heic", heads[i].bytes, heads[i].count);
        assert_good(mien_media_kind_of(path, &kind));
        assert_int_equal(kind, MIEN_MEDIA_PICTURE);
        assert_fails(
            mien_image_read(path, NULL, &image), MIEN_EUNSUPPORTED, heads[i].part);
        assert_non_null(strstr(mien_error(), "x.heic: a"));
    }
}

static void films_in_the_same_containers_stay_films(void **state) {
    (void)state;
    static const head heads[] = {
        {HEAD("\0\0\0\x18"
              "ftypavis"
              "\0\0\0\0"
              "avifmsf1"),
            ""},
        {HEAD("\0\0\0\x18"
              "ftypisom"
              "\0\0\0\0"
              "mif1avc1"),
            ""},
        {HEAD("\0\0\0\x14"
              "ftypqt  "
              "\0\0\0\0"
              "qt  "),
            ""},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        mien_media_kind kind;
        assert_good(mien_media_kind_of(
            support_write("x.mp4", heads[i].bytes, heads[i].count), &kind));
        assert_int_equal(kind, MIEN_MEDIA_FILM);
    }
}

/* JPEGs one after the other, as they come out of cameras' streams. */
static void raw_mjpeg_is_refused_and_companions_are_not(void **state) {
    (void)state;
    uint8_t *bytes = NULL, *other = NULL, twice[16384];
    size_t count = 0, other_count = 0;
    mien_tensor *image = NULL;
    const char *golden = support_source("tests/golden/pictures/420.jpg");
    assert_good(mien_media_file_read(golden, 1 << 20, &bytes, &count));
    for (int padding = 0; padding < 3; padding++) {
        memset(twice, 0, sizeof twice);
        memcpy(twice, bytes, count);
        memcpy(twice + count + (size_t)padding, bytes, count);
        size_t all = 2 * count + (size_t)padding;
        assert_fails(mien_image_parse("x.jpg", twice, all, NULL, &image),
            MIEN_EUNSUPPORTED, "raw MJPEG");
    }
    /* the first says that another belongs to it: a mark after its first two bytes */
    static const uint8_t mark[] = {0xFF, 0xE2, 0, 6, 'M', 'P', 'F', 0};
    memcpy(twice, bytes, 2);
    memcpy(twice + 2, mark, sizeof mark);
    memcpy(twice + 2 + sizeof mark, bytes + 2, count - 2);
    memcpy(twice + sizeof mark + count, bytes, count);
    assert_good(
        mien_image_parse("x.jpg", twice, 2 * count + sizeof mark, NULL, &image));
    mien_tensor_free(&image);
    /* a thumbnail, or other bytes, behind a picture */
    golden = support_source("tests/golden/pictures/turn1.jpg");
    assert_good(mien_media_file_read(golden, 1 << 20, &other, &other_count));
    memcpy(twice, bytes, count);
    memcpy(twice + count, other, other_count);
    assert_good(mien_image_parse("x.jpg", twice, count + other_count, NULL, &image));
    mien_tensor_free(&image);
    assert_good(mien_image_parse("x.jpg", twice, count + 2, NULL, &image));
    mien_tensor_free(&image);
    mien_free(bytes);
    mien_free(other);
}

static void reported_files_are_refused_by_name(void **state) {
    (void)state;
    mien_tensor *image = NULL;
    mien_media_kind kind;
    const char *still = support_shared("cases/media/still.avif");
    assert_good(mien_media_kind_of(still, &kind));
    assert_int_equal(kind, MIEN_MEDIA_PICTURE);
    assert_fails(mien_image_read(still, NULL, &image), MIEN_EUNSUPPORTED, "AVIF");
    assert_fails(mien_image_read(support_shared("cases/media/raw.mjpeg"), NULL, &image),
        MIEN_EUNSUPPORTED, "raw MJPEG");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_of_other_kinds_are_refused_by_name),
        cmocka_unit_test(films_in_the_same_containers_stay_films),
        cmocka_unit_test(raw_mjpeg_is_refused_and_companions_are_not),
        cmocka_unit_test(reported_files_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
