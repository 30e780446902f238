/* SPDX-License-Identifier: MIT */
/* The features that mien extract takes of sound, one row of a table each. */
#ifndef MIEN_CLI_SOUND_FAMILIES_H
#define MIEN_CLI_SOUND_FAMILIES_H

#include "mien/io.h"
#include "mien/signal.h"

#define CLI_FAMILY_RATE_HZ 16000

typedef struct cli_family cli_family;

/** A family at work. One thread at a time. */
typedef struct cli_extraction {
    const cli_family *family;
    int rate_hz;
    double segment_s;
    void *state;
    float *scratch;
    int rank;
    int64_t shape[3]; /**< of one segment's values */
    int64_t width;    /**< their number */
} cli_extraction;

struct cli_family {
    const char *name, *summary;
    bool any_rate;  /**< else CLI_FAMILY_RATE_HZ alone */
    double least_s; /**< of sound; a segment with less is masked */
    int tracks;     /**< columns over time; 0: none */
    double track_hop_s;
    /** Fills state, rank, shape. */
    mien_status (*open)(cli_extraction *e);
    void (*close)(cli_extraction *e);
    /** Values of sound [count]; NaN where there are none. */
    mien_status (*run)(
        cli_extraction *e, const float *sound, int64_t count, float *values);
    /** [frames, tracks] of sound; NULL where tracks is 0. */
    mien_status (*run_tracks)(
        cli_extraction *e, const float *sound, int64_t count, mien_tensor **tracks);
    /** Names of values and tracks; NULL: they have none. */
    void (*value_name)(int index, char name[MIEN_FEATURE_NAME_MAX]);
    void (*track_name)(int index, char name[MIEN_FEATURE_NAME_MAX]);
    /** All that the values depend on, as a map of its own. */
    mien_value *(*contract)(const cli_extraction *e);
};

int cli_family_count(void);
const cli_family *cli_family_at(int index);
/** MIEN_EINVAL names what there is. */
mien_status cli_family_find(const char *name, const cli_family **family);
mien_status cli_extraction_open(const cli_family *family, int rate_hz, double segment_s,
    cli_extraction *extraction);
void cli_extraction_close(cli_extraction *extraction);

#endif
