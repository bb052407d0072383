// SPDX-License-Identifier: GPL-2.0
/*
 * regload - registers many spokes with a hub, as fast as it answers
 *
 *	regload run HUB KEY NBMA PROTO N WINDOW [ROUND]
 *		N spokes, whose NBMA and protocol addresses count up from NBMA and PROTO,
 *		send a Registration Request each; at most WINDOW wait for an answer, 0: all
 *		are sent at once. Who has no answer asks again after 1, 2, 4 ... s.
 *	regload null KEY
 *		answers every request without looking at it: what the generator can do
 *
 * "run" prints n=, us= until the last answer, rate= a second, sent= requests, first= answered
 * to their first request, refused= with a code other than 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <netinet/ip.h>

#include "nhrp/packet.h"

#define BATCH		64	/* packets of a system call */
#define ROOM		256	/* bytes of a packet */
#define GIVE_UP_US	30000000
#define RETRY_US	1000000
#define TRIES		6

/* Where things are in a packet of NHRP over IPv4 */
#define OFF_TYPE	17
#define OFF_REQUEST_ID	24
#define OFF_CODE	40

struct gre {
	uint16_t flags;
	uint16_t protocol;
	uint32_t key;
};

/**
 * struct packet - a registration request on the wire
 * @outer: outer header
 * @gre: with a key
 * @nhrp: the message
 */
struct packet {
	struct iphdr outer;
	struct gre gre;
	uint8_t nhrp[ROOM - sizeof(struct iphdr) - sizeof(struct gre)];
};

/**
 * struct spoke - one of those that register
 * @packet: its request
 * @len: bytes of it
 * @tries: how often it was sent
 * @again_us: when it is sent again
 * @answered: it needs no more
 */
struct spoke {
	struct packet packet;
	size_t len;
	unsigned int tries;
	int64_t again_us;
	bool answered;
};

/**
 * struct load - a run
 * @out: socket that packets with an outer header are sent by
 * @in: socket that GRE packets come in by
 * @hub: its address
 * @key: of GRE, host byte order
 * @first_id: request id of the first spoke
 * @n: spokes
 * @window: that may wait for an answer
 * @spoke: each of them
 * @next: the first that has sent nothing yet
 * @answered: spokes with an answer
 * @at_once: of these, with one request
 * @refused: of these, with a code
 * @sent: requests
 */
struct load {
	int out, in;
	struct sockaddr_in hub;
	uint32_t key;
	uint32_t first_id;
	unsigned int n, window;
	struct spoke *spoke;
	unsigned int next, answered, at_once, refused, sent;
};

static void die(const char *what)
{
	fprintf(stderr, "regload: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static struct in_addr address(const char *word)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, word, &addr) != 1)
		die(word);
	return addr;
}

static int raw_socket(int protocol)
{
	int fd = socket(AF_INET, SOCK_RAW, protocol), size = 1 << 25;

	if (fd < 0)
		die("raw socket");
	/* A burst is to be lost by the hub, not here. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

/* ----- what is sent ----- */

static struct nhrp_addr count_up(struct in_addr first, uint32_t i)
{
	struct nhrp_addr addr;
	char text[INET_ADDRSTRLEN];

	first.s_addr = htonl(ntohl(first.s_addr) + i);
	inet_ntop(AF_INET, &first, text, sizeof(text));
	nhrp_addr_parse(&addr, text);
	return addr;
}

static void make_request(struct load *l, struct in_addr nbma, struct in_addr proto, uint32_t i)
{
	struct spoke *s = &l->spoke[i];
	struct nhrp_msg msg;
	struct nhrp_cie *cie;
	int len;

	nhrp_msg_init(&msg, NHRP_REGISTRATION_REQUEST, AF_INET, AF_INET);
	msg.src_nbma = count_up(nbma, i);
	msg.src_proto = count_up(proto, i);
	msg.dst_proto = msg.src_proto;
	msg.request_id = l->first_id + i;
	cie = nhrp_cie_list_add(&msg.cies);
	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->holding_time = 600;
	cie->mtu = 1400;
	len = nhrp_encode(&msg, s->packet.nhrp, sizeof(s->packet.nhrp));
	if (len < 0)
		die("packet");
	s->len = offsetof(struct packet, nhrp) + len;
	s->packet.gre = (struct gre){ .flags = htons(0x2000), .protocol = htons(NHRP_ETHERTYPE),
				      .key = htonl(l->key) };
	s->packet.outer = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_GRE,
		.saddr = htonl(ntohl(nbma.s_addr) + i), .daddr = l->hub.sin_addr.s_addr,
		.tot_len = htons(s->len)
	};
}

/* send_some - the requests of these spokes */
static void send_some(struct load *l, struct spoke **spokes, unsigned int n, int64_t now)
{
	struct mmsghdr batch[BATCH] = {};
	struct iovec iov[BATCH];
	unsigned int i, done = 0;
	int sent;

	for (i = 0; i < n; i++) {
		struct spoke *s = spokes[i];

		iov[i] = (struct iovec){ &s->packet, s->len };
		batch[i].msg_hdr = (struct msghdr){
			.msg_name = &l->hub, .msg_namelen = sizeof(l->hub),
			.msg_iov = &iov[i], .msg_iovlen = 1
		};
		s->again_us = now + ((int64_t)RETRY_US << s->tries++);
	}
	while (done < n) {
		sent = sendmmsg(l->out, batch + done, n - done, 0);
		/* What a queue has no room for is lost, as on any other line. */
		done += sent > 0 ? sent : 1;
	}
	l->sent += n;
}

static void send_new(struct load *l)
{
	struct spoke *some[BATCH];
	unsigned int n = 0;

	while (n < BATCH && l->next < l->n &&
	       (!l->window || l->next - l->answered < l->window))
		some[n++] = &l->spoke[l->next++];
	if (n)
		send_some(l, some, n, now_us());
}

static void send_again(struct load *l, int64_t now)
{
	struct spoke *some[BATCH];
	unsigned int i, n = 0;

	for (i = 0; i < l->next; i++) {
		struct spoke *s = &l->spoke[i];

		if (s->answered || s->again_us > now || s->tries == TRIES)
			continue;
		some[n++] = s;
		if (n == BATCH) {
			send_some(l, some, n, now);
			n = 0;
		}
	}
	if (n)
		send_some(l, some, n, now);
}

/* ----- what comes back ----- */

static void take(struct load *l, const struct packet *p, size_t len)
{
	struct spoke *s;
	uint32_t id;

	if (len < offsetof(struct packet, nhrp) + OFF_CODE + 1 ||
	    p->gre.protocol != htons(NHRP_ETHERTYPE) ||
	    p->nhrp[OFF_TYPE] != NHRP_REGISTRATION_REPLY)
		return;
	memcpy(&id, p->nhrp + OFF_REQUEST_ID, sizeof(id));
	id = ntohl(id) - l->first_id;
	if (id >= l->n || l->spoke[id].answered)
		return;
	s = &l->spoke[id];
	s->answered = true;
	l->answered++;
	l->at_once += s->tries == 1;
	l->refused += p->nhrp[OFF_CODE] != 0;
}

static struct mmsghdr *in_batch(struct packet *packets, struct iovec *iov, struct mmsghdr *batch)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ &packets[i], sizeof(packets[i]) };
		batch[i] = (struct mmsghdr){
			.msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 }
		};
	}
	return batch;
}

/* receive - what is there; waits for at most @wait_ms if it is nothing */
static void receive(struct load *l, int wait_ms)
{
	struct pollfd fd = { .fd = l->in, .events = POLLIN };
	struct packet packets[BATCH];
	struct mmsghdr batch[BATCH];
	struct iovec iov[BATCH];
	int i, n;

	n = recvmmsg(l->in, in_batch(packets, iov, batch), BATCH, MSG_DONTWAIT, NULL);
	if (n < 0 && wait_ms)
		poll(&fd, 1, wait_ms);
	for (i = 0; i < n; i++)
		take(l, &packets[i], batch[i].msg_len);
}

static int cmd_run(char **words)
{
	struct load l = {
		.out = raw_socket(IPPROTO_RAW), .in = raw_socket(IPPROTO_GRE),
		.hub = { .sin_family = AF_INET, .sin_addr = address(words[0]) },
		.key = strtoul(words[1], NULL, 0),
		.n = strtoul(words[4], NULL, 0), .window = strtoul(words[5], NULL, 0),
	};
	struct in_addr nbma = address(words[2]), proto = address(words[3]);
	unsigned int round = words[6] ? strtoul(words[6], NULL, 0) : 0, i;
	int64_t start, now, scan;

	l.first_id = 1 + round * l.n;
	l.spoke = calloc(l.n, sizeof(*l.spoke));
	if (!l.spoke)
		die("memory");
	for (i = 0; i < l.n; i++)
		make_request(&l, nbma, proto, i);
	start = now_us();
	scan = start;
	for (now = start; l.answered < l.n && now - start < GIVE_UP_US; now = now_us()) {
		send_new(&l);
		receive(&l, l.next == l.n || (l.window && l.next - l.answered >= l.window) ?
			10 : 0);
		if (now - scan >= RETRY_US / 10) {
			send_again(&l, now);
			scan = now;
		}
	}
	now -= start;
	printf("n=%u answered=%u us=%lld rate=%lld sent=%u first=%u refused=%u\n", l.n, l.answered,
	       (long long)now, l.answered * 1000000LL / (now ?: 1), l.sent, l.at_once, l.refused);
	return l.answered < l.n;
}

/* ----- nobody ----- */

static void cmd_null(char **words)
{
	int in = raw_socket(IPPROTO_GRE), out = raw_socket(IPPROTO_RAW);
	uint32_t key = htonl(strtoul(words[0], NULL, 0));
	struct sockaddr_in to[BATCH];
	struct packet packets[BATCH];
	struct mmsghdr batch[BATCH];
	struct iovec iov[BATCH];
	int i, n;

	for (;;) {
		n = recvmmsg(in, in_batch(packets, iov, batch), BATCH, MSG_WAITFORONE, NULL);
		for (i = 0; i < n; i++) {
			struct packet *p = &packets[i];
			struct in_addr from = { p->outer.saddr };

			p->outer.saddr = p->outer.daddr;
			p->outer.daddr = from.s_addr;
			if (p->gre.key == key)
				p->nhrp[OFF_TYPE] = NHRP_REGISTRATION_REPLY;
			to[i] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = from };
			iov[i].iov_len = batch[i].msg_len;
			batch[i].msg_hdr.msg_name = &to[i];
			batch[i].msg_hdr.msg_namelen = sizeof(to[i]);
		}
		if (n > 0 && sendmmsg(out, batch, n, 0) < 0)
			die("answers");
	}
}

int main(int argc, char **argv)
{
	if (argc >= 8 && !strcmp(argv[1], "run"))
		return cmd_run(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "null"))
		cmd_null(argv + 2);
	fprintf(stderr, "usage: regload run HUB KEY NBMA PROTO N WINDOW [ROUND] | null KEY\n");
	return 2;
}
