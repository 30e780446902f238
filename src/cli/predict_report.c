/* SPDX-License-Identifier: MIT */
/* The page of `mien predict --report`: timelines over thumbnails, pictures with their
 * values. */
#include "cli/predict_output.h"

#include <stdio.h>
#include <string.h>

/* more pictures than that make a page that no browser likes */
enum { TEXT_MAX = 512, CARDS_MAX = 400 };

static void axis_of(const mien_target *target, char *name, mien_figure_axis *axis) {
    snprintf(name, TEXT_MAX, "%s (%s)", target->name, target->unit);
    *axis = (mien_figure_axis){
        .name = name, .minimum = target->minimum, .maximum = target->maximum};
}

/* "image-va" of share/mien/models/image-va.safetensors */
static void model_name(const mien_model *model, char name[TEXT_MAX]) {
    const char *base = mien_path_base(mien_model_path(model));
    size_t length = strlen(base), ending = strlen(mien_path_extension(base));
    snprintf(
        name, TEXT_MAX, "Model %.*s", (int)(length - (ending ? ending + 1 : 0)), base);
}

/* Columns of one target out of the moments: value, low, high. */
static void columns(
    const cli_track *track, int t, double *value, double *low, double *high) {
    for (int64_t i = 0; i < track->count; i++) {
        value[i] = track->moments[i].value[t];
        low[i] = track->moments[i].low[t];
        high[i] = track->moments[i].high[t];
    }
}

/* A picture (or a film's only moment) with its values below it. */
static void picture_card(
    mien_string *html, const cli_track *track, const mien_readout *readout) {
    const mien_prediction *p = &track->moments[0];
    mien_string_add(html, "<figure class=\"card\">");
    if (track->thumbnails_count) {
        mien_string_add(html, "<img alt=\"\" src=\"");
        mien_html_jpeg(
            html, track->thumbnails[0].jpeg, track->thumbnails[0].jpeg_bytes);
        mien_string_add(html, "\">");
    }
    mien_string_add(html, "<figcaption><strong>");
    mien_html_escape(html, mien_path_base(track->input));
    mien_string_add(html, "</strong>");
    for (int t = 0; t < p->targets_count; t++) {
        mien_string_add(html, "<br>");
        mien_html_escape(html, readout->targets[t].name);
        mien_string_addf(html,
            " %.2f <small style=\"white-space:nowrap\">[%.2f, %.2f]</small>",
            p->value[t], p->low[t], p->high[t]);
    }
    mien_string_add(html, "</figcaption></figure>");
}

/* "20 moments from 0 to 9.6 s; on average valence 3.08, arousal 3.31." */
static mien_status film_words(
    mien_page *page, const cli_track *track, const mien_readout *readout) {
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%lld moments from %.4g to %.4g s; on average",
        (long long)track->count, track->moments[0].start_s,
        track->moments[track->count - 1].end_s);
    for (int t = 0; t < readout->targets_count; t++) {
        double sum = 0;
        for (int64_t i = 0; i < track->count; i++) {
            sum += track->moments[i].value[t];
        }
        mien_string_addf(&text, "%s %s %.2f", t ? "," : "", readout->targets[t].name,
            sum / (double)track->count);
    }
    mien_string_add(&text, ".");
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = mien_page_paragraph(page, text.text);
    }
    mien_string_clear(&text);
    return status;
}

/* The first target against the second, where there are two. text is scratch. */
static mien_status scatter_figure(mien_page *page, const mien_readout *readout,
    const char *title, const double *x, const double *y, const char *const *labels,
    int64_t count, bool is_path, mien_string *text) {
    char x_name[TEXT_MAX], y_name[TEXT_MAX];
    mien_figure_axis x_axis, y_axis;
    if (readout->targets_count < 2) {
        return MIEN_OK;
    }
    axis_of(&readout->targets[0], x_name, &x_axis);
    axis_of(&readout->targets[1], y_name, &y_axis);
    mien_string_empty(text);
    mien_status status = mien_figure_scatter(
        text, title, &x_axis, x, &y_axis, y, labels, count, false, is_path);
    return status == MIEN_OK ? mien_page_html(page, text->text) : status;
}

/* A single moment makes no line. */
static mien_status moment_section(
    mien_page *page, const cli_track *track, const mien_readout *readout) {
    mien_string html;
    mien_string_init(&html);
    mien_string_add(&html, "<div class=\"cards\">");
    picture_card(&html, track, readout);
    mien_string_add(&html, "</div>");
    mien_status status = mien_string_status(&html);
    if (status == MIEN_OK) {
        status = mien_page_heading(page, mien_path_base(track->input));
    }
    if (status == MIEN_OK) {
        status = mien_page_html(page, html.text);
    }
    mien_string_clear(&html);
    return status;
}

static mien_status film_section(
    mien_page *page, const cli_track *track, const mien_readout *readout) {
    if (track->count == 1) {
        return moment_section(page, track, readout);
    }
    int targets = readout->targets_count;
    size_t n = (size_t)track->count;
    double *values = mien_alloc(n * (3 * (size_t)targets + 1), sizeof *values);
    mien_figure_series series[MIEN_TARGETS_MAX];
    mien_string svg;
    mien_string_init(&svg);
    mien_status status = values ? MIEN_OK : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    double *times = values + 3 * (size_t)targets * n;
    for (size_t i = 0; i < n; i++) {
        times[i] = track->moments[i].start_s;
    }
    for (int t = 0; t < targets; t++) {
        double *v = values + 3 * (size_t)t * n;
        columns(track, t, v, v + n, v + 2 * n);
        series[t] = (mien_figure_series){.name = readout->targets[t].name,
            .value = v,
            .low = v + n,
            .high = v + 2 * n,
            .minimum = readout->targets[t].minimum,
            .maximum = readout->targets[t].maximum};
    }
    status = mien_page_heading(page, mien_path_base(track->input));
    if (status == MIEN_OK) {
        status = film_words(page, track, readout);
    }
    if (status == MIEN_OK) {
        status = mien_figure_timeline(&svg, "Over time", times, track->count, series,
            targets, track->thumbnails, track->thumbnails_count);
    }
    if (status == MIEN_OK) {
        status = mien_page_html(page, svg.text);
    }
    if (status == MIEN_OK) {
        status = scatter_figure(page, readout, "The film's path", values,
            values + 3 * n, NULL, track->count, true, &svg);
    }
done:
    mien_string_clear(&svg);
    mien_free(values);
    return status;
}

static mien_status pictures_section(
    mien_page *page, const cli_tracks *tracks, const mien_readout *readout) {
    int64_t n = 0;
    double *xy = mien_alloc((size_t)tracks->count, 2 * sizeof *xy);
    const char **labels = mien_alloc((size_t)tracks->count, sizeof *labels);
    mien_string html;
    mien_string_init(&html);
    mien_status status = xy && labels ? MIEN_OK : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        goto done;
    }
    mien_string_add(&html, "<div class=\"cards\">");
    for (int64_t i = 0; i < tracks->count; i++) {
        const cli_track *track = &tracks->items[i];
        if (!track->film) {
            if (n < CARDS_MAX) {
                picture_card(&html, track, readout);
            }
            xy[n] = track->moments[0].value[0];
            xy[tracks->count + n] = track->moments[0].value[1];
            labels[n++] = mien_path_base(track->input);
        }
    }
    mien_string_add(&html, "</div>");
    if (n > CARDS_MAX) {
        mien_string_addf(&html,
            "<p class=\"note\">The first %d of %lld pictures; the figure has all.</p>",
            CARDS_MAX, (long long)n);
    }
    if (n == 0) {
        goto done;
    }
    status = mien_page_heading(page, "Pictures");
    if (status == MIEN_OK) {
        status = mien_page_html(page, html.text);
    }
    if (status == MIEN_OK && n > 1) {
        status = scatter_figure(page, readout, "The pictures together", xy,
            xy + tracks->count, labels, n, false, &html);
    }
done:
    mien_string_clear(&html);
    mien_free(labels);
    mien_free(xy);
    return status;
}

static mien_status what_was_done(mien_page *page, const mien_model *model) {
    const mien_readout *r = mien_model_readout(model);
    char text[2 * TEXT_MAX];
    snprintf(text, sizeof text,
        "Each picture, or moment of a film, went through %s (frozen, weights from "
        "ImageNet) and a read-out of its layers. A value is what raters would on "
        "average be expected to say they feel when they see it, on the scale of the "
        "rated pictures the read-out learnt from. The band, and the range in brackets, "
        "is where 95 %% of ratings lay around predictions of pictures held out in "
        "training. None of this measures what one person feels, and sound is not "
        "heard.",
        r->backbone);
    mien_status status = mien_page_heading(page, "What was done");
    if (status == MIEN_OK) {
        status = mien_page_paragraph(page, text);
    }
    if (status == MIEN_OK && r->citation[0]) {
        status = mien_page_paragraph(page, r->citation);
    }
    return status;
}

mien_status cli_predict_report(const cli_tracks *tracks, const mien_model *model,
    const char *const *problems, int64_t problems_count, const char *path) {
    const mien_readout *readout = mien_model_readout(model);
    mien_page *page = NULL;
    char name[TEXT_MAX];
    model_name(model, name);
    mien_status status = mien_page_new("Predicted valence and arousal", name, &page);
    for (int64_t i = 0; status == MIEN_OK && i < tracks->count; i++) {
        if (tracks->items[i].film) {
            status = film_section(page, &tracks->items[i], readout);
        }
    }
    if (status == MIEN_OK) {
        status = pictures_section(page, tracks, readout);
    }
    for (int64_t i = 0; status == MIEN_OK && i < problems_count; i++) {
        status = i == 0 ? mien_page_heading(page, "Not read") : MIEN_OK;
        if (status == MIEN_OK) {
            status = mien_page_paragraph(page, problems[i]);
        }
    }
    if (status == MIEN_OK) {
        status = what_was_done(page, model);
    }
    if (status == MIEN_OK) {
        status = mien_page_write(page, path);
    }
    mien_page_free(&page);
    return status;
}
