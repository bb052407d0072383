// SPDX-License-Identifier: GPL-2.0
/* Cookies: what goes in comes out, nonsense is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/cookie.h"

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

static struct nhrp_cookie shortcut(void)
{
	return (struct nhrp_cookie){
		.type = NHRP_COOKIE_SHORTCUT,
		.flags = NHRP_COOKIE_F_ANSWERED,
		.hold_s = 600,
		.request_id = 0xfedcba98,
		.claimed = addr("192.168.50.3"),
		.proto = addr("192.168.111.3"),
		.target = addr("192.168.40.1"),
		.target_plen = 32,
	};
}

static void assert_same(const struct nhrp_cookie *a, const struct nhrp_cookie *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->hold_s, b->hold_s);
	assert_int_equal(a->request_id, b->request_id);
	assert_true(nhrp_addr_eq(&a->claimed, &b->claimed));
	assert_true(nhrp_addr_eq(&a->proto, &b->proto));
	assert_true(nhrp_addr_eq(&a->target, &b->target));
	assert_int_equal(a->target_plen, b->target_plen);
	assert_true(a->owner == b->owner);
	assert_int_equal(a->key_id, b->key_id);
}

static void there_and_back(void **state)
{
	struct nhrp_cookie in = shortcut(), out;
	u8 buf[NHRP_COOKIE_LEN];

	(void)state;
	assert_int_equal(nhrp_cookie_encode(&in, buf), NHRP_COOKIE_LEN);
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), 0);
	assert_same(&in, &out);
	in.claimed = addr("2001:db8::1");
	in.target = addr("2001:db8:40::");
	in.target_plen = 48;
	nhrp_cookie_encode(&in, buf);
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), 0);
	assert_same(&in, &out);
	in = (struct nhrp_cookie){
		.type = NHRP_COOKIE_BINDING, .flags = NHRP_COOKIE_F_OWNED, .hold_s = 10,
		.claimed = addr("192.0.2.1"), .owner = 0xfedcba9876543210, .key_id = 65534,
	};
	nhrp_cookie_encode(&in, buf);
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), 0);
	assert_same(&in, &out);
	/* Of a binding only, and instead of an address. */
	buf[1] = NHRP_COOKIE_NHS;
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), -EBADMSG);
	buf[1] = NHRP_COOKIE_BINDING;
	buf[6] |= 1 << 4;
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), -EBADMSG);
	/* An identity's or an IKE identity's, not both. */
	in.flags = NHRP_COOKIE_F_BY_IKE;
	nhrp_cookie_encode(&in, buf);
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), 0);
	assert_same(&in, &out);
	buf[2] |= NHRP_COOKIE_F_OWNED;
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), -EBADMSG);
	in = (struct nhrp_cookie){ .type = NHRP_COOKIE_NHS };
	nhrp_cookie_encode(&in, buf);
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)), 0);
	assert_same(&in, &out);
}

static void every_other_length_is_refused(void **state)
{
	struct nhrp_cookie in = shortcut(), out;
	u8 *buf;
	size_t len;

	(void)state;
	for (len = 0; len <= 64; len++) {
		if (len == NHRP_COOKIE_LEN)
			continue;
		/* Of exactly that size, so that a read behind it is seen. */
		buf = calloc(1, len > NHRP_COOKIE_LEN ? len : NHRP_COOKIE_LEN);
		assert_non_null(buf);
		nhrp_cookie_encode(&in, buf);
		buf = realloc(buf, len ? len : 1);
		assert_int_equal(nhrp_cookie_decode(&out, buf, len), -EBADMSG);
		free(buf);
	}
}

/* A changed bit is refused or gives a cookie that is written the same way. */
static void every_flip(void **state)
{
	struct nhrp_cookie in = shortcut(), out;
	u8 buf[NHRP_COOKIE_LEN], again[NHRP_COOKIE_LEN];
	unsigned int bit, refused = 0;

	(void)state;
	for (bit = 0; bit < NHRP_COOKIE_LEN * 8; bit++) {
		nhrp_cookie_encode(&in, buf);
		buf[bit / 8] ^= 1 << bit % 8;
		if (nhrp_cookie_decode(&out, buf, sizeof(buf))) {
			refused++;
			continue;
		}
		assert_int_equal(nhrp_cookie_encode(&out, again),
				 NHRP_COOKIE_LEN);
		assert_memory_equal(again + 8, buf + 8, 8);
		assert_true(nhrp_addr_is_unicast(&out.claimed));
		assert_true(nhrp_addr_is_unicast(&out.proto));
	}
	assert_true(refused > 20);
}

static void nonsense_is_refused(void **state)
{
	struct nhrp_cookie in, out;
	u8 buf[NHRP_COOKIE_LEN];
	unsigned int i;

	(void)state;
	for (i = 0; i < 7; i++) {
		in = shortcut();
		switch (i) {
		case 0:
			in.type = 0;
			break;
		case 1:
			in.type = NHRP_COOKIE_REMOTE + 1;
			break;
		case 2:
			in.hold_s = 0;
			break;
		case 3:
			in.claimed = addr("224.0.0.1");
			break;
		case 4:
			in.proto = (struct nhrp_addr){ 0 };
			break;
		case 5:
			in.target_plen = 33;
			break;
		case 6:
			in.flags = 0x80;
			break;
		}
		nhrp_cookie_encode(&in, buf);
		assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)),
				 -EBADMSG);
	}
	in = shortcut();
	nhrp_cookie_encode(&in, buf);
	buf[0] = NHRP_COOKIE_VERSION + 1;
	assert_int_equal(nhrp_cookie_decode(&out, buf, sizeof(buf)),
			 -EPROTONOSUPPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(every_other_length_is_refused),
		cmocka_unit_test(every_flip),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
