/* SPDX-License-Identifier: MIT */
/* Brings packets to the decoder and leaves out those that no wanted frame needs. */
#include "media/film_feed.h"

#include "media/idr.h"

#include <errno.h>
#include <string.h>

/* Reading on is cheaper than seeking over less than this. */
#define LEAP_MIN_US 2000000
/* Broken packets in a row after which a file is given up. */
#define BROKEN_MAX 64

/* Packets that should have followed the last one read, by a table in the file's header.
 */
static bool index_goes_on(const mien_film *film) {
    const mien_ffmpeg *ff = &film->ffmpeg;
    int count = ff->avformat_index_get_entries_count(film->stream);
    const AVIndexEntry *last =
        count > 0 ? ff->avformat_index_get_entry(film->stream, count - 1) : NULL;
    return last &&
           (film->last_dts == AV_NOPTS_VALUE || last->timestamp > film->last_dts);
}

/* Whether decoding can begin at this packet. */
static bool is_beginning(const mien_film *film, const AVPacket *p) {
    const AVCodecParameters *stream = film->stream->codecpar;
    if (!(p->flags & AV_PKT_FLAG_KEY)) {
        return false;
    }
    return stream->codec_id != AV_CODEC_ID_H264 ||
           mien_h264_is_idr(
               stream->extradata, stream->extradata_size, p->data, p->size);
}

static bool is_matroska(const mien_film *film) {
    return strncmp(film->file.format->iformat->name, "matroska", 8) == 0;
}

/* A packet's time as the container's index counts: Matroska's in presentation times,
 * others in decoding times. */
static int64_t index_time(const mien_film *film, const AVPacket *p) {
    return is_matroska(film) ? FFMAX(p->dts, p->pts) : p->dts;
}

/* Matroska's index stands at the end and is lost with it. What stands at the beginning
 * is how many bytes there should be, and how long the longest stream lasts: a file that
 * lacks bytes breaks off unless it reached that time, and then only lacks what came
 * after. */
static bool segment_goes_on(const mien_film *film) {
    const int64_t slack_us = 100000;
    int64_t duration_us = film->file.format->duration;
    bool known = duration_us > 0 && film->file.format->duration_estimation_method !=
                                        AVFMT_DURATION_FROM_BITRATE;
    bool reached = known && film->packets_end_us != INT64_MIN &&
                   film->packets_end_us + film->origin_us + slack_us >= duration_us;
    return film->file.is_truncated && !reached;
}

/* Keeps when the last of the pictures read stops being shown. */
static void note_end(mien_film *film, const AVPacket *p) {
    int64_t us = mien_film_us(film, p->pts != AV_NOPTS_VALUE ? p->pts : p->dts);
    int64_t lasts_us = 0;
    if (p->duration > 0) {
        lasts_us = film->ffmpeg.av_rescale_q(
            p->duration, film->stream->time_base, (AVRational){1, 1000000});
    } else if (film->info.rate_hz > 0) {
        lasts_us = (int64_t)(1e6 / film->info.rate_hz + 0.5);
    }
    if (us != INT64_MIN) {
        film->packets_end_us = FFMAX(film->packets_end_us, us + lasts_us);
    }
}

/* One more packet of our stream into the queue, or its end. */
static mien_status read_packet(mien_film *film) {
    const mien_ffmpeg *ff = &film->ffmpeg;
    for (int broken = 0; !film->packets.ended;) {
        mien_ffmpeg_listen(film->file.format);
        int error = ff->av_read_frame(film->file.format, film->incoming);
        int64_t errors = mien_ffmpeg_heard();
        if (error == AVERROR_EXIT || mien_interrupted()) {
            ff->av_packet_unref(film->incoming);
            return mien_fail(MIEN_EINTERRUPTED, "%s: stopped", film->path);
        }
        if (error == AVERROR(ENOMEM)) {
            return mien_fail(MIEN_ENOMEM, "%s: out of memory", film->path);
        }
        if (error == AVERROR_INVALIDDATA && ++broken < BROKEN_MAX) {
            film->damaged++;
            continue;
        }
        if (error < 0) {
            film->cut = error != AVERROR_EOF || errors > 0 || index_goes_on(film) ||
                        segment_goes_on(film);
            film->packets.ended = true;
            break;
        }
        film->damaged += errors;
        AVPacket *p = film->incoming;
        int64_t decoded_us = mien_film_us(film, p->dts);
        if (p->stream_index != film->stream->index ||
            (film->resume_us != INT64_MIN && decoded_us <= film->resume_us)) {
            ff->av_packet_unref(p);
            continue;
        }
        note_end(film, p);
        film->last_dts = FFMAX(film->last_dts, index_time(film, p));
        film->incoming = ff->av_packet_alloc();
        if (!film->incoming) {
            film->incoming = p;
            return mien_fail(MIEN_ENOMEM, "%s: out of memory", film->path);
        }
        mien_packets_push(&film->packets,
            (mien_packet){p, mien_film_us(film, p->pts), is_beginning(film, p)},
            decoded_us);
        break;
    }
    return MIEN_OK;
}

/* Reads until the time of the frame after the first packet's is certain. */
static mien_status read_next_time(mien_film *film, int64_t *next_us) {
    mien_status status = MIEN_OK;
    mien_packets *q = &film->packets;
    while ((*next_us = mien_packets_next_us(q, 0)) == INT64_MIN && q->timed &&
           !mien_packets_full(q) && status == MIEN_OK) {
        status = read_packet(film);
    }
    return status;
}

/* Reads until every packet shown up to `us` is in the queue, or the queue is full. */
static mien_status read_until(mien_film *film, int64_t us) {
    mien_status status = MIEN_OK;
    mien_packets *q = &film->packets;
    while (!q->ended && q->timed && q->decoded_us <= us && !mien_packets_full(q) &&
           status == MIEN_OK) {
        status = read_packet(film);
    }
    return status;
}

/* Goes on with the key packet now first in the queue: empties the decoder, and what it
 * still holds comes out first. */
static void begin_flush(mien_film *film) {
    film->key_us = mien_packets_at(&film->packets, 0)->us;
    if (film->sent_since_flush) {
        film->ffmpeg.avcodec_send_packet(film->codec, NULL);
        film->flushing = true;
    } else {
        film->ignore_before_us = film->key_us;
    }
}

static int64_t timestamp_of(const mien_film *film, int64_t us) {
    return film->ffmpeg.av_rescale_q_rnd(us + film->origin_us, (AVRational){1, 1000000},
        film->stream->time_base, AV_ROUND_DOWN);
}

/* Seeks to the key frame before `wanted_us` where the file's own index says that one
 * lies well ahead. Believes it only if a key packet arrives that is shown in time;
 * otherwise starts over and reads up to where it was. */
static mien_status leap(mien_film *film, int64_t wanted_us, bool *leapt) {
    const mien_ffmpeg *ff = &film->ffmpeg;
    int64_t timestamp = timestamp_of(film, wanted_us),
            reached_us = film->packets.decoded_us;
    *leapt = false;
    if (!film->can_leap || !film->packets.timed || film->packets.ended) {
        return MIEN_OK;
    }
    const AVIndexEntry *entry = ff->avformat_index_get_entry_from_timestamp(
        film->stream, timestamp, AVSEEK_FLAG_BACKWARD);
    if (!entry || mien_film_us(film, entry->timestamp) < reached_us + LEAP_MIN_US) {
        return MIEN_OK;
    }
    int error = ff->av_seek_frame(
        film->file.format, film->stream->index, timestamp, AVSEEK_FLAG_BACKWARD);
    if (error < 0) {
        film->can_leap = false;
        return MIEN_OK;
    }
    mien_packets_empty(ff, &film->packets);
    mien_status status = read_packet(film);
    if (status != MIEN_OK) {
        return status;
    }
    *leapt = true;
    const mien_packet *p = mien_packets_at(&film->packets, 0);
    if (film->packets.count > 0 && p->key && p->us != INT64_MIN && p->us <= wanted_us) {
        begin_flush(film);
        return MIEN_OK;
    }
    film->can_leap = false;
    film->resume_us = reached_us;
    mien_packets_empty(ff, &film->packets);
    error = ff->av_seek_frame(film->file.format, film->stream->index,
        film->stream->start_time == AV_NOPTS_VALUE ? 0 : film->stream->start_time,
        AVSEEK_FLAG_BACKWARD);
    return error < 0 ? mien_ffmpeg_fail(ff, MIEN_EFORMAT, error, film->path, "seeking")
                     : MIEN_OK;
}

static void send_first(mien_film *film, enum AVDiscard discard) {
    film->codec->skip_frame = discard;
    int error = film->ffmpeg.avcodec_send_packet(
        film->codec, mien_packets_at(&film->packets, 0)->packet);
    if (error < 0) {
        film->damaged++;
    }
    film->sent_any = film->sent_since_flush = true;
    mien_packets_drop(&film->ffmpeg, &film->packets, 1);
}

static void finish(mien_film *film) {
    film->finished = true;
    film->ffmpeg.avcodec_send_packet(film->codec, NULL);
}

/* After the first packet's time there is nothing to see before `wanted_us`: ends the
 * stream or leaps where that is far ahead. Not while packets that come later in the
 * file but are shown before the first (B-frames) are still to be seen. */
static mien_status pass_far(
    mien_film *film, int64_t us, int64_t wanted_us, bool *passed) {
    mien_packets *q = &film->packets;
    mien_status status = read_until(film, us);
    if (status != MIEN_OK || !q->timed || (!q->ended && q->decoded_us <= us) ||
        mien_packets_seen_before(q, &film->samples, us)) {
        return status;
    }
    if (wanted_us < INT64_MAX) {
        return leap(film, wanted_us, passed);
    }
    film->end_us_least = us;
    *passed = true;
    finish(film);
    return MIEN_OK;
}

/* The first packet is shown in no sample: jumps over as much as possible, else lets the
 * decoder keep only what later frames refer to. */
static mien_status pass_first(mien_film *film) {
    mien_packets *q = &film->packets;
    int64_t us = mien_packets_at(q, 0)->us,
            wanted = mien_sample_from(&film->samples, us);
    int64_t jump = 0;
    bool passed = false;
    mien_status status = pass_far(film, us, wanted, &passed);
    if (status != MIEN_OK || passed) {
        return status;
    }
    if (wanted < INT64_MAX) {
        status = read_until(film, wanted);
        if (status != MIEN_OK) {
            return status;
        }
        jump = q->timed ? mien_packets_jump(q, &film->samples) : 0;
    }
    if (jump > 0) {
        mien_packets_drop(&film->ffmpeg, q, jump);
        begin_flush(film);
    } else if (q->timed && film->intra_only) {
        mien_packets_drop(&film->ffmpeg, q, 1);
    } else {
        bool skip = q->timed && film->skips_nonref;
        send_first(film, skip ? AVDISCARD_NONREF : AVDISCARD_DEFAULT);
    }
    return MIEN_OK;
}

/* Whether a key frame is the last one up to a time asked for; next_us: when the key
 * frame after it is shown. Times before the first are those of the first. */
static bool key_is_wanted(const mien_film *film, int64_t us, int64_t next_us) {
    if (us == INT64_MIN || next_us == INT64_MIN) {
        return true;
    }
    bool first = !film->sent_any && film->options.every_s > 0;
    return mien_sample_within(&film->samples, first ? INT64_MIN : us, next_us);
}

/* Whether the first packet's picture, and where it stands in the order of showing, need
 * nothing of what the decoder holds: several such are decoded side by side. */
static bool stands_alone(const mien_film *film) {
    return film->intra_only || (film->stream->codecpar->codec_id == AV_CODEC_ID_H264 &&
                                   mien_packets_at(&film->packets, 0)->key);
}

/* Key frames alone: packets between them are dropped as they are read, and one is
 * decoded by itself when the one after it is known. Where its codec does not say that
 * it stands alone the decoder is emptied before it, so that nothing it held refers to
 * what was left out. */
static mien_status feed_key(mien_film *film) {
    mien_packets *q = &film->packets;
    mien_status status = MIEN_OK;
    while (q->count < 2 && !q->ended && status == MIEN_OK) {
        int64_t before = q->count;
        status = read_packet(film);
        if (q->count > before &&
            !(mien_packets_at(q, before)->packet->flags & AV_PKT_FLAG_KEY)) {
            mien_packets_drop_last(&film->ffmpeg, q);
        }
    }
    if (status != MIEN_OK) {
        return status;
    }
    int64_t us = q->count > 0 ? mien_packets_at(q, 0)->us : INT64_MAX;
    if (q->count == 0 || mien_sample_from(&film->samples, us) == INT64_MAX) {
        finish(film);
        return MIEN_OK;
    }
    if (!key_is_wanted(film, us,
            q->count > 1 ? mien_packets_at(q, 1)->us : film->packets_end_us)) {
        mien_packets_drop(&film->ffmpeg, q, 1);
        return MIEN_OK;
    }
    bool held = film->sent_since_flush && !stands_alone(film);
    if (held || !film->sent_since_flush) {
        begin_flush(film);
    }
    if (!held) {
        send_first(film, AVDISCARD_DEFAULT);
    }
    return MIEN_OK;
}

mien_status mien_film_feed(mien_film *film) {
    if (film->options.keyframes) {
        return feed_key(film);
    }
    mien_packets *q = &film->packets;
    mien_status status = MIEN_OK;
    int64_t next_us = INT64_MIN;
    if (q->count == 0) {
        status = read_packet(film);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (q->count == 0) {
        if (q->ended) {
            finish(film);
        }
        return MIEN_OK;
    }
    if (film->picky && film->sent_any && q->timed) {
        status = read_next_time(film, &next_us);
    }
    if (status != MIEN_OK) {
        return status;
    }
    if (next_us == INT64_MIN || !q->timed ||
        mien_sample_within(&film->samples, mien_packets_at(q, 0)->us, next_us)) {
        send_first(film, AVDISCARD_DEFAULT);
        return MIEN_OK;
    }
    return pass_first(film);
}

mien_status mien_film_look_on(mien_film *film, int64_t us) {
    mien_packets *q = &film->packets;
    mien_status status = MIEN_OK;
    while (!q->ended && film->packets_end_us < us && status == MIEN_OK) {
        mien_packets_drop(&film->ffmpeg, q, q->count);
        status = read_packet(film);
        if (film->packets_end_us == INT64_MIN) {
            break; /* nothing in this film has a time */
        }
    }
    return status;
}
