/* SPDX-License-Identifier: MIT */
/* Pictures at a glance: light, colour and motion without any network, and where a film
 * cuts.
 *
 * In: pictures [H, W, 3]. Of each a small grey grid, a histogram and sums of colours
 * are kept (mien_glance); from those of consecutive frames come the values of the
 * features `colour` and `motion` and the marks of cuts. Called by cli/film_glances.c
 * and predict/survey.c. */
#include "base/need.h"
#include "mien/signal.h"

#include <math.h>
#include <string.h>

enum {
    ROWS = MIEN_GLANCE_ROWS,
    COLUMNS = MIEN_GLANCE_COLUMNS,
    BINS = MIEN_GLANCE_BINS
};
/* The most rows and columns that are read: of larger pictures every second, third, …
 * one. */
enum { ROWS_READ = 240 };

/* ---- one picture --------------------------------------------------------------- */

typedef struct sums {
    double red, green, blue, saturation, luma_squared;
    double rg, rg_squared, yb, yb_squared; /* opponent colours */
    int64_t dark, bright, count;
    int64_t histogram[BINS];
    float cell[ROWS * COLUMNS];
    int32_t cell_count[ROWS * COLUMNS];
} sums;

static void add_pixel(sums *s, const uint8_t *p, int cell) {
    const double r = p[0] / 255.0, g = p[1] / 255.0, b = p[2] / 255.0;
    const double luma = 0.299 * r + 0.587 * g + 0.114 * b;
    const int high = p[0] > p[1]   ? (p[0] > p[2] ? p[0] : p[2])
                     : p[1] > p[2] ? p[1]
                                   : p[2];
    const int low = p[0] < p[1]   ? (p[0] < p[2] ? p[0] : p[2])
                    : p[1] < p[2] ? p[1]
                                  : p[2];
    const double rg = r - g, yb = 0.5 * (r + g) - b;
    s->red += r;
    s->green += g;
    s->blue += b;
    s->saturation += high > 0 ? (double)(high - low) / high : 0;
    s->luma_squared += luma * luma;
    s->rg += rg;
    s->rg_squared += rg * rg;
    s->yb += yb;
    s->yb_squared += yb * yb;
    s->dark += luma < 0.2;
    s->bright += luma > 0.8;
    s->histogram[(p[0] >> 6) * 16 + (p[1] >> 6) * 4 + (p[2] >> 6)]++;
    s->cell[cell] += (float)luma;
    s->cell_count[cell]++;
    s->count++;
}

static double deviation(double sum, double squares, double n) {
    const double variance = squares / n - sum / n * (sum / n);
    return variance > 0 ? sqrt(variance) : 0;
}

static void take_colours(const sums *s, float colour[MIEN_GLANCE_COLOURS]) {
    const double n = (double)s->count;
    const double luma = 0.299 * s->red + 0.587 * s->green + 0.114 * s->blue;
    const double spread =
        hypot(deviation(s->rg, s->rg_squared, n), deviation(s->yb, s->yb_squared, n));
    double entropy = 0;
    for (int i = 0; i < BINS; i++) {
        const double p = (double)s->histogram[i] / n;
        entropy -= p > 0 ? p * log2(p) : 0;
    }
    const double values[MIEN_GLANCE_COLOURS] = {luma / n,
        deviation(luma, s->luma_squared, n), (double)s->dark / n, (double)s->bright / n,
        s->red / n, s->green / n, s->blue / n, (s->red - s->blue) / n,
        s->saturation / n, spread + 0.3 * hypot(s->rg / n, s->yb / n), entropy};
    for (int i = 0; i < MIEN_GLANCE_COLOURS; i++) {
        colour[i] = (float)values[i];
    }
}

/* Cells that no pixel fell into (pictures smaller than the grid) are as the one before.
 */
static void take_grey(const sums *s, float *grey) {
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        grey[i] = s->cell_count[i] ? s->cell[i] / (float)s->cell_count[i]
                  : i % COLUMNS    ? grey[i - 1]
                  : i >= COLUMNS   ? grey[i - COLUMNS]
                                   : 0;
    }
}

mien_status mien_glance_take(const mien_tensor *image, mien_glance *glance) {
    MIEN_NEED(image, glance);
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] < 1 || image->shape[1] < 1) {
        return mien_fail(MIEN_ESHAPE, "not a picture [H, W, 3] u8");
    }
    const int64_t height = image->shape[0], width = image->shape[1];
    const int64_t least = height < width ? height : width;
    const int64_t step = least > ROWS_READ ? least / ROWS_READ : 1;
    sums *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    const uint8_t *pixels = image->data;
    for (int64_t y = 0; y < height; y += step) {
        const int row = (int)(y * ROWS / height) * COLUMNS;
        for (int64_t x = 0; x < width; x += step) {
            add_pixel(
                s, pixels + (y * width + x) * 3, row + (int)(x * COLUMNS / width));
        }
    }
    take_colours(s, glance->colour);
    take_grey(s, glance->grey);
    for (int i = 0; i < BINS; i++) {
        glance->histogram[i] = (float)((double)s->histogram[i] / (double)s->count);
    }
    mien_free(s);
    return MIEN_OK;
}

/* ---- two pictures -------------------------------------------------------------- */

double mien_glance_difference(const mien_glance *a, const mien_glance *b) {
    MIEN_NEED_OR((double)NAN, a, b);
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
        sum += fabs((double)a->histogram[i] - (double)b->histogram[i]);
    }
    return sum / 2;
}

typedef struct shift {
    double change, changed; /* mean |difference|, share of cells that differ */
    double across, down;    /* shares of width and height */
    double left_over;       /* mean |difference| that the shift does not explain */
} shift;

/* One shift of the whole picture, by least squares on gradients (Lucas & Kanade 1981).
 */
static shift shift_of(const float *a, const float *b) {
    double xx = 0, xy = 0, yy = 0, xt = 0, yt = 0;
    shift s = {0};
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        const double d = fabs((double)b[i] - (double)a[i]);
        s.change += d / (ROWS * COLUMNS);
        s.changed += (d > 0.02) / (double)(ROWS * COLUMNS);
    }
    for (int pass = 0; pass < 2; pass++) {
        double left = 0;
        for (int y = 1; y < ROWS - 1; y++) {
            for (int x = 1; x < COLUMNS - 1; x++) {
                const int i = y * COLUMNS + x;
                const double gx = ((double)a[i + 1] - (double)a[i - 1] +
                                      (double)b[i + 1] - (double)b[i - 1]) /
                                  4;
                const double gy = ((double)a[i + COLUMNS] - (double)a[i - COLUMNS] +
                                      (double)b[i + COLUMNS] - (double)b[i - COLUMNS]) /
                                  4;
                const double t = (double)b[i] - (double)a[i];
                if (pass) {
                    left += fabs(t + gx * s.across + gy * s.down);
                    continue;
                }
                xx += gx * gx;
                xy += gx * gy;
                yy += gy * gy;
                xt += gx * t;
                yt += gy * t;
            }
        }
        if (pass) {
            s.left_over = left / ((ROWS - 2) * (COLUMNS - 2));
        }
        const double determinant = xx * yy - xy * xy;
        if (!pass && determinant > 1e-9 * (xx + yy) * (xx + yy) && xx + yy > 1e-6) {
            s.across = -(yy * xt - xy * yt) / determinant;
            s.down = -(xx * yt - xy * xt) / determinant;
        }
    }
    s.across /= COLUMNS;
    s.down /= ROWS;
    return s;
}

/* ---- cuts ------------------------------------------------------------------------ */

/* A cut stands alone: twice the two differences before and behind it. */
#define CUT_LEAST 0.3
#define CUT_TIMES 2.0

static bool stands_out(const double difference[5]) {
    const double d = difference[2];
    bool out = d >= CUT_LEAST;
    for (int i = 0; i < 5; i++) {
        out = out && (i == 2 || d >= CUT_TIMES * difference[i]);
    }
    return out;
}

bool mien_shots_next(
    mien_shots *c, double difference, int64_t time_us, int64_t *cut_us) {
    MIEN_NEED_OR(false, c, cut_us);
    memmove(c->difference, c->difference + 1, 4 * sizeof c->difference[0]);
    memmove(c->time_us, c->time_us + 1, 4 * sizeof c->time_us[0]);
    c->difference[4] = difference;
    c->time_us[4] = time_us;
    *cut_us = c->time_us[2];
    return stands_out(c->difference);
}

/* ---- values of a segment ----------------------------------------------------------
 */

static const char *const colour_names[MIEN_COLOUR_VALUES] = {"brightness", "contrast",
    "dark", "bright", "red", "green", "blue", "warmth", "saturation", "colourfulness",
    "entropy", "brightness_sd"};
static const char *const motion_names[MIEN_MOTION_VALUES] = {"change", "change_sd",
    "change_max", "changed", "across", "down", "speed", "left_over", "cuts"};

void mien_colour_name(int index, char name[MIEN_FEATURE_NAME_MAX]) {
    MIEN_NEED_OR(, name);
    strcpy(name, colour_names[index]);
}

void mien_motion_name(int index, char name[MIEN_FEATURE_NAME_MAX]) {
    MIEN_NEED_OR(, name);
    strcpy(name, motion_names[index]);
}

void mien_colour_values(
    const mien_glance *const *glances, int64_t n, float values[MIEN_COLOUR_VALUES]) {
    MIEN_NEED_OR(, glances, values);
    double sum[MIEN_GLANCE_COLOURS] = {0}, squares = 0;
    for (int64_t t = 0; t < n; t++) {
        for (int i = 0; i < MIEN_GLANCE_COLOURS; i++) {
            sum[i] += (double)glances[t]->colour[i];
        }
        squares += (double)glances[t]->colour[0] * (double)glances[t]->colour[0];
    }
    for (int i = 0; i < MIEN_GLANCE_COLOURS; i++) {
        values[i] = (float)(sum[i] / (double)n);
    }
    values[MIEN_GLANCE_COLOURS] = (float)deviation(sum[0], squares, (double)n);
}

void mien_motion_values(
    const mien_glance *const *glances, int64_t n, float values[MIEN_MOTION_VALUES]) {
    MIEN_NEED_OR(, glances, values);
    double change = 0, squares = 0, most = 0, changed = 0, across = 0, down = 0,
           speed = 0, left_over = 0, pairs = (double)(n - 1);
    int64_t cuts = 0, at;
    mien_shots c = {0};
    for (int64_t t = 1; t < n + 2; t++) {
        if (t >= n) {
            cuts +=
                mien_shots_next(&c, 0, 0, &at); /* the last two have none behind them */
            continue;
        }
        const shift s = shift_of(glances[t - 1]->grey, glances[t]->grey);
        cuts += mien_shots_next(
            &c, mien_glance_difference(glances[t - 1], glances[t]), 0, &at);
        change += s.change;
        squares += s.change * s.change;
        most = s.change > most ? s.change : most;
        changed += s.changed;
        across += fabs(s.across);
        down += fabs(s.down);
        speed += hypot(s.across, s.down);
        left_over += s.left_over;
    }
    const double all[MIEN_MOTION_VALUES] = {change / pairs,
        deviation(change, squares, pairs), most, changed / pairs, across / pairs,
        down / pairs, speed / pairs, left_over / pairs, (double)cuts / pairs};
    for (int i = 0; i < MIEN_MOTION_VALUES; i++) {
        values[i] = (float)all[i];
    }
}
