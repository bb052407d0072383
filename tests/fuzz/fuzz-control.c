// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: the control socket of dvpnd, without tunnels. Whatever is said to it, all
 * it says are JSON objects with "parameters", each ended by a zero byte.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/log.h"
#include "dvpnd/methods.h"
#include "dvpnd/monitor.h"
#include "dvpnd/tracing.h"
#include "fuzz.h"

#define MAX_INPUT	(128 * 1024)

static struct daemon d;

static void require(int condition)
{
	if (!condition)
		abort();
}

static void start(void)
{
	d.config_path = "/nonexistent";
	d.cfg = calloc(1, sizeof(*d.cfg));
	d.loop = ev_loop_new(EVFLAG_AUTO);
	d.control = control_new(methods_handle, &d);
	control_start(d.control, d.loop);
	log_setup(-1);
}

static void check_replies(const char *text, size_t len)
{
	const char *end = text + len;

	require(!len || !end[-1]);
	for (; text < end; text += strlen(text) + 1) {
		json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

		require(json_is_object(json_object_get(root, "parameters")));
		json_decref(root);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char replies[4 << 20];
	size_t len = 0, done = 0;
	ssize_t n = 1;
	int fds[2];

	if (!d.loop)
		start();
	if (size > MAX_INPUT)
		return 0;
	require(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
	require(!!control_add_client(d.control, fds[1]));
	/* In two parts, so that requests are cut somewhere. */
	while (done < size) {
		size_t part = done ? size - done : (size + 1) / 2;

		n = send(fds[0], data + done, part, MSG_NOSIGNAL);
		done = n < 0 ? size : done + n;
		ev_run(d.loop, EVRUN_NOWAIT);
	}
	shutdown(fds[0], SHUT_WR);
	for (n = 1; n; ) {
		ev_run(d.loop, EVRUN_NOWAIT);
		n = recv(fds[0], replies + len, sizeof(replies) - len, 0);
		len += n > 0 ? n : 0;
		if (n < 0 && (control_has_subscribers(d.control, &monitor_feed) ||
			      control_has_subscribers(d.control, &tracing_feed)))
			break;
	}
	close(fds[0]);
	ev_run(d.loop, EVRUN_NOWAIT);
	check_replies(replies, len);
	return 0;
}
