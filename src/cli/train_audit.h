/* SPDX-License-Identifier: MIT */
/* The audit that `mien train` makes before it trains. */
#ifndef MIEN_CLI_TRAIN_AUDIT_H
#define MIEN_CLI_TRAIN_AUDIT_H

#include "cli/command.h"
#include "train/study/study.h"

/** MIEN_EFORMAT if the study's folds put leaks on two sides that audit.allow does not
 * name; each is told with its trial, also what is allowed. The key audit.leaks makes
 * leaks pass (`tell`) or stops the looking (`off`). Of a kind that has more than a few
 * lines the first are told, and all are written to RUN.audit.tsv beside the run folder
 * (NULL: nowhere). */
mien_status cli_train_audit(cli *c, mien_study *study, const char *run);

#endif
