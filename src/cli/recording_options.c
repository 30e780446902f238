/* SPDX-License-Identifier: MIT */
/* From options and paths to recordings. */
#include "cli/recording_options.h"

mien_recording_options cli_recording_options(const mien_options *o) {
    return (mien_recording_options){.format = mien_options_text(o, "reader"),
        .preset = mien_options_text(o, "preset"),
        .columns = mien_options_text(o, "columns"),
        .transfer = mien_options_text(o, "transfer")};
}

mien_status cli_recordings(const char *path, char ***paths, int64_t *count) {
    char **found = NULL;
    int64_t runs = 0;
    mien_status status =
        mien_file_is_directory(path) ? mien_bids_runs(path, &found, &runs) : MIEN_OK;
    if (status == MIEN_OK && runs == 0) {
        mien_names_free(&found, 0);
        found = mien_alloc(1, sizeof *found);
        runs = found && (found[0] = mien_strdup(path)) ? 1 : 0;
        status = runs ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_names_free(&found, runs);
        return status;
    }
    *paths = found;
    *count = runs;
    return MIEN_OK;
}
