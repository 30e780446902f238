/* SPDX-License-Identifier: MIT */
/* Standardises rows of features and lays them out as batches. */
#include "train/dataset/columns.h"

#include <math.h>
#include <string.h>

/* Keeps its draws apart from others of the same seed. */
#define MODALITY_STREAM 0x6d6f64616c697479u
#define PART_STREAM 0x73656e736f727300u

void mien_columns_clear(mien_columns *columns) {
    for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
        mien_standard_clear(&columns->standard[m]);
        mien_free(columns->stand_in[m]);
    }
    *columns = (mien_columns){0};
}

/* ---- mean and spread ----------------------------------------------------------- */

/* Items of the rows in which the input is there. */
static int64_t list_items(
    const mien_dataset_input *in, const int64_t *rows, int64_t count, int64_t *items) {
    int64_t there = 0;
    for (int64_t i = 0; i < count; i++) {
        if (in->item[rows[i]] >= 0) {
            items[there++] = in->item[rows[i]];
        }
    }
    return there;
}

mien_status mien_columns_check(const mien_dataset *dataset, const mien_study *study,
    const int64_t *rows, int64_t count) {
    for (int m = 0; m < dataset->inputs; m++) {
        int64_t i = 0;
        while (i < count && dataset->input[m].item[rows[i]] < 0) {
            i++;
        }
        if (i == count) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: it is missing in all %lld training rows", study->trials,
                dataset->input[m].input.column, (long long)count);
        }
    }
    return MIEN_OK;
}

static mien_status measure(mien_columns *columns, const mien_study *study, int m,
    const int64_t *rows, int64_t count, int64_t *items) {
    const mien_dataset_input *in = &columns->dataset->input[m];
    int64_t there = list_items(in, rows, count, items);
    mien_status status = mien_standard_measure(
        &columns->standard[m], in->width, in->values, items, there);
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "%s: %s, in training",
                                   study->trials, in->input.column);
}

mien_status mien_columns_init(mien_columns *columns, const mien_dataset *dataset,
    const mien_study *study, const mien_item_table *tables, const int64_t *rows,
    int64_t count) {
    *columns = (mien_columns){.dataset = dataset,
        .dropout = mien_options_number(study->options, "modality-dropout"),
        .part_dropout = mien_options_number(study->options, "sensor-dropout"),
        .seed = (uint64_t)mien_options_int(study->options, "seed")};
    int64_t *items = mien_alloc((size_t)count, sizeof *items);
    mien_status status =
        items ? mien_columns_check(dataset, study, rows, count) : MIEN_ENOMEM;
    for (int m = 0; status == MIEN_OK && m < dataset->inputs; m++) {
        columns->table[m] = tables[m];
        if (columns->part_dropout > 0 && !tables[m].values) {
            status = mien_input_parts(
                &dataset->input[m].input, columns->part[m], &columns->parts[m]);
        }
        if (status == MIEN_OK && dataset->input[m].small &&
            dataset->input[m].input.standardise) {
            status = measure(columns, study, m, rows, count, items);
        }
    }
    mien_free(items);
    return status;
}

mien_status mien_columns_stand_in(
    mien_columns *columns, const int64_t *rows, int64_t count) {
    const mien_dataset *c = columns->dataset;
    mien_status status = MIEN_OK;
    for (int m = 0; status == MIEN_OK && m < c->inputs; m++) {
        const mien_item_table *table = &columns->table[m];
        if (columns->standard[m].width || columns->stand_in[m] || !table->values) {
            continue; /* the mean of what is standardised is 0 */
        }
        int64_t width = table->width, there = 0;
        double *sum = mien_alloc((size_t)width, sizeof *sum);
        float *means = columns->stand_in[m] = mien_alloc((size_t)width, sizeof *means);
        status = sum && means ? MIEN_OK : MIEN_ENOMEM;
        for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
            int64_t item = c->input[m].item[rows[i]];
            for (int64_t k = 0; item >= 0 && k < width; k++) {
                sum[k] += (double)table->values[item * width + k];
            }
            there += item >= 0;
        }
        for (int64_t k = 0; status == MIEN_OK && k < width; k++) {
            means[k] = (float)(sum[k] / (double)there);
        }
        mien_free(sum);
    }
    return status;
}

/* ---- batches ------------------------------------------------------------------- */

static void standardise(const float *restrict x, const float *restrict mean,
    const float *restrict scale, int64_t n, float *restrict y) {
    for (int64_t k = 0; k < n; k++) {
        y[k] = (x[k] - mean[k]) * scale[k];
    }
}

/* Copies an item, standardised. Items are read in random order out of arrays larger
 * than the processor's cache: the next one is asked for while this one is worked on. */
static void copy_item(
    const mien_columns *columns, int m, int64_t item, int64_t next, float *y) {
    enum { STRETCH = 256, LINE = 16 };
    const mien_item_table *table = &columns->table[m];
    const mien_standard *s = &columns->standard[m];
    int64_t width = table->width;
    const float *x = table->values + item * width;
    const float *ahead = table->values + (next >= 0 ? next : item) * width;
    if (!s->width) {
        memcpy(y, x, (size_t)width * sizeof *y);
        return;
    }
    if (s->fill) {
        mien_standard_apply(s, 1, x, y);
        return;
    }
    for (int64_t k = 0; k < width; k += STRETCH) {
        int64_t n = width - k < STRETCH ? width - k : STRETCH;
        for (int64_t l = 0; l < n; l += LINE) {
            __builtin_prefetch(ahead + k + l);
        }
        standardise(x + k, s->mean + k, s->scale + k, n, y + k);
    }
}

/* Draws which inputs of a row are shown: each by a draw of its own; where none would
 * be, that with the largest draw of those that are there. */
static void draw_shown(const mien_columns *columns, int64_t row, int64_t epoch,
    bool shown[MIEN_INPUTS_MAX]) {
    const mien_dataset *c = columns->dataset;
    double largest = -1;
    int kept = -1, left = 0;
    for (int m = 0; m < c->inputs; m++) {
        shown[m] = true;
    }
    if (epoch < 0 || !(columns->dropout > 0)) {
        return;
    }
    mien_stream stream;
    mien_stream_init(
        &stream, columns->seed ^ MODALITY_STREAM, (uint64_t)epoch, (uint64_t)row);
    for (int m = 0; m < c->inputs; m++) {
        double x = mien_stream_uniform(&stream);
        bool there = c->input[m].item[row] >= 0;
        shown[m] = x >= columns->dropout;
        left += shown[m] && there;
        if (there && x > largest) {
            largest = x;
            kept = m;
        }
    }
    if (left == 0 && kept >= 0) {
        shown[kept] = true;
    }
}

bool mien_columns_hides(
    const mien_columns *columns, int m, int64_t row, int64_t epoch) {
    bool shown[MIEN_INPUTS_MAX];
    draw_shown(columns, row, epoch, shown);
    return !shown[m] || (columns->change && columns->change->hidden >> m & 1);
}

/* Draws hidden parts as whole inputs are drawn: each part by a draw of its own; that
 * with the largest stays where none would. */
uint32_t mien_columns_hidden_parts(
    const mien_columns *columns, int m, int64_t row, int64_t epoch) {
    int count = columns->parts[m], kept = 0, left = 0;
    double x[MIEN_INPUT_PARTS_MAX];
    uint32_t hidden = 0;
    if (epoch < 0 || count == 0) {
        return 0;
    }
    mien_stream stream;
    mien_stream_init(&stream, columns->seed ^ (PART_STREAM + (uint64_t)m),
        (uint64_t)epoch, (uint64_t)row);
    for (int k = 0; k < count; k++) {
        x[k] = mien_stream_uniform(&stream);
        kept = x[k] > x[kept] ? k : kept;
        left += x[k] >= columns->part_dropout;
    }
    for (int k = 0; k < count; k++) {
        bool shown = x[k] >= columns->part_dropout || (left == 0 && k == kept);
        hidden |= shown ? 0 : columns->part[m][k].rows;
    }
    return hidden;
}

/* The item of input m that a row shows; -1: none. */
static int64_t item_of(const mien_columns *columns, int m, int64_t row) {
    const mien_columns_change *change = columns->change;
    if (row >= 0 && change && change->moved >> m & 1) {
        row = change->from[m * columns->dataset->rows + row];
    }
    return row >= 0 ? columns->dataset->input[m].item[row] : -1;
}

static void copy_stand_in(const mien_columns *columns, int m, float *y) {
    size_t bytes = (size_t)columns->table[m].width * sizeof *y;
    if (columns->stand_in[m]) {
        memcpy(y, columns->stand_in[m], bytes);
    } else {
        memset(y, 0, bytes);
    }
}

/* The item that one place of a batch shows of one input. */
typedef struct shown_item {
    int64_t item, next; /* -1: none */
    bool there, stands_in;
} shown_item;

static void put_whole(
    const mien_columns *columns, int m, const shown_item *s, float *to) {
    if (s->there && s->stands_in) {
        copy_stand_in(columns, m, to);
    } else if (s->there) {
        copy_item(columns, m, s->item, s->next, to);
    } else {
        memset(to, 0, (size_t)columns->table[m].width * sizeof *to);
    }
}

/* The same to the several nodes at which a frozen branch ends; its items are computed,
 * so that they go as they are. */
static void put_parts(const mien_columns *columns, int m, const shown_item *s,
    const mien_column_parts *parts, int64_t at) {
    const mien_item_table *table = &columns->table[m];
    const float *from = !s->there      ? NULL
                        : s->stands_in ? columns->stand_in[m]
                                       : table->values + s->item * table->width;
    for (int k = 0; k < parts->count; k++) {
        int64_t width = parts->width[k];
        float *to = parts->to[k];
        if (to && from) {
            memcpy(to + at * width, from, (size_t)width * sizeof *to);
        } else if (to) {
            memset(to + at * width, 0, (size_t)width * sizeof *to);
        }
        from = from ? from + width : NULL;
    }
}

void mien_columns_fill(const mien_columns *columns, const int64_t *rows, int64_t n,
    int64_t epoch, const mien_column_parts *parts, float *mask) {
    const mien_dataset *c = columns->dataset;
    const mien_columns_change *change = columns->change;
    uint32_t hidden = change ? change->hidden : 0;
    int64_t count = n * c->segments;
    bool shown[MIEN_INPUTS_MAX];
    for (int64_t at = 0; at < count; at++) {
        int64_t row = mien_dataset_at(c, rows, at);
        int64_t next = at + 1 < count ? mien_dataset_at(c, rows, at + 1) : row;
        if (at % c->segments == 0) {
            draw_shown(columns, rows[at / c->segments], epoch, shown);
        }
        for (int m = 0; m < c->inputs; m++) {
            bool hides = hidden >> m & 1;
            shown_item s = {
                item_of(columns, m, row), item_of(columns, m, next), false, hides};
            s.there = s.item >= 0 && shown[m] && !(hides && change->masked);
            if (columns->table[m].values && parts[m].count == 1) {
                if (parts[m].to[0]) {
                    put_whole(
                        columns, m, &s, parts[m].to[0] + at * columns->table[m].width);
                }
            } else if (columns->table[m].values) {
                put_parts(columns, m, &s, &parts[m], at);
            }
            if (mask) {
                mask[at * c->inputs + m] = s.there ? 1 : 0;
            }
        }
    }
}
