// SPDX-License-Identifier: GPL-2.0
/* A tunnel of the configuration, and what it does in the loop: see tunnel.h */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/adopt.h"
#include "dvpnd/attach.h"
#include "dvpnd/bindings.h"
#include "dvpnd/carrier.h"
#include "dvpnd/clock.h"
#include "dvpnd/core-config.h"
#include "dvpnd/daemon.h"
#include "dvpnd/domain.h"
#include "dvpnd/leave.h"
#include "dvpnd/log.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

#define AGENT_BURST	4096	/* messages taken before timers get their turn */
#define AGENT_ALL	65536	/* more than the kernel can queue */
#define FRAMES_TURN	256	/* of those handled */
#define RESYNC_MIN_MS	10000	/* a flood loses messages all the time */

/* ----- in the loop ----- */

static int read_agent(struct tunnel *t, struct dvpn_agent *a)
{
	bool late = nhrp_core_is_late(t->d->core, clock_ms());
	int err = dvpn_agent_read(a, late ? AGENT_ALL : AGENT_BURST);

	if (err && err != -ENOBUFS) {
		log_line(LOG_WARNING, t->cfg.name, "netlink", "the agent's socket: %s",
			 strerror(-err));
		t->broken = true;
	}
	return err;
}

static void read_frames(struct tunnel *t)
{
	/* What fitted waits behind the news that more did not. */
	if (read_agent(t, t->frames) == -ENOBUFS)
		read_agent(t, t->frames);
}

static void frames_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	read_frames(w->data);
}

static void read_events(struct tunnel *t)
{
	if (read_agent(t, t->events) != -ENOBUFS)
		return;
	t->lost++;
	t->want_resync = true;
}

static void events_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	/* The end of a mapping is told after the frames that came before it. */
	read_frames(w->data);
	read_events(w->data);
}

void tunnel_catch_up(struct tunnel *t)
{
	if (!t->attached)
		return;
	read_frames(t);
	read_events(t);
}

static void chan_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct tunnel *t = w->data;
	int err;

	(void)loop;
	(void)revents;
	err = dvpn_chan_read(t->chan);
	if (err == -ENOBUFS) {
		t->want_resync = true;
	} else if (err) {
		log_line(LOG_WARNING, t->cfg.name, "netlink", "the request socket: %s",
			 strerror(-err));
		t->broken = true;
	}
}

/* Return: milliseconds until the table may be read again, UINT64_MAX: no need. */
static u64 resync(struct tunnel *t)
{
	u64 since = clock_ms() - t->resynced_ms;

	if (recon_lost(t->recon))
		t->want_resync = true;
	if (!t->want_resync)
		return UINT64_MAX;
	if (t->resynced_ms && since < RESYNC_MIN_MS)
		return RESYNC_MIN_MS - since;
	t->resynced_ms = clock_ms();
	adopt_resync(t);
	return UINT64_MAX;
}

/* Nothing is begun that could only pile up on its way out. */
static bool congested(struct tunnel *t)
{
	bool yes = domain_congested(t);

	/* Frames are read: they have a place to wait in, and the oldest may go. */
	if (yes)
		ev_io_stop(t->d->loop, &t->events_io);
	else
		ev_io_start(t->d->loop, &t->events_io);
	return yes;
}

/* Binding keeps what came before its answer; the descriptors do not tell of that. */
static bool feed_backlog(struct tunnel *t)
{
	bool frames = dvpn_agent_backlog(t->frames);
	bool events = dvpn_agent_backlog(t->events);

	if (frames)
		ev_feed_event(t->d->loop, &t->frames_io, EV_READ);
	if (events)
		ev_feed_event(t->d->loop, &t->events_io, EV_READ);
	return frames || events;
}

void tunnel_watch(struct tunnel *t)
{
	ev_io_set(&t->frames_io, dvpn_agent_fd(t->frames), EV_READ);
	ev_io_start(t->d->loop, &t->frames_io);
	ev_io_set(&t->events_io, dvpn_agent_fd(t->events), EV_READ);
	ev_io_start(t->d->loop, &t->events_io);
	ev_io_set(&t->chan_io, dvpn_chan_fd(t->chan), EV_READ);
	ev_io_start(t->d->loop, &t->chan_io);
}

u64 tunnel_run(struct tunnel *t)
{
	u64 wait, next, save;

	if (t->broken && t->attached) {
		tunnel_detach(t);
		tunnel_retry_later(t);
		tunnel_set_state(t, TUNNEL_SYNCING, "the connection to the module broke");
		if (tunnel_is_away(t))
			tunnel_stay_away(t);
	}
	if (!t->attached)
		return tunnel_take_out_routes(t);
	if (!congested(t))
		nhrp_tunnel_run_queue(t->nhrp, FRAMES_TURN, clock_ms());
	wait = resync(t);
	if (t->broken)
		return 0;
	next = export_run(t->export);
	if (next < wait)
		wait = next;
	if (t->state == TUNNEL_LEAVING && tunnel_has_left(t))
		tunnel_set_left(t);
	next = recon_run(t->recon);
	if (next < wait)
		wait = next;
	if (!t->settled && recon_settled(t->recon)) {
		t->settled = true;
		tunnel_update_state(t);
	}
	if (t->settled && !t->retiring && carrier_run(t))
		tunnel_update_state(t);
	next = adopt_sweep(t);
	save = bindings_run(t);
	if (save < next)
		next = save;
	if (t->broken)
		return 0;
	if (feed_backlog(t))
		return 0;
	if (!congested(t) && nhrp_tunnel_queued(t->nhrp))
		return 0;
	return wait < next ? wait : next;
}

bool tunnel_flush(struct tunnel *t)
{
	if (!t->attached)
		return true;
	if (dvpn_chan_flush(t->chan))
		t->broken = true;
	return !t->broken;
}

/* ----- configuration ----- */

struct tunnel *tunnel_new(struct daemon *d, const struct config_tunnel *cfg, bool away)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->d = d;
	if (config_tunnel_copy(&t->cfg, cfg)) {
		free(t);
		return NULL;
	}
	attach_init(t);
	ev_init(&t->frames_io, frames_cb);
	ev_init(&t->events_io, events_cb);
	ev_init(&t->chan_io, chan_cb);
	t->frames_io.data = t;
	t->events_io.data = t;
	t->chan_io.data = t;
	t->next = d->tunnels;
	d->tunnels = t;
	if (away)
		tunnel_set_left(t);
	tunnel_refresh(t);
	return t;
}

void tunnel_free(struct tunnel *t)
{
	struct tunnel **p = &t->d->tunnels;

	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	ev_timer_stop(t->d->loop, &t->retry);
	if (t->retiring)
		carrier_release(t);
	tunnel_detach(t);
	tracing_free(t);
	config_tunnel_free(&t->cfg);
	free(t);
}

void tunnel_retire(struct tunnel *t)
{
	t->retiring = true;
	if (t->state != TUNNEL_LEFT)
		tunnel_leave(t);
}

struct tunnel *tunnel_find(struct daemon *d, const char *name)
{
	struct tunnel *t;

	for (t = d->tunnels; t; t = t->next)
		if (!t->retiring && !strcmp(t->cfg.name, name))
			return t;
	return NULL;
}

void tunnel_reconfigure(struct tunnel *t, const struct config_tunnel *cfg, bool resume)
{
	bool other_ike = strcmp(t->cfg.ipsec_profile, cfg->ipsec_profile);
	struct config_tunnel next;

	if (config_tunnel_copy(&next, cfg)) {
		log_line(LOG_ERR, t->cfg.name, "config", "out of memory");
		return;
	}
	core_config_keep_places(t, &next);
	config_tunnel_free(&t->cfg);
	t->cfg = next;
	explicit_bzero(&next, sizeof(next));
	if (t->attached && export_set_table(t->export, t->cfg.export_table))
		nhrp_tunnel_walk_bindings(t->nhrp, clock_ms(), export_binding, t->export);
	if (t->nhrp && other_ike)
		nhrp_tunnel_forget_ike(t->nhrp, clock_ms());
	if (resume && t->state == TUNNEL_LEFT)
		tunnel_begin_again(t);
	tunnel_refresh(t);
}
