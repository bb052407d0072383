/* SPDX-License-Identifier: GPL-2.0 */
/* Timers of the protocol core: an intrusive pairing heap, no allocation. */
#ifndef NHRP_TIMER_H
#define NHRP_TIMER_H

#include <stdint.h>

#include "nhrp/types.h"

#define NHRP_NEVER	UINT64_MAX

/**
 * struct nhrp_timer - one deadline; a zeroed one is not set
 * @at_ms: when
 * @seq: order in which equal deadlines were set
 * @fn: what to call; it may set, clear or free any timer, its own included
 * @child: first child in the heap
 * @next: next sibling
 * @prev: previous sibling, or the parent of a first child
 * @set: is in the heap
 */
struct nhrp_timer {
	u64 at_ms;
	u64 seq;
	void (*fn)(struct nhrp_timer *timer, u64 now_ms);
	struct nhrp_timer *child;
	struct nhrp_timer *next;
	struct nhrp_timer *prev;
	bool set;
};

/**
 * struct nhrp_timerq - all timers of a core
 * @root: the earliest, or NULL
 * @seq: last sequence number given
 */
struct nhrp_timerq {
	struct nhrp_timer *root;
	u64 seq;
};

/**
 * nhrp_timer_set - set or move a deadline
 * @q: queue
 * @timer: its @fn is set
 * @at_ms: when; NHRP_NEVER clears it
 */
void nhrp_timer_set(struct nhrp_timerq *q, struct nhrp_timer *timer, u64 at_ms);

/**
 * nhrp_timer_clear - take a deadline back
 * @q: queue
 * @timer: set or not
 */
void nhrp_timer_clear(struct nhrp_timerq *q, struct nhrp_timer *timer);

/**
 * nhrp_timerq_next - the earliest deadline
 * @q: queue
 *
 * Return: NHRP_NEVER if there is none.
 */
u64 nhrp_timerq_next(const struct nhrp_timerq *q);

/**
 * nhrp_timerq_run - call everything that is due, in order
 * @q: queue
 * @now_ms: now
 */
void nhrp_timerq_run(struct nhrp_timerq *q, u64 now_ms);

#endif
