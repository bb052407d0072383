/* SPDX-License-Identifier: GPL-2.0 */
/* A daemon with no more than its control socket, and clients of it. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <jansson.h>

#include "dvpnd/control.h"
#include "dvpnd/daemon.h"

/* The daemon, without a tunnel. */
extern struct daemon d;
/* What a client was told last, for hear(). */
extern char reply[1 << 16];

/* Of each test: a new daemon. */
int setup(void **state);
int teardown(void **state);

/* A client of the server, as seen from its own side. Return: its socket. */
int connect_client(void);
/* The daemon does what it has to do. */
void turn(void);
/* Bytes to the daemon, and a whole request with its end. */
void say(int fd, const char *text, size_t len);
void say_request(int fd, const char *request);
/*
 * What has been said to the client, in @buf; *closed: the connection is gone.
 * Return: bytes.
 */
size_t hear(int fd, char *buf, size_t size, bool *closed);
/* One request, one reply, no more and no less; it is in @reply, too. */
json_t *ask(int fd, const char *request, bool *closed);
/* A client of its own asks, and is refused with this error. */
void assert_refused(const char *request, const char *error, bool closes);

#endif
