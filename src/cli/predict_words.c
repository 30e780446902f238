/* SPDX-License-Identifier: MIT */
/* The first words of the page of `mien predict --report`: which scale, whose ratings,
 * how good the model was on what it had not seen, and what a moment of a film is. Comes
 * in: the model's contract; called by predict_report.c. */
#include "cli/predict_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *text_at(const mien_value *map, const char *key) {
    const char *text = mien_value_text(mien_value_get(map, key));
    return text ? text : "";
}

/* "valence from 1 to 7 (1 very negative to 7 very positive)", "emotion as one of 5
 * classes" */
static void add_scale(mien_string *text, const mien_target *target) {
    mien_string_add(text, target->name);
    if (target->link != MIEN_LINK_VALUE) {
        mien_string_addf(text, " as one of %d classes", target->classes_count);
        return;
    }
    mien_string_addf(text, " from %g to %g", target->minimum, target->maximum);
    if (target->unit[0]) {
        mien_string_addf(text, " (%s)", target->unit);
    }
}

static void add_scales(mien_string *text, const cli_tracks *tracks) {
    mien_string_add(text, "Predicted here: ");
    for (int t = 0; t < tracks->targets_count; t++) {
        const char *join = t == 0                           ? ""
                           : t == tracks->targets_count - 1 ? " and "
                                                            : ", ";
        mien_string_add(text, join);
        add_scale(text, &tracks->targets[t]);
    }
}

/* Tells whose ratings the model has learnt, and of what, from the contract's own
 * words. */
static void add_raters(mien_string *text, const mien_value *training) {
    const mien_value *first = mien_value_at(mien_value_get(training, "targets"), 0);
    const char *construct = text_at(first, "construct");
    const char *perspective = text_at(first, "perspective");
    mien_string_add(text, "; ");
    mien_string_add(text, strcmp(construct, "depicted") == 0
                              ? "what is shown, as rated "
                              : "what it makes people feel, as rated ");
    mien_string_add(text, strcmp(perspective, "individual") == 0
                              ? "by single people"
                              : "by people on average");
    const char *study = text_at(training, "study");
    int64_t rows =
        mien_value_int(mien_value_get(mien_value_get(training, "trials"), "rows"), 0);
    if (*study) {
        mien_string_addf(text, ", learnt by the study “%s”", study);
    }
    if (rows > 0) {
        mien_string_addf(text, " from %lld trials", (long long)rows);
    }
    mien_string_add(text, ". ");
}

static const mien_value *metric_of(const mien_value *target, const char *name) {
    const mien_value *list = mien_value_get(target, "metrics");
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        if (strcmp(text_at(mien_value_at(list, i), "name"), name) == 0) {
            return mien_value_at(list, i);
        }
    }
    return NULL;
}

/* "r = 0.66 [0.61, 0.71]": false where the contract does not know it. */
static bool add_figure(mien_string *text, const mien_value *metric, const char *name) {
    double value = mien_value_number(mien_value_get(metric, "value"), NAN);
    double low = mien_value_number(mien_value_get(metric, "low"), NAN);
    double high = mien_value_number(mien_value_get(metric, "high"), NAN);
    if (!isfinite(value)) {
        return false;
    }
    mien_string_addf(text, "%s %.2f", name, value);
    if (isfinite(low) && isfinite(high)) {
        mien_string_addf(text, " [%.2f, %.2f]", low, high);
    }
    return true;
}

static void add_quality(mien_string *text, const mien_value *training) {
    const mien_value *targets = mien_value_get(training, "targets");
    bool any = false;
    for (int64_t t = 0; t < mien_value_count(targets); t++) {
        const mien_value *target = mien_value_at(targets, t);
        const mien_value *r = metric_of(target, "r"),
                         *accuracy = metric_of(target, "accuracy");
        if (!isfinite(
                mien_value_number(mien_value_get(r ? r : accuracy, "value"), NAN))) {
            continue;
        }
        mien_string_add(
            text, any ? "; " : "On trials it had not seen (95 % intervals): ");
        mien_string_addf(text, "%s ", text_at(target, "name"));
        add_figure(text, r ? r : accuracy, r ? "r" : "accuracy");
        const mien_value *rmse = metric_of(target, "rmse");
        if (rmse) {
            mien_string_add(text, ", ");
            add_figure(text, rmse, "typical error (RMSE)");
        }
        any = true;
    }
    mien_string_add(text, any ? ". " : "");
}

/* The distance of a film's moments, where all films have one. */
static double every_of(const cli_tracks *tracks) {
    double every = NAN;
    for (int64_t i = 0; i < tracks->count; i++) {
        const cli_track *track = &tracks->items[i];
        if (track->film && track->count > 2) {
            double step = track->moments[1].start_s - track->moments[0].start_s;
            if (isfinite(every) && fabs(step - every) > 1e-3) {
                return NAN;
            }
            every = step;
        }
    }
    return every;
}

static void add_moments(
    mien_string *text, const mien_model *model, const cli_tracks *tracks) {
    bool films = false;
    for (int64_t i = 0; i < tracks->count; i++) {
        films = films || tracks->items[i].film;
    }
    if (!films || !mien_model_preprocess(model)) {
        return;
    }
    double every = every_of(tracks);
    mien_string_add(text, "A moment of a film is one still");
    if (tracks->sampling) {
        mien_string_addf(text, " (sampling: %s)", tracks->sampling);
    } else if (isfinite(every)) {
        mien_string_addf(text, ", every %.3g s", every);
    }
    mien_string_add(text, ": neither motion nor sound has a say.");
}

mien_status cli_predict_words(
    mien_page *page, const mien_model *model, const cli_tracks *tracks) {
    const mien_value *training = mien_value_get(mien_model_contract(model), "training");
    mien_string text;
    mien_string_init(&text);
    add_scales(&text, tracks);
    add_raters(&text, training);
    add_quality(&text, training);
    add_moments(&text, model, tracks);
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK) {
        status = mien_page_paragraph(page, text.text);
    }
    mien_string_clear(&text);
    return status;
}
