// SPDX-License-Identifier: GPL-2.0
/* Rights that the daemon does without: see sandbox.h */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/log.h"
#include "dvpnd/sandbox.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

int sandbox_user(const char *name, int is_default, uid_t *uid, gid_t *gid)
{
	struct passwd *pw;

	*uid = -1;
	*gid = -1;
	if (geteuid() || !*name || !strcmp(name, "root"))
		return 0;
	pw = getpwnam(name);
	if (!pw)
		return is_default ? 0 : -ENOENT;
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

static int drop(uid_t uid, gid_t gid, bool net_admin)
{
	bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);

	capng_clear(CAPNG_SELECT_BOTH);
	if (net_admin &&
	    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN))
		return -EPERM;
	if (uid != (uid_t)-1) {
		if (capng_change_id(uid, gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
			return -EPERM;
	} else if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS)) {
		return -EPERM;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

int sandbox_drop(uid_t uid, gid_t gid)
{
	if (!capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN))
		return -EPERM;
	return drop(uid, gid, true);
}

int sandbox_drop_all(uid_t uid, gid_t gid)
{
	return drop(uid, gid, false);
}

int sandbox_hide(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? -errno : 0;
}

/*
 * What the loop, netlink, the control socket, the state file, a reload and the
 * C library under them call. No execve, no fork, no ptrace, no mount. libev waits for
 * the process that looks up names when that has ended.
 */
static const char *const allowed[] = {
	/* loop */
	"epoll_create1", "epoll_create", "epoll_ctl", "epoll_wait", "epoll_pwait",
	"epoll_pwait2", "poll", "ppoll", "select", "pselect6", "eventfd2", "timerfd_create",
	"timerfd_settime", "pipe2", "clock_gettime", "clock_gettime64", "clock_nanosleep",
	"nanosleep", "gettimeofday", "time", "restart_syscall",
	/* sockets */
	"socket", "bind", "connect", "listen", "accept4", "getsockname", "getpeername",
	"getsockopt", "setsockopt", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg",
	"recvmmsg", "shutdown",
	/* files */
	"read", "readv", "pread64", "write", "writev", "close", "lseek", "openat", "open",
	"fstat", "newfstatat", "stat", "lstat", "statx", "fcntl", "fsync", "fdatasync", "flock",
	"ftruncate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "access",
	"faccessat", "faccessat2", "readlink", "dup", "getdents64", "umask", "ioctl",
	/* memory */
	"brk", "mmap", "munmap", "mremap", "mprotect", "madvise",
	/* the process */
	"exit", "exit_group", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid",
	"getrandom", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "tgkill",
	"futex", "sched_yield", "sched_getaffinity", "prlimit64", "getrusage", "uname",
	"sysinfo", "set_robust_list", "rseq", "membarrier", "prctl", "wait4",
};

/* What c-ares calls, and the C library under it; see also allow_resolver(). */
static const char *const allowed_resolver[] = {
	"poll", "ppoll", "restart_syscall", "clock_gettime", "clock_gettime64", "gettimeofday",
	"time", "connect", "setsockopt", "getsockname", "sendto", "sendmsg", "recvfrom",
	"recvmsg", "read", "write", "close", "lseek", "fstat", "newfstatat", "stat", "statx",
	"brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "exit", "exit_group", "getpid",
	"gettid", "getrandom", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "futex",
	"uname",
};

static void denied(int sig, siginfo_t *info, void *ctx)
{
	char *name = seccomp_syscall_resolve_num_arch(info->si_arch, info->si_syscall);
	char text[160];
	int len;

	(void)sig;
	(void)ctx;
	/* Nothing on the way here allocates while malloc holds its lock: that is allowed. */
	len = snprintf(text, sizeof(text),
		       "dvpnd: system call %s (%d) is not on the list; run with --seccomp=log and report it\n",
		       name ? name : "?", info->si_syscall);
	if (write(STDERR_FILENO, text, len) < 0)
		_exit(1);
	signal(SIGABRT, SIG_DFL);
	abort();
}

static int allow_all(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
	size_t i;
	int nr, err;

	for (i = 0; i < n; i++) {
		nr = seccomp_syscall_resolve_name(names[i]);
		if (nr == __NR_SCMP_ERROR || nr < 0)
			continue;	/* not on this machine */
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
		if (err)
			return err;
	}
	return 0;
}

static int allow_daemon(scmp_filter_ctx ctx)
{
	return allow_all(ctx, allowed, ARRAY_SIZE(allowed));
}

/*
 * It speaks to name servers, and reads where they are: no path can be looked at here.
 * The daemon has the same user and must not get signals of it, abort() sends one.
 */
static int allow_resolver(scmp_filter_ctx ctx)
{
	int err = allow_all(ctx, allowed_resolver, ARRAY_SIZE(allowed_resolver));

	err = err ? err : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
					   SCMP_A0(SCMP_CMP_EQ, AF_INET, 0));
	err = err ? err : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
					   SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0));
	err = err ? err : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
					   SCMP_A0(SCMP_CMP_EQ, getpid(), 0));
	return err ? err : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
					    SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT,
						    O_RDONLY));
}

/* @action: for what is not allowed. */
static int load(enum sandbox_seccomp mode, uint32_t action, int (*allow)(scmp_filter_ctx ctx))
{
	struct sigaction act = { .sa_sigaction = denied, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx ctx;
	int err;

	if (mode == SANDBOX_OFF)
		return 0;
	ctx = seccomp_init(mode == SANDBOX_LOG ? SCMP_ACT_LOG : action);
	if (!ctx)
		return -ENOMEM;
	sigaction(SIGSYS, &act, NULL);
	err = allow(ctx);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

int sandbox_seccomp(enum sandbox_seccomp mode)
{
	return load(mode, SCMP_ACT_TRAP, allow_daemon);
}

int sandbox_seccomp_resolver(enum sandbox_seccomp mode)
{
	return load(mode, SCMP_ACT_ERRNO(EPERM), allow_resolver);
}
