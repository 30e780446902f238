/* SPDX-License-Identifier: MIT */
/* A page of faces. In come rows of faces, some with their picture; out goes HTML:
 * stills with boxes and the likeliest classes below, and of each face of a film the
 * course of its probabilities. Nothing says that somebody is this or that: all are
 * shares. */
#include "cli/face_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

enum { HEIGHT = 240, STILLS_MAX = 200, COURSES_MAX = 64, MOSAIC = 6, WIDTH = 900 };

static const char *const colours[] = {"#8c8c8c", "#e6a817", "#7b5ea7", "#3b6fb5",
    "#c8402f", "#5b8c3e", "#2f8f8f", "#b55d8c"};
#define COLOURS ((int)(sizeof colours / sizeof *colours))

void cli_face_report_clear(cli_face_report *report) {
    cli_face_report *r = report;
    for (int64_t i = 0; i < r->stills_count; i++) {
        mien_free(r->stills[i].input);
        mien_tensor_free(&r->stills[i].image);
        mien_string_clear(&r->stills[i].words);
    }
    for (int64_t i = 0; i < r->courses_count; i++) {
        mien_free(r->courses[i].input);
        mien_free(r->courses[i].start_s);
        mien_free(r->courses[i].end_s);
        mien_free(r->courses[i].shares);
    }
    mien_free(r->stills);
    mien_free(r->courses);
    *r = (cli_face_report){0};
}

/* ---- pictures -----------------------------------------------------------------------
 */

static int64_t inside(double x, int64_t size) {
    return x < 0 ? 0 : x >= (double)size ? size - 1 : (int64_t)x;
}

/* Squares of one colour in the place of a face: six across. */
static void blur_area(
    mien_tensor *image, int64_t left, int64_t top, int64_t right, int64_t bottom) {
    uint8_t *pixels = image->data;
    int64_t width = image->shape[1];
    int64_t side = (right - left) / MOSAIC + 1;
    for (int64_t y = top; y <= bottom; y += side) {
        for (int64_t x = left; x <= right; x += side) {
            int64_t sum[3] = {0}, count = 0;
            for (int pass = 0; pass < 2; pass++) {
                for (int64_t v = y; v < y + side && v <= bottom; v++) {
                    for (int64_t u = x; u < x + side && u <= right; u++) {
                        uint8_t *p = pixels + 3 * (v * width + u);
                        count += pass == 0;
                        for (int c = 0; c < 3; c++) {
                            sum[c] += pass == 0 ? p[c] : 0;
                            p[c] = pass == 0 ? p[c] : (uint8_t)(sum[c] / count);
                        }
                    }
                }
            }
        }
    }
}

static void paint(mien_tensor *image, int64_t x, int64_t y) {
    static const uint8_t colour[3] = {255, 200, 0};
    memcpy((uint8_t *)image->data + 3 * (y * image->shape[1] + x), colour, 3);
}

void cli_face_draw(mien_tensor *image, const double box[4], double scale, bool blur) {
    int64_t left = inside(box[0] * scale, image->shape[1]);
    int64_t right = inside((box[0] + box[2]) * scale, image->shape[1]);
    int64_t top = inside(box[1] * scale, image->shape[0]);
    int64_t bottom = inside((box[1] + box[3]) * scale, image->shape[0]);
    if (blur) {
        blur_area(image, left, top, right, bottom);
    }
    for (int64_t x = left; x <= right; x++) {
        paint(image, x, top);
        paint(image, x, bottom);
    }
    for (int64_t y = top; y <= bottom; y++) {
        paint(image, left, y);
        paint(image, right, y);
    }
}

static mien_status begin_still(cli_face_report *r, const mien_face_row *row) {
    if (r->stills_count == r->stills_room) {
        int64_t room = r->stills_room ? 2 * r->stills_room : 16;
        cli_face_still *stills = mien_realloc(
            r->stills, (size_t)r->stills_room, (size_t)room, sizeof *stills);
        if (!stills) {
            return MIEN_ENOMEM;
        }
        r->stills = stills;
        r->stills_room = room;
    }
    cli_face_still s = {.input = mien_strdup(row->prediction.input),
        .start_s = row->prediction.start_s,
        .moment = row->moment,
        .scale = fmin(1, fmin(HEIGHT / row->height, 3 * HEIGHT / row->width))};
    mien_string_init(&s.words);
    int height = (int)fmax(1, round(row->height * s.scale));
    int width = (int)fmax(1, round(row->width * s.scale));
    mien_status status = s.input ? mien_image_resize(row->image, height, width,
                                       MIEN_RESIZE_BILINEAR, NULL, &s.image)
                                 : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_free(s.input);
        return status;
    }
    r->stills[r->stills_count++] = s;
    return MIEN_OK;
}

/* "2: shows happiness 72 %, neutral 20 %, surprise 5 %" */
static void describe(
    const cli_face_report *r, const mien_face_row *row, mien_string *html) {
    const mien_prediction *p = &row->prediction;
    mien_string_addf(html, "<br><strong>%d</strong> ", row->number);
    for (int t = 0; t < r->targets_count; t++) {
        const mien_target *target = &r->targets[t];
        if (target->link == MIEN_LINK_VALUE) {
            mien_string_add(html, t ? ", " : "");
            mien_html_escape(html, target->name);
            mien_string_addf(html, " %.2f", p->value[t]);
            continue;
        }
        if (!p->probability[t]) {
            mien_string_add(html, "could not be cut out");
            continue;
        }
        double below = INFINITY;
        for (int k = 0; k < 3 && k < target->classes_count; k++) {
            int best = -1;
            for (int c = 0; c < target->classes_count; c++) {
                double share = p->probability[t][c];
                bool next =
                    share < below && (best < 0 || share > p->probability[t][best]);
                best = next ? c : best;
            }
            if (best < 0) {
                break;
            }
            mien_string_add(html, k || t ? ", " : "shows ");
            mien_html_escape(html, target->classes[best]);
            below = p->probability[t][best];
            mien_string_addf(html, " %.0f %%", 100 * below);
        }
    }
    mien_string_addf(html, " <small>(face %.2f)</small>", row->face->score);
}

static bool is_of(const cli_face_still *s, const mien_face_row *row) {
    bool same_time = s->start_s == row->prediction.start_s ||
                     (isnan(s->start_s) && isnan(row->prediction.start_s));
    return same_time && s->moment == row->moment &&
           strcmp(s->input, row->prediction.input) == 0;
}

static mien_status add_to_still(cli_face_report *r, const mien_face_row *row) {
    mien_status status = MIEN_OK;
    if (row->image && r->stills_count < STILLS_MAX) {
        status = begin_still(r, row);
    }
    cli_face_still *s = r->stills_count > 0 ? &r->stills[r->stills_count - 1] : NULL;
    if (status == MIEN_OK && s && row->number > 0 && is_of(s, row)) {
        bool film = !isnan(row->prediction.start_s);
        bool blur =
            strcmp(r->blur, "on") == 0 || (strcmp(r->blur, "auto") == 0 && film);
        const double all[4] = {0, 0, row->width, row->height};
        cli_face_draw(
            s->image, isnan(row->face->box[0]) ? all : row->face->box, s->scale, blur);
        describe(r, row, &s->words);
        status = mien_string_status(&s->words);
    }
    return status;
}

/* ---- courses ------------------------------------------------------------------------
 */

static int class_target(const cli_face_report *r) {
    for (int t = 0; t < r->targets_count; t++) {
        if (r->targets[t].link != MIEN_LINK_VALUE) {
            return t;
        }
    }
    return -1;
}

static mien_status find_course(
    cli_face_report *r, const mien_face_row *row, cli_face_course **found) {
    for (int64_t i = r->courses_count - 1; i >= 0; i--) {
        cli_face_course *c = &r->courses[i];
        if (c->number == row->number && strcmp(c->input, row->prediction.input) == 0) {
            *found = c;
            return MIEN_OK;
        }
    }
    *found = NULL;
    if (r->courses_count == COURSES_MAX) {
        return MIEN_OK; /* the table has the rest */
    }
    if (r->courses_count == r->courses_room) {
        int64_t room = r->courses_room ? 2 * r->courses_room : 8;
        cli_face_course *courses = mien_realloc(
            r->courses, (size_t)r->courses_room, (size_t)room, sizeof *courses);
        if (!courses) {
            return MIEN_ENOMEM;
        }
        r->courses = courses;
        r->courses_room = room;
    }
    cli_face_course made = {
        .input = mien_strdup(row->prediction.input), .number = row->number};
    if (!made.input) {
        return MIEN_ENOMEM;
    }
    r->courses[r->courses_count] = made;
    *found = &r->courses[r->courses_count++];
    return MIEN_OK;
}

static mien_status grow(cli_face_course *c, int classes) {
    int64_t room = c->room ? 2 * c->room : 64;
    size_t old = (size_t)c->room, all = (size_t)room, k = (size_t)classes;
    double *start_s = mien_realloc(c->start_s, old, all, sizeof *start_s);
    c->start_s = start_s ? start_s : c->start_s;
    double *end_s = mien_realloc(c->end_s, old, all, sizeof *end_s);
    c->end_s = end_s ? end_s : c->end_s;
    double *shares = mien_realloc(c->shares, old * k, all * k, sizeof *shares);
    c->shares = shares ? shares : c->shares;
    if (!start_s || !end_s || !shares) {
        return MIEN_ENOMEM;
    }
    c->room = room;
    return MIEN_OK;
}

static mien_status add_to_course(cli_face_report *r, const mien_face_row *row) {
    const mien_prediction *p = &row->prediction;
    int t = class_target(r);
    cli_face_course *c = NULL;
    if (t < 0 || row->number == 0 || isnan(p->start_s) || !p->probability[t]) {
        return MIEN_OK;
    }
    int classes = r->targets[t].classes_count;
    mien_status status = find_course(r, row, &c);
    if (status == MIEN_OK && c && c->count == c->room) {
        status = grow(c, classes);
    }
    if (status == MIEN_OK && c) {
        c->start_s[c->count] = p->start_s;
        c->end_s[c->count] = p->end_s;
        memcpy(c->shares + c->count * classes, p->probability[t],
            (size_t)classes * sizeof *c->shares);
        c->count++;
    }
    return status;
}

mien_status cli_face_report_add(cli_face_report *report, const mien_face_row *row) {
    report->faces += row->number > 0;
    report->empty += row->number == 0;
    mien_status status = add_to_still(report, row);
    return status == MIEN_OK ? add_to_course(report, row) : status;
}

/* ---- the page -----------------------------------------------------------------------
 */

/* Shares of the classes stacked over time, moment by moment; of very many, means of
 * neighbours. */
static void draw_course(
    mien_string *html, const cli_face_course *c, const mien_target *target) {
    enum { TALL = 60, COLUMNS_MOST = 600 };
    int classes = target->classes_count;
    double from_s = c->start_s[0], to_s = c->end_s[c->count - 1];
    to_s = isfinite(to_s) && to_s > from_s ? to_s : from_s + 1;
    int64_t step = (c->count + COLUMNS_MOST - 1) / COLUMNS_MOST;
    mien_string_addf(html,
        "<svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\" "
        "preserveAspectRatio=\"none\" style=\"height:60px\">",
        WIDTH, TALL);
    for (int64_t i = 0; i < c->count; i += step) {
        int64_t end = i + step < c->count ? i + step : c->count;
        double x = (c->start_s[i] - from_s) / (to_s - from_s) * WIDTH;
        double until = isfinite(c->end_s[end - 1]) ? c->end_s[end - 1] : to_s;
        double wide = (until - c->start_s[i]) / (to_s - from_s) * WIDTH, y = 0;
        for (int k = 0; k < classes; k++) {
            double share = 0;
            for (int64_t m = i; m < end; m++) {
                share += c->shares[m * classes + k] / (double)(end - i);
            }
            mien_string_addf(html,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "fill=\"%s\"/>",
                x, y, wide, share * TALL, colours[k % COLOURS]);
            y += share * TALL;
        }
    }
    mien_string_add(html, "</svg>");
}

static void draw_legend(mien_string *html, const mien_target *target) {
    mien_string_add(html, "<p>");
    for (int k = 0; k < target->classes_count; k++) {
        mien_string_addf(html,
            "<span style=\"display:inline-block;width:1em;height:1em;background:%s\">"
            "</span> ",
            colours[k % COLOURS]);
        mien_html_escape(html, target->classes[k]);
        mien_string_add(html, " &nbsp; ");
    }
    mien_string_add(html, "</p>");
}

static mien_status add_courses(const cli_face_report *r, mien_page *page) {
    const mien_target *target = &r->targets[class_target(r)];
    mien_string html;
    mien_string_init(&html);
    draw_legend(&html, target);
    for (int64_t i = 0; i < r->courses_count; i++) {
        const cli_face_course *c = &r->courses[i];
        mien_string_add(&html, "<p><strong>");
        mien_html_escape(&html, mien_path_base(c->input));
        mien_string_addf(&html, "</strong>, face %d, %.4g to %.4g s</p>", c->number,
            c->start_s[0], c->end_s[c->count - 1]);
        draw_course(&html, c, target);
    }
    mien_status status = mien_string_status(&html);
    if (status == MIEN_OK) {
        status = mien_page_heading(page, "What each face shows, over time");
    }
    if (status == MIEN_OK) {
        status = mien_page_html(page, html.text);
    }
    mien_string_clear(&html);
    return status;
}

static mien_status add_still(mien_string *html, const cli_face_still *s) {
    void *jpeg = NULL;
    size_t bytes = 0;
    mien_status status = mien_image_to_jpeg(s->image, 80, &jpeg, &bytes);
    if (status != MIEN_OK) {
        return status;
    }
    mien_string_add(html, "<figure class=\"card\"><img alt=\"\" src=\"");
    mien_html_jpeg(html, jpeg, bytes);
    mien_string_add(html, "\"><figcaption><strong>");
    mien_html_escape(html, mien_path_base(s->input));
    mien_string_add(html, "</strong>");
    if (!isnan(s->start_s)) {
        mien_string_addf(html, " %.2f s", s->start_s);
    }
    mien_string_add(html,
        s->words.text && s->words.length ? s->words.text : "<br>no face was found");
    mien_string_add(html, "</figcaption></figure>");
    mien_free(jpeg);
    return mien_string_status(html);
}

static mien_status add_stills(const cli_face_report *r, mien_page *page) {
    mien_string html;
    mien_string_init(&html);
    mien_status status = mien_string_add(&html, "<div class=\"cards\">");
    for (int64_t i = 0; status == MIEN_OK && i < r->stills_count; i++) {
        status = add_still(&html, &r->stills[i]);
    }
    mien_string_add(&html, "</div>");
    if (status == MIEN_OK) {
        status = mien_page_html(page, html.text);
    }
    mien_string_clear(&html);
    return status;
}

#define SHARES                                                                         \
    "Shares tell what a face shows to raters of such pictures, not what a person "     \
    "feels. Animals, statues and drawings get shares too. "

static mien_status add_words(
    const cli_face_report *r, const mien_model *model, mien_page *page) {
    char text[512];
    snprintf(text, sizeof text,
        "Model %s. %lld faces in rows, %lld pictures or moments without one.",
        mien_path_base(mien_model_path(model)), (long long)r->faces,
        (long long)r->empty);
    mien_status status = mien_page_paragraph(page, text);
    return status == MIEN_OK
               ? mien_page_paragraph(page,
                     r->identified ? SHARES "Numbers follow a person across the cuts "
                                            "of a film: biometric identification."
                                   : SHARES "Numbers follow a face by its place and "
                                            "identify nobody.")
               : status;
}

mien_status cli_face_report_write(
    const cli_face_report *report, const mien_model *model, const char *path) {
    mien_page *page = NULL;
    mien_status status = mien_page_new("Faces", "What faces show", &page);
    if (status == MIEN_OK) {
        status = add_words(report, model, page);
    }
    if (status == MIEN_OK && report->courses_count > 0) {
        status = add_courses(report, page);
    }
    if (status == MIEN_OK && report->stills_count > 0) {
        status = add_stills(report, page);
    }
    if (status == MIEN_OK) {
        status = mien_page_write(page, path);
    }
    mien_page_free(&page);
    return status;
}
