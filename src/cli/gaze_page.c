/* SPDX-License-Identifier: MIT */
/* The page of mien gaze: over each picture where people looked, and what counts for the
 * model; of single trials the scanpath and the signals, with what is invalid hatched.
 * cmd_gaze.c calls it. */
#include "cli/gaze_maps.h"

#include <math.h>
#include <stdio.h>

enum { HEIGHT = 150, WIDE = 640, LANE = 64, EVENT_ROWS = 4, ROWS = MIEN_EPOCH_ROWS };

typedef struct drawn {
    void *jpeg;
    size_t bytes;
    double width; /* for HEIGHT */
} drawn;

/* A picture that cannot be read leaves an empty frame. */
static drawn load(const char *path) {
    mien_image_options o = mien_image_options_default();
    mien_tensor *image = NULL, *small = NULL;
    drawn d = {.width = HEIGHT * 4.0 / 3};
    o.scale_short_min = 2 * HEIGHT;
    if (mien_image_read(path, &o, &image) == MIEN_OK) {
        double aspect = (double)image->shape[1] / (double)image->shape[0];
        d.width = HEIGHT * fmin(fmax(aspect, 0.3), 4);
        if (mien_image_resize(image, 2 * HEIGHT, (int)lround(2 * d.width),
                MIEN_RESIZE_BILINEAR, NULL, &small) == MIEN_OK) {
            mien_image_to_jpeg(small, 80, &d.jpeg, &d.bytes);
        }
    }
    mien_tensor_free(&small);
    mien_tensor_free(&image);
    return d;
}

static void open_svg(
    mien_string *html, const drawn *d, double width, double height, const char *title) {
    mien_string_addf(html,
        "<svg role=\"img\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.1f %.1f\" "
        "style=\"max-width:100%%;margin:2px\"><title>",
        width, height, width, height);
    mien_html_escape(html, title);
    mien_string_add(html, "</title>");
    if (d && d->jpeg) {
        mien_string_addf(
            html, "<image width=\"%.1f\" height=\"%d\" href=\"", d->width, (int)HEIGHT);
        mien_html_jpeg(html, d->jpeg, d->bytes);
        mien_string_add(html, "\"/>");
    } else if (d) {
        mien_string_addf(html,
            "<rect width=\"%.1f\" height=\"%d\" fill=\"#888\" opacity=\"0.2\"/>",
            d->width, (int)HEIGHT);
    }
}

/* Cells as strong as they are, over a picture that is washed out below them. */
static void draw_cells(
    mien_string *html, const drawn *d, const double *cell, const char *colour) {
    double most = 0;
    for (int k = 0; k < CLI_GAZE_CELLS; k++) {
        most = fmax(most, cell[k]);
    }
    for (int k = 0; most > 0 && k < CLI_GAZE_CELLS; k++) {
        mien_string_addf(html,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
            "opacity=\"%.2f\"/>",
            k % MIEN_WHERE * d->width / MIEN_WHERE,
            k / MIEN_WHERE * (double)HEIGHT / MIEN_WHERE, d->width / MIEN_WHERE,
            (double)HEIGHT / MIEN_WHERE, colour, 0.75 * cell[k] / most);
    }
}

/* ---- pictures -------------------------------------------------------------------- */

static mien_status add_picture(
    const cli_gaze_picture *p, bool looked, mien_string *html) {
    double density[CLI_GAZE_CELLS];
    drawn d = load(p->path);
    for (int k = 0; k < CLI_GAZE_CELLS; k++) {
        density[k] = p->seen[k];
    }
    mien_status status = mien_map_blur(density, MIEN_WHERE, MIEN_WHERE, 1);
    mien_string_add(
        html, "<figure style=\"display:inline-block;margin:6px;vertical-align:top\">");
    open_svg(html, &d, d.width, HEIGHT, "where people looked");
    draw_cells(html, &d, density, "#e66100");
    mien_string_add(html, "</svg>");
    if (looked) {
        open_svg(html, &d, d.width, HEIGHT, "what counts for the model");
        draw_cells(html, &d, p->map, "#1a66ff");
        mien_string_add(html, "</svg>");
    }
    mien_string_add(html, "<figcaption>");
    mien_html_escape(html, p->name);
    mien_string_addf(html, ": %lld fixations of %lld trials", (long long)p->fixations,
        (long long)p->trials);
    if (p->off || p->lost) {
        mien_string_addf(html, ", %lld outside, %lld trials without gaze",
            (long long)p->off, (long long)p->lost);
    }
    if (looked && isfinite(p->agreement.nss)) {
        mien_string_addf(html, "; NSS %.2f, of others' %.2f", p->agreement.nss,
            p->agreement.nss_others);
    }
    mien_string_add(html, "</figcaption></figure>\n");
    mien_free(d.jpeg);
    return status;
}

/* ---- a trial --------------------------------------------------------------------- */

/* Fixations as discs whose area is their duration, numbered, joined by lines. */
static void draw_path(
    const cli_gaze *g, const mien_epoch *e, const drawn *d, mien_string *html) {
    double x[ROWS], y[ROWS], length[ROWS], from[2] = {0, 0};
    int n = mien_epoch_fixations(e, x, y, length);
    for (int k = 0; k < n; k++) {
        double u = (x[k] - g->on[0]) / g->on[2] * d->width;
        double v = (y[k] - g->on[1]) / g->on[3] * HEIGHT;
        if (k) {
            mien_string_addf(html,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
                "stroke=\"#fff\" stroke-width=\"3\"/><line x1=\"%.1f\" y1=\"%.1f\" "
                "x2=\"%.1f\" y2=\"%.1f\" stroke=\"#e66100\" stroke-width=\"1.5\"/>",
                from[0], from[1], u, v, from[0], from[1], u, v);
        }
        from[0] = u;
        from[1] = v;
    }
    for (int k = 0; k < n; k++) {
        double u = (x[k] - g->on[0]) / g->on[2] * d->width;
        double v = (y[k] - g->on[1]) / g->on[3] * HEIGHT;
        mien_string_addf(html,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#e66100\" "
            "fill-opacity=\"0.7\" stroke=\"#fff\"/><text x=\"%.1f\" y=\"%.1f\" "
            "font-size=\"9\" text-anchor=\"middle\" fill=\"#fff\">%d</text>",
            u, v, 3 + 1.2 * sqrt(length[k]), u, v + 3, k + 1);
    }
}

/* Spans of rows that are not valid, grey behind a line of what the file has in others.
 */
static void draw_lane(mien_string *html, const char *name, const double *x,
    const unsigned char *valid, int lane) {
    double low = INFINITY, high = -INFINITY, top = lane * LANE + 6.0, span = LANE - 14;
    for (int i = 0; i < ROWS; i++) {
        if (valid[i] && isfinite(x[i])) {
            low = fmin(low, x[i]);
            high = fmax(high, x[i]);
        }
    }
    for (int i = 0, to; i < ROWS; i = to) {
        for (to = i; to < ROWS && !(valid[to] && isfinite(x[to])); to++) {
        }
        if (to > i) {
            mien_string_addf(html,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "fill=\"#888\" opacity=\"0.3\"><title>invalid</title></rect>",
                90 + 540.0 * i / ROWS, top, 540.0 * (to - i) / ROWS, span);
        }
        to += to == i;
    }
    mien_string_add(html, "<path fill=\"none\" stroke=\"currentColor\" d=\"");
    for (int i = 0, pen = 0; i < ROWS; i++) {
        if (!(valid[i] && isfinite(x[i])) || !(high > low)) {
            pen = 0;
            continue;
        }
        mien_string_addf(html, "%c%.1f %.1f", pen ? 'L' : 'M', 90 + 540.0 * i / ROWS,
            top + span * (high - x[i]) / (high - low));
        pen = 1;
    }
    mien_string_addf(html,
        "\"/><text x=\"0\" y=\"%.1f\" font-size=\"11\" fill=\"currentColor\">%s</text>",
        top + 12, name);
    if (high >= low) {
        mien_string_addf(html,
            "<text x=\"0\" y=\"%.1f\" font-size=\"9\" fill=\"currentColor\">%.4g to "
            "%.6g</text>",
            top + 26, low, high);
    }
}

/* Where fixations begin, through all lanes, and numbered as on the picture. */
static void draw_fixations(const mien_epoch *e, int lanes, mien_string *html) {
    double x[ROWS], y[ROWS], length[ROWS];
    int count = mien_epoch_fixations(e, x, y, length), number = 0;
    for (int i = 0; i < ROWS && number < count; i++) {
        bool begins = i == 0 || e->fixation[i] != e->fixation[i - 1];
        bool seen = false;
        for (int k = i; begins && k < ROWS && e->fixation[k] == e->fixation[i]; k++) {
            seen = seen || (e->gaze_valid[k] && isfinite(e->x[k]) && isfinite(e->y[k]));
        }
        if (seen) {
            double at = 90 + 540.0 * i / ROWS;
            mien_string_addf(html,
                "<line x1=\"%.1f\" y1=\"8\" x2=\"%.1f\" y2=\"%d\" "
                "stroke=\"#e66100\" stroke-opacity=\"0.35\"/><text x=\"%.1f\" "
                "y=\"7\" font-size=\"8\" fill=\"#b34c00\">%d</text>",
                at, at, lanes * LANE, at, ++number);
        }
    }
}

/* A recording's events: a line where one begins, and a span over how long it lasts;
 * names are staggered, since several may begin at once. */
static void draw_events(const cli_gaze_trial *t, int lanes, mien_string *html) {
    for (int k = 0; k < t->events; k++) {
        const cli_gaze_event *e = &t->event[k];
        double at = 90 + 540 * e->from, wide = 540 * (e->to - e->from);
        int foot = lanes * LANE, below = foot + 22 + 9 * (k % EVENT_ROWS);
        if (wide > 0) {
            mien_string_addf(html,
                "<rect class=\"event\" x=\"%.1f\" y=\"8\" width=\"%.1f\" "
                "height=\"%d\" fill=\"#1a66ff\" opacity=\"0.08\"/>",
                at, wide, foot - 8);
        }
        mien_string_addf(html,
            "<line class=\"event\" x1=\"%.1f\" y1=\"8\" x2=\"%.1f\" y2=\"%d\" "
            "stroke=\"#1a66ff\" stroke-dasharray=\"4 3\"/><text x=\"%.1f\" y=\"%d\" "
            "font-size=\"8\" fill=\"#1a66ff\"%s>",
            at, at, below - 7, at, below, e->from > 0.8 ? " text-anchor=\"end\"" : "");
        mien_html_escape(html, e->name);
        mien_string_add(html, "</text>");
    }
}

static void draw_signals(const cli_gaze_trial *t, mien_string *html) {
    const mien_epoch *e = &t->epoch;
    const struct {
        const char *name;
        const double *x;
        const unsigned char *valid;
    } plans[] = {{"x, screens", e->x, e->gaze_valid},
        {"y, screens", e->y, e->gaze_valid},
        {"left pupil, mm", e->left_mm, e->left_valid},
        {"right pupil, mm", e->right_mm, e->right_valid},
        {"skin, ohm", e->gsr_ohm, e->gsr_valid},
        {"heart, bpm", e->heart_bpm, e->heart_valid}};
    enum { LANES = sizeof plans / sizeof *plans };
    double last = e->time_s[ROWS - 1] - e->time_s[0];
    open_svg(html, NULL, WIDE, LANES * LANE + (t->events ? 24 + 9 * EVENT_ROWS : 20),
        "signals of the trial");
    draw_events(t, LANES, html);
    draw_fixations(e, LANES, html);
    for (int k = 0; k < LANES; k++) {
        draw_lane(html, plans[k].name, plans[k].x, plans[k].valid, k);
    }
    for (int s = 0; s <= last; s++) {
        mien_string_addf(html,
            "<text x=\"%.1f\" y=\"%d\" font-size=\"9\" fill=\"currentColor\">%d "
            "s</text>",
            90 + 540 * s / last, LANES * LANE + 12, s);
    }
    mien_string_add(html, "</svg>");
}

static void add_trial(const cli_gaze *g, const cli_gaze_trial *t, mien_string *html) {
    drawn d = load(g->picture[t->picture].path);
    mien_string_add(html, "<figure style=\"margin:6px 0\"><div>");
    open_svg(html, &d, d.width, HEIGHT, "scanpath");
    draw_path(g, &t->epoch, &d, html);
    mien_string_add(html, "</svg></div>");
    draw_signals(t, html);
    mien_string_add(html, "<figcaption>trial ");
    mien_html_escape(html, t->id);
    mien_string_add(html,
        ": discs are fixations in their order, as large as they last; orange lines "
        "in the signals are where they begin; grey spans are not valid, and nothing is "
        "drawn there; blue lines and spans are events of the recording"
        "</figcaption></figure>\n");
    mien_free(d.jpeg);
}

/* ---- the page -------------------------------------------------------------------- */

static mien_status add_pictures(const cli_gaze *g, bool looked, mien_page *page) {
    mien_string html;
    mien_string_init(&html);
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < g->count && i < g->drawn; i++) {
        status = add_picture(&g->picture[i], looked, &html);
    }
    for (int64_t i = 0; i < g->trials; i++) {
        add_trial(g, &g->trial[i], &html);
    }
    status = status ? status : mien_string_status(&html);
    status = status ? status : mien_page_html(page, html.text);
    mien_string_clear(&html);
    return status;
}

static mien_status add_words(const cli_gaze *g, const char *model, mien_page *page) {
    mien_string html;
    mien_string_init(&html);
    mien_status status = mien_page_paragraph(page,
        model ? "Orange: where people looked (fixations of all trials, blurred by one "
                "cell). Blue: how strongly each part of the picture counts for the "
                "model, by occlusion, all targets together. NSS is the mean of the "
                "standardised map at the fixations; that of others, at the fixations "
                "on all other pictures, tells how much of it is looking at the middle."
              : "Orange: where people looked (fixations of all trials, blurred by one "
                "cell).");
    if (status == MIEN_OK && model) {
        mien_string_add(&html, "<pre>");
        mien_html_escape(&html, g->means.text);
        mien_string_add(&html, "</pre>");
        status = mien_string_status(&html);
        status = status ? status : mien_page_html(page, html.text);
    }
    mien_string_clear(&html);
    return status;
}

mien_status cli_gaze_page(const cli_gaze *gaze, const char *model, const char *path) {
    mien_page *page = NULL;
    mien_status status =
        mien_page_new("Gaze", model ? model : "where people looked", &page);
    status = status ? status : add_words(gaze, model, page);
    status = status ? status : add_pictures(gaze, model, page);
    status = status ? status : mien_page_write(page, path);
    mien_page_free(&page);
    return status;
}
