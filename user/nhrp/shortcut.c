// SPDX-License-Identifier: GPL-2.0
/*
 * Shortcuts: mappings that lead straight to a remote
 *
 *   PROBATION --the remote answers a probe--> ACTIVE --it dies--> PROBATION
 *   ACTIVE --2/3 of the holding time, in use--> RENEWING --reply--> ACTIVE
 *   any --holding time ends, purge, route gone--> gone
 *   any --another route to it--> asked again --another answer, or none for 3 s
 *	from anybody and the route is narrower or the path not proven--> gone
 */
#include <stdlib.h>

#include "nhrp/cookie.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/policy.h"
#include "nhrp/remote.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"

#define STALE_MS	3000

static unsigned int six(const struct nhrp_addr *a)
{
	return a->family == AF_INET6;
}

struct nhrp_shortcut *nhrp_shortcut_find(struct nhrp_tunnel *t,
					 const struct nhrp_prefix *prefix)
{
	u64 hash = nhrp_prefix_hash(prefix, t->core->hash_key);
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&t->shortcuts, hash); n; n = n->chain) {
		struct nhrp_shortcut *s = container_of(n, struct nhrp_shortcut,
						       node);

		if (!nhrp_prefix_cmp(&s->prefix, prefix))
			return s;
	}
	return NULL;
}

/* The longest one that holds the address, over the few lengths in use. */
struct nhrp_shortcut *nhrp_shortcut_cover(struct nhrp_tunnel *t,
					  const struct nhrp_addr *dst)
{
	int plen;

	for (plen = nhrp_addr_bits(dst); plen >= 0; plen--) {
		struct nhrp_prefix p = { .addr = *dst, .plen = (u8)plen };
		struct nhrp_shortcut *s;

		if (!t->plens[six(dst)][plen])
			continue;
		nhrp_prefix_mask(&p);
		s = nhrp_shortcut_find(t, &p);
		if (s)
			return s;
	}
	return NULL;
}

static void link_remote(struct nhrp_shortcut *s, struct nhrp_remote *r)
{
	s->remote = r;
	s->prev = NULL;
	s->next = r->shortcuts;
	if (s->next)
		s->next->prev = s;
	r->shortcuts = s;
}

static void unlink_remote(struct nhrp_shortcut *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		s->remote->shortcuts = s->next;
	if (s->next)
		s->next->prev = s->prev;
	/* Nobody looks after an unused path: it has to be proven again. */
	if (!s->remote->shortcuts)
		s->remote->proven = false;
	s->remote = NULL;
}

/*
 * A host that packets get to by way of a next hop. One in a subnet of the tunnel
 * is its own next hop, and is found as that.
 */
static bool is_routed_host(const struct nhrp_tunnel *t,
			   const struct nhrp_prefix *prefix)
{
	unsigned int i;

	if (!nhrp_prefix_is_host(prefix))
		return false;
	for (i = 0; i < t->cfg.nr_locals; i++)
		if (nhrp_prefix_contains(&t->cfg.locals[i], &prefix->addr))
			return false;
	return true;
}

void nhrp_shortcut_set(struct nhrp_shortcut *s, u64 now)
{
	struct nhrp_env *env = &s->t->core->env;
	const struct nhrp_remote *r = s->remote;
	struct nhrp_cookie c = {
		.type = NHRP_COOKIE_SHORTCUT,
		.flags = r->answered ? NHRP_COOKIE_F_ANSWERED : 0,
		.hold_s = s->hold_s,
		.claimed = r->claimed,
		.proto = r->proto,
		.target = s->target,
		.target_plen = nhrp_addr_bits(&s->target),
	};
	struct nhrp_map map = {
		.prefix = s->prefix,
		.peer = r->peer,
		.flags = (nhrp_remote_open(r) ? 0 : NHRP_MAP_PROBATION) |
			 (is_routed_host(s->t, &s->prefix) ?
			  NHRP_MAP_SHORTCUT : 0),
		.expires_ms = s->expires_at > now ? s->expires_at - now : 1,
	};

	map.cookie_len = nhrp_cookie_encode(&c, map.cookie);
	env->map_set(env->ctx, s->t, &map);
}

static void note_state(struct nhrp_shortcut *s)
{
	const struct nhrp_remote *r = s->remote;
	char hop[NHRP_ADDR_STRLEN], nbma[NHRP_ADDR_STRLEN];
	bool open = nhrp_remote_open(r);

	nhrp_note(s->t, open ? NHRP_EVENT_SHORTCUT_UP :
			       NHRP_EVENT_SHORTCUT_PROBATION,
		  NHRP_INFO, NHRP_C_NONE, &s->prefix, &r->peer,
		  "%s %s at %s", open ? "direct to" : "on probation to",
		  nhrp_addr_format(&r->proto, hop, sizeof(hop)),
		  nhrp_addr_format(&r->peer.nbma, nbma, sizeof(nbma)));
}

static bool used_lately(const struct nhrp_shortcut *s)
{
	struct nhrp_env *env = &s->t->core->env;

	return env->map_idle_ms(env->ctx, s->t, &s->prefix) <
	       s->hold_s * 1000ull / 3;
}

/* Does our route still allow all of it? */
static bool still_fits(const struct nhrp_shortcut *s)
{
	struct nhrp_prefix prefix = s->prefix;
	struct nhrp_route route;

	return nhrp_policy_prefix(s->t, &s->target, &s->remote->peer, &prefix,
				  &route) == NHRP_C_NONE &&
	       !nhrp_prefix_cmp(&prefix, &s->prefix);
}

/*
 * Our route to it is not what it was when it was made: it may hide a better way.
 * Ask, and keep it as long as an answer takes.
 */
static void doubt(struct nhrp_shortcut *s, u64 now)
{
	struct nhrp_tunnel *t = s->t;
	u64 at = now + STALE_MS;

	if (s->stale_until)
		return;
	s->doubted = true;
	s->renewing = nhrp_resolve(t, &s->target, NHRP_FOR_DATA |
				   NHRP_FOR_RENEW, now);
	if (s->renewing)
		s->stale_until = at;
	else	/* too many at once, or a no that is remembered: ask later */
		at += nhrp_rand(t, STALE_MS);
	nhrp_timer(t, &s->timer, at < s->expires_at ? at : s->expires_at);
}

/*
 * Silence says nothing of a path that works: the hub that was asked may be the
 * one that is gone. But a narrower route is news of its own.
 */
static void not_answered(struct nhrp_shortcut *s, u64 now)
{
	s->stale_until = 0;
	if (nhrp_remote_open(s->remote) && still_fits(s))
		nhrp_timer(s->t, &s->timer, s->renew_at > now ? s->renew_at :
								s->expires_at);
	else
		nhrp_shortcut_gone(s, "the route has changed", now);
}

static void shortcut_timer(struct nhrp_timer *timer, u64 now)
{
	struct nhrp_shortcut *s = container_of(timer, struct nhrp_shortcut,
					       timer);

	if (now >= s->expires_at) {
		nhrp_shortcut_gone(s, "holding time ended", now);
		return;
	}
	if (s->stale_until && now >= s->stale_until) {
		not_answered(s, now);
		return;
	}
	if (s->doubted && !s->renewing) {
		doubt(s, now);
		return;
	}
	nhrp_timer(s->t, &s->timer, s->expires_at);
	if (nhrp_remote_open(s->remote) && used_lately(s))
		s->renewing = nhrp_resolve(s->t, &s->target, NHRP_FOR_DATA |
					   NHRP_FOR_RENEW, now);
}

static struct nhrp_shortcut *shortcut_new(struct nhrp_tunnel *t,
					  const struct nhrp_prefix *prefix,
					  u64 now)
{
	struct nhrp_shortcut *s;

	if (t->shortcuts.count >= t->cfg.max_shortcuts) {
		nhrp_count(t, NHRP_C_DROP_TABLE_FULL);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s || nhrp_table_add(&t->shortcuts, &s->node,
				 nhrp_prefix_hash(prefix, t->core->hash_key))) {
		free(s);
		nhrp_count(t, NHRP_C_DROP_NOMEM);
		return NULL;
	}
	s->t = t;
	s->prefix = *prefix;
	s->created_at = now;
	s->timer.fn = shortcut_timer;
	t->plens[six(&prefix->addr)][prefix->plen]++;
	return s;
}

/*
 * Make or refresh one. @expires_at 0: a whole holding time from now, else an
 * adopted one's end.
 */
struct nhrp_shortcut *nhrp_shortcut_make(struct nhrp_tunnel *t,
					 const struct nhrp_prefix *prefix,
					 const struct nhrp_addr *target,
					 struct nhrp_remote *remote, u16 hold_s,
					 u64 expires_at, u64 now)
{
	struct nhrp_shortcut *s = nhrp_shortcut_find(t, prefix);
	bool news = !s || s->remote != remote;
	u64 third = hold_s * 1000ull / 3;
	struct nhrp_remote *old;

	if (!s)
		s = shortcut_new(t, prefix, now);
	if (!s)
		return NULL;
	if (s->remote != remote) {
		old = s->remote;
		if (old) {
			unlink_remote(s);
			nhrp_remote_put(old, now);
		}
		link_remote(s, remote);
	}
	s->target = *target;
	s->hold_s = hold_s;
	s->renewing = false;
	s->doubted = false;
	s->stale_until = 0;
	s->expires_at = expires_at ? expires_at : now + hold_s * 1000ull;
	s->renew_at = s->expires_at > now + third ? s->expires_at - third : now;
	s->renew_at -= nhrp_rand(t, (u32)(third / 10));
	nhrp_timer(t, &s->timer, s->renew_at > now ? s->renew_at : now);
	if (t->state != NHRP_TUNNEL_RUNNING)
		return s;
	nhrp_shortcut_set(s, now);
	if (news)
		note_state(s);
	nhrp_probe_begin(remote, now);
	return s;
}

void nhrp_shortcut_remote_changed(struct nhrp_remote *r, u64 now)
{
	struct nhrp_shortcut *s;

	for (s = r->shortcuts; s; s = s->next) {
		nhrp_shortcut_set(s, now);
		note_state(s);
	}
}

void nhrp_shortcut_ask_again(struct nhrp_remote *r, u64 now)
{
	struct nhrp_shortcut *s;

	for (s = r->shortcuts; s; s = s->next)
		s->renewing = nhrp_resolve(r->t, &s->target, NHRP_FOR_DATA |
					   NHRP_FOR_RENEW, now);
}

void nhrp_shortcut_gone(struct nhrp_shortcut *s, const char *why, u64 now)
{
	struct nhrp_tunnel *t = s->t;
	struct nhrp_remote *r = s->remote;

	nhrp_note(t, NHRP_EVENT_SHORTCUT_DOWN, NHRP_INFO, NHRP_C_NONE,
		  &s->prefix, &r->peer, "back to the hub's path: %s", why);
	nhrp_map_del(t, &s->prefix);
	nhrp_shortcut_free(s);
	nhrp_remote_put(r, now);
}

void nhrp_shortcut_free(struct nhrp_shortcut *s)
{
	struct nhrp_tunnel *t = s->t;

	if (s->remote)
		unlink_remote(s);
	t->plens[six(&s->prefix.addr)][s->prefix.plen]--;
	nhrp_timer_off(t, &s->timer);
	nhrp_table_del(&t->shortcuts, &s->node);
	free(s);
}

/* Does @proto, neither its owner nor a hub of ours, stand for this shortcut? */
bool nhrp_shortcut_vouched_by(const struct nhrp_shortcut *s,
			      const struct nhrp_addr *proto)
{
	unsigned int i;

	for (i = 0; i < s->nr_vouchers; i++)
		if (nhrp_addr_eq(&s->vouchers[i], proto))
			return true;
	return false;
}

static void add_vouchers(struct nhrp_shortcut *s, const struct nhrp_cie_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n && s->nr_vouchers < NHRP_VOUCHERS_MAX; i++) {
		const struct nhrp_addr *proto = &list->cie[i].proto;

		if (nhrp_addr_is_unicast(proto) &&
		    !nhrp_addr_eq(proto, &s->remote->proto) &&
		    !nhrp_is_hub_proto(s->t, proto) &&
		    !nhrp_shortcut_vouched_by(s, proto))
			s->vouchers[s->nr_vouchers++] = *proto;
	}
}

/*
 * Whoever gave the answer or passed it on knows when it does not hold any more.
 * What a hub of ours did not bring, anybody may have written.
 */
void nhrp_shortcut_vouched(struct nhrp_shortcut *s, const struct nhrp_rx *rx)
{
	s->nr_vouchers = 0;
	if (!nhrp_hub_by_nbma(s->t, &rx->frame->from))
		return;
	add_vouchers(s, &rx->msg->responder);
	add_vouchers(s, &rx->msg->rev_transit);
}

static void set_route(struct nhrp_shortcut *s, const struct nhrp_route *route)
{
	s->has_route = true;
	s->gateway = (struct nhrp_addr){ 0 };
	if (route->has_gateway)
		s->gateway = route->gateway;
}

/* An answer about @target has come: what was kept till then has done its duty. */
void nhrp_shortcut_answered(struct nhrp_tunnel *t, const struct nhrp_addr *target,
			    u64 now)
{
	int plen;

	for (plen = nhrp_addr_bits(target); plen >= 0; plen--) {
		struct nhrp_prefix p = { .addr = *target, .plen = (u8)plen };
		struct nhrp_shortcut *s;

		if (!t->plens[six(target)][plen])
			continue;
		nhrp_prefix_mask(&p);
		s = nhrp_shortcut_find(t, &p);
		if (s && s->doubted && nhrp_addr_eq(&s->target, target))
			nhrp_shortcut_gone(s, "the route has changed", now);
	}
}

/* @s was answered while @route was our route to its target. */
void nhrp_shortcut_routed(struct nhrp_shortcut *s,
			  const struct nhrp_route *route, u64 now)
{
	set_route(s, route);
	nhrp_shortcut_answered(s->t, &s->target, now);
}

/* Is it as it would be made today? */
static void follow_route(struct nhrp_shortcut *s, u64 now)
{
	struct nhrp_prefix prefix = s->prefix;
	struct nhrp_addr was = s->gateway;
	bool known = s->has_route;
	struct nhrp_route route;
	enum nhrp_counter why;

	why = nhrp_policy_prefix(s->t, &s->target, &s->remote->peer, &prefix,
				 &route);
	if (why != NHRP_C_NONE) {
		nhrp_shortcut_gone(s, why == NHRP_C_DROP_NO_ROUTE ?
				   "no route of the tunnel any more" :
				   nhrp_counter_words(why), now);
		return;
	}
	set_route(s, &route);
	if (nhrp_prefix_cmp(&prefix, &s->prefix) ||
	    (known && !nhrp_addr_eq(&was, &s->gateway)))
		doubt(s, now);
}

/* Is a prefix that we told still ours, all of it? */
static bool still_ours(struct nhrp_tunnel *t, const struct nhrp_prefix *told)
{
	struct nhrp_env *env = &t->core->env;
	struct nhrp_route route;

	if (nhrp_prefix_is_host(told) && nhrp_is_local(t, &told->addr))
		return true;
	return !env->route_lookup(env->ctx, t, &told->addr, &route) &&
	       !route.via_tunnel && route.prefix.plen <= told->plen;
}

void nhrp_tunnel_routes_changed(struct nhrp_tunnel *t, u64 now_ms)
{
	struct nhrp_node *n, *tmp;
	unsigned int i;

	if (t->state != NHRP_TUNNEL_RUNNING)
		return;
	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);
		bool lost = false;

		for (i = 0; i < NHRP_TOLD_MAX; i++)
			lost |= r->told[i].until_ms > now_ms &&
				!still_ours(t, &r->told[i].prefix);
		/* All of it: the asker asks again for what it still needs. */
		if (lost)
			nhrp_remote_purge_told(r, NULL, now_ms);
	}
	nhrp_table_for_each(n, tmp, &t->shortcuts)
		follow_route(container_of(n, struct nhrp_shortcut, node),
			     now_ms);
}
