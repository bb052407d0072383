// SPDX-License-Identifier: GPL-2.0
/* Life of a core and its tunnels. */
#include <stdlib.h>
#include <string.h>

#include "nhrp/adopt.h"
#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/candidate.h"
#include "nhrp/cookie.h"
#include "nhrp/hub.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/owner.h"
#include "nhrp/policy.h"
#include "nhrp/purge.h"
#include "nhrp/readdress.h"
#include "nhrp/remote.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

#define LATE_MS	1000

struct nhrp_core *nhrp_core_new(const struct nhrp_env *env)
{
	struct nhrp_core *core = calloc(1, sizeof(*core));
	unsigned int i;

	if (!core)
		return NULL;
	core->env = *env;
	for (i = 0; i < 2; i++)
		core->hash_key[i] = (u64)env->rand32(env->ctx) << 32 |
				    env->rand32(env->ctx);
	return core;
}

void nhrp_core_free(struct nhrp_core *core)
{
	if (!core)
		return;
	while (core->tunnels)
		nhrp_tunnel_free(core->tunnels);
	free(core);
}

u64 nhrp_core_next_deadline_ms(const struct nhrp_core *core)
{
	return nhrp_timerq_next(&core->timers);
}

bool nhrp_core_is_late(const struct nhrp_core *core, u64 now_ms)
{
	u64 next = nhrp_core_next_deadline_ms(core);

	return next < now_ms && now_ms - next > LATE_MS;
}

void nhrp_core_run(struct nhrp_core *core, u64 now_ms)
{
	struct nhrp_tunnel *t;

	core->now_ms = now_ms;
	if (nhrp_core_next_deadline_ms(core) <= now_ms)
		for (t = core->tunnels; t; t = t->next)
			nhrp_tunnel_run_known(t, now_ms);
	nhrp_timerq_run(&core->timers, now_ms);
}

struct nhrp_tunnel *nhrp_tunnel_new(struct nhrp_core *core,
				    const struct nhrp_tunnel_config *cfg,
				    void *priv, u64 now_ms)
{
	struct nhrp_tunnel *t;

	if (nhrp_tunnel_config_check(cfg, NULL))
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->core = core;
	t->cfg = *cfg;
	if (nhrp_identities_copy(&t->cfg.identities, cfg->identities)) {
		explicit_bzero(&t->cfg, sizeof(t->cfg));
		free(t);
		return NULL;
	}
	nhrp_candidate_merge(&t->cfg, NULL);
	t->priv = priv;
	t->lower_up = true;
	nhrp_auth_begin(t, now_ms);
	if (nhrp_nhc_update(t, now_ms)) {
		nhrp_nhc_free(t);
		nhrp_identities_free(t->cfg.identities);
		explicit_bzero(&t->cfg, sizeof(t->cfg));
		free(t);
		return NULL;
	}
	t->next = core->tunnels;
	core->tunnels = t;
	return t;
}

/* Forget all that was learned; the kernel keeps it. */
static void forget(struct nhrp_tunnel *t)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->shortcuts)
		nhrp_shortcut_free(container_of(n, struct nhrp_shortcut, node));
	nhrp_table_for_each(n, tmp, &t->remotes)
		nhrp_remote_free(container_of(n, struct nhrp_remote, node));
	nhrp_table_for_each(n, tmp, &t->resolutions)
		nhrp_resolution_free(container_of(n, struct nhrp_resolution,
						  node));
	nhrp_table_for_each(n, tmp, &t->bindings)
		nhrp_binding_free(container_of(n, struct nhrp_binding, node));
}

void nhrp_tunnel_free(struct nhrp_tunnel *t)
{
	struct nhrp_tunnel **p;

	if (!t)
		return;
	for (p = &t->core->tunnels; *p != t; p = &(*p)->next)
		;
	*p = t->next;
	nhrp_queue_free(t);
	nhrp_purge_free_all(t);
	forget(t);
	nhrp_foreign_free_all(t);
	nhrp_replay_forget(t);
	nhrp_nhc_free(t);
	nhrp_table_free(&t->shortcuts);
	nhrp_table_free(&t->remotes);
	nhrp_table_free(&t->resolutions);
	nhrp_table_free(&t->bindings);
	nhrp_table_free(&t->locators);
	nhrp_table_free(&t->foreign);
	nhrp_table_free(&t->replays);
	nhrp_table_free(&t->requests);
	nhrp_identities_free(t->cfg.identities);
	explicit_bzero(&t->cfg, sizeof(t->cfg));
	free(t);
}

void *nhrp_tunnel_priv(const struct nhrp_tunnel *t)
{
	return t->priv;
}

const struct nhrp_tunnel_config *nhrp_tunnel_config(const struct nhrp_tunnel *t)
{
	return &t->cfg;
}

u64 nhrp_tunnel_counter(const struct nhrp_tunnel *t, enum nhrp_counter c)
{
	return c >= 0 && c < NHRP_C_MAX ? t->counters[c] : 0;
}

static void set_statics(struct nhrp_tunnel *t)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_cookie c = { .type = NHRP_COOKIE_STATIC };
	unsigned int i;

	for (i = 0; i < t->cfg.nr_statics; i++) {
		const struct nhrp_static *s = &t->cfg.statics[i];
		struct nhrp_map map = {
			.peer = s->peer,
			.flags = NHRP_MAP_STATIC |
				 (s->multicast ? NHRP_MAP_MULTICAST : 0),
		};

		nhrp_prefix_host(&map.prefix, &s->proto);
		map.cookie_len = nhrp_cookie_encode(&c, map.cookie);
		env->map_set(env->ctx, t, &map);
	}
}

/* Everything that should be in the kernel, again. */
static void set_all(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	set_statics(t);
	nhrp_hubmap_sync(t, true);
	nhrp_table_for_each(n, tmp, &t->bindings)
		nhrp_binding_set(container_of(n, struct nhrp_binding, node),
				 now);
	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);

		if (r->rx_until > now)
			nhrp_peer_accept(t, &r->peer, r->rx_until - now,
					 r->mtu, r);
	}
	nhrp_table_for_each(n, tmp, &t->shortcuts)
		nhrp_shortcut_set(container_of(n, struct nhrp_shortcut, node),
				  now);
}

void nhrp_tunnel_start(struct nhrp_tunnel *t, u64 now_ms)
{
	struct nhrp_node *n, *tmp;

	if (t->state == NHRP_TUNNEL_RUNNING)
		return;
	t->state = NHRP_TUNNEL_RUNNING;
	set_all(t, now_ms);
	nhrp_table_for_each(n, tmp, &t->remotes)
		nhrp_probe_begin(container_of(n, struct nhrp_remote, node),
				 now_ms);
	nhrp_nhc_start(t, now_ms);
}

void nhrp_tunnel_resync(struct nhrp_tunnel *t, u64 now_ms)
{
	if (t->state == NHRP_TUNNEL_RUNNING)
		set_all(t, now_ms);
}

static void del_removed_statics(struct nhrp_tunnel *t,
				const struct nhrp_tunnel_config *old)
{
	struct nhrp_prefix host;
	unsigned int i;

	for (i = 0; i < old->nr_statics; i++) {
		if (nhrp_static_find(t, &old->statics[i].proto))
			continue;
		nhrp_prefix_host(&host, &old->statics[i].proto);
		nhrp_map_del(t, &host);
	}
}

/* What is configured now is not learned any more. */
static void drop_overruled(struct nhrp_tunnel *t, u64 now)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_statics; i++) {
		const struct nhrp_addr *proto = &t->cfg.statics[i].proto;
		struct nhrp_binding *b = nhrp_binding_find(t, proto);
		struct nhrp_shortcut *s;
		struct nhrp_prefix host;

		nhrp_prefix_host(&host, proto);
		s = nhrp_shortcut_find(t, &host);
		if (b)
			nhrp_binding_gone(b, "configured now", now);
		if (s)
			nhrp_shortcut_gone(s, "configured now", now);
	}
}

static bool same_claims(const struct nhrp_prefixes *a, const struct nhrp_prefixes *b)
{
	unsigned int i;

	for (i = 0; i < a->nr && a->nr == b->nr; i++)
		if (nhrp_prefix_cmp(&a->prefix[i], &b->prefix[i]))
			return false;
	return a->nr == b->nr;
}

/* Of an own address that goes nothing is said: it may come back in a moment. */
static void drop_claims(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding, node);

		if (!nhrp_policy_member(t, &b->proto))
			nhrp_binding_gone(b, "not to be claimed any more", now);
	}
}

static void drop_bindings(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->bindings)
		nhrp_binding_gone(container_of(n, struct nhrp_binding, node),
				  "not a hub any more", now);
}

static void drop_shortcuts(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->shortcuts)
		nhrp_shortcut_gone(container_of(n, struct nhrp_shortcut, node),
				   "not configured any more", now);
}

static void purge_all_told(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->remotes)
		nhrp_remote_purge_told(container_of(n, struct nhrp_remote,
						    node), NULL, now);
}

static bool same_keys(const struct nhrp_tunnel_config *a,
		      const struct nhrp_tunnel_config *b)
{
	return a->nr_keys == b->nr_keys &&
	       !memcmp(a->keys, b->keys, a->nr_keys * sizeof(*a->keys));
}

/*
 * A copy of those in @cfg, or ours: the config is given again whenever a route or an
 * address changes, and what hangs on an identity is to outlast that.
 */
static int take_identities(const struct nhrp_tunnel *t,
			   const struct nhrp_tunnel_config *cfg,
			   struct nhrp_identities **identities)
{
	if (same_keys(&t->cfg, cfg) &&
	    nhrp_identities_equal(t->cfg.identities, cfg->identities)) {
		*identities = t->cfg.identities;
		return 0;
	}
	return nhrp_identities_copy(identities, cfg->identities);
}

/* @identities: as take_identities() gave them. */
static int go_over(struct nhrp_tunnel *t, const struct nhrp_tunnel_config *cfg,
		   struct nhrp_identities *identities,
		   const struct nhrp_tunnel_config *old, u64 now)
{
	t->cfg = *cfg;
	t->cfg.identities = identities;
	nhrp_candidate_merge(&t->cfg, old);
	nhrp_auth_changed(t, old, now);
	if (identities != old->identities)
		nhrp_owners_changed(t, now);
	return nhrp_nhc_update(t, now);
}

static bool same_probation(const struct nhrp_tunnel_config *a,
			   const struct nhrp_tunnel_config *b)
{
	unsigned int i;

	if (a->probation != b->probation || a->nr_hubs != b->nr_hubs ||
	    a->nr_statics != b->nr_statics)
		return false;
	for (i = 0; i < a->nr_hubs; i++)
		if (a->hubs[i].says.probation != b->hubs[i].says.probation)
			return false;
	for (i = 0; i < a->nr_statics; i++)
		if (a->statics[i].says.probation != b->statics[i].says.probation ||
		    !nhrp_key_eq(&a->statics[i].peer, &b->statics[i].peer))
			return false;
	return true;
}

/* What was learned and sent under the config as it was. */
static void carry_over(struct nhrp_tunnel *t,
		       const struct nhrp_tunnel_config *old, u64 now)
{
	if (!t->cfg.nhs)
		drop_bindings(t, now);
	else if (!same_claims(&t->cfg.claim, &old->claim))
		drop_claims(t, now);
	if (!t->cfg.shortcut)
		drop_shortcuts(t, now);
	del_removed_statics(t, old);
	drop_overruled(t, now);
	if (t->cfg.multicast != old->multicast ||
	    !same_probation(&t->cfg, old))
		set_all(t, now);
	set_statics(t);
	nhrp_hubmap_sync(t, false);
	nhrp_readdress_after(t, old, now);
	nhrp_nhc_register_anew(t, old, now);
}

int nhrp_tunnel_reconfigure(struct nhrp_tunnel *t,
			    const struct nhrp_tunnel_config *cfg, u64 now_ms)
{
	struct nhrp_identities *identities;
	struct nhrp_tunnel_config old;
	int err;

	if (nhrp_tunnel_config_check(cfg, NULL))
		return -EINVAL;
	err = take_identities(t, cfg, &identities);
	if (err)
		return err;
	old = t->cfg;
	if (t->state == NHRP_TUNNEL_RUNNING)
		nhrp_readdress_before(t, cfg, now_ms);
	err = go_over(t, cfg, identities, &old, now_ms);
	if (t->state == NHRP_TUNNEL_RUNNING)
		carry_over(t, &old, now_ms);
	if (identities != old.identities)
		nhrp_identities_free(old.identities);
	explicit_bzero(&old, sizeof(old));
	return err;
}

void nhrp_tunnel_leave(struct nhrp_tunnel *t, u64 now_ms)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_prefix host;
	struct nhrp_node *n, *tmp;
	unsigned int i;

	if (t->state != NHRP_TUNNEL_RUNNING)
		return;
	t->state = NHRP_TUNNEL_LEFT;
	nhrp_nhc_stop(t, true, now_ms);
	purge_all_told(t, now_ms);
	nhrp_bindings_purge_behind(t, now_ms);
	nhrp_table_for_each(n, tmp, &t->shortcuts) {
		struct nhrp_shortcut *s = container_of(n, struct nhrp_shortcut,
						       node);

		nhrp_map_del(t, &s->prefix);
	}
	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding,
						      node);

		nhrp_binding_purge_told(b, now_ms);
		nhrp_prefix_host(&host, &b->proto);
		nhrp_map_del(t, &host);
	}
	nhrp_table_for_each(n, tmp, &t->remotes)
		env->peer_del(env->ctx, t,
			      &container_of(n, struct nhrp_remote, node)->peer);
	for (i = 0; i < t->cfg.nr_statics; i++) {
		nhrp_prefix_host(&host, &t->cfg.statics[i].proto);
		nhrp_map_del(t, &host);
	}
	nhrp_hubmap_forget(t);
	forget(t);
}

bool nhrp_tunnel_left(const struct nhrp_tunnel *t)
{
	return t->state == NHRP_TUNNEL_LEFT && !t->purges;
}

void nhrp_tunnel_lower(struct nhrp_tunnel *t, bool up, u64 now_ms)
{
	if (t->lower_up == up)
		return;
	t->lower_up = up;
	/* Another node may have had our only address meanwhile. */
	if (up)
		nhrp_auth_not_heard(t, NHRP_EPOCH_MIN_MS, now_ms);
	if (t->state == NHRP_TUNNEL_RUNNING)
		nhrp_nhc_lower(t, up, now_ms);
}
