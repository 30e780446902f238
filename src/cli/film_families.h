/* SPDX-License-Identifier: MIT */
/* The features that mien extract takes of films and of sound, one row of a table each.
 */
#ifndef MIEN_CLI_FILM_FAMILIES_H
#define MIEN_CLI_FILM_FAMILIES_H

#include "mien/io.h"
#include "mien/signal.h"

#define CLI_FAMILY_RATE_HZ 16000

/** The settings that all families of one extraction share. */
typedef struct cli_film_settings {
    int rate_hz; /**< of sound */
    double segment_s;
    int64_t frames;       /**< of a segment: those nearest its centre */
    double frame_rate_hz; /**< of the grid that frames are taken on; 0: every one */
    int flow_size; /**< short side of what FlowNetS sees; 0: the film's own size */
    bool batch_statistics; /**< of ResNet-50 and I3D: batch-norms by the segment */
    bool embedding_linear; /**< VGGish's last layer without its ReLU */
    const char *pca;       /**< file of VGGish's whitening; NULL: none */
    const char *weights;   /**< BACKBONE=FILE,…; NULL or others: those of the cache */
    int threads;
    bool exact;
} cli_film_settings;
cli_film_settings cli_film_settings_default(void);

typedef struct cli_family cli_family;

/** A family at work. One thread at a time. */
typedef struct cli_extraction {
    const cli_family *family;
    cli_film_settings settings;
    void *state;
    float *scratch;
    int rank;
    int64_t shape[3];   /**< of one segment's values */
    int64_t width;      /**< their number */
    size_t frame_bytes; /**< of a frame that is kept, of the film that was begun */
} cli_extraction;

struct cli_family {
    const char *name, *summary;
    const char *backbone; /**< whose weights it needs; NULL: none */
    bool any_rate;        /**< of sound; else CLI_FAMILY_RATE_HZ alone */
    double least_s;       /**< of sound; a segment with less is masked */
    int least_frames;     /**< likewise of frames; 0: it is a family of sound */
    int tracks;           /**< columns over time; 0: none */
    double track_hop_s;
    /** Fills state, rank, shape. */
    mien_status (*open)(cli_extraction *e);
    void (*close)(cli_extraction *e);
    /** Values of sound [count]; NaN where there are none. */
    mien_status (*run)(
        cli_extraction *e, const float *sound, int64_t count, float *values);
    /** A film begins whose pictures have this size: sets frame_bytes. */
    mien_status (*begin)(cli_extraction *e, int64_t height, int64_t width);
    /** Keeps what a family needs of a picture [H, W, 3] until its segment is
     * complete. */
    mien_status (*keep)(cli_extraction *e, const mien_tensor *image, uint8_t *kept);
    /** Values of n frames in order. */
    mien_status (*run_frames)(
        cli_extraction *e, const uint8_t *const *frames, int64_t n, float *values);
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
/** The weights file of a backbone, of the settings or the cache's; mien_free(). */
mien_status cli_family_weights(
    const cli_film_settings *settings, const char *backbone, char **path);
mien_status cli_extraction_open(const cli_family *family,
    const cli_film_settings *settings, cli_extraction *extraction);
void cli_extraction_close(cli_extraction *extraction);

/** Opens VGGish's front end, with room for its frames in e->scratch; examples: of a
 * whole segment. */
mien_status cli_logmel_open(cli_extraction *e, mien_logmel **logmel, int64_t *examples);
/** VGGish's log-mel examples of sound, those that are whole: at most `most`. */
int64_t cli_logmel_examples(cli_extraction *e, mien_logmel *logmel, const float *sound,
    int64_t count, int64_t most, float *examples);

/* rows of film_networks.c */
extern const cli_family cli_family_resnet50, cli_family_i3d, cli_family_i3d_s5,
    cli_family_flownet, cli_family_flownet_s5, cli_family_vggish;

/* rows of film_glances.c */
extern const cli_family cli_family_colour, cli_family_motion;

#endif
