/* SPDX-License-Identifier: MIT */
/* What a search ends with: the files of a run folder, over predictions of what each
 * fold chose, search.csv with every point, and chosen.yaml, the study as it was chosen
 * on all rows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/run/folder.h"
#include "train/search/nested.h"

/* ---- search.csv ------------------------------------------------------------------ */

enum { FIXED = 6 };

static mien_status write_point(mien_table_writer *writer, const mien_search *s,
    const mien_search_of *of, int64_t n) {
    const mien_search_kept *kept = &of->kept[n];
    const char *cells[FIXED + MIEN_AXES_MAX];
    char number[24], budget[32], score[32], room[MIEN_AXES_MAX][32];
    int columns = 0;
    snprintf(number, sizeof number, "%lld", (long long)n);
    cells[columns++] = of->name;
    cells[columns++] = number;
    cells[columns++] = n == of->best ? "yes" : "no";
    for (int a = 0; a < s->space->axes; a++) {
        cells[columns++] = mien_space_text(s->space, a, kept->past.at, room[a]);
    }
    cells[columns++] = mien_format_double(kept->past.budget, budget);
    cells[columns++] =
        isfinite(kept->past.score) ? mien_format_double(kept->past.score, score) : NULL;
    cells[columns++] = kept->failure;
    return mien_table_writer_row(writer, cells);
}

static mien_status write_points(const mien_search *s) {
    const char *names[FIXED + MIEN_AXES_MAX];
    char *path = mien_path_join(s->folder, "search.csv");
    mien_table_writer *writer = NULL;
    int columns = 0;
    names[columns++] = "search";
    names[columns++] = "point";
    names[columns++] = "chosen";
    for (int a = 0; a < s->space->axes; a++) {
        names[columns++] = s->space->axis[a].key;
    }
    names[columns++] = "budget";
    names[columns++] = "score";
    names[columns++] = "failure";
    mien_status status =
        path ? mien_table_writer_open(path, MIEN_CSV, columns, names, &writer)
             : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < s->searches; k++) {
        for (int64_t n = 0; status == MIEN_OK && n < s->of[k].done; n++) {
            status = write_point(writer, s, &s->of[k], n);
        }
    }
    mien_free(path);
    return writer ? mien_folder_rows_close(&writer, status) : status;
}

/* ---- chosen.yaml ----------------------------------------------------------------- */

static mien_status write_chosen(mien_search *s) {
    char *path = mien_path_join(s->folder, "chosen.yaml");
    s->model_study->searched = false; /* it has been */
    mien_value_free(&s->model_study->over_tree);
    mien_status status = path ? mien_folder_study(s->model_study, path) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* ---- results.json ---------------------------------------------------------------- */

static void put_values(const mien_search *s, const mien_search_past *past,
    mien_value *map, mien_status *status) {
    mien_value *values = mien_value_new_map();
    char room[32];
    for (int a = 0; a < s->space->axes; a++) {
        const char *text = mien_space_text(s->space, a, past->at, room);
        if (text) {
            mien_document_text(values, s->space->axis[a].key, text, status);
        }
    }
    mien_document_put(map, "values", values, status);
    mien_document_put(map, "score", mien_document_number(past->score), status);
}

static mien_value *axes_value(const mien_search *s, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int a = 0; a < s->space->axes; a++) {
        const mien_axis *axis = &s->space->axis[a];
        mien_value *map = mien_value_new_map();
        mien_document_text(map, "key", axis->key, status);
        if (axis->values) {
            mien_value *values = mien_value_new_list();
            for (int v = 0; v < axis->values; v++) {
                mien_document_add(values, mien_value_new_text(axis->value[v]), status);
            }
            mien_document_put(map, "values", values, status);
        } else {
            mien_document_put(map, "low", mien_value_new_number(axis->low), status);
            mien_document_put(map, "high", mien_value_new_number(axis->high), status);
            mien_document_put(map, "log", mien_value_new_bool(axis->log), status);
        }
        mien_document_add(list, map, status);
    }
    return list;
}

static void tell(const void *context, mien_value *document, mien_status *status) {
    const mien_search *s = context;
    const mien_options *o = s->study->options;
    const mien_search_of *last = &s->of[s->searches - 1];
    mien_value *map = mien_value_new_map(), *folds = mien_value_new_list(),
               *points = mien_value_new_list();
    mien_document_text(map, "strategy", s->study->search_strategy->name, status);
    mien_document_text(map, "score", mien_options_text(o, "search.score"), status);
    mien_document_put(
        map, "rises", mien_value_new_bool(mien_search_score_rises(s)), status);
    mien_document_int(map, "seed", mien_options_int(o, "search.seed"), status);
    mien_document_int(map, "inner_k", mien_options_int(o, "search.inner.k"), status);
    mien_document_put(map, "over", axes_value(s, status), status);
    for (int k = 0; k < s->searches; k++) {
        const mien_search_of *of = &s->of[k];
        mien_value *one = mien_value_new_map();
        mien_document_text(one, "search", of->name, status);
        mien_document_int(one, "point", of->best, status);
        put_values(s, &of->kept[of->best].past, one, status);
        mien_document_add(folds, one, status);
    }
    for (int64_t n = 0; n < last->done; n++) {
        mien_value *one = mien_value_new_map();
        mien_document_int(one, "point", n, status);
        put_values(s, &last->kept[n].past, one, status);
        mien_document_put(
            one, "budget", mien_value_new_number(last->kept[n].past.budget), status);
        mien_document_add(points, one, status);
    }
    mien_document_put(map, "chosen", folds, status);
    mien_document_text(map, "points_of", last->name, status);
    mien_document_put(map, "points", points, status);
    mien_document_put(document, "search", map, status);
}

/* ---- the run --------------------------------------------------------------------- */

/* The fits of all folds, and of the model. */
static mien_status gather_jobs(mien_search *s, mien_study_run *run) {
    int folds = s->searches - 1;
    run->job = mien_alloc((size_t)(folds + s->model.jobs), sizeof *run->job);
    if (!run->job) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < folds; k++) {
        run->job[k] = s->of[k].job;
        run->job[k].run = run;
        run->job[k].fold = k;
        snprintf(run->job[k].name, sizeof run->job[k].name, "fold-%d", k);
    }
    for (int k = 0; k < s->model.jobs; k++) {
        run->job[folds + k] = s->model.job[k];
        run->job[folds + k].fold = folds ? s->root.dataset.folds : 0;
    }
    run->jobs = folds + s->model.jobs;
    run->model = folds + s->model.model;
    return MIEN_OK;
}

mien_status mien_search_write(mien_search *search) {
    mien_search *s = search;
    mien_study_run run = s->model; /* lent by the model's */
    run.dataset.fold = s->root.dataset.fold;
    run.dataset.folds = s->root.dataset.folds;
    run.folder = s->folder;
    run.scores = (mien_scores){0};
    run.predictions = s->predictions;
    run.unsmoothed = s->model.unsmoothed ? s->unsmoothed : NULL;
    run.plain = s->model.plain ? s->plain : NULL;
    run.tell = tell;
    run.tell_context = s;
    mien_status status = gather_jobs(s, &run);
    status = status ? status : write_chosen(s);
    status = status ? status : write_points(s);
    status = status ? status : mien_study_run_write(&run);
    mien_scores_clear(&run.scores);
    mien_golden_shared_clear(&run.golden);
    mien_free(run.job);
    return status;
}
