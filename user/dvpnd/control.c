// SPDX-License-Identifier: GPL-2.0
/* The control socket: see control.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/control-client.h"
#include "dvpnd/control-socket.h"

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
