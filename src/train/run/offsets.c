/* SPDX-License-Identifier: MIT */
/* Offsets of persons: a random intercept behind any trainer.
 *
 * In: a fit that is done, the column that names persons. Out: its predictions of tested
 * rows, plus, for a person whom it has training rows of, the shrunken mean of those
 * rows' residuals. Persons who are new get nothing. study_run_jobs.c calls it for each
 * fold; the model on all rows holds no persons. */
#include "train/run/offsets.h"

#include <math.h>
#include <string.h>

#include "data/trials.h"

mien_status mien_offsets_shrink(const double *residual, const int64_t *person,
    int64_t n, int64_t persons, double *offset, mien_offset_spread *spread) {
    double *count = mien_alloc((size_t)persons, sizeof *count);
    double mean = 0, within = 0, between = 0, squares = 0, seen = 0, total = (double)n;
    if (!count) {
        return MIEN_ENOMEM;
    }
    memset(offset, 0, (size_t)persons * sizeof *offset);
    for (int64_t i = 0; i < n; i++) {
        offset[person[i]] += residual[i];
        count[person[i]]++;
        mean += residual[i] / total;
    }
    for (int64_t p = 0; p < persons; p++) {
        if (count[p] > 0) {
            offset[p] = offset[p] / count[p] - mean;
            between += count[p] * offset[p] * offset[p];
            squares += count[p] * count[p];
            seen++;
        }
    }
    for (int64_t i = 0; i < n; i++) {
        double d = residual[i] - mean - offset[person[i]];
        within += d * d;
    }
    within = total > seen ? within / (total - seen) : 0;
    /* E[between / (seen − 1)] = within + each · σ²: what is over is the persons' own */
    double each = seen > 1 ? (total - squares / total) / (seen - 1) : 0;
    between = each > 0 ? (between / (seen - 1) - within) / each : 0;
    between = fmax(between, 0);
    for (int64_t p = 0; p < persons; p++) {
        double trust =
            between > 0 && count[p] > 0 ? count[p] / (count[p] + within / between) : 0;
        offset[p] *= trust;
    }
    *spread = (mien_offset_spread){between, within, (int64_t)seen};
    mien_free(count);
    return MIEN_OK;
}

/* ---- studies --------------------------------------------------------------------- */

static const char *column_of(const mien_study *study) {
    const char *by = mien_options_text(study->options, "offsets.by");
    return by && *by ? by : NULL;
}

bool mien_offsets_wanted(const mien_study *study) {
    return column_of(study) != NULL;
}

mien_status mien_offsets_check(const mien_study *study, const mien_dataset *dataset) {
    const char *by = column_of(study);
    bool numbers = false;
    if (!by) {
        return MIEN_OK;
    }
    for (int t = 0; t < dataset->targets; t++) {
        numbers = numbers || dataset->target[t].value;
    }
    if (!numbers) {
        return mien_fail(MIEN_EINVAL,
            "%s: offsets.by: offsets are of numbers, and every target has classes",
            study->path);
    }
    if (study->smoothing != MIEN_SMOOTHING_NONE) {
        return mien_fail(MIEN_EINVAL,
            "%s: offsets.by: not beside smoothing, which looks at series of one group",
            study->path);
    }
    return mien_table_column(mien_trials_table(dataset->trials), by) >= 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "%s: offsets.by: %s has no column \"%s\"",
                     study->path, study->trials, by);
}

/* ---- a fit ----------------------------------------------------------------------- */

typedef struct offsets {
    mien_training *training;
    const mien_training_setup *setup;
    int64_t tested;
    const int64_t *rows;         /* [tested] */
    int64_t persons, *person;    /* [rows of the dataset]; -1: has no name */
    int64_t learnt, *learnt_row; /* training rows that have a person */
    double *answer;              /* [learnt, width] what the fit says of them */
} offsets;

static void clear(offsets *o) {
    mien_free(o->person);
    mien_free(o->learnt_row);
    mien_free(o->answer);
}

static mien_status number_persons(offsets *o) {
    const mien_dataset *c = o->setup->dataset;
    const char **name = mien_alloc((size_t)c->rows, sizeof *name);
    mien_status status = name ? MIEN_OK : MIEN_ENOMEM;
    o->person = mien_alloc((size_t)c->rows, sizeof *o->person);
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        name[i] = mien_trials_cell(c->trials, c->row[i], column_of(o->setup->study));
        name[i] = name[i] ? name[i] : "";
    }
    status = status == MIEN_OK && !o->person ? MIEN_ENOMEM : status;
    status = status ? status : mien_names_number(c->rows, name, o->person, &o->persons);
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        o->person[i] = *name[i] ? o->person[i] : -1;
    }
    mien_free(name);
    return status;
}

static mien_status list_learnt(offsets *o) {
    const mien_training_setup *s = o->setup;
    size_t rows = (size_t)s->dataset->rows;
    mien_part *part = mien_alloc(rows, sizeof *part);
    o->learnt_row = mien_alloc(rows, sizeof *o->learnt_row);
    mien_status status = part && o->learnt_row
                             ? mien_dataset_parts(s->dataset, s->study, s->fold, part)
                             : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < s->dataset->rows; i++) {
        if (part[i] == MIEN_PART_TRAIN && o->person[i] >= 0) {
            o->learnt_row[o->learnt++] = i;
        }
    }
    mien_free(part);
    return status;
}

/* A fit predicts its tested rows alone; they show what training rows show, as many at a
 * time as there are. */
static mien_status answer(offsets *o) {
    const mien_dataset *c = o->setup->dataset;
    size_t width = (size_t)c->width;
    int64_t *from = mien_alloc((size_t)(c->inputs * c->rows), sizeof *from);
    double *said = mien_alloc((size_t)o->tested * width, sizeof *said);
    o->answer = mien_alloc((size_t)o->learnt * width + 1, sizeof *o->answer);
    mien_status status = from && said && o->answer ? MIEN_OK : MIEN_ENOMEM;
    const mien_columns_change change = {
        .moved = (uint32_t)((1ull << c->inputs) - 1), .from = from};
    for (int64_t i = 0; status == MIEN_OK && i < c->inputs * c->rows; i++) {
        from[i] = i % c->rows;
    }
    for (int64_t first = 0; status == MIEN_OK && first < o->learnt;
         first += o->tested) {
        int64_t left = o->learnt - first, n = left < o->tested ? left : o->tested;
        for (int64_t i = 0; i < n * c->inputs; i++) {
            from[i / n * c->rows + o->rows[i % n]] = o->learnt_row[first + i % n];
        }
        status = mien_training_predict(o->training, &change, said);
        if (status == MIEN_OK) {
            memcpy(
                o->answer + first * c->width, said, (size_t)n * width * sizeof *said);
        }
    }
    mien_free(said);
    mien_free(from);
    return status;
}

static mien_status add_target(
    const offsets *o, const mien_dataset_target *t, double *predictions) {
    const mien_dataset *c = o->setup->dataset;
    size_t learnt = (size_t)o->learnt;
    double *residual = mien_alloc(learnt, sizeof *residual);
    int64_t *person = mien_alloc(learnt, sizeof *person), n = 0;
    double *offset = mien_alloc((size_t)o->persons, sizeof *offset);
    mien_offset_spread spread;
    mien_status status = residual && person && offset ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < o->learnt; i++) {
        int64_t row = o->learnt_row[i];
        if (mien_dataset_has(t, row)) {
            residual[n] = t->value[row] - o->answer[i * c->width + t->place];
            person[n++] = o->person[row];
        }
    }
    if (status == MIEN_OK && n > 0) {
        status = mien_offsets_shrink(residual, person, n, o->persons, offset, &spread);
        for (int64_t i = 0; status == MIEN_OK && i < o->tested; i++) {
            int64_t p = o->person[o->rows[i]];
            predictions[i * c->width + t->place] += p >= 0 ? offset[p] : 0;
        }
    }
    mien_free(offset);
    mien_free(person);
    mien_free(residual);
    return status;
}

mien_status mien_offsets_add(mien_training *training, const mien_training_setup *setup,
    int64_t tested, const int64_t *rows, double *predictions) {
    offsets o = {.training = training, .setup = setup, .tested = tested, .rows = rows};
    mien_status status = tested > 0 ? number_persons(&o) : MIEN_OK;
    status = status || !tested ? status : list_learnt(&o);
    if (status == MIEN_OK && o.learnt > 0) {
        status = answer(&o);
        for (int t = 0; status == MIEN_OK && t < setup->dataset->targets; t++) {
            if (setup->dataset->target[t].value) {
                status = add_target(&o, &setup->dataset->target[t], predictions);
            }
        }
    }
    clear(&o);
    return status;
}
