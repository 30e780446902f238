/* SPDX-License-Identifier: MIT */
/* From the keys of a study to the recipe of a network. */
#include "train/study/recipe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/study/study.h"

static const char *const sections[MIEN_RECIPE_SECTIONS] = {
    [MIEN_RECIPE_NUMBERS] = "loss.numbers",
    [MIEN_RECIPE_CLASSES] = "loss.classes",
    [MIEN_RECIPE_OPTIMISER] = "optimiser",
    [MIEN_RECIPE_SCHEDULE] = "schedule",
    [MIEN_RECIPE_MODEL] = "model",
    [MIEN_RECIPE_FUSION] = "fusion",
    [MIEN_RECIPE_SEARCH] = "search"};

const char *mien_recipe_section_name(int section) {
    return sections[section];
}

int mien_recipe_section(const char *key) {
    for (int i = 0; i < MIEN_RECIPE_SECTIONS; i++) {
        size_t length = strlen(sections[i]);
        if (strncmp(key, sections[i], length) == 0 && key[length] == '.' &&
            key[length + 1] && !strchr(key + length + 1, '.')) {
            return i;
        }
    }
    return -1;
}

void mien_recipe_clear(mien_recipe *recipe) {
    for (int i = 0; i < MIEN_RECIPE_PATTERNS_MAX; i++) {
        mien_free(recipe->what[i]);
        mien_free(recipe->rate[i].pattern);
        mien_free(recipe->decay[i].pattern);
        mien_free(recipe->initial[i].pattern);
        mien_free(recipe->initial[i].value);
        mien_free(recipe->load[i].pattern);
        mien_free(recipe->load[i].value);
    }
    for (int i = 0; i < MIEN_RECIPE_SECTIONS; i++) {
        mien_options_free(&recipe->given[i]);
    }
    for (int i = 0; i < MIEN_SAMPLER_FACTORS; i++) {
        mien_free(recipe->sampler_by[i]);
    }
    mien_augment_free(&recipe->augment);
}

static mien_status refuse(const mien_study *s, mien_status status, const char *key) {
    char where[MIEN_STUDY_WHERE_MAX];
    return mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EFORMAT, "%s: %s",
        mien_study_where(s, key, where), key);
}

/* ---- rows with options of their own ------------------------------------------- */

static const mien_option none[] = {{0}};

static mien_status set_extra(
    mien_study *s, const mien_study_extra *extra, int section) {
    char where[MIEN_STUDY_WHERE_MAX + 64];
    const char *name = extra->key + strlen(sections[section]) + 1;
    if (extra->line < 0) {
        snprintf(where, sizeof where, "--set: %s", sections[section]);
    } else {
        snprintf(
            where, sizeof where, "%s:%d: %s", s->path, extra->line, sections[section]);
    }
    mien_status status =
        mien_options_set(s->recipe.given[section], where, name, extra->text);
    s->bad_set = status == MIEN_EINVAL && extra->line < 0;
    return status;
}

mien_status mien_recipe_options(
    mien_study *study, int section, const mien_option *table) {
    mien_study *s = study;
    mien_recipe *r = &s->recipe;
    r->table[section] = table ? table : none;
    mien_status status = mien_options_new(r->table[section], &r->given[section]);
    for (int i = 0; status == MIEN_OK && i < s->extras; i++) {
        if (mien_recipe_section(s->extra[i].key) == section) {
            status = set_extra(s, &s->extra[i], section);
        }
    }
    return status;
}

static const char *text_of(const mien_study *s, const char *key) {
    return mien_options_text(s->options, key);
}

static mien_status take_loss(
    mien_study *s, const char *key, bool of_classes, const mien_loss **loss) {
    *loss = mien_loss_find(text_of(s, key));
    if (!*loss) {
        return refuse(s, MIEN_ENOTFOUND, key);
    }
    if ((*loss)->of_classes != of_classes) {
        char where[MIEN_STUDY_WHERE_MAX];
        return mien_fail(MIEN_EFORMAT, "%s: %s: %s is a loss of %s",
            mien_study_where(s, key, where), key, (*loss)->name,
            of_classes ? "numbers" : "classes");
    }
    return mien_recipe_options(
        s, of_classes ? MIEN_RECIPE_CLASSES : MIEN_RECIPE_NUMBERS, (*loss)->options);
}

/* Options of a row depend on each other in ways that its table does not say: a trial
 * object is made of them, so that nothing is opened for a study that cannot be. */
static mien_status try_optimiser(mien_study *s) {
    mien_recipe *r = &s->recipe;
    float value = 0, gradient = 0;
    const mien_trainable row = {"", &value, &gradient, 1, 1, 1};
    mien_optimiser_setup setup = {
        .clip_value = mien_options_number(s->options, "clip.value"),
        .clip_norm = mien_options_number(s->options, "clip.norm")};
    mien_trainables *trainables = NULL;
    mien_optimiser *optimiser = NULL;
    mien_status status = mien_trainables_new(&row, 1, NULL, &trainables);
    if (status == MIEN_OK) {
        status = mien_optimiser_new(
            r->optim, r->given[MIEN_RECIPE_OPTIMISER], &setup, trainables, &optimiser);
    }
    mien_optimiser_free(&optimiser);
    mien_trainables_free(&trainables);
    return status == MIEN_OK ? status : refuse(s, status, "optimiser.name");
}

static mien_status try_schedule(mien_study *s) {
    mien_recipe *r = &s->recipe;
    mien_scheduler_setup setup = {
        .rate = mien_options_number(s->options, "optimiser.rate"),
        .steps = INT32_MAX,
        .steps_per_epoch = 1,
        .warmup = mien_options_int(s->options, "schedule.warmup"),
        .warmup_start = mien_options_number(s->options, "schedule.warmup-start")};
    mien_scheduler *scheduler = NULL;
    mien_status status = mien_scheduler_new(
        r->schedule, r->given[MIEN_RECIPE_SCHEDULE], &setup, &scheduler);
    mien_scheduler_free(&scheduler);
    return status == MIEN_OK ? status : refuse(s, status, "schedule.name");
}

static mien_status take_rows(mien_study *s) {
    mien_recipe *r = &s->recipe;
    mien_status status = take_loss(s, "loss.numbers.name", false, &r->numbers);
    if (status == MIEN_OK) {
        status = take_loss(s, "loss.classes.name", true, &r->classes);
    }
    if (status != MIEN_OK) {
        return status;
    }
    r->optim = mien_optim_find(text_of(s, "optimiser.name"));
    if (!r->optim) {
        return refuse(s, MIEN_ENOTFOUND, "optimiser.name");
    }
    r->schedule = mien_schedule_find(text_of(s, "schedule.name"));
    if (!r->schedule) {
        return refuse(s, MIEN_ENOTFOUND, "schedule.name");
    }
    status = mien_recipe_options(s, MIEN_RECIPE_OPTIMISER, r->optim->options);
    if (status == MIEN_OK) {
        status = mien_recipe_options(s, MIEN_RECIPE_SCHEDULE, r->schedule->options);
    }
    if (status == MIEN_OK) {
        status = try_optimiser(s);
    }
    return status == MIEN_OK ? try_schedule(s) : status;
}

/* ---- lists --------------------------------------------------------------------- */

static void free_items(char **items, int count) {
    for (int i = 0; i < count; i++) {
        mien_free(items[i]);
    }
}

/* Numbers of a list in a range; repeats are allowed. */
mien_status mien_study_numbers(const mien_study *study, const char *key, double minimum,
    double maximum, bool whole, double *numbers, int most, int *count) {
    const mien_study *s = study;
    const char *text = text_of(s, key);
    char where[MIEN_STUDY_WHERE_MAX], item[64];
    *count = 0;
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        double x = NAN;
        snprintf(item, sizeof item, "%.*s", (int)length, text);
        bool good = length < sizeof item && mien_parse_number(item, &x) &&
                    x >= minimum && x <= maximum && (!whole || x == floor(x));
        if (!good || *count == most) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: \"%s\" is not one of up to %d %snumbers from %g to %g",
                mien_study_where(s, key, where), key, item, most, whole ? "whole " : "",
                minimum, maximum);
        }
        numbers[(*count)++] = x;
        text += length + (text[length] == '\n');
    }
    return MIEN_OK;
}

/* "layer4.* = 0.1" */
static mien_status take_factors(
    const mien_study *s, const char *key, mien_recipe_factor *factors, int *count) {
    char *items[MIEN_RECIPE_PATTERNS_MAX] = {0}, where[MIEN_STUDY_WHERE_MAX];
    int n = 0;
    mien_status status = mien_study_items(s, key, items, MIEN_RECIPE_PATTERNS_MAX, &n);
    for (int i = 0; status == MIEN_OK && i < n; i++) {
        char *equals = strrchr(items[i], '=');
        double x = NAN;
        char *number = equals ? equals + 1 + strspn(equals + 1, " ") : NULL;
        if (!equals || !mien_parse_number(number, &x) || !(x >= 0 && x <= 1e6)) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: %s: \"%s\" is not of the form PATTERN = FACTOR, with a factor "
                "from 0 to 1e6",
                mien_study_where(s, key, where), key, items[i]);
            break;
        }
        size_t length = (size_t)(equals - items[i]);
        while (length && items[i][length - 1] == ' ') {
            length--;
        }
        factors[i] = (mien_recipe_factor){mien_strndup(items[i], length), x};
        *count = i + 1;
        status = factors[i].pattern ? MIEN_OK : MIEN_ENOMEM;
    }
    free_items(items, n);
    return status;
}

/* "head.* = zero" */
static mien_status take_choices(
    const mien_study *s, const char *key, mien_recipe_choice *choices, int *count) {
    char *items[MIEN_RECIPE_PATTERNS_MAX] = {0}, where[MIEN_STUDY_WHERE_MAX];
    int n = 0;
    mien_status status = mien_study_items(s, key, items, MIEN_RECIPE_PATTERNS_MAX, &n);
    for (int i = 0; status == MIEN_OK && i < n; i++) {
        char *equals = strchr(items[i], '=');
        size_t length = equals ? (size_t)(equals - items[i]) : 0;
        while (length && items[i][length - 1] == ' ') {
            length--;
        }
        char *value = equals ? equals + 1 + strspn(equals + 1, " ") : NULL;
        if (!length || !value || !*value) {
            status = mien_fail(MIEN_EFORMAT, "%s: %s: \"%s\" is not of the form %s",
                mien_study_where(s, key, where), key, items[i],
                strcmp(key, "train.load") == 0 ? "PATTERN = FILE" : "PATTERN = RULE");
            break;
        }
        choices[i] =
            (mien_recipe_choice){mien_strndup(items[i], length), mien_strdup(value)};
        *count = i + 1;
        status = choices[i].pattern && choices[i].value ? MIEN_OK : MIEN_ENOMEM;
    }
    free_items(items, n);
    return status;
}

static mien_status take_initials(mien_study *s) {
    mien_recipe *r = &s->recipe;
    mien_status status = take_choices(s, "train.initials", r->initial, &r->initials);
    for (int i = 0; status == MIEN_OK && i < r->initials; i++) {
        status = mien_initial_check(r->initial[i].value);
        status = status == MIEN_OK ? status : refuse(s, status, "train.initials");
    }
    return status == MIEN_OK ? take_choices(s, "train.load", r->load, &r->loads)
                             : status;
}

static mien_status take_lists(mien_study *s) {
    mien_recipe *r = &s->recipe;
    char where[MIEN_STUDY_WHERE_MAX];
    mien_status status = mien_study_items(
        s, "train.what", r->what, MIEN_RECIPE_PATTERNS_MAX, &r->what_count);
    if (status == MIEN_OK && r->what_count == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: train.what: at least one is wanted: head, last-block, all or a "
            "pattern",
            mien_study_where(s, "train.what", where));
    }
    if (status == MIEN_OK) {
        status = take_factors(s, "train.rates", r->rate, &r->rates);
    }
    if (status == MIEN_OK) {
        status = take_factors(s, "train.decays", r->decay, &r->decays);
    }
    if (status == MIEN_OK) {
        status = mien_study_items(
            s, "sampler.by", r->sampler_by, MIEN_SAMPLER_FACTORS, &r->sampler_by_count);
    }
    if (status == MIEN_OK) {
        status = mien_study_numbers(s, "loss.weights", 0, 1e6, false, r->loss_weight,
            MIEN_TARGETS_MAX, &r->loss_weights);
    }
    return status == MIEN_OK
               ? mien_study_numbers(s, "class-weights.values", 0, 1e6, false,
                     r->class_weight, MIEN_CLASSES_MAX, &r->class_weights)
               : status;
}

/* ---- the rest ------------------------------------------------------------------ */

static mien_status take_augment(mien_study *s) {
    char where[MIEN_STUDY_WHERE_MAX];
    const char *text = text_of(s, "augment");
    if (!text || !*text) {
        return MIEN_OK;
    }
    mien_status status = mien_augment_new(&s->recipe.augment);
    if (status == MIEN_OK) {
        status = mien_augment_parse(
            s->recipe.augment, mien_study_where(s, "augment", where), text);
    }
    if (status == MIEN_OK && mien_augment_mixes(s->recipe.augment) &&
        mien_architecture_steps(&s->recipe.architecture) > 1) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: augment: steps that mix rows mix single ones: leave them out, or "
            "context",
            mien_study_where(s, "augment", where));
    }
    mien_string whole;
    mien_string_init(&whole);
    if (status == MIEN_OK) {
        status = mien_augment_write(s->recipe.augment, &whole);
    }
    if (status == MIEN_OK) { /* every option of it written out */
        status = mien_options_set(s->options, where, "augment", whole.text);
    }
    mien_string_clear(&whole);
    return status;
}

/* Where a study does not say, crossed folds are of persons, and 4. */
static mien_status default_crossed(mien_study *s) {
    static const struct {
        const char *key, *text;
    } usual[] = {{"folds.by", "person"}, {"folds.k", "4"}};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        if (!mien_study_given(s, usual[i].key)) {
            status = mien_options_set(s->options, s->path, usual[i].key, usual[i].text);
        }
    }
    return status;
}

mien_status mien_recipe_folds(mien_study *study) {
    static const char *const validations[] = {"none", "rows", "groups", "first"};
    mien_study *s = study;
    mien_recipe *r = &s->recipe;
    mien_status status = mien_fold_rule_parse(text_of(s, "folds.rule"), &r->folds);
    bool alone = strcmp(text_of(s, "folds.by"), "none") == 0;
    if (status == MIEN_OK && r->folds == MIEN_FOLDS_GROUPS && alone) {
        r->folds = MIEN_FOLDS_ROWS;
    }
    if (status == MIEN_OK && r->folds == MIEN_FOLDS_CROSSED) {
        status = default_crossed(s);
    }
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        if (strcmp(text_of(s, "validation.rule"), validations[i]) == 0) {
            r->validation = (mien_validation_rule)i;
        }
    }
    return status;
}

static mien_status take_rules(mien_study *s) {
    mien_recipe *r = &s->recipe;
    char where[MIEN_STUDY_WHERE_MAX];
    mien_status status = mien_sampler_find(text_of(s, "sampler.name"), &r->sampler);
    if (status != MIEN_OK) {
        return refuse(s, status, "sampler.name");
    }
    if (mien_options_int(s->options, "stopping.patience") >= 0 &&
        r->validation == MIEN_VALIDATION_NONE && r->folds != MIEN_FOLDS_PRESCRIBED) {
        return mien_fail(MIEN_EFORMAT,
            "%s: stopping.patience: there are no rows to stop by: set validation.rule",
            mien_study_where(s, "stopping.patience", where));
    }
    if (strcmp(text_of(s, "class-weights.rule"), "given") == 0 && !r->class_weights) {
        return mien_fail(MIEN_EFORMAT,
            "%s: class-weights.values: the rule given needs a weight for each class",
            mien_study_where(s, "class-weights.values", where));
    }
    if (strcmp(text_of(s, "class-weights.rule"), "given") != 0 && r->class_weights) {
        return mien_fail(MIEN_EFORMAT,
            "%s: class-weights.values: they are only used by class-weights.rule: given",
            mien_study_where(s, "class-weights.values", where));
    }
    if (mien_options_int(s->options, "checkpoint.epochs") == 0 &&
        mien_options_number(s->options, "checkpoint.every") == 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: checkpoint.epochs: with 0 here, and checkpoint.every 0, nothing would "
            "ever be saved",
            mien_study_where(s, "checkpoint.epochs", where));
    }
    return MIEN_OK;
}

/* Refuses settings that change no weight (rate 0, all loss weights 0): the run would
 * end normally and teach nothing. */
static mien_status check_learns(mien_study *s) {
    const mien_recipe *r = &s->recipe;
    char where[MIEN_STUDY_WHERE_MAX];
    double sum = 0;
    for (int i = 0; i < r->loss_weights; i++) {
        sum += r->loss_weight[i];
    }
    if (mien_options_number(s->options, "optimiser.rate") == 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: optimiser.rate: with 0 nothing would be learnt",
            mien_study_where(s, "optimiser.rate", where));
    }
    return r->loss_weights == 0 || sum > 0
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: loss.weights: all are 0, so nothing would be learnt",
                     mien_study_where(s, "loss.weights", where));
}

static mien_status check_seeds(mien_study *s) {
    char where[MIEN_STUDY_WHERE_MAX];
    int64_t last = mien_options_int(s->options, "seed") +
                   mien_options_int(s->options, "seeds") - 1;
    return last <= UINT32_MAX
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: seeds: the last seed would be %lld, larger than 4294967295: "
                     "make seed smaller",
                     mien_study_where(s, "seeds", where), (long long)last);
}

mien_status mien_recipe_take(mien_study *study) {
    static mien_status (*const takers[])(mien_study *) = {take_lists, take_initials,
        take_rows, mien_recipe_architecture, take_augment, mien_recipe_folds,
        take_rules, check_learns, check_seeds, mien_recipe_smoothing};
    mien_status status = MIEN_OK;
    for (size_t i = 0; status == MIEN_OK && i < sizeof takers / sizeof *takers; i++) {
        status = takers[i](study);
    }
    return status;
}
