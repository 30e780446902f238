/* SPDX-License-Identifier: MIT */
/* One tensor of an ONNX file, for the reader. */
#ifndef MIEN_IO_ONNX_TENSOR_H
#define MIEN_IO_ONNX_TENSOR_H

#include "io/onnx.h"
#include "onnx.pb-c.h"

/** A copy of its values; the caller frees. folder NULL: they must stand in the file
 * itself. `held` counts the bytes of all tensors so far. */
mien_status mien_onnx_tensor_make(const MienWire__Tensor *from, const char *folder,
    int64_t *held, mien_tensor **tensor);
/** The allocator that protobuf-c is given: never more than `room` bytes at once. */
typedef struct mien_onnx_room {
    ProtobufCAllocator allocator;
    size_t room;
    bool full; /**< the file asked for more */
    bool none; /**< there was no memory */
} mien_onnx_room;
void mien_onnx_room_init(mien_onnx_room *room, size_t file_bytes);

#endif
