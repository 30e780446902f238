/* SPDX-License-Identifier: MIT */
/* Draws over a picture which parts count: cells that raise a value in one colour,
 * cells that lower it in the other, as strongly as they do. */
#include <math.h>

#include "cli/predict_output.h"

/* Where in the picture the network's view lies, in units of the picture's sides. */
typedef struct view {
    double x, y, width, height;
} view;

static view view_of(const mien_preprocess *p, double aspect) {
    double width = 1, height = 1; /* what the view takes of each side */
    double crop = (double)p->crop_width / (double)p->crop_height;
    if (p->fit == MIEN_FIT_SHORT) {
        double side = p->size; /* of the resized picture, the shorter one */
        width = p->crop_width / (aspect > 1 ? side * aspect : side);
        height = p->crop_height / (aspect > 1 ? side : side / aspect);
    } else if (p->fit == MIEN_FIT_PAD) {
        width = aspect > crop ? 1 : crop / aspect;
        height = aspect > crop ? aspect / crop : 1;
    }
    return (view){(1 - width) / 2, (1 - height) / 2, width, height};
}

static float largest(const float *where) {
    float most = 0;
    for (int k = 0; k < MIEN_WHERE * MIEN_WHERE; k++) {
        most = fmaxf(most, fabsf(where[k]));
    }
    return most;
}

void cli_draw_where(mien_string *html, const cli_track *track, const mien_model *model,
    const mien_target *target, int t) {
    enum { HEIGHT = 120 };
    const float *where = track->where + t * MIEN_WHERE * MIEN_WHERE;
    double width = HEIGHT * track->aspect;
    view v = view_of(mien_model_preprocess(model), track->aspect);
    float most = largest(where);
    mien_string_addf(html,
        "<svg class=\"where\" style=\"width:100%%;height:auto\" role=\"img\" "
        "width=\"%.0f\" height=\"%d\" viewBox=\"0 0 "
        "%.1f %d\"><title>What raises (orange) and lowers (blue) ",
        width, (int)HEIGHT, width, (int)HEIGHT);
    mien_html_escape(html, target->name);
    mien_string_addf(html,
        "; the strongest cell by %.2g</title><image width=\"%.1f\" "
        "height=\"%d\" href=\"",
        (double)most, width, (int)HEIGHT);
    mien_html_jpeg(html, track->thumbnails[0].jpeg, track->thumbnails[0].jpeg_bytes);
    mien_string_add(html, "\"/>");
    for (int k = 0; most > 0 && k < MIEN_WHERE * MIEN_WHERE; k++) {
        double x = v.x + v.width * (k % MIEN_WHERE) / MIEN_WHERE;
        double y = v.y + v.height * (k / MIEN_WHERE) / MIEN_WHERE;
        mien_string_addf(html,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
            "opacity=\"%.2f\"/>",
            x * width, y * HEIGHT, v.width * width / MIEN_WHERE,
            v.height * HEIGHT / MIEN_WHERE, where[k] > 0 ? "#e66100" : "#1a66ff",
            0.75 * (double)(fabsf(where[k]) / most));
    }
    mien_string_add(html, "</svg>");
}
