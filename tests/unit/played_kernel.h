/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel that is played: sendmsg() and send() take the requests, recvmsg() gives
 * what is queued. For tests that are linked with PLAYED_KERNEL_LDLIBS (see sub.mk).
 */
#ifndef PLAYED_KERNEL_H
#define PLAYED_KERNEL_H

#include "lib/internal.h"

#define PLAYED_FD	77
#define PLAYED_FAMILY	0x30
#define PLAYED_MOST	512

/**
 * struct played_kernel - what it knows of its only socket
 * @seq: sequence numbers of the requests that came
 * @cmd: their commands
 * @ack: they want to be answered also if they succeed
 * @n: requests
 * @sends: calls of sendmsg() and send()
 * @largest: most requests in one send
 * @queue: datagrams
 * @lens: their bytes
 * @end: of them written
 * @next: to be received next
 * @room: most datagrams that fit into the receive buffer
 * @congested: one did not fit, and the queue has not been empty since
 * @error: what the next recvmsg() fails with, once, or 0
 * @request: called for each request, to answer it; may be NULL
 */
struct played_kernel {
	u32 seq[PLAYED_MOST];
	u8 cmd[PLAYED_MOST];
	bool ack[PLAYED_MOST];
	unsigned int n;
	unsigned int sends;
	unsigned int largest;
	u64 queue[PLAYED_MOST][32];
	int lens[PLAYED_MOST];
	unsigned int end;
	unsigned int next;
	unsigned int room;
	bool congested;
	int error;
	void (*request)(unsigned int n);
};

extern struct played_kernel kernel;

/* Forgets everything. */
void played_start(void);
/* Queues a message for the socket, or drops it as the kernel does when it does not fit. */
void played_queue(const struct nlmsghdr *nlh);
/* The ack of request number @n. */
void played_ack(unsigned int n, int error);
/* A message of the family with one u32, for request number @n. */
void played_reply(unsigned int n, u8 cmd, int type, u32 value);

#endif /* PLAYED_KERNEL_H */
