// SPDX-License-Identifier: GPL-2.0
/* Two heaps: packets under way, and nodes by when they want to run. */
#include <stdlib.h>

#include "sim.h"

static bool sooner(const struct sim_packet *a, const struct sim_packet *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

void sim_heap_push(struct sim *sim, struct sim_packet *p)
{
	unsigned int i = sim->nr_packets++;

	if (i == sim->packets_room) {
		sim->packets_room = 2 * i + 64;
		sim->packets = realloc(sim->packets, sim->packets_room *
				       sizeof(struct sim_packet *));
	}
	for (; i && sooner(p, sim->packets[(i - 1) / 2]); i = (i - 1) / 2)
		sim->packets[i] = sim->packets[(i - 1) / 2];
	sim->packets[i] = p;
}

struct sim_packet *sim_heap_pop(struct sim *sim)
{
	struct sim_packet *first = sim->packets[0], *last;
	unsigned int i = 0, child;

	last = sim->packets[--sim->nr_packets];
	while ((child = 2 * i + 1) < sim->nr_packets) {
		if (child + 1 < sim->nr_packets &&
		    sooner(sim->packets[child + 1], sim->packets[child]))
			child++;
		if (!sooner(sim->packets[child], last))
			break;
		sim->packets[i] = sim->packets[child];
		i = child;
	}
	sim->packets[i] = last;
	return first;
}

/* Nodes of one time run in the order in which they were made. */
static bool earlier(const struct sim_node *a, const struct sim_node *b)
{
	return a->deadline != b->deadline ? a->deadline < b->deadline :
					    a->index < b->index;
}

static void put(struct sim *sim, u32 i, struct sim_node *n)
{
	sim->heap[i] = n;
	n->heap_at = i;
}

/* The deadline of @n is not what it was. */
void sim_heap_fix(struct sim *sim, struct sim_node *n)
{
	u32 i = n->heap_at, child;

	for (; i && earlier(n, sim->heap[(i - 1) / 2]); i = (i - 1) / 2)
		put(sim, i, sim->heap[(i - 1) / 2]);
	while ((child = 2 * i + 1) < sim->nr_nodes) {
		if (child + 1 < sim->nr_nodes &&
		    earlier(sim->heap[child + 1], sim->heap[child]))
			child++;
		if (!earlier(sim->heap[child], n))
			break;
		put(sim, i, sim->heap[child]);
		i = child;
	}
	put(sim, i, n);
}

/* @n is the last of sim.nodes. */
void sim_heap_add(struct sim *sim, struct sim_node *n)
{
	put(sim, n->index, n);
	sim_heap_fix(sim, n);
}
