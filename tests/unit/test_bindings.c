// SPDX-License-Identifier: GPL-2.0
/* The bindings file: what is written is read, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dvpnd/bindings.h"

#define NOW 1700000000
#define FIRST "dvpn-bindings 1 1700000000\n"
#define LINE "b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17\n"

static struct nhrp_binding_info got[4];
static unsigned int nr_got;

static void take(void *ctx, const struct nhrp_binding_info *b)
{
	assert_ptr_equal(ctx, got);
	assert_true(nr_got < ARRAY_SIZE(got));
	got[nr_got++] = *b;
}

/* Return: why it is refused, NULL if it is not. */
static const char *parse(const char *text, size_t len, u64 now_s)
{
	struct bindings_error e;
	char *copy = malloc(len ? len : 1);
	int err;

	/* Not a byte more, so that reading on is found. */
	assert_non_null(copy);
	memcpy(copy, text, len);
	nr_got = 0;
	err = bindings_parse(copy, len, now_s, take, got, &e);
	free(copy);
	if (err)
		assert_int_equal(nr_got, 0);
	return err ? e.why : NULL;
}

static const char *parse_text(const char *text)
{
	return parse(text, strlen(text), NOW);
}

static void there_and_back(void **state)
{
	struct nhrp_binding_info b[2] = {
		{
			.holding_time_s = 600, .expires_ms = 599000, .unique = true,
			.request_id = UINT32_MAX,
			.peer = { .encap = NHRP_ENCAP_UDP, .port = 65535, .mark = UINT32_MAX,
				  .if_id = 12 },
		}, {
			.holding_time_s = 65535, .expires_ms = 65535000,
		},
	};
	size_t len;
	char *text;
	FILE *f;

	(void)state;
	nhrp_addr_parse(&b[0].proto, "10.0.0.2");
	nhrp_addr_parse(&b[0].peer.nbma, "2001:db8::1");
	nhrp_addr_parse(&b[0].claimed, "2001:db8::2");
	nhrp_addr_parse(&b[1].proto, "fe80::1");
	nhrp_addr_parse(&b[1].peer.nbma, "192.0.2.1");
	nhrp_addr_parse(&b[1].claimed, "10.9.9.9");
	f = open_memstream(&text, &len);
	bindings_put_first(f, NOW);
	bindings_put(f, &b[0], NOW);
	bindings_put(f, &b[1], NOW);
	bindings_put_last(f, 2);
	fclose(f);
	assert_null(parse(text, len, NOW));
	assert_int_equal(nr_got, 2);
	assert_memory_equal(got, b, sizeof(b));
	/* Ten minutes later one has ended. */
	assert_null(parse(text, len, NOW + 600));
	assert_int_equal(got[0].expires_ms, 0);
	assert_int_equal(got[1].expires_ms, 64935000);
	/* A clock that was set back by a little does not prolong it. */
	assert_null(parse(text, len, NOW - 50));
	assert_int_equal(got[0].expires_ms, 600000);
	free(text);
}

/* The clock decides whether it is believed. */
static void old_or_new(void **state)
{
	static const char text[] = FIRST LINE "end 1\n";
	size_t len = strlen(text);

	(void)state;
	assert_null(parse(text, len, NOW + BINDINGS_DAY_S));
	assert_string_equal(parse(text, len, NOW + BINDINGS_DAY_S + 1),
			    "it is older than a day");
	assert_null(parse(text, len, NOW - 60));
	assert_string_equal(parse(text, len, NOW - 61), "it was saved in the future");
	assert_string_equal(parse(text, len, 0), "it was saved in the future");
}

static void one_bad_word(void **state)
{
	static const char *const lines[] = {
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17 1",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17 ",
		"b 10.0.0.2  192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.256 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2/32 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b none 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 host gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 1 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 udp 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 udp 65536 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 esp 0 0 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 4294967296 0 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 -1 192.0.2.2 600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 65536 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000601 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 99999999999999999999 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 0600 1700000100 u 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 x 17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u +17",
		"b 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u ",
		"c 10.0.0.2 192.0.2.2 gre 0 0 0 192.0.2.2 600 1700000100 u 17",
		"",
	};
	char text[512];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		/* The good one before it is not taken either. */
		snprintf(text, sizeof(text), FIRST LINE "%s\nend 2\n", lines[i]);
		assert_non_null(parse_text(text));
	}
	assert_null(parse_text(FIRST LINE LINE "end 2\n"));
	assert_int_equal(nr_got, 2);
}

static void not_a_file_of_ours(void **state)
{
	static const char *const texts[] = {
		"", "\n", "dvpn-bindings", "dvpn-bindings 1\nend 0\n",
		"dvpn-bindings 2 1700000000\nend 0\n", "dvpn-bindings 01 1700000000\nend 0\n",
		"dvpn-bindings 1 x\nend 0\n", "dvpn-state 1 1700000000\nend 0\n",
		"dvpn-bindings 1 99999999999999999999\nend 0\n",
		FIRST "end 1\n", FIRST LINE "end 0\n", FIRST LINE "end\n", FIRST LINE "end 1",
		FIRST LINE "end 1\n\n", FIRST LINE "end 1\n" LINE, FIRST LINE, FIRST,
	};
	char text[2 * BINDINGS_LINE_MAX];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_non_null(parse_text(texts[i]));
	assert_null(parse_text(FIRST "end 0\n"));
	/* Cut anywhere; a byte that is no character anywhere. */
	for (i = 0; i < strlen(FIRST LINE "end 1\n"); i++) {
		assert_non_null(parse(FIRST LINE "end 1\n", i, NOW));
		memcpy(text, FIRST LINE "end 1\n", sizeof(FIRST LINE "end 1\n"));
		text[i] = 0;
		assert_non_null(parse(text, strlen(FIRST LINE "end 1\n"), NOW));
	}
	/* A line without end. */
	memset(text, 'b', sizeof(text));
	memcpy(text, FIRST, strlen(FIRST));
	text[sizeof(text) - 1] = '\n';
	assert_non_null(parse(text, sizeof(text), NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(old_or_new),
		cmocka_unit_test(one_bad_word),
		cmocka_unit_test(not_a_file_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
