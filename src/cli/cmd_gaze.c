/* SPDX-License-Identifier: MIT */
/* mien gaze: where people looked in pictures, and whether a network looks there too.
 *
 * Comes in: a trial table whose rows have a picture and gaze, and maybe a model that
 * predicts pictures. Goes out: a row for each picture, means over pictures with their
 * intervals, a page that draws them. */
#include "cli/gaze_maps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGMA 1.0 /* cells */

static const mien_option options[] = {
    {.name = "output",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "A row for each picture (.tsv, .csv, .jsonl; default: to the terminal)",
        .letter = 'o'},
    {.name = "report",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE.html",
        .help = "A page: heat maps and scanpaths over the pictures, beside what counts "
                "for the model"},
    {.name = "column",
        .type = MIEN_OPTION_TEXT,
        .initial = "series",
        .help = "Of gaze: epochs, or recordings where the table has start_s and end_s"},
    {.name = "on",
        .type = MIEN_OPTION_TEXT,
        .initial = "0,0,1,1",
        .metavar = "X,Y,W,H",
        .help = "Where the pictures stood, in shares of the screen"},
    {.name = "trials",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .metavar = "IDS",
        .help = "Trials, joined by commas, whose scanpaths and signals the page draws"},
    {.name = "pictures",
        .type = MIEN_OPTION_INT,
        .initial = "24",
        .minimum = 1,
        .maximum = 1000,
        .help = "How many pictures the page draws at most"},
    {.name = "weights",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "The backbone's weights, of a read-out (default: those fetched by mien "
                "models pull)"},
    {0},
};

/* ---- the network's maps ---------------------------------------------------------- */

typedef struct looking {
    cli_gaze_picture *picture;
    int targets;
} looking;

/* Averages over all targets how strongly each part of the picture counts, each
 * target relative to its strongest part. */
static mien_status take_map(void *context, const mien_prediction *p) {
    looking *l = context;
    l->targets = p->targets_count;
    for (int t = 0; p->where && t < p->targets_count; t++) {
        const float *where = p->where + t * CLI_GAZE_CELLS;
        double most = 0;
        for (int k = 0; k < CLI_GAZE_CELLS; k++) {
            most = fmax(most, fabs((double)where[k]));
        }
        for (int k = 0; most > 0 && k < CLI_GAZE_CELLS; k++) {
            l->picture->map[k] +=
                fabs((double)where[k]) / most / (double)p->targets_count;
        }
    }
    return MIEN_OK;
}

static void tell_problem(void *context, const char *input, const char *text) {
    cli_problem(context, input, text);
}

static mien_status look(
    cli *c, const mien_options *o, const char *model, cli_gaze *gaze) {
    mien_predict_options p = mien_predict_options_default();
    mien_predictor *predictor = NULL;
    p.threads = c->threads;
    p.where = true;
    p.weights = mien_options_text(o, "weights");
    mien_status status = mien_predictor_open(model, &p, &predictor);
    for (int64_t i = 0; status == MIEN_OK && i < gaze->count; i++) {
        looking l = {.picture = &gaze->picture[i]};
        const char *path = l.picture->path;
        cli_progress(c, "pictures", i, gaze->count);
        status = mien_predictor_run(predictor, &path, 1, take_map, tell_problem, &l);
    }
    cli_progress_end(c);
    mien_predictor_close(&predictor);
    return status;
}

/* ---- agreement ------------------------------------------------------------------- */

static mien_status agree(cli_gaze *gaze) {
    size_t cells = (size_t)gaze->count * CLI_GAZE_CELLS;
    double *maps = mien_alloc(cells, sizeof *maps);
    double *counts = mien_alloc(cells, sizeof *counts);
    mien_agreement *a = mien_alloc((size_t)gaze->count, sizeof *a);
    mien_status status = maps && counts && a ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < gaze->count; i++) {
        memcpy(maps + i * CLI_GAZE_CELLS, gaze->picture[i].map,
            sizeof gaze->picture[i].map);
        memcpy(counts + i * CLI_GAZE_CELLS, gaze->picture[i].seen,
            sizeof gaze->picture[i].seen);
    }
    if (status == MIEN_OK) {
        status = mien_gaze_agreement(
            maps, counts, gaze->count, MIEN_WHERE, MIEN_WHERE, SIGMA, a);
    }
    for (int64_t i = 0; status == MIEN_OK && i < gaze->count; i++) {
        gaze->picture[i].agreement = a[i];
    }
    mien_free(a);
    mien_free(counts);
    mien_free(maps);
    return status;
}

/* Mean over pictures of a score, or of its gain over the others' fixations. */
static mien_status add_mean(
    const cli_gaze *gaze, const char *name, bool gain, bool cc, mien_string *text) {
    double *x = mien_alloc((size_t)gaze->count + 1, sizeof *x);
    int64_t n = 0;
    mien_interval_options io = mien_interval_options_default();
    mien_interval i = {NAN, NAN, NAN};
    if (!x) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < gaze->count; k++) {
        const mien_agreement *a = &gaze->picture[k].agreement;
        double own = cc ? a->cc : a->nss, others = cc ? a->cc_others : a->nss_others;
        double v = gain ? own - others : own;
        x[n] = v;
        n += isfinite(v);
    }
    mien_status status = n > 0 ? mien_interval_of_mean(x, n, &io, NULL, &i) : MIEN_OK;
    if (status == MIEN_OK) {
        status = mien_string_addf(text, "%-34s %7.3f [%.3f, %.3f] of %lld pictures\n",
            name, i.value, i.low, i.high, (long long)n);
    }
    mien_free(x);
    return status;
}

static mien_status add_means(cli_gaze *gaze) {
    mien_string *text = &gaze->means;
    mien_status status = add_mean(gaze, "NSS", false, false, text);
    status = status ? status
                    : add_mean(gaze, "NSS over others' fixations", true, false, text);
    status = status ? status : add_mean(gaze, "CC", false, true, text);
    return status ? status
                  : add_mean(gaze, "CC over others' fixations", true, true, text);
}

/* ---- rows ------------------------------------------------------------------------ */

static mien_status write_rows(const cli_gaze *gaze, bool looked, const char *path) {
    static const char *const names[] = {"picture", "trials", "lost", "fixations",
        "off_picture", "nss", "nss_others", "cc", "cc_others"};
    const char *extension = path ? mien_path_extension(path) : "";
    int columns = looked ? 9 : 5;
    mien_table_writer *writer = NULL;
    mien_table_format format = strcmp(extension, "csv") == 0     ? MIEN_CSV
                               : strcmp(extension, "jsonl") == 0 ? MIEN_JSONL
                                                                 : MIEN_TSV;
    mien_status status = mien_table_writer_open(path, format, columns, names, &writer);
    for (int k = 1; status == MIEN_OK && k < columns; k++) {
        mien_table_writer_numeric(writer, k);
    }
    for (int64_t i = 0; status == MIEN_OK && i < gaze->count; i++) {
        const cli_gaze_picture *p = &gaze->picture[i];
        const double values[] = {(double)p->trials, (double)p->lost,
            (double)p->fixations, (double)p->off, p->agreement.nss,
            p->agreement.nss_others, p->agreement.cc, p->agreement.cc_others};
        char room[8][32];
        const char *cells[9] = {p->name};
        for (int k = 0; k < 8; k++) {
            cells[k + 1] =
                isfinite(values[k]) ? mien_format_double(values[k], room[k]) : NULL;
        }
        status = mien_table_writer_row(writer, cells);
    }
    return cli_close_rows(&writer, status);
}

/* ---- the command ----------------------------------------------------------------- */

static mien_status run(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    const char *model = count > 1 ? positional[0] : NULL;
    const char *output = mien_options_text(o, "output");
    const char *report = mien_options_text(o, "report");
    cli_gaze gaze = {.table = positional[count - 1],
        .column = mien_options_text(o, "column"),
        .shown = mien_options_text(o, "trials"),
        .drawn = mien_options_int(o, "pictures")};
    if (sscanf(mien_options_text(o, "on"), "%lf,%lf,%lf,%lf", &gaze.on[0], &gaze.on[1],
            &gaze.on[2], &gaze.on[3]) != 4 ||
        !(gaze.on[2] > 0 && gaze.on[3] > 0)) {
        return cli_usage(c, "--on: \"%s\" is no X,Y,W,H in shares of the screen",
            mien_options_text(o, "on"));
    }
    mien_string_init(&gaze.means);
    mien_status status = cli_gaze_read(c, &gaze);
    if (status == MIEN_OK && model) {
        status = look(c, o, model, &gaze);
        status = status ? status : agree(&gaze);
        status = status ? status : add_means(&gaze);
    }
    status = status ? status : write_rows(&gaze, model, output);
    if (status == MIEN_OK && model && output) {
        status = cli_write(NULL, &gaze.means);
    }
    if (status == MIEN_OK && report) {
        status = cli_gaze_page(&gaze, model, report);
    }
    cli_gaze_clear(&gaze);
    return status;
}

const cli_command cli_command_gaze = {
    .name = "gaze",
    .summary = "Draw where people looked, and whether a network looks there",
    .synopsis = "[MODEL] TRIALS.tsv",
    .text =
        "Each row of TRIALS.tsv has a picture (image) and gaze on it (--column). "
        "Fixations of all trials\nmake a map of each picture; those outside it are "
        "counted, and so are trials without gaze. With a\nMODEL that predicts "
        "pictures, "
        "its own map is made by occlusion, of all targets together, and held\nagainst "
        "where people looked: NSS and CC, less the same against the fixations on all "
        "other pictures,\nsince people look at the middle whatever is there. Intervals "
        "are over pictures.",
    .examples =
        "  mien gaze emoeye/trials.tsv --report gaze.html --trials 0/0_s008\n"
        "  mien gaze image-va emoeye/trials.tsv -o gaze.tsv --report gaze.html\n",
    .options = options,
    .positional_min = 1,
    .positional_max = 2,
    .run = run,
};
