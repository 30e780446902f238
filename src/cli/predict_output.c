/* SPDX-License-Identifier: MIT */
/* Rows of a table, and tracks kept for files that need a whole film. */
#include "cli/predict_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

enum { THUMBNAILS_MAX = 64, THUMBNAIL_QUALITY = 80 };

static void track_clear(cli_track *track) {
    for (int64_t i = 0; i < track->thumbnails_count; i++) {
        mien_free((void *)track->thumbnails[i].jpeg);
    }
    mien_free(track->thumbnails);
    mien_free(track->shares);
    mien_free(track->where);
    mien_free(track->effect);
    mien_free(track->moments);
    mien_free(track->input);
}

void cli_tracks_clear(cli_tracks *tracks) {
    for (int64_t i = 0; i < tracks->count; i++) {
        track_clear(&tracks->items[i]);
    }
    mien_free(tracks->items);
    *tracks = (cli_tracks){0};
}

static const char *name_of(const mien_prediction *prediction) {
    return prediction->series ? prediction->series : prediction->input;
}

static mien_status add_track(
    cli_tracks *tracks, const mien_prediction *prediction, cli_track **track) {
    if (tracks->count == tracks->capacity) {
        int64_t capacity = tracks->capacity ? 2 * tracks->capacity : 16;
        cli_track *items = mien_realloc(
            tracks->items, (size_t)tracks->capacity, (size_t)capacity, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        tracks->items = items;
        tracks->capacity = capacity;
    }
    cli_track *t = &tracks->items[tracks->count];
    bool film = prediction->series && !isnan(prediction->start_s);
    *t = (cli_track){.input = mien_strdup(name_of(prediction)),
        .film = film,
        .thumbnails = mien_alloc(film ? THUMBNAILS_MAX : 1, sizeof *t->thumbnails),
        .thumbnails_stride = 1};
    tracks->count++;
    *track = t;
    return t->input && t->thumbnails ? MIEN_OK : MIEN_ENOMEM;
}

/* When the room is full, every second thumbnail goes and the stride doubles. */
static void thin_out(cli_track *track) {
    int64_t kept = 0;
    for (int64_t i = 0; i < track->thumbnails_count; i++) {
        if (i % 2 == 0) {
            track->thumbnails[kept++] = track->thumbnails[i];
        } else {
            mien_free((void *)track->thumbnails[i].jpeg);
        }
    }
    track->thumbnails_count = kept;
    track->thumbnails_stride *= 2;
}

static mien_status add_thumbnail(cli_track *track, const mien_prediction *prediction) {
    if (!prediction->thumbnail ||
        track->thumbnails_seen++ % track->thumbnails_stride != 0) {
        return MIEN_OK;
    }
    if (track->thumbnails_count == THUMBNAILS_MAX) {
        thin_out(track);
        if ((track->thumbnails_seen - 1) % track->thumbnails_stride != 0) {
            return MIEN_OK;
        }
    }
    void *jpeg = NULL;
    size_t bytes = 0;
    mien_status status =
        mien_image_to_jpeg(prediction->thumbnail, THUMBNAIL_QUALITY, &jpeg, &bytes);
    if (status == MIEN_OK) {
        track->thumbnails[track->thumbnails_count++] = (mien_figure_thumbnail){
            .time_s = prediction->start_s, .jpeg = jpeg, .jpeg_bytes = bytes};
    }
    return status;
}

/* Probabilities a moment has. */
static int64_t classes_of(const cli_tracks *tracks, int targets_count) {
    int64_t sum = 0;
    for (int t = 0; t < targets_count; t++) {
        sum += tracks->targets[t].classes_count;
    }
    return sum;
}

const double *cli_track_shares(
    const cli_tracks *tracks, const cli_track *track, int64_t moment, int t) {
    int64_t all = classes_of(tracks, tracks->targets_count);
    return all > 0 ? track->shares + moment * all + classes_of(tracks, t) : NULL;
}

static mien_status keep_shares(const cli_tracks *tracks, cli_track *t, int64_t capacity,
    const mien_prediction *prediction) {
    int64_t classes = classes_of(tracks, tracks->targets_count);
    if (classes > 0 && t->count == t->shares_capacity) {
        double *shares = mien_realloc(t->shares, (size_t)(t->shares_capacity * classes),
            (size_t)(capacity * classes), sizeof *shares);
        if (!shares) {
            return MIEN_ENOMEM;
        }
        t->shares = shares;
        t->shares_capacity = capacity;
    }
    if (classes == 0) {
        return MIEN_OK;
    }
    double *row = t->shares + t->count * classes;
    for (int k = 0; k < tracks->targets_count; k++) {
        for (int c = 0; c < tracks->targets[k].classes_count; c++) {
            *row++ = prediction->probability[k][c];
        }
        t->moments[t->count].probability[k] = NULL;
    }
    return MIEN_OK;
}

/* Of a picture alone. */
static mien_status keep_where(
    const cli_tracks *tracks, cli_track *t, const mien_prediction *p) {
    size_t values = (size_t)tracks->targets_count * MIEN_WHERE * MIEN_WHERE;
    if (!p->where || t->film || t->where || !p->thumbnail) {
        return MIEN_OK;
    }
    t->aspect = (double)p->thumbnail->shape[1] / (double)p->thumbnail->shape[0];
    t->where = mien_alloc(values, sizeof *t->where);
    if (!t->where) {
        return MIEN_ENOMEM;
    }
    memcpy(t->where, p->where, values * sizeof *t->where);
    return MIEN_OK;
}

mien_status cli_tracks_add(cli_tracks *tracks, const mien_prediction *prediction) {
    cli_track *t = tracks->count ? &tracks->items[tracks->count - 1] : NULL;
    mien_status status = MIEN_OK;
    /* a film named twice begins anew */
    if (!t || strcmp(t->input, name_of(prediction)) != 0 || !t->film ||
        !(prediction->start_s > t->moments[t->count - 1].start_s)) {
        status = add_track(tracks, prediction, &t);
        if (status != MIEN_OK) {
            return status;
        }
    }
    if (t->count == t->capacity) {
        int64_t capacity = t->capacity ? 2 * t->capacity : t->film ? 64 : 1;
        mien_prediction *moments = mien_realloc(
            t->moments, (size_t)t->capacity, (size_t)capacity, sizeof *moments);
        if (!moments) {
            return MIEN_ENOMEM;
        }
        t->moments = moments;
        t->capacity = capacity;
    }
    t->moments[t->count] = *prediction;
    t->moments[t->count].input = NULL;
    t->moments[t->count].trial = t->moments[t->count].series = NULL;
    t->moments[t->count].thumbnail = NULL;
    t->moments[t->count].where = NULL;
    status = keep_where(tracks, t, prediction);
    if (status == MIEN_OK) {
        status = keep_shares(tracks, t, t->capacity, prediction);
    }
    if (status != MIEN_OK) {
        return status;
    }
    t->count++;
    return add_thumbnail(t, prediction);
}

enum { CELL_MAX = 64, NAME_MAX_BYTES = 128 };

static bool has_set(const cli_rows *rows, int t) {
    return rows->after && rows->after->set_level[t] > 0;
}

/* Columns after the targets themselves: low, high, norm; or a probability a class, and
 * the set of classes. */
static int details_of(const cli_rows *rows, int t) {
    const mien_target *target = &rows->targets[t];
    return target->link == MIEN_LINK_VALUE ? 3
                                           : target->classes_count + has_set(rows, t);
}

static void name_detail(const mien_target *target, int index, char *name) {
    static const char *const suffixes[] = {"low", "high", "norm"};
    if (target->link == MIEN_LINK_VALUE) {
        snprintf(name, NAME_MAX_BYTES, "%s_%s", target->name, suffixes[index]);
    } else if (index == target->classes_count) {
        snprintf(name, NAME_MAX_BYTES, "%s_set", target->name);
    } else {
        snprintf(name, NAME_MAX_BYTES, "%s_p_%s", target->name, target->classes[index]);
    }
}

static int count_columns(const cli_rows *rows) {
    int columns =
        rows->keys + rows->targets_count + (rows->sampling != NULL) + rows->trained_on;
    for (int t = 0; t < rows->targets_count; t++) {
        columns += details_of(rows, t);
    }
    return columns;
}

/* names [columns]; made [columns × NAME_MAX_BYTES] is what some of them stand in. */
static void name_columns(const cli_rows *rows, const char **names, char *made) {
    const char *const keys[] = {rows->trial ? "trial" : NULL, rows->row ? "row" : NULL,
        rows->input ? "input" : NULL, "start_s", "end_s"};
    int n = 0;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        if (keys[k]) {
            names[n++] = keys[k];
        }
    }
    for (int t = 0; t < rows->targets_count; t++) {
        names[n++] = rows->targets[t].name;
    }
    for (int t = 0; t < rows->targets_count; t++) {
        for (int i = 0; i < details_of(rows, t); i++, n++) {
            char *name = made + (size_t)n * NAME_MAX_BYTES;
            name_detail(&rows->targets[t], i, name);
            names[n] = name;
        }
    }
    if (rows->trained_on) {
        names[n++] = "trained_on";
    }
    if (rows->sampling) {
        names[n] = "sampling";
    }
}

static bool is_set(const cli_rows *rows, int column) {
    int end = rows->keys + rows->targets_count;
    for (int t = 0; t < rows->targets_count; t++) {
        end += details_of(rows, t);
        if (has_set(rows, t) && column == end - 1) {
            return true;
        }
    }
    return false;
}

static mien_status open_writer(
    cli_rows *rows, const char *path, mien_table_format format, int columns) {
    char *made = mien_alloc((size_t)columns, NAME_MAX_BYTES);
    if (!made) {
        return MIEN_ENOMEM;
    }
    name_columns(rows, rows->cells, made);
    mien_status status =
        mien_table_writer_open(path, format, columns, rows->cells, &rows->writer);
    for (int column = 0; status == MIEN_OK && column < columns; column++) {
        int t = column - rows->keys;
        bool word = column >= columns - rows->trained_on - (rows->sampling != NULL);
        bool key = column < rows->keys - 2; /* ids and paths are no numbers */
        bool label = t >= 0 && t < rows->targets_count &&
                     rows->targets[t].link != MIEN_LINK_VALUE;
        label = label || is_set(rows, column);
        if (key ? rows->row && column == rows->trial : !label && !word) {
            mien_table_writer_numeric(rows->writer, column);
        }
    }
    mien_free(made);
    return status;
}

static void rows_clear(cli_rows *rows) {
    mien_free(rows->cells);
    mien_free(rows->text);
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_string_clear(&rows->set[t]);
    }
    *rows = (cli_rows){0};
}

mien_status cli_rows_open(cli_rows *rows, const char *path, mien_table_format format,
    const mien_target *targets, int targets_count) {
    rows->targets = targets;
    rows->targets_count = targets_count;
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_string_init(&rows->set[t]);
    }
    rows->keys = 2 + rows->trial + rows->row + rows->input;
    int columns = count_columns(rows);
    rows->cells = mien_alloc((size_t)columns, sizeof *rows->cells);
    rows->text = mien_alloc((size_t)columns, CELL_MAX);
    mien_status status = rows->cells && rows->text
                             ? open_writer(rows, path, format, columns)
                             : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        rows_clear(rows);
    }
    return status;
}

/* Writes a number with as many digits as give the value back. */
static void put_number(cli_rows *rows, int column, double value) {
    char *text = rows->text + (size_t)column * CELL_MAX;
    rows->cells[column] = isfinite(value) ? mien_format_float((float)value, text)
                                          : NULL; /* "n/a", null */
}

/* Times are microseconds, unless a table tells them more finely. */
static void put_time(cli_rows *rows, int column, double time_s) {
    char *text = rows->text + (size_t)column * CELL_MAX;
    double rounded = rint(time_s * 1e6) / 1e6;
    double shown = fabs(rounded - time_s) < 1e-9 ? rounded : time_s;
    rows->cells[column] = isfinite(time_s) ? mien_format_double(shown, text) : NULL;
}

/* "joy|surprise", in the order of the classes. */
static const char *set_text(
    mien_string *text, const mien_prediction *p, const mien_target *target, int t) {
    bool in_set[MIEN_CLASSES_MAX];
    if (isnan(p->set_from[t]) || !p->probability[t]) {
        return NULL;
    }
    mien_conformal_set(
        p->set_from[t], target->classes_count, p->probability[t], p->choice[t], in_set);
    mien_string_clear(text);
    for (int k = 0; k < target->classes_count; k++) {
        if (in_set[k]) {
            mien_string_addf(text, "%s%s", text->length ? "|" : "", target->classes[k]);
        }
    }
    return mien_string_status(text) == MIEN_OK ? text->text : NULL;
}

/* Columns of one target from n on; returns the next. */
static int put_details(
    cli_rows *rows, const mien_prediction *p, const mien_target *target, int t, int n) {
    const double values[3] = {p->low[t], p->high[t], p->normal[t]};
    bool value = target->link == MIEN_LINK_VALUE;
    for (int i = 0; i < details_of(rows, t); i++, n++) {
        if (!value && i == target->classes_count) {
            rows->cells[n] = set_text(&rows->set[t], p, target, t);
            continue;
        }
        put_number(rows, n, value ? values[i] : p->probability[t][i]);
    }
    return n;
}

mien_status cli_rows_write(cli_rows *rows, const mien_prediction *prediction) {
    const mien_prediction *p = prediction;
    int n = 0;
    if (rows->trial) {
        rows->cells[n++] = p->trial;
    }
    if (rows->row) {
        rows->cells[n] = rows->text + (size_t)n * CELL_MAX;
        snprintf(
            rows->text + (size_t)n++ * CELL_MAX, CELL_MAX, "%lld", (long long)p->row);
    }
    if (rows->input) {
        rows->cells[n++] = p->input;
    }
    put_time(rows, n++, p->start_s);
    put_time(rows, n++, p->end_s);
    for (int t = 0; t < rows->targets_count; t++, n++) {
        const mien_target *target = &rows->targets[t];
        if (target->link == MIEN_LINK_VALUE) {
            put_number(rows, n, p->value[t]);
        } else {
            rows->cells[n] = target->classes[p->choice[t]];
        }
    }
    for (int t = 0; t < rows->targets_count; t++) {
        n = put_details(rows, p, &rows->targets[t], t, n);
    }
    if (rows->trained_on) {
        rows->cells[n++] = p->trained_on ? p->trained_on > 0 ? "yes" : "no" : NULL;
    }
    if (rows->sampling) {
        rows->cells[n] = isnan(p->start_s) ? NULL : rows->sampling;
    }
    return mien_table_writer_row(rows->writer, rows->cells);
}

mien_status cli_rows_close(cli_rows *rows, mien_status status) {
    status = cli_close_rows(&rows->writer, status);
    rows_clear(rows);
    return status;
}
