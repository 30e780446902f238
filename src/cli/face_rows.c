/* SPDX-License-Identifier: MIT */
/* Rows of a table of faces. In come rows of mien_predictor_run_faces(); out goes a line
 * each, by one of three schemas. Columns that mien does not have are left out of the
 * others' schemas: their readers take what is there by name. */
#include "cli/face_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/faces_options.h"

enum { CELL_MAX = 64, NAME_MAX_BYTES = 128, COLUMNS_MAX = 4096 };

/* Names of columns, gathered once to count and once to open the table. */
typedef struct header {
    const char **names; /* NULL: only counted */
    char *made;         /* [columns, NAME_MAX_BYTES]: what some of them stand in */
    bool label[COLUMNS_MAX];
    int count;
} header;

static void put_name(
    header *h, bool label, const char *format, const char *a, const char *b) {
    if (h->count < COLUMNS_MAX) {
        h->label[h->count] = label;
        if (h->names) {
            char *name = h->made + (size_t)h->count * NAME_MAX_BYTES;
            snprintf(name, NAME_MAX_BYTES, format, a, b);
            h->names[h->count] = name;
        }
        h->count++;
    }
}

static int class_targets(const cli_face_rows *rows) {
    int count = 0;
    for (int t = 0; t < rows->targets_count; t++) {
        count += rows->targets[t].link != MIEN_LINK_VALUE;
    }
    return count;
}

static bool has_interval(const mien_target *target) {
    return target->interval_low < target->interval_high;
}

static void name_targets(const cli_face_rows *rows, header *h) {
    bool alone = class_targets(rows) == 1;
    for (int t = 0; t < rows->targets_count; t++) {
        const mien_target *target = &rows->targets[t];
        bool value = target->link == MIEN_LINK_VALUE;
        put_name(h, !value, "%s", target->name, "");
        if (value && has_interval(target)) {
            put_name(h, false, "%s_low", target->name, "");
            put_name(h, false, "%s_high", target->name, "");
        }
        for (int c = 0; !value && c < target->classes_count; c++) {
            if (alone) {
                put_name(h, false, "p_%s", target->classes[c], "");
            } else {
                put_name(h, false, "%s_p_%s", target->name, target->classes[c]);
            }
        }
    }
}

static void name_own(const cli_face_rows *rows, header *h) {
    static const char *const first[] = {
        "start_s", "end_s", "face", "x", "y", "w", "h", "score"};
    put_name(h, true, "%s", "input", "");
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        put_name(h, false, "%s", first[i], "");
    }
    for (int i = 0; rows->points && i < 10; i++) {
        put_name(h, false, "%s", cli_face_points[i], "");
    }
    name_targets(rows, h);
}

/* Py-Feat's emotions in its order, and the words a model may have for them. */
static const char *const fex_emotions[][4] = {{"anger", "angry", NULL, NULL},
    {"disgust", "disgusted", NULL, NULL}, {"fear", "fearful", "afraid", NULL},
    {"happiness", "happy", "joy", NULL}, {"sadness", "sad", NULL, NULL},
    {"surprise", "surprised", NULL, NULL}, {"neutral", "neutrality", NULL, NULL},
    {"contempt", "contemptuous", NULL, NULL}};
enum { FEX_EMOTIONS = sizeof fex_emotions / sizeof *fex_emotions };

/* The class of a model that one of Py-Feat's emotions is; -1: none. */
static int fex_class(const mien_target *target, int emotion) {
    for (int c = 0; c < target->classes_count; c++) {
        for (int w = 0; w < 4 && fex_emotions[emotion][w]; w++) {
            if (strcmp(target->classes[c], fex_emotions[emotion][w]) == 0) {
                return c;
            }
        }
    }
    return -1;
}

/* The first target with classes; NULL: none. */
static const mien_target *fex_target(const cli_face_rows *rows, int *index) {
    for (int t = 0; t < rows->targets_count; t++) {
        if (rows->targets[t].link != MIEN_LINK_VALUE) {
            *index = t;
            return &rows->targets[t];
        }
    }
    return NULL;
}

static void name_fex(const cli_face_rows *rows, header *h) {
    static const char *const first[] = {"frame", "FaceRectX", "FaceRectY",
        "FaceRectWidth", "FaceRectHeight", "FaceScore"};
    int index = 0;
    const mien_target *target = fex_target(rows, &index);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        put_name(h, false, "%s", first[i], "");
    }
    for (int e = 0; e < FEX_EMOTIONS && target; e++) {
        if (fex_class(target, e) >= 0) {
            put_name(h, false, "%s", fex_emotions[e][0], "");
        }
    }
    put_name(h, true, "%s", "input", "");
    put_name(h, true, "%s", "approx_time", "");
}

static void name_openface(header *h) {
    static const char *const names[] = {
        "frame", "face_id", "timestamp", "confidence", "success"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        put_name(h, false, "%s", names[i], "");
    }
}

static void name_all(const cli_face_rows *rows, header *h) {
    h->count = 0;
    if (rows->schema == CLI_FACES_OWN) {
        name_own(rows, h);
    } else if (rows->schema == CLI_FACES_FEX) {
        name_fex(rows, h);
    } else {
        name_openface(h);
    }
}

static void rows_clear(cli_face_rows *rows) {
    mien_free(rows->cells);
    mien_free(rows->text);
    *rows = (cli_face_rows){0};
}

mien_status cli_face_rows_open(cli_face_rows *rows, const char *path,
    mien_table_format format, cli_face_schema schema, const mien_target *targets,
    int targets_count, bool points) {
    *rows = (cli_face_rows){.schema = schema,
        .targets = targets,
        .targets_count = targets_count,
        .points = points};
    header *h = mien_alloc(1, sizeof *h);
    if (!h) {
        return MIEN_ENOMEM;
    }
    name_all(rows, h);
    rows->columns = h->count;
    rows->cells = mien_alloc((size_t)h->count, sizeof *rows->cells);
    rows->text = mien_alloc((size_t)h->count, CELL_MAX);
    h->made = mien_alloc((size_t)h->count, NAME_MAX_BYTES);
    mien_status status = rows->cells && rows->text && h->made ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        h->names = rows->cells;
        name_all(rows, h);
        status = mien_table_writer_open(
            path, format, rows->columns, rows->cells, &rows->writer);
    }
    for (int k = 0; status == MIEN_OK && k < rows->columns; k++) {
        if (!h->label[k]) {
            mien_table_writer_numeric(rows->writer, k);
        }
    }
    mien_free(h->made);
    mien_free(h);
    if (status != MIEN_OK) {
        rows_clear(rows);
    }
    return status;
}

/* ---- cells ------------------------------------------------------------------------
 */

static void put_number(cli_face_rows *rows, int *n, int decimals, double value) {
    char *text = rows->text + (size_t)*n * CELL_MAX;
    snprintf(text, CELL_MAX, "%.*f", decimals, value);
    bool empty = rows->schema == CLI_FACES_FEX && isnan(value);
    rows->cells[(*n)++] = isfinite(value) ? text : empty ? "NaN" : NULL;
}

/* A probability with all its digits: calibration takes logarithms of small ones. */
static void put_probability(
    cli_face_rows *rows, int *n, const mien_prediction *p, int t, int class) {
    char *text = rows->text + (size_t)*n * CELL_MAX;
    double value = p->probability[t] ? p->probability[t][class] : (double)NAN;
    snprintf(text, CELL_MAX, "%.8g", value);
    rows->cells[(*n)++] = isfinite(value) ? text : NULL;
}

static void put_target(cli_face_rows *rows, int *n, const mien_prediction *p, int t) {
    const mien_target *target = &rows->targets[t];
    if (target->link == MIEN_LINK_VALUE) {
        put_number(rows, n, 4, p->value[t]);
        if (has_interval(target)) {
            put_number(rows, n, 4, p->low[t]);
            put_number(rows, n, 4, p->high[t]);
        }
        return;
    }
    rows->cells[(*n)++] = p->choice[t] >= 0 ? target->classes[p->choice[t]] : NULL;
    for (int c = 0; c < target->classes_count; c++) {
        put_probability(rows, n, p, t, c);
    }
}

static void put_own(cli_face_rows *rows, const mien_face_row *row) {
    const mien_prediction *p = &row->prediction;
    const mien_face *f = row->face;
    int n = 0;
    rows->cells[n++] = p->input;
    put_number(rows, &n, 3, p->start_s);
    put_number(rows, &n, 3, p->end_s);
    put_number(rows, &n, 0, row->number);
    for (int i = 0; i < 4; i++) {
        put_number(rows, &n, 1, f ? f->box[i] : (double)NAN);
    }
    put_number(rows, &n, 3, f ? f->score : (double)NAN);
    for (int i = 0; rows->points && i < 10; i++) {
        put_number(rows, &n, 1, f ? f->points[i] : (double)NAN);
    }
    for (int t = 0; t < rows->targets_count; t++) {
        put_target(rows, &n, p, t);
    }
}

static void put_fex(cli_face_rows *rows, const mien_face_row *row) {
    const mien_prediction *p = &row->prediction;
    const mien_face *f = row->face;
    int n = 0, t = 0;
    const mien_target *target = fex_target(rows, &t);
    put_number(rows, &n, 0, (double)row->moment);
    for (int i = 0; i < 4; i++) {
        put_number(rows, &n, 2, f ? f->box[i] : (double)NAN);
    }
    put_number(rows, &n, 4, f ? f->score : (double)NAN);
    for (int e = 0; e < FEX_EMOTIONS && target; e++) {
        int c = fex_class(target, e);
        if (c >= 0) {
            put_number(
                rows, &n, 6, p->probability[t] ? p->probability[t][c] : (double)NAN);
        }
    }
    rows->cells[n++] = p->input;
    char *time = rows->text + (size_t)n * CELL_MAX;
    double seconds = isfinite(p->start_s) ? floor(p->start_s) : 0;
    snprintf(time, CELL_MAX, "%02d:%02d", (int)(seconds / 60), (int)fmod(seconds, 60));
    rows->cells[n++] = time;
}

static void put_openface(cli_face_rows *rows, const mien_face_row *row) {
    const mien_face *f = row->face;
    double start_s = row->prediction.start_s;
    int n = 0;
    put_number(rows, &n, 0, (double)row->moment + 1);
    put_number(rows, &n, 0, row->number > 0 ? row->number - 1 : 0);
    put_number(rows, &n, 3, isfinite(start_s) ? start_s : 0);
    put_number(rows, &n, 3, f ? f->score : 0);
    put_number(rows, &n, 0, f ? 1 : 0);
}

mien_status cli_face_rows_write(cli_face_rows *rows, const mien_face_row *row) {
    if (rows->schema == CLI_FACES_OWN) {
        put_own(rows, row);
    } else if (rows->schema == CLI_FACES_FEX) {
        put_fex(rows, row);
    } else {
        put_openface(rows, row);
    }
    return mien_table_writer_row(rows->writer, rows->cells);
}

mien_status cli_face_rows_close(cli_face_rows *rows, mien_status status) {
    status = cli_close_rows(&rows->writer, status);
    rows_clear(rows);
    return status;
}
