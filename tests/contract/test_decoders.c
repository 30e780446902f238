/* SPDX-License-Identifier: MIT */
/* Every row of media/decoders.def: knows its own formats only, and keeps its promises.
 */
#include "support/support.h"

#include <string.h>

#include "media/decoder.h"

#define X(row) extern const mien_decoder mien_decoder_##row;
#include "media/decoders.def"
#undef X

static const struct row {
    const char *name;
    const mien_decoder *decoder;
} rows[] = {
#define X(row) {#row, &mien_decoder_##row},
#include "media/decoders.def"
#undef X
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void names_are_those_of_the_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_string_equal(rows[i].decoder->name, rows[i].name);
        assert_non_null(rows[i].decoder->sniff);
        assert_non_null(rows[i].decoder->read);
    }
}

static void text_and_nothing_belong_to_nobody(void **state) {
    (void)state;
    static const char *const none[] = {"", "B", "BM", "BMW and other cars of that time",
        "GIF", "RIFF....WAVE....", "II", "\xFF\xD8", "\x89PNG", "P6: a note", "P7\n",
        "P1 stands for the first"};
    for (size_t n = 0; n < sizeof(none) / sizeof(none[0]); n++) {
        for (size_t i = 0; i < ROWS; i++) {
            assert_null(
                rows[i].decoder->sniff((const uint8_t *)none[n], strlen(none[n])));
        }
    }
}

/* The head alone is an error that names the picture and leaves no pixels behind. */
static void a_head_without_a_body_is_a_format_error(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t count;
    } heads[] = {{"\xFF\xD8\xFF\xE0", 4}, {"\x89PNG\r\n\x1A\n", 8}, {"GIF89a", 6},
        {"RIFF\x10\0\0\0WEBP", 12}, {"II*\0", 4}, {"MM\0*", 4}, {"II+\0", 4},
        {"MM\0+", 4}, {"P6\n4 4\n255\n", 11}, {"P1\n4", 4},
        {"BM\x40\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x05\0\0\0\x05\0\0\0\x01\0\x18\0",
            30}};
    mien_image_options options = mien_image_options_default();
    for (size_t h = 0; h < sizeof(heads) / sizeof(heads[0]); h++) {
        const uint8_t *bytes = (const uint8_t *)heads[h].bytes;
        int takers = 0;
        for (size_t i = 0; i < ROWS; i++) {
            const char *format = rows[i].decoder->sniff(bytes, heads[h].count);
            if (!format) {
                continue;
            }
            mien_picture_source source = {"head.x", bytes, heads[h].count, &options};
            mien_picture picture = {.format = format, .orientation = 1};
            takers++;
            assert_fails(rows[i].decoder->read(&source, false, &picture), MIEN_EFORMAT,
                "head.x");
            assert_null(picture.pixels);
        }
        assert_int_equal(takers, 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_rows),
        cmocka_unit_test(text_and_nothing_belong_to_nobody),
        cmocka_unit_test(a_head_without_a_body_is_a_format_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
