/* SPDX-License-Identifier: MIT */
/* Options about faces to what the library takes. */
#include "cli/faces_options.h"

#include <string.h>

const char *const cli_faces_rules[] = {
    [MIEN_FACES_EACH] = "each",
    [MIEN_FACES_LARGEST] = "largest",
    [MIEN_FACES_POOL] = "pool",
    [MIEN_FACES_WHOLE] = "whole",
    NULL,
};

const char *const cli_face_points[10] = {"right_eye_x", "right_eye_y", "left_eye_x",
    "left_eye_y", "nose_x", "nose_y", "right_mouth_x", "right_mouth_y", "left_mouth_x",
    "left_mouth_y"};

mien_finder_options cli_finder_options(const cli *c, const mien_options *o) {
    mien_finder_options f = mien_finder_options_default();
    f.size = (int)mien_options_int(o, "faces.size");
    f.score = mien_options_number(o, "faces.score");
    f.minimum = mien_options_number(o, "faces.min");
    f.tiles = mien_options_flag(o, "faces.tiles");
    f.threads = c->threads;
    return f;
}

mien_faces_rule cli_faces_rule(const mien_options *o) {
    const char *rule = mien_options_text(o, "faces");
    int at = MIEN_FACES_EACH;
    while (cli_faces_rules[at] && rule && strcmp(cli_faces_rules[at], rule) != 0) {
        at++;
    }
    return cli_faces_rules[at] ? (mien_faces_rule)at : MIEN_FACES_EACH;
}

void cli_faces_notice(cli *c) {
    cli_say(c,
        "Faces: this tells what a face shows, not what a person feels; animals and "
        "statues count as faces.");
    cli_say(c,
        "Not for hiring, teaching, policing, borders, medicine or lie detection; "
        "see docs/faces.md for the law.");
}
