// SPDX-License-Identifier: GPL-2.0
/* A tunnel and its device: see tunnel.h */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/adopt.h"
#include "dvpnd/advice.h"
#include "dvpnd/bindings.h"
#include "dvpnd/carrier.h"
#include "dvpnd/clock.h"
#include "dvpnd/core-config.h"
#include "dvpnd/daemon.h"
#include "dvpnd/event.h"
#include "dvpnd/log.h"
#include "dvpnd/nbma.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

#define RETRY_FIRST_S	1.0
#define RETRY_MAX_S	30.0
#define AGENT_BURST	4096	/* messages taken before timers get their turn */
#define AGENT_ALL	65536	/* more than the kernel can queue */
#define FRAMES_TURN	256	/* of those handled */
#define BACKLOG_MAX	512	/* requests waiting: frames wait meanwhile */
#define RESYNC_MIN_MS	10000	/* a flood loses messages all the time */

/* ----- detach ----- */

static void detach(struct tunnel *t)
{
	struct ev_loop *loop = t->d->loop;

	bindings_flush(t);
	t->attached = false;
	t->broken = false;
	ev_io_stop(loop, &t->frames_io);
	ev_io_stop(loop, &t->events_io);
	ev_io_stop(loop, &t->chan_io);
	if (t->recon)
		recon_closing(t->recon);
	dvpn_chan_close(t->chan);
	dvpn_agent_close(t->frames);
	dvpn_agent_close(t->events);
	dvpn_close(t->handle);
	recon_free(t->recon);
	export_free(t->export);
	nhrp_tunnel_free(t->nhrp);
	t->chan = NULL;
	t->frames = NULL;
	t->events = NULL;
	t->handle = NULL;
	t->recon = NULL;
	t->export = NULL;
	t->nhrp = NULL;
}

static void retry_later(struct tunnel *t)
{
	/* Up to a fifth earlier, so that several daemons do not stay in step. */
	double wait = t->retry_s * (1.0 - (env_callbacks.rand32(t->d) % 1000) / 5000.0);

	ev_timer_stop(t->d->loop, &t->retry);
	ev_timer_set(&t->retry, wait, 0.);
	ev_timer_start(t->d->loop, &t->retry);
	t->retry_s = t->retry_s * 2 < RETRY_MAX_S ? t->retry_s * 2 : RETRY_MAX_S;
}

/* ----- attach: bind, read the table, adopt it, start ----- */

static int open_sockets(struct tunnel *t)
{
	int err;

	err = dvpn_open(&t->handle);
	if (!err)
		err = dvpn_agent_open(&t->frames, &event_ops, t);
	if (!err)
		err = dvpn_agent_open(&t->events, &event_ops, t);
	if (!err)
		err = dvpn_chan_open(&t->chan);
	if (err == -ENOENT)
		tunnel_set_state(t, TUNNEL_NO_MODULE,
				 "the kernel module is not loaded: modprobe dvpn");
	else if (err)
		tunnel_set_state(t, TUNNEL_NO_DEVICE, "netlink: %s", strerror(-err));
	return err;
}

/* News of the table have a socket of their own: no flood of frames may crowd them out. */
static int bind_agent(struct tunnel *t)
{
	struct dvpn_agent *a = t->events;
	int err;

	err = dvpn_agent_bind(a, t->link.ifindex, DVPN_AGENT_EVENT, NULL, NULL);
	if (!err) {
		a = t->frames;
		err = dvpn_agent_bind(a, t->link.ifindex, DVPN_AGENT_FRAME, NULL, NULL);
	}
	if (err == -EBUSY)
		tunnel_set_state(t, TUNNEL_BUSY,
				 "another agent holds %s (a second dvpnd?); tried again",
				 t->cfg.name);
	else if (err == -EPERM)
		tunnel_set_state(t, TUNNEL_BUSY, "the kernel refuses: dvpnd needs CAP_NET_ADMIN");
	else if (err)
		tunnel_set_state(t, TUNNEL_NO_DEVICE, "%s", dvpn_agent_error(a));
	return err;
}

/* No route to a hub, or no address of our own: both may still come. */
static int make_config(struct tunnel *t, struct nhrp_tunnel_config *cfg)
{
	const char *why;

	core_config_fill(t, cfg);
	if (!nhrp_tunnel_config_check(cfg, &why))
		return 0;
	if (cfg->nr_locals)
		tunnel_set_state(t, TUNNEL_NO_ADDRESS, "%s", why);
	else
		tunnel_set_state(t, TUNNEL_NO_ADDRESS,
				 "no protocol address: ip address add A/N dev %s", t->cfg.name);
	return -EADDRNOTAVAIL;
}

/* Half of what is configured is worse than nothing: nothing is put into the table then. */
static int check_features(struct tunnel *t)
{
	char lacks[TUNNEL_REASON_MAX];

	if (!advice_features(&t->cfg, t->features, lacks, sizeof(lacks)))
		return 0;
	tunnel_set_state(t, TUNNEL_NO_MODULE, "%s", lacks);
	return -EOPNOTSUPP;
}

/* Before anything is bound: what the kernel tells an agent nobody would read, every 30 s anew. */
static int ask_features(struct tunnel *t)
{
	struct dvpn_dev dev;
	int err = dvpn_dev_get(t->handle, t->link.ifindex, &dev);

	if (err)
		tunnel_set_state(t, TUNNEL_NO_DEVICE, "cannot ask the module: %s",
				 *dvpn_error(t->handle) ? dvpn_error(t->handle) : strerror(-err));
	else
		t->features = dev.features;
	return err ? err : check_features(t);
}

static int start(struct tunnel *t, const struct nhrp_tunnel_config *cfg)
{
	int err = adopt_start(t, cfg);

	if (err)
		tunnel_set_state(t, TUNNEL_NO_DEVICE, "cannot adopt the table: %s",
				 *dvpn_error(t->handle) ? dvpn_error(t->handle) : strerror(-err));
	return err;
}

static void watch(struct tunnel *t)
{
	ev_io_set(&t->frames_io, dvpn_agent_fd(t->frames), EV_READ);
	ev_io_start(t->d->loop, &t->frames_io);
	ev_io_set(&t->events_io, dvpn_agent_fd(t->events), EV_READ);
	ev_io_start(t->d->loop, &t->events_io);
	ev_io_set(&t->chan_io, dvpn_chan_fd(t->chan), EV_READ);
	ev_io_start(t->d->loop, &t->chan_io);
}

static void attach(struct tunnel *t)
{
	struct nhrp_tunnel_config cfg;
	int err;

	err = open_sockets(t);
	if (!err)
		err = make_config(t, &cfg);
	if (!err)
		err = ask_features(t);
	if (!err)
		err = bind_agent(t);
	if (!err)
		err = start(t, &cfg);
	explicit_bzero(&cfg, sizeof(cfg));
	if (err) {
		detach(t);
		retry_later(t);
		return;
	}
	t->attached = true;
	t->want_resync = false;
	t->resynced_ms = 0;
	t->retry_s = RETRY_FIRST_S;
	ev_timer_stop(t->d->loop, &t->retry);
	watch(t);
	tunnel_update_state(t);
}

/* ----- told to leave, and not attached ----- */

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
static void stay_away(struct tunnel *t)
{
	if (t->export)
		return;
	if (t->state == TUNNEL_LEAVING && t->has_link && is_nobodys(t))
		t->export = export_new(t->cfg.name, t->link.ifindex, 0);
	if (!t->export)
		tunnel_set_left(t);
}

static u64 take_out_routes(struct tunnel *t)
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

/* ----- the device comes, goes, changes ----- */

static void no_device(struct tunnel *t)
{
	if (!daemon_has_module(t->d))
		tunnel_set_state(t, TUNNEL_NO_MODULE,
				 "the kernel module is not loaded: modprobe dvpn");
	else
		tunnel_set_state(t, TUNNEL_NO_DEVICE,
				 "no such interface: ip link add %s type dvpn ...", t->cfg.name);
}

static void lost_device(struct tunnel *t)
{
	detach(t);
	t->has_link = false;
	if (tunnel_is_away(t))
		stay_away(t);
	else
		no_device(t);
	/* Its return is told by the kernel; that of the module is not. */
	retry_later(t);
}

static void reconfigure_core(struct tunnel *t)
{
	struct nhrp_tunnel_config cfg;
	u64 now_ms = clock_ms();
	int err;

	if (make_config(t, &cfg)) {
		explicit_bzero(&cfg, sizeof(cfg));
		/* What is registered stays, to be taken back when we know what we are. */
		nhrp_tunnel_lower(t->nhrp, false, now_ms);
		return;
	}
	err = nhrp_tunnel_reconfigure(t->nhrp, &cfg, now_ms);
	if (err)
		log_line(LOG_ERR, t->cfg.name, "config", "not in force: %s", strerror(-err));
	explicit_bzero(&cfg, sizeof(cfg));
	bindings_restore_rest(t);
	nhrp_tunnel_lower(t->nhrp, tunnel_lower_up(t), now_ms);
	tunnel_update_state(t);
}

void tunnel_refresh(struct tunnel *t)
{
	unsigned int was = t->has_link ? t->link.ifindex : 0;
	struct dvpn_link link;
	int err;

	err = dvpn_link_get(t->cfg.name, &link);
	if (err == -ENODEV) {
		lost_device(t);
		return;
	}
	if (err) {
		log_line(LOG_WARNING, t->cfg.name, "link", "cannot read the interface: %s",
			 strerror(-err));
		retry_later(t);
		return;
	}
	if (!link.is_dvpn) {
		lost_device(t);
		tunnel_set_state(t, TUNNEL_NO_DEVICE, "the interface is not of kind dvpn");
		return;
	}
	t->link = link;
	t->has_link = true;
	nbma_find_vrf(t);
	if (t->attached && (was != t->link.ifindex || check_features(t)))
		detach(t);
	if (t->attached)
		reconfigure_core(t);
	else if (tunnel_is_away(t))
		stay_away(t);
	else
		attach(t);
}

void tunnel_link_gone(struct tunnel *t, unsigned int ifindex)
{
	if (t->has_link && t->link.ifindex == ifindex)
		lost_device(t);
}

static void retry_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct tunnel *t = w->data;

	(void)loop;
	(void)revents;
	tunnel_refresh(t);
}

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
	bool yes = dvpn_chan_pending(t->chan) > BACKLOG_MAX;

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

/* Everybody was told, and the kernel took what was to go out of the tables. */
static bool has_left(const struct tunnel *t)
{
	return nhrp_tunnel_left(t->nhrp) && !dvpn_chan_pending(t->chan) &&
	       export_settled(t->export);
}

u64 tunnel_run(struct tunnel *t)
{
	u64 wait, next, save;

	if (t->broken && t->attached) {
		detach(t);
		retry_later(t);
		tunnel_set_state(t, TUNNEL_SYNCING, "the connection to the module broke");
		if (tunnel_is_away(t))
			stay_away(t);
	}
	if (!t->attached)
		return take_out_routes(t);
	if (!congested(t))
		nhrp_tunnel_run_queue(t->nhrp, FRAMES_TURN, clock_ms());
	wait = resync(t);
	if (t->broken)
		return 0;
	next = export_run(t->export);
	if (next < wait)
		wait = next;
	if (t->state == TUNNEL_LEAVING && has_left(t))
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

void tunnel_leave(struct tunnel *t)
{
	if (!t->attached) {
		tunnel_set_state(t, TUNNEL_LEAVING, "on request");
		stay_away(t);
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
	t->retry_s = RETRY_FIRST_S;
	ev_init(&t->frames_io, frames_cb);
	ev_init(&t->events_io, events_cb);
	ev_init(&t->chan_io, chan_cb);
	ev_init(&t->retry, retry_cb);
	t->frames_io.data = t;
	t->events_io.data = t;
	t->chan_io.data = t;
	t->retry.data = t;
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
	detach(t);
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

/* It has left. If it is not attached, a look at its device does the rest. */
static void begin_again(struct tunnel *t)
{
	t->state = TUNNEL_SYNCING;
	*t->reason = '\0';
	if (!t->attached)
		return;
	t->swept = false;
	t->started_ms = clock_ms();
	nhrp_tunnel_start(t->nhrp, t->started_ms);
}

void tunnel_reconfigure(struct tunnel *t, const struct config_tunnel *cfg, bool resume)
{
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
	if (resume && t->state == TUNNEL_LEFT)
		begin_again(t);
	tunnel_refresh(t);
}
