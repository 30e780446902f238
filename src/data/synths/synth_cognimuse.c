/* SPDX-License-Identifier: MIT */
/* Films like those of the extended COGNIMUSE, with a planted signal.
 *
 * Of each film and target there are parts (one shared by all carrying modalities, one
 * of each alone) and a rest that no feature shows, slow series that are orthogonal in
 * the film. The signal s is sqrt(1/2) · shared + sqrt(1/2) · sum of own /
 * sqrt(carriers); the rating is a · s + sqrt(1 - a²) · rest, with a = r / (correlation
 * of s and its best linear read-out). Columns that carry nothing follow a few slow
 * factors of their own and differ from film to film, as features do. */
#include "data/importers/importer.h"
#include "data/synths/synth.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KINDS = MIEN_FILM_KINDS, TARGETS = MIEN_SYNTH_TARGETS, FACTORS = 8 };
enum { STREAM_COLUMNS = 1, STREAM_LENGTH, STREAM_PARTS, STREAM_FEATURES };

#define SEGMENT_S 5
/* The SD of ratings: four SD reach the ends of the scale. */
#define RATING_SD 0.25

typedef struct film {
    char name[16];
    int64_t segments;
    double *part[TARGETS][KINDS + 1]; /* [segments]; the last is the shared one */
    double *rating[TARGETS];          /* [segments] */
    double *ideal[TARGETS];           /* [segments]: the best linear read-out */
} film;

typedef struct work {
    const mien_synth_options *o;
    const char *directory;
    bool carries[KINDS];
    int carriers;
    mien_synth_column *columns[KINDS];
    mien_table *trials, *ideal;
    mien_arena *arena; /* of the film at work */
} work;

/* ---- ratings ----------------------------------------------------------------- */

static double weight_of(const work *w, int part) {
    return part == KINDS ? sqrt(MIEN_SYNTH_SHARED)
                         : sqrt((1 - MIEN_SYNTH_SHARED) / w->carriers);
}

/* The parts, the rest, and the rating of both. series: the parts, then the rest. */
static void rate(
    const work *w, mien_stream *s, film *f, int target, double *const *series) {
    int64_t n = f->segments;
    double a = w->o->r / mien_synth_reliability(w->carriers);
    double *rating = f->rating[target];
    for (int p = 0; p <= KINDS + 1; p++) {
        mien_synth_autoregress(s, n, series[p]);
        mien_synth_orthonormalise(n, series, p, series[p]);
    }
    for (int p = 0; p <= KINDS; p++) {
        double weight = p == KINDS || w->carries[p] ? a * weight_of(w, p) : 0;
        for (int64_t i = 0; i < n; i++) {
            rating[i] += weight * series[p][i];
        }
    }
    for (int64_t i = 0; i < n; i++) {
        double y = rating[i] + sqrt(1 - a * a) * series[KINDS + 1][i];
        rating[i] = fmax(-1, fmin(1, RATING_SD * y));
    }
}

static mien_status make_film(work *w, int index, film *f) {
    static const char *const codes[] = {"BMI", "LOR", "GLA", "DEP", "CRA", "CHI", "FNE",
        "ABE", "MDB", "NCO", "RAT", "SIL"};
    const mien_synth_options *o = w->o;
    mien_stream s;
    if (index < 12) {
        snprintf(f->name, sizeof f->name, "%s", codes[index]);
    } else {
        snprintf(f->name, sizeof f->name, "F%d", index + 1);
    }
    mien_stream_init(&s, o->seed, STREAM_LENGTH, (uint64_t)index);
    f->segments = llround(o->segments * (0.9 + 0.2 * mien_stream_uniform(&s)));
    mien_stream_init(&s, o->seed, STREAM_PARTS, (uint64_t)index);
    for (int t = 0; t < TARGETS; t++) {
        double *series[KINDS + 4];
        for (int i = 0; i < KINDS + 4; i++) {
            series[i] =
                mien_arena_alloc(w->arena, (size_t)f->segments, sizeof **series);
            if (!series[i]) {
                return MIEN_ENOMEM;
            }
        }
        memcpy(f->part[t], series, sizeof f->part[t]);
        f->rating[t] = series[KINDS + 2];
        f->ideal[t] = series[KINDS + 3];
        rate(w, &s, f, t, series);
    }
    return MIEN_OK;
}

/* ---- features ---------------------------------------------------------------- */

/* The nuisance factors that the columns without a part follow. */
typedef struct nuisance {
    double *factor[FACTORS]; /* [segments] */
    double *offset;          /* [width], of this film */
} nuisance;

static mien_status make_nuisance(
    work *w, mien_stream *s, const film *f, int64_t width, nuisance *n) {
    n->offset = mien_arena_alloc(w->arena, (size_t)width, sizeof *n->offset);
    for (int i = 0; i < FACTORS; i++) {
        n->factor[i] =
            mien_arena_alloc(w->arena, (size_t)f->segments, sizeof *n->factor[i]);
        if (!n->factor[i]) {
            return MIEN_ENOMEM;
        }
        mien_synth_autoregress(s, f->segments, n->factor[i]);
    }
    for (int64_t c = 0; n->offset && c < width; c++) {
        n->offset[c] = 0.5 * mien_synth_normal(s);
    }
    return n->offset ? MIEN_OK : MIEN_ENOMEM;
}

/* One value, standardised: of unit variance. */
static double standard_value(const film *f, int kind, const mien_synth_column *c,
    const nuisance *n, int64_t row, int64_t column, mien_stream *s) {
    double noise = mien_synth_normal(s), l = MIEN_SYNTH_LOADING;
    if (c->part < 0) {
        return n->offset[column] + 0.6 * n->factor[column % FACTORS][row] +
               0.625 * noise; /* 0.25 + 0.36 + 0.39 = 1 */
    }
    int part = c->part % 2 == 0 ? KINDS : kind;
    return c->sign * l * f->part[c->part / 2][part][row] + sqrt(1 - l * l) * noise;
}

/* Adds what a written value tells of its part to the best read-out of the signal:
 * E[part | columns] is loading / (n · loading² + 1 - loading²) · sum of the columns. */
static void read_out(const work *w, film *f, const mien_synth_column *c, int64_t row,
    int kind, float value) {
    if (c->part < 0) {
        return;
    }
    bool shared = c->part % 2 == 0;
    double n = MIEN_SYNTH_COLUMNS * (shared ? w->carriers : 1), l = MIEN_SYNTH_LOADING;
    double standard = c->sign * ((double)value - c->mean) / c->sd;
    f->ideal[c->part / 2][row] +=
        weight_of(w, shared ? KINDS : kind) * l / (n * l * l + 1 - l * l) * standard;
}

static mien_status fill(work *w, int index, film *f, int kind, mien_tensor *tensor) {
    int64_t width = mien_film_kinds[kind].width;
    float *values = tensor->data;
    nuisance n = {0};
    mien_stream s;
    mien_stream_init(&s, w->o->seed, STREAM_FEATURES + (uint64_t)kind, (uint64_t)index);
    mien_status status = make_nuisance(w, &s, f, width, &n);
    for (int64_t i = 0; status == MIEN_OK && i < f->segments * width; i++) {
        const mien_synth_column *c = &w->columns[kind][i % width];
        double value =
            c->mean + c->sd * standard_value(f, kind, c, &n, i / width, i % width, &s);
        values[i] = (float)fmax(value, c->lowest);
        read_out(w, f, c, i / width, kind, values[i]);
    }
    return status;
}

static mien_status write_features(work *w, int index, film *f) {
    mien_tensor *tensors[KINDS] = {NULL};
    const mien_tensor *given[KINDS];
    const char *names[KINDS];
    mien_string path;
    mien_string_init(&path);
    mien_status status = mien_string_addf(&path, "%s/%s.h5", w->directory, f->name);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        int64_t shape[] = {f->segments, mien_film_kinds[k].width};
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : mien_tensor_new(MIEN_F32, 2, shape, &tensors[k]);
        status = status ? status : fill(w, index, f, k, tensors[k]);
        names[k] = mien_film_kinds[k].name;
        given[k] = tensors[k];
    }
    status = status ? status : mien_hdf5_write(path.text, KINDS, names, given);
    for (int k = 0; k < KINDS; k++) {
        mien_tensor_free(&tensors[k]);
    }
    mien_string_clear(&path);
    return status;
}

/* ---- tables ------------------------------------------------------------------ */

static mien_status add_trial(work *w, const film *f, int64_t row) {
    const char *cells[6 + KINDS], *ideal[3];
    char id[64], place[KINDS][64], number[6][32];
    snprintf(id, sizeof id, "%s/%04" PRId64, f->name, row);
    cells[0] = ideal[0] = id;
    cells[1] = f->name;
    cells[2] = mien_format_double((double)row * SEGMENT_S, number[0]);
    cells[3] = mien_format_double((double)(row + 1) * SEGMENT_S, number[1]);
    for (int t = 0; t < TARGETS; t++) {
        cells[4 + t] = mien_format_float((float)f->rating[t][row], number[2 + t]);
        ideal[1 + t] = mien_format_float((float)f->ideal[t][row], number[4 + t]);
    }
    for (int k = 0; k < KINDS; k++) {
        snprintf(place[k], sizeof place[k], "%s.h5#%s:%" PRId64, f->name,
            mien_film_kinds[k].name, row);
        cells[6 + k] = place[k];
    }
    mien_status status = mien_table_add_row(w->trials, cells);
    return status ? status : mien_table_add_row(w->ideal, ideal);
}

/* Writes the labels in the form that the importer reads. */
static mien_status write_labels(const work *w, const film *f) {
    static const char *const names[] = {"start_s", "end_s", "valence", "arousal"};
    mien_table *table = NULL;
    mien_string path;
    mien_string_init(&path);
    mien_string_addf(&path, "%s/labels/%s.csv", w->directory, f->name);
    mien_status status = mien_string_status(&path);
    status = status ? status : mien_table_new(4, names, &table);
    for (int64_t i = 0; status == MIEN_OK && i < f->segments; i++) {
        char number[4][32];
        const char *cells[] = {mien_format_double((double)i * SEGMENT_S, number[0]),
            mien_format_double((double)(i + 1) * SEGMENT_S, number[1]),
            mien_format_float((float)f->rating[0][i], number[2]),
            mien_format_float((float)f->rating[1][i], number[3])};
        status = mien_table_add_row(table, cells);
    }
    status = status ? status : mien_table_write(table, path.text, MIEN_CSV);
    mien_table_free(&table);
    mien_string_clear(&path);
    return status;
}

static mien_status write_film(work *w, int index) {
    film f = {.segments = 0};
    mien_status status = mien_arena_new((size_t)1 << 16, &w->arena);
    status = status ? status : make_film(w, index, &f);
    status = status ? status : write_features(w, index, &f);
    status = status ? status : write_labels(w, &f);
    for (int64_t i = 0; status == MIEN_OK && i < f.segments; i++) {
        status = add_trial(w, &f, i);
    }
    mien_arena_free(&w->arena);
    return status;
}

/* ---- the whole --------------------------------------------------------------- */

static mien_status read_modalities(work *w) {
    const char *next = w->o->modalities;
    for (int k = 0; k < KINDS && !next; k++) {
        w->carries[k] = true;
        w->carriers++;
    }
    while (next && *next) {
        size_t length = strcspn(next, ",");
        int k = 0;
        while (k < KINDS && (strlen(mien_film_kinds[k].name) != length ||
                                strncmp(mien_film_kinds[k].name, next, length) != 0)) {
            k++;
        }
        if (k == KINDS || w->carries[k]) {
            return mien_fail(MIEN_EINVAL,
                "modalities: \"%.*s\" is %s resnet50, flownet, i3d, vggish, "
                "emobase2010",
                (int)length, next, k == KINDS ? "none of" : "there twice, of");
        }
        w->carries[k] = true;
        w->carriers++;
        next += length + (next[length] == ',');
    }
    return w->carriers > 0 ? MIEN_OK
                           : mien_fail(MIEN_EINVAL, "modalities: name one at least");
}

static mien_status prepare(work *w) {
    const char *names[6 + KINDS] = {
        "trial", "group", "start_s", "end_s", "valence", "arousal"};
    static const char *const ideal[] = {"trial", "valence", "arousal"};
    char text[KINDS][64];
    mien_status status = read_modalities(w);
    for (int k = 0; status == MIEN_OK && k < KINDS; k++) {
        snprintf(text[k], sizeof text[k], "features.%s", mien_film_kinds[k].name);
        names[6 + k] = text[k];
        w->columns[k] =
            mien_alloc((size_t)mien_film_kinds[k].width, sizeof *w->columns[k]);
        if (!w->columns[k]) {
            return MIEN_ENOMEM;
        }
        mien_synth_columns(w->o->seed, k, w->carries[k], w->columns[k]);
    }
    status = status ? status : mien_table_new(6 + KINDS, names, &w->trials);
    status = status ? status : mien_table_new(3, ideal, &w->ideal);
    char *labels = status ? NULL : mien_path_join(w->directory, "labels");
    status = status || labels ? status : MIEN_ENOMEM;
    status = status ? status : mien_directory_make(labels);
    mien_free(labels);
    return status;
}

static mien_status make_sidecar(const work *w, mien_value **sidecar) {
    int64_t width[KINDS];
    char text[300];
    for (int k = 0; k < KINDS; k++) {
        width[k] = mien_film_kinds[k].width;
    }
    mien_status status = mien_film_sidecar("synthetic cognimuse",
        "made by mien synth cognimuse: random numbers, no film", "none", "CC0-1.0",
        width, sidecar);
    snprintf(text, sizeof text,
        "r %g, films %d, segments %d, seed %u, modalities %s: in each film a rating "
        "correlates %g with the best linear read-out of all features (ideal.csv)",
        w->o->r, w->o->films, w->o->segments, w->o->seed,
        w->o->modalities ? w->o->modalities : "all", w->o->r);
    return status ? status : mien_sidecar_add_note(*sidecar, text);
}

static mien_status write_tables(const work *w) {
    mien_value *sidecar = NULL;
    char *ideal = mien_path_join(w->directory, "ideal.csv");
    char *trials = mien_path_join(w->directory, "trials.tsv");
    mien_status status = ideal && trials ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : make_sidecar(w, &sidecar);
    status = status ? status : mien_table_write(w->ideal, ideal, MIEN_CSV);
    status = status ? status : mien_trials_write(w->trials, sidecar, trials);
    mien_value_free(&sidecar);
    mien_free(trials);
    mien_free(ideal);
    return status;
}

static mien_status write(const mien_synth_options *options, const char *directory,
    void (*progress)(void *context, int64_t done, int64_t total), void *context) {
    work w = {.o = options, .directory = directory};
    if (options->media) {
        return mien_synth_media(options, directory, progress, context);
    }
    mien_status status = prepare(&w);
    for (int i = 0; status == MIEN_OK && i < options->films; i++) {
        if (progress) {
            progress(context, i, options->films);
        }
        status = write_film(&w, i);
    }
    status = status ? status : write_tables(&w);
    mien_table_free(&w.ideal);
    mien_table_free(&w.trials);
    for (int k = 0; k < KINDS; k++) {
        mien_free(w.columns[k]);
    }
    return status;
}

const mien_synth mien_synth_cognimuse = {
    .name = "cognimuse",
    .summary =
        "films like those of the extended COGNIMUSE: five features at their real "
        "widths and scales, valence and arousal of segments of 5 s",
    .write = write,
};
