/* SPDX-License-Identifier: MIT */
/* Expands folders and lists into files. */
#include "predict/inputs.h"

#include <string.h>
#include <strings.h>

#include "mien/io.h"

enum { DEPTH_MAX = 32, LIST_BYTES_MAX = 64 << 20 };

void mien_inputs_clear(mien_inputs *inputs) {
    for (int64_t i = 0; i < inputs->count; i++) {
        mien_free(inputs->items[i].path);
        mien_free(inputs->items[i].problem);
    }
    mien_free(inputs->items);
    *inputs = (mien_inputs){0};
}

/* Takes path, also when it fails. problem is copied. */
static mien_status add(
    mien_inputs *inputs, char *path, mien_status bad, const char *problem) {
    char *text = problem ? mien_strdup(problem) : NULL;
    if (!path || (problem && !text)) {
        goto nomem;
    }
    if (inputs->count == inputs->capacity) {
        int64_t capacity = inputs->capacity ? 2 * inputs->capacity : 64;
        mien_input *items = mien_realloc(
            inputs->items, (size_t)inputs->capacity, (size_t)capacity, sizeof *items);
        if (!items) {
            goto nomem;
        }
        inputs->items = items;
        inputs->capacity = capacity;
    }
    inputs->items[inputs->count++] =
        (mien_input){.path = path, .problem = text, .status = bad};
    return MIEN_OK;
nomem:
    mien_free(path);
    mien_free(text);
    return MIEN_ENOMEM;
}

static mien_status add_folder(mien_inputs *inputs, const char *folder, int depth) {
    if (depth > DEPTH_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: folders more than %d deep", folder, (int)DEPTH_MAX);
    }
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(folder, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (names[i][0] == '.') {
            continue;
        }
        char *path = mien_path_join(folder, names[i]);
        if (!path) {
            status = MIEN_ENOMEM;
        } else if (mien_file_is_directory(path)) {
            status = add_folder(inputs, path, depth + 1);
            mien_free(path);
        } else {
            mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
            if (mien_media_kind_of(path, &kind) == MIEN_OK &&
                kind != MIEN_MEDIA_UNKNOWN) {
                status = add(inputs, path, MIEN_OK, NULL);
            } else {
                mien_log(MIEN_LOG_INFO, "predict",
                    "%s: neither a picture nor a film, left out", path);
                mien_free(path);
            }
        }
    }
    mien_names_free(&names, count);
    return status;
}

static mien_status add_lines(mien_inputs *inputs, const char *list) {
    char *text = NULL, *folder = NULL;
    size_t length = 0;
    mien_status status = mien_file_read(list, LIST_BYTES_MAX, &text, &length);
    if (status != MIEN_OK) {
        return status;
    }
    folder = mien_path_directory(list);
    status = folder ? MIEN_OK : MIEN_ENOMEM;
    for (char *line = text; status == MIEN_OK && line;) {
        char *end = line + strcspn(line, "\r\n");
        char *next = *end ? end + 1 : NULL;
        *end = 0;
        if (*line && *line != '#') {
            status = add(inputs, mien_path_join(folder, line), MIEN_OK, NULL);
        }
        line = next;
    }
    mien_free(folder);
    mien_free(text);
    return status;
}

static mien_status add_table(mien_inputs *inputs, const char *list) {
    mien_table *table = NULL;
    char *folder = NULL;
    mien_status status = mien_table_read(list, NULL, &table);
    if (status != MIEN_OK) {
        return status;
    }
    int image = mien_table_column(table, "image"),
        film = mien_table_column(table, "film");
    if (image < 0 && film < 0) {
        status = mien_fail(
            MIEN_EFORMAT, "%s: no column \"image\" or \"film\" names the inputs", list);
        goto done;
    }
    folder = mien_path_directory(list);
    status = folder ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t row = 0; status == MIEN_OK && row < mien_table_rows(table); row++) {
        const char *cell = image >= 0 ? mien_table_cell(table, row, image) : NULL;
        if ((!cell || mien_cell_missing(cell)) && film >= 0) {
            cell = mien_table_cell(table, row, film);
        }
        if (cell && !mien_cell_missing(cell)) {
            status = add(inputs, mien_path_join(folder, cell), MIEN_OK, NULL);
        }
    }
done:
    mien_free(folder);
    mien_table_free(&table);
    return status;
}

static mien_status add_name(mien_inputs *inputs, const char *name) {
    const char *extension = mien_path_extension(name);
    if (mien_file_is_directory(name)) {
        return add_folder(inputs, name, 0);
    }
    if (strcasecmp(extension, "txt") == 0) {
        return add_lines(inputs, name);
    }
    if (strcasecmp(extension, "tsv") == 0) {
        return add_table(inputs, name);
    }
    return add(inputs, mien_strdup(name), MIEN_OK, NULL);
}

mien_status mien_inputs_expand(
    mien_inputs *inputs, const char *const *names, int64_t count) {
    *inputs = (mien_inputs){0};
    for (int64_t i = 0; i < count; i++) {
        mien_status status = add_name(inputs, names[i]);
        if (status == MIEN_ENOMEM) {
            return status;
        }
        if (status != MIEN_OK) {
            char *copy = mien_strdup(names[i]);
            status = add(inputs, copy, status, mien_error());
            if (status != MIEN_OK) {
                return status;
            }
        }
    }
    return MIEN_OK;
}
