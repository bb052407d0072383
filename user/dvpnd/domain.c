// SPDX-License-Identifier: GPL-2.0
/* Tunnels of one domain: see domain.h */
#include "dvpnd/daemon.h"
#include "dvpnd/domain.h"
#include "dvpnd/tunnel.h"

#define BACKLOG_MAX	512	/* requests waiting: frames wait meanwhile */

bool domain_same(const struct tunnel *a, const struct tunnel *b)
{
	return a->link.domain && a->link.domain == b->link.domain &&
	       a->link.master == b->link.master;
}

struct tunnel *domain_tunnel_at(struct tunnel *t, unsigned int oif)
{
	struct tunnel *o;

	if (oif == t->link.ifindex)
		return t;
	for (o = t->d->tunnels; o; o = o->next)
		if (o->has_link && o->link.ifindex == oif)
			return domain_same(t, o) ? o : NULL;
	return NULL;
}

bool domain_congested(const struct tunnel *t)
{
	const struct tunnel *o;

	for (o = t->d->tunnels; o; o = o->next)
		if (o->attached && (o == t || domain_same(t, o)) &&
		    dvpn_chan_pending(o->chan) > BACKLOG_MAX)
			return true;
	return false;
}
