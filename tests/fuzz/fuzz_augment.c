/* SPDX-License-Identifier: MIT */
/* Augmentations: any text is read or refused in words; what is read can be written and
 * read again, and drawn and done. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mien/signal.h"

static void apply(const mien_augment *augment) {
    float pixels[3 * 5 * 7];
    mien_preprocess p = {.fit = MIEN_FIT_NONE,
        .crop_height = 5,
        .crop_width = 7,
        .scale = 1.0 / 255.0,
        .deviation = {1, 1, 1}};
    mien_augmenter *augmenter = NULL;
    mien_augment_draw draw;
    mien_stream stream;
    for (int i = 0; i < 105; i++) {
        pixels[i] = (float)i / 105.0f;
    }
    mien_stream_init(&stream, 1, 2, 3);
    mien_augment_draw_make(augment, 5, 7, &stream, &draw);
    if (mien_augmenter_new(augment, &p, &augmenter) != MIEN_OK) {
        abort();
    }
    if (mien_augmenter_run(augmenter, &draw, pixels, pixels) == MIEN_OK) {
        for (int i = 0; i < 105; i++) {
            if (!isfinite(pixels[i])) {
                abort();
            }
        }
    }
    mien_augmenter_free(&augmenter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    mien_augment *augment = NULL, *again = NULL;
    mien_string first, second;
    char *text = mien_strndup((const char *)data, size);
    if (!text || mien_augment_new(&augment) != MIEN_OK ||
        mien_augment_new(&again) != MIEN_OK) {
        abort();
    }
    mien_string_init(&first);
    mien_string_init(&second);
    if (mien_augment_parse(augment, "fuzz", text) != MIEN_OK) {
        if (!mien_error()[0]) {
            abort();
        }
    } else {
        if (mien_augment_write(augment, &first) != MIEN_OK ||
            mien_augment_parse(again, NULL, first.text) != MIEN_OK ||
            mien_augment_write(again, &second) != MIEN_OK ||
            strcmp(first.text, second.text) != 0) {
            abort();
        }
        apply(augment);
    }
    mien_string_clear(&first);
    mien_string_clear(&second);
    mien_augment_free(&augment);
    mien_augment_free(&again);
    mien_free(text);
    return 0;
}
