/* SPDX-License-Identifier: MIT */
/* Picture or film, by the first bytes. */
#include "media/decoder.h"
#include "base/need.h"
#include "media/ffmpeg.h"
#include "media/file.h"

#include <string.h>

#define HEAD 16384

static bool has(
    const uint8_t *bytes, size_t count, size_t at, const char *mark, size_t n) {
    return count >= at + n && memcmp(bytes + at, mark, n) == 0;
}

/* The containers people have, without asking FFmpeg. */
static bool is_common_film(const uint8_t *b, size_t n) {
    return has(b, n, 4, "ftyp", 4) || has(b, n, 0, "\x1A\x45\xDF\xA3", 4) ||
           (has(b, n, 0, "RIFF", 4) && has(b, n, 8, "AVI ", 4)) ||
           has(b, n, 0, "FLV\x01", 4) || has(b, n, 0, "\0\0\x01\xBA", 4) ||
           has(b, n, 0, "\0\0\x01\xB3", 4) || has(b, n, 0, "\x30\x26\xB2\x75", 4) ||
           (has(b, n, 0, "G", 1) && has(b, n, 188, "G", 1) && has(b, n, 376, "G", 1));
}

/* Everything else FFmpeg is sure about, but for pictures that it has demuxers for; text
 * is often taken for subtitles, never surely. */
static mien_status ask_ffmpeg(uint8_t *bytes, size_t count, bool *is_film) {
    mien_ffmpeg ffmpeg;
    int score = 0;
    mien_status status = mien_ffmpeg_load(&ffmpeg);
    if (status == MIEN_OK) {
        AVProbeData data = {.filename = "", .buf = bytes, .buf_size = (int)count};
        const AVInputFormat *format = ffmpeg.av_probe_input_format3(&data, 1, &score);
        *is_film = format && score > AVPROBE_SCORE_EXTENSION &&
                   !strstr(format->name, "_pipe") && strcmp(format->name, "ico") != 0 &&
                   strcmp(format->name, "fits") != 0;
    }
    return status;
}

mien_status mien_media_kind_of(const char *path, mien_media_kind *kind) {
    MIEN_NEED(path);
    MIEN_NEED(kind);
    uint8_t bytes[HEAD + AVPROBE_PADDING_SIZE] = {0};
    size_t count = 0;
    const char *format = NULL;
    bool is_film = false;
    mien_status status = mien_media_file_head(path, bytes, HEAD, &count);
    if (status != MIEN_OK) {
        return status;
    }
    if (mien_decoder_of(bytes, count, &format)) {
        *kind = MIEN_MEDIA_PICTURE;
        return MIEN_OK;
    }
    is_film = is_common_film(bytes, count);
    if (!is_film && count > 0) {
        status = ask_ffmpeg(bytes, count, &is_film);
    }
    if (status == MIEN_OK) {
        *kind = is_film ? MIEN_MEDIA_FILM : MIEN_MEDIA_UNKNOWN;
    }
    return status;
}
