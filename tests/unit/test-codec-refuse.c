// SPDX-License-Identifier: GPL-2.0
/*
 * What the NHRP codec refuses, each with its reason, the octet and what is to
 * be told to the sender; and what the encoder does not write.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp_samples.h"

#define REG	"registration request"		/* 92 octets, layout below */
#define REG_CIE		40
#define REG_EXT3	52
#define REG_EXT4	56
#define REG_EXT9	64
#define REG_END		88

/*
 * One or two octets put over a good packet, and an ar$pktsz if it changes; the
 * checksum is made right unless that is the point.
 */
struct bad {
	const char *what;
	const char *sample;
	u16 off;
	u8 put[2];
	u8 put_len;
	u16 pktsz;
	bool keep_checksum;
	enum nhrp_bad reason;
	u16 err_off;
	enum nhrp_error error_code;
};

static const struct bad bads[] = {
	{ "pktsz below the minimum", REG, 10, { 0, 27 }, 2, 0, true,
	  NHRP_BAD_SHORT, 10, NHRP_ERR_NONE },
	{ "pktsz beyond the packet", REG, 10, { 0, 93 }, 2, 0, true,
	  NHRP_BAD_SHORT, 10, NHRP_ERR_NONE },
	{ "checksum", REG, 12, { 0, 0 }, 2, 0, true,
	  NHRP_BAD_CHECKSUM, 12, NHRP_ERR_NONE },
	{ "afn 0", REG, 0, { 0, 0 }, 2, 0, false,
	  NHRP_BAD_NBMA_FAMILY, 0, NHRP_ERR_PROTOCOL },
	{ "afn 3 (NSAP)", REG, 0, { 0, 3 }, 2, 0, false,
	  NHRP_BAD_NBMA_FAMILY, 0, NHRP_ERR_PROTOCOL },
	{ "protocol type ARP", REG, 2, { 8, 6 }, 2, 0, false,
	  NHRP_BAD_PROTO_FAMILY, 2, NHRP_ERR_PROTOCOL },
	{ "protocol type SNAP", REG, 2, { 0, 0x80 }, 2, 0, false,
	  NHRP_BAD_PROTO_FAMILY, 2, NHRP_ERR_PROTOCOL },
	{ "version 0", REG, 16, { 0 }, 1, 0, false,
	  NHRP_BAD_VERSION, 16, NHRP_ERR_NONE },
	{ "version 2", REG, 16, { 2 }, 1, 0, false,
	  NHRP_BAD_VERSION, 16, NHRP_ERR_NONE },
	{ "type 0", REG, 17, { 0 }, 1, 0, false,
	  NHRP_BAD_TYPE, 17, NHRP_ERR_PROTOCOL },
	{ "type 9", REG, 17, { 9 }, 1, 0, false,
	  NHRP_BAD_TYPE, 17, NHRP_ERR_PROTOCOL },
	{ "NBMA length 5", REG, 18, { 5 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 18, NHRP_ERR_PROTOCOL },
	{ "NBMA length of the other family", REG, 18, { 16 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 18, NHRP_ERR_PROTOCOL },
	{ "reserved bit of the NBMA length", REG, 18, { 0x84 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 18, NHRP_ERR_PROTOCOL },
	{ "subaddress", REG, 19, { 4 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 19, NHRP_ERR_PROTOCOL },
	{ "source protocol length 3", REG, 20, { 3 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 20, NHRP_ERR_PROTOCOL },
	{ "destination protocol length 255", REG, 21, { 255 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 21, NHRP_ERR_PROTOCOL },
	{ "addresses past the end", "no extensions", 0, {}, 0, 30, false,
	  NHRP_BAD_ADDR_LEN, 28, NHRP_ERR_PROTOCOL },
	{ "extoff in the header", REG, 14, { 0, 1 }, 2, 0, false,
	  NHRP_BAD_EXTOFF, 14, NHRP_ERR_PROTOCOL },
	{ "extoff in the addresses", REG, 14, { 0, 39 }, 2, 0, false,
	  NHRP_BAD_EXTOFF, 14, NHRP_ERR_PROTOCOL },
	{ "extoff without room for END", REG, 14, { 0, 89 }, 2, 0, false,
	  NHRP_BAD_EXTOFF, 14, NHRP_ERR_PROTOCOL },
	{ "extoff past the end", REG, 14, { 0xff, 0xff }, 2, 0, false,
	  NHRP_BAD_EXTOFF, 14, NHRP_ERR_PROTOCOL },
	{ "CIE cut by extoff", REG, 14, { 0, 51 }, 2, 0, false,
	  NHRP_BAD_CIE, 40, NHRP_ERR_PROTOCOL },
	{ "no CIE in a Registration Request", REG, 14, { 0, 40 }, 2, 0, false,
	  NHRP_BAD_CIE_MISSING, 40, NHRP_ERR_PROTOCOL },
	{ "prefix length 33", REG, REG_CIE + 1, { 33 }, 1, 0, false,
	  NHRP_BAD_PREFIX_LEN, REG_CIE + 1, NHRP_ERR_PROTOCOL },
	{ "prefix length 254", REG, REG_CIE + 1, { 254 }, 1, 0, false,
	  NHRP_BAD_PREFIX_LEN, REG_CIE + 1, NHRP_ERR_PROTOCOL },
	{ "prefix length 129 of IPv6", "registration, IPv6 over IPv4", 65,
	  { 129 }, 1, 0, false, NHRP_BAD_PREFIX_LEN, 65, NHRP_ERR_PROTOCOL },
	{ "CIE with an address past its end", REG, REG_CIE + 8, { 4 }, 1, 0,
	  false, NHRP_BAD_CIE, REG_CIE + 12, NHRP_ERR_PROTOCOL },
	{ "CIE with a bad address length", REG, REG_CIE + 8, { 7 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, REG_CIE + 8, NHRP_ERR_PROTOCOL },
	{ "CIE with a subaddress", REG, REG_CIE + 9, { 1 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, REG_CIE + 9, NHRP_ERR_PROTOCOL },
	{ "CIE with a bad protocol length", REG, REG_CIE + 10, { 16 }, 1, 0,
	  false, NHRP_BAD_ADDR_LEN, REG_CIE + 10, NHRP_ERR_PROTOCOL },
	{ "extension past the end", REG, REG_EXT3 + 2, { 0, 37 }, 2, 0, false,
	  NHRP_BAD_EXT, REG_EXT3 + 4, NHRP_ERR_INVALID_EXT },
	{ "extension of 65535 octets", REG, REG_EXT3 + 2, { 0xff, 0xff }, 2, 0,
	  false, NHRP_BAD_EXT, REG_EXT3 + 4, NHRP_ERR_INVALID_EXT },
	{ "extension twice", REG, REG_EXT4, { 0x80, 3 }, 2, 0, false,
	  NHRP_BAD_EXT_TWICE, REG_EXT4, NHRP_ERR_INVALID_EXT },
	{ "value is no CIE", REG, REG_EXT3 + 2, { 0, 4 }, 2, 0, false,
	  NHRP_BAD_EXT_VALUE, REG_EXT3 + 4, NHRP_ERR_INVALID_EXT },
	{ "CIE in an extension cut off", REG, REG_EXT9 + 4 + 10, { 0 }, 1, 0,
	  false, NHRP_BAD_EXT_VALUE, REG_EXT9 + 4 + 16, NHRP_ERR_INVALID_EXT },
	{ "bad address length in an extension", REG, REG_EXT9 + 4 + 10, { 5 },
	  1, 0, false, NHRP_BAD_ADDR_LEN, REG_EXT9 + 4 + 10,
	  NHRP_ERR_PROTOCOL },
	{ "authentication without SPI", REG, REG_EXT4, { 0x80, 7 }, 2, 0, false,
	  NHRP_BAD_EXT_VALUE, REG_EXT4 + 4, NHRP_ERR_INVALID_EXT },
	{ "vendor without id", REG, REG_EXT4, { 0, 8 }, 2, 0, false,
	  NHRP_BAD_EXT_VALUE, REG_EXT4 + 4, NHRP_ERR_INVALID_EXT },
	{ "END missing", REG, 0, {}, 0, REG_END, false,
	  NHRP_BAD_EXT_END, REG_END, NHRP_ERR_INVALID_EXT },
	{ "half an END", REG, 0, {}, 0, REG_END + 2, false,
	  NHRP_BAD_EXT, REG_END, NHRP_ERR_INVALID_EXT },
	{ "END with a value", REG, REG_EXT9, { 0x80, 0 }, 2, 0, false,
	  NHRP_BAD_EXT_END, REG_EXT9 + 2, NHRP_ERR_INVALID_EXT },
	{ "extensions behind END", REG, REG_EXT3, { 0x80, 0 }, 2, 0, false,
	  NHRP_BAD_EXT_END, REG_EXT4, NHRP_ERR_INVALID_EXT },
	{ "no error about an error", "error indication", 21, { 3 }, 1, 0, false,
	  NHRP_BAD_ADDR_LEN, 21, NHRP_ERR_NONE },
};

static void fix_checksum(u8 *pkt, size_t len)
{
	u16 sum;

	pkt[12] = 0;
	pkt[13] = 0;
	sum = nhrp_checksum(pkt, len);
	pkt[12] = sum >> 8;
	pkt[13] = sum & 0xff;
}

static int decode_exact(const u8 *pkt, size_t len, struct nhrp_msg *msg,
			struct nhrp_decode_err *err)
{
	u8 *copy = malloc(len);
	int ret;

	assert_non_null(copy);
	memcpy(copy, pkt, len);
	ret = nhrp_decode(copy, len, msg, err);
	free(copy);
	return ret;
}

static void check_bad(const struct bad *b)
{
	struct nhrp_decode_err err;
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	int len;

	nhrp_sample_build(b->sample, &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	assert_true(len > 0);
	memcpy(pkt + b->off, b->put, b->put_len);
	if (b->pktsz) {
		len = b->pktsz;
		pkt[10] = len >> 8;
		pkt[11] = len & 0xff;
	}
	if (!b->keep_checksum)
		fix_checksum(pkt, len);
	if (!decode_exact(pkt, len, &msg, &err))
		fail_msg("%s: accepted", b->what);
	if (err.reason != b->reason || err.offset != b->err_off ||
	    err.error_code != b->error_code)
		fail_msg("%s: %s at %u, error %u; want %s at %u, error %u",
			 b->what, nhrp_bad_name(err.reason), err.offset,
			 err.error_code, nhrp_bad_name(b->reason), b->err_off,
			 b->error_code);
}

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bads); i++)
		check_bad(&bads[i]);
}

/* Appends octets to a packet and makes size and checksum right. */
static size_t append(u8 *pkt, size_t len, const void *data, size_t n)
{
	memcpy(pkt + len, data, n);
	len += n;
	pkt[10] = len >> 8;
	pkt[11] = len & 0xff;
	fix_checksum(pkt, len);
	return len;
}

static void expect_refused(const u8 *pkt, size_t len, enum nhrp_bad reason,
			   enum nhrp_error error_code)
{
	struct nhrp_decode_err err = { 0 };
	struct nhrp_msg msg;

	assert_int_equal(decode_exact(pkt, len, &msg, &err), -EBADMSG);
	assert_int_equal(err.reason, reason);
	assert_int_equal(err.error_code, error_code);
}

/* One CIE, one extension, one octet more than there may be. */
static void test_limits(void **state)
{
	static const u8 cie[NHRP_CIE_FIXED_LEN];
	static u8 fill[NHRP_PKT_MAX];
	u8 pkt[2 * NHRP_PKT_MAX];
	struct nhrp_msg msg;
	size_t len;
	int i;

	(void)state;
	nhrp_sample_build("no extensions", &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	for (i = 0; i < NHRP_CIE_MAX; i++)
		len = append(pkt, len, cie, sizeof(cie));
	assert_int_equal(decode_exact(pkt, len, &msg, NULL), 0);
	assert_int_equal(msg.cies.n, NHRP_CIE_MAX);
	len = append(pkt, len, cie, sizeof(cie));
	expect_refused(pkt, len, NHRP_BAD_LIMIT, NHRP_ERR_SDU_SIZE);

	nhrp_sample_build("limits", &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	assert_int_equal(msg.n_exts, NHRP_EXT_MAX);
	len = append(pkt, len - 4, "\x01\x00\x00\x00\x80\x00\x00\x00", 8);
	expect_refused(pkt, len, NHRP_BAD_LIMIT, NHRP_ERR_SDU_SIZE);

	nhrp_sample_build("traffic indication", &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	len = append(pkt, len, fill, NHRP_PKT_MAX - len);
	assert_int_equal(decode_exact(pkt, len, &msg, NULL), 0);
	assert_int_equal(msg.data_len, NHRP_PKT_MAX - 40);
	len = append(pkt, len, fill, 1);
	expect_refused(pkt, len, NHRP_BAD_LIMIT, NHRP_ERR_SDU_SIZE);
}

static void test_more_extensions(void **state)
{
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	size_t len;

	(void)state;
	/* Two of a type that we do not know. */
	nhrp_sample_build(REG, &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	len = append(pkt, len - 4,
		     "\1\x23\0\1x\1\x23\0\1x\x80\0\0\0", 14);
	expect_refused(pkt, len, NHRP_BAD_EXT_TWICE, NHRP_ERR_INVALID_EXT);

	/* Two CIEs in the Responder Address Extension. */
	nhrp_sample_build("no extensions", &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	pkt[15] = len;
	len = append(pkt, len, "\x80\x03\0\x18"
		     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		     "\x80\0\0\0", 32);
	expect_refused(pkt, len, NHRP_BAD_EXT_VALUE, NHRP_ERR_INVALID_EXT);

	/* Something behind the zero octets behind END. */
	nhrp_sample_build(REG, &msg);
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	len = append(pkt, len, "\0\0\0\0\0\0\x01", 7);
	expect_refused(pkt, len, NHRP_BAD_EXT_END, NHRP_ERR_INVALID_EXT);
}

/* What IP protocol 54 carried in the public sample capture pb_nhrp_1.pcap. */
static void test_garbage(void **state)
{
	static const u8 pkt[] = {
		0x5d, 0xc9, 0x00, 0x7b, 0xff, 0x74, 0x19, 0x71, 0x58, 0x67,
		0x77, 0x53, 0x00, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x01,
		0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x79,
		0x67, 0x49, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x01, 0x01, 0x00, 0x01, 0x00,
	};

	(void)state;
	expect_refused(pkt, sizeof(pkt), NHRP_BAD_SHORT, NHRP_ERR_NONE);
}

static void test_err_is_optional(void **state)
{
	struct nhrp_msg msg;

	(void)state;
	assert_int_equal(nhrp_decode((const u8 *)"", 0, &msg, NULL), -EBADMSG);
}

/* An incremental update of the checksum can leave ffff where 0 is meant. */
static void test_checksum_ffff(void **state)
{
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	int len;

	(void)state;
	nhrp_sample_build("no extensions", &msg);
	msg.flags = 0;
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	/* The flags take up what is left of the sum. */
	msg.flags = pkt[12] << 8 | pkt[13];
	len = nhrp_encode(&msg, pkt, sizeof(pkt));
	assert_int_equal(pkt[12] | pkt[13], 0);
	assert_int_equal(decode_exact(pkt, len, &msg, NULL), 0);
	pkt[12] = 0xff;
	pkt[13] = 0xff;
	assert_int_equal(decode_exact(pkt, len, &msg, NULL), 0);
}

/* Every reason has its own name and text. */
static void test_words(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < NHRP_BAD_MAX; i++) {
		for (j = 0; j < i; j++) {
			assert_string_not_equal(nhrp_bad_name(i),
						nhrp_bad_name(j));
			assert_string_not_equal(nhrp_bad_str(i),
						nhrp_bad_str(j));
		}
	}
	assert_string_equal(nhrp_bad_name(NHRP_BAD_MAX), "unknown");
	assert_string_equal(nhrp_type_str(NHRP_PURGE_REPLY), "Purge Reply");
	assert_string_equal(nhrp_type_str(0), "unknown");
	assert_string_equal(nhrp_type_str(9), "unknown");
	assert_string_equal(nhrp_code_str(11), "unknown code");
	assert_string_equal(nhrp_error_str(2), "unknown error");
}

static void expect_einval(struct nhrp_msg *msg)
{
	u8 pkt[NHRP_PKT_MAX];

	assert_int_equal(nhrp_encode(msg, pkt, sizeof(pkt)), -EINVAL);
	nhrp_sample_build("registration reply", msg);
	assert_true(nhrp_encode(msg, pkt, sizeof(pkt)) > 0);
}

/* A packet longer than the decoder takes is not written, whatever the room. */
static void test_encode_too_long(void **state)
{
	static u8 pkt[2 * NHRP_PKT_MAX], data[NHRP_PKT_MAX];
	struct nhrp_msg msg;

	(void)state;
	nhrp_msg_init(&msg, NHRP_TRAFFIC_INDICATION, AF_INET, AF_INET);
	assert_int_equal(nhrp_msg_set_data(&msg, data, sizeof(data)), 0);
	assert_int_equal(nhrp_encode(&msg, pkt, sizeof(pkt)), -EMSGSIZE);
	msg.data_len -= NHRP_MIN_LEN;
	assert_int_equal(nhrp_encode(&msg, pkt, sizeof(pkt)), NHRP_PKT_MAX);
}

/* What nhrp_decode() would not take is not written. */
static void test_encode_refuses(void **state)
{
	struct nhrp_addr v6;
	struct nhrp_msg msg;

	(void)state;
	assert_int_equal(nhrp_addr_parse(&v6, "2001:db8::1"), 0);
	nhrp_sample_build("registration reply", &msg);
	msg.type = 0;
	expect_einval(&msg);
	msg.type = 9;
	expect_einval(&msg);
	msg.nbma_family = 0;
	expect_einval(&msg);
	msg.proto_family = AF_UNIX;
	expect_einval(&msg);
	msg.src_nbma = v6;
	expect_einval(&msg);
	msg.src_proto = v6;
	expect_einval(&msg);
	msg.dst_proto = v6;
	expect_einval(&msg);
	msg.cies.cie[0].nbma = v6;
	expect_einval(&msg);
	msg.cies.cie[0].prefix_len = 33;
	expect_einval(&msg);
	msg.nat.cie[0].proto = v6;
	expect_einval(&msg);
	assert_non_null(nhrp_cie_list_add(&msg.responder));
	expect_einval(&msg);
	msg.type = NHRP_PURGE_REQUEST;
	msg.cies.n = 0;
	expect_einval(&msg);
	msg.type = NHRP_ERROR_INDICATION;
	expect_einval(&msg);
	assert_int_equal(nhrp_msg_set_data(&msg, "quote", 5), 0);
	expect_einval(&msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_more_extensions),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_err_is_optional),
		cmocka_unit_test(test_checksum_ffff),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_encode_too_long),
		cmocka_unit_test(test_encode_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
