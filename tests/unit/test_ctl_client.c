// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnctl: the client side of the control socket, against canned replies
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnctl/client.h"
#include "nhrp/types.h"
#include "test_ctl.h"

/* A client whose dvpnd has already said @len bytes; @fd is dvpnd's end. */
static struct client canned(const char *bytes, size_t len, int *fd)
{
	struct client client;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[1], bytes, len), len);
	client_init(&client, fds[0]);
	*fd = fds[1];
	return client;
}

static void good_replies(void **state)
{
	static const char bytes[] =
		"{\"parameters\": {\"n\": 1}, \"continues\": true}\0"
		"{\"parameters\": {\"n\": 2}}\0"
		"{}";
	json_t *parameters;
	struct client client;
	bool continues;
	int fd, n;

	(void)state;
	client = canned(bytes, sizeof(bytes), &fd);
	for (n = 1; n <= 2; n++) {
		assert_int_equal(client_receive(&client, &parameters,
						&continues), CLIENT_OK);
		assert_int_equal(json_integer_value(json_object_get(parameters,
								    "n")), n);
		assert_int_equal(continues, n == 1);
		json_decref(parameters);
	}
	assert_int_equal(client_receive(&client, &parameters, NULL), CLIENT_OK);
	assert_int_equal(json_object_size(parameters), 0);
	json_decref(parameters);
	close(fd);
	assert_int_equal(client_receive(&client, &parameters, NULL),
			 CLIENT_CLOSED);
	assert_null(parameters);
	client_close(&client);
}

static void refusals(void **state)
{
	static const struct {
		const char *reply;
		const char *text;
	} rows[] = {
		{ "{\"error\": \"org.dvpn.NoSuchTunnel\", \"parameters\":\n"
		  " {\"message\": \"no tunnel \\\"dvpn9\\\"\"}}",
		  "no tunnel \"dvpn9\"" },
		{ "{\"error\": \"org.dvpn.Failed\"}", "org.dvpn.Failed" },
		{ "{\"error\": \"\\u001b]0;x\\u0007\"}", "\\x1b]0;x\\x07" },
		{ "{\"error\": \"org.varlink.service.MethodNotFound\",\n"
		  " \"parameters\": {\"message\": \"m\"}}", "older" },
		{ "{\"error\": \"x\", \"parameters\": {\"message\": 7}}",
		  "refused" },
	};
	json_t *parameters;
	struct client client;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		client = canned(rows[i].reply, strlen(rows[i].reply) + 1, &fd);
		assert_int_equal(client_receive(&client, &parameters, NULL),
				 CLIENT_REFUSED);
		assert_null(parameters);
		assert_non_null(strstr(client.error, rows[i].text));
		assert_non_null(client.refusal);
		client_close(&client);
		close(fd);
	}
}

#define FRAME(text) { text "\0", sizeof(text) }

static void malformed_replies(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		FRAME(""), FRAME("x"), FRAME("{"), FRAME("[]"), FRAME("5"),
		FRAME("null"), FRAME("\"s\""), FRAME("{}{}"),
		FRAME("{\"a\": 1, \"a\": 2}"), FRAME("{\"parameters\": []}"),
		FRAME("{\"parameters\": null}"), FRAME("{\"error\": 5}"),
		FRAME("{\"error\": null}"), FRAME("{\"x\": \"\xff\"}"),
		FRAME("{\"parameters\": {\"n\": 99999999999999999999}}"),
		FRAME("{\"x\": \"\\u0000\"}"),
		FRAME("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":\n"
		      "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":\n"
		      "{\"a\":{}}}}}}}}}}}}}}}}}}"),
	};
	json_t *parameters;
	struct client client;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		client = canned(rows[i].bytes, rows[i].len, &fd);
		if (client_receive(&client, &parameters, NULL) != CLIENT_BROKEN)
			fail_msg("accepted: %s", rows[i].bytes);
		assert_null(parameters);
		assert_true(*client.error);
		client_close(&client);
		close(fd);
	}
}

static void cut_at_every_byte(void **state)
{
	static const char reply[] = "{\"parameters\": {\"maps\": [{\"id\": 1}]}}";
	json_t *parameters;
	struct client client;
	size_t len;
	int fd;

	(void)state;
	for (len = 0; len < sizeof(reply); len++) {
		client = canned(reply, len, &fd);
		close(fd);
		assert_int_equal(client_receive(&client, &parameters, NULL),
				 CLIENT_CLOSED);
		assert_true(!len == !strstr(client.error, "middle"));
		client_close(&client);
	}
}

static void endless_reply(void **state)
{
	struct client client;
	json_t *parameters;
	char blanks[4096];
	int fd;

	(void)state;
	memset(blanks, ' ', sizeof(blanks));
	client = canned(blanks, sizeof(blanks), &fd);
	client.reply_max = sizeof(blanks);
	assert_int_equal(client_receive(&client, &parameters, NULL),
			 CLIENT_BROKEN);
	assert_non_null(strstr(client.error, "larger than 4096 bytes"));
	client_close(&client);
	close(fd);
}

/* A reply that just fits, in a buffer that has to grow for it. */
static void large_reply(void **state)
{
	const size_t len = 100000;
	char *bytes = malloc(len);
	struct client client;
	json_t *parameters;
	int fd;

	(void)state;
	memset(bytes, ' ', len);
	memcpy(bytes, "{\"parameters\": {}", 17);
	bytes[len - 2] = '}';
	bytes[len - 1] = '\0';
	client = canned(bytes, len, &fd);
	client.reply_max = len;
	assert_int_equal(client_receive(&client, &parameters, NULL), CLIENT_OK);
	json_decref(parameters);
	client_close(&client);
	close(fd);
	free(bytes);
}

static void silent_daemon(void **state)
{
	struct client client;
	json_t *parameters;
	int fd;

	(void)state;
	client = canned("{", 1, &fd);
	client.timeout_ms = 10;
	assert_int_equal(client_receive(&client, &parameters, NULL),
			 CLIENT_BROKEN);
	assert_non_null(strstr(client.error, "did not answer"));
	client_close(&client);
	close(fd);
}

static void sent_calls(void **state)
{
	json_t *parameters = json_pack("{s:s}", "tunnel", "dvpn0"), *call;
	struct client client;
	char bytes[256];
	ssize_t n;
	int fd;

	(void)state;
	client = canned("", 0, &fd);
	assert_int_equal(client_send(&client, "org.dvpn.ShowMaps", parameters,
				     true), CLIENT_OK);
	n = read(fd, bytes, sizeof(bytes));
	assert_true(n > 1);
	assert_int_equal(bytes[n - 1], '\0');
	assert_int_equal(strlen(bytes), n - 1);
	call = json_loads(bytes, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(call, "method")),
			    "org.dvpn.ShowMaps");
	assert_true(json_equal(json_object_get(call, "parameters"),
			       parameters));
	assert_true(json_is_true(json_object_get(call, "more")));
	json_decref(call);
	json_decref(parameters);

	/* Nothing that would be refused as unknown. */
	assert_int_equal(client_send(&client, "org.dvpn.Status", NULL, false),
			 CLIENT_OK);
	n = read(fd, bytes, sizeof(bytes));
	assert_string_equal(bytes, "{\"method\":\"org.dvpn.Status\"}");

	close(fd);
	assert_int_equal(client_send(&client, "org.dvpn.Status", NULL, false),
			 CLIENT_CLOSED);
	client_close(&client);
}

static void no_daemon(void **state)
{
	char dir[] = "/tmp/test_ctl.XXXXXX", path[64], longest[200];
	struct client client;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	client_init(&client, -1);
	assert_int_equal(client_connect(&client, path), CLIENT_NOT_RUNNING);
	assert_non_null(strstr(client.error, path));
	assert_non_null(strstr(client.error, "systemctl start dvpnd"));
	client_close(&client);
	rmdir(dir);

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	client_init(&client, -1);
	assert_int_equal(client_connect(&client, longest), CLIENT_BROKEN);
	assert_non_null(strstr(client.error, "longer than"));
	client_close(&client);
}

int test_ctl_client(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_replies),
		cmocka_unit_test(refusals),
		cmocka_unit_test(malformed_replies),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(endless_reply),
		cmocka_unit_test(large_reply),
		cmocka_unit_test(silent_daemon),
		cmocka_unit_test(sent_calls),
		cmocka_unit_test(no_daemon),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("dvpnctl client", tests, NULL, NULL);
}
