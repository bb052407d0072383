// SPDX-License-Identifier: GPL-2.0
/* From a device to a tunnel that works, and back: see attach.h */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "dvpnd/adopt.h"
#include "dvpnd/advice.h"
#include "dvpnd/attach.h"
#include "dvpnd/bindings.h"
#include "dvpnd/clock.h"
#include "dvpnd/core-config.h"
#include "dvpnd/daemon.h"
#include "dvpnd/event.h"
#include "dvpnd/leave.h"
#include "dvpnd/log.h"
#include "dvpnd/nbma.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

#define RETRY_FIRST_S	1.0
#define RETRY_MAX_S	30.0

/* ----- detach ----- */

void tunnel_detach(struct tunnel *t)
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

void tunnel_retry_later(struct tunnel *t)
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
		tunnel_detach(t);
		tunnel_retry_later(t);
		return;
	}
	t->attached = true;
	t->want_resync = false;
	t->resynced_ms = 0;
	t->retry_s = RETRY_FIRST_S;
	ev_timer_stop(t->d->loop, &t->retry);
	tunnel_watch(t);
	tunnel_update_state(t);
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
	tunnel_detach(t);
	t->has_link = false;
	if (tunnel_is_away(t))
		tunnel_stay_away(t);
	else
		no_device(t);
	/* Its return is told by the kernel; that of the module is not. */
	tunnel_retry_later(t);
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
		tunnel_retry_later(t);
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
		tunnel_detach(t);
	if (t->attached)
		reconfigure_core(t);
	else if (tunnel_is_away(t))
		tunnel_stay_away(t);
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

void attach_init(struct tunnel *t)
{
	t->retry_s = RETRY_FIRST_S;
	ev_init(&t->retry, retry_cb);
	t->retry.data = t;
}
