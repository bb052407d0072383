/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control socket: connections, messages, limits
 *
 * Documentation/control.rst describes the protocol. This part knows nothing of
 * methods: it cuts the stream into requests, checks their form, and carries
 * replies without ever waiting for a client.
 */
#ifndef DVPND_CONTROL_H
#define DVPND_CONTROL_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CONTROL_REQUEST_MAX	(64 * 1024)	/* bytes, the NUL included */
#define CONTROL_DEPTH_MAX	8
#define CONTROL_CLIENTS_MAX	32
/* More for those who may change things: who may only look must not lock them out. */
#define CONTROL_CLIENTS_RESERVED 8
#define CONTROL_OUTPUT_MAX	(1024 * 1024)	/* bytes waiting for a client */
#define CONTROL_OUTPUT_LOW	(64 * 1024)	/* streams go on below it */
#define CONTROL_IDLE_S		60.
#define CONTROL_CHUNK		64		/* entries of a table in one reply */

struct control;
struct client;

/**
 * struct request - a request of good form
 * @method: full name.
 * @params: object, maybe empty.
 * @more: several replies are welcome.
 * @oneway: no reply is.
 * @privileged: the client may change things.
 */
struct request {
	const char *method;
	json_t *params;
	bool more;
	bool oneway;
	bool privileged;
};

/**
 * struct stream - a reply in parts
 * @member: name of the array that the entries go to.
 * @next: make the next entry; NULL: there are no more.
 * @free: give @stream back.
 *
 * Embed it in what the two need.
 */
struct stream {
	const char *member;
	json_t *(*next)(struct stream *stream);
	void (*free)(struct stream *stream);
};

/* Must answer with one of the functions below, now or later. */
typedef void (*control_handler)(struct client *cl, const struct request *req, void *ctx);

/**
 * control_new() - make the server, not listening yet
 * @handler: called for each request.
 * @ctx: for @handler.
 */
struct control *control_new(control_handler handler, void *ctx);

/**
 * control_listen() - bind the socket
 * @c: server.
 * @path: as control_socket_open() takes it.
 * @group: likewise.
 *
 * Return: 0 or a negative errno.
 */
int control_listen(struct control *c, const char *path, const char *group);

/* Begin to accept and to answer. */
void control_start(struct control *c, struct ev_loop *loop);

/* Close all connections and the socket. */
void control_free(struct control *c);

/* Give the socket file to a user, before privileges are dropped. */
int control_chown(struct control *c, unsigned int uid);

/* Serve a connection that was accepted elsewhere; takes @fd. For tests. */
struct client *control_add_client(struct control *c, int fd);

/**
 * control_reply() - answer a request
 * @cl: who asked.
 * @params: taken; NULL is an empty object.
 * @continues: more replies follow.
 */
void control_reply(struct client *cl, json_t *params, bool continues);

/**
 * control_error() - refuse a request
 * @cl: who asked.
 * @error: full name of the error.
 * @params: taken; NULL: none but the message.
 * @fmt: message for a person.
 */
void control_error(struct client *cl, const char *error, json_t *params, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * control_stream() - answer with a table
 * @cl: who asked.
 * @stream: taken.
 */
void control_stream(struct client *cl, struct stream *stream);

/**
 * struct control_feed - something that can be subscribed to
 * @wants: is @item for a subscriber who has this filter?
 */
struct control_feed {
	bool (*wants)(const void *filter, const void *item);
};

/**
 * control_subscribe() - from now on the client gets what control_publish() sends
 * @cl: who asked.
 * @feed: of this.
 * @filter: for &control_feed.wants; taken, given back with free().
 */
void control_subscribe(struct client *cl, const struct control_feed *feed, void *filter);

/* Is anybody subscribed to that? */
bool control_has_subscribers(const struct control *c, const struct control_feed *feed);

/**
 * control_publish() - tell every subscriber who wants it
 * @c: server.
 * @feed: subscribed to this.
 * @item: for &control_feed.wants.
 * @params: taken.
 */
void control_publish(struct control *c, const struct control_feed *feed, const void *item,
		     json_t *params);

/**
 * control_wait() - the answer comes later
 * @cl: who asked.
 * @gone: called if the client goes before it is answered.
 * @ctx: for @gone.
 */
void control_wait(struct client *cl, void (*gone)(void *ctx), void *ctx);

#endif /* DVPND_CONTROL_H */
