// SPDX-License-Identifier: GPL-2.0
/* The file of the control socket: see control-socket.h */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "dvpnd/control-socket.h"
#include "dvpnd/log.h"

#define BACKLOG 32

/* Remove what a daemon that crashed left behind, and only that. */
static int remove_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(sun->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) || errno == EAGAIN)
		err = -EADDRINUSE;
	else if (errno == ECONNREFUSED && unlink(sun->sun_path))
		err = -errno;
	close(fd);
	return err;
}

static int set_group(const char *path, const char *group)
{
	struct group *gr;

	if (!*group)
		return chmod(path, 0600) ? -errno : 0;
	gr = getgrnam(group);
	if (!gr) {
		log_err("control-group = %s: there is no such group", group);
		return -EINVAL;
	}
	if (chown(path, -1, gr->gr_gid) || chmod(path, 0660))
		return -errno;
	return 0;
}

static int bind_private(int fd, const struct sockaddr_un *sun)
{
	mode_t mask = umask(0177);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? -errno : 0;

	umask(mask);
	return err;
}

int control_socket_open(const char *path, const char *group)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	err = remove_stale(&sun);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = bind_private(fd, &sun);
	if (!err && listen(fd, BACKLOG))
		err = -errno;
	if (!err)
		err = set_group(path, group);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}
