// SPDX-License-Identifier: GPL-2.0
/*
 * The directory of what survives, and in it the state file: a line "dvpn-state
 * VERSION", then one "NAME VALUE" a line. Files are replaced by rename(2), so there
 * is always a whole one.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dvpnd/log.h"
#include "dvpnd/state.h"

#define STATE_VERSION	1
#define STATE_MAX	4096
#define STATE_FILE	"state"
#define STATE_NEW	"state.new"
#define STATE_LOCK	"lock"

struct state {
	int dir_fd;
	int lock_fd;
	u32 next_request_id;
	u32 epoch;
};

/* A line "NAME NUMBER" at @text, which is moved behind it. */
static bool take_line(const char **text, const char *name, u32 *number)
{
	size_t len = strlen(name);
	unsigned long long n;
	char *end;

	if (strncmp(*text, name, len) || (*text)[len] != ' ' ||
	    !isdigit((unsigned char)(*text)[len + 1]))
		return false;
	errno = 0;
	n = strtoull(*text + len + 1, &end, 10);
	if (errno || n > UINT32_MAX || *end != '\n')
		return false;
	*text = end + 1;
	*number = n;
	return true;
}

/*
 * Return: 0, -EPROTO if it is not what we write. A file without an epoch is that of an
 * earlier dvpnd, which in turn takes no notice of it. After the last epoch there is none.
 */
static int parse(struct state *s, const char *text)
{
	u32 version, id, epoch = 0;

	if (!take_line(&text, "dvpn-state", &version) || !take_line(&text, "request-id", &id))
		return -EPROTO;
	if (version != STATE_VERSION || !id)
		return -EPROTO;
	if (*text && (!take_line(&text, "epoch", &epoch) || epoch == UINT32_MAX))
		return -EPROTO;
	s->next_request_id = id;
	s->epoch = epoch;
	return 0;
}

static int read_all(int fd, size_t size, char **text, size_t *len)
{
	char *buf = malloc(size + 1);
	ssize_t n = 1;
	int err;

	if (!buf)
		return -ENOMEM;
	for (*len = 0; *len < size && n > 0; *len += n > 0 ? n : 0)
		n = read(fd, buf + *len, size - *len);
	if (n < 0) {
		err = -errno;
		free(buf);
		return err;
	}
	buf[*len] = 0;
	*text = buf;
	return 0;
}

int state_read(struct state *s, const char *name, size_t max, char **text, size_t *len)
{
	struct stat st;
	int fd, err;

	/* Whoever we become owns the directory: what lies there may be no file at all. */
	fd = openat(s->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if ((u64)st.st_size > max)
		err = -EFBIG;
	else
		err = read_all(fd, st.st_size, text, len);
	close(fd);
	return err;
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return 0;
}

int state_replace(struct state *s, const char *name, const char *text, size_t len, bool sync)
{
	int fd, err;

	/* Left by a crash, maybe by another user. */
	unlinkat(s->dir_fd, STATE_NEW, 0);
	fd = openat(s->dir_fd, STATE_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (!err && sync && fsync(fd))
		err = -errno;
	close(fd);
	if (!err && renameat(s->dir_fd, STATE_NEW, s->dir_fd, name))
		err = -errno;
	return err;
}

void state_remove(struct state *s, const char *name)
{
	unlinkat(s->dir_fd, name, 0);
}

static int load(struct state *s)
{
	char *text;
	size_t len;
	int err;

	err = state_read(s, STATE_FILE, STATE_MAX, &text, &len);
	if (err)
		return err;
	err = parse(s, text);
	free(text);
	return err;
}

static int save(struct state *s)
{
	char text[STATE_MAX];
	int len;

	len = snprintf(text, sizeof(text), "dvpn-state %d\nrequest-id %u\nepoch %u\n",
		       STATE_VERSION, s->next_request_id, s->epoch);
	return state_replace(s, STATE_FILE, text, len, true);
}

static int lock_dir(struct state *s)
{
	s->lock_fd = openat(s->dir_fd, STATE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			    0600);
	if (s->lock_fd < 0)
		return -errno;
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

/* Even the superuser needs to own it: the right to ignore that is given up, too. */
static int give(int fd, const char *name, uid_t uid, gid_t gid)
{
	if (uid == (uid_t)-1)
		uid = geteuid();
	return fchownat(fd, name, uid, gid, *name ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH) ?
	       -errno : 0;
}

static int open_dir(struct state *s, const char *dir, uid_t uid, gid_t gid)
{
	int err;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return -errno;
	err = lock_dir(s);
	if (!err)
		err = give(s->dir_fd, "", uid, gid);
	if (!err)
		err = give(s->dir_fd, STATE_LOCK, uid, gid);
	if (!err)
		err = give(s->dir_fd, STATE_FILE, uid, gid);
	return err == -ENOENT ? 0 : err;
}

int state_open(const char *dir, uid_t uid, gid_t gid, struct state **out)
{
	struct state *s;
	int err;

	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->dir_fd = -1;
	s->lock_fd = -1;
	err = open_dir(s, dir, uid, gid);
	if (err) {
		state_close(s);
		return err;
	}
	err = load(s);
	if (err) {
		/* Later than every number of an earlier run that made fewer than 4 a second. */
		s->next_request_id = (u32)time(NULL) << 2 | 1;
		if (err != -ENOENT)
			log_warn("%s/%s is ignored: %s", dir, STATE_FILE,
				 err == -EPROTO ? "another version or damaged" : strerror(-err));
	}
	*out = s;
	return 0;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	free(s);
}

u32 state_request_ids(struct state *s, u32 count)
{
	u32 first = s->next_request_id;
	int err;

	if (first + count < first)
		first = 1;	/* 0 is never an id */
	s->next_request_id = first + count;
	err = save(s);
	if (err)
		log_line(LOG_ERR, NULL, "state", "not written: %s; request ids may repeat",
			 strerror(-err));
	return first;
}

/* Seconds of the clock. One that is far off says nothing. */
static u32 clock_s(void)
{
	time_t now = time(NULL);

	return now > 0 && now < UINT32_MAX ? (u32)now : 1;
}

u32 state_epoch(struct state *s)
{
	u32 now = clock_s();
	int err;

	/* The clock makes up for a file that was lost, or that is an old copy. */
	if (s->epoch == UINT32_MAX) {
		log_line(LOG_ERR, NULL, "state",
			 "no epoch is left: others will not hear us until all have another key");
		s->epoch = now;
	} else {
		s->epoch = s->epoch < now ? now : s->epoch + 1;
	}
	err = save(s);
	if (err)
		log_line(LOG_ERR, NULL, "state",
			 "not written: %s; if the clock is set back others will not hear us",
			 strerror(-err));
	return s->epoch;
}
