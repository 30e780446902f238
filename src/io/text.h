/* SPDX-License-Identifier: MIT */
/* UTF-8 and JSON text, as several readers and writers of this room need them. */
#ifndef MIEN_IO_TEXT_H
#define MIEN_IO_TEXT_H

#include "mien/io.h"

/** Index of the first byte that does not belong to well-formed UTF-8; count if all do.
 */
size_t mien_utf8_check(const char *text, size_t count);
/** MIEN_EFORMAT with name:line where the text holds a 0 byte or is not UTF-8. */
mien_status mien_text_check(const char *name, const char *text, size_t count);
/** Bytes of a UTF-8 byte order mark at the start: 3 or 0. */
size_t mien_bom_length(const char *text, size_t count);
/** 1-based line of a byte; LF, CRLF and CR each end one. */
int64_t mien_line_of(const char *text, size_t index);
/** Adds text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
 */
void mien_json_add_text(mien_string *out, const char *text);
/** Adds the shortest JSON number that reads back as the same double; keeps a ".0" so
 * that it reads back as a number and not as an integer; null if it is not finite. */
void mien_json_add_number(mien_string *out, double x);
/** Whether text is a number but for one comma where its point might be ("1,797"). */
bool mien_text_decimal_comma(const char *text);
/** Whether text is a number in JSON's grammar. */
bool mien_json_is_number(const char *text);

#endif
