// SPDX-License-Identifier: GPL-2.0
/*
 * tcpflow - bytes over TCP, and how long they took
 *
 * usage: tcpflow listen PORT
 *        tcpflow send SOURCE ADDRESS PORT BYTES REPEATS
 *
 * The listener takes connections one after the other, reads each to its end
 * and closes it. The sender makes REPEATS connections of BYTES each and prints
 * "sent=.. seen=.. bytes=.. min_ps=.. median_ps=.. max_ps=.." like tbench, the
 * times for 1024 bytes. A connection counts from its first byte to the
 * listener's close.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPEATS_MAX	32
#define UNIT_BYTES	1024

static char buffer[65536];

static void die(const char *what)
{
	fprintf(stderr, "tcpflow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in parse(const char *address, const char *port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
	};

	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1)
		die(address);
	return sin;
}

static int run_listen(const char *port)
{
	struct sockaddr_in sin = parse("0.0.0.0", port);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int c;

	if (s < 0 || bind(s, (struct sockaddr *)&sin, sizeof(sin)) ||
	    listen(s, 4))
		die("listen");
	while ((c = accept(s, NULL, NULL)) >= 0) {
		while (read(c, buffer, sizeof(buffer)) > 0)
			;
		close(c);
	}
	die("accept");
	return 1;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Picoseconds for UNIT_BYTES. */
static uint64_t flow_ps(const struct sockaddr_in *from,
			const struct sockaddr_in *to, size_t bytes)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t start, took;
	size_t left = bytes;

	if (s < 0 || bind(s, (const struct sockaddr *)from, sizeof(*from)) ||
	    connect(s, (const struct sockaddr *)to, sizeof(*to)))
		die("connect");
	start = now_ns();
	while (left) {
		ssize_t n = write(s, buffer, left < sizeof(buffer) ?
					     left : sizeof(buffer));

		if (n <= 0)
			die("write");
		left -= n;
	}
	shutdown(s, SHUT_WR);
	if (read(s, buffer, 1))
		die("read");
	took = now_ns() - start;
	close(s);
	return took * 1000 / (bytes / UNIT_BYTES);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int run_send(char **argv)
{
	const struct sockaddr_in from = parse(argv[0], "0");
	const struct sockaddr_in to = parse(argv[1], argv[2]);
	size_t bytes = strtoull(argv[3], NULL, 10);
	int i, repeats = atoi(argv[4]);
	uint64_t ps[REPEATS_MAX];

	if (bytes < UNIT_BYTES || repeats < 1 || repeats > REPEATS_MAX) {
		errno = EINVAL;
		die("BYTES or REPEATS");
	}
	/* The first fills caches of routes, and is not counted. */
	flow_ps(&from, &to, bytes);
	for (i = 0; i < repeats; i++)
		ps[i] = flow_ps(&from, &to, bytes);
	qsort(ps, repeats, sizeof(ps[0]), by_size);
	printf("sent=%zu seen=%zu bytes=%zu min_ps=%ju median_ps=%ju max_ps=%ju\n",
	       bytes, bytes, bytes, (uintmax_t)ps[0],
	       (uintmax_t)ps[repeats / 2], (uintmax_t)ps[repeats - 1]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "listen"))
		return run_listen(argv[2]);
	if (argc == 7 && !strcmp(argv[1], "send"))
		return run_send(argv + 2);
	fputs("usage: tcpflow listen PORT | send SOURCE ADDRESS PORT BYTES REPEATS\n",
	      stderr);
	return 2;
}
