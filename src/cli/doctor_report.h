/* SPDX-License-Identifier: MIT */
/* The page of `mien doctor --report`. */
#ifndef MIEN_CLI_DOCTOR_REPORT_H
#define MIEN_CLI_DOCTOR_REPORT_H

#include "mien/data.h"

/** "note", "warning" or "error". */
const char *cli_severity_name(mien_severity severity);
/** Writes what is in a trial table, and what was found in it, as a page. */
mien_status cli_doctor_report(
    const char *table, const mien_finding *findings, int64_t count, const char *path);

#endif
