/* SPDX-License-Identifier: MIT */
/* Any bytes as the files of a run folder: an error, or a page. */
#include "fuzz/files.h"

#include "mien/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"run/results.json", "run/predictions.csv",
        "run/metrics.csv", "run/study.yaml", "run/explain.json", "run/explain.csv"};
    mkdir(fuzz_path("run"), 0700);
    for (int i = 0; i < 6; i++) {
        if (size > 0) {
            fuzz_file(names[i], &data, &size);
        } else {
            remove(fuzz_path(names[i]));
        }
    }
    const char *run = fuzz_path("run");
    (void)mien_report_runs(&run, 1, fuzz_path("page.html"));
    return 0;
}
