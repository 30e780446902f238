/* SPDX-License-Identifier: MIT */
/* The audit that `mien train` makes before it trains. */
#ifndef MIEN_CLI_TRAIN_AUDIT_H
#define MIEN_CLI_TRAIN_AUDIT_H

#include "cli/command.h"
#include "train/study/study.h"

/** Where the study's audit.leaks is fail: MIEN_EFORMAT if `mien doctor` finds leaks in
 * its table that audit.allow does not name; each is told with its trial, also what is
 * allowed. */
mien_status cli_train_audit(cli *c, const mien_study *study);

#endif
