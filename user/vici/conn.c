// SPDX-License-Identifier: GPL-2.0
/* Packets of a VICI connection: see conn.h */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vici/conn.h"

#define HEADER		4	/* length of what follows, big endian */

/* On the wire. */
enum packet {
	CMD_REQUEST = 0,
	CMD_RESPONSE = 1,
	CMD_UNKNOWN = 2,
	EVENT_REGISTER = 3,
	EVENT_UNREGISTER = 4,
	EVENT_CONFIRM = 5,
	EVENT_UNKNOWN = 6,
	EVENT = 7,
};

/**
 * struct request - what was asked and is not answered
 * @next: asked after it.
 * @type: &enum packet.
 * @sent: bytes of @packet that are sent.
 * @len: bytes of @packet.
 * @reply: to be called, or NULL.
 * @ctx: for @reply.
 * @packet: with its header.
 */
struct request {
	struct request *next;
	enum packet type;
	size_t sent;
	size_t len;
	vici_reply_fn reply;
	void *ctx;
	u8 packet[];
};

/**
 * struct vici_conn - a connection
 * @event: to be called for an event.
 * @ctx: for @event.
 * @first: request that is on its way or waits for its answer.
 * @last: last one.
 * @nr: number of requests.
 * @header: of the packet that comes in.
 * @in: the packet itself, NULL: its header is not whole.
 * @in_len: bytes that it will have.
 * @got: bytes of the header or of @in that have come.
 * @resets: number of connections before this one.
 * @closed: nothing can be asked any more.
 */
struct vici_conn {
	vici_event_fn event;
	void *ctx;
	struct request *first;
	struct request **last;
	unsigned int nr;
	u8 header[HEADER];
	u8 *in;
	size_t in_len;
	size_t got;
	unsigned int resets;
	bool closed;
};

struct vici_conn *vici_conn_new(vici_event_fn event, void *ctx)
{
	struct vici_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->event = event;
	c->ctx = ctx;
	c->last = &c->first;
	return c;
}

/* ----- out ----- */

static struct request *new_request(enum packet type, const char *name, const void *body,
				   size_t len)
{
	size_t name_len = strlen(name), all = 2 + name_len + len;
	struct request *r = calloc(1, sizeof(*r) + HEADER + all);
	u8 *p;

	if (!r)
		return NULL;
	p = r->packet;
	*p++ = all >> 24;
	*p++ = all >> 16;
	*p++ = all >> 8;
	*p++ = all;
	*p++ = type;
	*p++ = name_len;
	memcpy(p, name, name_len);
	if (len)
		memcpy(p + name_len, body, len);
	r->type = type;
	r->len = HEADER + all;
	return r;
}

static int add(struct vici_conn *c, enum packet type, const char *name,
	       const struct vici_out *body, vici_reply_fn reply, void *ctx)
{
	int err = body ? vici_out_error(body) : 0;
	struct request *r;

	if (err)
		return err;
	if (c->closed)
		return -ECANCELED;
	if (strlen(name) > VICI_NAME_MAX)
		return -EINVAL;
	/* strongSwan ends the connection for a longer one. */
	if (body && body->len > VICI_MESSAGE_MAX - 2 - strlen(name))
		return -EMSGSIZE;
	if (c->nr == VICI_REQUESTS_MAX)
		return -ENOBUFS;
	r = new_request(type, name, body ? body->data : NULL, body ? body->len : 0);
	if (!r)
		return -ENOMEM;
	r->reply = reply;
	r->ctx = ctx;
	*c->last = r;
	c->last = &r->next;
	c->nr++;
	return 0;
}

int vici_conn_request(struct vici_conn *c, const char *command, const struct vici_out *body,
		      vici_reply_fn reply, void *ctx)
{
	return add(c, CMD_REQUEST, command, body, reply, ctx);
}

int vici_conn_register(struct vici_conn *c, const char *event, vici_reply_fn reply, void *ctx)
{
	return add(c, EVENT_REGISTER, event, NULL, reply, ctx);
}

bool vici_conn_busy(const struct vici_conn *c)
{
	return c->first;
}

const void *vici_conn_output(struct vici_conn *c, size_t *n)
{
	struct request *r = c->first;

	*n = r ? r->len - r->sent : 0;
	return *n ? r->packet + r->sent : NULL;
}

void vici_conn_sent(struct vici_conn *c, size_t n)
{
	c->first->sent += n;
}

/* The function may ask again or end the connection: the request is out of the list by then. */
static void answer(struct request *r, int err, const void *body, size_t len)
{
	if (r->reply)
		r->reply(err, body, len, r->ctx);
	free(r);
}

/* ----- in ----- */

static int reply(struct vici_conn *c, enum packet type, const void *body, size_t len)
{
	enum packet asked = type == EVENT_CONFIRM || type == EVENT_UNKNOWN ? EVENT_REGISTER :
									     CMD_REQUEST;
	struct request *r = c->first;

	if (!r || r->sent != r->len || r->type != asked)
		return -EPROTO;
	if (type == CMD_RESPONSE ? !vici_is_whole(body, len) : len)
		return -EPROTO;
	c->first = r->next;
	if (!c->first)
		c->last = &c->first;
	c->nr--;
	answer(r, type == CMD_UNKNOWN || type == EVENT_UNKNOWN ? -ENOTSUP : 0, body, len);
	return 0;
}

static int event(struct vici_conn *c, const u8 *p, size_t len)
{
	char name[VICI_NAME_MAX + 1];
	struct vici_slice s;

	if (!len || p[0] > len - 1)
		return -EPROTO;
	s.p = p + 1;
	s.len = p[0];
	if (!vici_string(&s, name, sizeof(name)))
		return -EPROTO;
	p += 1 + s.len;
	len -= 1 + s.len;
	if (!vici_is_whole(p, len))
		return -EPROTO;
	c->event(name, p, len, c->ctx);
	return 0;
}

static int packet(struct vici_conn *c, const u8 *p, size_t len)
{
	switch (p[0]) {
	case CMD_RESPONSE:
	case CMD_UNKNOWN:
	case EVENT_CONFIRM:
	case EVENT_UNKNOWN:
		return reply(c, p[0], p + 1, len - 1);
	case EVENT:
		return event(c, p + 1, len - 1);
	default:
		return -EPROTO;
	}
}

static int begin_packet(struct vici_conn *c)
{
	const u8 *h = c->header;

	c->in_len = (size_t)h[0] << 24 | h[1] << 16 | h[2] << 8 | h[3];
	c->got = 0;
	if (!c->in_len || c->in_len > VICI_MESSAGE_MAX)
		return -EPROTO;
	c->in = malloc(c->in_len);
	return c->in ? 0 : -ENOMEM;
}

static int end_packet(struct vici_conn *c)
{
	u8 *in = c->in;
	int err;

	c->in = NULL;
	c->got = 0;
	err = packet(c, in, c->in_len);
	free(in);
	return err;
}

int vici_conn_input(struct vici_conn *c, const void *bytes, size_t n)
{
	unsigned int resets = c->resets;
	const u8 *p = bytes;
	int err = 0;

	/* What is called may reset it: the rest is of the connection before. */
	while (n && !err && c->resets == resets) {
		u8 *to = c->in ? c->in : c->header;
		size_t want = (c->in ? c->in_len : HEADER) - c->got;
		size_t have = n < want ? n : want;

		memcpy(to + c->got, p, have);
		c->got += have;
		p += have;
		n -= have;
		if (have == want)
			err = c->in ? end_packet(c) : begin_packet(c);
	}
	return err;
}

void vici_conn_reset(struct vici_conn *c, int err)
{
	struct request *r = c->first, *next;

	free(c->in);
	c->in = NULL;
	c->got = 0;
	c->resets++;
	/* What is asked meanwhile belongs to the next connection. */
	c->first = NULL;
	c->last = &c->first;
	c->nr = 0;
	for (; r; r = next) {
		next = r->next;
		answer(r, err, NULL, 0);
	}
}

void vici_conn_free(struct vici_conn *c)
{
	if (!c)
		return;
	c->closed = true;
	vici_conn_reset(c, -ECANCELED);
	free(c);
}
