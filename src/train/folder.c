/* SPDX-License-Identifier: MIT */
/* Makes run folders and writes what all of them hold. */
#include "train/folder.h"

#include <stdio.h>

mien_status mien_folder_make(const char *run) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_make(run);
    if (status == MIEN_OK) {
        status = mien_directory_list(run, &names, &count);
    }
    if (status == MIEN_OK && count > 0) {
        status = mien_fail(MIEN_EINVAL,
            "%s: is not empty (%s …): name a new folder, or remove that one", run,
            names[0]);
    }
    mien_names_free(&names, count);
    return status;
}

mien_status mien_folder_study(const mien_study *study, const char *path) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_study_write(study, &text);
    if (status == MIEN_OK) {
        status = mien_file_write(path, text.text, text.length);
    }
    mien_string_clear(&text);
    return status;
}

mien_status mien_folder_document(const mien_value *document, const char *path) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_value_write_json(document, true, &text);
    if (status == MIEN_OK) {
        status = mien_file_write(path, text.text, text.length);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status add_sum(const char *run, const char *file, mien_string *text) {
    char hex[65], *path = mien_path_join(run, file);
    mien_status status = path ? mien_sha256_file(path, hex) : MIEN_ENOMEM;
    mien_free(path);
    return status == MIEN_OK ? mien_string_addf(text, "%s  %s\n", hex, file) : status;
}

mien_status mien_folder_sums(const char *run, const char *const *files, int count) {
    mien_string text;
    mien_string_init(&text);
    char *path = mien_path_join(run, "SHA256SUMS");
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = add_sum(run, files[i], &text);
    }
    if (status == MIEN_OK) {
        status = mien_file_write(path, text.text, text.length);
    }
    mien_free(path);
    mien_string_clear(&text);
    return status;
}

mien_status mien_folder_rows_close(mien_table_writer **writer, mien_status status) {
    char text[4096];
    snprintf(text, sizeof text, "%s", mien_error());
    mien_status closed = mien_table_writer_close(writer);
    return status == MIEN_OK ? closed : mien_fail(status, "%s", text);
}
