/* SPDX-License-Identifier: MIT */
/* Checks a study's keys and makes values of them. */
#include "train/study/study_parts.h"

#include "train/study/recipe_backbone.h"
#include "train/trainers/trainer.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WHERE_MAX = MIEN_STUDY_WHERE_MAX };

/* Cuts the newline-joined items of a list key, trimmed, into at most `most` new
 * strings. */
static mien_status take_items(
    const mien_study *s, const char *key, char **items, int most, int *count) {
    const char *text = mien_options_text(s->options, key);
    char where[WHERE_MAX];
    *count = 0;
    while (text && (*text || *count > 0)) { /* "" alone is none */
        size_t length = strcspn(text, "\n");
        const char *next = text[length] ? text + length + 1 : NULL;
        while (length && isspace((unsigned char)*text)) {
            text++;
            length--;
        }
        while (length && isspace((unsigned char)text[length - 1])) {
            length--;
        }
        if (*count == most || length == 0) {
            return length ? mien_fail(MIEN_EFORMAT, "%s: %s: more than %d items",
                                mien_study_where(s, key, where), key, most)
                          : mien_fail(MIEN_EFORMAT, "%s: %s: an empty item",
                                mien_study_where(s, key, where), key);
        }
        items[*count] = mien_strndup(text, length);
        if (!items[*count]) {
            return MIEN_ENOMEM;
        }
        ++*count;
        text = next;
    }
    return MIEN_OK;
}

/* An item that stands twice would be counted twice in every choice. */
static mien_status check_items(
    const mien_study *s, const char *key, char *const *items, int count) {
    char where[WHERE_MAX];
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < i; k++) {
            if (strcmp(items[i], items[k]) == 0) {
                return mien_fail(MIEN_EFORMAT, "%s: %s: \"%s\" stands there twice",
                    mien_study_where(s, key, where), key, items[i]);
            }
        }
    }
    return MIEN_OK;
}

static mien_status need_items(const mien_study *s, const char *key, int count) {
    char where[WHERE_MAX];
    return count > 0 ? MIEN_OK
                     : mien_fail(MIEN_EFORMAT, "%s: %s: at least one is wanted",
                           mien_study_where(s, key, where), key);
}

mien_status mien_study_items(
    const mien_study *study, const char *key, char **items, int most, int *count) {
    mien_status status = take_items(study, key, items, most, count);
    return status == MIEN_OK ? check_items(study, key, items, *count) : status;
}

static mien_status take_layers(mien_study *s) {
    mien_status status = take_items(
        s, "readout.layers", s->layers, MIEN_STUDY_LAYERS_MAX, &s->layers_count);
    if (status == MIEN_OK) {
        status = need_items(s, "readout.layers", s->layers_count);
    }
    return status == MIEN_OK
               ? check_items(s, "readout.layers", s->layers, s->layers_count)
               : status;
}

static mien_status take_targets(mien_study *s) {
    mien_status status =
        take_items(s, "targets", s->targets, MIEN_TARGETS_MAX, &s->targets_count);
    return status == MIEN_OK ? check_items(s, "targets", s->targets, s->targets_count)
                             : status;
}

static mien_status take_gammas(mien_study *s) {
    char *items[MIEN_STUDY_GAMMAS_MAX] = {0}, where[WHERE_MAX];
    int count = 0;
    mien_status status =
        take_items(s, "readout.gamma", items, MIEN_STUDY_GAMMAS_MAX, &count);
    if (status == MIEN_OK) {
        status = need_items(s, "readout.gamma", count);
    }
    if (status == MIEN_OK) {
        status = check_items(s, "readout.gamma", items, count);
    }
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        if (!mien_parse_number(items[i], &s->gammas[i]) || !(s->gammas[i] >= 0) ||
            s->gammas[i] > 100) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: readout.gamma: \"%s\" is not a number from 0 to 100",
                mien_study_where(s, "readout.gamma", where), items[i]);
        }
        s->gammas_count++;
    }
    for (int i = 0; i < count; i++) {
        mien_free(items[i]);
    }
    return status;
}

static mien_status take_lambdas(mien_study *s) {
    double low = mien_options_number(s->options, "readout.lambda.smallest");
    double high = mien_options_number(s->options, "readout.lambda.largest");
    int steps = (int)mien_options_int(s->options, "readout.lambda.steps");
    if (high < low) {
        char where[WHERE_MAX];
        return mien_fail(MIEN_EFORMAT,
            "%s: readout.lambda.largest: %g is below readout.lambda.smallest, %g",
            mien_study_where(s, "readout.lambda.largest", where), high, low);
    }
    for (int i = 0; i < steps; i++) {
        s->lambdas[i] =
            steps > 1 ? low * pow(high / low, (double)i / (steps - 1)) : low;
    }
    s->lambdas_count = steps;
    return MIEN_OK;
}

/* Fits that a study may ask for. */
static const struct {
    const char *name;
    mien_picture_fit fit;
} fits[] = {
    {"short", MIEN_FIT_SHORT}, {"squash", MIEN_FIT_SQUASH}, {"pad", MIEN_FIT_PAD}};
enum { FITS = sizeof fits / sizeof *fits, SIZE = 256 };

static mien_status set_default(mien_study *s, const char *key, const char *text) {
    return mien_options_text(s->options, key)
               ? MIEN_OK
               : mien_options_set(s->options, s->path, key, text);
}

/* Fills in the preprocessing that the study leaves open, as the backbone was
 * trained. Sizes are of a short side only where there is one. */
static mien_status default_picture(mien_study *s) {
    const mien_preprocess p = s->backbone->preprocess();
    const struct {
        const char *key;
        int value;
    } sizes[] = {{"picture.size", p.size ? p.size : SIZE},
        {"picture.height", p.crop_height}, {"picture.width", p.crop_width}};
    const char *fit = fits[0].name;
    for (int i = 0; i < FITS; i++) {
        fit = fits[i].fit == p.fit ? fits[i].name : fit;
    }
    mien_status status = set_default(s, "picture.fit", fit);
    if (status == MIEN_OK) {
        status = set_default(s, "picture.resize", mien_resize_name(p.resize));
    }
    if (status == MIEN_OK) {
        status = set_default(s, "picture.colour", mien_preprocess_order(&p));
    }
    for (int i = 0; status == MIEN_OK && i < 3; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", sizes[i].value);
        status = set_default(s, sizes[i].key, text);
    }
    return status;
}

static mien_status take_picture(mien_study *s) {
    if (!s->backbone) {
        return MIEN_OK;
    }
    mien_preprocess *p = &s->preprocess;
    *p = s->backbone->preprocess();
    mien_status status = default_picture(s);
    if (status != MIEN_OK) {
        return status;
    }
    for (int i = 0; i < FITS; i++) {
        if (strcmp(mien_options_text(s->options, "picture.fit"), fits[i].name) == 0) {
            p->fit = fits[i].fit;
        }
    }
    p->bgr = strcmp(mien_options_text(s->options, "picture.colour"), "bgr") == 0;
    p->grey = strcmp(mien_options_text(s->options, "picture.colour"), "grey") == 0;
    p->size = (int)mien_options_int(s->options, "picture.size");
    p->crop_height = (int)mien_options_int(s->options, "picture.height");
    p->crop_width = (int)mien_options_int(s->options, "picture.width");
    status =
        mien_resize_parse(mien_options_text(s->options, "picture.resize"), &p->resize);
    if (status == MIEN_OK) {
        status = mien_preprocess_check(p);
    }
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", s->path);
    }
    int smaller = p->crop_height < p->crop_width ? p->crop_height : p->crop_width;
    if (p->fit == MIEN_FIT_SHORT && p->size < smaller) {
        char where[WHERE_MAX];
        return mien_fail(MIEN_EFORMAT,
            "%s: picture.size: %d is less than the crop of %d x %d: every picture "
            "would "
            "have a black border",
            mien_study_where(s, "picture.size", where), p->size, p->crop_height,
            p->crop_width);
    }
    return MIEN_OK;
}

static mien_status take_backbone(mien_study *s) {
    char where[WHERE_MAX];
    if (s->preset || !(s->pictured || s->inputs_tree)) {
        return MIEN_OK;
    }
    mien_status status = mien_recipe_backbone(
        s, mien_options_text(s->options, "backbone.name"), &s->backbone);
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "%s: backbone.name",
                                   mien_study_where(s, "backbone.name", where));
}

/* Reads the figures that a network is watched by. */
static mien_status take_watch(mien_study *s) {
    char *items[2] = {0}, where[WHERE_MAX];
    int count = 0;
    mien_status status = take_items(s, "watch", items, 2, &count);
    status = status ? status : check_items(s, "watch", items, count);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        if (strcmp(items[i], "training") != 0 && strcmp(items[i], "test") != 0) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: watch: \"%s\" is neither training nor test",
                mien_study_where(s, "watch", where), items[i]);
        }
    }
    mien_free(items[0]);
    mien_free(items[1]);
    return status;
}

/* A text that the model's contract has room for. */
static mien_status check_length(const mien_study *s, const char *key, size_t room) {
    char where[WHERE_MAX];
    return strlen(mien_options_text(s->options, key)) < room
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT, "%s: %s: longer than %zu bytes",
                     mien_study_where(s, key, where), key, room - 1);
}

static mien_status take_trials(mien_study *s) {
    const char *trials = mien_options_text(s->options, "trials");
    if (!trials || !*trials) {
        return mien_fail(MIEN_EFORMAT,
            "%s: the key \"trials\" is missing: the trial table to learn from",
            s->path);
    }
    s->trials = mien_path_join(s->folder, trials);
    return s->trials ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status take_texts(mien_study *s) {
    mien_network *room = NULL;
    mien_status status = check_length(s, "model.licence", sizeof room->licence);
    return status == MIEN_OK ? check_length(s, "model.citation", sizeof room->citation)
                             : status;
}

/* Where a key that has no say here would have one. */
static const char *place_of(const mien_study *s, const char *key) {
    static const char *const methods[][2] = {{"readout", "only with method: readout"},
        {"network", "only with method: network"},
        {"logistic", "only with method: logistic"},
        {"trees", "only with method: trees"}, {"ridge", "only with method: ridge"},
        {"best", "only with method: best"}, {"person", "only with method: person"}};
    bool steps = s->trainer->can & MIEN_TRAINS_BY_STEPS;
    mien_study other = *s;
    if (strncmp(key, "folds.", 6) == 0 && !(s->trainer->can & MIEN_TRAINS_PEOPLE)) {
        return "only with folds.rule: crossed";
    }
    if (s->trainer->can & MIEN_TRAINS_PEOPLE) {
        return "not with method: person";
    }
    if (s->preset && strncmp(key, "fusion.", 7) == 0) {
        return "only where inputs is a map (NAME: {kind: KIND}); columns of features "
               "in a "
               "list are joined by model.name";
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        other.trainer = mien_trainer_of(methods[i][0]);
        if (mien_study_key_of(key, &other)) {
            return methods[i][1];
        }
    }
    other = *s;
    other.pictured = true;
    other.preset = false;
    other.inputs_count = 0;
    if (steps && mien_study_key_of(key, &other)) {
        return "only of studies on pictures; this one has inputs of features";
    }
    if (steps && s->pictured && s->inputs_count > 0) {
        return "only of studies on features alone; this one has pictures among its "
               "inputs";
    }
    return steps ? "only of studies with the key inputs"
                 : "only with method: network and the key inputs";
}

static mien_status take_method(mien_study *s) {
    char where[WHERE_MAX];
    s->trainer = mien_trainer_of(mien_options_text(s->options, "method"));
    const char *inputs = mien_options_text(s->options, "inputs");
    bool named = (inputs && *inputs) || s->inputs_tree;
    if (s->trainer->learner == &mien_learner_best) {
        return mien_recipe_best(s);
    }
    return named && mien_trainer_kernels(s->trainer)
               ? mien_fail(MIEN_EFORMAT,
                     "%s: inputs: only with method: network, logistic, trees, ridge or "
                     "best",
                     mien_study_where(s, "inputs", where))
               : MIEN_OK;
}

/* Refuses keys that this study would ignore; accepting them silently would mislead. */
static mien_status check_keys(mien_study *s) {
    char where[WHERE_MAX];
    for (int i = 0; mien_study_keys[i].name; i++) {
        const char *key = mien_study_keys[i].name;
        if (s->lines[i] && !mien_study_key_of(key, s)) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: %s",
                mien_study_where(s, key, where), key, place_of(s, key));
        }
    }
    return MIEN_OK;
}

/* Refuses a key under "model" or "fusion" that is neither a key nor an option of the
 * preset or fusion: it would be a slip. */
static mien_status check_extras(mien_study *s) {
    char where[WHERE_MAX];
    for (int i = 0; i < s->extras; i++) {
        const mien_study_extra *e = &s->extra[i];
        int section = mien_recipe_section(e->key);
        if ((section == MIEN_RECIPE_MODEL && !s->preset) ||
            (section == MIEN_RECIPE_FUSION && s->preset)) {
            snprintf(
                where, sizeof where, e->line < 0 ? "--set" : "%s:%d", s->path, e->line);
            s->bad_set = e->line < 0;
            return mien_options_set(s->options, where, e->key, "");
        }
    }
    return MIEN_OK;
}

/* Refuses options of losses and optimiser for a trainer that fits at once: it has
 * neither. */
static mien_status take_recipe(mien_study *s) {
    if (s->trainer->can & MIEN_TRAINS_BY_STEPS) {
        return mien_recipe_take(s);
    }
    bool fitted = s->trainer->learner != NULL;
    for (int i = 0; i < s->extras; i++) {
        int section = mien_recipe_section(s->extra[i].key);
        if (section != MIEN_RECIPE_SEARCH &&
            (!fitted || section != MIEN_RECIPE_FUSION)) {
            return mien_fail(MIEN_EFORMAT, "%s:%d: %s: only with method: network",
                s->path, s->extra[i].line, s->extra[i].key);
        }
    }
    mien_status status = mien_recipe_folds(s);
    if (status == MIEN_OK && fitted) {
        status = mien_recipe_heads(s);
    }
    if (status == MIEN_OK) {
        status = mien_recipe_architecture(s);
    }
    return status == MIEN_OK && fitted ? mien_recipe_smoothing(s) : status;
}

mien_status mien_study_take(mien_study *s) {
    static mien_status (*const takers[])(mien_study *) = {mien_recipe_search,
        take_method, mien_recipe_inputs, check_keys, check_extras, take_trials,
        take_backbone, take_targets, take_layers, take_gammas, take_lambdas,
        take_picture, take_watch, take_texts, take_recipe};
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof takers / sizeof *takers; i++) {
        status = takers[i](s);
    }
    return status;
}
