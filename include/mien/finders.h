/* SPDX-License-Identifier: MIT */
/* Finds faces in pictures. Of room predict.
 *
 *     mien_tensor *image = NULL; // [H, W, 3] u8, as mien_image_read() gives it
 *     mien_finder *finder = NULL;
 *     const mien_face *faces = NULL;
 *     int64_t count = 0, shape[] = {240, 320, 3};
 *     mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &image);
 *     if (status == MIEN_OK) {
 *         status = mien_finder_open(NULL, &finder); // YuNet with its usual settings
 *     }
 *     if (status == MIEN_OK) {
 *         status = mien_finder_find(finder, image, &faces, &count);
 *     }
 *     for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
 *         printf("%.0f x %.0f\n", faces[i].box[2], faces[i].box[3]);
 *     }
 *     mien_finder_close(&finder);
 *     mien_tensor_free(&image);
 */
#ifndef MIEN_FINDERS_H
#define MIEN_FINDERS_H

#include "mien/faces.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mien_finder_options {
    const char *name; /**< row of predict/finders.def; default "yunet" */
    int size;    /**< long side to which a picture is scaled down, never up: 32 to 4096,
                    default    640 (faces of 12 to 350 pixels there are found); 0: not at
                    all
                  */
    bool second; /**< once more at 1600 where the picture is larger; default true */
    bool
        tiles; /**< and in tiles of 640 x 640 at full size, for crowds; default false */
    double
        score; /**< lowest that is a face; default 0.7. Animals and statues reach 0.9 */
    double
        overlap; /**< of two boxes that overlap more, the better stays; default 0.3 */
    double minimum; /**< least shorter side of a box, in the picture's pixels; default
                       24 */
    int threads;    /**< default mien_cpu_count(); results have the same bits */
} mien_finder_options;
MIEN_API mien_finder_options mien_finder_options_default(void);

/** One thread at a time. */
typedef struct mien_finder mien_finder;
/** options NULL: the defaults. MIEN_EINVAL for settings out of range, MIEN_ENOTFOUND
 * for a row or weights that are not there. */
MIEN_API mien_status mien_finder_open(
    const mien_finder_options *options, mien_finder **finder);
MIEN_API void mien_finder_close(mien_finder **finder);
/**
 * Finds all faces of one picture.
 *
 * @param image  [H, W, 3] u8, upright
 * @param faces  [count] by falling score, in the picture's pixels; lent until the next
 * call
 * @return MIEN_ESHAPE; MIEN_ELIMIT for more than 16 million pixels at once (size 0);
 * MIEN_ENOMEM
 */
MIEN_API mien_status mien_finder_find(mien_finder *finder, const mien_tensor *image,
    const mien_face **faces, int64_t *count);
/** Plans held at the moment: one a size of canvas, 8 at most, the least used is
 * dropped. */
MIEN_API int mien_finder_plans(const mien_finder *finder);
/** SHA-256 of the network's weights. */
MIEN_API const char *mien_finder_hash(const mien_finder *finder);

/** A row of predict/finders.def. */
typedef struct mien_finder_kind mien_finder_kind;
MIEN_API int mien_finder_kind_count(void);
MIEN_API const char *mien_finder_kind_name(int index);
MIEN_API const char *mien_finder_kind_summary(int index);

#ifdef __cplusplus
}
#endif

#endif
