/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames that wait until there is time for them
 *
 * More may come than can be handled: all spokes at once, or a flood. The newest
 * is worth more than the oldest, whose sender has given up or has repeated it.
 * Those whom we know wait apart, so that strangers take none of their places and
 * at most a quarter of the time.
 */
#ifndef NHRP_QUEUE_H
#define NHRP_QUEUE_H

#include "nhrp/core.h"
#include "nhrp/types.h"

#define NHRP_QUEUE_FRAMES	4096		/* of each class */
#define NHRP_QUEUE_BYTES	(1024 * 1024)	/* of each class */
#define NHRP_QUEUE_SHARES	1024		/* a power of two */
#define NHRP_QUEUE_SHARE_MAX	64		/* frames of one source */

/**
 * enum nhrp_queue_class - who waits together
 * @NHRP_QUEUE_KNOWN: peers of the kernel, as who is registered is, and hubs
 * @NHRP_QUEUE_STRANGERS: all others
 */
enum nhrp_queue_class {
	NHRP_QUEUE_KNOWN,
	NHRP_QUEUE_STRANGERS,
	NHRP_QUEUE_CLASSES,
};

struct nhrp_waiting;

/**
 * struct nhrp_queue - the frames of a tunnel that wait; a zeroed one is empty
 * @class: for each class its frames, the oldest first, their number and bytes
 * @share: how many frames of each source wait, hashed: two sources that meet
 *	share a place, and the keyed hash lets nobody choose whom to meet. Hubs
 *	speak for many and are not counted.
 * @turn: frames taken, whose number tells whose turn it is
 */
struct nhrp_queue {
	struct {
		struct nhrp_waiting *first;
		struct nhrp_waiting *last;
		unsigned int n;
		size_t bytes;
	} class[NHRP_QUEUE_CLASSES];
	u8 share[NHRP_QUEUE_SHARES];
	unsigned int turn;
};

void nhrp_queue_free(struct nhrp_tunnel *t);

/* frame.c */
void nhrp_frame_handle(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		       u64 now_ms);

#endif
