/* SPDX-License-Identifier: MIT */
/* Shared by the files of mien gaze. */
#ifndef MIEN_CLI_GAZE_MAPS_H
#define MIEN_CLI_GAZE_MAPS_H

#include "cli/command.h"

enum { CLI_GAZE_CELLS = MIEN_WHERE * MIEN_WHERE };

/** A picture and where people looked in it. */
typedef struct cli_gaze_picture {
    char *name, *path; /* as the table has it; as it is opened */
    int64_t trials, lost, fixations,
        off;                     /* lost: trials without gaze; off: outside it */
    double seen[CLI_GAZE_CELLS]; /* fixations */
    double map[CLI_GAZE_CELLS];  /* how strongly each part counts; zeros: no model */
    mien_agreement agreement;
} cli_gaze_picture;

enum { CLI_GAZE_TRIALS_MAX = 32, CLI_GAZE_EVENTS_MAX = 48 };

/** An event of a recording, as a part of the trial that was cut from it. */
typedef struct cli_gaze_event {
    double from, to; /**< shares of the trial, 0 to 1; to = from: a moment */
    char name[48];
} cli_gaze_event;

/** One trial that is drawn. */
typedef struct cli_gaze_trial {
    char *id;
    int64_t picture;
    mien_epoch epoch;
    int events;
    cli_gaze_event event[CLI_GAZE_EVENTS_MAX];
} cli_gaze_trial;

typedef struct cli_gaze {
    const char *table, *column, *shown; /* shown: ids, joined by commas */
    double on[4]; /* the picture on the screen: x, y, width, height in shares */
    int64_t drawn;
    int64_t count;
    cli_gaze_picture *picture;
    int64_t trials;
    cli_gaze_trial *trial;
    mien_string means;
} cli_gaze;

/** Reads all trials; a trial of which nothing is valid is counted as lost. */
mien_status cli_gaze_read(cli *c, cli_gaze *gaze);
void cli_gaze_clear(cli_gaze *gaze);
/** model NULL: the people's maps alone. */
mien_status cli_gaze_page(const cli_gaze *gaze, const char *model, const char *path);

#endif
