/* SPDX-License-Identifier: MIT */
/* `mien doctor FILM…`: what an extraction will meet. */
#ifndef MIEN_CLI_DOCTOR_FILMS_H
#define MIEN_CLI_DOCTOR_FILMS_H

#include "mien/mien.h"

/** Whether the path is a film, a file of sound, or a folder that holds one. */
bool cli_has_films(const char *path);
/** Findings of every film that the path stands for; mien_free(). Each finding's trial
 * is the film's name. */
mien_status cli_doctor_films(const char *path, mien_finding **findings, int64_t *count);

#endif
