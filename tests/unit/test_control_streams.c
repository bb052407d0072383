// SPDX-License-Identifier: GPL-2.0
/* The control socket of dvpnd: events, long tables, and clients that are slow or gone */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "control_client.h"
#include "dvpnd/monitor.h"

static void monitor(void **state)
{
	int fd = connect_client(), other = connect_client(), i;
	const char *request = "{\"method\":\"org.dvpn.Monitor\",\"more\":true}";
	bool closed;
	json_t *root;

	(void)state;
	assert_false(control_has_subscribers(d.control, &monitor_feed));
	root = ask(fd, request, &closed);
	json_decref(root);
	assert_string_equal(reply, "{\"parameters\":{\"monitoring\":true},\"continues\":true}");
	assert_true(control_has_subscribers(d.control, &monitor_feed));
	control_publish(d.control, &monitor_feed, "t", json_pack("{s:s}", "event", "x"));
	hear(fd, reply, sizeof(reply), &closed);
	assert_string_equal(reply, "{\"parameters\":{\"event\":\"x\"},\"continues\":true}");
	/* What it says after that is neither answered nor kept. */
	for (i = 0; i < 10; i++)
		say_request(fd, request);
	assert_int_equal(hear(fd, reply, sizeof(reply), &closed), 0);
	assert_false(closed);
	assert_int_equal(hear(other, reply, sizeof(reply), &closed), 0);
	close(fd);
	turn();
	assert_false(control_has_subscribers(d.control, &monitor_feed));
	close(other);
}

/* A client that never reads is dropped at the limit; another one notices nothing. */
static void does_not_read(void **state)
{
	int slow = connect_client(), good = connect_client(), i;
	bool closed;
	json_t *root;
	char *text = calloc(1, 60001);

	(void)state;
	memset(text, 'x', 60000);
	say_request(slow, "{\"method\":\"org.dvpn.Monitor\",\"more\":true}");
	for (i = 0; i < 60; i++) {
		control_publish(d.control, &monitor_feed, "t", json_pack("{s:s}", "event", text));
		turn();
	}
	assert_false(control_has_subscribers(d.control, &monitor_feed));
	root = ask(good, "{\"method\":\"org.dvpn.Status\"}", &closed);
	assert_false(closed);
	json_decref(root);
	free(text);
	close(slow);
	close(good);
}

struct numbers {
	struct stream s;
	int left;
	bool *freed;
};

static json_t *next_number(struct stream *s)
{
	struct numbers *n = (struct numbers *)s;

	return n->left ? json_pack("{s:i}", "n", n->left--) : NULL;
}

static void free_numbers(struct stream *s)
{
	struct numbers *n = (struct numbers *)s;

	*n->freed = true;
	free(n);
}

static int numbers_wanted;
static bool numbers_freed;

static void handle_numbers(struct client *cl, const struct request *req, void *ctx)
{
	struct numbers *n = calloc(1, sizeof(*n));

	(void)req;
	(void)ctx;
	numbers_freed = false;
	n->s.member = "numbers";
	n->s.next = next_number;
	n->s.free = free_numbers;
	n->left = numbers_wanted;
	n->freed = &numbers_freed;
	control_stream(cl, &n->s);
}

static void use_numbers(int count)
{
	control_free(d.control);
	d.control = control_new(handle_numbers, NULL);
	control_start(d.control, d.loop);
	numbers_wanted = count;
}

/* A table comes in parts, each once, the last one without "continues". */
static void long_table(void **state)
{
	static char all[8 << 20];
	int fd, entries = 0, messages = 0;
	bool closed, more = true;
	const char *p;
	size_t len;

	(void)state;
	use_numbers(100000);
	fd = connect_client();
	say_request(fd, "{\"method\":\"a\",\"more\":true}");
	/* Nobody has read: no more is made than is asked for. */
	assert_false(numbers_freed);
	len = hear(fd, all, sizeof(all), &closed);
	for (p = all; p < all + len; p += strlen(p) + 1) {
		json_t *root = json_loads(p, 0, NULL);
		json_t *list = json_object_get(json_object_get(root, "parameters"), "numbers");

		assert_true(more);
		assert_true(json_array_size(list) <= CONTROL_CHUNK);
		entries += json_array_size(list);
		more = json_is_true(json_object_get(root, "continues"));
		messages++;
		json_decref(root);
	}
	assert_false(more);
	assert_int_equal(entries, 100000);
	assert_true(messages >= 100000 / CONTROL_CHUNK);
	assert_true(numbers_freed);
	close(fd);
}

static void table_without_more(void **state)
{
	bool closed;
	json_t *root;
	int fd;

	(void)state;
	use_numbers(1000);
	fd = connect_client();
	root = ask(fd, "{\"method\":\"a\"}", &closed);
	assert_int_equal(json_array_size(json_object_get(json_object_get(root, "parameters"),
							 "numbers")), 1000);
	json_decref(root);
	numbers_wanted = 200000;
	root = ask(fd, "{\"method\":\"a\"}", &closed);
	assert_string_equal(json_string_value(json_object_get(root, "error")),
			    "org.dvpn.TooLarge");
	assert_false(closed);
	json_decref(root);
	close(fd);
}

static void gone_in_the_middle(void **state)
{
	int fd;

	(void)state;
	use_numbers(100000);
	fd = connect_client();
	say_request(fd, "{\"method\":\"a\",\"more\":true}");
	assert_false(numbers_freed);
	close(fd);
	turn();
	assert_true(numbers_freed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(monitor, setup, teardown),
		cmocka_unit_test_setup_teardown(does_not_read, setup, teardown),
		cmocka_unit_test_setup_teardown(long_table, setup, teardown),
		cmocka_unit_test_setup_teardown(table_without_more, setup, teardown),
		cmocka_unit_test_setup_teardown(gone_in_the_middle, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
