/* SPDX-License-Identifier: MIT */
/* FER2013 (Goodfellow et al. 2013): fer2013.csv with 48 × 48 grey pixels in a cell. The
 * pictures are written beside the table, where studies find them. */
#include "data/faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 48, CLASSES = 7 };
static const char *const classes[CLASSES] = {
    "anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"};

typedef struct importing {
    const mien_table *from;
    char *folder; /* of the pictures */
    mien_face_set set;
    mien_tensor *picture;
    int emotion, pixels, usage;
} importing;

/* A column by its name, before which the second edition has a blank. */
static mien_status find_column(const importing *g, const char *name, int *column) {
    for (int c = 0; c < mien_table_columns(g->from); c++) {
        const char *found = mien_table_name(g->from, c);
        if (strcmp(found + strspn(found, " "), name) == 0) {
            *column = c;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\", which FER2013 has",
        mien_table_file(g->from), name);
}

static mien_status bad(const importing *g, int64_t row, int column, const char *what) {
    return mien_fail(MIEN_EFORMAT, "%s:%lld: %s: %s", mien_table_file(g->from),
        (long long)mien_table_line(g->from, row), mien_table_name(g->from, column),
        what);
}

static mien_status read_pixels(importing *g, int64_t row) {
    const char *text = mien_table_cell(g->from, row, g->pixels);
    uint8_t *to = g->picture->data;
    for (int i = 0; i < SIDE * SIDE; i++) {
        char *end = NULL;
        long value = strtol(text, &end, 10);
        if (end == text || value < 0 || value > 255) {
            return bad(g, row, g->pixels, "not 2304 numbers from 0 to 255");
        }
        to[3 * i] = to[3 * i + 1] = to[3 * i + 2] = (uint8_t)value;
        text = end;
    }
    return text[strspn(text, " ")] == 0
               ? MIEN_OK
               : bad(g, row, g->pixels, "more than 2304 numbers");
}

static const char *split_of(const char *usage) {
    static const char *const names[][2] = {
        {"Training", "train"}, {"PublicTest", "validation"}, {"PrivateTest", "test"}};
    usage += strspn(usage, " ");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(usage, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return NULL;
}

/* The picture is written under the name that FER+ has for it. */
static mien_status take_row(importing *g, int64_t row) {
    int64_t code = 0;
    char name[32], trial[32];
    const char *split = split_of(mien_table_cell(g->from, row, g->usage));
    const char *cell = mien_table_cell(g->from, row, g->emotion);
    if (!mien_parse_int(cell + strspn(cell, " "), &code) || code < 0 ||
        code >= CLASSES) {
        return bad(g, row, g->emotion, "not 0 to 6");
    }
    if (!split) {
        return bad(g, row, g->usage, "not Training, PublicTest or PrivateTest");
    }
    snprintf(trial, sizeof trial, "fer%07lld", (long long)row);
    snprintf(name, sizeof name, "%s.png", trial);
    char *path = mien_path_join(g->folder, name);
    mien_status status = path ? read_pixels(g, row) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_image_write_png(g->picture, path);
    }
    if (status == MIEN_OK) {
        mien_face_trial t = mien_face_trial_of(trial, name);
        t.split = split;
        t.emotion = classes[code];
        status = mien_face_set_add(&g->set, &t);
    }
    mien_free(path);
    return status;
}

/* "x/fer2013.tsv": pictures go to x/fer2013-pictures. */
static mien_status make_folder(const char *output, char **folder) {
    mien_string text;
    mien_string_init(&text);
    size_t ending = strlen(mien_path_extension(output));
    mien_string_add_n(&text, output, strlen(output) - (ending ? ending + 1 : 0));
    mien_string_add(&text, "-pictures");
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = mien_directory_make(text.text);
    }
    if (status == MIEN_OK) {
        *folder = mien_string_take(&text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status take_all(importing *g) {
    mien_status status = find_column(g, "emotion", &g->emotion);
    status = status ? status : find_column(g, "pixels", &g->pixels);
    status = status ? status : find_column(g, "Usage", &g->usage);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(g->from); i++) {
        status = take_row(g, i);
    }
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    (void)options;
    const int64_t shape[3] = {SIDE, SIDE, 3};
    static const char *const files[] = {"fer2013.csv", "icml_face_data.csv"};
    importing g = {0};
    mien_table *from = NULL;
    char *path = NULL;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2 && !(path && mien_file_exists(path));
         i++) {
        mien_free(path);
        path = mien_path_join(directory, files[i]);
        status = path ? MIEN_OK : MIEN_ENOMEM;
    }
    status = status ? status : mien_table_read(path, NULL, &from);
    status = status ? status : make_folder(output, &g.folder);
    status = status ? status : mien_face_set_init(&g.set, g.folder, output, 0);
    status = status ? status : mien_tensor_new(MIEN_U8, 3, shape, &g.picture);
    g.from = from;
    status = status ? status : take_all(&g);
    const mien_face_about about = {.name = "fer2013",
        .source = "FER2013 (fer2013.csv)",
        .citation =
            "Goodfellow et al. (2013). Challenges in representation learning: a "
            "report on three machine learning contests. ICONIP 2013, 117-124.",
        .licence = "collected by image search, for research",
        .classes = classes,
        .classes_count = CLASSES};
    status = mien_face_set_end(&g.set, status, &about, directory, table, sidecar);
    mien_tensor_free(&g.picture);
    mien_table_free(&from);
    mien_free(g.folder);
    mien_free(path);
    return status;
}

const mien_importer mien_importer_fer2013 = {
    .name = "fer2013",
    .summary = "faces of 48 x 48 with seven expressions, pixels in a table; the "
               "pictures are written beside (Goodfellow et al. 2013)",
    .import = import,
};
