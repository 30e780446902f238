/* SPDX-License-Identifier: MIT */
/* The families of a film that need no network: light and colour, and motion. */
#include "cli/film_families.h"

static mien_status colour_open(cli_extraction *e) {
    e->rank = 1;
    e->shape[0] = MIEN_COLOUR_VALUES;
    return MIEN_OK;
}

static mien_status motion_open(cli_extraction *e) {
    e->rank = 1;
    e->shape[0] = MIEN_MOTION_VALUES;
    return MIEN_OK;
}

static void none_close(cli_extraction *e) {
    (void)e;
}

static mien_status glance_begin(cli_extraction *e, int64_t height, int64_t width) {
    (void)height;
    (void)width;
    e->frame_bytes = sizeof(mien_glance);
    return MIEN_OK;
}

static mien_status glance_keep(
    cli_extraction *e, const mien_tensor *image, uint8_t *kept) {
    (void)e;
    return mien_glance_take(image, (mien_glance *)(void *)kept);
}

static mien_status colour_run(
    cli_extraction *e, const uint8_t *const *frames, int64_t n, float *values) {
    (void)e;
    mien_colour_values((const mien_glance *const *)(const void *)frames, n, values);
    return MIEN_OK;
}

static mien_status motion_run(
    cli_extraction *e, const uint8_t *const *frames, int64_t n, float *values) {
    (void)e;
    mien_motion_values((const mien_glance *const *)(const void *)frames, n, values);
    return MIEN_OK;
}

static mien_value *glance_contract(const cli_extraction *e) {
    mien_value *map = mien_value_new_map();
    mien_value_set(map, "feature", mien_value_new_text(e->family->name));
    mien_value_set(map, "description", mien_value_new_text(e->family->summary));
    mien_value_set(map, "frames", mien_value_new_int(e->settings.frames));
    mien_value_set(map, "frame_rate", mien_value_new_number(e->settings.frame_rate_hz));
    mien_value_set(map, "grid_rows", mien_value_new_int(MIEN_GLANCE_ROWS));
    mien_value_set(map, "grid_columns", mien_value_new_int(MIEN_GLANCE_COLUMNS));
    return map;
}

const cli_family cli_family_colour = {.name = "colour",
    .summary = "12 values of light and colour, the mean over frames",
    .least_frames = 1,
    .open = colour_open,
    .close = none_close,
    .begin = glance_begin,
    .keep = glance_keep,
    .run_frames = colour_run,
    .value_name = mien_colour_name,
    .contract = glance_contract};

const cli_family cli_family_motion = {.name = "motion",
    .summary = "9 values of motion from frame to frame, and cuts",
    .least_frames = 2,
    .open = motion_open,
    .close = none_close,
    .begin = glance_begin,
    .keep = glance_keep,
    .run_frames = motion_run,
    .value_name = mien_motion_name,
    .contract = glance_contract};
