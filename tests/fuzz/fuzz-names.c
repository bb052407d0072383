// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: the socket between the agent and the process that looks up names, which
 * reads what strangers send. Whatever that one answers, and in whatever order, the agent
 * knows addresses that are addresses, and no more than there is room for.
 *
 * An input is a list of answers. Each begins with an octet: bit 0: the id is that of a
 * question that is out; bit 1: the next octet is by how much it is too short; bit 2: time
 * passes first.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dvpnd/attach.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/names.h"
#include "dvpnd/resolver.h"
#include "dvpnd/tunnel.h"
#include "fuzz.h"

#define HUBS	2
#define PASSES_MS	3700000

static u64 now_ms;

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = (time_t)(now_ms / 1000);
	ts->tv_nsec = (long)(now_ms % 1000 * 1000000);
	return 0;
}

void __wrap_tunnel_refresh(struct tunnel *t)
{
	(void)t;
}

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* The file of the last time; what is saved has to be what can be read again. */
static char *file;

int __wrap_state_read(struct state *s, const char *name, size_t max, char **text, size_t *len)
{
	(void)s;
	(void)name;
	(void)max;
	if (!file)
		return -ENOENT;
	*text = strdup(file);
	*len = strlen(file);
	return 0;
}

int __wrap_state_replace(struct state *s, const char *name, const char *text, size_t len,
			 bool sync)
{
	(void)s;
	(void)name;
	(void)sync;
	free(file);
	file = strndup(text, len);
	require(file && strlen(file) == len);
	return 0;
}

static struct daemon d;
static struct tunnel tunnel;
static struct nhrp_hub known[HUBS];

static void start(void)
{
	unsigned int i;

	d.loop = ev_loop_new(EVFLAG_AUTO);
	d.tunnels = &tunnel;
	tunnel.d = &d;
	tunnel.has_link = true;
	tunnel.cfg.core.nr_hubs = HUBS;
	for (i = 0; i < HUBS; i++)
		tunnel.cfg.core.hubs[i].name[0] = (char)('a' + i);
	log_setup(-1);
}

/* With nothing in it that is not the address, as two are compared whole. */
static void check_addr(const struct nhrp_addr *addr)
{
	struct nhrp_addr same;

	require(addr->family == AF_INET || addr->family == AF_INET6);
	nhrp_addr_set(&same, addr->family, addr->b);
	require(!memcmp(&same, addr, sizeof(same)));
}

static void look(void)
{
	unsigned int i, j;

	for (i = 0; i < HUBS; i++) {
		struct nhrp_hub *hub = &known[i];

		*hub = tunnel.cfg.core.hubs[i];
		names_get(d.names, "", hub);
		require(hub->nr_addrs <= NHRP_HUB_ADDRS_MAX);
		for (j = 0; j < hub->nr_addrs; j++)
			check_addr(&hub->addrs[j]);
	}
}

static u32 asked(int fd)
{
	struct resolver_question q;
	u32 id = 0;

	names_run(d.names);
	while (recv(fd, &q, sizeof(q), MSG_DONTWAIT) == sizeof(q)) {
		require(!q.name[sizeof(q.name) - 1] && !q.device[sizeof(q.device) - 1]);
		id = q.id;
	}
	return id;
}

static bool answer(int fd, const u8 **data, size_t *size)
{
	struct resolver_answer a = { 0 };
	size_t len = sizeof(a), less;
	u8 how = **data;
	u32 id;

	++*data;
	--*size;
	if (how & 2 && *size) {
		less = **data + 1u;
		len -= less < len ? less : len - 1;
		++*data;
		--*size;
	}
	if (len > *size)
		memcpy(&a, *data, *size);
	else
		memcpy(&a, *data, len);
	*data += len < *size ? len : *size;
	*size -= len < *size ? len : *size;
	if (how & 4)
		now_ms += PASSES_MS;
	id = asked(fd);
	if (how & 1)
		a.id = id;
	if (send(fd, &a, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
		return false;
	ev_run(d.loop, EVRUN_NOWAIT);
	look();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int nr[HUBS], i;
	int fds[2];

	if (!d.loop)
		start();
	free(file);
	file = NULL;
	now_ms = 1000000;
	require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	d.names = names_new(&d, fds[0]);
	require(d.names);
	names_start(d.names);
	look();
	while (size && answer(fds[1], &data, &size))
		;
	for (i = 0; i < HUBS; i++)
		nr[i] = known[i].nr_addrs;
	names_free(d.names);
	close(fds[1]);
	ev_loop_destroy(d.loop);
	d.loop = ev_loop_new(EVFLAG_AUTO);
	d.names = names_new(&d, -1);
	look();
	for (i = 0; i < HUBS; i++)
		require(known[i].nr_addrs == nr[i]);
	names_free(d.names);
	return 0;
}
