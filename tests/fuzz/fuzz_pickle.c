/* SPDX-License-Identifier: MIT */
/* Any bytes as a PyTorch file of either format, and as a pickle alone: an error or
 * tensors, of a module with its tree, whose values can all be loaded, never more memory
 * than the limits allow. */
#include "io/archive.h"
#include "io/torch.h"

#include <string.h>

static void load_all(mien_archive *archive) {
    for (int64_t i = 0; i < mien_archive_count(archive); i++) {
        mien_tensor *tensor = NULL;
        if (mien_archive_load(archive, i, &tensor) == MIEN_OK) {
            mien_tensor_free(&tensor);
        }
    }
}

static void describe(mien_archive *archive) {
    mien_value *tree = NULL;
    if (mien_archive_module(archive, &tree) == MIEN_OK) {
        mien_value_free(&tree);
    }
}

static void open_bytes(const uint8_t *data, size_t size) {
    mien_archive *archive = NULL;
    if (mien_archive_open_memory("fuzz.pth", data, size, &archive) == MIEN_OK) {
        load_all(archive);
        describe(archive);
        mien_archive_close(&archive);
    }
}

static void run_pickle(const uint8_t *data, size_t size) {
    mien_archive archive = {.path = (char *)"fuzz.pkl"};
    mien_torch torch;
    const mien_pickle_value *value;
    if (mien_arena_new(4096, &archive.arena) != MIEN_OK) {
        return;
    }
    mien_torch_init(&torch, &archive, data, size);
    if (mien_pickle_run(&torch.pickle, &value) == MIEN_OK) {
        (void)mien_torch_list(&torch, &archive, value);
    }
    mien_torch_clear(&torch);
    mien_index_clear(&archive.index);
    mien_free(archive.entries);
    mien_arena_free(&archive.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_bytes(data, size);
    run_pickle(data, size);
    return 0;
}
