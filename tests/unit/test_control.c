// SPDX-License-Identifier: GPL-2.0
/* The control socket of dvpnd: requests of every bad kind, limits, slow clients */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/methods.h"
#include "dvpnd/tunnel.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct daemon d;

static int setup(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	d.config_path = "/nonexistent/dvpnd.conf";
	d.cfg = calloc(1, sizeof(*d.cfg));
	d.loop = ev_loop_new(EVFLAG_AUTO);
	d.control = control_new(methods_handle, &d);
	control_start(d.control, d.loop);
	log_setup(-1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	control_free(d.control);
	ev_loop_destroy(d.loop);
	config_free(d.cfg);
	return 0;
}

/* A client of the server, as seen from its own side. */
static int connect_client(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_non_null(control_add_client(d.control, fds[1]));
	return fds[0];
}

static void turn(void)
{
	int i;

	for (i = 0; i < 20; i++)
		ev_run(d.loop, EVRUN_NOWAIT);
}

static void say(int fd, const char *text, size_t len)
{
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
	turn();
}

static void say_request(int fd, const char *request)
{
	say(fd, request, strlen(request) + 1);
}

/* What has been said to the client; *closed: the connection is gone. */
static size_t hear(int fd, char *buf, size_t size, bool *closed)
{
	size_t len = 0;
	ssize_t n;

	*closed = false;
	for (;;) {
		turn();
		n = recv(fd, buf + len, size - 1 - len, 0);
		if (n < 0)
			break;
		if (!n) {
			*closed = true;
			break;
		}
		len += n;
	}
	buf[len] = 0;
	return len;
}

static char reply[1 << 16];

/* One request, one reply, no more and no less. */
static json_t *ask(int fd, const char *request, bool *closed)
{
	size_t len;
	json_t *root;

	say_request(fd, request);
	len = hear(fd, reply, sizeof(reply), closed);
	assert_int_equal(len, strlen(reply) + 1);
	root = json_loads(reply, 0, NULL);
	assert_non_null(root);
	return root;
}

static void assert_refused(const char *request, const char *error, bool closes)
{
	int fd = connect_client();
	bool closed;
	json_t *root = ask(fd, request, &closed);
	json_t *params = json_object_get(root, "parameters");

	assert_string_equal(json_string_value(json_object_get(root, "error")), error);
	assert_true(json_string_length(json_object_get(params, "message")) > 0);
	assert_int_equal(closed, closes);
	json_decref(root);
	close(fd);
	turn();
}

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

static void monitor(void **state)
{
	int fd = connect_client(), other = connect_client(), i;
	const char *request = "{\"method\":\"org.dvpn.Monitor\",\"more\":true}";
	bool closed;
	json_t *root;

	(void)state;
	assert_false(control_has_subscribers(d.control));
	root = ask(fd, request, &closed);
	json_decref(root);
	assert_string_equal(reply, "{\"parameters\":{\"monitoring\":true},\"continues\":true}");
	assert_true(control_has_subscribers(d.control));
	control_publish(d.control, "t", json_pack("{s:s}", "event", "x"));
	hear(fd, reply, sizeof(reply), &closed);
	assert_string_equal(reply, "{\"parameters\":{\"event\":\"x\"},\"continues\":true}");
	/* What it says after that is neither answered nor kept. */
	for (i = 0; i < 10; i++)
		say_request(fd, request);
	assert_int_equal(hear(fd, reply, sizeof(reply), &closed), 0);
	assert_false(closed);
	assert_int_equal(hear(other, reply, sizeof(reply), &closed), 0);
	close(fd);
	turn();
	assert_false(control_has_subscribers(d.control));
	close(other);
}

/* A client that never reads is dropped at the limit; another one notices nothing. */
static void does_not_read(void **state)
{
	int slow = connect_client(), good = connect_client(), i;
	bool closed;
	json_t *root;
	char *text = calloc(1, 60001);

	(void)state;
	memset(text, 'x', 60000);
	say_request(slow, "{\"method\":\"org.dvpn.Monitor\",\"more\":true}");
	for (i = 0; i < 60; i++) {
		control_publish(d.control, "t", json_pack("{s:s}", "event", text));
		turn();
	}
	assert_false(control_has_subscribers(d.control));
	root = ask(good, "{\"method\":\"org.dvpn.Status\"}", &closed);
	assert_false(closed);
	json_decref(root);
	free(text);
	close(slow);
	close(good);
}

struct numbers {
	struct stream s;
	int left;
	bool *freed;
};

static json_t *next_number(struct stream *s)
{
	struct numbers *n = (struct numbers *)s;

	return n->left ? json_pack("{s:i}", "n", n->left--) : NULL;
}

static void free_numbers(struct stream *s)
{
	struct numbers *n = (struct numbers *)s;

	*n->freed = true;
	free(n);
}

static int numbers_wanted;
static bool numbers_freed;

static void handle_numbers(struct client *cl, const struct request *req, void *ctx)
{
	struct numbers *n = calloc(1, sizeof(*n));

	(void)req;
	(void)ctx;
	numbers_freed = false;
	n->s.member = "numbers";
	n->s.next = next_number;
	n->s.free = free_numbers;
	n->left = numbers_wanted;
	n->freed = &numbers_freed;
	control_stream(cl, &n->s);
}

static void use_numbers(int count)
{
	control_free(d.control);
	d.control = control_new(handle_numbers, NULL);
	control_start(d.control, d.loop);
	numbers_wanted = count;
}

/* A table comes in parts, each once, the last one without "continues". */
static void long_table(void **state)
{
	static char all[8 << 20];
	int fd, entries = 0, messages = 0;
	bool closed, more = true;
	const char *p;
	size_t len;

	(void)state;
	use_numbers(100000);
	fd = connect_client();
	say_request(fd, "{\"method\":\"a\",\"more\":true}");
	/* Nobody has read: no more is made than is asked for. */
	assert_false(numbers_freed);
	len = hear(fd, all, sizeof(all), &closed);
	for (p = all; p < all + len; p += strlen(p) + 1) {
		json_t *root = json_loads(p, 0, NULL);
		json_t *list = json_object_get(json_object_get(root, "parameters"), "numbers");

		assert_true(more);
		assert_true(json_array_size(list) <= CONTROL_CHUNK);
		entries += json_array_size(list);
		more = json_is_true(json_object_get(root, "continues"));
		messages++;
		json_decref(root);
	}
	assert_false(more);
	assert_int_equal(entries, 100000);
	assert_true(messages >= 100000 / CONTROL_CHUNK);
	assert_true(numbers_freed);
	close(fd);
}

static void table_without_more(void **state)
{
	bool closed;
	json_t *root;
	int fd;

	(void)state;
	use_numbers(1000);
	fd = connect_client();
	root = ask(fd, "{\"method\":\"a\"}", &closed);
	assert_int_equal(json_array_size(json_object_get(json_object_get(root, "parameters"),
							 "numbers")), 1000);
	json_decref(root);
	numbers_wanted = 200000;
	root = ask(fd, "{\"method\":\"a\"}", &closed);
	assert_string_equal(json_string_value(json_object_get(root, "error")),
			    "org.dvpn.TooLarge");
	assert_false(closed);
	json_decref(root);
	close(fd);
}

static void gone_in_the_middle(void **state)
{
	int fd;

	(void)state;
	use_numbers(100000);
	fd = connect_client();
	say_request(fd, "{\"method\":\"a\",\"more\":true}");
	assert_false(numbers_freed);
	close(fd);
	turn();
	assert_true(numbers_freed);
}

static int connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		close(fd);
		return -errno;
	}
	return fd;
}

static void socket_file(void **state)
{
	char dir[] = "/tmp/test_control.XXXXXX", path[64];
	struct control *second;
	struct stat st;
	int fds[CONTROL_CLIENTS_MAX + CONTROL_CLIENTS_RESERVED + 1], i;
	int last = CONTROL_CLIENTS_MAX + CONTROL_CLIENTS_RESERVED;
	bool closed;

	(void)state;
	assert_non_null(mkdtemp(dir));
	sprintf(path, "%s/sock", dir);
	assert_int_equal(control_listen(d.control, path, ""), 0);
	control_start(d.control, d.loop);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	/* A second daemon must not take the socket away. */
	second = control_new(methods_handle, &d);
	assert_int_equal(control_listen(second, path, ""), -EADDRINUSE);
	control_free(second);
	assert_int_equal(access(path, F_OK), 0);
	turn();

	for (i = 0; i <= last; i++) {
		/* Who may only look has fewer; nobody but root can be somebody else. */
		if (i == CONTROL_CLIENTS_MAX && !getuid()) {
			chmod(dir, 0755);
			chmod(path, 0666);
			assert_int_equal(seteuid(65534), 0);
			fds[i] = connect_to(path);
			assert_int_equal(seteuid(0), 0);
			turn();
			hear(fds[i], reply, sizeof(reply), &closed);
			assert_non_null(strstr(reply, "org.dvpn.TooMany"));
			assert_true(closed);
			close(fds[i]);
			turn();
		}
		fds[i] = connect_to(path);
		assert_true(fds[i] >= 0);
		turn();
	}
	hear(fds[last], reply, sizeof(reply), &closed);
	assert_non_null(strstr(reply, "org.dvpn.TooMany"));
	assert_true(closed);
	for (i = 0; i <= last; i++)
		close(fds[i]);

	/* What a crash left behind is replaced; what is no socket is not. */
	control_free(d.control);
	assert_int_equal(access(path, F_OK), -1);
	fds[0] = open(path, O_CREAT | O_WRONLY, 0600);
	close(fds[0]);
	d.control = control_new(methods_handle, &d);
	control_start(d.control, d.loop);
	assert_int_equal(control_listen(d.control, path, ""), -EEXIST);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);
	rmdir(dir);
}

/* Asks as another user; the exit status is 0 if it was refused and reading was not. */
static int ask_as_nobody(const char *path)
{
	static const char requests[] =
		"{\"method\":\"org.dvpn.Leave\"}\0{\"method\":\"org.dvpn.Reload\"}\0"
		"{\"method\":\"org.dvpn.Status\"}";
	const char *p = reply;
	size_t len = 0;
	int zeros = 0;
	int fd;

	if (setgid(65534) || setuid(65534))
		return 2;
	fd = connect_to(path);
	if (fd < 0 || send(fd, requests, sizeof(requests), 0) != sizeof(requests))
		return 3;
	fcntl(fd, F_SETFL, 0);
	while (zeros < 3) {
		if (recv(fd, reply + len, 1, 0) != 1)
			return 4;
		zeros += !reply[len++];
	}
	if (!strstr(p, "org.dvpn.PermissionDenied"))
		return 5;
	p += strlen(p) + 1;
	if (!strstr(p, "org.dvpn.PermissionDenied"))
		return 6;
	p += strlen(p) + 1;
	return strstr(p, "\"version\"") ? 0 : 7;
}

static void other_users_only_read(void **state)
{
	char dir[] = "/tmp/test_control.XXXXXX", path[64];
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	assert_non_null(mkdtemp(dir));
	sprintf(path, "%s/sock", dir);
	assert_int_equal(control_listen(d.control, path, "nogroup"), 0);
	control_start(d.control, d.loop);
	assert_int_equal(chmod(dir, 0755), 0);
	pid = fork();
	if (!pid)
		_exit(ask_as_nobody(path));
	while (!waitpid(pid, &status, WNOHANG))
		ev_run(d.loop, EVRUN_NOWAIT);
	assert_int_equal(status, 0);
	control_free(d.control);
	d.control = NULL;
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_form, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_method, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_parameters, setup, teardown),
		cmocka_unit_test_setup_teardown(long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(good_answers, setup, teardown),
	cmocka_unit_test_setup_teardown(explanations, setup, teardown),
		cmocka_unit_test_setup_teardown(running_config, setup, teardown),
		cmocka_unit_test_setup_teardown(reload_dry, setup, teardown),
		cmocka_unit_test_setup_teardown(in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(monitor, setup, teardown),
		cmocka_unit_test_setup_teardown(does_not_read, setup, teardown),
		cmocka_unit_test_setup_teardown(long_table, setup, teardown),
		cmocka_unit_test_setup_teardown(table_without_more, setup, teardown),
		cmocka_unit_test_setup_teardown(gone_in_the_middle, setup, teardown),
		cmocka_unit_test_setup_teardown(socket_file, setup, teardown),
		cmocka_unit_test_setup_teardown(other_users_only_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
