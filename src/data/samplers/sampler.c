/* SPDX-License-Identifier: MIT */
/* The table of samplers, and the drawing of epochs. */
#include "data/samplers/sampler.h"
#include "base/need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---------------------------------------------------------------- */

static const mien_sampler *const samplers[] = {
#define X(name) &mien_sampler_##name,
#include "data/samplers/samplers.def"
#undef X
};

int mien_sampler_count(void) {
    return (int)(sizeof samplers / sizeof *samplers);
}

const mien_sampler *mien_sampler_at(int index) {
    return index >= 0 && index < mien_sampler_count() ? samplers[index] : NULL;
}

mien_status mien_sampler_find(const char *name, const mien_sampler **sampler) {
    MIEN_NEED(name, sampler);
    mien_string known;
    mien_string_init(&known);
    for (int i = 0; i < mien_sampler_count(); i++) {
        if (strcmp(samplers[i]->name, name) == 0) {
            *sampler = samplers[i];
            mien_string_clear(&known);
            return MIEN_OK;
        }
        mien_string_addf(&known, "%s%s", i ? ", " : "", samplers[i]->name);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status = mien_fail(
            MIEN_EINVAL, "there is no sampler \"%s\"; known: %s", name, known.text);
    }
    mien_string_clear(&known);
    return status;
}

const char *mien_sampler_name(const mien_sampler *sampler) {
    MIEN_NEED_OR(NULL, sampler);
    return sampler->name;
}

const char *mien_sampler_summary(const mien_sampler *sampler) {
    MIEN_NEED_OR(NULL, sampler);
    return sampler->summary;
}

int mien_sampler_factors(const mien_sampler *sampler) {
    MIEN_NEED_OR(0, sampler);
    return sampler->factors;
}

/* ---- rows by class ------------------------------------------------------------ */

static void class_rows_clear(mien_class_rows *by) {
    mien_free(by->first);
    mien_free(by->row);
    *by = (mien_class_rows){0};
}

/* A counting sort, so that the rows of a class stay ascending. */
static mien_status class_rows_init(
    mien_class_rows *by, int64_t rows, const int *label, int classes) {
    *by = (mien_class_rows){
        .classes = classes,
        .first = mien_alloc((size_t)classes + 1, sizeof *by->first),
        .row = mien_alloc((size_t)rows, sizeof *by->row),
    };
    int64_t *at = mien_alloc((size_t)classes, sizeof *at);
    if (!by->first || !by->row || !at) {
        mien_free(at);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        by->first[label[i] + 1]++;
    }
    for (int c = 0; c < classes; c++) {
        by->first[c + 1] += by->first[c];
        at[c] = by->first[c];
    }
    for (int64_t i = 0; i < rows; i++) {
        by->row[at[label[i]]++] = i;
    }
    mien_free(at);
    return MIEN_OK;
}

int64_t mien_class_size(const mien_class_rows *rows, int c) {
    return rows->first[c + 1] - rows->first[c];
}

mien_status mien_class_smallest(const mien_sampling *s, int factor, int64_t *smallest) {
    const mien_class_rows *by = &s->by_class[factor];
    int64_t least = s->rows;
    for (int c = 0; c < by->classes; c++) {
        int64_t size = mien_class_size(by, c);
        if (size == 0) {
            return mien_fail(MIEN_EINVAL,
                "sampler %s: class %d of factor %d has no rows: it cannot be balanced",
                s->sampler->name, c, factor);
        }
        least = size < least ? size : least;
    }
    *smallest = least;
    return MIEN_OK;
}

void mien_take_rows(mien_random *random, const int64_t *row, int64_t n, int64_t take,
    int64_t *scratch, int64_t *out) {
    mien_random_permutation(random, scratch, n);
    for (int64_t i = 0; i < take; i++) {
        out[i] = row[scratch[i]];
    }
}

void mien_take_passes(mien_random *random, const int64_t *row, int64_t n, int64_t take,
    int64_t *scratch, int64_t *out) {
    for (int64_t i = 0; i < take; i += n) {
        int64_t left = take - i;
        mien_take_rows(random, row, n, left < n ? left : n, scratch, out + i);
    }
}

/* ---- cells -------------------------------------------------------------------- */

typedef struct cell {
    int64_t row;
    const mien_sampler_options *options;
} cell;

static int by_labels(const void *a, const void *b) {
    const cell *x = a, *y = b;
    for (int f = 0; f < x->options->factors; f++) {
        int one = x->options->label[f][x->row], two = y->options->label[f][y->row];
        if (one != two) {
            return one < two ? -1 : 1;
        }
    }
    return 0;
}

static int by_labels_and_row(const void *a, const void *b) {
    const cell *x = a, *y = b;
    int order = by_labels(a, b);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Numbers the combinations of labels that occur, and sorts the rows into them. */
static mien_status make_cells(mien_sampling *s) {
    cell *sorted = mien_alloc((size_t)s->rows, sizeof *sorted);
    int *number = mien_alloc((size_t)s->rows, sizeof *number);
    mien_status status = sorted && number ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        for (int64_t i = 0; i < s->rows; i++) {
            sorted[i] = (cell){i, &s->options};
        }
        qsort(sorted, (size_t)s->rows, sizeof *sorted, by_labels_and_row);
        int found = 0;
        for (int64_t i = 0; i < s->rows; i++) {
            found += i > 0 && by_labels(&sorted[i - 1], &sorted[i]) != 0;
            number[sorted[i].row] = found;
        }
        status = class_rows_init(&s->cells, s->rows, number, found + 1);
    }
    mien_free(number);
    mien_free(sorted);
    return status;
}

/* ---- drawing ------------------------------------------------------------------ */

mien_sampler_options mien_sampler_options_default(void) {
    return (mien_sampler_options){.redraw = true, .up = true};
}

static mien_status check_options(const mien_sampling *s) {
    const mien_sampler_options *o = &s->options;
    if (s->rows < 1 || s->rows > INT32_MAX) {
        return mien_fail(MIEN_EINVAL, "sampler %s: %" PRId64 " rows to draw from",
            s->sampler->name, s->rows);
    }
    if (o->factors < s->sampler->factors || o->factors > MIEN_SAMPLER_FACTORS) {
        return mien_fail(MIEN_EINVAL,
            "sampler %s: %d class columns; %d to %d are needed", s->sampler->name,
            o->factors, s->sampler->factors, MIEN_SAMPLER_FACTORS);
    }
    if (o->count < 0 || o->cap < 0) {
        return mien_fail(
            MIEN_EINVAL, "sampler %s: count and cap are not below 0", s->sampler->name);
    }
    for (int f = 0; f < o->factors; f++) {
        for (int64_t i = 0; i < s->rows; i++) {
            if (o->label[f][i] < 0 || o->label[f][i] >= o->classes[f]) {
                return mien_fail(MIEN_EINVAL,
                    "sampler %s: row %" PRId64
                    " has class %d of %d: leave rows without "
                    "a class out first",
                    s->sampler->name, i, o->label[f][i], o->classes[f]);
            }
        }
    }
    return MIEN_OK;
}

static mien_status prepare(mien_sampling *s) {
    mien_status status = check_options(s);
    for (int f = 0; status == MIEN_OK && f < s->options.factors; f++) {
        status = class_rows_init(
            &s->by_class[f], s->rows, s->options.label[f], s->options.classes[f]);
    }
    if (status == MIEN_OK && s->sampler->needs_cells) {
        status = make_cells(s);
    }
    status = status ? status : s->sampler->plan(s);
    if (status != MIEN_OK) {
        return status;
    }
    s->scratch = mien_alloc((size_t)s->rows, sizeof *s->scratch);
    s->order = mien_alloc((size_t)s->count, sizeof *s->order);
    return s->scratch && s->order ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_sampling_new(const mien_sampler *sampler,
    const mien_sampler_options *options, int64_t rows, mien_sampling **sampling) {
    MIEN_NEED(sampler, sampling);
    mien_sampling *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    s->sampler = sampler;
    s->options = options ? *options : mien_sampler_options_default();
    s->rows = rows;
    mien_status status = prepare(s);
    if (status != MIEN_OK) {
        mien_sampling_free(&s);
        return status;
    }
    *sampling = s;
    return MIEN_OK;
}

void mien_sampling_free(mien_sampling **sampling) {
    mien_sampling *s = sampling ? *sampling : NULL;
    if (!s) {
        return;
    }
    mien_free(s->order);
    mien_free(s->scratch);
    class_rows_clear(&s->cells);
    for (int f = 0; f < MIEN_SAMPLER_FACTORS; f++) {
        class_rows_clear(&s->by_class[f]);
    }
    mien_free(s);
    *sampling = NULL;
}

int64_t mien_sampling_count(const mien_sampling *sampling) {
    MIEN_NEED_OR(0, sampling);
    return sampling->count;
}

const int64_t *mien_sampling_draw(mien_sampling *s, int64_t epoch) {
    MIEN_NEED_OR(NULL, s);
    uint32_t seed = s->options.seed + (uint32_t)epoch;
    bool again = s->options.redraw || s->sampler->ordered;
    s->sampler->draw(s, again ? seed : s->options.seed);
    if (!s->sampler->ordered) {
        mien_random random;
        mien_random_init(&random, seed);
        mien_random_shuffle(&random, s->order, s->count);
    }
    return s->order;
}
