/* SPDX-License-Identifier: MIT */
/* FER+: the faces of FER2013 (48 x 48, grey), each sorted by ten people into eight
 * emotions, "unknown" or "not a face".
 *
 * fer2013new.csv as published; pictures in images/train, images/validation,
 * images/test, or in the authors' folders FER2013Train, FER2013Valid, FER2013Test (also
 * in data/). What becomes of the votes is the published rule (Barsoum, Zhang, Canton
 * Ferrer & Zhang 2016, and the reader that came with the labels): a single vote counts
 * as an error and is dropped; the label needs more than half of the votes left; the
 * shares are those of the one to three leading emotions. Rows without label or without
 * shares stay, with n/a there. */
#include "data/importers/importer.h"
#include "data/importers/ferplus.h"

#include <stdio.h>
#include <string.h>

enum { CLASSES = MIEN_FERPLUS_CLASSES, ALL = MIEN_FERPLUS_VOTES };
static const char *const published[ALL] = {"neutral", "happiness", "surprise",
    "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF"};
static const char *const share_columns[CLASSES] = {"share_neutral", "share_happiness",
    "share_surprise", "share_sadness", "share_anger", "share_disgust", "share_fear",
    "share_contempt"};

static const char *const columns[] = {"trial", "person", "stimulus", "group", "image",
    "split", "emotion", "raters", "share_neutral", "share_happiness", "share_surprise",
    "share_sadness", "share_anger", "share_disgust", "share_fear", "share_contempt",
    "votes_neutral", "votes_happiness", "votes_surprise", "votes_sadness",
    "votes_anger", "votes_disgust", "votes_fear", "votes_contempt", "votes_unknown",
    "votes_not_face"};
enum {
    IMAGE = 4,
    SPLIT,
    EMOTION,
    RATERS,
    FIRST_SHARE,
    FIRST_VOTE = FIRST_SHARE + CLASSES,
    COLUMNS = FIRST_VOTE + ALL
};

static const mien_option options[] = {
    {.name = "leaks",
        .type = MIEN_OPTION_CHOICE,
        .initial = "keep",
        .choices = (const char *const[]){"keep", "drop", NULL},
        .help = "drop: training rows whose very picture stands in validation or test "
                "too are left out"},
    {.name = "labels",
        .type = MIEN_OPTION_CHOICE,
        .initial = "majority",
        .choices = (const char *const[]){"majority", "leading", NULL},
        .help = "leading: a training row without majority, but with shares to learn "
                "(loss.soft), is labelled by the first of its leading classes"},
    {0},
};

/* ---- the published rule ------------------------------------------------------- */

static int sum_of(const int votes[ALL]) {
    int sum = 0;
    for (int c = 0; c < ALL; c++) {
        sum += votes[c];
    }
    return sum;
}

/* The first that has most. */
static int top_of(const int votes[ALL]) {
    int top = 0;
    for (int c = 1; c < ALL; c++) {
        top = votes[c] > votes[top] ? c : top;
    }
    return top;
}

static void drop_single_votes(const int votes[ALL], int kept[ALL]) {
    for (int c = 0; c < ALL; c++) {
        kept[c] = votes[c] > 1 ? votes[c] : 0;
    }
}

int mien_ferplus_label(const int votes[ALL]) {
    int kept[ALL];
    drop_single_votes(votes, kept);
    int top = top_of(kept);
    return 2 * kept[top] > sum_of(kept) && top < CLASSES ? top : -1;
}

/* Moves the leading classes (all that are equal, in order) from left to taken. False
 * once "unknown" or "not a face" leads: it is kept only if nothing was taken before. */
static bool take_leaders(int left[ALL], int taken[ALL], int *part, int *count) {
    int most = left[top_of(left)];
    for (int c = 0; c < ALL; c++) {
        if (left[c] != most) {
            continue;
        }
        bool others = sum_of(taken) > 0;
        left[c] = 0;
        *part += most;
        if (c < CLASSES || !others) {
            taken[c] = most;
            ++*count;
        }
        if (c >= CLASSES) {
            return false;
        }
    }
    return true;
}

bool mien_ferplus_shares(const int votes[ALL], double shares[CLASSES]) {
    int left[ALL], taken[ALL] = {0}, part = 0, count = 0;
    drop_single_votes(votes, left);
    int sum = sum_of(left);
    bool emotions = true;
    while (emotions && 4 * part < 3 * sum && count < 3) {
        emotions = take_leaders(left, taken, &part, &count);
    }
    int held = sum_of(taken);
    if (2 * held <= sum || count > 3 || top_of(taken) >= CLASSES) {
        return false;
    }
    for (int c = 0; c < CLASSES; c++) {
        shares[c] = (double)taken[c] / held;
    }
    return true;
}

/* ---- one row ------------------------------------------------------------------ */

typedef struct importing {
    const char *prefix;
    const mien_table *from;
    int usage, name, votes[ALL]; /* columns */
    mien_pictures pictures;
    const char **group; /* by picture: the first of those that are the same, or NULL */
    int64_t *first;     /* by picture: the number of that one */
    bool *held; /* by that number: one of the same is not in the training part */
    bool drops; /* training rows of which one of the same is held out */
    bool
        leading; /* training rows without majority get a label where they have shares */
    int64_t dropped;
    mien_left_out missing, repeated;
    int64_t unnamed;
    mien_table *to;
} importing;

static mien_status fail_cell(const importing *g, int64_t row, int column) {
    return mien_fail(MIEN_EFORMAT, "%s:%lld: %s is \"%s\"", mien_table_file(g->from),
        (long long)mien_table_line(g->from, row), mien_table_name(g->from, column),
        mien_table_cell(g->from, row, column));
}

static mien_status read_votes(const importing *g, int64_t row, int votes[ALL]) {
    for (int c = 0; c < ALL; c++) {
        int64_t value = 0;
        const char *cell = mien_table_cell(g->from, row, g->votes[c]);
        if (!mien_parse_int(cell, &value) || value < 0 || value > 1000) {
            return fail_cell(g, row, g->votes[c]);
        }
        votes[c] = (int)value;
    }
    return MIEN_OK;
}

static mien_status find_split(const importing *g, int64_t row, const char **split) {
    static const char *const names[][2] = {
        {"Training", "train"}, {"PublicTest", "validation"}, {"PrivateTest", "test"}};
    const char *cell = mien_table_cell(g->from, row, g->usage);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(cell, names[i][0]) == 0) {
            *split = names[i][1];
            return MIEN_OK;
        }
    }
    return fail_cell(g, row, g->usage);
}

static mien_status add_row(importing *g, const mien_picture *picture, const char *split,
    const int votes[ALL]) {
    const char *cells[COLUMNS] = {
        picture->stem, NULL, picture->stem, g->group[picture - g->pictures.items]};
    char text[COLUMNS][32];
    double shares[CLASSES];
    int label = mien_ferplus_label(votes);
    bool shared = mien_ferplus_shares(votes, shares);
    if (label < 0 && shared && g->leading && strcmp(split, "train") == 0) {
        label = 0;
        for (int c = 1; c < CLASSES; c++) {
            label = shares[c] > shares[label] ? c : label;
        }
    }
    for (int c = 0; c < CLASSES && shared; c++) {
        cells[FIRST_SHARE + c] = mien_format_double(shares[c], text[FIRST_SHARE + c]);
    }
    for (int c = 0; c < ALL; c++) {
        snprintf(text[FIRST_VOTE + c], sizeof *text, "%d", votes[c]);
        cells[FIRST_VOTE + c] = text[FIRST_VOTE + c];
    }
    snprintf(text[RATERS], sizeof *text, "%d", sum_of(votes));
    char *image = mien_path_join(g->prefix, picture->path);
    if (!image) {
        return MIEN_ENOMEM;
    }
    cells[IMAGE] = image;
    cells[SPLIT] = split;
    cells[EMOTION] = label < 0 ? NULL : published[label];
    cells[RATERS] = text[RATERS];
    mien_status status = mien_table_add_row(g->to, cells);
    mien_free(image);
    return status;
}

/* The picture of a row, NULL where it is not here; stem is what the table calls it. */
static mien_status find_picture(
    importing *g, int64_t row, char **stem, mien_picture **picture) {
    const char *file = mien_table_cell(g->from, row, g->name);
    const char *extension = mien_path_extension(file);
    *stem = mien_strndup(file, strlen(file) - (*extension ? strlen(extension) + 1 : 0));
    *picture = *stem ? mien_pictures_find(&g->pictures, *stem) : NULL;
    return *stem ? MIEN_OK : MIEN_ENOMEM;
}

/* Marks pictures whose bytes also stand in a part that is held out. */
static mien_status mark_held(importing *g) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(g->from); i++) {
        const char *split = NULL;
        char *stem = NULL;
        mien_picture *picture = NULL;
        status = find_split(g, i, &split);
        if (status == MIEN_OK && strcmp(split, "train") != 0 &&
            !mien_cell_missing(mien_table_cell(g->from, i, g->name))) {
            status = find_picture(g, i, &stem, &picture);
            if (picture) {
                g->held[g->first[picture - g->pictures.items]] = true;
            }
        }
        mien_free(stem);
    }
    return status;
}

/* The published table leaves the name of pictures blank that were taken out, and has
 * one picture twice, with the same votes. */
static mien_status take_row(importing *g, int64_t row) {
    int votes[ALL];
    const char *split = NULL, *file = mien_table_cell(g->from, row, g->name);
    mien_status status = find_split(g, row, &split);
    status = status ? status : read_votes(g, row, votes);
    if (status != MIEN_OK || mien_cell_missing(file)) {
        g->unnamed += status == MIEN_OK;
        return status;
    }
    char *stem = NULL;
    mien_picture *picture = NULL;
    status = find_picture(g, row, &stem, &picture);
    if (status != MIEN_OK) {
        return status;
    }
    if (!picture) {
        mien_left_out_add(&g->missing, stem);
    } else if (picture->used) {
        mien_left_out_add(&g->repeated, stem);
    } else if (g->drops && strcmp(split, "train") == 0 &&
               g->held[g->first[picture - g->pictures.items]]) {
        picture->used = true;
        g->dropped++;
    } else {
        picture->used = true;
        status = add_row(g, picture, split, votes);
    }
    mien_free(stem);
    return status;
}

/* ---- the whole ---------------------------------------------------------------- */

static mien_status find_column(const mien_table *table, const char *name, int *column) {
    *column = mien_table_column(table, name);
    if (*column < 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s:1: there is no column \"%s\", which the table of FER+ has",
            mien_table_file(table), name);
    }
    return MIEN_OK;
}

static mien_status find_columns(importing *g) {
    mien_status status = find_column(g->from, "Usage", &g->usage);
    status = status ? status : find_column(g->from, "Image name", &g->name);
    for (int c = 0; c < ALL && status == MIEN_OK; c++) {
        status = find_column(g->from, published[c], &g->votes[c]);
    }
    return status;
}

static mien_status find_pictures(importing *g, const char *directory) {
    static const char *const folders[] = {"images/train", "images/validation",
        "images/test", "FER2013Train", "FER2013Valid", "FER2013Test",
        "data/FER2013Train", "data/FER2013Valid", "data/FER2013Test"};
    mien_status status = MIEN_OK;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && status == MIEN_OK; i++) {
        status = mien_pictures_add(&g->pictures, directory, folders[i], NULL);
    }
    if (status == MIEN_OK) {
        mien_pictures_sort(&g->pictures);
    }
    return status;
}

/* FER2013 has some faces several times under different names, also on both sides of the
 * split: these are one group. */
static mien_status find_groups(importing *g, const char *directory) {
    size_t count = (size_t)g->pictures.count;
    char(*hashes)[65] = mien_alloc(count, sizeof *hashes);
    const char **names = mien_alloc(count, sizeof *names);
    int64_t *first = mien_alloc(count, sizeof *first);
    g->group = mien_alloc(count, sizeof *g->group);
    g->held = mien_alloc(count, sizeof *g->held);
    g->first = first;
    mien_status status =
        hashes && names && first && g->group && g->held ? MIEN_OK : MIEN_ENOMEM;
    for (size_t i = 0; status == MIEN_OK && i < count; i++) {
        char *path = mien_path_join(directory, g->pictures.items[i].path);
        status = path ? mien_sha256_file(path, hashes[i]) : MIEN_ENOMEM;
        names[i] = hashes[i];
        mien_free(path);
    }
    status = status ? status : mien_names_first((int64_t)count, names, first);
    for (size_t i = 0; status == MIEN_OK && i < count; i++) {
        if (first[i] != (int64_t)i) {
            g->group[i] = g->group[first[i]] = g->pictures.items[first[i]].stem;
        }
    }
    mien_free(names);
    mien_free(hashes);
    return status;
}

static mien_status take_rows(importing *g) {
    mien_status status = find_columns(g);
    status = status ? status : mark_held(g);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(g->from); i++) {
        status = take_row(g, i);
    }
    if (status == MIEN_OK && mien_table_rows(g->to) == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of its pictures is in images/train, images/validation, "
            "images/test, FER2013Train, FER2013Valid or FER2013Test",
            mien_table_file(g->from));
    }
    mien_left_out_report(
        &g->missing, "ferplus", "pictures of the table are not here and left out");
    mien_left_out_report(
        &g->repeated, "ferplus", "rows repeat a picture and are left out");
    if (status == MIEN_OK && g->dropped > 0) {
        mien_log(MIEN_LOG_INFO, "data",
            "ferplus: %lld training rows whose picture is also held out are left out",
            (long long)g->dropped);
    }
    if (status == MIEN_OK && g->unnamed > 0) {
        mien_log(MIEN_LOG_INFO, "data", "ferplus: %lld rows name no picture",
            (long long)g->unnamed);
    }
    if (status == MIEN_OK && mien_pictures_unused(&g->pictures) > 0) {
        mien_log(MIEN_LOG_WARN, "data", "ferplus: %lld pictures are not in the table",
            (long long)mien_pictures_unused(&g->pictures));
    }
    return status;
}

static mien_value *make_sidecar(void) {
    static const mien_trials_target target = {.name = "emotion",
        .construct = "depicted",
        .perspective = "normative",
        .n_column = "raters",
        .kind = MIEN_TARGET_CLASS,
        .classes = CLASSES,
        .class_name = published,
        .votes_column = share_columns};
    static const char *const words[][2] = {
        {"group", "pictures with the same bytes; n/a: there is no other"},
        {"emotion", "the class with more than half of the votes, single votes dropped; "
                    "n/a if none has, or if it is unknown or not a face"},
        {"share_neutral",
            "share_*: votes of the one to three leading classes by the published rule; "
            "n/a if they hold half or less, or unknown or not a face leads"},
        {"votes_neutral", "votes_*: raw votes, ten a picture"},
        {"split", "as published: Training is train, PublicTest validation, "
                  "PrivateTest test"},
    };
    mien_value *sidecar = mien_sidecar_new("ferplus",
        "FER+ labels (fer2013new.csv) of the faces of FER2013",
        "Barsoum, Zhang, Canton Ferrer & Zhang (2016). Training deep networks for "
        "facial "
        "expression recognition with crowd-sourced label distribution. ICMI 2016, "
        "279-283.",
        "labels MIT; pictures as FER2013 grants them, for research");
    mien_status status = sidecar ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_sidecar_add_target(sidecar, &target);
    for (size_t i = 0; i < sizeof words / sizeof *words && status == MIEN_OK; i++) {
        status = mien_sidecar_add_column(sidecar, words[i][0], words[i][1]);
    }
    if (status != MIEN_OK) {
        mien_value_free(&sidecar);
    }
    return sidecar;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.drops = strcmp(mien_options_text(given, "leaks"), "drop") == 0,
        .leading = strcmp(mien_options_text(given, "labels"), "leading") == 0};
    mien_table *from = NULL;
    char *prefix = NULL, *path = mien_path_join(directory, "fer2013new.csv");
    mien_value *about = NULL;
    mien_left_out_init(&g.missing);
    mien_left_out_init(&g.repeated);
    mien_status status = path ? mien_table_read(path, NULL, &from) : MIEN_ENOMEM;
    status = status ? status : mien_relative_directory(output, directory, &prefix);
    status = status ? status : find_pictures(&g, directory);
    status = status ? status : find_groups(&g, directory);
    status = status ? status : mien_table_new(COLUMNS, columns, &g.to);
    g.from = from;
    g.prefix = prefix;
    status = status ? status : take_rows(&g);
    if (status == MIEN_OK) {
        about = make_sidecar();
        status = about ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        *table = g.to;
        *sidecar = about;
        g.to = NULL;
    }
    mien_table_free(&g.to);
    mien_free((void *)g.group);
    mien_free(g.first);
    mien_free(g.held);
    mien_pictures_clear(&g.pictures);
    mien_table_free(&from);
    mien_free(prefix);
    mien_free(path);
    return status;
}

const mien_importer mien_importer_ferplus = {
    .name = "ferplus",
    .summary = "faces of FER2013 with ten people's votes for eight emotions (Barsoum, "
               "Zhang, Canton Ferrer & Zhang 2016)",
    .options = options,
    .import = import,
};
