/* SPDX-License-Identifier: MIT */
/* One user's own model: a read-out that says what people in general, and what this one
 * would, from a few ratings of their own. Their rating is offset + slope · (value −
 * middle of the scale) about what the model says; both are N(0, ·) and N(1, ·) before
 * the first rating (person_prior.c), and the noise is the likeliest of a grid. What
 * comes out is a read-out with one target more for each that was rated, so that
 * everything that reads models says both. Called by `mien adapt`. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "mien/inputs.h"
#include "train/document.h"
#include "train/golden.h"
#include "train/persons/person.h"

/* of a normal, 95 % */
#define HALF 1.959963984540054
enum { NOISES = 25, GOLDEN = 4, DIGITS = 12 /* of a fingerprint */ };

mien_adapt_options mien_adapt_options_default(void) {
    return (mien_adapt_options){
        .offset = 0.12, .slope = 0.3, .threads = mien_cpu_count()};
}

/* ---- weights --------------------------------------------------------------------- */

/* SDs of ratings about the line, as shares of the scale: .03 to .3, in equal ratios. */
static mien_status choose_noise(
    mien_prior *prior, const mien_known *known, double range, double *scratch) {
    double best = -INFINITY, chosen = 0;
    for (int i = 0; i < NOISES; i++) {
        double sd = range * 0.03 * pow(10, (double)i / (NOISES - 1)), evidence;
        mien_status status =
            mien_prior_evidence(prior, known, sd * sd, &evidence, scratch);
        if (status != MIEN_OK) {
            return status;
        }
        /* before the first ratings, .2 of the scale give or take a third */
        double far = log(sd / (0.2 * range)) / 0.33;
        evidence -= far * far / 2;
        if (evidence > best) {
            best = evidence;
            chosen = sd * sd;
        }
    }
    prior->noise = chosen;
    return MIEN_OK;
}

static mien_status fit(const mien_target *target, const mien_own_ratings *own,
    const mien_adapt_options *o, mien_adapted *out) {
    double range = target->maximum - target->minimum;
    double middle = (target->minimum + target->maximum) / 2;
    double root[4] = {o->offset * range, 0, 0, o->slope}, mean[2] = {middle, 1};
    double scratch[12], w[2], c[4], spread = 0;
    mien_prior prior = {2, mean, root, 1};
    mien_known known;
    mien_status status = mien_known_init(&known, 2);
    for (int64_t i = 0; status == MIEN_OK && i < own->count; i++) {
        const double row[2] = {1, own->norm[i] - middle};
        if (!isfinite(own->norm[i]) || !(own->rating[i] >= target->minimum) ||
            !(own->rating[i] <= target->maximum)) {
            status = mien_fail(MIEN_EINVAL,
                "rating %lld of %s: %g is not within %g to %g, or the model's %g is no "
                "number",
                (long long)i, target->name, own->rating[i], target->minimum,
                target->maximum, own->norm[i]);
        } else {
            mien_known_add(&known, 2, row, own->rating[i]);
        }
    }
    if (status == MIEN_OK) {
        status = choose_noise(&prior, &known, range, scratch);
    }
    if (status == MIEN_OK) {
        status = mien_prior_weights(&prior, &known, w, c, scratch);
    }
    for (int64_t i = 0; status == MIEN_OK && i < own->count; i++) {
        double x = own->norm[i] - middle;
        spread += (c[0] + 2 * x * c[1] + x * x * c[3]) / (double)own->count;
    }
    mien_known_clear(&known);
    if (status == MIEN_OK) {
        *out = (mien_adapted){.offset = w[0] - middle,
            .slope = w[1],
            .noise = sqrt(prior.noise),
            .half = HALF * sqrt(prior.noise + spread)};
    }
    return status;
}

/* ---- the model --------------------------------------------------------------------
 */

typedef struct adapting {
    mien_arena *arena;
    mien_network network;     /* the model's with targets added */
    int of[MIEN_TARGETS_MAX]; /* target t's own was made of target of[t] */
    mien_adapted fit[MIEN_TARGETS_MAX];
    mien_value *training;
} adapting;

/* Rows t ≥ T of [T', S] are rows of[t] times the slope. */
static float *stretch(adapting *a, const float *rows, int64_t width) {
    int all = a->network.targets_count;
    float *out = mien_arena_alloc(a->arena, (size_t)(all * width), sizeof *out);
    for (int t = 0; out && t < all; t++) {
        for (int64_t s = 0; s < width; s++) {
            double x = (double)rows[a->of[t] * width + s];
            out[t * width + s] = (float)(a->fit[t].slope * x);
        }
    }
    return out;
}

static mien_status stretch_head(adapting *a) {
    mien_readout *r = &a->network.readout;
    float *bias = stretch(a, r->bias, 1);
    mien_status status = bias ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; bias && t < a->network.targets_count; t++) {
        const mien_target *target = &a->network.targets[t];
        double middle = (target->minimum + target->maximum) / 2;
        bias[t] = (float)((double)bias[t] + a->fit[t].offset +
                          (1 - a->fit[t].slope) * middle);
    }
    r->bias = bias;
    for (int b = 0; status == MIEN_OK && b < r->blocks_count; b++) {
        mien_readout_block *block = &r->blocks[b];
        block->coefficient = stretch(a, block->coefficient, block->vectors_count);
        status = block->coefficient ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

static mien_status add_target(adapting *a, int from) {
    mien_network *n = &a->network;
    int t = n->targets_count;
    char name[sizeof n->targets[0].name];
    memcpy(name, n->targets[from].name, sizeof name);
    if (t == MIEN_TARGETS_MAX || strlen(name) + 5 > sizeof n->targets[t].name) {
        return mien_fail(MIEN_ELIMIT,
            "no room for an own %s: %d targets at most, of "
            "names below 32 bytes",
            name, (int)MIEN_TARGETS_MAX);
    }
    n->targets[t] = n->targets[from];
    snprintf(n->targets[t].name, sizeof n->targets[t].name, "own_%.27s", name);
    snprintf(n->targets[t].perspective, sizeof n->targets[t].perspective, "subjective");
    n->targets[t].interval_low = -a->fit[t].half;
    n->targets[t].interval_high = a->fit[t].half;
    a->of[t] = from;
    n->targets_count = n->architecture.outputs = t + 1;
    return MIEN_OK;
}

/* Adds what the model was adapted by, beside what it was trained on. */
static mien_status tell(adapting *a, int first, const mien_own_ratings *own) {
    mien_status status = MIEN_OK;
    if (a->network.training) {
        status = mien_value_copy(a->network.training, &a->training);
    } else {
        a->training = mien_value_new_map();
    }
    mien_value *all = mien_value_new_map();
    for (int t = first; status == MIEN_OK && t < a->network.targets_count; t++) {
        mien_value *one = mien_value_new_map();
        mien_document_int(one, "ratings", own[a->of[t]].count, &status);
        mien_document_put(
            one, "offset", mien_value_new_number(a->fit[t].offset), &status);
        mien_document_put(
            one, "slope", mien_value_new_number(a->fit[t].slope), &status);
        mien_document_put(
            one, "noise", mien_value_new_number(a->fit[t].noise), &status);
        mien_document_put(all, a->network.targets[t].name, one, &status);
    }
    if (status != MIEN_OK) {
        mien_value_free(&all);
        return status;
    }
    a->network.training = a->training;
    return mien_value_set(a->training, "adapted", all);
}

/* Adds what was learnt from to the fingerprints that the model has; one that has none
 * does not know which rows it was trained on, and goes on not knowing. */
static mien_status add_pictures(adapting *a, const mien_adapt_options *o) {
    const mien_architecture *design = &a->network.architecture;
    /* lent as const to readers; this tree is ours */
    mien_value *map = (mien_value *)mien_value_get(a->training, "trained_on");
    const char *known = mien_value_text(mien_value_get(map, "fingerprints"));
    mien_fingerprints *prints = NULL;
    mien_string text;
    int64_t taken = 0;
    if (!known || !o->pictures || design->inputs_count != 1) {
        return MIEN_OK;
    }
    mien_string_init(&text);
    mien_status status = mien_string_add(&text, known);
    status = status ? status : mien_fingerprints_new(design->inputs, 1, &prints);
    for (int64_t i = 0; status == MIEN_OK && i < o->pictures_count; i++) {
        const mien_place place = mien_place_of(o->pictures[i]);
        char digits[32];
        uint64_t print = 0;
        status = mien_fingerprints_take(prints, &place, &print);
        snprintf(digits, sizeof digits, "%012" PRIx64, print);
        if (status == MIEN_OK && print != 0 && strlen(digits) == DIGITS) {
            taken++;
            status = mien_string_add(&text, digits);
        }
    }
    if (status == MIEN_OK) {
        int64_t rows = mien_value_int(mien_value_get(map, "rows"), 0) + taken;
        mien_document_int(map, "rows", rows, &status);
        mien_document_int(map, "inputs", (int64_t)(text.length / DIGITS), &status);
        mien_document_text(map, "fingerprints", text.text, &status);
    }
    mien_fingerprints_free(&prints);
    mien_string_clear(&text);
    return status;
}

static mien_status save(
    const adapting *a, const char *path, const mien_adapt_options *o) {
    mien_golden golden = {0};
    mien_status status = mien_network_save(path, &a->network, NULL, NULL, 0);
    if (status == MIEN_OK) {
        status = mien_golden_make(
            &golden, GOLDEN, path, NULL, o->weights, o->exact, o->threads, NULL);
    }
    if (status == MIEN_OK) {
        status = mien_network_save(path, &a->network, NULL, golden.input, GOLDEN);
    }
    mien_golden_clear(&golden);
    if (status != MIEN_OK) {
        remove(path); /* without its golden vectors it is no model */
    }
    return status;
}

mien_status mien_adapt(const mien_model *model, const mien_own_ratings *own,
    const mien_adapt_options *options, const char *path, mien_adapted *adapted) {
    MIEN_NEED(model, own, path);
    const mien_adapt_options o = options ? *options : mien_adapt_options_default();
    adapting a = {.network = *mien_model_network(model)};
    int count = a.network.targets_count;
    if (a.network.readout.blocks_count == 0) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: is no read-out; only read-outs are adapted so far",
            mien_model_path(model));
    }
    mien_status status = mien_arena_new(1 << 16, &a.arena);
    for (int t = 0; t < count; t++) {
        a.of[t] = t;
        a.fit[t].slope = 1;
    }
    for (int t = 0; status == MIEN_OK && t < count; t++) {
        int next = a.network.targets_count;
        if (own[t].count == 0) {
            continue;
        }
        status = next < MIEN_TARGETS_MAX
                     ? fit(&a.network.targets[t], &own[t], &o, &a.fit[next])
                     : MIEN_OK;
        if (status == MIEN_OK) {
            status = add_target(&a, t);
        }
        if (status == MIEN_OK && adapted) {
            adapted[t] = a.fit[next];
        }
    }
    if (status == MIEN_OK && a.network.targets_count == count) {
        status = mien_fail(MIEN_EINVAL, "there is no rating to adapt to");
    }
    if (status == MIEN_OK) {
        status = stretch_head(&a);
    }
    if (status == MIEN_OK) {
        status = tell(&a, count, own);
    }
    if (status == MIEN_OK) {
        status = add_pictures(&a, &o);
    }
    if (status == MIEN_OK) {
        status = save(&a, path, &o);
    }
    mien_value_free(&a.training);
    mien_arena_free(&a.arena);
    return status;
}
