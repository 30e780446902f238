/* SPDX-License-Identifier: MIT */
/* Picture and film files to 8-bit RGB tensors, their sound to samples.
 *
 *     mien_film_options options = mien_film_options_default();
 *     options.every_s = 0.5;
 *     mien_film *film = NULL;
 *     const mien_tensor *picture = NULL; // [H, W, 3] u8, lent until the next
 *     int64_t time_us = 0, sample_us = 0;
 *     mien_status status = mien_film_open("film.mp4", &options, &film);
 *     while (status == MIEN_OK) {
 *         status = mien_film_next(film, &picture, &time_us, &sample_us);
 *         if (status == MIEN_OK) {
 *             printf("%d us: %d rows\n", (int)time_us, (int)picture->shape[0]);
 *         }
 *     }
 *     status = status == MIEN_END ? MIEN_OK : status;
 *     mien_film_close(&film);
 */
#ifndef MIEN_MEDIA_H
#define MIEN_MEDIA_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pictures ----------------------------------------------------------------- */

typedef struct mien_image_options {
    int64_t pixels_max;  /**< MIEN_ELIMIT beyond, before anything is allocated; default
                              100 million */
    int64_t bytes_max;   /**< largest file; default 256 MiB */
    bool orient;         /**< apply EXIF orientation; default true */
    int scale_short_min; /**< JPEG may be decoded at 1/2, 1/4 or 1/8 as long as the
                            short side stays at or above this; 0 (default): full size.
                            See docs/numerics.md for the bound on what that changes. */
    uint8_t background[3]; /**< what lies under transparent pixels; default white. */
} mien_image_options;
MIEN_API mien_image_options mien_image_options_default(void);

/** The facts of a picture file that are known before it is decoded. */
typedef struct mien_image_info {
    int width, height;  /**< as shown (after orientation) */
    const char *format; /**< "jpeg", "png", "bmp", … */
} mien_image_info;

/**
 * Decodes a picture. JPEG by libjpeg-turbo (islow DCT, fancy upsampling: Pillow's
 * pixels), PNG by libspng, TIFF (first page) by libtiff, BMP, WebP, GIF (first frame)
 * by FFmpeg, PBM, PGM and PPM; the format is found from the bytes, never the name. Grey
 * and palette become RGB, CMYK, YCCK and YCbCr are converted, alpha is laid over the
 * background, 16 bits become 8 by the high byte. What is known and not read (HEIC,
 * AVIF, JPEG XL, …, kinds of TIFF, raw MJPEG) is MIEN_EUNSUPPORTED, with the way out.
 *
 * @param image [H, W, 3] u8 RGB, freed by the caller
 * @return MIEN_OK; MIEN_EIO; MIEN_EFORMAT (empty, truncated, not a picture);
 *         MIEN_ELIMIT; MIEN_EUNSUPPORTED. All texts name the path.
 */
MIEN_API mien_status mien_image_read(
    const char *path, const mien_image_options *options, mien_tensor **image);
/** Same from memory; name stands for the path. */
MIEN_API mien_status mien_image_parse(const char *name, const void *bytes, size_t count,
    const mien_image_options *options, mien_tensor **image);
MIEN_API mien_status mien_image_probe(const char *path, mien_image_info *info);
/** [H, W, 3] u8 as JPEG bytes (for thumbnails in pages), freed with mien_free(). */
MIEN_API mien_status mien_image_to_jpeg(
    const mien_tensor *image, int quality, void **bytes, size_t *count);
MIEN_API mien_status mien_image_write_png(const mien_tensor *image, const char *path);

/* ---- film --------------------------------------------------------------------- */

typedef struct mien_film mien_film;

typedef struct mien_film_options {
    double every_s; /**< one picture at start, start + every, …; 0: every frame */
    bool keyframes; /**< only frames that need no other are decoded: of each sample time
                       the last key frame up to it, once and at its own time; every 0:
                       each key frame. For sparse sampling, where nearly all is
                       decoding. */
    double start_s; /**< default 0 */
    double end_s;   /**< default infinity */
    int threads;    /**< decoder threads; default 1 */
    int short_side; /**< > 0: pictures are scaled down so that the short side is not
                       under this (by a power of two up to 64, each pixel the mean of a
                         square); 0: full size. */
    int64_t pixels_max; /**< per frame, MIEN_ELIMIT beyond; default 100 million */
} mien_film_options;
MIEN_API mien_film_options mien_film_options_default(void);

typedef struct mien_film_info {
    int width, height; /**< as shown (after rotation metadata and sample aspect); frames
                            come upright, but with the pixels stored: where those are
                            not square, their shape differs from this */
    double duration_s; /**< where the picture ends, as the header has it (headers may be
                            wrong, see mien_film_end_us()); 0 if it does not know */
    double rate_hz;    /**< average frames a second; 0 unknown */
    int rotation_deg;  /**< 0, 90, 180, 270 clockwise: already applied */
    bool has_sound;
    char container[32], codec[32];
} mien_film_info;

/** Opens a local regular file (never an address: nothing is fetched) and no other:
 * playlists, lists of files and manifests are refused by name. FFmpeg is loaded here,
 * not before. Time 0 is the start of the earliest stream, as players show it.
 *
 * @return MIEN_OK; MIEN_EIO; MIEN_EFORMAT if it is no film or has no video stream (a
 * cover picture is none); MIEN_EUNSUPPORTED without FFmpeg or the decoder, and of what
 *         names other files; MIEN_ELIMIT;
 *         MIEN_EINVAL for bad options. All texts name the path. One thread at a time.
 */
MIEN_API mien_status mien_film_open(
    const char *path, const mien_film_options *options, mien_film **film);
MIEN_API const mien_film_info *mien_film_info_of(const mien_film *film);
/**
 * Next picture. With every_s the frame shown at each sample time t (the last frame
 * whose presentation time is ≤ t, the first frame for times before it); decodes from
 * the nearest key frame when skipping pays, and gives the same pictures as full
 * decoding would. Colours are converted with the film's own matrix and range (BT.601
 * where it names none), to the numbers FFmpeg and PyAV give.
 *
 * @param image   [H, W, 3] u8 RGB, lent until the next call
 * @param time_us presentation time of the frame (from the film's start), microseconds
 * @param sample_us the sample time it stands for (= time_us if every_s is 0, and of key
 *         frames)
 * @return MIEN_OK; MIEN_END after the last; MIEN_EFORMAT where nothing more can be
 * decoded or the file breaks off before its film ends (rows before it stand);
 *         MIEN_EINTERRUPTED. Damaged packets and frames are left out, counted and
 * logged once.
 */
MIEN_API mien_status mien_film_next(
    mien_film *film, const mien_tensor **image, int64_t *time_us, int64_t *sample_us);
/** Where the last picture given ends, in microseconds from the film's start, once
 * mien_film_next() has given MIEN_END (or told that the film breaks off): the end of
 * the film's last frame, as it is played and not as the header has it, or end_s where
 * the film goes on. INT64_MIN before. */
MIEN_API int64_t mien_film_end_us(const mien_film *film);
/** Damage met so far: packets or frames that could not be decoded, and what the
 * container said it passed over. */
MIEN_API int64_t mien_film_damaged(const mien_film *film);
MIEN_API void mien_film_close(mien_film **film);

/* ---- sound -------------------------------------------------------------------- */

/** The sound of a film, or of a file of sound alone (WAV, FLAC, MP3, whatever FFmpeg
 * reads), as one channel. */
typedef struct mien_sound mien_sound;

typedef struct mien_sound_options {
    int rate_hz; /**< samples a second that are wanted, 1000 to 768000; 0 (default): the
                      file's own */
} mien_sound_options;
MIEN_API mien_sound_options mien_sound_options_default(void);

typedef struct mien_sound_info {
    int channels;      /**< in the file */
    int file_rate_hz;  /**< in the file */
    int rate_hz;       /**< of what is read */
    double start_s;    /**< where the sound begins on the film's clock, by the head */
    double duration_s; /**< 0 if the container does not know */
    char container[32], codec[32];
} mien_sound_info;

/** Opens a local file, the best of its sounds. The clock is the film's, as of
 * mien_film_open(): zero is the start of the earliest stream.
 *
 * @return MIEN_OK; MIEN_EIO; MIEN_EFORMAT if it is no film or sound; MIEN_ENOTFOUND if
 * it has no sound; MIEN_EUNSUPPORTED without FFmpeg or the decoder, or for a rate
 * outside the range; MIEN_EINVAL for a bad option. All texts name the path. One thread
 * at a time. */
MIEN_API mien_status mien_sound_open(
    const char *path, const mien_sound_options *options, mien_sound **sound);
MIEN_API const mien_sound_info *mien_sound_info_of(const mien_sound *sound);
/**
 * The next samples: the mean of all channels, integers divided by their full scale (16
 * bits by 32768), in [-1, 1] (floats as they are), resampled by FFmpeg's swresample
 * where another rate is wanted. The first sample read is that of time 0, sample i that
 * of i / rate_hz: silence stands before sound that starts late and in gaps over 10 ms;
 * what lies before 0, or twice at the same time, is left out. Memory does not grow with
 * the film.
 *
 * @param samples [room], the caller's; room ≥ 1
 * @param count   how many were read, 1 to room
 * @return MIEN_OK; MIEN_END after the last; MIEN_EFORMAT where nothing can be decoded
 * or the file breaks off before its sound ends (what came before stands);
 * MIEN_EINTERRUPTED; MIEN_ENOMEM. Damaged packets are left out, counted and logged
 * once.
 */
MIEN_API mien_status mien_sound_read(
    mien_sound *sound, float *samples, int64_t room, int64_t *count);
/** Damage met so far: packets that could not be decoded, time stamps that cannot be,
 * and what the container said it passed over. */
MIEN_API int64_t mien_sound_damaged(const mien_sound *sound);
MIEN_API void mien_sound_close(mien_sound **sound);

/* ---- writing ------------------------------------------------------------------ */

/** A film that is being written. */
typedef struct mien_film_writer mien_film_writer;

typedef struct mien_film_writer_options {
    int width, height; /**< of its pictures: even, 16 to 4096; 128 × 96 */
    int rate_hz;       /**< pictures a second, 1 to 240; 25 */
    int sound_rate_hz; /**< samples a second of one channel, 8000 to 96000; 0: no
                            sound; 16000 */
    const char
        *picture_encoder;      /**< FFmpeg's name, of one that takes yuv420p; "mpeg4" */
    const char *sound_encoder; /**< "aac" */
} mien_film_writer_options;
MIEN_API mien_film_writer_options mien_film_writer_options_default(void);

/** Begins a file; the ending of its name chooses the container. The same pictures and
 * sound give the same bytes with the same FFmpeg. NULL options: default.
 *
 * @return MIEN_OK; MIEN_EINVAL for sizes and rates outside the ranges;
 * MIEN_EUNSUPPORTED without FFmpeg or the encoder; MIEN_EIO; MIEN_ENOMEM. Texts name
 * the path. */
MIEN_API mien_status mien_film_writer_open(const char *path,
    const mien_film_writer_options *options, mien_film_writer **writer);
/** The next picture, [height, width, 3] u8. After a failure all calls fail likewise. */
MIEN_API mien_status mien_film_writer_picture(
    mien_film_writer *writer, const mien_tensor *image);
/** The next samples, [count] in [-1, 1] (cut there); best given beside the pictures of
 * the same time, as what is ahead of the other waits in memory. */
MIEN_API mien_status mien_film_writer_sound(
    mien_film_writer *writer, const float *samples, int64_t count);
/** Writes what is left. After a failure, of an earlier call too, there is no file. */
MIEN_API mien_status mien_film_writer_close(mien_film_writer **writer);

typedef enum mien_media_kind {
    MIEN_MEDIA_UNKNOWN,
    MIEN_MEDIA_PICTURE,
    MIEN_MEDIA_FILM
} mien_media_kind;
/** From the first bytes; GIF, WebP and single-image files are pictures. FILM means a
 * container FFmpeg knows, of sound too: opening it tells. */
MIEN_API mien_status mien_media_kind_of(const char *path, mien_media_kind *kind);

#ifdef __cplusplus
}
#endif

#endif
