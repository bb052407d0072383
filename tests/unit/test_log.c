// SPDX-License-Identifier: GPL-2.0
/* Log lines, as stderr and the journal get them */
#include <errno.h>
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
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/journal.h"
#include "dvpnd/log.h"

static int old_stderr, err_fds[2], journal = -1;
static char path[64];

/* stderr is a pipe, and if @is_journal what systemd says the journal's is. */
static void set_stderr(bool is_journal)
{
	char stream[64];
	struct stat st;

	assert_int_equal(pipe(err_fds), 0);
	assert_true(dup2(err_fds[1], STDERR_FILENO) >= 0);
	close(err_fds[1]);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	if (is_journal)
		setenv("JOURNAL_STREAM", stream, 1);
	else
		unsetenv("JOURNAL_STREAM");
}

/* What was written to it, which it then is no more. */
static const char *take_stderr(void)
{
	static char text[4096];
	ssize_t n;

	dup2(old_stderr, STDERR_FILENO);
	n = read(err_fds[0], text, sizeof(text) - 1);
	close(err_fds[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static const char *take_entry(void)
{
	static char text[4096];
	ssize_t n = recv(journal, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int setup(void **state)
{
	(void)state;
	old_stderr = dup(STDERR_FILENO);
	snprintf(path, sizeof(path), "/tmp/test_log.%d", getpid());
	return old_stderr < 0;
}

static int teardown(void **state)
{
	(void)state;
	if (journal >= 0)
		close(journal);
	unlink(path);
	return 0;
}

static const struct log_about about = {
	.address = "192.168.40.0/24", .nbma = "2001:db8::1", .reason = "",
};

static void to_a_terminal(void **state)
{
	const char *text;

	(void)state;
	set_stderr(false);
	log_setup(LOG_NOTICE);
	log_event(LOG_WARNING, "dvpn0", "conflict", &about, "a\033[2J");
	log_line(LOG_INFO, "dvpn0", NULL, "not of interest");
	text = take_stderr();
	assert_non_null(strstr(text, " warning: dvpn0: conflict: a?[2J\n"));
	assert_null(strstr(text, "interest"));
	assert_null(strstr(text, "2001:db8"));
}

/* There is no journal behind its name: what systemd reads from stderr is left. */
static void journal_that_is_not_there(void **state)
{
	struct journal_field f = { "MESSAGE", "x" };

	(void)state;
	assert_false(journal_open("/nonexistent/socket"));
	assert_int_equal(journal_send(&f, 1), -ENOTCONN);
	if (journal_open(JOURNAL_SOCKET))
		skip();		/* a machine with systemd */
	set_stderr(true);
	log_setup(LOG_NOTICE);
	log_event(LOG_WARNING, "dvpn0", "conflict", &about, "a");
	assert_string_equal(take_stderr(), "<4>dvpn0: conflict: a\n");
}

static void to_the_journal(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)state;
	if (journal_open("/nonexistent/socket"))
		skip();		/* connected to the real one above */
	memcpy(sun.sun_path, path, strlen(path) + 1);
	journal = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(journal, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_true(journal_open(path));
	set_stderr(true);
	log_setup(LOG_NOTICE);
	log_event(LOG_WARNING, "dvpn0", "conflict", &about, "a\nMESSAGE=b");
	assert_string_equal(take_entry(),
			    "MESSAGE=dvpn0: conflict: a?MESSAGE=b\nPRIORITY=4\n"
			    "SYSLOG_IDENTIFIER=dvpnd\nDVPN_TUNNEL=dvpn0\nDVPN_EVENT=conflict\n"
			    "DVPN_ADDRESS=192.168.40.0/24\nDVPN_NBMA=2001:db8::1\n");
	log_err("%s", "out of memory");
	assert_string_equal(take_entry(),
			    "MESSAGE=out of memory\nPRIORITY=3\nSYSLOG_IDENTIFIER=dvpnd\n");
	assert_string_equal(take_stderr(), "");
}

/* It is full, or has gone: nobody waits, and the line is written as before. */
static void journal_that_does_not_read(void **state)
{
	struct journal_field f[JOURNAL_FIELDS_MAX + 1] = { { "MESSAGE", "x" } };
	unsigned int i;

	(void)state;
	if (journal < 0)
		skip();
	assert_int_equal(journal_send(f, JOURNAL_FIELDS_MAX + 1), -E2BIG);
	for (i = 0; i < 1000000 && !journal_send(f, 1); i++)
		;
	assert_int_equal(journal_send(f, 1), -EAGAIN);
	set_stderr(true);
	log_setup(LOG_NOTICE);
	log_err("full");
	close(journal);
	journal = -1;
	log_err("gone");
	assert_string_equal(take_stderr(), "<3>full\n<3>gone\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_a_terminal),
		cmocka_unit_test(journal_that_is_not_there),
		cmocka_unit_test(to_the_journal),
		cmocka_unit_test(journal_that_does_not_read),
	};

	return cmocka_run_group_tests_name("log", tests, setup, teardown);
}
