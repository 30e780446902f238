/* SPDX-License-Identifier: MIT */
/* The points of a search: the strategy names the next one, it is judged, the database
 * keeps it.
 *
 * A point stands in DIR/points.sqlite as soon as it is judged, so that a search that is
 * killed loses the point it was at and no other. When it goes on, points are asked for
 * from the first on; those that are kept must be what the strategy names, which they
 * are as long as study, data and program are the same. Of several processes rank 0
 * alone has the database; the others get from it what is there when they begin, and
 * tell it each point that they have judged. nested.c calls this for each fold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ranks.h"
#include "train/search/nested.h"

enum { POINTS_VERSION = 1 };

/* ---- the database ---------------------------------------------------------------- */

static mien_status read_version(
    void *context, const mien_database_value *cells, int count) {
    *(int64_t *)context = count > 0 ? cells[0].whole : 0;
    return MIEN_OK;
}

static mien_status open_database(mien_search *search) {
    static const char *const make =
        "CREATE TABLE IF NOT EXISTS points ("
        "search TEXT NOT NULL, number INTEGER NOT NULL, settings TEXT NOT NULL, "
        "budget REAL NOT NULL, score REAL, failure TEXT, seconds REAL, "
        "PRIMARY KEY (search, number))";
    char *path = mien_path_join(search->folder, "points.sqlite"), text[64];
    int64_t version = 0;
    mien_status status =
        path ? mien_database_open(path, &search->database) : MIEN_ENOMEM;
    /* A point waits for the disk three times instead of four. */
    status = status ? status
                    : mien_database_run(
                          search->database, "PRAGMA journal_mode = TRUNCATE", NULL, 0);
    status = status ? status
                    : mien_database_run(
                          search->database, "PRAGMA synchronous = NORMAL", NULL, 0);
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

/* ---- points that are kept ---------------------------------------------------------
 */

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

static mien_status reading_init(reading *r, mien_search *s, int outer) {
    mien_search_of *of = &s->of[outer];
    uint64_t seed = (uint64_t)mien_options_int(s->study->options, "search.seed");
    *r = (reading){.search = s,
        .of = of,
        .past = mien_alloc((size_t)of->points, sizeof *r->past),
        .setup = {.space = s->space,
            .options = s->study->recipe.given[MIEN_RECIPE_SEARCH],
            .seed = seed * 1000 + (uint64_t)outer}};
    for (int64_t n = 0; r->past && n < of->done; n++) {
        r->past[n] = of->kept[n].past;
    }
    return r->past ? MIEN_OK : MIEN_ENOMEM;
}

/* What a point came to. failure: taken; NULL: it has none. */
static void set_kept(
    mien_search_kept *kept, double score, char *failure, double seconds) {
    kept->past.score = score;
    kept->failure = failure;
    kept->seconds = seconds;
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
        set_kept(kept,
            cells[3].kind == MIEN_DATABASE_NULL ? (double)NAN : cells[3].number,
            cells[4].text ? mien_strdup(cells[4].text) : NULL, cells[5].number);
        r->past[n] = kept->past;
        of->done++;
    }
    mien_string_clear(&text);
    return status;
}

/* The lock is taken: rank 0 hears of others' points while it judges its own. */
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

/* ---- of other ranks ---------------------------------------------------------------
 */

/* A point as ranks tell it; the words of a failure follow. */
typedef struct told {
    char kind[8]; /* lines of the log, which are told as well, begin otherwise */
    int64_t search, number, failure; /* failure: bytes of it; -1: there is none */
    double score, seconds;
} told;

static const char told_kind[8] = "@point";

static void add_told(const mien_search *s, int outer, int64_t n, mien_string *bytes) {
    const mien_search_kept *kept = &s->of[outer].kept[n];
    told t = {.search = outer,
        .number = n,
        .failure = kept->failure ? (int64_t)strlen(kept->failure) : -1,
        .score = kept->past.score,
        .seconds = kept->seconds};
    memcpy(t.kind, told_kind, sizeof t.kind);
    mien_string_add_n(bytes, (const char *)&t, sizeof t);
    if (t.failure > 0) {
        mien_string_add_n(bytes, kept->failure, (size_t)t.failure);
    }
}

/* Takes a told point up as the next of its search; one that is there already is passed
 * over: the rank that judged it first was given up. *used: bytes that it took. */
static mien_status take_told(
    mien_search *s, const char *bytes, size_t count, size_t *used, bool *is_new) {
    told t;
    *used = 0;
    *is_new = false;
    if (count < sizeof t) {
        return mien_fail(MIEN_EVERIFY, "a point of a search was told in part");
    }
    memcpy(&t, bytes, sizeof t);
    size_t words = t.failure > 0 ? (size_t)t.failure : 0;
    if (t.search < 0 || t.search >= s->searches || words > count - sizeof t) {
        return mien_fail(MIEN_EVERIFY, "a point of a search was told wrongly");
    }
    *used = sizeof t + words;
    mien_search_of *of = &s->of[t.search];
    if (t.number != of->done || t.number >= of->points) {
        return MIEN_OK;
    }
    reading r;
    mien_search_point point;
    mien_status status = reading_init(&r, s, (int)t.search);
    if (status == MIEN_OK) {
        status = s->study->search_strategy->next(&r.setup, r.past, t.number, &point);
    }
    char *failure =
        status == MIEN_OK && t.failure >= 0 ? mien_alloc(words + 1, 1) : NULL;
    status = status == MIEN_OK && t.failure >= 0 && !failure ? MIEN_ENOMEM : status;
    if (status == MIEN_OK) {
        if (failure) {
            memcpy(failure, bytes + sizeof t, words);
        }
        copy_past(&of->kept[t.number].past, &point);
        set_kept(&of->kept[t.number], t.score, failure, t.seconds);
        of->done++;
        *is_new = true;
    }
    mien_free(r.past);
    return status;
}

static mien_status tell_point(const mien_search *s, int outer, int64_t n) {
    mien_string bytes;
    mien_string_init(&bytes);
    add_told(s, outer, n, &bytes);
    mien_status status = mien_string_status(&bytes);
    status =
        status ? status : mien_ranks_tell(mien_ranks_here(), bytes.text, bytes.length);
    mien_string_clear(&bytes);
    return status;
}

static void tell_progress(const mien_search *s) {
    if (s->options.progress) {
        s->options.progress(s->options.context, "points", s->done, s->total);
    }
}

mien_status mien_search_points_heard(
    mien_search *search, const char *bytes, size_t count, bool *taken) {
    mien_search *s = search;
    size_t used;
    bool is_new = false;
    *taken =
        count >= sizeof told_kind && memcmp(bytes, told_kind, sizeof told_kind) == 0;
    if (!*taken) {
        return MIEN_OK;
    }
    mien_lock_take(s->root.lock);
    mien_status status = take_told(s, bytes, count, &used, &is_new);
    if (status == MIEN_OK && is_new) {
        told t;
        memcpy(&t, bytes, sizeof t);
        status = keep_point(s, &s->of[t.search], t.number);
        s->done++;
        tell_progress(s);
    }
    mien_lock_give(s->root.lock);
    return status;
}

/* Rank 0 hands out the points that are there. */
static mien_status share_points(mien_search *s) {
    mien_string bytes;
    mien_string_init(&bytes);
    for (int k = 0; k < s->searches; k++) {
        for (int64_t n = 0; n < s->of[k].done; n++) {
            add_told(s, k, n, &bytes);
        }
    }
    mien_status status = mien_string_status(&bytes);
    int64_t count = (int64_t)bytes.length;
    bool root = mien_study_run_is_root(&s->root);
    status =
        status ? status : mien_ranks_share(mien_ranks_here(), &count, sizeof count);
    char *got = status == MIEN_OK && !root ? mien_alloc((size_t)count + 1, 1) : NULL;
    status = status == MIEN_OK && !root && !got ? MIEN_ENOMEM : status;
    status = status ? status
                    : mien_ranks_share(mien_ranks_here(),
                          root ? (void *)bytes.text : got, (size_t)count);
    for (size_t at = 0, used; status == MIEN_OK && got && at < (size_t)count;) {
        bool is_new;
        status = take_told(s, got + at, (size_t)count - at, &used, &is_new);
        at += used;
    }
    mien_free(got);
    mien_string_clear(&bytes);
    return status;
}

static mien_status read_points(mien_search *s, int outer) {
    const mien_database_value bound[] = {mien_database_text(s->of[outer].name)};
    reading r;
    mien_status status = reading_init(&r, s, outer);
    if (status == MIEN_OK) {
        status = mien_database_query(s->database,
            "SELECT number, settings, budget, score, failure, seconds FROM points "
            "WHERE search = ? ORDER BY number",
            bound, 1, take_kept, &r);
        s->done += s->of[outer].done;
    }
    mien_free(r.past);
    return status;
}

mien_status mien_search_points_open(mien_search *search) {
    mien_search *s = search;
    bool root = mien_study_run_is_root(&s->root);
    mien_status status = root ? open_database(s) : MIEN_OK;
    for (int k = 0; status == MIEN_OK && root && k < s->searches; k++) {
        status = read_points(s, k);
    }
    return status ? status : share_points(s);
}

/* ---- one search -------------------------------------------------------------------
 */

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
    mien_lock_take(s->root.lock);
    if (status == MIEN_OK) {
        status = mien_study_run_is_root(&s->root) ? keep_point(s, of, n)
                                                  : tell_point(s, outer, n);
    }
    if (status == MIEN_OK) {
        r->past[n] = of->kept[n].past;
        of->done++;
        s->done++;
        tell_progress(s);
    }
    mien_lock_give(s->root.lock);
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
    reading r;
    mien_status status = reading_init(&r, search, outer);
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
