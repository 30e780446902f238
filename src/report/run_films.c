/* SPDX-License-Identifier: MIT */
/* Each film of a run over time: rated, predicted, and what drove each moment. */
#include "report/run_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Films that are open at first, and that are drawn at all. */
enum { OPEN = 3, FILMS_MAX = 60, EFFECTS_MAX = 16, TARGETS_DRAWN = 4 };

/* A held-out trial's place in time. */
typedef struct moment {
    const char *film;
    double start, end;
    int64_t row; /* of the predictions */
} moment;

typedef struct films {
    const mien_run *run;
    mien_table *trials, *effects; /* effects NULL: the run is not explained */
    moment *moments;              /* [rows] by film, then by start */
    int64_t rows;
    double *room; /* numbers of one film */
} films;

static void films_clear(films *f) {
    mien_free(f->room);
    mien_free(f->moments);
    mien_table_free(&f->effects);
    mien_table_free(&f->trials);
}

/* ---- reading ------------------------------------------------------------------- */

/* Where rows have an order in time, `mien train` says so: by which column, or NULL. */
static const char *films_by(const mien_run *run) {
    for (int t = 0; t < run->targets; t++) {
        const mien_value *value = run->target[t].value;
        if (mien_value_get(value, "series")) {
            return mien_value_text(
                mien_value_get(mien_value_get(value, "groups"), "by"));
        }
    }
    return NULL;
}

/* NULL where there is none. */
static mien_status read_table(
    const mien_run *run, const char *name, mien_table **table) {
    char *path = mien_path_join(run->path, name);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_table_read(path, NULL, table);
    }
    mien_free(path);
    return status;
}

static const char *trial_of(const mien_table *table, int64_t row) {
    const char *text = mien_table_cell(table, row, mien_table_column(table, "trial"));
    return text ? text : "";
}

/* Effects are of the very rows that are predicted. */
static mien_status check_effects(const films *f) {
    int64_t rows = f->effects ? mien_table_rows(f->effects) : f->rows;
    bool same = rows == f->rows;
    for (int64_t i = 0; f->effects && same && i < rows; i++) {
        same = strcmp(trial_of(f->effects, i), trial_of(f->run->predictions, i)) == 0;
    }
    return same ? MIEN_OK
                : mien_fail(MIEN_EFORMAT,
                      "%s: its trials are not those of predictions.csv: run `mien "
                      "explain %s` again",
                      mien_table_file(f->effects), f->run->path);
}

static int by_film_and_time(const void *a, const void *b) {
    const moment *x = a, *y = b;
    int film = mien_natural_compare(x->film, y->film);
    return film ? film : (x->start > y->start) - (x->start < y->start);
}

/* Matches the rows of both tables, which have the trials in the same order;
 * trials.tsv may have more. */
static mien_status place(films *f, const char *by) {
    int film = mien_table_column(f->trials, by);
    int start = mien_table_column(f->trials, "start_s");
    int end = mien_table_column(f->trials, "end_s");
    int64_t at = 0, all = mien_table_rows(f->trials);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < f->rows; i++, at++) {
        moment *m = &f->moments[i];
        const char *trial = trial_of(f->run->predictions, i);
        while (at < all && strcmp(trial_of(f->trials, at), trial) != 0) {
            at++;
        }
        if (at == all || film < 0 || start < 0) {
            return mien_fail(MIEN_EFORMAT, "%s: it does not say when trial %s is",
                mien_table_file(f->trials), trial);
        }
        m->row = i;
        m->film = mien_table_cell(f->trials, at, film);
        m->film = m->film ? m->film : "";
        m->end = (double)NAN;
        status = mien_table_number(f->trials, at, start, &m->start);
        if (status == MIEN_OK && !isfinite(m->start)) {
            status = mien_fail(MIEN_EFORMAT,
                "%s:%lld: column \"start_s\": trial %s has no time",
                mien_table_file(f->trials), (long long)mien_table_line(f->trials, at),
                trial);
        }
        if (status == MIEN_OK && end >= 0) {
            status = mien_table_number(f->trials, at, end, &m->end);
        }
    }
    if (status != MIEN_OK) {
        return status; /* moments that were not read are not sorted */
    }
    qsort(f->moments, (size_t)f->rows, sizeof *f->moments, by_film_and_time);
    return MIEN_OK;
}

static mien_status films_open(films *f, const mien_run *run, const char *by) {
    *f = (films){.run = run, .rows = run->rows};
    f->moments = mien_alloc((size_t)f->rows, sizeof *f->moments);
    /* of each target truth, prediction, two ends and effects; and the time */
    f->room = mien_alloc(
        (size_t)f->rows * (1 + TARGETS_DRAWN * (4 + EFFECTS_MAX)), sizeof *f->room);
    mien_status status = f->moments && f->room ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = read_table(run, "trials.tsv", &f->trials);
    }
    if (status == MIEN_OK) {
        status = read_table(run, "explain.csv", &f->effects);
    }
    if (status == MIEN_OK) {
        status = check_effects(f);
    }
    return status == MIEN_OK && f->trials ? place(f, by) : status;
}

/* ---- one film ------------------------------------------------------------------ */

typedef struct course {
    const moment *moments;
    int64_t count;
    double *next; /* of the room */
    mien_figure_series series[TARGETS_DRAWN];
    const char *names[TARGETS_DRAWN][EFFECTS_MAX];
    int targets;
} course;

static double *take(course *c, int64_t values) {
    double *taken = c->next;
    c->next += values;
    return taken;
}

/* Columns TARGET_effect_INPUT of explain.csv. */
static mien_status add_effects(
    const films *f, course *c, const mien_run_target *t, mien_figure_series *s) {
    char prefix[256];
    int column[EFFECTS_MAX];
    snprintf(prefix, sizeof prefix, "%.100s_effect_", t->name);
    for (int k = 0; k < mien_table_columns(f->effects); k++) {
        const char *name = mien_table_name(f->effects, k);
        if (strncmp(name, prefix, strlen(prefix)) == 0 &&
            s->effects_count < EFFECTS_MAX) {
            c->names[c->targets][s->effects_count] = name + strlen(prefix);
            column[s->effects_count++] = k;
        }
    }
    double *effect = take(c, c->count * s->effects_count);
    s->effects = c->names[c->targets];
    s->effect = effect;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < c->count; i++) {
        for (int k = 0; status == MIEN_OK && k < s->effects_count; k++) {
            status =
                mien_table_number(f->effects, c->moments[i].row, column[k], effect++);
        }
    }
    return status;
}

static mien_status add_target(const films *f, course *c, const mien_run_target *t) {
    const mien_value *residual = mien_value_get(t->value, "residual_95");
    double low = mien_value_number(mien_value_at(residual, 0), (double)NAN);
    double high = mien_value_number(mien_value_at(residual, 1), (double)NAN);
    double *value = take(c, c->count), *truth = take(c, c->count),
           *lows = take(c, c->count), *highs = take(c, c->count);
    for (int64_t i = 0; i < c->count; i++) {
        int64_t row = c->moments[i].row;
        value[i] = t->prediction[row];
        truth[i] = t->truth[row];
        lows[i] = value[i] + low;
        highs[i] = value[i] + high;
    }
    mien_figure_series *s = &c->series[c->targets];
    *s = (mien_figure_series){.name = t->name,
        .value = value,
        .truth = truth,
        .low = isfinite(low + high) ? lows : NULL,
        .high = isfinite(low + high) ? highs : NULL,
        .minimum = t->minimum,
        .maximum = t->maximum};
    mien_status status = f->effects ? add_effects(f, c, t, s) : MIEN_OK;
    c->targets++;
    return status;
}

static mien_status draw_film(
    films *f, const moment *moments, int64_t count, mien_string *out) {
    course c = {.moments = moments, .count = count, .next = f->room};
    double *time = take(&c, count);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < count; i++) {
        double end = moments[i].end;
        time[i] = isfinite(end) ? (moments[i].start + end) / 2 : moments[i].start;
    }
    for (int t = 0; status == MIEN_OK && t < f->run->targets; t++) {
        if (!f->run->target[t].classes && c.targets < TARGETS_DRAWN) {
            status = add_target(f, &c, &f->run->target[t]);
        }
    }
    return status == MIEN_OK ? mien_figure_timeline(out, moments[0].film, time, count,
                                   c.series, c.targets, NULL, 0)
                             : status;
}

/* ---- all ----------------------------------------------------------------------- */

/* The first few are open, the rest one below the other to be opened. */
static mien_status draw_films(films *f, mien_string *out) {
    mien_status status = MIEN_OK;
    int64_t begin = 0, film = 0;
    for (int64_t i = 1; status == MIEN_OK && i <= f->rows; i++) {
        if (i < f->rows && strcmp(f->moments[i].film, f->moments[begin].film) == 0) {
            continue;
        }
        if (film < FILMS_MAX) {
            mien_svg(out,
                film < OPEN ? "<figure>\n" : "<details><summary>$</summary><figure>\n",
                f->moments[begin].film);
            status = draw_film(f, f->moments + begin, i - begin, out);
            mien_string_add(out, film < OPEN ? "</figure>\n" : "</figure></details>\n");
        }
        film++;
        begin = i;
    }
    if (film > FILMS_MAX) {
        mien_string_addf(out, "<p class=\"note\">%lld more are not drawn.</p>\n",
            (long long)(film - FILMS_MAX));
    }
    return status == MIEN_OK ? mien_string_status(out) : status;
}

static mien_status describe(mien_page *page, const films *f) {
    return mien_page_paragraph(page,
        f->effects ? "The band is the interval in which 95 % of held-out ratings lie "
                     "about their "
                     "predictions. Below it: the prediction minus what it would be "
                     "without the "
                     "input, up where the input raises it, down where it lowers it."
                   : "The band is the interval in which 95 % of held-out ratings lie "
                     "about their "
                     "predictions. `mien explain` adds what drove each moment.");
}

mien_status mien_run_films(mien_page *page, const mien_run *run) {
    const char *by = films_by(run);
    films f = {0};
    mien_string out;
    if (!by || run->rows < 1) {
        return MIEN_OK;
    }
    mien_string_init(&out);
    mien_status status = films_open(&f, run, by);
    if (status == MIEN_OK && f.trials) {
        status = mien_page_heading(page, "Film by film");
        status = status == MIEN_OK ? describe(page, &f) : status;
        status = status == MIEN_OK ? draw_films(&f, &out) : status;
        status = status == MIEN_OK ? mien_page_html(page, out.text) : status;
    }
    mien_string_clear(&out);
    films_clear(&f);
    return status;
}
