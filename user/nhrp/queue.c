// SPDX-License-Identifier: GPL-2.0
/* Frames that wait: see queue.h. */
#include <stdlib.h>
#include <string.h>

#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/queue.h"

#define STRANGERS_TURN	4	/* theirs is every so many-th */

/**
 * struct nhrp_waiting - a frame that waits
 * @next: the one that came after it
 * @share: where it is counted
 * @frame: the frame, whose bytes are @data
 * @data: copied
 */
struct nhrp_waiting {
	struct nhrp_waiting *next;
	u16 *share;
	struct nhrp_frame frame;
	u8 data[];
};

static struct nhrp_waiting *take(struct nhrp_queue *q, enum nhrp_queue_class c)
{
	struct nhrp_waiting *w = q->class[c].first;

	q->class[c].first = w->next;
	q->class[c].n--;
	q->class[c].bytes -= w->frame.len;
	--*w->share;
	return w;
}

static struct nhrp_waiting *take_next(struct nhrp_queue *q)
{
	bool theirs = q->class[NHRP_QUEUE_STRANGERS].n &&
		      (!q->class[NHRP_QUEUE_KNOWN].n ||
		       ++q->turn % STRANGERS_TURN == 0);

	return take(q, theirs ? NHRP_QUEUE_STRANGERS : NHRP_QUEUE_KNOWN);
}

static void append(struct nhrp_queue *q, enum nhrp_queue_class c,
		   struct nhrp_waiting *w)
{
	if (q->class[c].n)
		q->class[c].last->next = w;
	else
		q->class[c].first = w;
	q->class[c].last = w;
	q->class[c].n++;
	q->class[c].bytes += w->frame.len;
	++*w->share;
}

static bool is_full(const struct nhrp_queue *q, enum nhrp_queue_class c, size_t len)
{
	return q->class[c].n &&
	       (q->class[c].n >= NHRP_QUEUE_FRAMES ||
		q->class[c].bytes + len > NHRP_QUEUE_BYTES);
}

/* The kernel may have lost the peer of one who is registered. */
static bool is_known(struct nhrp_tunnel *t, const struct nhrp_frame *frame)
{
	return frame->peer_id || nhrp_locator_find(t, &frame->from);
}

void nhrp_tunnel_queue(struct nhrp_tunnel *t, const struct nhrp_frame *frame)
{
	const struct nhrp_hub *hub = nhrp_hub_by_nbma(t, &frame->from);
	enum nhrp_queue_class c = hub || is_known(t, frame) ?
				  NHRP_QUEUE_KNOWN : NHRP_QUEUE_STRANGERS;
	struct nhrp_queue *q = &t->queue;
	struct nhrp_waiting *w;
	u16 *share;

	nhrp_count(t, NHRP_C_RX);
	if (hub)
		share = &q->hub_share[hub - t->cfg.hubs];
	else
		share = &q->share[c][nhrp_key_hash(t, &frame->from) &
				     (NHRP_QUEUE_SHARES - 1)];
	if (*share >= (hub ? NHRP_QUEUE_HUB_MAX : NHRP_QUEUE_SHARE_MAX)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	w = malloc(sizeof(*w) + frame->len);
	if (!w) {
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		return;
	}
	w->next = NULL;
	w->share = share;
	w->frame = *frame;
	w->frame.data = w->data;
	memcpy(w->data, frame->data, frame->len);
	while (is_full(q, c, frame->len)) {
		nhrp_count(t, NHRP_C_DROP_OLDEST);
		free(take(q, c));
	}
	append(q, c, w);
}

static void handle(struct nhrp_tunnel *t, struct nhrp_waiting *w, u64 now_ms)
{
	nhrp_frame_handle(t, &w->frame, now_ms);
	free(w);
}

unsigned int nhrp_tunnel_queued(const struct nhrp_tunnel *t)
{
	return t->queue.class[NHRP_QUEUE_KNOWN].n +
	       t->queue.class[NHRP_QUEUE_STRANGERS].n;
}

void nhrp_tunnel_run_queue(struct nhrp_tunnel *t, unsigned int max, u64 now_ms)
{
	while (max-- && nhrp_tunnel_queued(t))
		handle(t, take_next(&t->queue), now_ms);
}

void nhrp_tunnel_run_known(struct nhrp_tunnel *t, u64 now_ms)
{
	while (t->queue.class[NHRP_QUEUE_KNOWN].n)
		handle(t, take(&t->queue, NHRP_QUEUE_KNOWN), now_ms);
}

void nhrp_queue_free(struct nhrp_tunnel *t)
{
	while (nhrp_tunnel_queued(t))
		free(take_next(&t->queue));
}
