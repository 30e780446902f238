/* SPDX-License-Identifier: MIT */
/* mien extract --features and --tracks: features of the sound of films and files. */
#ifndef MIEN_CLI_EXTRACT_SOUND_H
#define MIEN_CLI_EXTRACT_SOUND_H

#include "cli/command.h"
#include "cli/extract_journal.h"
#include "cli/sound_families.h"
#include "predict/input_files.h"

enum { CLI_FAMILIES_MAX = 8 };

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

/** One extraction from start to end. */
typedef struct cli_sound_job {
    cli *c;
    mien_input_files inputs;
    char (*hashes)[65]; /**< of each input; "" if it could not be read */
    cli_extraction families[CLI_FAMILIES_MAX];
    int family_count;
    int64_t width; /**< values of a row, of all families */
    int rate_hz;
    double segment_s, hop_s;
    bool tracks;
    cli_journal *journal;
    int64_t found;        /**< rows of the journal that an earlier run left */
    mien_tensor **tables; /**< of tracks: [inputs, families] */
    char **abouts;        /**< of tracks: [inputs] */
} cli_sound_job;

/** What is told of an input besides its values, as JSON; mien_free(). problem may be
 * NULL. */
mien_status cli_sound_about(const cli_sound_job *j, int64_t input,
    const mien_sound *sound, double length_s, const char *problem, char **about);
/** Tracks of every input into j->tables; bad inputs are reported. */
mien_status cli_extract_tracks(cli_sound_job *j);
/** The output from the journal or the tables. */
mien_status cli_extract_write(const cli_sound_job *j, const char *path);

/** The command with these options given. */
mien_status cli_extract_sound(
    cli *c, const mien_options *options, int count, const char *const *positional);

#endif
