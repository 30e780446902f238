/* SPDX-License-Identifier: MIT */
/* Options of commands that take published weights over. */
#ifndef MIEN_CLI_CONVERT_OPTIONS_H
#define MIEN_CLI_CONVERT_OPTIONS_H

#include "cli/command.h"

#define CLI_CONVERT_OPTIONS                                                            \
    {.name = "as",                                                                     \
        .type = MIEN_OPTION_TEXT,                                                      \
        .metavar = "KIND",                                                             \
        .help = "What published weights (.pth) are of: aan"},                          \
        {.name = "target",                                                             \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "NAME",                                                         \
            .help = "What they predict (default: valence or arousal, as the file's "   \
                    "name says)"},                                                     \
        {.name = "range",                                                              \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "LOW,HIGH",                                                     \
            .help = "Scale on which it is told (default: -1,1)"},                      \
        {.name = "settings",                                                           \
            .type = MIEN_OPTION_TEXT,                                                  \
            .metavar = "KEY=VALUE;…",                                                  \
            .help = "Options of the network that the file does not tell, or tells "    \
                    "wrongly: heads=2"},                                               \
    {                                                                                  \
        .name = "licence", .type = MIEN_OPTION_TEXT, .metavar = "NAME",                \
        .help = "Licence of published weights that is written into the model"          \
    }

/** Is the model a file of published weights: by its name, or because --as is given? */
bool cli_is_foreign(const mien_options *o, const char *model);
/** Reads them; usage errors for a range that is none. Texts are lent from o. */
mien_status cli_convert_options(
    cli *c, const mien_options *o, const char *model, mien_convert_options *options);

#endif
