/* SPDX-License-Identifier: MIT */
/* Any bytes as an ONNX file: an error with a text, or a graph that was written down,
 * built again and filled with finite weights. */
#include <stdlib.h>

#include "models/exchange/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const mien_import_size square = {.rank = 4, .shape = {0, 0, 32, 32}};
    mien_import_options options = mien_import_options_default();
    mien_onnx *m = NULL;
    mien_import *import = NULL;
    if (mien_onnx_parse("fuzz", data, size, NULL, &m) != MIEN_OK) {
        return 0;
    }
    for (int form = 0; form < 3;
         form++) { /* as it is, all of it one item, at another size */
        options.whole = form == 1;
        options.sizes = &square;
        options.sizes_count = form == 2;
        if (mien_import_take(m, &options, &import) == MIEN_OK) {
            if (mien_import_outputs(import) < 1 || !mien_import_parameters(import)) {
                abort();
            }
            mien_import_close(&import);
        } else if (!mien_error()[0]) {
            abort();
        }
    }
    mien_onnx_free(&m);
    return 0;
}
