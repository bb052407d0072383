// SPDX-License-Identifier: GPL-2.0
/*
 * netload - load for tests, as much as there is time for, and what it does to others
 *
 *	netload flood SECONDS ADDR N		UDP to N addresses from ADDR on, again and again
 *	netload strangers SECONDS DST [KEY]	GRE from random senders, each with a ping inside
 *	netload register SECONDS DST [KEY [FROM]]	NHRP registrations with an address
 *						that is not the tunnel's, from random senders
 *	netload stalls				until SIGTERM: the longest time in which a thread
 *						of the highest priority did not run, in us
 *	netload slowdump DEV SECONDS		dumps of the mappings with buffers of 4 KB
 *
 * Prints what it did as key=value.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <linux/dvpn.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>

#include "nhrp/packet.h"

#define LEN(array)	(sizeof(array) / sizeof((array)[0]))
#define SMALL		4096	/* bytes of a reader's buffers */
#define INNER_MAX	256	/* bytes behind a GRE header */

static void die(const char *what)
{
	fprintf(stderr, "netload: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static uint32_t address(const char *word)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, word, &addr) != 1)
		die(word);
	return ntohl(addr.s_addr);
}

static void show_rate(uint64_t packets, int64_t us)
{
	printf("packets=%llu pps=%llu\n", (unsigned long long)packets,
	       (unsigned long long)(packets * 1000000 / (us ? us : 1)));
}

/* ----- flood ----- */

static int cmd_flood(char **words)
{
	int64_t start = now_us(), end = start + atoi(words[0]) * 1000000LL;
	uint32_t first = address(words[1]), n = strtoul(words[2], NULL, 0), i = 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int size = 1 << 24;
	uint64_t packets = 0;

	if (fd < 0)
		die("socket");
	/* What waits somewhere is not to hold up the sender. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	/* Errors that the network tells are what this is made for. */
	while (packets % 64 || now_us() < end) {
		to.sin_addr.s_addr = htonl(first + i++ % n);
		sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
		packets++;
	}
	show_rate(packets, now_us() - start);
	return 0;
}

/* ----- strangers ----- */

static uint64_t rnd(void)
{
	static uint64_t state = 1;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void fill_ip(struct iphdr *iph, uint8_t protocol, uint32_t from, uint32_t to, size_t len)
{
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = protocol,
			       .saddr = htonl(from), .daddr = htonl(to), .tot_len = htons(len) };
}

/*
 * storm - GRE around @inner of @len bytes for SECONDS to DST with KEY, as @words say
 * @from: sender, 0: of each packet another one
 */
static int storm(char **words, uint32_t from, uint16_t protocol, const void *inner, size_t len)
{
	int64_t start = now_us(), end = start + atoi(words[0]) * 1000000LL;
	uint32_t dst = address(words[1]), key = words[2] ? strtoul(words[2], NULL, 0) : 0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(dst) };
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	struct {
		struct iphdr outer;
		uint16_t flags;
		uint16_t protocol;
		uint32_t key;
		uint8_t inner[INNER_MAX];
	} packet = {};
	uint64_t packets = 0;

	if (fd < 0)
		die("raw socket");
	packet.flags = htons(0x2000); /* a key is there */
	packet.protocol = htons(protocol);
	packet.key = htonl(key);
	memcpy(packet.inner, inner, len);
	len += offsetof(typeof(packet), inner);
	while (packets % 64 || now_us() < end) {
		/* 11.0.0.0/8: one host each, none that is here. */
		fill_ip(&packet.outer, IPPROTO_GRE, from ?: 0x0b000000 | (rnd() >> 40), dst, len);
		sendto(fd, &packet, len, 0, (struct sockaddr *)&to, sizeof(to));
		packets++;
	}
	show_rate(packets, now_us() - start);
	return 0;
}

static int cmd_strangers(char **words)
{
	struct iphdr inner;

	fill_ip(&inner, IPPROTO_UDP, 0x0a000002, 0x0a000001, sizeof(inner));
	return storm(words, 0, 0x0800, &inner, sizeof(inner));
}

/* ----- registrations ----- */

static size_t registration(uint8_t *buf, size_t size)
{
	struct nhrp_msg msg;
	struct nhrp_cie *cie;
	int len;

	nhrp_msg_init(&msg, NHRP_REGISTRATION_REQUEST, AF_INET, AF_INET);
	nhrp_addr_parse(&msg.src_nbma, "192.0.2.66");
	nhrp_addr_parse(&msg.src_proto, "203.0.113.66");
	msg.dst_proto = msg.src_proto;
	msg.request_id = 1;
	cie = nhrp_cie_list_add(&msg.cies);
	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->holding_time = 600;
	len = nhrp_encode(&msg, buf, size);
	if (len < 0)
		die("packet");
	return len;
}

static int cmd_register(char **words)
{
	uint8_t packet[INNER_MAX];
	size_t len = registration(packet, sizeof(packet));

	return storm(words, words[2] && words[3] ? address(words[3]) : 0, NHRP_ETHERTYPE, packet,
		     len);
}

/* ----- stalls: a timer of 1 ms on every CPU ----- */

static atomic_bool stop;
static atomic_llong longest_us;

static void on_term(int signal)
{
	(void)signal;
	stop = true;
}

static void *watch(void *arg)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	struct sched_param param = { .sched_priority = 50 };
	int64_t last = now_us(), now;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)arg, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) ||
	    pthread_setschedparam(pthread_self(), SCHED_FIFO, &param))
		die("real time");
	while (!stop) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ms, NULL);
		now = now_us();
		if (now - last > longest_us)
			longest_us = now - last;
		last = now;
	}
	return NULL;
}

static int cmd_stalls(char **words)
{
	struct sigaction action = { .sa_handler = on_term };
	size_t n = sysconf(_SC_NPROCESSORS_ONLN), i;
	pthread_t ids[256];

	(void)words;
	sigaction(SIGTERM, &action, NULL);
	for (i = 0; i < n && i < 256; i++)
		if (pthread_create(&ids[i], NULL, watch, (void *)i))
			die("thread");
	puts("watching");
	while (n)
		pthread_join(ids[--n], NULL);
	printf("longest-us=%lld\n", longest_us);
	return 0;
}

/* ----- a reader with hardly a buffer ----- */

/**
 * struct reader - what a dump told
 * @last_id: id of the last entry
 * @n: entries of this dump
 * @interrupted: it says that the table changed
 * @done: it is complete
 * @error: of its end
 * @disorder: an id that was not higher than the one before
 */
struct reader {
	uint32_t last_id;
	uint32_t n;
	bool interrupted;
	bool done;
	int error;
	uint32_t disorder;
};

static void read_message(struct nlmsghdr *nlh, struct reader *reader)
{
	struct nlattr *tb[DVPN_A_MAX + 1];
	uint32_t id;

	reader->interrupted |= !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		reader->done = true;
		reader->error = *(int *)NLMSG_DATA(nlh);
		return;
	}
	if (genlmsg_parse(nlh, 0, tb, DVPN_A_MAX, NULL) < 0 || !tb[DVPN_A_MAP_ID])
		return;
	id = nla_get_u32(tb[DVPN_A_MAP_ID]);
	reader->disorder += id <= reader->last_id;
	reader->last_id = id;
	reader->n++;
}

static void read_dump(struct nl_sock *nl, int family, uint32_t ifindex, struct reader *reader)
{
	char buf[SMALL] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *nlh;
	ssize_t len;

	memset(reader, 0, sizeof(*reader));
	if (!msg || !genlmsg_put(msg, 0, 0, family, 0, NLM_F_DUMP, DVPN_CMD_MAP_GET, 1) ||
	    nla_put_u32(msg, DVPN_A_IFINDEX, ifindex) < 0 || nl_send_auto(nl, msg) < 0)
		die("request");
	nlmsg_free(msg);
	while (!reader->done) {
		len = recv(nl_socket_get_fd(nl), buf, sizeof(buf), MSG_TRUNC);
		if (len < 0 || len > (ssize_t)sizeof(buf))
			die(len < 0 ? "dump" : "a datagram is larger than the buffer");
		for (nlh = (struct nlmsghdr *)buf; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len))
			read_message(nlh, reader);
	}
}

/* By a socket of its own: the kernel remembers how much one has read at once. */
static int find_family(void)
{
	struct nl_sock *nl = nl_socket_alloc();
	int family;

	if (!nl || genl_connect(nl) < 0)
		die("open");
	family = genl_ctrl_resolve(nl, DVPN_GENL_NAME);
	nl_socket_free(nl);
	return family;
}

static int cmd_slowdump(char **words)
{
	uint32_t ifindex = if_nametoindex(words[0]), fewest = UINT32_MAX, disorder = 0;
	int64_t end = now_us() + atoi(words[1]) * 1000000LL;
	unsigned int dumps = 0, interrupted = 0, errors = 0;
	struct nl_sock *nl = nl_socket_alloc();
	struct reader reader;
	int family = find_family(), size = SMALL / 2; /* the kernel doubles it */

	if (!ifindex || !nl || genl_connect(nl) < 0)
		die("open");
	if (setsockopt(nl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		die("receive buffer");
	do {
		read_dump(nl, family, ifindex, &reader);
		dumps++;
		interrupted += reader.interrupted;
		errors += !!reader.error;
		disorder += reader.disorder;
		fewest = reader.n < fewest ? reader.n : fewest;
	} while (now_us() < end);
	printf("dumps=%u interrupted=%u errors=%u disorder=%u fewest=%u\n", dumps, interrupted,
	       errors, disorder, fewest);
	nl_socket_free(nl);
	return errors || disorder;
}

static const struct {
	const char *name;
	int words;
	int (*run)(char **words);
} commands[] = {
	{ "flood", 3, cmd_flood },
	{ "strangers", 2, cmd_strangers },
	{ "register", 2, cmd_register },
	{ "stalls", 0, cmd_stalls },
	{ "slowdump", 2, cmd_slowdump },
};

int main(int argc, char **argv)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; argc > 1 && i < LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name) && argc >= 2 + commands[i].words)
			return commands[i].run(argv + 2);
	fputs("usage: netload flood|strangers|register|stalls|slowdump ...\n", stderr);
	return 2;
}
