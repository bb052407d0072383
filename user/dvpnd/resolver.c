// SPDX-License-Identifier: GPL-2.0
/* The process that asks name servers: see resolver.h */
#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/config.h"
#include "dvpnd/log.h"
#include "dvpnd/resolver.h"

#define LOOKUPS_MAX	16	/* at a time; more questions wait in the socket */
#define TRY_MS		2000
#define TRIES		2
#define EDNS_BYTES	1232	/* fits into a packet that no link has to cut */
#define CHILD_FD	3
#define FAMILY_MAX	128	/* addresses that are looked at */

struct lookup;

/**
 * struct half - the addresses of one family
 * @lookup: for which it is.
 * @family: address family.
 * @status: how it ended, of c-ares.
 * @ttl_s: how long @addrs hold, seconds.
 * @nr: number of @addrs.
 * @addrs: in the order of the name server.
 */
struct half {
	struct lookup *lookup;
	int family;
	int status;
	u32 ttl_s;
	unsigned int nr;
	struct nhrp_addr addrs[FAMILY_MAX];
};

/**
 * struct lookup - a question that is being answered
 * @busy: it is in use.
 * @done: @answer is ready.
 * @channel: c-ares. One for each lookup: it reads the name servers anew.
 * @halves: IPv4 and IPv6, asked for apart: one that fails does not end the other,
 *	and c-ares would not tell of it.
 * @pending: of those, how many are out.
 * @question: what was asked.
 * @answer: what came out.
 */
struct lookup {
	bool busy;
	bool done;
	ares_channel channel;
	struct half halves[2];
	unsigned int pending;
	struct resolver_question question;
	struct resolver_answer answer;
};

/* ----- sockets of c-ares ----- */

static ares_socket_t open_socket(int family, int type, int protocol, void *ctx)
{
	(void)ctx;
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int close_socket(ares_socket_t fd, void *ctx)
{
	(void)ctx;
	return close(fd);
}

static bool is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in6 *sin6 = (const void *)sa;
	const struct sockaddr_in *sin = (const void *)sa;

	if (sa->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
	return ntohl(sin->sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

/* A forwarder on this machine serves all of it: no VRF leads there. */
static int connect_socket(ares_socket_t fd, const struct sockaddr *sa, ares_socklen_t len,
			  void *ctx)
{
	const struct lookup *l = ctx;
	const char *device = l->question.device;

	if (*device && !is_loopback(sa) &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device) + 1))
		return -1;
	return connect(fd, sa, len);
}

static ares_ssize_t receive(ares_socket_t fd, void *data, size_t len, int flags,
			    struct sockaddr *from, ares_socklen_t *from_len, void *ctx)
{
	(void)ctx;
	return recvfrom(fd, data, len, flags, from, from_len);
}

static ares_ssize_t transmit(ares_socket_t fd, const struct iovec *iov, int n, void *ctx)
{
	const struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = n };

	(void)ctx;
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = transmit,
};

/* ----- a lookup ----- */

static void add_address(struct half *h, const void *bytes)
{
	struct nhrp_addr *addr = &h->addrs[h->nr];
	unsigned int i;

	if (h->nr == FAMILY_MAX)
		return;
	nhrp_addr_set(addr, h->family, bytes);
	for (i = 0; i < h->nr; i++)
		if (nhrp_addr_eq(&h->addrs[i], addr))
			return;
	h->nr++;
}

static void add_node(struct half *h, const struct ares_addrinfo_node *node)
{
	const struct sockaddr_in6 *sin6 = (const void *)node->ai_addr;
	const struct sockaddr_in *sin = (const void *)node->ai_addr;

	if (node->ai_family != h->family)
		return;
	if (node->ai_family == AF_INET)
		add_address(h, &sin->sin_addr);
	else
		add_address(h, &sin6->sin6_addr);
}

static u32 shortest_ttl(const struct ares_addrinfo *info)
{
	const struct ares_addrinfo_cname *cname;
	const struct ares_addrinfo_node *node;
	int ttl = INT32_MAX;

	for (node = info->nodes; node; node = node->ai_next)
		if (node->ai_ttl < ttl)
			ttl = node->ai_ttl;
	for (cname = info->cnames; cname; cname = cname->next)
		if (cname->ttl < ttl)
			ttl = cname->ttl;
	return ttl > 0 ? ttl : 0;
}

static void fail(struct lookup *l, int status)
{
	snprintf(l->answer.error, sizeof(l->answer.error), "%s", ares_strerror(status));
	l->done = true;
}

/* That there are none is an answer. */
static bool is_answered(const struct half *h)
{
	return h->status == ARES_SUCCESS || h->status == ARES_ENODATA ||
	       h->status == ARES_ENOTFOUND;
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct nhrp_addr *)a)->b, ((const struct nhrp_addr *)b)->b,
		      sizeof(((const struct nhrp_addr *)a)->b));
}

/* Name servers answer by turns: of too many it must not be others every time. */
static void add_half(struct resolver_answer *a, struct half *h, unsigned int others)
{
	unsigned int i, room = resolver_room(h->nr, others);

	if (h->nr && (!a->nr || h->ttl_s < a->ttl_s))
		a->ttl_s = h->ttl_s;
	if (room < h->nr) {
		qsort(h->addrs, h->nr, sizeof(*h->addrs), compare);
		a->more = true;
	}
	for (i = 0; i < room; i++)
		a->addrs[a->nr++] = h->addrs[i];
}

static void conclude(struct lookup *l)
{
	struct half *h = l->halves, *failed = NULL;
	struct resolver_answer *a = &l->answer;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		add_half(a, &h[i], h[!i].nr);
		if (!failed && !is_answered(&h[i]))
			failed = &h[i];
	}
	if (!a->nr) {
		fail(l, failed ? failed->status : h->status);
	} else if (failed) {
		a->failed = failed->family;
		snprintf(a->error, sizeof(a->error), "IPv%c: %.50s",
			 a->failed == AF_INET6 ? '6' : '4', ares_strerror(failed->status));
	}
	l->done = true;
}

static void answered(void *ctx, int status, int timeouts, struct ares_addrinfo *info)
{
	const struct ares_addrinfo_node *node;
	struct half *h = ctx;

	(void)timeouts;
	h->status = status;
	if (status == ARES_SUCCESS) {
		for (node = info->nodes; node; node = node->ai_next)
			add_node(h, node);
		h->ttl_s = shortest_ttl(info);
		ares_freeaddrinfo(info);
		if (!h->nr)
			h->status = ARES_ENODATA;
	}
	if (!--h->lookup->pending)
		conclude(h->lookup);
}

/* Is /etc/hosts asked before name servers (nsswitch.conf)? */
static bool file_is_first(const struct lookup *l)
{
	struct ares_options options;
	bool first;
	int mask;

	if (ares_save_options(l->channel, &options, &mask) != ARES_SUCCESS)
		return false;
	first = options.lookups && *options.lookups == 'f';
	ares_destroy_options(&options);
	return first;
}

static void ask_file(const struct lookup *l, struct half *h)
{
	struct hostent *host;
	char **addr;

	h->status = ARES_ENODATA;
	if (ares_gethostbyname_file(l->channel, l->question.name, h->family, &host) !=
	    ARES_SUCCESS)
		return;
	for (addr = host->h_addr_list; *addr; addr++)
		add_address(h, *addr);
	ares_free_hostent(host);
}

/* A name that is in there with one family only has no more of the other elsewhere. */
static bool is_in_file(struct lookup *l)
{
	if (!file_is_first(l))
		return false;
	ask_file(l, &l->halves[0]);
	ask_file(l, &l->halves[1]);
	return l->halves[0].nr || l->halves[1].nr;
}

static void start_half(struct lookup *l, struct half *h)
{
	const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT, .ai_family = h->family,
	};

	ares_getaddrinfo(l->channel, l->question.name, NULL, &hints, answered, h);
}

static void start_lookup(struct lookup *l)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS,
		.timeout = TRY_MS,
		.tries = TRIES,
		.ednspsz = EDNS_BYTES,
	};
	int status;

	status = ares_init_options(&l->channel, &options,
				   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				   ARES_OPT_EDNSPSZ);
	if (status != ARES_SUCCESS) {
		l->channel = NULL;
		fail(l, status);
		return;
	}
	ares_set_socket_functions(l->channel, &socket_functions, l);
	l->halves[0] = (struct half){ .lookup = l, .family = AF_INET };
	l->halves[1] = (struct half){ .lookup = l, .family = AF_INET6 };
	if (is_in_file(l)) {
		conclude(l);
		return;
	}
	l->pending = 2;
	start_half(l, &l->halves[0]);
	start_half(l, &l->halves[1]);
}

/* Return: 1 if it was begun, 0 if there is none now, else a negative errno. */
static int take_question(int fd, struct lookup *l)
{
	struct resolver_question *q = &l->question;
	ssize_t len;

	memset(l, 0, sizeof(*l));
	len = recv(fd, q, sizeof(*q), MSG_DONTWAIT);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!len)
		return -EPIPE;
	if (len != sizeof(*q) || q->name[sizeof(q->name) - 1] ||
	    q->device[sizeof(q->device) - 1])
		return -EBADMSG;
	l->busy = true;
	l->answer.id = q->id;
	start_lookup(l);
	return 1;
}

static int send_answer(int fd, struct lookup *l)
{
	ssize_t len = send(fd, &l->answer, sizeof(l->answer), MSG_NOSIGNAL);

	if (l->channel)
		ares_destroy(l->channel);
	l->busy = false;
	return len == sizeof(l->answer) ? 0 : -EPIPE;
}

/* ----- all of them ----- */

struct poller {
	struct pollfd fds[1 + LOOKUPS_MAX * ARES_GETSOCK_MAXNUM];
	struct lookup *of[1 + LOOKUPS_MAX * ARES_GETSOCK_MAXNUM];
	unsigned int nr;
	int timeout_ms;
};

static void poll_lookup(struct poller *p, struct lookup *l)
{
	ares_socket_t socks[ARES_GETSOCK_MAXNUM];
	/* The macros for its bits shift an int by 31. */
	u32 mask = (u32)ares_getsock(l->channel, socks, ARES_GETSOCK_MAXNUM);
	struct timeval *tv, tv_room;
	int i, ms;

	for (i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = (mask >> i & 1 ? POLLIN : 0) |
			       (mask >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0);

		if (!events)
			continue;
		p->fds[p->nr] = (struct pollfd){ .fd = socks[i], .events = events };
		p->of[p->nr++] = l;
	}
	tv = ares_timeout(l->channel, NULL, &tv_room);
	if (!tv)
		return;
	ms = tv->tv_sec * 1000 + tv->tv_usec / 1000 + 1;
	if (p->timeout_ms < 0 || ms < p->timeout_ms)
		p->timeout_ms = ms;
}

static void process(struct poller *p, struct lookup *lookups)
{
	unsigned int i;

	for (i = 1; i < p->nr; i++) {
		short events = p->fds[i].revents;

		if (events && !p->of[i]->done)
			ares_process_fd(p->of[i]->channel,
					events & POLLOUT && !(events & ~POLLOUT) ?
					ARES_SOCKET_BAD : p->fds[i].fd,
					events & POLLOUT ? p->fds[i].fd : ARES_SOCKET_BAD);
	}
	for (i = 0; i < LOOKUPS_MAX; i++)
		if (lookups[i].busy && !lookups[i].done)
			ares_process_fd(lookups[i].channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static int send_answers(int fd, struct lookup *lookups)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < LOOKUPS_MAX && !err; i++)
		if (lookups[i].busy && lookups[i].done)
			err = send_answer(fd, &lookups[i]);
	return err;
}

static struct lookup *free_lookup(struct lookup *lookups)
{
	unsigned int i;

	for (i = 0; i < LOOKUPS_MAX; i++)
		if (!lookups[i].busy)
			return &lookups[i];
	return NULL;
}

static int take_questions(int fd, struct lookup *lookups)
{
	struct lookup *l;
	int err = 1;

	while (err == 1 && (l = free_lookup(lookups)))
		err = take_question(fd, l);
	return err < 0 ? err : 0;
}

int resolver_serve(int fd)
{
	static struct lookup lookups[LOOKUPS_MAX];
	static struct poller p;
	unsigned int i;
	int err = 0;

	while (!err) {
		p.fds[0] = (struct pollfd){
			.fd = fd, .events = free_lookup(lookups) ? POLLIN : 0,
		};
		p.nr = 1;
		p.timeout_ms = -1;
		for (i = 0; i < LOOKUPS_MAX; i++)
			if (lookups[i].busy)
				poll_lookup(&p, &lookups[i]);
		if (poll(p.fds, p.nr, p.timeout_ms) < 0 && errno != EINTR)
			return -errno;
		process(&p, lookups);
		if (p.fds[0].revents)
			err = take_questions(fd, lookups);
		if (!err)
			err = send_answers(fd, lookups);
	}
	return err == -EPIPE ? 0 : err;
}

/* ----- the process ----- */

static void __attribute__((noreturn))
be_resolver(int fd, pid_t parent, uid_t uid, gid_t gid, enum sandbox_seccomp mode,
	    struct config *cfg)
{
	int err;

	/* Who hears of strangers has no keys. */
	config_free(cfg);

	/* It ends with the daemon, not with those who tell all of us to end. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, "dvpnd-names", 0, 0, 0);
	err = ares_library_init(ARES_LIB_INIT_ALL);
	if (!err)
		err = sandbox_drop_all(uid, gid);
	if (err)
		log_err("the process that looks up names: cannot give up privileges: %s",
			strerror(-err));
	if (err || dup2(fd, CHILD_FD) < 0)
		_exit(1);
	close_range(CHILD_FD + 1, ~0U, 0);
	/* That was forgotten with the old user, and it may have died meanwhile. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || sandbox_seccomp_resolver(mode))
		_exit(1);
	_exit(resolver_serve(CHILD_FD) ? 1 : 0);
}

int resolver_start(uid_t uid, gid_t gid, enum sandbox_seccomp mode, struct config *cfg)
{
	pid_t parent = getpid(), pid;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = fork();
	if (!pid)
		be_resolver(fds[1], parent, uid, gid, mode, cfg);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	return fds[0];
}
