/* SPDX-License-Identifier: MIT */
/* Recordings of gaze and body: BIDS, tables of eye trackers and wristbands, EyeLink,
 * XDF. A part of the room `io`.
 *
 * A recording has tracks: channels that share a clock. What a file says is missing is
 * NaN, whatever it writes instead; nothing is interpolated. Times are seconds on the
 * recording's own clock and never run backwards: where a file's clock restarts, a new
 * track begins. Samples are read as a stream: memory does not grow with the recording.
 *
 *     mien_recording *recording = NULL;
 *     mien_samples *samples = NULL;
 *     mien_status status = mien_recording_open("gaze.asc", NULL, &recording);
 *     for (int t = 0; status == MIEN_OK && t < mien_recording_tracks(recording); t++) {
 *         const mien_track *track = mien_recording_track(recording, t);
 *         status = mien_track_load(recording, t, 10000000, &samples);
 *         if (status == MIEN_OK && samples->n > 0) {
 *             printf("%s from %.3f s on is %g\n", track->channel[0].name,
 *                 samples->time_s[0], samples->value[0][0]);
 *         }
 *         mien_samples_free(&samples);
 *     }
 *     mien_recording_close(&recording);
 */
#ifndef MIEN_RECORDINGS_H
#define MIEN_RECORDINGS_H

#include "mien/io.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MIEN_TRACKS_MAX = 256,             /**< of a recording */
    MIEN_CHANNELS_MAX = 256,           /**< of a track */
    MIEN_RECORDING_LINE_MAX = 1 << 20, /**< bytes of a line */
    MIEN_RECORDING_EVENTS_MAX = 10000000
};

typedef struct mien_channel {
    char name[64]; /**< as the file calls it */
    char unit[32]; /**< "mm", "uS", "ohm", "pixel"; "" where the file does not say */
} mien_channel;

/** Channels on one clock. A plain result. */
typedef struct mien_track {
    char name[64];  /**< "physio", "eye1", "EDA" */
    double rate_hz; /**< as the file says; else from the first stamps; 0 if uneven by
                       design */
    double start_s; /**< of the first sample, where the track is not stamped */
    bool stamped;   /**< every sample has its own time; else start_s + i / rate_hz */
    int channels;
    mien_channel channel[MIEN_CHANNELS_MAX];
} mien_track;

/** Something that happened; texts are lent by the recording. */
typedef struct mien_event {
    double onset_s;
    double duration_s; /**< NaN: the file does not say */
    const char *name;  /**< "fixation", "blink", "message", a trial's type */
    const char *text;  /**< what the file adds: a message; "" */
    const char *track; /**< name of the track it belongs to; "": to all */
} mien_event;

/** A screen as the file describes it; NaN for what it does not say. */
typedef struct mien_screen_facts {
    double width_px, height_px;
    double width_m, height_m, distance_m;
} mien_screen_facts;

typedef struct mien_recording mien_recording;

typedef struct mien_recording_options {
    const char
        *format; /**< a row of io/recordings.def; NULL: by what the path looks like */
    const char *preset; /**< of the format `table`: gazepoint, tobii, pupil */
    /** of the format `table`: NAME=COLUMN pairs joined by commas. `time` is the clock;
     * valid.NAME a column whose 0, "Invalid" or empty cell makes NAME missing;
     * unit.NAME, time-unit (s, ms, us), rate (Hz, where there is no time), split (a
     * column whose values make tracks) say what the file does not. A name may end in *
     */
    const char *columns;
    /** of the format `opensignals`: NAME=FUNCTION pairs joined by commas; eda, ecg, emg
     * as a BITalino at 3.3 V converts; without one, channels stay raw counts */
    const char *transfer;
} mien_recording_options;
MIEN_API mien_recording_options mien_recording_options_default(void);

/** A row of io/recordings.def. */
typedef struct mien_recording_kind {
    const char *name; /**< "bids" */
    const char
        *summary; /**< what it reads; what of it is written from memory says so */
    const struct mien_recording_work *work; /**< inside */
} mien_recording_kind;
MIEN_API int mien_recording_kind_count(void);
MIEN_API const mien_recording_kind *mien_recording_kind_at(int index);

/** Looks at what a recording is made of and gathers its events; samples are not kept.
 * The path is a file, or a folder for formats that have one (E4). MIEN_EFORMAT with
 * file and row, MIEN_EUNSUPPORTED for formats that must be exported first (.acq, .edf:
 * named), MIEN_ELIMIT. */
MIEN_API mien_status mien_recording_open(const char *path,
    const mien_recording_options *options, mien_recording **recording);
MIEN_API void mien_recording_close(mien_recording **recording);
MIEN_API const char *mien_recording_path(const mien_recording *recording);
MIEN_API const char *mien_recording_format(const mien_recording *recording);
/** "" where the file does not say. */
MIEN_API const char *mien_recording_person(const mien_recording *recording);
MIEN_API mien_screen_facts mien_recording_screen(const mien_recording *recording);
MIEN_API int mien_recording_tracks(const mien_recording *recording);
MIEN_API const mien_track *mien_recording_track(
    const mien_recording *recording, int track);
/** In order of onset; lent. */
MIEN_API int64_t mien_recording_events(
    const mien_recording *recording, const mien_event **events);

/** A track being read from its first sample on; the recording must stay open. */
typedef struct mien_track_reader mien_track_reader;
MIEN_API mien_status mien_track_open(
    const mien_recording *recording, int track, mien_track_reader **reader);
/** Up to `count` further samples: time_s [count], values [count, channels]; *got = 0 at
 * the end. MIEN_EFORMAT with file and row for damage and for time that runs backwards.
 */
MIEN_API mien_status mien_track_read(mien_track_reader *reader, int64_t count,
    double *time_s, double *values, int64_t *got);
MIEN_API void mien_track_close(mien_track_reader **reader);

/** A whole track in memory: samples of channel c are value[c][0 … n). */
typedef struct mien_samples {
    int64_t n;
    int channels;
    double *time_s;
    double **value;
} mien_samples;
/** At most n_max samples: MIEN_ELIMIT beyond. */
MIEN_API mien_status mien_track_load(
    const mien_recording *recording, int track, int64_t n_max, mien_samples **samples);
MIEN_API void mien_samples_free(mien_samples **samples);

/** Runs of a BIDS data set, in natural order: one _physio.tsv.gz of each, by which
 * mien_recording_open() opens the whole run; mien_names_free(). */
MIEN_API mien_status mien_bids_runs(const char *root, char ***paths, int64_t *count);

/** Writes a recording as BIDS: ROOT/sub-PERSON/beh/sub-PERSON_task-TASK_run-RUN_… with
 * headless .tsv.gz files without a time stamp in them, sidecars, events, participants.
 * PERSON and TASK keep letters and digits alone. Samples stream through. */
typedef struct mien_bids_writing {
    const char *root, *person, *task;
    int run; /**< from 1 */
} mien_bids_writing;
MIEN_API mien_status mien_bids_write(
    const mien_recording *recording, const mien_bids_writing *writing);
/** dataset_description.json and participants.tsv of a folder that mien_bids_write()
 * filled. */
MIEN_API mien_status mien_bids_describe(
    const char *root, const char *name, int64_t count, const char *const *persons);

#ifdef __cplusplus
}
#endif

#endif
