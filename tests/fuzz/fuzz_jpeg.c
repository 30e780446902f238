/* SPDX-License-Identifier: MIT */
/* Any bytes as a JPEG, in full size and scaled. */
#include "mien/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3 || data[0] != 0xFF || data[1] != 0xD8 || data[2] != 0xFF) {
        return -1; /* other formats are not this door's */
    }
    mien_log_set(NULL, NULL);
    for (int least = 0; least <= 8; least += 8) {
        mien_image_options options = mien_image_options_default();
        mien_tensor *image = NULL;
        options.pixels_max = 1 << 16;
        options.scale_short_min = least;
        mien_image_parse("fuzz.jpg", data, size, &options, &image);
        mien_tensor_free(&image);
    }
    return 0;
}
