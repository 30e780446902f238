/* SPDX-License-Identifier: MIT */
/* Makes run folders and writes what all of them hold. */
#include "train/run/folder.h"

#include "io/beside.h"

#include <stdio.h>
#include <string.h>

/* Whether a file may stand in a folder before run.json does: a process that was
 * killed in its first moments leaves it with its lock. */
static bool is_beginning(const char *name) {
    return strcmp(name, "study.yaml") == 0 || strcmp(name, "trials.tsv") == 0 ||
           mien_beside_named(name);
}

/* Empty but for the lock of this process, or of one that was killed, with which the
 * first files of a run that never began may stand. */
static mien_status check_empty(const char *run, bool abandoned) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(run, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (strcmp(names[i], MIEN_CLAIM_FILE) != 0 &&
            !(abandoned && is_beginning(names[i]))) {
            status = mien_fail(MIEN_EINVAL,
                "%s: is not empty (%s …): name a new folder, or remove that one", run,
                names[i]);
        }
    }
    mien_names_free(&names, count);
    return status;
}

/* Makes a run folder. Its lock is asked for first, where a process may be at work in
 * it; a folder of something else is left as it is. */
mien_status mien_folder_make(const char *run, mien_folder_lock **folder_lock) {
    char *lock = mien_path_join(run, MIEN_CLAIM_FILE);
    mien_status status = lock ? mien_directory_make(run) : MIEN_ENOMEM;
    bool locked = status == MIEN_OK && mien_file_exists(lock);
    if (status == MIEN_OK && !locked) {
        status = check_empty(run, false);
    }
    if (status == MIEN_OK) {
        status = mien_folder_lock_take(run, folder_lock);
    }
    if (status == MIEN_OK) {
        status = check_empty(run, locked); /* now that nobody else can fill it */
        if (status != MIEN_OK) {
            mien_folder_lock_drop(folder_lock);
        }
    }
    mien_free(lock);
    return status;
}

mien_status mien_folder_sweep(const char *folder) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(folder, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char *path =
            mien_beside_named(names[i]) ? mien_path_join(folder, names[i]) : NULL;
        if (path) {
            remove(path);
        }
        mien_free(path);
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
    /* The sums say that the run is complete: checkpoints and models that were written
     * in groups reach the disk before them. */
    mien_status status = path ? mien_files_reach_disk(run) : MIEN_ENOMEM;
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
    if (status == MIEN_OK) {
        return mien_table_writer_close(writer);
    }
    mien_table_writer_abandon(writer);
    return status;
}
