/* SPDX-License-Identifier: MIT */
/* How networks that people share want to be fed, as the code of their authors does it.
 * Labels are of one vocabulary, in each network's own order. */
#include "mien/graphs.h"
#include "models/registry.h"

#define IMAGENET ""
#define HALVES "mean=0.5,0.5,0.5; deviation=0.5,0.5,0.5; "
#define SIGNED "scale=0.00784313725490196; mean=1,1,1; deviation=1,1,1; "
#define BYTES "scale=1; mean=0,0,0; deviation=1,1,1; "
#define UNIT "mean=0,0,0; deviation=1,1,1; "
#define LINEAR "fit=squash; resize=bilinear-torch"

#define BOX "crop=box; margin=1; shift-x=0; shift-y=0; antialias=false"
#define SQUARE(margin)                                                                 \
    "crop=square; margin=" margin "; shift-x=0; shift-y=0; antialias=false"
#define ALIGNED(template) "crop=aligned; template=" template "; antialias=false"

#define HSEMOTION "anger,contempt,disgust,fear,happiness,neutral,sadness,surprise"
#define AFFECTNET "neutral,happiness,sadness,surprise,fear,disgust,anger,contempt"
#define FERPLUS "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt"
#define FER2013 "anger,disgust,fear,happiness,sadness,surprise,neutral"

static const mien_import_like likes[] = {
    {"emotiefflib-b0", "EmotiEffLib enet_b0_8 (its ONNX engine): box squashed to 224",
        IMAGENET LINEAR, HSEMOTION, NULL, "Apache-2.0", BOX},
    {"emotiefflib-b2", "EmotiEffLib enet_b2_8: box squashed to 260", IMAGENET LINEAR,
        HSEMOTION, NULL, "Apache-2.0", BOX},
    {"emotiefflib-mtl",
        "EmotiEffLib enet_b0_8_va_mtl: eight emotions, then valence and arousal",
        IMAGENET LINEAR, HSEMOTION, "valence,arousal", "Apache-2.0", BOX},
    {"emotiefflib-mbf", "EmotiEffLib mbf_va_mtl: box squashed to 112", HALVES LINEAR,
        HSEMOTION, "valence,arousal", "Apache-2.0", BOX},
    {"ddamfn", "DDAMFN and DDAMFN++: aligned faces of 112 in AffectNet's order",
        IMAGENET LINEAR, AFFECTNET, NULL, "unknown", ALIGNED("ddamfn")},
    {"zoo-ferplus", "emotion-ferplus-8 of the ONNX zoo: 64 grey, bytes as they are",
        BYTES LINEAR, FERPLUS, NULL, "MIT", SQUARE("1")},
    {"emonet", "EmoNet: square boxes of 256, eight emotions (not for commercial use)",
        UNIT LINEAR, AFFECTNET, NULL, "CC BY-NC-ND 4.0", SQUARE("1.82")},
    {"opencv-fer", "Progressive Teacher of OpenCV's zoo: ArcFace's alignment to 112",
        HALVES LINEAR, "anger,disgust,fear,happiness,neutral,sadness,surprise", NULL,
        "Apache-2.0", ALIGNED("arcface")},
    {"mini-xception", "mini_XCEPTION of face_classification and fer: 64 grey",
        SIGNED "fit=squash; resize=bilinear", FER2013, NULL, "MIT", SQUARE("1.2")},
};
#define LIKES ((int)(sizeof likes / sizeof likes[0]))

int mien_import_likes(void) {
    return LIKES;
}

const mien_import_like *mien_import_like_at(int index) {
    return index >= 0 && index < LIKES ? &likes[index] : NULL;
}

mien_status mien_import_like_find(const char *name, const mien_import_like **like) {
    MIEN_NEED(name);
    MIEN_NEED(like);
    const mien_import_like *nearest = &likes[0];
    for (int i = 0; i < LIKES; i++) {
        if (strcmp(name, likes[i].name) == 0) {
            *like = &likes[i];
            return MIEN_OK;
        }
        if (mien_edit_distance(name, likes[i].name) <
            mien_edit_distance(name, nearest->name)) {
            nearest = &likes[i];
        }
    }
    return mien_fail(MIEN_ENOTFOUND, "no network is known as \"%s\"; the nearest is %s",
        name, nearest->name);
}
