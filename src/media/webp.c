/* SPDX-License-Identifier: MIT */
/* WebP: a still out of an animation, and lossy colours to RGB: their chroma lies
 * between the pixels and is interpolated, which swscale places half a pixel off (23
 * levels on a sharp edge; this way at most 2). */
#include "media/webp.h"

#include <string.h>

#define CHUNK_HEAD 8 /* four letters, then the length of what follows */
#define PART_HEAD 16 /* place, size, duration, flags */

static uint32_t little(const uint8_t *bytes, int n) {
    uint32_t value = 0;
    for (int i = n - 1; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void put_little(uint8_t *bytes, int n, uint32_t value) {
    for (int i = 0; i < n; i++, value >>= 8) {
        bytes[i] = (uint8_t)value;
    }
}

bool mien_webp_first_part(const uint8_t *bytes, size_t count, mien_webp_part *part) {
    for (size_t at = 12; count >= at + CHUNK_HEAD;) {
        const uint8_t *body = bytes + at + CHUNK_HEAD;
        size_t room = count - at - CHUNK_HEAD, length = little(bytes + at + 4, 4);
        if (length > room) {
            return false;
        }
        if (memcmp(bytes + at, "ANMF", 4) == 0 && length > PART_HEAD) {
            *part = (mien_webp_part){.chunks = body + PART_HEAD,
                .count = length - PART_HEAD,
                .x = 2 * (int64_t)little(body, 3),
                .y = 2 * (int64_t)little(body + 3, 3),
                .width = (int64_t)little(body + 6, 3) + 1,
                .height = (int64_t)little(body + 9, 3) + 1};
            return true;
        }
        at += CHUNK_HEAD + length + (length & 1);
    }
    return false;
}

void mien_webp_head(const mien_webp_part *part, uint8_t head[MIEN_WEBP_HEAD]) {
    enum { ALPHA = 0x10 };
    bool alpha = part->count >= 4 && memcmp(part->chunks, "ALPH", 4) == 0;
    memcpy(head, "RIFF    WEBPVP8X", 16);
    put_little(head + 4, 4, (uint32_t)(MIEN_WEBP_HEAD - CHUNK_HEAD + part->count));
    put_little(head + 16, 4, 10);
    put_little(head + 20, 4, alpha ? ALPHA : 0);
    put_little(head + 24, 3, (uint32_t)part->width - 1);
    put_little(head + 27, 3, (uint32_t)part->height - 1);
}

static uint8_t clip(int value) {
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Row y of a half-size plane at full size: weights 9 3 3 1 over the four nearest. */
static void upsample_row(
    const uint8_t *plane, int64_t stride, int width, int height, int y, uint8_t *out) {
    int half_w = (width + 1) / 2, half_h = (height + 1) / 2;
    int near = y / 2, far = y % 2 ? near + 1 : near - 1;
    far = far < 0 ? 0 : far >= half_h ? half_h - 1 : far;
    const uint8_t *a = plane + near * stride, *b = plane + far * stride;
    for (int x = 0; x < width; x++) {
        int i = x / 2, j = x % 2 ? i + 1 : i - 1;
        j = j < 0 ? 0 : j >= half_w ? half_w - 1 : j;
        out[x] = (uint8_t)((9 * a[i] + 3 * a[j] + 3 * b[i] + b[j] + 8) >> 4);
    }
}

void mien_webp_row_to_rgb(
    const AVFrame *frame, int y, uint8_t *chroma, int channels, uint8_t *out) {
    /* ITU-R BT.601, luma 16..235, chroma 16..240, in 1/65536 */
    enum {
        LUMA = 76309,
        RED_V = 104597,
        GREEN_U = 25675,
        GREEN_V = 53279,
        BLUE_U = 132201
    };
    int width = frame->width, height = frame->height;
    const uint8_t *luma = frame->data[0] + (int64_t)y * frame->linesize[0];
    uint8_t *us = chroma, *vs = chroma + width;
    upsample_row(frame->data[1], frame->linesize[1], width, height, y, us);
    upsample_row(frame->data[2], frame->linesize[2], width, height, y, vs);
    for (int x = 0; x < width; x++, out += channels) {
        int l = LUMA * (luma[x] - 16) + 32768, u = us[x] - 128, v = vs[x] - 128;
        out[0] = clip((l + RED_V * v) >> 16);
        out[1] = clip((l - GREEN_U * u - GREEN_V * v) >> 16);
        out[2] = clip((l + BLUE_U * u) >> 16);
        if (channels == 4) {
            out[3] = frame->data[3][(int64_t)y * frame->linesize[3] + x];
        }
    }
}
