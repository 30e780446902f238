/* SPDX-License-Identifier: MIT */
/* Faces in the layout of AffectNet (system S4), in either release, with planted
 * expressions, valence and arousal.
 *
 * Comes in: how many faces, how far they scatter, how often labels are wrong. Goes out:
 * the very folders and files of the release, trials.tsv as `import affectnet` makes it,
 * truth.csv, ideal.csv. Training faces have AffectNet's shares of expressions,
 * validation faces all alike. The whole release also has rows without an expression
 * (codes 8 to 10), whose valence and arousal are -2. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/synths/affectnet_synth.h"
#include "data/importers/importer.h"
#include "data/synths/planted_picture.h"
#include "data/synths/synth.h"

enum { K = MIEN_PLANTED_EXPRESSIONS, NAME = 160, POINTS = 68, NONE_EVERY = 25 };
enum { OF_FACES = 61, OF_LABELS };

static const mien_option options[] = {
    {.name = "layout",
        .type = MIEN_OPTION_CHOICE,
        .initial = "npy",
        .choices = (const char *const[]){"npy", "csv", NULL},
        .help = "npy: train_set and val_set with a .npy for each value; csv: the whole "
                "release's tables"},
    {.name = "train",
        .type = MIEN_OPTION_INT,
        .initial = "1600",
        .minimum = 40,
        .maximum = 300000,
        .help = "Training faces, with AffectNet's shares of expressions"},
    {.name = "validation",
        .type = MIEN_OPTION_INT,
        .initial = "400",
        .minimum = 16,
        .maximum = 100000,
        .help = "Validation faces, all expressions alike"},
    {.name = "size",
        .type = MIEN_OPTION_INT,
        .initial = "224",
        .minimum = 32,
        .maximum = 1024,
        .help = "Pixels of a side"},
    {.name = "wrong",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0,
        .maximum = 0.8,
        .help = "Share of expressions that are labelled as another"},
    {.name = "spread",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.12",
        .minimum = 0.02,
        .maximum = 0.5,
        .help = "SD of drawn valence and arousal within an expression"},
    {.name = "noise",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.12",
        .minimum = 0,
        .maximum = 1,
        .help = "SD of ratings about what is drawn"},
    {0},
};

/* Published training faces of each expression. */
static const double published[K] = {
    74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750};
enum { LEAST = 2 }; /* of each expression */

typedef struct work {
    const char *directory;
    mien_face_plan plan;
    int count[2], size; /* training, validation */
    uint32_t seed;
    bool csv;
    mien_table *truth;
    mien_string table; /* training.csv or validation.csv */
} work;

static mien_face_plan plan_of(const mien_options *own) {
    return (mien_face_plan){.spread = mien_options_number(own, "spread"),
        .noise = mien_options_number(own, "noise"),
        .wrong = mien_options_number(own, "wrong")};
}

/* ---- draws ---------------------------------------------------------------------- */

typedef struct drawn {
    mien_face_drawing face;
    int label; /* 8 to 10: none */
    double valence, arousal;
} drawn;

/* The expression of face i: by share in training, one after the other in validation. */
static int expression_of(int part, int i) {
    double at = 0, sum = 0;
    if (part == 1) {
        return i % K;
    }
    if (i < K * LEAST) {
        return i % K;
    }
    for (int k = 0; k < K; k++) {
        sum += published[k];
    }
    /* a low-discrepancy walk over the shares: any beginning has about the right ones */
    double place = fmod(i * 0.6180339887498949, 1);
    for (int k = 0; k < K; k++) {
        at += published[k] / sum;
        if (place < at) {
            return k;
        }
    }
    return K - 1;
}

static double clamp(double v) {
    return fmax(-1, fmin(1, v));
}

static drawn draw(const work *w, int part, int i) {
    mien_stream s;
    drawn d = {.face = {.size = w->size, .expression = expression_of(part, i)}};
    mien_face_drawing *f = &d.face;
    const double *usual = mien_planted_expression[f->expression];
    mien_stream_init(&s, w->seed, OF_FACES + (uint64_t)part * 100, (uint64_t)i);
    f->valence = usual[0] + w->plan.spread * mien_synth_normal(&s);
    f->arousal = usual[1] + w->plan.spread * mien_synth_normal(&s);
    f->middle[0] = 0.5 + 0.06 * (mien_stream_uniform(&s) - 0.5);
    f->middle[1] = 0.5 + 0.06 * (mien_stream_uniform(&s) - 0.5);
    f->scale = 0.4 + 0.06 * mien_stream_uniform(&s);
    double tone = 120 + 110 * mien_stream_uniform(&s);
    for (int c = 0; c < 3; c++) {
        f->skin[c] = tone * (1 - 0.12 * c);
        f->ground[c] = 40 + 170 * mien_stream_uniform(&s);
    }
    mien_stream_init(&s, w->seed, OF_LABELS + (uint64_t)part * 100, (uint64_t)i);
    d.valence = clamp(f->valence + w->plan.noise * mien_synth_normal(&s));
    d.arousal = clamp(f->arousal + w->plan.noise * mien_synth_normal(&s));
    bool wrong = mien_stream_uniform(&s) < w->plan.wrong;
    int other = 1 + (int)(mien_stream_uniform(&s) * (K - 1));
    d.label = wrong ? (f->expression + other) % K : f->expression;
    if (part == 0 && i < K * LEAST) {
        d.label = f->expression; /* every class has rows */
    }
    if (w->csv && i >= K * LEAST && i % NONE_EVERY == 0) {
        d.label = 8 + i / NONE_EVERY % 3;
        d.valence = d.arousal = -2;
    }
    return d;
}

/* Points round the head, roughly where landmarks are; [i][2] in pixels. */
static void landmarks(const mien_face_drawing *f, double point[POINTS][2]) {
    for (int i = 0; i < POINTS; i++) {
        double turn = 3.14159265358979 * i / (POINTS - 1), r = i < 17 ? 1 : 0.5;
        point[i][0] = f->size * (f->middle[0] - 0.85 * r * f->scale * cos(turn));
        point[i][1] = f->size * (f->middle[1] + r * f->scale * sin(turn));
    }
}

/* ---- files ---------------------------------------------------------------------- */

static mien_status write_bytes(
    const work *w, const char *name, const void *bytes, size_t count) {
    char *path = mien_path_join(w->directory, name);
    mien_status status = path ? mien_file_write(path, bytes, count) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* A .npy of version 1: the head ends in a line break at a multiple of 64. */
static mien_status write_npy(const work *w, const char *name, const char *descr,
    const char *shape, const void *values, size_t bytes) {
    unsigned char file[2048] = "\x93NUMPY\x01";
    char head[120];
    int length = snprintf(head, sizeof head,
        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape);
    size_t whole = (10 + (size_t)length + 1 + 63) / 64 * 64;
    memset(file + 10, ' ', whole - 10);
    memcpy(file + 10, head, (size_t)length);
    file[8] = (unsigned char)((whole - 10) & 255);
    file[9] = (unsigned char)((whole - 10) >> 8);
    file[whole - 1] = '\n';
    memcpy(file + whole, values, bytes);
    return write_bytes(w, name, file, whole + bytes);
}

/* An array without dimensions of text: four bytes a character. */
static mien_status write_text_npy(const work *w, const char *name, const char *text) {
    uint32_t wide[16];
    char descr[8];
    size_t n = strlen(text);
    for (size_t i = 0; i < n && i < 16; i++) {
        wide[i] = (uint32_t)text[i];
    }
    snprintf(descr, sizeof descr, "<U%zu", n);
    return write_npy(w, name, descr, "()", wide, 4 * n);
}

static mien_status write_picture(const work *w, const drawn *d, const char *name) {
    mien_tensor *image = NULL;
    char *path = mien_path_join(w->directory, name);
    mien_status status = path ? mien_face_draw(&d->face, &image) : MIEN_ENOMEM;
    status = status ? status : mien_painting_write(image, path);
    mien_tensor_free(&image);
    mien_free(path);
    return status;
}

static mien_status write_values(
    const work *w, const drawn *d, const char *folder, int id) {
    static const char *const what[] = {"exp", "val", "aro"};
    char name[NAME], text[3][16];
    double point[POINTS][2];
    snprintf(text[0], sizeof text[0], "%d", d->label);
    snprintf(text[1], sizeof text[1], "%.6f", d->valence);
    snprintf(text[2], sizeof text[2], "%.6f", d->arousal);
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < 3; k++) {
        snprintf(name, sizeof name, "%s/annotations/%d_%s.npy", folder, id, what[k]);
        status = write_text_npy(w, name, text[k]);
    }
    landmarks(&d->face, point);
    snprintf(name, sizeof name, "%s/annotations/%d_lnd.npy", folder, id);
    return status ? status : write_npy(w, name, "<f8", "(136,)", point, sizeof point);
}

static const char *const folders[2] = {"train_set", "val_set"};
#define IMAGES "Manually_Annotated/Manually_Annotated_Images"

/* Row of the whole release: the face's box is the head's. */
static mien_status add_csv_row(work *w, const drawn *d, const char *file) {
    const mien_face_drawing *f = &d->face;
    double point[POINTS][2], side = 2 * f->scale * f->size;
    landmarks(f, point);
    mien_string_addf(&w->table, "%s,%d,%d,%d,%d,", file,
        (int)(f->size * f->middle[0] - side / 2),
        (int)(f->size * f->middle[1] - side / 2), (int)side, (int)side);
    for (int i = 0; i < POINTS; i++) {
        mien_string_addf(
            &w->table, "%s%.2f;%.2f", i ? ";" : "", point[i][0], point[i][1]);
    }
    return mien_string_addf(
        &w->table, ",%d,%.6f,%.6f\n", d->label, d->valence, d->arousal);
}

static mien_status keep_truth(const work *w, const drawn *d, const char *name) {
    char number[4][32];
    const double values[] = {
        d->face.expression, d->face.valence, d->face.arousal, d->label};
    const char *cells[5] = {name};
    for (int i = 0; i < 4; i++) {
        cells[1 + i] = mien_format_double(values[i], number[i]);
    }
    return mien_table_add_row(w->truth, cells);
}

/* Ids are sparse; names of the whole release say nothing. */
static mien_status write_face(work *w, int part, int i) {
    char name[NAME], file[NAME];
    drawn d = draw(w, part, i);
    int id = i + i / 2;
    if (w->csv) {
        snprintf(file, sizeof file, "%d/%08x%08x.jpg", part * 50 + i % 50,
            (unsigned)(w->seed * 2654435761u + (unsigned)i * 40503u),
            (unsigned)(part * 1000000 + i));
        snprintf(name, sizeof name, IMAGES "/%s", file);
    } else {
        snprintf(name, sizeof name, "%s/images/%d.jpg", folders[part], id);
    }
    mien_status status = write_picture(w, &d, name);
    if (status == MIEN_OK) {
        status =
            w->csv ? add_csv_row(w, &d, file) : write_values(w, &d, folders[part], id);
    }
    return status ? status : keep_truth(w, &d, name);
}

static mien_status make_folder(const work *w, const char *name) {
    char *path = mien_path_join(w->directory, name);
    mien_status status = path ? mien_directory_make(path) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

static mien_status make_folders(const work *w) {
    char name[NAME];
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && w->csv && i < 100; i++) {
        snprintf(name, sizeof name, IMAGES "/%d", i);
        bool used = i % 50 < w->count[i / 50];
        status = used ? make_folder(w, name) : MIEN_OK;
    }
    for (int i = 0; status == MIEN_OK && !w->csv && i < 4; i++) {
        snprintf(name, sizeof name, "%s/%s", folders[i / 2],
            i % 2 ? "annotations" : "images");
        status = make_folder(w, name);
    }
    return status;
}

static mien_status write_table(work *w, int part) {
    static const char *const names[] = {"training.csv", "validation.csv"};
    mien_status status = mien_string_status(&w->table);
    return status ? status
                  : write_bytes(w, names[part], w->table.text, w->table.length);
}

static mien_status write_part(
    work *w, int part, void (*progress)(void *, int64_t, int64_t), void *context) {
    int all = w->count[0] + w->count[1];
    mien_status status = MIEN_OK;
    mien_string_init(&w->table);
    mien_string_add(&w->table,
        "subDirectory_filePath,face_x,face_y,face_width,"
        "face_height,facial_landmarks,expression,valence,arousal\n");
    for (int i = 0; status == MIEN_OK && i < w->count[part]; i++) {
        if (progress && i % 50 == 0) {
            progress(context, part * w->count[0] + i, all);
        }
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : write_face(w, part, i);
    }
    status = status || !w->csv ? status : write_table(w, part);
    mien_string_clear(&w->table);
    return status;
}

/* ---- ideal ---------------------------------------------------------------------- */

enum { FIGURES = 4 };

static void figures_of(const mien_face_plan *p, mien_synth_figure out[FIGURES]) {
    const mien_synth_figure all[FIGURES] = {
        {"expression from the face, accuracy", mien_face_accuracy(p)},
        {"expression from drawn valence and arousal alone",
            mien_face_accuracy_by_values(p)},
        {"valence r", mien_face_r(p, 0)}, {"arousal r", mien_face_r(p, 1)}};
    memcpy(out, all, sizeof all);
}

static mien_status tell(const mien_synth_options *o, mien_string *text) {
    mien_synth_figure f[FIGURES];
    mien_face_plan plan = plan_of(o->own);
    figures_of(&plan, f);
    mien_string_add(text,
        "What one who sees all that is drawn reaches on the validation faces:\n\n");
    return mien_synth_tell(FIGURES, f, 50, text);
}

static mien_status write_ideal(const work *w) {
    mien_synth_figure f[FIGURES];
    figures_of(&w->plan, f);
    return mien_synth_ideal(w->directory, FIGURES, f);
}

/* ---- the whole ------------------------------------------------------------------ */

static mien_status write(const mien_synth_options *o, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    static const char *const truths[] = {
        "file", "expression", "valence_drawn", "arousal_drawn", "label"};
    work w = {.directory = directory,
        .plan = plan_of(o->own),
        .count = {(int)mien_options_int(o->own, "train"),
            (int)mien_options_int(o->own, "validation")},
        .size = (int)mien_options_int(o->own, "size"),
        .seed = o->seed,
        .csv = strcmp(mien_options_text(o->own, "layout"), "csv") == 0};
    char *path = mien_path_join(directory, "truth.csv");
    mien_status status = path ? mien_table_new(5, truths, &w.truth) : MIEN_ENOMEM;
    status = status ? status : make_folders(&w);
    for (int part = 0; status == MIEN_OK && part < 2; part++) {
        status = write_part(&w, part, progress, context);
    }
    status = status ? status : mien_table_write(w.truth, path, MIEN_CSV);
    status = status ? status : write_ideal(&w);
    status = status ? status
                    : mien_synth_trials(directory, &mien_importer_affectnet,
                          "synthetic affectnet",
                          "the mouth's bend tells valence, the eyes' height arousal, "
                          "brows and mouth the expression");
    mien_table_free(&w.truth);
    mien_free(path);
    return status;
}

const mien_synth mien_synth_affectnet = {.name = "affectnet",
    .summary = "schematic faces with eight expressions, valence and arousal, as "
               "AffectNet's in either release",
    .options = options,
    .write = write,
    .tell = tell};
