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
		{ "status --dry-run", "--dry-run is for reload" },
		{ "show maps --diff", "--diff is for show running-config" },
		{ "why", "an IPv4 or IPv6 address is missing" },
		{ "why spoke2", "\"spoke2\" is no IPv4 or IPv6 address" },
		{ "why 192.0.2.1/24", "is no IPv4 or IPv6 address" },
		{ "why 192.0.2.1 dvpn0 x", "unexpected \"x\"" },
		{ "wy 192.0.2.1", "did you mean \"why\"?" },
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
		"show nhs", "show shortcuts", "show running-config", "monitor", "leave",
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

	(void)state;
	run_reply("reload --dry-run", reply);
	assert_printed("user: a -> b (c)\n");
	assert_non_null(strstr(result.request, "\"dry_run\":true"));
	run_reply("reload", reply);
	assert_printed("user: a -> b (c)\n");
	assert_null(strstr(result.request, "dry_run"));
	run_reply("reload -n", nothing);
	assert_printed("nothing has changed\n");
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
		cmocka_unit_test(output_that_fails),
	};

	return cmocka_run_group_tests_name("dvpnctl as a program", tests, make_dir, remove_dir);
}
