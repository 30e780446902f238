/* SPDX-License-Identifier: MIT */
/* The script of every page. */
#ifndef MIEN_REPORT_SCRIPT_H
#define MIEN_REPORT_SCRIPT_H

/** Text of the one script element; its hash stands in the page's policy. */
extern const char mien_script[];

#endif
