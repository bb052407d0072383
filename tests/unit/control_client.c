// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "control_client.h"
#include "dvpnd/log.h"
#include "dvpnd/methods.h"

struct daemon d;
char reply[1 << 16];

int setup(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	d.config_path = "/nonexistent/dvpnd.conf";
	d.cfg = calloc(1, sizeof(*d.cfg));
	d.loop = ev_loop_new(EVFLAG_AUTO);
	d.control = control_new(methods_handle, &d);
	control_start(d.control, d.loop);
	log_setup(-1);
	return 0;
}

int teardown(void **state)
{
	(void)state;
	control_free(d.control);
	ev_loop_destroy(d.loop);
	config_free(d.cfg);
	return 0;
}

int connect_client(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_non_null(control_add_client(d.control, fds[1]));
	return fds[0];
}

void turn(void)
{
	int i;

	for (i = 0; i < 20; i++)
		ev_run(d.loop, EVRUN_NOWAIT);
}

void say(int fd, const char *text, size_t len)
{
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
	turn();
}

void say_request(int fd, const char *request)
{
	say(fd, request, strlen(request) + 1);
}

size_t hear(int fd, char *buf, size_t size, bool *closed)
{
	size_t len = 0;
	ssize_t n;

	*closed = false;
	for (;;) {
		turn();
		n = recv(fd, buf + len, size - 1 - len, 0);
		if (n < 0)
			break;
		if (!n) {
			*closed = true;
			break;
		}
		len += n;
	}
	buf[len] = 0;
	return len;
}

json_t *ask(int fd, const char *request, bool *closed)
{
	size_t len;
	json_t *root;

	say_request(fd, request);
	len = hear(fd, reply, sizeof(reply), closed);
	assert_int_equal(len, strlen(reply) + 1);
	root = json_loads(reply, 0, NULL);
	assert_non_null(root);
	return root;
}

void assert_refused(const char *request, const char *error, bool closes)
{
	int fd = connect_client();
	bool closed;
	json_t *root = ask(fd, request, &closed);
	json_t *params = json_object_get(root, "parameters");

	assert_string_equal(json_string_value(json_object_get(root, "error")), error);
	assert_true(json_string_length(json_object_get(params, "message")) > 0);
	assert_int_equal(closed, closes);
	json_decref(root);
	close(fd);
	turn();
}
