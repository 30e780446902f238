/* SPDX-License-Identifier: MIT */
/* Finds the feature files of a film. */
#include "data/importers/film.h"
#include "data/trials.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const mien_film_kind mien_film_kinds[MIEN_FILM_KINDS] = {
    {"resnet50", NULL, 2048, "ResNet-50 without its last layer, mean over frames"},
    {"flownet", NULL, 1024, "contracting part of FlowNetS, mean over pairs of frames"},
    {"i3d", NULL, 1024, "I3D of the frames up to Mixed_5c, averaged"},
    {"vggish", NULL, 128, "VGGish of the sound, mean over blocks of 0.96 s"},
    {"emobase2010", "emobase", 1582,
        "openSMILE emobase2010 of the sound, mean over windows"},
};

/* Adds the place if the array is there; its rows are those of the others. */
static mien_status take_array(const char *directory, const char *film, int kind,
    const char *place, mien_film_features *f) {
    mien_array *array = NULL;
    char *path = mien_path_join(directory, place);
    mien_status status = path ? mien_array_open(path, &array) : MIEN_ENOMEM;
    int64_t rows = status == MIEN_OK ? mien_array_shape(array)[0] : 0;
    if (status == MIEN_OK && rows == 0) {
        status = mien_fail(MIEN_ESHAPE, "%s: no rows", path);
    }
    for (int k = 0; status == MIEN_OK && k < kind && f->rows != rows; k++) {
        if (f->place[k]) {
            status = mien_fail(MIEN_ESHAPE,
                "film %s: %s has %" PRId64 " rows where %s has %" PRId64, film, path,
                rows, f->place[k], f->rows);
        }
    }
    if (status == MIEN_OK) {
        f->place[kind] = mien_strdup(place);
        f->width[kind] = mien_array_width(array);
        f->rows = rows;
        status = f->place[kind] ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_array_close(&array);
    mien_free(path);
    return status;
}

/* A data set of the film's own file, if it has one of this name. */
static mien_status take_set(const char *directory, const char *film, int kind,
    const mien_hdf5 *file, mien_film_features *f) {
    const char *names[] = {mien_film_kinds[kind].name, mien_film_kinds[kind].other};
    mien_status status = MIEN_OK;
    for (int i = 0; i < 2 && names[i] && !f->place[kind] && status == MIEN_OK; i++) {
        int64_t index;
        status = mien_hdf5_find(file, names[i], &index);
        if (status == MIEN_ENOTFOUND) {
            status = MIEN_OK;
            continue;
        }
        mien_string place;
        mien_string_init(&place);
        status = status ? status : mien_string_addf(&place, "%s.h5#%s", film, names[i]);
        status = status ? status : take_array(directory, film, kind, place.text, f);
        mien_string_clear(&place);
    }
    return status;
}

static mien_status look_in_file(
    const char *directory, const char *film, mien_film_features *f) {
    mien_hdf5 *file = NULL;
    mien_string path;
    mien_string_init(&path);
    mien_status status = mien_string_addf(&path, "%s/%s.h5", directory, film);
    if (status == MIEN_OK && mien_file_exists(path.text)) {
        status = mien_hdf5_open(path.text, &file);
        for (int k = 0; status == MIEN_OK && k < MIEN_FILM_KINDS; k++) {
            status = take_set(directory, film, k, file, f);
        }
        mien_hdf5_close(&file);
    }
    mien_string_clear(&path);
    return status;
}

/* A file of its own for a kind. */
static mien_status look_for_file(const char *directory, const char *film, int kind,
    const char *name, mien_film_features *f) {
    static const char *const extensions[] = {"h5", "npy"};
    mien_status status = MIEN_OK;
    for (int i = 0; i < 4 && !f->place[kind] && status == MIEN_OK; i++) {
        mien_string place;
        mien_string_init(&place);
        status = mien_string_addf(&place, "%s%s%s.%s", i < 2 ? film : name,
            i < 2 ? "_" : "/", i < 2 ? name : film, extensions[i % 2]);
        char *path = status ? NULL : mien_path_join(directory, place.text);
        status = status || path ? status : MIEN_ENOMEM;
        if (status == MIEN_OK && mien_file_exists(path)) {
            status = take_array(directory, film, kind, place.text, f);
        }
        mien_free(path);
        mien_string_clear(&place);
    }
    return status;
}

mien_status mien_film_find(
    const char *directory, const char *film, mien_film_features *f) {
    mien_status status = look_in_file(directory, film, f);
    for (int k = 0; status == MIEN_OK && k < MIEN_FILM_KINDS; k++) {
        const mien_film_kind *kind = &mien_film_kinds[k];
        status = look_for_file(directory, film, k, kind->name, f);
        if (status == MIEN_OK && kind->other) {
            status = look_for_file(directory, film, k, kind->other, f);
        }
    }
    return status;
}

mien_status mien_film_media(const char *directory, const char *film, char **place) {
    static const char *const folders[] = {
        "", "films/", "movies/", "continuous-movies/", "videos/", "video/", "data/"};
    static const char *const extensions[] = {
        "mp4", "mkv", "avi", "mov", "webm", "m4v", "mpg"};
    enum { FOLDERS = sizeof folders / sizeof folders[0] };
    enum { ALL = FOLDERS * (sizeof extensions / sizeof extensions[0]) };
    mien_status status = MIEN_OK;
    *place = NULL;
    for (int i = 0; status == MIEN_OK && !*place && i < (int)ALL; i++) {
        mien_string below;
        mien_string_init(&below);
        status = mien_string_addf(
            &below, "%s%s.%s", folders[i % FOLDERS], film, extensions[i / FOLDERS]);
        char *path = status ? NULL : mien_path_join(directory, below.text);
        status = status || path ? status : MIEN_ENOMEM;
        if (status == MIEN_OK && mien_file_exists(path)) {
            *place = mien_string_take(&below);
            status = *place ? MIEN_OK : MIEN_ENOMEM;
        }
        mien_free(path);
        mien_string_clear(&below);
    }
    return status;
}

void mien_film_features_clear(mien_film_features *f) {
    for (int k = 0; k < MIEN_FILM_KINDS; k++) {
        mien_free(f->place[k]);
    }
    *f = (mien_film_features){0};
}

char *mien_film_cell(const char *prefix, const char *place, int64_t row) {
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s%s%s%c%" PRId64, prefix, *prefix ? "/" : "", place,
        strchr(place, '#') ? ':' : '#', row);
    return mien_string_take(&text);
}

/* ---- the sidecar ------------------------------------------------------------- */

static mien_status add_features(
    mien_value *sidecar, const int64_t width[MIEN_FILM_KINDS]) {
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < MIEN_FILM_KINDS; k++) {
        if (width[k] > 0) {
            status = mien_sidecar_add_feature(
                sidecar, mien_film_kinds[k].name, width[k], mien_film_kinds[k].words);
        }
    }
    return status;
}

static bool any_width(const int64_t width[MIEN_FILM_KINDS]) {
    bool any = false;
    for (int k = 0; k < MIEN_FILM_KINDS; k++) {
        any = any || width[k] > 0;
    }
    return any;
}

mien_status mien_film_sidecar(const char *name, const char *source,
    const char *citation, const char *licence, const int64_t width[MIEN_FILM_KINDS],
    mien_value **sidecar) {
    static const char *const targets[] = {"valence", "arousal"};
    mien_value *made = mien_sidecar_new(name, source, citation, licence);
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; i < 2 && status == MIEN_OK; i++) {
        mien_trials_target target = {.minimum = -1,
            .maximum = 1,
            .unit = "-1 to 1, mean over the segment",
            .construct = "evoked",
            .perspective = "normative"};
        snprintf(target.name, sizeof target.name, "%s", targets[i]);
        status = mien_sidecar_add_target(made, &target);
    }
    status = status ? status : mien_sidecar_add_column(made, "group", "the film");
    status = status ? status
                    : mien_sidecar_add_column(
                          made, "start_s", "where the segment begins; end_s: ends");
    if (status == MIEN_OK && !any_width(width)) {
        status =
            mien_sidecar_add_column(made, "film", "the film that the segment is of");
    }
    status = status ? status : add_features(made, width);
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}
