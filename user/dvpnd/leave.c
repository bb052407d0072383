// SPDX-License-Identifier: GPL-2.0
/* A tunnel that was told to leave: see leave.h */
#include <stddef.h>
#include <stdint.h>

#include "dvpnd/bindings.h"
#include "dvpnd/clock.h"
#include "dvpnd/leave.h"
#include "dvpnd/tunnel-state.h"

/* No other agent has the device, who has exported routes by it. */
static bool is_nobodys(const struct tunnel *t)
{
	struct dvpn_handle *h;
	struct dvpn_dev dev;
	int err;

	if (dvpn_open(&h))
		return false;
	err = dvpn_dev_get(h, t->link.ifindex, &dev);
	dvpn_close(h);
	return !err && !dev.agent_classes;
}

/* Mappings end by themselves; exported routes of when it was attached do not. */
void tunnel_stay_away(struct tunnel *t)
{
	if (t->export)
		return;
	if (t->state == TUNNEL_LEAVING && t->has_link && is_nobodys(t))
		t->export = export_new(t->cfg.name, t->link.ifindex, 0);
	if (!t->export)
		tunnel_set_left(t);
}

u64 tunnel_take_out_routes(struct tunnel *t)
{
	u64 wait;

	if (!t->export)
		return UINT64_MAX;
	wait = export_run(t->export);
	if (!export_settled(t->export))
		return wait;
	export_free(t->export);
	t->export = NULL;
	tunnel_set_left(t);
	return UINT64_MAX;
}

bool tunnel_has_left(const struct tunnel *t)
{
	return nhrp_tunnel_left(t->nhrp) && !dvpn_chan_pending(t->chan) &&
	       export_settled(t->export);
}

void tunnel_leave(struct tunnel *t)
{
	if (!t->attached) {
		tunnel_set_state(t, TUNNEL_LEAVING, "on request");
		tunnel_stay_away(t);
		return;
	}
	t->leave_sent = nhrp_tunnel_counter(t->nhrp, NHRP_C_TX_PURGE_REQUEST);
	t->leave_answered = nhrp_tunnel_counter(t->nhrp, NHRP_C_RX_PURGE_REPLY);
	t->leave_unanswered = nhrp_tunnel_counter(t->nhrp, NHRP_C_PURGE_UNANSWERED);
	tunnel_set_state(t, TUNNEL_LEAVING, "on request");
	bindings_flush(t);
	nhrp_tunnel_leave(t->nhrp, clock_ms());
	/* Who is registered stays in the file: a machine that is shut down may come back. */
	nhrp_tunnel_saved(t->nhrp);
}

void tunnel_begin_again(struct tunnel *t)
{
	t->state = TUNNEL_SYNCING;
	*t->reason = '\0';
	if (!t->attached)
		return;
	t->swept = false;
	t->started_ms = clock_ms();
	nhrp_tunnel_start(t->nhrp, t->started_ms);
}
