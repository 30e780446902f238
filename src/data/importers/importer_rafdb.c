/* SPDX-License-Identifier: MIT */
/* RAF-DB, basic expressions (Li, Deng & Du 2017): EmoLabel/list_patition_label.txt (its
 * own spelling), Image/aligned/NAME_aligned.jpg, and Annotation/manual/
 * NAME_manu_attri.txt, whose last three numbers are gender, race and age group. */
#include "data/faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 7, FILE_MAX_BYTES = 1 << 24 };
static const char *const classes[CLASSES] = {
    "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"};

static const char *const genders[] = {"male", "female", "unsure"};
static const char *const races[] = {"Caucasian", "African-American", "Asian"};
static const char *const ages[] = {"0-3", "4-19", "20-39", "40-69", "70+"};

static const char *one_of(const char *const *names, size_t count, double number) {
    return number >= 0 && number < (double)count ? names[(size_t)number] : NULL;
}

/* Attributes are there for most pictures; a file that is not is no error. */
static mien_status read_people(
    const char *directory, const char *stem, mien_face_trial *trial) {
    char name[300], *bytes = NULL;
    size_t length = 0;
    double last[3] = {-1, -1, -1};
    snprintf(name, sizeof name, "Annotation/manual/%s_manu_attri.txt", stem);
    char *path = mien_path_join(directory, name);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_file_read(path, FILE_MAX_BYTES, &bytes, &length);
    }
    for (char *next = bytes, *end = NULL; status == MIEN_OK && next; next = end) {
        double number = strtod(next, &end);
        if (end == next) {
            break;
        }
        last[0] = last[1];
        last[1] = last[2];
        last[2] = number;
    }
    trial->gender = one_of(genders, 3, last[0]);
    trial->race = one_of(races, 3, last[1]);
    trial->age = one_of(ages, 5, last[2]);
    mien_free(bytes);
    mien_free(path);
    return status;
}

static mien_status take_line(
    mien_face_set *set, const char *directory, const char *file, int line, char *text) {
    char *blank = strpbrk(text, " \t");
    int64_t code = 0;
    if (!blank) {
        return mien_fail(MIEN_EFORMAT, "%s:%d: not \"PICTURE.jpg CODE\"", file, line);
    }
    *blank++ = 0;
    if (!mien_parse_int(blank + strspn(blank, " \t"), &code) || code < 1 ||
        code > CLASSES) {
        return mien_fail(
            MIEN_EFORMAT, "%s:%d: \"%s\" is not 1 to 7", file, line, blank);
    }
    size_t ending = strlen(mien_path_extension(text));
    text[strlen(text) - (ending ? ending + 1 : 0)] = 0;
    char image[300];
    snprintf(image, sizeof image, "Image/aligned/%s_aligned.jpg", text);
    mien_face_trial trial = mien_face_trial_of(text, image);
    trial.split = strncmp(text, "train", 5) == 0  ? "train"
                  : strncmp(text, "test", 4) == 0 ? "test"
                                                  : NULL;
    trial.emotion = classes[code - 1];
    mien_status status = read_people(directory, text, &trial);
    return status == MIEN_OK ? mien_face_set_add_present(set, directory, &trial)
                             : status;
}

static mien_status take_all(
    mien_face_set *set, const char *directory, const char *file) {
    char *bytes = NULL;
    size_t length = 0;
    int line = 0;
    mien_status status = mien_file_read(file, FILE_MAX_BYTES, &bytes, &length);
    for (char *next = bytes; status == MIEN_OK && next && *next;) {
        char *text = next;
        next += strcspn(next, "\n");
        if (*next) {
            *next++ = 0;
        }
        text[strcspn(text, "\r")] = 0;
        line++;
        if (*text) {
            status = take_line(set, directory, file, line, text);
        }
    }
    mien_free(bytes);
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    (void)options;
    mien_face_set set = {0};
    char *file = mien_path_join(directory, "EmoLabel/list_patition_label.txt");
    mien_status status =
        file ? mien_face_set_init(&set, directory, output, MIEN_FACES_PEOPLE)
             : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = take_all(&set, directory, file);
    }
    const mien_face_about about = {.name = "rafdb",
        .source = "RAF-DB, basic expressions",
        .citation = "Li, Deng & Du (2017). Reliable crowdsourcing and deep "
                    "locality-preserving learning for expression recognition in the "
                    "wild. CVPR 2017, 2584-2593.",
        .licence = "on request, for research",
        .classes = classes,
        .classes_count = CLASSES};
    status = mien_face_set_end(&set, status, &about, directory, table, sidecar);
    mien_free(file);
    return status;
}

const mien_importer mien_importer_rafdb = {
    .name = "rafdb",
    .summary =
        "RAF-DB: faces with seven expressions by some 40 raters, gender, race and "
        "age group (Li, Deng & Du 2017)",
    .import = import,
};
