// SPDX-License-Identifier: GPL-2.0
/* HMAC-SHA-256 over NHRP packets, and the window of those that came. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nettle/hmac.h>

#include "nhrp/auth.h"
#include "nhrp/packet-ext.h"
#include "nhrp_samples.h"

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define KEY_ID		300
/* END and HMAC at the end of a packet. */
#define END_LEN		4

static const u8 secret[] = "0123456789abcdef";
#define SECRET_LEN	(sizeof(secret) - 1)

static void from_hex(const char *hex, u8 *octets, size_t len)
{
	size_t i;

	assert_int_equal(strlen(hex), 2 * len);
	for (i = 0; i < len; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], 0 };

		octets[i] = (u8)strtoul(digits, NULL, 16);
	}
}

/* What we link is what the standard says: RFC 4231, cases 1 and 2. */
static void rfc4231(void **state)
{
	static const struct {
		const char *key, *data, *hmac;
	} cases[] = {
		{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		  "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	};
	u8 wanted[NHRP_HMAC_LEN], got[NHRP_HMAC_LEN];
	struct hmac_sha256_ctx ctx;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		from_hex(cases[i].hmac, wanted, sizeof(wanted));
		hmac_sha256_set_key(&ctx, strlen(cases[i].key),
				    (const u8 *)cases[i].key);
		hmac_sha256_update(&ctx, strlen(cases[i].data),
				   (const u8 *)cases[i].data);
		hmac_sha256_digest(&ctx, sizeof(got), got);
		assert_memory_equal(got, wanted, sizeof(got));
	}
}

/* The message as its last hop sends it. */
static void prepare(const char *sample, struct nhrp_msg *msg)
{
	struct nhrp_dvpn d = {
		.epoch = 0x65000001,
		.counter = 0x42,
		.nonce = 0x0123456789abcdefull,
	};
	struct nhrp_addr hop, receiver;
	bool four;

	nhrp_sample_build(sample, msg);
	nhrp_msg_del_ext(msg, NHRP_EXT_AUTH);
	d.role = nhrp_type_is_reply(msg->type) ? NHRP_DVPN_REPLY :
						 NHRP_DVPN_REQUEST;
	assert_int_equal(nhrp_msg_set_dvpn(msg, &d), 0);
	four = msg->proto_family == AF_INET;
	assert_int_equal(nhrp_addr_parse(&hop, four ? "192.168.111.2" :
					 "fd00::2"), 0);
	assert_int_equal(nhrp_addr_parse(&receiver, four ? "192.168.111.1" :
					 "fd00::1"), 0);
	assert_int_equal(nhrp_msg_add_auth_hmac(msg, KEY_ID, &hop, &receiver),
			 0);
}

static int sign(const char *sample, u8 *pkt)
{
	struct nhrp_msg msg;
	int len;

	prepare(sample, &msg);
	len = nhrp_encode(&msg, pkt, NHRP_PKT_MAX);
	assert_true(len > 0);
	nhrp_pkt_sign(pkt, len, secret, SECRET_LEN);
	return len;
}

/* As the core asks: is it well formed, and then, is the HMAC right? */
static bool accepted(const u8 *pkt, size_t len, const u8 *with, size_t with_len)
{
	struct nhrp_addr hop, receiver;
	struct nhrp_msg msg;
	struct nhrp_dvpn d;
	u16 id;

	return !nhrp_decode(pkt, len, &msg, NULL) &&
	       !nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver) &&
	       !nhrp_msg_get_dvpn(&msg, &d) && id == KEY_ID &&
	       nhrp_pkt_signed(pkt, with, with_len);
}

/*
 * One message of each type that is signed, both families. The HMACs were made by
 * another implementation (hashlib of Python) from the packets with ar$chksum and
 * HMAC set to zero.
 */
static const struct {
	const char *sample;
	const char *hmac;
} golden[] = {
	{ "registration request, full",
	  "547ff213b12dead88c2a7ccf20f2c656490eb007c1c99c9f1d560bd514095168" },
	{ "registration reply",
	  "f811a4035a4cc4abd64cde0f18b3469434bbd9132ba28c94bb0eabce11293067" },
	{ "resolution request",
	  "77e7160b9950546d837e4d2788d314f6f54222f8a937a4c977929ea6fa97d8d0" },
	{ "resolution reply",
	  "132cf8d6b32a31c3fcbf68ef28f13c7c881999457be19df82ce9656ab4404dcb" },
	{ "purge request",
	  "580980ab76f8511e0bf843f269f511fab877a2666ceccb27213b39654379a46f" },
	{ "purge reply",
	  "bf98b88b76e708d579a173cd879d1feba2498246b274c47ca420fc790b81b123" },
	{ "traffic indication, auth",
	  "3791e0859b2318ddfa17d0639a310a1f342e6ca556492389f77a83cbd5b77cd1" },
	{ "registration, IPv6 over IPv4",
	  "548389e603cb370536d4ee4123ce111a84e895d44ac13893ec401679b69cb348" },
	{ "resolution, IPv6 over IPv6",
	  "0bfd45b4e8804c30582179534c351f0847cdee6de56034dbc8c92f07667cd87a" },
};

static void golden_hmacs(void **state)
{
	u8 pkt[NHRP_PKT_MAX], hmac[NHRP_HMAC_LEN];
	size_t i;
	int len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(golden); i++) {
		from_hex(golden[i].hmac, hmac, sizeof(hmac));
		len = sign(golden[i].sample, pkt);
		assert_memory_equal(pkt + len - END_LEN - NHRP_HMAC_LEN, hmac,
				    sizeof(hmac));
		assert_true(accepted(pkt, len, secret, SECRET_LEN));
		/* Octets behind the packet are not part of it. */
		pkt[len] = 0x55;
		assert_true(accepted(pkt, len + 1, secret, SECRET_LEN));
	}
}

/* All octets of one packet, so that no field can change its place unnoticed. */
static void golden_packet(void **state)
{
	static const char *const wanted[] = {
		"0001080000000000004000ac8624004c0105040004048000",
		"01020304c0a83202c0a86f02c0a86f010020000005780258",
		"00000400c0a86f02001800000578025804000400c0a83202",
		"c0a81e008003000080040000800500000008001c02647601",
		"6476706e0100000065000001000000420123456789abcdef",
		"8007002c0000012cc0a86f02c0a86f01580980ab76f8511e",
		"0bf843f269f511fab877a2666ceccb27213b39654379a46f",
		"80000000",
	};
	u8 pkt[NHRP_PKT_MAX], golden_pkt[172];
	size_t i, row = strlen(wanted[0]) / 2;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wanted); i++)
		from_hex(wanted[i], golden_pkt + i * row, strlen(wanted[i]) / 2);
	assert_int_equal(sign("purge request", pkt), sizeof(golden_pkt));
	assert_memory_equal(pkt, golden_pkt, sizeof(golden_pkt));
}

static void repair_checksum(u8 *pkt, size_t len)
{
	u16 sum;

	pkt[12] = 0;
	pkt[13] = 0;
	sum = nhrp_checksum(pkt, len);
	pkt[12] = sum >> 8;
	pkt[13] = sum & 0xff;
}

static void every_flip_is_refused(void **state)
{
	u8 pkt[NHRP_PKT_MAX], bad[NHRP_PKT_MAX];
	unsigned int bit;
	size_t i;
	int len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(golden); i++) {
		len = sign(golden[i].sample, pkt);
		for (bit = 0; bit < 8u * len; bit++) {
			memcpy(bad, pkt, len);
			bad[bit / 8] ^= 1 << bit % 8;
			assert_false(accepted(bad, len, secret, SECRET_LEN));
			/* The checksum itself is repaired by repairing it. */
			if (bit / 16 == 12 / 2)
				continue;
			repair_checksum(bad, len);
			assert_false(accepted(bad, len, secret, SECRET_LEN));
		}
	}
}

static void wrong_secrets(void **state)
{
	u8 pkt[NHRP_PKT_MAX], other[SECRET_LEN];
	unsigned int bit;
	int len = sign("registration reply", pkt);

	(void)state;
	for (bit = 0; bit < 8 * SECRET_LEN; bit++) {
		memcpy(other, secret, sizeof(other));
		other[bit / 8] ^= 1 << bit % 8;
		assert_false(accepted(pkt, len, other, sizeof(other)));
	}
	assert_false(accepted(pkt, len, secret, SECRET_LEN - 1));
	assert_true(accepted(pkt, len, secret, SECRET_LEN));
}

/* What is not in its place, of another length or not an HMAC is not looked at. */
static void refused_forms(void **state)
{
	struct nhrp_addr four, six, hop, receiver;
	struct nhrp_msg msg;
	u16 id;

	(void)state;
	nhrp_addr_parse(&four, "192.168.111.2");
	nhrp_addr_parse(&six, "fd00::2");
	prepare("registration request, full", &msg);
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver), 0);
	assert_int_equal(id, KEY_ID);
	assert_true(nhrp_addr_eq(&hop, &four));
	four.b[3] = 1;
	assert_true(nhrp_addr_eq(&receiver, &four));
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, KEY_ID, &four, &four),
			 -EEXIST);
	/* Something behind it */
	msg.pad_len = 4;
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -EBADMSG);
	msg.pad_len = 0;
	assert_int_equal(nhrp_msg_add_ext(&msg, 99, 0, "x", 1), 0);
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -EBADMSG);
	/* Lengths that do not fit the family: with one address, and of the other one */
	nhrp_msg_del_ext(&msg, 99);
	msg.ext[msg.n_exts - 1].len--;
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -EBADMSG);
	msg.ext[msg.n_exts - 1].len -= 3;
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -EBADMSG);
	msg.ext[msg.n_exts - 1].len += 28;
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -EBADMSG);
	msg.ext[msg.n_exts - 1].len -= 24;
	/* A password, nothing, and what may not be asked for */
	nhrp_msg_del_ext(&msg, NHRP_EXT_AUTH);
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -ENOENT);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, 255, &four, &four),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, KEY_ID, &six, &four),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, KEY_ID, &four, &six),
			 -EINVAL);
	assert_int_equal(nhrp_msg_add_auth_cisco(&msg, "password"), 0);
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver),
			 -EBADMSG);
	/* For whoever is there */
	nhrp_msg_del_ext(&msg, NHRP_EXT_AUTH);
	assert_int_equal(nhrp_msg_add_auth_hmac(&msg, KEY_ID, &four, NULL), 0);
	assert_int_equal(nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver), 0);
	assert_true(nhrp_addr_is_any(&receiver));
}

static void window(void **state)
{
	static const struct {
		u32 epoch, counter;
		bool is_new;
	} steps[] = {
		{ 5, 100, false },	/* as it began */
		{ 5, 101, true },
		{ 5, 101, false },
		{ 5, 99, true },	/* late, within 64 */
		{ 5, 99, false },
		{ 5, 38, true },
		{ 5, 37, false },	/* 64 behind */
		{ 5, 0, false },
		{ 5, 164, true },	/* 63 ahead: 101 is the last one known */
		{ 5, 101, false },
		{ 5, 102, true },
		{ 5, 100, false },
		{ 5, 228, true },	/* 64 ahead: none of them is */
		{ 5, 165, true },
		{ 5, 164, false },
		{ 4, 4000000000u, false },	/* an earlier life */
		{ 6, 3, true },
		{ 6, 3, false },
		{ 5, 229, false },
		{ 6, 2, true },
		{ 6, UINT32_MAX, true },
		{ 6, UINT32_MAX, false },
		{ 6, UINT32_MAX - 63, true },
		{ 6, UINT32_MAX - 64, false },
		{ UINT32_MAX, 1, true },
		{ 6, UINT32_MAX - 1, false },
		{ 0, 2, false },
	};
	struct nhrp_replay r = { .epoch = 5, .top = 100, .window = 1 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(steps); i++)
		if (nhrp_replay_window(&r, steps[i].epoch, steps[i].counter) !=
		    steps[i].is_new)
			fail_msg("step %zu: epoch %u, counter %u", i,
				 steps[i].epoch, steps[i].counter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4231),
		cmocka_unit_test(golden_hmacs),
		cmocka_unit_test(golden_packet),
		cmocka_unit_test(every_flip_is_refused),
		cmocka_unit_test(wrong_secrets),
		cmocka_unit_test(refused_forms),
		cmocka_unit_test(window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
