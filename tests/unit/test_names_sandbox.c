// SPDX-License-Identifier: GPL-2.0
/* What the process that looks up names may do, and what becomes of it if it does more */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dvpnd/sandbox.h"

/* The number of the first line of @act that did not go as it should, 0: none. */
static int in_sandbox(int (*act)(void))
{
	int status;
	pid_t pid = fork();

	/* Not _exit(): a sanitizer looks at more than the sandbox allows then. */
	if (!pid)
		syscall(SYS_exit_group,
			sandbox_seccomp_resolver(SANDBOX_ENFORCE) ? 255 : act());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int refused(long ret)
{
	return ret == -1 && errno == EPERM;
}

/* Whatever a library calls that nobody has thought of, it lives on. */
static int do_more(void)
{
	if (!refused(syscall(SYS_getppid)))
		return 1;
	if (!refused(syscall(SYS_execve, "/bin/true", NULL, NULL)))
		return 2;
	if (!refused(socket(AF_UNIX, SOCK_STREAM, 0)))
		return 3;
	if (!refused(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY, 0)))
		return 4;
	return 0;
}

static int do_enough(void)
{
	if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
		return 1;
	if (socket(AF_INET6, SOCK_DGRAM, 0) < 0 && errno == EPERM)
		return 2;
	if (syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0) < 0)
		return 3;
	return 0;
}

static pid_t test_pid;

/* It has the daemon's user, and could end it. */
static int do_kill(void)
{
	if (!refused(syscall(SYS_tgkill, test_pid, test_pid, 0)))
		return 1;
	if (!refused(kill(test_pid, 0)))
		return 2;
	if (syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0))
		return 3;
	return 0;
}

static void signals_nobody(void **state)
{
	(void)state;
	test_pid = getpid();
	assert_int_equal(in_sandbox(do_kill), 0);
}

static void refuses(void **state)
{
	(void)state;
	assert_int_equal(in_sandbox(do_more), 0);
}

static void allows(void **state)
{
	(void)state;
	assert_int_equal(in_sandbox(do_enough), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(allows),
		cmocka_unit_test(signals_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
