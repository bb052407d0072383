/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The process that asks name servers
 *
 * What a name server sends is read by a process of its own, with no capability and
 * next to no system calls, and a server that is silent keeps nobody waiting but
 * that process. It gets questions and gives answers by a socket that keeps
 * messages apart, and ends when the other side does.
 */
#ifndef DVPND_RESOLVER_H
#define DVPND_RESOLVER_H

#include <net/if.h>
#include <sys/types.h>

#include "dvpnd/sandbox.h"
#include "nhrp/core.h"

struct config;

#define RESOLVER_ERROR_MAX	64
/* Two tries of 2 s and 4 s with each of three name servers take 18 s. */
#define RESOLVER_LIMIT_MS	20000

/**
 * struct resolver_question - where does a name lead to?
 * @id: comes back in the answer.
 * @device: VRF to ask in, empty: in none.
 * @name: DNS name.
 */
struct resolver_question {
	u32 id;
	char device[IFNAMSIZ];
	char name[NHRP_HUB_NAME_MAX];
};

/**
 * struct resolver_answer - where it leads to
 * @id: of the question.
 * @ttl_s: how long that is so, seconds; 0 without @nr.
 * @nr: number of @addrs, 0: see @error.
 * @failed: address family for which there was no answer, nor that there is none;
 *	0: none such, or all of it failed.
 * @more: there are others than @addrs.
 * @addrs: IPv4 before IPv6, else in the order of the name server; if there are more,
 *	the lowest of each family, which are the same ones every time.
 * @error: what went wrong, in words.
 */
struct resolver_answer {
	u32 id;
	u32 ttl_s;
	u32 nr;
	u32 failed;
	u32 more;
	struct nhrp_addr addrs[NHRP_HUB_ADDRS_MAX];
	char error[RESOLVER_ERROR_MAX];
};

/* Of @nr addresses of a family, how many are used if the other one has @others. */
static inline unsigned int resolver_room(unsigned int nr, unsigned int others)
{
	unsigned int half = NHRP_HUB_ADDRS_MAX / 2;
	unsigned int room = NHRP_HUB_ADDRS_MAX - (others < half ? others : half);

	return nr < room ? nr : room;
}

/**
 * resolver_start() - start the process
 * @uid: user that it is to be, -1: the one we are.
 * @gid: its group.
 * @mode: what to do about system calls that it does not need.
 * @cfg: the process forgets its copy of this, which has secrets.
 *
 * To be called before there is a thread, a lock or a file that it should not have.
 *
 * Return: our end of the socket, non-blocking; or a negative errno.
 */
int resolver_start(uid_t uid, gid_t gid, enum sandbox_seccomp mode, struct config *cfg);

/**
 * resolver_serve() - answer questions until there are no more
 * @fd: socket.
 *
 * Return: 0 at its end, or a negative errno.
 */
int resolver_serve(int fd);

#endif /* DVPND_RESOLVER_H */
