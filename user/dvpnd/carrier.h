/* SPDX-License-Identifier: GPL-2.0 */
/* The interface is not ready for use while no hub works ("carrier-follows-hubs") */
#ifndef DVPND_CARRIER_H
#define DVPND_CARRIER_H

#include <stdbool.h>

struct tunnel;

/**
 * carrier_run() - have the interface follow what became of the hubs
 * @t: attached tunnel, its table adopted.
 *
 * Return: whether the interface became dormant, or ready for use.
 */
bool carrier_run(struct tunnel *t);

/**
 * carrier_release() - leave it to the kernel again whether the interface is ready
 * @t: tunnel that is not configured any more.
 */
void carrier_release(struct tunnel *t);

#endif
