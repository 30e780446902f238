/* SPDX-License-Identifier: MIT */
/* CK+ (Lucey et al. 2010): posed expressions in sequences from a neutral face to the
 * peak. Pictures in cohn-kanade-images/PERSON/SEQUENCE,
 * Emotion/PERSON/SEQUENCE/…_emotion.txt for the sequences that have a label. The last
 * frames are the expression, the first is neutral; a person stays in one fold. */
#include "data/faces.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 8, FILE_MAX_BYTES = 1 << 16, PATH_BYTES = 600 };
static const char *const classes[CLASSES] = {"neutral", "anger", "contempt", "disgust",
    "fear", "happiness", "sadness", "surprise"};

static const mien_option options[] = {
    {.name = "last",
        .type = MIEN_OPTION_INT,
        .initial = "3",
        .minimum = 1,
        .maximum = 100,
        .help = "Frames at the end of a sequence that show its expression"},
    {.name = "neutral",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "The first frame of each labelled sequence is a trial of its own"},
    {0},
};

typedef struct importing {
    const char *directory;
    mien_face_set set;
    int64_t last;
    bool neutral;
    int64_t unlabelled; /* sequences */
} importing;

/* The code in the only file of a sequence's folder of labels; 0: it has none. */
static mien_status read_label(
    const importing *g, const char *person, const char *sequence, int *code) {
    char below[PATH_BYTES];
    char **names = NULL, *bytes = NULL, *path = NULL;
    int64_t count = 0;
    size_t length = 0;
    snprintf(below, sizeof below, "Emotion/%s/%s", person, sequence);
    char *folder = mien_path_join(g->directory, below);
    *code = 0;
    mien_status status = folder ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_is_directory(folder)) {
        status = mien_directory_list(folder, &names, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count && !bytes; i++) {
        if (strstr(names[i], "_emotion.txt")) {
            path = mien_path_join(folder, names[i]);
            status = path ? mien_file_read(path, FILE_MAX_BYTES, &bytes, &length)
                          : MIEN_ENOMEM;
        }
    }
    if (status == MIEN_OK && bytes) {
        double number = strtod(bytes, NULL);
        *code = (int)number;
        if (!(number >= 1 && number < CLASSES) || number != floor(number)) {
            status = mien_fail(MIEN_EFORMAT, "%s:1: not 1 to 7", path);
        }
    }
    mien_free(path);
    mien_free(bytes);
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

static mien_status add_frame(
    importing *g, const char *person, const char *path, const char *stem, int code) {
    mien_face_trial trial = mien_face_trial_of(stem, path);
    trial.person = trial.group = person;
    trial.emotion = classes[code];
    return mien_face_set_add(&g->set, &trial);
}

static mien_status take_sequence(
    importing *g, const char *person, const char *sequence) {
    char folder[PATH_BYTES];
    mien_pictures pictures = {0};
    int code = 0;
    snprintf(folder, sizeof folder, "cohn-kanade-images/%s/%s", person, sequence);
    mien_status status = read_label(g, person, sequence, &code);
    if (status != MIEN_OK || code == 0) {
        g->unlabelled += status == MIEN_OK;
        return status;
    }
    status = mien_pictures_add(&pictures, g->directory, folder, NULL);
    if (status == MIEN_OK) {
        mien_pictures_sort(&pictures);
    }
    for (int64_t i = 0; status == MIEN_OK && i < pictures.count; i++) {
        bool peak = i >= pictures.count - g->last;
        if (peak || (g->neutral && i == 0)) {
            status = add_frame(g, person, pictures.items[i].path,
                pictures.items[i].stem, peak ? code : 0);
        }
    }
    mien_pictures_clear(&pictures);
    return status;
}

static mien_status take_person(importing *g, const char *person) {
    char below[PATH_BYTES];
    char **names = NULL;
    int64_t count = 0;
    snprintf(below, sizeof below, "cohn-kanade-images/%s", person);
    char *folder = mien_path_join(g->directory, below);
    mien_status status = folder ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && person[0] != '.' && mien_file_is_directory(folder)) {
        status = mien_directory_list(folder, &names, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (names[i][0] != '.') {
            status = take_sequence(g, person, names[i]);
        }
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

static mien_status take_all(importing *g) {
    char **names = NULL;
    int64_t count = 0;
    char *folder = mien_path_join(g->directory, "cohn-kanade-images");
    mien_status status =
        folder ? mien_directory_list(folder, &names, &count) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = take_person(g, names[i]);
    }
    if (status == MIEN_OK && g->unlabelled > 0) {
        mien_log(MIEN_LOG_INFO, "data", "ckplus: %lld sequences have no label",
            (long long)g->unlabelled);
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory,
        .last = mien_options_int(given, "last"),
        .neutral = mien_options_flag(given, "neutral")};
    mien_status status = mien_face_set_init(&g.set, directory, output, 0);
    if (status == MIEN_OK) {
        status = take_all(&g);
    }
    const mien_face_about about = {.name = "ckplus",
        .source = "Extended Cohn-Kanade (CK+)",
        .citation = "Lucey, Cohn, Kanade, Saragih, Ambadar & Matthews (2010). The "
                    "extended Cohn-Kanade dataset (CK+). CVPR workshops 2010, 94-101.",
        .licence = "on request, for research",
        .classes = classes,
        .classes_count = CLASSES};
    return mien_face_set_end(&g.set, status, &about, directory, table, sidecar);
}

const mien_importer mien_importer_ckplus = {
    .name = "ckplus",
    .summary =
        "CK+: posed expressions of 123 people, from neutral to the peak (Lucey et "
        "al. 2010)",
    .options = options,
    .import = import,
};
