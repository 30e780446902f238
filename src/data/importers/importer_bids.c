/* SPDX-License-Identifier: MIT */
/* A BIDS data set of physiology or eye tracking: each event of a run that lasts is a
 * trial, with the other columns of its _events.tsv. */
#include "data/recordings/recording_trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 128 };

static const mien_option options[] = {
    {.name = "type",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME",
        .help = "trial_type of the events that are trials (default: all that have a "
                "duration)"},
    MIEN_TRIAL_TARGET_OPTIONS,
    {0},
};

typedef struct importing {
    const char *directory, *prefix, *type;
    mien_table *table; /* made with the first run's columns */
    bool images;       /* the folder stimuli is there */
    int more;          /* columns after the fixed ones, and image */
    char more_name[COLUMNS_MAX][64];
} importing;

static bool is_fixed(const char *name) {
    static const char *const known[] = {
        "onset", "duration", "trial_type", "stim_file", "image", "", NULL};
    bool fixed = false;
    for (int k = 0; k < MIEN_TRIAL_FIXED; k++) {
        fixed = fixed || strcmp(name, mien_trial_fixed[k]) == 0;
    }
    for (int k = 0; known[k]; k++) {
        fixed = fixed || strcmp(name, known[k]) == 0;
    }
    return fixed;
}

static mien_status make_table(importing *g, const mien_table *events) {
    const char *names[MIEN_TRIAL_FIXED + 1 + COLUMNS_MAX];
    int count = 0;
    for (; count < MIEN_TRIAL_FIXED; count++) {
        names[count] = mien_trial_fixed[count];
    }
    if (g->images) {
        names[count++] = "image";
    }
    for (int c = 0; c < mien_table_columns(events); c++) {
        const char *name = mien_table_name(events, c);
        if (!is_fixed(name) && g->more < COLUMNS_MAX &&
            strlen(name) < sizeof *g->more_name) {
            snprintf(g->more_name[g->more], sizeof *g->more_name, "%s", name);
            names[count++] = g->more_name[g->more++];
        }
    }
    return mien_table_new(count, names, &g->table);
}

static const char *cell_of(const mien_table *t, int64_t row, const char *name) {
    const char *cell = mien_table_cell(t, row, mien_table_column(t, name));
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

/* "DIR/x" → "PREFIX/x": relative to the trial table. */
static mien_status place(const importing *g, const char *path, mien_string *out) {
    const char *below = path + strlen(g->directory);
    below += strspn(below, "/");
    mien_string_init(out);
    return mien_string_addf(out, "%s%s%s", g->prefix, *g->prefix ? "/" : "", below);
}

static mien_status image_of(
    const importing *g, const char *stimulus, mien_string *out) {
    mien_string file;
    mien_string_init(&file);
    mien_string_init(out);
    mien_status status = mien_string_addf(
        &file, "%s/stimuli/%s", g->directory, stimulus ? stimulus : "");
    if (status == MIEN_OK && stimulus && mien_file_exists(file.text)) {
        mien_string_clear(out);
        status = place(g, file.text, out);
    }
    mien_string_clear(&file);
    return status;
}

static mien_status add_row(importing *g, const mien_table *events, int64_t row,
    const char *run, const char *person, const char *recording, double onset,
    double duration) {
    const char *cells[MIEN_TRIAL_FIXED + 1 + COLUMNS_MAX];
    char id[256], start[32], end[32];
    mien_string image;
    int count = MIEN_TRIAL_FIXED;
    mien_status status = MIEN_OK;
    snprintf(id, sizeof id, "%.200s/%04lld", run, (long long)row + 1);
    cells[0] = id;
    cells[1] = person;
    cells[2] = cell_of(events, row, "stim_file");
    cells[3] = cell_of(events, row, "trial_type");
    cells[4] = recording;
    cells[5] = mien_format_double(onset, start);
    cells[6] = mien_format_double(onset + (isnan(duration) ? 0 : duration), end);
    mien_string_init(&image);
    if (g->images) {
        mien_string_clear(&image);
        status = image_of(g, cells[2], &image);
        cells[count++] = image.length ? image.text : NULL;
    }
    for (int k = 0; k < g->more; k++) {
        cells[count++] = cell_of(events, row, g->more_name[k]);
    }
    status = status ? status : mien_table_add_row(g->table, cells);
    mien_string_clear(&image);
    return status;
}

static mien_status add_events(
    importing *g, const mien_table *events, const char *run, const char *path) {
    int onset_column = mien_table_column(events, "onset");
    int duration_column = mien_table_column(events, "duration");
    char person[64];
    mien_string recording;
    if (onset_column < 0 || duration_column < 0) {
        return mien_fail(MIEN_EFORMAT, "%s:1: no column %s, which is required",
            mien_table_file(events), onset_column < 0 ? "onset" : "duration");
    }
    snprintf(person, sizeof person, "%.*s", (int)strcspn(run, "_"), run);
    mien_status status = g->table ? MIEN_OK : make_table(g, events);
    mien_string_init(&recording);
    mien_string_clear(&recording);
    status = status ? status : place(g, path, &recording);
    for (int64_t row = 0; status == MIEN_OK && row < mien_table_rows(events); row++) {
        double onset = NAN, duration = NAN;
        const char *type = cell_of(events, row, "trial_type");
        status = mien_table_number(events, row, onset_column, &onset);
        status = status ? status
                        : mien_table_number(events, row, duration_column, &duration);
        bool wanted = g->type ? type && strcmp(type, g->type) == 0 : duration > 0;
        if (status == MIEN_OK && wanted && isnan(onset)) {
            status = mien_fail(MIEN_EFORMAT, "%s:%lld: onset is missing",
                mien_table_file(events), (long long)mien_table_line(events, row));
        }
        if (status == MIEN_OK && wanted) {
            status =
                add_row(g, events, row, run, person, recording.text, onset, duration);
        }
    }
    mien_string_clear(&recording);
    return status;
}

/* "…/sub-01_task-a_recording-eye1_physio.tsv.gz" → "…/sub-01_task-a". */
static char *run_prefix(const char *path) {
    char *prefix = mien_strdup(path);
    char *base = prefix ? prefix + (mien_path_base(prefix) - prefix) : NULL;
    char *end = base ? strstr(base, "_recording-") : NULL;
    end = base && !end ? strstr(base, "_physio.tsv.gz") : end;
    if (end) {
        *end = 0;
    }
    return prefix;
}

static mien_status add_run(importing *g, const char *path) {
    char *prefix = run_prefix(path);
    mien_string file;
    mien_table *events = NULL;
    mien_string_init(&file);
    mien_status status =
        prefix ? mien_string_addf(&file, "%s_events.tsv", prefix) : MIEN_ENOMEM;
    if (status == MIEN_OK && !mien_file_exists(file.text)) {
        mien_log(
            MIEN_LOG_WARN, "data", "bids: %s has no _events.tsv: left out", prefix);
    } else {
        status = status ? status : mien_table_read(file.text, NULL, &events);
        status = status ? status : add_events(g, events, mien_path_base(prefix), path);
    }
    mien_table_free(&events);
    mien_string_clear(&file);
    mien_free(prefix);
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *o, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory, .type = mien_options_text(o, "type")};
    char *prefix = NULL, **runs = NULL, *stimuli = mien_path_join(directory, "stimuli");
    int64_t count = 0;
    mien_status status = stimuli ? MIEN_OK : MIEN_ENOMEM;
    g.images = stimuli && mien_file_is_directory(stimuli);
    status = status ? status : mien_relative_directory(output, directory, &prefix);
    g.prefix = prefix;
    status = status ? status : mien_bids_runs(directory, &runs, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = add_run(&g, runs[i]);
    }
    if (status == MIEN_OK && (!g.table || mien_table_rows(g.table) == 0)) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no run with a _physio.tsv.gz and an event that is a trial%s%s",
            directory, g.type ? ", of type " : "", g.type ? g.type : "");
    }
    status = status ? status
                    : mien_recording_sidecar("bids", directory, g.table, o, sidecar);
    if (status == MIEN_OK) {
        *table = g.table;
        g.table = NULL;
    }
    mien_table_free(&g.table);
    mien_names_free(&runs, count);
    mien_free(prefix);
    mien_free(stimuli);
    return status;
}

const mien_importer mien_importer_bids = {.name = "bids",
    .summary =
        "a BIDS data set of physiology or eye tracking: events that last are trials, "
        "other columns of _events.tsv are kept",
    .options = options,
    .import = import};
