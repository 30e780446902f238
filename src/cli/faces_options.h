/* SPDX-License-Identifier: MIT */
/* Options about faces, the same for `mien predict` and `mien extract`. */
#ifndef MIEN_CLI_FACES_OPTIONS_H
#define MIEN_CLI_FACES_OPTIONS_H

#include "cli/command.h"

extern const char *const cli_faces_rules[];

/* Rows of a command's table of options. */
#define CLI_FACES_OPTIONS                                                              \
    {.name = "faces.size",                                                             \
        .type = MIEN_OPTION_INT,                                                       \
        .initial = "640",                                                              \
        .minimum = 0,                                                                  \
        .maximum = 4096,                                                               \
        .help = "Long side at which faces are looked for; 0: full size"},              \
        {.name = "faces.score",                                                        \
            .type = MIEN_OPTION_NUMBER,                                                \
            .initial = "0.7",                                                          \
            .minimum = 0.01,                                                           \
            .maximum = 1,                                                              \
            .help = "Least score of a face (animals and statues reach 0.9)"},          \
        {.name = "faces.min",                                                          \
            .type = MIEN_OPTION_NUMBER,                                                \
            .initial = "24",                                                           \
            .minimum = 0,                                                              \
            .maximum = 65536,                                                          \
            .help = "Least side of a face's box in pixels of the picture"},            \
        {.name = "faces.tiles",                                                        \
            .type = MIEN_OPTION_FLAG,                                                  \
            .help = "Also look at full size in tiles: small faces of crowds"},         \
    {                                                                                  \
        .name = "faces.points", .type = MIEN_OPTION_FLAG,                              \
        .help = "Also write the five points of each face"                              \
    }

/** The finder's options from the command's; the rest is as by default. */
mien_finder_options cli_finder_options(const cli *c, const mien_options *o);
/** The rule of option "faces". */
mien_faces_rule cli_faces_rule(const mien_options *o);

/** Columns of the five points, in the order of mien_face.points. */
extern const char *const cli_face_points[10];

/** Two lines on what results on faces are, and where their use is not allowed. */
void cli_faces_notice(cli *c);

#endif
