// SPDX-License-Identifier: GPL-2.0
/* How far a tunnel is, and what it lacks: see tunnel-state.h */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/advice.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/clock.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/monitor.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

const char *tunnel_state_name(enum tunnel_state state)
{
	static const char *const names[] = {
#define X(id, name) name,
		TUNNEL_STATES(X)
#undef X
	};

	return names[state];
}

static bool is_away(enum tunnel_state state)
{
	return state == TUNNEL_LEAVING || state == TUNNEL_LEFT;
}

bool tunnel_is_away(const struct tunnel *t)
{
	return is_away(t->state);
}

void tunnel_set_state(struct tunnel *t, enum tunnel_state state, const char *fmt, ...)
{
	char reason[TUNNEL_REASON_MAX];
	va_list ap;
	bool warn;

	if (tunnel_is_away(t) && !is_away(state))
		return;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (t->since_ms && t->state == state && !strcmp(t->reason, reason))
		return;
	if (!t->since_ms || t->state != state)
		t->since_ms = clock_ms();
	t->state = state;
	memcpy(t->reason, reason, sizeof(t->reason));
	warn = state == TUNNEL_BUSY || (state == TUNNEL_UP && *reason);
	log_line(warn ? LOG_WARNING : LOG_NOTICE, t->cfg.name, "tunnel-state",
		 "%s%s%s", tunnel_state_name(state), *reason ? ": " : "", reason);
	monitor_tunnel_state(t);
	daemon_status(t->d);
}

bool tunnel_lower_up(const struct tunnel *t)
{
	return t->link.up && t->link.carrier;
}

/* What it lacks though it is up; what keeps hubs from being reached comes first. */
static void set_up(struct tunnel *t)
{
	char lacks[TUNNEL_REASON_MAX];

	if (advice_port(&t->cfg, &t->link, lacks, sizeof(lacks))) {
		tunnel_set_state(t, TUNNEL_UP, "%s", lacks);
	} else if (t->link.dormant) {
		tunnel_set_state(t, TUNNEL_UP,
				 "dormant: no hub is registered (carrier-follows-hubs)");
	} else {
		if (!ipsec_trouble(t->d->ipsec, t, lacks, sizeof(lacks)))
			advice_hub(&t->cfg, &t->link, nhrp_tunnel_config(t->nhrp), lacks,
				   sizeof(lacks));
		tunnel_set_state(t, TUNNEL_UP, "%s", lacks);
	}
}

void tunnel_set_left(struct tunnel *t)
{
	tunnel_set_state(t, TUNNEL_LEFT, "on request; a reload or a restart brings it back");
}

void tunnel_update_state(struct tunnel *t)
{
	if (!t->settled)
		tunnel_set_state(t, TUNNEL_SYNCING, "the table is being adopted");
	else if (!t->link.up)
		tunnel_set_state(t, TUNNEL_DOWN, "the interface is down: ip link set %s up",
				 t->cfg.name);
	else if (!t->link.carrier)
		tunnel_set_state(t, TUNNEL_DOWN, "no carrier: %s",
				 dvpn_down_name(t->link.down_reason));
	else
		set_up(t);
}
