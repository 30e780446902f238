/* SPDX-License-Identifier: MIT */
/* BMP, and of GIF and WebP the first frame: FFmpeg's decoders take the whole file
 * as one packet, so no demuxer is needed. Sizes are read here, before FFmpeg is even
 * loaded.
 */
#include "media/decoder.h"

#include "media/frame.h"
#include "media/orientation.h"
#include "media/webp.h"

#include <errno.h>
#include <string.h>

static int64_t little(const uint8_t *bytes, int n) {
    int64_t value = 0;
    for (int i = n - 1; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static const char *sniff(const uint8_t *bytes, size_t count) {
    /* a BMP says the size of its second header: text that starts with BM does not */
    if (count >= 30 && memcmp(bytes, "BM", 2) == 0 && little(bytes + 14, 4) >= 12 &&
        little(bytes + 14, 4) <= 256) {
        return "bmp";
    }
    if (count >= 12 && memcmp(bytes, "RIFF", 4) == 0 &&
        memcmp(bytes + 8, "WEBP", 4) == 0) {
        return "webp";
    }
    if (count >= 6 &&
        (memcmp(bytes, "GIF87a", 6) == 0 || memcmp(bytes, "GIF89a", 6) == 0)) {
        return "gif";
    }
    return NULL;
}

static void size_of_bmp(const uint8_t *bytes, mien_picture *picture) {
    if (little(bytes + 14, 4) == 12) {
        picture->width = little(bytes + 18, 2);
        picture->height = little(bytes + 20, 2);
        return;
    }
    picture->width = (int32_t)little(bytes + 18, 4);
    int32_t height = (int32_t)little(bytes + 22, 4);
    picture->height = height < 0 ? -(int64_t)height : height; /* < 0: top row first */
}

/* Walks the RIFF chunks: the size stands in the first one, EXIF anywhere. */
static void size_of_webp(const uint8_t *bytes, size_t count, mien_picture *picture) {
    for (size_t at = 12; count - at > 8;) {
        const uint8_t *chunk = bytes + at, *body = chunk + 8;
        size_t room = count - at - 8, length = (size_t)little(chunk + 4, 4);
        if (memcmp(chunk, "VP8X", 4) == 0 && room >= 10) {
            picture->width = little(body + 4, 3) + 1;
            picture->height = little(body + 7, 3) + 1;
        } else if (memcmp(chunk, "VP8L", 4) == 0 && room >= 5 && !picture->width) {
            picture->width = (little(body + 1, 4) & 0x3FFF) + 1;
            picture->height = (little(body + 1, 4) >> 14 & 0x3FFF) + 1;
        } else if (memcmp(chunk, "VP8 ", 4) == 0 && room >= 10 && !picture->width) {
            picture->width = little(body + 6, 2) & 0x3FFF;
            picture->height = little(body + 8, 2) & 0x3FFF;
        } else if (memcmp(chunk, "EXIF", 4) == 0 && length <= room) {
            picture->orientation = mien_exif_orientation(body, length);
        }
        if (length + (length & 1) >= room) {
            return;
        }
        at += 8 + length + (length & 1);
    }
}

/* Steps over a chain of GIF sub-blocks; 0 if the bytes end before the chain does. */
static size_t after_blocks(const uint8_t *bytes, size_t count, size_t at) {
    while (at < count && bytes[at] != 0) {
        at += (size_t)bytes[at] + 1;
    }
    return at < count ? at + 1 : 0;
}

static size_t table_size(uint8_t flags) {
    return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Whether the first picture of a GIF is all there: FFmpeg would show what it has of it.
 */
static bool gif_is_whole(const uint8_t *bytes, size_t count) {
    size_t at = 13 + (count > 10 ? table_size(bytes[10]) : 0);
    while (at + 10 < count) {
        if (bytes[at] == 0x2C) {
            size_t data = at + 10 + table_size(bytes[at + 9]) + 1;
            return after_blocks(bytes, count, data) != 0;
        }
        at = bytes[at] == 0x21 ? after_blocks(bytes, count, at + 2) : 0;
        if (at == 0) {
            return false;
        }
    }
    return false;
}

/* Whether all rows of an uncompressed BMP are there: FFmpeg would read short ones
 * askew. */
static bool bmp_is_whole(
    const uint8_t *bytes, size_t count, const mien_picture *picture) {
    bool core = little(bytes + 14, 4) == 12;
    int64_t bits = little(bytes + (core ? 24 : 28), 2);
    int64_t compression = core || count < 34 ? 0 : little(bytes + 30, 4);
    if (compression == 1 || compression == 2) {
        return true; /* run lengths: the decoder counts them */
    }
    int64_t row = (picture->width * bits + 31) / 32 * 4;
    return little(bytes + 10, 4) + row * picture->height <= (int64_t)count;
}

static mien_status check_whole(
    const mien_picture_source *source, const mien_picture *picture) {
    if (strcmp(picture->format, "gif") == 0 &&
        !gif_is_whole(source->bytes, source->count)) {
        return mien_fail(MIEN_EFORMAT, "%s: GIF is cut short", source->name);
    }
    if (strcmp(picture->format, "bmp") == 0 &&
        !bmp_is_whole(source->bytes, source->count, picture)) {
        return mien_fail(MIEN_EFORMAT, "%s: BMP is cut short", source->name);
    }
    return MIEN_OK;
}

static mien_status read_size(const mien_picture_source *source, mien_picture *picture) {
    const uint8_t *bytes = source->bytes;
    size_t count = source->count;
    if (strcmp(picture->format, "bmp") == 0) {
        size_of_bmp(bytes, picture);
    } else if (strcmp(picture->format, "webp") == 0) {
        size_of_webp(bytes, count, picture);
    } else if (strcmp(picture->format, "gif") == 0 && count >= 10) {
        picture->width = little(bytes + 6, 2);
        picture->height = little(bytes + 8, 2);
    }
    return mien_picture_check_size(source, picture->width, picture->height);
}

static enum AVCodecID codec_of(const char *format) {
    switch (format[0]) {
    case 'b':
        return AV_CODEC_ID_BMP;
    case 'g':
        return AV_CODEC_ID_GIF;
    default:
        return AV_CODEC_ID_WEBP;
    }
}

/* Packs the bytes that FFmpeg decodes: the file, or the first picture of an animated
 * WebP as a file of its own, since FFmpeg passes over animations. FFmpeg wants zeros
 * after the bytes, so they are copied. part: where the picture goes. */
static mien_status pack(const mien_picture_source *source, const mien_picture *picture,
    mien_webp_part *part, AVPacket *packet) {
    *part = (mien_webp_part){
        .chunks = source->bytes, .count = source->count, .width = -1, .height = -1};
    bool still = strcmp(picture->format, "webp") == 0 &&
                 mien_webp_first_part(source->bytes, source->count, part);
    size_t head = still ? MIEN_WEBP_HEAD : 0, count = head + part->count;
    if (still && (part->width > picture->width - part->x ||
                     part->height > picture->height - part->y)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: the first picture of this WebP lies outside "
            "of it",
            source->name);
    }
    uint8_t *bytes = mien_alloc(count + AV_INPUT_BUFFER_PADDING_SIZE, 1);
    if (!bytes) {
        return mien_fail_in(MIEN_ENOMEM, "%s", source->name);
    }
    if (still) {
        mien_webp_head(part, bytes);
    }
    memcpy(bytes + head, part->chunks, part->count);
    packet->data = bytes;
    packet->size = (int)count;
    packet->flags = AV_PKT_FLAG_KEY;
    return MIEN_OK;
}

static mien_status decode(const mien_ffmpeg *ffmpeg, const mien_picture_source *source,
    const mien_picture *picture, mien_webp_part *part, AVFrame *frame) {
    AVCodecContext *codec = NULL;
    AVPacket *packet = ffmpeg->av_packet_alloc();
    const AVCodec *decoder = ffmpeg->avcodec_find_decoder(codec_of(picture->format));
    mien_status status = MIEN_OK;
    int error;
    if (!decoder) {
        status = mien_fail(MIEN_EUNSUPPORTED, "%s: this FFmpeg has no %s decoder",
            source->name, picture->format);
        goto done;
    }
    codec = ffmpeg->avcodec_alloc_context3(decoder);
    if (!codec || !packet) {
        status = mien_fail(MIEN_ENOMEM, "%s: out of memory", source->name);
        goto done;
    }
    status = pack(source, picture, part, packet);
    if (status != MIEN_OK) {
        goto done;
    }
    codec->max_pixels = source->options->pixels_max;
    codec->thread_count = 1;
    if ((error = ffmpeg->avcodec_open2(codec, decoder, NULL)) < 0 ||
        (error = ffmpeg->avcodec_send_packet(codec, packet)) < 0 ||
        (error = ffmpeg->avcodec_receive_frame(codec, frame)) < 0) {
        status = mien_ffmpeg_fail(ffmpeg,
            error == AVERROR_PATCHWELCOME ? MIEN_EUNSUPPORTED : MIEN_EFORMAT, error,
            source->name, picture->format);
    } else if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT)) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: %s is damaged", source->name, picture->format);
    }
done:
    ffmpeg->avcodec_free_context(&codec);
    if (packet) {
        mien_free(packet->data);
        packet->data = NULL;
        packet->size = 0;
        ffmpeg->av_packet_free(&packet);
    }
    return status;
}

/* The fourth byte of a plain (BI_RGB) BMP means nothing, whatever stands there. */
static bool has_idle_alpha(const mien_picture_source *source,
    const mien_picture *picture, const AVFrame *frame) {
    return strcmp(picture->format, "bmp") == 0 && frame->format == AV_PIX_FMT_BGRA &&
           source->count >= 34 && little(source->bytes + 30, 4) == 0;
}

/* Lays a smaller picture at its place on a canvas of the background's colour. */
static mien_status lay_on_canvas(const mien_picture_source *source,
    const mien_webp_part *part, mien_picture *picture) {
    int64_t width = picture->width, height = picture->height;
    mien_tensor *canvas = NULL;
    if (part->width < 0 || (part->width == width && part->height == height)) {
        return MIEN_OK;
    }
    mien_status status = mien_picture_pixels(source, width, height, &canvas);
    if (status != MIEN_OK) {
        return status;
    }
    uint8_t *out = canvas->data;
    const uint8_t *in = picture->pixels->data;
    for (int64_t i = 0; i < 3 * width * height; i++) {
        out[i] = source->options->background[i % 3];
    }
    for (int64_t y = 0; y < part->height; y++) {
        memcpy(out + 3 * ((part->y + y) * width + part->x), in + 3 * y * part->width,
            3 * (size_t)part->width);
    }
    mien_tensor_free(&picture->pixels);
    picture->pixels = canvas;
    return MIEN_OK;
}

static mien_status read_pixels(
    const mien_picture_source *source, mien_picture *picture) {
    mien_ffmpeg ffmpeg;
    mien_webp_part part = {0};
    mien_frame_converter converter = {0};
    mien_status status = mien_ffmpeg_load(&ffmpeg);
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", source->name);
    }
    AVFrame *frame = ffmpeg.av_frame_alloc();
    status = frame ? decode(&ffmpeg, source, picture, &part, frame)
                   : mien_fail(MIEN_ENOMEM, "%s: out of memory", source->name);
    if (status == MIEN_OK) {
        status = mien_picture_check_size(source, frame->width, frame->height);
    }
    if (status == MIEN_OK && part.width >= 0 &&
        (frame->width != part.width || frame->height != part.height)) {
        status = mien_fail(MIEN_EFORMAT, "%s: webp is damaged", source->name);
    }
    if (status == MIEN_OK) {
        status =
            mien_picture_pixels(source, frame->width, frame->height, &picture->pixels);
    }
    if (status == MIEN_OK && has_idle_alpha(source, picture, frame)) {
        frame->format = AV_PIX_FMT_BGR0;
    }
    if (status == MIEN_OK) {
        status = mien_frame_to_rgb(&ffmpeg, &converter, source->name, frame,
            MIEN_FRAME_EXACT, source->options->background, picture->pixels->data,
            3 * (int64_t)frame->width);
    }
    if (status == MIEN_OK) {
        status = lay_on_canvas(source, &part, picture);
    }
    mien_frame_converter_clear(&ffmpeg, &converter);
    ffmpeg.av_frame_free(&frame);
    if (status != MIEN_OK) {
        mien_tensor_free(&picture->pixels);
    }
    return status;
}

static mien_status read_odd(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    mien_status status = read_size(source, picture);
    if (status == MIEN_OK && source->count > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE) {
        status = mien_fail(MIEN_ELIMIT, "%s: over 2 GiB", source->name);
    }
    if (status == MIEN_OK && !header_only) {
        status = check_whole(source, picture);
    }
    return status != MIEN_OK || header_only ? status : read_pixels(source, picture);
}

const mien_decoder mien_decoder_ffmpeg = {"ffmpeg", sniff, read_odd};
