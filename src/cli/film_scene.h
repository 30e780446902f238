/* SPDX-License-Identifier: MIT */
/* What is heard and cut in a film, for the page of mien predict. */
#ifndef MIEN_CLI_FILM_SCENE_H
#define MIEN_CLI_FILM_SCENE_H

#include "mien/report.h"

typedef struct cli_film_scene {
    mien_figure_scene figure;
    double *level_db, *cut_s;
    bool *speech, *music;
} cli_film_scene;

/** Reads the whole film once for its sound and once for its pictures. What it lacks, or
 * what cannot be read, is left out: the page says less. Only MIEN_ENOMEM and
 * MIEN_EINTERRUPTED are failures. Clear it in any case. */
mien_status cli_film_scene_read(const char *path, cli_film_scene *scene);
void cli_film_scene_clear(cli_film_scene *scene);

#endif
