/* SPDX-License-Identifier: MIT */
/* Tables of faces: mien's own, and the columns of Py-Feat and OpenFace. */
#ifndef MIEN_CLI_FACE_ROWS_H
#define MIEN_CLI_FACE_ROWS_H

#include "mien/mien.h"

typedef enum cli_face_schema {
    CLI_FACES_OWN,
    CLI_FACES_FEX,     /* Py-Feat: emotions by name, empty moments NaN */
    CLI_FACES_OPENFACE /* its first five columns */
} cli_face_schema;

typedef struct cli_face_rows {
    mien_table_writer *writer; /* NULL: not open */
    cli_face_schema schema;
    const mien_target *targets;
    int targets_count, columns;
    bool points;
    const char **cells; /* [columns] */
    char *text;         /* [columns] cells of numbers */
} cli_face_rows;
/** targets are lent. points: ten columns after the score (of mien's own schema). */
mien_status cli_face_rows_open(cli_face_rows *rows, const char *path,
    mien_table_format format, cli_face_schema schema, const mien_target *targets,
    int targets_count, bool points);
mien_status cli_face_rows_write(cli_face_rows *rows, const mien_face_row *row);
/** As cli_rows_close(). */
mien_status cli_face_rows_close(cli_face_rows *rows, mien_status status);

#endif
