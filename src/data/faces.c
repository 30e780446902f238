/* SPDX-License-Identifier: MIT */
/* Rows of faces with an expression, and the sidecar of their table. Called by the
 * importers of AffectNet, FER2013, RAF-DB, CK+ and of folders. */
#include "data/faces.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

mien_face_trial mien_face_trial_of(const char *trial, const char *image) {
    const double none = (double)NAN;
    return (mien_face_trial){.trial = trial,
        .image = image,
        .valence = none,
        .arousal = none,
        .box = {none, none, none, none}};
}

static int name_columns(unsigned has, const char **names) {
    static const char *const first[] = {
        "trial", "person", "stimulus", "group", "image", "split", "emotion"};
    static const char *const values[] = {"valence", "arousal"};
    static const char *const boxes[] = {"x", "y", "w", "h"};
    static const char *const people[] = {"gender", "race", "age"};
    int n = 0;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        names[n++] = first[i];
    }
    for (int i = 0; i < 2 && has & MIEN_FACES_VALUES; i++) {
        names[n++] = values[i];
    }
    for (int i = 0; i < 4 && has & MIEN_FACES_BOXES; i++) {
        names[n++] = boxes[i];
    }
    for (int i = 0; i < 3 && has & MIEN_FACES_PEOPLE; i++) {
        names[n++] = people[i];
    }
    return n;
}

mien_status mien_face_set_init(
    mien_face_set *set, const char *directory, const char *output, unsigned has) {
    const char *names[MIEN_FACES_COLUMNS];
    *set = (mien_face_set){.has = has, .columns = name_columns(has, names)};
    mien_left_out_init(&set->missing);
    mien_status status = mien_relative_directory(output, directory, &set->prefix);
    return status == MIEN_OK ? mien_table_new(set->columns, names, &set->table)
                             : status;
}

void mien_face_set_clear(mien_face_set *set) {
    mien_table_free(&set->table);
    mien_free(set->prefix);
    mien_string_clear(&set->missing.names);
    *set = (mien_face_set){0};
}

static const char *number(double value, char text[32]) {
    return isfinite(value) ? mien_format_double(value, text) : NULL;
}

mien_status mien_face_set_add(mien_face_set *set, const mien_face_trial *trial) {
    const mien_face_trial *t = trial;
    const char *cells[MIEN_FACES_COLUMNS];
    char text[6][32];
    int n = 0;
    char *image = mien_path_join(set->prefix, t->image);
    if (!image) {
        return MIEN_ENOMEM;
    }
    cells[n++] = t->trial;
    cells[n++] = t->person;
    cells[n++] = t->trial;
    cells[n++] = t->group;
    cells[n++] = image;
    cells[n++] = t->split;
    cells[n++] = t->emotion;
    if (set->has & MIEN_FACES_VALUES) {
        cells[n++] = number(t->valence, text[0]);
        cells[n++] = number(t->arousal, text[1]);
    }
    for (int i = 0; i < 4 && set->has & MIEN_FACES_BOXES; i++) {
        cells[n++] = number(t->box[i], text[2 + i]);
    }
    if (set->has & MIEN_FACES_PEOPLE) {
        cells[n++] = t->gender;
        cells[n++] = t->race;
        cells[n++] = t->age;
    }
    mien_status status = mien_table_add_row(set->table, cells);
    mien_free(image);
    return status;
}

mien_status mien_face_set_add_present(
    mien_face_set *set, const char *directory, const mien_face_trial *trial) {
    char *path = mien_path_join(directory, trial->image);
    if (!path) {
        return MIEN_ENOMEM;
    }
    bool present = mien_file_exists(path);
    mien_free(path);
    if (!present) {
        mien_left_out_add(&set->missing, trial->image);
        return MIEN_OK;
    }
    return mien_face_set_add(set, trial);
}

static mien_status add_targets(
    const mien_face_set *set, const mien_face_about *about, mien_value *sidecar) {
    mien_trials_target emotion = {.name = "emotion",
        .perspective = "normative",
        .kind = MIEN_TARGET_CLASS,
        .classes = about->classes_count,
        .class_name = about->classes};
    snprintf(emotion.construct, sizeof emotion.construct, "%s",
        about->construct ? about->construct : "depicted");
    mien_status status = mien_sidecar_add_target(sidecar, &emotion);
    static const char *const names[] = {"valence", "arousal"};
    for (int i = 0; status == MIEN_OK && i < 2 && set->has & MIEN_FACES_VALUES; i++) {
        mien_trials_target value = {.minimum = -1,
            .maximum = 1,
            .unit = "-1 to 1",
            .construct = "depicted",
            .perspective = "normative"};
        snprintf(value.name, sizeof value.name, "%s", names[i]);
        status = mien_sidecar_add_target(sidecar, &value);
    }
    if (status == MIEN_OK && set->has & MIEN_FACES_BOXES) {
        status = mien_sidecar_add_column(sidecar, "x",
            "x, y, w, h: the face's box in pixels of the picture, as published; it may "
            "leave the picture");
    }
    return status;
}

static mien_status finish(mien_face_set *set, const mien_face_about *about,
    const char *directory, mien_table **table, mien_value **sidecar) {
    int64_t missing = set->missing.count;
    mien_left_out_report(
        &set->missing, about->name, "pictures of the labels are not here and left out");
    if (mien_table_rows(set->table) == 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: no picture with a label was found in the layout of %s (%lld labels "
            "name pictures that are not here)",
            directory, about->name, (long long)missing);
    }
    mien_value *made =
        mien_sidecar_new(about->name, about->source, about->citation, about->licence);
    mien_status status = made ? add_targets(set, about, made) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *table = set->table;
    *sidecar = made;
    set->table = NULL;
    return MIEN_OK;
}

mien_status mien_face_set_end(mien_face_set *set, mien_status status,
    const mien_face_about *about, const char *directory, mien_table **table,
    mien_value **sidecar) {
    if (status == MIEN_OK) {
        status = finish(set, about, directory, table, sidecar);
    }
    mien_face_set_clear(set);
    return status;
}
