/* SPDX-License-Identifier: MIT */
/* Judges recordings for `mien doctor`. */
#include "cli/doctor_recording.h"

#include <stdio.h>
#include <string.h>

#include "cli/extract_body.h"
#include "data/recordings/recording_features.h"
#include "io/recording.h"

/* A .tsv is a trial table, unless it has no sidecar and its header has none of a trial
 * table's columns: then it is an eye tracker's. Semicolons between those are told by
 * the reader of trial tables. */
static bool has_samples(const char *path) {
    static const char *const names[] = {
        "trial", "person", "stimulus", "image", "film", "recording"};
    char text[4096];
    bool trials = cli_is_trials(path) || !mien_file_exists(path);
    mien_recording_peek(path, text, sizeof text);
    text[strcspn(text, "\r\n")] = 0;
    for (char *cell = text; !trials && cell;) {
        char *next = strpbrk(cell, "\t;");
        if (next) {
            *next++ = 0;
        }
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            trials = trials || strcmp(cell, names[k]) == 0;
        }
        trials = trials || strncmp(cell, "features.", 9) == 0;
        cell = next;
    }
    return !trials;
}

bool cli_is_recording(const mien_options *o, const char *path) {
    return mien_file_is_directory(path) ||
           strcmp(mien_path_extension(path), "tsv") != 0 ||
           mien_options_text(o, "reader") || mien_options_text(o, "preset") ||
           mien_options_text(o, "columns") || has_samples(path);
}

/* A file that cannot be opened is a finding, and the others are looked at. */
static mien_status look_at(const mien_recording_options *options, const char *path,
    mien_finding **list, int64_t *count) {
    mien_recording *r = NULL;
    mien_status status = mien_recording_open(path, options, &r);
    if (status == MIEN_OK) {
        status = mien_recording_doctor(r, list, count);
    } else if (status == MIEN_EFORMAT || status == MIEN_ELIMIT) {
        *list = mien_alloc(1, sizeof **list);
        *count = *list ? 1 : 0;
        status = *list ? MIEN_OK : MIEN_ENOMEM;
        if (*list) {
            mien_finding *f = *list;
            *f = (mien_finding){.severity = MIEN_ERROR, .check = "unreadable"};
            snprintf(f->text, sizeof f->text, "%s", mien_error());
        }
    }
    mien_recording_close(&r);
    return status;
}

mien_status cli_doctor_recording(
    const mien_options *o, const char *path, mien_finding **findings, int64_t *count) {
    mien_recording_options options = cli_recording_options(o);
    char **paths = NULL;
    int64_t many = 0, total = 0;
    mien_finding *all = NULL;
    mien_status status = cli_recordings(path, &paths, &many);
    for (int64_t k = 0; status == MIEN_OK && k < many; k++) {
        mien_finding *list = NULL;
        int64_t found = 0;
        status = look_at(&options, paths[k], &list, &found);
        mien_finding *more = status ? NULL
                                    : mien_realloc(all, (size_t)total,
                                          (size_t)(total + found), sizeof *more);
        if (more) {
            all = more;
            for (int64_t i = 0; i < found; i++) {
                all[total] = list[i];
                if (many > 1) {
                    const char *base = mien_path_base(paths[k]);
                    snprintf(all[total].trial, sizeof all[total].trial, "%.*s %.24s",
                        (int)strcspn(base, "."), base, list[i].trial);
                }
                total++;
            }
        }
        status = status || more ? status : MIEN_ENOMEM;
        mien_free(list);
    }
    mien_names_free(&paths, many);
    if (status != MIEN_OK) {
        mien_free(all);
        return status;
    }
    *findings = all;
    *count = total;
    return MIEN_OK;
}
