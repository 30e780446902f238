/* SPDX-License-Identifier: MIT */
/* The table of data sets, and what their importers share. */
#include "data/importers/importer.h"
#include "base/need.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAMES_SHOWN 5

/* ---- the table ---------------------------------------------------------------- */

static const mien_importer *const importers[] = {
#define X(name) &mien_importer_##name,
#include "data/importers/importers.def"
#undef X
};

int mien_importer_count(void) {
    return (int)(sizeof importers / sizeof *importers);
}

const mien_importer *mien_importer_at(int index) {
    return index >= 0 && index < mien_importer_count() ? importers[index] : NULL;
}

mien_status mien_importer_find(const char *name, const mien_importer **importer) {
    MIEN_NEED(name, importer);
    mien_string known;
    mien_string_init(&known);
    for (int i = 0; i < mien_importer_count(); i++) {
        if (strcmp(importers[i]->name, name) == 0) {
            *importer = importers[i];
            mien_string_clear(&known);
            return MIEN_OK;
        }
        mien_string_addf(&known, "%s%s", i ? ", " : "", importers[i]->name);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status = mien_fail(
            MIEN_ENOTFOUND, "there is no data set \"%s\"; known: %s", name, known.text);
    }
    mien_string_clear(&known);
    return status;
}

static mien_status write_sidecar(const mien_value *sidecar, const char *path) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_value_write_json(sidecar, true, &text);
    status = status ? status : mien_string_add(&text, "\n");
    status = status ? status : mien_file_write(path, text.text, text.length);
    mien_string_clear(&text);
    return status;
}

/* By these the table is known as one that nobody has changed since. */
static mien_status sign(mien_value *sidecar, const char *output) {
    char hex[65];
    mien_status status = mien_sha256_file(output, hex);
    if (status == MIEN_OK) {
        status = mien_value_set(
            sidecar, "created_by", mien_value_new_text("mien " MIEN_VERSION));
    }
    return status ? status
                  : mien_value_set(sidecar, "table_sha256", mien_value_new_text(hex));
}

mien_status mien_trials_write(
    const mien_table *table, mien_value *sidecar, const char *output) {
    char *path = mien_sidecar_path(output);
    mien_status status = path ? write_sidecar(sidecar, path) : MIEN_ENOMEM;
    status = status ? status : mien_table_write(table, output, MIEN_TSV);
    status = status ? status : sign(sidecar, output);
    status = status ? status : write_sidecar(sidecar, path);
    mien_free(path);
    return status;
}

mien_status mien_importer_run(const mien_importer *importer, const char *directory,
    const mien_options *options, const char *output) {
    MIEN_NEED(importer, directory, output);
    if (strcmp(mien_path_extension(output), "tsv") != 0) {
        return mien_fail(MIEN_EINVAL, "%s: a trial table's name ends in .tsv", output);
    }
    if (!mien_file_is_directory(directory)) {
        return mien_fail(MIEN_EIO, "%s: this is not a folder (that of %s)", directory,
            importer->name);
    }
    mien_table *table = NULL;
    mien_value *sidecar = NULL;
    mien_options *defaults = NULL;
    mien_status status = MIEN_OK;
    if (importer->options && !options) {
        status = mien_options_new(importer->options, &defaults);
        options = defaults;
    }
    status = status ? status
                    : importer->import(directory, output, options, &table, &sidecar);
    status = status ? status : mien_trials_write(table, sidecar, output);
    mien_options_free(&defaults);
    mien_value_free(&sidecar);
    mien_table_free(&table);
    return status;
}

/* ---- paths and names ---------------------------------------------------------- */

static mien_status resolve(const char *path, char **resolved) {
    *resolved = realpath(path, NULL);
    if (!*resolved && errno == ENOMEM) {
        return mien_fail(MIEN_ENOMEM, "out of memory for a path");
    }
    return *resolved ? MIEN_OK : mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
}

/* The path from one folder to another, both absolute and resolved: "../" for every
 * part of `from` beyond what they share. */
static char *relative_between(const char *from, const char *to) {
    size_t shared = 0;
    for (size_t i = 0;; i++) {
        bool end_from = !from[i] || from[i] == '/', end_to = !to[i] || to[i] == '/';
        if (end_from && end_to) {
            shared = i;
        }
        if (!from[i] || !to[i] || from[i] != to[i]) {
            break;
        }
    }
    mien_string path;
    mien_string_init(&path);
    const char *above = from + shared, *below = to + shared;
    for (; *above; above++) {
        if (*above == '/' && above[1]) {
            mien_string_add(&path, path.length ? "/.." : "..");
        }
    }
    below += *below == '/';
    if (*below) {
        mien_string_addf(&path, "%s%s", path.length ? "/" : "", below);
    }
    return mien_string_take(&path);
}

mien_status mien_relative_directory(
    const char *output, const char *directory, char **relative) {
    char *folder = mien_path_directory(output), *from = NULL, *to = NULL, *made = NULL;
    mien_status status = folder ? resolve(folder, &from) : MIEN_ENOMEM;
    status = status ? status : resolve(directory, &to);
    if (status == MIEN_OK) {
        made = relative_between(from, to);
        status = made ? MIEN_OK : MIEN_ENOMEM;
    }
    free(to);
    free(from);
    mien_free(folder);
    if (status == MIEN_OK) {
        *relative = made;
    }
    return status;
}

size_t mien_theme_length(const char *name) {
    size_t whole = strlen(name), length = whole;
    while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9') {
        length--;
    }
    while (length > 0 && name[length - 1] == ' ') {
        length--;
    }
    return length ? length : whole;
}

/* ---- pictures ----------------------------------------------------------------- */

static bool is_picture(const char *name) {
    static const char *const extensions[] = {
        "jpg", "jpeg", "png", "bmp", "webp", "gif", "tif", "tiff"};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (strcasecmp(mien_path_extension(name), extensions[i]) == 0) {
            return name[0] != '.';
        }
    }
    return false;
}

static mien_status add_picture(
    mien_pictures *pictures, const char *folder, const char *name, const char *tag) {
    if (pictures->count == pictures->room) {
        int64_t room = pictures->room ? pictures->room * 2 : 64;
        mien_picture *items = mien_realloc(
            pictures->items, (size_t)pictures->count, (size_t)room, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        pictures->items = items;
        pictures->room = room;
    }
    mien_picture *p = &pictures->items[pictures->count++];
    p->stem = mien_strndup(name, strlen(name) - strlen(mien_path_extension(name)) - 1);
    p->path = mien_path_join(folder, name);
    p->tag = tag;
    return p->stem && p->path ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_pictures_add(mien_pictures *pictures, const char *directory,
    const char *folder, const char *tag) {
    char *path = folder[0] ? mien_path_join(directory, folder) : mien_strdup(directory);
    if (!path) {
        return MIEN_ENOMEM;
    }
    char **names = NULL;
    int64_t count = 0;
    mien_status status = MIEN_OK;
    if (mien_file_is_directory(path)) {
        status = mien_directory_list(path, &names, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (is_picture(names[i])) {
            status = add_picture(pictures, folder, names[i], tag);
        }
    }
    if (names) {
        mien_names_free(&names, count);
    }
    mien_free(path);
    return status;
}

static int by_stem(const void *a, const void *b) {
    const mien_picture *x = a, *y = b;
    int order = strcasecmp(x->stem, y->stem);
    return order ? order : strcmp(x->path, y->path);
}

void mien_pictures_sort(mien_pictures *pictures) {
    if (pictures->count > 1) {
        qsort(
            pictures->items, (size_t)pictures->count, sizeof *pictures->items, by_stem);
    }
    for (int64_t i = 1; i < pictures->count; i++) {
        const mien_picture *one = &pictures->items[i - 1], *two = &pictures->items[i];
        if (strcasecmp(one->stem, two->stem) == 0) {
            mien_log(MIEN_LOG_WARN, "data",
                "%s and %s have the same name; the first is used", one->path,
                two->path);
        }
    }
}

/* Bisection to the first of equal stems. */
mien_picture *mien_pictures_find(mien_pictures *pictures, const char *stem) {
    int64_t low = 0, high = pictures->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (strcasecmp(pictures->items[middle].stem, stem) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < pictures->count && strcasecmp(pictures->items[low].stem, stem) == 0;
    return found ? &pictures->items[low] : NULL;
}

static int by_stem_and_path(const void *a, const void *b) {
    const mien_picture *x = a, *y = b;
    int order = strcmp(x->stem, y->stem);
    return order ? order : strcmp(x->path, y->path);
}

void mien_pictures_order(mien_pictures *pictures) {
    qsort(pictures->items, (size_t)pictures->count, sizeof *pictures->items,
        by_stem_and_path);
}

int64_t mien_pictures_unused(const mien_pictures *pictures) {
    int64_t unused = 0;
    for (int64_t i = 0; i < pictures->count; i++) {
        unused += !pictures->items[i].used;
    }
    return unused;
}

void mien_pictures_clear(mien_pictures *pictures) {
    for (int64_t i = 0; i < pictures->count; i++) {
        mien_free(pictures->items[i].stem);
        mien_free(pictures->items[i].path);
    }
    mien_free(pictures->items);
    *pictures = (mien_pictures){0};
}

/* ---- what is left out ---------------------------------------------------------- */

void mien_left_out_init(mien_left_out *out) {
    out->count = 0;
    mien_string_init(&out->names);
}

void mien_left_out_add(mien_left_out *out, const char *name) {
    if (out->count < NAMES_SHOWN) {
        mien_string_addf(&out->names, "%s%s", out->count ? ", " : "", name);
    } else if (out->count == NAMES_SHOWN) {
        mien_string_add(&out->names, ", …");
    }
    out->count++;
}

void mien_left_out_report(mien_left_out *out, const char *importer, const char *what) {
    if (out->count > 0) {
        mien_log(MIEN_LOG_WARN, "data", "%s: %" PRId64 " %s (%s)", importer, out->count,
            what, out->names.text);
    }
    mien_string_clear(&out->names);
}

mien_status mien_labels_read(const char *path, const mien_options *options,
    const mien_table_options *table_options, mien_table **table) {
    mien_table_options o =
        table_options ? *table_options : mien_table_options_default();
    o.decimal_comma = strcmp(mien_options_text(options, "decimal"), "comma") == 0;
    return mien_table_read(path, &o, table);
}

mien_status mien_rating_check(const mien_table *table, int64_t row, int column,
    double minimum, double maximum, bool optional) {
    double value = (double)NAN;
    if (column < 0) {
        return MIEN_OK;
    }
    mien_status status = mien_table_number(table, row, column, &value);
    if (status != MIEN_OK || (isnan(value) && optional)) {
        return status;
    }
    if (!(value >= minimum && value <= maximum)) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%" PRId64 ": %s is \"%s\"; %g to %g is possible",
            mien_table_file(table), mien_table_line(table, row),
            mien_table_name(table, column), mien_table_cell(table, row, column),
            minimum, maximum);
    }
    return MIEN_OK;
}

bool mien_split_of(const char *cell, const char **split) {
    static const char *const names[][2] = {{"train", "train"}, {"training", "train"},
        {"validation", "validation"}, {"valid", "validation"}, {"val", "validation"},
        {"dev", "validation"}, {"test", "test"}, {"testing", "test"}};
    *split = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *split = strcasecmp(cell, names[i][0]) == 0 ? names[i][1] : *split;
    }
    return *split || mien_cell_missing(cell);
}

int mien_column_any(const mien_table *table, const char *const *names) {
    for (; *names; names++) {
        for (int c = 0; c < mien_table_columns(table); c++) {
            if (strcasecmp(mien_table_name(table, c), *names) == 0) {
                return c;
            }
        }
    }
    return -1;
}
