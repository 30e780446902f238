/* SPDX-License-Identifier: MIT */
/* Grows trees by libxgboost's C interface and takes them out of the model that it saves
 * (JSON): learner_trees.c says how, forest_read.c reads. */
#include "train/trainers/booster.h"

#include "train/trainers/forest_read.h"

#ifndef MIEN_XGBOOST_SONAME

mien_status mien_booster_check(void) {
    return mien_fail(MIEN_EUNSUPPORTED,
        "this build cannot grow trees: install libxgboost-dev and build anew (models "
        "that hold trees need nothing of it)");
}

mien_status mien_booster_grow(
    const mien_booster_setup *setup, mien_forest *forest, float *predictions) {
    (void)setup;
    (void)predictions;
    *forest = (mien_forest){0};
    return mien_booster_check();
}

#else

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <xgboost/c_api.h>

#include "base/library.h"

/* One pointer a function, named and typed like it. */
typedef struct library {
#define X(kind, name) __typeof__(name) *name;
#include "train/trainers/xgboost.def"
#undef X
} library;

static const mien_symbol symbols[] = {
#define X(kind, name) {#name, offsetof(library, name)},
#include "train/trainers/xgboost.def"
#undef X
};

static mien_status load(library *found) {
    return mien_library_load(MIEN_XGBOOST_SONAME, "growing trees needs libxgboost",
        symbols, sizeof symbols / sizeof symbols[0], found);
}

mien_status mien_booster_check(void) {
    library found;
    return load(&found);
}

typedef struct growing {
    library xgb;
    const mien_booster_setup *setup;
    DMatrixHandle matrix;
    BoosterHandle booster;
    mien_status status; /* after a failure the rest do nothing */
} growing;

static bool goes(growing *g, int code) {
    if (code != 0) {
        const char *text = g->xgb.XGBGetLastError();
        g->status =
            mien_fail(MIEN_EINTERNAL, "XGBoost: %.*s", (int)strcspn(text, "\n"), text);
    }
    return code == 0;
}

static bool set(growing *g, const char *key, const char *value) {
    return g->status == MIEN_OK &&
           goes(g, g->xgb.XGBoosterSetParam(g->booster, key, value));
}

static bool set_number(growing *g, const char *key, double value) {
    char text[32];
    snprintf(text, sizeof text, "%.17g", value);
    return set(g, key, text);
}

static void make_matrix(growing *g) {
    const mien_booster_setup *s = g->setup;
    bst_ulong rows = (bst_ulong)s->rows;
    if (!goes(g, g->xgb.XGDMatrixCreateFromMat(
                     s->x, rows, (bst_ulong)s->width, NAN, &g->matrix)) ||
        !goes(g, g->xgb.XGDMatrixSetFloatInfo(g->matrix, "label", s->label, rows)) ||
        !goes(g, g->xgb.XGDMatrixSetFloatInfo(g->matrix, "weight", s->weight, rows))) {
        return;
    }
    goes(g, g->xgb.XGBoosterCreate(&g->matrix, 1, &g->booster));
}

static void set_all(growing *g) {
    const mien_booster_setup *s = g->setup;
    set(g, "verbosity", "0");
    set(g, "nthread", "1");
    set(g, "booster", "gbtree");
    set(g, "objective", s->classes ? "multi:softprob" : "reg:squarederror");
    if (s->classes) {
        set_number(g, "num_class", s->classes);
    }
    set_number(g, "base_score", s->base);
    set_number(g, "seed", s->seed);
    set_number(g, "num_parallel_tree", s->forest ? s->trees : 1);
    for (int i = 0; i < s->sets; i++) {
        set(g, s->set[i][0], s->set[i][1]);
    }
}

static void grow(growing *g) {
    int rounds = g->setup->forest ? 1 : g->setup->trees;
    for (int i = 0; g->status == MIEN_OK && i < rounds; i++) {
        if (mien_interrupted()) {
            g->status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
            return;
        }
        goes(g, g->xgb.XGBoosterUpdateOneIter(g->booster, i, g->matrix));
    }
}

static void take_forest(growing *g, mien_forest *forest) {
    const char *text = NULL;
    bst_ulong length = 0;
    if (g->status == MIEN_OK &&
        goes(g, g->xgb.XGBoosterSaveModelToBuffer(
                    g->booster, "{\"format\": \"json\"}", &length, &text))) {
        g->status = mien_forest_read(
            text, (size_t)length, g->setup->classes ? g->setup->classes : 1, forest);
    }
}

static void predict(growing *g, float *predictions) {
    static const char how[] = "{\"type\": 1, \"training\": false, \"iteration_begin\": "
                              "0, \"iteration_end\": 0, \"strict_shape\": false}";
    const bst_ulong *shape = NULL;
    bst_ulong rank = 0;
    const float *values = NULL;
    if (g->status == MIEN_OK && predictions &&
        goes(g, g->xgb.XGBoosterPredictFromDMatrix(
                    g->booster, g->matrix, how, &shape, &rank, &values))) {
        size_t count = 1;
        for (bst_ulong i = 0; i < rank; i++) {
            count *= (size_t)shape[i];
        }
        memcpy(predictions, values, count * sizeof *predictions);
    }
}

mien_status mien_booster_grow(
    const mien_booster_setup *setup, mien_forest *forest, float *predictions) {
    growing g = {.setup = setup};
    *forest = (mien_forest){0};
    g.status = load(&g.xgb);
    if (g.status == MIEN_OK) {
        make_matrix(&g);
        set_all(&g);
        grow(&g);
        take_forest(&g, forest);
        predict(&g, predictions);
    }
    if (g.booster) {
        g.xgb.XGBoosterFree(g.booster);
    }
    if (g.matrix) {
        g.xgb.XGDMatrixFree(g.matrix);
    }
    return g.status;
}

#endif
