/* SPDX-License-Identifier: MIT */
/* The checksum of record files: CRC-32C (Castagnoli), as iSCSI and TFRecord use it. */
#ifndef MIEN_IO_CRC32C_H
#define MIEN_IO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t mien_crc32c(const void *bytes, size_t count);
/** TFRecord keeps checksums rotated and shifted, so that one over data with checksums
 * in it is not weak: TensorFlow, tsl/lib/hash/crc32c.h. */
uint32_t mien_crc32c_masked(const void *bytes, size_t count);

#endif
