// SPDX-License-Identifier: GPL-2.0
/* Notifications about the tables of a namespace. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <netlink/genl/ctrl.h>
#include <netlink/socket.h>

#include "lib/internal.h"

#define MON_RCVBUF	(1024 * 1024)

struct dvpn_mon {
	struct dvpn_sock sock;
	const struct dvpn_mon_ops *ops;
	void *ctx;
};

static int join(struct dvpn_sock *s)
{
	int group = genl_ctrl_resolve_grp(s->nl, DVPN_GENL_NAME, DVPN_GENL_MCGRP_TABLE);

	if (group < 0)
		return -ENOENT;
	if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return -errno;
	return 0;
}

int dvpn_mon_open(struct dvpn_mon **out, const struct dvpn_mon_ops *ops, void *ctx)
{
	struct dvpn_mon *m = calloc(1, sizeof(*m));
	int err;

	*out = NULL;
	if (!m)
		return -ENOMEM;
	err = dvpn_sock_open(&m->sock, NETLINK_GENERIC, MON_RCVBUF);
	if (err)
		goto fail;
	err = join(&m->sock);
	if (err)
		goto fail_open;
	m->ops = ops;
	m->ctx = ctx;
	*out = m;
	return 0;
fail_open:
	dvpn_sock_close(&m->sock);
fail:
	free(m);
	return err;
}

void dvpn_mon_close(struct dvpn_mon *m)
{
	if (!m)
		return;
	dvpn_sock_close(&m->sock);
	free(m);
}

int dvpn_mon_fd(const struct dvpn_mon *m)
{
	return m->sock.fd;
}

static int give_map(struct dvpn_mon *m, u8 cmd, const struct nlattr **tb)
{
	struct dvpn_map map;
	int err = dvpn_get_map_entry(tb, &map);

	if (err)
		return err;
	if (cmd == DVPN_CMD_MAP_NTF && m->ops->map)
		m->ops->map(&map, m->ctx);
	if (cmd == DVPN_CMD_MAP_DEL_NTF && m->ops->map_gone)
		m->ops->map_gone(&map, dvpn_get_u8(tb[DVPN_A_REASON]), m->ctx);
	return 0;
}

static int give_peer(struct dvpn_mon *m, u8 cmd, const struct nlattr **tb)
{
	struct dvpn_peer peer;
	int err = dvpn_get_peer_entry(tb, &peer);

	if (err)
		return err;
	if (cmd == DVPN_CMD_PEER_NTF && m->ops->peer)
		m->ops->peer(&peer, m->ctx);
	if (cmd == DVPN_CMD_PEER_DEL_NTF && m->ops->peer_gone)
		m->ops->peer_gone(&peer, dvpn_get_u8(tb[DVPN_A_REASON]), m->ctx);
	return 0;
}

static int mon_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct dvpn_mon *m = ctx;
	char text[DVPN_TEXT_MAX];
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd = 0;
	int err;

	if (nlh->nlmsg_type != m->sock.family)
		return 0;
	err = dvpn_parse_genl(nlh, &cmd, tb);
	if (!err && (cmd == DVPN_CMD_MAP_NTF || cmd == DVPN_CMD_MAP_DEL_NTF))
		err = give_map(m, cmd, tb);
	else if (!err && (cmd == DVPN_CMD_PEER_NTF || cmd == DVPN_CMD_PEER_DEL_NTF))
		err = give_peer(m, cmd, tb);
	if (err && m->ops->bad) {
		snprintf(text, sizeof(text), "the kernel sent a %s that makes no sense, ignored",
			 dvpn_name(DVPN_NAMES_CMD, cmd));
		m->ops->bad(text, m->ctx);
	}
	return 0;
}

int dvpn_mon_read(struct dvpn_mon *m, unsigned int max)
{
	return dvpn_sock_pump(&m->sock, max, mon_msg, m);
}
