/* SPDX-License-Identifier: MIT */
/* From the keys of a study on features to its inputs, its network and its smoothing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/signal.h"
#include "train/study.h"

/* ---- inputs -------------------------------------------------------------------- */

static bool is_name(const char *name) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    mien_input *room = NULL;
    return strspn(name, allowed) == strlen(name) && strlen(name) < sizeof room->name &&
           strcmp(name, "mask") != 0;
}

mien_status mien_recipe_inputs(mien_study *study) {
    mien_study *s = study;
    char where[MIEN_STUDY_WHERE_MAX];
    mien_status status =
        mien_study_items(s, "inputs", s->inputs, MIEN_INPUTS_MAX, &s->inputs_count);
    for (int i = 0; status == MIEN_OK && i < s->inputs_count; i++) {
        const char *name = s->inputs[i];
        if (strcmp(name, "image") == 0) {
            return mien_fail(MIEN_EUNSUPPORTED,
                "%s: inputs: pictures are joined with other features as features: "
                "`mien extract` writes them, a column features.NAME points at them",
                mien_study_where(s, "inputs", where));
        }
        if (!is_name(name)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: inputs: \"%s\" is no name of a column features.NAME: letters, "
                "digits, _ and -, fewer than 64, and not mask",
                mien_study_where(s, "inputs", where), name);
        }
    }
    return status;
}

/* ---- network ------------------------------------------------------------------- */

static mien_status refuse(const mien_study *s, mien_status status, const char *key) {
    char where[MIEN_STUDY_WHERE_MAX];
    return mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EFORMAT, "%s: %s",
        mien_study_where(s, key, where), key);
}

static mien_status check_context(const mien_study *s, const mien_preset *kind) {
    char where[MIEN_STUDY_WHERE_MAX];
    static const char *const keys[] = {"context.before", "context.after"};
    for (int i = 0; i < 2; i++) {
        if (!kind->temporal && mien_options_int(s->options, keys[i]) > 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: %s looks at one row at a time; a temporal network looks at "
                "more (temporal_aan, mixed_aan)",
                mien_study_where(s, keys[i], where), keys[i], kind->name);
        }
    }
    return MIEN_OK;
}

/* Widths are known when the features are read; all else can be checked now. */
static mien_status take_inputs(mien_study *s, mien_architecture *a) {
    mien_status status = MIEN_OK;
    bool dropped = mien_options_number(s->options, "modality-dropout") > 0;
    *a = mien_architecture_default();
    a->context_before = (int)mien_options_int(s->options, "context.before");
    a->context_after = (int)mien_options_int(s->options, "context.after");
    a->outputs = 1;
    for (int i = 0; status == MIEN_OK && i < s->inputs_count; i++) {
        mien_input input;
        status = mien_input_features(s->inputs[i], 1, &input);
        if (status == MIEN_OK) {
            input.optional = dropped || mien_architecture_steps(a) > 1;
            input.standardise = mien_options_flag(s->options, "standardise");
            status = mien_architecture_add(a, &input);
        }
    }
    return status;
}

mien_status mien_recipe_network(mien_study *study) {
    mien_study *s = study;
    mien_architecture *a = &s->recipe.architecture;
    const mien_preset *kind = NULL;
    mien_status status =
        mien_preset_find(mien_options_text(s->options, "model.name"), &kind);
    if (status != MIEN_OK) {
        return refuse(s, status, "model.name");
    }
    status = check_context(s, kind);
    if (status == MIEN_OK) {
        status = mien_recipe_options(s, MIEN_RECIPE_MODEL, kind->options);
    }
    if (status != MIEN_OK) {
        return status;
    }
    status = take_inputs(s, a);
    if (status == MIEN_OK) {
        status =
            mien_architecture_preset(a, kind->name, s->recipe.given[MIEN_RECIPE_MODEL]);
    }
    if (status == MIEN_OK) {
        status = mien_recipe_try(a);
    }
    return status == MIEN_OK ? status : refuse(s, status, "model.name");
}

/* ---- smoothing ----------------------------------------------------------------- */

static mien_status set_usual(mien_study *s) {
    static const char *const means[] = {"0", "3", "5", "9", "15"};
    static const char *const cutoffs[] = {"0", "0.05", "0.1", "0.2", "0.4"};
    const char *const *usual = s->smoothing == MIEN_SMOOTHING_MEAN ? means : cutoffs;
    const char *given = mien_options_text(s->options, "smoothing.candidates");
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 5 && !(given && *given); i++) {
        status =
            mien_options_set(s->options, s->path, "smoothing.candidates", usual[i]);
    }
    return status;
}

static bool is_candidate(const mien_study *s, double x) {
    if (x == 0) {
        return true;
    }
    return s->smoothing == MIEN_SMOOTHING_MEAN
               ? x >= 1 && x <= 9999 && x == floor(x) && fmod(x, 2) == 1
               : x > 0 && x < 1;
}

static mien_status take_candidates(mien_study *s) {
    char *items[MIEN_STUDY_SMOOTHS_MAX] = {0}, where[MIEN_STUDY_WHERE_MAX];
    int count = 0;
    mien_status status = mien_study_items(
        s, "smoothing.candidates", items, MIEN_STUDY_SMOOTHS_MAX, &count);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        if (!mien_parse_number(items[i], &s->smooth[i]) ||
            !is_candidate(s, s->smooth[i])) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: smoothing.candidates: \"%s\" is neither 0 nor %s",
                mien_study_where(s, "smoothing.candidates", where), items[i],
                s->smoothing == MIEN_SMOOTHING_MEAN ? "an odd number of rows"
                                                    : "a cut-off between 0 and 1");
        }
        s->smooth_count = i + 1;
    }
    for (int i = 0; i < count; i++) {
        mien_free(items[i]);
    }
    return status;
}

/* Series and windows need groups whose rows stay together. */
static mien_status check_groups(const mien_study *s) {
    char where[MIEN_STUDY_WHERE_MAX];
    const mien_recipe *r = &s->recipe;
    bool context = mien_architecture_steps(&r->architecture) > 1;
    bool singly = strcmp(mien_options_text(s->options, "folds.by"), "none") == 0 ||
                  r->folds == MIEN_FOLDS_ROWS || r->folds == MIEN_FOLDS_STRATIFIED ||
                  r->folds == MIEN_FOLDS_CLASS_SHARE;
    bool split = r->validation == MIEN_VALIDATION_ROWS;
    if ((!context && s->smoothing == MIEN_SMOOTHING_NONE) || (!singly && !split)) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EFORMAT, "%s: %s: %s needs whole groups in one part; %s",
        mien_study_where(s, singly ? "folds.rule" : "validation.rule", where),
        singly ? "folds.rule" : "validation.rule", context ? "context" : "smoothing",
        singly ? "deal groups of a column (leave-one-group-out)"
               : "take validation.rule: groups");
}

mien_status mien_recipe_smoothing(mien_study *study) {
    mien_study *s = study;
    static const char *const rules[] = {"none", "mean", "butterworth"};
    char where[MIEN_STUDY_WHERE_MAX];
    const char *given = mien_options_text(s->options, "smoothing.candidates");
    if (s->kind != MIEN_STUDY_FEATURES) {
        return MIEN_OK;
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(mien_options_text(s->options, "smoothing.rule"), rules[i]) == 0) {
            s->smoothing = (mien_smoothing_rule)i;
        }
    }
    mien_status status = check_groups(s);
    if (status == MIEN_OK && s->smoothing == MIEN_SMOOTHING_NONE && given && *given) {
        return mien_fail(MIEN_EFORMAT,
            "%s: smoothing.candidates: only with a smoothing.rule",
            mien_study_where(s, "smoothing.candidates", where));
    }
    if (status != MIEN_OK || s->smoothing == MIEN_SMOOTHING_NONE) {
        return status;
    }
    status = set_usual(s);
    return status == MIEN_OK ? take_candidates(s) : status;
}
