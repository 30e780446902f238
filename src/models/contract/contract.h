/* SPDX-License-Identifier: MIT */
/* The contract of a model as a JSON document. Every version has a file that writes what
 * it can say and reads it back; all of them fill the same struct, and nothing behind
 * them knows versions. */
#ifndef MIEN_MODELS_CONTRACT_H
#define MIEN_MODELS_CONTRACT_H

#include "models/contract/json_fields.h"
#include "mien/models.h"

/** Checks a list of targets. MIEN_EINVAL names the first that is wrong. */
mien_status mien_targets_check(const mien_target *targets, int count);
/** Sum of mien_target_width(). */
int64_t mien_targets_width(const mien_target *targets, int count);

/** The contract as a document, of the lowest version that can say it; the caller frees.
 * MIEN_EUNSUPPORTED where none can. */
mien_status mien_contract_make(
    const mien_network *network, int64_t golden_count, mien_value **contract);
/** Fills everything but the tensors, the number of golden vectors, and the version
 * whose tensors the file has. Texts are lent from the contract, lists of classes made
 * in the arena. MIEN_EUNSUPPORTED for a newer version, another architecture or a part
 * this program does not compute; MIEN_EFORMAT names the key. */
mien_status mien_contract_parse(const mien_value *contract, mien_arena *arena,
    mien_network *network, int64_t *golden_count, int *version);

/* ---- versions ---- */

/** A contract being read. */
typedef struct mien_contract_reader {
    mien_json_fields keys; /* after the first failure the rest do nothing */
    const mien_value *contract;
    mien_arena *arena;
    mien_network *network;
} mien_contract_reader;

typedef struct mien_contract_version {
    int number;
    const char *architecture; /* the document's key */
    /** Whether it can say all of a network that mien_network_check() passes; fails for
     * want of memory alone. */
    mien_status (*says)(const mien_network *network, bool *can);
    /** Sets the version's own keys in their order; "targets" and all behind it are the
     * same in every version but 1. */
    void (*make)(const mien_network *network, int64_t golden_count, mien_maker *maker);
    void (*read)(mien_contract_reader *reader);
} mien_contract_version;
extern const mien_contract_version mien_contract_v1, mien_contract_v2, mien_contract_v3,
    mien_contract_v4;

/** The lowest version that can say a network. */
mien_status mien_contract_choose(
    const mien_network *network, const mien_contract_version **version);

/* ---- what they share ---- */

/** No smoothing, clamped, a file is a series: what versions before 4 imply. */
bool mien_contract_plain(const mien_network *network);
mien_value *mien_contract_make_preprocess(const mien_preprocess *p);
void mien_contract_read_preprocess(
    mien_json_fields *r, const mien_value *map, mien_preprocess *p);
/** A target that is a value, as version 1 writes it. */
mien_value *mien_contract_make_value(const mien_target *t);
void mien_contract_read_value(
    mien_json_fields *r, const mien_value *map, mien_target *t);
/** targets, golden, training, licence, citation. */
void mien_contract_make_rest(
    const mien_network *network, int64_t golden_count, mien_maker *maker);
void mien_contract_read_targets(mien_contract_reader *r,
    void (*read)(mien_contract_reader *r, const mien_value *map, mien_target *t));
/** A target that is a value or has classes. */
void mien_contract_read_target(
    mien_contract_reader *r, const mien_value *map, mien_target *t);
/** A read-out's learnt values without its tensors: {features, blocks}. */
mien_value *mien_contract_make_readout(const mien_network *network);
mien_value *mien_contract_make_blocks(const mien_network *network);
void mien_contract_read_readout(mien_contract_reader *r, const mien_value *map);
/** A copy; an empty map for NULL. */
mien_value *mien_contract_make_training(const mien_value *training);
/** A list of what make() gives for 0 … count - 1; NULL if one failed. */
mien_value *mien_contract_list(const mien_network *network, int count,
    mien_value *(*make)(const mien_network *n, int i));
#endif
