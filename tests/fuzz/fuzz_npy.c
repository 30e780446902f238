/* SPDX-License-Identifier: MIT */
/* Any bytes as a .npy file and as a .npz archive of them: an error, or arrays. */
#include "io/npy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    mien_tensor *tensor = NULL;
    mien_npy_parse("x.npy", data, size, &tensor);
    mien_tensor_free(&tensor);
    if (size > 2 && memcmp(data, "PK", 2) == 0) {
        mien_npz_parse("x.npz", data, size, NULL, &tensor);
        mien_tensor_free(&tensor);
        mien_npz_parse("x.npz", data, size, "f8", &tensor);
        mien_tensor_free(&tensor);
    }
    return 0;
}
