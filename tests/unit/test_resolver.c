// SPDX-License-Identifier: GPL-2.0
/* The process that looks up names: what it answers, and what it does not accept */
#include <ares.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/resolver.h"

static int serve(pid_t *pid)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	*pid = fork();
	if (!*pid) {
		close(fds[0]);
		_exit(resolver_serve(fds[1]) ? 1 : 0);
	}
	close(fds[1]);
	return fds[0];
}

static int end_of(pid_t pid, int fd)
{
	int status;

	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* More than are looked up at a time, of the one name that is everywhere. */
static void answers(void **state)
{
	struct resolver_question q = { .name = "localhost" };
	struct resolver_answer a;
	u32 sum = 0;
	pid_t pid;
	int fd;

	(void)state;
	fd = serve(&pid);
	for (q.id = 1; q.id <= 20; q.id++)
		assert_int_equal(send(fd, &q, sizeof(q), 0), sizeof(q));
	while (sum < 210) {
		assert_int_equal(recv(fd, &a, sizeof(a), 0), sizeof(a));
		sum += a.id;
		assert_in_range(a.nr, 1, 2);
		assert_true(nhrp_addr_is_loopback(&a.addrs[0]));
		assert_string_equal(a.error, "");
	}
	assert_int_equal(end_of(pid, fd), 0);
}

static struct ares_addrinfo played;

__typeof__(ares_getaddrinfo) __real_ares_getaddrinfo;
__typeof__(ares_freeaddrinfo) __real_ares_freeaddrinfo;

#define MANY	20

/*
 * "A.AAAA": what comes out of each, by the first letter: address, none, timeout; or many,
 * by turns.
 */
void __wrap_ares_getaddrinfo(ares_channel channel, const char *name, const char *service,
			     const struct ares_addrinfo_hints *hints,
			     ares_addrinfo_callback callback, void *arg)
{
	static struct sockaddr_in6 sin6[MANY];
	static struct sockaddr_in sin[MANY];
	static struct ares_addrinfo_node nodes[MANY];
	unsigned int i, nr;
	static u8 turn;
	char what;

	if (!strchr(name, '.')) {
		__real_ares_getaddrinfo(channel, name, service, hints, callback, arg);
		return;
	}
	what = hints->ai_family == AF_INET ? *name : strchr(name, '.')[1];
	nr = what == 'm' ? MANY : what == 'a';
	turn++;
	for (i = 0; i < nr; i++) {
		nodes[i].ai_family = hints->ai_family;
		nodes[i].ai_ttl = hints->ai_family == AF_INET ? 30 : 20;
		nodes[i].ai_addr = hints->ai_family == AF_INET ? (void *)&sin[i] :
								 (void *)&sin6[i];
		nodes[i].ai_next = i + 1 < nr ? &nodes[i + 1] : NULL;
		sin[i].sin_addr.s_addr = htonl(0xc0000201 + (i + turn) % nr);
		sin6[i].sin6_addr.s6_addr[15] = 1 + (i + turn) % nr;
	}
	played.nodes = nodes;
	callback(arg, nr ? ARES_SUCCESS : what == 'n' ? ARES_ENODATA : ARES_ETIMEOUT, 0,
		 nr ? &played : NULL);
}

void __wrap_ares_freeaddrinfo(struct ares_addrinfo *info)
{
	if (info != &played)
		__real_ares_freeaddrinfo(info);
}

/* One family does not wait for the other's success, and a failure is not hidden by it. */
static void halves(void **state)
{
	static const struct {
		const char *name;
		u32 nr;
		u32 failed;
		u32 ttl_s;
		const char *error;
	} cases[] = {
		{ "address.address", 2, 0, 20, "" },
		{ "address.none", 1, 0, 30, "" },
		{ "none.address", 1, 0, 20, "" },
		{ "address.timeout", 1, AF_INET6, 30,
		  "IPv6: Timeout while contacting DNS servers" },
		{ "timeout.address", 1, AF_INET, 20,
		  "IPv4: Timeout while contacting DNS servers" },
		{ "none.none", 0, 0, 0, "DNS server returned answer with no data" },
		{ "none.timeout", 0, 0, 0, "Timeout while contacting DNS servers" },
	};
	struct resolver_question q = { .id = 1 };
	struct resolver_answer a;
	unsigned int i;
	pid_t pid;
	int fd;

	(void)state;
	fd = serve(&pid);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(q.name, sizeof(q.name), "%s", cases[i].name);
		assert_int_equal(send(fd, &q, sizeof(q), 0), sizeof(q));
		assert_int_equal(recv(fd, &a, sizeof(a), 0), sizeof(a));
		assert_int_equal(a.nr, cases[i].nr);
		assert_int_equal(a.failed, cases[i].failed);
		assert_int_equal(a.ttl_s, cases[i].ttl_s);
		assert_string_equal(a.error, cases[i].error);
	}
	assert_int_equal(end_of(pid, fd), 0);
}

/* Of too many they are the same ones every time, and some of both families. */
static void by_turns(void **state)
{
	static const struct {
		const char *name;
		unsigned int nr4;
		unsigned int nr6;
	} cases[] = {
		{ "many.none", 8, 0 }, { "none.many", 0, 8 }, { "many.many", 4, 4 },
		{ "address.many", 1, 7 }, { "many.address", 7, 1 },
	};
	struct resolver_question q = { .id = 1 };
	struct resolver_answer a;
	unsigned int i, j;
	pid_t pid;
	int fd;

	(void)state;
	fd = serve(&pid);
	for (i = 0; i < 3 * sizeof(cases) / sizeof(*cases); i++) {
		snprintf(q.name, sizeof(q.name), "%s", cases[i / 3].name);
		assert_int_equal(send(fd, &q, sizeof(q), 0), sizeof(q));
		assert_int_equal(recv(fd, &a, sizeof(a), 0), sizeof(a));
		assert_int_equal(a.nr, 8);
		assert_int_equal(a.more, 1);
		for (j = 0; j < cases[i / 3].nr4; j++) {
			assert_int_equal(a.addrs[j].family, AF_INET);
			assert_int_equal(a.addrs[j].b[3], 1 + j);
		}
		for (j = 0; j < cases[i / 3].nr6; j++)
			assert_int_equal(a.addrs[cases[i / 3].nr4 + j].b[15], 1 + j);
	}
	assert_int_equal(end_of(pid, fd), 0);
}

static void refuses(void **state)
{
	struct resolver_question q = { .id = 1 };
	pid_t pid;
	int fd;

	(void)state;
	fd = serve(&pid);
	assert_int_equal(send(fd, &q, sizeof(q) - 1, 0), sizeof(q) - 1);
	assert_int_equal(end_of(pid, fd), 1);
	fd = serve(&pid);
	memset(q.name, 'x', sizeof(q.name));
	assert_int_equal(send(fd, &q, sizeof(q), 0), sizeof(q));
	assert_int_equal(end_of(pid, fd), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(halves),
		cmocka_unit_test(by_turns),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
