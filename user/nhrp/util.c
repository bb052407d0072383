// SPDX-License-Identifier: GPL-2.0
/* Small things that every part of the core needs. */
#include <stdarg.h>
#include <stdio.h>

#include "nhrp/adopt.h"
#include "nhrp/binding.h"
#include "nhrp/cookie.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/remote.h"

u32 nhrp_rand(struct nhrp_tunnel *t, u32 below)
{
	struct nhrp_env *env = &t->core->env;

	return below ? env->rand32(env->ctx) % below : 0;
}

void nhrp_timer(struct nhrp_tunnel *t, struct nhrp_timer *timer, u64 at_ms)
{
	nhrp_timer_set(&t->core->timers, timer, at_ms);
}

void nhrp_timer_off(struct nhrp_tunnel *t, struct nhrp_timer *timer)
{
	nhrp_timer_clear(&t->core->timers, timer);
}

/* first, 2 * first, 4 * first ... most, each a quarter shorter at random */
u64 nhrp_backoff_ms(struct nhrp_tunnel *t, unsigned int tries, u64 first_ms,
		    u64 most_ms)
{
	u64 ms = first_ms << (tries < 16 ? tries : 16);

	if (ms > most_ms)
		ms = most_ms;
	return ms - nhrp_rand(t, ms / 4 + 1);
}

/* Refusals are what strangers can cause: a few lines a second, all counted. */
#define NOTE_INTERVAL_US	200000
#define NOTE_BURST		20

void nhrp_note(struct nhrp_tunnel *t, enum nhrp_event event,
	       enum nhrp_severity severity, enum nhrp_counter reason,
	       const struct nhrp_prefix *addr, const struct nhrp_peer_key *peer,
	       const char *fmt, ...)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_notice n = {
		.event = event,
		.severity = severity,
		.reason = reason,
		.peer = peer,
	};
	char text[512];
	va_list ap;

	if (reason != NHRP_C_NONE &&
	    !nhrp_bucket_take(&t->note_total, NOTE_INTERVAL_US, NOTE_BURST,
			      t->core->now_ms))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (addr)
		n.addr = *addr;
	n.text = text;
	env->notify(env->ctx, t, &n);
}

bool nhrp_key_eq(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b)
{
	return nhrp_addr_eq(&a->nbma, &b->nbma) && a->encap == b->encap &&
	       a->port == b->port && a->mark == b->mark && a->if_id == b->if_id;
}

/*
 * The same endpoint on the wire, whatever mark and if_id say: those of a locator
 * that came in a message are the device's, those of a frame the kernel's.
 */
bool nhrp_same_endpoint(const struct nhrp_peer_key *a,
			const struct nhrp_peer_key *b)
{
	return nhrp_addr_eq(&a->nbma, &b->nbma) && a->encap == b->encap &&
	       a->port == b->port;
}

u64 nhrp_hash(struct nhrp_tunnel *t, const struct nhrp_addr *a)
{
	return nhrp_addr_hash(a, t->core->hash_key);
}

u64 nhrp_key_hash(struct nhrp_tunnel *t, const struct nhrp_peer_key *key)
{
	u64 mix[2] = {
		t->core->hash_key[0] ^ ((u64)key->mark << 32 | key->if_id),
		t->core->hash_key[1] ^ ((u64)key->encap << 16 | key->port),
	};

	return nhrp_addr_hash(&key->nbma, mix);
}

bool nhrp_has_local(const struct nhrp_tunnel_config *cfg,
		    const struct nhrp_addr *a)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_locals; i++)
		if (nhrp_addr_eq(&cfg->locals[i].addr, a))
			return true;
	return false;
}

bool nhrp_is_local(const struct nhrp_tunnel *t, const struct nhrp_addr *a)
{
	return nhrp_has_local(&t->cfg, a);
}

/* Our address to speak to @a from: in its subnet if there is one. */
const struct nhrp_prefix *nhrp_local_for(const struct nhrp_tunnel *t,
					 const struct nhrp_addr *a, u8 family)
{
	const struct nhrp_prefix *any = NULL;
	unsigned int i;

	for (i = 0; i < t->cfg.nr_locals; i++) {
		const struct nhrp_prefix *l = &t->cfg.locals[i];

		if (l->addr.family != family)
			continue;
		if (a && nhrp_prefix_contains(l, a))
			return l;
		if (!any)
			any = l;
	}
	return any;
}

const struct nhrp_addr *nhrp_own_nbma(const struct nhrp_tunnel *t, u8 family)
{
	const struct nhrp_addr *a = &t->cfg.nbma[family == AF_INET6];

	return a->family == family && family ? a : NULL;
}

/* The locator that an NBMA address in a message stands for. */
void nhrp_learned_key(const struct nhrp_tunnel *t, struct nhrp_peer_key *key,
		      const struct nhrp_addr *nbma)
{
	*key = (struct nhrp_peer_key){
		.nbma = *nbma,
		.encap = t->cfg.encap,
		.port = t->cfg.encap == NHRP_ENCAP_UDP ? t->cfg.port : 0,
	};
}

const struct nhrp_hub *nhrp_hub_by_nbma(const struct nhrp_tunnel *t,
					const struct nhrp_peer_key *from)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_hubs; i++)
		if (nhrp_same_endpoint(&t->cfg.hubs[i].peer, from))
			return &t->cfg.hubs[i];
	return NULL;
}

/* The same, or one that is tried there. */
const struct nhrp_hub *nhrp_hub_at(const struct nhrp_tunnel *t,
				   const struct nhrp_peer_key *from)
{
	const struct nhrp_hub *hub = nhrp_hub_by_nbma(t, from);
	const struct nhrp_reg *reg;

	for (reg = t->regs; reg && !hub; reg = reg->next)
		if (nhrp_same_endpoint(&reg->hub.peer, from))
			hub = &reg->hub;
	return hub;
}

bool nhrp_is_hub_proto(const struct nhrp_tunnel *t, const struct nhrp_addr *a)
{
	const struct nhrp_reg *reg;
	unsigned int i;

	for (i = 0; i < t->cfg.nr_hubs; i++)
		if (t->cfg.hubs[i].has_proto &&
		    nhrp_addr_eq(&t->cfg.hubs[i].proto, a))
			return true;
	for (reg = t->regs; reg; reg = reg->next)
		if (reg->hub.has_proto && nhrp_addr_eq(&reg->hub.proto, a))
			return true;
	return false;
}

const struct nhrp_static *nhrp_static_find(const struct nhrp_tunnel *t,
					   const struct nhrp_addr *proto)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_statics; i++)
		if (nhrp_addr_eq(&t->cfg.statics[i].proto, proto))
			return &t->cfg.statics[i];
	return NULL;
}

/* What is configured for who is there, as a hub or by a static mapping. */
static const struct nhrp_peer_says *says(const struct nhrp_tunnel *t,
					 const struct nhrp_peer_key *key)
{
	static const struct nhrp_peer_says nothing;
	const struct nhrp_hub *hub = nhrp_hub_at(t, key);
	unsigned int i;

	if (hub)
		return &hub->says;
	for (i = 0; i < t->cfg.nr_statics; i++)
		if (nhrp_same_endpoint(&t->cfg.statics[i].peer, key))
			return &t->cfg.statics[i].says;
	return &nothing;
}

static bool is_on(enum nhrp_switch peers, bool tunnels)
{
	return peers == NHRP_AS_TUNNEL ? tunnels : peers == NHRP_ON;
}

/* Does a new direct path to there carry data only once it is proven? */
bool nhrp_probation_for(const struct nhrp_tunnel *t, const struct nhrp_peer_key *key)
{
	return is_on(says(t, key)->probation, t->cfg.probation);
}

/* Does who is there get our vendor extension? */
bool nhrp_extensions_for(const struct nhrp_tunnel *t, const struct nhrp_peer_key *key)
{
	return is_on(says(t, key)->extensions, t->cfg.extensions);
}

/* Somebody whose messages for others we pass on. */
bool nhrp_trusted_peer(struct nhrp_tunnel *t, const struct nhrp_peer_key *from)
{
	struct nhrp_node *n;
	unsigned int i;

	if (nhrp_hub_by_nbma(t, from) || nhrp_locator_find(t, from))
		return true;
	for (i = 0; i < t->cfg.nr_statics; i++)
		if (nhrp_same_endpoint(&t->cfg.statics[i].peer, from))
			return true;
	for (n = t->foreign.first; n; n = n->next) {
		struct nhrp_foreign *f = container_of(n, struct nhrp_foreign,
						      node);

		if (nhrp_same_endpoint(&f->peer, from))
			return true;
	}
	return false;
}

void nhrp_map_del(struct nhrp_tunnel *t, const struct nhrp_prefix *prefix)
{
	struct nhrp_env *env = &t->core->env;

	env->map_del(env->ctx, t, prefix);
}

/* @key has had mappings of ours till now: what is under way from it is heard. */
void nhrp_peer_drain(struct nhrp_tunnel *t, const struct nhrp_peer_key *key)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_peer peer = {
		.key = *key,
		.expires_ms = NHRP_DRAIN_MS,
		.mapped = true,
	};

	env->peer_set(env->ctx, t, &peer);
}

/* Accept a locator on receive for a while, without a mapping to it. */
void nhrp_peer_accept(struct nhrp_tunnel *t, const struct nhrp_peer_key *key,
		      u64 for_ms, u16 mtu, const struct nhrp_remote *remote)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_peer peer = {
		.key = *key,
		.expires_ms = for_ms,
		.mtu = mtu,
	};

	if (remote)
		peer.cookie_len = nhrp_cookie_remote(peer.cookie, remote);
	env->peer_set(env->ctx, t, &peer);
}

void nhrp_trace(struct nhrp_tunnel *t, enum nhrp_verdict verdict,
		enum nhrp_counter reason, const struct nhrp_peer_key *peer,
		const void *pkt, size_t len)
{
	const struct nhrp_trace trace = {
		.verdict = verdict,
		.reason = reason,
		.peer = peer,
		.pkt = pkt,
		.len = len,
	};
	struct nhrp_env *env = &t->core->env;

	if (env->trace)
		env->trace(env->ctx, t, &trace);
}
