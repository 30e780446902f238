/* SPDX-License-Identifier: MIT */
/* Pictures sorted into folders by class, as torchvision's ImageFolder reads them:
 * CLASS/picture or SPLIT/CLASS/picture. Copies of AffectNet, RAF-DB, SFEW and many a
 * set of one's own come so. */
#include "data/faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 256 };

static const mien_option options[] = {
    {.name = "classes",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME,…",
        .help = "Classes in their order: names of the folders, or of folders that are "
                "numbers, in the order of these (default: the folders' names)"},
    MIEN_IMPORTER_CONSTRUCT("depicted"),
    MIEN_IMPORTER_SOURCE,
    {0},
};

typedef struct importing {
    const char *directory;
    mien_face_set set;
    char *folders[CLASSES_MAX]; /* of classes, different ones, in natural order */
    int folders_count;
    char *names;                      /* the option, cut at its commas */
    const char *classes[CLASSES_MAX]; /* in their order */
    const char *label[CLASSES_MAX];   /* of each folder */
    int classes_count;
} importing;

typedef mien_status visit(
    importing *g, const char *folder, const char *class, const char *split);

static bool is_folder(const char *directory, const char *name) {
    char *path = name[0] == '.' ? NULL : mien_path_join(directory, name);
    bool is = path && mien_file_is_directory(path);
    mien_free(path);
    return is;
}

/* Calls for each folder of a class below `folder` ("": the data set's own). */
static mien_status walk_classes(
    importing *g, const char *folder, const char *split, visit *call) {
    char *whole =
        *folder ? mien_path_join(g->directory, folder) : mien_strdup(g->directory);
    char **names = NULL;
    int64_t count = 0;
    mien_status status =
        whole ? mien_directory_list(whole, &names, &count) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (!is_folder(whole, names[i])) {
            continue;
        }
        char *below =
            *folder ? mien_path_join(folder, names[i]) : mien_strdup(names[i]);
        status = below ? call(g, below, names[i], split) : MIEN_ENOMEM;
        mien_free(below);
    }
    mien_names_free(&names, count);
    mien_free(whole);
    return status;
}

/* Whether all folders of the data set are parts of it ("train", "val"). */
static mien_status walk(importing *g, visit *call) {
    char **names = NULL;
    int64_t count = 0;
    const char *split = NULL;
    mien_status status = mien_directory_list(g->directory, &names, &count);
    bool parts = false, others = false;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (is_folder(g->directory, names[i])) {
            bool part = mien_split_of(names[i], &split) && split;
            parts = parts || part;
            others = others || !part;
        }
    }
    if (status == MIEN_OK && !(parts && !others)) {
        status = walk_classes(g, "", NULL, call);
    }
    for (int64_t i = 0; status == MIEN_OK && parts && !others && i < count; i++) {
        if (is_folder(g->directory, names[i]) && mien_split_of(names[i], &split)) {
            status = walk_classes(g, names[i], split, call);
        }
    }
    mien_names_free(&names, count);
    return status;
}

static int find_folder(const importing *g, const char *class) {
    for (int i = 0; i < g->folders_count; i++) {
        if (strcmp(g->folders[i], class) == 0) {
            return i;
        }
    }
    return -1;
}

static mien_status note_class(
    importing *g, const char *folder, const char *class, const char *split) {
    (void)folder;
    (void)split;
    if (find_folder(g, class) >= 0) {
        return MIEN_OK;
    }
    if (g->folders_count == CLASSES_MAX) {
        return mien_fail(MIEN_ELIMIT,
            "%s: more than %d folders, which would be classes", g->directory,
            CLASSES_MAX);
    }
    g->folders[g->folders_count] = mien_strdup(class);
    return g->folders[g->folders_count++] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status add_pictures(
    importing *g, const char *folder, const char *class, const char *split) {
    mien_pictures pictures = {0};
    mien_status status = mien_pictures_add(&pictures, g->directory, folder, NULL);
    for (int64_t i = 0; status == MIEN_OK && i < pictures.count; i++) {
        const char *path = pictures.items[i].path;
        mien_face_trial trial = mien_face_trial_of(path, path);
        trial.split = split;
        trial.emotion = g->label[find_folder(g, class)];
        status = mien_face_set_add(&g->set, &trial);
    }
    mien_pictures_clear(&pictures);
    return status;
}

static int by_name(const void *a, const void *b) {
    return mien_natural_compare(*(char *const *)a, *(char *const *)b);
}

static mien_status cut_names(importing *g, const char *given) {
    g->names = mien_strdup(given);
    if (!g->names) {
        return MIEN_ENOMEM;
    }
    for (char *next = g->names; next && g->classes_count < CLASSES_MAX;) {
        char *comma = strchr(next, ',');
        g->classes[g->classes_count++] = next;
        if (comma) {
            *comma++ = 0;
        }
        next = comma;
    }
    return MIEN_OK;
}

/* Folders called as classes are those; else the folders in their order are the classes
 * in theirs. */
static mien_status name_classes(importing *g, const char *given) {
    mien_status status = given ? cut_names(g, given) : MIEN_OK;
    int named = 0;
    for (int i = 0; i < g->folders_count; i++) {
        g->label[i] = g->folders[i];
        for (int c = 0; c < g->classes_count; c++) {
            named += strcmp(g->folders[i], g->classes[c]) == 0;
        }
        if (!given) {
            g->classes[i] = g->folders[i];
        }
    }
    if (status != MIEN_OK || !given) {
        g->classes_count = given ? g->classes_count : g->folders_count;
        return status;
    }
    if (named == g->folders_count) {
        return MIEN_OK;
    }
    if (named > 0 || g->classes_count != g->folders_count) {
        return mien_fail(MIEN_EINVAL,
            "classes: %d names for %d folders, of which %d are called so: name each "
            "folder, or as many classes as there are folders",
            g->classes_count, g->folders_count, named);
    }
    for (int i = 0; i < g->folders_count; i++) {
        g->label[i] = g->classes[i];
    }
    return MIEN_OK;
}

static mien_status find_classes(importing *g, const char *given) {
    mien_status status = walk(g, note_class);
    if (status == MIEN_OK && g->folders_count < 2) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: %d folders of classes in it (CLASS/picture or SPLIT/CLASS/picture); 2 "
            "at least are needed",
            g->directory, g->folders_count);
    }
    if (status == MIEN_OK) {
        qsort(g->folders, (size_t)g->folders_count, sizeof *g->folders, by_name);
        status = name_classes(g, given);
    }
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory};
    mien_status status = mien_face_set_init(&g.set, directory, output, 0);
    if (status == MIEN_OK) {
        status = find_classes(&g, mien_options_text(given, "classes"));
    }
    if (status == MIEN_OK) {
        status = walk(&g, add_pictures);
    }
    const mien_face_about about = {.name = "folders",
        .source = "pictures in a folder for each class",
        .citation = mien_options_text(given, "citation"),
        .licence = mien_options_text(given, "licence"),
        .classes = g.classes,
        .classes_count = g.classes_count,
        .construct = mien_options_text(given, "construct")};
    status = mien_face_set_end(&g.set, status, &about, directory, table, sidecar);
    for (int i = 0; i < g.folders_count; i++) {
        mien_free(g.folders[i]);
    }
    mien_free(g.names);
    return status;
}

const mien_importer mien_importer_folders = {
    .name = "folders",
    .summary = "any pictures in a folder for each class: CLASS/picture or "
               "SPLIT/CLASS/picture",
    .options = options,
    .import = import,
};
