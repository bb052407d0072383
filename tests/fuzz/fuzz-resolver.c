// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: what the process that looks up names is asked. A question that is none ends
 * it, every other one gets an answer of its id that the agent takes. Nobody is asked: c-ares
 * says at once what the first octet of the input chooses.
 */
#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/resolver.h"
#include "fuzz.h"

static int status;

static void require(bool condition)
{
	if (!condition)
		abort();
}

void __wrap_ares_getaddrinfo(ares_channel channel, const char *node, const char *service,
			     const struct ares_addrinfo_hints *hints,
			     ares_addrinfo_callback callback, void *arg)
{
	(void)channel;
	(void)service;
	(void)hints;
	require(strlen(node) < NHRP_HUB_NAME_MAX);
	callback(arg, status ? status : ARES_ENODATA, 0, NULL);
}

int __wrap_ares_gethostbyname_file(ares_channel channel, const char *name, int family,
				   struct hostent **host)
{
	(void)channel;
	(void)family;
	(void)host;
	require(strlen(name) < NHRP_HUB_NAME_MAX);
	return ARES_ENOTFOUND;
}

static void *serve(void *arg)
{
	int fd = *(int *)arg;

	resolver_serve(fd);
	close(fd);
	return NULL;
}

static pthread_t thread;
static bool running;
static int fds[2];

/* The fuzzer's own alarms are for the thread that is fuzzed from. */
static void start(void)
{
	sigset_t all, before;

	sigfillset(&all);
	require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	pthread_sigmask(SIG_SETMASK, &all, &before);
	require(!pthread_create(&thread, NULL, serve, &fds[1]));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	running = true;
}

/* Such an alarm ends a call that waits. */
static ssize_t ask(const u8 *data, size_t size, struct resolver_answer *a)
{
	ssize_t len;

	do {
		len = send(fds[0], data, size, MSG_NOSIGNAL);
	} while (len < 0 && errno == EINTR);
	require(len == (ssize_t)size);
	do {
		len = recv(fds[0], a, sizeof(*a), 0);
	} while (len < 0 && errno == EINTR);
	return len;
}

static void check(const u8 *data, const struct resolver_answer *a)
{
	struct resolver_question q;

	memcpy(&q, data, sizeof(q));
	require(a->id == q.id && !a->nr && !a->failed && !a->more && *a->error);
	require(!a->error[sizeof(a->error) - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct resolver_answer a;
	ssize_t len;

	if (size < 2)
		return 0;
	status = data[0] % (ARES_ECANCELLED + 1);
	data++;
	size--;
	if (!running)
		start();
	len = ask(data, size, &a);
	if (len == sizeof(a)) {
		check(data, &a);
		return 0;
	}
	require(len <= 0);
	pthread_join(thread, NULL);
	close(fds[0]);
	running = false;
	return 0;
}
