// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in words: ours, captured ones and bad ones, as tests/unit/describe.txt has them.
 * Run in the top directory. After a change on purpose: build/user/test_describe > that file
 * with DESCRIBE_PRINT=1 set, and look at the difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/describe.h"
#include "nhrp/packet-ext.h"
#include "nhrp_samples.h"

#define GOLDEN	"tests/unit/describe.txt"

static FILE *out;
static char *text;
static size_t text_len;

static void begin(void)
{
	out = open_memstream(&text, &text_len);
	assert_non_null(out);
}

static void end(void)
{
	fclose(out);
	free(text);
}

static void print_line(void *arg, const char *line)
{
	size_t i;

	(void)arg;
	assert_true(strlen(line) > 0 && strlen(line) < NHRP_LINE_MAX);
	for (i = 0; line[i]; i++)
		assert_true(line[i] >= ' ' && line[i] <= '~');
	fprintf(out, "    %s\n", line);
}

static void describe(const char *name, const void *pkt, size_t len)
{
	fprintf(out, "%s\n", name);
	nhrp_describe(pkt, len, print_line, NULL);
}

static void describe_msg(const char *name, const struct nhrp_msg *msg)
{
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	describe(name, pkt, len);
}

static struct nhrp_addr addr(const char *a)
{
	struct nhrp_addr parsed;

	assert_int_equal(nhrp_addr_parse(&parsed, a), 0);
	return parsed;
}

static void signed_messages(void)
{
	struct nhrp_addr hop = addr("192.168.111.2"), hub = addr("192.168.111.1");
	struct nhrp_msg msg;

	nhrp_sample_build("resolution request", &msg);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, 300, &hop, &hub), 0);
	describe_msg("signed", &msg);
	nhrp_sample_build("registration request", &msg);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, 65535, &hop, NULL), 0);
	describe_msg("signed for an unknown hub", &msg);
}

static void bad_messages(void)
{
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	describe("nothing", "", 0);
	nhrp_sample_build("registration request", &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	describe("cut", pkt, len - 1);
	pkt[30] ^= 1;
	describe("damaged", pkt, len);
	nhrp_sample_build("error indication", &msg);
	msg.buf[msg.data_off + 17] = 99;
	describe_msg("error about no message", &msg);
	nhrp_sample_build("traffic indication", &msg);
	msg.traffic_code = 9;
	msg.buf[msg.data_off] = 0x10;
	describe_msg("indication about no packet", &msg);
}

static void everything(void)
{
	static struct nhrp_vector vectors[NHRP_MAX_VECTORS];
	const struct nhrp_sample *s;
	struct nhrp_msg msg;
	int i, n;

	for (s = nhrp_samples; s->name; s++) {
		s->build(&msg);
		describe_msg(s->name, &msg);
	}
	signed_messages();
	n = nhrp_vectors_load(vectors);
	for (i = 0; i < n; i++)
		describe(vectors[i].name, vectors[i].pkt, vectors[i].len);
	bad_messages();
	fflush(out);
}

static void golden(void **state)
{
	FILE *f = fopen(GOLDEN, "r");
	char line[512];
	const char *at;
	int nr = 0;

	(void)state;
	assert_non_null(f);
	begin();
	everything();
	for (at = text; fgets(line, sizeof(line), f); at += strlen(line)) {
		nr++;
		if (strncmp(at, line, strlen(line)))
			fail_msg(GOLDEN ":%d: \"%.*s\" is told", nr,
				 (int)strcspn(at, "\n"), at);
	}
	assert_string_equal(at, "");
	fclose(f);
	end();
}

/* Neither the password, nor what is signed with, nor the number that proves an answer. */
static void secrets(void **state)
{
	struct nhrp_addr hop = addr("192.168.111.2");
	struct nhrp_msg msg, bad;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	(void)state;
	begin();
	nhrp_sample_build("registration request", &msg);
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "xyzzy"), 0);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	describe("with a password", pkt, len);
	nhrp_sample_build("error indication", &bad);
	bad.data_len = 0;
	assert_int_equal(nhrp_msg_set_data(&bad, pkt, len), 0);
	describe_msg("quoted", &bad);
	nhrp_sample_build("registration request", &msg);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, 300, &hop, NULL), 0);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	nhrp_pkt_sign(pkt, len, (const u8 *)"xyzzyxyzzyxyzzyx", 16);
	describe("signed", pkt, len);
	nhrp_sample_build("registration request, full", &msg);
	describe_msg("with a nonce", &msg);
	fflush(out);
	assert_null(strstr(text, "xyzzy"));
	assert_null(strstr(text, "81985529216486895"));	/* the nonce */
	assert_null(strstr(text, "123456789abcdef"));
	assert_non_null(strstr(text, "Authentication: password in clear text"));
	assert_non_null(strstr(text, "Authentication: HMAC with key 300"));
	end();
}

/* Whatever comes: lines, printable ones, and no octet is read that is not there. */
static void damaged(void **state)
{
	const struct nhrp_sample *s;
	struct nhrp_addr who = addr("192.168.111.2");
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX], *copy;
	int i, bit, len;

	(void)state;
	for (s = nhrp_samples; s->name; s++) {
		s->build(&msg);
		len = nhrp_encode(&msg, pkt, sizeof(pkt));
		assert_true(len > 0);
		for (i = 0; i < len; i++) {
			for (bit = 0; bit < 8; bit += 7) {
				begin();
				copy = malloc(len);
				memcpy(copy, pkt, len);
				copy[i] ^= 1 << bit;
				copy[12] = 0;
				copy[13] = 0;
				if (i != 12 && i != 13) {
					u16 sum = nhrp_checksum(copy, len);

					copy[12] = sum >> 8;
					copy[13] = sum & 0xff;
				}
				describe(s->name, copy, len);
				nhrp_concerns(copy, len, &who);
				free(copy);
				end();
			}
		}
	}
}

static bool concerns(const char *sample, const char *who)
{
	struct nhrp_addr a = addr(who);
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];

	nhrp_sample_build(sample, &msg);
	return nhrp_concerns(pkt, nhrp_encode(&msg, pkt, sizeof(pkt)), &a);
}

static void whom_it_concerns(void **state)
{
	(void)state;
	assert_true(concerns("registration request", "192.168.111.2"));
	assert_true(concerns("registration request", "192.168.111.1"));
	assert_false(concerns("registration request", "192.168.111.3"));
	assert_false(concerns("registration request", "192.168.50.2"));
	/* An entry speaks for a prefix. */
	assert_true(concerns("purge request", "192.168.30.77"));
	assert_false(concerns("purge request", "192.168.31.77"));
	assert_true(concerns("resolution reply", "192.168.40.99"));
	assert_true(concerns("resolution reply", "192.168.111.3"));
	assert_false(concerns("resolution reply", "192.168.111.77"));
	/* What a quoted packet, or a quoted message, is about. */
	assert_true(concerns("traffic indication", "192.168.40.7"));
	assert_true(concerns("traffic indication", "192.168.30.5"));
	assert_false(concerns("traffic indication", "192.168.40.8"));
	assert_true(concerns("error indication", "192.168.111.2"));
	assert_true(concerns("registration, IPv6 over IPv4", "2001:db8:111::2"));
	assert_false(nhrp_concerns("", 0, &(struct nhrp_addr){}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(secrets),
		cmocka_unit_test(damaged),
		cmocka_unit_test(whom_it_concerns),
	};

	if (getenv("DESCRIBE_PRINT")) {
		begin();
		everything();
		fputs(text, stdout);
		end();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
