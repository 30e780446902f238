/* SPDX-License-Identifier: MIT */
/* EmoEye: reactions of 160 people to pictures, each with 301 rows of gaze, pupil, skin
 * and heart; ratings stand in the files' names. Raw recordings are cut first. */
#include "data/importers/importer.h"
#include "data/importers/emoeye.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const mien_option options[] = {
    {.name = "cut",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FOLDER",
        .help =
            "Cut raw_data first (\"all gaze/User N_all_gaze.csv\" by \"our scale OS "
            "files/subject-N.csv\") and write the epochs below this folder"},
    {0},
};

enum {
    TRIAL,
    PERSON,
    STIMULUS,
    GROUP,
    IMAGE,
    SERIES,
    SCANPATH,
    ORDER,
    AROUSAL,
    VALENCE,
    COLUMNS
};

typedef struct importing {
    const char *images, *epochs; /* ways there from the table's folder */
    mien_pictures pictures;
    mien_table *table;
    mien_left_out no_picture;
} importing;

/* ---- raw recordings -------------------------------------------------------- */

static mien_status cut_person(
    const char *directory, const char *gaze_name, const char *to) {
    const char *number = gaze_name + 5; /* after "User " */
    int length = (int)strcspn(number, "_");
    mien_string gaze, log, folder;
    mien_emoeye_cut *cuts = NULL;
    int64_t count = 0;
    mien_string_init(&gaze);
    mien_string_init(&log);
    mien_string_init(&folder);
    mien_string_addf(&gaze, "%s/raw_data/all gaze/%s", directory, gaze_name);
    mien_string_addf(&log, "%s/raw_data/our scale OS files/subject-%.*s.csv", directory,
        length, number);
    mien_string_addf(&folder, "%s/%.*s", to, length, number);
    mien_status status = mien_string_status(&gaze);
    status = status ? status : mien_string_status(&log);
    status = status ? status : mien_string_status(&folder);
    status =
        status ? status
               : mien_emoeye_cut_file(gaze.text, log.text, folder.text, &cuts, &count);
    mien_free(cuts);
    mien_string_clear(&folder);
    mien_string_clear(&log);
    mien_string_clear(&gaze);
    return status;
}

static mien_status cut_all(const char *directory, const char *to) {
    char *folder = mien_path_join(directory, "raw_data/all gaze"), **names = NULL;
    int64_t count = 0, done = 0;
    mien_status status =
        folder ? mien_directory_list(folder, &names, &count) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (strncmp(names[i], "User ", 5) == 0) {
            status = cut_person(directory, names[i], to);
            done++;
        }
    }
    if (status == MIEN_OK && done == 0) {
        status = mien_fail(
            MIEN_ENOTFOUND, "%s: no file \"User N_all_gaze.csv\" in it", folder);
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

/* ---- epochs ---------------------------------------------------------------- */

static mien_status add_epoch(
    importing *g, const char *person, const char *path, const char *file) {
    mien_emoeye_name name;
    mien_epoch *epoch = mien_alloc(1, sizeof *epoch);
    mien_status status = epoch ? mien_emoeye_name_parse(path, &name) : MIEN_ENOMEM;
    status = status ? status : mien_epoch_read(path, epoch);
    mien_free(epoch);
    mien_picture *picture =
        status ? NULL : mien_pictures_find(&g->pictures, name.image);
    if (status == MIEN_OK && !picture) {
        mien_left_out_add(&g->no_picture, name.image);
        return MIEN_OK;
    }
    char id[256], order[16], ratings[2][16];
    mien_string image, series;
    mien_string_init(&image);
    mien_string_init(&series);
    if (status == MIEN_OK) {
        picture->used = true;
        mien_string_addf(
            &image, "%s%s%s", g->images, *g->images ? "/" : "", picture->path);
        mien_string_addf(
            &series, "%s%s%s/%s", g->epochs, *g->epochs ? "/" : "", person, file);
        snprintf(id, sizeof id, "%.60s/%d_%.120s", person, name.sequence, name.image);
        snprintf(order, sizeof order, "%d", name.sequence);
        snprintf(ratings[0], sizeof ratings[0], "%d", name.arousal);
        snprintf(ratings[1], sizeof ratings[1], "%d", name.valence);
        status = mien_string_status(&image);
        status = status ? status : mien_string_status(&series);
    }
    if (status == MIEN_OK) {
        const char *cells[COLUMNS] = {id, person, picture->stem, picture->stem,
            image.text, series.text, series.text, order, ratings[0], ratings[1]};
        status = mien_table_add_row(g->table, cells);
    }
    mien_string_clear(&series);
    mien_string_clear(&image);
    return status;
}

static mien_status add_person(importing *g, const char *epochs, const char *person) {
    char *folder = mien_path_join(epochs, person), **names = NULL;
    int64_t count = 0;
    mien_status status =
        folder ? mien_directory_list(folder, &names, &count) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (strcmp(mien_path_extension(names[i]), "csv") == 0) {
            char *path = mien_path_join(folder, names[i]);
            status = path ? add_epoch(g, person, path, names[i]) : MIEN_ENOMEM;
            mien_free(path);
        }
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

static mien_status add_people(importing *g, const char *epochs) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(epochs, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char *folder = mien_path_join(epochs, names[i]);
        status = !folder                          ? MIEN_ENOMEM
                 : mien_file_is_directory(folder) ? add_person(g, epochs, names[i])
                                                  : MIEN_OK;
        mien_free(folder);
    }
    mien_names_free(&names, count);
    return status;
}

/* ---- the table ------------------------------------------------------------- */

static mien_status make_sidecar(mien_value **sidecar) {
    static const char *const words[][2] = {
        {"person", "number of the participant"},
        {"group",
            "the picture: folds by it hold pictures out, as published; people stand on "
            "both sides then"},
        {"series", "301 rows of gaze, pupil, skin resistance and heart rate"},
        {"scanpath", "the same file, of which the scanpath is drawn"},
        {"order", "when the person saw the picture, from 0"},
    };
    mien_value *made = mien_sidecar_new("emoeye",
        "github.com/tikhonovpavel/EmoEye: code; the data are not public",
        "Tikhonov, P. EmoEye: emotion recognition from gaze, physiology and pictures",
        "not stated");
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    for (size_t i = 0; status == MIEN_OK && i < sizeof words / sizeof *words; i++) {
        status = mien_sidecar_add_column(made, words[i][0], words[i][1]);
    }
    static const char *const scales[] = {"arousal", "valence"};
    static const char *const ends[] = {
        "1 boring … 7 exciting", "1 negative … 7 positive"};
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        mien_trials_target target = {.minimum = 1,
            .maximum = 7,
            .construct = "evoked",
            .perspective = "subjective",
            .kind = MIEN_TARGET_NUMBER};
        snprintf(target.name, sizeof target.name, "%s", scales[k]);
        snprintf(target.unit, sizeof target.unit, "%s", ends[k]);
        status = mien_sidecar_add_target(made, &target);
    }
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}

/* Rows as people order them: by person, then by sequence. */
static mien_status import(const char *directory, const char *output,
    const mien_options *o, mien_table **table, mien_value **sidecar) {
    static const char *const names[COLUMNS] = {"trial", "person", "stimulus", "group",
        "image", "series", "scanpath", "order", "arousal", "valence"};
    const char *cut = mien_options_text(o, "cut");
    importing g = {.images = NULL};
    char *images = NULL, *place = NULL;
    char *epochs =
        cut ? mien_strdup(cut) : mien_path_join(directory, "prep_data/epochs");
    mien_left_out_init(&g.no_picture);
    mien_status status = epochs ? MIEN_OK : MIEN_ENOMEM;
    status = status || !cut ? status : cut_all(directory, cut);
    status = status ? status : mien_pictures_add(&g.pictures, directory, "Images", "");
    status = status ? status : mien_relative_directory(output, directory, &images);
    status = status ? status : mien_relative_directory(output, epochs, &place);
    g.images = images;
    g.epochs = place;
    if (status == MIEN_OK) {
        mien_pictures_sort(&g.pictures);
        status = mien_table_new(COLUMNS, names, &g.table);
    }
    status = status ? status : add_people(&g, epochs);
    mien_left_out_report(&g.no_picture, "emoeye",
        "epochs of pictures that are not in Images are left out");
    if (status == MIEN_OK && mien_table_rows(g.table) == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: no epochs in it", epochs);
    }
    status = status ? status : make_sidecar(sidecar);
    if (status == MIEN_OK) {
        *table = g.table;
        g.table = NULL;
    }
    mien_table_free(&g.table);
    mien_pictures_clear(&g.pictures);
    mien_free(place);
    mien_free(images);
    mien_free(epochs);
    return status;
}

const mien_importer mien_importer_emoeye = {.name = "emoeye",
    .summary = "EmoEye: 301 rows of gaze, pupil, skin and heart for each reaction to a "
               "picture (Tikhonov)",
    .options = options,
    .import = import};
