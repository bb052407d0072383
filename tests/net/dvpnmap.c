// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnmap - edits and shows the table of a dvpn device, for tests
 *
 *	dvpnmap DEV add PROTO[/LEN] NBMA [OPTION]...
 *	dvpnmap DEV set|del|get PROTO[/LEN]|id=N [OPTION]...
 *	dvpnmap DEV dump | peers | dev
 *	dvpnmap DEV peer-add|peer-set|peer-del|peer-get NBMA|id=N [OPTION]...
 *	dvpnmap DEV flush|peer-flush [owner N] [not-owner N] [[no-]FLAG]...
 *	dvpnmap DEV lookup DST [NEXTHOP]
 *	dvpnmap DEV bind [class frame|event] [rcvbuf BYTES]	until killed
 *	dvpnmap DEV frame NBMA HEX [local ADDR]
 *	dvpnmap DEV group-add|group-del GROUP NBMA [OPTION]... | groups
 *	dvpnmap DEV monitor					until killed
 *	dvpnmap DEV bulk N PROTO NBMA [OPTION]...	N mappings, addresses count up
 *	dvpnmap DEV churn MS N PROTO NBMA	adds and deletes as fast as it can
 *	dvpnmap DEV dumps MS N PROTO	dumps again and again: each of N exactly once
 *
 * Options: nhs PREF, expires MS, owner N, cookie HEX, match-owner N, match-id N, not-owner N,
 * nbma ADDR, encap gre|udp, port N, mark N, if-id N, mark-mask N, mtu N, mtu-advertised N,
 * mss N, keepalive S, replace, and flags by their names, "no-" clears. One object a line,
 * key=value. Exit status 1: the kernel refused, the line on stderr says why.
 *
 * "dvpnmap -n NAMESPACE DEV ..." works there, as ip(8) does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dvpnmap.h"
#include "nhrp/types.h"

#define BATCH	500

/**
 * struct ctx - what a command works on
 * @ifindex: the device
 * @opts: parsed options
 */
struct ctx {
	unsigned int ifindex;
	struct opts opts;
};

/* ----- requests ----- */

static unsigned int refused;
static unsigned int acked;

static void on_ack(const struct dvpn_ack *ack, void *arg)
{
	const char *what = arg;

	acked++;
	if (!ack->err) {
		if (!strcmp(what, "flush"))
			printf("flushed=%u\n", ack->count);
		return;
	}
	if (!refused++)
		fprintf(stderr, "dvpnmap: %s: %s: %s\n", what, strerrorname_np(-ack->err),
			ack->text);
}

static struct dvpn_chan *chan_open(void)
{
	struct dvpn_chan *chan;
	int err = dvpn_chan_open(&chan);

	if (err)
		die("cannot open: %s", strerror(-err));
	return chan;
}

static int chan_finish(struct dvpn_chan *chan, int err)
{
	if (!err)
		err = dvpn_chan_wait(chan, -1);
	if (err)
		die("request: %s", strerror(-err));
	dvpn_chan_close(chan);
	return refused != 0;
}

static struct dvpn_handle *handle_open(void)
{
	struct dvpn_handle *h;
	int err = dvpn_open(&h);

	if (err)
		die("cannot open: %s", strerror(-err));
	return h;
}

static int handle_finish(struct dvpn_handle *h, const char *what, int err)
{
	if (err < 0)
		fprintf(stderr, "dvpnmap: %s: %s: %s\n", what, strerrorname_np(-err),
			dvpn_error(h));
	dvpn_close(h);
	return err < 0;
}

static void map_words(struct ctx *c, char **words)
{
	c->opts.map.ifindex = c->ifindex;
	parse_proto(words[0], &c->opts.map);
	parse_opts(&c->opts, words + 1);
}

static int map_add(struct dvpn_chan *chan, const struct opts *opts)
{
	if (opts->replace)
		return dvpn_map_replace(chan, &opts->map, &opts->match, on_ack, "add");
	return dvpn_map_new(chan, &opts->map, on_ack, "add");
}

static void add_words(struct ctx *c, char **words)
{
	c->opts.map.ifindex = c->ifindex;
	parse_proto(words[0], &c->opts.map);
	parse_addr(words[1], &c->opts.peer.key.nbma);
	parse_opts(&c->opts, words + 2);
}

static int cmd_add(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();

	add_words(c, words);
	return chan_finish(chan, map_add(chan, &c->opts));
}

static int cmd_set(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();

	map_words(c, words);
	return chan_finish(chan, dvpn_map_set(chan, &c->opts.map, &c->opts.match, on_ack, "set"));
}

static int cmd_del(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();

	map_words(c, words);
	return chan_finish(chan, dvpn_map_del(chan, &c->opts.map, &c->opts.match, on_ack, "del"));
}

static int cmd_flush(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	struct opts *o = &c->opts;

	parse_opts(o, words);
	if (o->map.has & DVPN_MAP_HAS_OWNER) {
		o->match.has |= DVPN_MATCH_HAS_OWNER;
		o->match.owner = o->map.owner;
	}
	return chan_finish(chan, dvpn_map_flush(chan, c->ifindex, &o->match, o->map.flags,
						o->map.flags_mask, on_ack, "flush"));
}

static int cmd_peer_flush(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	struct opts *o = &c->opts;

	parse_opts(o, words);
	if (o->peer.has & DVPN_PEER_HAS_OWNER) {
		o->match.has |= DVPN_MATCH_HAS_OWNER;
		o->match.owner = o->peer.owner;
	}
	return chan_finish(chan, dvpn_peer_flush(chan, c->ifindex, &o->match, on_ack, "flush"));
}

static void peer_words(struct ctx *c, char **words)
{
	struct dvpn_peer *peer = &c->opts.peer;

	peer->ifindex = c->ifindex;
	if (words[0] && !strncmp(words[0], "id=", 3)) {
		peer->has |= DVPN_PEER_HAS_ID;
		peer->id = parse_number(words[0] + 3);
	} else {
		parse_addr(words[0], &peer->key.nbma);
	}
	parse_opts(&c->opts, words + 1);
}

static int cmd_peer_add(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	struct opts *o = &c->opts;

	peer_words(c, words);
	return chan_finish(chan, o->replace ?
			   dvpn_peer_replace(chan, &o->peer, &o->match, on_ack, "peer-add") :
			   dvpn_peer_new(chan, &o->peer, on_ack, "peer-add"));
}

static int cmd_peer_set(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();

	peer_words(c, words);
	return chan_finish(chan, dvpn_peer_set(chan, &c->opts.peer, &c->opts.match, on_ack,
					       "peer-set"));
}

static int cmd_peer_del(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();

	peer_words(c, words);
	return chan_finish(chan, dvpn_peer_del(chan, &c->opts.peer, &c->opts.match, on_ack,
					       "peer-del"));
}

static void group_words(struct ctx *c, char **words, struct dvpn_group *group)
{
	*group = (struct dvpn_group){ .ifindex = c->ifindex };
	parse_addr(words[0], &group->group);
	parse_addr(words[1], &c->opts.peer.key.nbma);
	parse_opts(&c->opts, words + 2);
	group->peer = c->opts.peer.key;
}

static int cmd_group_add(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	struct dvpn_group group;

	group_words(c, words, &group);
	return chan_finish(chan, dvpn_group_new(chan, &group, on_ack, "group-add"));
}

static int cmd_group_del(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	struct dvpn_group group;

	group_words(c, words, &group);
	return chan_finish(chan, dvpn_group_del(chan, &group, on_ack, "group-del"));
}

static int cmd_frame(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	static u8 data[DVPN_FRAME_MAX];
	struct dvpn_frame frame = { .ifindex = c->ifindex, .data = data };

	parse_addr(words[0], &c->opts.peer.key.nbma);
	if (!words[0] || !words[1])
		die("the frame is missing");
	frame.len = parse_hex(words[1], data, sizeof(data));
	parse_opts(&c->opts, words + 2);
	frame.peer = c->opts.peer.key;
	frame.local = c->opts.local;
	return chan_finish(chan, dvpn_frame_send(chan, &frame, on_ack, "frame"));
}

/* ----- questions ----- */

static int cmd_get(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	int err;

	map_words(c, words);
	err = dvpn_map_get(h, &c->opts.map);
	if (!err)
		show_map("map", &c->opts.map);
	return handle_finish(h, "get", err);
}

static int cmd_peer_get(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	int err;

	peer_words(c, words);
	err = dvpn_peer_get(h, &c->opts.peer);
	if (!err)
		show_peer("peer", &c->opts.peer);
	return handle_finish(h, "peer-get", err);
}

static int cmd_dump(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	struct dvpn_map *maps;
	size_t n, i;
	int err;

	(void)words;
	err = dvpn_dump_maps(h, c->ifindex, &maps, &n);
	for (i = 0; i < n; i++)
		show_map("map", &maps[i]);
	free(maps);
	return handle_finish(h, "dump", err);
}

static int cmd_peers(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	struct dvpn_peer *peers;
	size_t n, i;
	int err;

	(void)words;
	err = dvpn_dump_peers(h, c->ifindex, &peers, &n);
	for (i = 0; i < n; i++)
		show_peer("peer", &peers[i]);
	free(peers);
	return handle_finish(h, "peers", err);
}

static int cmd_groups(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	struct dvpn_group *groups;
	size_t n, i;
	int err;

	(void)words;
	err = dvpn_dump_groups(h, c->ifindex, &groups, &n);
	for (i = 0; i < n; i++)
		show_group(&groups[i]);
	free(groups);
	return handle_finish(h, "groups", err);
}

static int cmd_dev(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	struct dvpn_dev dev;
	int err;

	(void)words;
	err = dvpn_dev_get(h, c->ifindex, &dev);
	if (!err)
		show_dev(&dev);
	return handle_finish(h, "dev", err);
}

static int cmd_lookup(struct ctx *c, char **words)
{
	struct dvpn_handle *h = handle_open();
	struct dvpn_addr dst, nexthop;
	struct dvpn_map map;
	int verdict;

	parse_addr(words[0], &dst);
	if (words[1])
		parse_addr(words[1], &nexthop);
	verdict = dvpn_map_lookup(h, c->ifindex, &dst, words[1] ? &nexthop : NULL, &map);
	if (verdict >= 0) {
		printf("verdict=%s ", dvpn_verdict_name(verdict));
		show_map("map", &map);
	}
	return handle_finish(h, "lookup", verdict);
}

/* ----- the agent ----- */

static void on_frame(const struct dvpn_frame *frame, void *ctx)
{
	(void)ctx;
	show_frame(frame);
}

static void on_event(const struct dvpn_event_msg *event, void *ctx)
{
	(void)ctx;
	show_event(event);
}

static void on_bad(const char *text, void *ctx)
{
	(void)ctx;
	printf("bad %s\n", text);
}

static int cmd_bind(struct ctx *c, char **words)
{
	static const struct dvpn_agent_ops ops = {
		.frame = on_frame,
		.event = on_event,
		.bad = on_bad,
	};
	struct pollfd pfd = { .events = POLLIN };
	struct dvpn_agent *agent;
	int err;

	parse_opts(&c->opts, words);
	if (!c->opts.classes)
		c->opts.classes = DVPN_AGENT_ALL;
	err = dvpn_agent_open(&agent, &ops, NULL);
	if (err)
		die("cannot open: %s", strerror(-err));
	pfd.fd = dvpn_agent_fd(agent);
	if (c->opts.rcvbuf &&
	    setsockopt(pfd.fd, SOL_SOCKET, SO_RCVBUF, &c->opts.rcvbuf, sizeof(c->opts.rcvbuf)))
		die("receive buffer: %s", strerror(errno));
	err = dvpn_agent_bind(agent, c->ifindex, c->opts.classes, NULL, NULL);
	if (err) {
		fprintf(stderr, "dvpnmap: bind: %s: %s\n", strerrorname_np(-err),
			dvpn_agent_error(agent));
		dvpn_agent_close(agent);
		return 1;
	}
	puts("bound");
	for (;;) {
		err = dvpn_agent_read(agent, 64);
		if (err == -ENOBUFS)
			puts("overrun");
		else if (err)
			die("read: %s", strerror(-err));
		if (!dvpn_agent_backlog(agent))
			poll(&pfd, 1, -1);
	}
}

/* ----- notifications ----- */

static void on_map(const struct dvpn_map *map, void *ctx)
{
	(void)ctx;
	show_map("map", map);
}

static void on_map_gone(const struct dvpn_map *map, unsigned int reason, void *ctx)
{
	(void)ctx;
	printf("reason=%s ", dvpn_reason_name(reason));
	show_map("map-gone", map);
}

static void on_peer(const struct dvpn_peer *peer, void *ctx)
{
	(void)ctx;
	show_peer("peer", peer);
}

static void on_peer_gone(const struct dvpn_peer *peer, unsigned int reason, void *ctx)
{
	(void)ctx;
	printf("reason=%s ", dvpn_reason_name(reason));
	show_peer("peer-gone", peer);
}

static int cmd_monitor(struct ctx *c, char **words)
{
	static const struct dvpn_mon_ops ops = {
		.map = on_map,
		.map_gone = on_map_gone,
		.peer = on_peer,
		.peer_gone = on_peer_gone,
		.bad = on_bad,
	};
	struct pollfd pfd = { .events = POLLIN };
	struct dvpn_mon *mon;
	int err;

	(void)c;
	(void)words;
	err = dvpn_mon_open(&mon, &ops, NULL);
	if (err) {
		fprintf(stderr, "dvpnmap: monitor: %s\n", strerrorname_np(-err));
		return 1;
	}
	puts("listening");
	pfd.fd = dvpn_mon_fd(mon);
	while (poll(&pfd, 1, -1) >= 0) {
		err = dvpn_mon_read(mon, 64);
		if (err == -ENOBUFS)
			puts("overrun");
		else if (err)
			die("read: %s", strerror(-err));
	}
	die("poll: %s", strerror(errno));
}

/* ----- many at once ----- */

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* The address @n further, counted in its last four bytes. */
static void addr_plus(struct dvpn_addr *addr, u32 n)
{
	u8 *last = addr->bytes + (addr->family == AF_INET ? 0 : 12);
	u32 word;

	memcpy(&word, last, sizeof(word));
	word = htonl(ntohl(word) + n);
	memcpy(last, &word, sizeof(word));
}

static void opts_plus(struct opts *opts, u32 n)
{
	addr_plus(&opts->map.proto, n);
	addr_plus(&opts->map.peer.nbma, n);
}

static int cmd_bulk(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	u32 n = parse_number(words[0]), i;
	u64 start = now_ms();
	int err = 0;

	add_words(c, words + 1);
	for (i = 0; i < n && !err; i++) {
		err = map_add(chan, &c->opts);
		opts_plus(&c->opts, 1);
		if (!err && i % BATCH == BATCH - 1)
			err = dvpn_chan_wait(chan, -1);
	}
	err = chan_finish(chan, err);
	printf("added=%u refused=%u ms=%llu\n", acked - refused, refused,
	       (unsigned long long)(now_ms() - start));
	return err;
}

static bool interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) == 1;
}

/* SIGINT ends it early, but not within a round. */
static int cmd_churn(struct ctx *c, char **words)
{
	struct dvpn_chan *chan = chan_open();
	u64 end = now_ms() + parse_number(words[0]);
	u32 n = parse_number(words[1]), rounds = 0, i;
	struct opts opts;
	sigset_t later;
	int err = 0;

	add_words(c, words + 2);
	sigemptyset(&later);
	sigaddset(&later, SIGINT);
	sigprocmask(SIG_BLOCK, &later, NULL);
	while (now_ms() < end && !interrupted() && !err) {
		for (i = 0; i < 2 * n && !err; i++) {
			opts = c->opts;
			opts_plus(&opts, i % n);
			err = i < n ? map_add(chan, &opts) :
			      dvpn_map_del(chan, &opts.map, NULL, on_ack, "del");
		}
		if (!err)
			err = dvpn_chan_wait(chan, -1);
		rounds++;
	}
	printf("rounds=%u\n", rounds);
	return chan_finish(chan, err);
}

/* Is each of the @n addresses from @first on in the dump exactly once? */
static void check_dump(const struct dvpn_map *maps, size_t total, const struct dvpn_addr *first,
		       u32 n, unsigned int *missing, unsigned int *twice)
{
	u8 *seen = calloc(n, 1);
	u32 base, word, i;
	size_t k;

	if (!seen)
		die("out of memory");
	memcpy(&base, first->bytes, sizeof(base));
	for (k = 0; k < total; k++) {
		memcpy(&word, maps[k].proto.bytes, sizeof(word));
		word = ntohl(word) - ntohl(base);
		if (word < n && seen[word] < 2)
			seen[word]++;
	}
	for (i = 0; i < n; i++) {
		*missing += !seen[i];
		*twice += seen[i] > 1;
	}
	free(seen);
}

static int cmd_dumps(struct ctx *c, char **words)
{
	unsigned int dumps = 0, interrupted = 0, missing = 0, twice = 0;
	struct dvpn_handle *h = handle_open();
	u64 end = now_ms() + parse_number(words[0]);
	u32 n = parse_number(words[1]);
	struct dvpn_addr first;
	struct dvpn_map *maps;
	size_t total;
	int err;

	parse_addr(words[2], &first);
	do {
		err = dvpn_dump_maps(h, c->ifindex, &maps, &total);
		if (err < 0)
			return handle_finish(h, "dump", err);
		dumps++;
		interrupted += err;
		check_dump(maps, total, &first, n, &missing, &twice);
		free(maps);
	} while (now_ms() < end);
	printf("dumps=%u interrupted=%u missing=%u twice=%u\n", dumps, interrupted, missing,
	       twice);
	dvpn_close(h);
	return missing || twice;
}

static const struct {
	const char *name;
	unsigned int args;
	int (*run)(struct ctx *c, char **words);
} commands[] = {
	{ "add", 2, cmd_add },
	{ "bind", 0, cmd_bind },
	{ "bulk", 3, cmd_bulk },
	{ "churn", 4, cmd_churn },
	{ "del", 1, cmd_del },
	{ "dev", 0, cmd_dev },
	{ "dump", 0, cmd_dump },
	{ "dumps", 3, cmd_dumps },
	{ "flush", 0, cmd_flush },
	{ "frame", 2, cmd_frame },
	{ "get", 1, cmd_get },
	{ "group-add", 2, cmd_group_add },
	{ "group-del", 2, cmd_group_del },
	{ "groups", 0, cmd_groups },
	{ "lookup", 1, cmd_lookup },
	{ "monitor", 0, cmd_monitor },
	{ "peer-add", 1, cmd_peer_add },
	{ "peer-del", 1, cmd_peer_del },
	{ "peer-flush", 0, cmd_peer_flush },
	{ "peer-get", 1, cmd_peer_get },
	{ "peer-set", 1, cmd_peer_set },
	{ "peers", 0, cmd_peers },
	{ "set", 1, cmd_set },
};

static void enter(const char *netns)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("namespace \"%s\": %s", netns, strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	struct ctx c = {};
	unsigned int i;

	if (argc > 2 && !strcmp(argv[1], "-n")) {
		enter(argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 3)
		die("usage: dvpnmap DEV COMMAND [WORD]...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	c.ifindex = if_nametoindex(argv[1]);
	if (!c.ifindex)
		die("no device \"%s\"", argv[1]);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[2], commands[i].name))
			continue;
		if ((unsigned int)argc < 3 + commands[i].args)
			die("%s: words are missing", argv[2]);
		return commands[i].run(&c, argv + 3);
	}
	die("\"%s\" is no command", argv[2]);
}
