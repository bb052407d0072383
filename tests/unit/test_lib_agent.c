// SPDX-License-Identifier: GPL-2.0
/* libdvpn's agent socket: a bind or an unbind always ends, whatever else comes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "played_kernel.h"

#define IFINDEX	2

#define ROOM	8

/**
 * struct play - what the kernel does, and what the agent was told
 * @bound: this socket is the agent
 * @lose: requests whose answers are still to be lost: events fill the buffer before
 * @events: what the agent was told
 */
static struct play {
	bool bound;
	unsigned int lose;
	unsigned int events;
} play;

static void queue_event(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(genlmsg_put(msg, 0, 0, PLAYED_FAMILY, 0, 0, DVPN_CMD_EVENT, 1));
	assert_int_equal(nla_put_u32(msg, DVPN_A_IFINDEX, IFINDEX), 0);
	assert_int_equal(nla_put_u8(msg, DVPN_A_EVENT, DVPN_EVENT_MISS), 0);
	played_queue(nlmsg_hdr(msg));
	nlmsg_free(msg);
}

static void queue_events(unsigned int n)
{
	while (n--)
		queue_event();
}

static void queue_bind_reply(unsigned int n)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(genlmsg_put(msg, 0, kernel.seq[n], PLAYED_FAMILY, 0, 0,
				    DVPN_CMD_AGENT_BIND, 1));
	assert_int_equal(nla_put_u32(msg, DVPN_A_FEATURES, 5), 0);
	assert_int_equal(nla_put_u32(msg, DVPN_A_GENERATION, 6), 0);
	played_queue(nlmsg_hdr(msg));
	nlmsg_free(msg);
}

/* As the kernel does: bind again and nothing changes, unbind again and there is nothing. */
static void answer(unsigned int n)
{
	int err = 0;

	if (play.lose) {
		play.lose--;
		queue_events(2 * ROOM);
	}
	if (kernel.cmd[n] == DVPN_CMD_AGENT_BIND) {
		play.bound = true;
		queue_bind_reply(n);
	} else {
		assert_int_equal(kernel.cmd[n], DVPN_CMD_AGENT_UNBIND);
		err = play.bound ? 0 : -ENOENT;
		play.bound = false;
	}
	played_ack(n, err);
}

static void told_frame(const struct dvpn_frame *frame, void *ctx)
{
	(void)frame;
	(void)ctx;
	fail_msg("there was no frame");
}

static void told_event(const struct dvpn_event_msg *event, void *ctx)
{
	(void)ctx;
	assert_int_equal(event->type, DVPN_EVENT_MISS);
	assert_int_equal(event->ifindex, IFINDEX);
	play.events++;
}

static const struct dvpn_agent_ops ops = { .frame = told_frame, .event = told_event };

static struct dvpn_agent *open_agent(void)
{
	struct dvpn_agent *a;

	played_start();
	kernel.room = ROOM;
	kernel.request = answer;
	memset(&play, 0, sizeof(play));
	assert_int_equal(dvpn_agent_open(&a, &ops, NULL), 0);
	return a;
}

static int bind_it(struct dvpn_agent *a)
{
	u32 features = 0, generation = 0;
	int err = dvpn_agent_bind(a, IFINDEX, DVPN_AGENT_EVENT, &features, &generation);

	if (!err) {
		assert_int_equal(features, 5);
		assert_int_equal(generation, 6);
		assert_string_equal(dvpn_agent_error(a), "");
	}
	return err;
}

static int unbind_it(struct dvpn_agent *a)
{
	return dvpn_agent_unbind(a, IFINDEX, DVPN_AGENT_EVENT);
}

static void test_bind(void **state)
{
	struct dvpn_agent *a = open_agent();

	(void)state;
	queue_events(3);
	assert_int_equal(bind_it(a), 0);
	assert_int_equal(kernel.n, 1);
	assert_true(dvpn_agent_backlog(a));
	assert_int_equal(dvpn_agent_read(a, 100), 0);
	assert_int_equal(play.events, 3);
	assert_false(dvpn_agent_backlog(a));
	assert_int_equal(unbind_it(a), 0);
	assert_int_equal(unbind_it(a), -ENOENT);
	assert_string_not_equal(dvpn_agent_error(a), "");
	dvpn_agent_close(a);
}

/* The loss was told already, and what was queued before it not yet read. */
static void test_overrun_before(void **state)
{
	struct dvpn_agent *a = open_agent();

	(void)state;
	queue_events(ROOM + 1);
	assert_int_equal(dvpn_agent_read(a, 1), -ENOBUFS);
	assert_int_equal(bind_it(a), 0);
	assert_int_equal(kernel.n, 1);
	assert_int_equal(dvpn_agent_read(a, 100), 0);
	assert_int_equal(play.events, ROOM);
	dvpn_agent_close(a);
}

/* It is told by the bind: that there was one may not be forgotten. */
static void test_overrun_untold(void **state)
{
	struct dvpn_agent *a = open_agent();

	(void)state;
	queue_events(ROOM + 1);
	assert_int_equal(bind_it(a), 0);
	assert_true(dvpn_agent_backlog(a));
	assert_int_equal(dvpn_agent_read(a, 100), -ENOBUFS);
	assert_int_equal(dvpn_agent_read(a, 100), 0);
	assert_int_equal(play.events, ROOM);
	dvpn_agent_close(a);
}

static void test_lost_answers(void **state)
{
	struct dvpn_agent *a = open_agent();

	(void)state;
	play.lose = 2;
	assert_int_equal(bind_it(a), 0);
	assert_int_equal(kernel.n, 3);
	assert_int_equal(dvpn_agent_read(a, 100), -ENOBUFS);

	/* Not the agent any more: that is what was asked for. */
	play.lose = 1;
	assert_int_equal(unbind_it(a), 0);
	assert_string_equal(dvpn_agent_error(a), "");
	assert_int_equal(kernel.n, 5);
	assert_false(play.bound);
	assert_int_equal(dvpn_agent_read(a, 100), -ENOBUFS);
	assert_int_equal(dvpn_agent_read(a, 100), 0);
	dvpn_agent_close(a);
}

/* The reply fits, the ack does not. */
static void test_half_an_answer(void **state)
{
	struct dvpn_agent *a = open_agent();

	(void)state;
	kernel.room = 1;
	assert_int_equal(bind_it(a), -ENOBUFS);
	assert_true(kernel.n > 1);
	assert_string_not_equal(dvpn_agent_error(a), "");
	kernel.room = ROOM;
	assert_int_equal(bind_it(a), 0);
	dvpn_agent_close(a);
}

static void test_never_answered(void **state)
{
	struct dvpn_agent *a = open_agent();

	(void)state;
	play.lose = 10;
	assert_int_equal(bind_it(a), -ENOBUFS);
	assert_in_range(kernel.n, 2, 9);
	play.lose = 10;
	assert_int_equal(unbind_it(a), -ENOBUFS);
	dvpn_agent_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_overrun_before),
		cmocka_unit_test(test_overrun_untold),
		cmocka_unit_test(test_lost_answers),
		cmocka_unit_test(test_half_an_answer),
		cmocka_unit_test(test_never_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
