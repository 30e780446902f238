/* SPDX-License-Identifier: MIT */
/* What was met while a film was played that only who looks films over asks for. */
#ifndef MIEN_MEDIA_FILM_NOTES_H
#define MIEN_MEDIA_FILM_NOTES_H

#include "mien/media.h"

/** Images given so far that were made of one field of an interlaced frame. */
int64_t mien_film_interlaced(const mien_film *film);

#endif
