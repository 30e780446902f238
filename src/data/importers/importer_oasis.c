/* SPDX-License-Identifier: MIT */
/* OASIS: 900 pictures rated by about 100 people each for valence or arousal, 1 to 7. */
#include "data/importers/importer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Columns of the published table; its first header is blank. */
enum { ID, THEME, CATEGORY, SOURCE, V, V_SD, V_N, A, A_SD, A_N, PUBLISHED };
static const char *const published[PUBLISHED] = {"", "Theme", "Category", "Source",
    "Valence_mean", "Valence_SD", "Valence_N", "Arousal_mean", "Arousal_SD",
    "Arousal_N"};

static const char *const columns[] = {"trial", "person", "stimulus", "group", "image",
    "category", "valence", "valence_sd", "valence_n", "arousal", "arousal_sd",
    "arousal_n", "source"};
enum { COLUMNS = sizeof columns / sizeof *columns };

static mien_status find_columns(const mien_table *table, int at[PUBLISHED]) {
    for (int c = 0; c < PUBLISHED; c++) {
        at[c] = c == ID ? 0 : mien_table_column(table, published[c]);
        if (at[c] < 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s:1: there is no column \"%s\", which the table of OASIS has",
                mien_table_file(table), published[c]);
        }
    }
    return MIEN_OK;
}

static mien_status check_row(
    const mien_table *table, int64_t row, const int at[PUBLISHED]) {
    const double many = 1e9;
    mien_status status = mien_rating_check(table, row, at[V], 1, 7, false);
    status = status ? status : mien_rating_check(table, row, at[A], 1, 7, false);
    status = status ? status : mien_rating_check(table, row, at[V_SD], 0, 6, true);
    status = status ? status : mien_rating_check(table, row, at[A_SD], 0, 6, true);
    status = status ? status : mien_rating_check(table, row, at[V_N], 1, many, true);
    return status ? status : mien_rating_check(table, row, at[A_N], 1, many, true);
}

static const char *trim(char *text) {
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        text[--length] = '\0';
    }
    return text + strspn(text, " ");
}

static const char *or_missing(const char *cell) {
    return mien_cell_missing(cell) ? NULL : cell;
}

static mien_status add_row(const mien_table *from, int64_t row, const int at[PUBLISHED],
    const char *theme, const char *image, mien_table *to) {
    const char *cell[PUBLISHED];
    for (int c = 0; c < PUBLISHED; c++) {
        cell[c] = or_missing(mien_table_cell(from, row, at[c]));
    }
    char *group = mien_strndup(theme, mien_theme_length(theme));
    if (!group) {
        return MIEN_ENOMEM;
    }
    const char *cells[COLUMNS] = {cell[ID] ? cell[ID] : theme, NULL, theme, group,
        image, cell[CATEGORY], cell[V], cell[V_SD], cell[V_N], cell[A], cell[A_SD],
        cell[A_N], cell[SOURCE]};
    mien_status status = mien_table_add_row(to, cells);
    mien_free(group);
    return status;
}

/* One published row: a row of the table if its picture is here. */
static mien_status take_row(const mien_table *from, int64_t row,
    const int at[PUBLISHED], const char *prefix, mien_pictures *pictures,
    mien_left_out *missing, mien_table *to) {
    mien_status status = check_row(from, row, at);
    char *kept = mien_strdup(mien_table_cell(from, row, at[THEME]));
    if (!kept) {
        return MIEN_ENOMEM;
    }
    const char *theme = trim(kept);
    mien_picture *picture = mien_pictures_find(pictures, theme);
    if (status == MIEN_OK && picture) {
        picture->used = true;
        char *image = mien_path_join(prefix, picture->path);
        status = image ? add_row(from, row, at, theme, image, to) : MIEN_ENOMEM;
        mien_free(image);
    } else if (status == MIEN_OK) {
        mien_left_out_add(missing, theme);
    }
    mien_free(kept);
    return status;
}

static mien_status find_pictures(const char *directory, mien_pictures *pictures) {
    static const char *const folders[] = {"images", "Images", ""};
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && status == MIEN_OK; i++) {
        if (pictures->count == 0) {
            status = mien_pictures_add(pictures, directory, folders[i], NULL);
        }
    }
    if (status == MIEN_OK) {
        mien_pictures_sort(pictures);
    }
    return status;
}

static mien_value *make_sidecar(void) {
    static const mien_trials_target targets[] = {
        {.name = "valence",
            .minimum = 1,
            .maximum = 7,
            .unit = "1 very negative to 7 very positive",
            .construct = "evoked",
            .perspective = "normative",
            .sd_column = "valence_sd",
            .n_column = "valence_n"},
        {.name = "arousal",
            .minimum = 1,
            .maximum = 7,
            .unit = "1 very low to 7 very high",
            .construct = "evoked",
            .perspective = "normative",
            .sd_column = "arousal_sd",
            .n_column = "arousal_n"},
    };
    mien_value *sidecar = mien_sidecar_new("oasis",
        "Open Affective Standardized Image Set, OASIS.csv and images",
        "Kurdi, Lozano & Banaji (2017). Introducing the Open Affective Standardized "
        "Image "
        "Set (OASIS). Behavior Research Methods 49, 457-470.",
        "ratings open for research; each picture under the free licence of its source");
    if (!sidecar || mien_sidecar_add_target(sidecar, &targets[0]) ||
        mien_sidecar_add_target(sidecar, &targets[1]) ||
        mien_sidecar_add_column(sidecar, "group",
            "theme without its number: pictures of one theme belong in one fold") ||
        mien_sidecar_add_column(
            sidecar, "category", "Animal, Object, Person or Scenery") ||
        mien_sidecar_add_column(
            sidecar, "source", "where the picture was taken from")) {
        mien_value_free(&sidecar);
    }
    return sidecar;
}

static mien_status take_rows(const mien_table *from, const char *prefix,
    mien_pictures *pictures, mien_table *to) {
    int at[PUBLISHED];
    mien_left_out missing;
    mien_left_out_init(&missing);
    mien_status status = find_columns(from, at);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(from); i++) {
        status = take_row(from, i, at, prefix, pictures, &missing, to);
    }
    if (status == MIEN_OK && mien_table_rows(to) == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of its pictures was found beside it or in images/",
            mien_table_file(from));
    }
    mien_left_out_report(
        &missing, "oasis", "pictures of the table are not here and left out");
    if (status == MIEN_OK && mien_pictures_unused(pictures) > 0) {
        mien_log(MIEN_LOG_WARN, "data", "oasis: %lld pictures are not in the table",
            (long long)mien_pictures_unused(pictures));
    }
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    (void)options;
    mien_table *from = NULL, *to = NULL;
    mien_pictures pictures = {0};
    char *prefix = NULL, *path = mien_path_join(directory, "OASIS.csv");
    mien_value *about = NULL;
    mien_status status = path ? mien_table_read(path, NULL, &from) : MIEN_ENOMEM;
    status = status ? status : mien_relative_directory(output, directory, &prefix);
    status = status ? status : find_pictures(directory, &pictures);
    status = status ? status : mien_table_new(COLUMNS, columns, &to);
    status = status ? status : take_rows(from, prefix, &pictures, to);
    if (status == MIEN_OK) {
        about = make_sidecar();
        status = about ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        *table = to;
        *sidecar = about;
        to = NULL;
    }
    mien_table_free(&to);
    mien_pictures_clear(&pictures);
    mien_table_free(&from);
    mien_free(prefix);
    mien_free(path);
    return status;
}

const mien_importer mien_importer_oasis = {
    .name = "oasis",
    .summary = "pictures of animals, objects, people and scenery with mean valence and "
               "arousal, 1-7 (Kurdi, Lozano & Banaji 2017)",
    .import = import,
};
