// SPDX-License-Identifier: GPL-2.0
/* A connection: its life, what waits to be sent, reading and writing */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/control-client.h"

/* ----- life ----- */

void client_free(struct client *cl)
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

void client_kill(struct client *cl)
{
	if (cl->dead)
		return;
	cl->dead = true;
	cl->feed = NULL;
	ev_feed_event(cl->c->loop, &cl->io, EV_CUSTOM);
}

void client_watch(struct client *cl)
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

size_t client_waiting(const struct client *cl)
{
	return cl->out_len - cl->out_off;
}

void client_update_idle(struct client *cl)
{
	bool ours = (cl->busy && !cl->stream) || cl->feed;

	if (cl->dead || (ours && !client_waiting(cl)))
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
		memmove(cl->out, cl->out + cl->out_off, client_waiting(cl));
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

bool client_put(struct client *cl, const char *text, size_t len)
{
	if (cl->dead)
		return true;
	if (client_waiting(cl) + len > CONTROL_OUTPUT_MAX || !make_room(cl, len))
		return false;
	memcpy(cl->out + cl->out_len, text, len);
	cl->out_len += len;
	client_watch(cl);
	client_update_idle(cl);
	return true;
}

/* ----- the loop ----- */

static void read_some(struct client *cl)
{
	ssize_t n;

	n = recv(cl->io.fd, cl->in + cl->in_len, CONTROL_REQUEST_MAX - cl->in_len, MSG_DONTWAIT);
	if (n > 0) {
		cl->in_len += n;
	} else if (!n || (errno != EAGAIN && errno != EINTR)) {
		/* It may have shut down its side only, and wait for answers. */
		if (!n && (cl->busy || client_waiting(cl)) && !cl->feed) {
			cl->closing = true;
			client_watch(cl);
		} else {
			client_kill(cl);
		}
	}
}

static void write_some(struct client *cl)
{
	ssize_t n;

	n = send(cl->io.fd, cl->out + cl->out_off, client_waiting(cl), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0) {
		cl->out_off += n;
		ev_timer_stop(cl->c->loop, &cl->idle);
		client_update_idle(cl);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		client_kill(cl);
	}
}

static void client_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct client *cl = w->data;

	(void)loop;
	if (!cl->dead && (revents & EV_WRITE) && client_waiting(cl))
		write_some(cl);
	if (!cl->dead && (revents & EV_READ) && !cl->closing &&
	    cl->in_len < CONTROL_REQUEST_MAX)
		read_some(cl);
	if (!cl->dead) {
		client_pump(cl);
		client_service(cl);
	}
	if (!cl->dead && cl->closing && !client_waiting(cl) && !cl->busy)
		cl->dead = true;
	if (cl->dead)
		client_free(cl);
	else
		client_watch(cl);
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
	client_update_idle(cl);
	return cl;
}
