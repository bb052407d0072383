// SPDX-License-Identifier: GPL-2.0
/* Frames and events from the kernel: see event.h */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/convert.h"
#include "dvpnd/event.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel.h"

static void on_frame(const struct dvpn_frame *f, void *ctx)
{
	struct tunnel *t = ctx;
	struct nhrp_frame frame = {
		.peer_id = f->peer_id,
		.has_sa = f->sa.present,
		.sa_spi = ntohl(f->sa.spi),
		.sa_reqid = f->sa.reqid,
		.sa_if_id = f->sa.if_id,
		.data = f->data,
		.len = f->len,
	};

	if (f->ifindex != t->link.ifindex)
		return;
	/* They say nothing of the table, and whoever sent them sends them again. */
	t->frames_lost += f->stamp.lost;
	key_to_nhrp(&frame.from, &f->peer);
	addr_to_nhrp(&frame.local, &f->local);
	nhrp_tunnel_queue(t->nhrp, &frame);
}

static void on_miss(struct tunnel *t, const struct dvpn_event_msg *e)
{
	struct nhrp_addr next_hop;

	addr_to_nhrp(&next_hop, &e->map.proto);
	if (!nhrp_addr_none(&next_hop))
		nhrp_tunnel_miss(t->nhrp, &next_hop, clock_ms());
}

static void on_redirect(struct tunnel *t, const struct dvpn_event_msg *e)
{
	struct nhrp_redirect r = { .packet = e->excerpt, .len = e->excerpt_len };
	struct dvpn_peer peer = {
		.has = DVPN_PEER_HAS_ID,
		.ifindex = t->link.ifindex,
		.id = e->map.peer_id,
	};

	addr_to_nhrp(&r.src, &e->src);
	addr_to_nhrp(&r.dst, &e->dst);
	if (nhrp_addr_none(&r.src) || nhrp_addr_none(&r.dst))
		return;
	/* Events of this kind are few: the kernel limits them per pair of addresses. */
	if (peer.id && !dvpn_peer_get(t->handle, &peer)) {
		r.has_ingress = true;
		key_to_nhrp(&r.ingress, &peer.key);
	}
	nhrp_tunnel_redirect(t->nhrp, &r, clock_ms());
}

static void on_unknown_peer(struct tunnel *t, const struct dvpn_event_msg *e,
			    const struct nhrp_peer_key *peer)
{
	struct nhrp_addr src;

	if (nhrp_addr_none(&peer->nbma))
		return;
	nhrp_tunnel_unknown_peer(t->nhrp, peer, e->inner_len, clock_ms());
	addr_to_nhrp(&src, &e->src);
	if (nhrp_addr_is_unicast(&src))
		nhrp_tunnel_unknown_source(t->nhrp, &src, clock_ms());
}

static void on_unreach(struct tunnel *t, const struct dvpn_event_msg *e,
		       const struct nhrp_peer_key *peer)
{
	struct unreach *u = &t->unreach[t->next_unreach++ % TUNNEL_UNREACH_MAX];

	u->peer_id = e->map.peer_id;
	u->reason = e->reason;
	u->error = e->error;
	u->at_ms = clock_ms();
	if (!nhrp_addr_none(&peer->nbma))
		nhrp_tunnel_peer_unreach(t->nhrp, peer, -(int)e->error, clock_ms());
}

static void on_expire(struct tunnel *t, const struct dvpn_event_msg *e)
{
	struct nhrp_prefix prefix;

	prefix_to_nhrp(&prefix, &e->map);
	if (nhrp_addr_none(&prefix.addr))
		return;
	/* A refresh that came before it may still wait. */
	nhrp_tunnel_run_known(t->nhrp, clock_ms());
	recon_gone(t->recon, &prefix);
	nhrp_tunnel_expired(t->nhrp, &prefix, clock_ms());
}

static void on_event(const struct dvpn_event_msg *e, void *ctx)
{
	struct nhrp_peer_key peer;
	struct tunnel *t = ctx;

	if (e->ifindex != t->link.ifindex)
		return;
	if (e->stamp.lost) {
		t->lost += e->stamp.lost;
		t->want_resync = true;
	}
	key_to_nhrp(&peer, &e->map.peer);
	switch (e->type) {
	case DVPN_EVENT_MISS:
		on_miss(t, e);
		break;
	case DVPN_EVENT_REDIRECT:
		on_redirect(t, e);
		break;
	case DVPN_EVENT_UNKNOWN_PEER:
		on_unknown_peer(t, e, &peer);
		break;
	case DVPN_EVENT_PEER_UNREACH:
		on_unreach(t, e, &peer);
		break;
	case DVPN_EVENT_EXPIRE:
		on_expire(t, e);
		break;
	default:
		/* A newer module may tell more than we know of. */
		log_debug("%s: event %u is not known", t->cfg.name, e->type);
	}
}

static void on_bad(const char *text, void *ctx)
{
	struct tunnel *t = ctx;

	t->bad++;
	log_line(LOG_WARNING, t->cfg.name, "netlink", "a message makes no sense: %s",
		 text);
}

const struct dvpn_agent_ops event_ops = {
	.frame = on_frame,
	.event = on_event,
	.bad = on_bad,
};
