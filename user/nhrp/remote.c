// SPDX-License-Identifier: GPL-2.0
/*
 * Remotes: the other ends of direct paths
 *
 *   claim of a stranger --the hub tells the same--> known --probe--> proven
 *
 * A remote lives as long as a shortcut leads to it, it is to be accepted on
 * receive because we answered it, or its claim waits for the hub.
 */
#include <stdlib.h>
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/policy.h"
#include "nhrp/purge.h"
#include "nhrp/remote.h"
#include "nhrp/request.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

#define CLAIM_INTERVAL_US	50000	/* 20 claims of strangers a second */
#define CLAIM_BURST		100
#define CLAIM_TIMEOUT_MS	3000	/* a claim waits so long for the hub */

struct nhrp_remote *nhrp_remote_find(struct nhrp_tunnel *t,
				     const struct nhrp_addr *proto)
{
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->remotes, nhrp_hash(t, proto)); n;
	     n = n->chain) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);

		if (nhrp_addr_eq(&r->proto, proto))
			return r;
	}
	return NULL;
}

/* Does data go direct? */
bool nhrp_remote_open(const struct nhrp_remote *r)
{
	return r->known && !r->dead && (r->proven || !nhrp_probation_for(r->t, &r->peer));
}

static void schedule_wait(struct nhrp_remote *r, u64 now)
{
	u64 at = r->rx_until > now ? r->rx_until : NHRP_NEVER;

	if (r->claim.data && r->claim_until < at)
		at = r->claim_until;
	nhrp_timer(r->t, &r->wait, at);
}

static void drop_claim(struct nhrp_remote *r)
{
	free((void *)r->claim.data);
	memset(&r->claim, 0, sizeof(r->claim));
}

void nhrp_remote_unclaim(struct nhrp_remote *r, u64 now)
{
	drop_claim(r);
	nhrp_remote_put(r, now);
}

static void wait_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_remote *r = container_of(timer, struct nhrp_remote, wait);

	if (r->claim.data && r->claim_until <= now) {
		nhrp_count(r->t, NHRP_C_DROP_CLAIM);
		drop_claim(r);
	}
	nhrp_remote_put(r, now);
}

/* Free it if nothing needs it, else look again when something ends. */
void nhrp_remote_put(struct nhrp_remote *r, u64 now)
{
	if (r->shortcuts || r->claim.data || r->rx_until > now)
		schedule_wait(r, now);
	else
		nhrp_remote_free(r);
}

static struct nhrp_remote *remote_new(struct nhrp_tunnel *t,
				      const struct nhrp_addr *proto,
				      const struct nhrp_peer_key *key)
{
	struct nhrp_remote *r;

	if (t->remotes.count >= t->cfg.max_shortcuts) {
		nhrp_count(t, NHRP_C_DROP_TABLE_FULL);
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (!r || nhrp_table_add(&t->remotes, &r->node,
				 nhrp_hash(t, proto))) {
		free(r);
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		return NULL;
	}
	r->t = t;
	r->proto = *proto;
	r->peer = *key;
	r->timer.fn = nhrp_probe_timer;
	r->wait.fn = wait_timer;
	return r;
}

/* It is somewhere else now; the old locator is heard for a while. */
static void moved(struct nhrp_remote *r, const struct nhrp_peer_key *key,
		  u64 now)
{
	struct nhrp_tunnel *t = r->t;

	nhrp_peer_drain(t, &r->peer);
	nhrp_request_done(t, &r->req);
	r->peer = *key;
	r->proven = false;
	r->answered = false;
	r->dead = false;
	r->tries = 0;
	nhrp_shortcut_remote_changed(r, now);
	nhrp_probe_soon(r, now);
}

/* The claim is what the hub says, or it is not. */
static void settle_claim(struct nhrp_remote *r, u64 now)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_frame frame = r->claim;
	struct nhrp_msg msg;
	struct nhrp_rx rx = { .t = t, .frame = &frame, .msg = &msg, .now = now };

	memset(&r->claim, 0, sizeof(r->claim));
	if (!nhrp_same_endpoint(&frame.from, &r->peer)) {
		struct nhrp_prefix host;

		nhrp_prefix_host(&host, &r->proto);
		nhrp_count(t, NHRP_C_DROP_CLAIM_MISMATCH);
		nhrp_note(t, NHRP_EVENT_CONFLICT, NHRP_WARNING,
			  NHRP_C_DROP_CLAIM_MISMATCH, &host, &frame.from,
			  "a stranger claims this address, the hub knows it elsewhere");
	} else if (!nhrp_decode(frame.data, frame.len, &msg, NULL) &&
		   nhrp_auth_recall(&rx)) {
		nhrp_answer_request(&rx);
	}
	free((void *)frame.data);
}

/* Somebody who knows says that @proto is at @key. */
struct nhrp_remote *nhrp_remote_learn(struct nhrp_tunnel *t,
				      const struct nhrp_addr *proto,
				      const struct nhrp_peer_key *key,
				      const struct nhrp_addr *claimed, u64 now)
{
	struct nhrp_remote *r = nhrp_remote_find(t, proto);

	if (!r)
		r = remote_new(t, proto, key);
	if (!r)
		return NULL;
	r->claimed = *claimed;
	if (!r->known) {
		r->peer = *key;
		r->known = true;
	} else if (!nhrp_key_eq(&r->peer, key)) {
		moved(r, key, now);
	}
	if (r->claim.data)
		settle_claim(r, now);
	return r;
}

/* A request straight from somebody we never heard of at that locator. */
void nhrp_remote_claim(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	const struct nhrp_msg *msg = rx->msg;
	const struct nhrp_frame *frame = rx->frame;
	struct nhrp_remote *r;
	void *data;

	if (!t->cfg.shortcut) {
		nhrp_count(t, NHRP_C_DROP_PHASE);
		return;
	}
	if (nhrp_is_hub_proto(t, &msg->src_proto) ||
	    nhrp_policy_nbma(t, &frame->from.nbma) != NHRP_C_NONE) {
		nhrp_count(t, NHRP_C_DROP_POLICY_HUB);
		return;
	}
	if (frame->len > NHRP_CLAIM_MAX) {
		nhrp_count(t, NHRP_C_DROP_TOO_LONG);
		return;
	}
	r = nhrp_remote_find(t, &msg->src_proto);
	if (r && r->claim.data) {
		nhrp_count(t, NHRP_C_DROP_QUEUE_FULL);
		return;
	}
	if (!nhrp_bucket_take(&t->claim_total, CLAIM_INTERVAL_US, CLAIM_BURST,
			      rx->now)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	if (!nhrp_resolve(t, &msg->src_proto, NHRP_FOR_CLAIM, rx->now)) {
		nhrp_count(t, NHRP_C_DROP_CLAIM);
		return;
	}
	if (!r)
		r = remote_new(t, &msg->src_proto, &frame->from);
	if (!r)
		return;
	data = malloc(frame->len);
	if (!data) {
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		nhrp_remote_put(r, rx->now);
		return;
	}
	memcpy(data, frame->data, frame->len);
	r->claim = *frame;
	r->claim.data = data;
	r->claim_until = rx->now + CLAIM_TIMEOUT_MS;
	schedule_wait(r, rx->now);
}

void nhrp_tunnel_unknown_source(struct nhrp_tunnel *t,
				const struct nhrp_addr *src, u64 now_ms)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_route route;

	if (t->state != NHRP_TUNNEL_RUNNING || !t->regs || !t->cfg.shortcut ||
	    env->route_lookup(env->ctx, t, src, &route) || !route.via_tunnel)
		return;
	/* Anybody can make us ask: no more often than by a claim. */
	if (!nhrp_bucket_take(&t->claim_total, CLAIM_INTERVAL_US, CLAIM_BURST,
			      now_ms)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	nhrp_resolve(t, src, NHRP_FOR_DATA, now_ms);
}

void nhrp_remote_accept(struct nhrp_remote *r, u64 until_ms, u64 now)
{
	if (until_ms > r->rx_until)
		r->rx_until = until_ms;
	nhrp_peer_accept(r->t, &r->peer, r->rx_until - now, r->mtu, r);
	schedule_wait(r, now);
}

/* As whom we answer about @prefix: for an address of ours as that, see answer.c. */
static const struct nhrp_addr *told_as(const struct nhrp_remote *r,
				       const struct nhrp_prefix *prefix)
{
	const struct nhrp_prefix *self;

	if (nhrp_prefix_is_host(prefix) && nhrp_is_local(r->t, &prefix->addr))
		return &prefix->addr;
	self = nhrp_local_for(r->t, &r->proto, r->proto.family);
	return self ? &self->addr : NULL;
}

void nhrp_remote_told(struct nhrp_remote *r, const struct nhrp_prefix *prefix,
		      u64 until_ms, u64 now)
{
	const struct nhrp_addr *as = told_as(r, prefix);
	struct nhrp_told *slot = &r->told[0];
	unsigned int i;

	if (!as)
		return;

	for (i = 0; i < NHRP_TOLD_MAX; i++) {
		struct nhrp_told *told = &r->told[i];

		if (!nhrp_prefix_cmp(&told->prefix, prefix)) {
			slot = told;
			break;
		}
		if (told->until_ms < slot->until_ms)
			slot = told;
	}
	if (slot->until_ms > now && nhrp_prefix_cmp(&slot->prefix, prefix))
		nhrp_count(r->t, NHRP_C_DROP_QUEUE_FULL);
	slot->as = *as;
	slot->prefix = *prefix;
	slot->until_ms = until_ms;
}

/* @next: what we told as an address that is in there still holds; NULL: nothing. */
void nhrp_remote_purge_told(struct nhrp_remote *r,
			    const struct nhrp_tunnel_config *next, u64 now)
{
	struct nhrp_tunnel *t = r->t;
	struct nhrp_reg *hub = nhrp_nhc_best(t, r->proto.family, NULL);
	const struct nhrp_peer_key *to = r->proven || !hub ? &r->peer :
							     &hub->hub.peer;
	unsigned int i;

	for (i = 0; i < NHRP_TOLD_MAX; i++) {
		struct nhrp_told *told = &r->told[i];

		if (next && nhrp_has_local(next, &told->as))
			continue;
		if (told->until_ms > now)
			nhrp_purge_send(t, to, &told->as, &r->proto,
					&told->prefix, 0, now);
		told->until_ms = 0;
	}
}

void nhrp_remote_free(struct nhrp_remote *r)
{
	struct nhrp_tunnel *t = r->t;

	drop_claim(r);
	nhrp_timer_off(t, &r->timer);
	nhrp_timer_off(t, &r->wait);
	nhrp_request_done(t, &r->req);
	nhrp_table_del(&t->remotes, &r->node);
	free(r);
}
