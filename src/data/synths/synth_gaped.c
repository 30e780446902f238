/* SPDX-License-Identifier: MIT */
/* Pictures in the layout of GAPED (system S2) with planted valence and arousal.
 *
 * Comes in: which share of the 730 pictures to make, how well a picture tells. Goes
 * out: the six folders of bitmaps, "Study Results" with both tables of each kind,
 * trials.tsv as `import gaped` makes it, truth.csv, ideal.csv.
 *
 * A picture's kind gives its valence a mean and a spread; within the kind
 *     valence = mean + sd (ρ a + √(1 − ρ²) n),   arousal = mean + sd (ρ c + √(1 − ρ²)
 * n). a shows in the brightness, c in red against blue, the kind in green and in the
 * number of discs. Nothing but a tells the valence of a kind that was never seen. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/importers/importer.h"
#include "data/synths/gaped_synth.h"
#include "data/synths/planted_picture.h"
#include "data/synths/synth.h"

enum { SPOTS_MAX = 12, NAME = 96, RATED = 4 };
enum { OF_PICTURES = 51, OF_PAINT };
#define LOWEST 0.414 /* of the published ratings */
#define HIGHEST 98.737

static const mien_option options[] = {
    {.name = "share",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1",
        .minimum = 0.02,
        .maximum = 10,
        .help = "How many pictures, as a share of GAPED's 730"},
    {.name = "rho",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.7",
        .minimum = 0,
        .maximum = 0.99,
        .help = "How well a picture tells its rating within its kind (correlation)"},
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "160",
        .minimum = 32,
        .maximum = 640,
        .help = "Width of a picture, three quarters of it its height (published: 640)"},
    {0},
};

typedef struct kind {
    const char *code;
    int count, first; /* first number in a name */
    int category;     /* 0 negative, 1 neutral, 2 positive */
    bool norms;
    double valence, valence_sd, arousal, arousal_sd;
    double green;
    int spots;
} kind;

static const kind kinds[] = {
    {"A", 124, 1, 0, true, 32, 10, 60, 8, -22, 2},
    {"H", 105, 12, 0, true, 27, 9, 66, 7, 18, 4},
    {"N", 89, 10, 1, false, 55, 5, 24, 6, 0, 1},
    {"P", 121, 5, 2, false, 85, 5, 22, 6, 10, 8},
    {"Sn", 133, 10, 0, false, 42, 9, 56, 8, -10, 10},
    {"Sp", 158, 36, 0, false, 38, 10, 58, 8, 30, 12},
};
enum { KINDS = sizeof kinds / sizeof *kinds, CATEGORIES = 3 };

/* ---- what can be read out ------------------------------------------------------ */

static double share_of(int k) {
    double sum = 0;
    for (int i = 0; i < KINDS; i++) {
        sum += kinds[i].count;
    }
    return kinds[k].count / sum;
}

double mien_gaped_r(double rho, bool arousal, bool kind_known) {
    double mean = 0, between = 0, within = 0, sd = 0;
    for (int k = 0; k < KINDS; k++) {
        double m = arousal ? kinds[k].arousal : kinds[k].valence;
        mean += share_of(k) * m;
    }
    for (int k = 0; k < KINDS; k++) {
        double m = arousal ? kinds[k].arousal : kinds[k].valence;
        double s = arousal ? kinds[k].arousal_sd : kinds[k].valence_sd;
        between += share_of(k) * (m - mean) * (m - mean);
        within += share_of(k) * s * s;
        sd += share_of(k) * s;
    }
    return kind_known ? sqrt((between + rho * rho * within) / (between + within))
                      : rho * sd / sqrt(between + within);
}

double mien_gaped_category_accuracy(double rho) {
    enum { STEPS = 8000 };
    double sum = 0;
    for (int i = 0; i < STEPS; i++) { /* of the predicted valence, from -20 to 120 */
        double x = -20 + 140 * (i + 0.5) / STEPS, density[CATEGORIES] = {0};
        for (int k = 0; k < KINDS; k++) {
            double s = fmax(rho * kinds[k].valence_sd, 0.05);
            double z = (x - kinds[k].valence) / s;
            density[kinds[k].category] +=
                share_of(k) * exp(-0.5 * z * z) / (s * 2.50662827463100050);
        }
        sum += fmax(density[0], fmax(density[1], density[2])) * 140 / STEPS;
    }
    return sum;
}

/* ---- pictures ------------------------------------------------------------------ */

typedef struct work {
    const char *directory;
    double rho, share;
    int wide;
    uint32_t seed;
    mien_table *truth;
} work;

typedef struct drawn {
    double a, c, value[RATED];
} drawn;

static drawn draw(const work *w, int k, int i) {
    const kind *t = &kinds[k];
    mien_stream s;
    drawn d;
    mien_stream_init(&s, w->seed, OF_PICTURES, (uint64_t)(k * 10000 + i));
    double rest = sqrt(1 - w->rho * w->rho);
    d.a = mien_synth_normal(&s);
    d.c = mien_synth_normal(&s);
    d.value[0] =
        t->valence + t->valence_sd * (w->rho * d.a + rest * mien_synth_normal(&s));
    d.value[1] =
        t->arousal + t->arousal_sd * (w->rho * d.c + rest * mien_synth_normal(&s));
    d.value[2] = d.value[0] - 8 + 6 * mien_synth_normal(&s);
    d.value[3] = d.value[0] - 6 + 8 * mien_synth_normal(&s);
    for (int r = 0; r < RATED; r++) {
        d.value[r] = fmax(LOWEST, fmin(HIGHEST, d.value[r]));
    }
    return d;
}

static mien_status paint(
    const work *w, int k, int i, const drawn *d, const char *path) {
    const kind *t = &kinds[k];
    double spot[2 * SPOTS_MAX], red = 16 * d->c, green = t->green;
    mien_painting p = {.wide = w->wide,
        .high = w->wide * 3 / 4,
        .spot = spot,
        .spots = t->spots,
        .radius_px = 0.06 * w->wide,
        .shade = 20,
        .brightness = 128 + 20 * d->a,
        .tint = {red - green / 2, green, -red - green / 2}};
    mien_tensor *image = NULL;
    mien_stream s;
    mien_stream_init(&s, w->seed, OF_PAINT, (uint64_t)(k * 10000 + i));
    for (int n = 0; n < 3 * MIEN_PAINTING_WAVES; n++) {
        p.wave[n / 3][n % 3] = mien_stream_uniform(&s);
    }
    for (int n = 0; n < 2 * t->spots; n++) {
        spot[n] = 0.1 + 0.8 * mien_stream_uniform(&s);
    }
    mien_status status = mien_painting_draw(&p, &image);
    status = status ? status : mien_painting_write(image, path);
    mien_tensor_free(&image);
    return status;
}

/* ---- tables -------------------------------------------------------------------- */

static const char *const rated[RATED] = {
    "Valence", "Arousal", "Internal norms", "External norms"};

/* The first header is blank; in the variant with SD an empty column parts the pairs. */
static void add_header(mien_string *text, int columns, bool sd) {
    for (int r = 0; r < columns; r++) {
        mien_string_addf(
            text, "%s\t%s%s", sd && r ? "\t" : "", rated[r], sd ? "\t(SD)" : "");
    }
    mien_string_add(text, "\n");
}

static void add_row(
    mien_string *text, const char *name, const drawn *d, int columns, bool sd) {
    mien_string_addf(text, "%s.jpg", name);
    for (int r = 0; r < columns; r++) {
        mien_string_addf(text, "%s\t%.3f", sd && r ? "\t" : "", d->value[r]);
        if (sd) {
            mien_string_addf(text, "\t(%.2f)", 8 + 0.1 * fabs(d->value[r] - 50));
        }
    }
    mien_string_add(text, "\n");
}

static mien_status write_table(
    const work *w, const char *code, const char *suffix, const mien_string *text) {
    char name[NAME];
    snprintf(name, sizeof name, "Study Results/%s%s.txt", code, suffix);
    char *path = mien_path_join(w->directory, name);
    mien_status status = path ? mien_string_status(text) : MIEN_ENOMEM;
    status = status ? status : mien_file_write(path, text->text, text->length);
    mien_free(path);
    return status;
}

static mien_status keep_truth(const work *w, const char *name, const drawn *d) {
    char number[4][32];
    const double values[] = {d->a, d->c, d->value[0], d->value[1]};
    const char *cells[5] = {name};
    for (int i = 0; i < 4; i++) {
        cells[1 + i] = mien_format_double(values[i], number[i]);
    }
    return mien_table_add_row(w->truth, cells);
}

static mien_status write_kind(const work *w, int k) {
    const kind *t = &kinds[k];
    int count = (int)fmax(2, rint(w->share * t->count)), columns = t->norms ? RATED : 2;
    mien_string plain, with_sd;
    char *folder = mien_path_join(w->directory, t->code);
    mien_string_init(&plain);
    mien_string_init(&with_sd);
    add_header(&plain, columns, false);
    add_header(&with_sd, columns, true);
    mien_status status = folder ? mien_directory_make(folder) : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        char name[NAME], file[NAME];
        drawn d = draw(w, k, i);
        snprintf(name, sizeof name, "%s%03d", t->code, t->first + i + i / 9);
        snprintf(file, sizeof file, "%s/%s.bmp", t->code, name);
        char *path = mien_path_join(w->directory, file);
        status = path ? paint(w, k, i, &d, path) : MIEN_ENOMEM;
        mien_free(path);
        add_row(&plain, name, &d, columns, false);
        add_row(&with_sd, name, &d, columns, true);
        status = status ? status : keep_truth(w, name, &d);
    }
    status = status ? status : write_table(w, t->code, "", &plain);
    status = status ? status : write_table(w, t->code, "_with SD", &with_sd);
    mien_string_clear(&plain);
    mien_string_clear(&with_sd);
    mien_free(folder);
    return status;
}

/* ---- ideal --------------------------------------------------------------------- */

enum { FIGURES = 5 };

static void figures_of(double rho, mien_synth_figure out[FIGURES]) {
    const mien_synth_figure all[FIGURES] = {
        {"valence r, kind seen", mien_gaped_r(rho, false, true)},
        {"valence r, kind unseen", mien_gaped_r(rho, false, false)},
        {"arousal r, kind seen", mien_gaped_r(rho, true, true)},
        {"arousal r, kind unseen", mien_gaped_r(rho, true, false)},
        {"category by predicted valence, accuracy", mien_gaped_category_accuracy(rho)}};
    memcpy(out, all, sizeof all);
}

static mien_status tell(const mien_synth_options *o, mien_string *text) {
    mien_synth_figure f[FIGURES];
    figures_of(mien_options_number(o->own, "rho"), f);
    mien_string_add(text, "What the best read-out reaches:\n\n");
    return mien_synth_tell(FIGURES, f, 42, text);
}

static mien_status write_ideal(const work *w) {
    mien_synth_figure f[FIGURES];
    figures_of(w->rho, f);
    return mien_synth_ideal(w->directory, FIGURES, f);
}

/* ---- the whole ----------------------------------------------------------------- */

static mien_status write(const mien_synth_options *o, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    static const char *const truths[] = {
        "trial", "a_brightness", "c_red_blue", "valence", "arousal"};
    work w = {.directory = directory,
        .rho = mien_options_number(o->own, "rho"),
        .share = mien_options_number(o->own, "share"),
        .wide = (int)mien_options_int(o->own, "width"),
        .seed = o->seed};
    char *path = mien_path_join(directory, "truth.csv");
    char *results = mien_path_join(directory, "Study Results");
    mien_status status = path && results ? mien_directory_make(results) : MIEN_ENOMEM;
    status = status ? status : mien_table_new(5, truths, &w.truth);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        if (progress) {
            progress(context, k, KINDS);
        }
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : write_kind(&w, k);
    }
    status = status ? status : mien_table_write(w.truth, path, MIEN_CSV);
    status = status ? status : write_ideal(&w);
    status = status
                 ? status
                 : mien_synth_trials(directory, &mien_importer_gaped, "synthetic gaped",
                       "brightness tells valence, red against blue arousal, within "
                       "the kinds of pictures");
    mien_table_free(&w.truth);
    mien_free(results);
    mien_free(path);
    return status;
}

const mien_synth mien_synth_gaped = {.name = "gaped",
    .summary = "pictures of six kinds with valence and arousal from 0 to 100, as "
               "GAPED's: folders, bitmaps and tables",
    .options = options,
    .write = write,
    .tell = tell};
