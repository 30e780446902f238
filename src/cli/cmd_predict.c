/* SPDX-License-Identifier: MIT */
/* mien predict: a model and pictures, films, folders, lists, trial tables or files of
 * features in; a table, timelines, a page out. */
#include "cli/command.h"
#include "cli/convert_options.h"
#include "cli/faces_options.h"
#include "cli/output.h"
#include "cli/predict_faces.h"
#include "cli/predict_films.h"
#include "cli/predict_inputs.h"
#include "cli/predict_output.h"
#include "predict/pass.h"

#include <math.h>
#include <string.h>

enum { REPORT_THUMBNAIL_HEIGHT = 120 };

static const char *const formats[] = {
    "csv", "tsv", "jsonl", "srt", "vtt", "eaf", "textgrid", "fex", "openface", NULL};

static const char *const samplings[] = {"times", "keyframes", NULL};

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "Write here instead of standard output; for timelines of several films "
                "a folder",
        .letter = 'o'},
    {.name = "format",
        .type = MIEN_OPTION_CHOICE,
        .choices = formats,
        .help = "Table, subtitles, ELAN or Praat; of faces as Py-Feat or OpenFace; "
                "default from the output's name, else csv",
        .letter = 'f'},
    {.name = "report",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.html",
        .help = "Also write a page with timelines drawn over thumbnails"},
    {.name = "explain",
        .type = MIEN_OPTION_FLAG,
        .help = "Draw on the page what counts in each picture (50 times the work)"},
    {.name = "every",
        .type = MIEN_OPTION_SECONDS,
        .initial = "0.2s",
        .minimum = 0,
        .maximum = 86400,
        .help = "Time between the pictures taken from a film; 0 takes every frame"},
    {.name = "sampling",
        .type = MIEN_OPTION_CHOICE,
        .choices = samplings,
        .initial = "times",
        .help =
            "keyframes: only pictures that need no other are decoded, the last up to "
            "each time, at their own times (fast where --every is long)"},
    {.name = "start",
        .type = MIEN_OPTION_SECONDS,
        .initial = "0s",
        .minimum = 0,
        .maximum = 1e7,
        .help = "Where in a film, or in a table's series, to begin"},
    {.name = "end",
        .type = MIEN_OPTION_SECONDS,
        .minimum = 0,
        .maximum = 1e7,
        .help = "Where in a film, or in a table's series, to stop"},
    {.name = "smooth",
        .type = MIEN_OPTION_SECONDS,
        .minimum = 0,
        .maximum = 600,
        .help = "Centred moving average over this long a part of a film or series; 0s: "
                "none (default: as the model was judged)"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help =
            "The backbone's weights (default: those fetched by mien models pull); of "
            "features of films NAME=FILE[,NAME=FILE…]"},
    {.name = "batch",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1024,
        .help = "Pictures that each thread's network takes at once (default: 1)"},
    {.name = "features",
        .type = MIEN_OPTION_LIST,
        .metavar = "NAME=FILE",
        .help = "Features of one input of a model over features; more may follow it"},
    {.name = "input",
        .type = MIEN_OPTION_LIST,
        .metavar = "NAME=COLUMN",
        .help = "The column of a trial table that an input of the model is taken from"},
    {.name = "flow-size",
        .type = MIEN_OPTION_TEXT,
        .metavar = "native|N",
        .help =
            "Size of the frames that features of motion are computed of (default: as "
            "the model says, else the film's own)"},
    {.name = "statistics",
        .type = MIEN_OPTION_CHOICE,
        .choices = (const char *const[]){"eval", "batch", NULL},
        .help =
            "Batch-norms of the networks that features of films are computed by, as of "
            "mien extract (default: as the model says, else eval)"},
    {.name = "attention",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.h5",
        .help = "Also write how much each input (or segment) looks at each"},
    {.name = "faces",
        .type = MIEN_OPTION_CHOICE,
        .choices = cli_faces_rules,
        .initial = "each",
        .help = "Of a model on faces: a row for each, the largest alone, or their "
                "mean; whole: "
                "pictures are faces that are cut out already"},
    {.name = "faces.every",
        .type = MIEN_OPTION_INT,
        .initial = "0",
        .minimum = 0,
        .maximum = 30,
        .help = "Look for faces at every so many-th moment of a film (0: 6 times a "
                "second)"},
    CLI_FACES_OPTIONS,
    {.name = "faces.keep-all",
        .type = MIEN_OPTION_FLAG,
        .help = "Of films also faces seen fewer than 3 times or never with a score of "
                "0.8"},
    {.name = "faces.identity",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.onnx",
        .help =
            "Biometric identification: one number for one person across the cuts of "
            "a film, by this network of yours (ArcFace and its like)"},
    {.name = "faces.identity-crop",
        .type = MIEN_OPTION_TEXT,
        .metavar = "SETTINGS",
        .help = "How that network reads a face (default: ArcFace's five points, RGB, "
                "-1 to 1)"},
    {.name = "faces.identity-least",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.5",
        .minimum = -1,
        .maximum = 1,
        .help = "Least cosine of two tracks of one person"},
    {.name = "faces.only",
        .type = MIEN_OPTION_FLAG,
        .help = "No rows for pictures and moments without a face"},
    {.name = "faces.blur",
        .type = MIEN_OPTION_CHOICE,
        .choices = (const char *const[]){"auto", "on", "off", NULL},
        .initial = "auto",
        .help = "Blur faces in the page of --report (auto: of films)"},
    CLI_CONVERT_OPTIONS,
    CLI_EXACT_OPTION,
    CLI_FORCE_OPTION,
    {0},
};

typedef struct job {
    cli *c;
    const mien_options *options;
    const mien_model *model;
    cli_predict_inputs inputs;
    bool knows_rows;                      /* that the model was trained on */
    cli_rows rows;                        /* not open for timelines */
    mien_table_format table;              /* of them */
    const mien_timeline_format *timeline; /* NULL for tables */
    bool keep;                            /* tracks are needed */
    cli_tracks tracks;
    char **problems;
    int64_t problems_count, problems_room;
    int64_t done;
    char *copy; /* of a table whose features were computed; NULL: none */
} job;

static mien_status open_rows(job *j) {
    j->rows.after = &mien_model_network(j->model)->after;
    return cli_rows_open(&j->rows, mien_options_text(j->options, "output"), j->table,
        j->tracks.targets, j->tracks.targets_count);
}

/* Takes in one prediction; for files of features the table is written only when all
 * rows are done. */
static mien_status take(void *context, const mien_prediction *prediction) {
    job *j = context;
    mien_status status = j->timeline || j->rows.writer ? MIEN_OK : open_rows(j);
    if (status == MIEN_OK && j->rows.writer) {
        status = cli_rows_write(&j->rows, prediction);
    }
    if (status == MIEN_OK && j->keep) {
        status = cli_tracks_add(&j->tracks, prediction);
    }
    cli_progress(j->c, j->inputs.rows.pictures ? "pictures" : "rows", ++j->done, 0);
    return status;
}

static void tell(void *context, const char *input, const char *text) {
    job *j = context;
    cli_problem(j->c, input, text);
    if (j->problems_count == j->problems_room) {
        int64_t room = j->problems_room ? 2 * j->problems_room : 16;
        char **problems = mien_realloc(
            j->problems, (size_t)j->problems_room, (size_t)room, sizeof *problems);
        if (!problems) {
            return; /* it has been printed: only the page lacks it */
        }
        j->problems = problems;
        j->problems_room = room;
    }
    j->problems[j->problems_count] = mien_strdup(text);
    j->problems_count += j->problems[j->problems_count] != NULL;
}

/* Length of a file's name without folder and ending. */
static size_t stem_length(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

/* OUTPUT/NAME.srt; films of one name in different folders are numbered, so that none is
 * written over another. */
static mien_status timeline_path(
    const job *j, int64_t index, const char *output, mien_string *path) {
    const char *name = mien_path_base(j->tracks.items[index].input);
    size_t length = stem_length(name);
    int same = 1;
    for (int64_t i = 0; i < index; i++) {
        const char *other = mien_path_base(j->tracks.items[i].input);
        same += j->tracks.items[i].film && stem_length(other) == length &&
                strncmp(other, name, length) == 0;
    }
    mien_string_addf(path, "%s/%.*s", output, (int)length, name);
    if (same > 1) {
        mien_string_addf(path, "-%d", same);
    }
    return mien_string_addf(path, ".%s", j->timeline->extension);
}

static mien_status write_timeline(
    const job *j, int64_t index, const char *output, bool folder) {
    const cli_track *track = &j->tracks.items[index];
    mien_string text, path;
    mien_string_init(&text);
    mien_string_init(&path);
    double end_s = track->moments[track->count - 1].end_s;
    mien_status status = j->timeline->write(&text, mien_path_base(track->input), end_s,
        track->moments, track->count, mien_model_targets(j->model));
    if (status == MIEN_OK && folder) {
        status = timeline_path(j, index, output, &path);
    }
    if (status == MIEN_OK && folder) { /* a single one was looked at before the work */
        status = cli_keep_other_timelines(
            j->options, path.text, mien_model_targets(j->model));
    }
    if (status == MIEN_OK) {
        status = cli_write(folder ? path.text : output, &text);
    }
    mien_string_clear(&path);
    mien_string_clear(&text);
    return status;
}

static mien_status write_timelines(job *j, const char *output) {
    int64_t films = 0;
    for (int64_t i = 0; i < j->tracks.count; i++) {
        const cli_track *track = &j->tracks.items[i];
        films += track->film;
        if (!track->film && !j->inputs.paired) {
            char text[4200];
            snprintf(text, sizeof text,
                "%s: a %s has no timeline: left out (use csv, tsv or jsonl)",
                track->input,
                j->inputs.rows.pictures ? "picture" : "row without times");
            cli_problem(j->c, track->input, text);
        }
    }
    if (films == 0 && j->inputs.paired) {
        return mien_fail(MIEN_EINVAL,
            "%s: how long its segments are is not known, so there is no timeline: use "
            "csv, tsv or jsonl",
            mien_model_path(j->model));
    }
    bool folder = films > 1 || (output && mien_file_is_directory(output));
    if (folder && !output) {
        return cli_usage(j->c,
            "%s of %lld films: name a folder with -o to write one file a film",
            j->timeline->name, (long long)films);
    }
    mien_status status = folder ? mien_directory_make(output) : MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < j->tracks.count; i++) {
        if (j->tracks.items[i].film) {
            status = write_timeline(j, i, output, folder);
        }
    }
    return status;
}

static const char *chosen_format(const mien_options *o) {
    if (mien_options_given(o, "format")) {
        return mien_options_text(o, "format");
    }
    const char *output = mien_options_text(o, "output");
    const char *extension = output ? mien_path_extension(output) : "";
    for (int i = 0; formats[i]; i++) {
        const mien_timeline_format *timeline = mien_timeline_format_find(formats[i]);
        if (strcmp(extension, timeline ? timeline->extension : formats[i]) == 0) {
            return formats[i];
        }
    }
    return "csv";
}

/* Refuses to write over an input, or over a file that mien did not make. */
static mien_status keep_files(
    job *j, const mien_options *o, int count, const char *const *positional) {
    const char *const outputs[] = {mien_options_text(o, "output"),
        mien_options_text(o, "report"), mien_options_text(o, "attention")};
    const char *const maps[] = {"^\x89HDF", NULL};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        status = cli_predict_keep_inputs(&j->inputs, o, count, positional, outputs[i]);
    }
    status = status ? status : cli_keep_other_pages(o, outputs[1]);
    status = status ? status : cli_keep_others(o, outputs[2], maps);
    if (status != MIEN_OK) {
        return status;
    }
    return j->timeline ? cli_keep_other_timelines(o, outputs[0], j->tracks.targets)
                       : cli_keep_other_predictions(o, outputs[0]);
}

static mien_status open_output(
    job *j, const mien_options *o, int count, const char *const *positional) {
    const char *format = chosen_format(o);
    const char *sampling = mien_options_text(o, "sampling");
    const mien_rows *rows = &j->inputs.rows;
    j->tracks.targets = mien_model_targets(j->model);
    j->tracks.targets_count = mien_model_targets_count(j->model);
    j->tracks.sampling = strcmp(sampling, "times") == 0 ? NULL : sampling;
    j->timeline = mien_timeline_format_find(format);
    j->keep = j->timeline || mien_options_text(o, "report");
    mien_status status = keep_files(j, o, count, positional);
    if (status != MIEN_OK || j->timeline) {
        return status;
    }
    j->rows.sampling = j->tracks.sampling;
    j->rows.trained_on = j->knows_rows;
    j->rows.trial = rows->trials;
    j->rows.input = !j->inputs.paired && (rows->pictures || !rows->trials);
    j->rows.row = j->inputs.paired;
    status = mien_table_format_parse(format, &j->table);
    return status == MIEN_OK && !j->inputs.paired ? open_rows(j) : status;
}

static mien_predict_options predict_options(const cli *c, const mien_options *o) {
    mien_predict_options p = mien_predict_options_default();
    p.every_s = mien_options_number(o, "every");
    p.keyframes = strcmp(mien_options_text(o, "sampling"), "keyframes") == 0;
    p.start_s = mien_options_number(o, "start");
    p.end_s = mien_options_given(o, "end") ? mien_options_number(o, "end") : INFINITY;
    p.smooth_s =
        mien_options_given(o, "smooth") ? mien_options_number(o, "smooth") : -1;
    p.threads = c->threads;
    const char *weights = mien_options_text(o, "weights");
    /* NAME=FILE are those of features that are computed of films */
    p.weights = weights && strchr(weights, '=') ? NULL : weights;
    p.exact = mien_options_flag(o, "exact");
    p.batch = mien_options_given(o, "batch") ? mien_options_int(o, "batch") : 0;
    p.attention = mien_options_text(o, "attention");
    p.where = mien_options_flag(o, "explain");
    p.thumbnail_height = mien_options_text(o, "report") ? REPORT_THUMBNAIL_HEIGHT : 0;
    return p;
}

static mien_status close_output(
    job *j, const mien_options *o, const mien_model *model) {
    const char *output = mien_options_text(o, "output");
    const bool nothing =
        j->done == 0 && j->problems_count > 0 && output && mien_file_size(output) > 0;
    if (nothing) {
        mien_table_writer_abandon(
            &j->rows.writer); /* earlier rows say more than none */
        cli_say(j->c, "%s is left as it was: there is no row to write", output);
    }
    mien_status status = cli_rows_close(&j->rows, MIEN_OK);
    if (status == MIEN_OK && j->timeline && !nothing) {
        status = write_timelines(j, output);
    }
    const char *report = mien_options_text(o, "report");
    if (status == MIEN_OK && report) {
        status = cli_predict_report(&j->tracks, model, (const char *const *)j->problems,
            j->problems_count, report);
        if (status == MIEN_OK) {
            cli_say(j->c, "%s is written", report);
        }
    }
    return status;
}

/* The failure is that of a single input, told as it came: the rest was done. */
static bool was_told(const job *j) {
    return j->problems_count > 0 && strcmp(mien_error(), j->problems[0]) == 0;
}

/* A model is none: FFmpeg would be loaded to tell that, which takes longer than the
 * model. */
static bool is_media(const char *path) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return strcmp(mien_path_extension(path), "safetensors") != 0 &&
           mien_file_size(path) > 0 && mien_media_kind_of(path, &kind) == MIEN_OK &&
           (kind == MIEN_MEDIA_PICTURE || kind == MIEN_MEDIA_FILM);
}

static void job_clear(job *j) {
    cli_tracks_clear(&j->tracks);
    for (int64_t i = 0; i < j->problems_count; i++) {
        mien_free(j->problems[i]);
    }
    mien_free(j->problems);
    cli_predict_inputs_clear(&j->inputs);
    mien_free(j->copy);
}

/* Faces of pictures and films are found first; rows of a trial table say where they
 * are. */
static mien_status predict_faces(
    job *j, mien_predictor *predictor, int count, const char *const *positional) {
    const mien_options *o = j->options;
    const char *const outputs[] = {
        mien_options_text(o, "output"), mien_options_text(o, "report")};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        status = cli_keep_inputs(outputs[i], positional, count);
    }
    return status == MIEN_OK ? cli_predict_faces(j->c, o, chosen_format(o), predictor,
                                   count - 1, positional + 1)
                             : status;
}

/* Formats of single faces, asked of a model that reads whole pictures. */
static mien_status check_format(job *j) {
    const char *format = chosen_format(j->options);
    return strcmp(format, "fex") == 0 || strcmp(format, "openface") == 0
               ? cli_usage(j->c,
                     "--format %s is for models on faces; this one reads whole "
                     "pictures",
                     format)
               : MIEN_OK;
}

/* Whether all that is given are films, or files that `mien extract` wrote. */
static bool takes_films(const job *j, int count, const char *const *positional) {
    bool films = !mien_model_preprocess(j->model) && !cli_reads_faces(j->model) &&
                 cli_takes_films(j->options, count - 1, positional + 1);
    for (int i = 1; i < count; i++) {
        films = films && !cli_is_table(positional[i]);
    }
    return films;
}

/* Whether the model reads features alone, which may be computed of films. */
static bool takes_features_alone(const job *j) {
    const mien_architecture *a = &mien_model_network(j->model)->architecture;
    bool all = a->inputs_count > 0;
    for (int i = 0; all && i < a->inputs_count; i++) {
        all = strcmp(a->inputs[i].kind, "features") == 0;
    }
    return all;
}

/* Predicts films: their features are computed first, by the families that the model
 * reads. */
static mien_status predict_films(
    job *j, mien_predictor *predictor, int count, const char *const *positional) {
    const mien_options *o = j->options;
    int height = mien_options_text(o, "report") ? REPORT_THUMBNAIL_HEIGHT : 0;
    mien_status status = open_output(j, o, count, positional);
    if (status != MIEN_OK) {
        return status;
    }
    status = cli_predict_films(j->c, o, predictor, count - 1, positional + 1, height,
        height ? &j->tracks : NULL, take, tell, j);
    return status == MIEN_OK || was_told(j) ? close_output(j, o, j->model)
                                            : cli_rows_close(&j->rows, status);
}

static mien_status predict(
    job *j, mien_predictor *predictor, int count, const char *const *positional) {
    const mien_options *o = j->options;
    if (takes_films(j, count, positional)) {
        mien_status made = check_format(j);
        return made ? made : predict_films(j, predictor, count, positional);
    }
    if (cli_reads_faces(j->model) && count > 1 && !cli_is_table(positional[1])) {
        return predict_faces(j, predictor, count, positional);
    }
    const char *inputs = count == 2 ? positional[1] : NULL;
    mien_status status = MIEN_OK;
    if (inputs && takes_features_alone(j) && cli_is_table(inputs) &&
        mien_file_exists(inputs)) {
        status = cli_predict_film_table(j->c, o, predictor, inputs, &j->copy);
        inputs = j->copy ? j->copy : inputs;
    }
    status = status ? status
                    : cli_predict_inputs_open(j->c, o, j->model,
                          mien_predictor_options(predictor), count - 1,
                          inputs ? &inputs : positional + 1, &j->inputs);
    status = status ? status : check_format(j);
    if (status == MIEN_OK) {
        status = open_output(j, o, count, positional);
    }
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_pass_run(predictor, &j->inputs.rows, j->inputs.paired, take, tell, j);
    return status == MIEN_OK || was_told(j) ? close_output(j, o, j->model)
                                            : cli_rows_close(&j->rows, status);
}

static mien_status check_arguments(
    cli *c, const mien_predict_options *p, int count, const char *const *positional) {
    if (p->where && !p->thumbnail_height) {
        return cli_usage(c, "--explain draws on the page of --report FILE.html");
    }
    if (p->end_s <= p->start_s) {
        return cli_usage(
            c, "--end: %g s is not after --start, %g s", p->end_s, p->start_s);
    }
    if (is_media(positional[0])) {
        return cli_usage(c,
            "%s: is a picture or film; the model comes first, as in: mien predict %s "
            "%s",
            positional[0], count > 1 ? positional[1] : "image-va", positional[0]);
    }
    return MIEN_OK;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    job j = {.c = c, .options = o};
    mien_predictor *predictor = NULL;
    mien_arena *arena = NULL;
    mien_predict_options p = predict_options(c, o);
    mien_convert_options convert;
    mien_status status = cli_convert_options(c, o, positional[0], &convert);
    if (status == MIEN_OK) {
        status = mien_arena_new(1024, &arena);
    }
    if (status == MIEN_OK) {
        p.convert = cli_is_foreign(o, positional[0]) ? &convert : NULL;
        status = cli_predict_columns(o, arena, &p.columns, &p.columns_count);
    }
    if (status == MIEN_OK) {
        status = check_arguments(c, &p, count, positional);
    }
    if (status == MIEN_OK) {
        status = mien_predictor_open(positional[0], &p, &predictor);
        if (status != MIEN_OK && count < 2 && !mien_options_given(o, "features")) {
            status = cli_predict_nothing(c);
        }
    }
    if (status == MIEN_OK) {
        j.model = mien_predictor_model(predictor);
        j.knows_rows = mien_predictor_knows_rows(predictor);
        status = predict(&j, predictor, count, positional);
    }
    job_clear(&j);
    mien_predictor_close(&predictor);
    mien_arena_free(&arena);
    return status;
}

const cli_command cli_command_predict = {
    .name = "predict",
    .summary = "Predict valence and arousal of pictures, films, features and tables",
    .synopsis = "MODEL INPUT… [-o FILE] | MODEL --features NAME=FILE… [-o FILE]",
    .text = "MODEL is a file or a name (see `mien models list`). Inputs are pictures "
            "(JPEG, PNG, BMP, WebP,\n"
            "GIF, TIFF, PPM), films, folders, lists (a .txt with a path a line), and "
            "trial tables (.tsv,\n"
            ".csv): of these every model takes each of its inputs by its column, as in "
            "the table it was\n"
            "trained on, and of films the part from start_s to end_s. A missing input "
            "(n/a) is left out if the\n"
            "model was made for that. A model that reads neighbours in time, or "
            "smooths, orders rows by\n"
            "start_s in each series.\n\n"
            "A row holds input (of trial tables trial; of files of features row), "
            "start_s,end_s and each\n"
            "target on the scale of its ratings, then its 95 % prediction interval "
            "(_low, _high) and its value\n"
            "in -1 … 1 (_norm); of a target with classes the label chosen, then the "
            "probability of each class\n"
            "(_p_CLASS). Times are n/a for pictures. A bad input or row is reported, "
            "the others are done, and\n"
            "the exit status is 1.\n\n"
            "--features reads files of features (.h5, .npy, .npz, .csv, .tsv; "
            "FILE#NAME is an array in it),\n"
            "one for each input, whose row r is segment r of a film; all of it is "
            "predicted, or nothing.\n"
            "--attention writes maps, query by key, for each layer and head. MODEL may "
            "be a .pth of published\n"
            "weights, which is then converted in memory as by `mien models convert`. "
            "Given films, a model over\n"
            "features computes them first (docs/films.md) and keeps them in "
            "MIEN_CACHE/features; given a file\n"
            "that `mien extract` wrote, it reads them there.",
    .examples =
        "  mien predict image-va picture.jpg\n"
        "  mien predict image-va film.mp4 --every 0.5s -o film.csv --report film.html\n"
        "  mien predict image-va film.mp4 -o film.srt\n"
        "  mien predict image-va pictures/ --format jsonl\n"
        "  mien predict aan.safetensors film.mp4 -o film.csv --report film.html\n"
        "  mien predict runs/all/model.safetensors new.tsv --input "
        "mood=features.mood2\n"
        "  mien predict aan.safetensors --features vggish=sound.h5 "
        "emobase2010=voice.npy -o film.csv\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = -1,
    .run = run,
};
