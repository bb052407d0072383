// SPDX-License-Identifier: GPL-2.0
/* Events for those who watch: see monitor.h */
#include <time.h>

#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/monitor.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel.h"

static bool watched(const struct tunnel *t)
{
	return t->d->control && control_has_subscribers(t->d->control);
}

static json_t *new_event(const struct tunnel *t, const char *event, const char *message)
{
	struct timespec ts;
	json_t *obj;

	clock_gettime(CLOCK_REALTIME, &ts);
	obj = json_pack("{s:s, s:I, s:s}", "tunnel", t->cfg.name, "time_ms",
			(json_int_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000, "event", event);
	show_text(obj, "message", message);
	return obj;
}

void monitor_notice(const struct tunnel *t, const struct nhrp_notice *n)
{
	json_t *obj;

	if (!watched(t))
		return;
	obj = new_event(t, nhrp_event_name(n->event), n->text);
	if (!nhrp_addr_none(&n->addr.addr))
		show_prefix(obj, &n->addr);
	if (n->peer)
		show_key(obj, n->peer);
	if (n->reason != NHRP_C_NONE)
		show_text(obj, "reason", nhrp_counter_name(n->reason));
	control_publish(t->d->control, t->cfg.name, obj);
}

void monitor_tunnel_state(const struct tunnel *t)
{
	const char *state = tunnel_state_name(t->state);
	json_t *obj;

	if (!watched(t))
		return;
	obj = new_event(t, "tunnel-state", *t->reason ? t->reason : state);
	show_text(obj, "state", state);
	show_text(obj, "reason", t->reason);
	control_publish(t->d->control, t->cfg.name, obj);
}
