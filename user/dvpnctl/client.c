// SPDX-License-Identifier: GPL-2.0
/*
 * The client side of dvpnd's control socket
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dvpnctl/client.h"
#include "dvpnctl/text.h"

/* First size of the receive buffer, in bytes. */
#define BUF_FIRST	16384

static enum client_status TEXT_PRINTF(3, 4)
fail(struct client *client, enum client_status status, const char *fmt, ...)
{
	char raw[CLIENT_ERROR_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	text_safe(client->error, sizeof(client->error), raw);
	return status;
}

void client_init(struct client *client, int fd)
{
	*client = (struct client){
		.fd = fd,
		.timeout_ms = CLIENT_TIMEOUT_MS,
		.reply_max = CLIENT_REPLY_MAX,
	};
}

static enum client_status explain_connect(struct client *client,
					  const char *path, int error)
{
	switch (error) {
	case ENOENT:
		return fail(client, CLIENT_NOT_RUNNING,
			    "dvpnd is not running (no %s); start it with: systemctl start dvpnd",
			    path);
	case ECONNREFUSED:
		return fail(client, CLIENT_NOT_RUNNING,
			    "dvpnd is not running (nobody listens on %s); start it with: systemctl start dvpnd",
			    path);
	case EACCES:
	case EPERM:
		return fail(client, CLIENT_BROKEN,
			    "no permission to use %s; run dvpnctl as root, or see control-group in dvpnd.conf(5)",
			    path);
	case EAGAIN:
		return fail(client, CLIENT_BROKEN,
			    "dvpnd has too many clients waiting on %s; try again",
			    path);
	default:
		return fail(client, CLIENT_BROKEN, "cannot connect to %s: %s",
			    path, strerror(error));
	}
}

enum client_status client_connect(struct client *client, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(sun.sun_path))
		return fail(client, CLIENT_BROKEN,
			    "socket path is longer than %zu bytes: %.120s",
			    sizeof(sun.sun_path) - 1, path);
	memcpy(sun.sun_path, path, strlen(path) + 1);

	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return fail(client, CLIENT_BROKEN, "cannot make a socket: %s",
			    strerror(errno));
	if (connect(client->fd, (struct sockaddr *)&sun, sizeof(sun)))
		return explain_connect(client, path, errno);
	return CLIENT_OK;
}

static enum client_status wait_for(struct client *client, short events)
{
	struct pollfd pfd = { .fd = client->fd, .events = events };
	int n;

	do {
		n = poll(&pfd, 1, client->timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return CLIENT_OK;
	if (n < 0)
		return fail(client, CLIENT_BROKEN, "poll: %s", strerror(errno));
	return fail(client, CLIENT_BROKEN,
		    "dvpnd did not answer within %d s; see: journalctl -u dvpnd",
		    client->timeout_ms / 1000);
}

static enum client_status send_all(struct client *client, const char *data,
				   size_t len)
{
	enum client_status status;
	ssize_t n;

	while (len) {
		status = wait_for(client, POLLOUT);
		if (status != CLIENT_OK)
			return status;
		n = send(client->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return fail(client, CLIENT_CLOSED,
				    "dvpnd closed the connection: %s",
				    strerror(errno));
		data += n;
		len -= n;
	}
	return CLIENT_OK;
}

enum client_status client_send(struct client *client, const char *method,
			       json_t *parameters, bool more)
{
	json_t *call = json_pack("{s:s, s:O*}", "method", method,
				 "parameters", parameters);
	enum client_status status;
	char *text = NULL;

	if (call && more)
		json_object_set_new(call, "more", json_true());
	if (call)
		text = json_dumps(call, JSON_COMPACT);
	json_decref(call);
	if (!text)
		return fail(client, CLIENT_BROKEN, "cannot build the call %s",
			    method);
	/* The terminating NUL of the string is the one of the framing. */
	status = send_all(client, text, strlen(text) + 1);
	free(text);
	return status;
}

static enum client_status receive_some(struct client *client)
{
	enum client_status status;
	ssize_t n;

	if (client->used == client->room) {
		size_t room = client->room ? 2 * client->room : BUF_FIRST;
		char *buf;

		if (client->room >= client->reply_max)
			return fail(client, CLIENT_BROKEN,
				    "reply of dvpnd is larger than %zu bytes",
				    client->reply_max);
		if (room > client->reply_max)
			room = client->reply_max;
		buf = realloc(client->buf, room);
		if (!buf)
			return fail(client, CLIENT_BROKEN, "out of memory");
		client->buf = buf;
		client->room = room;
	}
	do {
		status = wait_for(client, POLLIN);
		if (status != CLIENT_OK)
			return status;
		n = recv(client->fd, client->buf + client->used,
			 client->room - client->used, MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0 && errno != ECONNRESET)
		return fail(client, CLIENT_BROKEN, "cannot receive: %s",
			    strerror(errno));
	if (n <= 0)
		return fail(client, CLIENT_CLOSED,
			    client->used ?
			    "dvpnd closed the connection in the middle of a reply" :
			    "dvpnd closed the connection");
	client->used += n;
	return CLIENT_OK;
}

static bool too_deep(const json_t *value, unsigned int depth)
{
	const char *key;
	json_t *item;
	size_t i;

	if (depth > CLIENT_DEPTH_MAX)
		return true;
	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, item)
			if (too_deep(item, depth + 1))
				return true;
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item)
			if (too_deep(item, depth + 1))
				return true;
	}
	return false;
}

/* "org.dvpn.NoSuchTunnel" with its parameters, in words. */
static enum client_status explain_error(struct client *client,
					const char *name, json_t *parameters)
{
	json_t *message = json_object_get(parameters, "message");

	if (!strcmp(name, "org.varlink.service.MethodNotFound"))
		return fail(client, CLIENT_REFUSED,
			    "this dvpnd does not know the request; is it older than dvpnctl?");
	if (json_is_string(message))
		return fail(client, CLIENT_REFUSED, "%.400s",
			    json_string_value(message));
	return fail(client, CLIENT_REFUSED, "dvpnd refused the request: %.200s",
		    name);
}

static enum client_status take_reply(struct client *client, json_t *reply,
				     json_t **parameters, bool *continues)
{
	json_t *error, *inner;

	if (!json_is_object(reply) || too_deep(reply, 0))
		return fail(client, CLIENT_BROKEN,
			    "reply of dvpnd is not a JSON object of sane depth");
	error = json_object_get(reply, "error");
	inner = json_object_get(reply, "parameters");
	if (inner && !json_is_object(inner))
		return fail(client, CLIENT_BROKEN,
			    "reply of dvpnd has parameters that are no object");
	if (json_is_string(error)) {
		json_decref(client->refusal);
		client->refusal = json_incref(reply);
		return explain_error(client, json_string_value(error), inner);
	}
	if (error)
		return fail(client, CLIENT_BROKEN,
			    "reply of dvpnd has an error that is no string");
	if (continues)
		*continues = json_is_true(json_object_get(reply, "continues"));
	*parameters = inner ? json_incref(inner) : json_object();
	if (!*parameters)
		return fail(client, CLIENT_BROKEN, "out of memory");
	return CLIENT_OK;
}

enum client_status client_receive(struct client *client, json_t **parameters,
				  bool *continues)
{
	enum client_status status;
	json_error_t error;
	json_t *reply;
	size_t len;
	char *end;

	*parameters = NULL;
	for (;;) {
		end = client->used == client->seen ? NULL :
		      memchr(client->buf + client->seen, '\0',
			     client->used - client->seen);
		if (end)
			break;
		client->seen = client->used;
		status = receive_some(client);
		if (status != CLIENT_OK)
			return status;
	}

	len = end - client->buf;
	reply = json_loadb(client->buf, len, JSON_REJECT_DUPLICATES, &error);
	client->used -= len + 1;
	client->seen = 0;
	memmove(client->buf, end + 1, client->used);
	if (!reply)
		return fail(client, CLIENT_BROKEN,
			    "reply of dvpnd is no JSON: %s at byte %d",
			    error.text, error.position);
	status = take_reply(client, reply, parameters, continues);
	json_decref(reply);
	return status;
}

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->buf);
	json_decref(client->refusal);
	client->refusal = NULL;
	client->fd = -1;
	client->buf = NULL;
	client->used = 0;
	client->seen = 0;
	client->room = 0;
}
