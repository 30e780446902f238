/* SPDX-License-Identifier: MIT */
/* Sentences of what a run did and how well it did, made from its numbers. */
#include "report/run_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef char number[MIEN_NUMBER_MAX];

static void capital(mien_string *out, const char *name) {
    char first[2] = {(char)toupper((unsigned char)name[0]), 0};
    mien_string_add(out, first);
    mien_string_add(out, name[0] ? name + 1 : "");
}

/* "valence (evoked, normative; 1 to 7)" */
static void add_target(mien_string *out, const mien_run_target *t) {
    number low, high;
    mien_string_addf(out, "%s", t->name);
    mien_string_add(out, " (");
    if (*t->construct) {
        mien_string_addf(
            out, "%s%s%s; ", t->construct, *t->perspective ? ", " : "", t->perspective);
    }
    if (t->classes) {
        mien_string_addf(out, "%d classes)", t->classes);
        return;
    }
    mien_string_addf(out, "scale %s to %s%s%s)", mien_scale_text(t->minimum, low),
        mien_scale_text(t->maximum, high), *t->unit ? ", " : "", t->unit);
}

char *mien_scale_text(double value, char text[MIEN_NUMBER_MAX]) {
    return mien_fixed(value, value == floor(value) ? 0 : 2, text);
}

void mien_number_cell(mien_string *out, double value, int decimals) {
    number text;
    mien_svg(out, "<td class='n'>$</td>",
        isfinite(value) ? mien_fixed(value, decimals, text) : "–");
}

double mien_number_at(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), (double)NAN);
}

static const char *text_at(const mien_run *run, const char *section, const char *key) {
    const char *text =
        mien_value_text(mien_value_get(mien_value_get(run->results, section), key));
    return text ? text : "";
}

static int64_t count_at(const mien_run *run, const char *section, const char *key) {
    return mien_value_int(
        mien_value_get(mien_value_get(run->results, section), key), -1);
}

static void add_layers(mien_string *out, const mien_run *run) {
    const mien_value *layers =
        mien_value_get(mien_value_get(run->results, "model"), "layers");
    const char *text = mien_value_text(layers);
    if (text && *text) {
        mien_string_addf(out, " (layers %s)", text);
    }
    for (int64_t i = 0; i < mien_value_count(layers); i++) {
        const char *layer = mien_value_text(mien_value_at(layers, i));
        mien_string_addf(out, "%s%s", i ? ", " : " (layers ", layer ? layer : "?");
    }
    mien_string_add(out, mien_value_count(layers) ? ")" : "");
}

/* Describes a network over features: its kind, and the inputs that it reads. */
static void add_network(mien_string *out, const mien_run *run) {
    const mien_value *inputs =
        mien_value_get(mien_value_get(run->results, "model"), "inputs");
    const char *kind = text_at(run, "model", "network");
    if (!*kind) {
        return;
    }
    mien_string_addf(out, ", by a network (%s) over features: ", kind);
    for (int64_t i = 0; i < mien_value_count(inputs); i++) {
        const char *name = mien_value_text(mien_value_at(inputs, i));
        mien_string_addf(out, "%s%s", i ? ", " : "", name ? name : "?");
    }
    mien_string_addf(out, "; %lld values were trained",
        (long long)count_at(run, "model", "trained"));
}

/* Describes a head that was fitted at once: its kind, and the branches that it
 * stands on. */
static void add_head(mien_string *out, const mien_run *run) {
    const mien_value *inputs =
        mien_value_get(mien_value_get(run->results, "model"), "inputs");
    if (!*text_at(run, "model", "head")) {
        return;
    }
    mien_string_addf(out, ", by %s", mien_run_learner(run));
    for (int64_t i = 0; i < mien_value_count(inputs); i++) {
        const char *name = mien_value_text(mien_value_at(inputs, i));
        mien_string_addf(out, "%s%s", i ? ", " : " on ", name ? name : "?");
    }
}

static void add_material(mien_string *out, const mien_run *run) {
    int64_t rows = count_at(run, "trials", "rows");
    const char *table = text_at(run, "trials", "path");
    const char *backbone = text_at(run, "model", "backbone");
    mien_string_addf(out, "The study “%s” learnt to predict ", run->name);
    for (int t = 0; t < run->targets; t++) {
        mien_string_add(out, t == 0 ? "" : t + 1 == run->targets ? " and " : ", ");
        add_target(out, &run->target[t]);
    }
    mien_string_addf(
        out, " from %lld trials", (long long)(rows < 0 ? run->rows : rows));
    if (*table) {
        mien_string_addf(out, " of %s", mien_path_base(table));
    }
    if (*backbone) {
        int64_t trained = count_at(run, "model", "trained");
        bool network = trained >= 0;
        mien_string_addf(out,
            network ? ", by a network on %s" : ", through the frozen features of %s",
            backbone);
        add_layers(out, run);
        if (network) {
            mien_string_addf(
                out, ", of which %lld values were trained", (long long)trained);
        }
    }
    add_network(out, run);
    add_head(out, run);
    mien_string_add(out, ".");
}

static void add_folds(mien_string *out, const mien_run *run) {
    int64_t k = count_at(run, "folds", "k"), groups = count_at(run, "trials", "groups");
    int64_t seed = count_at(run, "folds", "seed");
    const char *by = text_at(run, "folds", "by");
    mien_string_addf(out,
        "Every prediction on this page is of a trial that the %s had not seen",
        mien_run_learner(run));
    if (k > 1) {
        mien_string_addf(out, ": the trials were assigned to %lld folds", (long long)k);
        if (*by && strcmp(by, "row") != 0 && strcmp(by, "none") != 0) {
            mien_string_addf(out, " by %s", by);
            if (groups > 0) {
                mien_string_addf(
                    out, " (%lld groups, each whole in one fold)", (long long)groups);
            }
        }
        mien_string_add(
            out, ", and each fold was predicted by what was learnt from the others");
        mien_string_add(out, "; every choice was made inside the training folds");
        if (seed >= 0) {
            mien_string_addf(out, " (seed %lld)", (long long)seed);
        }
    }
    mien_string_add(out, ".");
    if (run->seeds > 1) {
        mien_string_addf(out,
            " Everything was trained %lld times, each time with another seed: scores "
            "are "
            "means over the seeds’ own; figures, folds and misses show the mean of "
            "their "
            "predictions.",
            (long long)run->seeds);
    }
    int64_t repeats = count_at(run, "bootstrap", "repeats");
    const char *rule = mien_value_text(
        mien_value_get(mien_value_get(run->results, "bootstrap"), "rule"));
    mien_string_add(out, " Intervals are 95 % intervals");
    if (rule && strcmp(rule, "jackknife") == 0) {
        mien_string_add(out, " by leaving each group out");
    } else if (repeats > 0) {
        mien_string_addf(out, " of a bootstrap that drew whole groups %lld times",
            (long long)repeats);
    }
    mien_string_add(out, ".");
}

mien_status mien_run_describe(mien_page *page, const mien_run *run) {
    mien_string out;
    mien_string_init(&out);
    add_material(&out, run);
    mien_page_paragraph(page, out.text);
    mien_status status = mien_string_status(&out);
    mien_string_empty(&out);
    add_folds(&out, run);
    mien_status shown = mien_page_paragraph(page, out.text);
    status = status == MIEN_OK ? mien_string_status(&out) : status;
    mien_string_clear(&out);
    return status == MIEN_OK ? shown : status;
}

/* ---- how well ------------------------------------------------------------------ */

static void add_interval(mien_string *out, const mien_interval *i) {
    number value, low, high;
    mien_string_add(out, mien_fixed(i->value, 2, value));
    if (isfinite(i->low) && isfinite(i->high)) {
        mien_string_addf(out, " (95 %% interval %s to %s)", mien_fixed(i->low, 2, low),
            mien_fixed(i->high, 2, high));
    }
}

static void add_class_score(mien_string *out, const mien_run_target *t) {
    const mien_run_metric *accuracy = mien_run_metric_find(t, "accuracy");
    const mien_run_metric *f1 = mien_run_metric_find(t, "macro_f1");
    number text;
    if (accuracy && isfinite(accuracy->model.value)) {
        capital(out, t->name);
        mien_string_add(out, ": a share of ");
        add_interval(out, &accuracy->model);
        mien_string_add(out, " of the predictions is right");
        if (isfinite(accuracy->baseline.value)) {
            mien_string_addf(out, "%s %s for always answering the largest class",
                accuracy->model.value > accuracy->baseline.value
                    ? ", against"
                    : ", which is no better than the",
                mien_fixed(accuracy->baseline.value, 2, text));
        }
        mien_string_add(out, ". ");
    }
    if (f1 && isfinite(f1->model.value)) {
        mien_string_add(out, "The mean F1 over classes is ");
        add_interval(out, &f1->model);
        mien_string_add(out, ". ");
    }
}

static void add_score(mien_string *out, const mien_run_target *t) {
    const mien_run_metric *r = mien_run_metric_find(t, "r");
    const mien_run_metric *rmse = mien_run_metric_find(t, "rmse");
    number a, b;
    if (r && isfinite(r->model.value)) {
        capital(out, t->name);
        mien_string_add(out, ": predictions and ratings correlate at r = ");
        add_interval(out, &r->model);
        if (isfinite(t->ceiling)) {
            mien_string_addf(out,
                "; the disagreement of the raters would let a perfect predictor reach "
                "about "
                "%s",
                mien_fixed(t->ceiling, 2, a));
        }
        mien_string_add(out, ". ");
    }
    if (rmse && isfinite(rmse->model.value)) {
        mien_string_addf(out, "The typical error (RMSE) is %s on the %s-to-%s scale",
            mien_fixed(rmse->model.value, 2, a), mien_scale_text(t->minimum, b),
            mien_scale_text(t->maximum, (number){0}));
        if (isfinite(rmse->baseline.value)) {
            mien_string_addf(out, "%s %s for always answering with the mean",
                rmse->model.value < rmse->baseline.value ? ", against"
                                                         : ", worse than the",
                mien_fixed(rmse->baseline.value, 2, b));
        }
        mien_string_add(out, ". ");
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double deviation(const double *v, int64_t n) {
    double mean = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        mean += v[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        sum += (v[i] - mean) * (v[i] - mean);
    }
    return sqrt(sum / (double)n);
}

/* Complete pairs, sorted by their rating, and the absolute errors, sorted. */
typedef struct pairs {
    int64_t count;
    double *truth, *prediction, *error, *both;
} pairs;

static mien_status pairs_of(const mien_run_target *t, int64_t rows, pairs *p) {
    *p = (pairs){0};
    size_t n = (size_t)rows;
    p->truth = mien_alloc(n, 5 * sizeof *p->truth);
    if (!p->truth) {
        return MIEN_ENOMEM;
    }
    p->prediction = p->truth + n;
    p->error = p->prediction + n;
    p->both = p->error + n;
    for (int64_t i = 0; i < rows; i++) {
        if (isfinite(t->truth[i]) && isfinite(t->prediction[i])) {
            p->both[2 * p->count] = t->truth[i];
            p->both[2 * p->count++ + 1] = t->prediction[i];
        }
    }
    qsort(p->both, (size_t)p->count, 2 * sizeof *p->both, ascending);
    for (int64_t i = 0; i < p->count; i++) {
        p->truth[i] = p->both[2 * i];
        p->prediction[i] = p->both[2 * i + 1];
        p->error[i] = fabs(p->truth[i] - p->prediction[i]);
    }
    qsort(p->error, (size_t)p->count, sizeof *p->error, ascending);
    return MIEN_OK;
}

static double mean_miss(const pairs *p, int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; i++) {
        sum += p->prediction[i] - p->truth[i];
    }
    return sum / (double)(end - begin);
}

static const char *direction(double miss) {
    return miss < 0 ? "low" : "high";
}

static void add_hints(mien_string *out, const mien_run_target *t, const pairs *p) {
    number a, b;
    if (p->count < 9) {
        return;
    }
    int64_t third = p->count / 3;
    double low = mean_miss(p, 0, third),
           high = mean_miss(p, p->count - third, p->count);
    double spread =
        deviation(p->prediction, p->count) / fmax(deviation(p->truth, p->count), 1e-12);
    capital(out, t->name);
    mien_string_addf(out,
        ": half of the predictions lie within %s of the rating, nine in ten "
        "within %s. ",
        mien_fixed(p->error[p->count / 2], 2, a),
        mien_fixed(p->error[p->count * 9 / 10], 2, b));
    mien_string_addf(out, "Predictions spread %s times as widely as ratings",
        mien_fixed(spread, 2, a));
    if (low > 0 && high < 0) {
        mien_string_add(out, ", so extremes are pulled to the middle");
    }
    mien_string_addf(out, ": the lowest third is predicted %s too %s on average, ",
        mien_fixed(fabs(low), 2, a), direction(low));
    mien_string_addf(out, "the highest third %s too %s.", mien_fixed(fabs(high), 2, b),
        direction(high));
}

mien_status mien_run_score_words(mien_page *page, const mien_run_target *target) {
    mien_string out;
    mien_string_init(&out);
    if (target->classes) {
        add_class_score(&out, target);
    } else {
        add_score(&out, target);
    }
    mien_status status = mien_string_status(&out);
    if (status == MIEN_OK && out.length) {
        status = mien_page_paragraph(page, out.text);
    }
    mien_string_clear(&out);
    return status;
}

mien_status mien_run_residual_words(
    mien_page *page, const mien_run *run, const mien_run_target *target) {
    mien_string out;
    pairs p;
    mien_string_init(&out);
    mien_status status = pairs_of(target, run->rows, &p);
    if (status == MIEN_OK) {
        add_hints(&out, target, &p);
        status = mien_string_status(&out);
    }
    if (status == MIEN_OK && out.length) {
        status = mien_page_paragraph(page, out.text);
    }
    mien_free(p.truth);
    mien_string_clear(&out);
    return status;
}
