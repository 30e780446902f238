/* SPDX-License-Identifier: MIT */
/* Calls the receiver of predictions and keeps what it says when it fails. */
#include "predict/sink.h"

#include <stdio.h>

mien_status mien_receive(void *context, const mien_prediction *prediction) {
    mien_receiver *r = context;
    mien_fail(MIEN_OK, "%s", ""); /* an earlier failure is not this call's */
    mien_status status = r->sink(r->context, prediction);
    if (status != MIEN_OK) {
        r->stopped = true;
        if (*mien_error()) {
            snprintf(r->text, sizeof r->text, "%s", mien_error());
        } else {
            snprintf(r->text, sizeof r->text,
                "%s: the receiver of predictions gave \"%s\"", prediction->input,
                mien_status_name(status));
        }
    }
    return status;
}

mien_status mien_receiver_status(const mien_receiver *receiver, mien_status status) {
    return receiver->stopped ? mien_fail(status, "%s", receiver->text) : status;
}
