// SPDX-License-Identifier: GPL-2.0
/* Events for those who watch: see monitor.h */
#include <string.h>
#include <time.h>

#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/monitor.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

static bool wants(const void *filter, const void *item)
{
	return !filter || !strcmp(filter, item);
}

const struct control_feed monitor_feed = { .wants = wants };

static bool watched(const struct daemon *d)
{
	return d->control && control_has_subscribers(d->control, &monitor_feed);
}

u64 monitor_time_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (u64)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static json_t *new_event(const char *tunnel, u64 time_ms, const char *event, const char *message)
{
	json_t *obj;

	obj = json_pack("{s:s, s:I, s:s}", "tunnel", tunnel, "time_ms", (json_int_t)time_ms,
			"event", event);
	show_text(obj, "message", message);
	return obj;
}

json_t *monitor_event(const char *tunnel, u64 time_ms, const struct nhrp_notice *n)
{
	json_t *obj = new_event(tunnel, time_ms, nhrp_event_name(n->event), n->text);

	if (!nhrp_addr_none(&n->addr.addr))
		show_prefix(obj, &n->addr);
	if (n->peer)
		show_key(obj, n->peer);
	if (n->reason != NHRP_C_NONE)
		show_text(obj, "reason", nhrp_counter_name(n->reason));
	return obj;
}

void monitor_notice(const struct tunnel *t, const struct nhrp_notice *n)
{
	if (watched(t->d))
		control_publish(t->d->control, &monitor_feed, t->cfg.name,
				monitor_event(t->cfg.name, monitor_time_ms(), n));
}

void monitor_tunnel_state(const struct tunnel *t)
{
	const char *state = tunnel_state_name(t->state);
	json_t *obj;

	if (!watched(t->d))
		return;
	obj = new_event(t->cfg.name, monitor_time_ms(), "tunnel-state",
			*t->reason ? t->reason : state);
	show_text(obj, "state", state);
	show_text(obj, "reason", t->reason);
	control_publish(t->d->control, &monitor_feed, t->cfg.name, obj);
}

void monitor_reverted(const struct daemon *d, const char *tunnel, const char *what)
{
	json_t *obj;

	if (!watched(d))
		return;
	obj = new_event(tunnel, monitor_time_ms(), "config-reverted",
			"nobody confirmed the reload");
	show_text(obj, "state", what);
	control_publish(d->control, &monitor_feed, tunnel, obj);
}

void monitor_answer(struct client *cl, const struct show_scope *scope)
{
	char *only = scope->only ? strdup(scope->only->cfg.name) : NULL;

	if (scope->only && !only) {
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	control_reply(cl, json_pack("{s:b}", "monitoring", 1), true);
	control_subscribe(cl, &monitor_feed, only);
}
