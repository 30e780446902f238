/* SPDX-License-Identifier: MIT */
/* Where models are looked for by name. */
#include "models/weights/search.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/library.h"
#include "base/need.h"
#include "mien/models.h"

#define FOLDERS_MAX 8
#define EXTENSION ".safetensors"

typedef struct folder_list {
    char **names;
    int64_t count;
    mien_status status;
} folder_list;

/* Adds base/rest (base alone if rest is NULL); takes nothing over. */
static void add(folder_list *list, const char *base, const char *rest) {
    if (list->status != MIEN_OK) {
        return;
    }
    char *path = mien_path_join(base, rest);
    if (!path) {
        list->status = MIEN_ENOMEM;
        return;
    }
    list->names[list->count++] = path;
}

static void add_cache(folder_list *list) {
    char *cache = NULL;
    /* no home and no MIEN_CACHE: there is no cache to look in */
    mien_status status = mien_cache_directory(&cache);
    if (status == MIEN_OK) {
        add(list, cache, "models");
    } else if (status == MIEN_ENOMEM) {
        list->status = status;
    }
    mien_free(cache);
}

static void cut_name(char path[PATH_MAX]) {
    char *slash = strrchr(path, '/');
    if (slash) {
        *slash = 0;
    }
}

/* The folder of the running program, "" if the system does not tell. */
static void program_folder(char folder[PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    folder[length > 0 ? length : 0] = 0;
    cut_name(folder);
}

/* The folder of libmien.so, "" where this code was linked into the program itself. */
static void library_folder(char folder[PATH_MAX]) {
    const char *file = mien_library_file();
    folder[0] = 0;
    if (strstr(file, ".so") && realpath(file, folder)) {
        cut_name(folder);
    }
}

mien_status mien_model_folders(char ***folders, int64_t *count) {
    char program[PATH_MAX], library[PATH_MAX];
    folder_list list = {mien_alloc(FOLDERS_MAX, sizeof *list.names), 0, MIEN_OK};
    if (!list.names) {
        return MIEN_ENOMEM;
    }
    add_cache(&list);
    program_folder(program);
    if (program[0]) {
        add(&list, program, "../share/mien/models");
    }
    library_folder(library);
    if (library[0]) { /* lib, or lib/x86_64-linux-gnu; a build folder links to the data
                       */
        add(&list, library, "../share/mien/models");
        add(&list, library, "../../share/mien/models");
        add(&list, library, "share/mien/models");
    }
    add(&list, MIEN_DATA_DIRECTORY, "models");
    if (program[0]) {
        add(&list, program, "share/mien/models"); /* a build folder */
    }
    if (list.status != MIEN_OK) {
        mien_names_free(&list.names, list.count);
        return list.status;
    }
    *folders = list.names;
    *count = list.count;
    return MIEN_OK;
}

/* The name of a model that differs by a slip or two; NULL: none. */
static char *nearest(const char *name) {
    char **names = NULL, *near = NULL;
    int64_t count = 0;
    int least = 3;
    if (mien_model_names(&names, &count) == MIEN_OK) {
        for (int64_t i = 0; i < count; i++) {
            int slips = mien_edit_distance(name, names[i]);
            if (slips < least) {
                least = slips;
                mien_free(near);
                near = mien_strdup(names[i]);
            }
        }
        mien_names_free(&names, count);
    }
    return near;
}

static mien_status not_found(const char *name, char *const *folders, int64_t count) {
    mien_string text;
    mien_string_init(&text);
    for (int64_t f = 0; f < count; f++) {
        mien_string_addf(&text, "%s%s", f ? ", " : "", folders[f]);
    }
    char *near = nearest(name);
    mien_status status = mien_fail(MIEN_ENOTFOUND,
        "no model is called \"%s\"%s%s%s (no such file, and no %s" EXTENSION " in %s)",
        name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
        name, text.text);
    mien_free(near);
    mien_string_clear(&text);
    return status;
}

/* A bare name has neither a folder nor the extension. */
static bool is_path(const char *name) {
    return strchr(name, '/') || strcmp(mien_path_extension(name), EXTENSION + 1) == 0;
}

/* folder/name.safetensors if there is one; else MIEN_ENOTFOUND, without a text. */
static mien_status look_in(const char *folder, const char *name, char **path) {
    mien_string file;
    mien_string_init(&file);
    mien_string_addf(&file, "%s/%s" EXTENSION, folder, name);
    mien_status status = mien_string_status(&file);
    if (status == MIEN_OK && !mien_file_exists(file.text)) {
        status = MIEN_ENOTFOUND;
    }
    if (status == MIEN_OK) {
        *path = mien_string_take(&file);
    }
    mien_string_clear(&file);
    return status;
}

mien_status mien_model_locate(const char *name, char **path) {
    if (is_path(name) || mien_file_exists(name)) {
        *path = mien_strdup(name);
        return *path ? MIEN_OK : MIEN_ENOMEM;
    }
    char **folders = NULL;
    int64_t count = 0;
    mien_status status = mien_model_folders(&folders, &count);
    if (status != MIEN_OK) {
        return status;
    }
    status = MIEN_ENOTFOUND;
    for (int64_t f = 0; f < count && status == MIEN_ENOTFOUND; f++) {
        status = look_in(folders[f], name, path);
    }
    if (status == MIEN_ENOTFOUND) {
        status = not_found(name, folders, count);
    }
    mien_names_free(&folders, count);
    return status;
}

static bool has(char *const *names, int64_t count, const char *name) {
    for (int64_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static int by_name(const void *a, const void *b) {
    return mien_natural_compare(*(char *const *)a, *(char *const *)b);
}

/* Adds the models of one folder that are not yet listed. */
static mien_status list_folder(const char *folder, char ***names, int64_t *count) {
    char **files = NULL;
    int64_t files_count = 0;
    if (!mien_file_is_directory(folder)) {
        return MIEN_OK;
    }
    mien_status status = mien_directory_list(folder, &files, &files_count);
    if (status != MIEN_OK) {
        return status;
    }
    char **all = mien_realloc(
        *names, (size_t)*count, (size_t)(*count + files_count) + 1, sizeof *all);
    status = all ? MIEN_OK : MIEN_ENOMEM;
    *names = all ? all : *names;
    for (int64_t i = 0; status == MIEN_OK && i < files_count; i++) {
        if (strcmp(mien_path_extension(files[i]), EXTENSION + 1) != 0) {
            continue;
        }
        files[i][strlen(files[i]) - strlen(EXTENSION)] = 0;
        if (!has(*names, *count, files[i])) {
            all[*count] = mien_strdup(files[i]);
            status = all[*count] ? MIEN_OK : MIEN_ENOMEM;
            *count += all[*count] != NULL;
        }
    }
    mien_names_free(&files, files_count);
    return status;
}

mien_status mien_model_names(char ***names, int64_t *count) {
    MIEN_NEED(names, count);
    char **folders = NULL, **found = NULL;
    int64_t folders_count = 0, found_count = 0;
    mien_status status = mien_model_folders(&folders, &folders_count);
    for (int64_t f = 0; status == MIEN_OK && f < folders_count; f++) {
        status = list_folder(folders[f], &found, &found_count);
    }
    mien_names_free(&folders, folders_count);
    if (status != MIEN_OK) {
        mien_names_free(&found, found_count);
        return status;
    }
    if (found_count > 1) {
        qsort(found, (size_t)found_count, sizeof *found, by_name);
    }
    *names = found;
    *count = found_count;
    return MIEN_OK;
}
