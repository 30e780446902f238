/* SPDX-License-Identifier: MIT */
/* mien predict of a model over features, over films.
 *
 * In: films, or files of features that `mien extract` wrote of films. The families that
 * the model's inputs are made of are computed (films_cache.c), and the file of them is
 * read as any file of features is, so that both ways give the same bits. Out: a row a
 * segment, to the sink of cmd_predict.c. */
#include "cli/predict_films.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/extract_films.h"
#include "cli/predict_effects.h"
#include "data/trials.h"

enum { PATH_BYTES = 4096 };

typedef struct job {
    cli *c;
    mien_predictor *predictor;
    const mien_network *network;
    cli_film_request request;
    mien_string names;
    char family[MIEN_INPUTS_MAX][32];
    int thumbnails;
    mien_predict_sink *sink;
    mien_predict_problem *problem;
    void *context;
    cli_tracks *tracks; /* NULL: no effects are wanted */
    int64_t told;       /* bad films that were told on the way */
    /* the film at hand */
    const char *film;
    double first_s, last_s;         /* the part of it that is asked for */
    const mien_tensor *start, *end; /* f64 [rows] */
    int64_t row;
    int64_t first_row;   /* the first that is asked for; -1: none so far */
    mien_film *pictures; /* for thumbnails; NULL: none */
    mien_tensor *thumbnail;
} job;

static bool is_extracted(const char *path) {
    mien_hdf5 *file = NULL;
    char **texts = NULL;
    int64_t count = 0;
    bool extracted = mien_file_size(path) > 0 && !mien_file_is_directory(path) &&
                     mien_hdf5_open(path, &file) == MIEN_OK &&
                     mien_hdf5_texts(file, "", "mien", &texts, &count) == MIEN_OK;
    mien_names_free(&texts, count);
    mien_hdf5_close(&file);
    return extracted;
}

/* Whether a path may be a film: a name that is no file may be a pair, and is judged
 * as one; a picture is no film. */
static bool may_be_film(const char *path) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return mien_file_is_directory(path) ||
           (mien_file_exists(path) && mien_media_kind_of(path, &kind) == MIEN_OK &&
               kind != MIEN_MEDIA_PICTURE);
}

bool cli_takes_films(const mien_options *o, int count, const char *const *positional) {
    bool all = count > 0 && !mien_options_given(o, "features");
    for (int i = 0; all && i < count; i++) {
        all = may_be_film(positional[i]);
    }
    return all;
}

/* ---- what computes the model's inputs -----------------------------------------------
 */

/* AttendAffectNet's files say nothing of it: their features were taken so. */
static const char *of_aan(const char *input) {
    static const char *const pairs[][2] = {{"resnet50", "resnet50"},
        {"flownet", "flownet-s5"}, {"i3d", "i3d-s5"}, {"vggish", "vggish"},
        {"emobase2010", "emobase2010-s5"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(input, pairs[i][0]) == 0) {
            return pairs[i][1];
        }
    }
    return input;
}

/* Settings that an input's features were made with, as its contract has them. */
static void take_made(cli_film_settings *s, const mien_value *made) {
    const mien_value *flow = mien_value_get(made, "flow_size"),
                     *rate = mien_value_get(made, "frame_rate");
    if (flow) {
        s->flow_size = (int)mien_value_number(flow, 0);
    }
    if (rate) {
        s->frame_rate_hz = mien_value_number(rate, 0);
    }
    s->frames =
        (int64_t)mien_value_number(mien_value_get(made, "frames"), (double)s->frames);
    const char *embedding = mien_value_text(mien_value_get(made, "embedding"));
    const char *statistics = mien_value_text(mien_value_get(made, "statistics"));
    if (statistics && strcmp(statistics, "batch") == 0) {
        s->batch_statistics = true;
    }
    if (embedding) {
        s->embedding_linear = strcmp(embedding, "linear") == 0;
    }
}

/* Whether no earlier input is of the same family. */
static bool is_first(const job *j, int i) {
    bool first = true;
    for (int k = 0; k < i; k++) {
        first = first && strcmp(j->family[k], j->family[i]) != 0;
    }
    return first;
}

static mien_status find_family(job *j, int i) {
    const mien_input *input = &j->network->architecture.inputs[i];
    const mien_value *made = j->network->made_by[i];
    const char *name = mien_value_text(mien_value_get(made, "feature"));
    const bool aan = strcmp(j->network->architecture.preset.kind, "aan") == 0;
    const cli_family *family = NULL;
    name = name ? name : aan ? of_aan(input->name) : input->name;
    if (cli_family_find(name, &family) != MIEN_OK) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "nothing computes the input %s of %s from a film: give --features %s=FILE",
            input->name, mien_model_path(mien_predictor_model(j->predictor)),
            input->name);
    }
    if (made) {
        take_made(&j->request.settings, made);
    }
    snprintf(j->family[i], sizeof j->family[i], "%s", name);
    if (is_first(j, i)) {
        mien_string_addf(&j->names, "%s%s", j->names.length ? "," : "", name);
    }
    return mien_string_status(&j->names);
}

static void tell(void *context, const char *input, const char *text) {
    job *j = context;
    j->told++;
    j->problem(j->context, input, text);
}

static mien_status prepare(job *j, const mien_options *o) {
    cli_film_settings *s = &j->request.settings;
    mien_status status = MIEN_OK;
    *s = cli_film_settings_default();
    s->segment_s = j->network->segment_s > 0 ? j->network->segment_s : s->segment_s;
    s->weights = mien_options_text(o, "weights");
    s->exact = mien_options_flag(o, "exact");
    j->request.hop_s = s->segment_s;
    j->request.problem = tell;
    j->request.context = j;
    for (int i = 0; status == MIEN_OK && i < j->network->architecture.inputs_count;
         i++) {
        status = find_family(j, i);
    }
    if (status == MIEN_OK && mien_options_given(o, "flow-size")) {
        status = cli_flow_size(j->c, mien_options_text(o, "flow-size"), &s->flow_size);
    }
    if (mien_options_given(o, "statistics")) {
        s->batch_statistics = strcmp(mien_options_text(o, "statistics"), "batch") == 0;
    }
    j->request.names = j->names.text;
    return status;
}

/* ---- one film
 * ------------------------------------------------------------------------ */

static mien_status take_thumbnail(job *j, mien_prediction *p) {
    const mien_tensor *image = NULL;
    int64_t us, sample;
    const int height = j->thumbnails;
    mien_tensor_free(&j->thumbnail);
    if (!j->pictures || mien_film_next(j->pictures, &image, &us, &sample) != MIEN_OK) {
        return MIEN_OK;
    }
    const int64_t width = image->shape[1] * height / image->shape[0];
    mien_status status = mien_image_resize(image, height, width > 0 ? (int)width : 1,
        MIEN_RESIZE_BILINEAR, NULL, &j->thumbnail);
    p->thumbnail = j->thumbnail;
    return status;
}

static mien_status take(void *context, const mien_prediction *prediction) {
    job *j = context;
    mien_prediction p = *prediction;
    const int64_t row = j->row++;
    p.input = p.series = j->film;
    p.start_s = ((const double *)j->start->data)[row];
    p.end_s = ((const double *)j->end->data)[row];
    if (p.end_s <= j->first_s || p.start_s >= j->last_s) {
        return MIEN_OK;
    }
    j->first_row = j->first_row < 0 ? row : j->first_row;
    mien_status status = take_thumbnail(j, &p);
    return status ? status : j->sink(j->context, &p);
}

/* A picture from the middle of each segment. */
static void open_pictures(job *j) {
    mien_film_options o = mien_film_options_default();
    o.every_s = j->request.hop_s;
    o.start_s = j->request.settings.segment_s / 2;
    o.short_side = j->thumbnails;
    if (j->thumbnails <= 0 || mien_film_open(j->film, &o, &j->pictures) != MIEN_OK) {
        j->pictures = NULL;
    }
}

static mien_status load_times(mien_hdf5 *file, const char *group, const char *name,
    int64_t rows, mien_tensor **times) {
    char path[PATH_BYTES];
    int64_t at;
    snprintf(path, sizeof path, "%s%s%s", group, *group ? "/" : "", name);
    mien_status status = mien_hdf5_find(file, path, &at);
    status = status ? status : mien_hdf5_load(file, at, times);
    if (status == MIEN_OK && ((*times)->dtype != MIEN_F64 ||
                                 (rows >= 0 && mien_tensor_count(*times) != rows))) {
        status = mien_fail(MIEN_EFORMAT, "%s is not as mien extract writes it", path);
    }
    return status;
}

/* Gives the track that was just filled what each input adds at its moments. */
static mien_status add_effects(job *j, const mien_feature_file *files) {
    cli_tracks *tracks = j->tracks;
    cli_track *track =
        tracks && tracks->count > 0 ? &tracks->items[tracks->count - 1] : NULL;
    const int inputs = j->network->architecture.inputs_count;
    const int64_t rows = mien_tensor_count(j->start),
                  targets = tracks ? tracks->targets_count : 0;
    if (!track || track->effect || inputs < 2 || j->first_row < 0 ||
        j->first_row + track->count > rows) {
        return MIEN_OK;
    }
    double *all = mien_alloc((size_t)(targets * rows * inputs), sizeof *all);
    track->effect = mien_alloc((size_t)(targets * track->count * inputs), sizeof *all);
    mien_status status = all && track->effect ? MIEN_OK : MIEN_ENOMEM;
    status =
        status ? status : cli_predict_effects(j->predictor, files, inputs, rows, all);
    for (int64_t t = 0; status == MIEN_OK && t < targets; t++) {
        memcpy(track->effect + t * track->count * inputs,
            all + (t * rows + j->first_row) * inputs,
            (size_t)(track->count * inputs) * sizeof *all);
    }
    for (int i = 0; i < inputs; i++) {
        track->effects[i] = j->network->architecture.inputs[i].name;
    }
    track->effects_count = inputs;
    mien_free(all);
    return status;
}

/* The rows of one group of a file of features. */
static mien_status run_group(
    job *j, mien_hdf5 *file, const char *path, const char *group) {
    const mien_architecture *a = &j->network->architecture;
    mien_feature_file files[MIEN_INPUTS_MAX];
    mien_tensor *start = NULL, *end = NULL;
    char(*places)[PATH_BYTES] = mien_alloc(MIEN_INPUTS_MAX, sizeof *places);
    mien_status status = places ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        snprintf(places[i], sizeof *places, "%s#%s%s%s", path, group, *group ? "/" : "",
            j->family[i]);
        files[i] = (mien_feature_file){.name = a->inputs[i].name, .path = places[i]};
    }
    status = status ? status : load_times(file, group, "start_s", -1, &start);
    status = status ? status
                    : load_times(file, group, "end_s", mien_tensor_count(start), &end);
    if (status == MIEN_OK) {
        j->start = start;
        j->end = end;
        j->row = 0;
        j->first_row = -1;
        open_pictures(j);
        status =
            mien_predictor_run_features(j->predictor, files, a->inputs_count, take, j);
        status = status ? status : add_effects(j, files);
    }
    mien_film_close(&j->pictures);
    mien_tensor_free(&j->thumbnail);
    mien_tensor_free(&start);
    mien_tensor_free(&end);
    mien_free(places);
    return status;
}

/* Each film of a file of features; the root is a film if it has times itself. */
static mien_status run_extracted(job *j, const char *path, const char *film) {
    mien_hdf5 *file = NULL;
    mien_status status = mien_hdf5_open(path, &file);
    int64_t films = 0;
    for (int64_t i = 0; status == MIEN_OK && i < mien_hdf5_count(file); i++) {
        static const char wanted[] = "start_s";
        char group[1024], **texts = NULL;
        int64_t count = 0;
        const char *name = mien_hdf5_name(file, i), *slash = strrchr(name, '/');
        if (strcmp(slash ? slash + 1 : name, wanted) != 0) {
            continue;
        }
        snprintf(group, sizeof group, "%.*s", slash ? (int)(slash - name) : 0, name);
        const bool known =
            !film && mien_hdf5_texts(file, group, "input", &texts, &count) == MIEN_OK &&
            count > 0;
        j->film = film ? film : known ? texts[0] : path;
        status = run_group(j, file, path, group);
        mien_names_free(&texts, count);
        films++;
    }
    if (status == MIEN_OK && films == 0) {
        status = mien_fail(MIEN_EFORMAT, "%s: no features of films", path);
    }
    mien_hdf5_close(&file);
    return status;
}

static mien_status run_one(job *j, const mien_input_file *input) {
    char *path = NULL;
    if (input->problem) {
        return mien_fail(input->status, "%s", input->problem);
    }
    j->first_s = input->start_s;
    j->last_s = input->end_s;
    if (is_extracted(input->path)) {
        return run_extracted(j, input->path, NULL);
    }
    mien_status status = cli_films_cached(j->c, &j->request, input->path, &path);
    status = status ? status : run_extracted(j, path, input->path);
    mien_free(path);
    return status;
}

mien_status cli_predict_films(cli *c, const mien_options *o, mien_predictor *predictor,
    int count, const char *const *positional, int thumbnails, cli_tracks *tracks,
    mien_predict_sink *sink, mien_predict_problem *problem, void *context) {
    job j = {.c = c,
        .predictor = predictor,
        .network = mien_model_network(mien_predictor_model(predictor)),
        .thumbnails = thumbnails,
        .tracks = tracks,
        .sink = sink,
        .problem = problem,
        .context = context};
    mien_input_files inputs = {0};
    mien_status first = MIEN_OK;
    mien_string_init(&j.names);
    mien_status status = prepare(&j, o);
    status = status ? status : mien_input_files_expand(&inputs, positional, count);
    for (int64_t i = 0; status == MIEN_OK && i < inputs.count; i++) {
        const int64_t told = j.told;
        mien_status one = run_one(&j, &inputs.items[i]);
        if (one == MIEN_ENOMEM || one == MIEN_EINTERRUPTED || one == MIEN_EIO) {
            status = one;
        } else if (one != MIEN_OK) {
            if (j.told == told) {
                problem(context, inputs.items[i].path, mien_error());
            }
            first = first ? first : one;
        }
    }
    mien_input_files_clear(&inputs);
    mien_string_clear(&j.names);
    return status ? status : first;
}

/* ---- trial tables --------------------------------------------------------------- */

/* Whether the table lacks every input of the model and has films instead: a table with
 * some of them is the caller's own, and is told what is missing. */
static mien_status lacks_all(
    const mien_network *network, const char *path, bool *lacks) {
    const mien_architecture *a = &network->architecture;
    mien_table *table = NULL;
    mien_status status = mien_table_read(path, NULL, &table);
    *lacks = status == MIEN_OK && mien_table_column(table, "film") >= 0;
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        char usual[128];
        snprintf(usual, sizeof usual, "features.%s", a->inputs[i].name);
        const char *const names[] = {a->inputs[i].column, a->inputs[i].name, usual};
        for (int k = 0; k < 3; k++) {
            *lacks = *lacks && (!names[k] || mien_table_column(table, names[k]) < 0);
        }
    }
    mien_table_free(&table);
    return status;
}

mien_status cli_predict_film_table(cli *c, const mien_options *o,
    mien_predictor *predictor, const char *table, char **copy) {
    job j = {.c = c,
        .predictor = predictor,
        .network = mien_model_network(mien_predictor_model(predictor))};
    const mien_architecture *a = &j.network->architecture;
    char columns[MIEN_INPUTS_MAX][128];
    const char *lent[MIEN_INPUTS_MAX];
    bool lacks = false;
    *copy = NULL;
    mien_status status = lacks_all(j.network, table, &lacks);
    if (status != MIEN_OK || !lacks || mien_options_given(o, "input")) {
        return status;
    }
    mien_string_init(&j.names);
    status = prepare(&j, o);
    for (int i = 0, n = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        if (is_first(&j, i)) {
            snprintf(columns[n], sizeof columns[n], "features.%s", a->inputs[i].name);
            lent[n] = columns[n];
            n++;
        }
    }
    status = status ? status
                    : cli_film_trials(c, table, j.names.text, lent, true,
                          &j.request.settings, copy);
    mien_string_clear(&j.names);
    return status;
}
