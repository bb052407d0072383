// SPDX-License-Identifier: GPL-2.0
/* A hub that is not infinitely fast: frames wait, and what does not fit is lost. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

void sim_queue_set(struct sim_node *n, u32 frames_per_s, u32 max)
{
	sim_queue_clear(n);
	free(n->queue.ring);
	memset(&n->queue, 0, sizeof(n->queue));
	if (!frames_per_s)
		return;
	n->queue.service_us = 1000000 / frames_per_s;
	n->queue.max = max;
	n->queue.free_at_us = n->sim->now * 1000;
	if (max)
		n->queue.ring = calloc(max, sizeof(struct sim_packet *));
}

u32 sim_queue_length(const struct sim_node *n)
{
	if (n->queue.max)
		return n->queue.nr;
	return n->queue.service_us && n->tunnel ? nhrp_tunnel_queued(n->tunnel) : 0;
}

/* The core has it now. */
static void give(struct sim_node *n, struct sim_packet *p)
{
	struct nhrp_frame f = sim_frame_of(p);

	nhrp_tunnel_queue(n->tunnel, &f);
	free(p);
}

/* Return: false if there is no queue. */
bool sim_queue_add(struct sim_node *n, struct sim_packet *p)
{
	struct sim_queue *q = &n->queue;

	if (!q->service_us)
		return false;
	/* It was idle. */
	if (!sim_queue_length(n) && q->free_at_us < n->sim->now * 1000)
		q->free_at_us = n->sim->now * 1000;
	if (!q->max) {
		give(n, p);
	} else if (q->nr == q->max) {
		q->dropped++;
		free(p);
	} else {
		q->ring[(q->first + q->nr++) % q->max] = p;
	}
	if (sim_queue_length(n) > q->most)
		q->most = sim_queue_length(n);
	return true;
}

/* An answer leaves when the work for it is done. */
u64 sim_queue_next(const struct sim_node *n)
{
	const struct sim_queue *q = &n->queue;

	return sim_queue_length(n) && !n->stopped ?
		       (q->free_at_us + q->service_us + 999) / 1000 :
		       UINT64_MAX;
}

void sim_queue_run(struct sim_node *n)
{
	struct sim_queue *q = &n->queue;

	while (sim_queue_next(n) <= n->sim->now) {
		struct sim_packet *p;

		q->free_at_us += q->service_us;
		if (!q->max) {
			nhrp_tunnel_run_queue(n->tunnel, 1, n->sim->now);
			continue;
		}
		p = q->ring[q->first];
		q->first = (q->first + 1) % q->max;
		q->nr--;
		sim_frame(n, p);
		free(p);
	}
}

void sim_queue_clear(struct sim_node *n)
{
	struct sim_queue *q = &n->queue;

	for (; q->nr; q->nr--) {
		free(q->ring[q->first]);
		q->first = (q->first + 1) % q->max;
	}
}
