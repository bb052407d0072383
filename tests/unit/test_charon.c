// SPDX-License-Identifier: GPL-2.0
/* The connection to strongSwan, which is played here at the other end of a socket */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/charon.h"

#define CONFIRM		"\0\0\0\1\5"
#define UNKNOWN		"\0\0\0\1\6"
#define EMPTY_REPLY	"\0\0\0\1\1"
#define WAIT_S		20	/* at most, of what comes at once */

/**
 * struct play - both ends
 * @c: ours.
 * @listener: socket of the other one, -1: none.
 * @peer: connection at the other one, -1: none.
 * @ups: how often it was up.
 * @downs: how often it was said to be down, or to have another trouble.
 * @replies: answers.
 * @err: of the last one.
 * @event: last one.
 */
static struct play {
	struct ev_loop *loop;
	struct charon *c;
	char path[64];
	int listener;
	int peer;
	unsigned int ups;
	unsigned int downs;
	unsigned int replies;
	int err;
	char event[32];
} play;

static const char *const events[] = { "child-updown", "new-one", NULL };

static void on_up(void *ctx)
{
	assert_ptr_equal(ctx, &play);
	play.ups++;
}

static void on_down(void *ctx)
{
	(void)ctx;
	play.downs++;
}

static void on_event(const char *name, const void *body, size_t len, void *ctx)
{
	(void)body;
	(void)len;
	(void)ctx;
	snprintf(play.event, sizeof(play.event), "%s", name);
}

static void on_reply(int err, const void *body, size_t len, void *ctx)
{
	(void)body;
	(void)len;
	(void)ctx;
	play.replies++;
	play.err = err;
}

static const struct charon_ops ops = { .up = on_up, .down = on_down, .event = on_event };

static void stop_waiting(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	*(bool *)w->data = true;
	ev_break(loop, EVBREAK_ONE);
}

/* Run the loop until a number has grown to this. */
static void until(const unsigned int *number, unsigned int to)
{
	bool late = false;
	ev_timer limit;

	ev_timer_init(&limit, stop_waiting, WAIT_S, 0.);
	limit.data = &late;
	ev_timer_start(play.loop, &limit);
	while (*number < to && !late)
		ev_run(play.loop, EVRUN_ONCE);
	ev_timer_stop(play.loop, &limit);
	assert_int_equal(*number, to);
}

static void listen_there(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", play.path);
	unlink(play.path);
	play.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(play.listener >= 0);
	assert_int_equal(bind(play.listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(play.listener, 1), 0);
}

static void says(const char *bytes, size_t n)
{
	assert_int_equal(write(play.peer, bytes, n), n);
}

#define SAYS(text) says(text, sizeof(text) - 1)

/* The other end reads this. The loop runs meanwhile: it sends one request at a time. */
static void reads(const char *bytes, size_t n)
{
	char got[64];
	size_t have = 0;
	ssize_t more;

	assert_true(n <= sizeof(got));
	while (have < n) {
		more = recv(play.peer, got + have, n - have, MSG_DONTWAIT);
		if (more > 0)
			have += more;
		else
			ev_run(play.loop, EVRUN_ONCE);
	}
	assert_memory_equal(got, bytes, n);
}

#define READS(text) reads(text, sizeof(text) - 1)

static void poll_listener(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)revents;
	play.peer = accept(play.listener, NULL, NULL);
	ev_io_stop(loop, w);
}

static void accepts(void)
{
	ev_io io;

	play.peer = -1;
	ev_io_init(&io, poll_listener, play.listener, EV_READ);
	ev_io_start(play.loop, &io);
	while (play.peer < 0)
		ev_run(play.loop, EVRUN_ONCE);
}

/* All it takes to be up. */
static void greets(void)
{
	unsigned int ups = play.ups;

	accepts();
	READS("\0\0\0\16\3\14child-updown");
	SAYS(CONFIRM);
	READS("\0\0\0\11\3\7new-one");
	SAYS(UNKNOWN);
	until(&play.ups, ups + 1);
	assert_true(charon_is_up(play.c));
	assert_string_equal(charon_trouble(play.c), "");
}

static void hangs_up(void)
{
	close(play.peer);
	play.peer = -1;
}

static int begin(void **state)
{
	(void)state;
	memset(&play, 0, sizeof(play));
	snprintf(play.path, sizeof(play.path), "/tmp/dvpn-charon-%d", (int)getpid());
	play.loop = ev_default_loop(0);
	play.listener = -1;
	play.peer = -1;
	play.c = charon_new(play.loop, play.path, events, &ops, &play);
	assert_non_null(play.c);
	return 0;
}

static int end(void **state)
{
	(void)state;
	charon_free(play.c);
	if (play.listener >= 0)
		close(play.listener);
	if (play.peer >= 0)
		close(play.peer);
	unlink(play.path);
	return 0;
}

static void expect_trouble(const char *text)
{
	char all[CHARON_TROUBLE_MAX];

	snprintf(all, sizeof(all), text, play.path);
	assert_false(charon_is_up(play.c));
	assert_string_equal(charon_trouble(play.c), all);
}

static void not_there(void **state)
{
	(void)state;
	until(&play.downs, 1);
	expect_trouble("strongSwan is not running, nobody listens at %s: start it");
	assert_int_equal(charon_request(play.c, "stats", NULL, on_reply, NULL), -ENOTCONN);
	/* It is told once, and tried again. */
	listen_there();
	greets();
	assert_int_equal(play.downs, 1);
}

static void asked(void **state)
{
	(void)state;
	listen_there();
	greets();
	assert_int_equal(charon_request(play.c, "stats", NULL, on_reply, NULL), 0);
	READS("\0\0\0\7\0\5stats");
	SAYS("\0\0\0\16\7\14child-updown" EMPTY_REPLY);
	until(&play.replies, 1);
	assert_int_equal(play.err, 0);
	assert_string_equal(play.event, "child-updown");
}

static void hung_up(void **state)
{
	(void)state;
	listen_there();
	greets();
	assert_int_equal(charon_request(play.c, "stats", NULL, on_reply, NULL), 0);
	READS("\0\0\0\7\0\5stats");
	hangs_up();
	until(&play.replies, 1);
	assert_int_equal(play.err, -ECONNRESET);
	until(&play.downs, 1);
	assert_false(charon_is_up(play.c));
	greets();
	assert_int_equal(play.ups, 2);
}

static void gone_for_longer(void **state)
{
	(void)state;
	listen_there();
	greets();
	close(play.listener);
	play.listener = -1;
	hangs_up();
	until(&play.downs, 2);
	expect_trouble("strongSwan is not running, nobody listens at %s: start it");
}

/* Before it has confirmed anything: nobody else would say what is wrong. */
static void refuses_all(void **state)
{
	(void)state;
	listen_there();
	accepts();
	READS("\0\0\0\16\3\14child-updown");
	hangs_up();
	until(&play.downs, 1);
	expect_trouble("strongSwan ends each connection to %s: look at its log");
	/* It has not read what was sent: the kernel says so in another way, which is the same. */
	accepts();
	hangs_up();
	greets();
	assert_int_equal(play.downs, 1);
}

/* As hung_up(), but it has not read all. */
static void died(void **state)
{
	(void)state;
	listen_there();
	greets();
	assert_int_equal(charon_request(play.c, "stats", NULL, on_reply, NULL), 0);
	READS("\0\0");
	hangs_up();
	until(&play.replies, 1);
	assert_int_equal(play.err, -ECONNRESET);
	until(&play.downs, 1);
	assert_string_equal(charon_trouble(play.c), "");
	greets();
	assert_int_equal(play.ups, 2);
	assert_int_equal(play.downs, 1);
}

static void somebody_else(void **state)
{
	(void)state;
	listen_there();
	accepts();
	SAYS("HTTP/1.1 400 Bad Request\r\n\r\n");
	until(&play.downs, 1);
	expect_trouble("what listens at %s is not strongSwan's VICI");
	assert_int_equal(play.ups, 0);
}

static void no_right(void **state)
{
	uid_t uid = geteuid();

	(void)state;
	listen_there();
	assert_int_equal(chmod(play.path, 0), 0);
	/* The superuser has it in any case. */
	assert_int_equal(uid ? 0 : seteuid(65534), 0);
	until(&play.downs, 1);
	assert_int_equal(uid ? 0 : seteuid(uid), 0);
	expect_trouble("no right to use %s: charon-systemd in strongswan.conf needs group = dvpn");
}

/* In the real time of the limit: 10 s. */
static void silent(void **state)
{
	(void)state;
	listen_there();
	greets();
	assert_int_equal(charon_request(play.c, "stats", NULL, on_reply, NULL), 0);
	until(&play.replies, 1);
	assert_int_equal(play.err, -ETIMEDOUT);
	expect_trouble("strongSwan does not answer at %s");
}

/* What has been asked ends with it, once. */
static void freed(void **state)
{
	(void)state;
	listen_there();
	greets();
	assert_int_equal(charon_request(play.c, "stats", NULL, on_reply, NULL), 0);
	charon_free(play.c);
	play.c = NULL;
	assert_int_equal(play.replies, 1);
	assert_int_equal(play.err, -ECANCELED);
	assert_int_equal(play.downs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(not_there, begin, end),
		cmocka_unit_test_setup_teardown(asked, begin, end),
		cmocka_unit_test_setup_teardown(hung_up, begin, end),
		cmocka_unit_test_setup_teardown(gone_for_longer, begin, end),
		cmocka_unit_test_setup_teardown(refuses_all, begin, end),
		cmocka_unit_test_setup_teardown(died, begin, end),
		cmocka_unit_test_setup_teardown(somebody_else, begin, end),
		cmocka_unit_test_setup_teardown(no_right, begin, end),
		cmocka_unit_test_setup_teardown(silent, begin, end),
		cmocka_unit_test_setup_teardown(freed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
