// SPDX-License-Identifier: GPL-2.0
/* The control socket of dvpnd: the configuration that runs, and the file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(running_config, setup, teardown),
		cmocka_unit_test_setup_teardown(reload_dry, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
