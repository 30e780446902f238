/* SPDX-License-Identifier: MIT */
/* Any bytes as a header (its length put before it) and values, and as a whole file. */
#include "io/archive.h"

#include <stdlib.h>
#include <string.h>

static void open_bytes(const uint8_t *data, size_t size) {
    mien_archive *archive = NULL;
    if (mien_archive_open_memory("fuzz.safetensors", data, size, &archive) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        if (mien_archive_load(archive, i, &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
    }
    (void)mien_archive_metadata(archive, "mien");
    mien_archive_close(&archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_bytes(data, size);
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t header = end ? (size_t)(end - data) : size;
    uint8_t *whole = calloc(1, size + 8);
    if (!whole) {
        return 0;
    }
    for (int i = 0; i < 8; i++) {
        whole[i] = (uint8_t)((uint64_t)header >> (8 * i));
    }
    if (size > 0) {
        memcpy(whole + 8, data, header);
        size_t rest = end ? size - header - 1 : 0;
        memcpy(whole + 8 + header, data + size - rest, rest);
        open_bytes(whole, 8 + header + rest);
    }
    free(whole);
    return 0;
}
