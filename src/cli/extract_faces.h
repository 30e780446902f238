/* SPDX-License-Identifier: MIT */
/* mien extract --faces: crops of all faces and a table of them. */
#ifndef MIEN_CLI_EXTRACT_FACES_H
#define MIEN_CLI_EXTRACT_FACES_H

#include "cli/command.h"

/** Writes FOLDER/NUMBER-NAME-face-K.png for each face of pictures and films, and
 * FOLDER/faces.tsv, a row a face. size: "N" or "HxW", NULL: 112. */
mien_status cli_extract_faces(
    cli *c, const mien_options *o, int count, const char *const *positional);

#endif
