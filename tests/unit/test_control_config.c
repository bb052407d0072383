// SPDX-License-Identifier: GPL-2.0
/* The control socket of dvpnd: the configuration that runs, and the file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "control_client.h"
#include "dvpnd/tunnel.h"

static char config_name[32];

static void write_config(const char *text)
{
	FILE *f = fopen(config_name, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* The parameters of the reply to a request that is fine. */
static json_t *ask_well(const char *request)
{
	int fd = connect_client();
	json_t *root, *params;
	bool closed;

	root = ask(fd, request, &closed);
	params = json_incref(json_object_get(root, "parameters"));
	assert_null(json_object_get(root, "error"));
	assert_non_null(params);
	json_decref(root);
	close(fd);
	turn();
	return params;
}

static void run_config(const char *text)
{
	struct config_errors errors = { 0 };
	int fd;

	snprintf(config_name, sizeof(config_name), "/tmp/test_control.XXXXXX");
	fd = mkstemp(config_name);
	assert_true(fd >= 0);
	close(fd);
	config_free(d.cfg);
	d.cfg = config_parse("f", text, strlen(text), &errors);
	assert_non_null(d.cfg);
	d.config_path = config_name;
}

static void assert_member(json_t *params, const char *member, const char *wanted)
{
	json_t *json = json_loads(wanted, JSON_DECODE_ANY, NULL);

	assert_non_null(json);
	if (!json_equal(json_object_get(params, member), json))
		fail_msg("%s is not %s in %s", member, wanted, reply);
	json_decref(json);
}

static void running_config(void **state)
{
	static const char request[] = "{\"method\":\"org.dvpn.RunningConfig\"}";
	json_t *params;

	(void)state;
	run_config("tunnel t { hub h { nbma = 192.0.2.1 }; auth = cisco; password = topsec }");
	write_config("log-level = error\ntunnel t { hub h { nbma = 192.0.2.1; priority = 2 }\n"
		     "auth = cisco; password = topsec }");
	params = ask_well(request);
	assert_member(params, "text", "\"tunnel t {\\n\\tauth = cisco\\n\\t# password = ***\\n"
		      "\\thub h {\\n\\t\\tnbma = 192.0.2.1\\n\\t}\\n}\\n\"");
	assert_member(params, "differences",
		      "[{\"path\": \"log-level\", \"from\": \"info\", \"to\": \"error\"},\n"
		      "{\"tunnel\": \"t\", \"path\": \"hub h.priority\", \"from\": \"1\",\n"
		      " \"to\": \"2\"}]\n");
	assert_null(json_object_get(params, "reason"));
	json_decref(params);

	write_config("tunnel t { hub h { nbma = 192.0.2.1 }; auth = cisco; password = q7q7 }");
	params = ask_well(request);
	assert_int_equal(json_array_size(json_object_get(params, "differences")), 1);
	assert_non_null(strstr(reply, "\"path\":\"password\",\"from\":\"***\",\"to\":\"***\""));
	assert_null(strstr(reply, "q7q7"));
	assert_null(strstr(reply, "topsec"));
	json_decref(params);

	/* What is wrong with a file may be a secret in the wrong place. */
	write_config("tunnel t { auth = topsec }");
	params = ask_well(request);
	assert_null(strstr(reply, "topsec"));
	assert_null(json_object_get(params, "differences"));
	assert_non_null(strstr(json_string_value(json_object_get(params, "reason")),
			       "dvpnd --check"));
	json_decref(params);
	unlink(config_name);
}

static void reload_dry(void **state)
{
	static const char request[] =
		"{\"method\":\"org.dvpn.Reload\",\"parameters\":{\"dry_run\":true}}";
	struct tunnel gone = { 0 }, kept = { .next = &gone }, left = { .next = &kept };
	struct config *before;
	json_t *params;

	(void)state;
	run_config("tunnel t { hub h { nbma = 192.0.2.1 } }\ntunnel u { role = nhs }\n"
		   "tunnel v { role = nhs }");
	before = d.cfg;
	gone.cfg = d.cfg->tunnels[1];
	kept.cfg = d.cfg->tunnels[0];
	left.cfg = d.cfg->tunnels[2];
	left.state = TUNNEL_LEFT;
	d.tunnels = &left;
	write_config("tunnel t { hub h { nbma = 192.0.2.2 } }\ntunnel n { role = nhs }\n"
		     "tunnel v { role = nhs }");
	params = ask_well(request);
	assert_member(params, "added", "[\"n\"]");
	assert_member(params, "removed", "[\"u\"]");
	assert_member(params, "changed", "[\"t\", \"v\"]");
	assert_member(params, "differences",
		      "[{\"tunnel\": \"t\", \"path\": \"hub h.nbma\", \"from\": \"192.0.2.1\",\n"
		      " \"to\": \"192.0.2.2\", \"cost\":\n"
		      " \"registers anew with this hub: no data by it until it has answered\"},\n"
		      "{\"tunnel\": \"u\", \"path\": \"role\", \"from\": \"nhs\", \"cost\":\n"
		      " \"leaves: no data by this tunnel any more\"},\n"
		      "{\"tunnel\": \"n\", \"path\": \"role\", \"to\": \"nhs\"}]");
	json_decref(params);
	/* And all is as it was. */
	assert_ptr_equal(d.cfg, before);
	assert_ptr_equal(d.tunnels, &left);
	assert_false(gone.retiring);
	assert_int_equal(left.state, TUNNEL_LEFT);

	write_config("tunnel t {");
	assert_refused(request, "org.dvpn.InvalidConfig", false);
	assert_refused("{\"method\":\"org.dvpn.Reload\",\"parameters\":{\"dry_run\":1}}",
		       "org.varlink.service.InvalidParameter", false);
	assert_refused("{\"method\":\"org.dvpn.Status\",\"parameters\":{\"dry_run\":true}}",
		       "org.varlink.service.InvalidParameter", false);
	d.tunnels = NULL;
	unlink(config_name);
}

#define RELOAD(parameters) \
	"{\"method\":\"org.dvpn.Reload\",\"parameters\":{" parameters "}}"
#define CONFIRM "{\"method\":\"org.dvpn.Confirm\"}"

#define TUNNEL	"\ntunnel t { role = nhs }\n"

static struct tunnel only;

/* A tunnel that is not touched, and an option that is. */
static void run_level(const char *level)
{
	char text[128];

	snprintf(text, sizeof(text), "log-level = %s" TUNNEL, level);
	run_config(text);
	memset(&only, 0, sizeof(only));
	only.d = &d;
	only.cfg = d.cfg->tunnels[0];
	only.state = TUNNEL_UP;
	d.tunnels = &only;
}

/* The file changes, and so does what is in force, for at most so long. */
static void reload_for(const char *confirm_ms)
{
	char request[128];
	json_t *params;

	snprintf(request, sizeof(request), RELOAD("\"confirm_ms\":%s"), confirm_ms);
	run_level("error");
	write_config("log-level = warning" TUNNEL);
	params = ask_well(request);
	assert_member(params, "confirm_ms", confirm_ms);
	json_decref(params);
	assert_int_equal(d.cfg->log_level, LOG_WARNING);
}

static void goes_back(void **state)
{
	int watcher = connect_client();
	struct tunnel t = { .d = &d, .next = &only, .state = TUNNEL_LEFT };
	bool closed;
	json_t *root;

	(void)state;
	root = ask(watcher, "{\"method\":\"org.dvpn.Monitor\",\"more\":true}", &closed);
	json_decref(root);
	reload_for("50000");
	/* One that goes with the new configuration goes away again. */
	snprintf(t.cfg.name, sizeof(t.cfg.name), "new");
	d.tunnels = &t;
	/* One that was told to leave stays away: nobody has said anything else since. */
	only.state = TUNNEL_LEFT;
	ev_timer_stop(d.loop, &d.trial.timer);
	ev_invoke(d.loop, &d.trial.timer, EV_TIMER);
	assert_null(d.trial.before);
	assert_int_equal(d.cfg->log_level, LOG_ERR);
	assert_int_equal(only.state, TUNNEL_LEFT);
	only.state = TUNNEL_UP;
	assert_true(t.retiring);
	hear(watcher, reply, sizeof(reply), &closed);
	assert_non_null(strstr(reply, "\"event\":\"config-reverted\""));
	assert_non_null(strstr(reply, "\"tunnel\":\"new\""));
	assert_null(strstr(reply, "\"tunnel\":\"t\""));
	assert_non_null(strstr(reply, "\"state\":\"removed\""));
	d.tunnels = &only;
	/* There is nothing that could be confirmed, and another reload may come. */
	assert_refused(CONFIRM, "org.dvpn.NothingToConfirm", false);
	json_decref(ask_well(RELOAD("")));
	assert_int_equal(d.cfg->log_level, LOG_WARNING);
	close(watcher);
	d.tunnels = NULL;
	unlink(config_name);
}

static void go_back(void)
{
	ev_timer_stop(d.loop, &d.trial.timer);
	ev_invoke(d.loop, &d.trial.timer, EV_TIMER);
	assert_null(d.trial.before);
}

/* Its section goes, and comes back; it was away before, and is so again. */
static void goes_back_to_away(void **state)
{
	struct tunnel *other, *made;

	(void)state;
	run_level("error");
	only.state = TUNNEL_LEFT;
	write_config("tunnel other { role = nhs }");
	json_decref(ask_well(RELOAD("\"confirm_ms\":60000")));
	other = tunnel_find(&d, "other");
	assert_non_null(other);
	assert_true(only.retiring);
	go_back();
	made = tunnel_find(&d, "t");
	assert_non_null(made);
	assert_int_equal(made->state, TUNNEL_LEFT);
	tunnel_free(made);
	tunnel_free(other);
	d.tunnels = NULL;
	unlink(config_name);
}

/* The reload brings it back; nobody confirms that. */
static void leaves_again(void **state)
{
	struct tunnel *t;

	(void)state;
	run_config(TUNNEL);
	t = tunnel_new(&d, &d.cfg->tunnels[0], true);
	assert_non_null(t);
	write_config("log-level = warning" TUNNEL);
	json_decref(ask_well(RELOAD("\"confirm_ms\":60000")));
	assert_int_not_equal(t->state, TUNNEL_LEFT);
	go_back();
	assert_int_equal(t->state, TUNNEL_LEFT);
	tunnel_free(t);
	unlink(config_name);
}

static void stays(void **state)
{
	struct config *before;
	json_t *params;

	(void)state;
	reload_for("60000");
	before = d.trial.before;
	params = ask_well("{\"method\":\"org.dvpn.Status\"}");
	assert_in_range(json_integer_value(json_object_get(params, "unconfirmed_ms")), 1, 60001);
	json_decref(params);
	/* Meanwhile it may be asked what another one would do, and that is all. */
	write_config("log-level = debug" TUNNEL);
	assert_refused(RELOAD(""), "org.dvpn.Busy", false);
	assert_refused(RELOAD("\"confirm_ms\":1000"), "org.dvpn.Busy", false);
	json_decref(ask_well(RELOAD("\"dry_run\":true,\"confirm_ms\":1000")));
	assert_ptr_equal(d.trial.before, before);
	assert_int_equal(d.cfg->log_level, LOG_WARNING);
	json_decref(ask_well(CONFIRM));
	assert_null(d.trial.before);
	params = ask_well("{\"method\":\"org.dvpn.Status\"}");
	assert_null(json_object_get(params, "unconfirmed_ms"));
	json_decref(params);
	assert_int_equal(d.cfg->log_level, LOG_WARNING);
	assert_refused(CONFIRM, "org.dvpn.NothingToConfirm", false);
	d.tunnels = NULL;
	unlink(config_name);
}

/* A file with an error is neither in force nor to be confirmed; nor is a wrong time. */
static void no_trial(void **state)
{
	static const char *const bad[] = {
		RELOAD("\"confirm_ms\":0"), RELOAD("\"confirm_ms\":-1"),
		RELOAD("\"confirm_ms\":86400001"), RELOAD("\"confirm_ms\":1.5"),
		RELOAD("\"confirm_ms\":\"60\""), RELOAD("\"confirm_ms\":true"),
	};
	size_t i;

	(void)state;
	run_level("error");
	write_config("log-level = " TUNNEL);
	assert_refused(RELOAD("\"confirm_ms\":1000"), "org.dvpn.InvalidConfig", false);
	assert_null(d.trial.before);
	write_config("log-level = warning" TUNNEL);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(bad[i], "org.varlink.service.InvalidParameter", false);
	assert_int_equal(d.cfg->log_level, LOG_ERR);
	d.tunnels = NULL;
	unlink(config_name);
}

/* A tunnel that works is not given up for what the module cannot do. */
static void lacks_a_feature(void **state)
{
	struct config *before;
	json_t *params;

	(void)state;
	run_level("error");
	before = d.cfg;
	only.attached = true;
	only.features = ~DVPN_FEATURE_UNDERLAY6;
	write_config("tunnel t { role = nhs; map 10.0.0.1 { nbma = 2001:db8::1 } }");
	assert_refused(RELOAD("\"dry_run\":true"), "org.dvpn.InvalidConfig", false);
	assert_refused(RELOAD("\"confirm_ms\":1000"), "org.dvpn.InvalidConfig", false);
	assert_refused(RELOAD(""), "org.dvpn.InvalidConfig", false);
	assert_non_null(strstr(reply, ": tunnel t: the module cannot do underlay6: this kernel "));
	assert_ptr_equal(d.cfg, before);
	assert_null(d.trial.before);
	/* Whether one that does not work could is not known. */
	only.attached = false;
	params = ask_well(RELOAD("\"dry_run\":true"));
	assert_member(params, "changed", "[\"t\"]");
	json_decref(params);
	d.tunnels = NULL;
	unlink(config_name);
}

/* The daemon ends before it is confirmed: nothing is left, nothing is changed. */
static void ends_before(void **state)
{
	(void)state;
	reload_for("60000");
	reload_stop(&d);
	assert_null(d.trial.before);
	assert_int_equal(d.cfg->log_level, LOG_WARNING);
	d.tunnels = NULL;
	unlink(config_name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(running_config, setup, teardown),
		cmocka_unit_test_setup_teardown(reload_dry, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_back_to_away, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_again, setup, teardown),
		cmocka_unit_test_setup_teardown(stays, setup, teardown),
		cmocka_unit_test_setup_teardown(no_trial, setup, teardown),
		cmocka_unit_test_setup_teardown(lacks_a_feature, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_before, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
