/* SPDX-License-Identifier: MIT */
/* Transforms of pictures: resizes, the one preprocessing that training and prediction
 * share, and what training alone does to its pictures. Smoothing of series. Features of
 * sound: emobase2010, log-mel spectrograms.
 *
 *     mien_preprocess p = mien_preprocess_imagenet(); // resized, cropped, normalised
 *     mien_tensor *picture = NULL;                    // [H, W, 3] u8
 *     float *input = mien_alloc(3 * 224 * 224, sizeof *input);
 *     int64_t shape[] = {300, 400, 3};
 *     mien_status status = mien_tensor_new(MIEN_U8, 3, shape, &picture);
 *     if (status == MIEN_OK) {
 *         status = mien_preprocess_run(&p, picture, false, input); // [3, 224, 224]
 *     }
 *     double x[5] = {1, 2, 6, 2, 1}, smooth[5];
 *     if (status == MIEN_OK) {
 *         status = mien_smooth_mean(x, 5, 3, smooth); // a centred mean of three
 *     }
 *     mien_tensor_free(&picture);
 *     mien_free(input);
 */
#ifndef MIEN_SIGNAL_H
#define MIEN_SIGNAL_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Resize kernels, named by whose results they equal (tolerances: docs/numerics.md). */
typedef enum mien_resize {
    MIEN_RESIZE_NEAREST,        /**< Keras' loader / Pillow NEAREST: pixel centres */
    MIEN_RESIZE_NEAREST_TORCH,  /**< torchvision "nearest": floor(i × scale) */
    MIEN_RESIZE_BILINEAR,       /**< Pillow BILINEAR = torchvision antialias=True on PIL
                                     pictures; 8-bit fixed point, exact */
    MIEN_RESIZE_BICUBIC,        /**< Pillow BICUBIC (a = −0.5), exact */
    MIEN_RESIZE_BILINEAR_TORCH, /**< torchvision tensors, antialias=False, float */
    MIEN_RESIZE_BILINEAR_AA_TORCH, /**< torchvision tensors, antialias=True, float */
    MIEN_RESIZE_BICUBIC_TORCH, /**< torchvision tensors, antialias=False, a = −0.75 */
    MIEN_RESIZE_BICUBIC_AA_TORCH /**< torchvision tensors, antialias=True, a = −0.5 */
} mien_resize;

MIEN_API const char *mien_resize_name(mien_resize resize);
MIEN_API mien_status mien_resize_parse(const char *name, mien_resize *resize);

/** [H, W, C] u8 → [height, width, C] u8 (Pillow kernels, NEAREST, NEAREST_TORCH) or f32
 * in [0, 255] (the other torch kernels on u8 divided later by the caller). C 1 to 4.
 * pool may be NULL. */
MIEN_API mien_status mien_image_resize(const mien_tensor *image, int height, int width,
    mien_resize resize, mien_thread_pool *pool, mien_tensor **resized);

typedef enum mien_picture_fit {
    MIEN_FIT_NONE,   /**< the picture must have the right size already */
    MIEN_FIT_SHORT,  /**< short side to `size`, aspect kept, then centre crop */
    MIEN_FIT_SQUASH, /**< to crop_height × crop_width, aspect ignored */
    MIEN_FIT_PAD     /**< long side fits, the rest filled with the mean */
} mien_picture_fit;

/** From an 8-bit picture to a network's input; stands in every model's contract. */
typedef struct mien_preprocess {
    mien_picture_fit fit;
    int size;                    /**< short side before the crop (FIT_SHORT) */
    int crop_height, crop_width; /**< of the network's input; FIT_NONE: 0 = any */
    mien_resize resize;
    bool bgr;     /**< channel order handed to the network */
    bool grey;    /**< three equal channels of luma instead, (19595 R + 38470 G +
                       7471 B) / 65536, rounded: Pillow's "L" */
    double scale; /**< pixel value 0–255 is multiplied by this first … */
    double mean[3],
        deviation[3]; /**< … then (x − mean) / deviation, in that channel order */
} mien_preprocess;

/** torchvision IMAGENET1K_V1: short side 256, Pillow bilinear, crop 224, 1/255,
 * ImageNet mean and SD. */
MIEN_API mien_preprocess mien_preprocess_imagenet(void);
/** "rgb", "bgr" or "grey". */
MIEN_API const char *mien_preprocess_order(const mien_preprocess *preprocess);
/** Checks ranges (sizes 1–4096, deviations > 0 …). */
MIEN_API mien_status mien_preprocess_check(const mien_preprocess *preprocess);
/** Short side a decoder must keep so that scaled decoding is harmless: twice what the
 * resize needs, where it averages (a JPEG decoded at one half then differs by 0.03 of
 * [0, 1] at most, 0.003 rms, measured); 0: full size, for kernels that pick single
 * pixels. */
MIEN_API int mien_preprocess_short_side(const mien_preprocess *preprocess);
/**
 * One picture into one row of a batch.
 * @param image [H, W, 3] u8 RGB
 * @param mirror flips left and right after the crop
 * @param out [3, crop_height, crop_width] f32, the caller's memory (FIT_NONE with crop
 * 0: the picture's own size)
 */
MIEN_API mien_status mien_preprocess_run(const mien_preprocess *preprocess,
    const mien_tensor *image, bool mirror, float *out);

/** The same with its tables and scratch kept from picture to picture: allocates only
 * when the size of the picture changes. One thread at a time. */
typedef struct mien_preprocessor mien_preprocessor;
MIEN_API mien_status mien_preprocessor_new(
    const mien_preprocess *preprocess, mien_preprocessor **preprocessor);
MIEN_API void mien_preprocessor_free(mien_preprocessor **preprocessor);
MIEN_API mien_status mien_preprocessor_run(
    mien_preprocessor *preprocessor, const mien_tensor *image, bool mirror, float *out);

/* Between picture and input the resized, cropped picture can be kept as bytes: what is
 * kept and spread has the same bits as mien_preprocessor_run() gives. */

/** Whether it can: the kernel gives bytes, the size is fixed, and there are no bars of
 * the mean around it (MIEN_FIT_PAD). */
MIEN_API bool mien_preprocess_keeps(const mien_preprocess *preprocess);
/** The first half: kept [crop_height, crop_width, 3] u8 RGB, the caller's memory.
 * MIEN_EINVAL where mien_preprocess_keeps() says no; else as mien_preprocessor_run().
 */
MIEN_API mien_status mien_preprocessor_keep(
    mien_preprocessor *preprocessor, const mien_tensor *image, uint8_t *kept);
/** The second half: out [3, crop_height, crop_width]. */
MIEN_API void mien_preprocessor_spread(const mien_preprocessor *preprocessor,
    const uint8_t *kept, bool mirror, float *out);

/* ---- augmentation: the same picture, seen a little otherwise -------------------- */

/** Where a point of the picture goes: x' = xx x + xy y + x0, y' = yx x + yy y + y0, in
 * pixels from the left upper edge of the picture (the first pixel's centre is 0.5). */
typedef struct mien_affine {
    double xx, xy, x0;
    double yx, yy, y0;
} mien_affine;
MIEN_API mien_affine mien_affine_identity(void);
/** First `first`, then `then`. */
MIEN_API mien_affine mien_affine_then(
    const mien_affine *first, const mien_affine *then);
/** MIEN_EINVAL if it flattens the picture. */
MIEN_API mien_status mien_affine_inverse(const mien_affine *map, mien_affine *inverse);

typedef enum mien_fill {
    MIEN_FILL_CONSTANT, /**< a colour (scipy's grid-constant) */
    MIEN_FILL_NEAREST,  /**< the border's pixels: a a | a b c | c c */
    MIEN_FILL_REFLECT,  /**< b a | a b c | c b: Keras' and scipy's "reflect" */
    MIEN_FILL_MIRROR /**< c b | a b c | b a: OpenCV's "reflect 101", scipy's "mirror" */
} mien_fill;

/** A row of signal/augments.def. */
typedef struct mien_augment_kind {
    const char *name;    /**< "rotate" */
    const char *summary; /**< what it does, and whose it equals */
    const char *main;    /**< the option a bare value stands for; NULL: none */
    const mien_option *options;
    const struct mien_augment_work *work; /**< inside */
} mien_augment_kind;
MIEN_API int mien_augment_kind_count(void);
MIEN_API const mien_augment_kind *mien_augment_kind_at(int index);
/** MIEN_EINVAL names the nearest. */
MIEN_API mien_status mien_augment_kind_find(
    const char *name, const mien_augment_kind **kind);

#define MIEN_AUGMENT_STEPS_MAX 16

/** Steps with their options. What moves pixels is composed, in order, into one map and
 * resampled once; what changes colours follows, in order, in one pass; mixing of
 * pictures comes last. Read by any number of threads once it is made. */
typedef struct mien_augment mien_augment;
MIEN_API mien_status mien_augment_new(mien_augment **augment);
MIEN_API void mien_augment_free(mien_augment **augment);
/** Appends a step. keys[i] NULL stands for the kind's main option; a range is one
 * number, around what changes nothing and cut to what is allowed ("15"; of brightness
 * "0.2" is 0.8 to 1.2), or two ("0.8, 1.2"). `where`
 * ("file:3" or NULL) starts messages. MIEN_EINVAL names key, value and what is allowed;
 * MIEN_ELIMIT beyond MIEN_AUGMENT_STEPS_MAX steps. */
MIEN_API mien_status mien_augment_add(mien_augment *augment, const char *where,
    const char *name, int count, const char *const *keys, const char *const *values);
/** Appends steps from one text: "flip; rotate 15; erase p=0.5 area=0.02,0.33", at most
 * 64 KiB. Nothing is appended on failure. */
MIEN_API mien_status mien_augment_parse(
    mien_augment *augment, const char *where, const char *text);
/** The text of all steps with every option; parsed, it gives the same steps. */
MIEN_API mien_status mien_augment_write(const mien_augment *augment, mien_string *text);
MIEN_API int mien_augment_count(const mien_augment *augment);
/** Takes the steps from `count` on away. */
MIEN_API void mien_augment_cut(mien_augment *augment, int count);
MIEN_API const mien_augment_kind *mien_augment_step_kind(
    const mien_augment *augment, int step);
/** The step's options, lent. */
MIEN_API const mien_options *mien_augment_step_options(
    const mien_augment *augment, int step);
/** Whether a step mixes pictures of a batch. */
MIEN_API bool mien_augment_mixes(const mien_augment *augment);

/** The values drawn for one picture: a plain result. */
typedef struct mien_augment_draw {
    int height, width;
    bool does[MIEN_AUGMENT_STEPS_MAX];       /**< the step changes something */
    double value[MIEN_AUGMENT_STEPS_MAX][4]; /**< what it drew: see each kind */
    uint64_t noise;                          /**< of which per-pixel numbers are made */
    bool moves;                              /**< map is not the identity */
    mien_affine map;                         /**< of all steps that move pixels */
} mien_augment_draw;
/** Draws for a picture of height × width. The numbers depend on the stream alone: begin
 * one for each (seed, trial, epoch) by mien_stream_init(). */
MIEN_API void mien_augment_draw_make(const mien_augment *augment, int height, int width,
    mien_stream *stream, mien_augment_draw *draw);
/** Takes back every step that could move a point out of the picture (all but flips, and
 * turns by 90° of square pictures). */
MIEN_API void mien_augment_draw_soften(
    const mien_augment *augment, mien_augment_draw *draw);
/** Sends points [n, 2] (x, y as fractions of the picture, 0 its left upper edge)
 * through the map; NaN stays NaN. Returns how many left the picture. moved may be
 * points. */
MIEN_API int64_t mien_augment_draw_points(
    const mien_augment_draw *draw, int64_t n, const double *points, double *moved);
/** Gaze that goes with its picture: points are clipped to [0, 1] and moved; if any
 * leaves the picture, the draw is softened and they are moved by that. Returns whether
 * it was. */
MIEN_API bool mien_augment_draw_gaze(const mien_augment *augment,
    mien_augment_draw *draw, int64_t n, const double *points, double *moved);

/** Applies draws to a network's inputs: knows the preprocessing's units, keeps scratch.
 * One thread at a time. */
typedef struct mien_augmenter mien_augmenter;
/** The augmentation is lent. MIEN_EINVAL if the preprocessing leaves the size open. */
MIEN_API mien_status mien_augmenter_new(const mien_augment *augment,
    const mien_preprocess *preprocess, mien_augmenter **augmenter);
MIEN_API void mien_augmenter_free(mien_augmenter **augmenter);
/** in, out [3, crop_height, crop_width] as mien_preprocessor_run() gives them; in may
 * be out. A draw that changes nothing gives the same bits, flips and right angles the
 * same values elsewhere. Colours are worked on in RGB, [0, 1], and clipped to it.
 * MIEN_ESHAPE if the draw was made for another size. */
MIEN_API mien_status mien_augmenter_run(mien_augmenter *augmenter,
    const mien_augment_draw *draw, const float *in, float *out);

/** Draws who is mixed with whom in a batch of n: picture i becomes weight[i] × itself +
 * (1 − weight[i]) × partner[i]; targets are mixed alike. Pictures with failed[i] (may
 * be NULL), and all where nothing mixes, are their own partners with weight 1. */
MIEN_API mien_status mien_augment_mix_draw(const mien_augment *augment,
    mien_stream *stream, int64_t n, const bool *failed, int64_t *partner,
    double *weight);
/** Mixes images [n, values] in place. */
MIEN_API mien_status mien_augment_mix(int64_t n, int64_t values, const int64_t *partner,
    const double *weight, mien_thread_pool *pool, float *images);

/* ---- series ------------------------------------------------------------------- */

#define MIEN_SMOOTH_ORDER_MAX 8

/** Mean over `window` values (odd) around each; towards the ends over as many as there
 * are on both sides, so that nothing moves in time. x and y [n] do not overlap.
 * MIEN_EINVAL for an even window. */
MIEN_API mien_status mien_smooth_mean(
    const double *x, int64_t n, int64_t window, double *y);
/**
 * Butterworth low-pass run forward and backward: no delay, the gain squared.
 *
 * @param order   1 … MIEN_SMOOTH_ORDER_MAX, of one pass
 * @param cutoff  where one pass has gain 1/sqrt(2), as a share of half the sampling
 * rate, in (0, 1)
 * @param y       [n]; may be x
 * @return MIEN_EINVAL for an order or cutoff outside; MIEN_ENOMEM
 *
 * The series is extended at both ends by turning it over, 3 (order + 1) values or as
 * many as there are. Equals scipy.signal.sosfiltfilt. Golden:
 * python/golden/smoothing.py.
 */
MIEN_API mien_status mien_smooth_butterworth(
    const double *x, int64_t n, int order, double cutoff, double *y);

/* ---- features of sound -------------------------------------------------------- */

#define MIEN_FEATURE_NAME_MAX 64

#define MIEN_EMOBASE_VALUES 1582
#define MIEN_EMOBASE_TRACKS 76

/* ---- a film's sound at a glance ------------------------------------------------- */

#define MIEN_SOUNDSCAPE_RATE_HZ 16000
#define MIEN_SOUNDSCAPE_STEP_S 0.5

/** What is heard in half a second. */
typedef struct mien_soundscape_moment {
    double start_s;
    double level_db;    /**< mean square, of full scale; -120 at least */
    bool speech, music; /**< it sounds like it, by rules: both, one or none */
} mien_soundscape_moment;
/** How loud a sound is over time, and where it sounds like speech or like music: for
 * looking, not for counting. Of the 2.56 s around a moment, it is like music where
 * spectra 0.2 s apart correlate by 0.65 on average (tones that last), and like speech
 * where they do by less than 0.75, 0.3 of the frames are under half the mean power
 * (gaps between words) and 0.2 of the swings of 20 bands' levels are at 2.7 to 7 a
 * second (syllables). One thread at a time. */
typedef struct mien_soundscape mien_soundscape;
/** MIEN_ENOMEM; MIEN_EUNSUPPORTED without libavutil. */
MIEN_API mien_status mien_soundscape_new(mien_soundscape **soundscape);
MIEN_API void mien_soundscape_free(mien_soundscape **soundscape);
/** The next samples of one channel at MIEN_SOUNDSCAPE_RATE_HZ; what is not finite is 0.
 */
MIEN_API mien_status mien_soundscape_add(
    mien_soundscape *soundscape, const float *sound, int64_t count);
/** All moments, after the last sample; lent until the next call. */
MIEN_API mien_status mien_soundscape_moments(mien_soundscape *soundscape,
    const mien_soundscape_moment **moments, int64_t *count);

/* ---- pictures at a glance ------------------------------------------------------- */

#define MIEN_GLANCE_ROWS 36
#define MIEN_GLANCE_COLUMNS 64
#define MIEN_GLANCE_BINS 64
#define MIEN_GLANCE_COLOURS 11
#define MIEN_COLOUR_VALUES 12
#define MIEN_MOTION_VALUES 9

/** A picture's summary, kept to tell its light and colour, and motion and cuts
 * between two. */
typedef struct mien_glance {
    float colour[MIEN_GLANCE_COLOURS]; /**< the first values of `colour`, of this
                                          picture */
    float histogram[MIEN_GLANCE_BINS]; /**< 4 × 4 × 4 steps of R, G and B; sum 1 */
    float
        grey[MIEN_GLANCE_ROWS * MIEN_GLANCE_COLUMNS]; /**< mean luma of cells, 0 to 1 */
} mien_glance;
/** Summarises a picture [H, W, 3] u8; of large ones only some rows and columns are
 * read. */
MIEN_API mien_status mien_glance_take(const mien_tensor *image, mien_glance *glance);
/** Half the sum of |differences| of the histograms: 0 (the same colours) to 1 (none the
 * same). */
MIEN_API double mien_glance_difference(const mien_glance *a, const mien_glance *b);

/** Finds cuts in a row of frames; all zero before the first. */
typedef struct mien_shots {
    double difference[5];
    int64_t time_us[5];
} mien_shots;
/** Takes the difference of the next frame from the one before it (0 for the first of a
 * film) and that frame's time.
 *
 * @param cut_us the time of the frame two calls ago
 * @return true if a shot began there: its difference is 0.3 at least, and twice those
 * of the two frames before and of the two behind it. After the last frame two calls
 * with 0 tell of the last two. Dissolves and fades are not found; flashes are none. */
MIEN_API bool mien_shots_next(
    mien_shots *shots, double difference, int64_t time_us, int64_t *cut_us);

/** Values of n ≥ 1 frames in order: means of luma ("brightness", 0 to 1), its standard
 * deviation in the picture ("contrast"), the shares of luma under 0.2 and over 0.8
 * ("dark", "bright"), R, G, B, R - B ("warmth"), saturation (HSV), colourfulness
 * (Hasler & Süsstrunk 2003, of values in 0 to 1), entropy of the histogram (bits); and
 * how brightness varies over frames. */
MIEN_API void mien_colour_values(
    const mien_glance *const *glances, int64_t n, float values[MIEN_COLOUR_VALUES]);
/** Values of n ≥ 2 frames, means over pairs: |difference| of the grey cells ("change"),
 * its standard deviation and largest over pairs, the share of cells that differ by more
 * than 0.02
 * ("changed"), one shift of the whole picture by least squares (Lucas & Kanade 1981) in
 * shares of its width and height ("across", "down", both without their sign, "speed"),
 * what of the difference it does not explain ("left_over"), cuts a pair. */
MIEN_API void mien_motion_values(
    const mien_glance *const *glances, int64_t n, float values[MIEN_MOTION_VALUES]);
MIEN_API void mien_colour_name(int index, char name[MIEN_FEATURE_NAME_MAX]);
MIEN_API void mien_motion_name(int index, char name[MIEN_FEATURE_NAME_MAX]);

/** The settings of emobase2010. All of them belong in a contract: values with other
 * settings are other features. */
typedef struct mien_emobase_options {
    double rate_hz; /**< of the sound that is given: 4000 to 384000; the descriptors
                         depend on it. Default 16000 */
    double frame_long_s;     /**< of pitch; default 0.060 */
    double frame_short_s;    /**< of everything else; default 0.025 */
    double hop_s;            /**< from frame to frame; default 0.010 */
    double window_s, step_s; /**< values are the mean over windows of this length and
                                step; 0 (default): one window, all of the sound */
    bool pad_both; /**< half of the zeros stand before a frame that is transformed,
                        not all behind it: changes the line spectral frequencies */
    bool loudness_whole; /**< loudness from all samples of a frame. false (default):
                            from its first sample alone, as the set has always been
                            computed */
} mien_emobase_options;
MIEN_API mien_emobase_options mien_emobase_options_default(void);
/** The settings of AttendAffectNet's authors: all frames 0.32 s every 0.04 s, windows
 * of 0.32 s every 0.04 s. */
MIEN_API mien_emobase_options mien_emobase_options_s5(void);
MIEN_API mien_status mien_emobase_check(const mien_emobase_options *options);

/**
 * emobase2010, the 1,582 values of the INTERSPEECH 2010 paralinguistic challenge's
 * kind: re-implemented from its description; not openSMILE. How close the values come
 * to openSMILE 3.0's is in docs/numerics.md.
 *
 * An object keeps its tables and scratch from sound to sound; one thread at a time.
 */
typedef struct mien_emobase mien_emobase;
/** NULL options: default. MIEN_EINVAL, MIEN_ENOMEM; MIEN_EUNSUPPORTED without
 * libavutil. */
MIEN_API mien_status mien_emobase_new(
    const mien_emobase_options *options, mien_emobase **emobase);
MIEN_API void mien_emobase_free(mien_emobase **emobase);
/**
 * @param sound  [count] f32 mono in [-1, 1) (16-bit values / 32768) at options.rate_hz
 * @param values [MIEN_EMOBASE_VALUES]; sound under 3 hops and a long frame gives zeros
 */
MIEN_API mien_status mien_emobase_run(
    mien_emobase *emobase, const float *sound, int64_t count, float *values);
/** The descriptors over time: [frames, MIEN_EMOBASE_TRACKS] f32, smoothed over three
 * frames (38), then their slopes (38); row t belongs to the long frame from t × hop_s
 * on. No rows for sound under two long frames. Freed by the caller. */
MIEN_API mien_status mien_emobase_tracks(
    mien_emobase *emobase, const float *sound, int64_t count, mien_tensor **tracks);
/** Name of a value or a track, as "pcm_loudness_sma_maxPos". */
MIEN_API void mien_emobase_name(int index, char name[MIEN_FEATURE_NAME_MAX]);
MIEN_API void mien_emobase_track_name(int index, char name[MIEN_FEATURE_NAME_MAX]);

#define MIEN_EGEMAPS_VALUES 88
#define MIEN_EGEMAPS_TRACKS 25
#define MIEN_EGEMAPS_RATE_HZ 16000

/**
 * eGeMAPS v02, 88 values of a voice (Eyben et al. 2016, IEEE Transactions on Affective
 * Computing 7: 190-202): re-implemented from its description; not openSMILE. How close
 * the values come to openSMILE 3.0's, and what the description leaves open, is in
 * docs/films.md. One thread at a time.
 */
typedef struct mien_egemaps mien_egemaps;
/** MIEN_ENOMEM; MIEN_EUNSUPPORTED without libavutil. */
MIEN_API mien_status mien_egemaps_new(mien_egemaps **egemaps);
MIEN_API void mien_egemaps_free(mien_egemaps **egemaps);
/**
 * @param sound  [count] f32 mono in [-1, 1) (16-bit values / 32768) at
 * MIEN_EGEMAPS_RATE_HZ
 * @param values [MIEN_EGEMAPS_VALUES]; of sound under 60 ms zeros
 */
MIEN_API mien_status mien_egemaps_run(
    mien_egemaps *egemaps, const float *sound, int64_t count, float *values);
/** The descriptors over time, smoothed: [frames, MIEN_EGEMAPS_TRACKS] f32, a row every
 * 10 ms; 0 where there is no voice for those of the voice. Freed by the caller. */
MIEN_API mien_status mien_egemaps_tracks(
    mien_egemaps *egemaps, const float *sound, int64_t count, mien_tensor **tracks);
/** Name of a value or a track, as "loudness_sma3_amean". */
MIEN_API void mien_egemaps_name(int index, char name[MIEN_FEATURE_NAME_MAX]);
MIEN_API void mien_egemaps_track_name(int index, char name[MIEN_FEATURE_NAME_MAX]);

/** A log-mel spectrogram; stands in a network's contract. */
typedef struct mien_logmel_options {
    double rate_hz;
    int window, hop, size; /**< samples of a window (periodic Hann), to the next, and of
                              the Fourier transform (zeros behind the window) */
    int bands; /**< triangles of peak 1, linear in mel = 1127 ln(1 + f / 700) */
    double low_hz, high_hz; /**< edges of the first and last */
    bool power;             /**< squared magnitudes; false: magnitudes */
    double offset;          /**< log(mel + offset) */
    int frames, step;       /**< of an example, and to the next */
} mien_logmel_options;
/** VGGish's: 16 kHz, 400, 160, 512; 64 bands from 125 to 7500 Hz, magnitudes, 0.01;
 * examples of 96 frames (0.96 s) without overlap. */
MIEN_API mien_logmel_options mien_logmel_options_vggish(void);
MIEN_API mien_status mien_logmel_check(const mien_logmel_options *options);
/** Whole frames, and whole examples, in so many samples: what is left over is dropped.
 */
MIEN_API int64_t mien_logmel_frames(const mien_logmel_options *options, int64_t count);
MIEN_API int64_t mien_logmel_examples(
    const mien_logmel_options *options, int64_t count);
typedef struct mien_logmel mien_logmel;
/** NULL options: VGGish's. One thread at a time. MIEN_EINVAL, MIEN_ENOMEM;
 * MIEN_EUNSUPPORTED without libavutil. */
MIEN_API mien_status mien_logmel_new(
    const mien_logmel_options *options, mien_logmel **logmel);
MIEN_API void mien_logmel_free(mien_logmel **logmel);
/** sound [count] f32 in [-1, 1]; frames [mien_logmel_frames(), bands] f32. Example e is
 * frames [e × step, e × step + options.frames). Golden: python/golden/sound.py. */
MIEN_API void mien_logmel_run(
    mien_logmel *logmel, const float *sound, int64_t count, float *frames);

#define MIEN_VGGISH_WIDTH 128
/** y = E (x − μ), the whitening behind AudioSet's and YouTube-8M's published features
 * (those of EmoMV and AttendAffectNet go without). eigenvectors [128, 128], means
 * [128]; embeddings and out [n, 128]. */
MIEN_API void mien_vggish_pca(const float *eigenvectors, const float *means,
    const float *embeddings, int64_t n, float *out);
/** Their bytes: clipped to [-2, 2], 0 to 255, rounded half to even. */
MIEN_API void mien_vggish_quantise(const float *values, int64_t n, uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
