// SPDX-License-Identifier: GPL-2.0
/* The connection to the IKE daemon: see charon.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dvpnd/charon.h"
#include "dvpnd/log.h"

#define RETRY_FIRST_S	0.2
#define RETRY_MAX_S	5.
#define ANSWER_S	10.	/* without a byte from it, while it should answer */
#define READ_MAX	65536
#define READS_TURN	16

/**
 * struct charon - the connection
 * @loop: event loop.
 * @addr: of the socket.
 * @events: to hear of.
 * @ops: who is told.
 * @ctx: for @ops.
 * @conn: what is on the connection.
 * @fd: socket, -1: there is none.
 * @up: it has confirmed the events.
 * @waiting: events that it has not confirmed.
 * @retry_s: how long to wait before the next try.
 * @trouble: what is wrong, "": nothing.
 * @io: the socket can be read or written.
 * @retry: connect again.
 * @answer: it has not answered.
 */
struct charon {
	struct ev_loop *loop;
	struct sockaddr_un addr;
	const char *const *events;
	const struct charon_ops *ops;
	void *ctx;
	struct vici_conn *conn;
	int fd;
	bool up;
	unsigned int waiting;
	double retry_s;
	char trouble[CHARON_TROUBLE_MAX];
	ev_io io;
	ev_timer retry;
	ev_timer answer;
};

bool charon_is_up(const struct charon *c)
{
	return c->up;
}

const char *charon_trouble(const struct charon *c)
{
	return c->trouble;
}

/* ----- the end of a connection ----- */

/* Of the same trouble there is one line, however often it is tried. */
static void set_trouble(struct charon *c, const char *text)
{
	if (!strcmp(c->trouble, text))
		return;
	snprintf(c->trouble, sizeof(c->trouble), "%s", text);
	log_line(*text ? LOG_WARNING : LOG_NOTICE, NULL, "ike-daemon", "%s",
		 *text ? text : "strongSwan answers");
}

static void explain(struct charon *c, int err)
{
	const char *path = c->addr.sun_path;
	char text[CHARON_TROUBLE_MAX];

	if (err == ENOENT || err == ECONNREFUSED)
		snprintf(text, sizeof(text),
			 "strongSwan is not running, nobody listens at %s: start it", path);
	else if (err == EACCES || err == EPERM)
		snprintf(text, sizeof(text),
			 "no right to use %s: charon-systemd in strongswan.conf needs group = dvpn",
			 path);
	else if (err == ETIMEDOUT)
		snprintf(text, sizeof(text), "strongSwan does not answer at %s", path);
	else if (err == ECONNRESET)
		snprintf(text, sizeof(text),
			 "strongSwan ends each connection to %s: look at its log", path);
	else if (err == EPROTO)
		snprintf(text, sizeof(text), "what listens at %s is not strongSwan's VICI", path);
	else
		snprintf(text, sizeof(text), "%s: %s", path, strerror(err));
	set_trouble(c, text);
}

static void retry_later(struct charon *c)
{
	ev_now_update(c->loop);
	ev_timer_set(&c->retry, c->retry_s, 0.);
	ev_timer_start(c->loop, &c->retry);
	c->retry_s = c->retry_s * 2 < RETRY_MAX_S ? c->retry_s * 2 : RETRY_MAX_S;
}

/* @err: positive errno, ECONNRESET: it was closed by the other side. */
static void broke(struct charon *c, int err)
{
	char before[CHARON_TROUBLE_MAX];
	bool was_up = c->up;

	memcpy(before, c->trouble, sizeof(before));
	ev_io_stop(c->loop, &c->io);
	ev_timer_stop(c->loop, &c->answer);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->up = false;
	/* If it is gone for longer the next try says so. */
	if (!was_up || err != ECONNRESET)
		explain(c, err);
	vici_conn_reset(c->conn, -err);
	retry_later(c);
	if (was_up || strcmp(before, c->trouble))
		c->ops->down(c->ctx);
}

/* ----- in the loop ----- */

static void watch(struct charon *c)
{
	size_t n;
	int events = EV_READ | (vici_conn_output(c->conn, &n) ? EV_WRITE : 0);

	if (c->fd < 0)
		return;
	if (events != (c->io.events & (EV_READ | EV_WRITE)) || !ev_is_active(&c->io)) {
		ev_io_stop(c->loop, &c->io);
		ev_io_set(&c->io, c->fd, events);
		ev_io_start(c->loop, &c->io);
	}
	if (!vici_conn_busy(c->conn))
		ev_timer_stop(c->loop, &c->answer);
	else if (!ev_is_active(&c->answer))
		ev_timer_again(c->loop, &c->answer);
}

/* Return: 0: there will be more; else a positive errno. */
static int io_error(int err)
{
	if (err == EAGAIN || err == EINTR)
		return 0;
	return err == EPIPE ? ECONNRESET : err;
}

/* Return: 0 or a positive errno. */
static int send_all(struct charon *c)
{
	const void *data;
	ssize_t sent;
	size_t n;

	while ((data = vici_conn_output(c->conn, &n))) {
		sent = send(c->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0)
			return io_error(errno);
		vici_conn_sent(c->conn, sent);
	}
	return 0;
}

/* Return: 0 or a positive errno. */
static int receive(struct charon *c)
{
	static unsigned char buf[READ_MAX];
	unsigned int i;
	ssize_t got;
	int err;

	for (i = 0; i < READS_TURN; i++) {
		got = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (got <= 0)
			return got ? io_error(errno) : ECONNRESET;
		if (ev_is_active(&c->answer))
			ev_timer_again(c->loop, &c->answer);
		err = vici_conn_input(c->conn, buf, got);
		if (err)
			return -err;
	}
	return 0;
}

static void io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct charon *c = w->data;
	int err = 0;

	(void)loop;
	if (revents & EV_READ)
		err = receive(c);
	if (!err)
		err = send_all(c);
	if (err)
		broke(c, err);
	else
		watch(c);
}

static void answer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	broke(w->data, ETIMEDOUT);
}

/* One that it does not know is not told of: that is all. */
static void registered(int err, const void *body, size_t len, void *ctx)
{
	struct charon *c = ctx;

	(void)body;
	(void)len;
	if ((err && err != -ENOTSUP) || --c->waiting)
		return;
	c->up = true;
	c->retry_s = RETRY_FIRST_S;
	set_trouble(c, "");
	c->ops->up(c->ctx);
}

static void try(struct charon *c)
{
	const char *const *event;
	int err = 0;

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&c->addr, sizeof(c->addr)))
		err = errno;
	c->waiting = 0;
	for (event = c->events; !err && *event; event++, c->waiting++)
		err = -vici_conn_register(c->conn, *event, registered, c);
	if (err)
		broke(c, err == EAGAIN ? ETIMEDOUT : err);
	else
		watch(c);
}

static void retry_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	try(w->data);
}

/* ----- from outside ----- */

static void on_event(const char *name, const void *body, size_t len, void *ctx)
{
	struct charon *c = ctx;

	if (c->up)
		c->ops->event(name, body, len, c->ctx);
}

struct charon *charon_new(struct ev_loop *loop, const char *path, const char *const *events,
			  const struct charon_ops *ops, void *ctx)
{
	struct charon *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->conn = vici_conn_new(on_event, c);
	if (!c->conn) {
		free(c);
		return NULL;
	}
	c->loop = loop;
	c->addr.sun_family = AF_UNIX;
	snprintf(c->addr.sun_path, sizeof(c->addr.sun_path), "%s", path);
	c->events = events;
	c->ops = ops;
	c->ctx = ctx;
	c->fd = -1;
	c->retry_s = RETRY_FIRST_S;
	ev_init(&c->io, io_cb);
	ev_timer_init(&c->retry, retry_cb, 0., 0.);
	ev_timer_init(&c->answer, answer_cb, 0., ANSWER_S);
	c->io.data = c;
	c->retry.data = c;
	c->answer.data = c;
	ev_timer_start(loop, &c->retry);
	return c;
}

int charon_request(struct charon *c, const char *command, const struct vici_out *body,
		   vici_reply_fn reply, void *ctx)
{
	int err = c->up ? vici_conn_request(c->conn, command, body, reply, ctx) : -ENOTCONN;

	if (!err)
		watch(c);
	return err;
}

void charon_free(struct charon *c)
{
	if (!c)
		return;
	ev_io_stop(c->loop, &c->io);
	ev_timer_stop(c->loop, &c->retry);
	ev_timer_stop(c->loop, &c->answer);
	if (c->fd >= 0)
		close(c->fd);
	vici_conn_free(c->conn);
	free(c);
}
