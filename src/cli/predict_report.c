/* SPDX-License-Identifier: MIT */
/* The page of `mien predict --report`: timelines over thumbnails, pictures with their
 * values. */
#include "cli/film_scene.h"
#include "cli/predict_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* more pictures than that make a page that no browser likes */
enum { TEXT_MAX = 512, CARDS_MAX = 400, NEXT_CLASSES = 2 };

static void axis_of(const mien_target *target, char *name, mien_figure_axis *axis) {
    snprintf(name, TEXT_MAX, "%s (%s)", target->name, target->unit);
    *axis = (mien_figure_axis){
        .name = name, .minimum = target->minimum, .maximum = target->maximum};
}

/* "image-va" of share/mien/models/image-va.safetensors; the study's name of a run's
 * model.safetensors. */
static void model_name(const mien_model *model, char name[TEXT_MAX]) {
    const char *base = mien_path_base(mien_model_path(model));
    size_t length = strlen(base), ending = strlen(mien_path_extension(base));
    const char *study = mien_value_text(mien_value_get(
        mien_value_get(mien_model_contract(model), "training"), "study"));
    if (study && *study && strcmp(base, "model.safetensors") == 0) {
        snprintf(name, TEXT_MAX, "Model of the study “%.200s”", study);
        return;
    }
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

/* "emotion happy 62 %; sad 30 %": the choice, then the next two. */
static void class_words(
    mien_string *html, const mien_target *target, const double *shares, int choice) {
    mien_html_escape(html, target->name);
    mien_string_add(html, " <strong>");
    mien_html_escape(html, target->classes[choice]);
    mien_string_addf(html, "</strong> %.0f %% <small>", 100 * shares[choice]);
    int last = choice, before = -1;
    for (int k = 0; k < NEXT_CLASSES; k++) {
        int next = -1;
        for (int c = 0; c < target->classes_count; c++) {
            bool shown = c == choice || c == before;
            if (!shown && (next < 0 || shares[c] > shares[next])) {
                next = c;
            }
        }
        if (next < 0) {
            break;
        }
        mien_string_add(html, last == choice ? "" : ", ");
        mien_html_escape(html, target->classes[next]);
        mien_string_addf(html, " %.0f %%", 100 * shares[next]);
        before = last = next;
    }
    mien_string_add(html, "</small>");
}

/* A picture (or a film's only moment) with its values below it. */
static void picture_card(mien_string *html, const cli_track *track,
    const cli_tracks *tracks, const mien_model *model) {
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
        const mien_target *target = &tracks->targets[t];
        if (target->link != MIEN_LINK_VALUE) {
            class_words(
                html, target, cli_track_shares(tracks, track, 0, t), p->choice[t]);
            continue;
        }
        mien_html_escape(html, target->name);
        mien_string_addf(html, " %.2f", p->value[t]);
        if (!isnan(p->low[t])) { /* the model has an interval */
            mien_string_addf(html,
                " <small style=\"white-space:nowrap\">[%.2f, %.2f]</small>", p->low[t],
                p->high[t]);
        }
    }
    for (int t = 0; track->where && track->thumbnails_count && t < p->targets_count;
         t++) {
        mien_string_add(html, "<br><small>what counts for ");
        mien_html_escape(html, tracks->targets[t].name);
        mien_string_add(html, "</small><br>");
        cli_draw_where(html, track, model, &tracks->targets[t], t);
    }
    mien_string_add(html, "</figcaption></figure>");
}

/* " emotion most often happy (62 % of the moments)" */
static void choice_words(
    mien_string *text, const cli_track *track, const mien_target *target, int t) {
    int64_t most = 0;
    int often = 0;
    for (int c = 0; c < target->classes_count; c++) {
        int64_t count = 0;
        for (int64_t i = 0; i < track->count; i++) {
            count += track->moments[i].choice[t] == c;
        }
        if (count > most) {
            most = count;
            often = c;
        }
    }
    mien_string_addf(text, " %s most often %s (%.0f %% of the moments)", target->name,
        target->classes[often], 100 * (double)most / (double)track->count);
}

/* "20 moments from 0 to 9.6 s; on average valence 3.08, arousal 3.31." */
static mien_status film_words(
    mien_page *page, const cli_track *track, const cli_tracks *tracks) {
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%lld moments from %.4g to %.4g s%s%s;",
        (long long)track->count, track->moments[0].start_s,
        track->moments[track->count - 1].end_s, tracks->sampling ? ", sampling: " : "",
        tracks->sampling ? tracks->sampling : "");
    bool averages = false;
    for (int t = 0; t < tracks->targets_count; t++) {
        mien_string_add(&text, t ? "," : "");
        if (tracks->targets[t].link != MIEN_LINK_VALUE) {
            choice_words(&text, track, &tracks->targets[t], t);
            averages = false;
            continue;
        }
        double sum = 0;
        for (int64_t i = 0; i < track->count; i++) {
            sum += track->moments[i].value[t];
        }
        mien_string_addf(&text, "%s %s %.2f", averages ? "" : " on average",
            tracks->targets[t].name, sum / (double)track->count);
        averages = true;
    }
    mien_string_add(&text, ".");
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = mien_page_paragraph(page, text.text);
    }
    mien_string_clear(&text);
    return status;
}

/* The first two targets that are values; false where there are fewer. */
static bool two_values(const cli_tracks *tracks, int pair[2]) {
    int found = 0;
    for (int t = 0; t < tracks->targets_count && found < 2; t++) {
        if (tracks->targets[t].link == MIEN_LINK_VALUE) {
            pair[found++] = t;
        }
    }
    return found == 2;
}

/* The first value against the second, where there are two. text is scratch. */
static mien_status scatter_figure(mien_page *page, const cli_tracks *tracks,
    const char *title, const double *x, const double *y, const char *const *labels,
    int64_t count, bool is_path, mien_string *text) {
    char x_name[TEXT_MAX], y_name[TEXT_MAX];
    mien_figure_axis x_axis, y_axis;
    int pair[2];
    if (!two_values(tracks, pair)) {
        return MIEN_OK;
    }
    axis_of(&tracks->targets[pair[0]], x_name, &x_axis);
    axis_of(&tracks->targets[pair[1]], y_name, &y_axis);
    mien_string_empty(text);
    mien_status status = mien_figure_scatter(
        text, title, &x_axis, x, &y_axis, y, labels, count, false, is_path);
    return status == MIEN_OK ? mien_page_html(page, text->text) : status;
}

/* A single moment makes no line. */
static mien_status moment_section(mien_page *page, const cli_track *track,
    const cli_tracks *tracks, const mien_model *model) {
    mien_string html;
    mien_string_init(&html);
    mien_string_add(&html, "<div class=\"cards\">");
    picture_card(&html, track, tracks, model);
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

/* Columns of a film that its figures draw: times [n], then for each target value, low
 * and high [n] each, or its classes' shares [n, K]. */
typedef struct film_columns {
    double *all, *times;
    double *of[MIEN_TARGETS_MAX];
    mien_figure_series series[MIEN_TARGETS_MAX];
} film_columns;

static mien_status take_columns(
    film_columns *f, const cli_track *track, const cli_tracks *tracks) {
    size_t n = (size_t)track->count, numbers = 1;
    for (int t = 0; t < tracks->targets_count; t++) {
        int classes = tracks->targets[t].classes_count;
        numbers += classes ? (size_t)classes : 3;
    }
    f->all = mien_alloc(n * numbers, sizeof *f->all);
    if (!f->all) {
        return MIEN_ENOMEM;
    }
    f->times = f->all;
    double *v = f->all + n;
    for (size_t i = 0; i < n; i++) {
        f->times[i] = track->moments[i].start_s;
    }
    for (int t = 0; t < tracks->targets_count; t++) {
        const mien_target *target = &tracks->targets[t];
        size_t classes = (size_t)target->classes_count;
        f->of[t] = v;
        f->series[t] = (mien_figure_series){.name = target->name};
        if (classes > 0) {
            for (size_t i = 0; i < n; i++) {
                memcpy(v + i * classes, cli_track_shares(tracks, track, (int64_t)i, t),
                    classes * sizeof *v);
            }
            f->series[t].bands_count = target->classes_count;
            f->series[t].bands = target->classes;
            f->series[t].shares = v;
            v += n * classes;
            continue;
        }
        columns(track, t, v, v + n, v + 2 * n);
        f->series[t].value = v;
        f->series[t].low = v + n;
        f->series[t].high = v + 2 * n;
        f->series[t].minimum = target->minimum;
        f->series[t].maximum = target->maximum;
        if (track->effect) {
            f->series[t].effects_count = track->effects_count;
            f->series[t].effects = track->effects;
            f->series[t].effect =
                track->effect + (int64_t)t * track->count * track->effects_count;
        }
        v += 3 * n;
    }
    return MIEN_OK;
}

/* A series of a table has a name that is no file. */
static bool is_film(const char *path) {
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    return mien_file_size(path) > 0 && !mien_file_is_directory(path) &&
           mien_media_kind_of(path, &kind) == MIEN_OK && kind == MIEN_MEDIA_FILM;
}

static mien_status film_section(mien_page *page, const cli_track *track,
    const cli_tracks *tracks, const mien_model *model) {
    if (track->count == 1) {
        return moment_section(page, track, tracks, model);
    }
    film_columns f = {0};
    cli_film_scene scene = {0};
    int pair[2];
    mien_string svg;
    mien_string_init(&svg);
    mien_status status = take_columns(&f, track, tracks);
    if (status == MIEN_OK && is_film(track->input)) {
        status = cli_film_scene_read(track->input, &scene);
    }
    if (status == MIEN_OK) {
        status = mien_page_heading(page, mien_path_base(track->input));
    }
    if (status == MIEN_OK) {
        status = film_words(page, track, tracks);
    }
    if (status == MIEN_OK) {
        status = mien_figure_timeline_of_film(&svg, "Over time", f.times, track->count,
            f.series, tracks->targets_count, track->thumbnails, track->thumbnails_count,
            &scene.figure);
    }
    if (status == MIEN_OK) {
        status = mien_page_html(page, svg.text);
    }
    if (status == MIEN_OK && two_values(tracks, pair)) {
        status = scatter_figure(page, tracks, "The film's path", f.of[pair[0]],
            f.of[pair[1]], NULL, track->count, true, &svg);
    }
    cli_film_scene_clear(&scene);
    mien_string_clear(&svg);
    mien_free(f.all);
    return status;
}

static mien_status pictures_section(
    mien_page *page, const cli_tracks *tracks, const mien_model *model) {
    int64_t n = 0;
    int pair[2] = {0, 0};
    bool two = two_values(tracks, pair);
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
                picture_card(&html, track, tracks, model);
            }
            xy[n] = track->moments[0].value[pair[0]];
            xy[tracks->count + n] = track->moments[0].value[pair[1]];
            labels[n++] = mien_path_base(track->input);
        }
    }
    mien_string_add(&html, "</div>");
    if (n > CARDS_MAX) {
        mien_string_addf(&html, "<p class=\"note\">The first %d of %lld%s.</p>",
            CARDS_MAX, (long long)n, two ? "; the figure has all" : "");
    }
    if (n == 0) {
        goto done;
    }
    bool pictures = mien_model_preprocess(model) != NULL;
    status = mien_page_heading(page, pictures ? "Pictures" : "Rows");
    if (status == MIEN_OK) {
        status = mien_page_html(page, html.text);
    }
    if (status == MIEN_OK && n > 1) {
        status = scatter_figure(page, tracks, "The pictures together", xy,
            xy + tracks->count, labels, n, false, &html);
    }
done:
    mien_string_clear(&html);
    mien_free(labels);
    mien_free(xy);
    return status;
}

static mien_status add_paragraph(mien_page *page, const mien_string *text) {
    mien_status status = mien_string_status(text);
    return status == MIEN_OK ? mien_page_paragraph(page, text->text) : status;
}

static bool has_where(const cli_tracks *tracks) {
    bool has = false;
    for (int64_t i = 0; i < tracks->count; i++) {
        has = has || tracks->items[i].where;
    }
    return has;
}

static bool has_effects(const cli_tracks *tracks) {
    bool has = false;
    for (int64_t i = 0; i < tracks->count; i++) {
        has = has || tracks->items[i].effect;
    }
    return has;
}

/* Tells the steps from a row to its prediction. */
static void add_way(mien_string *text, const mien_model *model) {
    const mien_architecture *a = &mien_model_network(model)->architecture;
    if (a->inputs_count == 1 && mien_model_preprocess(model)) {
        mien_string_add(text, "Each picture, or moment of a film, went through ");
        mien_string_addf(text,
            a->branches[0].weights_sha256[0]
                ? "%s (frozen, weights from ImageNet) and a read-out of its layers."
                : "a network trained on rated pictures (it began as %s, trained on "
                  "ImageNet).",
            mien_model_backbone(model));
        return;
    }
    mien_string_add(text, "Each row went through a network trained on rated trials, "
                          "which reads ");
    for (int i = 0; i < a->inputs_count; i++) {
        const char *join = i == 0 ? "" : i + 1 == a->inputs_count ? " and " : ", ";
        mien_string_add(text, join);
        mien_string_add(text, a->inputs[i].name);
    }
    mien_string_add(text, ".");
}

static mien_status what_was_done(
    mien_page *page, const mien_model *model, const cli_tracks *tracks) {
    bool values = false, classes = false;
    mien_string text;
    mien_string_init(&text);
    for (int t = 0; t < tracks->targets_count; t++) {
        bool value = tracks->targets[t].link == MIEN_LINK_VALUE;
        values = values || value;
        classes = classes || !value;
    }
    add_way(&text, model);
    if (values) {
        mien_string_add(&text,
            " A value is what raters would on average be expected to say they feel "
            "in such a trial, on the scale of the ratings the model learnt from. The "
            "band, and the range in brackets, is where 95 % of ratings lay around "
            "predictions of what was held out in training.");
    }
    if (has_effects(tracks)) {
        mien_string_add(&text,
            " Below a value stands what each input adds at that moment: the prediction "
            "minus what it is without the input, or with its mean over the film where "
            "the model cannot do without.");
    }
    if (has_where(tracks)) {
        mien_string_add(&text,
            " Over a picture stands what its parts add: a quarter by a quarter of what "
            "the network sees was covered with the mean colour at 49 places; where the "
            "value then falls, the part raises it (orange), where it rises, the part "
            "lowers it (blue), of classes the probability of the class chosen. It "
            "shows what the model reacts to, not what a person looks at.");
    }
    if (classes) {
        mien_string_add(&text,
            " A share of a class is how probable the model holds the label that raters "
            "would give; the bands of all classes fill the height together.");
    }
    mien_string_add(&text, " None of this measures what one person feels");
    mien_string_add(
        &text, mien_model_preprocess(model) ? ", and sound is not heard." : ".");
    mien_status status = mien_page_heading(page, "What was done");
    if (status == MIEN_OK) {
        status = add_paragraph(page, &text);
    }
    if (status == MIEN_OK && mien_model_citation(model)[0]) {
        status = mien_page_paragraph(page, mien_model_citation(model));
    }
    mien_string_clear(&text);
    return status;
}

/* "Predicted valence and emotion" */
static mien_status page_title(const cli_tracks *tracks, mien_string *title) {
    int count = tracks->targets_count;
    mien_string_add(title, "Predicted");
    for (int t = 0; t < count; t++) {
        const char *join = t == 0 ? " " : t == count - 1 ? " and " : ", ";
        mien_string_addf(title, "%s%s", join, tracks->targets[t].name);
    }
    return mien_string_status(title);
}

mien_status cli_predict_report(const cli_tracks *tracks, const mien_model *model,
    const char *const *problems, int64_t problems_count, const char *path) {
    mien_page *page = NULL;
    mien_string title;
    char name[TEXT_MAX];
    model_name(model, name);
    mien_string_init(&title);
    mien_status status = page_title(tracks, &title);
    if (status == MIEN_OK) {
        status = mien_page_new(title.text, name, &page);
    }
    mien_string_clear(&title);
    if (status == MIEN_OK) {
        status = cli_predict_words(page, model, tracks);
    }
    for (int64_t i = 0; status == MIEN_OK && i < tracks->count; i++) {
        if (tracks->items[i].film) {
            status = film_section(page, &tracks->items[i], tracks, model);
        }
    }
    if (status == MIEN_OK) {
        status = pictures_section(page, tracks, model);
    }
    for (int64_t i = 0; status == MIEN_OK && i < problems_count; i++) {
        status = i == 0 ? mien_page_heading(page, "Not read") : MIEN_OK;
        if (status == MIEN_OK) {
            status = mien_page_paragraph(page, problems[i]);
        }
    }
    if (status == MIEN_OK) {
        status = what_was_done(page, model, tracks);
    }
    if (status == MIEN_OK) {
        status = mien_page_write(page, path);
    }
    mien_page_free(&page);
    return status;
}
