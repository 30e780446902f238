/* SPDX-License-Identifier: MIT */
/* `mien doctor RECORDING`. */
#ifndef MIEN_CLI_DOCTOR_RECORDING_H
#define MIEN_CLI_DOCTOR_RECORDING_H

#include "cli/recording_options.h"

/** Whether the path is a recording and no trial table (a plain .tsv). */
bool cli_is_recording(const mien_options *options, const char *path);
/** Findings of all recordings that the path stands for; mien_free(). Each finding's
 * trial is the track or channel, after the file's name where there are several files.
 */
mien_status cli_doctor_recording(const mien_options *options, const char *path,
    mien_finding **findings, int64_t *count);

#endif
