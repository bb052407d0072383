/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connection to the IKE daemon, strongSwan's charon, by its VICI socket
 *
 * It is made again when it ends, and ended if a request is not answered in time.
 */
#ifndef DVPND_CHARON_H
#define DVPND_CHARON_H

#include <ev.h>

#include "vici/conn.h"

struct charon;

#define CHARON_TROUBLE_MAX	192

/**
 * struct charon_ops - who is told
 * @up: it is there, and tells of events from now on.
 * @down: it is not there any more, or does not answer; what it would do is not known. Called
 *	again when charon_trouble() is another one.
 * @event: an event has come; the message is whole.
 */
struct charon_ops {
	void (*up)(void *ctx);
	void (*down)(void *ctx);
	vici_event_fn event;
};

/**
 * charon_new() - connect, and keep it so
 * @loop: event loop.
 * @path: of the socket.
 * @events: names of the events to hear of, then NULL.
 * @ops: called in the loop, never by a function of this file.
 * @ctx: for @ops.
 *
 * Return: NULL without memory.
 */
struct charon *charon_new(struct ev_loop *loop, const char *path, const char *const *events,
			  const struct charon_ops *ops, void *ctx);

/* Not in a function that it has called. Requests end with -ECANCELED. NULL is allowed. */
void charon_free(struct charon *c);

bool charon_is_up(const struct charon *c);

/* Ask, as vici_conn_request(); -ENOTCONN: it is not up. */
int charon_request(struct charon *c, const char *command, const struct vici_out *body,
		   vici_reply_fn reply, void *ctx);

/* What is wrong and what to do, one sentence; "" if it is up. */
const char *charon_trouble(const struct charon *c);

#endif /* DVPND_CHARON_H */
