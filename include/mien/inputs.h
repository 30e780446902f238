/* SPDX-License-Identifier: MIT */
/* Inputs of a trial: how a cell of a table, a file or a moment becomes a tensor and a
 * mask.
 *
 * What training and prediction must share about an item is here: where it is, how it is
 * read, what makes it the network's numbers, and when it counts as missing.
 *
 *     mien_input input;
 *     mien_preprocess p = mien_preprocess_imagenet();
 *     mien_reader *reader = NULL;
 *     mien_place place = mien_place_of("dog.jpg");
 *     void *kept = NULL;    // the form that caches hold
 *     float *values = NULL; // [3, 224, 224]
 *     float seen = 0;       // 1: it is there
 *     mien_status status = mien_input_picture("image", &p, &input);
 *     status = status ? status : mien_reader_open(&input, NULL, &reader);
 *     if (status == MIEN_OK) {
 *         kept = mien_alloc(mien_reader_bytes(reader), 1);
 *         values = mien_alloc((size_t)mien_item_values(&input.shape), sizeof *values);
 *         status = kept && values ? MIEN_OK : MIEN_ENOMEM;
 *     }
 *     status = status ? status : mien_reader_load(reader, &place, kept); // dear: once
 *     status = status ? status : mien_reader_make(reader, kept, NULL, values, &seen);
 *     mien_free(values);
 *     mien_free(kept);
 *     mien_reader_close(&reader);
 */
#ifndef MIEN_INPUTS_H
#define MIEN_INPUTS_H

#include "mien/faces.h"
#include "mien/gaze.h"
#include "mien/io.h"
#include "mien/media.h"
#include "mien/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Inputs that one model may have. */
#define MIEN_INPUTS_MAX 16

/* ---- items and places ----------------------------------------------------------- */

/** Shape of one item, without the batch: [3, H, W], [F], [C, T]. */
typedef struct mien_item_shape {
    int rank;
    int64_t size[MIEN_RANK_MAX];
    int64_t steps; /**< length of the item's own validity mask; 1: the item is there or
                      not */
} mien_item_shape;
/** Values of an item: the product of its sizes. */
MIEN_API int64_t mien_item_values(const mien_item_shape *shape);
MIEN_API bool mien_item_same_shape(const mien_item_shape *a, const mien_item_shape *b);

/** Where one item comes from: a cell of a trial table, an argument NAME=FILE, or a part
 * of a recording. Two trials with equal places have the same item, which is read once.
 */
typedef struct mien_place {
    const char
        *file;   /**< as the reader opens it, FILE or FILE#DATASET; NULL: missing */
    int64_t row; /**< of an array file, from 0; -1: all of it is one item's */
    double start_s, end_s; /**< part of a recording; NaN: not a part */
    double region[4];  /**< x, y, width, height in the file's own pixels; NaN: whole */
    double points[10]; /**< five points of a face in it, see mien_face; NaN: none */
} mien_place;
/** A whole file; NULL: a missing item. */
MIEN_API mien_place mien_place_of(const char *file);
/** Takes "PATH#ROW" or "PATH#DATASET:ROW" apart, in place: text loses its row.
 * MIEN_EFORMAT for a row that is no number from 0. The place lends text. */
MIEN_API mien_status mien_place_cut(char *text, mien_place *place);
/** Orders places by file, row, times, region and points, missing ones first: 0 for
 * equal ones. */
MIEN_API int mien_place_compare(const mien_place *a, const mien_place *b);
/** Numbers the different places from 0 in the order of their first appearance.
 *
 * @param item   [n] number of each place; -1: missing
 * @param first  [n] filled as far as count: where each number appears first
 */
MIEN_API mien_status mien_places_number(
    const mien_place *places, int64_t n, int64_t *item, int64_t *first, int64_t *count);

/* ---- inputs --------------------------------------------------------------------- */

/** One input of a model: what a study says of it, and what a contract stores of it. */
typedef struct mien_input {
    char name[64]; /**< names the branch, the mask, the golden vectors; letters, digits,
                      _, - */
    char kind[32]; /**< row of inputs.def */
    char column[80];    /**< of the trial table; usually the kind's ("image",
                           "features.NAME") */
    char settings[512]; /**< the kind's options, every key, in the order of its row */
    mien_item_shape shape; /**< fixed when the study is opened, checked ever after */
    char follows[64];      /**< input whose augmentation it shares; "": none */
    bool optional;         /**< rows and predictions may lack it: there is a mask */
    bool standardise;      /**< its network reads (x - mean) * scale */
} mien_input;

/** Flags: how training may treat a kind of input. */
enum {
    MIEN_INPUT_SMALL = 1,   /**< items fit into memory: read when the study is opened */
    MIEN_INPUT_ORDERED = 2, /**< has a place in time */
    MIEN_INPUT_DRAWS = 4,   /**< augmentation may draw it anew each epoch */
    MIEN_INPUT_ROWS = 8,    /**< a cell may name a row of its file: PATH#ROW */
    MIEN_INPUT_TIMED = 16,  /**< where the table has start_s and end_s, a cell is that
                               part of a  recording */
    MIEN_INPUT_PLAIN =
        32, /**< a cell is the value itself; the usual column is the input's name */
    MIEN_INPUT_REGIONS = 64 /**< columns x, y, w, h of a table say which part of the
                               picture it is, right_eye_x … left_mouth_y five points */
};

/** Parts that an item may have, and points that go with its picture. */
#define MIEN_INPUT_PARTS_MAX 8
#define MIEN_INPUT_POINTS_MAX 512

/** A part of an item that may be missing by itself: a sensor of a series. */
typedef struct mien_input_part {
    const char *name;
    uint32_t rows; /**< of the item's first dimension, a bit each; zeros where it is
                      missing */
} mien_input_part;

/** A row of inputs/inputs.def. `reader` is what open() made: one a thread. */
typedef struct mien_input_kind {
    const char *name, *summary;
    const char
        *column; /**< usual column; ending in "." it is followed by the input's name */
    const mien_option *options;
    unsigned traits;
    /** Options to shape, by looking at one place where they leave it open (a header, no
     * pixels). example NULL: MIEN_EINVAL if the options alone do not say it. */
    mien_status (*shape)(
        const mien_options *options, const mien_place *example, mien_item_shape *shape);
    mien_status (*open)(const mien_input *input, const mien_options *options,
        const mien_augment *augment, void **reader);
    /** Bytes of an item in the form that caches hold. */
    size_t (*bytes)(const void *reader);
    /** The dear half, once a place: reads and decodes. MIEN_END: all of it is missing,
     * which is no failure. Errors name the file. */
    mien_status (*load)(void *reader, const mien_place *place, void *kept);
    /** The same as load(), from a picture in memory; NULL: the kind reads no
     * pictures. */
    mien_status (*load_image)(void *reader, const mien_tensor *image, void *kept);
    /** load() and make() at once of `count` rows of place->file from place->row on, for
     * kinds with MIEN_INPUT_ROWS: values [count, item], seen [count]; NULL: the kind
     * has no such way. After a failure each row is asked for by itself, to find which
     * it was. */
    mien_status (*load_rows)(void *reader, const mien_place *place, int64_t count,
        float *values, float *seen);
    /** The same of a place's region and points; NULL: regions are not cut out. */
    mien_status (*load_region)(
        void *reader, const mien_tensor *image, const mien_place *place, void *kept);
    /** The cheap half, each time. draw NULL: nothing is changed. Allocates nothing. */
    mien_status (*make)(void *reader, const void *kept, const mien_augment_draw *draw,
        float *values, float *seen);
    void (*close)(void **reader);
    /** Parts of an item; returns how many. NULL: it is there or not as a whole. */
    int (*parts)(
        const mien_options *options, mien_input_part part[MIEN_INPUT_PARTS_MAX]);
    /** Points [n, 2] of an item, shares of a picture, that move with the picture it
     * follows: a draw that would carry one out is taken back as far
     * (mien_augment_draw_gaze()). NULL: none. */
    int64_t (*points)(
        void *reader, const void *kept, double points[2 * MIEN_INPUT_POINTS_MAX]);
    /** Makes up item `index` in the form that caches hold, for golden vectors: no
     * trial's data go into a model's file. NULL: rows of the table are taken. */
    void (*golden)(void *reader, int64_t index, void *kept);
} mien_input_kind;

MIEN_API int mien_input_kind_count(void);
MIEN_API const mien_input_kind *mien_input_kind_at(int index);
/** MIEN_ENOTFOUND names the nearest. */
MIEN_API mien_status mien_input_kind_find(
    const char *name, const mien_input_kind **kind);

/** MIEN_EINVAL for a name that is no name of letters, digits, _ and -, or is reserved.
 */
MIEN_API mien_status mien_input_check_name(const char *name);
/** The input of a kind with the kind's usual column and default settings. Its shape is
 * still open (rank 0). */
MIEN_API mien_status mien_input_init(
    mien_input *input, const char *kind, const char *name);
/** The settings as options of the kind's row; the caller frees. MIEN_EINVAL names the
 * key, MIEN_ENOTFOUND the nearest kind. */
MIEN_API mien_status mien_input_options(
    const mien_input *input, mien_options **options);
/** Writes parsed options of the kind's row (NULL: the defaults) as settings. */
MIEN_API mien_status mien_input_settings(mien_input *input, const mien_options *given);
/** Fixes the shape from settings and, where they leave it open, from one place. */
MIEN_API mien_status mien_input_measure(mien_input *input, const mien_place *example);
/** Name, kind, settings and shape can be. */
MIEN_API mien_status mien_input_check(const mien_input *input);

/** An input of kind picture with this preprocessing, and back. */
MIEN_API mien_status mien_input_picture(
    const char *name, const mien_preprocess *preprocess, mien_input *input);
/** Whether the kind reads pictures ("picture", "face"): mien_reader_load_image() works.
 */
MIEN_API bool mien_input_is_picture(const mien_input *input);
/** How an input of kind face cuts faces out. MIEN_EINVAL if it is of another kind. */
MIEN_API mien_status mien_input_face(const mien_input *input, mien_face_frame *frame);
/** The preprocessing of an input that reads pictures (of kind face: of whole
 * pictures, which are squashed to its size). MIEN_EINVAL if the input reads no
 * pictures. */
MIEN_API mien_status mien_input_preprocess(
    const mien_input *input, mien_preprocess *preprocess);
/** An input of kind features with rows of `width` values. */
MIEN_API mien_status mien_input_features(
    const char *name, int64_t width, mien_input *input);

/** Parts of the input's items, as its settings say; 0: it has none. */
MIEN_API mien_status mien_input_parts(
    const mien_input *input, mien_input_part part[MIEN_INPUT_PARTS_MAX], int *count);

/** Reads an epoch's file: the columns of EmoEye's (FPOGX, FPOGY, FPOGID, FPOGV, LPMM,
 * LPMMV, RPMM, RPMMV, GSR, GSRV, HR, HRV, TIME…) and MIEN_EPOCH_ROWS rows; MIEN_EFORMAT
 * names the file where there are others. Empty and n/a cells are missing (NaN, flag 0).
 */
MIEN_API mien_status mien_epoch_read(const char *path, mien_epoch *epoch);

/* ---- settings ------------------------------------------------------------------- */

/** Writes options of a table as "key=value; key=value", every key in the table's order,
 * so that equal options have equal text. MIEN_ELIMIT beyond size. `of` starts messages.
 */
MIEN_API mien_status mien_settings_write(const char *of, const mien_option *table,
    const mien_options *given, char *text, size_t size);
/** Reads such a text (any of the keys, in any order) into options; the caller frees
 * them. */
MIEN_API mien_status mien_settings_read(
    const char *of, const mien_option *table, const char *text, mien_options **options);

/* ---- reading -------------------------------------------------------------------- */

/** Reads items of one input; one thread at a time. */
typedef struct mien_reader mien_reader;
/** augment: what training changes of it, lent; NULL: nothing. */
MIEN_API mien_status mien_reader_open(
    const mien_input *input, const mien_augment *augment, mien_reader **reader);
MIEN_API void mien_reader_close(mien_reader **reader);
/** Bytes of an item in the form that caches hold. */
MIEN_API size_t mien_reader_bytes(const mien_reader *reader);
/** Reads an item into kept [bytes]. MIEN_END: it is missing. MIEN_ESHAPE for one of
 * another shape than the input's; every error names the file. */
MIEN_API mien_status mien_reader_load(
    mien_reader *reader, const mien_place *place, void *kept);
/** The same of a picture in memory, [H, W, 3] u8. MIEN_EINVAL where the kind reads
 * none. */
MIEN_API mien_status mien_reader_load_image(
    mien_reader *reader, const mien_tensor *image, void *kept);
/** Loads and makes `count` successive rows of one file at once, from place on: values
 * [count, item], seen [count] (0: missing). MIEN_EUNSUPPORTED where the kind has no
 * such way. */
MIEN_API mien_status mien_reader_load_rows(mien_reader *reader, const mien_place *place,
    int64_t count, float *values, float *seen);
/** The same of a part of it: region and points of the place, whose file may be NULL. */
MIEN_API mien_status mien_reader_load_region(
    mien_reader *reader, const mien_tensor *image, const mien_place *place, void *kept);
/** kept to values [shape] and seen [steps] (1 there, 0 missing; NULL: not wanted).
 * Values that are missing are NaN where the input is to be standardised, else 0.
 * Allocates nothing. */
MIEN_API mien_status mien_reader_make(mien_reader *reader, const void *kept,
    const mien_augment_draw *draw, float *values, float *seen);
/** Points of an item that move with the picture it follows [n, 2]; returns n, 0 for
 * kinds without. */
MIEN_API int64_t mien_reader_points(
    mien_reader *reader, const void *kept, double points[2 * MIEN_INPUT_POINTS_MAX]);
/** An item that is made up, for golden vectors. Returns false for kinds that make none.
 */
MIEN_API bool mien_reader_golden(mien_reader *reader, int64_t index, void *kept);

/* ---- rows with the same inputs ----------------------------------------------------
 */

/** Tells rows that have the same inputs by what their files hold, not by names. One
 * thread at a time; files are remembered as they were first seen. */
typedef struct mien_fingerprints mien_fingerprints;
MIEN_API mien_status mien_fingerprints_new(
    const mien_input *inputs, int count, mien_fingerprints **fingerprints);
MIEN_API void mien_fingerprints_free(mien_fingerprints **fingerprints);
/**
 * The first 48 bits of a SHA-256 over a row's inputs: of small ones (features, numbers)
 * the values as they are read, of all others the bytes of the file, and the part,
 * region and points of it.
 *
 * @param places       [count] of the inputs; missing ones count, too
 * @param fingerprint  0: not told, since an input is a film or none is there
 * @return MIEN_OK; as the readers of the files
 */
MIEN_API mien_status mien_fingerprints_take(
    mien_fingerprints *fingerprints, const mien_place *places, uint64_t *fingerprint);

/* ---- standardising --------------------------------------------------------------- */

/** Mean and 1 / SD of each value of an item over the last dimension, measured on
 * training items. A value that does not vary has scale 0: what it is at prediction has
 * no say. */
typedef struct mien_standard {
    int64_t width;
    float *mean, *scale; /**< [width] */
    float *fill; /**< [width] median, in place of single values that are missing; NULL:
                    none was missing in training, and one that is missing later is an
                    error */
} mien_standard;
/** Values of `count` items [width], items[i] their numbers in `values`; NaN counts as
 * missing. MIEN_EFORMAT if a value is missing in all of them. Clear also after a
 * failure. */
MIEN_API mien_status mien_standard_measure(mien_standard *standard, int64_t width,
    const float *values, const int64_t *items, int64_t count);
MIEN_API void mien_standard_clear(mien_standard *standard);
/** x [n, width] to y = (x - mean) * scale; a NaN becomes that of its fill, or stays. y
 * may be x. */
MIEN_API void mien_standard_apply(
    const mien_standard *standard, int64_t n, const float *x, float *y);

#ifdef __cplusplus
}
#endif

#endif
