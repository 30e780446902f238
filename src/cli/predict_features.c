/* SPDX-License-Identifier: MIT */
/* mien predict over files of features: NAME=FILE pairs in, a table or a timeline out.
 */
#include "cli/predict_features.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/predict_output.h"

enum { FILES_MAX = 64, NAME_MAX_BYTES = 128, CELL_MAX = 40 };

/* ---- pairs ------------------------------------------------------------------------
 */

typedef struct pairs {
    mien_arena *arena;
    mien_feature_file files[FILES_MAX];
    int count;
} pairs;

static mien_status add_pair(cli *c, pairs *p, const char *text, size_t length) {
    const char *equals = memchr(text, '=', length);
    if (!equals || equals == text) {
        return cli_usage(c,
            "\"%.*s\" is not NAME=FILE, as a model over features takes its inputs",
            (int)length, text);
    }
    if (p->count == FILES_MAX) {
        return cli_usage(c, "more than %d files of features", (int)FILES_MAX);
    }
    char *copy = mien_arena_alloc(p->arena, length + 1, 1);
    if (!copy) {
        return MIEN_ENOMEM;
    }
    memcpy(copy, text, length);
    copy[equals - text] = '\0';
    p->files[p->count++] =
        (mien_feature_file){.name = copy, .path = copy + (equals - text) + 1};
    return MIEN_OK;
}

static mien_status take_pairs(
    cli *c, const mien_options *o, int count, const char *const *positional, pairs *p) {
    const char *list = mien_options_text(o, "features");
    mien_status status = mien_arena_new(4096, &p->arena);
    while (status == MIEN_OK && list) {
        const char *end = strchr(list, '\n');
        status = add_pair(c, p, list, end ? (size_t)(end - list) : strlen(list));
        list = end ? end + 1 : NULL;
    }
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = add_pair(c, p, positional[i], strlen(positional[i]));
    }
    return status;
}

/* "resnet50=FILE flownet=FILE": what a model would take. */
static mien_status say_inputs(cli *c, const mien_model *model) {
    const mien_architecture *d = &mien_model_network(model)->architecture;
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < d->inputs_count; i++) {
        mien_string_addf(&text, " %s=FILE", d->inputs[i].name);
    }
    mien_status status = cli_usage(c, "%s reads features: give --features%s",
        mien_model_path(model), text.failed ? "" : text.text);
    mien_string_clear(&text);
    return status;
}

static const char *const of_no_use[] = {
    "report", "every", "start", "end", "weights", NULL};

static mien_status check_options(cli *c, const mien_options *o) {
    for (int i = 0; of_no_use[i]; i++) {
        if (mien_options_given(o, of_no_use[i])) {
            return cli_usage(
                c, "--%s has no meaning for a model over features", of_no_use[i]);
        }
    }
    return MIEN_OK;
}

/* ---- table ------------------------------------------------------------------------
 */

typedef struct job {
    const mien_model *model;
    mien_table *table;                    /* NULL: a timeline is wanted */
    const mien_timeline_format *timeline; /* NULL for tables */
    cli_tracks tracks;
    int64_t row;
    int columns;
    const char **cells; /* [columns] */
    char *text;         /* [columns × CELL_MAX] */
} job;

static int columns_of(const mien_model *model) {
    int columns = 3;
    for (int t = 0; t < mien_model_targets_count(model); t++) {
        columns += 1 + mien_model_targets(model)[t].classes_count;
    }
    return columns;
}

static mien_status open_table(job *j) {
    static const char *const first[] = {"row", "start_s", "end_s"};
    j->columns = columns_of(j->model);
    char *made = mien_alloc((size_t)j->columns, NAME_MAX_BYTES);
    j->cells = mien_alloc((size_t)j->columns, sizeof *j->cells);
    j->text = mien_alloc((size_t)j->columns, CELL_MAX);
    if (!made || !j->cells || !j->text) {
        mien_free(made);
        return MIEN_ENOMEM;
    }
    memcpy(j->cells, first, sizeof first);
    int n = 3;
    for (int t = 0; t < mien_model_targets_count(j->model); t++) {
        const mien_target *target = &mien_model_targets(j->model)[t];
        j->cells[n++] = target->name;
        for (int k = 0; k < target->classes_count; k++, n++) {
            char *name = made + (size_t)n * NAME_MAX_BYTES;
            snprintf(name, NAME_MAX_BYTES, "%s_p_%s", target->name, target->classes[k]);
            j->cells[n] = name;
        }
    }
    mien_status status = mien_table_new(j->columns, j->cells, &j->table);
    mien_free(made);
    return status;
}

static void put(job *j, int column, double value) {
    char *text = j->text + (size_t)column * CELL_MAX;
    j->cells[column] = isnan(value) ? "n/a" : mien_format_float((float)value, text);
}

static mien_status add_row(job *j, const mien_prediction *p) {
    int n = 3;
    snprintf(j->text, CELL_MAX, "%lld", (long long)j->row++);
    j->cells[0] = j->text;
    put(j, 1, p->start_s);
    put(j, 2, p->end_s);
    for (int t = 0; t < p->targets_count; t++) {
        const mien_target *target = &mien_model_targets(j->model)[t];
        if (target->link == MIEN_LINK_VALUE) {
            put(j, n++, p->value[t]);
            continue;
        }
        j->cells[n++] = target->classes[p->choice[t]];
        for (int k = 0; k < target->classes_count; k++) {
            put(j, n++, p->probability[t][k]);
        }
    }
    return mien_table_add_row(j->table, j->cells);
}

static mien_status take(void *context, const mien_prediction *prediction) {
    job *j = context;
    return j->timeline ? cli_tracks_add(&j->tracks, prediction)
                       : add_row(j, prediction);
}

/* ---- writing ----------------------------------------------------------------------
 */

/* Row by row: numbers stay numbers in JSON. A file that is not complete goes. */
static mien_status write_stream(
    const job *j, const char *output, mien_table_format format) {
    mien_table_writer *writer = NULL;
    const char **names = j->cells; /* of no other use now */
    for (int k = 0; k < j->columns; k++) {
        names[k] = mien_table_name(j->table, k);
    }
    mien_status status =
        mien_table_writer_open(output, format, j->columns, names, &writer);
    for (int k = 0; status == MIEN_OK && k < j->columns; k++) {
        mien_table_writer_numeric(writer, k);
    }
    for (int64_t r = 0; status == MIEN_OK && r < mien_table_rows(j->table); r++) {
        for (int k = 0; k < j->columns; k++) {
            const char *cell = mien_table_cell(j->table, r, k);
            names[k] = strcmp(cell, "n/a") == 0 ? NULL : cell;
        }
        status = mien_table_writer_row(writer, names);
    }
    bool opened = writer != NULL;
    status = cli_close_rows(&writer, status);
    if (status != MIEN_OK && opened && output) {
        remove(output);
    }
    return status;
}

static mien_status write_timeline(const job *j, const char *output) {
    const cli_track *track = &j->tracks.items[0];
    if (!track->film) {
        return mien_fail(MIEN_EINVAL,
            "%s: how long its segments are is not known, so there is no timeline: use "
            "csv, tsv or jsonl",
            mien_model_path(j->model));
    }
    mien_string text;
    mien_string_init(&text);
    mien_status status = j->timeline->write(&text, mien_path_base(track->input),
        track->moments[track->count - 1].end_s, track->moments, track->count,
        mien_model_targets(j->model));
    if (status == MIEN_OK) {
        status = cli_write(output, &text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status write_output(const job *j, const char *output, const char *format) {
    mien_table_format table;
    if (j->timeline) {
        return write_timeline(j, output);
    }
    mien_status status = mien_table_format_parse(format, &table);
    if (status != MIEN_OK) {
        return status;
    }
    bool file = output && strcmp(output, "-") != 0;
    return file && table != MIEN_JSONL ? mien_table_write(j->table, output, table)
                                       : write_stream(j, file ? output : NULL, table);
}

/* Neither the files of features nor what mien did not make is written over. */
static mien_status keep_files(const mien_options *o, const job *j, const pairs *p) {
    const char *output = mien_options_text(o, "output");
    const char *maps = mien_options_text(o, "attention");
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < p->count; i++) {
        status = cli_keep_inputs(output, &p->files[i].path, 1);
        status = status ? status : cli_keep_inputs(maps, &p->files[i].path, 1);
    }
    status = status ? status
                    : cli_keep_others(o, maps, (const char *const[]){"^\x89HDF", NULL});
    if (status != MIEN_OK) {
        return status;
    }
    return j->timeline ? cli_keep_other_timelines(o, output, j->tracks.targets)
                       : cli_keep_other_tables(o, output, "row", "start_s");
}

mien_status cli_predict_features(cli *c, const mien_options *o, const char *format,
    mien_predictor *predictor, int count, const char *const *positional) {
    pairs p = {0};
    job j = {.model = mien_predictor_model(predictor),
        .timeline = mien_timeline_format_find(format)};
    mien_status status = check_options(c, o);
    if (status == MIEN_OK) {
        status = take_pairs(c, o, count, positional, &p);
    }
    if (status == MIEN_OK && p.count == 0) {
        status = say_inputs(c, j.model);
    }
    j.tracks.targets = mien_model_targets(j.model);
    j.tracks.targets_count = mien_model_targets_count(j.model);
    if (status == MIEN_OK) {
        status = keep_files(o, &j, &p);
    }
    if (status == MIEN_OK && !j.timeline) {
        status = open_table(&j);
    }
    if (status == MIEN_OK) {
        status = mien_predictor_run_features(predictor, p.files, p.count, take, &j);
    }
    if (status == MIEN_OK) {
        status = write_output(&j, mien_options_text(o, "output"), format);
    }
    cli_tracks_clear(&j.tracks);
    mien_table_free(&j.table);
    mien_free(j.cells);
    mien_free(j.text);
    mien_arena_free(&p.arena);
    return status;
}
