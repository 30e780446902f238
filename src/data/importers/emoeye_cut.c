/* SPDX-License-Identifier: MIT */
/* Cuts EmoEye's raw gaze files into epochs as the historic preparation did.
 *
 * Comes in: a Gazepoint export and OpenSesame's log of the same person. Goes out:
 * epochs of 301 rows in files that are named by picture and ratings. */
#include "data/importers/emoeye.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = MIEN_EPOCH_ROWS };
#define CLOCKS_APART_S 1000.0

/* Days since 1970 of a date of the Gregorian calendar (Hinnant's days_from_civil). */
static int64_t days_of(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool date_is_good(int year, int month, int day, int h, int m, double s) {
    return year >= 0 && year < 10000 && month >= 1 && month <= 12 && day >= 1 &&
           day <= 31 && h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 61;
}

/* "TIME(2023/01/31 12:00:00.250)" */
static bool gaze_start(const char *name, double *seconds) {
    int y, mo, d, h, m;
    double s;
    char after = 0;
    if (sscanf(name, "TIME(%d/%d/%d %d:%d:%lf)%c", &y, &mo, &d, &h, &m, &s, &after) !=
            6 ||
        !date_is_good(y, mo, d, h, m, s)) {
        return false;
    }
    *seconds = (double)(days_of(y, mo, d) * 86400 + h * 3600 + m * 60) + s;
    return true;
}

/* "31/01/23 12:00:01.500000" */
static bool log_start(const char *text, double *seconds) {
    int y, mo, d, h, m;
    double s;
    char after = 0;
    if (sscanf(text, "%d/%d/%d %d:%d:%lf%c", &d, &mo, &y, &h, &m, &s, &after) != 6 ||
        !date_is_good(y, mo, d, h, m, s)) {
        return false;
    }
    y += y < 100 ? 2000 : 0;
    *seconds = (double)(days_of(y, mo, d) * 86400 + h * 3600 + m * 60) + s;
    return true;
}

typedef struct cutting {
    mien_table *gaze, *log;
    int time_column;
    double start_s;                   /* of the gaze file, since 1970 */
    int image, system, shown, answer; /* columns of the log */
} cutting;

static mien_status read_gaze(cutting *c, const char *path) {
    mien_status status = mien_table_read(path, NULL, &c->gaze);
    c->time_column = -1;
    for (int k = 0; status == MIEN_OK && k < mien_table_columns(c->gaze); k++) {
        if (gaze_start(mien_table_name(c->gaze, k), &c->start_s)) {
            c->time_column = k;
        }
    }
    if (status == MIEN_OK && c->time_column < 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:1: no column TIME(YYYY/MM/DD HH:MM:SS.mmm), which tells when it began",
            path);
    }
    return status;
}

static mien_status read_log(cutting *c, const char *path) {
    static const char *const names[] = {
        "Image", "start_time_system", "time_Images", "form_response"};
    int *const places[] = {&c->image, &c->system, &c->shown, &c->answer};
    mien_status status = mien_table_read(path, NULL, &c->log);
    for (int k = 0; status == MIEN_OK && k < 4; k++) {
        *places[k] = mien_table_column(c->log, names[k]);
        if (*places[k] < 0) {
            status = mien_fail(MIEN_EFORMAT, "%s:1: no column %s", path, names[k]);
        }
    }
    return status;
}

/* The first row with a time strictly after the onset. */
static mien_status first_after(const cutting *c, double onset_s, int64_t *row) {
    int64_t low = 0, high = mien_table_rows(c->gaze);
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        double t = NAN;
        mien_status status = mien_table_number(c->gaze, middle, c->time_column, &t);
        if (status != MIEN_OK) {
            return status;
        }
        if (t > onset_s) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *row = low;
    return MIEN_OK;
}

/* Binary search needs rising times. */
static mien_status check_times(const cutting *c) {
    double last = -INFINITY;
    for (int64_t r = 0; r < mien_table_rows(c->gaze); r++) {
        double t = NAN;
        mien_status status = mien_table_number(c->gaze, r, c->time_column, &t);
        if (status == MIEN_OK && !(t >= last)) {
            status =
                mien_fail(MIEN_EFORMAT, "%s:%lld: time runs backwards, or is missing",
                    mien_table_file(c->gaze), (long long)mien_table_line(c->gaze, r));
        }
        if (status != MIEN_OK) {
            return status;
        }
        last = t;
    }
    return MIEN_OK;
}

/* "Images/dog 7.jpg" → "dog 7" */
static void image_name(const char *cell, char name[128]) {
    const char *base = mien_path_base(cell), *dot = strrchr(base, '.');
    snprintf(name, 128, "%.*s", dot ? (int)(dot - base) : (int)strlen(base), base);
}

static mien_status read_rating(const cutting *c, int64_t row, int *rating) {
    double value = NAN;
    mien_status status = mien_table_number(c->log, row, c->answer, &value);
    if (status == MIEN_OK && !(value >= 1 && value <= 7 && value == floor(value))) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: form_response is \"%s\"; 1 to 7 is an answer",
            mien_table_file(c->log), (long long)mien_table_line(c->log, row),
            mien_table_cell(c->log, row, c->answer));
    }
    *rating = status ? 0 : (int)value;
    return status;
}

/* The answer in rows 2 k + 1 and 2 k + 2 of the log. */
static mien_status cut_one(const cutting *c, int64_t k, mien_emoeye_cut *cut) {
    int64_t row = 2 * k + 1, first = 0;
    double log_s = 0, shown = NAN;
    char image[128];
    int arousal = 0, valence = 0;
    const char *system = mien_table_cell(c->log, row, c->system);
    mien_status status = mien_table_number(c->log, row, c->shown, &shown);
    status = status ? status : read_rating(c, row, &arousal);
    status = status ? status : read_rating(c, row + 1, &valence);
    if (status == MIEN_OK && (isnan(shown) || !log_start(system, &log_s))) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: start_time_system \"%s\" (dd/mm/yy HH:MM:SS is needed) or "
            "time_Images is missing",
            mien_table_file(c->log), (long long)mien_table_line(c->log, row), system);
    }
    if (status == MIEN_OK && fabs(log_s - c->start_s) > CLOCKS_APART_S) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: the log begins %.0f s after the gaze; more than %.0f s apart "
            "they "
            "are not of one session",
            mien_table_file(c->log), (long long)mien_table_line(c->log, row),
            log_s - c->start_s, CLOCKS_APART_S);
    }
    *cut = (mien_emoeye_cut){.onset_s = log_s - c->start_s + shown / 1000};
    status = status ? status : first_after(c, cut->onset_s, &first);
    if (status != MIEN_OK) {
        return status;
    }
    image_name(mien_table_cell(c->log, row, c->image), image);
    snprintf(cut->file, sizeof cut->file, "%lld_%s_%d_%d.csv", (long long)k, image,
        arousal, valence);
    cut->first_row = first;
    cut->last_row = first + ROWS - 1;
    if (cut->last_row >= mien_table_rows(c->gaze)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: ends %lld rows too early for the epoch %s, which begins at %.3f s: "
            "take "
            "the picture out of %s",
            mien_table_file(c->gaze),
            (long long)(cut->last_row + 1 - mien_table_rows(c->gaze)), cut->file,
            cut->onset_s, mien_table_file(c->log));
    }
    status = mien_table_number(c->gaze, first, c->time_column, &cut->first_s);
    return status ? status
                  : mien_table_number(
                        c->gaze, cut->last_row, c->time_column, &cut->last_s);
}

/* ---- writing --------------------------------------------------------------- */

enum { KEPT = 13, WRITTEN = KEPT + 4 };

static mien_status write_epoch(
    const cutting *c, int64_t k, const mien_emoeye_cut *cut, const char *folder) {
    const char *names[WRITTEN] = {"", mien_table_name(c->gaze, c->time_column), "FPOGX",
        "FPOGY", "FPOGID", "FPOGV", "LPMM", "LPMMV", "RPMM", "RPMMV", "GSR", "GSRV",
        "HR", "HRV", "Image", "Arousal", "Valence"};
    mien_emoeye_name told;
    mien_table *t = NULL;
    char *path = mien_path_join(folder, cut->file);
    mien_status status = path ? mien_emoeye_name_parse(cut->file, &told) : MIEN_ENOMEM;
    status = status ? status : mien_table_new(WRITTEN, names, &t);
    for (int64_t r = cut->first_row; status == MIEN_OK && r <= cut->last_row; r++) {
        const char *cells[WRITTEN];
        char index[24], ratings[2][16];
        snprintf(index, sizeof index, "%lld", (long long)r);
        snprintf(ratings[0], sizeof ratings[0], "%d", told.arousal);
        snprintf(ratings[1], sizeof ratings[1], "%d", told.valence);
        cells[0] = index;
        for (int n = 1; n <= KEPT; n++) {
            int column = n == 1 ? c->time_column : mien_table_column(c->gaze, names[n]);
            cells[n] = column >= 0 ? mien_table_cell(c->gaze, r, column) : NULL;
        }
        cells[14] = mien_table_cell(c->log, 2 * k + 1, c->image);
        cells[15] = ratings[0];
        cells[16] = ratings[1];
        status = mien_table_add_row(t, cells);
    }
    status = status ? status : mien_table_write(t, path, MIEN_CSV);
    mien_table_free(&t);
    mien_free(path);
    return status;
}

mien_status mien_emoeye_cut_file(const char *gaze, const char *log, const char *folder,
    mien_emoeye_cut **cuts, int64_t *count) {
    cutting c = {.gaze = NULL};
    mien_emoeye_cut *made = NULL;
    mien_status status = read_gaze(&c, gaze);
    status = status ? status : check_times(&c);
    status = status ? status : read_log(&c, log);
    int64_t many = status ? 0 : (mien_table_rows(c.log) - 1) / 2;
    many = many < 0 ? 0 : many;
    made = status ? NULL : mien_alloc((size_t)many, sizeof *made);
    status = status || made ? status : MIEN_ENOMEM;
    for (int64_t k = 0; status == MIEN_OK && k < many; k++) {
        status = cut_one(&c, k, &made[k]);
    }
    if (status == MIEN_OK && folder) {
        status = mien_directory_make(folder);
    }
    for (int64_t k = 0; status == MIEN_OK && folder && k < many; k++) {
        status = write_epoch(&c, k, &made[k], folder);
    }
    mien_table_free(&c.log);
    mien_table_free(&c.gaze);
    if (status != MIEN_OK) {
        mien_free(made);
        return status;
    }
    *cuts = made;
    *count = many;
    return MIEN_OK;
}
