/* SPDX-License-Identifier: MIT */
/* Shares of a whole over time, one band above the other. */
#include "report/stack.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BANDS = 8, POINTS = 800, LETTER = 7, SWATCH = 14, NAME_LEFT = 130 };

/* The series that is drawn: some of its bands, and perhaps the rest of them
 * together. */
typedef struct stack {
    mien_string *out;
    const mien_plot *plot;
    const double *time;
    const mien_figure_series *series;
    int64_t stride, points;
    int bands;             /* drawn */
    int source[BANDS + 1]; /* band of the series; −1: all that have no place */
    double mean[BANDS + 1];
    double *edges; /* [bands + 1, points]: 0, then each band's upper edge */
} stack;

static double mean_of(const mien_figure_series *s, int64_t count, int band) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        sum += s->shares[i * s->bands_count + band];
    }
    return count > 0 ? sum / (double)count : 0;
}

int mien_stack_largest(const mien_figure_series *series, int64_t count, double *mean) {
    int largest = -1;
    for (int b = 0; count > 0 && b < series->bands_count; b++) {
        double m = mean_of(series, count, b);
        if (largest < 0 || m > *mean) {
            largest = b;
            *mean = m;
        }
    }
    return largest;
}

/* Bands before this one in size, ties in order. */
static int rank_of(const double *means, int count, int band) {
    int rank = 0;
    for (int b = 0; b < count; b++) {
        rank += means[b] > means[band] || (means[b] == means[band] && b < band);
    }
    return rank;
}

static mien_status choose_bands(stack *s, int64_t count) {
    int all = s->series->bands_count;
    double *means = mien_alloc((size_t)all, sizeof *means), rest = 1;
    if (!means) {
        return MIEN_ENOMEM;
    }
    for (int b = 0; b < all; b++) {
        means[b] = mean_of(s->series, count, b);
    }
    for (int b = 0; b < all; b++) {
        if (rank_of(means, all, b) < BANDS) {
            s->source[s->bands] = b;
            s->mean[s->bands++] = means[b];
            rest -= means[b];
        }
    }
    if (s->bands < all) {
        s->source[s->bands] = -1;
        s->mean[s->bands++] = fmax(rest, 0);
    }
    mien_free(means);
    return MIEN_OK;
}

/* Mean over a run of moments of what drawn band b holds. */
static double share_of(const stack *s, int64_t begin, int64_t end, int b) {
    const mien_figure_series *series = s->series;
    double sum = 0;
    for (int64_t i = begin; i < end; i++) {
        const double *row = series->shares + i * series->bands_count;
        double part = s->source[b] >= 0 ? row[s->source[b]] : 1;
        for (int k = 0; s->source[b] < 0 && k < b; k++) {
            part -= row[s->source[k]];
        }
        sum += part;
    }
    return sum / (double)(end - begin);
}

static mien_status pile_up(stack *s, int64_t count) {
    s->stride = count / POINTS + 1;
    s->points = (count + s->stride - 1) / s->stride;
    s->edges = mien_alloc((size_t)((s->bands + 1) * s->points), sizeof *s->edges);
    if (!s->edges) {
        return MIEN_ENOMEM;
    }
    for (int64_t p = 0; p < s->points; p++) {
        int64_t begin = p * s->stride;
        int64_t end = begin + s->stride < count ? begin + s->stride : count;
        for (int b = 0; b < s->bands; b++) {
            s->edges[(b + 1) * s->points + p] =
                s->edges[b * s->points + p] + share_of(s, begin, end, b);
        }
    }
    return MIEN_OK;
}

static double x_of(const stack *s, int64_t point) {
    return mien_plot_x(s->plot, s->time[point * s->stride]);
}

static double y_of(const stack *s, int edge, int64_t point) {
    return mien_plot_y_inside(s->plot, s->edges[edge * s->points + point]);
}

/* Neighbours differ clearly in darkness; names say which is which. */
static double opacity_of(int band) {
    static const double steps[] = {0.1, 0.45, 0.2, 0.65, 0.05, 0.55, 0.3, 0.75, 0.15};
    return steps[band % (int)(sizeof steps / sizeof *steps)];
}

static const char *name_of(const stack *s, int band) {
    return s->source[band] < 0 ? "others" : s->series->bands[s->source[band]];
}

static void opacity_text(int band, char text[16]) {
    int hundredths = (int)lround(100 * opacity_of(band));
    snprintf(text, 16, "0.%02d", hundredths);
}

/* From left to right, or back; a moment alone reaches to the right end. */
static void draw_edge(const stack *s, int edge, bool back) {
    double right = s->plot->left + s->plot->width;
    for (int64_t i = 0; i < s->points; i++) {
        int64_t p = back ? s->points - 1 - i : i;
        double y = y_of(s, edge, p);
        if (s->points == 1) {
            mien_svg(s->out, "# # # # ", back ? right : x_of(s, p), y,
                back ? x_of(s, p) : right, y);
        } else {
            mien_svg(s->out, "# # ", x_of(s, p), y);
        }
    }
}

static void draw_band(const stack *s, int b) {
    char opacity[16];
    opacity_text(b, opacity);
    mien_svg(s->out,
        "<path class='band stack' fill='currentColor' fill-opacity='$' "
        "stroke='currentColor' stroke-opacity='0.6' stroke-width='0.7' d='M",
        opacity);
    draw_edge(s, b + 1, false);
    draw_edge(s, b, true);
    mien_string_add(s->out, "Z\"/>\n");
}

static int letters_of(const char *text) {
    int letters = 0;
    for (; *text; text++) {
        letters += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return letters;
}

/* The name stands where the band is thickest and the name has room to both sides. */
static void name_band(const stack *s, int b) {
    const mien_plot *p = s->plot;
    double half = letters_of(name_of(s, b)) * LETTER / 2.0, best = 15;
    int64_t at = -1;
    for (int64_t i = 0; i < s->points; i++) {
        double x = x_of(s, i), thick = y_of(s, b, i) - y_of(s, b + 1, i);
        if (thick > best && x - half > p->left && x + half < p->left + p->width) {
            best = thick;
            at = i;
        }
    }
    if (at >= 0) {
        mien_svg(s->out,
            "<text class='hint halo' font-size='12' x='#' y='#' "
            "text-anchor='middle'>$</text>\n",
            x_of(s, at), (y_of(s, b, at) + y_of(s, b + 1, at)) / 2 + 4, name_of(s, b));
    }
}

/* From the top of the pile down, as far as there is room beside the series' name. */
static void list_bands(const stack *s) {
    const mien_plot *p = s->plot;
    double x = p->left + fmax(NAME_LEFT, 9.0 * letters_of(s->series->name) + 20);
    for (int b = s->bands - 1; b >= 0; b--) {
        char words[160], opacity[16];
        snprintf(
            words, sizeof words, "%.120s %.0f %%", name_of(s, b), 100 * s->mean[b]);
        double width = SWATCH + letters_of(words) * LETTER + 12;
        if (x + width > p->left + p->width) {
            return;
        }
        opacity_text(b, opacity);
        mien_svg(s->out,
            "<rect class='band' x='#' y='#' width='10' height='10' "
            "fill='currentColor' fill-opacity='$' stroke='currentColor' "
            "stroke-width='0.7'/>"
            "<text class='hint' font-size='12' x='#' y='#'>$</text>\n",
            x, p->top - 19, opacity, x + SWATCH, p->top - 10, words);
        x += width;
    }
}

mien_status mien_stack_draw(mien_string *out, const mien_plot *plot,
    const double *time_s, int64_t count, const mien_figure_series *series) {
    stack s = {.out = out, .plot = plot, .time = time_s, .series = series};
    if (count < 1) {
        return MIEN_OK;
    }
    mien_status status = choose_bands(&s, count);
    if (status == MIEN_OK) {
        status = pile_up(&s, count);
    }
    for (int b = 0; status == MIEN_OK && b < s.bands; b++) {
        draw_band(&s, b);
    }
    for (int b = 0; status == MIEN_OK && b < s.bands; b++) {
        name_band(&s, b);
    }
    if (status == MIEN_OK) {
        list_bands(&s);
        status = mien_string_status(out);
    }
    mien_free(s.edges);
    return status;
}
