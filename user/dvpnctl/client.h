/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client side of dvpnd's control socket
 *
 * Varlink framing: one JSON object and a NUL byte per message. A call is
 * {"method", "parameters", "more"}; a reply is {"parameters", "continues"} or
 * {"error", "parameters"}. Documentation/control.rst has the methods.
 *
 * What comes from the socket is not trusted: it may be cut, huge, slow, deeply
 * nested or no JSON at all, and each of these ends in a clear error.
 */
#ifndef DVPNCTL_CLIENT_H
#define DVPNCTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* Largest reply taken, in bytes: some hundred thousand mappings. */
#define CLIENT_REPLY_MAX	(128u << 20)

/* Deepest nesting of a reply. */
#define CLIENT_DEPTH_MAX	16

/* How long dvpnd may stay silent when it owes a reply, in milliseconds. */
#define CLIENT_TIMEOUT_MS	10000

/* Bytes of an error text. */
#define CLIENT_ERROR_MAX	512

/**
 * enum client_status - how a call ended
 * @CLIENT_OK: a reply is there.
 * @CLIENT_REFUSED: dvpnd answered with an error.
 * @CLIENT_NOT_RUNNING: nobody serves the socket.
 * @CLIENT_BROKEN: the connection failed, or the reply makes no sense.
 * @CLIENT_CLOSED: dvpnd closed the connection before it replied.
 */
enum client_status {
	CLIENT_OK,
	CLIENT_REFUSED,
	CLIENT_NOT_RUNNING,
	CLIENT_BROKEN,
	CLIENT_CLOSED,
};

/**
 * struct client - one connection
 * @fd: the socket, -1 if there is none.
 * @timeout_ms: see CLIENT_TIMEOUT_MS; -1 waits for ever.
 * @reply_max: see CLIENT_REPLY_MAX.
 * @buf: bytes received.
 * @used: how many.
 * @seen: how many of them are known to hold no NUL.
 * @room: size of @buf.
 * @refusal: the reply that refused the last call, or NULL.
 * @error: text of the last failure, safe to print.
 */
struct client {
	int fd;
	int timeout_ms;
	size_t reply_max;
	char *buf;
	size_t used;
	size_t seen;
	size_t room;
	json_t *refusal;
	char error[CLIENT_ERROR_MAX];
};

/**
 * client_init() - prepare a connection over an open socket
 * @client: to be filled in.
 * @fd: connected stream socket; belongs to @client from here on. -1: none yet.
 */
void client_init(struct client *client, int fd);

/**
 * client_connect() - connect to dvpnd
 * @client: prepared by client_init() with -1.
 * @path: the socket in the file system.
 *
 * Return: CLIENT_OK, CLIENT_NOT_RUNNING, or CLIENT_BROKEN; the error text says
 * what to do.
 */
enum client_status client_connect(struct client *client, const char *path);

/**
 * client_send() - send a call
 * @client: connected.
 * @method: full name.
 * @parameters: object, or NULL for none; the reference stays the caller's.
 * @more: ask for a stream of replies.
 *
 * Return: CLIENT_OK, CLIENT_BROKEN, or CLIENT_CLOSED.
 */
enum client_status client_send(struct client *client, const char *method,
			       json_t *parameters, bool more);

/**
 * client_receive() - wait for a reply
 * @client: connected.
 * @parameters: set to a new reference to the reply's parameters, an object;
 *	NULL if the status is not CLIENT_OK.
 * @continues: set if more replies follow; may be NULL.
 *
 * Return: any &enum client_status but CLIENT_NOT_RUNNING.
 */
enum client_status client_receive(struct client *client, json_t **parameters,
				  bool *continues);

/**
 * client_close() - end the connection and free its buffers
 * @client: in any state after client_init().
 */
void client_close(struct client *client);

#endif /* DVPNCTL_CLIENT_H */
