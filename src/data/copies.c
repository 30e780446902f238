/* SPDX-License-Identifier: MIT */
/* Augmented copies made beforehand, with their rows: `mien augment`.
 *
 * In come a trial table with pictures and passes, each a list of augmentation steps;
 * out goes a folder with a table of all rows as they were and, for each pass, a row
 * more for each, whose picture is the copy. A copy keeps person, stimulus, split,
 * ratings and group of its original; where the table has no groups, originals and
 * copies get the picture as their group, so that folds by group never part them. */
#include "data/trials.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "data/importers/importer.h"

enum { COLUMNS_MAX = 512, ID = 128, OWN_COLUMNS = 3 };

typedef struct copying {
    const mien_trials *trials;
    const mien_table *from;
    const mien_copies_options *o;
    const char *directory;
    char *prefix; /* from there to the table's folder */
    int64_t rows, pictures;
    const char **image;        /* [rows] cells; NULL: none */
    int64_t *first, *number;   /* [rows] first row with its picture; which one it is */
    bool is_path[COLUMNS_MAX]; /* whether a column names files */
    int columns, image_column, group_column;
    mien_augment **pass; /* [passes] */
    mien_table *to;
} copying;

/* ---- what there is ----------------------------------------------------------------
 */

static mien_status find_pictures(copying *c) {
    c->image = mien_alloc((size_t)c->rows, sizeof *c->image);
    c->first = mien_alloc((size_t)c->rows, sizeof *c->first);
    c->number = mien_alloc((size_t)c->rows, sizeof *c->number);
    mien_status status = c->image && c->first && c->number ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        c->image[i] = mien_trials_cell(c->trials, i, "image");
    }
    status = status ? status : mien_names_first(c->rows, c->image, c->first);
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        c->number[i] = c->first[i] == i ? (c->image[i] ? c->pictures++ : -1)
                                        : c->number[c->first[i]];
    }
    return status || c->pictures > 0
               ? status
               : mien_fail(MIEN_ENOTFOUND, "%s: no row has a picture (column image)",
                     mien_table_file(c->from));
}

/* Columns whose first cell is a file, as seen from the table. */
static mien_status find_paths(copying *c) {
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < c->columns; k++) {
        int64_t i = 0;
        while (i < c->rows && mien_cell_missing(mien_table_cell(c->from, i, k))) {
            i++;
        }
        char *path = i < c->rows
                         ? mien_trials_path(c->trials, i, mien_table_name(c->from, k))
                         : NULL;
        if (path) {
            path[strcspn(path, "#")] = 0;
            c->is_path[k] = mien_file_exists(path) && !mien_file_is_directory(path);
        }
        mien_free(path);
    }
    return status;
}

static mien_status read_passes(copying *c) {
    c->pass = mien_alloc((size_t)c->o->passes_count, sizeof *c->pass);
    mien_status status = c->pass ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < c->o->passes_count; k++) {
        status = mien_augment_new(&c->pass[k]);
        if (status == MIEN_OK && strcmp(c->o->passes[k], "plain") != 0) {
            status = mien_augment_parse(c->pass[k], "--pass", c->o->passes[k]);
        }
        if (status == MIEN_OK && mien_augment_mixes(c->pass[k])) {
            status = mien_fail(MIEN_EINVAL,
                "--pass \"%s\": copies are of one picture each; mixing happens in "
                "training",
                c->o->passes[k]);
        }
    }
    return status;
}

/* ---- pictures ---------------------------------------------------------------------
 */

/* "pass-1/000012_dog.jpg" */
static void name_copy(const copying *c, int64_t row, int pass, char name[ID]) {
    const char *base = mien_path_base(c->image[row]), *dot = strrchr(base, '.');
    int length = (int)(dot ? dot - base : (long)strlen(base));
    snprintf(name, ID, "pass-%d/%06" PRId64 "_%.*s.jpg", pass + 1, c->number[row],
        length < 64 ? length : 64, base);
}

static mien_status to_file(const float *values, int high, int wide, const char *path) {
    const int64_t shape[] = {high, wide, 3};
    mien_tensor *image = NULL;
    void *bytes = NULL;
    size_t count = 0;
    int plane = high * wide;
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &image);
    for (int i = 0; status == MIEN_OK && i < 3 * plane; i++) {
        double v = 255 * (double)values[i % 3 * plane + i / 3];
        ((unsigned char *)image->data)[i] = (unsigned char)rint(fmax(0, fmin(255, v)));
    }
    status = status ? status : mien_image_to_jpeg(image, 95, &bytes, &count);
    status = status ? status : mien_file_write(path, bytes, count);
    mien_free(bytes);
    mien_tensor_free(&image);
    return status;
}

/* The picture as the steps see it: resized first, as before training. */
static mien_status copy_picture(
    copying *c, int64_t row, int pass, const mien_tensor *image) {
    mien_preprocess p = {.fit = MIEN_FIT_SQUASH,
        .crop_height = c->o->height ? c->o->height : (int)image->shape[0],
        .crop_width = c->o->width ? c->o->width : (int)image->shape[1],
        .resize = MIEN_RESIZE_BILINEAR,
        .scale = 1.0 / 255,
        .deviation = {1, 1, 1}};
    mien_augmenter *augmenter = NULL;
    mien_augment_draw draw;
    mien_stream stream;
    char name[ID];
    name_copy(c, row, pass, name);
    char *path = mien_path_join(c->directory, name);
    float *values =
        mien_alloc(3 * (size_t)p.crop_height * (size_t)p.crop_width, sizeof *values);
    mien_status status = path && values ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_preprocess_check(&p);
    status = status ? status : mien_preprocess_run(&p, image, false, values);
    bool changes = mien_augment_count(c->pass[pass]) > 0;
    if (status == MIEN_OK && changes) {
        status = mien_augmenter_new(c->pass[pass], &p, &augmenter);
    }
    if (status == MIEN_OK && changes) {
        mien_stream_init(&stream, c->o->seed, (uint64_t)c->number[row], (uint64_t)pass);
        mien_augment_draw_make(
            c->pass[pass], p.crop_height, p.crop_width, &stream, &draw);
        status = mien_augmenter_run(augmenter, &draw, values, values);
    }
    status = status ? status : to_file(values, p.crop_height, p.crop_width, path);
    mien_augmenter_free(&augmenter);
    mien_free(values);
    mien_free(path);
    return status;
}

static mien_status copy_row(copying *c, int64_t row) {
    mien_tensor *image = NULL;
    char *path = mien_trials_path(c->trials, row, "image");
    mien_status status = path ? mien_image_read(path, NULL, &image) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < c->o->passes_count; k++) {
        status = copy_picture(c, row, k, image);
    }
    mien_tensor_free(&image);
    mien_free(path);
    return status;
}

static mien_status write_pictures(
    copying *c, void (*progress)(void *, int64_t, int64_t), void *context) {
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < c->o->passes_count; k++) {
        char name[32];
        snprintf(name, sizeof name, "pass-%d", k + 1);
        char *folder = mien_path_join(c->directory, name);
        status = folder ? mien_directory_make(folder) : MIEN_ENOMEM;
        mien_free(folder);
    }
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        if (!c->image[i] || c->first[i] != i) {
            continue;
        }
        if (progress) {
            progress(context, c->number[i], c->pictures);
        }
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : copy_row(c, i);
    }
    return status;
}

/* ---- rows -------------------------------------------------------------------------
 */

static mien_status make_table(copying *c) {
    const char *names[COLUMNS_MAX + OWN_COLUMNS];
    int n = 0;
    for (int k = 0; k < c->columns; k++) {
        names[n++] = mien_table_name(c->from, k);
        if (strcmp(names[n - 1], "copy") == 0 || strcmp(names[n - 1], "copy_of") == 0) {
            return mien_fail(MIEN_EINVAL,
                "%s: has a column \"%s\": copies of copies are not made",
                mien_table_file(c->from), names[n - 1]);
        }
    }
    if (c->group_column < 0) {
        names[n++] = "group";
    }
    names[n++] = "copy";
    names[n++] = "copy_of";
    return mien_table_new(n, names, &c->to);
}

/* Paths lead from the new table; NULL on want of memory, which sets *good. */
static const char *cell_of(
    const copying *c, int64_t row, int column, char **made, bool *good) {
    const char *cell = mien_table_cell(c->from, row, column);
    if (mien_cell_missing(cell)) {
        return NULL;
    }
    if (!c->is_path[column] || cell[0] == '/' || !*c->prefix) {
        return cell;
    }
    *made = mien_path_join(c->prefix, cell);
    *good = *good && *made;
    return *made;
}

/* pass -1: the row as it is. */
static mien_status add_row(copying *c, int64_t row, int pass) {
    const char *cells[COLUMNS_MAX + OWN_COLUMNS] = {0};
    char *made[COLUMNS_MAX] = {0}, id[ID], name[ID], number[16], group[ID];
    const char *original = mien_trials_id(c->trials, row);
    bool good = true;
    int n = c->columns;
    for (int k = 0; k < c->columns; k++) {
        cells[k] = cell_of(c, row, k, &made[k], &good);
    }
    snprintf(id, sizeof id, "%.100s+%d", original, pass + 1);
    snprintf(number, sizeof number, "%d", pass + 1);
    snprintf(group, sizeof group, "picture-%" PRId64, c->number[row]);
    if (c->group_column < 0) {
        cells[n++] = group;
    } else if (!cells[c->group_column]) {
        cells[c->group_column] = group;
    }
    cells[n++] = number;
    if (pass >= 0) {
        name_copy(c, row, pass, name);
        cells[mien_table_column(c->from, "trial")] = id;
        cells[c->image_column] = name;
        cells[n] = original;
    }
    mien_status status = good ? mien_table_add_row(c->to, cells) : MIEN_ENOMEM;
    for (int k = 0; k < c->columns; k++) {
        mien_free(made[k]);
    }
    return status;
}

static mien_status write_table(copying *c) {
    mien_value *sidecar = NULL;
    char *output = mien_path_join(c->directory, "trials.tsv");
    mien_string note;
    mien_string_init(&note);
    mien_string_add(&note, "copies made beforehand:");
    for (int k = 0; k < c->o->passes_count; k++) {
        mien_string_addf(&note, "%s %d %s", k ? ";" : "", k + 1, c->o->passes[k]);
    }
    mien_status status = output ? mien_string_status(&note) : MIEN_ENOMEM;
    status = status ? status : make_table(c);
    for (int pass = -1; pass < c->o->passes_count; pass++) {
        for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
            status = pass < 0 || c->image[i] ? add_row(c, i, pass) : MIEN_OK;
        }
    }
    status =
        status ? status : mien_value_copy(mien_trials_sidecar(c->trials), &sidecar);
    status = status ? status
                    : mien_sidecar_add_column(
                          sidecar, "copy", "0, or the number of the pass that made it");
    status = status ? status
                    : mien_sidecar_add_column(
                          sidecar, "copy_of", "trial whose picture it is a copy of");
    status = status ? status : mien_sidecar_add_note(sidecar, note.text);
    status = status ? status : mien_trials_write(c->to, sidecar, output);
    mien_value_free(&sidecar);
    mien_string_clear(&note);
    mien_free(output);
    return status;
}

/* ---- the whole --------------------------------------------------------------------
 */

static mien_status check(copying *c, const char *path) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_make(c->directory);
    status = status ? status : mien_directory_list(c->directory, &names, &count);
    if (status == MIEN_OK && count > 0) {
        status = mien_fail(
            MIEN_EINVAL, "%s: the folder is not empty (%s)", c->directory, names[0]);
    }
    mien_names_free(&names, count);
    if (status == MIEN_OK && (c->image_column < 0 || c->columns > COLUMNS_MAX)) {
        status =
            c->image_column < 0
                ? mien_fail(MIEN_ENOTFOUND, "%s: there is no column image", path)
                : mien_fail(MIEN_ELIMIT, "%s: more than %d columns", path, COLUMNS_MAX);
    }
    return status;
}

static void clear(copying *c) {
    for (int k = 0; c->pass && k < c->o->passes_count; k++) {
        mien_augment_free(&c->pass[k]);
    }
    mien_free(c->pass);
    mien_free((void *)c->image);
    mien_free(c->first);
    mien_free(c->number);
    mien_free(c->prefix);
    mien_table_free(&c->to);
}

mien_status mien_trials_copies(const char *path, const mien_copies_options *options,
    const char *directory, void (*progress)(void *context, int64_t done, int64_t total),
    void *context) {
    MIEN_NEED(path, options, directory);
    mien_trials *trials = NULL;
    copying c = {.o = options, .directory = directory};
    if (options->passes_count < 1 || options->passes_count > MIEN_COPIES_PASSES_MAX) {
        return mien_fail(MIEN_EINVAL, "%d passes; 1 to %d are possible",
            options->passes_count, MIEN_COPIES_PASSES_MAX);
    }
    mien_status status = mien_trials_open(path, &trials);
    if (status == MIEN_OK) {
        c.trials = trials;
        c.from = mien_trials_table(trials);
        c.rows = mien_trials_rows(trials);
        c.columns = mien_table_columns(c.from);
        c.image_column = mien_table_column(c.from, "image");
        c.group_column = mien_table_column(c.from, "group");
        status = read_passes(&c);
    }
    status = status ? status : check(&c, path);
    status = status ? status : find_pictures(&c);
    status = status ? status : find_paths(&c);
    char *folder = status ? NULL : mien_path_directory(path);
    char *output = status ? NULL : mien_path_join(directory, "trials.tsv");
    if (status == MIEN_OK) {
        status = folder && output ? mien_relative_directory(output, folder, &c.prefix)
                                  : MIEN_ENOMEM;
    }
    mien_free(output);
    mien_free(folder);
    status = status ? status : write_pictures(&c, progress, context);
    status = status ? status : write_table(&c);
    clear(&c);
    mien_trials_close(&trials);
    return status;
}
