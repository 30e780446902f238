/* SPDX-License-Identifier: MIT */
/* mien extract --features and --tracks: features of films, of pictures and sound. */
#ifndef MIEN_CLI_EXTRACT_FILMS_H
#define MIEN_CLI_EXTRACT_FILMS_H

#include "cli/command.h"
#include "cli/extract_journal.h"
#include "cli/film_families.h"
#include "mien/predict.h"
#include "predict/input_files.h"

enum { CLI_FAMILIES_MAX = 8, CLI_SPARE_MAX = 256, CLI_ALL_ROWS = INT32_MAX };

/** Samples of an open sound from a moving place on. */
typedef struct cli_samples {
    mien_sound *sound; /**< NULL: there is none */
    int rate_hz;
    float *samples; /**< [count] from sample `first` of the film's clock on */
    int64_t first, count, room;
    mien_status end; /**< MIEN_OK while there may be more */
} cli_samples;

/** Drops what lies before `from` and reads until there are samples up to `to`, or no
 * more. A sound that breaks off ends there; s->end says so. */
mien_status cli_samples_take(cli_samples *s, int64_t from, int64_t to);
void cli_samples_clear(cli_samples *s);

/** A frame and what each family of pictures keeps of it. */
typedef struct cli_frame {
    int64_t us;
    uint8_t *kept[CLI_FAMILIES_MAX];
} cli_frame;

/** Frames of an open film from a moving time on. */
typedef struct cli_frames {
    mien_film *film; /**< NULL: there are no pictures, or none are wanted */
    const char *path;
    int64_t height, width; /**< 0 before the first */
    cli_frame *items;      /**< [count], in order of time */
    int64_t count, room;
    cli_frame waiting; /**< one behind it may lie nearer its point of the grid */
    bool waits;
    int64_t cell;
    double away;
    int64_t taken;
    mien_status end; /**< MIEN_OK while there may be more */
    int64_t end_us;
    char problem[1024]; /**< why it ends early */
    uint8_t *spare[CLI_FAMILIES_MAX][CLI_SPARE_MAX];
    int spare_count[CLI_FAMILIES_MAX];
} cli_frames;

typedef struct cli_film_job cli_film_job;

/** Drops what lies before `from` and reads until all frames before `to` are there, or
 * there are no more. MIEN_EUNSUPPORTED where pictures change their size. */
mien_status cli_frames_take(
    cli_frames *s, cli_film_job *j, int64_t from_us, int64_t to_us);
/** Whether the pictures go on up to a time. */
bool cli_frames_reach(const cli_frames *s, int64_t us);
/** Chooses at most `most` frames in [from, to), the nearest its middle: items
 * [*first, *first + returned). */
int64_t cli_frames_choose(
    const cli_frames *s, int64_t from_us, int64_t to_us, int64_t most, int64_t *first);
void cli_frames_clear(cli_frames *s, int families);

/** A row's part of a film. */
typedef struct cli_span {
    double start_s, end_s;
} cli_span;

/** One extraction from start to end. */
struct cli_film_job {
    cli *c;
    mien_input_files inputs;
    char (*hashes)[65]; /**< of each input; "" if it could not be read */
    cli_extraction families[CLI_FAMILIES_MAX];
    int family_count;
    int64_t width; /**< values of a row, of all families */
    cli_film_settings settings;
    double hop_s;
    const cli_span
        *spans; /**< [span_count] by start: rows in place of segments; or NULL */
    int64_t span_count;
    bool pictures, sounds; /**< a family wants them */
    bool tracks;
    mien_predict_problem *problem; /**< NULL: cli_problem() */
    void *context;
    cli_journal *journal;
    int32_t *known; /**< [inputs] rows that the journal has; CLI_ALL_ROWS: done */
    bool dealt;     /**< over ranks */
    struct cli_extract_ranks *ranks; /**< while they work; NULL: this process alone */
    mien_tensor **tables;            /**< of tracks: [inputs, families] */
    char **abouts;                   /**< of tracks: [inputs] */
};

/** The description of an input beside its values, as JSON; mien_free(). problem may
 * be NULL. */
mien_status cli_film_about(const cli_film_job *j, int64_t input,
    const mien_sound *sound, const mien_film *film, double length_s,
    const char *problem, char **about);
/** Tracks of every input into j->tables; bad inputs are reported. */
mien_status cli_extract_tracks(cli_film_job *j);
/** The output from the journal or the tables. */
mien_status cli_extract_write(const cli_film_job *j, const char *path);

/** The request: what is to be extracted, and where to. */
typedef struct cli_film_request {
    const char *names; /**< of families, between commas */
    const char *output;
    cli_film_settings settings;
    double hop_s;
    bool tracks;
    bool dealt; /**< over the processes of mpirun; all of them make the call */
    const cli_span
        *spans; /**< rows of the one film, by start, lent: in place of segments,
                     none longer than settings.segment_s; NULL: segments */
    int64_t span_count;
    mien_predict_problem *problem; /**< told each bad input; NULL: cli_problem() */
    void *context;
} cli_film_request;
/** Extracts from films, files of sound, folders and lists of them. Bad inputs are
 * reported by cli_problem(), the others are done. */
mien_status cli_films_run(
    cli *c, const cli_film_request *request, int count, const char *const *inputs);
/** The features of one film, computed once and kept in MIEN_CACHE/features by the
 * hashes of the film, of all settings and of the weights; r->output is not looked at.
 *
 * @param path the HDF5 file, as `mien extract` writes it of one input; mien_free()
 * @return MIEN_EFORMAT after a bad film, which has been told */
mien_status cli_films_cached(
    cli *c, const cli_film_request *r, const char *film, char **path);
/** Features of the films that a trial table names, for columns features.FAMILY that it
 * lacks: computed of each row's part of its film, once (cli_films_cached()), and
 * written into a copy of the table, with what made them in its sidecar, in
 * MIEN_CACHE/features.
 *
 * @param families names between commas
 * @param columns  of the copy, one for each; NULL: features.FAMILY
 * @param goes_on  past films that cannot be read: they are told, their rows stay
 * without
 * @param path     of the copy; mien_free()
 * @return MIEN_ENOTFOUND where the table has no columns film, start_s and end_s */
mien_status cli_film_trials(cli *c, const char *trials, const char *families,
    const char *const *columns, bool goes_on, const cli_film_settings *settings,
    char **path);
/** "native" (0) or a number of pixels. */
mien_status cli_flow_size(cli *c, const char *text, int *size);

/** The command with these options given. */
mien_status cli_extract_films(
    cli *c, const mien_options *options, int count, const char *const *positional);

#endif
