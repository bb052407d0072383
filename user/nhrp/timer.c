// SPDX-License-Identifier: GPL-2.0
/* A pairing heap: O(1) insert, O(log n) amortised removal, nothing to fail. */
#include "nhrp/timer.h"

static bool earlier(const struct nhrp_timer *a, const struct nhrp_timer *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static struct nhrp_timer *meld(struct nhrp_timer *a, struct nhrp_timer *b)
{
	struct nhrp_timer *low = a, *high = b;

	if (!a || !b)
		return a ? a : b;
	if (earlier(b, a)) {
		low = b;
		high = a;
	}
	high->next = low->child;
	if (low->child)
		low->child->prev = high;
	high->prev = low;
	low->child = high;
	low->next = NULL;
	low->prev = NULL;
	return low;
}

/* Two passes: pair siblings from the left, then meld the pairs from the right. */
static struct nhrp_timer *meld_siblings(struct nhrp_timer *first)
{
	struct nhrp_timer *pairs = NULL, *root = NULL;

	while (first) {
		struct nhrp_timer *a = first, *b = first->next;

		first = b ? b->next : NULL;
		a->next = NULL;
		a->prev = NULL;
		if (b) {
			b->next = NULL;
			b->prev = NULL;
		}
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct nhrp_timer *rest = pairs->next;

		pairs->next = NULL;
		root = meld(root, pairs);
		pairs = rest;
	}
	return root;
}

void nhrp_timer_clear(struct nhrp_timerq *q, struct nhrp_timer *timer)
{
	struct nhrp_timer *children;

	if (!timer->set)
		return;
	children = meld_siblings(timer->child);
	if (timer == q->root) {
		q->root = children;
	} else {
		if (timer->prev->child == timer)
			timer->prev->child = timer->next;
		else
			timer->prev->next = timer->next;
		if (timer->next)
			timer->next->prev = timer->prev;
		q->root = meld(q->root, children);
	}
	timer->child = NULL;
	timer->next = NULL;
	timer->prev = NULL;
	timer->set = false;
}

void nhrp_timer_set(struct nhrp_timerq *q, struct nhrp_timer *timer, u64 at_ms)
{
	nhrp_timer_clear(q, timer);
	if (at_ms == NHRP_NEVER)
		return;
	timer->at_ms = at_ms;
	timer->seq = ++q->seq;
	timer->set = true;
	q->root = meld(q->root, timer);
}

u64 nhrp_timerq_next(const struct nhrp_timerq *q)
{
	return q->root ? q->root->at_ms : NHRP_NEVER;
}

void nhrp_timerq_run(struct nhrp_timerq *q, u64 now_ms)
{
	/* What is set while running waits for the next run: no endless loop. */
	u64 last = q->seq;

	while (q->root && q->root->at_ms <= now_ms && q->root->seq <= last) {
		struct nhrp_timer *timer = q->root;

		nhrp_timer_clear(q, timer);
		timer->fn(timer, now_ms);
	}
}
