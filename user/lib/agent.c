// SPDX-License-Identifier: GPL-2.0
/* The agent's socket: binding to devices, frames and events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/msg.h>

#include "lib/internal.h"

/* Some thousand frames with their overhead: a hub whose spokes all come at once. */
#define AGENT_RCVBUF	(8 * 1024 * 1024)
/* More messages than the kernel, which takes twice the size, can queue in that. */
#define QUEUE_MAX	(2 * AGENT_RCVBUF / 256)
#define BIND_ATTEMPTS	3

/**
 * struct kept - a message that came while an answer was waited for
 * @next: the one that came after it
 * @nlh: the message
 */
struct kept {
	struct kept *next;
	struct nlmsghdr nlh[];
};

/**
 * struct dvpn_agent - an agent's socket
 * @sock: the socket
 * @ops: whom to call
 * @ctx: for @ops
 * @kept: what came during a bind, oldest first
 * @kept_tail: where to hang the next one
 * @overrun: the receive buffer overran during a bind
 * @error: what went wrong in the last bind or unbind
 */
struct dvpn_agent {
	struct dvpn_sock sock;
	const struct dvpn_agent_ops *ops;
	void *ctx;
	struct kept *kept;
	struct kept **kept_tail;
	bool overrun;
	char error[DVPN_TEXT_MAX + 64];
};

/**
 * struct bind_answer - what AGENT_BIND says
 * @agent: whose
 * @seq: of the request
 * @features: of the module
 * @generation: of the table
 * @err: the kernel's answer, or what was wrong with it
 * @replied: features and generation came
 * @done: the ack came
 * @text: the kernel's explanation
 */
struct bind_answer {
	struct dvpn_agent *agent;
	u32 seq;
	u32 features;
	u32 generation;
	int err;
	bool replied;
	bool done;
	char text[DVPN_TEXT_MAX];
};

int dvpn_agent_open(struct dvpn_agent **out, const struct dvpn_agent_ops *ops, void *ctx)
{
	struct dvpn_agent *a = calloc(1, sizeof(*a));
	int err;

	*out = NULL;
	if (!a)
		return -ENOMEM;
	err = dvpn_sock_open(&a->sock, NETLINK_GENERIC, AGENT_RCVBUF);
	if (err) {
		free(a);
		return err;
	}
	a->ops = ops;
	a->ctx = ctx;
	a->kept_tail = &a->kept;
	*out = a;
	return 0;
}

void dvpn_agent_close(struct dvpn_agent *a)
{
	if (!a)
		return;
	while (a->kept) {
		struct kept *k = a->kept;

		a->kept = k->next;
		free(k);
	}
	dvpn_sock_close(&a->sock);
	free(a);
}

int dvpn_agent_fd(const struct dvpn_agent *a)
{
	return a->sock.fd;
}

const char *dvpn_agent_error(const struct dvpn_agent *a)
{
	return a->error;
}

bool dvpn_agent_backlog(const struct dvpn_agent *a)
{
	return a->kept || a->overrun;
}

static int keep(struct dvpn_agent *a, const struct nlmsghdr *nlh)
{
	struct kept *k = malloc(sizeof(*k) + nlh->nlmsg_len);

	if (!k)
		return -ENOMEM;
	k->next = NULL;
	memcpy(k->nlh, nlh, nlh->nlmsg_len);
	*a->kept_tail = k;
	a->kept_tail = &k->next;
	return 0;
}

static void take_bind_reply(struct bind_answer *answer, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd;

	if (dvpn_parse_genl(nlh, &cmd, tb) || !tb[DVPN_A_FEATURES] || !tb[DVPN_A_GENERATION])
		return;
	answer->features = dvpn_get_u32(tb[DVPN_A_FEATURES]);
	answer->generation = dvpn_get_u32(tb[DVPN_A_GENERATION]);
	answer->replied = true;
}

static int bind_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct bind_answer *answer = ctx;
	struct dvpn_agent *a = answer->agent;

	if (nlh->nlmsg_type == a->sock.family && nlh->nlmsg_seq != answer->seq)
		return keep(a, nlh);
	if (nlh->nlmsg_seq != answer->seq)
		return 0;
	if (nlh->nlmsg_type == a->sock.family) {
		take_bind_reply(answer, nlh);
	} else if (nlh->nlmsg_type == NLMSG_ERROR) {
		answer->err = dvpn_parse_ack(nlh, a->sock.family, answer->text);
		answer->done = true;
	}
	return 0;
}

/* Takes what is queued, until the answer is there. More than QUEUE_MAX were not queued. */
static int take_queued(struct dvpn_agent *a, struct bind_answer *answer)
{
	unsigned int left = QUEUE_MAX;
	int err = 0;

	while (!err && !answer->done && left--) {
		int len = dvpn_sock_recv(&a->sock, false);

		if (len == -EAGAIN)
			break;
		if (len == -ENOBUFS)
			a->overrun = true;
		else
			err = len < 0 ? len : dvpn_walk(a->sock.buf, len, bind_msg, answer);
	}
	return err;
}

/* Return: 0 if the kernel answered, -ENOBUFS if its answer was lost, ... */
static int bind_attempt(struct dvpn_agent *a, u8 cmd, unsigned int ifindex, u32 classes,
			struct bind_answer *answer)
{
	struct dvpn_build b;
	struct nl_msg *msg;
	int err;

	memset(answer, 0, sizeof(*answer));
	answer->agent = a;
	answer->seq = a->sock.seq + 1;
	/* A socket that overran is sent nothing, answers neither, until its queue is empty. */
	err = take_queued(a, answer);
	if (err)
		return err;
	dvpn_build_start(&b, a->sock.family, cmd, NLM_F_ACK, DVPN_ENTRY_ROOM);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, ifindex);
	dvpn_put_u32(&b, DVPN_A_AGENT_CLASSES, classes);
	msg = dvpn_build_end(&b, &err);
	if (!msg)
		return err;
	err = dvpn_sock_send(&a->sock, msg);
	/* The kernel answers within the send: what is not queued now will never be. */
	if (!err)
		err = take_queued(a, answer);
	if (!err && !answer->done)
		err = -ENOBUFS;
	return err;
}

static int bind_request(struct dvpn_agent *a, u8 cmd, unsigned int ifindex, u32 classes,
			struct bind_answer *answer)
{
	int attempt = 0;
	int err;

	a->error[0] = '\0';
	do {
		err = bind_attempt(a, cmd, ifindex, classes, answer);
	} while (err == -ENOBUFS && ++attempt < BIND_ATTEMPTS);
	if (!err)
		err = answer->err;
	/* It was done when the answer that was lost said so. */
	if (err == -ENOENT && attempt && cmd == DVPN_CMD_AGENT_UNBIND)
		err = 0;
	if (!err && cmd == DVPN_CMD_AGENT_BIND && !answer->replied)
		err = -EBADMSG;
	if (err)
		snprintf(a->error, sizeof(a->error), "%s: %s", dvpn_name(DVPN_NAMES_CMD, cmd),
			 answer->text[0] ? answer->text : strerror(-err));
	return err;
}

int dvpn_agent_bind(struct dvpn_agent *a, unsigned int ifindex, u32 classes, u32 *features,
		    u32 *generation)
{
	struct bind_answer answer = {};
	int err;

	err = bind_request(a, DVPN_CMD_AGENT_BIND, ifindex, classes, &answer);
	if (features)
		*features = answer.features;
	if (generation)
		*generation = answer.generation;
	return err;
}

int dvpn_agent_unbind(struct dvpn_agent *a, unsigned int ifindex, u32 classes)
{
	struct bind_answer answer = {};

	return bind_request(a, DVPN_CMD_AGENT_UNBIND, ifindex, classes, &answer);
}

static void bad_message(struct dvpn_agent *a, u8 cmd)
{
	char text[DVPN_TEXT_MAX];

	if (!a->ops->bad)
		return;
	snprintf(text, sizeof(text), "the kernel sent a %s that makes no sense, ignored",
		 dvpn_name(DVPN_NAMES_CMD, cmd));
	a->ops->bad(text, a->ctx);
}

static int agent_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct dvpn_agent *a = ctx;
	struct dvpn_event_msg event;
	struct dvpn_frame frame;
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd = 0;
	int err;

	if (nlh->nlmsg_type != a->sock.family)
		return 0;
	err = dvpn_parse_genl(nlh, &cmd, tb);
	if (!err && cmd == DVPN_CMD_FRAME) {
		err = dvpn_get_frame(tb, &frame);
		if (!err)
			a->ops->frame(&frame, a->ctx);
	} else if (!err && cmd == DVPN_CMD_EVENT) {
		err = dvpn_get_event(tb, &event);
		if (!err)
			a->ops->event(&event, a->ctx);
	}
	if (err)
		bad_message(a, cmd);
	return 0;
}

int dvpn_agent_read(struct dvpn_agent *a, unsigned int max)
{
	while (a->kept && max) {
		struct kept *k = a->kept;

		a->kept = k->next;
		if (!a->kept)
			a->kept_tail = &a->kept;
		agent_msg(k->nlh, a);
		free(k);
		max--;
	}
	if (a->overrun) {
		a->overrun = false;
		return -ENOBUFS;
	}
	return dvpn_sock_pump(&a->sock, max, agent_msg, a);
}
