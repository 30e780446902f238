/* SPDX-License-Identifier: MIT */
/* The file of a film or sound opened by FFmpeg, and no other file with it: playlists,
 * image sequences and manifests make FFmpeg open what they name, which whoever named
 * one file did not ask for. The demuxer is found first and refused by name where it is
 * known for that; any other that asks for a file gets none, and is refused then. */
#include "media/container.h"

#include "media/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HEAD = 256 };

/* Demuxers that read other files, the network or devices, or run what is in the file.
 */
static const char *const refused[] = {"hls", "applehttp", "concat", "dash", "imf",
    "image2", "webm_dash_manifest", "vobsub", "sdp", "rtsp", "rtp", "sap", "mlv",
    "avisynth", "vapoursynth", "lavfi"};

/* Whether one of the names of a demuxer, separated by commas, is this. */
static bool is_called(const char *names, const char *name) {
    size_t length = strlen(name);
    for (; names; names = strchr(names, ',')) {
        names += *names == ',';
        if (strncmp(names, name, length) == 0 &&
            (names[length] == 0 || names[length] == ',')) {
            return true;
        }
    }
    return false;
}

static mien_status refuse(const char *path, const char *demuxer) {
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: a playlist or list of files (%s), and only the file named is read: name "
        "the "
        "films themselves",
        path, demuxer);
}

static int refuse_other_files(AVFormatContext *format, AVIOContext **bytes,
    const char *url, int flags, AVDictionary **options) {
    mien_container *container = format->opaque;
    (void)bytes;
    (void)url;
    (void)flags;
    (void)options;
    container->asked++;
    return AVERROR(EPERM);
}

static int stop_reading(void *context) {
    (void)context;
    return mien_interrupted();
}

static mien_status not_this(
    const mien_ffmpeg *ff, const char *path, const char *what, int error) {
    char words[64];
    snprintf(words, sizeof words, "not %s", what);
    return mien_ffmpeg_fail(ff, MIEN_EFORMAT, error, path, words);
}

/* Chooses the demuxer that is to read these bytes. The name is withheld from it:
 * some demuxers trust nothing else. */
static mien_status choose(const mien_ffmpeg *ff, const char *path, const char *what,
    const char *url, mien_container *c, const AVInputFormat **demuxer) {
    AVIOInterruptCB stop = {stop_reading, NULL};
    AVDictionary *settings = NULL;
    ff->av_dict_set(&settings, "protocol_whitelist", "file", 0);
    int error = ff->avio_open2(&c->bytes, url, AVIO_FLAG_READ, &stop, &settings);
    ff->av_dict_free(&settings);
    if (error < 0) {
        return mien_ffmpeg_fail(ff, MIEN_EIO, error, path, "opening");
    }
    error = ff->av_probe_input_buffer2(c->bytes, demuxer, "", NULL, 0, 0);
    if (error < 0) {
        return mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "%s: stopped", path)
                                  : not_this(ff, path, what, error);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (is_called((*demuxer)->name, refused[i])) {
            return refuse(path, (*demuxer)->name);
        }
    }
    return MIEN_OK;
}

static mien_status open_streams(const mien_ffmpeg *ff, const char *path,
    const char *what, const char *url, mien_container *c,
    const AVInputFormat *demuxer) {
    AVDictionary *settings = NULL;
    ff->av_dict_set(&settings, "protocol_whitelist", "file", 0);
    int error = ff->avformat_open_input(&c->format, url, demuxer, &settings);
    ff->av_dict_free(&settings);
    if (error >= 0) { /* reads a few seconds ahead, damage and all */
        mien_ffmpeg_listen(c->format);
        error = ff->avformat_find_stream_info(c->format, NULL);
        c->damaged = mien_ffmpeg_heard();
    }
    if (error < 0 && mien_interrupted()) {
        return mien_fail(MIEN_EINTERRUPTED, "%s: stopped", path);
    }
    if (c->asked > 0) {
        return refuse(path, demuxer->name);
    }
    return error < 0 ? not_this(ff, path, what, error) : MIEN_OK;
}

static mien_status look_at_head(const char *path, mien_container *c) {
    uint8_t head[HEAD];
    size_t count = 0;
    uint64_t size = 0;
    mien_status status = mien_media_file_size(path, &size);
    if (status == MIEN_OK) {
        status = mien_media_file_head(path, head, sizeof head, &count);
    }
    if (status == MIEN_OK) {
        c->is_truncated = mien_matroska_is_truncated(head, count, size);
    }
    return status;
}

mien_status mien_container_open(const mien_ffmpeg *ffmpeg, const char *path,
    const char *what, mien_container *container) {
    const AVInputFormat *demuxer = NULL;
    mien_string url;
    *container = (mien_container){0};
    mien_status status = look_at_head(path, container);
    if (status != MIEN_OK) {
        return status;
    }
    mien_string_init(&url);
    mien_string_addf(&url, "file:%s", path);
    container->format = ffmpeg->avformat_alloc_context();
    if (mien_string_status(&url) != MIEN_OK || !container->format) {
        status = mien_fail(MIEN_ENOMEM, "%s: out of memory", path);
    }
    if (status == MIEN_OK) {
        status = choose(ffmpeg, path, what, url.text, container, &demuxer);
    }
    if (status == MIEN_OK) {
        container->format->opaque = container;
        container->format->io_open = refuse_other_files;
        container->format->interrupt_callback.callback = stop_reading;
        container->format->pb = container->bytes;
        status = open_streams(ffmpeg, path, what, url.text, container, demuxer);
    }
    mien_string_clear(&url);
    return status;
}

void mien_container_close(const mien_ffmpeg *ffmpeg, mien_container *container) {
    ffmpeg->avformat_close_input(&container->format);
    ffmpeg->avio_closep(&container->bytes);
}

/* An EBML number of 1 to 8 bytes whose length the first byte tells; 0 bytes if it is
 * not all there. mark: whether the bit that tells the length belongs to the number. */
static size_t read_number(
    const uint8_t *bytes, size_t count, bool mark, uint64_t *value) {
    size_t length = 1;
    while (count > 0 && length <= 8 && !(bytes[0] & 0x80 >> (length - 1))) {
        length++;
    }
    if (length > 8 || length > count) {
        return 0;
    }
    *value = mark ? bytes[0] : bytes[0] & (0xFFu >> length);
    for (size_t i = 1; i < length; i++) {
        *value = *value << 8 | bytes[i];
    }
    return length;
}

bool mien_matroska_is_truncated(const uint8_t *head, size_t count, uint64_t size) {
    enum { EBML = 0x1A45DFA3, SEGMENT = 0x18538067 };
    uint64_t name = 0, length = 0;
    for (size_t at = 0; at < count;) {
        size_t a = read_number(head + at, count - at, true, &name);
        size_t b = a ? read_number(head + at + a, count - at - a, false, &length) : 0;
        if (b == 0 || (at == 0 && name != EBML)) {
            return false;
        }
        if (name == SEGMENT) { /* all bits: the writer could not tell */
            bool unknown = length == (UINT64_C(1) << 7 * b) - 1;
            return !unknown && length > size - (at + a + b);
        }
        if (length > count - at - a - b) {
            return false;
        }
        at += a + b + (size_t)length;
    }
    return false;
}
int64_t mien_stream_us(
    const mien_ffmpeg *ff, const AVStream *stream, int64_t timestamp) {
    return timestamp == AV_NOPTS_VALUE ? INT64_MIN
                                       : ff->av_rescale_q(timestamp, stream->time_base,
                                             (AVRational){1, 1000000});
}

int64_t mien_container_origin_us(
    const mien_ffmpeg *ff, const AVFormatContext *container, const AVStream *video) {
    const int64_t start =
        container->start_time == AV_NOPTS_VALUE ? 0 : container->start_time;
    const int64_t picture = video ? mien_stream_us(ff, video, video->start_time) : 0;
    return start < 0 && picture >= 0 ? 0 : start;
}
