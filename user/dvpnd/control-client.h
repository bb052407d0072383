/* SPDX-License-Identifier: GPL-2.0 */
/* A connection, for the files of the control socket alone */
#ifndef DVPND_CONTROL_CLIENT_H
#define DVPND_CONTROL_CLIENT_H

#include "dvpnd/control.h"

/**
 * struct client - a connection
 * @next: in the server's list.
 * @c: server.
 * @io: readable or writable.
 * @idle: ends it if no whole request comes.
 * @privileged: its user may change things.
 * @busy: a request is being answered.
 * @more: that request had "more".
 * @oneway: that request had "oneway".
 * @feed: what it is subscribed to, or NULL.
 * @filter: for @feed.
 * @closing: close when all is written.
 * @dead: free it at the next occasion; its callbacks may be on the stack.
 * @stream: being sent.
 * @gone: see control_wait().
 * @gone_ctx: for @gone.
 * @in: what was received and not handled.
 * @in_len: bytes in @in.
 * @out: what is to be sent.
 * @out_len: bytes in @out.
 * @out_off: of those, sent.
 * @out_room: size of @out.
 */
struct client {
	struct client *next;
	struct control *c;
	ev_io io;
	ev_timer idle;
	bool privileged;
	bool busy;
	bool more;
	bool oneway;
	bool closing;
	bool dead;
	const struct control_feed *feed;
	void *filter;
	struct stream *stream;
	void (*gone)(void *ctx);
	void *gone_ctx;
	char *in;
	size_t in_len;
	char *out;
	size_t out_len;
	size_t out_off;
	size_t out_room;
};

/**
 * struct control - the server
 * @loop: event loop, NULL before control_start().
 * @fd: that clients come by, -1: none.
 * @path: of it.
 * @handler: answers requests.
 * @ctx: for @handler.
 * @io: somebody wants to connect.
 * @clients: list of the connections.
 * @nr_clients: their number.
 */
struct control {
	struct ev_loop *loop;
	int fd;
	char path[108];
	control_handler handler;
	void *ctx;
	ev_io io;
	struct client *clients;
	unsigned int nr_clients;
};

/* Close the connection and forget it, now. */
void client_free(struct client *cl);

/* Whoever is on the stack may still hold it: it is freed by the loop. */
void client_kill(struct client *cl);

/* Wait for what it may do now: send, or read what waits for it. */
void client_watch(struct client *cl);

/* Bytes that wait to be sent. */
size_t client_waiting(const struct client *cl);

/* The clock runs while it is the client's turn: to ask, or to read. */
void client_update_idle(struct client *cl);

/* Return: false if it is beyond the limit; nothing is sent then. */
bool client_put(struct client *cl, const char *text, size_t len);

/* Go on with its stream as far as there is room (control-reply.c). */
void client_pump(struct client *cl);

/* Handle what is there, one request after the other (control-request.c). */
void client_service(struct client *cl);

#endif /* DVPND_CONTROL_CLIENT_H */
