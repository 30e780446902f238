/* SPDX-License-Identifier: MIT */
/* Any bytes as a picture that FFmpeg decodes: BMP, GIF, WebP; and through the doors
 * that are our own: PNM, kinds that are refused. */
#include "mien/media.h"

#include "media/decoder.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *format = NULL;
    const mien_decoder *decoder = mien_decoder_of(data, size, &format);
    if (!decoder ||
        (strcmp(decoder->name, "ffmpeg") != 0 && strcmp(decoder->name, "pnm") != 0 &&
            strcmp(decoder->name, "refused") != 0)) {
        return -1; /* other formats have fuzzers of their own */
    }
    mien_image_options options = mien_image_options_default();
    mien_tensor *image = NULL;
    options.pixels_max = 1 << 16;
    mien_log_set(NULL, NULL);
    mien_image_parse("fuzz.x", data, size, &options, &image);
    mien_tensor_free(&image);
    return 0;
}
