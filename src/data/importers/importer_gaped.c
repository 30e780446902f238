/* SPDX-License-Identifier: MIT */
/* GAPED: 730 pictures in six kinds rated for valence and arousal, 0 to 100, and for two
 * kinds of norms.
 *
 * Folders A H N P Sn Sp as published, or train/ and test/ with Positive, Negative,
 * Neutral. Tables A.txt … Sp.txt and their variants "A_with SD.txt", beside the folders
 * or in "Study Results". */
#include "data/importers/importer.h"
#include "data/importers/gaped.h"

#include <stdio.h>
#include <string.h>

typedef struct kind {
    const char *code, *words, *category;
} kind;

static const kind kinds[] = {
    {"A", "Animal mistreatment", "Negative"},
    {"H", "Human rights violation", "Negative"},
    {"N", "Neutral", "Neutral"},
    {"P", "Positive", "Positive"},
    {"Sn", "Snake", "Negative"},
    {"Sp", "Spider", "Negative"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The ratings, the same in the published tables and in ours. */
enum { VALENCE, AROUSAL, INTERNAL, EXTERNAL, RATINGS };
static const char *const rated[RATINGS] = {
    "valence", "arousal", "internal norms", "external norms"};

static const char *const columns[] = {"trial", "person", "stimulus", "group", "image",
    "type", "category", "category_calculated", "valence", "valence_sd", "arousal",
    "arousal_sd", "norm_internal", "norm_internal_sd", "norm_external",
    "norm_external_sd", "split"};
enum { FIRST_RATING = 8, COLUMNS = sizeof columns / sizeof *columns };

typedef struct importing {
    const char *directory, *prefix;
    mien_pictures pictures;
    mien_left_out missing;
    mien_table *to;
    int64_t tables;
} importing;

/* ---- one table ---------------------------------------------------------------- */

/* A kind's table, and the one with SD, which may stand alone or be absent. */
typedef struct pair {
    mien_table *plain, *with_sd;
} pair;

static mien_status read_table(
    const char *directory, const char *code, const char *suffix, mien_table **table) {
    static const char *const folders[] = {"Study Results/", ""};
    char name[64];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(name, sizeof name, "%s%s%s.txt", folders[i], code, suffix);
        char *path = mien_path_join(directory, name);
        if (!path) {
            return MIEN_ENOMEM;
        }
        bool here = mien_file_exists(path);
        mien_status status = here ? mien_gaped_read(path, table) : MIEN_OK;
        mien_free(path);
        if (here) {
            return status;
        }
    }
    return MIEN_OK;
}

static const char *cell_of(const mien_table *table, int64_t row, const char *column) {
    const char *cell = mien_table_cell(table, row, mien_table_column(table, column));
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

/* The row of the table with SD that is about the same picture: the same one as a rule.
 */
static int64_t find_row(const mien_table *table, const char *file, int64_t guess) {
    int64_t rows = mien_table_rows(table);
    for (int64_t i = 0; i < rows; i++) {
        int64_t row = (guess + i) % rows;
        if (strcmp(mien_table_cell(table, row, 0), file) == 0) {
            return row;
        }
    }
    return -1;
}

static mien_status check_ratings(const mien_table *table, int64_t row) {
    mien_status status = MIEN_OK;
    for (int r = 0; r < RATINGS && status == MIEN_OK; r++) {
        int column = mien_table_column(table, rated[r]);
        status = mien_rating_check(table, row, column, 0, 100, r >= INTERNAL);
    }
    return status;
}

/* "(5.43)" → "5.43"; NULL if it is missing. */
static mien_status take_sd(const mien_table *table, int64_t row, const char *name,
    char sd[32], const char **out) {
    char column[32];
    snprintf(column, sizeof column, "%s sd", name);
    const char *cell = cell_of(table, row, column);
    *out = NULL;
    if (!cell) {
        return MIEN_OK;
    }
    size_t open = strspn(cell, " ("), length = strcspn(cell + open, " )");
    double value;
    snprintf(sd, 32, "%.*s", (int)(length < 31 ? length : 31), cell + open);
    if (!mien_parse_number(sd, &value) || !(value >= 0 && value <= 100)) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: the SD of %s is \"%s\"",
            mien_table_file(table), (long long)mien_table_line(table, row), name, cell);
    }
    *out = sd;
    return MIEN_OK;
}

static const char *calculated(double valence) {
    return valence > 50 ? "Positive" : valence < 50 ? "Negative" : "Neutral";
}

static mien_status add_row(importing *g, const kind *k, const mien_table *table,
    int64_t row, const mien_table *with_sd, int64_t sd_row,
    const mien_picture *picture) {
    const char *cells[COLUMNS] = {picture->stem, NULL, picture->stem};
    char sds[RATINGS][32];
    double valence = 0;
    mien_status status = MIEN_OK;
    for (int r = 0; r < RATINGS && status == MIEN_OK; r++) {
        cells[FIRST_RATING + 2 * r] = cell_of(table, row, rated[r]);
        if (with_sd && sd_row >= 0) {
            status = take_sd(
                with_sd, sd_row, rated[r], sds[r], &cells[FIRST_RATING + 2 * r + 1]);
        }
    }
    if (status != MIEN_OK) {
        return status;
    }
    char *image = mien_path_join(g->prefix, picture->path);
    if (!image) {
        return MIEN_ENOMEM;
    }
    mien_parse_number(cells[FIRST_RATING], &valence);
    cells[4] = image;
    cells[5] = k->words;
    cells[6] = k->category;
    cells[7] = calculated(valence);
    cells[COLUMNS - 1] = picture->tag;
    status = mien_table_add_row(g->to, cells);
    mien_free(image);
    return status;
}

/* The tables say .jpg where the disk has .bmp: only the name before it counts. */
static mien_status take_row(
    importing *g, const kind *k, const pair *tables, int64_t row) {
    const mien_table *table = tables->plain ? tables->plain : tables->with_sd;
    const char *file = mien_table_cell(table, row, 0);
    mien_status status = check_ratings(table, row);
    if (status != MIEN_OK) {
        return status;
    }
    const char *extension = mien_path_extension(file);
    size_t length = strlen(file) - (*extension ? strlen(extension) + 1 : 0);
    char *stem = mien_strndup(file, length);
    if (!stem) {
        return MIEN_ENOMEM;
    }
    mien_picture *picture = mien_pictures_find(&g->pictures, stem);
    if (!picture) {
        mien_left_out_add(&g->missing, stem);
    } else if (picture->used) {
        status = mien_fail(MIEN_EFORMAT, "%s:%lld: %s is rated a second time",
            mien_table_file(table), (long long)mien_table_line(table, row), file);
    } else {
        picture->used = true;
        int64_t sd_row = tables->with_sd ? find_row(tables->with_sd, file, row) : -1;
        status = add_row(g, k, table, row, tables->with_sd, sd_row, picture);
    }
    mien_free(stem);
    return status;
}

static mien_status check_columns(const mien_table *table) {
    for (int r = VALENCE; r <= AROUSAL; r++) {
        if (mien_table_column(table, rated[r]) < 0) {
            return mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\"",
                mien_table_file(table), rated[r]);
        }
    }
    return MIEN_OK;
}

static mien_status take_kind(importing *g, const kind *k) {
    pair tables = {0};
    mien_status status = read_table(g->directory, k->code, "", &tables.plain);
    status = status ? status
                    : read_table(g->directory, k->code, "_with SD", &tables.with_sd);
    const mien_table *table = tables.plain ? tables.plain : tables.with_sd;
    if (status == MIEN_OK && table) {
        g->tables++;
        status = check_columns(table);
        for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(table); i++) {
            status = take_row(g, k, &tables, i);
        }
    }
    mien_table_free(&tables.with_sd);
    mien_table_free(&tables.plain);
    return status;
}

/* ---- the whole ---------------------------------------------------------------- */

static mien_status find_pictures(importing *g) {
    static const char *const splits[] = {"train", "test"};
    static const char *const categories[] = {"/Positive", "/Negative", "/Neutral", ""};
    mien_status status = MIEN_OK;
    for (int k = 0; k < KINDS && status == MIEN_OK; k++) {
        status = mien_pictures_add(&g->pictures, g->directory, kinds[k].code, NULL);
    }
    for (int i = 0; i < 2 * 4 && status == MIEN_OK; i++) {
        char folder[32];
        snprintf(folder, sizeof folder, "%s%s", splits[i / 4], categories[i % 4]);
        status = mien_pictures_add(&g->pictures, g->directory, folder, splits[i / 4]);
    }
    if (status == MIEN_OK) {
        mien_pictures_sort(&g->pictures);
    }
    return status;
}

/* Classes by type, and by valence: those of the latter that the table has. */
static mien_status add_categories(mien_value *sidecar, const mien_table *table) {
    static const char *const all[] = {"Negative", "Positive", "Neutral"};
    static const char *const by_type[] = {"Negative", "Neutral", "Positive"};
    int column = mien_table_column(table, "category_calculated"), classes = 2;
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        classes = strcmp(mien_table_cell(table, i, column), all[2]) == 0 ? 3 : classes;
    }
    mien_trials_target target = {.name = "category",
        .kind = MIEN_TARGET_CLASS,
        .classes = 3,
        .class_name = by_type,
        .construct = "evoked",
        .perspective = "normative"};
    mien_status status = mien_sidecar_add_target(sidecar, &target);
    snprintf(target.name, sizeof target.name, "category_calculated");
    target.classes = classes;
    target.class_name = classes == 3 ? by_type : all;
    return status ? status : mien_sidecar_add_target(sidecar, &target);
}

static mien_value *make_sidecar(const mien_table *table) {
    static const mien_trials_target targets[] = {
        {.name = "valence",
            .maximum = 100,
            .unit = "0 very negative to 100 very positive",
            .construct = "evoked",
            .perspective = "normative",
            .sd_column = "valence_sd"},
        {.name = "arousal",
            .maximum = 100,
            .unit = "0 calm to 100 excited",
            .construct = "evoked",
            .perspective = "normative",
            .sd_column = "arousal_sd"},
    };
    static const char *const words[][2] = {
        {"type", "kind of picture, by the letters its name starts with"},
        {"category", "Positive, Negative or Neutral, by type"},
        {"category_calculated",
            "Positive if valence is over 50, Negative if under, Neutral if 50"},
        {"norm_internal", "moral acceptability, 0-100; animal and human pictures only"},
        {"norm_external", "legal acceptability, 0-100; animal and human pictures only"},
        {"split", "where the folder was divided into train and test"},
    };
    mien_value *sidecar = mien_sidecar_new("gaped", "Geneva affective picture database",
        "Dan-Glauser & Scherer (2011). The Geneva affective picture database (GAPED). "
        "Behavior Research Methods 43, 468-477.",
        "for research, as its authors grant it");
    mien_status status = sidecar ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_sidecar_add_target(sidecar, &targets[0]);
    status = status ? status : mien_sidecar_add_target(sidecar, &targets[1]);
    status = status ? status : add_categories(sidecar, table);
    for (size_t i = 0; i < sizeof words / sizeof *words && status == MIEN_OK; i++) {
        status = mien_sidecar_add_column(sidecar, words[i][0], words[i][1]);
    }
    if (status != MIEN_OK) {
        mien_value_free(&sidecar);
    }
    return sidecar;
}

static mien_status take_all(importing *g) {
    mien_status status = find_pictures(g);
    for (int k = 0; k < KINDS && status == MIEN_OK; k++) {
        status = take_kind(g, &kinds[k]);
    }
    if (status == MIEN_OK && g->tables == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of the tables A.txt, H.txt, N.txt, P.txt, Sn.txt, Sp.txt is here "
            "or in "
            "\"Study Results\"",
            g->directory);
    }
    if (status == MIEN_OK && mien_table_rows(g->to) == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of the rated pictures is in A, H, N, P, Sn, Sp, train or test",
            g->directory);
    }
    if (status == MIEN_OK && mien_pictures_unused(&g->pictures) > 0) {
        mien_log(MIEN_LOG_WARN, "data",
            "gaped: %lld pictures are in no table and left out",
            (long long)mien_pictures_unused(&g->pictures));
    }
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    (void)options;
    importing g = {.directory = directory};
    char *prefix = NULL;
    mien_value *about = NULL;
    mien_left_out_init(&g.missing);
    mien_status status = mien_relative_directory(output, directory, &prefix);
    g.prefix = prefix;
    status = status ? status : mien_table_new(COLUMNS, columns, &g.to);
    status = status ? status : take_all(&g);
    mien_left_out_report(
        &g.missing, "gaped", "pictures of the tables are not here and left out");
    if (status == MIEN_OK) {
        about = make_sidecar(g.to);
        status = about ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        *table = g.to;
        *sidecar = about;
        g.to = NULL;
    }
    mien_table_free(&g.to);
    mien_pictures_clear(&g.pictures);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_gaped = {
    .name = "gaped",
    .summary =
        "animal, human-rights, neutral, positive, snake and spider pictures with "
        "mean valence and arousal, 0-100 (Dan-Glauser & Scherer 2011)",
    .import = import,
};
