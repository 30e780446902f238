/* SPDX-License-Identifier: MIT */
/* mien extract --faces. In come pictures and films; out go a folder of crops and
 * faces.tsv, a row a face: which crop it is, where it was, how sure the finder is. The
 * table is a trial table but for the labels, which whoever has them joins to it. */
#include "cli/extract_faces.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/faces_options.h"
#include "cli/output.h"
#include "predict/input_files.h"

enum { FIXED = 11, COLUMNS = FIXED + 10, CELL = 64, SIDE = 112, NAME = 64 };

static const char *const columns[COLUMNS] = {"trial", "stimulus", "image", "source",
    "start_s", "face", "box_x", "box_y", "box_w", "box_h", "score"};

typedef struct job {
    cli *c;
    const mien_options *options;
    const char *folder;
    mien_finder *finder;
    mien_face_frame frame;
    mien_faces_rule rule;
    mien_input_files inputs;
    mien_table *table;
    float *crop;
    mien_tensor *bytes; /* the crop as a picture */
    int64_t input;      /* index of the one at work */
    int64_t done;
} job;

/* Letters and digits of a file's name without ending. */
static void plain_name(const char *path, char name[NAME]) {
    const char *base = mien_path_base(path);
    size_t n = 0, length = strlen(base), ending = strlen(mien_path_extension(base));
    length -= ending ? ending + 1 : 0;
    for (size_t i = 0; i < length && n + 1 < NAME; i++) {
        bool plain = isalnum((unsigned char)base[i]) || strchr("_-", base[i]);
        name[n++] = plain ? base[i] : '_';
    }
    name[n] = 0;
}

/* ---- one face ---------------------------------------------------------------------
 */

static mien_status add_row(job *j, const char *stem, const char *file, double start_s,
    int number, const mien_face *face) {
    char text[COLUMNS][CELL], trial[2 * NAME];
    const char *cells[COLUMNS];
    char name[NAME];
    int n = 0;
    plain_name(j->inputs.items[j->input].path, name);
    snprintf(trial, sizeof trial, "%s-face-%d", stem, number);
    cells[n++] = trial;
    cells[n++] = name;
    cells[n++] = file;
    cells[n++] = j->inputs.items[j->input].path;
    snprintf(text[n], CELL, "%.3f", start_s);
    cells[n] = isnan(start_s) ? NULL : text[n];
    n++;
    snprintf(text[n], CELL, "%d", number);
    cells[n] = text[n];
    n++;
    for (int i = 0; i < 4; i++, n++) {
        snprintf(text[n], CELL, "%.1f", face->box[i]);
        cells[n] = text[n];
    }
    snprintf(text[n], CELL, "%.3f", face->score);
    cells[n] = text[n];
    n++;
    for (int i = 0; i < 10; i++, n++) {
        snprintf(text[n], CELL, "%.1f", face->points[i]);
        cells[n] = text[n];
    }
    return mien_table_add_row(j->table, cells);
}

static mien_status write_crop(job *j, const char *file) {
    char *path = mien_path_join(j->folder, file);
    uint8_t *to = j->bytes->data;
    int64_t count = mien_tensor_count(j->bytes);
    for (int64_t i = 0; i < count; i++) {
        to[i] = (uint8_t)lrintf(j->crop[i]);
    }
    mien_status status = path ? mien_image_write_png(j->bytes, path) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

static mien_status take_face(job *j, const mien_tensor *image, const char *stem,
    double start_s, int number, const mien_face *face) {
    char file[3 * NAME];
    mien_status status =
        mien_face_cut(&j->frame, image, face->box, face->points, j->crop);
    if (status == MIEN_EFORMAT || status == MIEN_ELIMIT) {
        cli_problem(j->c, j->inputs.items[j->input].path, mien_error());
        return MIEN_OK;
    }
    snprintf(file, sizeof file, "%s-face-%d.png", stem, number);
    if (status == MIEN_OK) {
        status = write_crop(j, file);
    }
    if (status == MIEN_OK) {
        status = add_row(j, stem, file, start_s, number, face);
    }
    cli_progress(j->c, "faces", ++j->done, 0);
    return status;
}

/* ---- pictures and films ------------------------------------------------------------
 */

static int by_area(const void *a, const void *b) {
    const mien_face *x = a, *y = b;
    double p = x->box[2] * x->box[3], q = y->box[2] * y->box[3];
    return p != q ? (p < q ? 1 : -1)
                  : (x->box[0] > y->box[0]) - (x->box[0] < y->box[0]);
}

static mien_status take_image(job *j, const mien_tensor *image, double start_s) {
    const mien_face *found = NULL;
    int64_t count = 0;
    char name[NAME], stem[2 * NAME];
    mien_status status = mien_finder_find(j->finder, image, &found, &count);
    mien_face *faces =
        status == MIEN_OK ? mien_alloc((size_t)count + 1, sizeof *faces) : NULL;
    if (!faces) {
        return status == MIEN_OK ? MIEN_ENOMEM : status;
    }
    if (count > 0) {
        memcpy(faces, found, (size_t)count * sizeof *faces);
        qsort(faces, (size_t)count, sizeof *faces, by_area);
    }
    plain_name(j->inputs.items[j->input].path, name);
    int length =
        snprintf(stem, sizeof stem, "%05lld-%s", (long long)j->input + 1, name);
    if (!isnan(start_s)) {
        snprintf(stem + length, sizeof stem - (size_t)length, "-%010.3f", start_s);
    }
    count = j->rule == MIEN_FACES_EACH || count < 1 ? count : 1;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = take_face(j, image, stem, start_s, (int)i + 1, &faces[i]);
    }
    mien_free(faces);
    return status;
}

static mien_status take_film(job *j, const char *path) {
    mien_film *film = NULL;
    const mien_tensor *image = NULL;
    int64_t time_us = 0, sample_us = 0;
    mien_film_options options = mien_film_options_default();
    options.every_s = mien_options_given(j->options, "every")
                          ? mien_options_number(j->options, "every")
                          : 1;
    options.threads = j->c->threads;
    mien_status status = mien_film_open(path, &options, &film);
    while (status == MIEN_OK) {
        status = mien_film_next(film, &image, &time_us, &sample_us);
        if (status == MIEN_OK) {
            status = take_image(j, image, (double)sample_us * 1e-6);
        }
    }
    mien_film_close(&film);
    return status == MIEN_END ? MIEN_OK : status;
}

static mien_status take_input(job *j, const mien_input_file *input) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    mien_tensor *image = NULL;
    if (input->problem) {
        return mien_fail(input->status, "%s", input->problem);
    }
    mien_status status = mien_media_kind_of(input->path, &kind);
    if (status == MIEN_OK && kind == MIEN_MEDIA_FILM) {
        return take_film(j, input->path);
    }
    if (status == MIEN_OK) {
        status = mien_image_read(input->path, NULL, &image);
    }
    if (status == MIEN_OK) {
        status = take_image(j, image, (double)NAN);
    }
    mien_tensor_free(&image);
    return status;
}

static mien_status take_all(job *j) {
    mien_status status = MIEN_OK;
    for (; status == MIEN_OK && j->input < j->inputs.count; j->input++) {
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : take_input(j, &j->inputs.items[j->input]);
        bool general =
            status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED || status == MIEN_EIO;
        if (status != MIEN_OK && !general) {
            cli_problem(j->c, j->inputs.items[j->input].path, mien_error());
            status = MIEN_OK;
        }
    }
    return status;
}

/* ---- the whole ----------------------------------------------------------------------
 */

static mien_status read_frame(const cli *c, const mien_options *o, mien_face_frame *f) {
    static const char *const crops[] = {"square", "box", "aligned"};
    const char *size = mien_options_text(o, "size");
    *f = mien_face_frame_fer();
    f->height = f->width = SIDE;
    f->margin = mien_options_number(o, "faces.margin");
    if (f->margin != 0.969) {
        f->shift_x = f->shift_y = 0; /* the shift belongs to FER2013's frame */
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(crops[i], mien_options_text(o, "faces.crop")) == 0) {
            f->crop = (mien_face_crop)i;
        }
    }
    snprintf(f->reference, sizeof f->reference, "%s",
        mien_options_text(o, "faces.template"));
    if (size && sscanf(size, "%dx%d", &f->height, &f->width) == 1) {
        f->width = f->height;
    }
    (void)c;
    return mien_face_frame_check(f);
}

static mien_status open_all(job *j, int count, const char *const *positional) {
    const int64_t shape[3] = {j->frame.height, j->frame.width, 3};
    const mien_finder_options f = cli_finder_options(j->c, j->options);
    mien_status status = mien_input_files_expand(&j->inputs, positional, count);
    if (status == MIEN_OK) {
        status = mien_finder_open(&f, &j->finder);
    }
    if (status == MIEN_OK) {
        status = mien_tensor_new(MIEN_U8, 3, shape, &j->bytes);
    }
    if (status == MIEN_OK) {
        j->crop = mien_alloc((size_t)mien_tensor_count(j->bytes), sizeof *j->crop);
        status = j->crop ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        const char *names[COLUMNS];
        memcpy(names, columns, sizeof columns);
        memcpy(names + FIXED, cli_face_points, sizeof cli_face_points);
        status = mien_table_new(COLUMNS, names, &j->table);
    }
    return status == MIEN_OK ? mien_directory_make(j->folder) : status;
}

mien_status cli_extract_faces(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    job j = {.c = c,
        .options = o,
        .folder = mien_options_text(o, "output"),
        .rule = cli_faces_rule(o)};
    if (!j.folder) {
        return cli_usage(c, "-o FOLDER is missing: where crops and faces.tsv go");
    }
    if (j.rule == MIEN_FACES_POOL || j.rule == MIEN_FACES_WHOLE) {
        return cli_usage(
            c, "--faces pool is for predictions: crops cannot be averaged");
    }
    char *path = mien_path_join(j.folder, "faces.tsv");
    mien_status status = path ? read_frame(c, o, &j.frame) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = cli_keep_other_tables(o, path, "trial", "stimulus");
    }
    if (status == MIEN_OK) {
        cli_faces_notice(c);
        status = open_all(&j, count, positional);
    }
    if (status == MIEN_OK) {
        status = take_all(&j);
    }
    if (status == MIEN_OK) {
        status = mien_table_write(j.table, path, MIEN_TSV);
    }
    if (status == MIEN_OK) {
        cli_say(c, "%lld faces and %s are written", (long long)j.done, path);
    }
    mien_table_free(&j.table);
    mien_tensor_free(&j.bytes);
    mien_free(j.crop);
    mien_finder_close(&j.finder);
    mien_input_files_clear(&j.inputs);
    mien_free(path);
    return status;
}
