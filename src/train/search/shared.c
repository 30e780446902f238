/* SPDX-License-Identifier: MIT */
/* What is frozen in front of the head, computed once for all points of a search.
 *
 * Points that agree in every key but those of training and of the head share features;
 * those that also agree in the head share the network whose tail they train. trial.c
 * asks for both before it trains. */
#include <stdio.h>
#include <string.h>

#include "train/run/study_run_record.h"
#include "train/search/nested.h"

/* Keys that neither what is frozen nor the network hangs on. */
static const char *const of_training[] = {"name", "optimiser", "schedule", "clip",
    "average", "sam", "epochs", "batch", "drop-last", "sampler", "class-weights",
    "validation", "stopping", "watch", "seeds", "modality-dropout", "sensor-dropout",
    "judging", "smoothing", "offsets", "logistic", "ridge", "trees", "inner",
    "bootstrap", "calibration", "intervals", "permutations", "permutation", "model",
    "checkpoint", "cache", "audit", "search", "series", "standardise", NULL};
static const char *const of_training_too[] = {"loss.numbers", "loss.weights",
    "loss.learned", "loss.soft", "train.rates", "train.decays", "readout.gamma",
    "readout.combine", "readout.lambda", "folds.repeats", NULL};
/* Keys of the head alone. */
static const char *const of_head[] = {"head.layers", "head.activation", "head.dropout",
    "head.hidden-dropout", "loss.classes", NULL};

static bool listed(const char *const *list, const char *key) {
    for (; *list; list++) {
        if (strcmp(*list, key) == 0) {
            return true;
        }
    }
    return false;
}

/* The keys of a study that count, as text. A seed counts where it draws a backbone. */
static mien_status add_keys(const mien_value *map, const char *prefix, bool with_head,
    bool with_seed, mien_string *text) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(map); i++) {
        const mien_value *item = mien_value_item(map, i);
        char key[256];
        snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "",
            mien_value_key(map, i));
        bool skipped = listed(of_training, key) || listed(of_training_too, key) ||
                       (!with_head && listed(of_head, key)) ||
                       (!with_seed && strcmp(key, "seed") == 0);
        if (skipped) {
            continue;
        }
        if (mien_value_kind_of(item) == MIEN_VALUE_MAP) {
            status = add_keys(item, key, with_head, with_seed, text);
        } else {
            mien_string_addf(text, "%s=", key);
            status = mien_value_write_json(item, false, text);
            mien_string_add(text, "\n");
        }
    }
    return status ? status : mien_string_status(text);
}

static mien_status key_of(
    const mien_study *study, bool with_head, bool random, char key[65]) {
    mien_string yaml, text;
    mien_value *map = NULL;
    mien_string_init(&yaml);
    mien_string_init(&text);
    mien_status status = mien_study_write(study, &yaml);
    if (status == MIEN_OK) {
        status = mien_value_parse_yaml(study->path, yaml.text, yaml.length, &map);
    }
    if (status == MIEN_OK) {
        status = add_keys(map, "", with_head, random, &text);
    }
    if (status == MIEN_OK) {
        status = mien_sha256_bytes(text.text, text.length, key);
    }
    mien_value_free(&map);
    mien_string_clear(&text);
    mien_string_clear(&yaml);
    return status;
}

/* ---- features -------------------------------------------------------------------- */

static void clear_one(mien_search_shared *shared) {
    shared->run.pool = NULL; /* the root's */
    mien_study_run_clear(&shared->run);
    mien_study_close(&shared->study);
}

void mien_search_shared_clear(mien_search *search) {
    for (int i = 0; i < search->shareds; i++) {
        clear_one(&search->shared[i]);
    }
    for (int i = 0; i < search->wholes; i++) {
        mien_net_clear(&search->whole[i].net);
    }
    mien_free(search->shared);
    mien_free(search->whole);
}

/* The study is opened again: a point's own is closed before others come. */
static mien_status compute(
    mien_search *s, const double *at, mien_search_shared *shared) {
    const mien_study_run *root = &s->root;
    mien_study_run *r = &shared->run;
    mien_status status = mien_search_study(s, at, NULL, 0, &shared->study);
    *r = (mien_study_run){.study = shared->study,
        .options = &s->options,
        .folder = s->folder,
        .threads = root->threads,
        .exact = root->exact,
        .pool = root->pool};
    if (status == MIEN_OK) {
        r->weights = mien_study_run_weights(r->study, root->options->weights);
        status = mien_dataset_open(&r->dataset, r->study);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_hash_weights(r);
    }
    if (status == MIEN_OK) {
        status = mien_study_run_seeds(r);
    }
    return status == MIEN_OK ? mien_study_run_extract(r) : status;
}

static mien_status find_shared(mien_search *s, const double *at,
    const mien_study_run *run, const mien_search_shared **found) {
    bool random = run->weights && strcmp(run->weights, "random") == 0;
    char key[65];
    mien_status status = key_of(run->study, false, random, key);
    for (int i = 0; status == MIEN_OK && i < s->shareds; i++) {
        if (strcmp(s->shared[i].key, key) == 0) {
            *found = &s->shared[i];
            return MIEN_OK;
        }
    }
    if (status == MIEN_OK) {
        void *more = mien_realloc(
            s->shared, (size_t)s->shareds, (size_t)s->shareds + 1, sizeof *s->shared);
        s->shared = more ? more : s->shared;
        status = more ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_search_shared *shared = &s->shared[s->shareds++];
        *shared = (mien_search_shared){.study = NULL};
        memcpy(shared->key, key, sizeof key);
        status = compute(s, at, shared);
        if (status != MIEN_OK) {
            clear_one(shared);
            s->shareds--;
        }
        *found = shared;
    }
    return status;
}

/* ---- the network ----------------------------------------------------------------- */

/* Values in front of the tail: those of all points that share features are as many. */
static mien_status check_ends(const mien_net *net, const mien_study_run *shared) {
    int64_t width[MIEN_INPUTS_MAX] = {0};
    for (int k = 0; k < net->frozen.count; k++) {
        width[net->frozen.item[k]] += mien_net_item(net, net->frozen.node[k]);
    }
    for (int m = 0; m < shared->dataset.inputs; m++) {
        if (shared->computed >> m & 1 && width[m] != shared->features.table[m].width) {
            return mien_fail(MIEN_EINTERNAL,
                "%s: %lld frozen values of input %d, where %lld are kept",
                shared->study->path, (long long)width[m], m,
                (long long)shared->features.table[m].width);
        }
    }
    return MIEN_OK;
}

static mien_status find_whole(mien_search *s, const mien_study_run *run,
    const mien_study_run *shared, const mien_search_whole **found) {
    bool random = run->weights && strcmp(run->weights, "random") == 0;
    char key[65];
    mien_status status = key_of(run->study, true, random, key);
    for (int i = 0; status == MIEN_OK && i < s->wholes; i++) {
        if (strcmp(s->whole[i].key, key) == 0) {
            *found = &s->whole[i];
            return MIEN_OK;
        }
    }
    if (status == MIEN_OK) {
        void *more = mien_realloc(
            s->whole, (size_t)s->wholes, (size_t)s->wholes + 1, sizeof *s->whole);
        s->whole = more ? more : s->whole;
        status = more ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_search_whole *whole = &s->whole[s->wholes++];
        *whole = (mien_search_whole){0};
        memcpy(whole->key, key, sizeof key);
        status = mien_net_open(&whole->net, run->study, &run->dataset, run->weights);
        status = status ? status : check_ends(&whole->net, shared);
        status =
            status ? status : mien_study_run_weigh(run, shared->computed, &whole->net);
        if (status != MIEN_OK) {
            mien_net_clear(&whole->net);
            s->wholes--;
        }
        *found = whole;
    }
    return status;
}

/* ---- lending --------------------------------------------------------------------- */

/* Candidates and ratings are the run's, features are lent. */
static mien_status lend_feature_set(mien_study_run *run, const mien_study_run *shared) {
    mien_feature_set *to = &run->feature_set;
    const mien_feature_set *from = &shared->feature_set;
    mien_status status = mien_feature_set_open(to, &run->dataset, run->study);
    if (status == MIEN_OK && to->blocks.count != from->blocks.count) {
        status = mien_fail(
            MIEN_EINTERNAL, "%s: other layers than are kept", run->study->path);
    }
    for (int b = 0; status == MIEN_OK && b < to->blocks.count; b++) {
        to->blocks.width[b] = from->blocks.width[b];
        to->blocks.values[b] = from->blocks.values[b];
    }
    to->blocks.rows = from->blocks.rows;
    to->item = run->dataset.input[0].item;
    memcpy(to->backbone_hash, from->backbone_hash, sizeof to->backbone_hash);
    return status;
}

mien_status mien_search_lend(
    mien_search *search, const double *at, mien_study_run *run) {
    const mien_search_shared *shared = NULL;
    const mien_search_whole *whole = NULL;
    mien_status status = find_shared(search, at, run, &shared);
    if (status != MIEN_OK) {
        return status;
    }
    run->computed = shared->run.computed;
    run->features = shared->run.features;
    memcpy(run->weights_hash, shared->run.weights_hash, sizeof run->weights_hash);
    if (mien_trainer_kernels(run->study->trainer)) {
        return lend_feature_set(run, &shared->run);
    }
    if (run->computed) {
        status = find_whole(search, run, &shared->run, &whole);
        if (status == MIEN_OK) {
            run->whole = whole->net;
        }
    }
    return status;
}

void mien_search_take_back(mien_study_run *run) {
    memset(&run->features, 0, sizeof run->features);
    run->whole = (mien_net){0};
    for (int b = 0; b < run->feature_set.blocks.count; b++) {
        run->feature_set.blocks.values[b] = NULL;
    }
    run->pool = NULL;
    run->lock = NULL;
    run->log_of_training = NULL;
    run->folder_lock = NULL;
}
