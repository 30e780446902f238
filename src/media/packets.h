/* SPDX-License-Identifier: MIT */
/* Packets read ahead of the decoder, so that it is known which of them will be looked
 * at. */
#ifndef MIEN_MEDIA_PACKETS_H
#define MIEN_MEDIA_PACKETS_H

#include "media/ffmpeg.h"
#include "media/samples.h"

typedef struct mien_packet {
    AVPacket *packet;
    int64_t us; /**< when its frame is shown, from the film's start */
    bool key;
} mien_packet;

/** A queue in decoding order. */
typedef struct mien_packets {
    mien_packet *items; /**< ring of mien_packets_capacity */
    int64_t first, count;
    size_t bytes;
    int64_t decoded_us; /**< decoding time of the last one read: none after it is shown
                             earlier */
    bool timed;         /**< every packet so far had both its times, in order */
    bool ended;         /**< no more to read */
} mien_packets;

/** Memory bounds of the reading ahead: what is beyond is decoded without knowing. */
#define MIEN_PACKETS_MAX 2048
#define MIEN_PACKETS_BYTES_MAX ((size_t)16 << 20)

mien_status mien_packets_init(mien_packets *packets);
void mien_packets_clear(const mien_ffmpeg *ffmpeg, mien_packets *packets);
/** Forgets the last packet; the time that reading has reached stays. */
void mien_packets_drop_last(const mien_ffmpeg *ffmpeg, mien_packets *packets);
/** Forgets all packets, as before a seek. */
void mien_packets_empty(const mien_ffmpeg *ffmpeg, mien_packets *packets);
bool mien_packets_full(const mien_packets *packets);
mien_packet *mien_packets_at(const mien_packets *packets, int64_t index);
/** Appends (takes the packet). decoded_us INT64_MIN: unknown. */
void mien_packets_push(mien_packets *packets, mien_packet packet, int64_t decoded_us);
void mien_packets_drop(const mien_ffmpeg *ffmpeg, mien_packets *packets, int64_t count);

/** When the frame after the index-th is shown: the least time above its own. INT64_MIN
 * while that is not certain yet (read on), INT64_MAX if it is the last. */
int64_t mien_packets_next_us(const mien_packets *packets, int64_t index);
/** Whether a queued packet shown before `us` is looked at, as far as is certain. */
bool mien_packets_seen_before(
    const mien_packets *packets, const mien_samples *samples, int64_t us);
/** Index of the last key packet before which no queued packet is looked at, nor any
 * that follows it in the file but is shown before it; 0 if there is none. The queue
 * must reach the sample time that follows its first packet. */
int64_t mien_packets_jump(const mien_packets *packets, const mien_samples *samples);

#endif
