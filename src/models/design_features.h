/* SPDX-License-Identifier: MIT */
/* Designs of networks over features: what mien_design_check() looks at of them. */
#ifndef MIEN_MODELS_DESIGN_FEATURES_H
#define MIEN_MODELS_DESIGN_FEATURES_H

#include "mien/models.h"

/** As mien_design_check(), for a design with a kind. */
mien_status mien_design_check_features(const mien_design *design);

#endif
