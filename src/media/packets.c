/* SPDX-License-Identifier: MIT */
/* Packets read ahead of the decoder, so that it is known which of them will be looked
 * at. */
#include "media/packets.h"

mien_status mien_packets_init(mien_packets *packets) {
    *packets = (mien_packets){.decoded_us = INT64_MIN, .timed = true};
    packets->items = mien_alloc(MIEN_PACKETS_MAX, sizeof(*packets->items));
    return packets->items ? MIEN_OK : MIEN_ENOMEM;
}

mien_packet *mien_packets_at(const mien_packets *packets, int64_t index) {
    return &packets->items[(packets->first + index) % MIEN_PACKETS_MAX];
}

void mien_packets_drop(
    const mien_ffmpeg *ffmpeg, mien_packets *packets, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        mien_packet *p = mien_packets_at(packets, i);
        packets->bytes -= (size_t)p->packet->size;
        ffmpeg->av_packet_free(&p->packet);
    }
    packets->first = (packets->first + count) % MIEN_PACKETS_MAX;
    packets->count -= count;
}

void mien_packets_drop_last(const mien_ffmpeg *ffmpeg, mien_packets *packets) {
    mien_packet *last = mien_packets_at(packets, packets->count - 1);
    packets->bytes -= (size_t)last->packet->size;
    ffmpeg->av_packet_free(&last->packet);
    packets->count--;
}

void mien_packets_empty(const mien_ffmpeg *ffmpeg, mien_packets *packets) {
    mien_packets_drop(ffmpeg, packets, packets->count);
    packets->decoded_us = INT64_MIN;
    packets->ended = false;
}

void mien_packets_clear(const mien_ffmpeg *ffmpeg, mien_packets *packets) {
    mien_packets_drop(ffmpeg, packets, packets->count);
    mien_free(packets->items);
    packets->items = NULL;
}

bool mien_packets_full(const mien_packets *packets) {
    return packets->count == MIEN_PACKETS_MAX ||
           packets->bytes >= MIEN_PACKETS_BYTES_MAX;
}

void mien_packets_push(mien_packets *packets, mien_packet packet, int64_t decoded_us) {
    if (packet.us == INT64_MIN || decoded_us == INT64_MIN || packet.us < decoded_us ||
        decoded_us < packets->decoded_us) {
        packets->timed = false;
    }
    packets->decoded_us = decoded_us;
    packets->bytes += (size_t)packet.packet->size;
    packets->count++;
    *mien_packets_at(packets, packets->count - 1) = packet;
}

int64_t mien_packets_next_us(const mien_packets *packets, int64_t index) {
    int64_t own = mien_packets_at(packets, index)->us, next = INT64_MAX;
    for (int64_t i = 0; i < packets->count; i++) {
        int64_t us = mien_packets_at(packets, i)->us;
        if (us > own && us < next) {
            next = us;
        }
    }
    /* whatever is read later is shown at or after the decoding time reached */
    return packets->ended || next <= packets->decoded_us ? next : INT64_MIN;
}

static bool is_seen(
    const mien_packets *packets, const mien_samples *samples, int64_t index) {
    int64_t next = mien_packets_next_us(packets, index);
    return next == INT64_MIN ||
           mien_sample_within(samples, mien_packets_at(packets, index)->us, next);
}

bool mien_packets_seen_before(
    const mien_packets *packets, const mien_samples *samples, int64_t us) {
    for (int64_t i = 0; i < packets->count; i++) {
        if (mien_packets_at(packets, i)->us < us && is_seen(packets, samples, i)) {
            return true;
        }
    }
    return false;
}

int64_t mien_packets_jump(const mien_packets *packets, const mien_samples *samples) {
    int64_t wanted = mien_sample_from(samples, mien_packets_at(packets, 0)->us);
    int64_t key = packets->count - 1;
    while (key > 0 && !(mien_packets_at(packets, key)->key &&
                          mien_packets_at(packets, key)->us <= wanted)) {
        key--;
    }
    if (key <= 0) {
        return 0;
    }
    int64_t key_us = mien_packets_at(packets, key)->us;
    for (int64_t i = 0; i < packets->count; i++) {
        bool before = i < key || (i > key && mien_packets_at(packets, i)->us < key_us);
        if (before && is_seen(packets, samples, i)) {
            return 0;
        }
    }
    return key;
}
