/* SPDX-License-Identifier: MIT */
/* A data set like EmoEye's in columns, names and folders, with planted causes of the
 * ratings.
 *
 * Comes in: how many people and pictures, how much of a rating each explains, how well
 * each sensor tells it. Goes out: epochs, pictures, trials.tsv, truth.csv with all that
 * was drawn, ideal.csv with what can be read out at best. The parts are in emoeye_*.c.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/importers/importer.h"
#include "data/synths/emoeye_synth.h"
#include "data/synths/synth.h"

enum { ROWS = MIEN_EPOCH_ROWS, SENSORS = MIEN_PLANTED_SENSORS };
#define REST_S 8.0 /* from the start of a reaction to that of the next */

typedef struct work {
    const mien_synth_options *o;
    const char *directory;
    mien_reactions r;
    mien_epoch *epochs; /* of the person at work */
} work;

static char *place(const work *w, const char *below) {
    return mien_path_join(w->directory, below);
}

/* ---- pictures and epochs --------------------------------------------------- */

static mien_status write_pictures(const work *w, const char *below) {
    char *folder = place(w, below);
    mien_status status = folder ? mien_directory_make(folder) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < w->r.o->stimuli; i++) {
        char name[16], file[32];
        mien_planted_stimulus(i, name);
        snprintf(file, sizeof file, "%s.jpg", name);
        char *path = mien_path_join(folder, file);
        status = path ? mien_planted_picture(&w->r, i, path) : MIEN_ENOMEM;
        mien_free(path);
    }
    mien_free(folder);
    return status;
}

static mien_status write_epoch(
    const mien_reaction *x, const mien_epoch *e, const char *folder) {
    char stimulus[16], file[64];
    mien_string text;
    mien_string_init(&text);
    mien_planted_stimulus(x->stimulus, stimulus);
    mien_string_add(&text,
        ",TIME(2023/01/31 12:00:00.000),FPOGX,FPOGY,FPOGID,FPOGV,LPMM,"
        "LPMMV,RPMM,RPMMV,GSR,GSRV,HR,HRV,Image,Arousal,Valence\n");
    for (int i = 0; i < ROWS; i++) {
        mien_string_addf(&text,
            "%d,%.5f,%.5f,%.5f,%.0f,%d,%.5f,%d,%.5f,%d,%.0f,%d,%.2f,%d,Images/"
            "%s.jpg,%d,"
            "%d\n",
            x->sequence * ROWS + i, e->time_s[i], e->x[i], e->y[i], e->fixation[i],
            e->gaze_valid[i], e->left_mm[i], e->left_valid[i], e->right_mm[i],
            e->right_valid[i], e->gsr_ohm[i], e->gsr_valid[i], e->heart_bpm[i],
            e->heart_valid[i], stimulus, x->rating[MIEN_AROUSAL],
            x->rating[MIEN_VALENCE]);
    }
    snprintf(file, sizeof file, "%d_%s_%d_%d.csv", x->sequence, stimulus,
        x->rating[MIEN_AROUSAL], x->rating[MIEN_VALENCE]);
    char *path = mien_path_join(folder, file);
    mien_status status = path ? mien_string_status(&text) : MIEN_ENOMEM;
    status = status ? status : mien_file_write(path, text.text, text.length);
    mien_free(path);
    mien_string_clear(&text);
    return status;
}

static mien_status write_person(work *w, int person) {
    char below[64];
    mien_body body;
    snprintf(below, sizeof below, "prep_data/epochs/%d", person);
    char *folder = place(w, below), *bids = place(w, "bids");
    mien_status status = folder && bids ? mien_directory_make(folder) : MIEN_ENOMEM;
    mien_body_draw(&w->r, person, &body);
    for (int i = 0; status == MIEN_OK && i < w->r.o->per_person; i++) {
        const mien_reaction *x = &w->r.item[person * w->r.o->per_person + i];
        mien_body_react(&w->r, x, &body, 2 + REST_S * i, &w->epochs[i]);
        status = write_epoch(x, &w->epochs[i], folder);
    }
    if (status == MIEN_OK && w->r.o->bids) {
        status = mien_planted_bids(&w->r, person, w->epochs, bids);
    }
    mien_free(bids);
    mien_free(folder);
    return status;
}

/* ---- truth and ideal ------------------------------------------------------- */

static mien_status write_truth(const work *w) {
    static const char *const names[] = {"trial", "person", "stimulus", "t_arousal",
        "t_valence", "a_arousal", "a_valence", "b_arousal", "b_valence", "e_arousal",
        "e_valence", "z_pupil", "z_gsr", "z_hr", "z_gaze", "lost"};
    mien_table *table = NULL;
    char *path = place(w, "truth.csv");
    mien_status status = path ? mien_table_new(16, names, &table) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < w->r.count; i++) {
        const mien_reaction *x = &w->r.item[i];
        char id[64], person[16], stimulus[16], number[12][32], lost[64] = "";
        mien_planted_stimulus(x->stimulus, stimulus);
        snprintf(id, sizeof id, "%d/%d_%s", x->person, x->sequence, stimulus);
        snprintf(person, sizeof person, "%d", x->person);
        const double values[] = {x->t[0], x->t[1], w->r.a[0][x->stimulus],
            w->r.a[1][x->stimulus], w->r.b[0][x->person], w->r.b[1][x->person], x->e[0],
            x->e[1], x->z[0], x->z[1], x->z[2], x->z[3]};
        const char *cells[16] = {id, person, stimulus};
        for (int k = 0; k < 12; k++) {
            cells[3 + k] = mien_format_double(values[k], number[k]);
        }
        for (int k = 0; k < SENSORS; k++) {
            if (w->r.lost[x->person * SENSORS + k]) {
                size_t at = strlen(lost);
                snprintf(lost + at, sizeof lost - at, "%s%s", at ? " " : "",
                    mien_planted_names[k]);
            }
        }
        cells[15] = *lost ? lost : NULL;
        status = mien_table_add_row(table, cells);
    }
    status = status ? status : mien_table_write(table, path, MIEN_CSV);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

/* The quantities of a reaction that are planted or can be known. */
static const struct {
    const char *name;
    unsigned sensors;
    bool picture;
} known[] = {{"all sensors", 15, false}, {"pupil", 1, false}, {"gsr", 2, false},
    {"hr", 4, false}, {"gaze", 8, false}, {"picture", 0, true},
    {"picture + all sensors", 15, true}};

typedef mien_status ideal_row(void *to, const char *target, const char *what,
    bool person, double r2, double r2_missing, double quantising);

static mien_status each_ideal(const mien_synth_reactions *o, ideal_row *row, void *to) {
    mien_status status = MIEN_OK;
    for (int s = 0; s < MIEN_SCALES; s++) {
        double q = mien_planted_quantising((mien_scale)s);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            unsigned tells = 0;
            for (int i = 0; i < SENSORS; i++) {
                tells |= mien_planted_scale((mien_planted_sensor)i) == (mien_scale)s
                             ? 1u << i
                             : 0;
            }
            if (!known[k].picture && !(known[k].sensors & tells)) {
                continue;
            }
            for (int p = 0; status == MIEN_OK && p < 2; p++) {
                status = row(to, mien_scale_names[s], known[k].name, p,
                    mien_planted_r2(
                        o, (mien_scale)s, known[k].sensors, known[k].picture, p),
                    mien_planted_r2_missing(
                        o, (mien_scale)s, known[k].sensors, known[k].picture, p),
                    q);
            }
        }
    }
    return status;
}

static mien_status tell_row(void *to, const char *target, const char *what, bool person,
    double r2, double r2_missing, double quantising) {
    return mien_string_addf(to, "%-8s %-22s %-7s %6.3f %6.3f %6.3f\n", target, what,
        person ? "seen" : "unseen", sqrt(r2), sqrt(r2) * quantising,
        sqrt(r2_missing) * quantising);
}

static mien_status tell(const mien_synth_options *options, mien_string *text) {
    mien_string_add(text,
        "Correlation of the best linear read-out: with the latent rating, with the\n"
        "rating from 1 to 7, and with that where sensors are missing as told.\n\n"
        "target   known                  person  latent rating missing\n");
    return each_ideal(&options->reactions, tell_row, text);
}

static mien_status add_ideal(void *to, const char *target, const char *what,
    bool person, double r2, double r2_missing, double quantising) {
    char number[3][32];
    const char *cells[] = {target, what, person ? "seen" : "unseen",
        mien_format_double(sqrt(r2), number[0]),
        mien_format_double(sqrt(r2) * quantising, number[1]),
        mien_format_double(sqrt(r2_missing) * quantising, number[2])};
    return mien_table_add_row(to, cells);
}

static mien_status write_ideal(const work *w) {
    static const char *const names[] = {
        "target", "known", "person", "r_latent", "r_rating", "r_rating_missing"};
    mien_table *table = NULL;
    char *path = place(w, "ideal.csv");
    mien_status status = path ? mien_table_new(6, names, &table) : MIEN_ENOMEM;
    status = status ? status : each_ideal(w->r.o, add_ideal, table);
    status = status ? status : mien_table_write(table, path, MIEN_CSV);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

/* ---- the whole ------------------------------------------------------------- */

static mien_status write_trials(const work *w) {
    char note[512];
    const mien_synth_reactions *o = w->r.o;
    snprintf(note, sizeof note,
        "seed %u, alpha %g, beta %g, gamma %g, pupil %g, gsr %g, hr %g, gaze %g, "
        "missing "
        "%g: pupil and gsr tell arousal, hr and gaze valence, red against blue of a "
        "picture its arousal, brightness its valence; truth.csv holds what was drawn, "
        "ideal.csv what can be read out",
        w->o->seed, o->alpha, o->beta, o->gamma, o->pupil, o->gsr, o->hr, o->gaze,
        o->missing);
    return mien_synth_trials(
        w->directory, &mien_importer_emoeye, "synthetic emoeye", note);
}

static mien_status write(const mien_synth_options *options, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    work w = {.o = options, .directory = directory};
    mien_status status = mien_reactions_draw(&options->reactions, options->seed, &w.r);
    w.epochs =
        status ? NULL
               : mien_alloc((size_t)options->reactions.per_person, sizeof *w.epochs);
    status = status || w.epochs ? status : MIEN_ENOMEM;
    status = status ? status : write_pictures(&w, "Images");
    if (status == MIEN_OK && options->reactions.bids) {
        status = write_pictures(&w, "bids/stimuli");
    }
    for (int p = 0; status == MIEN_OK && p < options->reactions.persons; p++) {
        if (progress) {
            progress(context, p, options->reactions.persons);
        }
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : write_person(&w, p);
    }
    status = status ? status : write_truth(&w);
    status = status ? status : write_ideal(&w);
    status = status ? status : write_trials(&w);
    mien_free(w.epochs);
    mien_reactions_clear(&w.r);
    return status;
}

const mien_synth mien_synth_emoeye = {.name = "emoeye",
    .summary =
        "reactions like EmoEye's: gaze, pupil, skin, heart and pictures, arousal and "
        "valence from 1 to 7, with persons and pictures as planted",
    .write = write,
    .tell = tell};
