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
 * @prev: the one of its class that came before it
 * @next: the one that came after it
 * @counted: with those of how many
 * @older: the one of its class and hash that came before it
 * @link: what points to it there
 * @frame: the frame, whose bytes are @data
 * @data: copied
 */
struct nhrp_waiting {
	struct nhrp_waiting *prev;
	struct nhrp_waiting *next;
	unsigned int *counted;
	struct nhrp_waiting *older;
	struct nhrp_waiting **link;
	struct nhrp_frame frame;
	u8 data[];
};

static void take_out(struct nhrp_queue *q, enum nhrp_queue_class c,
		     struct nhrp_waiting *w)
{
	if (w->prev)
		w->prev->next = w->next;
	else
		q->class[c].first = w->next;
	if (w->next)
		w->next->prev = w->prev;
	else
		q->class[c].last = w->prev;
	q->class[c].n--;
	q->class[c].bytes -= w->frame.len;

	*w->link = w->older;
	if (w->older)
		w->older->link = w->link;
	--*w->counted;
}

static struct nhrp_waiting *take(struct nhrp_queue *q, enum nhrp_queue_class c)
{
	struct nhrp_waiting *w = q->class[c].first;

	take_out(q, c, w);
	return w;
}

static struct nhrp_waiting *take_next(struct nhrp_queue *q)
{
	bool theirs = q->class[NHRP_QUEUE_STRANGERS].n &&
		      (!q->class[NHRP_QUEUE_KNOWN].n ||
		       ++q->turn % STRANGERS_TURN == 0);

	return take(q, theirs ? NHRP_QUEUE_STRANGERS : NHRP_QUEUE_KNOWN);
}

static bool is_full(const struct nhrp_queue *q, enum nhrp_queue_class c, size_t len)
{
	return q->class[c].n &&
	       (q->class[c].n >= NHRP_QUEUE_FRAMES ||
		q->class[c].bytes + len > NHRP_QUEUE_BYTES);
}

/**
 * struct place - where a frame waits
 * @c: with whom
 * @share: where it is found
 * @n: where it is counted
 * @max: most frames that are counted there
 */
struct place {
	enum nhrp_queue_class c;
	struct nhrp_share *share;
	unsigned int *n;
	unsigned int max;
};

static void append(struct nhrp_queue *q, const struct place *p, struct nhrp_waiting *w)
{
	w->next = NULL;
	w->prev = q->class[p->c].last;
	if (w->prev)
		w->prev->next = w;
	else
		q->class[p->c].first = w;
	q->class[p->c].last = w;
	q->class[p->c].n++;
	q->class[p->c].bytes += w->frame.len;

	w->older = p->share->newest;
	if (w->older)
		w->older->link = &w->older;
	w->link = &p->share->newest;
	p->share->newest = w;
	w->counted = p->n;
	++*w->counted;
}

/* The newest of a class is worth more than its oldest. */
static void admit(struct nhrp_tunnel *t, const struct place *p, struct nhrp_waiting *w)
{
	struct nhrp_queue *q = &t->queue;

	while (is_full(q, p->c, w->frame.len)) {
		nhrp_count(t, NHRP_C_DROP_OLDEST);
		free(take(q, p->c));
	}
	append(q, p, w);
}

/* What of a source waits among strangers, in its order. */
static void take_along(struct nhrp_tunnel *t, struct nhrp_share *strangers,
		       const struct place *to, const struct nhrp_peer_key *from)
{
	struct nhrp_waiting *w, *older, *oldest = NULL;

	for (w = strangers->newest; w; w = older) {
		older = w->older;
		if (!nhrp_key_eq(&w->frame.from, from))
			continue;
		take_out(&t->queue, NHRP_QUEUE_STRANGERS, w);
		w->next = oldest;
		oldest = w;
	}
	for (w = oldest; w; w = oldest) {
		oldest = w->next;
		if (*to->n < to->max) {
			admit(t, to, w);
		} else {
			nhrp_count(t, NHRP_C_DROP_RATE);
			free(w);
		}
	}
}

static bool waits(const struct nhrp_share *share, const struct nhrp_peer_key *from)
{
	const struct nhrp_waiting *w;

	for (w = share->newest; w; w = w->older)
		if (nhrp_key_eq(&w->frame.from, from))
			return true;
	return false;
}

/* The kernel may have lost the peer of one who is registered. */
static bool is_known(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		     const struct nhrp_share *known)
{
	return frame->peer_id || nhrp_locator_find(t, &frame->from) ||
	       waits(known, &frame->from);
}

/* After what of the same source waits elsewhere. */
static struct place place_of(struct nhrp_tunnel *t, const struct nhrp_frame *frame)
{
	unsigned int i = nhrp_key_hash(t, &frame->from) & (NHRP_QUEUE_SHARES - 1);
	const struct nhrp_hub *hub = nhrp_hub_by_nbma(t, &frame->from);
	struct nhrp_share *strangers = &t->queue.share[NHRP_QUEUE_STRANGERS][i];
	struct nhrp_share *known = &t->queue.share[NHRP_QUEUE_KNOWN][i];
	struct place p = {
		.c = NHRP_QUEUE_KNOWN,
		.share = known,
		.n = &known->n,
		.max = NHRP_QUEUE_SHARE_MAX,
	};

	if (hub) {
		p.n = &t->queue.hub_n[hub - t->cfg.hubs];
		p.max = NHRP_QUEUE_HUB_MAX;
	} else if (!is_known(t, frame, known)) {
		p.c = NHRP_QUEUE_STRANGERS;
		p.share = strangers;
		p.n = &strangers->n;
		return p;
	}
	take_along(t, strangers, &p, &frame->from);
	return p;
}

void nhrp_tunnel_queue(struct nhrp_tunnel *t, const struct nhrp_frame *frame)
{
	struct place p = place_of(t, frame);
	struct nhrp_waiting *w;

	nhrp_count(t, NHRP_C_RX);
	if (*p.n >= p.max) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	w = malloc(sizeof(*w) + frame->len);
	if (!w) {
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		return;
	}
	w->frame = *frame;
	w->frame.data = w->data;
	memcpy(w->data, frame->data, frame->len);
	admit(t, &p, w);
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
