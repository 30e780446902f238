/* SPDX-License-Identifier: MIT */
/* Anybody's pictures: a folder of them, and a table that rates them.
 *
 * In come a folder, whose pictures are found however deep, and tables of labels; out go
 * a trial table and its sidecar. A row of labels gets the picture whose key is its own:
 * names in lower case, without folders and extension, and cut where the option `cut`
 * says, so that "Dog_take2.mp4" and "x/y/dog_frame.jpg" are both "dog". */
#include "data/importers/importer.h"
#include "data/label_targets.h"
#include "data/recode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 16 };
enum { TRIAL, PERSON, STIMULUS, GROUP, SPLIT, IMAGE, FIXED };

static const mien_option options[] = {
    {.name = "labels",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE,…",
        .help =
            "Tables of ratings, below the folder, all with the same columns (default: "
            "the only .csv or .tsv)"},
    {.name = "image",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help =
            "Column that names the picture (default: image, file, filename, picture, "
            "stimulus, video or name)"},
    {.name = "cut",
        .type = MIEN_OPTION_TEXT,
        .metavar = "CHARACTERS",
        .help = "Names are the same up to the first of these (cut=_ makes dog of "
                "Dog_1.jpg)"},
    {.name = "trial",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of ids (default: trial, else they are counted)"},
    {.name = "person",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of those who rated (default: person)"},
    {.name = "group",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of what stays in one fold (default: group, else the picture)"},
    {.name = "split",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of train, validation, test (default: split)"},
    MIEN_IMPORTER_TARGETS("-1,1"),
    MIEN_IMPORTER_DECIMAL,
    {.name = "recode",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN:VALUE=CLASS,…",
        .help = "Makes classes of a target's values "
                "(valence:0..1=negative,2=neutral,3..4=positive)"},
    MIEN_IMPORTER_CONSTRUCT("evoked"),
    MIEN_IMPORTER_PERSPECTIVE("normative"),
    MIEN_IMPORTER_SOURCE,
    {0},
};

typedef struct importing {
    const char *directory, *prefix, *cut;
    const mien_options *options;
    mien_table *from;
    int image, column[FIXED]; /* of the labels, −1: none */
    mien_pictures pictures;   /* stem: the key; sorted by key, then path */
    mien_recode recode;
    mien_label_targets targets;
    mien_left_out missing;
    int64_t unrated; /* rows without any target */
} importing;

/* ---- keys --------------------------------------------------------------------- */

/* "x/Dog_1.JPG" → "dog" with cut "_". NULL when out of memory. */
static char *key_of(const char *name, const char *cut) {
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    size_t length = strlen(base), extension = strlen(mien_path_extension(base));
    length -= extension && extension < length ? extension + 1 : 0;
    size_t first = cut && *cut ? strcspn(base, cut) : length;
    length = first > 0 && first < length ? first : length;
    char *key = mien_strndup(base, length);
    for (char *c = key; c && *c; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    }
    return key;
}

/* ---- files -------------------------------------------------------------------- */

/* Pictures of a folder and of those in it; "" is the data set's own. */
static mien_status walk(importing *g, const char *folder, int depth) {
    char *path =
        *folder ? mien_path_join(g->directory, folder) : mien_strdup(g->directory);
    char **names = NULL;
    int64_t count = 0;
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && depth > DEPTH_MAX) {
        status = mien_fail(MIEN_ELIMIT, "%s: folders deeper than %d", path, DEPTH_MAX);
    }
    status =
        status ? status : mien_pictures_add(&g->pictures, g->directory, folder, NULL);
    status = status ? status : mien_directory_list(path, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char *below = names[i][0] == '.' ? NULL
                      : *folder          ? mien_path_join(folder, names[i])
                                         : mien_strdup(names[i]);
        char *whole = below ? mien_path_join(g->directory, below) : NULL;
        if (names[i][0] != '.' && !whole) {
            status = MIEN_ENOMEM;
        } else if (whole && mien_file_is_directory(whole)) {
            status = walk(g, below, depth + 1);
        }
        mien_free(whole);
        mien_free(below);
    }
    mien_names_free(&names, count);
    mien_free(path);
    return status;
}

static mien_status find_pictures(importing *g) {
    mien_status status = walk(g, "", 0);
    int64_t shared = 0, n = g->pictures.count;
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        mien_picture *p = &g->pictures.items[i];
        char *key = key_of(p->path, g->cut);
        mien_free(p->stem);
        p->stem = key;
        status = key ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (n == 0) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: there are no pictures in it", g->directory);
    }
    mien_pictures_order(&g->pictures);
    for (int64_t i = 1; i < n; i++) {
        shared += strcmp(g->pictures.items[i].stem, g->pictures.items[i - 1].stem) == 0;
    }
    if (shared > 0) {
        mien_log(MIEN_LOG_WARN, "data",
            "pictures: %" PRId64 " have the key of another; the first by path is taken",
            shared);
    }
    return MIEN_OK;
}

/* One table, or the rows of another with the same columns. */
static mien_status add_labels(importing *g, const char *file) {
    mien_table_options o = mien_table_options_default();
    mien_table *table = NULL;
    o.numbers = true; /* logs of experiments are parted by blanks */
    char *path = mien_path_join(g->directory, file);
    mien_status status =
        path ? mien_labels_read(path, g->options, &o, &table) : MIEN_ENOMEM;
    if (status == MIEN_OK && !g->from) {
        g->from = table;
        table = NULL;
    }
    const char **cells = NULL;
    int columns = table ? mien_table_columns(table) : 0;
    if (table) {
        cells = mien_alloc((size_t)columns, sizeof *cells);
        status = cells ? MIEN_OK : MIEN_ENOMEM;
    }
    if (table && columns != mien_table_columns(g->from)) {
        status = mien_fail(MIEN_EFORMAT, "%s:1: %d columns where %s has %d", path,
            columns, mien_table_file(g->from), mien_table_columns(g->from));
    }
    for (int c = 0; status == MIEN_OK && c < columns; c++) {
        if (strcmp(mien_table_name(table, c), mien_table_name(g->from, c)) != 0) {
            status = mien_fail(MIEN_EFORMAT, "%s:1: column \"%s\" where %s has \"%s\"",
                path, mien_table_name(table, c), mien_table_file(g->from),
                mien_table_name(g->from, c));
        }
    }
    for (int64_t r = 0; status == MIEN_OK && table && r < mien_table_rows(table); r++) {
        for (int c = 0; c < columns; c++) {
            cells[c] = mien_table_cell(table, r, c);
        }
        status = mien_table_add_row(g->from, cells);
    }
    mien_free((void *)cells);
    mien_table_free(&table);
    mien_free(path);
    return status;
}

static mien_status find_labels(const importing *g, char **file) {
    char **names = NULL;
    int64_t count = 0, found = -1;
    mien_status status = mien_directory_list(g->directory, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *extension = mien_path_extension(names[i]);
        if (names[i][0] == '.' ||
            (strcasecmp(extension, "csv") != 0 && strcasecmp(extension, "tsv") != 0)) {
            continue;
        }
        if (found >= 0) {
            status = mien_fail(MIEN_EINVAL,
                "%s: %s and %s could be the labels: say which (labels=FILE)",
                g->directory, names[found], names[i]);
        }
        found = i;
    }
    if (status == MIEN_OK && found < 0) {
        status = mien_fail(
            MIEN_ENOTFOUND, "%s: no table of labels (.csv or .tsv)", g->directory);
    }
    if (status == MIEN_OK) {
        *file = mien_strdup(names[found]);
        status = *file ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_names_free(&names, count);
    return status;
}

static mien_status read_labels(importing *g) {
    const char *given = mien_options_text(g->options, "labels");
    char *files = given ? mien_strdup(given) : NULL;
    mien_status status =
        given ? (files ? MIEN_OK : MIEN_ENOMEM) : find_labels(g, &files);
    for (char *next = files; status == MIEN_OK && *next;) {
        char *file = next;
        next += strcspn(next, ",");
        if (*next) {
            *next++ = 0;
        }
        status = add_labels(g, file);
    }
    mien_free(files);
    return status ? status : mien_recode_apply(&g->recode, g->from);
}

/* ---- columns ------------------------------------------------------------------ */

/* A column that an option names must be there; one with the default name may be. */
static mien_status find_column(
    const importing *g, const char *option, const char *const *otherwise, int *column) {
    const char *given = mien_options_text(g->options, option);
    *column =
        given ? mien_table_column(g->from, given) : mien_column_any(g->from, otherwise);
    return given && *column < 0
               ? mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\" (%s)",
                     mien_table_file(g->from), given, option)
               : MIEN_OK;
}

static mien_status find_columns(importing *g) {
    static const char *const images[] = {
        "image", "file", "filename", "picture", "stimulus", "video", "name", NULL};
    static const char *const names[FIXED] = {"trial", "person", NULL, "group", "split"};
    mien_status status = find_column(g, "image", images, &g->image);
    for (int i = 0; status == MIEN_OK && i < FIXED; i++) {
        const char *const any[] = {names[i], NULL};
        g->column[i] = -1;
        status = names[i] ? find_column(g, names[i], any, &g->column[i]) : MIEN_OK;
    }
    if (status == MIEN_OK && g->image < 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:1: no column is called image, file, filename, picture, stimulus, video "
            "or "
            "name: say which names the pictures (image=COLUMN)",
            mien_table_file(g->from));
    }
    return status;
}

static mien_status find_targets(importing *g) {
    mien_status status = mien_label_targets_find(g->from, g->options, &g->targets);
    for (int i = 0; status == MIEN_OK && g->recode.text && i < g->targets.count; i++) {
        mien_trials_target *t = &g->targets.items[i];
        if (strcmp(t->name, g->recode.column) == 0 && t->kind == MIEN_TARGET_CLASS) {
            const char **kept = mien_alloc(MIEN_RECODE_RULES_MAX, sizeof *kept);
            if (!kept) {
                return MIEN_ENOMEM;
            }
            t->classes = mien_recode_classes(&g->recode, kept);
            t->class_name = kept;
            mien_free((void *)g->targets.classes[i]);
            g->targets.classes[i] = kept;
        }
    }
    return status;
}

/* ---- rows --------------------------------------------------------------------- */

static const char *cell_of(const importing *g, int64_t row, int column) {
    const char *cell = column >= 0 ? mien_table_cell(g->from, row, column) : NULL;
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

static mien_status add_row(importing *g, int64_t row, mien_table *to) {
    const char *cells[FIXED + MIEN_LABEL_TARGETS_MAX];
    const char *named = cell_of(g, row, g->image);
    char id[32], *key = named ? key_of(named, g->cut) : NULL;
    const mien_picture *found = key ? mien_pictures_find(&g->pictures, key) : NULL;
    const char *picture = found ? found->path : NULL;
    bool rated = false;
    mien_status status = named && !key ? MIEN_ENOMEM : MIEN_OK;
    int n = 0;
    snprintf(id, sizeof id, "%06" PRId64, row);
    for (int i = 0; i < FIXED; i++) {
        const char *cell = cell_of(g, row, g->column[i]);
        if (i == TRIAL) {
            cell = g->column[i] >= 0 ? cell : id;
        } else if (i == STIMULUS || (i == GROUP && g->column[i] < 0)) {
            cell = key;
        } else if ((i == PERSON || i == SPLIT) && g->column[i] < 0) {
            continue;
        } else if (i == SPLIT && cell && !mien_split_of(cell, &cell)) {
            status = mien_fail(MIEN_EFORMAT,
                "%s:%" PRId64 ": %s is \"%s\": none of train, validation, test",
                mien_table_file(g->from), mien_table_line(g->from, row),
                mien_table_name(g->from, g->column[SPLIT]),
                mien_table_cell(g->from, row, g->column[SPLIT]));
        }
        cells[n++] = cell;
    }
    for (int i = 0; status == MIEN_OK && i < g->targets.count; i++) {
        const mien_trials_target *t = &g->targets.items[i];
        cells[n] = cell_of(g, row, g->targets.column[i]);
        rated = rated || cells[n];
        n++;
        status = t->kind == MIEN_TARGET_CLASS
                     ? MIEN_OK
                     : mien_rating_check(g->from, row, g->targets.column[i], t->minimum,
                           t->maximum, true);
    }
    if (status == MIEN_OK && !picture) {
        mien_left_out_add(&g->missing, named ? named : "n/a");
    } else if (status == MIEN_OK && !rated) {
        g->unrated++;
    } else if (status == MIEN_OK) {
        char *path =
            *g->prefix ? mien_path_join(g->prefix, picture) : mien_strdup(picture);
        cells[n - g->targets.count - 1] = path; /* image stands before the targets */
        status = path ? mien_table_add_row(to, cells) : MIEN_ENOMEM;
        mien_free(path);
    }
    mien_free(key);
    return status;
}

static mien_status make_table(importing *g, mien_table **table) {
    static const char *const fixed[FIXED] = {
        "trial", "person", "stimulus", "group", "split", "image"};
    const char *names[FIXED + MIEN_LABEL_TARGETS_MAX];
    mien_table *made = NULL;
    int columns = 0;
    for (int i = 0; i < FIXED; i++) {
        if ((i != PERSON && i != SPLIT) || g->column[i] >= 0) {
            names[columns++] = fixed[i];
        }
    }
    for (int i = 0; i < g->targets.count; i++) {
        names[columns++] = g->targets.items[i].name;
    }
    mien_status status = mien_table_new(columns, names, &made);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(g->from); i++) {
        status = add_row(g, i, made);
    }
    if (status == MIEN_OK && mien_table_rows(made) == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: column \"%s\" names no picture that is in %s (first: %s); cut=… says "
            "where "
            "names end that go together",
            mien_table_file(g->from), mien_table_name(g->from, g->image), g->directory,
            g->missing.names.text ? g->missing.names.text : "n/a");
    }
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *table = made;
    return MIEN_OK;
}

static mien_status make_sidecar(const importing *g, mien_value **sidecar) {
    mien_value *made = mien_sidecar_new(mien_path_base(g->directory),
        "a folder of pictures and ratings", mien_options_text(g->options, "citation"),
        mien_options_text(g->options, "licence"));
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < g->targets.count; i++) {
        status = mien_sidecar_add_target(made, &g->targets.items[i]);
    }
    if (status == MIEN_OK && g->column[GROUP] < 0) {
        status = mien_sidecar_add_column(
            made, "group", "the picture: all ratings of it belong in one fold");
    }
    if (status == MIEN_OK && g->recode.text) {
        status = mien_sidecar_add_note(made, "values were put together to classes");
    }
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory, .options = given};
    char *prefix = NULL;
    mien_table *made = NULL;
    g.cut = mien_options_text(given, "cut");
    mien_left_out_init(&g.missing);
    mien_status status = mien_relative_directory(output, directory, &prefix);
    g.prefix = prefix;
    status = status ? status
                    : mien_recode_parse(mien_options_text(given, "recode"), &g.recode);
    status = status ? status : read_labels(&g);
    status = status ? status : find_columns(&g);
    status = status ? status : find_targets(&g);
    status = status ? status : find_pictures(&g);
    status = status ? status : make_table(&g, &made);
    status = status ? status : make_sidecar(&g, sidecar);
    if (status == MIEN_OK) {
        *table = made;
        made = NULL;
    } else {
        g.missing.count = 0; /* the error says enough */
    }
    mien_left_out_report(
        &g.missing, "pictures", "rows of labels have no picture and are left out");
    if (status == MIEN_OK && g.unrated > 0) {
        mien_log(MIEN_LOG_WARN, "data",
            "pictures: %" PRId64 " rows have no rating and are left out", g.unrated);
    }
    mien_table_free(&made);
    mien_label_targets_clear(&g.targets);
    mien_pictures_clear(&g.pictures);
    mien_table_free(&g.from);
    mien_recode_clear(&g.recode);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_pictures = {
    .name = "pictures",
    .summary = "any folder of pictures with a table of ratings",
    .options = options,
    .import = import,
};
