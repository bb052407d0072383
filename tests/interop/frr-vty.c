// SPDX-License-Identifier: GPL-2.0
/*
 * frr-vty - give commands to a daemon of FRR
 *
 * What vtysh does, without reading every daemon's commands first: in an
 * emulated guest that is the difference between 20 ms and several seconds.
 *
 * usage: frr-vty SOCKET COMMAND...
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The daemon ends the answer to each command with three zeros and a status. */
static int command(int fd, const char *text, int show)
{
	unsigned int zeros = 0;
	char buf[4096];
	ssize_t n, i;

	if (write(fd, text, strlen(text) + 1) < 0)
		return -1;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++) {
			if (zeros == 3)
				return (unsigned char)buf[i];
			if (!buf[i]) {
				zeros++;
				continue;
			}
			zeros = 0;
			if (show)
				putchar(buf[i]);
		}
	}

	return -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, i, status;

	if (argc < 3 || strlen(argv[1]) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "usage: frr-vty SOCKET COMMAND...\n");
		return 2;
	}
	memcpy(addr.sun_path, argv[1], strlen(argv[1]) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		fprintf(stderr, "frr-vty: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}

	status = command(fd, "enable", 0);
	for (i = 2; i < argc && !status; i++)
		status = command(fd, argv[i], 1);
	if (status)
		fprintf(stderr, "frr-vty: %s: command %d failed\n", argv[1],
			i - 2);

	return status ? 1 : 0;
}
