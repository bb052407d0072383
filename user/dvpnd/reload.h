/* SPDX-License-Identifier: GPL-2.0 */
/* Going over to what the config file says now, and back if nobody says that it is good */
#ifndef DVPND_RELOAD_H
#define DVPND_RELOAD_H

#include <ev.h>

#include "dvpnd/config.h"

struct daemon;

#define RELOAD_CONFIRM_MAX_MS	(24 * 3600 * 1000)

/**
 * struct reload_trial - a configuration in force that nobody has confirmed
 * @before: the one to go back to, NULL: that in force stays.
 * @left: of each tunnel of @before: it had been told to leave.
 * @given_ms: how long there was to confirm it.
 * @timer: goes back.
 */
struct reload_trial {
	struct config *before;
	bool left[CONFIG_TUNNELS_MAX];
	u64 given_ms;
	ev_timer timer;
};

/**
 * struct reload_report - who wants to know what a reload does
 * @tunnel: called with the name of each tunnel that is touched and one of "added",
 *	"removed", "changed".
 * @option: called for each option with another value, or NULL.
 * @ctx: for both.
 */
struct reload_report {
	void (*tunnel)(const char *tunnel, const char *what, void *ctx);
	void (*option)(const struct config_difference *diff, void *ctx);
	void *ctx;
};

/**
 * daemon_hide_secrets() - no core file, no debugger, if there are secrets
 * @cfg: where they may be.
 */
void daemon_hide_secrets(const struct config *cfg);

/**
 * daemon_reload() - read the config file again
 * @d: daemon.
 * @dry_run: only tell what would be done.
 * @confirm_ms: go back after this time unless reload_confirm() is called, 0: never.
 * @errors: what is wrong with it, or what the module lacks to go on with a tunnel that
 *	works; nothing was changed then.
 * @report: told of what is done.
 *
 * Return: 0, -EINVAL, or -EBUSY and nothing changed: the configuration in force is not
 * confirmed yet.
 */
int daemon_reload(struct daemon *d, bool dry_run, u64 confirm_ms, struct config_errors *errors,
		  const struct reload_report *report);

/* The configuration in force is good. Return: false if there was nothing to confirm. */
bool reload_confirm(struct daemon *d);

/* How long there is to confirm it; 0: there is nothing to confirm. */
u64 reload_unconfirmed_ms(const struct daemon *d);

/* SIGHUP has come. */
void reload_by_signal(struct daemon *d);

/* The daemon ends. */
void reload_stop(struct daemon *d);

#endif /* DVPND_RELOAD_H */
