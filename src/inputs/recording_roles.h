/* SPDX-License-Identifier: MIT */
/* Chooses the channels of a recording that a sensor takes, and brings them to its
 * units and onto an even clock. */
#ifndef MIEN_INPUTS_RECORDING_ROLES_H
#define MIEN_INPUTS_RECORDING_ROLES_H

#include "mien/recordings.h"
#include "mien/sensors.h"

typedef enum mien_conversion {
    MIEN_AS_IT_IS,
    MIEN_TIMES,     /* · factor */
    MIEN_OVER,      /* factor / x; not above 0: missing */
    MIEN_FROM_BELOW /* (1 − x) · factor */
} mien_conversion;

typedef struct mien_source {
    int track, channel;
    mien_conversion how;
    double factor;
} mien_source;

/* A role's one or two channels (both eyes), of which the mean is taken where both are
 * valid. */
typedef struct mien_role {
    int count; /* 0: not recorded */
    mien_source source[2];
} mien_role;

typedef struct mien_roles {
    mien_role role[MIEN_SENSOR_ROLES_MAX];
    bool pupil_in_mm;
} mien_roles;

/* By the channels' names and units, or by `channels`, "ROLE=CHANNEL" or
 * "ROLE=TRACK/CHANNEL" joined by commas (NULL: none). *found: all that the sensor needs
 * is there. MIEN_EFORMAT for a channel whose unit is missing where it matters, or
 * cannot be used. */
mien_status mien_roles_bind(const mien_recording *recording, const mien_sensor *sensor,
    const char *channels, const mien_screen *screen, mien_roles *roles, bool *found);

/* A role's samples on the clock start_s + i / rate_hz. */
typedef struct mien_role_feed mien_role_feed;
mien_status mien_role_feed_open(const mien_recording *recording, const mien_role *role,
    double start_s, double rate_hz, mien_role_feed **feed);
void mien_role_feed_close(mien_role_feed **feed);
/* The next up to `count` values; *got < count at the end. */
mien_status mien_role_feed_next(
    mien_role_feed *feed, int64_t count, double *values, int64_t *got);

#endif
