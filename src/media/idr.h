/* SPDX-License-Identifier: MIT */
/* Whether decoding can begin afresh at an H.264 packet. */
#ifndef MIEN_MEDIA_IDR_H
#define MIEN_MEDIA_IDR_H

#include "mien/base.h"

/** True if the first slice is of an IDR picture: nothing after it needs anything before
 * it. Other key packets (open groups, recovery points) do not promise that, and FFmpeg
 * gives their frames up when it is emptied soon after. `extra` is the stream's header:
 * it tells how the units are framed. */
bool mien_h264_is_idr(
    const uint8_t *extra, int64_t extra_count, const uint8_t *bytes, int64_t count);

#endif
