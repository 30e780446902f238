/* SPDX-License-Identifier: MIT */
#ifndef MIEN_RECORDINGS_H
#define MIEN_RECORDINGS_H
#include "mien/io.h"
#endif
