/* SPDX-License-Identifier: MIT */
/* What is heard and cut in a film, as rows below its series. */
#ifndef MIEN_REPORT_TIMELINE_SCENE_H
#define MIEN_REPORT_TIMELINE_SCENE_H

#include "report/svg.h"

/** What the rows take; 0 without a scene or with nothing in it. */
double mien_timeline_scene_height(const mien_figure_scene *scene);
/** Draws them from the plot's top on, over its width and range of times. */
void mien_timeline_scene_draw(
    mien_string *out, const mien_plot *plot, const mien_figure_scene *scene);
/** A sentence: how much of the sound is like speech and music, how many cuts. */
void mien_timeline_scene_describe(mien_string *out, const mien_figure_scene *scene);

#endif
