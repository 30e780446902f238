/* SPDX-License-Identifier: MIT */
/* JPEG by libjpeg-turbo with its exact settings (islow, fancy upsampling): Pillow's
 * pixels. */
#include "media/decoder.h"

#include "media/orientation.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

/* A progressive file may hold any number of scans and each costs a pass over the
 * picture. */
#define SCANS_MAX 200
#define EXIF_MARKER (JPEG_APP0 + 1)
#define MPF_MARKER (JPEG_APP0 + 2)
#define MARKER_RST0 0xD0
#define MARKER_RST7 0xD7

/* libjpeg's state and ours; its callbacks find us through client_data. */
typedef struct job {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf stop;
    const mien_picture_source *source;
    bool header_only;
    mien_picture *picture;
    mien_status status;
    int64_t warnings;
    bool end_matters; /* a missing end means missing scans or silently invented bits */
    bool cut;         /* coefficients are missing, not merely damaged */
    char text[JMSG_LENGTH_MAX];
} job;

static const char *sniff(const uint8_t *bytes, size_t count) {
    return count >= 3 && memcmp(bytes, "\xFF\xD8\xFF", 3) == 0 ? "jpeg" : NULL;
}

static void on_error(j_common_ptr common) {
    job *j = common->client_data;
    common->err->format_message(common, j->text);
    switch (common->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
        j->status = mien_fail(MIEN_ENOMEM, "%s: out of memory", j->source->name);
        break;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
        j->status =
            mien_fail(MIEN_EUNSUPPORTED, "%s: JPEG: %s", j->source->name, j->text);
        break;
    default:
        j->status = mien_fail(MIEN_EFORMAT, "%s: JPEG: %s", j->source->name, j->text);
    }
    longjmp(j->stop, 1);
}

/* Warnings have level −1. Missing bits end at a marker that is no restart: the rest of
 * the picture never came. After a restart marker the decoder is in step again. */
static void on_message(j_common_ptr common, int level) {
    job *j = common->client_data;
    if (level >= 0) {
        return;
    }
    if (j->warnings++ == 0) {
        common->err->format_message(common, j->text);
    }
    if (!common->is_decompressor) {
        return;
    }
    int marker = j->jpeg.unread_marker;
    bool restart = marker >= MARKER_RST0 && marker <= MARKER_RST7;
    if (common->err->msg_code == JWRN_HIT_MARKER && !restart) {
        j->cut = true;
    }
    if (common->err->msg_code == JWRN_JPEG_EOF && j->end_matters) {
        j->cut = true;
    }
}

static void on_progress(j_common_ptr common) {
    job *j = common->client_data;
    if (j->jpeg.input_scan_number > SCANS_MAX) {
        j->status = mien_fail(
            MIEN_ELIMIT, "%s: JPEG of more than %d scans", j->source->name, SCANS_MAX);
        longjmp(j->stop, 1);
    }
}

static int exif_orientation(const struct jpeg_decompress_struct *jpeg) {
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next) {
        if (m->marker == EXIF_MARKER && m->data_length > 6 &&
            memcmp(m->data, "Exif\0", 5) == 0) {
            return mien_exif_orientation(m->data + 6, m->data_length - 6);
        }
    }
    return 1;
}

/* The largest of 1, 2, 4, 8 that keeps the short side at or above `least`. */
static unsigned divisor(const struct jpeg_decompress_struct *jpeg, int least) {
    unsigned side =
        jpeg->image_width < jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    unsigned by = 1;
    while (least > 0 && by < 8 && side / (by * 2) >= (unsigned)least) {
        by *= 2;
    }
    return by;
}

/* a·b / 255 rounded, as Pillow does it */
static unsigned scale255(unsigned a, unsigned b) {
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* Adobe stores ink inverted (255 = none), and so does everybody after it. */
static void inverted_cmyk_to_rgb(const uint8_t *cmyk, int64_t n, uint8_t *rgb) {
    for (int64_t i = 0; i < n; i++, cmyk += 4, rgb += 3) {
        unsigned light = cmyk[3];
        for (int c = 0; c < 3; c++) {
            rgb[c] = (uint8_t)(light - scale255(255u - cmyk[c], light));
        }
    }
}

static void read_header(job *j) {
    jpeg_save_markers(&j->jpeg, EXIF_MARKER, 0xFFFF);
    jpeg_save_markers(&j->jpeg, MPF_MARKER, 4); /* the name is enough */
    jpeg_mem_src(&j->jpeg, j->source->bytes, (unsigned long)j->source->count);
    jpeg_read_header(&j->jpeg, TRUE);
    j->end_matters = jpeg_has_multiple_scans(&j->jpeg) || j->jpeg.arith_code;
    j->picture->width = j->jpeg.image_width;
    j->picture->height = j->jpeg.image_height;
    j->picture->orientation = exif_orientation(&j->jpeg);
    j->status =
        mien_picture_check_size(j->source, j->jpeg.image_width, j->jpeg.image_height);
    if (j->status == MIEN_OK && j->jpeg.num_components == 2) {
        j->status =
            mien_fail(MIEN_EUNSUPPORTED, "%s: JPEG of two components", j->source->name);
    }
}

static void read_rows(job *j) {
    struct jpeg_decompress_struct *jpeg = &j->jpeg;
    jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg->scale_num = 1;
    jpeg->scale_denom = divisor(jpeg, j->source->options->scale_short_min);
    jpeg_start_decompress(jpeg);
    int64_t width = jpeg->output_width, stride = width * 3;
    j->status =
        mien_picture_pixels(j->source, width, jpeg->output_height, &j->picture->pixels);
    if (j->status != MIEN_OK) {
        return;
    }
    uint8_t *out = j->picture->pixels->data;
    JSAMPROW ink = NULL; /* from libjpeg's own pool, gone with it */
    if (jpeg->out_color_space == JCS_CMYK) {
        ink =
            jpeg->mem->alloc_large((j_common_ptr)jpeg, JPOOL_IMAGE, (size_t)width * 4);
    }
    while (jpeg->output_scanline < jpeg->output_height && !j->cut) {
        uint8_t *row = out + (int64_t)jpeg->output_scanline * stride;
        JSAMPROW into = ink ? ink : row;
        if (jpeg_read_scanlines(jpeg, &into, 1) == 1 && ink) {
            inverted_cmyk_to_rgb(ink, width, row);
        }
    }
}

/* Whether the picture says that others follow it (Multi-Picture Format: depth, a second
 * eye, another exposure). */
static bool has_companions(const job *j) {
    for (jpeg_saved_marker_ptr m = j->jpeg.marker_list; m; m = m->next) {
        if (m->marker == MPF_MARKER && m->data_length == 4 &&
            memcmp(m->data, "MPF", 4) == 0) {
            return true;
        }
    }
    return false;
}

/* Width and height of a JPEG, out of its frame header; false if there is none. */
static bool size_of(const uint8_t *bytes, size_t count, unsigned size[2]) {
    for (size_t at = 2; at + 9 <= count && bytes[at] == 0xFF;) {
        unsigned marker = bytes[at + 1];
        bool other = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
        if (marker >= 0xC0 && marker <= 0xCF && !other) {
            size[0] = (unsigned)bytes[at + 7] << 8 | bytes[at + 8];
            size[1] = (unsigned)bytes[at + 5] << 8 | bytes[at + 6];
            return true;
        }
        at += 2 + ((size_t)bytes[at + 2] << 8 | bytes[at + 3]);
    }
    return false;
}

/* Raw MJPEG is JPEGs of one size one after the other: a film, though without times. */
static mien_status check_alone(job *j) {
    struct jpeg_decompress_struct *jpeg = &j->jpeg;
    const uint8_t *at = jpeg->src->next_input_byte,
                  *end = j->source->bytes + j->source->count;
    unsigned size[2];
    if (jpeg->unread_marker != JPEG_EOI && !jpeg_input_complete(jpeg)) {
        while (end - at >= 2 && !(at[0] == 0xFF && at[1] == JPEG_EOI)) {
            at++;
        }
        at = end - at >= 2 ? at + 2 : end;
    }
    while (at < end && *at == 0) {
        at++;
    }
    if (end - at < 3 || !sniff(at, (size_t)(end - at)) || has_companions(j) ||
        !size_of(at, (size_t)(end - at), size) || size[0] != jpeg->image_width ||
        size[1] != jpeg->image_height) {
        return MIEN_OK;
    }
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: JPEGs of one size one after the other (raw MJPEG), a film without times: "
        "put it into a container (ffmpeg -framerate RATE -i FILE -c copy FILE.avi)",
        j->source->name);
}

static mien_status check_warnings(const job *j) {
    if (j->cut) {
        return mien_fail(
            MIEN_EFORMAT, "%s: JPEG is cut short: %s", j->source->name, j->text);
    }
    if (j->warnings > 0) {
        mien_log(MIEN_LOG_WARN, "media", "%s: JPEG has %lld damaged places: %s",
            j->source->name, (long long)j->warnings, j->text);
    }
    return MIEN_OK;
}

static mien_status read_jpeg(
    const mien_picture_source *source, bool header_only, mien_picture *picture) {
    job j = {.source = source, .header_only = header_only, .picture = picture};
    j.jpeg.err = jpeg_std_error(&j.errors);
    j.errors.error_exit = on_error;
    j.errors.emit_message = on_message;
    j.jpeg.client_data = &j;
    if (setjmp(j.stop) == 0) {
        jpeg_create_decompress(&j.jpeg);
        j.progress.progress_monitor = on_progress;
        j.jpeg.progress = &j.progress;
        read_header(&j);
        if (j.status == MIEN_OK && !header_only) {
            read_rows(&j);
        }
        if (j.status == MIEN_OK && !header_only) {
            j.status = check_warnings(&j);
        }
        if (j.status == MIEN_OK && !header_only) {
            j.status = check_alone(&j);
        }
    }
    jpeg_destroy_decompress(&j.jpeg);
    if (j.status != MIEN_OK) {
        mien_tensor_free(&picture->pixels);
    }
    return j.status;
}

const mien_decoder mien_decoder_jpeg = {"jpeg", sniff, read_jpeg};
