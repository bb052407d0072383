// SPDX-License-Identifier: GPL-2.0
/* What is said, and what was made of it: see tracing.h */
#include <stdlib.h>
#include <string.h>

#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/history.h"
#include "dvpnd/monitor.h"
#include "dvpnd/show.h"
#include "dvpnd/tracing.h"
#include "dvpnd/tunnel.h"
#include "nhrp/packet.h"

/**
 * struct filter - what somebody wants to see
 * @tunnel: its name, empty: all.
 * @peer: NBMA address of the other side; family 0: all.
 * @address: protocol address that it must be about; family 0: all.
 */
struct filter {
	char tunnel[IFNAMSIZ];
	struct nhrp_addr peer;
	struct nhrp_addr address;
};

/**
 * struct item - a record of a tunnel
 * @tunnel: name of the tunnel.
 * @r: the record.
 */
struct item {
	const char *tunnel;
	const struct record *r;
};

/* ----- what is wanted of it ----- */

static bool is_about(const struct record *r, const struct nhrp_addr *address)
{
	return r->is_event ? nhrp_prefix_contains(&r->addr, address) :
			     nhrp_concerns(r->data, r->len, address);
}

static bool wants(const void *filter, const void *item)
{
	const struct filter *f = filter;
	const struct item *i = item;

	return (!*f->tunnel || !strcmp(f->tunnel, i->tunnel)) &&
	       (nhrp_addr_none(&f->peer) || nhrp_addr_eq(&f->peer, &i->r->peer.nbma)) &&
	       (nhrp_addr_none(&f->address) || is_about(i->r, &f->address));
}

const struct control_feed tracing_feed = { .wants = wants };

static void make_filter(struct filter *f, const struct show_scope *scope)
{
	memset(f, 0, sizeof(*f));
	if (scope->only)
		memcpy(f->tunnel, scope->only->cfg.name, sizeof(f->tunnel));
	f->peer = scope->peer;
	f->address = scope->address;
}

/* ----- as JSON ----- */

static void add_line(void *lines, const char *line)
{
	json_array_append_new(lines, json_string(line));
}

static json_t *message_json(const struct item *i)
{
	const struct record *r = i->r;
	json_t *lines = json_array();
	json_t *obj;

	obj = json_pack("{s:s, s:I, s:s, s:s}", "tunnel", i->tunnel, "time_ms",
			(json_int_t)r->time_ms, "direction",
			r->verdict == NHRP_VERDICT_SENT ? "out" : "in", "decision",
			nhrp_verdict_name(r->verdict));
	show_key(obj, &r->peer);
	if (r->reason != NHRP_C_NONE) {
		show_text(obj, "reason", nhrp_counter_name(r->reason));
		show_text(obj, "message", nhrp_counter_words(r->reason));
	}
	nhrp_describe(r->data, r->len, add_line, lines);
	json_object_set_new(obj, "lines", lines);
	return obj;
}

static json_t *item_json(const struct item *i)
{
	struct nhrp_notice n = {
		.event = i->r->event,
		.reason = i->r->reason,
		.addr = i->r->addr,
		.peer = &i->r->peer,
		.text = (const char *)i->r->data,
	};

	return i->r->is_event ? monitor_event(i->tunnel, i->r->time_ms, &n) : message_json(i);
}

/* ----- what happens ----- */

static void publish(const struct tunnel *t, u64 from)
{
	struct item i = { .tunnel = t->cfg.name };
	struct control *c = t->d->control;

	if (!c || !control_has_subscribers(c, &tracing_feed))
		return;
	for (; from < history_end(t->tracing.history); from++) {
		i.r = history_get(t->tracing.history, from);
		if (i.r)
			control_publish(c, &tracing_feed, &i, item_json(&i));
	}
}

/* Return: false if nothing can be written down. */
static bool has_history(struct tracing *tr)
{
	if (!tr->history)
		tr->history = history_new();
	return tr->history;
}

static u64 write_down(struct tunnel *t, struct record *head, const struct nhrp_peer_key *peer,
		      const void *data, size_t len)
{
	head->time_ms = monitor_time_ms();
	if (peer)
		head->peer = *peer;
	head->len = len;
	return history_add(t->tracing.history, head, data);
}

static void decided(struct tunnel *t, const struct nhrp_trace *trace)
{
	struct tracing *tr = &t->tracing;
	struct record *r = history_get(tr->history, tr->number);

	tr->deciding = false;
	if (r) {
		r->verdict = trace->verdict;
		r->reason = trace->reason;
	}
	publish(t, tr->number);
}

void tracing_message(struct tunnel *t, const struct nhrp_trace *trace)
{
	struct record head = { .verdict = trace->verdict, .reason = trace->reason };
	struct tracing *tr = &t->tracing;
	u64 number;

	if (!has_history(tr))
		return;
	if (trace->verdict != NHRP_VERDICT_NONE && trace->verdict != NHRP_VERDICT_SENT) {
		if (tr->deciding)
			decided(t, trace);
		return;
	}
	number = write_down(t, &head, trace->peer, trace->pkt,
			    trace->len < NHRP_PKT_MAX ? trace->len : NHRP_PKT_MAX);
	if (trace->verdict == NHRP_VERDICT_NONE) {
		tr->deciding = true;
		tr->number = number;
	} else if (!tr->deciding) {
		publish(t, number);
	}
}

void tracing_notice(struct tunnel *t, const struct nhrp_notice *n)
{
	struct record head = {
		.is_event = true,
		.reason = n->reason,
		.event = n->event,
		.addr = n->addr,
	};
	u64 number;

	if (!has_history(&t->tracing))
		return;
	number = write_down(t, &head, n->peer, n->text, strlen(n->text) + 1);
	if (!t->tracing.deciding)
		publish(t, number);
}

void tracing_free(struct tunnel *t)
{
	history_free(t->tracing.history);
	memset(&t->tracing, 0, sizeof(t->tracing));
}

/* ----- methods ----- */

/**
 * struct record_stream - what was said, being told
 * @s: as what it is sent.
 * @f: what is wanted of it.
 * @d: whose tunnels.
 * @number: of the next record.
 * @end: of those that there were when its tunnel's turn came.
 * @nr: tunnels in @tunnel that are not done; the last one's turn it is.
 * @tunnel: those that there were in the beginning; any of them may be gone now.
 *
 * Records are looked up when they are sent: those that nobody reads are kept once, in the
 * histories, and not for each client.
 */
struct record_stream {
	struct stream s;
	struct filter f;
	struct daemon *d;
	u64 number;
	u64 end;
	unsigned int nr;
	struct tunnel *tunnel[];
};

static struct history *find_history(const struct record_stream *rs)
{
	struct tunnel *t;

	for (t = rs->d->tunnels; t; t = t->next)
		if (rs->nr && t == rs->tunnel[rs->nr - 1])
			return t->tracing.history;
	return NULL;
}

static void begin_tunnel(struct record_stream *rs)
{
	struct history *h = find_history(rs);

	rs->number = h ? history_first(h) : 0;
	rs->end = h ? history_end(h) : 0;
}

static json_t *next_record(struct stream *s)
{
	struct record_stream *rs = (struct record_stream *)s;

	while (rs->nr) {
		struct history *h = find_history(rs);
		struct item i;

		while (h && rs->number < rs->end) {
			i.tunnel = rs->tunnel[rs->nr - 1]->cfg.name;
			i.r = history_get(h, rs->number++);
			if (i.r && wants(&rs->f, &i))
				return item_json(&i);
		}
		rs->nr--;
		begin_tunnel(rs);
	}
	return NULL;
}

static void free_stream(struct stream *s)
{
	free((struct record_stream *)s);
}

void tracing_show(struct client *cl, const struct show_scope *scope)
{
	struct record_stream *rs;
	struct tunnel *t = NULL;
	unsigned int nr = 0, i;

	while ((t = show_next(scope, t)))
		nr++;
	rs = calloc(1, sizeof(*rs) + nr * sizeof(*rs->tunnel));
	if (!rs) {
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	rs->s = (struct stream){ .member = "trace", .next = next_record, .free = free_stream };
	rs->d = scope->d;
	rs->nr = nr;
	make_filter(&rs->f, scope);
	for (i = nr; i && (t = show_next(scope, t)); i--)
		rs->tunnel[i - 1] = t;
	begin_tunnel(rs);
	control_stream(cl, &rs->s);
}

void tracing_follow(struct client *cl, const struct show_scope *scope)
{
	struct filter *f = malloc(sizeof(*f));

	if (!f) {
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	make_filter(f, scope);
	control_reply(cl, json_pack("{s:b}", "tracing", 1), true);
	control_subscribe(cl, &tracing_feed, f);
}
