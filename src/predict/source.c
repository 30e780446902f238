/* SPDX-License-Identifier: MIT */
/* Opens each input in turn, decodes and preprocesses. */
#include "predict/source.h"

#include <math.h>
#include <stdio.h>

#include "mien/signal.h"

struct mien_source {
    const mien_input_files *inputs;
    const mien_preprocess *preprocess;
    mien_preprocessor *preprocessor;
    const mien_predict_options *options;
    int64_t next; /* input to open next */
    mien_film *film;
    double start_s, end_s; /* the part of it that is asked for */
    int64_t film_moments;
    double last_s, widest_s; /* the last moment's start, the longest way between two */
    int64_t film_damaged;    /* places, to be told after the film's end */
};

mien_status mien_item_init(mien_item *item, int64_t image_values) {
    *item = (mien_item){.image = mien_alloc((size_t)image_values, sizeof(float))};
    return item->image ? MIEN_OK : MIEN_ENOMEM;
}

void mien_item_clear(mien_item *item) {
    mien_free(item->image);
    mien_tensor_free(&item->thumbnail);
    item->image = NULL;
}

mien_status mien_source_open(const mien_input_files *inputs,
    const mien_preprocess *preprocess, const mien_predict_options *options,
    mien_source **source) {
    mien_source *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    *s = (mien_source){.inputs = inputs, .preprocess = preprocess, .options = options};
    mien_status status = mien_preprocessor_new(preprocess, &s->preprocessor);
    if (status != MIEN_OK) {
        mien_source_close(&s);
        return status;
    }
    *source = s;
    return MIEN_OK;
}

void mien_source_close(mien_source **source) {
    if (source && *source) {
        mien_film_close(&(*source)->film);
        mien_preprocessor_free(&(*source)->preprocessor);
        mien_free(*source);
        *source = NULL;
    }
}

/* The failure in words, for the item; running out of memory is everybody's failure. */
static mien_status problem(mien_item *item, mien_status status) {
    if (status == MIEN_ENOMEM) {
        return status;
    }
    item->kind = MIEN_ITEM_PROBLEM;
    item->start_s = -INFINITY;
    item->status = status;
    snprintf(item->text, sizeof item->text, "%s", mien_error());
    return MIEN_OK;
}

static mien_status add_thumbnail(
    int height, const mien_tensor *image, mien_item *item) {
    if (height > 0) {
        double aspect = (double)image->shape[1] / (double)image->shape[0];
        int width = (int)lround(height * fmin(fmax(aspect, 0.1), 10));
        return mien_image_resize(image, height, width < 1 ? 1 : width,
            MIEN_RESIZE_BILINEAR, NULL, &item->thumbnail);
    }
    return MIEN_OK;
}

static mien_status fill(
    mien_source *source, const mien_tensor *image, mien_item *item) {
    mien_status status = add_thumbnail(source->options->thumbnail_height, image, item);
    return status == MIEN_OK
               ? mien_preprocessor_run(source->preprocessor, image, false, item->image)
               : status;
}

mien_status mien_source_image(const mien_preprocess *preprocess,
    const mien_predict_options *options, const mien_tensor *image, mien_item *item) {
    mien_preprocessor *preprocessor = NULL;
    mien_status status = mien_preprocessor_new(preprocess, &preprocessor);
    if (status == MIEN_OK) {
        status = add_thumbnail(options->thumbnail_height, image, item);
    }
    if (status == MIEN_OK) {
        status = mien_preprocessor_run(preprocessor, image, false, item->image);
    }
    mien_preprocessor_free(&preprocessor);
    return status;
}

static mien_status no_moment(const mien_source *source, const mien_item *item) {
    const char *path = source->inputs->items[item->input].path;
    double start_s = source->start_s, end_s = source->end_s;
    return isinf(end_s)
               ? mien_fail(MIEN_EFORMAT, "%s: no picture from %g s on", path, start_s)
               : mien_fail(MIEN_EFORMAT, "%s: no picture between %g s and %g s", path,
                     start_s, end_s);
}

/* Key frames stand where the film's maker put them. */
static void tell_gaps(const mien_source *source, const mien_item *item, double end_s) {
    double every_s = source->options->every_s;
    double widest_s = fmax(source->widest_s, end_s - source->last_s);
    if (source->options->keyframes && every_s > 0 && widest_s > 2 * every_s) {
        mien_log(MIEN_LOG_WARN, "predict",
            "%s: key frames are up to %.3g s apart, asked for every %g s: what lies "
            "between them is not looked at",
            source->inputs->items[item->input].path, widest_s, every_s);
    }
}

static mien_status next_moment(mien_source *source, mien_item *item) {
    const mien_tensor *image = NULL;
    int64_t time_us = 0, sample_us = 0;
    mien_status status = mien_film_next(source->film, &image, &time_us, &sample_us);
    if (status == MIEN_OK) {
        item->kind = MIEN_ITEM_MOMENT;
        item->start_s = (double)sample_us * 1e-6;
        if (source->film_moments++ > 0) {
            source->widest_s = fmax(source->widest_s, item->start_s - source->last_s);
        }
        source->last_s = item->start_s;
        status = fill(source, image, item);
        return status == MIEN_OK ? status : problem(item, status);
    }
    int64_t end_us = mien_film_end_us(source->film);
    double end_s = end_us == INT64_MIN ? -INFINITY : (double)end_us * 1e-6;
    if (status != MIEN_END) {
        status = problem(item, status);
        item->start_s = end_s;
    } else if (source->film_moments == 0) {
        status = problem(item, no_moment(source, item));
    } else {
        item->kind = MIEN_ITEM_FILM_END;
        tell_gaps(source, item, end_s);
        item->start_s = fmin(end_s, source->end_s);
        source->film_damaged = mien_film_damaged(source->film);
        status = MIEN_OK;
    }
    mien_film_close(&source->film);
    return status;
}

/* A film with damage within it has given all its moments: it is still a problem. */
static mien_status tell_damage(mien_source *source, mien_item *item) {
    int64_t places = source->film_damaged;
    source->film_damaged = 0;
    return problem(item,
        mien_fail(MIEN_EFORMAT,
            "%s: damaged in %lld place%s: what was shown there is missing, and the "
            "picture before it stands longer",
            source->inputs->items[item->input].path, (long long)places,
            places == 1 ? "" : "s"));
}

/* A table's part of a film, as far as the options leave it. */
static mien_status open_film(mien_source *source, const mien_input_file *input) {
    const mien_predict_options *o = source->options;
    const char *path = input->path;
    mien_film_options film = mien_film_options_default();
    film.every_s = o->every_s;
    film.keyframes = o->keyframes;
    film.start_s = source->start_s = fmax(o->start_s, input->start_s);
    film.end_s = source->end_s = fmin(o->end_s, input->end_s);
    if (!(film.end_s > film.start_s)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: its part from %g s to %g s lies outside of --start and --end", path,
            input->start_s, input->end_s);
    }
    film.threads = o->threads;
    film.short_side = mien_preprocess_short_side(source->preprocess);
    mien_status status = mien_film_open(path, &film, &source->film);
    source->film_moments = 0;
    source->last_s = source->widest_s = 0;
    return status;
}

static mien_status next_picture(
    mien_source *source, const char *path, mien_item *item) {
    mien_image_options options = mien_image_options_default();
    options.scale_short_min = mien_preprocess_short_side(source->preprocess);
    mien_tensor *image = NULL;
    mien_status status = mien_image_read(path, &options, &image);
    if (status == MIEN_OK) {
        status = fill(source, image, item);
    }
    if (status != MIEN_OK) {
        status = problem(item, status);
    } else {
        item->kind = MIEN_ITEM_PICTURE;
        item->start_s = NAN;
    }
    mien_tensor_free(&image);
    return status;
}

mien_status mien_source_next(mien_source *source, mien_item *item) {
    mien_tensor_free(&item->thumbnail);
    item->status = MIEN_OK;
    item->input = source->next - 1;
    if (source->film) {
        return next_moment(source, item);
    }
    if (source->film_damaged > 0) {
        return tell_damage(source, item);
    }
    if (source->next == source->inputs->count) {
        return MIEN_END;
    }
    const mien_input_file *input = &source->inputs->items[source->next];
    item->input = source->next++;
    if (input->problem) {
        return problem(item, mien_fail(input->status, "%s", input->problem));
    }
    mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
    mien_status status = mien_media_kind_of(input->path, &kind);
    if (status == MIEN_OK && kind == MIEN_MEDIA_FILM) {
        status = open_film(source, input);
        return status == MIEN_OK ? next_moment(source, item) : problem(item, status);
    }
    /* an unknown kind goes to the picture decoders too: they say best what is wrong */
    return status == MIEN_OK ? next_picture(source, input->path, item)
                             : problem(item, status);
}
