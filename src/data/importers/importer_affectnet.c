/* SPDX-License-Identifier: MIT */
/* AffectNet (Mollahosseini, Hasani & Mahoor 2019), in both releases.
 *
 * Whole: training.csv, validation.csv (and automatically_annotated.csv), which name
 * pictures below Manually_Annotated/Manually_Annotated_Images (or without these
 * folders), with the face's box, expression, valence and arousal. Cut out: train_set
 * and val_set with images/ID.jpg and annotations/ID_exp.npy, ID_val.npy, ID_aro.npy.
 *
 * Codes 0 to 7 are the expressions; 8 (none), 9 (uncertain) and 10 (no face) stay as
 * rows without one. Values outside of [-1, 1] (-2: there is none) are missing. */
#include "data/importers/affectnet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 8, CODES = 11, NAME_BYTES = 300 };
static const char *const classes[CLASSES] = {"neutral", "happiness", "sadness",
    "surprise", "fear", "disgust", "anger", "contempt"};

static const mien_option options[] = {
    {.name = "automatic",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "Also automatically_annotated.csv, whose labels a network gave"},
    {.name = "unlabelled",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "Keep rows of codes 8 to 10, which have no expression"},
    {0},
};

typedef struct importing {
    const char *directory;
    mien_face_set set;
    bool unlabelled;
} importing;

static double in_range(double value) {
    return value >= -1 && value <= 1 ? value : (double)NAN;
}

static mien_status add(importing *g, mien_face_trial *trial, int64_t code,
    double valence, double arousal) {
    trial->emotion = code < CLASSES ? classes[code] : NULL;
    trial->valence = in_range(valence);
    trial->arousal = in_range(arousal);
    return code < CLASSES || g->unlabelled
               ? mien_face_set_add_present(&g->set, g->directory, trial)
               : MIEN_OK;
}

/* ---- the whole release
 * ---------------------------------------------------------------
 */

enum { PATH, X, Y, WIDTH, HEIGHT, EXPRESSION, VALENCE, AROUSAL, COLUMNS };
static const char *const columns[COLUMNS] = {"subDirectory_filePath", "face_x",
    "face_y", "face_width", "face_height", "expression", "valence", "arousal"};

/* Where the pictures of a table lie: the first of these folders that is there. */
static const char *find_images(const importing *g, bool manual) {
    static const char *const folders[2][3] = {
        {"Automatically_Annotated/Automatically_Annotated_Images",
            "Automatically_Annotated_Images", ""},
        {"Manually_Annotated/Manually_Annotated_Images", "Manually_Annotated_Images",
            ""}};
    for (int i = 0; i < 2; i++) {
        char *path = mien_path_join(g->directory, folders[manual][i]);
        bool is = path && mien_file_is_directory(path);
        mien_free(path);
        if (is) {
            return folders[manual][i];
        }
    }
    return folders[manual][2];
}

static mien_status find_columns(const mien_table *from, int at[COLUMNS]) {
    for (int c = 0; c < COLUMNS; c++) {
        at[c] = mien_table_column(from, columns[c]);
        if (at[c] < 0 && (c < X || c > HEIGHT)) {
            return mien_fail(MIEN_EFORMAT,
                "%s:1: there is no column \"%s\", which AffectNet has",
                mien_table_file(from), columns[c]);
        }
    }
    return MIEN_OK;
}

/* A missing box is none; a cell that is no number is an error with its line. */
static mien_status read_numbers(const mien_table *from, int64_t row,
    const int at[COLUMNS], double number[COLUMNS]) {
    for (int c = X; c < COLUMNS; c++) {
        const char *cell = at[c] < 0 ? "n/a" : mien_table_cell(from, row, at[c]);
        number[c] = (double)NAN;
        if (!mien_cell_missing(cell) && strcmp(cell, "NULL") != 0 &&
            !mien_parse_number(cell, &number[c])) {
            return mien_fail(MIEN_EFORMAT, "%s:%lld: %s is \"%s\"",
                mien_table_file(from), (long long)mien_table_line(from, row),
                columns[c], cell);
        }
    }
    double code = number[EXPRESSION];
    return code >= 0 && code < CODES && code == floor(code)
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "%s:%lld: expression is \"%s\", not 0 to 10",
                     mien_table_file(from), (long long)mien_table_line(from, row),
                     mien_table_cell(from, row, at[EXPRESSION]));
}

static mien_status take_row(importing *g, const mien_table *from, int64_t row,
    const int at[COLUMNS], const char *images, const char *split) {
    double number[COLUMNS];
    const char *file = mien_table_cell(from, row, at[PATH]);
    mien_status status = read_numbers(from, row, at, number);
    char *image = *images ? mien_path_join(images, file) : mien_strdup(file);
    if (status == MIEN_OK && !image) {
        status = MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_face_trial trial = mien_face_trial_of(file, image);
        trial.split = split;
        memcpy(trial.box, &number[X], sizeof trial.box);
        status = add(
            g, &trial, (int64_t)number[EXPRESSION], number[VALENCE], number[AROUSAL]);
    }
    mien_free(image);
    return status;
}

/* A table that is not there is none of this release; found says that one was. */
static mien_status take_table(
    importing *g, const char *name, const char *split, bool manual, bool *found) {
    mien_table *from = NULL;
    int at[COLUMNS];
    const char *images = find_images(g, manual);
    char *path = mien_path_join(g->directory, name);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        *found = true;
        status = mien_table_read(path, NULL, &from);
        status = status ? status : find_columns(from, at);
        for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(from); i++) {
            status = take_row(g, from, i, at, images, split);
        }
    }
    mien_table_free(&from);
    mien_free(path);
    return status;
}

static mien_status take_whole(importing *g, bool automatic, bool *found) {
    static const char *const names[][3] = {{"training.csv", "train", ""},
        {"validation.csv", "validation", ""},
        {"Manually_Annotated/training.csv", "train", ""},
        {"Manually_Annotated/validation.csv", "validation", ""},
        {"automatically_annotated.csv", "train", "automatic"},
        {"Automatically_Annotated/automatically_annotated.csv", "train", "automatic"}};
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof names / sizeof *names; i++) {
        bool manual = !*names[i][2];
        if (manual || automatic) {
            status = take_table(g, names[i][0], names[i][1], manual, found);
        }
    }
    return status;
}

/* ---- the release of single values
 * -----------------------------------------------------
 */

static mien_status read_value(const importing *g, const char *part, const char *id,
    const char *what, double *value) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s/annotations/%s_%s.npy", part, id, what);
    char *path = mien_path_join(g->directory, name);
    *value = (double)NAN;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    bool optional = strcmp(what, "exp") != 0;
    if (status == MIEN_OK && (!optional || mien_file_exists(path))) {
        status = mien_affectnet_value(path, value);
    }
    mien_free(path);
    return status;
}

static mien_status take_id(
    importing *g, const char *part, const char *split, const mien_picture *picture) {
    char trial[NAME_BYTES];
    double code, valence, arousal;
    mien_status status = read_value(g, part, picture->stem, "exp", &code);
    status = status ? status : read_value(g, part, picture->stem, "val", &valence);
    status = status ? status : read_value(g, part, picture->stem, "aro", &arousal);
    if (status == MIEN_OK && !(code >= 0 && code < CODES && code == floor(code))) {
        status = mien_fail(MIEN_EFORMAT, "%s/annotations/%s_exp.npy: %g is not 0 to 10",
            part, picture->stem, code);
    }
    if (status == MIEN_OK) {
        snprintf(trial, sizeof trial, "%s/%s", part, picture->stem);
        mien_face_trial t = mien_face_trial_of(trial, picture->path);
        t.split = split;
        status = add(g, &t, (int64_t)code, valence, arousal);
    }
    return status;
}

/* By the number in the name: 2 before 10. */
static int by_number(const void *a, const void *b) {
    return mien_natural_compare(
        ((const mien_picture *)a)->stem, ((const mien_picture *)b)->stem);
}

static mien_status take_part(
    importing *g, const char *part, const char *split, bool *found) {
    char folder[NAME_BYTES];
    mien_pictures pictures = {0};
    snprintf(folder, sizeof folder, "%s/images", part);
    mien_status status = mien_pictures_add(&pictures, g->directory, folder, NULL);
    *found = *found || pictures.count > 0;
    if (pictures.count > 1) {
        qsort(
            pictures.items, (size_t)pictures.count, sizeof *pictures.items, by_number);
    }
    for (int64_t i = 0; status == MIEN_OK && i < pictures.count; i++) {
        status = take_id(g, part, split, &pictures.items[i]);
    }
    mien_pictures_clear(&pictures);
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    bool found = false;
    importing g = {
        .directory = directory, .unlabelled = mien_options_flag(given, "unlabelled")};
    mien_status status = mien_face_set_init(
        &g.set, directory, output, MIEN_FACES_VALUES | MIEN_FACES_BOXES);
    if (status == MIEN_OK) {
        status = take_whole(&g, mien_options_flag(given, "automatic"), &found);
    }
    if (status == MIEN_OK) {
        status = take_part(&g, "train_set", "train", &found);
    }
    if (status == MIEN_OK) {
        status = take_part(&g, "val_set", "validation", &found);
    }
    if (status == MIEN_OK && !found) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: neither training.csv and validation.csv nor train_set and val_set "
            "(copies by folder: mien import folders)",
            directory);
    }
    const mien_face_about about = {.name = "affectnet",
        .source = "AffectNet",
        .citation =
            "Mollahosseini, Hasani & Mahoor (2019). AffectNet: a database for "
            "facial expression, valence, and arousal computing in the wild. IEEE "
            "Transactions on Affective Computing 10(1), 18-31.",
        .licence = "on request, for research",
        .classes = classes,
        .classes_count = CLASSES};
    return mien_face_set_end(&g.set, status, &about, directory, table, sidecar);
}

const mien_importer mien_importer_affectnet = {
    .name = "affectnet",
    .summary = "AffectNet in both releases: eight expressions, valence and arousal of "
               "faces, boxes (Mollahosseini, Hasani & Mahoor 2019)",
    .options = options,
    .import = import,
};
