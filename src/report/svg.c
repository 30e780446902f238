/* SPDX-License-Identifier: MIT */
/* Shared by the figures. Colours and fonts come from the page's style by class; the
 * attributes here are the looks of a figure alone. */
#include "report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

char *mien_fixed(double value, int decimals, char text[MIEN_NUMBER_MAX]) {
    static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
    if (!isfinite(value) || fabs(value) > 1e12) {
        strcpy(text, isfinite(value) ? (value < 0 ? "< −10¹²" : "> 10¹²") : "n/a");
        return text;
    }
    int64_t scaled = llround(fabs(value) * powers[decimals]);
    int64_t unit = (int64_t)powers[decimals];
    const char *sign = value < 0 && scaled != 0 ? "−" : "";
    if (decimals == 0) {
        snprintf(text, MIEN_NUMBER_MAX, "%s%lld", sign, (long long)scaled);
    } else {
        snprintf(text, MIEN_NUMBER_MAX, "%s%lld.%0*lld", sign,
            (long long)(scaled / unit), decimals, (long long)(scaled % unit));
    }
    return text;
}

static void length(mien_string *out, double value) {
    int64_t tenths = isfinite(value) && fabs(value) < 1e7 ? llround(value * 10) : 0;
    const char *sign = tenths < 0 ? "-" : "";
    tenths = tenths < 0 ? -tenths : tenths;
    if (tenths % 10 == 0) {
        mien_string_addf(out, "%s%lld", sign, (long long)(tenths / 10));
    } else {
        mien_string_addf(out, "%s%lld.%lld", sign, (long long)(tenths / 10),
            (long long)(tenths % 10));
    }
}

void mien_svg(mien_string *out, const char *form, ...) {
    va_list arguments;
    va_start(arguments, form);
    while (*form) {
        size_t plain = strcspn(form, "#$'");
        mien_string_add_n(out, form, plain);
        form += plain;
        if (*form == '#') {
            length(out, va_arg(arguments, double));
        } else if (*form == '$') {
            mien_html_escape(out, va_arg(arguments, const char *));
        } else if (*form == '\'') {
            mien_string_add(out, "\"");
        }
        form += *form != 0;
    }
    va_end(arguments);
}

void mien_svg_begin(mien_string *out, double width, double height, const char *title,
    const char *description) {
    const char *shape =
        width > 600 ? "wide" : "square"; /* wide ones scroll if they must */
    mien_svg(out,
        "<svg class='$' xmlns='http://www.w3.org/2000/svg' role='img' viewBox='0 0 # "
        "#' "
        "width='#' height='#' font-size='13' fill='currentColor'>\n"
        "<title>$</title>\n<desc>$</desc>\n",
        shape, width, height, width, height, title, description);
}

void mien_svg_end(mien_string *out) {
    mien_string_add(out, "</svg>\n");
}

/* ---- scales ------------------------------------------------------------------- */

mien_ticks mien_ticks_of(double low, double high, int most) {
    mien_ticks t = {.first = low, .step = 1, .count = 1};
    if (!isfinite(low) || !isfinite(high) || !(high > low) || most < 2) {
        return t;
    }
    double raw = (high - low) / most, power = pow(10, floor(log10(raw)));
    const double factors[] = {1, 2, 5, 10, 20};
    for (int i = 0; i < 5; i++) {
        t.step = factors[i] * power;
        t.first = ceil(low / t.step - 1e-9) * t.step;
        t.count = (int)floor((high - t.first) / t.step + 1e-9) + 1;
        if (t.count <= most) {
            break;
        }
    }
    /* a rating scale of 1 to 7 is 1, 3, 5, 7 rather than 2, 4, 6 */
    double steps = (high - low) / t.step;
    if (t.first > low + 1e-9 * t.step && fabs(steps - round(steps)) < 1e-9 &&
        low == floor(low) && steps < most) {
        t.first = low;
        t.count = (int)round(steps) + 1;
    }
    t.decimals = t.step >= 1 ? 0 : (int)ceil(-log10(t.step) - 1e-9);
    return t;
}

double mien_tick_at(const mien_ticks *ticks, int index) {
    return ticks->first + index * ticks->step;
}

double mien_plot_x(const mien_plot *p, double x) {
    return p->left + (x - p->x_low) / (p->x_high - p->x_low) * p->width;
}

double mien_plot_y(const mien_plot *p, double y) {
    return p->top + p->height - (y - p->y_low) / (p->y_high - p->y_low) * p->height;
}

double mien_plot_y_inside(const mien_plot *p, double y) {
    return mien_plot_y(p, fmin(fmax(y, p->y_low), p->y_high));
}

void mien_axis_range(double minimum, double maximum, const double *value, int64_t count,
    double range[2]) {
    if (!(isfinite(minimum) && isfinite(maximum) && maximum > minimum)) {
        minimum = INFINITY;
        maximum = -INFINITY;
        for (int64_t i = 0; i < count; i++) {
            minimum = isfinite(value[i]) ? fmin(minimum, value[i]) : minimum;
            maximum = isfinite(value[i]) ? fmax(maximum, value[i]) : maximum;
        }
    }
    if (!(minimum <= maximum)) {
        minimum = 0;
        maximum = 1;
    } else if (!(maximum - minimum > 1e-9 * fmax(fabs(minimum), fabs(maximum)))) {
        double half = fmax(0.5, fabs(minimum) * 1e-3);
        minimum -= half;
        maximum += half;
    }
    range[0] = minimum;
    range[1] = maximum;
}

void mien_axis_x(mien_string *out, const mien_plot *p, const char *name) {
    mien_ticks ticks = mien_ticks_of(p->x_low, p->x_high, 8);
    double bottom = p->top + p->height;
    char text[MIEN_NUMBER_MAX];
    for (int i = 0; i < ticks.count; i++) {
        double x = mien_plot_x(p, mien_tick_at(&ticks, i));
        mien_svg(out,
            "<line class='grid' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
            "stroke-opacity='0.12'/>",
            x, p->top, x, bottom);
        mien_svg(out, "<text class='tick' x='#' y='#' text-anchor='middle'>$</text>\n",
            x, bottom + 18, mien_fixed(mien_tick_at(&ticks, i), ticks.decimals, text));
    }
    mien_svg(out, "<text class='axis' x='#' y='#' text-anchor='middle'>$</text>\n",
        p->left + p->width / 2, bottom + 40, name);
}

void mien_axis_y(mien_string *out, const mien_plot *p, int most, const char *name) {
    mien_ticks ticks = mien_ticks_of(p->y_low, p->y_high, most);
    char text[MIEN_NUMBER_MAX];
    for (int i = 0; i < ticks.count; i++) {
        double y = mien_plot_y(p, mien_tick_at(&ticks, i));
        mien_svg(out,
            "<line class='grid' x1='#' y1='#' x2='#' y2='#' stroke='currentColor' "
            "stroke-opacity='0.12'/>",
            p->left, y, p->left + p->width, y);
        mien_svg(out, "<text class='tick' x='#' y='#' text-anchor='end'>$</text>\n",
            p->left - 8, y + 4.5,
            mien_fixed(mien_tick_at(&ticks, i), ticks.decimals, text));
    }
    if (name) {
        double x = p->left - 44, y = p->top + p->height / 2;
        mien_svg(out,
            "<text class='axis' x='#' y='#' text-anchor='middle' "
            "transform='rotate(-90 # #)'>$</text>\n",
            x, y, x, y, name);
    }
}
