// SPDX-License-Identifier: GPL-2.0
/* Why a destination is reached as it is, see why.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/nhc.h"
#include "nhrp/policy.h"
#include "nhrp/why.h"

#define NOT_TOLD \
	"the hub told of no better way: it is the exit, sends no redirects, or saw no packet lately"
#define RECURSIVE \
	", itself reached by %s: the route to the underlay was learned over the tunnel"

/* ----- what the core knows ----- */

/**
 * struct search - the entry that says most of a destination
 * @dst: destination
 * @hop: its next hop
 * @why: where to
 * @rank: how much what was found says, 0: nothing was found
 */
struct search {
	const struct nhrp_addr *dst;
	const struct nhrp_addr *hop;
	struct nhrp_why *why;
	unsigned int rank;
};

/*
 * Mappings before questions, what is for the destination before what is for its
 * next hop, long prefixes before short ones: the order of the kernel.
 */
static unsigned int rank_of(const struct search *s,
			    const struct nhrp_shortcut_info *info)
{
	bool there = info->state != NHRP_SHORTCUT_RESOLVING &&
		     info->state != NHRP_SHORTCUT_NEGATIVE;
	unsigned int rank = there ? 1000 : 1;

	if (nhrp_prefix_contains(&info->prefix, s->dst))
		return rank + 200 + info->prefix.plen;
	if (nhrp_prefix_is_host(&info->prefix) &&
	    nhrp_addr_eq(&info->prefix.addr, s->hop))
		return rank;
	return 0;
}

static void look_at(void *arg, const struct nhrp_shortcut_info *info)
{
	struct search *s = arg;
	unsigned int rank = rank_of(s, info);

	if (rank <= s->rank)
		return;
	s->rank = rank;
	s->why->has_shortcut = true;
	s->why->shortcut = *info;
}

static const char *hop_is(struct nhrp_tunnel *t, const struct nhrp_addr *hop)
{
	if (nhrp_is_hub_proto(t, hop))
		return "hub";
	if (nhrp_static_find(t, hop))
		return "static";
	if (nhrp_binding_find(t, hop))
		return "registered";
	return NULL;
}

static bool carries(const struct nhrp_why *why)
{
	return why->has_shortcut &&
	       (why->shortcut.state == NHRP_SHORTCUT_ACTIVE ||
		why->shortcut.state == NHRP_SHORTCUT_RENEWING);
}

/* Does the kernel send as we know it could? */
static bool in_kernel(struct nhrp_tunnel *t, const struct nhrp_why_path *path)
{
	return path->verdict == NHRP_WHY_SHORTCUT ||
	       path->verdict == NHRP_WHY_UNKNOWN ||
	       (path->verdict == NHRP_WHY_DIRECT &&
		!nhrp_is_hub_proto(t, &path->hop));
}

/* Why nothing of ours leads there and nobody was asked. */
static const char *why_not_asked(struct nhrp_tunnel *t,
				 const struct nhrp_addr *dst,
				 const struct nhrp_why_path *path)
{
	struct nhrp_prefix host;

	if (!t->cfg.nr_hubs)
		return "this node has no hub to ask";
	if (!t->cfg.shortcut)
		return "shortcuts are off here (phase 1, shortcut = no, or ESP in tunnel mode)";
	if (!nhrp_nhc_best(t, dst->family, NULL))
		return "no hub has accepted our registration: there is nobody to ask";
	nhrp_prefix_host(&host, dst);
	if (nhrp_policy_shortcut(t, &host, &path->peer) != NHRP_C_NONE)
		return "addresses that tunnel and underlay live on get no shortcut";
	if (nhrp_is_hub_proto(t, &path->hop))
		return NOT_TOLD;
	return "the next hop was not asked for: no packet went there lately";
}

void nhrp_tunnel_why(struct nhrp_tunnel *t, const struct nhrp_addr *dst,
		     const struct nhrp_why_path *path, u64 now_ms,
		     struct nhrp_why *why)
{
	struct search s = { .dst = dst, .hop = &path->hop, .why = why };

	memset(why, 0, sizeof(*why));
	why->hop_is = hop_is(t, &path->hop);
	if (t->state != NHRP_TUNNEL_RUNNING) {
		why->reason = "the tunnel has left";
		return;
	}
	nhrp_tunnel_walk_shortcuts(t, now_ms, look_at, &s);
	if (carries(why)) {
		if (!in_kernel(t, path))
			why->reason = "the kernel has not got the mapping";
	} else if (why->has_shortcut) {
		why->reason = why->shortcut.reason;
	} else if (!nhrp_is_hub_proto(t, dst) && !path->administrator &&
		   (!why->hop_is || nhrp_is_hub_proto(t, &path->hop))) {
		why->reason = why_not_asked(t, dst, path);
	}
}

/* ----- the sentence ----- */

/**
 * struct text - a sentence that grows
 * @buf: of NHRP_WHY_LEN bytes
 * @len: used of it
 */
struct text {
	char *buf;
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, NHRP_WHY_LEN - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += n;
	if (t->len >= NHRP_WHY_LEN)
		t->len = NHRP_WHY_LEN - 1;
}

static void add_addr(struct text *t, const char *before,
		     const struct nhrp_addr *a, const char *after)
{
	char buf[NHRP_ADDR_STRLEN];

	add(t, "%s%s%s", before, nhrp_addr_format(a, buf, sizeof(buf)), after);
}

static void add_prefix(struct text *t, const char *before,
		       const struct nhrp_prefix *p)
{
	char buf[NHRP_PREFIX_STRLEN];

	if (nhrp_prefix_is_host(p))
		add_addr(t, before, &p->addr, "");
	else
		add(t, "%s%s", before,
		    nhrp_prefix_format(p, buf, sizeof(buf)));
}

/* Behind "by the hub": why not directly. */
static void add_reason(struct text *t, const struct nhrp_why *why)
{
	const struct nhrp_shortcut_info *s = &why->shortcut;

	if (!why->reason)
		return;
	if (!why->has_shortcut) {
		add(t, ": %s", why->reason);
		return;
	}
	switch (s->state) {
	case NHRP_SHORTCUT_PROBATION:
		add_addr(t, ": the direct path to ", &s->next_hop, "");
		add_addr(t, " at ", &s->peer.nbma, " is on probation, ");
		add(t, "%s", s->reason);
		break;
	case NHRP_SHORTCUT_RESOLVING:
		add_prefix(t, ": the hub was asked who is the exit for ", &s->prefix);
		add(t, " and has not answered yet");
		break;
	case NHRP_SHORTCUT_NEGATIVE:
		add(t, ": there is no direct path, %s; asked again in %llu s at the earliest",
		    s->reason, (unsigned long long)(s->expires_ms + 999) / 1000);
		break;
	case NHRP_SHORTCUT_ACTIVE:
	case NHRP_SHORTCUT_RENEWING:
		add(t, ": there is a direct path, but %s", why->reason);
		break;
	case NHRP_SHORTCUT_RELAYED:
		break;
	}
}

static void by_hub(struct text *t, const struct nhrp_addr *dst,
		   const struct nhrp_why_path *path, const struct nhrp_why *why)
{
	add_addr(t, "", dst, " is reached by the hub ");
	add_addr(t, "", &path->map.addr, "");
	add_addr(t, " at ", &path->peer.nbma, "");
	if (why)
		add_reason(t, why);
}

static void by_next_hop(struct text *t, const struct nhrp_addr *dst,
			const struct nhrp_why_path *path,
			const struct nhrp_why *why)
{
	const char *is = why && why->hop_is ? why->hop_is : "";

	if (!strcmp(is, "hub") && !nhrp_addr_eq(dst, &path->hop)) {
		by_hub(t, dst, path, why);
		return;
	}
	add_addr(t, "", dst, " is reached directly");
	add_addr(t, " at ", &path->peer.nbma, "");
	if (path->administrator)
		add_addr(t, ": the mapping of ", &path->hop, " was made by hand");
	else if (!strcmp(is, "hub"))
		add(t, ": it is a hub of ours");
	else if (!strcmp(is, "static"))
		add_addr(t, ": the mapping of ", &path->hop, " is configured");
	else if (!strcmp(is, "registered"))
		add_addr(t, ": ", &path->hop, " is registered with us");
	else if (why && carries(why))
		add_addr(t, ": ", &path->hop, " was asked for, and the path is proven");
}

static void in_tunnel(struct text *t, const struct nhrp_addr *dst,
		      const struct nhrp_why_path *path,
		      const struct nhrp_why *why)
{
	switch (path->verdict) {
	case NHRP_WHY_DIRECT:
		by_next_hop(t, dst, path, why);
		break;
	case NHRP_WHY_SHORTCUT:
		add_addr(t, "", dst, " is reached directly");
		add_addr(t, " at ", &path->peer.nbma, "");
		add_prefix(t, path->administrator ?
			   ": by hand there is a shortcut for " :
			   ": there is a shortcut for ", &path->map);
		break;
	case NHRP_WHY_NHS:
	case NHRP_WHY_NHS_PROBATION:
	case NHRP_WHY_NHS_UNREACHABLE:
		by_hub(t, dst, path, why);
		break;
	case NHRP_WHY_MULTICAST:
		add_addr(t, "", dst, " is multicast");
		add(t, ": %s sends a copy to every peer that takes it (show groups, show peers)",
		    path->device);
		break;
	case NHRP_WHY_DROP:
		add_addr(t, "packets to ", dst, " are dropped: ");
		add_addr(t, "there is neither a mapping of ", &path->hop,
			 " nor a hub that works");
		if (why && why->reason)
			add(t, " (%s)", why->reason);
		break;
	case NHRP_WHY_UNKNOWN:
		add_addr(t, "", dst, " leaves by ");
		add(t, "%s, of whose table nothing is known", path->device);
		if (path->down)
			add(t, ": %s", path->down);
		break;
	}
}

const char *nhrp_why_sentence(const struct nhrp_addr *dst,
			      const struct nhrp_why_path *path,
			      const struct nhrp_why *why, char *buf)
{
	const char *device = path->device ? path->device : "a tunnel of dvpnd";
	struct text t = { .buf = buf };

	buf[0] = '\0';
	switch (path->exit) {
	case NHRP_WHY_EXIT_NONE:
		add_addr(&t, "", dst, " is not reached: no route leads there");
		return buf;
	case NHRP_WHY_EXIT_LOCAL:
		add_addr(&t, "", dst, " is an address of this machine");
		return buf;
	case NHRP_WHY_EXIT_OTHER:
		add_addr(&t, "", dst, " is not reached by ");
		add(&t, "%s: the route leaves by %s", device, path->other);
		return buf;
	case NHRP_WHY_EXIT_TUNNEL:
		break;
	}
	if (path->recursive) {
		add_addr(&t, "recursive: packets to ", dst, " go to ");
		add_addr(&t, "", &path->peer.nbma, "");
		add(&t, RECURSIVE, device);
	} else if (path->down && path->verdict != NHRP_WHY_UNKNOWN) {
		add_addr(&t, "", dst, " is not reached: ");
		add(&t, "%s: %s", device, path->down);
	} else {
		in_tunnel(&t, dst, path, why);
	}
	return buf;
}
