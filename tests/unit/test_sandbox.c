// SPDX-License-Identifier: GPL-2.0
/* Rights that are given up, by children: they do not come back. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/config.h"
#include "dvpnd/resolver.h"
#include "dvpnd/sandbox.h"

#define STAY ((uid_t)-1)

/* What PR_GET_DUMPABLE says when a child has done so; negative: it could not. */
static int dumpable_after(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(fn() ? 255 : prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

static int nothing(void)
{
	return 0;
}

static int drop(void)
{
	return sandbox_drop_all(STAY, STAY);
}

static int drop_and_hide(void)
{
	return drop() || sandbox_hide();
}

/* Who has no secrets can be looked at: by those who search for leaks, too. */
static void hidden(void **state)
{
	(void)state;
	if (dumpable_after(nothing) != 1)
		skip();
	assert_int_equal(dumpable_after(drop), 1);
	assert_int_equal(dumpable_after(sandbox_hide), 0);
	assert_int_equal(dumpable_after(drop_and_hide), 0);
}

static struct config *config_with_secret(const char *secret)
{
	struct config *cfg = calloc(1, sizeof(*cfg));

	assert_non_null(cfg);
	cfg->tunnels = calloc(1, sizeof(*cfg->tunnels));
	assert_non_null(cfg->tunnels);
	cfg->nr_tunnels = 1;
	memcpy(cfg->tunnels[0].core.keys[0].secret.octet, secret,
	       NHRP_SECRET_MIN);
	return cfg;
}

static pid_t only_child(void)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

/* When it has answered something it has begun. */
static void ask(int fd)
{
	struct resolver_question question = { .id = 1, .name = "127.0.0.1" };
	struct pollfd answered = { .fd = fd, .events = POLLIN };
	struct resolver_answer answer;

	assert_int_equal(send(fd, &question, sizeof(question), 0),
			 sizeof(question));
	assert_int_equal(poll(&answered, 1, RESOLVER_LIMIT_MS), 1);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer));
}

/* What is where a key was when the process that looks up names was made? */
static void resolver_has_no_keys(void **state)
{
	static const char secret[] = "0123456789abcdef";
	struct config *cfg = config_with_secret(secret);
	char there[NHRP_SECRET_MIN] = "";
	struct iovec local = { there, sizeof(there) };
	struct iovec remote = {
		cfg->tunnels[0].core.keys[0].secret.octet, sizeof(there),
	};
	int fd = resolver_start(STAY, STAY, SANDBOX_OFF, cfg), err;
	pid_t pid = only_child();
	ssize_t n;

	(void)state;
	assert_true(fd >= 0);
	ask(fd);
	n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	err = errno;
	close(fd);
	config_free(cfg);
	if (!pid || (n < 0 && err != EFAULT))
		skip();
	waitpid(pid, NULL, 0);
	assert_memory_not_equal(there, secret, sizeof(there));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hidden),
		cmocka_unit_test(resolver_has_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
