/* SPDX-License-Identifier: MIT */
/* BBOE (system S1, McVeigh): one person's valence of videos of 20 s, 0 to 4, and a
 * summary picture of each video. The set is not published; its layout is.
 *
 * In comes a folder with VideoInformation/SummaryFrames/X/Y/NAME.jpg and
 * Behavioral/Participant_ID/SESSION/NSFScannerTask*, text parted by blanks with columns
 * `video` and `valence_rating` (or the folder above, which has BBOE in it). A rating
 * gets the first picture, by path, whose key is its video's: in lower case, cut at the
 * first _ and the first dot. Out goes a row a rating that has a picture, with valence
 * as it is and, recoded as the authors do, as three classes.
 *
 * The authors wished for film and physiology. Their layout is ours: a table with a row
 * a video, called by its key in a column without a name, as
 * VideoInformation/Features/NAME.csv (of all people) or
 * Physiology/Participant_ID/NAME.csv. Each NAME becomes a column features.NAME. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/importers/importer.h"

enum {
    FEATURES_MAX = 16,
    KEY_MAX = 256,
    LOG_BYTES_MAX = 64 << 20,
    PATH_MAX_BYTES = 1024
};
#define FRAMES "VideoInformation/SummaryFrames"
#define FEATURES "VideoInformation/Features"
#define LOGS "Behavioral"
#define BODY "Physiology"
#define PERSON_PREFIX "Participant_"

static const char *const recoded[] = {"negative", "neutral", "positive"};

/* A table of features: of all people, or of the one at work. */
typedef struct feature {
    char name[64];
    bool own; /* of each person */
    mien_table *table;
    char *path; /* from the trial table */
    int64_t width;
} feature;

typedef struct importing {
    const char *root; /* of the set */
    char *prefix;     /* from the trial table to it */
    mien_pictures pictures;
    mien_table *to;
    feature feature[FEATURES_MAX];
    int features;
    int64_t unrated;
    mien_left_out missing;
} importing;

/* ---- keys --------------------------------------------------------------------- */

static void key_of(const char *name, char key[KEY_MAX]) {
    const char *base = mien_path_base(name);
    size_t length = strcspn(base, "_.");
    length = length < KEY_MAX ? length : KEY_MAX - 1;
    for (size_t i = 0; i < length; i++) {
        key[i] = (char)tolower((unsigned char)base[i]);
    }
    key[length] = 0;
}

/* ---- walking ------------------------------------------------------------------ */

/* Calls each() for every entry of root/folder, by name, those that begin with a dot
 * left out; nothing where there is no such folder. */
static mien_status each_entry(importing *g, const char *folder,
    mien_status (*each)(importing *g, const char *folder, const char *name)) {
    char *path = mien_path_join(g->root, folder), **names = NULL;
    int64_t count = 0;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_is_directory(path)) {
        status = mien_directory_list(path, &names, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = names[i][0] == '.' ? MIEN_OK : each(g, folder, names[i]);
    }
    mien_names_free(&names, count);
    mien_free(path);
    return status;
}

static mien_status join(
    char out[PATH_MAX_BYTES], const char *folder, const char *name) {
    int length = snprintf(out, PATH_MAX_BYTES, "%s/%s", folder, name);
    return length < PATH_MAX_BYTES
               ? MIEN_OK
               : mien_fail(MIEN_ELIMIT, "%s/%s: a path that long", folder, name);
}

static mien_status add_frames(importing *g, const char *folder, const char *name) {
    char below[PATH_MAX_BYTES];
    mien_status status = join(below, folder, name);
    return status ? status : mien_pictures_add(&g->pictures, g->root, below, NULL);
}

static mien_status add_set(importing *g, const char *folder, const char *name) {
    char below[PATH_MAX_BYTES];
    mien_status status = join(below, folder, name);
    return status ? status : each_entry(g, below, add_frames);
}

static mien_status find_pictures(importing *g) {
    mien_status status = each_entry(g, FRAMES, add_set);
    for (int64_t i = 0; status == MIEN_OK && i < g->pictures.count; i++) {
        char key[KEY_MAX], *copy;
        key_of(g->pictures.items[i].path, key);
        copy = mien_strdup(key);
        status = copy ? MIEN_OK : MIEN_ENOMEM;
        mien_free(g->pictures.items[i].stem);
        g->pictures.items[i].stem = copy;
    }
    if (status == MIEN_OK && g->pictures.count == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no pictures in %s/X/Y, where BBOE has them", g->root, FRAMES);
    }
    if (status == MIEN_OK) {
        mien_pictures_order(&g->pictures);
    }
    return status;
}

/* ---- features ----------------------------------------------------------------- */

static void close_features(importing *g, bool own) {
    for (int i = 0; i < g->features; i++) {
        if (g->feature[i].own == own) {
            mien_table_free(&g->feature[i].table);
            mien_free(g->feature[i].path);
            g->feature[i].path = NULL;
        }
    }
}

static feature *feature_named(importing *g, const char *name, bool own) {
    for (int i = 0; i < g->features; i++) {
        if (strcmp(g->feature[i].name, name) == 0 && g->feature[i].own == own) {
            return &g->feature[i];
        }
    }
    return NULL;
}

/* The stem of NAME.csv; false for other files. */
static bool stem_of(const char *file, char stem[64]) {
    size_t length = strlen(file);
    bool csv = length > 4 && length < 68 && strcasecmp(file + length - 4, ".csv") == 0;
    snprintf(stem, 64, "%.*s", csv ? (int)(length - 4) : 0, file);
    return csv;
}

/* Only notes the name: which columns there are must be known before the first row. */
static mien_status note_feature(importing *g, const char *file, bool own) {
    char stem[64];
    if (!stem_of(file, stem) || feature_named(g, stem, own)) {
        return MIEN_OK;
    }
    if (feature_named(g, stem, !own)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: %s is in %s and in %s; one column "
            "features.%s is meant",
            g->root, file, FEATURES, BODY, stem);
    }
    if (g->features == FEATURES_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d tables of features", g->root, FEATURES_MAX);
    }
    feature *f = &g->feature[g->features++];
    *f = (feature){.own = own};
    snprintf(f->name, sizeof f->name, "%s", stem);
    return MIEN_OK;
}

static mien_status note_shared(importing *g, const char *folder, const char *name) {
    (void)folder;
    return note_feature(g, name, false);
}

static mien_status note_own(importing *g, const char *folder, const char *name) {
    (void)folder;
    return note_feature(g, name, true);
}

static mien_status note_person(importing *g, const char *folder, const char *name) {
    char below[PATH_MAX_BYTES];
    mien_status status = join(below, folder, name);
    return status ? status : each_entry(g, below, note_own);
}

/* Opens a feature's table in root/folder; a person may lack it. */
static mien_status open_feature(importing *g, feature *f, const char *folder) {
    char below[PATH_MAX_BYTES], file[80];
    snprintf(file, sizeof file, "%s.csv", f->name);
    mien_status status = join(below, folder, file);
    char *path = status ? NULL : mien_path_join(g->root, below);
    status = status || path ? status : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_exists(path)) {
        status = mien_table_read(path, NULL, &f->table);
        f->path = *g->prefix ? mien_path_join(g->prefix, below) : mien_strdup(below);
        status = status || f->path ? status : MIEN_ENOMEM;
        int64_t width = status ? 0 : mien_table_columns(f->table) - 1;
        if (status == MIEN_OK && *mien_table_name(f->table, 0)) {
            status = mien_fail(MIEN_EFORMAT,
                "%s:1: the first column's name is \"%s\"; it is the video's key and "
                "has "
                "none",
                path, mien_table_name(f->table, 0));
        } else if (status == MIEN_OK && f->width && f->width != width) {
            status = mien_fail(MIEN_ESHAPE, "%s:1: %lld values where others have %lld",
                path, (long long)width, (long long)f->width);
        }
        f->width = width;
    }
    mien_free(path);
    return status;
}

static mien_status open_features(importing *g, const char *folder, bool own) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < g->features; i++) {
        if (g->feature[i].own == own) {
            status = open_feature(g, &g->feature[i], folder);
        }
    }
    return status;
}

/* "PATH#ROW", or "" where the table or the row is not there. */
static mien_status place_of(
    const feature *f, const char *key, char cell[PATH_MAX_BYTES]) {
    int64_t rows = f->table ? mien_table_rows(f->table) : 0, row = 0;
    while (row < rows && strcasecmp(mien_table_cell(f->table, row, 0), key) != 0) {
        row++;
    }
    cell[0] = 0;
    int length =
        row < rows ? snprintf(cell, PATH_MAX_BYTES, "%s#%" PRId64, f->path, row) : 0;
    return length < PATH_MAX_BYTES
               ? MIEN_OK
               : mien_fail(MIEN_ELIMIT, "%s: a path that long", f->path);
}

/* ---- behaviour logs ----------------------------------------------------------- */

static const char *class_of(double rating) {
    return recoded[rating < 2 ? 0 : rating > 2 ? 2 : 1];
}

enum { TRIAL, PERSON, STIMULUS, GROUP, SESSION, IMAGE, VALENCE, VALENCE3, FIXED };

typedef struct person {
    const char *id, *session;
    int64_t seen; /* ratings of the person so far, those left out among them */
} person;

static mien_status add_rating(importing *g, const person *p, const char *key,
    const mien_picture *picture, const char *valence, double value) {
    char trial[KEY_MAX], place[FEATURES_MAX][PATH_MAX_BYTES];
    const char *cells[FIXED + FEATURES_MAX] = {
        trial, p->id, key, key, p->session, NULL, valence, class_of(value)};
    snprintf(trial, sizeof trial, "%s/%04" PRId64, p->id, p->seen);
    char *image = *g->prefix ? mien_path_join(g->prefix, picture->path)
                             : mien_strdup(picture->path);
    mien_status status = image ? MIEN_OK : MIEN_ENOMEM;
    cells[IMAGE] = image;
    for (int i = 0; status == MIEN_OK && i < g->features; i++) {
        status = place_of(&g->feature[i], key, place[i]);
        cells[FIXED + i] = *place[i] ? place[i] : NULL;
    }
    status = status ? status : mien_table_add_row(g->to, cells);
    mien_free(image);
    return status;
}

static mien_status take_row(
    importing *g, person *p, const mien_table *log, int64_t row, const int at[2]) {
    char key[KEY_MAX];
    const char *video = mien_table_cell(log, row, at[0]);
    const char *cell = mien_table_cell(log, row, at[1]);
    double value = 0;
    mien_status status = mien_rating_check(log, row, at[1], 0, 4, true);
    if (status != MIEN_OK) {
        return status;
    }
    if (mien_cell_missing(cell) || mien_cell_missing(video)) {
        g->unrated++;
        p->seen++;
        return MIEN_OK;
    }
    key_of(video, key);
    const mien_picture *picture = mien_pictures_find(&g->pictures, key);
    mien_parse_number(cell, &value);
    if (!picture) {
        mien_left_out_add(&g->missing, video);
    } else {
        status = add_rating(g, p, key, picture, cell, value);
    }
    p->seen++;
    return status;
}

/* Runs of blanks become one tab, those at a line's ends nothing. */
static void part_by_tabs(char *text) {
    char *to = text;
    bool gap = false, begun = false;
    for (const char *c = text; *c; c++) {
        if (*c == '\n' || *c == '\r') {
            gap = begun = false;
            *to++ = *c;
        } else if (*c == ' ' || *c == '\t') {
            gap = true;
        } else {
            if (gap && begun) {
                *to++ = '\t';
            }
            gap = false;
            begun = true;
            *to++ = *c;
        }
    }
    *to = 0;
}

static mien_status read_log(const char *path, mien_table **log, int at[2]) {
    static const char *const names[] = {"video", "valence_rating"};
    mien_table_options o = mien_table_options_default();
    char *text = NULL;
    size_t count = 0;
    o.delimiter = '\t';
    mien_status status = mien_file_read(path, LOG_BYTES_MAX, &text, &count);
    if (status == MIEN_OK && strlen(text) != count) {
        status = mien_fail(MIEN_EFORMAT, "%s: not text", path);
    }
    if (status == MIEN_OK) {
        part_by_tabs(text);
        status = mien_table_parse(path, text, strlen(text), &o, log);
    }
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        at[k] = mien_table_column(*log, names[k]);
        status = at[k] >= 0 ? MIEN_OK
                            : mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\"",
                                  path, names[k]);
    }
    mien_free(text);
    return status;
}

static mien_status take_log(importing *g, person *p, const char *path) {
    mien_table *log = NULL;
    int at[2];
    mien_status status = read_log(path, &log, at);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(log); i++) {
        status = take_row(g, p, log, i, at);
    }
    mien_table_free(&log);
    return status;
}

static mien_status take_session(importing *g, person *p, const char *folder) {
    char *path = mien_path_join(g->root, folder), **names = NULL;
    int64_t count = 0;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_file_is_directory(path)) {
        status = mien_directory_list(path, &names, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (strncmp(names[i], "NSFScannerTask", 14) == 0) {
            char *log = mien_path_join(path, names[i]);
            status = log ? take_log(g, p, log) : MIEN_ENOMEM;
            mien_free(log);
        }
    }
    mien_names_free(&names, count);
    mien_free(path);
    return status;
}

static mien_status take_person(importing *g, const char *folder, const char *name) {
    size_t prefix = strlen(PERSON_PREFIX);
    char below[PATH_MAX_BYTES], body[PATH_MAX_BYTES], **names = NULL;
    int64_t count = 0;
    if (strncmp(name, PERSON_PREFIX, prefix) != 0 || !name[prefix]) {
        return MIEN_OK;
    }
    person p = {.id = name + prefix};
    mien_status status = join(below, folder, name);
    status = status ? status : join(body, BODY, name);
    status = status ? status : open_features(g, body, true);
    char *path = status ? NULL : mien_path_join(g->root, below);
    status = status || path ? status : MIEN_ENOMEM;
    status = status ? status : mien_directory_list(path, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char session[PATH_MAX_BYTES];
        p.session = names[i];
        status = join(session, below, names[i]);
        status = status ? status : take_session(g, &p, session);
    }
    close_features(g, true);
    mien_names_free(&names, count);
    mien_free(path);
    return status;
}

/* ---- the whole ---------------------------------------------------------------- */

static mien_status make_sidecar(const importing *g, mien_value **sidecar) {
    const mien_trials_target targets[] = {
        {.name = "valence",
            .maximum = 4,
            .unit = "0 very negative to 4 very positive",
            .construct = "evoked",
            .perspective = "subjective"},
        {.name = "valence3",
            .kind = MIEN_TARGET_CLASS,
            .classes = 3,
            .class_name = recoded,
            .construct = "evoked",
            .perspective = "subjective"}};
    mien_value *made = mien_sidecar_new("bboe", "BBOE, of AffectiveTransferLearning",
        "McVeigh, AffectiveTransferLearning; the set is not published", "not stated");
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        status = mien_sidecar_add_target(made, &targets[i]);
    }
    status =
        status ? status
               : mien_sidecar_add_column(made, "group", "the video: all ratings of it");
    status = status ? status
                    : mien_sidecar_add_column(made, "valence3",
                          "valence below 2 negative, 2 neutral, above 2 positive");
    for (int i = 0; status == MIEN_OK && i < g->features; i++) {
        status = mien_sidecar_add_feature(made, g->feature[i].name, g->feature[i].width,
            g->feature[i].own ? "of the person before the video" : "of the video");
    }
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}

static mien_status make_table(importing *g) {
    static const char *const fixed[FIXED] = {"trial", "person", "stimulus", "group",
        "session", "image", "valence", "valence3"};
    const char *names[FIXED + FEATURES_MAX];
    char column[FEATURES_MAX][80];
    memcpy((void *)names, (const void *)fixed, sizeof fixed);
    for (int i = 0; i < g->features; i++) {
        snprintf(column[i], sizeof column[i], "features.%s", g->feature[i].name);
        names[FIXED + i] = column[i];
    }
    return mien_table_new(FIXED + g->features, names, &g->to);
}

static mien_status take_all(importing *g) {
    mien_status status = find_pictures(g);
    status = status ? status : each_entry(g, FEATURES, note_shared);
    status = status ? status : each_entry(g, BODY, note_person);
    status = status ? status : make_table(g);
    status = status ? status : open_features(g, FEATURES, false);
    status = status ? status : each_entry(g, LOGS, take_person);
    if (status == MIEN_OK && mien_table_rows(g->to) == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no rating in %s/%sID/SESSION/NSFScannerTask* goes with a picture in "
            "%s",
            g->root, LOGS, PERSON_PREFIX, FRAMES);
    }
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    (void)options;
    importing g = {0};
    char *within = mien_path_join(directory, "BBOE");
    mien_left_out_init(&g.missing);
    mien_status status = within ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        g.root = mien_file_is_directory(within) ? within : directory;
        status = mien_relative_directory(output, g.root, &g.prefix);
    }
    status = status ? status : take_all(&g);
    status = status ? status : make_sidecar(&g, sidecar);
    if (status == MIEN_OK) {
        *table = g.to;
        g.to = NULL;
    } else {
        g.missing.count = 0; /* the error says enough */
    }
    mien_left_out_report(
        &g.missing, "bboe", "ratings are of videos without a picture and left out");
    if (status == MIEN_OK && g.unrated > 0) {
        mien_log(MIEN_LOG_WARN, "data",
            "bboe: %" PRId64 " rows have no rating and are left out", g.unrated);
    }
    close_features(&g, false);
    close_features(&g, true);
    mien_table_free(&g.to);
    mien_pictures_clear(&g.pictures);
    mien_free(g.prefix);
    mien_free(within);
    return status;
}

const mien_importer mien_importer_bboe = {
    .name = "bboe",
    .summary = "BBOE in its layout: one person's valence of videos, 0 to 4, with a "
               "summary picture of each (McVeigh, AffectiveTransferLearning)",
    .import = import,
};
