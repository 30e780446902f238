/* SPDX-License-Identifier: MIT */
/* Writes pictures of a film as PNG files: the smallest use of libmien's media calls. */
#include <mien/media.h>

#include <stdio.h>

static mien_status write_stills(const char *path, double every_s, const char *folder) {
    mien_film_options options = mien_film_options_default();
    mien_film *film = NULL;
    char *stem = NULL;
    options.every_s = every_s;
    mien_status status = mien_film_open(path, &options, &film);
    if (status) {
        goto done;
    }
    /* "a/film.mp4" gives "film" */
    const char *base = mien_path_base(path);
    const char *extension = mien_path_extension(base);
    size_t length = (size_t)(extension - base);
    stem = mien_strndup(base, *extension ? length - 1 : length);
    if (!stem) {
        status = MIEN_ENOMEM;
        goto done;
    }
    const mien_tensor *image;
    int64_t time_us, sample_us;
    while (!(status = mien_film_next(film, &image, &time_us, &sample_us))) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s-%06.2fs.png", folder, stem,
            (double)sample_us / 1e6);
        if ((status = mien_image_write_png(image, name))) {
            break;
        }
    }
    if (status == MIEN_END) {
        status = MIEN_OK;
    }
done:
    mien_free(stem);
    mien_film_close(&film);
    return status;
}

int main(int argc, char **argv) {
    double every_s;
    if (argc != 4 || !mien_parse_number(argv[2], &every_s) || !(every_s > 0)) {
        fprintf(stderr, "usage: stills FILM SECONDS FOLDER\n");
        return 2;
    }
    if (write_stills(argv[1], every_s, argv[3])) {
        fprintf(stderr, "stills: %s\n", mien_error());
        return 1;
    }
    return 0;
}
