/* SPDX-License-Identifier: MIT */
/* Shared by importers: finding published pictures by name, counting what is left
 * out. */
#ifndef MIEN_DATA_IMPORTER_H
#define MIEN_DATA_IMPORTER_H

#include "data/trials.h"

/* A picture on disk: its name without extension, its path relative to the data set's
 * folder. */
typedef struct mien_picture {
    char *stem, *path;
    const char *tag; /* what was said of its folder */
    bool used;
} mien_picture;

typedef struct mien_pictures {
    mien_picture *items;
    int64_t count, room;
} mien_pictures;

/* Adds the pictures in directory/folder ("" is directory itself); none where there is
 * no such folder. */
mien_status mien_pictures_add(mien_pictures *pictures, const char *directory,
    const char *folder, const char *tag);
/* Call once, after the last mien_pictures_add(); of two with one name the first stays,
 * and the log says so. */
void mien_pictures_sort(mien_pictures *pictures);
/* By stem, upper and lower case alike; NULL if absent. */
mien_picture *mien_pictures_find(mien_pictures *pictures, const char *stem);
/* Sorts by stem, then path: of pictures with one stem the first by path comes first. */
void mien_pictures_order(mien_pictures *pictures);
int64_t mien_pictures_unused(const mien_pictures *pictures);
void mien_pictures_clear(mien_pictures *pictures);

/* Counts names, and keeps the first few for a message. */
typedef struct mien_left_out {
    int64_t count;
    mien_string names;
} mien_left_out;
void mien_left_out_init(mien_left_out *out);
void mien_left_out_add(mien_left_out *out, const char *name);
/* Warns "oasis: 3 … (a, b, c)" if there are any; clears in any case. */
void mien_left_out_report(mien_left_out *out, const char *importer, const char *what);

/* The way from the folder of `output` to `directory`: "" if they are the same folder.
 * Both must exist. */
mien_status mien_relative_directory(
    const char *output, const char *directory, char **relative);

/* "Dog 12" → 3: the length without a number at the end and the blanks before it. A name
 * that is all number keeps its length. */
size_t mien_theme_length(const char *name);

/* MIEN_EFORMAT with file:line if the cell is no number in [minimum, maximum]; a missing
 * one is allowed if `optional`. */
mien_status mien_rating_check(const mien_table *table, int64_t row, int column,
    double minimum, double maximum, bool optional);

/* The option that says how a table of labels writes its fractions; mien_labels_read()
 * reads such a table with it, and with whatever else *table_options say (NULL: as they
 * are by default). */
#define MIEN_IMPORTER_DECIMAL                                                          \
    {                                                                                  \
        .name = "decimal", .type = MIEN_OPTION_CHOICE, .initial = "point",             \
        .choices = (const char *const[]){"point", "comma", NULL},                      \
        .help = "How the numbers of labels write their fractions: 1.5 or 1,5"          \
    }
mien_status mien_labels_read(const char *path, const mien_options *options,
    const mien_table_options *table_options, mien_table **table);

/* Options that importers of somebody's own tables share; range_ is that of numbers. */
#define MIEN_IMPORTER_TARGETS(range_)                                                  \
    {.name = "targets",                                                                \
        .type = MIEN_OPTION_TEXT,                                                      \
        .metavar = "COLUMNS",                                                          \
        .help = "Columns to learn, joined by commas (default: valence, arousal, "      \
                "emotion)"},                                                           \
        {.name = "classes",                                                            \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "COLUMNS",                                                      \
            .help = "Those of the targets that are names of classes, even if they "    \
                    "look like "                                                       \
                    "numbers (default: columns without any number)"},                  \
    {                                                                                  \
        .name = "range", .type = MIEN_OPTION_TEXT, .initial = range_,                  \
        .metavar = "LOW,HIGH", .help = "What numbers to learn can be"                  \
    }
#define MIEN_IMPORTER_CONSTRUCT(default_)                                              \
    {                                                                                  \
        .name = "construct", .type = MIEN_OPTION_CHOICE, .initial = default_,          \
        .choices = (const char *const[]){"evoked", "depicted", NULL},                  \
        .help = "What viewers feel, or what is shown"                                  \
    }
#define MIEN_IMPORTER_PERSPECTIVE(default_)                                            \
    {                                                                                  \
        .name = "perspective", .type = MIEN_OPTION_CHOICE, .initial = default_,        \
        .choices = (const char *const[]){"normative", "subjective", NULL},             \
        .help = "Means over raters, or one person's"                                   \
    }
#define MIEN_IMPORTER_SOURCE                                                           \
    {.name = "citation",                                                               \
        .type = MIEN_OPTION_TEXT,                                                      \
        .initial = "none",                                                             \
        .help = "For the sidecar"},                                                    \
    {                                                                                  \
        .name = "licence", .type = MIEN_OPTION_TEXT, .initial = "not stated",          \
        .help = "For the sidecar"                                                      \
    }

/* "Training" → "train", "dev" → "validation", …; NULL for a missing cell; false:
 * neither. */
bool mien_split_of(const char *cell, const char **split);

/* The first column that has one of these names, a NULL after the last, upper and lower
 * case alike; -1 if none has. */
int mien_column_any(const mien_table *table, const char *const *names);

#define X(name) extern const mien_importer mien_importer_##name;
#include "data/importers/importers.def"
#undef X

#endif
