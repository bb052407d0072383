// SPDX-License-Identifier: GPL-2.0
/* The control socket: see control.h */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/control-socket.h"
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

static void service(struct client *cl);

/* ----- life ----- */

static void client_free(struct client *cl)
{
	struct client **p = &cl->c->clients;

	while (*p != cl)
		p = &(*p)->next;
	*p = cl->next;
	cl->c->nr_clients--;
	ev_io_stop(cl->c->loop, &cl->io);
	ev_timer_stop(cl->c->loop, &cl->idle);
	close(cl->io.fd);
	if (cl->stream)
		cl->stream->free(cl->stream);
	if (cl->gone)
		cl->gone(cl->gone_ctx);
	free(cl->filter);
	free(cl->in);
	free(cl->out);
	free(cl);
}

/* Whoever is on the stack may still hold it: it is freed by the loop. */
static void client_kill(struct client *cl)
{
	if (cl->dead)
		return;
	cl->dead = true;
	cl->feed = NULL;
	ev_feed_event(cl->c->loop, &cl->io, EV_CUSTOM);
}

static void watch(struct client *cl)
{
	int events = 0;

	if (cl->dead)
		return;
	if (cl->out_len > cl->out_off)
		events |= EV_WRITE;
	/* A full buffer while an answer is made: let the socket hold the rest. */
	if (!cl->closing && cl->in_len < CONTROL_REQUEST_MAX)
		events |= EV_READ;
	if (events == (cl->io.events & (EV_READ | EV_WRITE)) && ev_is_active(&cl->io))
		return;
	ev_io_stop(cl->c->loop, &cl->io);
	ev_io_set(&cl->io, cl->io.fd, events);
	ev_io_start(cl->c->loop, &cl->io);
}

static size_t waiting(const struct client *cl)
{
	return cl->out_len - cl->out_off;
}

/* The clock runs while it is the client's turn: to ask, or to read. */
static void update_idle(struct client *cl)
{
	bool ours = (cl->busy && !cl->stream) || cl->feed;

	if (cl->dead || (ours && !waiting(cl)))
		ev_timer_stop(cl->c->loop, &cl->idle);
	else if (!ev_is_active(&cl->idle))
		ev_timer_again(cl->c->loop, &cl->idle);
}

/* ----- output ----- */

static bool make_room(struct client *cl, size_t len)
{
	size_t room = cl->out_room ? cl->out_room : 4096;
	char *more;

	if (cl->out_off) {
		memmove(cl->out, cl->out + cl->out_off, waiting(cl));
		cl->out_len -= cl->out_off;
		cl->out_off = 0;
	}
	while (room < cl->out_len + len)
		room *= 2;
	if (room == cl->out_room)
		return true;
	more = realloc(cl->out, room);
	if (!more)
		return false;
	cl->out = more;
	cl->out_room = room;
	return true;
}

/* Return: false if it is beyond the limit; nothing is sent then. */
static bool put_text(struct client *cl, const char *text, size_t len)
{
	if (cl->dead)
		return true;
	if (waiting(cl) + len > CONTROL_OUTPUT_MAX || !make_room(cl, len))
		return false;
	memcpy(cl->out + cl->out_len, text, len);
	cl->out_len += len;
	watch(cl);
	update_idle(cl);
	return true;
}

/* Takes @msg. */
static bool put_message(struct client *cl, json_t *msg)
{
	char *text = json_dumps(msg, JSON_COMPACT);
	bool fits = text && put_text(cl, text, strlen(text) + 1);

	free(text);
	json_decref(msg);
	return fits;
}

static void finish(struct client *cl)
{
	cl->busy = false;
	cl->gone = NULL;
	ev_timer_stop(cl->c->loop, &cl->idle);
	update_idle(cl);
	/* The next request may be here already. */
	if (!cl->dead)
		ev_feed_event(cl->c->loop, &cl->io, EV_CUSTOM);
}

void control_reply(struct client *cl, json_t *params, bool continues)
{
	json_t *msg;
	bool oneway = cl->oneway;

	if (!params)
		params = json_object();
	if (oneway) {
		json_decref(params);
	} else {
		msg = json_pack("{s:o}", "parameters", params);
		if (continues)
			json_object_set_new(msg, "continues", json_true());
		if (!put_message(cl, msg)) {
			if (continues || cl->more)
				client_kill(cl);	/* it does not read */
			else
				control_error(cl, "org.dvpn.TooLarge", NULL,
					      "the reply is larger than %d bytes: ask with \"more\"",
					      CONTROL_OUTPUT_MAX);
			return;
		}
	}
	if (!continues)
		finish(cl);
}

/* What was cut in the middle of a character is cut before it. */
static json_t *json_text(char *text)
{
	json_t *s = json_string(text);
	size_t len = strlen(text);

	while (!s && len) {
		text[--len] = 0;
		s = json_string(text);
	}
	return s;
}

void control_error(struct client *cl, const char *error, json_t *params, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!params)
		params = json_object();
	json_object_set_new(params, "message", json_text(text));
	if (cl->oneway)
		json_decref(params);
	else if (!put_message(cl, json_pack("{s:s, s:o}", "error", error, "parameters", params)))
		client_kill(cl);
	finish(cl);
}

/* Refuse, and hear no more of it. */
static void bad_request(struct client *cl, const char *why)
{
	cl->in_len = 0;
	cl->oneway = false;
	cl->closing = true;
	control_error(cl, "org.dvpn.InvalidRequest", NULL, "%s", why);
	watch(cl);
}

/* ----- streams ----- */

static void end_stream(struct client *cl)
{
	cl->stream->free(cl->stream);
	cl->stream = NULL;
}

static void send_chunk(struct client *cl)
{
	unsigned int limit = cl->more ? CONTROL_CHUNK : -1U;
	struct stream *s = cl->stream;
	json_t *entries = json_array();
	json_t *entry = NULL;
	unsigned int n = 0;
	json_t *params;

	while (n < limit) {
		entry = s->next(s);
		if (!entry)
			break;
		json_array_append_new(entries, entry);
		n++;
	}
	params = json_pack("{s:o}", s->member, entries);
	if (!entry)
		end_stream(cl);
	control_reply(cl, params, entry);
}

static void pump(struct client *cl)
{
	while (cl->stream && !cl->dead && waiting(cl) < CONTROL_OUTPUT_LOW)
		send_chunk(cl);
}

void control_stream(struct client *cl, struct stream *stream)
{
	cl->stream = stream;
	pump(cl);
}

/* ----- subscriptions ----- */

void control_subscribe(struct client *cl, const struct control_feed *feed, void *filter)
{
	/* It may have been cut off while the first reply was written. */
	if (!cl->dead)
		cl->feed = feed;
	free(cl->filter);
	cl->filter = filter;
	update_idle(cl);
}

bool control_has_subscribers(const struct control *c, const struct control_feed *feed)
{
	const struct client *cl;

	for (cl = c->clients; cl; cl = cl->next)
		if (cl->feed == feed)
			return true;
	return false;
}

void control_publish(struct control *c, const struct control_feed *feed, const void *item,
		     json_t *params)
{
	json_t *msg = json_pack("{s:o, s:b}", "parameters", params, "continues", 1);
	char *text = json_dumps(msg, JSON_COMPACT);
	struct client *cl;

	for (cl = c->clients; text && cl; cl = cl->next) {
		if (cl->feed != feed || !feed->wants(cl->filter, item))
			continue;
		if (!put_text(cl, text, strlen(text) + 1))
			client_kill(cl);	/* it does not read */
	}
	free(text);
	json_decref(msg);
}

void control_wait(struct client *cl, void (*gone)(void *ctx), void *ctx)
{
	cl->gone = gone;
	cl->gone_ctx = ctx;
}

/* ----- requests ----- */

static bool too_deep(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > CONTROL_DEPTH_MAX)
				return true;
		} else if (text[i] == '}' || text[i] == ']') {
			depth--;
		}
	}
	return false;
}

/* Return: NULL, or what is wrong with @root as a request. */
static const char *check_request(json_t *root, struct request *req)
{
	const char *key;
	json_t *value;

	req->params = NULL;
	req->method = NULL;
	if (!json_is_object(root))
		return "a request is an object";
	json_object_foreach(root, key, value) {
		if (!strcmp(key, "method") && json_is_string(value))
			req->method = json_string_value(value);
		else if (!strcmp(key, "parameters") && json_is_object(value))
			req->params = value;
		else if (!strcmp(key, "more") && json_is_boolean(value))
			req->more = json_is_true(value);
		else if (!strcmp(key, "oneway") && json_is_boolean(value))
			req->oneway = json_is_true(value);
		else
			return "not (only) method, parameters, more and oneway of the right types";
	}
	if (!req->method)
		return "a request has a method";
	if (req->more && req->oneway)
		return "\"more\" and \"oneway\" contradict each other";
	return NULL;
}

static void handle(struct client *cl, const char *text, size_t len)
{
	struct request req = { .privileged = cl->privileged };
	json_t *none = json_object();
	const char *wrong;
	json_error_t err;
	json_t *root;

	cl->busy = true;
	cl->more = false;
	cl->oneway = false;
	root = too_deep(text, len) ? NULL : json_loadb(text, len, JSON_REJECT_DUPLICATES, &err);
	if (!root) {
		bad_request(cl, too_deep(text, len) ? "nested too deep" : err.text);
	} else {
		wrong = check_request(root, &req);
		if (!req.params)
			req.params = none;
		cl->more = req.more;
		cl->oneway = req.oneway;
		if (wrong)
			bad_request(cl, wrong);
		else
			cl->c->handler(cl, &req, cl->c->ctx);
	}
	json_decref(root);
	json_decref(none);
}

/* Handle what is there, one request after the other. */
static void service(struct client *cl)
{
	while (!cl->busy && !cl->feed && !cl->closing && !cl->dead) {
		char *end = memchr(cl->in, 0, cl->in_len);
		size_t len;

		if (!end) {
			if (cl->in_len == CONTROL_REQUEST_MAX)
				bad_request(cl, "the request is too long");
			return;
		}
		len = end - cl->in;
		handle(cl, cl->in, len);
		if (cl->in_len) {
			cl->in_len -= len + 1;
			memmove(cl->in, end + 1, cl->in_len);
		}
	}
	/* Nothing is answered after a subscription: do not let it pile up. */
	if (cl->feed)
		cl->in_len = 0;
}

static void read_some(struct client *cl)
{
	ssize_t n;

	n = recv(cl->io.fd, cl->in + cl->in_len, CONTROL_REQUEST_MAX - cl->in_len, MSG_DONTWAIT);
	if (n > 0) {
		cl->in_len += n;
	} else if (!n || (errno != EAGAIN && errno != EINTR)) {
		/* It may have shut down its side only, and wait for answers. */
		if (!n && (cl->busy || waiting(cl)) && !cl->feed) {
			cl->closing = true;
			watch(cl);
		} else {
			client_kill(cl);
		}
	}
}

static void write_some(struct client *cl)
{
	ssize_t n;

	n = send(cl->io.fd, cl->out + cl->out_off, waiting(cl), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0) {
		cl->out_off += n;
		ev_timer_stop(cl->c->loop, &cl->idle);
		update_idle(cl);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		client_kill(cl);
	}
}

static void client_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct client *cl = w->data;

	(void)loop;
	if (!cl->dead && (revents & EV_WRITE) && waiting(cl))
		write_some(cl);
	if (!cl->dead && (revents & EV_READ) && !cl->closing &&
	    cl->in_len < CONTROL_REQUEST_MAX)
		read_some(cl);
	if (!cl->dead) {
		pump(cl);
		service(cl);
	}
	if (!cl->dead && cl->closing && !waiting(cl) && !cl->busy)
		cl->dead = true;
	if (cl->dead)
		client_free(cl);
	else
		watch(cl);
}

static void idle_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	client_kill(w->data);
}

/* The superuser and the user we run as. */
static bool may_change(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) &&
	       (!cred.uid || cred.uid == geteuid());
}

struct client *control_add_client(struct control *c, int fd)
{
	struct client *cl = calloc(1, sizeof(*cl));

	if (cl)
		cl->in = malloc(CONTROL_REQUEST_MAX);
	if (!cl || !cl->in) {
		free(cl);
		close(fd);
		return NULL;
	}
	cl->c = c;
	cl->privileged = may_change(fd);
	ev_io_init(&cl->io, client_cb, fd, EV_READ);
	cl->io.data = cl;
	ev_init(&cl->idle, idle_cb);
	cl->idle.repeat = CONTROL_IDLE_S;
	cl->idle.data = cl;
	cl->next = c->clients;
	c->clients = cl;
	c->nr_clients++;
	ev_io_start(c->loop, &cl->io);
	update_idle(cl);
	return cl;
}

static void accept_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct control *c = w->data;
	unsigned int max = CONTROL_CLIENTS_MAX;
	struct client *cl;
	int fd;

	(void)loop;
	(void)revents;
	fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	cl = control_add_client(c, fd);
	if (cl && cl->privileged)
		max += CONTROL_CLIENTS_RESERVED;
	if (cl && c->nr_clients > max) {
		cl->closing = true;
		control_error(cl, "org.dvpn.TooMany", NULL, "more than %u connections", max);
	}
}

/* ----- the socket ----- */

struct control *control_new(control_handler handler, void *ctx)
{
	struct control *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = -1;
	c->handler = handler;
	c->ctx = ctx;
	ev_init(&c->io, accept_cb);
	c->io.data = c;
	return c;
}

int control_listen(struct control *c, const char *path, const char *group)
{
	int fd = control_socket_open(path, group);

	if (fd < 0)
		return fd;
	c->fd = fd;
	snprintf(c->path, sizeof(c->path), "%s", path);
	return 0;
}

int control_chown(struct control *c, unsigned int uid)
{
	return chown(c->path, uid, -1) ? -errno : 0;
}

void control_start(struct control *c, struct ev_loop *loop)
{
	c->loop = loop;
	if (c->fd < 0)
		return;
	ev_io_set(&c->io, c->fd, EV_READ);
	ev_io_start(loop, &c->io);
}

void control_free(struct control *c)
{
	if (!c)
		return;
	while (c->clients)
		client_free(c->clients);
	if (c->fd >= 0) {
		if (c->loop)
			ev_io_stop(c->loop, &c->io);
		close(c->fd);
		/* Without the right to it any more the next start replaces it. */
		if (*c->path)
			unlink(c->path);
	}
	free(c);
}
