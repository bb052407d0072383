// SPDX-License-Identifier: GPL-2.0
/* The methods of the control protocol: who may call what with which parameters */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clear.h"
#include "dvpnd/clock.h"
#include "dvpnd/daemon.h"
#include "dvpnd/leave.h"
#include "dvpnd/log.h"
#include "dvpnd/methods.h"
#include "dvpnd/monitor.h"
#include "dvpnd/show.h"
#include "dvpnd/tracing.h"
#include "dvpnd/tunnel.h"
#include "dvpnd/why.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define LEAVE_MAX_MS	1500	/* the core gives up after a second */

/**
 * struct method - a method
 * @name: full name.
 * @takes: names of the parameters it may have, with blanks between, or NULL.
 * @changes: only for the privileged.
 * @needs_more: makes no sense with one reply.
 * @call: does it.
 */
struct method {
	const char *name;
	const char *takes;
	bool changes;
	bool needs_more;
	void (*call)(struct client *cl, const struct show_scope *scope);
};

static void get_info(struct client *cl, const struct show_scope *scope)
{
	(void)scope;
	control_reply(cl, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "dvpn",
				    "product", "dvpnd", "version", DVPN_VERSION, "url", "",
				    "interfaces", "org.varlink.service", "org.dvpn"), false);
}

/* ----- Reload ----- */

static void add_difference(const struct config_difference *diff, void *ctx)
{
	json_array_append_new(json_object_get(ctx, "differences"),
			      json_pack("{s:s*, s:s, s:s*, s:s*, s:s*}", "tunnel", diff->tunnel,
					"path", diff->path, "from", diff->from, "to", diff->to,
					"cost", diff->cost));
}

static void note_change(const char *tunnel, const char *what, void *ctx)
{
	json_array_append_new(json_object_get(ctx, what), json_string(tunnel));
}

static void reload(struct client *cl, const struct show_scope *scope)
{
	struct reload_report report = { .tunnel = note_change, .option = add_difference };
	struct config_errors errors = { 0 };
	json_t *lines, *done;
	unsigned int i;
	int err;

	done = json_pack("{s:[], s:[], s:[], s:[]}", "added", "removed", "changed",
			 "differences");
	report.ctx = done;
	err = daemon_reload(scope->d, scope->dry_run, scope->confirm_ms, &errors, &report);
	if (!err && !scope->dry_run && scope->confirm_ms)
		json_object_set_new(done, "confirm_ms", json_integer(scope->confirm_ms));
	if (!err) {
		control_reply(cl, done, false);
		return;
	}
	json_decref(done);
	if (err == -EBUSY) {
		control_error(cl, "org.dvpn.Busy", NULL,
			      "the configuration in force has to be confirmed first");
		return;
	}
	lines = json_array();
	for (i = 0; i < errors.nr; i++)
		json_array_append_new(lines, json_string(errors.line[i]));
	control_error(cl, "org.dvpn.InvalidConfig", json_pack("{s:o}", "errors", lines),
		      "the config file has errors; nothing was changed");
	config_errors_free(&errors);
}

static void confirm_reload(struct client *cl, const struct show_scope *scope)
{
	if (reload_confirm(scope->d))
		control_reply(cl, NULL, false);
	else
		control_error(cl, "org.dvpn.NothingToConfirm", NULL,
			      "there is nothing to confirm: no reload waits for it");
}

/* ----- RunningConfig ----- */

/* The errors of a file may quote what the reader of a reply may not read. */
static void add_differences(json_t *reply, const struct daemon *d)
{
	struct config_errors errors = { 0 };
	struct config *file = config_load(d->config_path, &errors);

	if (file) {
		json_object_set_new(reply, "differences", json_array());
		config_diff(d->cfg, file, add_difference, reply);
	} else {
		json_object_set_new(reply, "reason",
				    json_sprintf("%s cannot be read or has errors: dvpnd --check",
						 d->config_path));
	}
	config_free(file);
	config_errors_free(&errors);
}

static void running_config(struct client *cl, const struct show_scope *scope)
{
	char *text = config_format(scope->d->cfg);
	json_t *reply;

	if (!text) {
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	reply = json_pack("{s:s}", "text", text);
	free(text);
	add_differences(reply, scope->d);
	control_reply(cl, reply, false);
}

/* ----- Leave ----- */

/**
 * struct leave - a Leave that is under way
 * @cl: who asked, NULL if it has gone.
 * @d: daemon.
 * @tunnel: name of the tunnel, empty: all. Kept by name: a reload may free it.
 * @started_ms: when.
 * @timer: looks whether it is done.
 */
struct leave {
	struct client *cl;
	struct daemon *d;
	char tunnel[IFNAMSIZ];
	u64 started_ms;
	ev_timer timer;
};

static void leave_client_gone(void *ctx)
{
	struct leave *leave = ctx;

	leave->cl = NULL;
}

static json_t *purges(const struct tunnel *t)
{
	json_int_t sent = nhrp_tunnel_counter(t->nhrp, NHRP_C_TX_PURGE_REQUEST) - t->leave_sent;
	json_int_t answered = nhrp_tunnel_counter(t->nhrp, NHRP_C_RX_PURGE_REPLY) -
			      t->leave_answered;
	json_int_t unanswered = nhrp_tunnel_counter(t->nhrp, NHRP_C_PURGE_UNANSWERED) -
				t->leave_unanswered;

	return json_pack("{s:s, s:I, s:I, s:I}", "tunnel", t->cfg.name, "sent", sent,
			 "answered", answered, "unanswered", unanswered);
}

static json_t *leave_result(const struct leave *leave, bool *done)
{
	json_t *list = json_array();
	struct tunnel *t;

	*done = true;
	for (t = leave->d->tunnels; t; t = t->next) {
		if (*leave->tunnel && strcmp(leave->tunnel, t->cfg.name))
			continue;
		if (t->state == TUNNEL_LEAVING)
			*done = false;
		if (t->attached)
			json_array_append_new(list, purges(t));
	}
	return list;
}

static void leave_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct leave *leave = w->data;
	json_t *list;
	bool done;

	(void)revents;
	list = leave_result(leave, &done);
	if (!done && clock_ms() - leave->started_ms < LEAVE_MAX_MS) {
		json_decref(list);
		return;
	}
	ev_timer_stop(loop, w);
	if (leave->cl)
		control_reply(leave->cl, json_pack("{s:o}", "tunnels", list), false);
	else
		json_decref(list);
	free(leave);
}

static void leave(struct client *cl, const struct show_scope *scope)
{
	struct tunnel *t = NULL;
	struct leave *leave;

	while ((t = show_next(scope, t))) {
		if (t->state == TUNNEL_LEAVING) {
			control_error(cl, "org.dvpn.Busy",
				      json_pack("{s:s}", "tunnel", t->cfg.name),
				      "%s is leaving already", t->cfg.name);
			return;
		}
	}
	leave = calloc(1, sizeof(*leave));
	if (!leave) {
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
		return;
	}
	leave->cl = cl;
	leave->d = scope->d;
	leave->started_ms = clock_ms();
	if (scope->only)
		memcpy(leave->tunnel, scope->only->cfg.name, sizeof(leave->tunnel));
	while ((t = show_next(scope, t)))
		tunnel_leave(t);
	ev_timer_init(&leave->timer, leave_cb, 0.02, 0.02);
	leave->timer.data = leave;
	ev_timer_start(scope->d->loop, &leave->timer);
	control_wait(cl, leave_client_gone, leave);
}

/* ----- dispatch ----- */

static const struct method methods[] = {
	{ "org.varlink.service.GetInfo", NULL, false, false, get_info },
	{ "org.dvpn.Status", "tunnel", false, false, show_status },
	{ "org.dvpn.ShowMaps", "tunnel", false, false, show_maps },
	{ "org.dvpn.ShowPeers", "tunnel", false, false, show_peers },
	{ "org.dvpn.ShowNhs", "tunnel", false, false, show_nhs },
	{ "org.dvpn.ShowShortcuts", "tunnel", false, false, show_shortcuts },
	{ "org.dvpn.ShowCounters", "tunnel", false, false, show_counters },
	{ "org.dvpn.ShowSas", "tunnel", false, false, show_sas },
	{ "org.dvpn.IpsecTemplate", "tunnel", false, false, show_ipsec_template },
	{ "org.dvpn.Why", "tunnel address", false, false, why_answer },
	{ "org.dvpn.RunningConfig", NULL, false, false, running_config },
	{ "org.dvpn.Monitor", "tunnel", false, true, monitor_answer },
	{ "org.dvpn.ShowTrace", "tunnel peer address", false, false, tracing_show },
	{ "org.dvpn.Trace", "tunnel peer address", false, true, tracing_follow },
	{ "org.dvpn.Clear", "tunnel what name dry_run", true, false, clear_answer },
	{ "org.dvpn.Leave", "tunnel", true, false, leave },
	{ "org.dvpn.Reload", "dry_run confirm_ms", true, false, reload },
	{ "org.dvpn.Confirm", NULL, true, false, confirm_reload },
};

static const struct method *find_method(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++)
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	return NULL;
}

static void no_such_method(struct client *cl, const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t len = dot ? dot - name : 0;

	if ((len == 8 && !strncmp(name, "org.dvpn", len)) ||
	    (len == 19 && !strncmp(name, "org.varlink.service", len)))
		control_error(cl, "org.varlink.service.MethodNotFound",
			      json_pack("{s:s}", "method", name), "there is no method \"%s\"",
			      name);
	else
		control_error(cl, "org.varlink.service.InterfaceNotFound",
			      json_pack("{s:s%}", "interface", name, len),
			      "there is no interface \"%.*s\"", (int)len, name);
}

static void bad_parameter(struct client *cl, const char *name, const char *why)
{
	control_error(cl, "org.varlink.service.InvalidParameter",
		      json_pack("{s:s}", "parameter", name), "%s: %s", name, why);
}

static bool take_tunnel(struct client *cl, json_t *value, struct show_scope *scope)
{
	if (!json_is_string(value)) {
		bad_parameter(cl, "tunnel", "not a string");
		return false;
	}
	scope->only = tunnel_find(scope->d, json_string_value(value));
	if (scope->only)
		return true;
	control_error(cl, "org.dvpn.NoSuchTunnel", json_pack("{s:O}", "tunnel", value),
		      "no tunnel \"%s\" is configured", json_string_value(value));
	return false;
}

static bool take_dry_run(struct client *cl, json_t *value, struct show_scope *scope)
{
	if (!json_is_boolean(value)) {
		bad_parameter(cl, "dry_run", "neither true nor false");
		return false;
	}
	scope->dry_run = json_is_true(value);
	return true;
}

static bool take_confirm(struct client *cl, json_t *value, struct show_scope *scope)
{
	json_int_t ms = json_integer_value(value);

	if (!json_is_integer(value) || ms < 1 || ms > RELOAD_CONFIRM_MAX_MS) {
		bad_parameter(cl, "confirm_ms", "not a time of at most a day");
		return false;
	}
	scope->confirm_ms = ms;
	return true;
}

static bool take_addr(struct client *cl, const char *name, json_t *value, struct nhrp_addr *addr)
{
	const char *text = json_string_value(value);

	if (text && !nhrp_addr_parse(addr, text))
		return true;
	bad_parameter(cl, name, "not an IPv4 or IPv6 address");
	return false;
}

static bool take_address(struct client *cl, json_t *value, struct show_scope *scope)
{
	return take_addr(cl, "address", value, &scope->address);
}

static bool take_peer(struct client *cl, json_t *value, struct show_scope *scope)
{
	return take_addr(cl, "peer", value, &scope->peer);
}

static bool take_word(struct client *cl, const char *name, json_t *value, const char **word)
{
	*word = json_string_value(value);
	if (!*word)
		bad_parameter(cl, name, "not a string");
	return *word;
}

static bool take_what(struct client *cl, json_t *value, struct show_scope *scope)
{
	return take_word(cl, "what", value, &scope->what);
}

static bool take_name(struct client *cl, json_t *value, struct show_scope *scope)
{
	return take_word(cl, "name", value, &scope->name);
}

static const struct {
	const char *name;
	bool (*take)(struct client *cl, json_t *value, struct show_scope *scope);
} parameters[] = {
	{ "tunnel", take_tunnel },
	{ "dry_run", take_dry_run },
	{ "confirm_ms", take_confirm },
	{ "address", take_address },
	{ "peer", take_peer },
	{ "what", take_what },
	{ "name", take_name },
};

static bool takes(const struct method *m, const char *name)
{
	size_t len = strlen(name);
	const char *p = m->takes;

	while (p && *p) {
		size_t n = strcspn(p, " ");

		if (n == len && !memcmp(p, name, n))
			return true;
		p += n + strspn(p + n, " ");
	}
	return false;
}

/* Return: false if it was refused. */
static bool take_parameters(struct client *cl, const struct method *m,
			    const struct request *req, struct show_scope *scope)
{
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(req->params, name, value) {
		if (!takes(m, name)) {
			bad_parameter(cl, name, "the method has no such parameter");
			return false;
		}
		for (i = 0; i < ARRAY_SIZE(parameters); i++)
			if (!strcmp(name, parameters[i].name) &&
			    !parameters[i].take(cl, value, scope))
				return false;
	}
	return true;
}

void methods_handle(struct client *cl, const struct request *req, void *ctx)
{
	const struct method *m = find_method(req->method);
	struct show_scope scope = { .d = ctx };

	if (!m)
		no_such_method(cl, req->method);
	else if (m->changes && !req->privileged)
		control_error(cl, "org.dvpn.PermissionDenied", NULL,
			      "%s is for the superuser and the user that dvpnd runs as",
			      m->name);
	else if (m->needs_more && !req->more)
		control_error(cl, "org.varlink.service.ExpectedMore", NULL,
			      "%s needs \"more\": true", m->name);
	else if (take_parameters(cl, m, req, &scope))
		m->call(cl, &scope);
}
