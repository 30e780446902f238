/* SPDX-License-Identifier: MIT */
/* Tensors to picture files: JPEG in memory for pages, PNG on disk. */
#include "mien/media.h"

#include "base/need.h"
#include "media/file.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <spng.h>

#include <jerror.h>

typedef struct encoder {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf stop;
    mien_status status;
    unsigned char *bytes; /* grown by libjpeg with malloc */
    unsigned long count;
} encoder;

static void on_error(j_common_ptr common) {
    encoder *e = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    e->status = mien_fail(
        common->err->msg_code == JERR_OUT_OF_MEMORY ? MIEN_ENOMEM : MIEN_EINTERNAL,
        "writing JPEG: %s", text);
    longjmp(e->stop, 1);
}

static void on_message(j_common_ptr common, int level) {
    (void)common;
    (void)level;
}

static mien_status check_image(const mien_tensor *image, int64_t side_max) {
    if (image->dtype != MIEN_U8 || image->rank != 3 || image->shape[2] != 3 ||
        image->shape[0] < 1 || image->shape[1] < 1) {
        char text[96];
        return mien_fail(MIEN_ESHAPE, "not a picture [H, W, 3] u8: %s %s",
            mien_shape_text(image->rank, image->shape, text, sizeof(text)),
            mien_dtype_name(image->dtype));
    }
    if (image->shape[0] > side_max || image->shape[1] > side_max) {
        return mien_fail(MIEN_ELIMIT,
            "picture of %lld × %lld pixels, the format holds %lld",
            (long long)image->shape[1], (long long)image->shape[0],
            (long long)side_max);
    }
    return MIEN_OK;
}

static void write_rows(encoder *e, const mien_tensor *image, int quality) {
    struct jpeg_compress_struct *jpeg = &e->jpeg;
    size_t stride = (size_t)image->shape[1] * 3;
    jpeg_mem_dest(jpeg, &e->bytes, &e->count);
    jpeg->image_width = (JDIMENSION)image->shape[1];
    jpeg->image_height = (JDIMENSION)image->shape[0];
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = (uint8_t *)image->data + jpeg->next_scanline * stride;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

mien_status mien_image_to_jpeg(
    const mien_tensor *image, int quality, void **bytes, size_t *count) {
    MIEN_NEED(image, bytes, count);
    mien_status status = check_image(image, JPEG_MAX_DIMENSION);
    if (status != MIEN_OK) {
        return status;
    }
    if (quality < 1 || quality > 100) {
        return mien_fail(MIEN_EINVAL, "JPEG quality %d outside [1, 100]", quality);
    }
    encoder e = {.status = MIEN_OK};
    e.jpeg.err = jpeg_std_error(&e.errors);
    e.errors.error_exit = on_error;
    e.errors.emit_message = on_message;
    e.jpeg.client_data = &e;
    if (setjmp(e.stop) == 0) {
        jpeg_create_compress(&e.jpeg);
        write_rows(&e, image, quality);
    }
    jpeg_destroy_compress(&e.jpeg);
    if (e.status == MIEN_OK) {
        void *copy = mien_alloc(e.count, 1);
        if (copy) {
            memcpy(copy, e.bytes, e.count);
            *bytes = copy;
            *count = e.count;
        } else {
            e.status = MIEN_ENOMEM;
        }
    }
    free(e.bytes);
    return e.status;
}

mien_status mien_image_write_png(const mien_tensor *image, const char *path) {
    MIEN_NEED(image, path);
    mien_status status = check_image(image, INT32_MAX);
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", path);
    }
    spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
    void *bytes = NULL;
    size_t count = 0;
    int error = png ? 0 : SPNG_EMEM;
    struct spng_ihdr header = {.width = (uint32_t)image->shape[1],
        .height = (uint32_t)image->shape[0],
        .bit_depth = 8,
        .color_type = SPNG_COLOR_TYPE_TRUECOLOR};
    if (!error) {
        error = spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
    }
    if (!error) {
        error = spng_set_ihdr(png, &header);
    }
    if (!error) {
        error = spng_encode_image(png, image->data, mien_tensor_bytes(image),
            SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    }
    if (!error) {
        bytes = spng_get_png_buffer(png, &count, &error);
    }
    status = error ? mien_fail(error == SPNG_EMEM ? MIEN_ENOMEM : MIEN_EINTERNAL,
                         "%s: writing PNG: %s", path, spng_strerror(error))
                   : mien_media_file_write(path, bytes, count);
    free(bytes);
    spng_ctx_free(png);
    return status;
}
