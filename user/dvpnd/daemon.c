// SPDX-License-Identifier: GPL-2.0
/* The event loop and what it drives */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/attach.h"
#include "dvpnd/clock.h"
#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/log.h"
#include "dvpnd/names.h"
#include "dvpnd/notify.h"
#include "dvpnd/reload.h"
#include "dvpnd/tunnel.h"

#define LINKMON_BURST	256
#define ROUTES_QUIET_S	0.25	/* routes come in swarms */
/*
 * The loop's timers stand still while the machine sleeps, the core's clock does
 * not: look at it so often at least.
 */
#define SLEEP_MAX_MS	10000

/* ----- between two sleeps ----- */

/*
 * Nobody's time is over before he was heard. How long this process did not run, being
 * stopped or asleep, is not known: it may be long though a deadline has only just passed.
 */
static void run_core(struct daemon *d, u64 now_ms)
{
	struct tunnel *t;

	if (nhrp_core_is_late(d->core, now_ms))
		log_line(LOG_NOTICE, NULL, "time-gap",
			 "%llu ms late: what was received meanwhile is handled first",
			 (unsigned long long)(now_ms - nhrp_core_next_deadline_ms(d->core)));
	for (t = d->tunnels; t; t = t->next)
		tunnel_catch_up(t);
	nhrp_core_run(d->core, clock_ms());
}

static u64 run_everything(struct daemon *d)
{
	u64 wait = SLEEP_MAX_MS;
	u64 next, now_ms = clock_ms();
	struct tunnel *t, *after;

	if (nhrp_core_next_deadline_ms(d->core) <= now_ms)
		run_core(d, now_ms);
	for (t = d->tunnels; t; t = after) {
		after = t->next;
		next = tunnel_run(t);
		if (next < wait)
			wait = next;
		if (t->retiring && t->state == TUNNEL_LEFT)
			tunnel_free(t);
	}
	next = names_run(d->names);
	if (next < wait)
		wait = next;
	next = ipsec_run(d->ipsec);
	if (next < wait)
		wait = next;
	for (t = d->tunnels; t; t = t->next)
		if (!tunnel_flush(t))
			wait = 0;
	next = nhrp_core_next_deadline_ms(d->core);
	now_ms = clock_ms();
	next = next > now_ms ? next - now_ms : 0;
	return next < wait ? next : wait;
}

static void prepare_cb(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct daemon *d = w->data;
	u64 wait;

	(void)revents;
	if (d->stopping)
		return;
	wait = run_everything(d);
	ev_now_update(loop);
	ev_timer_stop(loop, &d->wakeup);
	/* Rounded up: a millisecond early would be a turn for nothing. */
	ev_timer_set(&d->wakeup, (wait + 1) / 1000., 0.);
	ev_timer_start(loop, &d->wakeup);
}

static void wakeup_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	/* The work is done by prepare_cb(). */
	(void)loop;
	(void)w;
	(void)revents;
}

/* ----- devices, addresses, routes ----- */

static void refresh_all(struct daemon *d)
{
	struct tunnel *t;

	for (t = d->tunnels; t; t = t->next) {
		tunnel_refresh(t);
		export_resync(t->export);
	}
}

static void on_link(const struct dvpn_link *link, void *ctx)
{
	struct daemon *d = ctx;
	struct tunnel *t;

	for (t = d->tunnels; t; t = t->next) {
		if (!strcmp(t->cfg.name, link->ifname)) {
			tunnel_refresh(t);
			export_resync(t->export);
		} else if (t->has_link && t->link.ifindex == link->ifindex) {
			tunnel_refresh(t);	/* it was renamed */
		}
	}
}

static void on_gone(unsigned int ifindex, const char *ifname, void *ctx)
{
	struct daemon *d = ctx;
	struct tunnel *t;

	(void)ifname;
	for (t = d->tunnels; t; t = t->next)
		tunnel_link_gone(t, ifindex);
}

/* An address of the tunnel, or one of the underlay that may be its source. */
static void on_addr(unsigned int ifindex, void *ctx)
{
	struct daemon *d = ctx;
	struct tunnel *t;

	for (t = d->tunnels; t; t = t->next)
		if (t->has_link && (t->link.ifindex == ifindex ||
				    dvpn_addr_is_any(&t->link.local4) ||
				    dvpn_addr_is_any(&t->link.local6)))
			tunnel_refresh(t);
}

static const struct dvpn_linkmon_ops linkmon_ops = {
	.link = on_link,
	.gone = on_gone,
	.addr = on_addr,
};

static void linkmon_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct daemon *d = w->data;
	int err;

	(void)revents;
	err = dvpn_linkmon_read(d->linkmon, LINKMON_BURST);
	if (err == -ENOBUFS) {
		refresh_all(d);
	} else if (err) {
		log_err("news of interfaces: %s", strerror(-err));
		ev_break(loop, EVBREAK_ALL);
	}
}

static void route_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct daemon *d = w->data;

	(void)revents;
	if (route_read(d->routes) && !ev_is_active(&d->route_timer)) {
		ev_timer_set(&d->route_timer, ROUTES_QUIET_S, 0.);
		ev_timer_start(loop, &d->route_timer);
	}
}

static void route_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct daemon *d = w->data;
	struct tunnel *t;

	(void)loop;
	(void)revents;
	for (t = d->tunnels; t; t = t->next) {
		if (!t->has_link)
			continue;
		/* Our own address as others see it may follow from a route. */
		tunnel_refresh(t);
		if (t->attached)
			nhrp_tunnel_routes_changed(t->nhrp, clock_ms());
	}
}

bool daemon_has_module(const struct daemon *d)
{
	struct dvpn_handle *h;
	struct tunnel *t;

	for (t = d->tunnels; t; t = t->next)
		if (t->attached)
			return true;
	if (dvpn_open(&h))
		return false;
	dvpn_close(h);
	return true;
}

/* ----- systemd ----- */

void daemon_status(const struct daemon *d)
{
	unsigned int up = 0, all = 0;
	const struct tunnel *t;

	for (t = d->tunnels; t; t = t->next) {
		all++;
		up += t->state == TUNNEL_UP;
	}
	notify_send("STATUS=%u of %u tunnels up", up, all);
}

static void watchdog_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	notify_send("WATCHDOG=1");
}

/* ----- signals ----- */

static void signal_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct daemon *d = w->data;

	(void)revents;
	if (w->signum == SIGHUP) {
		reload_by_signal(d);
		return;
	}
	notify_send("STOPPING=1");
	d->stopping = true;
	ev_break(loop, EVBREAK_ALL);
}

/* ----- start and stop ----- */

static void start_watchers(struct daemon *d)
{
	static const int signums[] = { SIGTERM, SIGINT, SIGHUP };
	unsigned int i;

	ev_prepare_init(&d->prepare, prepare_cb);
	d->prepare.data = d;
	ev_prepare_start(d->loop, &d->prepare);
	ev_init(&d->wakeup, wakeup_cb);
	ev_io_init(&d->linkmon_io, linkmon_cb, dvpn_linkmon_fd(d->linkmon), EV_READ);
	d->linkmon_io.data = d;
	ev_io_start(d->loop, &d->linkmon_io);
	ev_io_init(&d->route_io, route_cb, route_fd(d->routes), EV_READ);
	d->route_io.data = d;
	ev_io_start(d->loop, &d->route_io);
	ev_init(&d->route_timer, route_timer_cb);
	d->route_timer.data = d;
	for (i = 0; i < 3; i++) {
		ev_signal_init(&d->signals[i], signal_cb, signums[i]);
		d->signals[i].data = d;
		ev_signal_start(d->loop, &d->signals[i]);
	}
	if (d->watchdog_ms) {
		ev_timer_init(&d->watchdog_timer, watchdog_cb, 0., d->watchdog_ms / 2000.);
		ev_timer_start(d->loop, &d->watchdog_timer);
	}
}

static int open_all(struct daemon *d)
{
	struct nhrp_env env = env_callbacks;
	int err;

	env.ctx = d;
	d->loop = ev_default_loop(EVFLAG_AUTO);
	d->core = nhrp_core_new(&env);
	d->ipsec = ipsec_new(d);
	if (!d->loop || !d->core || !d->ipsec) {
		log_err("out of memory");
		return -ENOMEM;
	}
	err = dvpn_linkmon_open(&d->linkmon, &linkmon_ops, d);
	if (!err)
		err = route_open(&d->routes);
	if (err)
		log_err("netlink: %s", strerror(-err));
	return err;
}

int daemon_start(struct daemon *d)
{
	unsigned int i;
	int err;

	d->started_ms = clock_ms();
	err = open_all(d);
	if (err)
		return err;
	start_watchers(d);
	names_start(d->names);
	control_start(d->control, d->loop);
	for (i = d->cfg->nr_tunnels; i-- > 0; )
		if (!tunnel_new(d, &d->cfg->tunnels[i], false))
			return -ENOMEM;
	ipsec_refresh(d->ipsec);
	return 0;
}

void daemon_stop(struct daemon *d)
{
	reload_stop(d);
	control_free(d->control);
	d->control = NULL;
	while (d->tunnels)
		tunnel_free(d->tunnels);
	ipsec_free(d->ipsec);
	d->ipsec = NULL;
	nhrp_core_free(d->core);
	dvpn_linkmon_close(d->linkmon);
	route_close(d->routes);
	if (d->loop)
		ev_loop_destroy(d->loop);
}
