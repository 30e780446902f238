/* SPDX-License-Identifier: MIT */
/* Trains a study in which a key has a list of values, a run for each, and sets them
 * side by side.
 *
 * In come the study's path and its axes; out comes a folder with axes.json (what the
 * runs differ in), given.yaml, a run folder for each value, axes.csv (every figure with
 * its interval and its paired difference from the first run) and report.html.
 * cmd_train.c and cmd_resume.c call this; what a single run is, they and mien_train()
 * say. */
#include "cli/train_axes.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ranks.h"
#include "cli/axes_table.h"
#include "cli/train_audit.h"
#include "train/document.h"
#include "train/run/folder.h"
#include "train/run/folder_lock.h"
#include "train/study/study.h"

enum { VERSION = 1, GIVEN_MAX = 1 << 20, SETS_MAX = 256 + MIEN_STUDY_AXES_MAX + 1 };

static bool is_root(void) {
    return mien_rank(mien_ranks_here()) <= 0;
}

/* ---- one point ------------------------------------------------------------------- */

/* "backbone.name keras_vgg19, optimiser.rate 0.01" */
static mien_status point_text(
    const mien_study_axes *axes, int point, mien_string *text) {
    mien_status status = MIEN_OK;
    for (int a = 0; status == MIEN_OK && a < axes->axes; a++) {
        const mien_study_axis *axis = &axes->axis[a];
        status = mien_string_addf(text, "%s%s %s", a ? ", " : "", axis->key,
            axis->value[mien_study_axes_place(axes, point, a)]);
    }
    return status;
}

/* The state of a folder of axes. */
typedef struct scene {
    cli *c;
    const mien_options *options; /* of train; NULL: as axes.json says */
    const mien_train_options *train;
    const mien_study_axes *axes;
    const char *path, *folder;
    cli_train_opener *open;
} scene;

static mien_status open_point(
    const scene *s, int point, mien_string *set, mien_study **study) {
    const char *sets[SETS_MAX];
    int count = s->axes->sets + s->axes->axes;
    if (count + 1 > SETS_MAX) {
        return mien_fail(MIEN_ELIMIT, "--set: given too many times");
    }
    mien_study_axes_sets(s->axes, point, sets);
    mien_status status =
        s->open ? s->open(s->c, s->options, s->path, sets, count, set, study)
                : mien_study_open(s->path, sets, count, study);
    if (status != MIEN_OK && status != MIEN_ENOMEM) {
        mien_string text;
        mien_string_init(&text);
        point_text(s->axes, point, &text);
        status = mien_fail_in(status, "with %s", text.text ? text.text : "");
        mien_string_clear(&text);
    }
    return status;
}

/* All that can be told of a point before any of them is trained. */
static mien_status check_point(const scene *s, int point, bool audit) {
    mien_study *study = NULL;
    mien_string set;
    mien_tally tally;
    mien_string_init(&set);
    mien_status status = open_point(s, point, &set, &study);
    if (status == MIEN_OK && !mien_study_reported(study)) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: %s: with method: person one value is wanted, not a list", s->path,
            s->axes->axis[0].key);
    }
    status = status ? status : mien_train_tally(study, s->train, &tally);
    if (status == MIEN_OK && audit) {
        status = cli_train_audit(s->c, study, s->folder);
    }
    mien_study_close(&study);
    mien_string_clear(&set);
    return status;
}

/* Leaks hang on which rows are on which side, and on what is learnt from. */
static bool moves_rows(const mien_study_axes *axes) {
    static const char *const prefixes[] = {
        "folds", "validation", "inputs", "input", "missing", "each", NULL};
    for (int a = 0; a < axes->axes; a++) {
        for (int i = 0; prefixes[i]; i++) {
            if (strncmp(axes->axis[a].key, prefixes[i], strlen(prefixes[i])) == 0) {
                return true;
            }
        }
    }
    return false;
}

static mien_status check_points(const scene *s) {
    mien_status status = MIEN_OK;
    bool each = moves_rows(s->axes);
    for (int p = 0; status == MIEN_OK && p < s->axes->points; p++) {
        status = check_point(s, p, p == 0 || each);
    }
    return status;
}

typedef enum progress { STATE_NONE, STATE_BEGUN, STATE_DONE } progress;

static bool holds(const char *run, const char *name) {
    char *path = mien_path_join(run, name);
    bool is = path && mien_file_exists(path);
    mien_free(path);
    return is;
}

static mien_status train_point(const scene *s, int point) {
    char *run = mien_path_join(s->folder, s->axes->name[point]);
    mien_string text, set;
    mien_string_init(&text);
    mien_string_init(&set);
    mien_status status = run ? point_text(s->axes, point, &text) : MIEN_ENOMEM;
    progress state = STATE_NONE;
    if (status == MIEN_OK && is_root()) {
        state = holds(run, "SHA256SUMS") ? STATE_DONE
                : holds(run, "run.json") ? STATE_BEGUN
                                         : STATE_NONE;
        cli_say(s->c, "%s (%d of %d)%s", text.text, point + 1, s->axes->points,
            state == STATE_DONE ? ": done" : "");
    }
    /* Rank 0 looks, all do the same. */
    status =
        status ? status : mien_ranks_share(mien_ranks_here(), &state, sizeof state);
    if (status == MIEN_OK && state == STATE_BEGUN) {
        status = mien_resume(run, s->train);
    } else if (status == MIEN_OK && state == STATE_NONE) {
        mien_study *study = NULL;
        status = open_point(s, point, &set, &study);
        status = status ? status : mien_train(study, run, s->train);
        mien_study_close(&study);
    }
    mien_string_clear(&set);
    mien_string_clear(&text);
    mien_free(run);
    return status;
}

/* ---- axes.json ------------------------------------------------------------------- */

static mien_value *texts(const char *const *list, int count, mien_status *status) {
    mien_value *value = mien_value_new_list();
    for (int i = 0; i < count; i++) {
        mien_document_add(value, mien_value_new_text(list[i]), status);
    }
    return value;
}

static mien_value *axes_value(const mien_study_axes *axes, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int a = 0; a < axes->axes; a++) {
        mien_value *map = mien_value_new_map();
        mien_document_text(map, "key", axes->axis[a].key, status);
        mien_document_put(map, "values",
            texts(
                (const char *const *)axes->axis[a].value, axes->axis[a].values, status),
            status);
        mien_document_add(list, map, status);
    }
    return list;
}

static mien_value *runs_value(const mien_study_axes *axes, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int p = 0; p < axes->points; p++) {
        mien_value *map = mien_value_new_map(), *values = mien_value_new_list();
        for (int a = 0; a < axes->axes; a++) {
            const mien_study_axis *axis = &axes->axis[a];
            mien_document_add(values,
                mien_value_new_text(axis->value[mien_study_axes_place(axes, p, a)]),
                status);
        }
        mien_document_text(map, "run", axes->name[p], status);
        mien_document_put(map, "values", values, status);
        mien_document_add(list, map, status);
    }
    return list;
}

static mien_status write_record(const scene *s, const char *given) {
    mien_status status = MIEN_OK;
    char hash[65] = "", whole[PATH_MAX];
    const mien_train_options *t = s->train;
    char *path = mien_path_join(s->folder, "axes.json");
    mien_value *map = mien_value_new_map();
    status = path && map ? mien_sha256_file(given, hash) : MIEN_ENOMEM;
    mien_document_int(map, "version", VERSION, &status);
    mien_document_text(map, "created_by", "mien " MIEN_VERSION, &status);
    mien_document_put(map, "axes", axes_value(s->axes, &status), &status);
    mien_document_put(map, "runs", runs_value(s->axes, &status), &status);
    mien_document_text(
        map, "study", realpath(s->path, whole) ? whole : s->path, &status);
    mien_document_text(map, "study_sha256", hash, &status);
    mien_document_put(map, "set", texts(s->axes->set, s->axes->sets, &status), &status);
    mien_document_text(map, "weights",
        !t->weights                         ? ""
        : strcmp(t->weights, "random") == 0 ? "random"
        : realpath(t->weights, whole)       ? whole
                                            : t->weights,
        &status);
    mien_document_put(map, "exact", mien_value_new_bool(t->exact), &status);
    status = status ? status : mien_folder_document(map, path);
    mien_value_free(&map);
    mien_free(path);
    return status;
}

static mien_status write_beginning(const scene *s) {
    char *given = mien_path_join(s->folder, "given.yaml"), *text = NULL;
    size_t bytes = 0;
    mien_status status =
        given ? mien_file_read(s->path, GIVEN_MAX, &text, &bytes) : MIEN_ENOMEM;
    status = status ? status : mien_file_write(given, text, bytes);
    status = status ? status : write_record(s, given);
    mien_free(text);
    mien_free(given);
    return status;
}

/* ---- all ------------------------------------------------------------------------- */

static mien_status finish(const scene *s) {
    char *page = mien_path_join(s->folder, "report.html");
    cli_run_paths runs = {0};
    mien_status status =
        page ? cli_run_paths_open(&runs, 1, (const char *const *)&s->folder)
             : MIEN_ENOMEM;
    status = status ? status : cli_axes_table_write(s->c, s->axes, &runs);
    if (status == MIEN_OK) {
        mien_report_options o = mien_report_options_default();
        o.picture = cli_report_picture;
        o.axes = runs.axes;
        status =
            mien_report_runs_with((const char *const *)runs.path, runs.count, &o, page);
    }
    if (status == MIEN_OK) {
        cli_say(s->c,
            "%s is done: %d runs; %s has their figures and paired differences from the "
            "first, %s draws them",
            s->folder, s->axes->points, runs.axes, page);
        status = cli_axes_table_say(s->c, runs.axes);
    }
    cli_run_paths_clear(&runs);
    mien_free(page);
    return status;
}

static mien_status interrupted(const scene *s, mien_status status) {
    return status == MIEN_EINTERRUPTED
               ? mien_fail(status, "interrupted; `mien resume %s` goes on", s->folder)
               : status;
}

static mien_status train_points(const scene *s) {
    mien_status status = MIEN_OK;
    for (int p = 0; status == MIEN_OK && p < s->axes->points; p++) {
        status = interrupted(s, train_point(s, p));
    }
    return status == MIEN_OK && is_root() ? finish(s) : status;
}

/* What --weights names is one network's. */
static mien_status check_weights(const scene *s) {
    const char *weights = s->train->weights;
    bool file = weights && strcmp(weights, "random") != 0;
    for (int a = 0; file && a < s->axes->axes; a++) {
        if (strncmp(s->axes->axis[a].key, "backbone.", 9) == 0) {
            return cli_usage(s->c,
                "--weights: is of one backbone, and %s has a list: fetch theirs with "
                "`mien models pull`",
                s->axes->axis[a].key);
        }
    }
    return MIEN_OK;
}

mien_status cli_train_axes(cli *c, const mien_options *options, const char *path,
    const mien_study_axes *axes, cli_train_opener *open) {
    mien_train_options t = mien_train_options_default();
    const char *folder = mien_options_text(options, "output");
    const char *weights = mien_options_text(options, "weights");
    bool check = mien_options_flag(options, "check");
    mien_folder_lock *lock = NULL;
    t.threads = c->threads;
    t.weights = weights && strchr(weights, '=') ? NULL : weights;
    t.exact = mien_options_flag(options, "exact");
    t.progress = is_root() ? cli_progress : NULL;
    t.context = c;
    const scene s = {c, options, &t, axes, path, folder, open};
    if (mien_options_flag(options, "print")) {
        return cli_usage(c, "--print: %s has a list of values: name one, as --set %s",
            axes->axis[0].key, axes->axis[0].set[0]);
    }
    if (!folder && !check) {
        return cli_usage(c, "-o RUN is missing: the folder the runs are written to");
    }
    mien_status status = check_weights(&s);
    status = status || !is_root() ? status : check_points(&s);
    if (check) {
        if (status == MIEN_OK && is_root()) {
            cli_say(c, "%s is fine: %d runs", path, axes->points);
        }
        return status;
    }
    if (status == MIEN_OK && is_root()) {
        status = mien_folder_make(folder, &lock);
        status = status ? status : write_beginning(&s);
    }
    status = status ? status : train_points(&s);
    mien_folder_lock_drop(&lock);
    return status;
}

/* ---- resuming ------------------------------------------------------------------- */

bool cli_axes_is(const char *folder) {
    return holds(folder, "axes.json");
}

static mien_status read_record(const char *folder, mien_value **map) {
    char *path = mien_path_join(folder, "axes.json");
    mien_status status = path ? mien_value_read(path, map) : MIEN_ENOMEM;
    if (status == MIEN_OK &&
        mien_value_int(mien_value_get(*map, "version"), 0) != VERSION) {
        status =
            mien_fail(MIEN_EUNSUPPORTED, "%s: is of another version of mien", path);
    }
    mien_free(path);
    return status;
}

/* The study as it was: its axes and names follow from its text. */
static mien_status same_study(const char *folder, const mien_value *map) {
    const char *study = mien_value_text(mien_value_get(map, "study"));
    const char *then = mien_value_text(mien_value_get(map, "study_sha256"));
    char now[65];
    mien_status status =
        study && then ? mien_sha256_file(study, now)
                      : mien_fail(MIEN_EFORMAT, "%s/axes.json: names no study", folder);
    return status == MIEN_OK && strcmp(then, now) != 0
               ? mien_fail(MIEN_EVERIFY,
                     "%s changed since %s was begun: put it back (%s/given.yaml has "
                     "its text), or begin anew",
                     study, folder, folder)
               : status;
}

mien_status cli_axes_resume(
    cli *c, const char *folder, const mien_train_options *options) {
    mien_train_options t = *options;
    mien_value *map = NULL;
    mien_study_axes axes = {.points = 1};
    mien_folder_lock *lock = NULL;
    const char *sets[SETS_MAX];
    int count = 0;
    mien_status status = read_record(folder, &map);
    status = status ? status : same_study(folder, map);
    const mien_value *set = mien_value_get(map, "set"),
                     *list = mien_value_get(map, "axes");
    for (int64_t i = 0; i < mien_value_count(set) && count < SETS_MAX; i++) {
        sets[count] = mien_value_text(mien_value_at(set, i));
        count += sets[count] != NULL;
    }
    mien_string given[MIEN_STUDY_AXES_MAX]; /* axes of --set, which the file has not */
    for (int a = 0; a < MIEN_STUDY_AXES_MAX; a++) {
        mien_string_init(&given[a]);
    }
    for (int64_t a = 0; status == MIEN_OK && a < mien_value_count(list) &&
                        a < MIEN_STUDY_AXES_MAX && count < SETS_MAX;
         a++) {
        const mien_value *axis = mien_value_at(list, a);
        const char *key = mien_value_text(mien_value_get(axis, "key"));
        mien_string_addf(&given[a], "%s=", key ? key : "");
        status =
            mien_value_write_json(mien_value_get(axis, "values"), false, &given[a]);
        sets[count++] = given[a].text;
    }
    const char *path = mien_value_text(mien_value_get(map, "study"));
    const char *weights = mien_value_text(mien_value_get(map, "weights"));
    t.weights = t.weights || !weights || !*weights ? t.weights : weights;
    t.exact = mien_value_bool(mien_value_get(map, "exact"), false);
    status = status ? status : mien_study_axes_read(&axes, path, sets, count);
    if (status == MIEN_OK && is_root()) {
        status = mien_folder_lock_take(folder, &lock);
    }
    const scene s = {c, NULL, &t, &axes, path, folder, NULL};
    status = status ? status : train_points(&s);
    mien_folder_lock_drop(&lock);
    mien_study_axes_clear(&axes);
    for (int a = 0; a < MIEN_STUDY_AXES_MAX; a++) {
        mien_string_clear(&given[a]);
    }
    mien_value_free(&map);
    return status;
}

/* ---- paths ----------------------------------------------------------------------- */

static mien_status add_path(cli_run_paths *paths, const char *path) {
    char **more = mien_realloc(
        paths->path, (size_t)paths->count, (size_t)paths->count + 1, sizeof *more);
    if (!more) {
        return MIEN_ENOMEM;
    }
    paths->path = more;
    paths->path[paths->count] = mien_strdup(path);
    return paths->path[paths->count++] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status add_runs(cli_run_paths *paths, const char *folder) {
    mien_value *map = NULL;
    mien_status status = read_record(folder, &map);
    const mien_value *runs = mien_value_get(map, "runs");
    for (int64_t i = 0; status == MIEN_OK && i < mien_value_count(runs); i++) {
        const char *name =
            mien_value_text(mien_value_get(mien_value_at(runs, i), "run"));
        char *path = mien_path_join(folder, name ? name : "");
        status = path ? add_path(paths, path) : MIEN_ENOMEM;
        mien_free(path);
    }
    mien_value_free(&map);
    return status;
}

mien_status cli_run_paths_open(
    cli_run_paths *paths, int count, const char *const *given) {
    *paths = (cli_run_paths){0};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = cli_axes_is(given[i]) ? add_runs(paths, given[i])
                                       : add_path(paths, given[i]);
    }
    if (status == MIEN_OK && count == 1 && cli_axes_is(given[0])) {
        paths->axes = mien_path_join(given[0], "axes.csv");
        status = paths->axes ? MIEN_OK : MIEN_ENOMEM;
    }
    return status;
}

void cli_run_paths_clear(cli_run_paths *paths) {
    for (int i = 0; i < paths->count; i++) {
        mien_free(paths->path[i]);
    }
    mien_free(paths->path);
    mien_free(paths->axes);
    *paths = (cli_run_paths){0};
}

mien_status cli_axes_refuse(const char *folder) {
    if (!cli_axes_is(folder)) {
        return MIEN_OK;
    }
    cli_run_paths runs = {0};
    mien_string text;
    mien_string_init(&text);
    mien_status status = cli_run_paths_open(&runs, 1, &folder);
    for (int i = 0; status == MIEN_OK && i < runs.count; i++) {
        status = mien_string_addf(&text, "%s%s", i ? ", " : "", runs.path[i]);
    }
    if (status == MIEN_OK) {
        status = mien_fail(MIEN_EINVAL, "%s holds %d runs: name one of %s", folder,
            runs.count, text.text);
    }
    mien_string_clear(&text);
    cli_run_paths_clear(&runs);
    return status;
}
