/* SPDX-License-Identifier: MIT */
/* All of libmien.
 *
 *     mien_predictor *predictor = NULL;
 *     mien_status status = mien_predictor_open("image-va", NULL, &predictor);
 *     if (status != MIEN_OK) {
 *         fprintf(stderr, "mien %s: %s\n", mien_version(), mien_error());
 *     }
 *     mien_predictor_close(&predictor);
 */
#ifndef MIEN_MIEN_H
#define MIEN_MIEN_H

#include "mien/architecture.h"
#include "mien/backbones.h"
#include "mien/base.h"
#include "mien/data.h"
#include "mien/eval.h"
#include "mien/faces.h"
#include "mien/finders.h"
#include "mien/gaze.h"
#include "mien/inputs.h"
#include "mien/io.h"
#include "mien/media.h"
#include "mien/models.h"
#include "mien/graphs.h"
#include "mien/nn.h"
#include "mien/physiology.h"
#include "mien/predict.h"
#include "mien/recordings.h"
#include "mien/report.h"
#include "mien/sensors.h"
#include "mien/signal.h"
#include "mien/tensor.h"
#include "mien/train.h"

#endif
