// SPDX-License-Identifier: GPL-2.0
/* Addresses and prefixes of the NHRP core. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/addr.h"

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	if (nhrp_addr_parse(&a, text))
		fail_msg("%s: not parsed", text);
	return a;
}

static struct nhrp_prefix prefix(const char *text)
{
	struct nhrp_prefix p;

	if (nhrp_prefix_parse(&p, text))
		fail_msg("%s: not parsed", text);
	return p;
}

static void test_text(void **state)
{
	static const char * const good[] = {
		"0.0.0.0", "192.168.111.1", "255.255.255.255", "::", "::1",
		"2001:db8::1", "fe80::1234:5678:9abc:def0",
	};
	static const char * const bad[] = {
		"", "1.2.3", "1.2.3.4.5", "1.2.3.256", " 1.2.3.4", "1.2.3.4 ",
		"1.2.3.4/24", "01.2.3.4x", ":", ":::", "12345::", "host",
	};
	struct nhrp_addr a, none = { 0 };
	char text[NHRP_ADDR_STRLEN];
	char small[5];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		a = addr(good[i]);
		assert_string_equal(nhrp_addr_format(&a, text, sizeof(text)),
				    good[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		a = none;
		if (nhrp_addr_parse(&a, bad[i]) != -EINVAL)
			fail_msg("%s: parsed", bad[i]);
		assert_memory_equal(&a, &none, sizeof(a));
	}
	assert_string_equal(nhrp_addr_format(&none, text, sizeof(text)),
			    "none");
	a = addr("192.168.1.1");
	assert_string_equal(nhrp_addr_format(&a, small, sizeof(small)),
			    "192.");
}

static void test_set(void **state)
{
	const u8 b[16] = { 10, 1, 2, 3, [15] = 9 };
	struct nhrp_addr a, want = addr("10.1.2.3");

	(void)state;
	memset(&a, 0xa5, sizeof(a));
	nhrp_addr_set(&a, AF_INET, b);
	assert_memory_equal(&a, &want, sizeof(a));
	nhrp_addr_set(&a, AF_INET6, b);
	assert_int_equal(a.len, 16);
	assert_memory_equal(a.b, b, 16);
	nhrp_addr_set(&a, AF_UNIX, b);
	assert_true(nhrp_addr_none(&a));
	assert_int_equal(a.family, 0);
	nhrp_addr_set_any(&a, AF_INET6);
	assert_true(nhrp_addr_is_any(&a));
	assert_int_equal(nhrp_addr_bits(&a), 128);
}

static void test_order(void **state)
{
	static const char * const sorted[] = {
		"0.0.0.0", "1.2.3.4", "1.2.3.5", "128.0.0.0", "::", "::1",
		"2001:db8::", "ff02::1",
	};
	struct nhrp_addr a, b, none = { 0 };
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		a = addr(sorted[i]);
		assert_true(nhrp_addr_cmp(&none, &a) < 0);
		assert_true(nhrp_addr_cmp(&a, &none) > 0);
		for (j = 0; j < ARRAY_SIZE(sorted); j++) {
			b = addr(sorted[j]);
			assert_int_equal(nhrp_addr_cmp(&a, &b) < 0, i < j);
			assert_int_equal(nhrp_addr_cmp(&a, &b) > 0, i > j);
			assert_int_equal(nhrp_addr_eq(&a, &b), i == j);
		}
	}
	assert_true(nhrp_addr_eq(&none, &none));
}

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		bool any, multicast, loopback, linklocal, private, unicast;
	} cases[] = {
		{ "0.0.0.0", .any = true },
		{ "0.0.0.1", .any = false },
		{ "::", .any = true },
		{ "223.255.255.255", .unicast = true },
		{ "224.0.0.0", .multicast = true },
		{ "239.255.255.255", .multicast = true },
		{ "240.0.0.0", .any = false },
		{ "255.255.255.255", .any = false },
		{ "ff02::5", .multicast = true },
		{ "126.255.255.255", .unicast = true },
		{ "127.0.0.1", .loopback = true },
		{ "127.255.0.1", .loopback = true },
		{ "::1", .loopback = true },
		{ "::2", .unicast = true },
		{ "169.254.1.1", .linklocal = true, .unicast = true },
		{ "169.255.1.1", .unicast = true },
		{ "fe80::1", .linklocal = true, .unicast = true },
		{ "febf::1", .linklocal = true, .unicast = true },
		{ "fec0::1", .unicast = true },
		{ "192.168.111.2", .private = true, .unicast = true },
		{ "192.169.0.1", .unicast = true },
		{ "10.255.0.1", .private = true, .unicast = true },
		{ "11.0.0.1", .unicast = true },
		{ "172.15.255.255", .unicast = true },
		{ "172.16.0.0", .private = true, .unicast = true },
		{ "172.31.255.255", .private = true, .unicast = true },
		{ "172.32.0.0", .unicast = true },
		{ "100.63.255.255", .unicast = true },
		{ "100.64.0.1", .private = true, .unicast = true },
		{ "100.127.255.255", .private = true, .unicast = true },
		{ "100.128.0.0", .unicast = true },
		{ "a00::1", .unicast = true },
		{ "2001:db8::1", .unicast = true },
	};
	struct nhrp_addr a, none = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		a = addr(cases[i].text);
		if (nhrp_addr_is_any(&a) != cases[i].any ||
		    nhrp_addr_is_multicast(&a) != cases[i].multicast ||
		    nhrp_addr_is_loopback(&a) != cases[i].loopback ||
		    nhrp_addr_is_linklocal(&a) != cases[i].linklocal ||
		    nhrp_addr_is_private(&a) != cases[i].private ||
		    nhrp_addr_is_unicast(&a) != cases[i].unicast)
			fail_msg("%s: taken for another kind", cases[i].text);
	}
	assert_false(nhrp_addr_is_any(&none));
	assert_false(nhrp_addr_is_multicast(&none));
	assert_false(nhrp_addr_is_private(&none));
	assert_false(nhrp_addr_is_unicast(&none));
}

/* Test vectors of the SipHash authors: key 00..0f, input 00 01 02 ... */
static void test_hash(void **state)
{
	static const u64 key[2] = {
		0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL,
	};
	struct nhrp_prefix p;
	struct nhrp_addr a, b;

	(void)state;
	a = addr("0.1.2.3");
	assert_true(nhrp_addr_hash(&a, key) == 0xcf2794e0277187b7ULL);
	a = addr("1:203:405:607:809:a0b:c0d:e0f");
	assert_true(nhrp_addr_hash(&a, key) == 0x3f2acc7f57c29bdbULL);
	p = prefix("0.1.2.3/4");
	assert_true(nhrp_prefix_hash(&p, key) == 0x18765564cd99a68dULL);
	memset(&b, 0, sizeof(b));
	assert_true(nhrp_addr_hash(&b, key) == 0x726fdb47dd0e0e31ULL);
}

static void test_prefix_text(void **state)
{
	static const char * const bad[] = {
		"", "/", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/+1",
		"1.2.3.4/024", "1.2.3.4/ 8", "1.2.3.4/8 ", "1.2.3.4/8/8",
		"::/129", "::/4294967304", "/24", "1.2.3/8",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/8",
	};
	char text[NHRP_PREFIX_STRLEN];
	struct nhrp_prefix p;
	size_t i;

	(void)state;
	p = prefix("192.168.30.7/24");
	assert_string_equal(nhrp_prefix_format(&p, text, sizeof(text)),
			    "192.168.30.7/24");
	nhrp_prefix_mask(&p);
	assert_string_equal(nhrp_prefix_format(&p, text, sizeof(text)),
			    "192.168.30.0/24");
	assert_false(nhrp_prefix_is_host(&p));
	p = prefix("10.0.0.1");
	assert_true(nhrp_prefix_is_host(&p));
	p = prefix("2001:db8::1");
	assert_int_equal(p.plen, 128);
	p = prefix("1111:2222:3333:4444:5555:6666:7777:8888/128");
	assert_string_equal(nhrp_prefix_format(&p, text, sizeof(text)),
			    "1111:2222:3333:4444:5555:6666:7777:8888/128");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (nhrp_prefix_parse(&p, bad[i]) != -EINVAL)
			fail_msg("%s: parsed", bad[i]);
}

static void test_mask(void **state)
{
	struct nhrp_prefix p, q;
	int plen, bit;

	(void)state;
	for (plen = 0; plen <= 128; plen++) {
		p = prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
		p.plen = plen;
		nhrp_prefix_mask(&p);
		for (bit = 0; bit < 128; bit++)
			assert_int_equal(!!(p.addr.b[bit / 8] &
					    0x80 >> bit % 8), bit < plen);
	}
	p = prefix("255.255.255.255/20");
	nhrp_prefix_mask(&p);
	q = prefix("255.255.240.0/20");
	assert_memory_equal(&p, &q, sizeof(p));
	p.plen = 200;
	nhrp_prefix_mask(&p);
	assert_int_equal(p.plen, 32);
}

static void test_contains(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool covers;
	} cases[] = {
		{ "192.168.30.0/24", "192.168.30.255", true },
		{ "192.168.30.0/24", "192.168.31.0", false },
		{ "192.168.30.77/24", "192.168.30.1", true },
		{ "192.168.30.0/24", "192.168.30.0/24", true },
		{ "192.168.30.0/24", "192.168.30.0/23", false },
		{ "192.168.30.0/24", "192.168.30.128/25", true },
		{ "0.0.0.0/0", "10.0.0.0/8", true },
		{ "0.0.0.0/0", "::/0", false },
		{ "::/0", "0.0.0.0", false },
		{ "10.0.0.0/9", "10.127.0.0", true },
		{ "10.0.0.0/9", "10.128.0.0", false },
		{ "2001:db8::/33", "2001:db8:7fff::", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.0", false },
	};
	struct nhrp_prefix outer, inner, none = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		outer = prefix(cases[i].outer);
		inner = prefix(cases[i].inner);
		if (nhrp_prefix_covers(&outer, &inner) != cases[i].covers)
			fail_msg("%s over %s", cases[i].outer, cases[i].inner);
		if (nhrp_prefix_is_host(&inner))
			assert_int_equal(nhrp_prefix_contains(&outer,
							      &inner.addr),
					 cases[i].covers);
	}
	assert_false(nhrp_prefix_contains(&none, &none.addr));
	assert_false(nhrp_prefix_contains(&none, &inner.addr));
}

static void test_prefix_order(void **state)
{
	struct nhrp_prefix a = prefix("10.0.0.0/8"), b = prefix("10.0.0.0/9");
	struct nhrp_prefix c = prefix("11.0.0.0/1");

	(void)state;
	assert_true(nhrp_prefix_cmp(&a, &b) < 0);
	assert_true(nhrp_prefix_cmp(&b, &a) > 0);
	assert_true(nhrp_prefix_cmp(&b, &c) < 0);
	assert_int_equal(nhrp_prefix_cmp(&a, &a), 0);
	nhrp_prefix_host(&a, &c.addr);
	assert_int_equal(a.plen, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_prefix_text),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_prefix_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
