// SPDX-License-Identifier: GPL-2.0
/*
 * Dormant is what RFC 2863 calls an interface that waits for something outside of
 * itself. The kernel goes on carrying packets; routing daemons, VRRP and monitoring
 * see an interface that does not run.
 */
#include <string.h>
#include <syslog.h>

#include "dvpnd/carrier.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel.h"

/* What is wanted is noted even if it failed: the next change of the link tells the truth. */
static void set(struct tunnel *t, bool told, bool ready)
{
	int err = dvpn_link_set_ready(t->link.ifindex, told, ready);

	if (err)
		log_line(LOG_WARNING, t->cfg.name, "carrier",
			 "the interface cannot be made %s: %s", ready ? "ready" : "dormant",
			 strerror(-err));
	t->link.told_ready = told;
	t->link.dormant = !ready;
}

/* While it is not known yet, one that somebody made ready before us stays so. */
static bool wants_ready(const struct tunnel *t)
{
	switch (nhrp_tunnel_hubs(t->nhrp)) {
	case NHRP_HUBS_WORK:
		return true;
	case NHRP_HUBS_JOINING:
		return t->link.told_ready && !t->link.dormant;
	case NHRP_HUBS_DOWN:
		break;
	}
	return false;
}

void carrier_release(struct tunnel *t)
{
	if (t->has_link && t->link.told_ready)
		set(t, false, true);
}

bool carrier_run(struct tunnel *t)
{
	bool ready, was = t->link.dormant;

	if (!t->cfg.carrier_follows_hubs) {
		carrier_release(t);
		return t->link.dormant != was;
	}
	/* Without carrier it is neither. */
	if (!t->link.up || !t->link.carrier)
		return false;
	ready = wants_ready(t);
	if (!t->link.told_ready || t->link.dormant == ready)
		set(t, true, ready);
	return t->link.dormant != was;
}
