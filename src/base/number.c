/* SPDX-License-Identifier: MIT */
/* Numbers to text and back, whatever the process's locale is. */
#include "base/need.h"
#include "mien/base.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* glibc and musl give "C" without allocating; should it ever fail, the process's own
 * locale stays (uselocale(0) changes nothing). */
static locale_t enter_c(locale_t *c) {
    *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return uselocale(*c);
}

static void leave_c(locale_t c, locale_t before) {
    uselocale(before);
    if (c) {
        freelocale(c);
    }
}

static const char *skip_digits(const char *p, int *count) {
    while (*p >= '0' && *p <= '9') {
        p++;
        ++*count;
    }
    return p;
}

/* [+-] digits [. digits] [e [+-] digits], at least one digit before or after the point
 */
static bool is_decimal(const char *p) {
    int digits = 0, power = 0;
    p += *p == '+' || *p == '-';
    p = skip_digits(p, &digits);
    if (*p == '.') {
        p = skip_digits(p + 1, &digits);
    }
    if (digits == 0) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        p = skip_digits(p, &power);
        if (power == 0) {
            return false;
        }
    }
    return *p == '\0';
}

static bool parse_named(const char *text, double *value) {
    double sign = *text == '-' ? -1 : 1;
    text += *text == '+' || *text == '-';
    if (strcasecmp(text, "nan") == 0) {
        *value = (double)NAN;
        return true;
    }
    if (strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0) {
        *value = sign * (double)INFINITY;
        return true;
    }
    return false;
}

bool mien_parse_number(const char *text, double *value) {
    MIEN_NEED_OR(false, text, value);
    if (!is_decimal(text)) {
        return parse_named(text, value);
    }
    locale_t c, before = enter_c(&c);
    double parsed = strtod(text, NULL);
    leave_c(c, before);
    if (isinf(parsed)) {
        return false; /* 1e999 is no number that we can hold */
    }
    *value = parsed;
    return true;
}

bool mien_parse_int(const char *text, int64_t *value) {
    MIEN_NEED_OR(false, text, value);
    const char *p = text + (*text == '+' || *text == '-');
    int digits = 0;
    p = skip_digits(p, &digits);
    if (digits == 0 || *p) {
        return false;
    }
    errno = 0;
    long long parsed = strtoll(text, NULL, 10);
    if (errno == ERANGE) {
        return false;
    }
    *value = parsed;
    return true;
}

static char *format_special(double value, char buffer[32]) {
    return strcpy(buffer, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

/* A decimal of up to 15 digits survives the way through a normal double (6 through a
 * float), so
 * "%.15g", which drops zeros at the end, is the shortest wherever it reads back; below
 * that only subnormal numbers can be shorter. */
char *mien_format_double(double value, char buffer[32]) {
    MIEN_NEED_OR(NULL, buffer);
    if (!isfinite(value)) {
        return format_special(value, buffer);
    }
    locale_t c, before = enter_c(&c);
    int digits = value != 0 && fabs(value) < 0x1p-1022 ? 1 : 15;
    do {
        snprintf(buffer, 32, "%.*g", digits, value);
    } while (digits++ < 17 && strtod(buffer, NULL) != value);
    leave_c(c, before);
    return buffer;
}

char *mien_format_float(float value, char buffer[32]) {
    MIEN_NEED_OR(NULL, buffer);
    if (!isfinite(value)) {
        return format_special((double)value, buffer);
    }
    locale_t c, before = enter_c(&c);
    int digits = value != 0 && fabsf(value) < 0x1p-126F ? 1 : 6;
    do {
        snprintf(buffer, 32, "%.*g", digits, (double)value);
    } while (digits++ < 9 && strtof(buffer, NULL) != value);
    leave_c(c, before);
    return buffer;
}
