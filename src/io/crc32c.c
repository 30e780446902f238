/* SPDX-License-Identifier: MIT */
/* CRC-32C a byte at a time: records of events are some dozen bytes. */
#include "io/crc32c.h"

/* The polynomial is 0x1EDC6F41, here with its bits reversed. */
static uint32_t shifted(uint32_t crc) {
    for (int bit = 0; bit < 8; bit++) {
        crc = crc & 1 ? crc >> 1 ^ UINT32_C(0x82f63b78) : crc >> 1;
    }
    return crc;
}

uint32_t mien_crc32c(const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        crc = crc >> 8 ^ shifted((crc ^ byte[i]) & 0xff);
    }
    return ~crc;
}

uint32_t mien_crc32c_masked(const void *bytes, size_t count) {
    uint32_t crc = mien_crc32c(bytes, count);
    return (crc >> 15 | crc << 17) + UINT32_C(0xa282ead8);
}
