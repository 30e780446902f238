/* SPDX-License-Identifier: MIT */
/* The points of a search: the strategy names the next one, it is judged, the database
 * keeps it.
 *
 * A point stands in DIR/points.sqlite as soon as it is judged, so that a search that is
 * killed loses the point it was at and no other. When it goes on, points are asked for
 * from the first on; those that are kept must be what the strategy names, which they
 * are as long as study, data and program are the same. nested.c calls this for each
 * fold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/search/nested.h"

enum { POINTS_VERSION = 1 };

/* ---- the database ---------------------------------------------------------------- */

static mien_status read_version(
    void *context, const mien_database_value *cells, int count) {
    *(int64_t *)context = count > 0 ? cells[0].whole : 0;
    return MIEN_OK;
}

mien_status mien_search_points_open(mien_search *search) {
    static const char *const make =
        "CREATE TABLE IF NOT EXISTS points ("
        "search TEXT NOT NULL, number INTEGER NOT NULL, settings TEXT NOT NULL, "
        "budget REAL NOT NULL, score REAL, failure TEXT, seconds REAL, "
        "PRIMARY KEY (search, number))";
    char *path = mien_path_join(search->folder, "points.sqlite"), text[64];
    int64_t version = 0;
    mien_status status =
        path ? mien_database_open(path, &search->database) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_database_query(
            search->database, "PRAGMA user_version", NULL, 0, read_version, &version);
    }
    if (status == MIEN_OK && version != 0 && version != POINTS_VERSION) {
        status = mien_fail(MIEN_EUNSUPPORTED, "%s: is of version %lld, not %d", path,
            (long long)version, POINTS_VERSION);
    }
    if (status == MIEN_OK && version == 0) {
        status = mien_database_run(search->database, make, NULL, 0);
        snprintf(text, sizeof text, "PRAGMA user_version = %d", POINTS_VERSION);
        status = status ? status : mien_database_run(search->database, text, NULL, 0);
    }
    mien_free(path);
    return status;
}

/* ---- one search ------------------------------------------------------------------ */

typedef struct reading {
    mien_search *search;
    mien_search_of *of;
    mien_search_past *past; /* [points] */
    mien_search_setup setup;
} reading;

mien_status mien_search_settings(
    const mien_search *search, const double *at, mien_string *out) {
    char room[32];
    for (int a = 0; a < search->space->axes; a++) {
        const char *text = mien_space_text(search->space, a, at, room);
        if (text) {
            mien_string_addf(out, "%s%s=%s", out->length ? ", " : "",
                search->space->axis[a].key, text);
        }
    }
    return mien_string_status(out);
}

static void copy_past(mien_search_past *past, const mien_search_point *point) {
    memcpy(past->at, point->at, sizeof past->at);
    past->budget = point->budget;
}

/* A row of the database is the point that the strategy names there. */
static mien_status take_kept(
    void *context, const mien_database_value *cells, int count) {
    reading *r = context;
    mien_search_of *of = r->of;
    int64_t n = of->done;
    const mien_search_strategy *strategy = r->search->study->search_strategy;
    mien_search_point point;
    mien_string text;
    if (count < 6 || cells[0].whole != n || n >= of->points) {
        return mien_fail(MIEN_EVERIFY,
            "%s/points.sqlite: points of %s are missing or too many: it was changed by "
            "something else",
            r->search->folder, of->name);
    }
    mien_string_init(&text);
    mien_status status = strategy->next(&r->setup, r->past, n, &point);
    if (status == MIEN_OK) {
        status = mien_search_settings(r->search, point.at, &text);
    }
    if (status == MIEN_OK &&
        (!cells[1].text || strcmp(cells[1].text, text.text) != 0)) {
        status = mien_fail(MIEN_EVERIFY,
            "%s/points.sqlite: point %lld of %s is \"%s\"; going on as it began would "
            "name \"%s\": the space or the strategy has changed, so begin anew",
            r->search->folder, (long long)n, of->name,
            cells[1].text ? cells[1].text : "", text.text);
    }
    if (status == MIEN_OK) {
        mien_search_kept *kept = &of->kept[n];
        copy_past(&kept->past, &point);
        kept->past.score =
            cells[3].kind == MIEN_DATABASE_NULL ? (double)NAN : cells[3].number;
        kept->failure = cells[4].text ? mien_strdup(cells[4].text) : NULL;
        kept->seconds = cells[5].number;
        r->past[n] = kept->past;
        of->done++;
    }
    mien_string_clear(&text);
    return status;
}

static mien_status keep_point(mien_search *s, mien_search_of *of, int64_t n) {
    mien_search_kept *kept = &of->kept[n];
    mien_string text;
    mien_string_init(&text);
    mien_status status = mien_search_settings(s, kept->past.at, &text);
    if (status == MIEN_OK) {
        const mien_database_value bound[] = {mien_database_text(of->name),
            mien_database_whole(n), mien_database_text(text.text),
            mien_database_number(kept->past.budget),
            mien_database_number(kept->past.score), mien_database_text(kept->failure),
            mien_database_number(kept->seconds)};
        status = mien_database_run(s->database,
            "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?, ?)", bound,
            sizeof bound / sizeof *bound);
    }
    mien_string_clear(&text);
    return status;
}

static void find_best(mien_search_of *of) {
    of->best = -1;
    for (int64_t n = 0; n < of->done; n++) {
        const mien_search_past *p = &of->kept[n].past;
        bool whole = p->budget > 1 - 1e-9 && isfinite(p->score);
        if (whole && (of->best < 0 || p->score > of->kept[of->best].past.score)) {
            of->best = n;
        }
    }
}

static mien_status next_point(reading *r, int outer) {
    mien_search *s = r->search;
    mien_search_of *of = r->of;
    int64_t n = of->done;
    mien_search_point point;
    double began = mien_clock_s();
    if (mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "interrupted");
    }
    mien_status status = s->study->search_strategy->next(&r->setup, r->past, n, &point);
    if (status != MIEN_OK) {
        return status;
    }
    copy_past(&of->kept[n].past, &point);
    status = mien_search_judge(s, outer, n, &point, &of->kept[n]);
    of->kept[n].seconds = mien_clock_s() - began;
    if (status == MIEN_OK) {
        status = keep_point(s, of, n);
    }
    if (status == MIEN_OK) {
        r->past[n] = of->kept[n].past;
        of->done++;
        s->done++;
        if (s->options.progress) {
            s->options.progress(s->options.context, "points", s->done, s->total);
        }
    }
    return status;
}

static mien_status no_point(const mien_search *s, const mien_search_of *of) {
    const char *why = NULL;
    for (int64_t n = 0; n < of->done && !why; n++) {
        why = of->kept[n].failure;
    }
    return mien_fail(MIEN_ENUMBER,
        "%s: no point of %s could be judged; the first that failed says: %s", s->folder,
        of->name, why ? why : "its score is not defined");
}

mien_status mien_search_points_run(mien_search *search, int outer) {
    mien_search_of *of = &search->of[outer];
    reading r = {.search = search,
        .of = of,
        .past = mien_alloc((size_t)of->points, sizeof *r.past),
        .setup = {.space = search->space,
            .options = search->study->recipe.given[MIEN_RECIPE_SEARCH],
            .seed = (uint64_t)mien_options_int(search->study->options, "search.seed") *
                        1000 +
                    (uint64_t)outer}};
    const mien_database_value bound[] = {mien_database_text(of->name)};
    mien_status status = r.past ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_database_query(search->database,
            "SELECT number, settings, budget, score, failure, seconds FROM points "
            "WHERE search = ? ORDER BY number",
            bound, 1, take_kept, &r);
        search->done += of->done;
    }
    while (status == MIEN_OK && of->done < of->points) {
        status = next_point(&r, outer);
    }
    if (status == MIEN_OK) {
        find_best(of);
        status = of->best >= 0 ? MIEN_OK : no_point(search, of);
    }
    mien_free(r.past);
    return status;
}
