// SPDX-License-Identifier: GPL-2.0
/* Names that are in /etc/hosts are not asked for elsewhere. */
#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/resolver.h"

/* What nsswitch.conf says, and of what family the file has an address. */
static const char *lookups;
static int in_file;

int __wrap_ares_save_options(ares_channel channel, struct ares_options *options, int *mask)
{
	(void)channel;
	memset(options, 0, sizeof(*options));
	options->lookups = (char *)lookups;
	*mask = ARES_OPT_LOOKUPS;
	return ARES_SUCCESS;
}

void __wrap_ares_destroy_options(struct ares_options *options)
{
	(void)options;
}

int __wrap_ares_gethostbyname_file(ares_channel channel, const char *name, int family,
				   struct hostent **host)
{
	static u8 v4[] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	static char *addrs[2];
	static struct hostent found = { .h_addr_list = addrs };

	(void)channel;
	(void)name;
	if (family != in_file)
		return ARES_ENOTFOUND;
	addrs[0] = (char *)(family == AF_INET ? v4 : v6);
	*host = &found;
	return ARES_SUCCESS;
}

void __wrap_ares_free_hostent(struct hostent *host)
{
	(void)host;
}

/* Name servers are silent. */
void __wrap_ares_getaddrinfo(ares_channel channel, const char *name, const char *service,
			     const struct ares_addrinfo_hints *hints,
			     ares_addrinfo_callback callback, void *arg)
{
	(void)channel;
	(void)name;
	(void)service;
	(void)hints;
	callback(arg, ARES_ETIMEOUT, 4, NULL);
}

static struct resolver_answer ask(void)
{
	struct resolver_question question = { .id = 1, .name = "hub.example" };
	struct resolver_answer answer;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		exit(resolver_serve(fds[1]) ? 1 : 0);
	}
	close(fds[1]);
	assert_int_equal(send(fds[0], &question, sizeof(question), 0), sizeof(question));
	assert_int_equal(recv(fds[0], &answer, sizeof(answer), 0), sizeof(answer));
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return answer;
}

static void has_one_family(int family, const char *text)
{
	struct resolver_answer answer;
	char got[INET6_ADDRSTRLEN];

	lookups = "fb";
	in_file = family;
	answer = ask();
	assert_int_equal(answer.nr, 1);
	assert_int_equal(answer.addrs[0].family, family);
	inet_ntop(family, answer.addrs[0].b, got, sizeof(got));
	assert_string_equal(got, text);
	assert_int_equal(answer.failed, 0);
	assert_string_equal(answer.error, "");
}

/* The other family is not asked of a name server, which may be silent. */
static void one_family_is_all(void **state)
{
	(void)state;
	has_one_family(AF_INET, "192.0.2.1");
	has_one_family(AF_INET6, "2001:db8::1");
}

static void not_in_file(void **state)
{
	struct resolver_answer answer;

	(void)state;
	lookups = "fb";
	in_file = AF_UNSPEC;
	answer = ask();
	assert_int_equal(answer.nr, 0);
	assert_string_not_equal(answer.error, "");
}

/* Where name servers come first, c-ares asks the file itself. */
static void file_is_not_first(void **state)
{
	struct resolver_answer answer;

	(void)state;
	lookups = "bf";
	in_file = AF_INET;
	answer = ask();
	assert_int_equal(answer.nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_family_is_all),
		cmocka_unit_test(not_in_file),
		cmocka_unit_test(file_is_not_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
