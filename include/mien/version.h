/* SPDX-License-Identifier: MIT */
/* The version of libmien; CMake reads it from here. */
#ifndef MIEN_VERSION_H
#define MIEN_VERSION_H

#define MIEN_VERSION_MAJOR 0
#define MIEN_VERSION_MINOR 1
#define MIEN_VERSION_PATCH 0
#define MIEN_VERSION "0.1.0"

#endif
