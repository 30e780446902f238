/* SPDX-License-Identifier: MIT */
/* Opens arbitrary bytes as a model, sealed anew so that the contract itself is reached.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "mien/models.h"
#include "models/contract/checksum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char path[64];
    if (!path[0]) {
        mien_log_set(NULL, NULL);
        snprintf(
            path, sizeof path, "/tmp/mien-fuzz-model-%ld.safetensors", (long)getpid());
    }
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return 0;
    }
    ssize_t written = write(file, data, size);
    close(file);
    mien_model *model = NULL;
    if (written == (ssize_t)size && mien_checksum_write(path) == MIEN_OK &&
        mien_model_open(path, &model) == MIEN_OK) {
        mien_golden_input golden;
        (void)mien_model_golden(model, 0, &golden);
    }
    mien_model_close(&model);
    remove(path);
    return 0;
}
