/* SPDX-License-Identifier: MIT */
/* From the keys of a study to the architecture of its network: inputs, a branch for
 * each, the fusion and the head. study_take.c calls this when backbone and picture keys
 * are known.
 *
 * A study says it in one of three ways: nothing (one picture), a list of names
 * (`inputs: [image, mood]`: the picture of the table and columns of features), or a map
 * of inputs with their kinds and options beside a map of branches. What is opened here
 * are no files but weights' rows: shapes that files tell are filled in by
 * mien_dataset_architecture(). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/study/recipe_backbone.h"
#include "train/study/study.h"
#include "train/trainers/trainer.h"

#define IMAGE "image"

static const char *text_of(const mien_study *s, const char *key) {
    return mien_options_text(s->options, key);
}

static mien_status refuse(const mien_study *s, mien_status status, const char *key) {
    char where[MIEN_STUDY_WHERE_MAX];
    return mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EFORMAT, "%s: %s",
        mien_study_where(s, key, where), key);
}

/* ---- names ---------------------------------------------------------------------- */

mien_status mien_recipe_inputs(mien_study *study) {
    mien_study *s = study;
    mien_status status = MIEN_OK;
    if (!s->inputs_tree) {
        status =
            mien_study_items(s, "inputs", s->inputs, MIEN_INPUTS_MAX, &s->inputs_count);
    }
    for (int i = 0; status == MIEN_OK && i < s->inputs_count; i++) {
        status = mien_input_check_name(s->inputs[i]);
        status = status == MIEN_OK ? status : refuse(s, status, "inputs");
        s->pictured = s->pictured || strcmp(s->inputs[i], IMAGE) == 0;
    }
    s->pictured = s->pictured || (s->inputs_count == 0 && !s->inputs_tree);
    s->preset = s->inputs_count > 0 && !s->pictured && !s->trainer->learner;
    return status;
}

/* ---- parts ---------------------------------------------------------------------- */

/* Builds it without weights, to see whether it can be: a layer is found so. */
static mien_status try_architecture(const mien_architecture *architecture) {
    mien_graph *graph = NULL;
    mien_network_nodes nodes;
    mien_status status = mien_graph_new(&graph);
    if (status == MIEN_OK) {
        status = mien_architecture_build(architecture, graph, &nodes);
    }
    mien_graph_free(&graph);
    return status;
}

/* A row of a table with the values of some of its keys. */
typedef struct setting {
    const char *key, *value;
} setting;

static mien_status set_all(
    const mien_option *table, const setting *set, int count, mien_options **options) {
    mien_status status = mien_options_new(table, options);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = mien_options_set(*options, NULL, set[i].key, set[i].value);
    }
    return status;
}

/* The backbone of the keys backbone and head, as far as the layer that the head reads.
 */
static mien_status add_backbone(mien_study *s, mien_architecture *a, int input) {
    enum { LAYER_MAX = 64 };
    char where[MIEN_STUDY_WHERE_MAX], grid[32];
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    const mien_backbone_file *file = mien_backbone_file_of(s->backbone);
    const setting set[] = {{"name", s->backbone->name},
        {"layer", text_of(s, "head.layer")}, {"grid", grid}};
    if (strlen(text_of(s, "head.layer")) >= LAYER_MAX) {
        return mien_fail(MIEN_EFORMAT, "%s: head.layer: longer than %d bytes",
            mien_study_where(s, "head.layer", where), LAYER_MAX - 1);
    }
    snprintf(grid, sizeof grid, "%lld",
        (long long)mien_options_int(s->options, "head.grid"));
    if (file && !mien_trainer_kernels(s->trainer)) {
        return mien_recipe_file_stage(
            a, input, s->backbone, text_of(s, "head.layer"), grid);
    }
    mien_status status = mien_branch_kind_find("backbone", &kind);
    if (status == MIEN_OK) {
        status = set_all(kind->options, set, 3, &options);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_stage(a, input, kind->name, options);
    }
    mien_options_free(&options);
    return status;
}

/* The items of a list key with spaces between them. */
static mien_status join_items(
    const mien_study *s, const char *key, char *text, size_t size) {
    const char *from = text_of(s, key);
    if (strlen(from ? from : "") >= size) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %zu letters", key, size - 1);
    }
    snprintf(text, size, "%s", from ? from : "");
    for (char *at = strchr(text, '\n'); at; at = strchr(at, '\n')) {
        *at = ' ';
    }
    return MIEN_OK;
}

static mien_status check_activations(const mien_study *s) {
    const char *next = text_of(s, "head.activation");
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && next && *next) {
        char name[32];
        mien_activation activation;
        size_t length = strcspn(next, "\n");
        snprintf(name, sizeof name, "%.*s", (int)length, next);
        if (strcmp(name, "none") != 0) {
            status = mien_activation_find(name, &activation);
        }
        next += length + (next[length] == '\n');
    }
    return status == MIEN_OK ? status : refuse(s, status, "head.activation");
}

/* In place of the head that a learner fits stands one that is built as easily. */
static mien_status take_stand_in(mien_study *s, mien_architecture *a) {
    mien_status status = mien_architecture_head(a, s->trainer->learner->stand_in, NULL);
    return status == MIEN_OK ? status : refuse(s, status, "method");
}

static mien_status take_head(mien_study *s, mien_architecture *a) {
    if (s->trainer->learner) {
        return take_stand_in(s, a);
    }
    const mien_head_kind *kind = NULL;
    mien_options *options = NULL;
    double widths[MIEN_RECIPE_HIDDEN_MAX], rates[MIEN_RECIPE_HIDDEN_MAX];
    char layers[32 * MIEN_RECIPE_HIDDEN_MAX], activations[32 * MIEN_RECIPE_HIDDEN_MAX];
    char hidden[32 * MIEN_RECIPE_HIDDEN_MAX], dropout[32];
    const setting set[] = {{"layers", layers}, {"activation", activations},
        {"dropout", hidden}, {"read-dropout", dropout}};
    int count = 0;
    mien_status status = mien_study_numbers(
        s, "head.layers", 1, 1e6, true, widths, MIEN_RECIPE_HIDDEN_MAX, &count);
    if (status == MIEN_OK) {
        status = mien_study_numbers(s, "head.hidden-dropout", 0, 0.999, false, rates,
            MIEN_RECIPE_HIDDEN_MAX, &count);
    }
    if (status == MIEN_OK) {
        status = check_activations(s);
    }
    if (status == MIEN_OK) {
        status = join_items(s, "head.layers", layers, sizeof layers);
    }
    if (status == MIEN_OK) {
        status = join_items(s, "head.activation", activations, sizeof activations);
    }
    if (status == MIEN_OK) {
        status = join_items(s, "head.hidden-dropout", hidden, sizeof hidden);
    }
    mien_format_double(mien_options_number(s->options, "head.dropout"), dropout);
    if (status == MIEN_OK) {
        status = mien_head_kind_find("linear", &kind);
    }
    if (status == MIEN_OK) {
        status = set_all(kind->options, set, 4, &options);
        status = status == MIEN_OK ? status : refuse(s, status, "head.layers");
    }
    if (status == MIEN_OK) {
        status = mien_architecture_head(a, kind->name, options);
        status = status == MIEN_OK ? status : refuse(s, status, "head.layers");
    }
    mien_options_free(&options);
    return status;
}

static mien_status take_fusion(mien_study *s, mien_architecture *a) {
    const char *name = text_of(s, "fusion.name");
    const mien_fusion_kind *kind = NULL;
    if (!name || !*name) {
        name = a->inputs_count > 1 ? "concat" : "single";
    }
    mien_status status = mien_fusion_kind_find(name, &kind);
    if (status == MIEN_OK) {
        status = mien_recipe_options(s, MIEN_RECIPE_FUSION, kind->options);
        if (status != MIEN_OK) {
            return status;
        }
        status = mien_architecture_fuse(a, name, s->recipe.given[MIEN_RECIPE_FUSION]);
    }
    return status == MIEN_OK ? status : refuse(s, status, "fusion.name");
}

/* ---- inputs by name ------------------------------------------------------------- */

/* Sets what holds for every input of a study, whatever its kind. */
static void set_common(
    const mien_study *s, const mien_architecture *a, mien_input *input) {
    const mien_input_kind *kind = NULL;
    bool dropped = mien_options_number(s->options, "modality-dropout") > 0;
    bool small = mien_input_kind_find(input->kind, &kind) == MIEN_OK &&
                 kind->traits & MIEN_INPUT_SMALL;
    input->optional = input->optional || dropped || mien_architecture_steps(a) > 1;
    input->standardise =
        input->standardise || (small && mien_options_flag(s->options, "standardise"));
}

static mien_status add_named(mien_study *s, mien_architecture *a, const char *name) {
    bool picture = strcmp(name, IMAGE) == 0;
    mien_input input;
    mien_status status = picture ? mien_input_picture(name, &s->preprocess, &input)
                                 : mien_input_features(name, 1, &input);
    if (status == MIEN_OK) {
        set_common(s, a, &input);
        status = mien_architecture_add(a, &input);
    }
    return status == MIEN_OK && picture ? add_backbone(s, a, a->inputs_count - 1)
                                        : status;
}

static mien_status add_names(mien_study *s, mien_architecture *a) {
    static const char *const usual[] = {IMAGE};
    int count = s->inputs_count ? s->inputs_count : 1;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = add_named(s, a, s->inputs_count ? s->inputs[i] : usual[i]);
    }
    if (status == MIEN_OK && a->inputs_count == 1 && s->pictured) {
        a->branches[0].prefix[0] = 0; /* its parameters have their published names */
    }
    return status;
}

/* ---- inputs and branches as maps --------------------------------------------------
 */

/* Where a value of the study's file stands. */
static const char *place_of(const mien_study *s, const mien_value *value,
    const char *key, char where[MIEN_STUDY_WHERE_MAX]) {
    snprintf(
        where, MIEN_STUDY_WHERE_MAX, "%s:%d: %s", s->path, mien_value_line(value), key);
    return where;
}

/* A value as the text of an option; the items of a list with spaces between them. */
static mien_status text_of_value(const mien_value *value, mien_string *text) {
    char number[32];
    switch (mien_value_kind_of(value)) {
    case MIEN_VALUE_BOOL:
        return mien_string_add(text, mien_value_bool(value, false) ? "true" : "false");
    case MIEN_VALUE_INT:
        return mien_string_addf(text, "%lld", (long long)mien_value_int(value, 0));
    case MIEN_VALUE_NUMBER:
        return mien_string_add(
            text, mien_format_double(mien_value_number(value, 0), number));
    case MIEN_VALUE_TEXT:
        return mien_string_add(text, mien_value_text(value));
    case MIEN_VALUE_LIST: {
        mien_status status = MIEN_OK;
        for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(value); i++) {
            status = mien_string_add(text, i ? " " : "");
            status = status == MIEN_OK ? text_of_value(mien_value_at(value, i), text)
                                       : status;
        }
        return status;
    }
    default:
        return mien_fail(MIEN_EFORMAT, "a value is wanted here");
    }
}

static mien_status set_value(mien_options *options, const char *where, const char *key,
    const mien_value *value) {
    mien_string text;
    mien_string_init(&text);
    mien_status status = text_of_value(value, &text);
    if (status == MIEN_OK) {
        status = mien_options_set(options, where, key, text.text ? text.text : "");
    }
    mien_string_clear(&text);
    return status;
}

/* The stages of an input's branch as the file lists them; NULL: it lists none. */
static const mien_value *stages_of(const mien_study *s, const char *name) {
    return s->branches_tree ? mien_value_get(s->branches_tree, name) : NULL;
}

/* Kind and options of one stage: "pool", or {hidden: {layers: [64]}}. */
static const char *stage_kind(const mien_value *stage, const mien_value **options) {
    bool map =
        mien_value_kind_of(stage) == MIEN_VALUE_MAP && mien_value_count(stage) == 1;
    *options = map ? mien_value_item(stage, 0) : NULL;
    return map ? mien_value_key(stage, 0) : mien_value_text(stage);
}

/* The backbone that a picture's branch begins with: it tells how pictures are prepared.
 */
static mien_status backbone_of(
    const mien_study *s, const char *name, const mien_backbone **backbone) {
    const mien_value *stages = stages_of(s, name), *options = NULL, *named = NULL;
    const char *kind = stages && mien_value_count(stages)
                           ? stage_kind(mien_value_at(stages, 0), &options)
                           : NULL;
    if (kind && strcmp(kind, "backbone") == 0 && options) {
        named = mien_value_get(options, "name");
    }
    return mien_recipe_backbone(s,
        named && mien_value_text(named) ? mien_value_text(named)
                                        : text_of(s, "backbone.name"),
        backbone);
}

static mien_status start_input(
    const mien_study *s, const char *kind, const char *name, mien_input *input) {
    const mien_backbone *backbone = NULL;
    bool face = strcmp(kind, "face") == 0;
    if (!face && strcmp(kind, "picture") != 0) {
        return mien_input_init(input, kind, name);
    }
    mien_status status = backbone_of(s, name, &backbone);
    if (face) {
        return status == MIEN_OK && mien_backbone_file_of(backbone)
                   ? mien_recipe_file_face(backbone, name, input)
                   : mien_input_init(input, kind, name);
    }
    if (status == MIEN_OK) {
        mien_preprocess p = backbone->preprocess();
        status = mien_input_picture(name, &p, input);
    }
    return status;
}

/* One key of an input's map: of all kinds, or an option of its own kind. */
static mien_status set_input_key(const char *where, const char *key,
    const mien_value *value, mien_input *input, mien_options *options) {
    const char *text = mien_value_text(value);
    if (strcmp(key, "kind") == 0) {
        return MIEN_OK;
    }
    if (strcmp(key, "optional") == 0 || strcmp(key, "standardise") == 0) {
        bool *flag = key[0] == 'o' ? &input->optional : &input->standardise;
        if (mien_value_kind_of(value) != MIEN_VALUE_BOOL) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: true or false", where, key);
        }
        *flag = mien_value_bool(value, false);
        return MIEN_OK;
    }
    if (strcmp(key, "column") == 0 || strcmp(key, "follows") == 0) {
        bool column = key[0] == 'c';
        size_t size = column ? sizeof input->column : sizeof input->follows;
        if (!text || strlen(text) >= size) {
            return mien_fail(MIEN_EFORMAT, "%s: %s: a name shorter than %zu letters",
                where, key, size);
        }
        snprintf(column ? input->column : input->follows, size, "%s", text);
        return MIEN_OK;
    }
    return set_value(options, where, key, value);
}

/* The shape that settings tell; of rows of features a file tells it, later. */
static mien_status measure_mapped(mien_input *input) {
    const mien_input_kind *kind = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status == MIEN_OK && kind->traits & MIEN_INPUT_ROWS) {
        input->shape = (mien_item_shape){.rank = 1, .size = {1}, .steps = 1};
        return MIEN_OK;
    }
    return status == MIEN_OK ? mien_input_measure(input, NULL) : status;
}

static mien_status add_mapped(
    mien_study *s, mien_architecture *a, const char *name, const mien_value *value) {
    char where[MIEN_STUDY_WHERE_MAX];
    bool map = mien_value_kind_of(value) == MIEN_VALUE_MAP;
    const mien_value *named = map ? mien_value_get(value, "kind") : value;
    const char *kind = named ? mien_value_text(named) : NULL;
    mien_input input;
    mien_options *options = NULL;
    place_of(s, value, name, where);
    if (strcmp(name, "head") == 0) { /* train.what: head.* would mean both */
        return mien_fail(MIEN_EFORMAT,
            "%s: the weights of the head are called head.…: give the input another "
            "name",
            where);
    }
    mien_status status = start_input(s, kind ? kind : "features", name, &input);
    if (status == MIEN_OK) {
        status = mien_input_options(&input, &options);
        set_common(s, a, &input);
    }
    for (int64_t i = 0; status == MIEN_OK && map && i < mien_value_count(value); i++) {
        status = set_input_key(where, mien_value_key(value, i),
            mien_value_item(value, i), &input, options);
    }
    if (status == MIEN_OK) {
        status = mien_input_settings(&input, options);
    }
    if (status == MIEN_OK) {
        status = measure_mapped(&input);
    }
    mien_options_free(&options);
    if (status == MIEN_OK) {
        status = mien_architecture_add(a, &input);
    }
    return status == MIEN_OK
               ? status
               : mien_fail_in(
                     status == MIEN_ENOMEM ? status : MIEN_EFORMAT, "%s", where);
}

static mien_status add_stage(
    mien_study *s, mien_architecture *a, int input, const mien_value *stage) {
    char where[MIEN_STUDY_WHERE_MAX];
    const mien_value *given = NULL;
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    const char *name = stage_kind(stage, &given);
    place_of(s, stage, a->inputs[input].name, where);
    mien_status status =
        name ? mien_branch_kind_find(name, &kind)
             : mien_fail(MIEN_EFORMAT,
                   "a stage is the name of a row of branches, or a map of one with its "
                   "options");
    if (status == MIEN_OK) {
        status = mien_options_new(kind->options, &options);
    }
    if (status == MIEN_OK && strcmp(name, "backbone") == 0) {
        status = mien_options_set(/* that of the key, which prepares the pictures too */
            options, where, "name", text_of(s, "backbone.name"));
    }
    int64_t count = given && mien_value_kind_of(given) == MIEN_VALUE_MAP
                        ? mien_value_count(given)
                        : 0;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = set_value(
            options, where, mien_value_key(given, i), mien_value_item(given, i));
    }
    if (status == MIEN_OK && strcmp(kind->name, "backbone") == 0 &&
        mien_backbone_is_file(mien_options_text(options, "name"))) {
        status = mien_recipe_file_options(s, a, input, options);
    } else if (status == MIEN_OK) {
        status = mien_architecture_stage(a, input, kind->name, options);
    }
    mien_options_free(&options);
    return status == MIEN_OK
               ? status
               : mien_fail_in(
                     status == MIEN_ENOMEM ? status : MIEN_EFORMAT, "%s", where);
}

/* A picture whose branch is not described goes through the study's backbone. */
static mien_status add_stages(mien_study *s, mien_architecture *a, int input) {
    const mien_input *in = &a->inputs[input];
    const mien_value *stages = stages_of(s, in->name);
    mien_status status = MIEN_OK;
    if (!stages && strcmp(in->kind, "picture") == 0) {
        return add_backbone(s, a, input);
    }
    if (stages && mien_value_kind_of(stages) != MIEN_VALUE_LIST) {
        return add_stage(s, a, input, stages);
    }
    for (int64_t i = 0; stages && status == MIEN_OK && i < mien_value_count(stages);
         i++) {
        status = add_stage(s, a, input, mien_value_at(stages, i));
    }
    return status;
}

static mien_status check_branches(const mien_study *s, const mien_architecture *a) {
    char where[MIEN_STUDY_WHERE_MAX];
    for (int64_t i = 0; s->branches_tree && i < mien_value_count(s->branches_tree);
         i++) {
        const char *name = mien_value_key(s->branches_tree, i);
        int m = 0;
        while (m < a->inputs_count && strcmp(a->inputs[m].name, name) != 0) {
            m++;
        }
        if (m == a->inputs_count) {
            return mien_fail(MIEN_EFORMAT, "%s: no input is called so",
                place_of(s, mien_value_item(s->branches_tree, i), name, where));
        }
    }
    return MIEN_OK;
}

/* Checks an input that follows another: it moves as that one does, which must be a
 * picture, of which shares of the screen are shares. */
static mien_status check_followed(const mien_architecture *a, const mien_input *input) {
    const mien_input_kind *kind = NULL;
    mien_preprocess p;
    int m = 0;
    while (m < a->inputs_count && strcmp(a->inputs[m].name, input->follows) != 0) {
        m++;
    }
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status == MIEN_OK && m == a->inputs_count) {
        status =
            mien_fail(MIEN_ENOTFOUND, "follows: no input is called %s", input->follows);
    }
    if (status == MIEN_OK && !kind->points) {
        status = mien_fail(MIEN_EINVAL,
            "follows: %s has no points that could move with a picture", input->kind);
    }
    if (status == MIEN_OK) {
        status = mien_input_preprocess(&a->inputs[m], &p);
    }
    if (status == MIEN_OK && p.fit != MIEN_FIT_SQUASH) {
        status = mien_fail(MIEN_EINVAL,
            "follows: %s is not squashed (fit: squash), so that shares of the screen "
            "are "
            "none of it",
            input->follows);
    }
    return status;
}

static mien_status check_follows(const mien_study *s, const mien_architecture *a) {
    char where[MIEN_STUDY_WHERE_MAX];
    mien_status status = MIEN_OK;
    for (int m = 0; status == MIEN_OK && m < a->inputs_count; m++) {
        const mien_input *input = &a->inputs[m];
        status = *input->follows ? check_followed(a, input) : MIEN_OK;
        if (status != MIEN_OK) {
            const mien_value *value = mien_value_get(s->inputs_tree, input->name);
            status = mien_fail_in(status == MIEN_ENOMEM ? status : MIEN_EFORMAT, "%s",
                place_of(s, value, input->name, where));
        }
    }
    return status;
}

static mien_status add_maps(mien_study *s, mien_architecture *a) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(s->inputs_tree);
         i++) {
        status = add_mapped(s, a, mien_value_key(s->inputs_tree, i),
            mien_value_item(s->inputs_tree, i));
    }
    for (int m = 0; status == MIEN_OK && m < a->inputs_count; m++) {
        status = add_stages(s, a, m);
    }
    if (status == MIEN_OK) {
        status = check_follows(s, a);
    }
    return status == MIEN_OK ? check_branches(s, a) : status;
}

/* ---- all ------------------------------------------------------------------------ */

/* A preset over features, with its own options. */
static mien_status take_preset(mien_study *s, mien_architecture *a) {
    char where[MIEN_STUDY_WHERE_MAX];
    static const char *const keys[] = {"context.before", "context.after"};
    const mien_preset *kind = NULL;
    mien_status status = mien_preset_find(text_of(s, "model.name"), &kind);
    if (status != MIEN_OK) {
        return refuse(s, status, "model.name");
    }
    for (int i = 0; i < 2; i++) {
        if (!kind->temporal && mien_options_int(s->options, keys[i]) > 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: %s looks at one row at a time; a temporal network looks at "
                "more (temporal_aan, mixed_aan)",
                mien_study_where(s, keys[i], where), keys[i], kind->name);
        }
    }
    status = mien_recipe_options(s, MIEN_RECIPE_MODEL, kind->options);
    if (status != MIEN_OK) {
        return status;
    }
    status =
        mien_architecture_preset(a, kind->name, s->recipe.given[MIEN_RECIPE_MODEL]);
    if (status == MIEN_OK) {
        status = try_architecture(a);
    }
    return status == MIEN_OK ? status : refuse(s, status, "model.name");
}

mien_status mien_recipe_architecture(mien_study *study) {
    mien_study *s = study;
    mien_architecture *a = &s->recipe.architecture;
    *a = mien_architecture_default();
    a->outputs = 1; /* whatever it will be, the rest can be checked now */
    a->context_before = (int)mien_options_int(s->options, "context.before");
    a->context_after = (int)mien_options_int(s->options, "context.after");
    mien_status status = s->inputs_tree ? add_maps(s, a) : add_names(s, a);
    if (status != MIEN_OK || mien_trainer_kernels(s->trainer)) {
        return status == MIEN_OK || s->inputs_tree ? status
                                                   : refuse(s, status, "inputs");
    }
    if (s->preset) {
        return take_preset(s, a);
    }
    status = take_head(s, a);
    if (status == MIEN_OK) {
        status = take_fusion(s, a);
    }
    if (status != MIEN_OK) {
        return status;
    }
    status = try_architecture(a);
    return status == MIEN_OK
               ? status
               : refuse(s, status, s->inputs_tree ? "inputs" : "head.layer");
}
