/* SPDX-License-Identifier: GPL-2.0 */
/* The methods of the control protocol */
#ifndef DVPND_METHODS_H
#define DVPND_METHODS_H

#include "dvpnd/control.h"

/* A control_handler; @ctx is the daemon. */
void methods_handle(struct client *cl, const struct request *req, void *ctx);

#endif /* DVPND_METHODS_H */
