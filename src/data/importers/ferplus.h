/* SPDX-License-Identifier: MIT */
/* The published rule that turns the ten votes of FER+ into a label and shares.
 */
#ifndef MIEN_DATA_FERPLUS_H
#define MIEN_DATA_FERPLUS_H

#include <stdbool.h>

/* Votes in the published order: eight emotions, unknown, not a face. */
#define MIEN_FERPLUS_VOTES 10
#define MIEN_FERPLUS_CLASSES 8

/* The class that has more than half of the votes once single votes are dropped; -1 if
 * none has, or if it is unknown or not a face. */
int mien_ferplus_label(const int votes[MIEN_FERPLUS_VOTES]);
/* The leading classes in falling order until they hold three quarters of the votes
 * (single ones dropped), three at most, ended by unknown or not a face; false, and
 * shares untouched, if they hold half or less, are more than three (equals), or if
 * unknown or not a face leads. */
bool mien_ferplus_shares(
    const int votes[MIEN_FERPLUS_VOTES], double shares[MIEN_FERPLUS_CLASSES]);

#endif
