// SPDX-License-Identifier: GPL-2.0
/* The control socket of dvpnd: its file, how many may come, and who */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "control_client.h"
#include "dvpnd/methods.h"

static int connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		close(fd);
		return -errno;
	}
	return fd;
}

static void socket_file(void **state)
{
	char dir[] = "/tmp/test_control.XXXXXX", path[64];
	struct control *second;
	struct stat st;
	int fds[CONTROL_CLIENTS_MAX + CONTROL_CLIENTS_RESERVED + 1], i;
	int last = CONTROL_CLIENTS_MAX + CONTROL_CLIENTS_RESERVED;
	bool closed;

	(void)state;
	assert_non_null(mkdtemp(dir));
	sprintf(path, "%s/sock", dir);
	assert_int_equal(control_listen(d.control, path, ""), 0);
	control_start(d.control, d.loop);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	/* A second daemon must not take the socket away. */
	second = control_new(methods_handle, &d);
	assert_int_equal(control_listen(second, path, ""), -EADDRINUSE);
	control_free(second);
	assert_int_equal(access(path, F_OK), 0);
	turn();

	for (i = 0; i <= last; i++) {
		/* Who may only look has fewer; nobody but root can be somebody else. */
		if (i == CONTROL_CLIENTS_MAX && !getuid()) {
			chmod(dir, 0755);
			chmod(path, 0666);
			assert_int_equal(seteuid(65534), 0);
			fds[i] = connect_to(path);
			assert_int_equal(seteuid(0), 0);
			turn();
			hear(fds[i], reply, sizeof(reply), &closed);
			assert_non_null(strstr(reply, "org.dvpn.TooMany"));
			assert_true(closed);
			close(fds[i]);
			turn();
		}
		fds[i] = connect_to(path);
		assert_true(fds[i] >= 0);
		turn();
	}
	hear(fds[last], reply, sizeof(reply), &closed);
	assert_non_null(strstr(reply, "org.dvpn.TooMany"));
	assert_true(closed);
	for (i = 0; i <= last; i++)
		close(fds[i]);

	/* What a crash left behind is replaced; what is no socket is not. */
	control_free(d.control);
	assert_int_equal(access(path, F_OK), -1);
	fds[0] = open(path, O_CREAT | O_WRONLY, 0600);
	close(fds[0]);
	d.control = control_new(methods_handle, &d);
	control_start(d.control, d.loop);
	assert_int_equal(control_listen(d.control, path, ""), -EEXIST);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);
	rmdir(dir);
}

/* Asks as another user; the exit status is 0 if it was refused and reading was not. */
static int ask_as_nobody(const char *path)
{
	static const char requests[] =
		"{\"method\":\"org.dvpn.Leave\"}\0{\"method\":\"org.dvpn.Reload\"}\0"
		"{\"method\":\"org.dvpn.Status\"}";
	const char *p = reply;
	size_t len = 0;
	int zeros = 0;
	int fd;

	if (setgid(65534) || setuid(65534))
		return 2;
	fd = connect_to(path);
	if (fd < 0 || send(fd, requests, sizeof(requests), 0) != sizeof(requests))
		return 3;
	fcntl(fd, F_SETFL, 0);
	while (zeros < 3) {
		if (recv(fd, reply + len, 1, 0) != 1)
			return 4;
		zeros += !reply[len++];
	}
	if (!strstr(p, "org.dvpn.PermissionDenied"))
		return 5;
	p += strlen(p) + 1;
	if (!strstr(p, "org.dvpn.PermissionDenied"))
		return 6;
	p += strlen(p) + 1;
	return strstr(p, "\"version\"") ? 0 : 7;
}

static void other_users_only_read(void **state)
{
	char dir[] = "/tmp/test_control.XXXXXX", path[64];
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	assert_non_null(mkdtemp(dir));
	sprintf(path, "%s/sock", dir);
	assert_int_equal(control_listen(d.control, path, "nogroup"), 0);
	control_start(d.control, d.loop);
	assert_int_equal(chmod(dir, 0755), 0);
	pid = fork();
	if (!pid)
		_exit(ask_as_nobody(path));
	while (!waitpid(pid, &status, WNOHANG))
		ev_run(d.loop, EVRUN_NOWAIT);
	assert_int_equal(status, 0);
	control_free(d.control);
	d.control = NULL;
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(socket_file, setup, teardown),
		cmocka_unit_test_setup_teardown(other_users_only_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
