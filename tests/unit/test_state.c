// SPDX-License-Identifier: GPL-2.0
/* The state file: what is in it, what is not, and what may lie there instead. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "dvpnd/log.h"
#include "dvpnd/state.h"

static char dir[32] = "/tmp/test_state.XXXXXX";
static char file[64];

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct state *open_it(void)
{
	struct state *s = NULL;

	assert_int_equal(state_open(dir, -1, -1, &s), 0);
	return s;
}

static u32 first_id(void)
{
	struct state *s = open_it();
	u32 id = state_request_ids(s, 100);

	state_close(s);
	return id;
}

/* From the clock: of a second between the one before and the one after. */
static u32 fresh_id(void)
{
	u32 before = (u32)time(NULL) << 2;
	u32 id = first_id();
	u32 after = (u32)time(NULL) << 2;

	assert_in_range(id - before, 1, after - before + 100);
	return id;
}

static int setup(void **state)
{
	(void)state;
	unlink(file);
	return 0;
}

static void never_twice(void **state)
{
	u32 first, next;

	(void)state;
	/* A new one: from the clock, and not so that it soon wraps around. */
	first = fresh_id();
	next = first_id();
	assert_int_equal(next, first + 100);
	/* At the end of the numbers: from the start, but never 0. */
	write_file("dvpn-state 1\nrequest-id 4294967200\n");
	assert_int_equal(first_id(), 1);
	assert_int_equal(first_id(), 101);
}

static void damaged(void **state)
{
	static const char *const texts[] = {
		"", "\n", "dvpn-state 2\nrequest-id 5\n", "dvpn-state 1\nrequest-id 0\n",
		"dvpn-state 1\nrequest-id", "dvpn-state 1\nrequest-id x\n", "request-id 5\n",
		"dvpn-state 1\nrequest-id 5\nepoch\n", "dvpn-state 1\nrequest-id 5\nx",
		"dvpn-state 1\nrequest-id 4294967301\n", "dvpn-state 1\nrequest-id -5\n",
		"dvpn-state 4294967297\nrequest-id 5\n",
		"dvpn-state 1\nrequest-id 5\nepoch -7\n",
		"dvpn-state 1\nrequest-id 5\nepoch 4294967295\n",
		"dvpn-state 1\nrequest-id 5\nepoch 4294967296\n",
		"dvpn-state 1\nrequest-id 5\nepoch 99999999999999999999\n",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		write_file(texts[i]);
		fresh_id();
	}
}

/* What is no plain file neither holds us up nor leads us elsewhere. */
static void not_a_file(void **state)
{
	char target[64];

	(void)state;
	assert_int_equal(mkfifo(file, 0600), 0);
	first_id();
	unlink(file);
	snprintf(target, sizeof(target), "%s/elsewhere", dir);
	write_file("dvpn-state 1\nrequest-id 77\n");
	assert_int_equal(rename(file, target), 0);
	assert_int_equal(symlink(target, file), 0);
	assert_int_not_equal(first_id(), 77);
	unlink(target);
}

static void one_at_a_time(void **state)
{
	struct state *s = open_it(), *second = NULL;

	(void)state;
	assert_int_equal(state_open(dir, -1, -1, &second), -EBUSY);
	state_close(s);
	s = open_it();
	state_close(s);
}

/* Nothing can be written: the numbers go on all the same. */
static void full_disk(void **state)
{
	char path[64];
	struct state *s;
	u32 first;

	(void)state;
	s = open_it();
	snprintf(path, sizeof(path), "%s/state.new", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	first = state_request_ids(s, 100);
	assert_int_equal(state_request_ids(s, 100), first + 100);
	rmdir(path);
	assert_int_equal(state_request_ids(s, 100), first + 200);
	state_close(s);
	assert_int_equal(first_id(), first + 300);
}

static u32 next_epoch(void)
{
	struct state *s = open_it();
	u32 epoch = state_epoch(s);

	state_close(s);
	return epoch;
}

/* Always later: than the last one, than the clock, and than that of a file without one. */
static void epochs(void **state)
{
	u32 before = (u32)time(NULL), first, epoch, id;
	char path[64];
	struct state *s;

	(void)state;
	first = next_epoch();
	assert_in_range(first, before, (u32)time(NULL));
	epoch = next_epoch();
	assert_true(epoch > first);
	/* The clock was ahead once. */
	write_file("dvpn-state 1\nrequest-id 5\nepoch 4000000000\n");
	assert_int_equal(next_epoch(), 4000000001u);
	assert_int_equal(next_epoch(), 4000000002u);
	/* The last one, and after that the clock is all there is. */
	write_file("dvpn-state 1\nrequest-id 5\nepoch 4294967294\n");
	s = open_it();
	assert_int_equal(state_epoch(s), UINT32_MAX);
	assert_in_range(state_epoch(s), before, (u32)time(NULL));
	state_close(s);
	write_file("dvpn-state 1\nrequest-id 5\nepoch 4000000002\n");
	/* Epochs and request ids leave each other alone. */
	id = first_id();
	assert_int_equal(id, 5);
	assert_int_equal(next_epoch(), 4000000003u);
	assert_int_equal(first_id(), 105);
	/* An old copy, or one of an earlier dvpnd */
	write_file("dvpn-state 1\nrequest-id 5\nepoch 7\n");
	assert_true(next_epoch() >= before);
	write_file("dvpn-state 1\nrequest-id 5\n");
	assert_true(next_epoch() >= before);
	assert_int_equal(first_id(), 5);
	/* Nothing can be written. */
	s = open_it();
	epoch = state_epoch(s);
	snprintf(path, sizeof(path), "%s/state.new", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(state_epoch(s) > epoch);
	rmdir(path);
	state_close(s);
}

/* Other files of the directory. */
static void other_files(void **state)
{
	struct state *s = open_it();
	struct stat st;
	char path[64];
	char *text;
	size_t len;

	(void)state;
	snprintf(path, sizeof(path), "%s/other", dir);
	assert_int_equal(state_read(s, "other", 10, &text, &len), -ENOENT);
	assert_int_equal(state_replace(s, "other", "0123456789", 10, false), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(state_read(s, "other", 9, &text, &len), -EFBIG);
	assert_int_equal(state_read(s, "other", 10, &text, &len), 0);
	assert_int_equal(len, 10);
	assert_string_equal(text, "0123456789");
	free(text);
	/* What a crash has left is in nobody's way. */
	snprintf(path, sizeof(path), "%s/state.new", dir);
	assert_int_equal(symlink("other", path), 0);
	assert_int_equal(state_replace(s, "other", "new", 3, true), 0);
	assert_int_equal(state_read(s, "other", 10, &text, &len), 0);
	assert_string_equal(text, "new");
	free(text);
	state_remove(s, "other");
	assert_int_equal(state_read(s, "other", 10, &text, &len), -ENOENT);
	snprintf(path, sizeof(path), "%s/other", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(state_read(s, "other", 10, &text, &len), -EINVAL);
	unlink(path);
	state_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(never_twice, setup),
		cmocka_unit_test_setup(damaged, setup),
		cmocka_unit_test_setup(not_a_file, setup),
		cmocka_unit_test_setup(one_at_a_time, setup),
		cmocka_unit_test_setup(full_disk, setup),
		cmocka_unit_test_setup(epochs, setup),
		cmocka_unit_test_setup(other_files, setup),
	};
	char path[64];
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(file, sizeof(file), "%s/state", dir);
	log_setup(LOG_EMERG);
	alarm(60);	/* opening a FIFO would wait for ever */
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	snprintf(path, sizeof(path), "%s/lock", dir);
	unlink(path);
	rmdir(dir);
	return failed;
}
