// SPDX-License-Identifier: GPL-2.0
/*
 * An agent that is stopped, as by a debugger, while the kernel below it works on:
 * frames and news wait in its sockets until it is continued.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

bool sim_listens(const struct sim_node *n)
{
	return n->tunnel && !n->stopped;
}

void sim_agent_stop(struct sim_node *n)
{
	n->stopped = true;
	sim_touch(n);
}

void sim_stop_frame(struct sim_node *n, struct sim_packet *p)
{
	n->socket = realloc(n->socket, (n->nr_socket + 1) * sizeof(*n->socket));
	n->socket[n->nr_socket++] = p;
}

void sim_stop_ended(struct sim_node *n, const struct nhrp_prefix *prefix)
{
	if (!n->stopped)
		return;
	n->ended = realloc(n->ended, (n->nr_ended + 1) * sizeof(*n->ended));
	n->ended[n->nr_ended++] = *prefix;
}

void sim_stop_clear(struct sim_node *n)
{
	while (n->nr_socket)
		free(n->socket[--n->nr_socket]);
	free(n->socket);
	free(n->ended);
	n->socket = NULL;
	n->ended = NULL;
	n->nr_ended = 0;
	n->stopped = false;
}

/* What the kernel told is later than the frames: those come first. */
static void tell_ends(struct sim_node *n)
{
	unsigned int i;

	for (i = 0; i < n->nr_ended; i++) {
		nhrp_tunnel_run_known(n->tunnel, n->sim->now);
		nhrp_tunnel_expired(n->tunnel, &n->ended[i], n->sim->now);
	}
}

/* As the daemon does it: what waits is read before timers run. */
void sim_agent_continue(struct sim_node *n, bool ends_first)
{
	unsigned int i;

	n->stopped = false;
	for (i = 0; i < n->nr_socket; i++) {
		struct nhrp_frame f = sim_frame_of(n->socket[i]);

		nhrp_tunnel_queue(n->tunnel, &f);
	}
	if (ends_first)
		tell_ends(n);
	nhrp_core_run(n->core, n->sim->now);
	if (!ends_first)
		tell_ends(n);
	while (nhrp_tunnel_queued(n->tunnel))
		nhrp_tunnel_run_queue(n->tunnel, 1, n->sim->now);
	sim_stop_clear(n);
	sim_touch(n);
}
