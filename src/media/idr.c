/* SPDX-License-Identifier: MIT */
/* Whether decoding can begin afresh at an H.264 packet. */
#include "media/idr.h"

#define NAL_TYPE 31
#define SLICE_FIRST 1
#define SLICE_IDR 5

static bool is_slice(int type) {
    return type >= SLICE_FIRST && type <= SLICE_IDR;
}

/* Units that each follow their length, as in MP4. */
static bool starts_with_length(const uint8_t *bytes, int64_t count, int length_bytes) {
    for (int64_t at = 0; at + length_bytes < count;) {
        int64_t length = 0;
        for (int i = 0; i < length_bytes; i++) {
            length = length << 8 | bytes[at + i];
        }
        int type = bytes[at + length_bytes] & NAL_TYPE;
        if (is_slice(type)) {
            return type == SLICE_IDR;
        }
        at += length_bytes + length;
    }
    return false;
}

/* Units that each follow the mark 0 0 1, as in broadcasts. */
static bool starts_with_mark(const uint8_t *bytes, int64_t count) {
    for (int64_t at = 0; at + 3 < count; at++) {
        if (bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1 &&
            is_slice(bytes[at + 3] & NAL_TYPE)) {
            return (bytes[at + 3] & NAL_TYPE) == SLICE_IDR;
        }
    }
    return false;
}

bool mien_h264_is_idr(
    const uint8_t *extra, int64_t extra_count, const uint8_t *bytes, int64_t count) {
    if (extra_count >= 5 && extra[0] == 1) {
        return starts_with_length(bytes, count, (extra[4] & 3) + 1);
    }
    return starts_with_mark(bytes, count);
}
