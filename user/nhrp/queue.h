/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames that wait until there is time for them
 *
 * More may come than can be handled: all spokes at once, or a flood. The newest
 * is worth more than the oldest, whose sender has given up or has repeated it.
 * Those whom we know wait apart, so that strangers take none of their places and
 * at most a quarter of the time.
 *
 * One source waits in one class only, or an old registration of a stranger would be
 * handled after what it sent when it was known. Who is known takes along what waits
 * among strangers, and stays known while something of it waits.
 */
#ifndef NHRP_QUEUE_H
#define NHRP_QUEUE_H

#include "nhrp/core.h"
#include "nhrp/types.h"

#define NHRP_QUEUE_FRAMES	4096		/* of each class */
#define NHRP_QUEUE_BYTES	(1024 * 1024)	/* of each class */
#define NHRP_QUEUE_SHARES	1024		/* a power of two */
#define NHRP_QUEUE_SHARE_MAX	64		/* frames of one source */
#define NHRP_QUEUE_HUB_MAX	1024		/* frames of one hub, who speaks for many */

/**
 * enum nhrp_queue_class - who waits together
 * @NHRP_QUEUE_KNOWN: who is registered, other peers of the kernel, and hubs
 * @NHRP_QUEUE_STRANGERS: all others
 */
enum nhrp_queue_class {
	NHRP_QUEUE_KNOWN,
	NHRP_QUEUE_STRANGERS,
	NHRP_QUEUE_CLASSES,
};

struct nhrp_waiting;

/**
 * struct nhrp_share - frames that wait, of one source or of some that meet
 * @newest: of them, which has those that came before it behind it
 * @n: their number without those of hubs
 */
struct nhrp_share {
	struct nhrp_waiting *newest;
	unsigned int n;
};

/**
 * struct nhrp_queue - the frames of a tunnel that wait; a zeroed one is empty
 * @class: for each class its frames, the oldest first, their number and bytes
 * @share: the frames of each source in each class, hashed: two sources that meet
 *	share a place. Apart, so that strangers who fill places fill none of those
 *	whom we know.
 * @hub_n: frames of each configured hub, which are found in @share as well: their
 *	source may be no hub any more when the next one comes
 * @turn: frames taken, whose number tells whose turn it is
 */
struct nhrp_queue {
	struct {
		struct nhrp_waiting *first;
		struct nhrp_waiting *last;
		unsigned int n;
		size_t bytes;
	} class[NHRP_QUEUE_CLASSES];
	struct nhrp_share share[NHRP_QUEUE_CLASSES][NHRP_QUEUE_SHARES];
	unsigned int hub_n[NHRP_HUBS_MAX];
	unsigned int turn;
};

void nhrp_queue_free(struct nhrp_tunnel *t);

/* frame.c */
void nhrp_frame_handle(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		       u64 now_ms);

#endif
