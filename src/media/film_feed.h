/* SPDX-License-Identifier: MIT */
/* Brings packets to the decoder and leaves out those that no wanted frame needs. */
#ifndef MIEN_MEDIA_FILM_FEED_H
#define MIEN_MEDIA_FILM_FEED_H

#include "media/film.h"

/** One step: sends one packet, leaves packets out, begins a flush (film->flushing), or
 * ends the stream (film->finished). Call when the decoder wants more. */
mien_status mien_film_feed(mien_film *film);

/** Reads packets, and decodes none, until it is known whether something is shown at
 * `us`: film->packets_end_us. Only when all pictures wanted have been given. */
mien_status mien_film_look_on(mien_film *film, int64_t us);

#endif
