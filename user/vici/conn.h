/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VICI, the control protocol of strongSwan: packets on a connection
 *
 * Pure: bytes come in and go out by calls. Requests have no number on the wire and are answered
 * in their order, one at a time; events may come between.
 */
#ifndef VICI_CONN_H
#define VICI_CONN_H

#include "vici/message.h"

#define VICI_REQUESTS_MAX	64	/* that wait */

struct vici_conn;

/**
 * vici_reply_fn - what became of a request
 * @err: 0: answered; -ENOTSUP: the other side does not know the command or event; else the
 *	connection is over.
 * @body: of the reply; only valid during the call.
 * @len: its bytes.
 * @ctx: given with the request.
 */
typedef void (*vici_reply_fn)(int err, const void *body, size_t len, void *ctx);

/* An event has come. The message is whole; it is only valid during the call. */
typedef void (*vici_event_fn)(const char *name, const void *body, size_t len, void *ctx);

/* NULL without memory. */
struct vici_conn *vici_conn_new(vici_event_fn event, void *ctx);

/*
 * Ends all requests with -ECANCELED; nothing more can be asked then. Not in a function that it
 * has called.
 */
void vici_conn_free(struct vici_conn *c);

/**
 * vici_conn_request() - ask
 * @c: connection.
 * @command: name.
 * @body: message, or NULL for an empty one.
 * @reply: called exactly once unless there is an error; or NULL.
 * @ctx: for @reply.
 *
 * Return: 0, -ENOBUFS: too many wait, -ENOMEM, -EINVAL: @command is too long, -EMSGSIZE: all of
 * it is, -ECANCELED: the connection is being freed, or the error that @body has.
 */
int vici_conn_request(struct vici_conn *c, const char *command, const struct vici_out *body,
		      vici_reply_fn reply, void *ctx);

/* Hear of events of a name from now on; otherwise as vici_conn_request(). */
int vici_conn_register(struct vici_conn *c, const char *event, vici_reply_fn reply, void *ctx);

/* Is an answer outstanding? */
bool vici_conn_busy(const struct vici_conn *c);

/**
 * vici_conn_input() - bytes have come
 * @c: connection.
 * @bytes: hostile.
 * @n: their number.
 *
 * Return: 0; -EPROTO: they make no sense, vici_conn_reset() is all that may be called;
 * -ENOMEM: likewise.
 */
int vici_conn_input(struct vici_conn *c, const void *bytes, size_t n);

/* Bytes to send, @n of them; NULL: there is nothing to send. */
const void *vici_conn_output(struct vici_conn *c, size_t *n);

/* So many of those were sent. */
void vici_conn_sent(struct vici_conn *c, size_t n);

/*
 * The connection is over: all requests end with @err, and it is as new. What is called for it or
 * by vici_conn_input() may do so, too.
 */
void vici_conn_reset(struct vici_conn *c, int err);

#endif /* VICI_CONN_H */
