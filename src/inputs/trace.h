/* SPDX-License-Identifier: MIT */
/* Where the kinds series and scanpath get their epochs: EmoEye's files, and parts of
 * recordings of any format. */
#ifndef MIEN_INPUTS_TRACE_H
#define MIEN_INPUTS_TRACE_H

#include "mien/inputs.h"
#include "mien/recordings.h"

/** Reads epochs; keeps what was opened last. One thread at a time. */
typedef struct mien_trace mien_trace;
mien_status mien_trace_open(const char *columns, mien_trace **trace);
void mien_trace_close(mien_trace **trace);
/** The epoch of a place, gaps as they are: a whole file is one of EmoEye's, a part of a
 * recording is brought to MIEN_EPOCH_ROWS rows. Valid until the next call. */
mien_status mien_trace_read(
    mien_trace *trace, const mien_place *place, const mien_epoch **epoch);
/** Events of the recording that was read last, which begin or last within the place;
 * count 0 of an epoch's own file. Returns how many there are of `most` that fit; their
 * texts are lent until the next mien_trace_read(). */
int mien_trace_events(
    const mien_trace *trace, const mien_place *place, int most, mien_event *events);
/** Moves points [n, 2] as a draw moves the picture they lie on, clipped to it first. */
void mien_trace_move(const mien_augment_draw *draw, int64_t n, double *points);
/** An epoch by formula, for golden vectors: another for each index. */
void mien_trace_golden(int64_t index, mien_epoch *epoch);

/** Opens a kind's own reader: memory of `size` bytes, zeros, that begins with the trace
 * (a `mien_trace *` is its first member), which reads the channels that a study names.
 * A kind closes it after what else it holds, by the next. */
mien_status mien_trace_reader_open(size_t size, const mien_options *given, void **own);
void mien_trace_reader_close(void **own);

/** Rows of options that both kinds have. */
#define MIEN_TRACE_OPTIONS                                                             \
    {.name = "gaps",                                                                   \
        .type = MIEN_OPTION_CHOICE,                                                    \
        .initial = "mended",                                                           \
        .choices = mien_trace_gaps,                                                    \
        .help = "mended: a sensor without a valid row is missing, at the ends of an "  \
                "epoch the nearest valid row holds; anchored: as published, the "      \
                "first and last row count as valid whatever their flags"},             \
    {                                                                                  \
        .name = "channels", .type = MIEN_OPTION_TEXT, .initial = "",                   \
        .help = "of recordings, ROLE=CHANNEL joined by commas, where names do not "    \
                "tell (roles: x, y, pupil_left, pupil_right, eda, heart_rate)"         \
    }
extern const char *const mien_trace_gaps[];
bool mien_trace_anchored(const mien_options *given);
/** Takes the gaps out of an epoch as the options say; a bit for each sensor that is
 * there. */
mien_status mien_trace_fill(
    bool anchored, const mien_epoch *epoch, mien_epoch *filled, unsigned *sensors);

#endif
