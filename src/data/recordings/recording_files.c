/* SPDX-License-Identifier: MIT */
/* Finds the recordings of a folder, and converts them to BIDS. */
#include "data/recordings/recording_files.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DEPTH = 4 };

static bool ends(const char *path, const char *end) {
    size_t a = strlen(path), b = strlen(end);
    return a >= b && strcasecmp(path + a - b, end) == 0;
}

/* By its ending; tables of trials and of labels are told apart by name. */
static bool looks(const char *path) {
    static const char *const endings[] = {
        ".asc", ".xdf", ".csv", ".csv.gz", ".tsv", ".txt", "_physio.tsv.gz"};
    static const char *const others[] = {
        "_events.tsv", "participants.tsv", "LICENSE.txt", "README.txt"};
    bool good = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        good = good || ends(path, endings[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        good = good && !ends(path, others[i]);
    }
    return good;
}

static bool is_e4(const char *folder) {
    char file[4096];
    int length = snprintf(file, sizeof file, "%s/EDA.csv", folder);
    return length < (int)sizeof file && mien_file_exists(file);
}

static mien_status add(
    mien_recording_files *f, const char *path, const char *below, const char *above) {
    if (f->count == f->room) {
        int64_t larger = f->room ? 2 * f->room : 32;
        mien_recording_file *more =
            mien_realloc(f->item, (size_t)f->room, (size_t)larger, sizeof *more);
        if (!more) {
            return MIEN_ENOMEM;
        }
        f->item = more;
        f->room = larger;
    }
    const char *base = mien_path_base(path);
    mien_recording_file *item = &f->item[f->count++];
    *item = (mien_recording_file){.path = mien_strdup(path),
        .below = mien_strdup(below),
        .stem = mien_strndup(base, strcspn(base, "."))};
    if (!item->path || !item->below || !item->stem) {
        return MIEN_ENOMEM;
    }
    size_t at = 0;
    for (const char *c = above ? above : item->stem; *c && at < sizeof item->person - 1;
         c++) {
        if (isalnum((unsigned char)*c)) {
            item->person[at++] = *c;
        }
    }
    return MIEN_OK;
}

static mien_status walk(mien_recording_files *f, const char *folder, const char *below,
    const char *except, int depth) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(folder, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char *path = mien_path_join(folder, names[i]);
        char *inner = mien_path_join(below, names[i]);
        const char *above = *below ? mien_path_base(below) : NULL;
        status = path && inner ? MIEN_OK : MIEN_ENOMEM;
        if (status == MIEN_OK && names[i][0] != '.' &&
            !(except && strcmp(inner, except) == 0)) {
            bool folder_too = mien_file_is_directory(path);
            if (folder_too && is_e4(path)) {
                status = add(f, path, inner, above);
            } else if (folder_too && depth < DEPTH) {
                status = walk(f, path, inner, except, depth + 1);
            } else if (!folder_too && looks(path)) {
                status = add(f, path, inner, above);
            }
        }
        mien_free(inner);
        mien_free(path);
    }
    mien_names_free(&names, count);
    return status;
}

mien_status mien_recording_files_find(
    const char *directory, const char *except, mien_recording_files *files) {
    mien_recording_files f = {.count = 0};
    mien_status status = is_e4(directory) ? add(&f, directory, "", NULL)
                                          : walk(&f, directory, "", except, 0);
    if (status == MIEN_OK && f.count == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no recordings in it", directory);
    }
    if (status != MIEN_OK) {
        mien_recording_files_clear(&f);
        return status;
    }
    *files = f;
    return MIEN_OK;
}

void mien_recording_files_clear(mien_recording_files *files) {
    for (int64_t i = 0; i < files->count; i++) {
        mien_free(files->item[i].path);
        mien_free(files->item[i].below);
        mien_free(files->item[i].stem);
    }
    mien_free(files->item);
    *files = (mien_recording_files){.count = 0};
}

/* ---- to BIDS --------------------------------------------------------------- */

static mien_status check_empty(const char *root) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_make(root);
    status = status ? status : mien_directory_list(root, &names, &count);
    if (status == MIEN_OK && count > 0) {
        status =
            mien_fail(MIEN_EINVAL, "%s: the folder is not empty (%s)", root, names[0]);
    }
    mien_names_free(&names, count);
    return status;
}

static mien_status convert(const mien_recording_files *files, const char *root,
    const char *task, const mien_recording_options *options, const char **persons,
    int64_t *people) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < files->count; i++) {
        const mien_recording_file *f = &files->item[i];
        mien_recording *r = NULL;
        status = mien_recording_open(f->path, options, &r);
        if (status != MIEN_OK) {
            break;
        }
        int run = 1;
        for (int64_t k = 0; k < i; k++) {
            run += strcmp(files->item[k].person, f->person) == 0;
        }
        if (run == 1) {
            persons[(*people)++] = f->person;
        }
        const mien_bids_writing w = {
            .root = root, .person = f->person, .task = task, .run = run};
        status = mien_bids_write(r, &w);
        mien_recording_close(&r);
    }
    return status;
}

mien_status mien_recordings_to_bids(const char *directory, const char *root,
    const char *task, const mien_recording_options *options) {
    mien_recording_files files = {.count = 0};
    int64_t people = 0;
    mien_status status = mien_recording_files_find(directory, "labels.csv", &files);
    const char **persons =
        status ? NULL : mien_alloc((size_t)files.count, sizeof *persons);
    status = status || persons ? status : MIEN_ENOMEM;
    status = status ? status : check_empty(root);
    status = status ? status : convert(&files, root, task, options, persons, &people);
    status = status
                 ? status
                 : mien_bids_describe(root, mien_path_base(directory), people, persons);
    mien_free(persons);
    mien_recording_files_clear(&files);
    return status;
}
