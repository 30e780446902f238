/* SPDX-License-Identifier: MIT */
/* Architectures: inputs, branches, fusion and head are put together here by studies,
 * readers of contracts and presets, and checked before anything is built of them. */
#include <stdio.h>
#include <string.h>

#include "models/parts/parts.h"
#include "base/need.h"

#define OUTPUTS_MAX (1 << 20)
#define CONTEXT_MAX 512

/* ---- putting together ------------------------------------------------------------ */

mien_architecture mien_architecture_default(void) {
    /* head linear with its defaults cannot fail but for want of memory: then its
     * settings are empty, which are the defaults too */
    mien_architecture a = {.head_prefix = "head."};
    snprintf(a.fusion.kind, sizeof a.fusion.kind, "single");
    snprintf(a.head.kind, sizeof a.head.kind, "linear");
    if (mien_architecture_head(&a, "linear", NULL) != MIEN_OK) {
        a.head.settings[0] = 0;
    }
    return a;
}

mien_status mien_architecture_add(
    mien_architecture *architecture, const mien_input *input) {
    MIEN_NEED(architecture, input);
    mien_architecture *a = architecture;
    if (a->inputs_count == MIEN_INPUTS_MAX) {
        return mien_fail(MIEN_ELIMIT, "more than %d inputs", MIEN_INPUTS_MAX);
    }
    mien_branch *branch = &a->branches[a->inputs_count];
    *branch = (mien_branch){0};
    snprintf(branch->prefix, sizeof branch->prefix, "%s.", input->name);
    a->inputs[a->inputs_count++] = *input;
    return MIEN_OK;
}

mien_status mien_architecture_stage(mien_architecture *architecture, int input,
    const char *kind, const mien_options *given) {
    MIEN_NEED(architecture, kind);
    const mien_branch_kind *row = NULL;
    mien_branch *branch = &architecture->branches[input];
    mien_status status = mien_branch_kind_find(kind, &row);
    if (status == MIEN_OK && branch->stages == MIEN_STAGES_MAX) {
        status = mien_fail(MIEN_ELIMIT, "input %s: more than %d stages",
            architecture->inputs[input].name, MIEN_STAGES_MAX);
    }
    if (status == MIEN_OK) {
        status = mien_part_choose(
            &branch->stage[branch->stages], row->name, row->options, given);
    }
    branch->stages += status == MIEN_OK;
    return status;
}

mien_status mien_architecture_fuse(
    mien_architecture *architecture, const char *kind, const mien_options *given) {
    MIEN_NEED(architecture, kind);
    const mien_fusion_kind *row = NULL;
    mien_status status = mien_fusion_kind_find(kind, &row);
    return status == MIEN_OK
               ? mien_part_choose(&architecture->fusion, row->name, row->options, given)
               : status;
}

mien_status mien_architecture_head(
    mien_architecture *architecture, const char *kind, const mien_options *given) {
    MIEN_NEED(architecture, kind);
    const mien_head_kind *row = NULL;
    mien_status status = mien_head_kind_find(kind, &row);
    return status == MIEN_OK
               ? mien_part_choose(&architecture->head, row->name, row->options, given)
               : status;
}

mien_status mien_architecture_preset(
    mien_architecture *architecture, const char *name, const mien_options *given) {
    MIEN_NEED(architecture, name);
    const mien_preset *row = NULL;
    mien_options *defaults = NULL;
    mien_status status = mien_preset_find(name, &row);
    if (status == MIEN_OK && !given) {
        status = mien_options_new(row->options, &defaults);
        given = defaults;
    }
    if (status == MIEN_OK && row->check) {
        status = row->check(given);
    }
    if (status == MIEN_OK) {
        status =
            mien_part_choose(&architecture->preset, row->name, row->options, given);
    }
    if (status == MIEN_OK) {
        status = row->apply(given, architecture);
    }
    mien_options_free(&defaults);
    return status;
}

mien_status mien_architecture_renew(mien_architecture *architecture) {
    MIEN_NEED(architecture);
    const mien_preset *row = NULL;
    mien_options *options = NULL;
    if (!mien_part_chosen(&architecture->preset)) {
        return MIEN_OK;
    }
    mien_status status = mien_preset_find(architecture->preset.kind, &row);
    if (status == MIEN_OK) {
        status = mien_part_read(&architecture->preset, row->options, &options);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_preset(architecture, row->name, options);
    }
    mien_options_free(&options);
    return status;
}

mien_status mien_architecture_readout(mien_architecture *architecture,
    const mien_preprocess *preprocess, const char *backbone, const char *layers,
    bool mirror, const char *weights_sha256) {
    MIEN_NEED(architecture, preprocess, backbone, layers, weights_sha256);
    mien_architecture a = mien_architecture_default();
    const mien_branch_kind *kind = NULL;
    mien_input input;
    const char *const pairs[][2] = {
        {"name", backbone}, {"layers", layers}, {"mirror", mirror ? "true" : "false"}};
    mien_status status = mien_input_picture("image", preprocess, &input);
    if (status != MIEN_OK) {
        return mien_fail_in(status, "preprocess");
    }
    status = mien_architecture_add(&a, &input);
    if (status == MIEN_OK) {
        status = mien_branch_kind_find("backbone", &kind);
    }
    if (status == MIEN_OK) {
        status = mien_part_from(&a.branches[0].stage[0], kind->name, kind->options,
            NULL, &(mien_option){0}, pairs, 3);
    }
    if (status == MIEN_OK) {
        status = mien_architecture_head(&a, "readout", NULL);
    }
    a.branches[0].stages = 1;
    a.branches[0].prefix[0] = a.head_prefix[0] = 0;
    snprintf(a.branches[0].weights_sha256, sizeof a.branches[0].weights_sha256, "%s",
        weights_sha256);
    if (status == MIEN_OK) {
        *architecture = a;
    }
    return status;
}

mien_status mien_architecture_enter(
    mien_architecture *architecture, int input, int stages, int64_t width) {
    MIEN_NEED(architecture);
    mien_input entered, *old = &architecture->inputs[input];
    mien_branch *branch = &architecture->branches[input];
    mien_status status = mien_input_features(old->name, width, &entered);
    if (status != MIEN_OK || stages < 0 || stages > branch->stages) {
        return status == MIEN_OK ? mien_fail(MIEN_EINVAL, "input %s: %d stages of %d",
                                       old->name, stages, branch->stages)
                                 : status;
    }
    snprintf(entered.column, sizeof entered.column, "%s", old->column);
    entered.optional = old->optional;
    *old = entered;
    for (int s = 0; s < MIEN_STAGES_MAX; s++) {
        bool left = s + stages < branch->stages;
        branch->stage[s] =
            left ? branch->stage[s + stages] : (mien_part_choice){{0}, {0}};
    }
    branch->stages -= stages;
    branch->entered += stages;
    branch->weights_sha256[0] = 0;
    architecture->preset = (mien_part_choice){{0}, {0}};
    return MIEN_OK;
}

/* ---- asking ---------------------------------------------------------------------- */

int64_t mien_architecture_steps(const mien_architecture *architecture) {
    MIEN_NEED_OR(0, architecture);
    return (int64_t)architecture->context_before + 1 + architecture->context_after;
}

bool mien_architecture_masked(const mien_architecture *architecture) {
    MIEN_NEED_OR(false, architecture);
    bool masked = mien_architecture_steps(architecture) > 1;
    for (int i = 0; i < architecture->inputs_count; i++) {
        masked = masked || architecture->inputs[i].optional;
    }
    return masked;
}

int mien_architecture_picture(const mien_architecture *architecture) {
    MIEN_NEED_OR(-1, architecture);
    for (int i = 0; i < architecture->inputs_count; i++) {
        if (mien_input_is_picture(&architecture->inputs[i])) {
            return i;
        }
    }
    return -1;
}

int mien_architecture_input(const mien_architecture *architecture, const char *kind) {
    MIEN_NEED_OR(-1, architecture, kind);
    for (int i = 0; i < architecture->inputs_count; i++) {
        if (strcmp(architecture->inputs[i].kind, kind) == 0) {
            return i;
        }
    }
    return -1;
}

/* ---- checks -----------------------------------------------------------------------
 */

static mien_status check_inputs(const mien_architecture *a) {
    if (a->inputs_count < 1 || a->inputs_count > MIEN_INPUTS_MAX) {
        return mien_fail(MIEN_EINVAL, "%d inputs; 1 to %d are allowed", a->inputs_count,
            MIEN_INPUTS_MAX);
    }
    for (int i = 0; i < a->inputs_count; i++) {
        mien_status status = mien_input_check(&a->inputs[i]);
        for (int k = 0; status == MIEN_OK && k < i; k++) {
            if (strcmp(a->inputs[i].name, a->inputs[k].name) == 0) {
                status = mien_fail(
                    MIEN_EINVAL, "input %s is there twice", a->inputs[i].name);
            }
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

static mien_status check_stage(
    const mien_part_choice *choice, const mien_item_shape *shape) {
    const mien_branch_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_branch_kind_find(choice->kind, &kind);
    if (status == MIEN_OK) {
        status = mien_part_read(choice, kind->options, &options);
    }
    if (status == MIEN_OK && kind->check) {
        status = kind->check(options, shape);
    }
    mien_options_free(&options);
    return status;
}

static mien_status check_branch(const mien_architecture *a, int i) {
    static const mien_item_shape row = {.rank = 1, .size = {1}, .steps = 1};
    const mien_branch *b = &a->branches[i];
    mien_status status = MIEN_OK;
    if (b->stages < 0 || b->stages > MIEN_STAGES_MAX) {
        return mien_fail(MIEN_EINVAL, "input %s: %d stages; 0 to %d are allowed",
            a->inputs[i].name, b->stages, MIEN_STAGES_MAX);
    }
    if (b->weights_sha256[0] &&
        (strlen(b->weights_sha256) != 64 ||
            strspn(b->weights_sha256, "0123456789abcdef") != 64)) {
        return mien_fail(MIEN_EINVAL,
            "the backbone's SHA-256 \"%s\" is not 64 hex digits", b->weights_sha256);
    }
    for (int s = 0; status == MIEN_OK && s < b->stages; s++) {
        status = check_stage(&b->stage[s], s ? &row : &a->inputs[i].shape);
    }
    if (status == MIEN_OK && b->stages == 0 && a->inputs[i].shape.rank != 1) {
        status = mien_fail(
            MIEN_EINVAL, "its items are no rows of values: its branch has no stage");
    }
    return status == MIEN_OK || mien_part_chosen(&a->preset)
               ? status
               : mien_fail_in(status, "input %s", a->inputs[i].name);
}

static mien_status check_context(const mien_architecture *a) {
    if (a->context_before < 0 || a->context_after < 0 ||
        a->context_before > CONTEXT_MAX || a->context_after > CONTEXT_MAX) {
        return mien_fail(MIEN_EINVAL,
            "a context of %d segments before and %d after; 0 to %d are allowed",
            a->context_before, a->context_after, CONTEXT_MAX);
    }
    return MIEN_OK;
}

static mien_status check_fusion(const mien_architecture *a) {
    const mien_fusion_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_fusion_kind_find(a->fusion.kind, &kind);
    if (status == MIEN_OK && mien_architecture_steps(a) > 1 && !kind->temporal) {
        status = mien_fail(MIEN_EINVAL,
            "%s looks at one segment: it takes no context before or after",
            mien_part_chosen(&a->preset) ? a->preset.kind : kind->name);
    }
    if (status == MIEN_OK) {
        status = mien_part_read(&a->fusion, kind->options, &options);
    }
    if (status == MIEN_OK && kind->check) {
        status = kind->check(a, options);
    }
    mien_options_free(&options);
    return status;
}

static mien_status check_head(const mien_architecture *a) {
    const mien_head_kind *kind = NULL;
    mien_options *options = NULL;
    mien_status status = mien_head_kind_find(a->head.kind, &kind);
    if (status == MIEN_OK && (a->outputs < 1 || a->outputs > OUTPUTS_MAX)) {
        status = mien_fail(MIEN_EINVAL, "%lld outputs; 1 to %d are allowed",
            (long long)a->outputs, OUTPUTS_MAX);
    }
    if (status == MIEN_OK) {
        status = mien_part_read(&a->head, kind->options, &options);
    }
    if (status == MIEN_OK && kind->check) {
        status = kind->check(a, options);
    }
    mien_options_free(&options);
    return status;
}

static bool same_choice(const mien_part_choice *a, const mien_part_choice *b) {
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->settings, b->settings) == 0;
}

/* A preset's parts are the preset's own, so that its name says all of them. */
static mien_status check_preset(const mien_architecture *a) {
    mien_architecture *again = mien_alloc(1, sizeof *again);
    if (!again) {
        return MIEN_ENOMEM;
    }
    *again = *a;
    mien_status status = mien_architecture_renew(again);
    bool same = status == MIEN_OK && same_choice(&again->fusion, &a->fusion) &&
                same_choice(&again->head, &a->head) &&
                same_choice(&again->preset, &a->preset) &&
                strcmp(again->head_prefix, a->head_prefix) == 0;
    for (int i = 0; same && i < a->inputs_count; i++) {
        const mien_branch *x = &a->branches[i], *y = &again->branches[i];
        same = x->stages == y->stages && strcmp(x->prefix, y->prefix) == 0;
        for (int s = 0; same && s < x->stages; s++) {
            same = same_choice(&x->stage[s], &y->stage[s]);
        }
    }
    mien_free(again);
    return status != MIEN_OK || same
               ? status
               : mien_fail(MIEN_EINVAL, "the parts are not those of the network %s",
                     a->preset.kind);
}

mien_status mien_architecture_check(const mien_architecture *architecture) {
    MIEN_NEED(architecture);
    const mien_architecture *a = architecture;
    mien_status status = check_inputs(a);
    if (status == MIEN_OK) {
        status = check_context(a);
    }
    if (status == MIEN_OK) {
        status = check_fusion(a);
    }
    if (status == MIEN_OK && mien_part_chosen(&a->preset)) {
        status = check_preset(a);
    }
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        status = check_branch(a, i);
    }
    return status == MIEN_OK ? check_head(a) : status;
}
