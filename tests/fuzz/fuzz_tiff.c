/* SPDX-License-Identifier: MIT */
/* Any bytes as a TIFF, classic or big. libtiff itself is not compiled for coverage. */
#include "mien/media.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0)) {
        return -1; /* other formats are not this door's */
    }
    mien_image_options options = mien_image_options_default();
    mien_tensor *image = NULL;
    options.pixels_max = 1 << 14;
    mien_log_set(NULL, NULL);
    mien_image_parse("fuzz.tif", data, size, &options, &image);
    mien_tensor_free(&image);
    return 0;
}
