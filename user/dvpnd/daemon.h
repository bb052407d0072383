/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon as a whole: what its parts share */
#ifndef DVPND_DAEMON_H
#define DVPND_DAEMON_H

#include <ev.h>

#include "dvpnd/config.h"
#include "dvpnd/reload.h"
#include "dvpnd/route.h"
#include "dvpnd/state.h"
#include "lib/dvpn.h"
#include "nhrp/core.h"

struct control;
struct ipsec;
struct names;
struct tunnel;

/**
 * struct daemon - the daemon
 * @loop: event loop.
 * @config_path: config file.
 * @cfg: what it says.
 * @trial: what is before @cfg, if nobody has confirmed that.
 * @debug: log everything, whatever @cfg says.
 * @core: protocol engine of all tunnels.
 * @tunnels: list of the configured tunnels.
 * @linkmon: news of devices and addresses.
 * @routes: for questions to the routing tables.
 * @state: state file.
 * @names: where names of hubs lead to.
 * @ipsec: security associations, and the IKE daemon.
 * @control: control socket.
 * @started_ms: when.
 * @stopping: the loop ends.
 * @watchdog_ms: systemd wants a sign in this time, 0: it does not.
 * @prepare: runs before the loop sleeps.
 * @wakeup: ends the sleep when the core or a tunnel has something to do.
 * @linkmon_io: @linkmon is readable.
 * @route_io: @routes has news.
 * @route_timer: runs when routes have changed and are quiet again.
 * @watchdog_timer: tells systemd that we are alive.
 * @signals: SIGTERM, SIGINT, SIGHUP.
 */
struct daemon {
	struct ev_loop *loop;
	const char *config_path;
	struct config *cfg;
	struct reload_trial trial;
	bool debug;
	struct nhrp_core *core;
	struct tunnel *tunnels;
	struct dvpn_linkmon *linkmon;
	struct route *routes;
	struct state *state;
	struct names *names;
	struct ipsec *ipsec;
	struct control *control;
	u64 started_ms;
	bool stopping;
	u64 watchdog_ms;
	ev_prepare prepare;
	ev_timer wakeup;
	ev_io linkmon_io;
	ev_io route_io;
	ev_timer route_timer;
	ev_timer watchdog_timer;
	ev_signal signals[3];
};

/**
 * daemon_start() - make everything that runs in the loop
 * @d: with @config_path, @cfg, @state, @names and @control set.
 *
 * Return: 0 or a negative errno; the reason was logged.
 */
int daemon_start(struct daemon *d);

/**
 * daemon_stop() - free all that daemon_start() made
 * @d: daemon.
 *
 * Nothing is sent and the kernel's table stays as it is.
 */
void daemon_stop(struct daemon *d);

/* Is the module there? */
bool daemon_has_module(const struct daemon *d);

/* Tell systemd how things are, in one line. */
void daemon_status(const struct daemon *d);

/* What the core calls (env.c); @ctx of all is the daemon. */
extern const struct nhrp_env env_callbacks;

#endif /* DVPND_DAEMON_H */
