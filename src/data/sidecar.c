/* SPDX-License-Identifier: MIT */
/* The sidecar of a trial table: checked when read, made by importers.
 *
 * In comes the document that stands beside a table (trials.c reads both); out go its
 * targets, or an error for whatever a table of predictions or a model's contract could
 * not hold, so that nothing is trained in vain. */
#include "data/trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const number_keys[] = {
    "range", "unit", "construct", "perspective", "sd", "n", NULL};
static const char *const class_keys[] = {
    "classes", "votes", "construct", "perspective", "n", NULL};
static const char *const constructs[] = {"evoked", "depicted", NULL};
static const char *const perspectives[] = {"normative", "subjective", NULL};

char *mien_sidecar_path(const char *path) {
    const char *extension = mien_path_extension(path);
    size_t stem = strlen(path) - (*extension ? strlen(extension) + 1 : 0);
    char *sidecar = mien_alloc(stem + sizeof ".json", 1);
    if (sidecar) {
        memcpy(sidecar, path, stem);
        strcpy(sidecar + stem, ".json");
    }
    return sidecar;
}

/* ---- checking ----------------------------------------------------------------- */

/* Columns that mien writes beside those of the targets: of predictions, of a run's
 * predictions.csv, of trial tables. */
static const char *const reserved[] = {"trial", "person", "stimulus", "group", "fold",
    "split", "seed", "row", "input", "start_s", "end_s", NULL};
/* The endings that writers add to a target's name for columns of their own. */
static const char *const endings[] = {"_low", "_high", "_norm", "_truth", "_prediction",
    "_unsmoothed", "_null", "_set", NULL};

static bool is_one_of(const char *text, const char *const *names) {
    while (*names && strcmp(*names, text) != 0) {
        names++;
    }
    return *names != NULL;
}

/* The beginning of every message about a target. */
#define AT "%s: targets.%s.%s: "

static mien_status take_text(const mien_trials *t, const char *target,
    const mien_value *map, const char *key, char *out, size_t size) {
    const char *file = mien_value_file(t->sidecar);
    const mien_value *value = mien_value_get(map, key);
    if (!value) {
        return MIEN_OK;
    }
    const char *text = mien_value_text(value);
    if (!text) {
        return mien_fail(MIEN_EFORMAT, AT "a text is needed", file, target, key);
    }
    if (strlen(text) >= size) {
        return mien_fail(
            MIEN_ELIMIT, AT "longer than %zu bytes", file, target, key, size - 1);
    }
    strcpy(out, text);
    return MIEN_OK;
}

static mien_status take_choice(const mien_trials *t, const char *target,
    const mien_value *map, const char *key, const char *const *choices, char out[16]) {
    char text[64] = "";
    mien_status status = take_text(t, target, map, key, text, sizeof text);
    if (status == MIEN_OK && !is_one_of(text, choices)) {
        status = mien_fail(MIEN_EFORMAT, AT "\"%s\" is neither %s nor %s",
            mien_value_file(t->sidecar), target, key, text, choices[0], choices[1]);
    }
    if (status == MIEN_OK) {
        snprintf(out, 16, "%.15s", text);
    }
    return status;
}

static mien_status take_range(
    const mien_trials *t, const mien_value *map, mien_trials_target *target) {
    const mien_value *range = mien_value_get(map, "range");
    target->minimum = mien_value_number(mien_value_at(range, 0), (double)NAN);
    target->maximum = mien_value_number(mien_value_at(range, 1), (double)NAN);
    if (mien_value_count(range) != 2 || !isfinite(target->minimum) ||
        !isfinite(target->maximum) || !(target->minimum < target->maximum)) {
        return mien_fail(MIEN_EFORMAT,
            AT "two numbers, lowest and highest, are needed (such as [1, 7])",
            mien_value_file(t->sidecar), target->name, "range");
    }
    return MIEN_OK;
}

static mien_status take_column(const mien_trials *t, const char *target,
    const mien_value *map, const char *key, char out[64]) {
    mien_status status = take_text(t, target, map, key, out, 64);
    if (status == MIEN_OK && out[0] && mien_table_column(t->table, out) < 0) {
        status = mien_fail(MIEN_EFORMAT, AT "%s has no column \"%s\"",
            mien_value_file(t->sidecar), target, key, t->path, out);
    }
    return status;
}

/* A name that stands in one line and, as a column or a label, in tables and models. */
static mien_status check_name(const mien_trials *t, const char *target, const char *key,
    const char *what, const char *name, size_t bytes_max) {
    const char *file = mien_value_file(t->sidecar);
    if (strlen(name) > bytes_max) {
        return mien_fail(MIEN_ELIMIT,
            AT "%s \"%.40s…\" has %zu bytes; a model keeps up to %zu", file, target,
            key, what, name, strlen(name), bytes_max);
    }
    for (const char *c = name; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return mien_fail(MIEN_EFORMAT,
                AT "%s \"%.*s…\" has a line break, tab or other control character",
                file, target, key, what, (int)(c - name), name);
        }
    }
    return MIEN_OK;
}

/* A list of texts, lent by the sidecar; each differs from those before it. */
static mien_status take_names(const mien_trials *t, const char *target,
    const mien_value *map, const char *key, int64_t count, const char *const **out) {
    const mien_value *list = mien_value_get(map, key);
    const char *file = mien_value_file(t->sidecar);
    const char **names = mien_alloc((size_t)count, sizeof *names);
    mien_status status = names ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *name = mien_value_text(mien_value_at(list, i));
        if (!name || mien_cell_missing(name)) {
            status = mien_fail(MIEN_EFORMAT, AT "item %lld is no name", file, target,
                key, (long long)i + 1);
        }
        for (int64_t j = 0; status == MIEN_OK && j < i; j++) {
            if (strcmp(names[j], name) == 0) {
                status = mien_fail(
                    MIEN_EFORMAT, AT "\"%s\" stands twice", file, target, key, name);
            }
        }
        if (status == MIEN_OK) {
            names[i] = name;
        }
    }
    if (status != MIEN_OK) {
        mien_free(names);
        return status;
    }
    *out = names;
    return MIEN_OK;
}

static mien_status take_classes(
    const mien_trials *t, const mien_value *map, mien_trials_target *target) {
    const mien_value *list = mien_value_get(map, "classes");
    int64_t count = mien_value_count(list);
    const char *file = mien_value_file(t->sidecar);
    if (mien_value_int(mien_value_get(t->sidecar, "version"), 0) <
        MIEN_TRIALS_VERSION_CLASSES) {
        return mien_fail(MIEN_EFORMAT, AT "needs \"version\": %d", file, target->name,
            "classes", MIEN_TRIALS_VERSION_CLASSES);
    }
    if (mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 2 ||
        count > MIEN_TRIALS_CLASSES_MAX) {
        return mien_fail(MIEN_EFORMAT, AT "a list of 2 to %d labels is needed", file,
            target->name, "classes", MIEN_TRIALS_CLASSES_MAX);
    }
    target->kind = MIEN_TARGET_CLASS;
    target->classes = (int)count;
    mien_status status =
        take_names(t, target->name, map, "classes", count, &target->class_name);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = check_name(t, target->name, "classes", "the label",
            target->class_name[i], MIEN_TRIALS_LABEL_MAX);
    }
    return status;
}

static mien_status take_votes(
    const mien_trials *t, const mien_value *map, mien_trials_target *target) {
    const mien_value *list = mien_value_get(map, "votes");
    if (!list) {
        return MIEN_OK;
    }
    if (mien_value_kind_of(list) != MIEN_VALUE_LIST ||
        mien_value_count(list) != target->classes) {
        return mien_fail(MIEN_EFORMAT,
            AT "a list of %d columns, one a class, is needed",
            mien_value_file(t->sidecar), target->name, "votes", target->classes);
    }
    mien_status status = take_names(
        t, target->name, map, "votes", target->classes, &target->votes_column);
    for (int c = 0; status == MIEN_OK && c < target->classes; c++) {
        if (mien_table_column(t->table, target->votes_column[c]) < 0) {
            status = mien_fail(MIEN_EFORMAT, AT "%s has no column \"%s\"",
                mien_value_file(t->sidecar), target->name, "votes", t->path,
                target->votes_column[c]);
        }
    }
    return status;
}

static mien_status check_keys(
    const mien_trials *t, const char *target, const mien_value *map) {
    if (mien_value_kind_of(map) != MIEN_VALUE_MAP) {
        return mien_fail(MIEN_EFORMAT, "%s: targets.%s: an object is needed",
            mien_value_file(t->sidecar), target);
    }
    bool classes = mien_value_get(map, "classes");
    for (int64_t i = 0; i < mien_value_count(map); i++) {
        if (!is_one_of(mien_value_key(map, i), classes ? class_keys : number_keys)) {
            return mien_fail(MIEN_EFORMAT, AT "unknown key (%s)",
                mien_value_file(t->sidecar), target, mien_value_key(map, i),
                classes ? "classes, votes, construct, perspective, n"
                        : "range, unit, construct, perspective, sd, n; or classes");
        }
    }
    return MIEN_OK;
}

static void target_clear(mien_trials_target *target) {
    mien_free((void *)(uintptr_t)target->class_name);
    mien_free((void *)(uintptr_t)target->votes_column);
}

static mien_status take_target(const mien_trials *t, const char *name,
    const mien_value *map, mien_trials_target *out) {
    mien_trials_target target = {0};
    if (strlen(name) >= sizeof target.name || !name[0]) {
        return mien_fail(MIEN_ELIMIT, "%s: targets: a name of 1 to %zu bytes is needed",
            mien_value_file(t->sidecar), sizeof target.name - 1);
    }
    strcpy(target.name, name);
    if (is_one_of(name, reserved)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: targets.%s: tables of predictions have a column of that name; rename "
            "the "
            "target",
            mien_value_file(t->sidecar), name);
    }
    mien_status good =
        check_name(t, name, "", "the name", name, sizeof target.name - 1);
    if (good != MIEN_OK) {
        return good;
    }
    if (mien_table_column(t->table, name) < 0) {
        return mien_fail(MIEN_EFORMAT, "%s: targets.%s: %s has no such column",
            mien_value_file(t->sidecar), name, t->path);
    }
    mien_status status = check_keys(t, name, map);
    if (status == MIEN_OK && mien_value_get(map, "classes")) {
        status = take_classes(t, map, &target);
        status = status ? status : take_votes(t, map, &target);
    } else if (status == MIEN_OK) {
        status = take_range(t, map, &target);
    }
    status = status ? status
                    : take_text(t, name, map, "unit", target.unit, sizeof target.unit);
    status = status
                 ? status
                 : take_choice(t, name, map, "construct", constructs, target.construct);
    status = status ? status
                    : take_choice(t, name, map, "perspective", perspectives,
                          target.perspective);
    status = status ? status : take_column(t, name, map, "sd", target.sd_column);
    status = status ? status : take_column(t, name, map, "n", target.n_column);
    if (status != MIEN_OK) {
        target_clear(&target);
        return status;
    }
    *out = target;
    return MIEN_OK;
}

static mien_status check_head(const mien_trials *t) {
    const char *file = mien_value_file(t->sidecar);
    if (mien_value_kind_of(t->sidecar) != MIEN_VALUE_MAP) {
        return mien_fail(MIEN_EFORMAT, "%s: an object is needed", file);
    }
    int64_t version = mien_value_int(mien_value_get(t->sidecar, "version"), -1);
    if (version < 1) {
        return mien_fail(
            MIEN_EFORMAT, "%s: version: a whole number from 1 is needed", file);
    }
    if (version > MIEN_TRIALS_VERSION) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: version %lld; this mien reads up to %d", file, (long long)version,
            MIEN_TRIALS_VERSION);
    }
    const mien_value *targets = mien_value_get(t->sidecar, "targets");
    if (!targets || mien_value_kind_of(targets) != MIEN_VALUE_MAP) {
        return mien_fail(
            MIEN_EFORMAT, "%s: targets: an object with a key for each is needed", file);
    }
    if (mien_value_count(targets) > MIEN_TRIALS_TARGETS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d targets", file, MIEN_TRIALS_TARGETS_MAX);
    }
    return MIEN_OK;
}

/* Would `name` be a column of the target's own: valence_low, emotion_p_joy? */
static bool is_column_of(const mien_trials_target *target, const char *name) {
    size_t length = strlen(target->name);
    if (strncmp(name, target->name, length) != 0) {
        return false;
    }
    name += length;
    if (is_one_of(name, endings)) {
        return true;
    }
    for (int c = 0; c < target->classes && strncmp(name, "_p_", 3) == 0; c++) {
        if (strcmp(name + 3, target->class_name[c]) == 0) {
            return true;
        }
    }
    return false;
}

/* No target is called as a column that predictions of another one have. */
static mien_status check_columns(const mien_trials *t) {
    for (int i = 0; i < t->targets_count; i++) {
        for (int j = 0; j < t->targets_count; j++) {
            if (i != j && is_column_of(&t->targets[i], t->targets[j].name)) {
                return mien_fail(MIEN_EFORMAT,
                    "%s: targets.%s: predictions of %s have a column of that name; "
                    "rename "
                    "the target",
                    mien_value_file(t->sidecar), t->targets[j].name,
                    t->targets[i].name);
            }
        }
    }
    return MIEN_OK;
}

mien_status mien_sidecar_check(mien_trials *t, const mien_complaints *complaints) {
    mien_status status = check_head(t);
    if (status != MIEN_OK) {
        return mien_complain(complaints, "sidecar", -1, status);
    }
    const mien_value *targets = mien_value_get(t->sidecar, "targets");
    int64_t count = mien_value_count(targets);
    t->targets = mien_alloc((size_t)count, sizeof *t->targets);
    if (!t->targets) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        status = take_target(t, mien_value_key(targets, i), mien_value_item(targets, i),
            &t->targets[t->targets_count]);
        if (status == MIEN_OK) {
            t->targets_count++;
            continue;
        }
        status = mien_complain(complaints, "sidecar", -1, status);
        if (status != MIEN_OK) {
            return status;
        }
    }
    status = check_columns(t);
    return status ? mien_complain(complaints, "sidecar", -1, status) : MIEN_OK;
}

void mien_targets_clear(mien_trials *t) {
    for (int i = 0; i < t->targets_count; i++) {
        target_clear(&t->targets[i]);
    }
    mien_free(t->targets);
    t->targets = NULL;
    t->targets_count = 0;
}

/* ---- making ------------------------------------------------------------------- */

mien_value *mien_sidecar_new(
    const char *name, const char *source, const char *citation, const char *licence) {
    mien_value *sidecar = mien_value_new_map();
    if (!sidecar || mien_value_set(sidecar, "version", mien_value_new_int(1)) ||
        mien_value_set(sidecar, "name", mien_value_new_text(name)) ||
        mien_value_set(sidecar, "source", mien_value_new_text(source)) ||
        mien_value_set(sidecar, "citation", mien_value_new_text(citation)) ||
        mien_value_set(sidecar, "licence", mien_value_new_text(licence)) ||
        mien_value_set(sidecar, "targets", mien_value_new_map()) ||
        mien_value_set(sidecar, "columns", mien_value_new_map())) {
        mien_value_free(&sidecar);
    }
    return sidecar;
}

/* The maps inside are our own, made a moment ago. */
static mien_value *inside(mien_value *sidecar, const char *key) {
    return (mien_value *)(uintptr_t)mien_value_get(sidecar, key);
}

static mien_value *new_range(double minimum, double maximum) {
    mien_value *range = mien_value_new_list();
    if (!range || mien_value_add(range, mien_value_new_number(minimum)) ||
        mien_value_add(range, mien_value_new_number(maximum))) {
        mien_value_free(&range);
    }
    return range;
}

static mien_value *new_names(int count, const char *const *names) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; list && i < count; i++) {
        if (mien_value_add(list, mien_value_new_text(names[i]))) {
            mien_value_free(&list);
        }
    }
    return list;
}

static mien_status set_number(mien_value *map, const mien_trials_target *t) {
    mien_status status =
        mien_value_set(map, "range", new_range(t->minimum, t->maximum));
    return status ? status : mien_value_set(map, "unit", mien_value_new_text(t->unit));
}

static mien_status set_classes(mien_value *map, const mien_trials_target *t) {
    mien_status status =
        mien_value_set(map, "classes", new_names(t->classes, t->class_name));
    if (status == MIEN_OK && t->votes_column) {
        status = mien_value_set(map, "votes", new_names(t->classes, t->votes_column));
    }
    return status;
}

mien_status mien_sidecar_add_target(mien_value *sidecar, const mien_trials_target *t) {
    mien_value *map = mien_value_new_map();
    bool classes = t->kind == MIEN_TARGET_CLASS;
    if (!map || (classes ? set_classes(map, t) : set_number(map, t)) ||
        mien_value_set(map, "construct", mien_value_new_text(t->construct)) ||
        mien_value_set(map, "perspective", mien_value_new_text(t->perspective)) ||
        (t->sd_column[0] &&
            mien_value_set(map, "sd", mien_value_new_text(t->sd_column))) ||
        (t->n_column[0] &&
            mien_value_set(map, "n", mien_value_new_text(t->n_column)))) {
        mien_value_free(&map);
        return MIEN_ENOMEM;
    }
    mien_status status = mien_value_set(inside(sidecar, "targets"), t->name, map);
    if (status == MIEN_OK && classes) {
        status = mien_value_set(
            sidecar, "version", mien_value_new_int(MIEN_TRIALS_VERSION_CLASSES));
    }
    return status;
}

/* A map or list of the sidecar, made when it is first asked for. */
static mien_value *inside_or_new(mien_value *sidecar, const char *key, bool list) {
    mien_value *found = inside(sidecar, key);
    if (!found) {
        found = list ? mien_value_new_list() : mien_value_new_map();
        if (mien_value_set(sidecar, key, found) != MIEN_OK) {
            return NULL;
        }
    }
    return found;
}

mien_status mien_sidecar_add_column(
    mien_value *sidecar, const char *column, const char *words) {
    mien_value *columns = inside_or_new(sidecar, "columns", false);
    return columns ? mien_value_set(columns, column, mien_value_new_text(words))
                   : MIEN_ENOMEM;
}

mien_status mien_sidecar_add_feature(
    mien_value *sidecar, const char *name, int64_t width, const char *words) {
    mien_value *features = inside_or_new(sidecar, "features", false);
    mien_value *map = mien_value_new_map();
    if (!features || !map ||
        (width > 0 && mien_value_set(map, "width", mien_value_new_int(width))) ||
        mien_value_set(map, "about", mien_value_new_text(words))) {
        mien_value_free(&map);
        return MIEN_ENOMEM;
    }
    return mien_value_set(features, name, map);
}

mien_status mien_sidecar_add_maker(
    mien_value *sidecar, const char *name, mien_value *made_by) {
    mien_value *features = inside(sidecar, "features");
    mien_value *of = features ? inside(features, name) : NULL;
    if (!of) {
        mien_value_free(&made_by);
        return mien_fail(MIEN_ENOTFOUND, "the sidecar has no feature %s", name);
    }
    return mien_value_set(of, "made_by", made_by);
}

int64_t mien_sidecar_feature_width(const mien_value *sidecar, const char *name) {
    const mien_value *features = mien_value_get(sidecar, "features");
    return mien_value_int(mien_value_get(mien_value_get(features, name), "width"), 0);
}

mien_status mien_sidecar_add_note(mien_value *sidecar, const char *text) {
    mien_value *notes = inside_or_new(sidecar, "notes", true);
    return notes ? mien_value_add(notes, mien_value_new_text(text)) : MIEN_ENOMEM;
}
