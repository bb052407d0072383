// SPDX-License-Identifier: GPL-2.0
/*
 * nlfuzz - random requests to a dvpn module from many sides at once
 *
 *	nlfuzz SECONDS [SEED]
 *
 * In the network namespace that it finds itself in, where a device "dvpn0" may carry traffic,
 * it makes devices fz0 ... and changes, moves and removes them, makes and removes namespaces
 * with such devices in them, sends requests of every kind to all of these devices, whole ones and
 * broken ones, many in a datagram, begins dumps and leaves them, binds agents that do not read,
 * and sends packets. What a request may have is taken from the specification.
 *
 * Every request must be answered, and what the answers say must be so (nlfuzz-oracle.c); that
 * the kernel does not complain is for the caller to see. One seed gives the same requests, not
 * the same order between threads. Exit status 1: something was wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <linux/dvpn.h>

#include "nlfuzz.h"

#define ORACLE_DEV	"oracle"
#define ORACLE_KEY	0x0bac1e0b
#define PAUSE_US	20000	/* others want the locks and the CPU as well */

static atomic_uint failures, sent, taken, checked, confirmed, namespaces;
static atomic_int other_ns = -1;
static struct timespec deadline;

void fail(const char *fmt, ...)
{
	va_list ap;

	if (atomic_fetch_add(&failures, 1) >= 20)
		return;
	flockfile(stdout);
	fputs("nlfuzz: ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	funlockfile(stdout);
}

static bool is_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < deadline.tv_sec;
}

/* The devices that are there just now. */
static void find_devs(struct gen *gen)
{
	struct if_nameindex *all = if_nameindex(), *one;

	gen->n_ifindex = 0;
	if (!all)
		return;
	for (one = all; one->if_index; one++)
		if ((!strncmp(one->if_name, "fz", 2) || !strcmp(one->if_name, "dvpn0")) &&
		    gen->n_ifindex < LEN(gen->ifindex))
			gen->ifindex[gen->n_ifindex++] = one->if_index;
	if_freenameindex(all);
}

static void requests_step(struct gen *gen, struct chan *chan)
{
	struct message msgs[BATCH_MAX];
	unsigned int op[BATCH_MAX], n = 1 + rnd(&gen->rng, BATCH_MAX), i;
	int status[BATCH_MAX];

	for (i = 0; i < n; i++) {
		op[i] = rnd(&gen->rng, n_ops);
		gen_request(gen, &msgs[i], op[i], chan->family);
		if (rnd(&gen->rng, 3) == 0)
			mutate(gen, &msgs[i], DVPN_A_MAX + 1);
	}
	if (!chan_exchange(chan, msgs, n, status, NULL, NULL) || chan->overrun)
		return;
	atomic_fetch_add(&sent, n);
	for (i = 0; i < n; i++) {
		if (status[i] || msgs[i].cmd != op_get(op[i])->cmd)
			continue;
		atomic_fetch_add(&taken, 1);
		gen_accepted(gen, &msgs[i], op[i]);
	}
}

/* ----- threads ----- */

static void run_requests(struct gen *gen)
{
	struct chan chan;
	unsigned int n = 0;

	if (!chan_open(&chan, NETLINK_GENERIC, 0))
		return fail("no socket for requests");
	while (is_time()) {
		if (n++ % 64 == 0)
			find_devs(gen);
		requests_step(gen, &chan);
	}
	chan_close(&chan);
}

static void run_links(struct gen *gen)
{
	struct chan rtnl;

	if (!chan_open(&rtnl, NETLINK_ROUTE, 0))
		return fail("no socket for links");
	while (is_time()) {
		link_step(gen, &rtnl, atomic_load(&other_ns));
		usleep(PAUSE_US);
	}
	chan_close(&rtnl);
}

/* A namespace, some devices and requests there, and it is left with all that it has. */
static void one_namespace(struct gen *gen)
{
	unsigned int n = 20 + rnd(&gen->rng, 40);
	struct chan chan, rtnl;
	int fd, old;

	if (unshare(CLONE_NEWNET))
		return fail("no namespace: %s", strerror(errno));
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	old = atomic_exchange(&other_ns, fd);
	if (old >= 0)
		close(old);
	if (!chan_open(&rtnl, NETLINK_ROUTE, 0))
		return fail("no socket in a namespace");
	if (chan_open(&chan, NETLINK_GENERIC, 0)) {
		link_make(&rtnl, "fz0", 1);
		while (n-- && is_time()) {
			link_step(gen, &rtnl, -1);
			find_devs(gen);
			requests_step(gen, &chan);
		}
		chan_close(&chan);
	}
	chan_close(&rtnl);
	atomic_fetch_add(&namespaces, 1);
}

static void run_namespaces(struct gen *gen)
{
	while (is_time()) {
		one_namespace(gen);
		usleep(10 * PAUSE_US);
	}
}

/* Dumps that nobody reads to the end, or with hardly a buffer. */
static void run_dumps(struct gen *gen)
{
	struct message msg;
	struct chan chan;
	u8 buf[MESSAGE_MAX];
	unsigned int op, n;
	size_t len;

	while (is_time()) {
		if (!chan_open(&chan, NETLINK_GENERIC, 1 + rnd(&gen->rng, 8192)))
			return fail("no socket for dumps");
		find_devs(gen);
		do
			op = rnd(&gen->rng, n_ops);
		while (!op_get(op)->dump);
		gen_request(gen, &msg, op, chan.family);
		len = encode(&msg, buf, 1);
		if (send(chan.fd, buf, len, 0) < 0 && errno != ENOBUFS)
			fail("a dump is not sent: %s", strerror(errno));
		for (n = rnd(&gen->rng, 6); n; n--)
			if (recv(chan.fd, buf, 1 + rnd(&gen->rng, sizeof(buf)), MSG_DONTWAIT) < 0)
				break;
		chan_close(&chan);
		usleep(PAUSE_US);
	}
}

/* Agents come and go; some do not read what they are told. */
static void run_agents(struct gen *gen)
{
	struct message msg;
	struct chan chan;
	u8 buf[1 << 14];
	unsigned int op = 0, n;
	int status;

	while (op_get(op)->cmd != DVPN_CMD_AGENT_BIND)
		op++;
	while (is_time()) {
		if (!chan_open(&chan, NETLINK_GENERIC, 1 << (11 + rnd(&gen->rng, 6))))
			return fail("no socket for an agent");
		find_devs(gen);
		for (n = rnd(&gen->rng, 8); n; n--) {
			gen_request(gen, &msg, op, chan.family);
			if (!chan_exchange(&chan, &msg, 1, &status, NULL, NULL))
				break;
			if (!status && !chan.overrun)
				gen_accepted(gen, &msg, op);
			while (rnd(&gen->rng, 8) &&
			       recv(chan.fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
				;
			if (errno == ENOBUFS)
				chan_drain(&chan);
		}
		chan_close(&chan);
		usleep(PAUSE_US);
	}
}

/* Packets to whoever is behind the devices, and to nobody. */
static void run_traffic(struct gen *gen)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	int fd4 = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int fd6 = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	static const u8 payload[1400];
	char name[IFNAMSIZ];
	unsigned int i;

	while (is_time()) {
		snprintf(name, sizeof(name), rnd(&gen->rng, 4) ? "fz%u" : "dvpn0",
			 rnd(&gen->rng, N_DEVS));
		setsockopt(fd4, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof(name));
		setsockopt(fd6, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof(name));
		for (i = 0; i < 16; i++) {
			sin.sin_addr.s_addr = htonl((rnd(&gen->rng, 8) ? 0x0a000000 : 0xef010100) +
						    rnd(&gen->rng, 32));
			inet_pton(AF_INET6, rnd(&gen->rng, 8) ? "fd00::" : "ff05::",
				  &sin6.sin6_addr);
			sin6.sin6_addr.s6_addr[15] = rnd(&gen->rng, 32);
			sendto(fd4, payload, rnd(&gen->rng, sizeof(payload)), 0,
			       (struct sockaddr *)&sin, sizeof(sin));
			sendto(fd6, payload, rnd(&gen->rng, sizeof(payload)), 0,
			       (struct sockaddr *)&sin6, sizeof(sin6));
		}
		usleep(PAUSE_US);
	}
	close(fd4);
	close(fd6);
}

static void run_oracle(struct gen *gen)
{
	struct chan chan;

	gen->calm = true;
	gen->n_ifindex = 1;
	gen->ifindex[0] = dev_index(ORACLE_DEV);
	if (!chan_open(&chan, NETLINK_GENERIC, 1 << 20))
		return fail("no socket for the oracle");
	while (is_time() && oracle_step(gen, &chan))
		atomic_fetch_add(&checked, 1);
	atomic_store(&confirmed, oracle_accepted());
	chan_close(&chan);
}

static void (*const threads[])(struct gen *gen) = {
	run_requests, run_requests, run_links, run_namespaces, run_dumps, run_agents, run_traffic,
	run_oracle,
};

#define N_THREADS	LEN(threads)

static u64 seed;

static void *run(void *arg)
{
	size_t i = (size_t)arg;
	struct gen gen;

	if (gen_init(&gen, seed ^ (i << 56)))
		threads[i](&gen);
	else
		fail("out of memory");
	gen_free(&gen);
	return NULL;
}

static void remove_devs(struct chan *rtnl)
{
	char name[IFNAMSIZ];
	unsigned int i;

	for (i = 0; i < N_DEVS; i++) {
		snprintf(name, sizeof(name), "fz%u", i);
		link_remove(rtnl, name);
	}
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		link_remove(rtnl, name);
	}
	link_remove(rtnl, ORACLE_DEV);
}

int main(int argc, char **argv)
{
	pthread_t ids[N_THREADS];
	struct chan rtnl;
	size_t i;

	if (argc < 2) {
		fputs("usage: nlfuzz SECONDS [SEED]\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_gettime(CLOCK_REALTIME, &deadline);
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (u64)deadline.tv_nsec;
	printf("seed=%llu\n", (unsigned long long)seed);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += strtoul(argv[1], NULL, 0);

	if (!chan_open(&rtnl, NETLINK_ROUTE, 0) || !link_make(&rtnl, ORACLE_DEV, ORACLE_KEY)) {
		fputs("nlfuzz: cannot make a device\n", stderr);
		return 2;
	}
	for (i = 0; i < N_THREADS; i++)
		if (pthread_create(&ids[i], NULL, run, (void *)i))
			return 2;
	for (i = 0; i < N_THREADS; i++)
		pthread_join(ids[i], NULL);
	remove_devs(&rtnl);
	chan_close(&rtnl);
	printf("requests=%u accepted=%u checked=%u confirmed=%u namespaces=%u failures=%u\n", sent,
	       taken, checked, confirmed, namespaces, failures);
	return failures != 0;
}
