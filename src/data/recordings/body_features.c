/* SPDX-License-Identifier: MIT */
/* Features of a trial table's recordings as columns of it. In: a table whose rows name
 * a recording and a moment, sensors, a window. Out: a table beside it with a column of
 * features for each sensor, their arrays, and the sidecar that says what they are.
 * Called by cli/extract_signals.c. */
#include "data/recordings/body_features.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/trials.h"

static const char *const endings[] = {"", "_transductive", "_strict"};

/* One sensor over all rows. */
typedef struct column {
    const mien_sensor *sensor;
    int features, width;    /* width: with values that say what can be told */
    double *values, *share; /* [rows, features], [rows] */
    bool *told;             /* [rows]: enough of the window is valid */
    bool partly[MIEN_SENSOR_FEATURES_MAX]; /* cannot be told of some valid window */
    char name[80], file[256];
} column;

typedef struct making {
    const mien_body *how;
    mien_trials *trials;
    const char *output;
    int64_t rows, persons;
    int64_t *person; /* [rows] */
    column column[MIEN_BODY_SENSORS_MAX];
} making;

/* ---- windows --------------------------------------------------------------------- */

/* A row's moment in its recording. */
typedef struct moment {
    int64_t row, recording;
    double onset_s;
} moment;

static int by_time(const void *a, const void *b) {
    const moment *x = a, *y = b;
    return x->recording != y->recording
               ? (x->recording > y->recording) - (x->recording < y->recording)
           : x->onset_s != y->onset_s
               ? (x->onset_s > y->onset_s) - (x->onset_s < y->onset_s)
               : (x->row > y->row) - (x->row < y->row);
}

/* All sensors at moments [count] of one recording. */
static mien_status measure(making *m, const moment *at, int64_t count) {
    char *path = mien_trials_path(m->trials, at[0].row, "recording");
    double *onset_s = mien_alloc((size_t)count, sizeof *onset_s);
    double *share = mien_alloc((size_t)count, sizeof *share);
    double *values =
        mien_alloc((size_t)(count * MIEN_SENSOR_FEATURES_MAX), sizeof *values);
    mien_recording *r = NULL;
    mien_status status = path && onset_s && share && values
                             ? mien_recording_open(path, &m->how->reading, &r)
                             : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        onset_s[i] = at[i].onset_s;
    }
    for (int s = 0; status == MIEN_OK && s < m->how->sensors; s++) {
        column *c = &m->column[s];
        bool found = false;
        status = mien_recording_windows(
            r, c->sensor, &m->how->how, count, onset_s, values, share, &found);
        for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
            int64_t row = at[i].row;
            c->share[row] = share[i];
            c->told[row] = found && share[i] >= 0.5;
            memcpy(c->values + row * c->features, values + i * c->features,
                (size_t)c->features * sizeof *values);
        }
    }
    mien_recording_close(&r);
    mien_free(values);
    mien_free(share);
    mien_free(onset_s);
    mien_free(path);
    return status;
}

static mien_status list_moments(const making *m, moment *moments) {
    const char **names = mien_alloc((size_t)m->rows, sizeof *names);
    int64_t *number = mien_alloc((size_t)m->rows, sizeof *number), count = 0;
    double *start_s = mien_alloc((size_t)m->rows, sizeof *start_s);
    mien_status status = names && number && start_s ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        names[i] = mien_trials_cell(m->trials, i, "recording");
        status = names[i]
                     ? mien_table_number(mien_trials_table(m->trials), i,
                           mien_table_column(mien_trials_table(m->trials), "start_s"),
                           &start_s[i])
                     : mien_fail(MIEN_EINVAL, "trial %s has no recording",
                           mien_trials_id(m->trials, i));
        if (status == MIEN_OK && !isfinite(start_s[i])) {
            status = mien_fail(
                MIEN_EINVAL, "trial %s has no start_s", mien_trials_id(m->trials, i));
        }
    }
    status = status ? status : mien_names_number(m->rows, names, number, &count);
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        moments[i] = (moment){i, number[i], start_s[i]};
    }
    mien_free(start_s);
    mien_free(number);
    mien_free(names);
    return status;
}

static mien_status measure_all(making *m) {
    moment *moments = mien_alloc((size_t)m->rows, sizeof *moments);
    mien_status status = moments ? list_moments(m, moments) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        qsort(moments, (size_t)m->rows, sizeof *moments, by_time);
    }
    for (int64_t i = 0, end; status == MIEN_OK && i < m->rows; i = end) {
        for (end = i; end < m->rows && moments[end].recording == moments[i].recording;
             end++) {
        }
        if (m->how->progress) {
            m->how->progress(m->how->context, i, m->rows);
        }
        status = measure(m, moments + i, end - i);
    }
    mien_free(moments);
    return status;
}

/* ---- normalisation --------------------------------------------------------------- */

static mien_status number_persons(making *m) {
    const char **names = mien_alloc((size_t)m->rows, sizeof *names);
    m->person = mien_alloc((size_t)m->rows, sizeof *m->person);
    mien_status status = names && m->person ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        names[i] = mien_trials_cell(m->trials, i, "person");
        if (!names[i] && m->how->normalise != MIEN_NORMALISE_NONE) {
            status = mien_fail(MIEN_EINVAL, "trial %s has no person to normalise by",
                mien_trials_id(m->trials, i));
        }
    }
    status =
        status ? status : mien_names_number(m->rows, names, m->person, &m->persons);
    mien_free(names);
    return status;
}

/* Sums over those of a person's rows that say how he is. */
typedef struct level {
    int64_t seen; /* valid windows so far, in the order of the table */
    double n, mean, squares;
} level;

static void add_level(level *l, double x) {
    double d = x - l->mean;
    l->n++;
    l->mean += d / l->n;
    l->squares += d * (x - l->mean);
}

static void normalise(const making *m, column *c, int f, level *levels) {
    bool strict = m->how->normalise == MIEN_NORMALISE_STRICT;
    memset(levels, 0, (size_t)m->persons * sizeof *levels);
    for (int64_t i = 0; i < m->rows; i++) {
        level *l = &levels[m->person[i]];
        double x = c->values[i * c->features + f];
        if (c->told[i] && (!strict || l->seen++ < m->how->first) && isfinite(x)) {
            add_level(l, x);
        }
    }
    for (int64_t i = 0; i < m->rows; i++) {
        const level *l = &levels[m->person[i]];
        double *x = &c->values[i * c->features + f];
        double sd = l->n > 0 ? sqrt(l->squares / l->n) : 0;
        *x = l->n < 2 ? (double)NAN : (*x - l->mean) / (sd > 0 ? sd : 1);
    }
}

static mien_status normalise_all(making *m) {
    mien_status status = number_persons(m);
    level *levels =
        status == MIEN_OK ? mien_alloc((size_t)m->persons, sizeof *levels) : NULL;
    status = status == MIEN_OK && !levels ? MIEN_ENOMEM : status;
    for (int s = 0; status == MIEN_OK && s < m->how->sensors; s++) {
        column *c = &m->column[s];
        for (int f = 0; f < c->features; f++) {
            if (m->how->normalise != MIEN_NORMALISE_NONE) {
                normalise(m, c, f, levels);
            }
        }
    }
    mien_free(levels);
    return status;
}

/* ---- arrays ---------------------------------------------------------------------- */

static void find_partly(const making *m, column *c) {
    c->width = c->features;
    for (int f = 0; f < c->features; f++) {
        for (int64_t i = 0; i < m->rows && !c->partly[f]; i++) {
            c->partly[f] = c->told[i] && !isfinite(c->values[i * c->features + f]);
        }
        c->width += c->partly[f];
    }
}

static mien_status write_array(const making *m, column *c) {
    int64_t shape[] = {m->rows, c->width};
    mien_tensor *array = NULL;
    char *folder = mien_path_directory(m->output);
    char *path = folder ? mien_path_join(folder, c->file) : NULL;
    mien_status status =
        path ? mien_tensor_new(MIEN_F32, 2, shape, &array) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        float *to = (float *)array->data + i * c->width;
        float *more = to + c->features;
        for (int f = 0; f < c->features; f++) {
            double x = c->values[i * c->features + f];
            to[f] = c->told[i] && isfinite(x) ? (float)x : 0;
            if (c->partly[f]) {
                *more++ = c->told[i] && isfinite(x);
            }
        }
    }
    status = status ? status : mien_npy_write(path, array);
    mien_tensor_free(&array);
    mien_free(path);
    mien_free(folder);
    return status;
}

/* ---- the table ------------------------------------------------------------------- */

static mien_status describe(const making *m, const column *c, mien_value *sidecar) {
    static const char *const how[] = {"as they are",
        "z over all trials of the person: transductive, all trials of somebody new "
        "must "
        "be there before the first is predicted",
        "z by the mean and SD of the person's first trials: strict"};
    char valid[96];
    mien_string words;
    mien_string_init(&words);
    mien_string_addf(&words,
        "%g to %g s from start_s (baseline %g to %g s), %s: ", m->how->how.window_s[0],
        m->how->how.window_s[1], m->how->how.base_s[0], m->how->how.base_s[1],
        how[m->how->normalise]);
    for (int f = 0; f < c->features; f++) {
        mien_string_addf(&words, "%s%s", f ? ", " : "", c->sensor->features[f]);
    }
    for (int f = 0; f < c->features; f++) {
        if (c->partly[f]) {
            mien_string_addf(
                &words, ", %s can be told (else it is 0)", c->sensor->features[f]);
        }
    }
    snprintf(valid, sizeof valid, "valid_%s", c->sensor->name);
    mien_status status = mien_string_status(&words);
    status = status ? status
                    : mien_sidecar_add_feature(sidecar, c->name, c->width, words.text);
    status = status ? status
                    : mien_sidecar_add_column(sidecar, valid,
                          "share of the window's samples that are valid");
    mien_string_clear(&words);
    return status;
}

/* names and cells have room for all columns; text for two of each sensor. */
static mien_status add_rows(
    const making *m, int old, const char **cells, mien_table *table) {
    char text[2 * MIEN_BODY_SENSORS_MAX][300];
    const mien_table *from = mien_trials_table(m->trials);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        for (int k = 0; k < old; k++) {
            cells[k] = mien_table_cell(from, i, k);
        }
        for (int s = 0; s < m->how->sensors; s++) {
            const column *c = &m->column[s];
            char *place = text[2 * s], *share = text[2 * s + 1];
            snprintf(place, sizeof text[0], "%s#%" PRId64, c->file, i);
            cells[old + 2 * s] = c->told[i] ? place : NULL;
            cells[old + 2 * s + 1] = mien_format_double(c->share[i], share);
        }
        status = mien_table_add_row(table, cells);
    }
    return status;
}

static mien_status write_table(making *m) {
    const mien_table *from = mien_trials_table(m->trials);
    int old = mien_table_columns(from), columns = old + 2 * m->how->sensors;
    char text[2 * MIEN_BODY_SENSORS_MAX][96];
    const char **names = mien_alloc((size_t)columns, sizeof *names);
    mien_table *table = NULL;
    mien_value *sidecar = NULL;
    mien_status status =
        names ? mien_value_copy(m->trials->sidecar, &sidecar) : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < old; k++) {
        names[k] = mien_table_name(from, k);
    }
    for (int s = 0; status == MIEN_OK && s < m->how->sensors; s++) {
        const column *c = &m->column[s];
        snprintf(text[2 * s], sizeof text[0], "features.%s", c->name);
        snprintf(text[2 * s + 1], sizeof text[0], "valid_%s", c->sensor->name);
        for (int k = 0; k < 2; k++) {
            names[old + 2 * s + k] = text[2 * s + k];
            if (mien_table_column(from, text[2 * s + k]) >= 0) {
                status = mien_fail(MIEN_EINVAL, "%s has a column %s already",
                    mien_table_file(from), text[2 * s + k]);
            }
        }
        status = status ? status : describe(m, c, sidecar);
    }
    status = status ? status : mien_table_new(columns, names, &table);
    status = status ? status : add_rows(m, old, names, table);
    status = status ? status : mien_trials_write(table, sidecar, m->output);
    mien_value_free(&sidecar);
    mien_table_free(&table);
    mien_free(names);
    return status;
}

/* ---- all ------------------------------------------------------------------------- */

/* Paths in the table are relative to it, so the new one must stand beside it. */
static mien_status check(const making *m, const char *trials) {
    static const char *const needed[] = {"recording", "start_s"};
    char *from = mien_path_directory(trials), *to = mien_path_directory(m->output);
    mien_status status = from && to ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && (strcmp(from, to) != 0 || !strcmp(trials, m->output))) {
        status = mien_fail(MIEN_EINVAL,
            "%s: the table with features must be another one in the folder of %s, "
            "whose "
            "paths it keeps",
            m->output, trials);
    }
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        if (mien_table_column(mien_trials_table(m->trials), needed[k]) < 0) {
            status = mien_fail(MIEN_EINVAL,
                "%s: there is no column %s that says where its trials are", trials,
                needed[k]);
        }
    }
    mien_free(to);
    mien_free(from);
    return status;
}

static mien_status columns_init(making *m) {
    const char *base = mien_path_base(m->output);
    for (int s = 0; s < m->how->sensors; s++) {
        column *c = &m->column[s];
        c->sensor = m->how->sensor[s];
        c->features = mien_sensor_features(c->sensor);
        snprintf(c->name, sizeof c->name, "%s%s", c->sensor->name,
            endings[m->how->normalise]);
        snprintf(c->file, sizeof c->file, "%.*s.%s%s.npy", (int)strcspn(base, "."),
            base, c->sensor->name, endings[m->how->normalise]);
        c->values = mien_alloc((size_t)(m->rows * c->features), sizeof *c->values);
        c->share = mien_alloc((size_t)m->rows, sizeof *c->share);
        c->told = mien_alloc((size_t)m->rows, sizeof *c->told);
        if (!c->values || !c->share || !c->told) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

mien_status mien_body_features(
    const char *trials, const char *output, const mien_body *body) {
    making m = {.how = body, .output = output};
    mien_status status = mien_trials_open(trials, &m.trials);
    if (status == MIEN_OK) {
        m.rows = mien_trials_rows(m.trials);
        status = check(&m, trials);
    }
    status = status ? status : columns_init(&m);
    status = status ? status : measure_all(&m);
    status = status ? status : normalise_all(&m);
    for (int s = 0; status == MIEN_OK && s < body->sensors; s++) {
        find_partly(&m, &m.column[s]);
        status = write_array(&m, &m.column[s]);
    }
    status = status ? status : write_table(&m);
    for (int s = 0; s < body->sensors; s++) {
        mien_free(m.column[s].values);
        mien_free(m.column[s].share);
        mien_free(m.column[s].told);
    }
    mien_free(m.person);
    mien_trials_close(&m.trials);
    return status;
}
