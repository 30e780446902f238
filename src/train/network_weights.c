/* SPDX-License-Identifier: MIT */
/* The first weights of a study's network: the backbone's, drawn ones, and those that
 * the study names for groups of parameters. */
#include "train/network_weights.h"

#include "models/backbones/backbone_file.h"

#include <fnmatch.h>
#include <string.h>

/* Parameters of one backbone. */
typedef struct scoped {
    const mien_architecture *architecture;
    const char *scope;
} scoped;

static bool wants_backbone(void *context, const char *name) {
    const scoped *s = context;
    int branch = 0;
    return strncmp(name, s->scope, strlen(s->scope)) == 0 &&
           mien_net_backbone_name(s->architecture, name, &branch) != NULL;
}

/* Extra tensors are those of layers behind the head's; missing ones are none. */
static mien_status check_complete(
    const mien_parameters *parameters, const mien_archive *archive, scoped *s) {
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        const char *name = mien_parameters_name(parameters, i);
        if (wants_backbone(s, name) &&
            mien_archive_find(archive, name + strlen(s->scope)) < 0) {
            return mien_fail(MIEN_EFORMAT, "it lacks %s", name + strlen(s->scope));
        }
    }
    return MIEN_OK;
}

mien_status mien_net_load_backbone(mien_net *net, const mien_backbone *backbone,
    const char *scope, const char *weights) {
    char *cached = NULL;
    mien_archive *archive = NULL;
    if (!weights && !backbone->weights_file) {
        return MIEN_OK; /* nobody publishes any: it stays as it was drawn */
    }
    scoped s = {&net->architecture, scope};
    const mien_backbone_file *file = mien_backbone_file_of(backbone);
    if (file && !weights) {
        return mien_backbone_file_fill(
            file, net->parameters, scope, wants_backbone, &s);
    }
    mien_weights_options o = {
        .partial = true, .scope = scope, .wanted = wants_backbone, .context = &s};
    mien_status status = weights ? MIEN_OK : mien_backbone_weights(backbone, &cached);
    const char *path = weights ? weights : cached;
    if (status == MIEN_OK) {
        status = mien_archive_open(path, &archive);
    }
    if (status == MIEN_OK) {
        status = check_complete(net->parameters, archive, &s);
        if (status == MIEN_OK) {
            status = mien_weights_load(net->parameters, archive, &o);
        }
        if (status != MIEN_OK) {
            status = mien_fail_in(status, "%s", path);
        }
    }
    mien_archive_close(&archive);
    mien_free(cached);
    return status;
}

/* ---- what the study names ------------------------------------------------------ */

static bool matches(void *context, const char *name) {
    return fnmatch(context, name, 0) == 0;
}

static mien_status none_called(
    const mien_study *study, const char *key, const char *pattern) {
    char where[MIEN_STUDY_WHERE_MAX];
    return mien_fail(MIEN_EFORMAT, "%s: %s: no parameter is called \"%s\"",
        mien_study_where(study, key, where), key, pattern);
}

/* Every parameter that matches must be in the file. */
static mien_status check_has(mien_net *net, const mien_study *study,
    const mien_recipe_choice *load, const mien_archive *archive, bool whole) {
    int64_t count = 0;
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        if (!matches(load->pattern, name)) {
            continue;
        }
        if (mien_archive_find(archive, name) < 0) {
            return mien_fail(MIEN_EFORMAT, "it has no %s", name);
        }
        count++;
    }
    return count || !whole ? MIEN_OK : none_called(study, "train.load", load->pattern);
}

static mien_status load_choice(mien_net *net, const mien_study *study,
    const mien_recipe_choice *load, bool whole) {
    mien_archive *archive = NULL;
    mien_weights_options o = {
        .partial = true, .wanted = matches, .context = load->pattern};
    char *path = mien_path_join(study->folder, load->value);
    mien_status status = path ? mien_archive_open(path, &archive) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = check_has(net, study, load, archive, whole);
    }
    if (status == MIEN_OK) {
        status = mien_weights_load(net->parameters, archive, &o);
    }
    if (status != MIEN_OK && path) {
        status = mien_fail_in(status, "train.load: %s", path);
    }
    mien_archive_close(&archive);
    mien_free(path);
    return status;
}

mien_status mien_net_choose_weights(
    mien_net *net, const mien_study *study, bool whole) {
    const mien_recipe *r = &study->recipe;
    uint64_t seed = (uint64_t)mien_options_int(study->options, "seed");
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < r->initials; i++) {
        int64_t count = 0;
        status = mien_parameters_initialise(
            net->parameters, r->initial[i].pattern, r->initial[i].value, seed, &count);
        if (status == MIEN_OK && count == 0 && whole) {
            status = none_called(study, "train.initials", r->initial[i].pattern);
        }
    }
    for (int i = 0; status == MIEN_OK && i < r->loads; i++) {
        status = load_choice(net, study, &r->load[i], whole);
    }
    return status;
}
