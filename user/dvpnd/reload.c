// SPDX-License-Identifier: GPL-2.0
/* Going over to another configuration: see reload.h */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dvpnd/advice.h"
#include "dvpnd/daemon.h"
#include "dvpnd/leave.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/log.h"
#include "dvpnd/monitor.h"
#include "dvpnd/notify.h"
#include "dvpnd/reload.h"
#include "dvpnd/sandbox.h"
#include "dvpnd/tunnel-state.h"
#include "dvpnd/tunnel.h"

/*
 * RELOAD_BACK: nobody is there to say that what was told to leave should begin again.
 * RELOAD_AWAY: and this one had been told before, so it leaves.
 */
enum reload_how { RELOAD_TELL, RELOAD_ON, RELOAD_BACK, RELOAD_AWAY };

/* Tunnels that are not configured any more. */
static void reload_removed(struct daemon *d, const struct config *cfg, enum reload_how how,
			   const struct reload_report *report)
{
	struct tunnel *t, *next;

	for (t = d->tunnels; t; t = next) {
		next = t->next;
		if (t->retiring || config_find(cfg, t->cfg.name))
			continue;
		report->tunnel(t->cfg.name, "removed", report->ctx);
		if (how != RELOAD_TELL)
			tunnel_retire(t);
	}
}

/* Its section ipsec lets spokes talk directly, or does not any more. */
static bool other_mode(const struct config *before, const struct config *cfg, const char *profile)
{
	const struct config_ipsec *was = config_ipsec_find(before, profile);
	const struct config_ipsec *is = config_ipsec_find(cfg, profile);

	return was && is && was->mode != is->mode;
}

static void reload_tunnel(struct daemon *d, const struct config *before, const struct config *cfg,
			  unsigned int i, enum reload_how how, const struct reload_report *report)
{
	const struct config_tunnel *section = &cfg->tunnels[i];
	struct tunnel *t = tunnel_find(d, section->name);
	bool resume = t && t->state == TUNNEL_LEFT && how <= RELOAD_ON;
	bool leave = t && !tunnel_is_away(t) && how == RELOAD_AWAY;

	if (!t) {
		report->tunnel(section->name, "added", report->ctx);
		if (how != RELOAD_TELL && !tunnel_new(d, section, how == RELOAD_AWAY))
			log_err("%s: out of memory", section->name);
	} else if (resume || leave || config_tunnel_differs(&t->cfg, section) ||
		   other_mode(before, cfg, section->ipsec_profile)) {
		report->tunnel(section->name, "changed", report->ctx);
		if (how != RELOAD_TELL)
			tunnel_reconfigure(t, section, resume);
	}
	if (leave)
		tunnel_leave(t);
	/* Whoever took a route out may say so by a reload. */
	if (t && how != RELOAD_TELL)
		export_resync(t->export);
}

void daemon_hide_secrets(const struct config *cfg)
{
	int err = config_has_secret(cfg) ? sandbox_hide() : 0;

	if (err)
		log_warn("a core file of dvpnd would have secrets in it: %s", strerror(-err));
}

/* Go over to @cfg. Return: the configuration that was in force. */
static struct config *apply(struct daemon *d, struct config *cfg, enum reload_how how,
			    const struct reload_report *report)
{
	struct config *before = d->cfg;
	unsigned int i;

	reload_removed(d, cfg, how, report);
	config_keep(cfg, before);
	/* What a tunnel needs of other sections it looks up here. */
	d->cfg = cfg;
	for (i = 0; i < cfg->nr_tunnels; i++)
		reload_tunnel(d, before, cfg, i,
			      how == RELOAD_BACK && d->trial.left[i] ? RELOAD_AWAY : how, report);
	log_setup(d->debug ? LOG_DEBUG : cfg->log_level);
	ipsec_refresh(d->ipsec);
	return before;
}

/* ----- going back ----- */

static void gone_back(const char *tunnel, const char *what, void *ctx)
{
	struct daemon *d = ctx;

	log_line(LOG_WARNING, tunnel, "config-reverted", "%s: nobody confirmed the reload", what);
	monitor_reverted(d, tunnel, what);
}

static void go_back(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct daemon *d = w->data;
	const struct reload_report report = { .tunnel = gone_back, .ctx = d };
	struct config *before = d->trial.before;

	(void)loop;
	(void)revents;
	d->trial.before = NULL;
	log_warn("the configuration was not confirmed within %g s: the one before it is in force again",
		 d->trial.given_ms / 1000.);
	config_free(apply(d, before, RELOAD_BACK, &report));
}

/* Before what is in force goes: who is away is so again when that comes back. */
static void remember_left(struct daemon *d)
{
	const struct tunnel *t;
	unsigned int i;

	for (i = 0; i < d->cfg->nr_tunnels; i++) {
		t = tunnel_find(d, d->cfg->tunnels[i].name);
		d->trial.left[i] = t && tunnel_is_away(t);
	}
}

static void go_back_later(struct daemon *d, struct config *before, u64 ms)
{
	struct reload_trial *trial = &d->trial;

	trial->before = before;
	trial->given_ms = ms;
	ev_timer_init(&trial->timer, go_back, ms / 1000., 0.);
	trial->timer.data = d;
	ev_now_update(d->loop);
	ev_timer_start(d->loop, &trial->timer);
	log_notice("it has to be confirmed within %g s, or the one before it comes back",
		   ms / 1000.);
}

static void end_trial(struct daemon *d)
{
	ev_timer_stop(d->loop, &d->trial.timer);
	config_free(d->trial.before);
	d->trial.before = NULL;
}

bool reload_confirm(struct daemon *d)
{
	if (!d->trial.before)
		return false;
	end_trial(d);
	log_notice("the configuration was confirmed");
	return true;
}

u64 reload_unconfirmed_ms(const struct daemon *d)
{
	if (!d->trial.before)
		return 0;
	return 1 + ev_timer_remaining(d->loop, (ev_timer *)&d->trial.timer) * 1000;
}

void reload_stop(struct daemon *d)
{
	if (d->trial.before)
		end_trial(d);
}

/* ----- going there ----- */

static void add_error(struct config_errors *errors, const char *path, const char *tunnel,
		      const char *lacks)
{
	char **line = &errors->line[errors->nr];

	if (errors->nr == CONFIG_ERRORS_MAX)
		return;
	if (asprintf(line, "%s: tunnel %s: %s", path, tunnel, lacks) >= 0)
		errors->nr++;
}

/* What works is not given up for what cannot: the module is there, and lacks a feature. */
static int check_tunnels(const struct daemon *d, const struct config *cfg,
			 struct config_errors *errors)
{
	const struct config_tunnel *section;
	char lacks[TUNNEL_REASON_MAX];
	const struct tunnel *t;
	int err = 0;

	for (t = d->tunnels; t; t = t->next) {
		section = t->attached && !t->retiring ? config_find(cfg, t->cfg.name) : NULL;
		if (!section || !advice_features(section, t->features, lacks, sizeof(lacks)))
			continue;
		add_error(errors, d->config_path, t->cfg.name, lacks);
		err = -EINVAL;
	}
	return err;
}

/* NULL: with errors it cannot be put in force. */
static struct config *load(const struct daemon *d, struct config_errors *errors)
{
	struct config *cfg = config_load(d->config_path, errors);

	if (!cfg || !check_tunnels(d, cfg, errors))
		return cfg;
	config_free(cfg);
	return NULL;
}

static void tell(struct daemon *d, const struct config *cfg, const struct reload_report *report)
{
	unsigned int i;

	reload_removed(d, cfg, RELOAD_TELL, report);
	for (i = 0; i < cfg->nr_tunnels; i++)
		reload_tunnel(d, d->cfg, cfg, i, RELOAD_TELL, report);
}

int daemon_reload(struct daemon *d, bool dry_run, u64 confirm_ms, struct config_errors *errors,
		  const struct reload_report *report)
{
	struct config *cfg, *before;

	/* Of two that nobody has confirmed it would not be clear which one to go back to. */
	if (d->trial.before && !dry_run)
		return -EBUSY;
	cfg = load(d, errors);
	if (!cfg)
		return -EINVAL;
	daemon_hide_secrets(cfg);
	if (report->option)
		config_diff(d->cfg, cfg, report->option, report->ctx);
	if (dry_run) {
		tell(d, cfg, report);
		config_free(cfg);
		return 0;
	}
	if (*cfg->exposed)
		log_warn("%s: " CONFIG_EXPOSED_TEXT, cfg->exposed);
	remember_left(d);
	before = apply(d, cfg, RELOAD_ON, report);
	log_notice("%s was read again", d->config_path);
	if (confirm_ms)
		go_back_later(d, before, confirm_ms);
	else
		config_free(before);
	return 0;
}

static void log_change(const char *tunnel, const char *what, void *ctx)
{
	(void)ctx;
	log_line(LOG_NOTICE, tunnel, "reload", "%s", what);
}

void reload_by_signal(struct daemon *d)
{
	static const struct reload_report report = { .tunnel = log_change };
	struct config_errors errors = { 0 };
	unsigned int i;
	int err;

	notify_send("RELOADING=1");
	err = daemon_reload(d, false, 0, &errors, &report);
	for (i = 0; i < errors.nr; i++)
		log_err("%s", errors.line[i]);
	if (err == -EBUSY)
		log_err("the configuration in force has to be confirmed first: dvpnctl confirm");
	if (err)
		log_err("nothing was changed");
	config_errors_free(&errors);
	notify_send("READY=1");
	daemon_status(d);
}
