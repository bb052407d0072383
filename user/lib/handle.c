// SPDX-License-Identifier: GPL-2.0
/* Synchronous requests: dumps, one entry, lookup. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/msg.h>

#include "lib/internal.h"

#define HANDLE_RCVBUF	(256 * 1024)
/* A table that changes all the time never gives a dump that it did not change under. */
#define DUMP_ATTEMPTS	5

struct dvpn_handle {
	struct dvpn_sock sock;
	char text[DVPN_TEXT_MAX];
	char error[DVPN_TEXT_MAX + 64];
};

int dvpn_open(struct dvpn_handle **out)
{
	struct dvpn_handle *h = calloc(1, sizeof(*h));
	int err;

	*out = NULL;
	if (!h)
		return -ENOMEM;
	err = dvpn_sock_open(&h->sock, NETLINK_GENERIC, HANDLE_RCVBUF);
	if (err) {
		free(h);
		return err;
	}
	*out = h;
	return 0;
}

void dvpn_close(struct dvpn_handle *h)
{
	if (!h)
		return;
	dvpn_sock_close(&h->sock);
	free(h);
}

const char *dvpn_error(const struct dvpn_handle *h)
{
	return h->error;
}

/* Sends what was built; keeps in words what went wrong. */
static int request(struct dvpn_handle *h, struct dvpn_build *b, u8 cmd, dvpn_msg_fn fn, void *ctx)
{
	struct nl_msg *msg;
	int err;

	h->text[0] = '\0';
	h->error[0] = '\0';
	msg = dvpn_build_end(b, &err);
	if (msg)
		err = dvpn_transact(&h->sock, msg, fn, ctx, h->text);
	if (err < 0)
		snprintf(h->error, sizeof(h->error), "%s: %s", dvpn_name(DVPN_NAMES_CMD, cmd),
			 h->text[0] ? h->text : strerror(-err));
	return err;
}

/**
 * struct dump - entries being collected
 * @cmd: what the messages of the answer must be
 * @get: reads one entry
 * @size: bytes of an entry
 * @entries: array
 * @n: entries in it
 * @room: entries that fit
 */
struct dump {
	u8 cmd;
	int (*get)(const struct nlattr **tb, void *entry);
	size_t size;
	char *entries;
	size_t n;
	size_t room;
};

static int dump_msg(const struct nlmsghdr *nlh, void *ctx)
{
	struct dump *d = ctx;
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd;
	int err;

	err = dvpn_parse_genl(nlh, &cmd, tb);
	if (err)
		return err;
	if (cmd != d->cmd)
		return -EBADMSG;
	if (d->n == d->room) {
		size_t room = d->room ? 2 * d->room : 64;
		char *entries = reallocarray(d->entries, room, d->size);

		if (!entries)
			return -ENOMEM;
		d->entries = entries;
		d->room = room;
	}
	err = d->get(tb, d->entries + d->n * d->size);
	if (!err)
		d->n++;
	return err;
}

static int dump(struct dvpn_handle *h, struct dump *d, unsigned int ifindex, void *out, size_t *n)
{
	int attempt, err;

	for (attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
		struct dvpn_build b;

		d->n = 0;
		dvpn_build_start(&b, h->sock.family, d->cmd, NLM_F_DUMP, DVPN_ENTRY_ROOM);
		if (ifindex)
			dvpn_put_u32(&b, DVPN_A_IFINDEX, ifindex);
		err = request(h, &b, d->cmd, dump_msg, d);
		if (err <= 0)
			break;
	}
	if (err < 0) {
		free(d->entries);
		d->entries = NULL;
		d->n = 0;
	}
	memcpy(out, &d->entries, sizeof(d->entries));
	*n = d->n;
	return err;
}

static int get_map(const struct nlattr **tb, void *entry)
{
	return dvpn_get_map_entry(tb, entry);
}

static int get_peer(const struct nlattr **tb, void *entry)
{
	return dvpn_get_peer_entry(tb, entry);
}

static int get_group(const struct nlattr **tb, void *entry)
{
	return dvpn_get_group(tb, entry);
}

static int get_dev(const struct nlattr **tb, void *entry)
{
	return dvpn_get_dev(tb, entry);
}

int dvpn_dump_maps(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_map **out, size_t *n)
{
	struct dump d = { .cmd = DVPN_CMD_MAP_GET, .get = get_map, .size = sizeof(**out) };

	return dump(h, &d, ifindex, out, n);
}

int dvpn_dump_peers(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_peer **out,
		    size_t *n)
{
	struct dump d = { .cmd = DVPN_CMD_PEER_GET, .get = get_peer, .size = sizeof(**out) };

	return dump(h, &d, ifindex, out, n);
}

int dvpn_dump_groups(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_group **out,
		     size_t *n)
{
	struct dump d = { .cmd = DVPN_CMD_GROUP_GET, .get = get_group, .size = sizeof(**out) };

	return dump(h, &d, ifindex, out, n);
}

int dvpn_dump_devs(struct dvpn_handle *h, struct dvpn_dev **out, size_t *n)
{
	struct dump d = { .cmd = DVPN_CMD_DEV_GET, .get = get_dev, .size = sizeof(**out) };

	return dump(h, &d, 0, out, n);
}

/* One entry as the answer to one request. */
static int get_one(struct dvpn_handle *h, struct dvpn_build *b, struct dump *d, void *entry)
{
	int err = request(h, b, d->cmd, dump_msg, d);

	if (!err && d->n != 1) {
		err = -EBADMSG;
		snprintf(h->error, sizeof(h->error), "%s: %zu entries came instead of one",
			 dvpn_name(DVPN_NAMES_CMD, d->cmd), d->n);
	}
	if (!err)
		memcpy(entry, d->entries, d->size);
	free(d->entries);
	return err < 0 ? err : 0;
}

static void start_do(struct dvpn_handle *h, struct dvpn_build *b, u8 cmd, unsigned int ifindex)
{
	dvpn_build_start(b, h->sock.family, cmd, NLM_F_ACK, DVPN_ENTRY_ROOM);
	dvpn_put_u32(b, DVPN_A_IFINDEX, ifindex);
}

int dvpn_dev_get(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_dev *dev)
{
	struct dump d = { .cmd = DVPN_CMD_DEV_GET, .get = get_dev, .size = sizeof(*dev) };
	struct dvpn_build b;

	start_do(h, &b, d.cmd, ifindex);
	return get_one(h, &b, &d, dev);
}

int dvpn_map_get(struct dvpn_handle *h, struct dvpn_map *map)
{
	struct dump d = { .cmd = DVPN_CMD_MAP_GET, .get = get_map, .size = sizeof(*map) };
	struct dvpn_build b;

	start_do(h, &b, d.cmd, map->ifindex);
	dvpn_put_map_name(&b, map);
	return get_one(h, &b, &d, map);
}

int dvpn_peer_get(struct dvpn_handle *h, struct dvpn_peer *peer)
{
	struct dump d = { .cmd = DVPN_CMD_PEER_GET, .get = get_peer, .size = sizeof(*peer) };
	struct dvpn_build b;

	start_do(h, &b, d.cmd, peer->ifindex);
	dvpn_put_peer_name(&b, peer);
	return get_one(h, &b, &d, peer);
}

struct lookup {
	struct dvpn_map map;
	u8 verdict;
};

static int get_lookup(const struct nlattr **tb, void *entry)
{
	struct lookup *l = entry;

	if (!tb[DVPN_A_VERDICT])
		return -EBADMSG;
	l->verdict = dvpn_get_u8(tb[DVPN_A_VERDICT]);
	return dvpn_get_map(tb, &l->map);
}

int dvpn_map_lookup(struct dvpn_handle *h, unsigned int ifindex, const struct dvpn_addr *dst,
		    const struct dvpn_addr *nexthop, struct dvpn_map *map)
{
	struct lookup l;
	struct dump d = { .cmd = DVPN_CMD_MAP_LOOKUP, .get = get_lookup, .size = sizeof(l) };
	struct dvpn_build b;
	int err;

	start_do(h, &b, d.cmd, ifindex);
	dvpn_put_addr(&b, DVPN_A_DST4, DVPN_A_DST6, dst);
	if (nexthop)
		dvpn_put_addr(&b, DVPN_A_PROTO4, DVPN_A_PROTO6, nexthop);
	err = get_one(h, &b, &d, &l);
	if (err)
		return err;
	*map = l.map;
	return l.verdict;
}
