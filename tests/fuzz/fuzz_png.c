/* SPDX-License-Identifier: MIT */
/* Any bytes as a PNG. */
#include "mien/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8 || data[0] != 0x89 || data[1] != 'P') {
        return -1; /* other formats are not this door's */
    }
    mien_image_options options = mien_image_options_default();
    mien_tensor *image = NULL;
    options.pixels_max = 1 << 16;
    mien_log_set(NULL, NULL);
    mien_image_parse("fuzz.png", data, size, &options, &image);
    mien_tensor_free(&image);
    return 0;
}
