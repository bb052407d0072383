// SPDX-License-Identifier: GPL-2.0
/* What the protocol core needs from the world: see struct nhrp_env */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/daemon.h"
#include "dvpnd/domain.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/log.h"
#include "dvpnd/monitor.h"
#include "dvpnd/names.h"
#include "dvpnd/tunnel.h"

static u32 env_rand32(void *ctx)
{
	u32 v;

	(void)ctx;
	/* Cannot fail or be short for so few bytes once the pool is ready. */
	while (getrandom(&v, sizeof(v), 0) != sizeof(v))
		;
	return v;
}

static u32 env_request_ids(void *ctx, u32 count)
{
	struct daemon *d = ctx;

	return state_request_ids(d->state, count);
}

static u32 env_epoch(void *ctx)
{
	struct daemon *d = ctx;

	return state_epoch(d->state);
}

/* "ADDRESS: text (reason)", without what is not there; the NBMA address if there is no other. */
static void env_notify(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_notice *n)
{
	const char *reason = n->reason == NHRP_C_NONE ? NULL : nhrp_counter_name(n->reason);
	struct tunnel *t = nhrp_tunnel_priv(nt);
	char addr[NHRP_PREFIX_STRLEN] = "", nbma[NHRP_ADDR_STRLEN] = "";
	const char *who = addr;
	const struct log_about about = { .address = addr, .nbma = nbma, .reason = reason };

	if (n->event == NHRP_EVENT_NHS_DOWN)
		names_hurry(((struct daemon *)ctx)->names, t);
	if (n->peer && !nhrp_addr_none(&n->peer->nbma))
		nhrp_addr_format(&n->peer->nbma, nbma, sizeof(nbma));
	if (nhrp_prefix_is_host(&n->addr))
		nhrp_addr_format(&n->addr.addr, addr, sizeof(addr));
	else if (!nhrp_addr_none(&n->addr.addr))
		nhrp_prefix_format(&n->addr, addr, sizeof(addr));
	else if (!strstr(n->text, nbma))
		who = nbma;
	log_event(n->severity, t->cfg.name, nhrp_event_name(n->event), &about, "%s%s%s%s%s%s",
		  who, *who ? ": " : "", n->text, reason ? " (" : "", reason ? reason : "",
		  reason ? ")" : "");
	monitor_notice(t, n);
	tracing_notice(t, n);
}

static void env_trace(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_trace *trace)
{
	(void)ctx;
	tracing_message(nhrp_tunnel_priv(nt), trace);
}

/* ----- frames ----- */

struct sent_frame {
	struct tunnel *t;
	struct nhrp_addr nbma;
	u64 cookie;
};

static void frame_ack(const struct dvpn_ack *ack, void *ctx)
{
	struct sent_frame *sent = ctx;

	/* Cancelled: the core's tunnel is about to be freed. */
	if (ack->err == -EINPROGRESS)
		ipsec_no_sa(sent->t->d->ipsec, sent->t, &sent->nbma);
	if (ack->err != -ECANCELED)
		nhrp_tunnel_tx_result(sent->t->nhrp, sent->cookie, ack->err, clock_ms());
	free(sent);
}

static void env_tx_frame(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_peer_key *to,
			 const void *data, size_t len, u64 cookie)
{
	struct tunnel *t = nhrp_tunnel_priv(nt);
	struct dvpn_frame frame = {
		.ifindex = t->link.ifindex,
		.data = data,
		.len = len,
	};
	struct sent_frame *sent = NULL;

	(void)ctx;
	if (!len || len > DVPN_FRAME_MAX)
		return;
	key_to_dvpn(&frame.peer, to);
	if (cookie) {
		sent = malloc(sizeof(*sent));
		if (!sent)
			return;		/* as if it were lost on the way */
		sent->t = t;
		sent->nbma = to->nbma;
		sent->cookie = cookie;
	}
	if (dvpn_frame_send(t->chan, &frame, sent ? frame_ack : NULL, sent))
		free(sent);
}

static const char *env_sa_identity(void *ctx, struct nhrp_tunnel *nt,
				   const struct nhrp_frame *frame)
{
	const struct tunnel *t = nhrp_tunnel_priv(nt);
	struct daemon *d = ctx;

	if (!*t->cfg.ipsec_profile || !d->ipsec)
		return "";
	return ipsec_sender(d->ipsec, t, &frame->from.nbma, frame->sa_spi);
}

static bool env_ike_begun(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_addr *nbma)
{
	const struct tunnel *t = nhrp_tunnel_priv(nt);
	struct daemon *d = ctx;

	return *t->cfg.ipsec_profile && d->ipsec && ipsec_begun_by(d->ipsec, nbma);
}

/* ----- the table ----- */

static void env_map_set(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_map *map)
{
	struct tunnel *t = nhrp_tunnel_priv(nt);

	(void)ctx;
	recon_map_set(t->recon, map);
	export_map_set(t->export, map);
}

static void env_map_del(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_prefix *prefix)
{
	struct tunnel *t = nhrp_tunnel_priv(nt);

	(void)ctx;
	recon_map_del(t->recon, prefix);
	export_map_del(t->export, prefix);
}

static void env_peer_set(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_peer *peer)
{
	(void)ctx;
	recon_peer_set(((struct tunnel *)nhrp_tunnel_priv(nt))->recon, peer);
}

static void env_peer_del(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_peer_key *key)
{
	(void)ctx;
	recon_peer_del(((struct tunnel *)nhrp_tunnel_priv(nt))->recon, key);
}

/* What was asked for before must be in the kernel before it is asked about. */
static struct tunnel *flushed(struct nhrp_tunnel *nt)
{
	struct tunnel *t = nhrp_tunnel_priv(nt);

	if (dvpn_chan_flush(t->chan))
		t->broken = true;
	return t;
}

static u64 env_peer_rx_idle_ms(void *ctx, struct nhrp_tunnel *nt,
			       const struct nhrp_peer_key *key)
{
	struct tunnel *t = flushed(nt);
	struct dvpn_peer peer = { .has = DVPN_PEER_HAS_KEY, .ifindex = t->link.ifindex };

	(void)ctx;
	key_to_dvpn(&peer.key, key);
	if (dvpn_peer_get(t->handle, &peer) || !(peer.has & DVPN_PEER_HAS_RX_IDLE))
		return UINT64_MAX;
	return peer.rx_idle_ms;
}

static u64 env_map_idle_ms(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_prefix *prefix)
{
	struct tunnel *t = flushed(nt);
	struct dvpn_map map = { .has = DVPN_MAP_HAS_PROTO, .ifindex = t->link.ifindex };

	(void)ctx;
	addr_to_dvpn(&map.proto, &prefix->addr);
	map.prefixlen = prefix->plen;
	if (dvpn_map_get(t->handle, &map) || !(map.has & DVPN_MAP_HAS_IDLE))
		return UINT64_MAX;
	return map.idle_ms;
}

/* ----- routes ----- */

/* The hop by the tunnel or another one that redirects to it, if one of them is. */
static const struct route_hop *tunnel_hop(struct tunnel *t, const struct route_info *info)
{
	unsigned int i;

	for (i = 0; i < info->nr_hops; i++)
		if (info->hops[i].oif && domain_tunnel_at(t, info->hops[i].oif))
			return &info->hops[i];
	return NULL;
}

struct exit {
	struct tunnel *t;
	const struct route_hop *hop;	/* NULL: not by the tunnel */
};

static bool exit_differs(const struct route_info *other, void *ctx)
{
	const struct exit *e = ctx;
	const struct route_hop *hop = tunnel_hop(e->t, other);

	if (!e->hop || !hop)
		return e->hop || hop;
	return !nhrp_addr_eq(&e->hop->gateway, &hop->gateway);
}

static int env_route_lookup(void *ctx, struct nhrp_tunnel *nt, const struct nhrp_addr *dst,
			    struct nhrp_route *route)
{
	struct tunnel *t = nhrp_tunnel_priv(nt);
	struct route_info info;
	struct exit e = { .t = t };
	struct daemon *d = ctx;

	memset(route, 0, sizeof(*route));
	/* On this link; the routing table has the same prefix on every other one, too. */
	if (nhrp_addr_is_linklocal6(dst)) {
		nhrp_prefix_host(&route->prefix, dst);
		route->via_tunnel = true;
		route->tunnel = nt;
		return 0;
	}
	if (route_lookup(d->routes, dst, t->link.master, &info))
		return -ENETUNREACH;
	e.hop = tunnel_hop(t, &info);
	/* Unreachable, blackhole, prohibit: no exit at all. */
	if (!e.hop && !info.is_local && (!info.nr_hops || !info.hops[0].oif))
		return -ENETUNREACH;
	route->via_tunnel = e.hop;
	if (e.hop)
		route->tunnel = domain_tunnel_at(t, e.hop->oif)->nhrp;
	route->prefix = info.dst;
	if (e.hop && !nhrp_addr_none(&e.hop->gateway)) {
		route->has_gateway = true;
		route->gateway = e.hop->gateway;
	}
	if (!info.is_local && route_lengthen(d->routes, info.table, dst, &route->prefix,
					     exit_differs, &e))
		log_line(LOG_WARNING, t->cfg.name, "routes", "the routing table cannot be read");
	return 0;
}

const struct nhrp_env env_callbacks = {
	.rand32 = env_rand32,
	.request_ids = env_request_ids,
	.epoch = env_epoch,
	.notify = env_notify,
	.trace = env_trace,
	.tx_frame = env_tx_frame,
	.sa_identity = env_sa_identity,
	.ike_begun = env_ike_begun,
	.map_set = env_map_set,
	.map_del = env_map_del,
	.peer_set = env_peer_set,
	.peer_del = env_peer_del,
	.route_lookup = env_route_lookup,
	.peer_rx_idle_ms = env_peer_rx_idle_ms,
	.map_idle_ms = env_map_idle_ms,
};
