/* SPDX-License-Identifier: MIT */
/* Which part of a picture a row of a trial table is about. */
#ifndef MIEN_INPUTS_REGIONS_H
#define MIEN_INPUTS_REGIONS_H

#include "mien/inputs.h"
#include "mien/io.h"

/** Region (columns x, y, w, h) and points (right_eye_x … left_mouth_y) of a place,
 * where the table has their columns and the row all of their cells; else they stay as
 * they are. MIEN_EFORMAT with file, line and column for a cell that is no finite
 * number. */
mien_status mien_place_read_regions(
    const mien_table *table, int64_t row, mien_place *place);

#endif
