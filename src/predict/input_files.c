/* SPDX-License-Identifier: MIT */
/* Expands folders and lists into files. */
#include "predict/input_files.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "mien/io.h"

enum { DEPTH_MAX = 32, LIST_BYTES_MAX = 64 << 20 };

void mien_input_files_clear(mien_input_files *inputs) {
    for (int64_t i = 0; i < inputs->count; i++) {
        mien_free(inputs->items[i].path);
        mien_free(inputs->items[i].problem);
    }
    mien_free(inputs->items);
    *inputs = (mien_input_files){0};
}

/* Takes path, also when it fails. problem is copied. */
static mien_status add(
    mien_input_files *inputs, char *path, mien_status bad, const char *problem) {
    char *text = problem ? mien_strdup(problem) : NULL;
    if (!path || (problem && !text)) {
        goto nomem;
    }
    if (inputs->count == inputs->capacity) {
        int64_t capacity = inputs->capacity ? 2 * inputs->capacity : 64;
        mien_input_file *items = mien_realloc(
            inputs->items, (size_t)inputs->capacity, (size_t)capacity, sizeof *items);
        if (!items) {
            goto nomem;
        }
        inputs->items = items;
        inputs->capacity = capacity;
    }
    inputs->items[inputs->count++] = (mien_input_file){
        .path = path, .end_s = INFINITY, .problem = text, .status = bad};
    return MIEN_OK;
nomem:
    mien_free(path);
    mien_free(text);
    return MIEN_ENOMEM;
}

/* The failure just told, as an item of its own: the rest goes on. */
static mien_status add_problem(
    mien_input_files *inputs, const char *name, mien_status status) {
    return status == MIEN_OK || status == MIEN_ENOMEM
               ? status
               : add(inputs, mien_strdup(name), status, mien_error());
}

/* A folder's file that is not what its name says is the user's to know about; a
 * readme or a table is not. */
static bool is_named_as_media(const char *name) {
    static const char *const extensions[] = {"jpg", "jpeg", "png", "bmp", "webp", "gif",
        "tif", "tiff", "ppm", "pgm", "pbm", "pnm", "heic", "heif", "avif", "mp4", "m4v",
        "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "wav", "flac", "mp3",
        "m4a", "ogg"};
    const char *extension = mien_path_extension(name);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (strcasecmp(extension, extensions[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A pipe or device would be waited for without end. */
static bool is_special(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Takes path. */
static mien_status add_found(mien_input_files *inputs, char *path) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    bool wanted = !is_special(path);
    if (wanted && !is_named_as_media(path)) {
        wanted =
            mien_media_kind_of(path, &kind) == MIEN_OK && kind != MIEN_MEDIA_UNKNOWN;
    }
    if (wanted) {
        return add(inputs, path, MIEN_OK, NULL);
    }
    mien_log(
        MIEN_LOG_INFO, "predict", "%s: neither a picture nor a film, left out", path);
    mien_free(path);
    return MIEN_OK;
}

/* Only folders themselves: a link to one could lead back up. */
static bool is_link_to_folder(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static mien_status add_folder(mien_input_files *inputs, const char *folder, int depth);

static mien_status add_entry(
    mien_input_files *inputs, const char *folder, const char *name, int depth) {
    char *path = mien_path_join(folder, name);
    mien_status status = MIEN_OK;
    if (!path) {
        return MIEN_ENOMEM;
    }
    if (!mien_file_is_directory(path)) {
        return add_found(inputs, path);
    }
    if (is_link_to_folder(path)) {
        mien_log(MIEN_LOG_INFO, "predict", "%s: a link to a folder, left out", path);
    } else {
        status = add_folder(inputs, path, depth + 1);
        status = add_problem(inputs, path, status);
    }
    mien_free(path);
    return status;
}

static mien_status add_folder(mien_input_files *inputs, const char *folder, int depth) {
    if (depth > DEPTH_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: folders more than %d deep", folder, (int)DEPTH_MAX);
    }
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(folder, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (names[i][0] != '.') {
            status = add_entry(inputs, folder, names[i], depth);
        }
    }
    mien_names_free(&names, count);
    return status;
}

static mien_status add_lines(mien_input_files *inputs, const char *list) {
    char *text = NULL, *folder = NULL;
    size_t length = 0;
    mien_status status = mien_file_read(list, LIST_BYTES_MAX, &text, &length);
    if (status != MIEN_OK) {
        return status;
    }
    if (strlen(text) != length) {
        mien_free(text);
        return mien_fail(
            MIEN_EFORMAT, "%s: no list of paths: it holds a zero byte", list);
    }
    folder = mien_path_directory(list);
    status = folder ? MIEN_OK : MIEN_ENOMEM;
    size_t mark = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (char *line = text + mark; status == MIEN_OK && line;) {
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

/* The part of a film that a row is about. */
static mien_status read_part(
    const mien_table *table, int64_t row, mien_input_file *input) {
    double times[2] = {0, INFINITY};
    for (int k = 0; k < 2; k++) {
        int column = mien_table_column(table, k ? "end_s" : "start_s");
        double x = NAN;
        mien_status status =
            column < 0 ? MIEN_OK : mien_table_number(table, row, column, &x);
        if (status != MIEN_OK) {
            return status;
        }
        times[k] = isnan(x) ? times[k] : x;
    }
    if (!(times[0] >= 0 && times[1] > times[0])) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: start_s %g, end_s %g: times from 0 are wanted, the end after the "
            "start",
            mien_table_file(table), (long long)mien_table_line(table, row), times[0],
            times[1]);
    }
    input->start_s = times[0];
    input->end_s = times[1];
    return MIEN_OK;
}

/* The picture or film of a row; NULL: it names none. */
static const char *named_in(const mien_table *table, int64_t row, bool *film) {
    const char *image = mien_table_cell(table, row, mien_table_column(table, "image"));
    const char *cell = mien_table_cell(table, row, mien_table_column(table, "film"));
    *film = !image || mien_cell_missing(image);
    cell = *film ? cell : image;
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

/* All parts are read before the first row is taken. */
static mien_status check_table(const mien_table *table) {
    mien_status status = MIEN_OK;
    mien_input_file part;
    bool film = false;
    if (mien_table_column(table, "image") < 0 && mien_table_column(table, "film") < 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: no column \"image\" or \"film\" names the inputs",
            mien_table_file(table));
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(table); i++) {
        if (named_in(table, i, &film) && film) {
            status = read_part(table, i, &part);
        }
    }
    return status;
}

static mien_status add_table(mien_input_files *inputs, const char *list) {
    mien_table *table = NULL;
    char *folder = NULL;
    mien_status status = mien_table_read(list, NULL, &table);
    if (status == MIEN_OK) {
        status = check_table(table);
    }
    if (status == MIEN_OK) {
        folder = mien_path_directory(list);
        status = folder ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(table); i++) {
        bool film = false;
        const char *name = named_in(table, i, &film);
        if (name) {
            status = add(inputs, mien_path_join(folder, name), MIEN_OK, NULL);
        }
        if (status == MIEN_OK && name && film) {
            status = read_part(table, i, &inputs->items[inputs->count - 1]);
        }
    }
    mien_free(folder);
    mien_table_free(&table);
    return status;
}

static mien_status add_name(mien_input_files *inputs, const char *name) {
    const char *extension = mien_path_extension(name);
    int64_t before = inputs->count;
    mien_status status = MIEN_OK;
    if (mien_file_is_directory(name)) {
        status = add_folder(inputs, name, 0);
    } else if (strcasecmp(extension, "txt") == 0) {
        status = add_lines(inputs, name);
    } else if (strcasecmp(extension, "tsv") == 0) {
        status = add_table(inputs, name);
    } else {
        return add(inputs, mien_strdup(name), MIEN_OK, NULL);
    }
    if (status == MIEN_OK && inputs->count == before) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no picture or film in it", name);
    }
    return status;
}

mien_status mien_input_files_expand(
    mien_input_files *inputs, const char *const *names, int64_t count) {
    mien_status status = MIEN_OK;
    *inputs = (mien_input_files){0};
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = add_problem(inputs, names[i], add_name(inputs, names[i]));
    }
    return status;
}
