// SPDX-License-Identifier: GPL-2.0
/* The control socket of dvpnd: requests, good ones and of every bad kind */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "control_client.h"

static void bad_form(void **state)
{
	static const char *const requests[] = {
		"", "x", "{", "[]", "3", "null", "\"org.dvpn.Status\"", "{}", "{\"method\":3}",
		"{\"method\":null}", "{\"Method\":\"org.dvpn.Status\"}",
		"{\"method\":\"org.dvpn.Status\",\"method\":\"org.dvpn.Status\"}",
		"{\"method\":\"org.dvpn.Status\",\"parameters\":[]}",
		"{\"method\":\"org.dvpn.Status\",\"parameters\":null}",
		"{\"method\":\"org.dvpn.Status\",\"more\":1}",
		"{\"method\":\"org.dvpn.Status\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"org.dvpn.Status\",\"else\":1}",
		"{\"method\":\"org.dvpn.Status\"} x", "{\"method\":\"\\ud800\"}",
		"{\"method\":\"\xff\"}", "{\"method\":\"a\\u0000b\"}",
		"{\"parameters\":{\"a\":[[[[[[[[[[1]]]]]]]]]]}}",
		"{\"parameters\":{\"a\":1e999}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		assert_refused(requests[i], "org.dvpn.InvalidRequest", true);
}

static void bad_method(void **state)
{
	(void)state;
	assert_refused("{\"method\":\"org.dvpn.Nothing\"}",
		       "org.varlink.service.MethodNotFound", false);
	assert_refused("{\"method\":\"org.dvpn.status\"}",
		       "org.varlink.service.MethodNotFound", false);
	assert_refused("{\"method\":\"org.varlink.service.Get\"}",
		       "org.varlink.service.MethodNotFound", false);
	assert_refused("{\"method\":\"Status\"}", "org.varlink.service.InterfaceNotFound", false);
	assert_refused("{\"method\":\"\"}", "org.varlink.service.InterfaceNotFound", false);
	assert_refused("{\"method\":\"com.example.Status\"}",
		       "org.varlink.service.InterfaceNotFound", false);
	assert_refused("{\"method\":\"org.dvpn.Monitor\"}", "org.varlink.service.ExpectedMore",
		       false);
}

static void bad_parameters(void **state)
{
	(void)state;
	assert_refused("{\"method\":\"org.dvpn.Status\",\"parameters\":{\"tunnel\":3}}",
		       "org.varlink.service.InvalidParameter", false);
	assert_refused("{\"method\":\"org.dvpn.Status\",\"parameters\":{\"x\":\"y\"}}",
		       "org.varlink.service.InvalidParameter", false);
	assert_refused("{\"method\":\"org.dvpn.Reload\",\"parameters\":{\"tunnel\":\"a\"}}",
		       "org.varlink.service.InvalidParameter", false);
	assert_refused("{\"method\":\"org.dvpn.ShowMaps\",\"parameters\":{\"tunnel\":\"a\"}}",
		       "org.dvpn.NoSuchTunnel", false);
	assert_refused("{\"method\":\"org.dvpn.Reload\"}", "org.dvpn.InvalidConfig", false);
}

/* A name that is cut in the middle of a character must not spoil the reply. */
static void long_names(void **state)
{
	char request[4096];
	int shift;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		char *p = request + sprintf(request, "{\"method\":\"org.dvpn.%.*s", shift, "xxx");
		int i;

		for (i = 0; i < 600; i++)
			p += sprintf(p, "\xe2\x82\xac");
		sprintf(p, "\"}");
		assert_refused(request, "org.varlink.service.MethodNotFound", false);
	}
}

static void good_answers(void **state)
{
	static const char *const methods[][2] = {
		{ "org.dvpn.Status", "tunnels" }, { "org.dvpn.ShowMaps", "maps" },
		{ "org.dvpn.ShowPeers", "peers" }, { "org.dvpn.ShowNhs", "nhs" },
		{ "org.dvpn.ShowShortcuts", "shortcuts" },
		{ "org.dvpn.ShowCounters", "tunnels" },
		{ "org.varlink.service.GetInfo", "interfaces" },
	};
	int fd = connect_client();
	char request[128];
	bool closed;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		json_t *root;

		sprintf(request, "{\"method\":\"%s\",\"parameters\":{}}", methods[i][0]);
		root = ask(fd, request, &closed);
		assert_false(closed);
		assert_null(json_object_get(root, "continues"));
		assert_true(json_is_array(json_object_get(json_object_get(root, "parameters"),
							  methods[i][1])));
		json_decref(root);
	}
	close(fd);
}

#define CLEAR(parameters) "{\"method\":\"org.dvpn.Clear\",\"parameters\":{" parameters "}}"

static void bad_clears(void **state)
{
	static const char *const bad[] = {
		CLEAR(""), CLEAR("\"name\":\"192.0.2.1\""), CLEAR("\"what\":\"map\""),
		CLEAR("\"what\":\"maps\",\"name\":\"192.0.2.1\""),
		CLEAR("\"what\":3,\"name\":\"192.0.2.1\""),
		CLEAR("\"what\":\"map\",\"name\":[]"),
		CLEAR("\"what\":\"map\",\"name\":\"spoke1\""),
		CLEAR("\"what\":\"shortcut\",\"name\":\"192.0.2.0/33\""),
		CLEAR("\"what\":\"peer\",\"name\":\"192.0.2.0/24\""),
		CLEAR("\"what\":\"map\",\"name\":\"192.0.2.1\",\"dry_run\":1"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(bad[i], "org.varlink.service.InvalidParameter", false);
	assert_refused(CLEAR("\"what\":\"map\",\"name\":\"192.0.2.1\""),
		       "org.dvpn.NoSuchEntry", false);
	assert_refused(CLEAR("\"what\":\"hub\",\"name\":\"paris\""), "org.dvpn.NoSuchEntry",
		       false);
}

#define WHY "{\"method\":\"org.dvpn.Why\",\"parameters\":"

/* What cannot be explained, and what needs neither tunnel nor kernel. */
static void explanations(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"address\":3}", "{\"address\":\"x\"}", "{\"address\":\"192.0.2.0/24\"}",
		"{\"address\":null}", "{\"address\":\"224.0.0.5\"}",
		"{\"address\":\"fe80::1\"}", "{\"address\":\"192.0.2.1\",\"addr\":1}",
		"{\"address\":\"192.0.2.1\",\"tunnel\":3}",
		"{\"address\":\"192.0.2.1\",\"dry_run\":true}",
	};
	int fd = connect_client();
	char request[128];
	bool closed;
	json_t *root;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(request, sizeof(request),
			 "{\"method\":\"org.dvpn.Why\",\"parameters\":%s}", bad[i]);
		assert_refused(request, "org.varlink.service.InvalidParameter", false);
	}
	assert_refused(WHY "{\"address\":\"192.0.2.1\",\"tunnel\":\"x\"}}",
		       "org.dvpn.NoSuchTunnel", false);
	assert_refused("{\"method\":\"org.dvpn.Status\",\"parameters\":{\"address\":\"::1\"}}",
		       "org.varlink.service.InvalidParameter", false);
	root = ask(fd, "{\"method\":\"org.dvpn.Why\",\"parameters\":{\"address\":\"2001:db8::1\"}}",
		   &closed);
	assert_string_equal(json_string_value(json_object_get(json_object_get(root, "parameters"),
							      "sentence")),
			    "2001:db8::1 is not reached: no route leads there");
	json_decref(root);
	close(fd);
}

static void in_order(void **state)
{
	static const char requests[] =
		"{\"method\":\"org.dvpn.Status\"}\0{\"method\":\"org.dvpn.Nope\"}\0"
		"{\"method\":\"org.dvpn.Status\",\"oneway\":true}\0"
		"{\"method\":\"org.dvpn.ShowMaps\",\"more\":true}";
	int fd = connect_client();
	const char *second, *third;
	bool closed;
	size_t i;

	(void)state;
	/* However it is cut. */
	for (i = 0; i < sizeof(requests); i++)
		say(fd, requests + i, 1);
	hear(fd, reply, sizeof(reply), &closed);
	second = reply + strlen(reply) + 1;
	third = second + strlen(second) + 1;
	assert_non_null(strstr(reply, "\"version\""));
	assert_non_null(strstr(second, "MethodNotFound"));
	assert_string_equal(third, "{\"parameters\":{\"maps\":[]}}");
	assert_false(closed);
	close(fd);
}

static void too_long(void **state)
{
	static char request[CONTROL_REQUEST_MAX];
	int fd = connect_client();
	bool closed;

	(void)state;
	memset(request, ' ', sizeof(request));
	say(fd, request, sizeof(request) / 2);
	say(fd, request, sizeof(request) / 2);
	hear(fd, reply, sizeof(reply), &closed);
	assert_non_null(strstr(reply, "the request is too long"));
	assert_true(closed);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_form, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_method, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_parameters, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_clears, setup, teardown),
		cmocka_unit_test_setup_teardown(long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(good_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(explanations, setup, teardown),
		cmocka_unit_test_setup_teardown(in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
