/* SPDX-License-Identifier: MIT */
/* A film's faces as tiers of a timeline. In come rows of faces; out go files in the
 * formats of predict/timelines.def, to which each face is a target whose classes are
 * the model's and "-", where it is not to be seen. */
#include "cli/face_timelines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

void cli_face_timelines_clear(cli_face_timelines *timelines) {
    for (int64_t i = 0; i < timelines->count; i++) {
        mien_free(timelines->films[i].input);
        mien_free(timelines->films[i].moments);
    }
    mien_free(timelines->films);
    timelines->films = NULL;
    timelines->count = timelines->room = 0;
}

static mien_status begin_film(cli_face_timelines *t, const char *input) {
    if (t->count == t->room) {
        int64_t room = t->room ? 2 * t->room : 4;
        cli_face_film *films =
            mien_realloc(t->films, (size_t)t->room, (size_t)room, sizeof *films);
        if (!films) {
            return MIEN_ENOMEM;
        }
        t->films = films;
        t->room = room;
    }
    cli_face_film film = {.input = mien_strdup(input)};
    if (!film.input) {
        return MIEN_ENOMEM;
    }
    t->films[t->count++] = film;
    return MIEN_OK;
}

static mien_status begin_moment(cli_face_film *f, const mien_prediction *p) {
    if (f->count == f->room) {
        int64_t room = f->room ? 2 * f->room : 64;
        cli_face_moment *moments =
            mien_realloc(f->moments, (size_t)f->room, (size_t)room, sizeof *moments);
        if (!moments) {
            return MIEN_ENOMEM;
        }
        f->moments = moments;
        f->room = room;
    }
    cli_face_moment m = {.start_s = p->start_s, .end_s = p->end_s};
    for (int i = 0; i < CLI_FACE_TIERS; i++) {
        m.choice[i] = -1;
    }
    f->moments[f->count++] = m;
    return MIEN_OK;
}

/* The target with classes; -1: none. */
static int class_target(const cli_face_timelines *t) {
    for (int k = 0; k < t->targets_count; k++) {
        if (t->targets[k].link != MIEN_LINK_VALUE) {
            return k;
        }
    }
    return -1;
}

mien_status cli_face_timelines_add(
    cli_face_timelines *timelines, const mien_face_row *row) {
    cli_face_timelines *t = timelines;
    const mien_prediction *p = &row->prediction;
    if (isnan(p->start_s)) {
        return MIEN_OK;
    }
    cli_face_film *f = t->count ? &t->films[t->count - 1] : NULL;
    double last_s = f && f->count ? f->moments[f->count - 1].start_s : -INFINITY;
    mien_status status = MIEN_OK;
    if (!f || strcmp(f->input, p->input) != 0 || p->start_s < last_s) {
        status = begin_film(t, p->input);
        f = status == MIEN_OK ? &t->films[t->count - 1] : NULL;
        last_s = -INFINITY;
    }
    if (status == MIEN_OK && p->start_s > last_s) {
        status = begin_moment(f, p);
    }
    int target = class_target(t);
    if (status == MIEN_OK && row->number > 0 && row->number <= CLI_FACE_TIERS &&
        target >= 0) {
        f->moments[f->count - 1].choice[row->number - 1] = p->choice[target];
        f->faces = row->number > f->faces ? row->number : f->faces;
    }
    return status;
}

/* ---- writing ----------------------------------------------------------------------
 */

/* Tiers of a film: one a face; one of its own where none was seen. */
static int tiers_of(const cli_face_film *f) {
    return f->faces > 0 ? f->faces : 1;
}

/* The moments of one film as the formats take them. */
static mien_status make_moments(
    const cli_face_film *f, int classes, mien_prediction **made) {
    mien_prediction *m = mien_alloc((size_t)f->count + 1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < f->count; i++) {
        m[i] = (mien_prediction){.start_s = f->moments[i].start_s,
            .end_s = f->moments[i].end_s,
            .targets_count = tiers_of(f)};
        for (int k = 0; k < tiers_of(f); k++) {
            int choice = f->moments[i].choice[k];
            m[i].choice[k] = choice >= 0 ? choice : classes;
        }
    }
    *made = m;
    return MIEN_OK;
}

static mien_status write_film(const cli_face_timelines *t, const cli_face_film *f,
    const mien_timeline_format *format, const char *path) {
    const mien_target *model = &t->targets[class_target(t)];
    const char *classes[MIEN_CLASSES_MAX + 1];
    mien_target *tiers = mien_alloc(CLI_FACE_TIERS, sizeof *tiers);
    mien_prediction *moments = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_status status =
        tiers ? make_moments(f, model->classes_count, &moments) : MIEN_ENOMEM;
    for (int c = 0; c < model->classes_count; c++) {
        classes[c] = model->classes[c];
    }
    classes[model->classes_count] = "-";
    for (int k = 0; status == MIEN_OK && k < tiers_of(f); k++) {
        tiers[k] = *model;
        tiers[k].classes = classes;
        tiers[k].classes_count = model->classes_count + 1;
        snprintf(tiers[k].name, sizeof tiers[k].name,
            f->faces > 0 ? "face %d" : "no face", k + 1);
    }
    if (status == MIEN_OK) {
        status = format->write(&text, mien_path_base(f->input),
            f->moments[f->count - 1].end_s, moments, f->count, tiers);
    }
    if (status == MIEN_OK) {
        status = cli_write(path, &text);
    }
    mien_string_clear(&text);
    mien_free(moments);
    mien_free(tiers);
    return status;
}

/* OUTPUT/NAME.eaf */
static mien_status write_beside(const cli_face_timelines *t, int64_t index,
    const mien_timeline_format *format, const char *folder) {
    const char *name = mien_path_base(t->films[index].input);
    size_t ending = strlen(mien_path_extension(name));
    mien_string path;
    mien_string_init(&path);
    mien_string_addf(&path, "%s/%.*s", folder,
        (int)(strlen(name) - (ending ? ending + 1 : 0)), name);
    if (index > 0) {
        mien_string_addf(&path, "-%lld", (long long)index + 1);
    }
    mien_string_addf(&path, ".%s", format->extension);
    mien_status status = mien_string_status(&path);
    if (status == MIEN_OK) {
        status = write_film(t, &t->films[index], format, path.text);
    }
    mien_string_clear(&path);
    return status;
}

mien_status cli_face_timelines_write(const cli_face_timelines *timelines,
    const mien_timeline_format *format, const char *output) {
    const cli_face_timelines *t = timelines;
    if (class_target(t) < 0) {
        return mien_fail(MIEN_EINVAL,
            "%s of faces shows classes; this model has none: use csv", format->name);
    }
    if (t->count == 0) {
        return mien_fail(MIEN_EINVAL,
            "pictures have no time: %s is for films (use csv, tsv or jsonl)",
            format->name);
    }
    bool folder = t->count > 1 || (output && mien_file_is_directory(output));
    if (folder && !output) {
        return mien_fail(MIEN_EINVAL,
            "%s of %lld films: name a folder with -o to write one file a film",
            format->name, (long long)t->count);
    }
    mien_status status = folder ? mien_directory_make(output) : MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < t->count; i++) {
        status = folder ? write_beside(t, i, format, output)
                        : write_film(t, &t->films[i], format, output);
    }
    return status;
}
