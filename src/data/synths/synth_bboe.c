/* SPDX-License-Identifier: MIT */
/* Ratings like those of BBOE (system S1: a summary picture of a video, one person's
 * valence in five steps), with planted causes.
 *
 * Comes in: how many people and videos, and how much of a rating each cause explains.
 * Goes out: pictures and behaviour logs in the folders of the original, beside them
 * film, skin and heart as its authors wished for, trials.tsv as `import bboe` makes it,
 * truth.csv with all that was drawn, ideal.csv with what can be read out at best.
 *
 * The latent of person p before video v is
 *     √common a_v + √own (cos θ_p c_v + sin θ_p d_v) + √film m_v + √body e_pv + rest,
 * all standard normal. a shows in the picture's brightness, c in its red against blue,
 * d in its green, m in one column of the film's features, e in skin and heart. The
 * angles θ_p are spread evenly over a turn: of c and d no two people want the same, and
 * all people together want nothing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/synths/bboe_synth.h"
#include "data/importers/importer.h"
#include "data/synths/planted_levels.h"
#include "data/synths/planted_picture.h"
#include "data/synths/synth.h"

enum { WIDE = 200, HIGH = 150, SPOTS = 4, NAME = 96, SESSIONS = 2 };
enum { OF_VIDEOS = 41, OF_WAVES, OF_ORDER, OF_RATINGS, OF_FILMS };
enum { OWN_SIDES = 2 };
#define TURN 6.28318530717958648

static const mien_option options[] = {
    {.name = "persons",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 1,
        .maximum = 1000,
        .help = "People, each of whom is a learning problem"},
    {.name = "videos",
        .type = MIEN_OPTION_INT,
        .initial = "300",
        .minimum = 5,
        .maximum = 10000,
        .help = "Videos there are"},
    {.name = "rated",
        .type = MIEN_OPTION_INT,
        .initial = "250",
        .minimum = 5,
        .maximum = 10000,
        .help = "Videos that each person rates"},
    {.name = "common",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0,
        .maximum = 1,
        .help = "Share of a rating that the picture tells alike for all people"},
    {.name = "own",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.3",
        .minimum = 0,
        .maximum = 1,
        .help = "Share that the picture tells for each person differently"},
    {.name = "film",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.15",
        .minimum = 0,
        .maximum = 1,
        .help = "Share that only the film's motion tells"},
    {.name = "body",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0,
        .maximum = 1,
        .help = "Share that only the body answers to"},
    {.name = "skin",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.7",
        .minimum = 0,
        .maximum = 0.99,
        .help = "How well the skin tells it (correlation)"},
    {.name = "heart",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.6",
        .minimum = 0,
        .maximum = 0.99,
        .help = "How well the heart tells it"},
    {.name = "missing",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.02",
        .minimum = 0,
        .maximum = 0.5,
        .help = "Share of ratings that are missing"},
    {0},
};

/* Shares of ratings up to each step but the last. */
static const double upto[MIEN_BBOE_CUTS] = {.15, .35, .65, .85};

mien_status mien_bboe_plan_take(const mien_options *own, mien_bboe_plan *plan) {
    *plan = (mien_bboe_plan){.persons = (int)mien_options_int(own, "persons"),
        .videos = (int)mien_options_int(own, "videos"),
        .rated = (int)mien_options_int(own, "rated"),
        .common = mien_options_number(own, "common"),
        .own = mien_options_number(own, "own"),
        .film = mien_options_number(own, "film"),
        .body = mien_options_number(own, "body"),
        .skin = mien_options_number(own, "skin"),
        .heart = mien_options_number(own, "heart"),
        .missing = mien_options_number(own, "missing")};
    for (int k = 0; k < MIEN_BBOE_CUTS; k++) {
        plan->cut[k] = mien_normal_quantile(upto[k]);
    }
    double sum = plan->common + plan->own + plan->film + plan->body;
    if (sum > 1 + 1e-9) {
        return mien_fail(MIEN_EINVAL,
            "common, own, film and body sum to %g; shares of one rating are at most 1 "
            "together",
            sum);
    }
    return plan->rated <= plan->videos
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "rated is %d, and there are %d videos",
                     plan->rated, plan->videos);
}

double mien_bboe_r2(const mien_bboe_plan *plan, unsigned known) {
    const double rho[] = {plan->skin, plan->heart};
    double evidence = 0;
    for (int k = 0; k < 2; k++) {
        evidence += rho[k] * rho[k] / (1 - rho[k] * rho[k]);
    }
    return (known & MIEN_BBOE_STILL ? plan->common : 0) +
           (known & MIEN_BBOE_PERSON ? plan->own : 0) +
           (known & MIEN_BBOE_FILM ? plan->film : 0) +
           (known & MIEN_BBOE_BODY ? plan->body * evidence / (1 + evidence) : 0);
}

/* ---- draws ------------------------------------------------------------------- */

typedef struct video {
    double a, own[OWN_SIDES], motion;
} video;

typedef struct work {
    mien_bboe_plan plan;
    uint32_t seed;
    const char *directory;
    video *videos; /* [videos] */
    int *order;    /* [videos] */
    mien_table *truth;
} work;

/* The original's ids jump: 001 002 003 005 006, and so on. */
static int id_of(int person) {
    return person + 1 + (person >= 3);
}

static void draw_videos(work *w) {
    mien_stream s;
    for (int v = 0; v < w->plan.videos; v++) {
        mien_stream_init(&s, w->seed, OF_VIDEOS, (uint64_t)v);
        video *x = &w->videos[v];
        x->a = mien_synth_normal(&s);
        x->own[0] = mien_synth_normal(&s);
        x->own[1] = mien_synth_normal(&s);
        x->motion = mien_synth_normal(&s);
    }
}

static void draw_order(work *w, int person) {
    mien_stream s;
    mien_stream_init(&s, w->seed, OF_ORDER, (uint64_t)person);
    for (int v = 0; v < w->plan.videos; v++) {
        w->order[v] = v;
    }
    for (int v = 0; v < w->plan.rated; v++) {
        int k = v + (int)(mien_stream_uniform(&s) * (w->plan.videos - v)),
            t = w->order[v];
        w->order[v] = w->order[k];
        w->order[k] = t;
    }
}

typedef struct rating {
    double latent, body, skin, heart, noise[2];
    int level;
    bool missing;
} rating;

static rating draw_rating(const work *w, int person, int number) {
    const mien_bboe_plan *p = &w->plan;
    const video *x = &w->videos[number];
    double angle = TURN * person / p->persons;
    double rest = fmax(0, 1 - p->common - p->own - p->film - p->body);
    mien_stream s;
    rating r = {0};
    mien_stream_init(&s, w->seed, OF_RATINGS,
        (uint64_t)person * (uint64_t)p->videos + (uint64_t)number);
    r.body = mien_synth_normal(&s);
    r.latent = sqrt(p->common) * x->a +
               sqrt(p->own) * (cos(angle) * x->own[0] + sin(angle) * x->own[1]) +
               sqrt(p->film) * x->motion + sqrt(p->body) * r.body +
               sqrt(rest) * mien_synth_normal(&s);
    r.skin = p->skin * r.body + sqrt(1 - p->skin * p->skin) * mien_synth_normal(&s);
    r.heart = p->heart * r.body + sqrt(1 - p->heart * p->heart) * mien_synth_normal(&s);
    r.noise[0] = mien_synth_normal(&s);
    r.noise[1] = mien_synth_normal(&s);
    r.missing = mien_stream_uniform(&s) < p->missing;
    r.level = mien_level_of(MIEN_BBOE_CUTS, p->cut, r.latent);
    return r;
}

/* ---- files ------------------------------------------------------------------- */

static mien_status write_text(
    const work *w, const char *folder, const char *file, const mien_string *text) {
    char *below = mien_path_join(w->directory, folder);
    char *path = below ? mien_path_join(below, file) : NULL;
    mien_status status = path ? mien_string_status(text) : MIEN_ENOMEM;
    status = status ? status : mien_directory_make(below);
    status = status ? status : mien_file_write(path, text->text, text->length);
    mien_free(path);
    mien_free(below);
    return status;
}

static mien_status draw_picture(const work *w, int v, const char *path) {
    const video *x = &w->videos[v];
    double spot[2 * SPOTS], red = 20 * x->own[0], green = 16 * x->own[1];
    mien_painting p = {.wide = WIDE,
        .high = HIGH,
        .spot = spot,
        .spots = SPOTS,
        .radius_px = 12,
        .shade = 16,
        .brightness = 128 + 22 * x->a,
        .tint = {red - green / 2, green, -red - green / 2}};
    mien_tensor *image = NULL;
    mien_stream s;
    mien_stream_init(&s, w->seed, OF_WAVES, (uint64_t)v);
    for (int i = 0; i < 3 * MIEN_PAINTING_WAVES; i++) {
        p.wave[i / 3][i % 3] = mien_stream_uniform(&s);
    }
    for (int i = 0; i < 2 * SPOTS; i++) {
        spot[i] = 0.15 + 0.7 * mien_stream_uniform(&s);
    }
    mien_status status = mien_painting_draw(&p, &image);
    status = status ? status : mien_painting_write(image, path);
    mien_tensor_free(&image);
    return status;
}

/* Two levels of folders; names end in what the key is cut off from. */
static mien_status write_picture(const work *w, int v) {
    char below[NAME], name[NAME];
    snprintf(below, sizeof below, "VideoInformation/SummaryFrames/set%d/block%d",
        v % 2 + 1, v / 2 % 5 + 1);
    snprintf(name, sizeof name, "vid%04d_summary.jpg", v);
    char *folder = mien_path_join(w->directory, below);
    char *path = folder ? mien_path_join(folder, name) : NULL;
    mien_status status = path ? mien_directory_make(folder) : MIEN_ENOMEM;
    status = status ? status : draw_picture(w, v, path);
    mien_free(path);
    mien_free(folder);
    return status;
}

static mien_status write_films(const work *w) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, ",motion,cuts,loudness,faces\n");
    for (int v = 0; v < w->plan.videos; v++) {
        mien_stream s;
        mien_stream_init(&s, w->seed, OF_FILMS, (uint64_t)v);
        mien_string_addf(&text, "vid%04d,%.5f", v, 3 + 0.8 * w->videos[v].motion);
        for (int k = 0; k < 3; k++) {
            mien_string_addf(&text, ",%.5f", 2 + 0.5 * k + mien_synth_normal(&s));
        }
        mien_string_add(&text, "\n");
    }
    mien_status status = write_text(w, "VideoInformation/Features", "film.csv", &text);
    mien_string_clear(&text);
    return status;
}

static mien_status keep_truth(
    work *w, int person, int sequence, int v, const rating *r) {
    const video *x = &w->videos[v];
    char text[3][NAME], number[8][32];
    const double values[] = {r->latent, x->a, x->own[0], x->own[1], x->motion, r->body};
    const char *cells[10] = {text[0], text[1], text[2]};
    snprintf(text[0], NAME, "%03d/%04d", id_of(person), sequence);
    snprintf(text[1], NAME, "%03d", id_of(person));
    snprintf(text[2], NAME, "vid%04d", v);
    for (int k = 0; k < 6; k++) {
        cells[3 + k] = mien_format_double(values[k], number[k]);
    }
    snprintf(number[6], sizeof number[6], "%d", r->level);
    cells[9] = r->missing ? NULL : number[6];
    return mien_table_add_row(w->truth, cells);
}

/* The logs of one person, half of the videos in each session, and their body. */
static mien_status write_person(work *w, int person) {
    mien_string log[SESSIONS], body[2];
    static const char *const names[] = {"skin", "heart"};
    char below[NAME], file[NAME];
    mien_status status = MIEN_OK;
    draw_order(w, person);
    for (int k = 0; k < 2; k++) {
        mien_string_init(&log[k]);
        mien_string_init(&body[k]);
        mien_string_add(&log[k], "trial onset video valence_rating\n");
        mien_string_addf(&body[k], ",%s_change,%s_level\n", names[k], names[k]);
    }
    for (int i = 0; status == MIEN_OK && i < w->plan.rated; i++) {
        int session = SESSIONS * i / w->plan.rated, v = w->order[i];
        rating r = draw_rating(w, person, v);
        char level[8];
        snprintf(level, sizeof level, "%d", r.level);
        mien_string_addf(&log[session], "%d %.2f VID%04d_clip.mp4 %s\n", i, 24.5 * i, v,
            r.missing ? "NaN" : level);
        mien_string_addf(
            &body[0], "vid%04d,%.5f,%.5f\n", v, 0.4 + 0.1 * r.skin, 5 + r.noise[0]);
        mien_string_addf(
            &body[1], "vid%04d,%.5f,%.5f\n", v, -2 * r.heart, 70 + 4 * r.noise[1]);
        status = keep_truth(w, person, i, v, &r);
    }
    for (int k = 0; k < SESSIONS; k++) {
        snprintf(below, sizeof below, "Behavioral/Participant_%03d/session_%d",
            id_of(person), k + 1);
        snprintf(file, sizeof file, "NSFScannerTask_%03d_%d.txt", id_of(person), k + 1);
        status = status ? status : write_text(w, below, file, &log[k]);
    }
    for (int k = 0; k < 2; k++) {
        snprintf(below, sizeof below, "Physiology/Participant_%03d", id_of(person));
        snprintf(file, sizeof file, "%s.csv", names[k]);
        status = status ? status : write_text(w, below, file, &body[k]);
        mien_string_clear(&log[k]);
        mien_string_clear(&body[k]);
    }
    return status;
}

/* ---- ideal ------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned known;
} known[] = {{"still, one model for all", MIEN_BBOE_STILL},
    {"still, one model a person", MIEN_BBOE_STILL | MIEN_BBOE_PERSON},
    {"film", MIEN_BBOE_FILM}, {"skin and heart", MIEN_BBOE_BODY},
    {"still and film, a person", MIEN_BBOE_STILL | MIEN_BBOE_PERSON | MIEN_BBOE_FILM},
    {"all, a person",
        MIEN_BBOE_STILL | MIEN_BBOE_PERSON | MIEN_BBOE_FILM | MIEN_BBOE_BODY}};
enum { KNOWN = sizeof known / sizeof *known, FIGURES = 4 };

/* r with the latent, r with the rating, accuracy of five and of three classes. */
static void figures_of(const mien_bboe_plan *p, unsigned what, double out[FIGURES]) {
    double r2 = mien_bboe_r2(p, what);
    out[0] = sqrt(r2);
    out[1] = sqrt(r2) * mien_levels_r(MIEN_BBOE_CUTS, p->cut);
    out[2] = mien_levels_accuracy(MIEN_BBOE_CUTS, p->cut, r2);
    out[3] = mien_levels_accuracy(2, p->cut + 1, r2);
}

static mien_status tell(const mien_synth_options *o, mien_string *text) {
    mien_bboe_plan plan;
    mien_status status = mien_bboe_plan_take(o->own, &plan);
    mien_string_add(text,
        "What the best read-out reaches: correlation with the latent and with the "
        "rating from 0 to 4,\naccuracy of five classes and of three (0-1, 2, 3-4).\n\n"
        "known                      latent rating five   three\n");
    for (int k = 0; status == MIEN_OK && k < KNOWN; k++) {
        double f[FIGURES];
        figures_of(&plan, known[k].known, f);
        status = mien_string_addf(text, "%-26s %6.3f %6.3f %6.3f %6.3f\n",
            known[k].name, f[0], f[1], f[2], f[3]);
    }
    return status;
}

static mien_status write_ideal(const work *w) {
    static const char *const names[] = {
        "known", "r_latent", "r_rating", "accuracy_5", "accuracy_3"};
    mien_table *table = NULL;
    char *path = mien_path_join(w->directory, "ideal.csv");
    mien_status status = path ? mien_table_new(5, names, &table) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < KNOWN; k++) {
        double f[FIGURES];
        char number[FIGURES][32];
        const char *cells[5] = {known[k].name};
        figures_of(&w->plan, known[k].known, f);
        for (int i = 0; i < FIGURES; i++) {
            cells[1 + i] = mien_format_double(f[i], number[i]);
        }
        status = mien_table_add_row(table, cells);
    }
    status = status ? status : mien_table_write(table, path, MIEN_CSV);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

/* ---- the whole --------------------------------------------------------------- */

static mien_status write_all(
    work *w, void (*progress)(void *, int64_t, int64_t), void *context) {
    int parts = w->plan.videos + w->plan.persons;
    mien_status status = MIEN_OK;
    draw_videos(w);
    for (int i = 0; status == MIEN_OK && i < parts; i++) {
        if (progress) {
            progress(context, i, parts);
        }
        status = mien_interrupted()   ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                 : i < w->plan.videos ? write_picture(w, i)
                                      : write_person(w, i - w->plan.videos);
    }
    return status ? status : write_films(w);
}

static mien_status write(const mien_synth_options *o, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    static const char *const truths[] = {"trial", "person", "stimulus", "latent",
        "a_common", "c_own", "d_own", "m_film", "e_body", "rating"};
    work w = {.seed = o->seed, .directory = directory};
    char *path = mien_path_join(directory, "truth.csv");
    mien_status status = mien_bboe_plan_take(o->own, &w.plan);
    if (status == MIEN_OK) {
        w.videos = mien_alloc((size_t)w.plan.videos, sizeof *w.videos);
        w.order = mien_alloc((size_t)w.plan.videos, sizeof *w.order);
        status = path && w.videos && w.order ? mien_table_new(10, truths, &w.truth)
                                             : MIEN_ENOMEM;
    }
    status = status ? status : write_all(&w, progress, context);
    status = status ? status : mien_table_write(w.truth, path, MIEN_CSV);
    status = status ? status : write_ideal(&w);
    status = status
                 ? status
                 : mien_synth_trials(directory, &mien_importer_bboe, "synthetic bboe",
                       "common, own, film and body tell as truth.csv says");
    mien_table_free(&w.truth);
    mien_free(w.order);
    mien_free(w.videos);
    mien_free(path);
    return status;
}

const mien_synth mien_synth_bboe = {.name = "bboe",
    .summary = "one person's valence of videos in five steps, from a summary picture, "
               "film, skin and heart, as S1's BBOE: taste shared and each one's own",
    .options = options,
    .write = write,
    .tell = tell};
