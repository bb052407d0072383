// SPDX-License-Identifier: GPL-2.0
/*
 * Building and changing NHRP messages: extensions, authentication, dvpn's
 * vendor block, prefixes, quotes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/packet-ext.h"
#include "nhrp_samples.h"

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

/* Encodes and decodes in place. */
static void over_the_wire(struct nhrp_msg *msg)
{
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	assert_int_equal(nhrp_decode(pkt, len, msg, NULL), 0);
}

static void test_ext_rules(void **state)
{
	struct nhrp_cie_list *list;
	struct nhrp_msg msg;
	u8 big[NHRP_PKT_MAX + 1] = { 0 };
	u16 type;

	(void)state;
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	assert_false(msg.has_exts);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_END, 0, "", 0),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, 0x4001, 0, "", 0), -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, 100, 1, "", 0), -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_NAT, 0, "1234", 4),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_RESPONDER, 0, "", 0),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_AUTH, 0, "123", 3),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_VENDOR, 0, "12", 2),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_ext(&msg, 100, 0, big, sizeof(big)),
			 -ENOSPC);
	assert_false(msg.has_exts);

	assert_int_equal(nhrp_msg_add_ext(&msg, 100, 0, "a", 1), 0);
	assert_true(msg.has_exts);
	assert_int_equal(msg.end_flags, NHRP_EXT_F_COMPULSORY);
	assert_int_equal(nhrp_msg_add_ext(&msg, 100, 0, "a", 1), -EEXIST);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, "abc", 3), 0);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, "abc", 3), 0);

	assert_null(nhrp_msg_add_ext_cies(&msg, NHRP_EXT_AUTH));
	assert_null(nhrp_msg_add_ext_cies(&msg, 100));
	list = nhrp_msg_add_ext_cies(&msg, NHRP_EXT_NAT);
	assert_ptr_equal(list, &msg.nat);
	assert_non_null(nhrp_cie_list_add(list));
	assert_ptr_equal(nhrp_msg_add_ext_cies(&msg, NHRP_EXT_NAT), list);
	assert_int_equal(list->n, 1);
	assert_ptr_equal(nhrp_msg_ext_cies(&msg, NHRP_EXT_NAT), list);
	assert_null(nhrp_msg_ext_cies(&msg, NHRP_EXT_AUTH));
	assert_int_equal(nhrp_msg_ext(&msg, NHRP_EXT_NAT)->flags, 0);

	for (type = 200; msg.n_exts < NHRP_EXT_MAX; type++)
		assert_int_equal(nhrp_msg_add_ext(&msg, type, 0, "b", 1), 0);
	assert_int_equal(nhrp_msg_add_ext(&msg, type, 0, "b", 1), -ENOSPC);
	assert_null(nhrp_msg_add_ext_cies(&msg, NHRP_EXT_RESPONDER));
	over_the_wire(&msg);
	assert_int_equal(msg.n_exts, NHRP_EXT_MAX);
}

/* Device Capabilities share their type with NAT and are no CIE list. */
static void test_device_capabilities(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_NAT, 0, "12345678", 8),
			 0);
	assert_null(nhrp_msg_add_ext_cies(&msg, NHRP_EXT_NAT));
	over_the_wire(&msg);
	assert_false(msg.ext[0].cies);
	assert_int_equal(msg.nat.n, 0);
	assert_memory_equal(nhrp_msg_ext_data(&msg, &msg.ext[0]), "12345678",
			    8);
}

static void check_ext(const struct nhrp_msg *msg, u16 type, const char *value)
{
	const struct nhrp_ext *ext = nhrp_msg_ext(msg, type);

	assert_non_null(ext);
	assert_int_equal(ext->len, strlen(value));
	assert_memory_equal(nhrp_msg_ext_data(msg, ext), value, ext->len);
}

/* Removal closes the gap in the buffer and leaves the others whole. */
static void test_del_ext(void **state)
{
	struct nhrp_msg msg;
	const u8 *data;
	size_t len;
	int i;

	(void)state;
	nhrp_msg_init(&msg, NHRP_TRAFFIC_INDICATION, AF_INET, AF_INET);
	assert_int_equal(nhrp_msg_add_ext(&msg, 100, 0, "first", 5), 0);
	assert_non_null(nhrp_msg_add_ext_cies(&msg, NHRP_EXT_NAT));
	assert_non_null(nhrp_cie_list_add(&msg.nat));
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "secret"), 0);
	assert_int_equal(nhrp_msg_set_data(&msg, "quoted packet", 13), 0);
	assert_int_equal(nhrp_msg_add_ext(&msg, 101, 0, "last", 4), 0);

	/* A hop puts in its own: for ever, without running out of room. */
	for (i = 0; i < 1000; i++) {
		nhrp_msg_del_ext(&msg, NHRP_EXT_AUTH);
		assert_null(nhrp_msg_ext(&msg, NHRP_EXT_AUTH));
		assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "password"), 0);
	}
	nhrp_msg_del_ext(&msg, NHRP_EXT_NAT);
	assert_int_equal(msg.nat.n, 0);
	assert_int_equal(msg.n_exts, 3);
	check_ext(&msg, 100, "first");
	check_ext(&msg, 101, "last");
	data = nhrp_msg_data(&msg, &len);
	assert_int_equal(len, 13);
	assert_memory_equal(data, "quoted packet", 13);

	nhrp_msg_del_ext(&msg, 100);
	nhrp_msg_del_ext(&msg, 101);
	nhrp_msg_del_ext(&msg, 101);
	nhrp_msg_del_ext(&msg, NHRP_EXT_AUTH);
	assert_int_equal(msg.n_exts, 0);
	assert_int_equal(msg.buf_len, 13);
	over_the_wire(&msg);
	assert_true(msg.has_exts);
	data = nhrp_msg_data(&msg, &len);
	assert_memory_equal(data, "quoted packet", 13);
}

static void test_auth(void **state)
{
	struct nhrp_auth auth;
	struct nhrp_msg msg;

	(void)state;
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	assert_int_equal(nhrp_msg_get_auth(&msg, &auth), -ENOENT);
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, ""), -EINVAL);
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "ninechars"), -EINVAL);
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "eightchr"), 0);
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "again"), -EEXIST);
	over_the_wire(&msg);
	assert_int_equal(nhrp_msg_get_auth(&msg, &auth), 0);
	assert_true(nhrp_auth_cisco_ok(&auth, "eightchr"));
	assert_false(nhrp_auth_cisco_ok(&auth, "eightchX"));
	assert_false(nhrp_auth_cisco_ok(&auth, "eight"));

	/* A key id is no password. */
	nhrp_msg_del_ext(&msg, NHRP_EXT_AUTH);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_AUTH, 0,
					  "\0\0\1\0hash", 8), 0);
	assert_int_equal(nhrp_msg_get_auth(&msg, &auth), 0);
	assert_int_equal(auth.spi, 256);
	assert_int_equal(auth.len, 4);
	assert_false(nhrp_auth_cisco_ok(&auth, "hash"));

	nhrp_msg_del_ext(&msg, NHRP_EXT_AUTH);
	assert_int_equal(nhrp_msg_add_ext(&msg, NHRP_EXT_AUTH, 0,
					  "\0\1\0\1hash", 8), 0);
	assert_int_equal(nhrp_msg_get_auth(&msg, &auth), -EBADMSG);
}

static void test_dvpn(void **state)
{
	struct nhrp_dvpn in = {
		.role = NHRP_DVPN_REQUEST,
		.epoch = 0xfedcba98,
		.counter = 0x89abcdef,
		.nonce = 0xf123456789abcdefULL,
	};
	struct nhrp_dvpn out;
	struct nhrp_msg msg;

	(void)state;
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	assert_int_equal(nhrp_msg_get_dvpn(&msg, &out), -ENOENT);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, "\0\0\x0c", 3), 0);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, "\0\0\01412345", 8), 0);
	assert_int_equal(nhrp_msg_get_dvpn(&msg, &out), -ENOENT);
	assert_int_equal(nhrp_msg_set_dvpn(&msg, &in), 0);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, "\0\0\014zzzzz", 8), 0);
	over_the_wire(&msg);
	assert_int_equal(nhrp_msg_get_dvpn(&msg, &out), 0);
	assert_int_equal(out.role, in.role);
	assert_int_equal(out.epoch, in.epoch);
	assert_int_equal(out.counter, in.counter);
	assert_true(out.nonce == in.nonce);

	/* The answer goes where the request's block stood. */
	in.role = NHRP_DVPN_REPLY;
	assert_int_equal(nhrp_msg_set_dvpn(&msg, &in), 0);
	assert_int_equal(msg.n_exts, 4);
	assert_int_equal(nhrp_msg_get_dvpn(&msg, &out), 0);
	assert_int_equal(out.role, NHRP_DVPN_REPLY);
	assert_int_equal(msg.ext[2].len, NHRP_DVPN_LEN);
	assert_int_equal(msg.ext[2].flags, 0);
}

static void test_dvpn_bad(void **state)
{
	u8 block[NHRP_DVPN_LEN + 1] = {
		2, 'd', 'v', 1, 'd', 'v', 'p', 'n', NHRP_DVPN_REPLY,
	};
	struct nhrp_dvpn d = { .role = NHRP_DVPN_REPLY };
	static const struct {
		u8 off, value;
		u8 len;
		int ret;
	} cases[] = {
		{ 0, 2, NHRP_DVPN_LEN, 0 },
		{ 0, 3, NHRP_DVPN_LEN, -ENOENT },
		{ 7, 'm', NHRP_DVPN_LEN, -ENOENT },
		{ 3, 2, NHRP_DVPN_LEN, -EPROTONOSUPPORT },
		{ 3, 2, NHRP_DVPN_LEN + 1, -EPROTONOSUPPORT },
		{ 3, 2, 8, -EPROTONOSUPPORT },
		{ 8, 0, NHRP_DVPN_LEN, -EBADMSG },
		{ 8, 3, NHRP_DVPN_LEN, -EBADMSG },
		{ 9, 1, NHRP_DVPN_LEN, -EBADMSG },
		{ 11, 1, NHRP_DVPN_LEN, -EBADMSG },
		{ 0, 2, NHRP_DVPN_LEN - 1, -EBADMSG },
		{ 0, 2, NHRP_DVPN_LEN + 1, -EBADMSG },
		{ 0, 2, 8, -EBADMSG },
		{ 0, 2, 7, -ENOENT },
	};
	struct nhrp_msg msg;
	size_t i;
	u8 old;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
		old = block[cases[i].off];
		block[cases[i].off] = cases[i].value;
		assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, block,
						  cases[i].len), 0);
		block[cases[i].off] = old;
		assert_int_equal(nhrp_msg_get_dvpn(&msg, &d), cases[i].ret);
	}

	/* Two blocks prove nothing; setting one leaves one. */
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REPLY, AF_INET, AF_INET);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, block, NHRP_DVPN_LEN), 0);
	assert_int_equal(nhrp_msg_add_ext(&msg, 8, 0, block, NHRP_DVPN_LEN), 0);
	assert_int_equal(nhrp_msg_get_dvpn(&msg, &d), -EBADMSG);
	assert_int_equal(nhrp_msg_set_dvpn(&msg, &d), 0);
	assert_int_equal(msg.n_exts, 1);
	assert_int_equal(nhrp_msg_get_dvpn(&msg, &d), 0);
}

static void test_cie_prefix(void **state)
{
	static const struct {
		const char *proto, *fallback;
		u8 prefix_len;
		int ret;
		const char *want;
	} cases[] = {
		{ "192.168.30.7", NULL, 0, 0, "192.168.30.7/32" },
		{ "192.168.30.7", NULL, 255, 0, "192.168.30.7/32" },
		{ "192.168.30.7", NULL, 32, 0, "192.168.30.7/32" },
		{ "192.168.30.7", "10.0.0.1", 24, 0, "192.168.30.0/24" },
		{ "192.168.30.7", NULL, 1, 0, "128.0.0.0/1" },
		{ "192.168.30.7", NULL, 33, -ERANGE, NULL },
		{ "2001:db8::7", NULL, 0, 0, "2001:db8::7/128" },
		{ "2001:db8::7", NULL, 128, 0, "2001:db8::7/128" },
		{ "2001:db8::7", NULL, 64, 0, "2001:db8::/64" },
		{ NULL, "10.0.0.1", 255, 0, "10.0.0.1/32" },
		{ NULL, "10.0.0.1", 8, 0, "10.0.0.0/8" },
		{ NULL, NULL, 8, -ENOENT, NULL },
	};
	char text[NHRP_PREFIX_STRLEN];
	struct nhrp_addr fallback;
	struct nhrp_prefix p;
	struct nhrp_cie cie;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&cie, 0, sizeof(cie));
		memset(&fallback, 0, sizeof(fallback));
		if (cases[i].proto)
			cie.proto = addr(cases[i].proto);
		if (cases[i].fallback)
			fallback = addr(cases[i].fallback);
		cie.prefix_len = cases[i].prefix_len;
		ret = nhrp_cie_prefix(&cie, &fallback, &p);
		assert_int_equal(ret, cases[i].ret);
		if (!ret)
			assert_string_equal(nhrp_prefix_format(&p, text,
							       sizeof(text)),
					    cases[i].want);
	}
	assert_int_equal(nhrp_cie_prefix(&cie, NULL, &p), -ENOENT);
}

/* An Error Indication quotes as much as fits: the request must be found. */
static void test_quote(void **state)
{
	struct nhrp_msg msg, quote;
	const u8 *data;
	size_t len, n;

	(void)state;
	nhrp_sample_build("error indication", &msg);
	over_the_wire(&msg);
	data = nhrp_msg_data(&msg, &len);
	assert_int_equal(len, 92);
	for (n = 40; n <= len; n++) {
		assert_int_equal(nhrp_decode_quote(data, n, &quote), 0);
		assert_int_equal(quote.type, NHRP_REGISTRATION_REQUEST);
		assert_int_equal(quote.request_id, 0x01020304);
		assert_int_equal(quote.cies.n, 0);
	}
	for (n = 0; n < 40; n++)
		assert_int_equal(nhrp_decode_quote(data, n, &quote), -EBADMSG);
}

static void test_init(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	memset(&msg, 0xa5, sizeof(msg));
	nhrp_msg_init(&msg, NHRP_REGISTRATION_REQUEST, AF_INET6, AF_INET);
	assert_int_equal(msg.hop_count, 1);
	assert_int_equal(msg.nbma_family, AF_INET6);
	assert_int_equal(msg.proto_family, AF_INET);
	assert_true(nhrp_addr_none(&msg.src_nbma));
	assert_int_equal(msg.n_exts + msg.cies.n + msg.buf_len + msg.flags, 0);
	nhrp_msg_init(&msg, NHRP_TRAFFIC_INDICATION, AF_INET, AF_INET);
	assert_int_equal(msg.hop_count, 1);
	nhrp_msg_init(&msg, NHRP_RESOLUTION_REQUEST, AF_INET, AF_INET);
	assert_int_equal(msg.hop_count, 64);
	assert_true(nhrp_type_is_request(NHRP_PURGE_REQUEST));
	assert_false(nhrp_type_is_request(NHRP_PURGE_REPLY));
	assert_false(nhrp_type_is_request(NHRP_ERROR_INDICATION));
	assert_true(nhrp_type_is_reply(NHRP_RESOLUTION_REPLY));
	assert_false(nhrp_type_is_reply(NHRP_TRAFFIC_INDICATION));
	assert_false(nhrp_type_is_reply(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ext_rules),
		cmocka_unit_test(test_device_capabilities),
		cmocka_unit_test(test_del_ext),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_dvpn),
		cmocka_unit_test(test_dvpn_bad),
		cmocka_unit_test(test_cie_prefix),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
