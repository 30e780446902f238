/* SPDX-License-Identifier: MIT */
/* mien adapt: a model and one user's ratings in, that user's own model out. Pictures of
 * the ratings are predicted first (predict room); mien_adapt() does the rest. */
#include <math.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "models/contract/file.h"

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.safetensors",
        .help = "The model to write",
        .letter = 'o'},
    {.name = "offset-sd",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.12",
        .minimum = 0,
        .maximum = 10,
        .help = "How far people lie above or below the norm, as a share of the scale"},
    {.name = "slope-sd",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.3",
        .minimum = 0,
        .maximum = 10,
        .help = "How far the slopes of people's ratings on the norm are from 1"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "The backbone's weights (default: those fetched by mien models pull)"},
    CLI_EXACT_OPTION,
    CLI_FORCE_OPTION,
    {0},
};

/* Ratings as they are read: of each target those rows that have one. */
typedef struct ratings {
    mien_table *table;
    char **path; /* [rows] pictures, relative to here */
    int64_t rows;
    double *norm;   /* [targets, rows] as predicted, then those with a rating alone */
    double *rating; /* [targets, rows] */
    bool *has;      /* [rows] a rating of some target */
    mien_own_ratings own[MIEN_TARGETS_MAX];
    int targets;
    int64_t next;  /* row that is predicted next */
    int64_t rated; /* paths of rows with some rating, to the front */
} ratings;

static void ratings_clear(ratings *r) {
    for (int64_t i = 0; r->path && i < r->rows; i++) {
        mien_free(r->path[i]);
    }
    mien_free(r->path);
    mien_free(r->has);
    mien_free(r->norm);
    mien_free(r->rating);
    mien_table_free(&r->table);
}

static mien_status read_paths(ratings *r, const char *file) {
    int column = mien_table_column(r->table, "image");
    char *folder = mien_path_directory(file);
    mien_status status = folder ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && column < 0) {
        status = mien_fail(MIEN_EFORMAT, "%s: has no column \"image\"", file);
    }
    for (int64_t i = 0; status == MIEN_OK && i < r->rows; i++) {
        const char *cell = mien_table_cell(r->table, i, column);
        if (!cell || mien_cell_missing(cell)) {
            status = mien_fail(MIEN_EFORMAT, "%s:%lld: has no image", file,
                (long long)mien_table_line(r->table, i));
        } else {
            r->path[i] = mien_path_join(folder, cell);
            status = r->path[i] ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    mien_free(folder);
    return status;
}

static mien_status read_ratings(ratings *r, const char *file, const mien_model *model) {
    mien_status status = mien_table_read(file, NULL, &r->table);
    if (status != MIEN_OK) {
        return status;
    }
    int found = 0;
    r->rows = mien_table_rows(r->table);
    r->targets = mien_model_targets_count(model);
    size_t values = (size_t)(r->rows * r->targets);
    r->path = mien_alloc((size_t)r->rows, sizeof *r->path);
    r->norm = mien_alloc(values, sizeof *r->norm);
    r->rating = mien_alloc(values, sizeof *r->rating);
    r->has = mien_alloc((size_t)r->rows, sizeof *r->has);
    status =
        r->path && r->norm && r->rating && r->has ? read_paths(r, file) : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < r->targets; t++) {
        int column = mien_table_column(r->table, mien_model_targets(model)[t].name);
        found += column >= 0;
        for (int64_t i = 0; status == MIEN_OK && i < r->rows; i++) {
            double *to = &r->rating[t * r->rows + i];
            *to = (double)NAN;
            status = column < 0 ? MIEN_OK : mien_table_number(r->table, i, column, to);
        }
    }
    return status != MIEN_OK || found
               ? status
               : mien_fail(MIEN_EFORMAT,
                     "%s: has no column named as a target of the model (%s, …)", file,
                     mien_model_targets(model)[0].name);
}

static mien_status keep(void *context, const mien_prediction *prediction) {
    ratings *r = context;
    if (!isnan(prediction->start_s)) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: is a film; pictures are adapted to",
            prediction->input);
    }
    for (int t = 0; t < r->targets && r->next < r->rows; t++) {
        r->norm[t * r->rows + r->next] = prediction->value[t];
    }
    r->next++;
    return MIEN_OK;
}

/* Rows with a rating to the front. */
static void gather(ratings *r) {
    for (int t = 0; t < r->targets; t++) {
        double *norm = r->norm + t * r->rows, *rating = r->rating + t * r->rows;
        mien_own_ratings *own = &r->own[t];
        *own = (mien_own_ratings){.norm = norm, .rating = rating};
        for (int64_t i = 0; i < r->rows; i++) {
            if (isfinite(rating[i])) {
                r->has[i] = true;
                norm[own->count] = norm[i];
                rating[own->count++] = rating[i];
            }
        }
    }
}

/* Paths of rows with a rating to the front. */
static void drop_unrated(ratings *r) {
    for (int64_t i = 0; i < r->rows; i++) {
        if (r->has[i]) {
            char *path = r->path[r->rated];
            r->path[r->rated++] = r->path[i];
            r->path[i] = path;
        }
    }
}

static void tell(cli *c, const ratings *r, const mien_model *model,
    const mien_adapted *adapted, const char *output) {
    for (int t = 0; t < r->targets; t++) {
        if (r->own[t].count) {
            cli_say(c,
                "own_%s: of %lld ratings, %+.2f from the norm at the middle of the "
                "scale, slope %.2f, give or take %.2f",
                mien_model_targets(model)[t].name, (long long)r->own[t].count,
                adapted[t].offset, adapted[t].slope, adapted[t].noise);
        }
    }
    cli_say(c, "%s says both", output);
}

static mien_status adapt(cli *c, const mien_options *o, const char *name,
    const char *file, const char *output) {
    ratings r = {0};
    mien_predictor *predictor = NULL;
    mien_predict_options p = mien_predict_options_default();
    mien_adapt_options a = mien_adapt_options_default();
    mien_adapted adapted[MIEN_TARGETS_MAX] = {{0}};
    p.threads = a.threads = c->threads;
    p.weights = a.weights = mien_options_text(o, "weights");
    p.exact = a.exact = mien_options_flag(o, "exact");
    a.offset = mien_options_number(o, "offset-sd");
    a.slope = mien_options_number(o, "slope-sd");
    mien_status status = mien_predictor_open(name, &p, &predictor);
    if (status == MIEN_OK) {
        status = read_ratings(&r, file, mien_predictor_model(predictor));
    }
    if (status == MIEN_OK) {
        status = mien_predictor_run(
            predictor, (const char *const *)r.path, r.rows, keep, NULL, &r);
    }
    if (status == MIEN_OK && r.next != r.rows) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: %lld rows gave %lld pictures; each names one",
                file, (long long)r.rows, (long long)r.next);
    }
    if (status == MIEN_OK) {
        const mien_model *model = mien_predictor_model(predictor);
        gather(&r);
        drop_unrated(&r);
        a.pictures = (const char *const *)r.path;
        a.pictures_count = r.rated;
        status = mien_adapt(model, r.own, &a, output, adapted);
        if (status == MIEN_OK) {
            tell(c, &r, model, adapted, output);
        }
    }
    mien_predictor_close(&predictor);
    ratings_clear(&r);
    return status;
}

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    (void)count;
    static const char *const marks[] = {"\"" MIEN_CONTRACT_KEY "\":", NULL};
    const char *output = mien_options_text(o, "output");
    if (!output) {
        return cli_usage(c, "-o FILE.safetensors is missing: the model to write");
    }
    mien_status status = cli_keep_inputs(output, positional, 2);
    if (status == MIEN_OK) {
        status = cli_keep_others(o, output, marks);
    }
    return status == MIEN_OK ? adapt(c, o, positional[0], positional[1], output)
                             : status;
}

const cli_command cli_command_adapt = {
    .name = "adapt",
    .summary = "One user's own model, from a few ratings of theirs",
    .synopsis = "MODEL MY-RATINGS.tsv -o FILE.safetensors",
    .text =
        "MODEL is a read-out (image-va); MY-RATINGS.tsv has a column image (pictures, "
        "relative to the\ntable) and the user's own ratings in columns named as the "
        "model's targets, on their scale;\nempty and n/a are not rated. The model that "
        "is written says both: what people in general would\nanswer, and own_NAME, "
        "what "
        "this user would. A user is a line through the model's values: few\nratings "
        "move "
        "it little, because how people differ is part of the reckoning.",
    .examples = "  mien adapt image-va mine.tsv -o mine.safetensors\n"
                "  mien predict mine.safetensors dog.jpg\n",
    .options = options,
    .positional_min = 2,
    .positional_max = 2,
    .run = run,
};
