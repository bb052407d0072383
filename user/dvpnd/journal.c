// SPDX-License-Identifier: GPL-2.0
/*
 * The journal: see journal.h. An entry is a datagram of lines "NAME=VALUE"; the
 * journal adds by itself who sent it and when.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "dvpnd/journal.h"

static int journal_fd = -1;

bool journal_open(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (journal_fd >= 0)
		return true;
	if (len >= sizeof(sun.sun_path))
		return false;
	memcpy(sun.sun_path, path, len);
	journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal_fd >= 0 && connect(journal_fd, (struct sockaddr *)&sun, sizeof(sun))) {
		close(journal_fd);
		journal_fd = -1;
	}
	return journal_fd >= 0;
}

static void add(struct iovec *iov, size_t *n, const char *text)
{
	iov[*n].iov_base = (void *)text;
	iov[(*n)++].iov_len = strlen(text);
}

int journal_send(const struct journal_field *fields, size_t n)
{
	struct iovec iov[4 * JOURNAL_FIELDS_MAX];
	struct msghdr msg = { .msg_iov = iov };
	size_t i;

	if (journal_fd < 0)
		return -ENOTCONN;
	if (n > JOURNAL_FIELDS_MAX)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		if (!fields[i].value)
			continue;
		add(iov, &msg.msg_iovlen, fields[i].name);
		add(iov, &msg.msg_iovlen, "=");
		add(iov, &msg.msg_iovlen, fields[i].value);
		add(iov, &msg.msg_iovlen, "\n");
	}
	return sendmsg(journal_fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
