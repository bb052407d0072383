/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: the agent's socket, with frames and events */
#ifndef DVPN_LIB_AGENT_H
#define DVPN_LIB_AGENT_H

#include "lib/objects.h"

struct dvpn_agent;

/**
 * struct dvpn_agent_ops - what to call for what came
 * @frame: an NHRP packet
 * @event: an event
 * @bad: a message that could not be parsed, in words; may be NULL
 */
struct dvpn_agent_ops {
	void (*frame)(const struct dvpn_frame *frame, void *ctx);
	void (*event)(const struct dvpn_event_msg *event, void *ctx);
	void (*bad)(const char *text, void *ctx);
};

/**
 * dvpn_agent_open - open an agent's socket
 * @a: where to put it; NULL on failure
 * @ops: whom to call; must outlive the socket
 * @ctx: handed to the callbacks
 *
 * Return: as dvpn_open().
 */
int dvpn_agent_open(struct dvpn_agent **a, const struct dvpn_agent_ops *ops, void *ctx);

/**
 * dvpn_agent_close - close an agent's socket, which ends its bindings
 * @a: socket, or NULL
 *
 * Not to be called from within a callback.
 */
void dvpn_agent_close(struct dvpn_agent *a);

/**
 * dvpn_agent_fd - the descriptor to watch for reading
 * @a: agent socket
 */
int dvpn_agent_fd(const struct dvpn_agent *a);

/**
 * dvpn_agent_error - what went wrong in the last bind or unbind, in words
 * @a: agent socket
 *
 * Return: never NULL; empty if it succeeded.
 */
const char *dvpn_agent_error(const struct dvpn_agent *a);

/**
 * dvpn_agent_bind - become a device's agent
 * @a: agent socket; may be bound to several devices
 * @ifindex: the dvpn device
 * @classes: mask of &enum dvpn_agent_class
 * @features: where to put the module's features, or NULL
 * @generation: where to put the table's generation, or NULL
 *
 * Does not wait: the kernel answers at once. Frames and events that come before the
 * answer are kept and given out by the next dvpn_agent_read(). An answer that did not
 * fit into the receive buffer is asked for again.
 *
 * Return: 0, -EBUSY if another socket is the agent, -ENODEV, -EPERM, -ENOBUFS if
 * every answer was lost (it may be bound or not: try again), ...
 */
int dvpn_agent_bind(struct dvpn_agent *a, unsigned int ifindex, u32 classes,
		    u32 *features, u32 *generation);
/**
 * dvpn_agent_unbind - stop being a device's agent
 * @a: agent socket
 * @ifindex: the dvpn device
 * @classes: mask of &enum dvpn_agent_class
 *
 * As dvpn_agent_bind().
 *
 * Return: 0, -ENOENT if this socket is not the agent, -ENODEV, -ENOBUFS, ...
 */
int dvpn_agent_unbind(struct dvpn_agent *a, unsigned int ifindex, u32 classes);

/**
 * dvpn_agent_read - take what came, at most @max messages
 * @a: agent socket
 * @max: bound, so that a storm cannot keep an event loop from its timers; the
 *	descriptor stays readable if there is more
 *
 * Never blocks. Callbacks are called from here.
 *
 * Return: 0; -ENOBUFS if the receive buffer overran (messages are lost, dump the
 * table again and go on reading); another negative errno if the socket is broken.
 */
int dvpn_agent_read(struct dvpn_agent *a, unsigned int max);

/**
 * dvpn_agent_backlog - are there messages that the descriptor does not show?
 * @a: agent socket
 *
 * dvpn_agent_bind() keeps what comes before the answer; then call dvpn_agent_read().
 */
bool dvpn_agent_backlog(const struct dvpn_agent *a);

#endif /* DVPN_LIB_AGENT_H */
