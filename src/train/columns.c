/* SPDX-License-Identifier: MIT */
/* Standardises rows of features and lays them out as batches. */
#include "train/columns.h"

#include <math.h>
#include <string.h>

/* Keeps its draws apart from others of the same seed. */
#define MODALITY_STREAM 0x6d6f64616c697479u

/* A spread that float32 cannot tell from rounding is none. */
#define SMALLEST_SPREAD 1e-7

void mien_columns_clear(mien_columns *columns) {
    for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
        mien_free(columns->mean[m]);
        mien_free(columns->scale[m]);
        mien_free(columns->stand_in[m]);
    }
    *columns = (mien_columns){0};
}

/* ---- mean and spread ----------------------------------------------------------- */

/* sum [width] += x, or the squares of x - mean. */
static void add_row(const float *x, const double *mean, int64_t width, double *sum) {
    if (!mean) {
        for (int64_t k = 0; k < width; k++) {
            sum[k] += (double)x[k];
        }
        return;
    }
    for (int64_t k = 0; k < width; k++) {
        double d = (double)x[k] - mean[k];
        sum[k] += d * d;
    }
}

static int64_t add_rows(const mien_corpus_input *input, const int64_t *rows,
    int64_t count, const double *mean, double *sum) {
    int64_t there = 0;
    for (int64_t i = 0; i < count; i++) {
        if (input->present[rows[i]]) {
            add_row(input->values + rows[i] * input->width, mean, input->width, sum);
            there++;
        }
    }
    return there;
}

static mien_status measure(
    mien_columns *columns, int m, const int64_t *rows, int64_t count) {
    const mien_corpus_input *input = &columns->corpus->input[m];
    int64_t width = input->width;
    double *mean = mien_alloc((size_t)width, sizeof *mean);
    double *square = mien_alloc((size_t)width, sizeof *square);
    float *means = columns->mean[m] = mien_alloc((size_t)width, sizeof *means);
    float *scales = columns->scale[m] = mien_alloc((size_t)width, sizeof *scales);
    mien_status status = mean && square && means && scales ? MIEN_OK : MIEN_ENOMEM;
    int64_t there = status == MIEN_OK ? add_rows(input, rows, count, NULL, mean) : 0;
    for (int64_t k = 0; status == MIEN_OK && k < width; k++) {
        mean[k] /= (double)there;
    }
    if (status == MIEN_OK) {
        add_rows(input, rows, count, mean, square);
    }
    for (int64_t k = 0; status == MIEN_OK && k < width; k++) {
        double deviation = sqrt(square[k] / (double)there);
        means[k] = (float)mean[k];
        scales[k] = deviation > SMALLEST_SPREAD * fabs(mean[k]) && deviation > 1e-30
                        ? (float)(1 / deviation)
                        : 1;
    }
    mien_free(square);
    mien_free(mean);
    return status;
}

mien_status mien_columns_check(const mien_corpus *corpus, const mien_study *study,
    const int64_t *rows, int64_t count) {
    for (int m = 0; m < corpus->inputs; m++) {
        int64_t i = 0;
        while (i < count && !corpus->input[m].present[rows[i]]) {
            i++;
        }
        if (i == count) {
            return mien_fail(MIEN_EFORMAT,
                "%s: features.%s: it is missing in all %lld training rows",
                study->trials, corpus->input[m].name, (long long)count);
        }
    }
    return MIEN_OK;
}

mien_status mien_columns_init(mien_columns *columns, const mien_corpus *corpus,
    const mien_study *study, const int64_t *rows, int64_t count) {
    *columns = (mien_columns){.corpus = corpus,
        .dropout = mien_options_number(study->options, "modality-dropout"),
        .seed = (uint64_t)mien_options_int(study->options, "seed")};
    mien_status status = mien_columns_check(corpus, study, rows, count);
    bool wanted = mien_options_flag(study->options, "standardise");
    for (int m = 0; status == MIEN_OK && wanted && m < corpus->inputs; m++) {
        status = measure(columns, m, rows, count);
    }
    return status;
}

mien_status mien_columns_stand_in(
    mien_columns *columns, const int64_t *rows, int64_t count) {
    const mien_corpus *c = columns->corpus;
    mien_status status = MIEN_OK;
    for (int m = 0; status == MIEN_OK && m < c->inputs; m++) {
        int64_t width = c->input[m].width;
        if (columns->mean[m] || columns->stand_in[m]) {
            continue; /* the mean of what is standardised is 0 */
        }
        double *sum = mien_alloc((size_t)width, sizeof *sum);
        float *means = columns->stand_in[m] = mien_alloc((size_t)width, sizeof *means);
        status = sum && means ? MIEN_OK : MIEN_ENOMEM;
        double there = sum ? (double)add_rows(&c->input[m], rows, count, NULL, sum) : 1;
        for (int64_t k = 0; status == MIEN_OK && k < width; k++) {
            means[k] = (float)(sum[k] / there);
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

/* Rows come in any order out of more memory than a cache holds, so what is worked on
 * next is asked for on the way. */
static void copy_row(
    const mien_columns *columns, int m, int64_t row, int64_t next, float *y) {
    enum { STRETCH = 256, LINE = 16 };
    int64_t width = columns->corpus->input[m].width;
    const float *x = columns->corpus->input[m].values + row * width;
    const float *ahead = columns->corpus->input[m].values + next * width;
    const float *mean = columns->mean[m], *scale = columns->scale[m];
    if (!mean) {
        memcpy(y, x, (size_t)width * sizeof *y);
        return;
    }
    for (int64_t k = 0; k < width; k += STRETCH) {
        int64_t n = width - k < STRETCH ? width - k : STRETCH;
        for (int64_t l = 0; l < n; l += LINE) {
            __builtin_prefetch(ahead + k + l);
        }
        standardise(x + k, mean + k, scale + k, n, y + k);
    }
}

/* Which inputs of a row are shown: each by a draw of its own; where none would be, that
 * with the largest draw of those that are there. */
static void draw_shown(const mien_columns *columns, int64_t row, int64_t epoch,
    bool shown[MIEN_INPUTS_MAX]) {
    const mien_corpus *c = columns->corpus;
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
        bool there = c->input[m].present[row];
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

/* The corpus' row at a place of a batch, windows laid behind each other; -1: none. */
static int64_t row_at(const mien_corpus *c, const int64_t *rows, int64_t at) {
    return c->window
               ? c->window[rows[at / c->segments] * c->segments + at % c->segments]
               : rows[at];
}

/* Whose input m a row shows. */
static int64_t source_of(const mien_columns *columns, int m, int64_t row) {
    const mien_columns_change *change = columns->change;
    return change && row >= 0 && change->moved >> m & 1
               ? change->from[m * columns->corpus->rows + row]
               : row;
}

static void copy_stand_in(const mien_columns *columns, int m, float *y) {
    size_t bytes = (size_t)columns->corpus->input[m].width * sizeof *y;
    if (columns->stand_in[m]) {
        memcpy(y, columns->stand_in[m], bytes);
    } else {
        memset(y, 0, bytes);
    }
}

void mien_columns_fill(const mien_columns *columns, const int64_t *rows, int64_t n,
    int64_t epoch, float *const *values, float *mask) {
    const mien_corpus *c = columns->corpus;
    const mien_columns_change *change = columns->change;
    uint32_t hidden = change ? change->hidden : 0;
    int64_t count = n * c->segments;
    bool shown[MIEN_INPUTS_MAX];
    for (int64_t at = 0; at < count; at++) {
        int64_t row = row_at(c, rows, at);
        int64_t next = at + 1 < count ? row_at(c, rows, at + 1) : row;
        if (at % c->segments == 0) {
            draw_shown(columns, rows[at / c->segments], epoch, shown);
        }
        for (int m = 0; m < c->inputs; m++) {
            int64_t width = c->input[m].width, from = source_of(columns, m, row);
            bool hides = hidden >> m & 1;
            bool there = from >= 0 && c->input[m].present[from] && shown[m] &&
                         !(hides && change->masked);
            float *to = values[m] + at * width;
            if (there && hides) {
                copy_stand_in(columns, m, to);
            } else if (there) {
                copy_row(columns, m, from, next >= 0 ? next : row, to);
            } else {
                memset(to, 0, (size_t)width * sizeof *to);
            }
            if (mask) {
                mask[at * c->inputs + m] = there ? 1 : 0;
            }
        }
    }
}
