/* SPDX-License-Identifier: MIT */
/* Reads arbitrary text as the contract of a model. What is taken must build or
 * say why not, and must read back from what is written of it. */
#include <stdint.h>
#include <stdlib.h>

#include "models/contract/contract.h"
#include "models/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mien_status read_back(const mien_network *network, int64_t golden) {
    mien_value *contract = NULL;
    mien_arena *arena = NULL;
    mien_network again;
    int64_t count = 0;
    int version = 0;
    mien_status status = mien_contract_make(network, golden, &contract);
    if (status == MIEN_OK) {
        status = mien_arena_new(4096, &arena);
    }
    if (status == MIEN_OK) {
        status = mien_contract_parse(contract, arena, &again, &count, &version);
    }
    mien_arena_free(&arena);
    mien_value_free(&contract);
    return status == MIEN_OK && count != golden ? MIEN_EFORMAT : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    mien_value *contract = NULL;
    mien_arena *arena = NULL;
    mien_network network;
    mien_network_body body = {0};
    int64_t golden = 0;
    int version = 0;
    mien_log_set(NULL, NULL);
    if (mien_value_parse_json("fuzz", (const char *)data, size, &contract) == MIEN_OK &&
        mien_arena_new(4096, &arena) == MIEN_OK &&
        mien_contract_parse(contract, arena, &network, &golden, &version) == MIEN_OK) {
        if (read_back(&network, golden) != MIEN_OK) {
            abort();
        }
        if (mien_network_build(&network, &body) == MIEN_OK) {
            mien_network_clear(&body);
        }
    }
    mien_arena_free(&arena);
    mien_value_free(&contract);
    return 0;
}
