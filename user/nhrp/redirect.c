// SPDX-License-Identifier: GPL-2.0
/*
 * Hints to others, and what we make of theirs
 *
 * Traffic Indication: Cisco's "there is a better way for this packet". Its
 * destination protocol address is the source of the packet that caused it:
 * that is whom it is for, and what Cisco and FRR send, whatever the expired
 * draft says.
 *
 * Registration hint: an unsolicited Registration Reply with request id 0 and
 * unspecified addresses, "I do not know you". Foreign clients ignore it, ours
 * register. It goes to whoever's address is on a packet: so it is rare, and
 * never longer than that packet.
 */
#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/policy.h"
#include "nhrp/redirect.h"
#include "nhrp/resolve.h"

#define HINT_NBMA_INTERVAL_US	5000000	/* one per address and 5 s */
#define HINT_INTERVAL_US	10000	/* 100 a second in all */
#define HINT_BURST		100
#define INDICATION_PAIR_US	1000000
#define INDICATION_PAIR_BURST	2
#define INDICATION_INTERVAL_US	2000	/* 500 a second in all */
#define INDICATION_BURST	500
#define QUOTED_TRANSPORT	8	/* octets behind the inner IP header */

size_t nhrp_inner_addrs(const u8 *p, size_t len, struct nhrp_addr *src,
			struct nhrp_addr *dst)
{
	size_t hlen;

	if (len >= 20 && p[0] >> 4 == 4) {
		hlen = (p[0] & 0xf) * 4u;
		if (hlen < 20 || hlen > len)
			return 0;
		nhrp_addr_set(src, AF_INET, p + 12);
		nhrp_addr_set(dst, AF_INET, p + 16);
		return hlen;
	}
	if (len >= 40 && p[0] >> 4 == 6) {
		nhrp_addr_set(src, AF_INET6, p + 8);
		nhrp_addr_set(dst, AF_INET6, p + 24);
		return 40;
	}
	return 0;
}

static u64 pair_hash(struct nhrp_tunnel *t, const struct nhrp_redirect *r)
{
	return nhrp_hash(t, &r->src) * 31 + nhrp_hash(t, &r->dst);
}

void nhrp_tunnel_redirect(struct nhrp_tunnel *t, const struct nhrp_redirect *r,
			  u64 now_ms)
{
	const struct nhrp_prefix *self;
	struct nhrp_addr src, dst;
	struct nhrp_msg msg;
	size_t len;

	nhrp_count(t, NHRP_C_REDIRECT);
	if (t->state != NHRP_TUNNEL_RUNNING)
		return;
	if (!t->cfg.nhs || !t->cfg.redirect) {
		nhrp_count(t, NHRP_C_DROP_PHASE);
		return;
	}
	if (!r->has_ingress || !nhrp_trusted_peer(t, &r->ingress)) {
		nhrp_count(t, NHRP_C_DROP_UNREGISTERED);
		return;
	}
	len = nhrp_inner_addrs(r->packet, r->len, &src, &dst);
	self = nhrp_local_for(t, &r->src, r->src.family);
	if (!len || !nhrp_addr_is_unicast(&r->src) ||
	    !nhrp_addr_is_unicast(&dst) || !self) {
		nhrp_count(t, NHRP_C_DROP_MALFORMED);
		return;
	}
	if (!nhrp_limiter_take(&t->indication_limit, pair_hash(t, r),
			       INDICATION_PAIR_US, INDICATION_PAIR_BURST,
			       now_ms) ||
	    !nhrp_bucket_take(&t->indication_total, INDICATION_INTERVAL_US,
			      INDICATION_BURST, now_ms)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	if (!nhrp_msg_begin(t, &msg, NHRP_TRAFFIC_INDICATION, &r->ingress,
			    &self->addr, &r->src))
		return;
	len += QUOTED_TRANSPORT;
	nhrp_msg_set_data(&msg, r->packet, len < r->len ? len : r->len);
	nhrp_msg_send(t, &msg, &r->ingress, 0);
}

/* Only who forwards for us may tell; only the quoted packet counts. */
void nhrp_redirect_rx(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_env *env = &t->core->env;
	struct nhrp_route route;
	struct nhrp_prefix host;
	struct nhrp_addr src, dst;
	const u8 *data;
	size_t len;

	if (!nhrp_hub_by_nbma(t, &rx->frame->from)) {
		nhrp_count(t, NHRP_C_DROP_NOT_HUB);
		return;
	}
	if (!t->cfg.shortcut) {
		nhrp_count(t, NHRP_C_DROP_PHASE);
		return;
	}
	data = nhrp_msg_data(rx->msg, &len);
	if (rx->msg->traffic_code || !nhrp_inner_addrs(data, len, &src, &dst)) {
		nhrp_count(t, NHRP_C_DROP_MALFORMED);
		return;
	}
	if (env->route_lookup(env->ctx, t, &dst, &route) || !route.via_tunnel) {
		nhrp_count(t, NHRP_C_DROP_NO_ROUTE);
		return;
	}
	nhrp_prefix_host(&host, &dst);
	nhrp_note(t, NHRP_EVENT_REDIRECT, NHRP_DEBUG, NHRP_C_NONE, &host,
		  &rx->frame->from, "the hub says that there is a better way");
	nhrp_resolve(t, &dst, NHRP_FOR_DATA, rx->now);
}

void nhrp_hint(struct nhrp_tunnel *t, const struct nhrp_peer_key *to, size_t len,
	       u8 proto_family, u64 now)
{
	const struct nhrp_addr *own = nhrp_own_nbma(t, to->nbma.family);
	struct nhrp_cie *cie;
	struct nhrp_msg msg;
	u8 pkt[NHRP_FRAME_MAX];
	int need;

	if (!t->cfg.nhs || !own ||
	    nhrp_policy_nbma(t, &to->nbma) != NHRP_C_NONE)
		return;
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, to->nbma.family,
		      proto_family);
	msg.hop_count = 1;
	msg.src_nbma = *own;
	nhrp_addr_set_any(&msg.src_proto, proto_family);
	msg.dst_proto = msg.src_proto;
	cie = nhrp_cie_list_add(&msg.cies);
	cie->code = NHRP_CODE_NO_BINDING;
	need = nhrp_auth_encode(t, &msg, to, pkt, sizeof(pkt));
	if (need < 0 || (size_t)need > len)
		return;
	if (!nhrp_limiter_take(&t->hint_limit, nhrp_hash(t, &to->nbma),
			       HINT_NBMA_INTERVAL_US, 1, now) ||
	    !nhrp_bucket_take(&t->hint_total, HINT_INTERVAL_US, HINT_BURST,
			      now)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	nhrp_count(t, NHRP_C_TX_HINT);
	nhrp_msg_send(t, &msg, to, 0);
}

void nhrp_tunnel_unknown_peer(struct nhrp_tunnel *t,
			      const struct nhrp_peer_key *from, size_t len,
			      u64 now_ms)
{
	nhrp_count(t, NHRP_C_UNKNOWN_PEER);
	if (t->state == NHRP_TUNNEL_RUNNING)
		nhrp_hint(t, from, len, t->cfg.locals[0].addr.family, now_ms);
}
