// SPDX-License-Identifier: GPL-2.0
/*
 * Why is this address reached like that? First the routing table: it may not be
 * the tunnel's at all. Then the kernel's table, which decides where a packet
 * goes. Then the protocol, which knows why nothing better is in that table.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/control.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"
#include "dvpnd/why.h"
#include "nhrp/why.h"

/**
 * struct question - what was asked, and what was found
 * @d: daemon.
 * @dst: address.
 * @t: tunnel that packets to it leave by, or that was asked about; or NULL.
 * @has_route: @route is valid.
 * @route: that covers it.
 * @hop: way it goes, NULL: none.
 * @other: room for the name of another interface.
 * @path: what a packet meets.
 * @map: mapping of the kernel's table, if @path says that there is one.
 */
struct question {
	const struct daemon *d;
	struct nhrp_addr dst;
	struct tunnel *t;
	bool has_route;
	struct route_info route;
	const struct route_hop *hop;
	char other[IF_NAMESIZE];
	struct nhrp_why_path path;
	struct dvpn_map map;
};

/* ----- the routing table ----- */

static struct tunnel *tunnel_at(const struct daemon *d, unsigned int ifindex)
{
	struct tunnel *t;

	for (t = d->tunnels; t; t = t->next)
		if (t->has_link && t->link.ifindex == ifindex)
			return t;
	return NULL;
}

/* Of several ways the first by a tunnel, by @want if there is one. */
static struct tunnel *choose_hop(struct question *q, const struct tunnel *want)
{
	struct tunnel *found = NULL;
	unsigned int i;

	q->hop = q->route.nr_hops ? &q->route.hops[0] : NULL;
	for (i = 0; i < q->route.nr_hops; i++) {
		struct tunnel *t = tunnel_at(q->d, q->route.hops[i].oif);

		if (!t || (found && t != want))
			continue;
		found = t;
		q->hop = &q->route.hops[i];
	}
	return found;
}

/* Return: the tunnel that packets leave by, NULL: none. */
static struct tunnel *look_up(struct question *q, unsigned int master, const struct tunnel *want)
{
	q->has_route = q->d->routes &&
		       !route_lookup(q->d->routes, &q->dst, master, &q->route);
	q->hop = NULL;
	return q->has_route ? choose_hop(q, want) : NULL;
}

/* In the default table, and then where the tunnels are: they may be in VRFs. */
static void find_route(struct question *q, struct tunnel *only)
{
	struct tunnel *t;

	if (only) {
		q->t = only;
		look_up(q, only->has_link ? only->link.master : 0, only);
		return;
	}
	q->t = look_up(q, 0, NULL);
	if (q->t || (q->has_route && q->route.is_local))
		return;
	for (t = q->d->tunnels; t; t = t->next) {
		if (!t->has_link || !t->link.master)
			continue;
		q->t = look_up(q, t->link.master, t);
		if (q->t)
			return;
	}
	look_up(q, 0, NULL);
}

static void judge_route(struct question *q)
{
	struct nhrp_why_path *path = &q->path;

	if (!q->has_route || (!q->route.is_local && (!q->hop || !q->hop->oif))) {
		path->exit = NHRP_WHY_EXIT_NONE;
	} else if (q->route.is_local) {
		path->exit = NHRP_WHY_EXIT_LOCAL;
	} else if (q->t && q->t->has_link && q->hop->oif == q->t->link.ifindex) {
		path->exit = NHRP_WHY_EXIT_TUNNEL;
		path->hop = nhrp_addr_none(&q->hop->gateway) ? q->dst : q->hop->gateway;
	} else {
		path->exit = NHRP_WHY_EXIT_OTHER;
		if (!if_indextoname(q->hop->oif, q->other))
			snprintf(q->other, sizeof(q->other), "#%u", q->hop->oif);
		path->other = q->other;
	}
}

/* The same on every link: routes do not tell. */
static bool is_of_link(const struct nhrp_addr *a)
{
	return nhrp_addr_is_multicast(a) ||
	       nhrp_addr_is_linklocal6(a);
}

/* ----- the kernel's table ----- */

static void judge_map(struct question *q, int verdict)
{
	struct nhrp_why_path *path = &q->path;
	const struct tunnel *t = q->t;
	struct nhrp_addr src;

	path->verdict = (enum nhrp_why_verdict)verdict;
	if (q->map.has & DVPN_MAP_HAS_PROTO)
		prefix_to_nhrp(&path->map, &q->map);
	path->administrator = q->map.has & DVPN_MAP_HAS_PROTO && !q->map.owner;
	if (!(q->map.has & DVPN_MAP_HAS_PEER))
		return;
	key_to_nhrp(&path->peer, &q->map.peer);
	path->recursive = route_source(q->d->routes, &path->peer.nbma, t->link.link_ifindex,
				       path->peer.mark ? path->peer.mark : t->link.fwmark,
				       t->link.ifindex, &src) == -ELOOP;
}

static void ask_kernel(struct question *q)
{
	struct dvpn_addr dst, hop;
	struct tunnel *t = q->t;
	int verdict = -ENODEV;

	q->path.verdict = NHRP_WHY_UNKNOWN;
	q->path.down = !t->attached || t->state == TUNNEL_DOWN ? t->reason : NULL;
	if (t->attached) {
		addr_to_dvpn(&dst, &q->dst);
		addr_to_dvpn(&hop, &q->path.hop);
		verdict = dvpn_map_lookup(t->handle, t->link.ifindex, &dst, &hop, &q->map);
		if (verdict < 0)
			q->path.down = dvpn_error(t->handle);
	}
	if (verdict >= 0 && verdict < NHRP_WHY_UNKNOWN)
		judge_map(q, verdict);
}

/* ----- the answer ----- */

static void set_ms(json_t *obj, const char *member, bool known, u64 ms)
{
	if (known)
		json_object_set_new(obj, member, json_integer(ms));
}

static json_t *fib_json(const struct question *q)
{
	char name[IF_NAMESIZE];
	json_t *obj;

	if (!q->has_route)
		return NULL;
	obj = json_object();
	show_prefix(obj, &q->route.dst);
	set_ms(obj, "table", true, q->route.table);
	if (q->route.is_local)
		json_object_set_new(obj, "local", json_true());
	if (q->hop && q->hop->oif && if_indextoname(q->hop->oif, name))
		show_text(obj, "exit", name);
	if (q->hop)
		show_addr(obj, "gateway", &q->hop->gateway);
	return obj;
}

static void add_peer(json_t *obj, const struct question *q)
{
	struct dvpn_peer peer = { .has = DVPN_PEER_HAS_KEY, .ifindex = q->t->link.ifindex };

	show_key(obj, &q->path.peer);
	peer.key = q->map.peer;
	if (dvpn_peer_get(q->t->handle, &peer))
		return;
	set_ms(obj, "rx_idle_ms", peer.has & DVPN_PEER_HAS_RX_IDLE, peer.rx_idle_ms);
	set_ms(obj, "pmtu", peer.has & DVPN_PEER_HAS_PMTU, peer.pmtu);
}

static json_t *kernel_json(const struct question *q)
{
	const struct dvpn_map *map = &q->map;
	json_t *obj = json_object();
	char name[32], *c;

	if (q->path.verdict == NHRP_WHY_UNKNOWN) {
		show_text(obj, "reason", q->path.down);
		return obj;
	}
	snprintf(name, sizeof(name), "%s", dvpn_verdict_name(q->path.verdict));
	for (c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	show_text(obj, "verdict", name);
	if (nhrp_addr_none(&q->path.map.addr))
		return obj;
	show_prefix(obj, &q->path.map);
	show_mask(obj, "flags", DVPN_NAMES_MAP_FLAG, map->flags);
	set_ms(obj, "idle_ms", map->has & DVPN_MAP_HAS_IDLE, map->idle_ms);
	set_ms(obj, "expires_ms", map->has & DVPN_MAP_HAS_EXPIRES, map->expires_ms);
	set_ms(obj, "owner", map->has & DVPN_MAP_HAS_OWNER, map->owner);
	if (map->has & DVPN_MAP_HAS_PEER)
		add_peer(obj, q);
	return obj;
}

static json_t *agent_json(const struct question *q, const struct nhrp_why *why)
{
	json_t *obj = json_object();

	show_text(obj, "state", tunnel_state_name(q->t->state));
	show_addr(obj, "next_hop", &q->path.hop);
	if (!why) {
		show_text(obj, "reason", q->t->reason);
		return obj;
	}
	show_text(obj, "next_hop_is", why->hop_is);
	if (why->has_shortcut)
		json_object_set_new(obj, "shortcut",
				    show_shortcut(q->t->cfg.name, &why->shortcut));
	show_text(obj, "reason", why->reason);
	return obj;
}

static void set_object(json_t *reply, const char *member, json_t *obj)
{
	if (obj)
		json_object_set_new(reply, member, obj);
}

static void answer(struct client *cl, struct question *q)
{
	bool asked = q->path.exit == NHRP_WHY_EXIT_TUNNEL;
	char sentence[NHRP_WHY_LEN];
	struct nhrp_why why;
	bool known = false;
	json_t *reply;

	if (q->t)
		q->path.device = q->t->cfg.name;
	if (asked)
		ask_kernel(q);
	if (asked && q->t->attached) {
		nhrp_tunnel_why(q->t->nhrp, &q->dst, &q->path, clock_ms(), &why);
		known = true;
	}
	reply = json_object();
	show_addr(reply, "address", &q->dst);
	show_text(reply, "tunnel", q->path.device);
	show_text(reply, "sentence",
		  nhrp_why_sentence(&q->dst, &q->path, known ? &why : NULL, sentence));
	if (q->path.recursive)
		json_object_set_new(reply, "recursive", json_true());
	set_object(reply, "fib", fib_json(q));
	if (asked) {
		set_object(reply, "kernel", kernel_json(q));
		set_object(reply, "agent", agent_json(q, known ? &why : NULL));
	}
	control_reply(cl, reply, false);
}

static void bad_parameter(struct client *cl, const char *name, const char *why)
{
	control_error(cl, "org.varlink.service.InvalidParameter",
		      json_pack("{s:s}", "parameter", name), "%s: %s", name, why);
}

void why_answer(struct client *cl, const struct show_scope *scope)
{
	struct question q = { .d = scope->d, .dst = scope->address, .t = scope->only };

	if (nhrp_addr_none(&q.dst)) {
		bad_parameter(cl, "address", "is missing");
		return;
	}
	if (!is_of_link(&q.dst)) {
		find_route(&q, scope->only);
		judge_route(&q);
		answer(cl, &q);
		return;
	}
	if (!q.t && q.d->tunnels && !q.d->tunnels->next)
		q.t = q.d->tunnels;
	if (!q.t) {
		bad_parameter(cl, "tunnel", "is needed with an address that every link has");
		return;
	}
	q.path.exit = q.t->has_link ? NHRP_WHY_EXIT_TUNNEL : NHRP_WHY_EXIT_NONE;
	q.path.hop = q.dst;
	answer(cl, &q);
}
