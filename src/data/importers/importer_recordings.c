/* SPDX-License-Identifier: MIT */
/* A folder of recordings of any format: each event is a trial; ratings come from a
 * table of labels, a row for each trial. */
#include "data/recordings/recording_files.h"
#include "data/recordings/recording_trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 128 };

static const mien_option options[] = {
    {.name = "labels",
        .type = MIEN_OPTION_TEXT,
        .initial = "labels.csv",
        .metavar = "FILE",
        .help =
            "Table below the folder with columns recording (a file's name without its "
            "ending), number (of the event, from 1) and ratings"},
    {.name = "event",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Events that are trials (default: all that are not the device's own)"},
    {.name = "duration",
        .type = MIEN_OPTION_SECONDS,
        .initial = "5",
        .help = "Of a trial whose event does not say"},
    {.name = "preset",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "Columns of tables: gazepoint, tobii, pupil"},
    {.name = "columns",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME=COLUMN,…",
        .help = "Columns of tables by hand, as mien extract takes them"},
    MIEN_TRIAL_TARGET_OPTIONS,
    MIEN_IMPORTER_DECIMAL,
    {0},
};

typedef struct importing {
    const mien_options *o;
    const char *prefix;
    mien_table *labels; /* NULL: none */
    mien_table *table;
    int more, more_column[COLUMNS_MAX];
} importing;

static mien_status open_labels(importing *g, const char *directory) {
    const char *names[MIEN_TRIAL_FIXED + COLUMNS_MAX];
    char *path = mien_path_join(directory, mien_options_text(g->o, "labels"));
    int count = 0;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK &&
        (mien_file_exists(path) || mien_options_given(g->o, "labels"))) {
        status = mien_labels_read(path, g->o, NULL, &g->labels);
    }
    if (status == MIEN_OK && g->labels &&
        (mien_table_column(g->labels, "recording") < 0 ||
            mien_table_column(g->labels, "number") < 0)) {
        status = mien_fail(
            MIEN_EFORMAT, "%s:1: the columns recording and number are needed", path);
    }
    for (; count < MIEN_TRIAL_FIXED; count++) {
        names[count] = mien_trial_fixed[count];
    }
    for (int c = 0; status == MIEN_OK && g->labels && c < mien_table_columns(g->labels);
         c++) {
        const char *name = mien_table_name(g->labels, c);
        bool known = !*name || !strcmp(name, "recording") || !strcmp(name, "number") ||
                     !strcmp(name, "person") || !strcmp(name, "stimulus");
        if (!known && g->more < COLUMNS_MAX) {
            g->more_column[g->more++] = c;
            names[count++] = name;
        }
    }
    status = status ? status : mien_table_new(count, names, &g->table);
    mien_free(path);
    return status;
}

/* The labels' row of a trial; −1. */
static int64_t find_label(const importing *g, const char *stem, int64_t number) {
    for (int64_t r = 0; g->labels && r < mien_table_rows(g->labels); r++) {
        double at = NAN;
        const char *name =
            mien_table_cell(g->labels, r, mien_table_column(g->labels, "recording"));
        if (strcmp(name, stem) == 0 &&
            mien_table_number(
                g->labels, r, mien_table_column(g->labels, "number"), &at) == MIEN_OK &&
            at == (double)number) {
            return r;
        }
    }
    return -1;
}

static const char *label_of(const importing *g, int64_t row, int column) {
    const char *cell = row >= 0 ? mien_table_cell(g->labels, row, column) : NULL;
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

static mien_status add_trial(importing *g, const mien_recording_file *f,
    const char *person, const mien_event *e, int64_t number) {
    const char *cells[MIEN_TRIAL_FIXED + COLUMNS_MAX], *named;
    char id[256], start[32], end[32];
    mien_string place;
    double length =
        isnan(e->duration_s) ? mien_options_number(g->o, "duration") : e->duration_s;
    int64_t row = find_label(g, f->stem, number);
    snprintf(id, sizeof id, "%.200s/%04lld", f->stem, (long long)number);
    mien_string_init(&place);
    mien_status status =
        mien_string_addf(&place, "%s%s%s", g->prefix, *g->prefix ? "/" : "", f->below);
    named = g->labels ? label_of(g, row, mien_table_column(g->labels, "person")) : NULL;
    cells[0] = id;
    cells[1] = named ? named : person;
    named =
        g->labels ? label_of(g, row, mien_table_column(g->labels, "stimulus")) : NULL;
    cells[2] = named ? named : *e->text ? e->text : NULL;
    cells[3] = e->name;
    cells[4] = place.text;
    cells[5] = mien_format_double(e->onset_s, start);
    cells[6] = mien_format_double(e->onset_s + length, end);
    for (int k = 0; k < g->more; k++) {
        cells[MIEN_TRIAL_FIXED + k] = label_of(g, row, g->more_column[k]);
    }
    status = status ? status : mien_table_add_row(g->table, cells);
    mien_string_clear(&place);
    return status;
}

static mien_status add_file(importing *g, const mien_recording_file *f) {
    const char *wanted = mien_options_text(g->o, "event");
    mien_recording_options o = {.preset = mien_options_text(g->o, "preset"),
        .columns = mien_options_text(g->o, "columns")};
    mien_recording *r = NULL;
    const mien_event *events = NULL;
    mien_status status = mien_recording_open(f->path, &o, &r);
    int64_t count = status ? 0 : mien_recording_events(r, &events), number = 0;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (wanted ? !strcmp(events[i].name, wanted) : !*events[i].track) {
            const char *person = mien_recording_person(r);
            status =
                add_trial(g, f, *person ? person : f->person, &events[i], ++number);
        }
    }
    mien_recording_close(&r);
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *o, mien_table **table, mien_value **sidecar) {
    importing g = {.o = o};
    mien_recording_files files = {.count = 0};
    char *prefix = NULL;
    mien_status status = mien_relative_directory(output, directory, &prefix);
    g.prefix = prefix;
    status = status ? status : open_labels(&g, directory);
    status = status ? status
                    : mien_recording_files_find(
                          directory, mien_options_text(o, "labels"), &files);
    for (int64_t i = 0; status == MIEN_OK && i < files.count; i++) {
        status = add_file(&g, &files.item[i]);
    }
    if (status == MIEN_OK && mien_table_rows(g.table) == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of its %lld recordings has an event that is a trial", directory,
            (long long)files.count);
    }
    status = status
                 ? status
                 : mien_recording_sidecar("recordings", directory, g.table, o, sidecar);
    if (status == MIEN_OK) {
        *table = g.table;
        g.table = NULL;
    }
    mien_recording_files_clear(&files);
    mien_table_free(&g.labels);
    mien_table_free(&g.table);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_recordings = {.name = "recordings",
    .summary =
        "a folder of recordings (EyeLink, E4, OpenSignals, XDF, tables): events are "
        "trials; -o FOLDER writes BIDS instead",
    .options = options,
    .import = import};
