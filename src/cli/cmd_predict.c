/* SPDX-License-Identifier: MIT */
/* mien predict: a model and pictures, films, folders or lists in; a table, timelines, a
 * page out. */
#include "cli/command.h"
#include "cli/convert_options.h"
#include "cli/output.h"
#include "cli/predict_features.h"
#include "cli/predict_output.h"
#include "models/search.h"
#include "predict/input_files.h"

#include <math.h>
#include <string.h>

enum { REPORT_THUMBNAIL_HEIGHT = 120 };

static const char *const formats[] = {
    "csv", "tsv", "jsonl", "srt", "vtt", "eaf", "textgrid", NULL};

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
        .help = "Table, subtitles, ELAN or Praat; default from the name of the output, "
                "else csv",
        .letter = 'f'},
    {.name = "report",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.html",
        .help = "Also write a page with timelines drawn over thumbnails"},
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
        .help = "Where in a film to begin"},
    {.name = "end",
        .type = MIEN_OPTION_SECONDS,
        .minimum = 0,
        .maximum = 1e7,
        .help = "Where in a film to stop"},
    {.name = "smooth",
        .type = MIEN_OPTION_SECONDS,
        .minimum = 0,
        .maximum = 600,
        .help = "Centred moving average over this long a part of a film; 0s: none "
                "(default: "
                "as the model was judged)"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "The backbone's weights (default: those fetched by mien models pull)"},
    {.name = "batch",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1024,
        .help = "Pictures that each thread's network takes at once (default: 1)"},
    {.name = "features",
        .type = MIEN_OPTION_LIST,
        .metavar = "NAME=FILE",
        .help = "Features of one input of a model over features; more may follow it"},
    {.name = "attention",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.h5",
        .help = "Also write how much each input (or segment) looks at each"},
    CLI_CONVERT_OPTIONS,
    CLI_EXACT_OPTION,
    CLI_FORCE_OPTION,
    {0},
};

typedef struct job {
    cli *c;
    const mien_options *options;
    const mien_model *model;
    cli_rows rows;                        /* not open for timelines */
    const mien_timeline_format *timeline; /* NULL for tables */
    bool keep;                            /* tracks are needed */
    cli_tracks tracks;
    char **problems;
    int64_t problems_count, problems_room;
    int64_t done;
} job;

static mien_status take(void *context, const mien_prediction *prediction) {
    job *j = context;
    mien_status status = MIEN_OK;
    if (j->rows.writer) {
        status = cli_rows_write(&j->rows, prediction);
    }
    if (status == MIEN_OK && j->keep) {
        status = cli_tracks_add(&j->tracks, prediction);
    }
    cli_progress(j->c, "pictures", ++j->done, 0);
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
        if (!track->film) {
            char text[4200];
            snprintf(text, sizeof text,
                "%s: a picture has no timeline: left out (use csv, tsv or jsonl)",
                track->input);
            cli_problem(j->c, track->input, text);
        }
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

/* Pictures and films, what lists and folders hold of them, the model and its weights.
 */
static mien_status keep_inputs(
    const mien_options *o, int count, const char *const *positional) {
    const char *const outputs[] = {
        mien_options_text(o, "output"), mien_options_text(o, "report")};
    const char *weights = mien_options_text(o, "weights");
    mien_input_files inputs = {0};
    char *model = NULL;
    mien_status status = MIEN_OK;
    if ((!outputs[0] || !mien_file_exists(outputs[0])) &&
        (!outputs[1] || !mien_file_exists(outputs[1]))) {
        return MIEN_OK; /* nothing can be lost */
    }
    /* what cannot be read is told when it is its turn */
    bool known = mien_input_files_expand(&inputs, positional + 1, count - 1) == MIEN_OK;
    bool found = mien_model_locate(positional[0], &model) == MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        status = cli_keep_inputs(outputs[i], positional, count);
        status = status || !found
                     ? status
                     : cli_keep_inputs(outputs[i], (const char *const *)&model, 1);
        status = status ? status : cli_keep_inputs(outputs[i], &weights, 1);
        for (int64_t k = 0; status == MIEN_OK && known && k < inputs.count; k++) {
            const char *path = inputs.items[k].path;
            status = cli_keep_inputs(outputs[i], &path, 1);
        }
    }
    mien_free(model);
    mien_input_files_clear(&inputs);
    return status;
}

static mien_status keep_others(job *j, const mien_options *o) {
    const char *output = mien_options_text(o, "output");
    mien_status status = cli_keep_other_pages(o, mien_options_text(o, "report"));
    if (status != MIEN_OK) {
        return status;
    }
    return j->timeline ? cli_keep_other_timelines(o, output, j->tracks.targets)
                       : cli_keep_other_tables(o, output, "input", "start_s");
}

static mien_status open_output(job *j, const mien_options *o) {
    const char *format = chosen_format(o);
    mien_table_format table;
    const char *sampling = mien_options_text(o, "sampling");
    j->tracks.sampling = strcmp(sampling, "times") == 0 ? NULL : sampling;
    j->timeline = mien_timeline_format_find(format);
    j->keep = j->timeline || mien_options_text(o, "report");
    mien_status status = keep_others(j, o);
    if (status != MIEN_OK || j->timeline) {
        return status;
    }
    status = mien_table_format_parse(format, &table);
    j->rows.sampling = j->tracks.sampling;
    return status == MIEN_OK ? cli_rows_open(&j->rows, mien_options_text(o, "output"),
                                   table, j->tracks.targets, j->tracks.targets_count)
                             : status;
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
    p.weights = mien_options_text(o, "weights");
    p.exact = mien_options_flag(o, "exact");
    p.batch = mien_options_given(o, "batch") ? mien_options_int(o, "batch") : 0;
    p.attention = mien_options_text(o, "attention");
    p.thumbnail_height = mien_options_text(o, "report") ? REPORT_THUMBNAIL_HEIGHT : 0;
    return p;
}

static mien_status close_output(
    job *j, const mien_options *o, const mien_model *model) {
    mien_status status = cli_rows_close(&j->rows, MIEN_OK);
    if (status == MIEN_OK && j->timeline) {
        status = write_timelines(j, mien_options_text(o, "output"));
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

static mien_status nothing_given(cli *c) {
    return cli_usage(c,
        "what to predict is missing; usage: mien predict MODEL INPUT… | "
        "MODEL --features NAME=FILE…");
}

static mien_status check_pictures(cli *c, const mien_options *o, int count) {
    if (mien_options_given(o, "features") || mien_options_given(o, "attention")) {
        return cli_usage(c, "--features and --attention are for models over features");
    }
    return count < 2 ? nothing_given(c) : MIEN_OK;
}

static bool is_media(const char *path) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return mien_file_size(path) > 0 && mien_media_kind_of(path, &kind) == MIEN_OK &&
           (kind == MIEN_MEDIA_PICTURE || kind == MIEN_MEDIA_FILM);
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    job j = {.c = c, .options = o};
    mien_predictor *predictor = NULL;
    mien_predict_options p = predict_options(c, o);
    mien_convert_options convert;
    mien_status status = cli_convert_options(c, o, positional[0], &convert);
    if (status != MIEN_OK) {
        return status;
    }
    p.convert = cli_is_foreign(o, positional[0]) ? &convert : NULL;
    if (p.end_s <= p.start_s) {
        return cli_usage(
            c, "--end: %g s is not after --start, %g s", p.end_s, p.start_s);
    }
    if (is_media(positional[0])) {
        return cli_usage(c,
            "%s: is a picture or film; the model comes first, as in: mien predict %s "
            "%s",
            positional[0], count > 1 ? positional[1] : "image-va", positional[0]);
    }
    bool nothing = count < 2 && !mien_options_given(o, "features");
    status = keep_inputs(o, count, positional);
    if (status != MIEN_OK) {
        return status;
    }
    status = mien_predictor_open(positional[0], &p, &predictor);
    if (status != MIEN_OK) {
        return nothing ? nothing_given(c) : status;
    }
    const mien_model *model = mien_predictor_model(predictor);
    if (!mien_model_preprocess(model)) {
        status = cli_predict_features(
            c, o, chosen_format(o), predictor, count - 1, positional + 1);
        mien_predictor_close(&predictor);
        return status;
    }
    status = check_pictures(c, o, count);
    if (status != MIEN_OK) {
        mien_predictor_close(&predictor);
        return status;
    }
    j.model = model;
    j.tracks.targets = mien_model_targets(model);
    j.tracks.targets_count = mien_model_targets_count(model);
    status = open_output(&j, o);
    if (status == MIEN_OK) {
        status =
            mien_predictor_run(predictor, positional + 1, count - 1, take, tell, &j);
        if (status == MIEN_OK || was_told(&j)) {
            status = close_output(&j, o, model);
        } else {
            status = cli_rows_close(&j.rows, status);
        }
    }
    cli_tracks_clear(&j.tracks);
    for (int64_t i = 0; i < j.problems_count; i++) {
        mien_free(j.problems[i]);
    }
    mien_free(j.problems);
    mien_predictor_close(&predictor);
    return status;
}

const cli_command cli_command_predict = {
    .name = "predict",
    .summary = "Predict valence and arousal of pictures, films and features",
    .synopsis = "MODEL INPUT… [-o FILE] | MODEL --features NAME=FILE… [-o FILE]",
    .text =
        "MODEL is a file or a name (see `mien models list`). Inputs are pictures "
        "(JPEG, PNG, "
        "BMP, WebP,\nGIF, TIFF, PPM), films, folders, or lists: a .txt with a path a "
        "line, a .tsv "
        "with a column\n\"image\" or \"film\" (of films, start_s and end_s name the "
        "part).\n\n"
        "A row holds input,start_s,end_s and each target on the scale of its "
        "ratings, then "
        "its 95 %\nprediction interval (_low, _high) and its value in -1 … 1 "
        "(_norm); of a target with classes\nthe label chosen, then the probability "
        "of each class (_p_CLASS). Times are n/a for pictures.\nA bad input is "
        "reported, the others are done, and "
        "the exit "
        "status is 1.\n\n"
        "A model over features reads files of them (.h5, .npy, .npz, .csv, .tsv; "
        "FILE#NAME is an array\nin it), one for each of its inputs, whose row r is "
        "segment r of a film. Its rows hold\nrow,start_s,end_s and each target, not "
        "clamped. --attention writes maps, query by key, for each\nlayer and head. "
        "MODEL may be a .pth of published weights, which is then converted in\n"
        "memory as by `mien models convert`.",
    .examples =
        "  mien predict image-va picture.jpg\n"
        "  mien predict image-va film.mp4 --every 0.5s -o film.csv --report film.html\n"
        "  mien predict image-va film.mp4 -o film.srt\n"
        "  mien predict image-va pictures/ --format jsonl\n"
        "  mien predict aan.safetensors --features vggish=sound.h5 "
        "emobase2010=voice.npy -o film.csv\n",
    .options = options,
    .keeps = true,
    .positional_min = 1,
    .positional_max = -1,
    .run = run,
};
