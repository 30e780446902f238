/* SPDX-License-Identifier: MIT */
/* Short films as real files, with a planted signal of known strength in colour, motion
 * and sound.
 *
 * In: how many films and segments, the strength r of each modality. Out: films/FILM.mp4
 * (MPEG-4 and AAC), labels/FILM.csv, parts.csv, ideal.csv, trials.tsv. Of each film and
 * target there is one slow series a modality and one that nothing shows, all orthogonal
 * to each other in the film, also across targets; rating = sum of r · part + sqrt(1 -
 * sum of r²) · rest. A modality of strength 0 is rendered from its series like the
 * others: it varies and tells nothing. Called by synth_cognimuse.c. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/importers/importer.h"
#include "data/synths/synth.h"
#include "mien/media.h"

enum {
    COLOUR,
    MOTION,
    SOUND,
    KINDS,
    TARGETS = MIEN_SYNTH_TARGETS,
    VALENCE = 0,
    AROUSAL
};
enum { SERIES = TARGETS * (KINDS + 1) };
enum { WIDTH = 128, HEIGHT = 96, FRAMES_HZ = 25, SOUND_HZ = 16000, SEGMENT_S = 5 };
enum { WAVES = 4, HARMONICS = 10 };
enum { STREAM_LENGTH = 101, STREAM_PARTS, STREAM_LOOK };

#define TWO_PI 6.283185307179586
#define RATING_SD 0.25

static const char *const kinds[KINDS] = {"colour", "motion", "sound"};

typedef struct work {
    const mien_synth_options *o;
    const char *directory;
    double r[KINDS];
    mien_table *trials, *ideal, *parts;
} work;

/* The look of a film apart from its series. */
typedef struct look {
    double amplitude[WAVES], phase[WAVES];
    int across[WAVES], down[WAVES]; /* waves in the picture's width and height */
    double x, y, way_x, way_y;      /* how far the picture has moved, and where to */
    double pitch_phase, beat_phase;
    mien_stream noise;
} look;

typedef struct film {
    char name[16];
    int64_t segments;
    double *part[TARGETS][KINDS + 1]; /* [segments], the last nothing shows */
    double *all;
    look look;
} film;

/* ---- series --------------------------------------------------------------------- */

static mien_status make_film(const work *w, int index, film *f) {
    double *series[SERIES];
    mien_stream s;
    snprintf(f->name, sizeof f->name, "film%02d", index + 1);
    mien_stream_init(&s, w->o->seed, STREAM_LENGTH, (uint64_t)index);
    f->segments = llround(w->o->segments * (0.9 + 0.2 * mien_stream_uniform(&s)));
    f->all = mien_alloc((size_t)(f->segments * SERIES), sizeof *f->all);
    if (!f->all) {
        return MIEN_ENOMEM;
    }
    mien_stream_init(&s, w->o->seed, STREAM_PARTS, (uint64_t)index);
    for (int i = 0; i < SERIES; i++) {
        series[i] = f->part[i / (KINDS + 1)][i % (KINDS + 1)] =
            f->all + i * f->segments;
        mien_synth_autoregress(&s, f->segments, series[i]);
        mien_synth_orthonormalise(f->segments, series, i, series[i]);
    }
    return MIEN_OK;
}

/* The sum of what the modalities tell of a rating. */
static double told(const work *w, const film *f, int target, int64_t row) {
    double sum = 0;
    for (int k = 0; k < KINDS; k++) {
        sum += w->r[k] * f->part[target][k][row];
    }
    return sum;
}

static double rating(const work *w, const film *f, int target, int64_t row) {
    double left = 1;
    for (int k = 0; k < KINDS; k++) {
        left -= w->r[k] * w->r[k];
    }
    const double rest = sqrt(left > 0 ? left : 0) * f->part[target][KINDS][row];
    return fmax(-1, fmin(1, RATING_SD * (told(w, f, target, row) + rest)));
}

/* ---- pictures -------------------------------------------------------------------- */

static void begin_look(const work *w, int index, look *l) {
    mien_stream_init(&l->noise, w->o->seed, STREAM_LOOK, (uint64_t)index);
    for (int i = 0; i < WAVES; i++) {
        l->amplitude[i] = 0.03 + 0.03 * mien_stream_uniform(&l->noise);
        l->phase[i] = TWO_PI * mien_stream_uniform(&l->noise);
        l->across[i] = 1 + i % 3;
        l->down[i] = 1 + (i + 1) % 3;
    }
    l->way_x = mien_stream_uniform(&l->noise) < 0.5 ? -1 : 1;
    l->way_y = mien_stream_uniform(&l->noise) < 0.5 ? -1 : 1;
}

/* The pattern where it has moved to: sines of a sum, by those along each side. */
static void add_wave(const look *l, int i, float *pattern) {
    float sine[WIDTH], cosine[WIDTH];
    for (int x = 0; x < WIDTH; x++) {
        const double a = TWO_PI * l->across[i] * (x - l->x) / WIDTH + l->phase[i];
        sine[x] = (float)(l->amplitude[i] * sin(a));
        cosine[x] = (float)(l->amplitude[i] * cos(a));
    }
    for (int y = 0; y < HEIGHT; y++) {
        const double b = TWO_PI * l->down[i] * (y - l->y) / HEIGHT;
        const float c = (float)cos(b), s = (float)sin(b);
        for (int x = 0; x < WIDTH; x++) {
            pattern[y * WIDTH + x] += sine[x] * c + cosine[x] * s;
        }
    }
}

static uint8_t byte_of(double x) {
    return (uint8_t)(x <= 0 ? 0 : x >= 1 ? 255 : x * 255 + 0.5);
}

/* Arousal is brightness and speed across; valence warmth and speed down. */
static void paint(film *f, int64_t row, uint8_t *pixels) {
    look *l = &f->look;
    const double light = 0.5 + 0.07 * f->part[AROUSAL][COLOUR][row];
    const double warmth = 0.06 * f->part[VALENCE][COLOUR][row];
    float pattern[WIDTH * HEIGHT] = {0};
    l->x += l->way_x * 0.6 * exp(0.4 * f->part[AROUSAL][MOTION][row]);
    l->y += l->way_y * 0.45 * exp(0.4 * f->part[VALENCE][MOTION][row]);
    for (int i = 0; i < WAVES; i++) {
        add_wave(l, i, pattern);
    }
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        const double grey = light + (double)pattern[i];
        pixels[3 * i] = byte_of(grey + warmth);
        pixels[3 * i + 1] = byte_of(grey);
        pixels[3 * i + 2] = byte_of(grey - warmth);
    }
}

static mien_status write_pictures(
    film *f, int64_t row, int64_t count, mien_tensor *image, mien_film_writer *to) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        paint(f, row, image->data);
        status = mien_film_writer_picture(to, image);
    }
    return status;
}

/* ---- sound ----------------------------------------------------------------------- */

/* A tone with harmonics that comes and goes twice a second, over noise: arousal is its
 * level, valence its pitch. */
static void sing(film *f, int64_t row, int64_t count, float *samples) {
    look *l = &f->look;
    const double level = 0.06 * exp(0.4 * f->part[AROUSAL][SOUND][row]);
    const double pitch_hz = 150 * exp(0.2 * f->part[VALENCE][SOUND][row]);
    for (int64_t i = 0; i < count; i++) {
        double tone = 0;
        l->pitch_phase += TWO_PI * pitch_hz / SOUND_HZ;
        l->beat_phase += TWO_PI * 2 / SOUND_HZ;
        for (int h = 1; h <= HARMONICS; h++) {
            tone += sin(h * l->pitch_phase) / h;
        }
        const double swell = fmax(0, 0.4 + 0.6 * sin(l->beat_phase));
        const double noise = 0.002 * (2 * mien_stream_uniform(&l->noise) - 1);
        samples[i] =
            (float)(level * (swell * tone + 0.02 * mien_synth_normal(&l->noise)) +
                    noise);
    }
    l->pitch_phase = fmod(l->pitch_phase, TWO_PI);
    l->beat_phase = fmod(l->beat_phase, TWO_PI);
}

static mien_status write_media(const work *w, film *f, mien_tensor *image) {
    mien_film_writer_options o = mien_film_writer_options_default();
    mien_film_writer *to = NULL;
    mien_string path;
    float *samples = mien_alloc(SOUND_HZ, sizeof *samples);
    o.width = WIDTH;
    o.height = HEIGHT;
    o.rate_hz = FRAMES_HZ;
    o.sound_rate_hz = SOUND_HZ;
    mien_string_init(&path);
    mien_string_addf(&path, "%s/films/%s.mp4", w->directory, f->name);
    mien_status status = samples ? mien_string_status(&path) : MIEN_ENOMEM;
    status = status ? status : mien_film_writer_open(path.text, &o, &to);
    for (int64_t second = 0; status == MIEN_OK && second < f->segments * SEGMENT_S;
         second++) {
        const int64_t row = second / SEGMENT_S;
        sing(f, row, SOUND_HZ, samples);
        status = write_pictures(f, row, FRAMES_HZ, image, to);
        status = status ? status : mien_film_writer_sound(to, samples, SOUND_HZ);
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    mien_status closed = mien_film_writer_close(&to);
    mien_string_clear(&path);
    mien_free(samples);
    return status ? status : closed;
}

/* ---- tables ------------------------------------------------------------------------
 */

static mien_status add_row(work *w, const film *f, int64_t row, mien_table *labels) {
    char id[64], place[64], number[4 + TARGETS * (KINDS + 1)][32];
    const char *trial[7], *ideal[1 + TARGETS], *parts[1 + TARGETS * KINDS], *label[4];
    int n = 0;
    snprintf(id, sizeof id, "%s/%04" PRId64, f->name, row);
    snprintf(place, sizeof place, "films/%s.mp4", f->name);
    trial[0] = ideal[0] = parts[0] = id;
    trial[1] = f->name;
    trial[2] = place;
    trial[3] = label[0] = mien_format_double((double)row * SEGMENT_S, number[n++]);
    trial[4] = label[1] =
        mien_format_double((double)(row + 1) * SEGMENT_S, number[n++]);
    for (int t = 0; t < TARGETS; t++) {
        trial[5 + t] = label[2 + t] =
            mien_format_float((float)rating(w, f, t, row), number[n++]);
        ideal[1 + t] = mien_format_float((float)told(w, f, t, row), number[n++]);
        for (int k = 0; k < KINDS; k++) {
            parts[1 + t * KINDS + k] =
                mien_format_float((float)f->part[t][k][row], number[n++]);
        }
    }
    mien_status status = mien_table_add_row(w->trials, trial);
    status = status ? status : mien_table_add_row(w->ideal, ideal);
    status = status ? status : mien_table_add_row(w->parts, parts);
    return status ? status : mien_table_add_row(labels, label);
}

static mien_status write_labels(work *w, const film *f) {
    static const char *const names[] = {"start_s", "end_s", "valence", "arousal"};
    mien_table *labels = NULL;
    mien_string path;
    mien_string_init(&path);
    mien_string_addf(&path, "%s/labels/%s.csv", w->directory, f->name);
    mien_status status = mien_string_status(&path);
    status = status ? status : mien_table_new(4, names, &labels);
    for (int64_t i = 0; status == MIEN_OK && i < f->segments; i++) {
        status = add_row(w, f, i, labels);
    }
    status = status ? status : mien_table_write(labels, path.text, MIEN_CSV);
    mien_table_free(&labels);
    mien_string_clear(&path);
    return status;
}

static mien_status write_film(work *w, int index, mien_tensor *image) {
    film f = {.segments = 0};
    mien_status status = make_film(w, index, &f);
    if (status == MIEN_OK) {
        begin_look(w, index, &f.look);
        status = write_media(w, &f, image);
    }
    status = status ? status : write_labels(w, &f);
    mien_free(f.all);
    return status;
}

/* ---- what is asked for
 * ---------------------------------------------------------------- */

/* "colour=0.4,sound": a name without a strength has its share of r. */
static mien_status read_strengths(work *w) {
    const char *next = w->o->modalities ? w->o->modalities : "colour,motion,sound";
    bool named[KINDS] = {false}, given[KINDS] = {false};
    int shares = 0;
    double sum = 0;
    while (*next) {
        const size_t all = strcspn(next, ","), length = strcspn(next, "=,");
        char number[32];
        int k = 0;
        while (k < KINDS &&
               (strlen(kinds[k]) != length || strncmp(kinds[k], next, length) != 0)) {
            k++;
        }
        if (k == KINDS || named[k]) {
            return mien_fail(MIEN_EINVAL,
                "modalities: \"%.*s\" is %s colour, motion, sound", (int)length, next,
                k == KINDS ? "none of" : "there twice, of");
        }
        named[k] = true;
        given[k] = length < all;
        shares += !given[k];
        snprintf(number, sizeof number, "%.*s", given[k] ? (int)(all - length - 1) : 0,
            next + length + 1);
        if (given[k] && (!mien_parse_number(number, &w->r[k]) ||
                            !(w->r[k] >= 0 && w->r[k] <= 0.95))) {
            return mien_fail(MIEN_EINVAL, "modalities: %s=%s; a strength is 0 to 0.95",
                kinds[k], number);
        }
        next += all + (next[all] == ',');
    }
    for (int k = 0; k < KINDS; k++) {
        if (named[k] && !given[k]) {
            w->r[k] = w->o->r / sqrt(shares);
        }
        sum += w->r[k] * w->r[k];
    }
    return sum <= 0.95 * 0.95 + 1e-9 ? MIEN_OK
                                     : mien_fail(MIEN_EINVAL,
                                           "modalities: together they would tell "
                                           "ratings with a correlation of "
                                           "%.3g; 0.95 is possible",
                                           sqrt(sum));
}

static mien_status make_folder(const work *w, const char *name) {
    char *path = mien_path_join(w->directory, name);
    mien_status status = path ? mien_directory_make(path) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

static mien_status prepare(work *w) {
    static const char *const trials[] = {
        "trial", "group", "film", "start_s", "end_s", "valence", "arousal"};
    static const char *const ideal[] = {"trial", "valence", "arousal"};
    static const char *const parts[] = {"trial", "valence_colour", "valence_motion",
        "valence_sound", "arousal_colour", "arousal_motion", "arousal_sound"};
    mien_status status = read_strengths(w);
    status = status ? status : mien_table_new(7, trials, &w->trials);
    status = status ? status : mien_table_new(3, ideal, &w->ideal);
    status = status ? status : mien_table_new(7, parts, &w->parts);
    status = status ? status : make_folder(w, "films");
    return status ? status : make_folder(w, "labels");
}

static mien_status make_sidecar(const work *w, mien_value **sidecar) {
    const int64_t width[MIEN_FILM_KINDS] = {0};
    char text[300];
    mien_status status = mien_film_sidecar("synthetic films",
        "made by mien synth cognimuse --media: patterns and tones, no film", "none",
        "CC0-1.0", width, sidecar);
    snprintf(text, sizeof text,
        "films %d, segments %d, seed %u; in each film a rating correlates %g with what "
        "its "
        "colour tells, %g with motion, %g with sound (parts.csv), and with all of them "
        "as "
        "ideal.csv does",
        w->o->films, w->o->segments, w->o->seed, w->r[COLOUR], w->r[MOTION],
        w->r[SOUND]);
    status =
        status ? status : mien_sidecar_add_column(*sidecar, "film", "the film's file");
    return status ? status : mien_sidecar_add_note(*sidecar, text);
}

static mien_status write_table(
    const work *w, const mien_table *table, const char *name) {
    char *path = mien_path_join(w->directory, name);
    mien_status status = path ? mien_table_write(table, path, MIEN_CSV) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

static mien_status write_tables(const work *w) {
    mien_value *sidecar = NULL;
    char *trials = mien_path_join(w->directory, "trials.tsv");
    mien_status status = trials ? make_sidecar(w, &sidecar) : MIEN_ENOMEM;
    status = status ? status : write_table(w, w->ideal, "ideal.csv");
    status = status ? status : write_table(w, w->parts, "parts.csv");
    status = status ? status : mien_trials_write(w->trials, sidecar, trials);
    mien_value_free(&sidecar);
    mien_free(trials);
    return status;
}

mien_status mien_synth_media(const mien_synth_options *options, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    static const int64_t shape[] = {HEIGHT, WIDTH, 3};
    work w = {.o = options, .directory = directory};
    mien_tensor *image = NULL;
    mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &image);
    status = status ? status : prepare(&w);
    for (int i = 0; status == MIEN_OK && i < options->films; i++) {
        if (progress) {
            progress(context, i, options->films);
        }
        status = write_film(&w, i, image);
    }
    status = status ? status : write_tables(&w);
    mien_tensor_free(&image);
    mien_table_free(&w.trials);
    mien_table_free(&w.ideal);
    mien_table_free(&w.parts);
    return status;
}
