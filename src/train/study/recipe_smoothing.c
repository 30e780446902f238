/* SPDX-License-Identifier: MIT */
/* How a study smooths what it predicts along each series. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/signal.h"
#include "train/study/study.h"

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
                  r->folds == MIEN_FOLDS_CLASS_SHARE || r->folds == MIEN_FOLDS_CROSSED;
    bool split = r->validation == MIEN_VALIDATION_ROWS;
    if ((!context && s->smoothing == MIEN_SMOOTHING_NONE) || (!singly && !split)) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EFORMAT, "%s: %s: %s needs whole groups in one part; %s",
        mien_study_where(s, singly ? "folds.rule" : "validation.rule", where),
        singly ? "folds.rule" : "validation.rule", context ? "context" : "smoothing",
        singly ? "hold out groups of a column (leave-one-group-out)"
               : "take validation.rule: groups");
}

mien_status mien_recipe_smoothing(mien_study *study) {
    mien_study *s = study;
    static const char *const rules[] = {"none", "mean", "butterworth"};
    char where[MIEN_STUDY_WHERE_MAX];
    const char *given = mien_options_text(s->options, "smoothing.candidates");
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
