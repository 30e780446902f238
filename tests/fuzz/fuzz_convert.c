/* SPDX-License-Identifier: MIT */
/* Any bytes as published weights of AttendAffectNet, by their module or by settings: an
 * error, or a model. */
#include "fuzz/files.h"

#include "mien/models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_file("w.pth", &data, &size);
    for (int i = 0; i < 2; i++) {
        mien_convert_options options = mien_convert_options_default();
        mien_model *model = NULL;
        options.as = "aan";
        options.target = "arousal";
        options.settings = i ? "heads=2" : NULL;
        (void)mien_model_open_foreign(fuzz_path("w.pth"), &options, &model);
        mien_model_close(&model);
    }
    return 0;
}
