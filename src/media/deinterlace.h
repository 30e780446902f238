/* SPDX-License-Identifier: MIT */
/* Frames of two fields, that is of two moments, to frames of one. */
#ifndef MIEN_MEDIA_DEINTERLACE_H
#define MIEN_MEDIA_DEINTERLACE_H

#include "media/ffmpeg.h"

/** Whether a frame says that its odd and even rows are of two moments. */
bool mien_frame_is_interlaced(const AVFrame *frame);
/** Keeps the field that is shown first; rows of the other become the mean of those
 * above and below them. What says that it is of one moment stays, and so do formats
 * whose samples are not whole bytes or native 16-bit words. A second call changes
 * nothing.
 *
 * @return MIEN_OK; MIEN_ENOMEM */
mien_status mien_frame_deinterlace(const mien_ffmpeg *ffmpeg, AVFrame *frame);

#endif
