/* SPDX-License-Identifier: MIT */
/* results.json as far as all methods share it: what was learnt from, how it was judged,
 * and the maps of targets (scores_write.c). */
#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/numbering.h"
#include "train/scores/scores.h"

mien_status mien_scores_rows_hash(const mien_dataset *dataset, char hex[65]) {
    const mien_dataset *c = dataset;
    mien_string line;
    mien_sha256 *sha = NULL;
    mien_string_init(&line);
    mien_status status = mien_sha256_new(&sha);
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        const char *group = mien_trials_cell(c->trials, c->row[i], "group");
        const char *image = mien_trials_cell(c->trials, c->row[i], "image");
        mien_string_empty(&line);
        mien_string_addf(&line, "%s\t%s\t%s", mien_trials_id(c->trials, c->row[i]),
            group ? group : "n/a", image ? mien_path_base(image) : "n/a");
        for (int t = 0; t < c->targets; t++) {
            const mien_dataset_target *target = &c->target[t];
            char number[32];
            mien_string_addf(&line, "\t%s",
                !mien_dataset_has(target, i) ? "n/a"
                : target->label ? target->from->class_name[target->label[i]]
                                : mien_format_double(target->value[i], number));
        }
        mien_string_add(&line, "\n");
        status = mien_string_status(&line);
        if (status == MIEN_OK) {
            mien_sha256_add(sha, line.text, line.length);
        }
    }
    if (sha) {
        mien_sha256_take(&sha, hex);
    }
    mien_string_clear(&line);
    return status;
}

/* How many different pictures there are, or rows where there are none. */
static int64_t count_stimuli(
    const mien_scores *s, const mien_dataset *c, mien_status *status) {
    size_t rows = (size_t)c->rows;
    const char **names = mien_alloc(rows, sizeof *names);
    int64_t *number = mien_alloc(rows, sizeof *number), count = 0;
    mien_status counted = names && number ? MIEN_OK : MIEN_ENOMEM;
    for (size_t i = 0; counted == MIEN_OK && i < rows; i++) {
        const char *image = mien_trials_cell(c->trials, c->row[i], "image");
        names[i] =
            image && !s->study->preset ? image : mien_trials_id(c->trials, c->row[i]);
    }
    if (counted == MIEN_OK) {
        counted = mien_number_names(names, c->rows, number, &count);
    }
    *status = *status == MIEN_OK ? counted : *status;
    mien_free(number);
    mien_free((void *)names);
    return count;
}

static mien_value *trials_value(
    const mien_scores *s, const mien_dataset *c, mien_status *status) {
    mien_value *map = mien_value_new_map();
    char hash[65] = "";
    mien_status hashed = mien_scores_rows_hash(c, hash);
    *status = *status == MIEN_OK ? hashed : *status;
    mien_document_text(map, "path", mien_path_base(s->study->trials), status);
    mien_document_text(map, "sha256", hash, status);
    mien_document_int(map, "rows", c->rows, status);
    mien_document_int(map, "groups", c->groups, status);
    mien_document_int(map, "stimuli", count_stimuli(s, c, status), status);
    return map;
}

/* The name of the group that each fold holds out, where that is one: a dataset, a
 * person. NULL: several. */
static mien_value *fold_names(const mien_dataset *c, mien_status *status) {
    mien_value *list = c->group_name && c->folds > 1 ? mien_value_new_list() : NULL;
    for (int k = 0; list && k < c->folds; k++) {
        const char *name = NULL;
        bool same = true;
        for (int64_t i = 0; same && i < c->rows; i++) {
            const char *here = c->group_name[i];
            if (c->fold[i] == k) {
                same = here && (!name || strcmp(name, here) == 0);
                name = here;
            }
        }
        if (!same || !name) {
            mien_value_free(&list);
        } else {
            mien_document_add(list, mien_value_new_text(name), status);
        }
    }
    return list;
}

static mien_value *folds_value(
    const mien_scores *s, const mien_dataset *c, mien_status *status) {
    const mien_options *o = s->study->options;
    const char *rule = mien_options_text(o, "folds.rule");
    bool alone = strcmp(mien_options_text(o, "folds.by"), "none") == 0;
    mien_value *map = mien_value_new_map();
    mien_document_int(map, "k", c->folds, status);
    mien_document_text(
        map, "rule", alone && strcmp(rule, "groups") == 0 ? "rows" : rule, status);
    mien_document_text(map, "by", mien_options_text(o, "folds.by"), status);
    mien_document_int(map, "seed", mien_options_int(o, "folds.seed"), status);
    mien_value *names = fold_names(c, status);
    if (names) {
        mien_document_put(map, "names", names, status);
    }
    return map;
}

static mien_value *bootstrap_value(const mien_scores *s, mien_status *status) {
    const mien_options *o = s->study->options;
    mien_value *map = mien_value_new_map();
    mien_document_text(map, "rule", mien_options_text(o, "intervals"), status);
    mien_document_int(map, "repeats", mien_options_int(o, "bootstrap.repeats"), status);
    mien_document_put(map, "level",
        mien_value_new_number(mien_options_number(o, "bootstrap.level")), status);
    mien_document_int(map, "seed", mien_options_int(o, "bootstrap.seed"), status);
    return map;
}

static mien_value *seeds_value(const mien_scores *s, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int k = 0; k < s->seeds; k++) {
        mien_document_add(list, mien_value_new_int(s->first_seed + k), status);
    }
    return list;
}

static mien_value *targets_value(const mien_scores *s, const mien_dataset *c,
    const mien_scores_more *more, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int t = 0; t < c->targets; t++) {
        mien_value *map = mien_scores_target(s, c, t, status);
        if (more->target) {
            more->target(more->context, t, map, status);
        }
        mien_document_add(list, map, status);
    }
    return list;
}

static mien_value *notes_value(
    const mien_scores *s, const mien_dataset *c, mien_status *status) {
    mien_value *list = mien_value_new_list();
    char text[256];
    const struct {
        int64_t count;
        const char *text;
    } notes[] = {
        {c->left_out, c->masked ? "%lld rows without any target were left out."
                                : "%lld rows without all targets were left out."},
        {c->rows - s->rows,
            "%lld rows are held out in no fold; they have no prediction."}};
    for (int i = 0; i < 2; i++) {
        if (notes[i].count) {
            snprintf(text, sizeof text, notes[i].text, (long long)notes[i].count);
            mien_document_add(list, mien_value_new_text(text), status);
        }
    }
    if (mien_dataset_units(c) < MIEN_GROUPS_FEW) {
        snprintf(text, sizeof text,
            "Intervals rest on %lld %s: they say little, and may be off.",
            (long long)mien_dataset_units(c),
            c->each ? "models, one for each value of the key each" : "groups");
        mien_document_add(list, mien_value_new_text(text), status);
    }
    if (s->seeds > 1) {
        snprintf(text, sizeof text,
            "Figures are means over %d seeds; the model is that of seed %lld.",
            s->seeds, (long long)s->first_seed);
        mien_document_add(list, mien_value_new_text(text), status);
    }
    return list;
}

/* Plain accuracy over the rows of all targets of classes together, as some published
 * code tells it; NULL where fewer than two have any. */
static mien_value *pooled_value(
    const mien_scores *s, const mien_dataset *c, mien_status *status) {
    int64_t right = 0, all = 0;
    int targets = 0;
    for (int t = 0; t < c->targets; t++) {
        const int64_t *confusion = s->target[t].confusion;
        int64_t classes = c->target[t].from->classes;
        for (int64_t k = 0; confusion && k < classes * classes; k++) {
            right += k % (classes + 1) == 0 ? confusion[k] : 0;
            all += confusion[k];
        }
        targets += confusion != NULL;
    }
    mien_value *map = targets > 1 && all > 0 ? mien_value_new_map() : NULL;
    if (map) {
        mien_document_int(map, "targets", targets, status);
        mien_document_put(
            map, "accuracy", mien_document_number((double)right / (double)all), status);
    }
    return map;
}

mien_status mien_scores_document(const mien_scores *scores, const mien_dataset *dataset,
    mien_value *model, const mien_scores_more *more, mien_value **document) {
    const mien_scores *s = scores;
    const mien_dataset *c = dataset;
    mien_value *map = mien_value_new_map();
    mien_status status = MIEN_OK;
    mien_document_int(map, "version", 1, &status);
    mien_document_text(
        map, "study", mien_options_text(s->study->options, "name"), &status);
    mien_document_text(map, "created_by", "mien " MIEN_VERSION, &status);
    mien_document_text(map, "method", more->method, &status);
    mien_document_put(map, "trials", trials_value(s, c, &status), &status);
    mien_document_put(map, "model", model, &status);
    mien_document_put(map, "folds", folds_value(s, c, &status), &status);
    if (s->seeds > 1) {
        mien_document_put(map, "seeds", seeds_value(s, &status), &status);
    }
    mien_document_put(map, "bootstrap", bootstrap_value(s, &status), &status);
    mien_document_put(map, "targets", targets_value(s, c, more, &status), &status);
    mien_value *pooled = pooled_value(s, c, &status);
    if (pooled) {
        mien_document_put(map, "pooled", pooled, &status);
    }
    mien_document_put(map, "notes", notes_value(s, c, &status), &status);
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *document = map;
    return MIEN_OK;
}
