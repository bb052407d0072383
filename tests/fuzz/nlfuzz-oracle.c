// SPDX-License-Identifier: GPL-2.0
/*
 * A device whose table nobody else changes: what was accepted must be in it, what was refused
 * must not, and nothing else may be different from before.
 */
#include <stdlib.h>
#include <string.h>
#include <linux/dvpn.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "nlfuzz.h"

#define ENTRIES_MAX	2048
#define SLACK_MS	1800000	/* between a request and a look at what came of it */
#define ATTRS	(DVPN_A_MAX + 1)	/* by type, NULL: absent */

/**
 * struct entry - a mapping or peer, as it was shown
 * @id: its id
 * @hash: over all that does not change by itself
 */
struct entry {
	u32 id;
	u64 hash;
};

/**
 * struct dump - a table
 * @id_attr: DVPN_A_MAP_ID or DVPN_A_PEER_ID
 * @n: length of @entries
 * @entries: by rising id
 */
struct dump {
	u16 id_attr;
	unsigned int n;
	struct entry entries[ENTRIES_MAX];
};

static __thread struct dump maps[2], peers[2];
static __thread u32 accepted;

/**
 * oracle_accepted() - how much of what was sent changed the table?
 *
 * Return: requests of this thread that were accepted.
 */
u32 oracle_accepted(void)
{
	return accepted;
}

static int op_find(u8 cmd, bool dump)
{
	unsigned int i;

	for (i = 0; i < n_ops; i++)
		if (op_get(i)->cmd == cmd && op_get(i)->dump == dump)
			return i;
	abort();
}

/* ----- the table as it is ----- */

static bool changes_by_itself(int type)
{
	return type == DVPN_A_AGE_MS || type == DVPN_A_IDLE_MS || type == DVPN_A_RX_IDLE_MS ||
	       type == DVPN_A_EXPIRES_MS || type == DVPN_A_PEER_STATS || type == DVPN_A_PMTU ||
	       type == DVPN_A_PEER_MAPS || type == DVPN_A_PAD;
}

static u64 hash_attrs(struct nlattr *const *tb)
{
	u64 hash = 0xcbf29ce484222325;
	int type, i;

	for (type = 0; type <= DVPN_A_MAX; type++) {
		const u8 *bytes = (const u8 *)tb[type];

		if (!bytes || changes_by_itself(type))
			continue;
		for (i = 0; i < NLA_HDRLEN + nla_len(tb[type]); i++)
			hash = (hash ^ bytes[i]) * 0x100000001b3;
	}
	return hash;
}

static void add_entry(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *dump = arg;
	struct entry *entry = &dump->entries[dump->n];
	struct nlattr *tb[ATTRS];

	if (genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, DVPN_A_MAX, NULL) < 0) {
		fail("an answer cannot be parsed");
		return;
	}
	if (!tb[dump->id_attr])
		return; /* unresolved: not a mapping yet */
	if (dump->n == ENTRIES_MAX) {
		fail("more than %u entries", ENTRIES_MAX);
		return;
	}
	entry->id = nla_get_u32(tb[dump->id_attr]);
	entry->hash = hash_attrs(tb);
	if (dump->n && entry->id <= entry[-1].id)
		fail("in the dump id %u comes after %u", entry->id, entry[-1].id);
	dump->n++;
}

static void ask_for(struct gen *gen, struct chan *chan, struct message *msg, unsigned int op)
{
	static const struct attr ifindex = { .type = DVPN_A_IFINDEX, .len = 4 };

	memset(msg, 0, offsetof(struct message, attrs));
	msg->type = chan->family;
	msg->cmd = op_get(op)->cmd;
	msg->version = DVPN_GENL_VERSION;
	msg->flags = NLM_F_REQUEST | NLM_F_ACK | (op_get(op)->dump ? NLM_F_DUMP : 0);
	msg->attrs[msg->n++] = ifindex;
	memcpy(msg->attrs[0].data, &gen->ifindex[0], sizeof(u32));
}

static bool take_dump(struct gen *gen, struct chan *chan, struct dump *dump, u8 cmd, u16 id_attr)
{
	struct message msg;
	int status;

	dump->n = 0;
	dump->id_attr = id_attr;
	ask_for(gen, chan, &msg, op_find(cmd, true));
	if (!chan_exchange(chan, &msg, 1, &status, add_entry, dump))
		return false;
	if (status)
		fail("a dump ends with %d", status);
	return !status && !chan->overrun;
}

static bool take_dumps(struct gen *gen, struct chan *chan, unsigned int i)
{
	return take_dump(gen, chan, &maps[i], DVPN_CMD_MAP_GET, DVPN_A_MAP_ID) &&
	       take_dump(gen, chan, &peers[i], DVPN_CMD_PEER_GET, DVPN_A_PEER_ID);
}

/* ----- what has become of a request ----- */

/* Entries of one of the two dumps only, or different in them. */
static unsigned int n_different(const struct dump *a, const struct dump *b)
{
	unsigned int i = 0, j = 0, n = 0;

	while (i < a->n || j < b->n) {
		if (j == b->n || (i < a->n && a->entries[i].id < b->entries[j].id)) {
			i++;
			n++;
		} else if (i == a->n || a->entries[i].id > b->entries[j].id) {
			j++;
			n++;
		} else {
			n += a->entries[i++].hash != b->entries[j++].hash;
		}
	}
	return n;
}

static bool is_zero(struct nlattr *attr)
{
	const u8 *bytes = nla_data(attr);
	int i;

	for (i = 0; i < nla_len(attr); i++)
		if (bytes[i])
			return false;
	return true;
}

/* Does @got, from the table, say what @want asked for? */
static bool agrees(int type, struct nlattr *want, struct nlattr *got)
{
	struct nla_bitfield32 a, b;
	u64 ms;

	if (!got)
		return is_zero(want) || nla_len(want) == 0 || type == DVPN_A_PREFERENCE;
	if (type == DVPN_A_MAP_FLAGS || type == DVPN_A_PEER_FLAGS) {
		memcpy(&a, nla_data(want), sizeof(a));
		memcpy(&b, nla_data(got), sizeof(b));
		return ((a.value ^ b.value) & a.selector) == 0;
	}
	if (type == DVPN_A_EXPIRES_MS) {
		ms = nla_get_u64(want);
		return ms >= nla_get_u64(got) && ms - nla_get_u64(got) < SLACK_MS;
	}
	if (type == DVPN_A_PORT && is_zero(want))
		return true; /* the default */
	return nla_len(want) == nla_len(got) && !memcmp(nla_data(want), nla_data(got),
							nla_len(want));
}

/**
 * struct shown - a request, and what of it must be shown
 * @request: attributes that were sent
 * @op: of the request for what is there
 * @what: name of the request that was accepted
 */
struct shown {
	struct nlattr *request[ATTRS];
	const struct op_spec *op;
	const char *what;
};

static void check_shown(const struct nlmsghdr *nlh, void *arg)
{
	struct shown *shown = arg;
	struct nlattr *tb[ATTRS];
	unsigned int i;

	if (genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, DVPN_A_MAX, NULL) < 0) {
		fail("an answer cannot be parsed");
		return;
	}
	for (i = 0; i < shown->op->n_reply; i++) {
		int type = shown->op->reply[i];

		if (shown->request[type] && !agrees(type, shown->request[type], tb[type]))
			fail("after %s attribute %d is not what was asked for", shown->what, type);
	}
}

/* Look for what was added or changed, by the name that the request had for it. */
static void check_accepted(struct gen *gen, struct chan *chan, const struct message *sent,
			   const struct op_spec *op, u8 get)
{
	u8 buf[MESSAGE_MAX];
	struct message msg;
	struct shown shown = { .op = op_get(op_find(get, false)), .what = op->name };
	unsigned int i;
	int status;

	encode(sent, buf, 0);
	if (genlmsg_parse((struct nlmsghdr *)buf, 0, shown.request, DVPN_A_MAX, NULL) < 0) {
		fail("%s was accepted, and cannot be parsed", op->name);
		return;
	}
	ask_for(gen, chan, &msg, op_find(get, false));
	for (i = 0; i < shown.op->n; i++) {
		const struct nlattr *nla = shown.request[shown.op->attrs[i]];
		struct attr *attr = &msg.attrs[msg.n];

		/* A mapping's peer may have moved: the key is no name of it. */
		if (shown.op->attrs[i] == DVPN_A_IFINDEX || !nla)
			continue;
		/* As the kernel read it: of several the last one that was not cut off. */
		if (nla_len(nla) > (int)sizeof(attr->data)) {
			fail("%s names its entry with %d bytes", op->name, nla_len(nla));
			return;
		}
		*attr = (struct attr){ .type = nla_type(nla), .len = nla_len(nla) };
		memcpy(attr->data, nla_data(nla), attr->len);
		msg.n++;
	}
	if (!chan_exchange(chan, &msg, 1, &status, check_shown, &shown))
		return;
	if (status)
		fail("after %s the entry is not there: %d", op->name, status);
}

static void add_counts(const struct nlmsghdr *nlh, void *arg)
{
	u32 *counts = arg;
	struct nlattr *tb[ATTRS];

	if (genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, DVPN_A_MAX, NULL) < 0)
		return;
	counts[0] += tb[DVPN_A_MAP_COUNT] ? nla_get_u32(tb[DVPN_A_MAP_COUNT]) : 0;
	counts[1] += tb[DVPN_A_PEER_COUNT] ? nla_get_u32(tb[DVPN_A_PEER_COUNT]) : 0;
}

static void check_counts(struct gen *gen, struct chan *chan)
{
	u32 counts[2] = {};
	struct message msg;
	int status;

	ask_for(gen, chan, &msg, op_find(DVPN_CMD_DEV_GET, false));
	if (chan_exchange(chan, &msg, 1, &status, add_counts, counts) &&
	    (counts[0] != maps[1].n || counts[1] != peers[1].n))
		fail("the device counts %u mappings and %u peers, its dumps %u and %u",
		     counts[0], counts[1], maps[1].n, peers[1].n);
}

static void check_changes(const struct op_spec *op, bool refused, u32 flushed)
{
	unsigned int d_maps = n_different(&maps[0], &maps[1]);
	unsigned int d_peers = n_different(&peers[0], &peers[1]);

	switch (refused ? DVPN_CMD_UNSPEC : op->cmd) {
	case DVPN_CMD_MAP_NEW:
	case DVPN_CMD_MAP_SET:
	case DVPN_CMD_MAP_DEL:
		if (d_maps > 1 || d_peers > 2)
			fail("%s changed %u mappings and %u peers", op->name, d_maps, d_peers);
		if (op->cmd == DVPN_CMD_MAP_DEL && maps[1].n != maps[0].n - 1)
			fail("map-del left %u of %u mappings", maps[1].n, maps[0].n);
		break;
	case DVPN_CMD_MAP_FLUSH:
		if (d_maps != flushed || maps[0].n - maps[1].n != flushed)
			fail("map-flush told %u of %u mappings", flushed, d_maps);
		break;
	case DVPN_CMD_PEER_NEW:
	case DVPN_CMD_PEER_SET:
	case DVPN_CMD_PEER_DEL:
		if (d_maps || d_peers > 1)
			fail("%s changed %u mappings and %u peers", op->name, d_maps, d_peers);
		if (op->cmd == DVPN_CMD_PEER_DEL && peers[1].n != peers[0].n - 1)
			fail("peer-del left %u of %u peers", peers[1].n, peers[0].n);
		break;
	case DVPN_CMD_PEER_FLUSH:
		if (d_maps || d_peers != flushed)
			fail("peer-flush told %u of %u peers", flushed, d_peers);
		break;
	default:
		if (d_maps || d_peers)
			fail("%s, %s, changed %u mappings and %u peers", op->name,
			     refused ? "refused" : "no change", d_maps, d_peers);
	}
}

static bool is_table_op(const struct op_spec *op)
{
	return op->cmd >= DVPN_CMD_MAP_NEW && op->cmd <= DVPN_CMD_PEER_FLUSH;
}

/**
 * oracle_step() - one request, and what came of it
 * @gen: what of; its only device is the one that nobody else changes
 * @chan: socket
 *
 * Return: false: this cannot go on.
 */
bool oracle_step(struct gen *gen, struct chan *chan)
{
	u32 flushed[2] = {};
	const struct op_spec *op;
	struct message msg;
	unsigned int i;
	int status;

	do {
		i = rnd(&gen->rng, n_ops);
		op = op_get(i);
	} while (!is_table_op(op) || op->dump ||
		 ((op->cmd == DVPN_CMD_MAP_FLUSH || op->cmd == DVPN_CMD_PEER_FLUSH) &&
		  rnd(&gen->rng, 8)));
	gen_request(gen, &msg, i, chan->family);
	if (rnd(&gen->rng, 4) == 0) {
		mutate(gen, &msg, 40);
		msg.cmd = op->cmd;
		msg.flags &= NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE;
	}

	if (!take_dumps(gen, chan, 0) ||
	    !chan_exchange(chan, &msg, 1, &status, add_counts, flushed) ||
	    !take_dumps(gen, chan, 1))
		return false;
	check_changes(op, status, op->cmd == DVPN_CMD_PEER_FLUSH ? flushed[1] : flushed[0]);
	check_counts(gen, chan);
	if (status)
		return true;

	accepted++;
	gen_accepted(gen, &msg, i);
	if (op->cmd == DVPN_CMD_MAP_NEW || op->cmd == DVPN_CMD_MAP_SET)
		check_accepted(gen, chan, &msg, op, DVPN_CMD_MAP_GET);
	if (op->cmd == DVPN_CMD_PEER_NEW || op->cmd == DVPN_CMD_PEER_SET)
		check_accepted(gen, chan, &msg, op, DVPN_CMD_PEER_GET);
	return true;
}
