/* SPDX-License-Identifier: MIT */
/* The style of every page. */
#ifndef MIEN_REPORT_STYLE_H
#define MIEN_REPORT_STYLE_H

/** Parts of one style sheet; NULL ends it. */
extern const char *const mien_style[];

#endif
