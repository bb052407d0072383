// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnctl from its command line to its exit status, against a dvpnd that says what it is told
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define main dvpnctl_main
#include "../../user/dvpnctl/main.c"
#undef main

#define WORDS_MAX	8

static char dir[32];
static char socket_path[64];

/* What a run of dvpnctl came to. */
/* What the fake daemon was asked last. */
static int asked = -1;

static struct {
	int status;
	char request[512];
	char out[8192];
	char err[4096];
} result;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_ctl.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(socket_path, sizeof(socket_path), "%s/sock", dir);
	asked = memfd_create("asked", 0);
	return asked < 0 ? -1 : 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(socket_path);
	close(asked);
	return rmdir(dir);
}

/* Accepts one client, says @len bytes whatever it asks, and closes. */
static pid_t fake_daemon(const char *reply, size_t len)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), client;
	char request[512];
	ssize_t n;
	pid_t pid;

	memcpy(sun.sun_path, socket_path, strlen(socket_path) + 1);
	unlink(socket_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	client = accept(fd, NULL, NULL);
	n = read(client, request, sizeof(request));
	if (n > 0 && pwrite(asked, request, n, 0) == n &&
	    write(client, reply, len) == (ssize_t)len)
		shutdown(client, SHUT_WR);
	/* Until the client has read all of it. */
	while (read(client, request, sizeof(request)) > 0)
		;
	_exit(0);
}

static void slurp(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	close(fd);
}

/* dvpnctl --socket SOCKET @line, in a process of its own; @out -1: kept. */
static void run_to(const char *line, int out)
{
	int err = memfd_create("err", 0), kept = memfd_create("out", 0), status;
	char words[256], *argv[WORDS_MAX + 4] = { "dvpnctl", "--socket", socket_path };
	size_t argc = 3;
	pid_t pid;
	char *word;

	snprintf(words, sizeof(words), "%s", line);
	for (word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc < WORDS_MAX + 3);
		argv[argc++] = word;
	}
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(out < 0 ? kept : out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		optind = 1;
		_exit(dvpnctl_main(argc, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	result.status = WEXITSTATUS(status);
	slurp(kept, result.out, sizeof(result.out));
	slurp(err, result.err, sizeof(result.err));
}

static void run(const char *line)
{
	run_to(line, -1);
}

static void run_with(const char *line, const char *reply, size_t len)
{
	pid_t pid = fake_daemon(reply, len);

	run(line);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* It ends with a NUL. */
	assert_true(pread(asked, result.request, sizeof(result.request), 0) > 0);
	unlink(socket_path);
}

#define run_reply(line, reply) run_with(line, reply, sizeof(reply))

static void assert_printed(const char *text)
{
	assert_int_equal(result.status, EXIT_OK);
	assert_string_equal(result.out, text);
}

static void usage(void **state)
{
	static const struct {
		const char *line;
		const char *error;
	} rows[] = {
		{ "", "Usage:" },
		{ "stauts", "did you mean \"status\"?" },
		{ "maps", "did you mean \"show maps\"?" },
		{ "show", "show what?" },
		{ "show peer", "did you mean \"peers\"?" },
		{ "show routes", "unknown table \"routes\"; see" },
		{ "frobnicate", "unknown command \"frobnicate\"; see" },
		{ "--jsno status", "did you mean \"--json\"?" },
		{ "-x status", "unknown option -x" },
		{ "--json=1 status", "used wrongly" },
		{ "status --socket", "needs a value" },
		{ "show nhs --kernel", "leave --kernel out" },
		{ "reload dvpn0", "takes no tunnel" },
		{ "show running-config dvpn0", "takes no tunnel" },
		{ "show running-config --kernel", "leave --kernel out" },
		{ "show runing-config", "did you mean \"running-config\"?" },
		{ "status --dry-run", "--dry-run is for reload and clear" },
		{ "show maps --diff", "--diff is for show running-config" },
		{ "why", "an IPv4 or IPv6 address is missing" },
		{ "why spoke2", "\"spoke2\" is no IPv4 or IPv6 address" },
		{ "why 192.0.2.1/24", "is no IPv4 or IPv6 address" },
		{ "why 192.0.2.1 dvpn0 x", "unexpected \"x\"" },
		{ "wy 192.0.2.1", "did you mean \"why\"?" },
		{ "trace peer", "peer what? an IPv4 or IPv6 address is missing" },
		{ "trace address spoke2", "\"spoke2\" is no IPv4 or IPv6 address" },
		{ "trace dvpn0 dvpn1", "unexpected \"dvpn1\"" },
		{ "trace peer 192.0.2.1 dvpn0 peer 192.0.2.2", "unexpected \"peer\"" },
		{ "trace sixteen_letters_", "is no tunnel" },
		{ "monitor --follow", "--follow is for trace" },
		{ "reload --confirm 0", "--confirm takes 1 to 86400 seconds" },
		{ "reload --confirm 1m", "--confirm takes" },
		{ "reload -c -1", "--confirm takes" },
		{ "reload -c 99999999999999999999", "--confirm takes" },
		{ "confirm dvpn0", "confirm takes no tunnel" },
		{ "metrics --json", "metrics has a format of its own" },
		{ "metrics --kernel", "leave --kernel out" },
		{ "status -c 5", "--confirm is for reload" },
		{ "clear", "clear what?" },
		{ "clear pear 192.0.2.1", "did you mean \"peer\"?" },
		{ "clear map", "clear which map?" },
		{ "clear map 192.0.2.1 dvpn0 x", "unexpected \"x\"" },
		{ "clear map 192.0.2.1 sixteen_letters_", "is no tunnel" },
		{ "show maps a b", "unexpected \"b\"" },
		{ "status sixteen_letters_", "is no tunnel" },
		{ "\033[2J", "\\x1b[2J" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		run(rows[i].line);
		assert_int_equal(result.status, EXIT_USAGE);
		assert_string_equal(result.out, "");
		if (!strstr(result.err, rows[i].error))
			fail_msg("\"%s\": %s", rows[i].line, result.err);
	}
}

static void help(void **state)
{
	static const char *const lines[] = { "help", "--help", "-h" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		run(lines[i]);
		assert_int_equal(result.status, EXIT_OK);
		assert_string_equal(result.out, usage_text);
	}
	run("--version");
	assert_string_equal(result.out, "dvpnctl " DVPN_VERSION "\n");
}

static void not_running(void **state)
{
	static const char *const lines[] = {
		"show nhs", "show shortcuts", "show running-config", "monitor", "leave", "trace",
		"metrics",
		"reload", "why 192.0.2.1"
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		run(lines[i]);
		assert_int_equal(result.status, EXIT_NOT_RUNNING);
		assert_string_equal(result.out, "");
		assert_non_null(strstr(result.err, "start it with: systemctl start dvpnd"));
	}
}

static void tables_in_parts(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"maps\": [{\"protocol\": \"10.0.0.2\"}]}, \"continues\": true}\0"
		"{\"parameters\": {\"maps\": []}, \"continues\": true}\0"
		"{\"parameters\": {\"maps\": [{\"protocol\": \"10.0.0.1\"}]}}";
	json_t *json;

	(void)state;
	run_reply("show maps", reply);
	assert_int_equal(result.status, EXIT_OK);
	assert_non_null(strstr(result.out, "10.0.0.1"));
	assert_true(strstr(result.out, "10.0.0.1") < strstr(result.out, "10.0.0.2"));

	run_reply("show maps --json", reply);
	json = json_loads(result.out, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(json, "maps")), 2);
	assert_string_equal(json_string_value(json_object_get(json, "source")), "dvpnd");
	json_decref(json);
}

/* The tables get parts that do not belong together, or none. */
static void broken_tables(void **state)
{
	static const char *const replies[] = {
		"{\"parameters\": {}}",
		"{\"parameters\": {\"peers\": []}}",
		"{\"parameters\": {\"maps\": {}}}",
		"{\"parameters\": {\"maps\": 1}}",
		"[]",
		"nonsense",
	};
	static const char second[] =
		"{\"parameters\": {\"maps\": []}, \"continues\": true}\0"
		"{\"parameters\": {\"maps\": null}}";
	static const char no_end[] =
		"{\"parameters\": {\"maps\": []}, \"continues\": true}";
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		run_with("show maps", replies[i], strlen(replies[i]) + 1);
		assert_int_equal(result.status, EXIT_BROKEN);
		assert_string_equal(result.out, "");
		assert_non_null(strstr(result.err, "dvpnctl: "));
	}
	run_reply("show maps", second);
	assert_int_equal(result.status, EXIT_BROKEN);
	run_reply("show maps", no_end);
	assert_int_equal(result.status, EXIT_BROKEN);
	assert_non_null(strstr(result.err, "closed the connection"));
}

static void refused(void **state)
{
	static const char reply[] =
		"{\"error\": \"org.dvpn.InvalidConfig\", \"parameters\":\n"
		" {\"message\": \"the file has an error\", \"errors\": [\"f:3: no\", 5]}}";
	json_t *json;

	(void)state;
	run_reply("reload", reply);
	assert_int_equal(result.status, EXIT_REFUSED);
	assert_string_equal(result.err, "dvpnctl: the file has an error\n  f:3: no\n");
	assert_string_equal(result.out, "");

	run_reply("--json reload", reply);
	assert_int_equal(result.status, EXIT_REFUSED);
	json = json_loads(result.out, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(json, "error")),
			    "org.dvpn.InvalidConfig");
	json_decref(json);
}

static void running_config(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"text\": \"user = a\\n\", \"differences\":\n"
		" [{\"path\": \"user\", \"from\": \"a\", \"to\": \"b\"}]}}";
	static const char no_file[] =
		"{\"parameters\": {\"text\": \"user = a\\n\", \"reason\": \"no file\"}}";

	(void)state;
	run_reply("show running-config", reply);
	assert_printed("user = a\n");
	run_reply("show running-config --diff", reply);
	assert_printed("user: a -> b\n");
	assert_string_equal(result.err, "");

	run_reply("show running-config", no_file);
	assert_printed("user = a\n");
	run_reply("show running-config --diff", no_file);
	assert_int_equal(result.status, EXIT_REFUSED);
	assert_string_equal(result.out, "");
	assert_string_equal(result.err, "dvpnctl: no file\n");
}

static void reload_tells(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"added\": [], \"removed\": [], \"changed\": [], \"differences\":\n"
		" [{\"path\": \"user\", \"from\": \"a\", \"to\": \"b\", \"cost\": \"c\"}]}}";
	static const char nothing[] = "{\"parameters\": {\"differences\": []}}";
	static const char trial[] =
		"{\"parameters\": {\"changed\": [\"a\"], \"confirm_ms\": 60000}}";
	static const char empty[] = "{\"parameters\": {}}";

	(void)state;
	run_reply("reload --dry-run", reply);
	assert_printed("user: a -> b (c)\n");
	assert_non_null(strstr(result.request, "\"dry_run\":true"));
	run_reply("reload", reply);
	assert_printed("user: a -> b (c)\n");
	assert_null(strstr(result.request, "dry_run"));
	run_reply("reload -n", nothing);
	assert_printed("nothing has changed\n");
	assert_null(strstr(result.request, "confirm"));
	run_reply("reload --confirm 60", trial);
	assert_printed("changed a\ngoes back in 1m00s unless confirmed: dvpnctl confirm\n");
	assert_non_null(strstr(result.request, "\"confirm_ms\":60000"));
	run_reply("confirm", empty);
	assert_printed("the configuration stays\n");
	assert_non_null(strstr(result.request, "\"org.dvpn.Confirm\""));
}

static void explanations(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"sentence\": \"there\\u001b is\", \"tunnel\": \"dvpn0\",\n"
		" \"fib\": {\"protocol\": \"2001:db8::\", \"prefix_length\": 32, \"exit\": \"dvpn0\",\n"
		"  \"table\": 254},\n"
		" \"kernel\": {\"verdict\": \"nhs\", \"protocol\": \"2001:db8::1\",\n"
		"  \"prefix_length\": 128, \"peer\": {\"encap\": \"gre\", \"nbma\": \"192.0.2.9\"}},\n"
		" \"agent\": {\"state\": \"up\", \"reason\": \"r\",\n"
		"  \"shortcut\": {\"protocol\": \"2001:db8::7\", \"state\": \"resolving\"}}}}";
	static const char elsewhere[] =
		"{\"parameters\": {\"sentence\": \"not by a tunnel\"}}";
	static const char empty[] = "{\"parameters\": {\"kernel\": 1, \"agent\": []}}";

	(void)state;
	run_reply("why 2001:db8::7", reply);
	assert_int_equal(result.status, EXIT_OK);
	assert_string_equal(result.out,
			    "there\\x1b is\n"
			    "\n"
			    "ROUTE          EXIT   TABLE\n"
			    "2001:db8::/32  dvpn0    254\n"
			    "\n"
			    "KERNEL  PROTOCOL     NBMA\n"
			    "nhs     2001:db8::1  192.0.2.9\n"
			    "\n"
			    "AGENT  REASON\n"
			    "up     r\n"
			    "\n"
			    "PROTOCOL     STATE\n"
			    "2001:db8::7  resolving\n");
	assert_non_null(strstr(result.request, "\"address\":\"2001:db8::7\""));
	assert_null(strstr(result.request, "tunnel"));
	run_reply("why 192.0.2.1 dvpn0", elsewhere);
	assert_printed("not by a tunnel\n");
	assert_non_null(strstr(result.request, "\"tunnel\":\"dvpn0\""));
	run_reply("why 192.0.2.1", empty);
	assert_printed("-\n");
	run_reply("why --json 192.0.2.1", elsewhere);
	assert_printed("{\n  \"sentence\": \"not by a tunnel\"\n}\n");
}

static void events(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"monitoring\": true}, \"continues\": true}\0"
		"{\"parameters\": {\"tunnel\": \"dvpn0\", \"event\": \"hub-up\",\n"
		" \"message\": \"registered\"}, \"continues\": true}";

	(void)state;
	run_reply("monitor", reply);
	assert_int_equal(result.status, EXIT_BROKEN);
	assert_non_null(strstr(result.out, "dvpn0  hub-up              registered\n"));
	assert_non_null(strstr(result.err, "closed the connection"));
}

static void traces(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"trace\": [{\"tunnel\": \"dvpn0\", \"time_ms\": 1763719200007,\n"
		"  \"event\": \"spoke-up\", \"message\": \"new\"}]}, \"continues\": true}\0"
		"{\"parameters\": {\"trace\": [{\"tunnel\": \"dvpn1\", \"time_ms\": 1763719200005,\n"
		"  \"direction\": \"in\", \"peer\": {\"encap\": \"gre\", \"nbma\": \"192.0.2.9\"},\n"
		"  \"decision\": \"refused\", \"message\": \"the table is full\",\n"
		"  \"lines\": [\"Purge Request\", 5, \"a\\u001b\"]}, 5, {}]}}";
	static const char live[] =
		"{\"parameters\": {\"tracing\": true}, \"continues\": true}\0"
		"{\"parameters\": {\"tunnel\": \"dvpn0\", \"time_ms\": 1763719200007,\n"
		" \"direction\": \"out\", \"decision\": \"sent\"}, \"continues\": true}";

	(void)state;
	setenv("TZ", "UTC", 1);
	run_reply("trace", reply);
	assert_printed("10:00:00.005  dvpn1  in   192.0.2.9  refused: the table is full\n"
		       "    Purge Request\n"
		       "    -\n"
		       "    a\\x1b\n"
		       "10:00:00.007  dvpn0  spoke-up            new\n");
	assert_non_null(strstr(result.request, "\"org.dvpn.ShowTrace\""));
	run_reply("trace dvpn0 peer 192.0.2.9 address 2001:db8::7", reply);
	assert_non_null(strstr(result.request, "\"tunnel\":\"dvpn0\""));
	assert_non_null(strstr(result.request, "\"peer\":\"192.0.2.9\""));
	assert_non_null(strstr(result.request, "\"address\":\"2001:db8::7\""));
	run_reply("trace address 2001:db8::7 -f", live);
	assert_int_equal(result.status, EXIT_BROKEN);
	assert_string_equal(result.out, "10:00:00.007  dvpn0  out    sent\n");
	assert_non_null(strstr(result.request, "\"org.dvpn.Trace\""));
	assert_non_null(strstr(result.request, "\"address\":\"2001:db8::7\""));
}

static void clears(void **state)
{
	static const char reply[] =
		"{\"parameters\": {\"cleared\": [{\"tunnel\": \"dvpn0\", \"what\": \"shortcut\",\n"
		" \"protocol\": \"192.168.40.0\", \"prefix_length\": 24, \"peer\": {\"encap\": \"gre\",\n"
		" \"nbma\": \"192.0.2.9\"}, \"cost\": \"c\\n\"}, {\"what\": 5}]}}";

	(void)state;
	run_reply("clear shortcut 192.168.40.7 dvpn0", reply);
	assert_printed("cleared shortcut 192.168.40.0/24 at 192.0.2.9 (dvpn0): c\\x0a\n"
		       "cleared  ()\n");
	assert_non_null(strstr(result.request, "\"what\":\"shortcut\""));
	assert_non_null(strstr(result.request, "\"name\":\"192.168.40.7\""));
	assert_non_null(strstr(result.request, "\"tunnel\":\"dvpn0\""));
	assert_null(strstr(result.request, "dry_run"));
	run_reply("clear hub paris -n", reply);
	assert_non_null(strstr(result.request, "\"dry_run\":true"));
	assert_int_equal(strncmp(result.out, "would clear shortcut", 20), 0);
}

static void output_that_fails(void **state)
{
	static const char reply[] = "{\"parameters\": {\"added\": [], \"removed\": []}}";
	int full = open("/dev/full", O_WRONLY), fds[2];
	pid_t pid;

	(void)state;
	assert_true(full >= 0);
	pid = fake_daemon(reply, sizeof(reply));
	run_to("reload", full);
	close(full);
	waitpid(pid, NULL, 0);
	assert_int_equal(result.status, EXIT_REFUSED);
	assert_non_null(strstr(result.err, "cannot write: No space left"));

	/* Whoever read it has gone: nothing is wrong. */
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	pid = fake_daemon(reply, sizeof(reply));
	run_to("reload", fds[1]);
	close(fds[1]);
	waitpid(pid, NULL, 0);
	assert_int_equal(result.status, EXIT_OK);
	assert_string_equal(result.err, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage),
		cmocka_unit_test(help),
		cmocka_unit_test(not_running),
		cmocka_unit_test(tables_in_parts),
		cmocka_unit_test(broken_tables),
		cmocka_unit_test(refused),
		cmocka_unit_test(running_config),
		cmocka_unit_test(reload_tells),
		cmocka_unit_test(explanations),
		cmocka_unit_test(events),
		cmocka_unit_test(traces),
		cmocka_unit_test(clears),
		cmocka_unit_test(output_that_fails),
	};

	return cmocka_run_group_tests_name("dvpnctl as a program", tests, make_dir, remove_dir);
}
