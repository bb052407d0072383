// SPDX-License-Identifier: GPL-2.0
/*
 * The NHRP codec against captured packets of others, and under damage: what is
 * cut or has a stale checksum is refused; what is damaged with its checksum
 * repaired is refused or understood as what it says, to the bit.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/packet-ext.h"
#include "nhrp_samples.h"

static struct nhrp_vector vectors[NHRP_MAX_VECTORS];
static int n_vectors;

/* Decodes out of a buffer without a spare octet, so that ASan sees overreads. */
static int decode_exact(const u8 *pkt, size_t len, struct nhrp_msg *msg,
			struct nhrp_decode_err *err)
{
	u8 *copy = malloc(len ? len : 1);
	int ret;

	assert_non_null(copy);
	memcpy(copy, pkt, len);
	ret = nhrp_decode(len ? copy : copy + 1, len, msg, err);
	free(copy);
	return ret;
}

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static void set16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static void repair_checksum(u8 *pkt, size_t len)
{
	u16 pktsz = get16(pkt + 10);

	set16(pkt + 12, 0);
	set16(pkt + 12, nhrp_checksum(pkt, pktsz < len ? pktsz : len));
}

static void assert_same_octets(const char *what, const u8 *got, int got_len,
			       const u8 *want, size_t want_len)
{
	size_t i;

	if (got_len != (int)want_len)
		fail_msg("%s: %d octets, want %zu", what, got_len, want_len);
	for (i = 0; i < want_len; i++)
		if (got[i] != want[i])
			fail_msg("%s: octet %zu is %02x, want %02x", what, i,
				 got[i], want[i]);
}

/* An accepted packet must come back from the encoder as it was. */
static void check_reencode(const char *what, const struct nhrp_msg *msg,
			   const u8 *pkt)
{
	u8 out[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, out, sizeof(out));

	if (len < 0)
		fail_msg("%s: accepted, but encoding gives %d", what, len);
	assert_same_octets(what, out, len, pkt, get16(pkt + 10));
}

typedef void packet_fn(const char *name, const u8 *pkt, size_t len);

/* Calls fn for all packets, captured and built. */
static void with_all_packets(packet_fn *fn)
{
	const struct nhrp_sample *s;
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	int i, len;

	for (i = 0; i < n_vectors; i++)
		fn(vectors[i].name, vectors[i].pkt, vectors[i].len);
	for (s = nhrp_samples; s->name; s++) {
		s->build(&msg);
		len = nhrp_encode(&msg, pkt, sizeof(pkt));
		if (len < 0)
			fail_msg("%s: encoding gives %d", s->name, len);
		fn(s->name, pkt, len);
	}
}

static void test_vectors(void **state)
{
	struct nhrp_decode_err err;
	struct nhrp_fields got;
	struct nhrp_msg msg;
	int i, f;

	(void)state;
	assert_true(n_vectors >= 10);
	for (i = 0; i < n_vectors; i++) {
		struct nhrp_vector *v = &vectors[i];

		if (decode_exact(v->pkt, v->len, &msg, &err))
			fail_msg("%s: refused at %u: %s", v->name, err.offset,
				 nhrp_bad_str(err.reason));
		nhrp_fields_of(&msg, v->pkt, &got);
		for (f = 0; f < NHRP_N_FIELDS; f++)
			if (strcmp(got.v[f], v->fields.v[f]))
				fail_msg("%s: %s is %s, want %s", v->name,
					 nhrp_field_names[f], got.v[f],
					 v->fields.v[f]);
	}
}

/* Fields that tshark does not show as we want them. */
static void test_cisco_auth(void **state)
{
	struct nhrp_auth auth;
	struct nhrp_msg msg;
	int i, seen = 0;

	(void)state;
	for (i = 0; i < n_vectors; i++) {
		if (strncmp(vectors[i].name, "cisco", 5))
			continue;
		seen++;
		assert_int_equal(decode_exact(vectors[i].pkt, vectors[i].len,
					      &msg, NULL), 0);
		assert_int_equal(nhrp_msg_get_auth(&msg, &auth), 0);
		assert_int_equal(auth.spi, NHRP_AUTH_SPI_CISCO);
		if (auth.len == 5) {
			assert_true(nhrp_auth_cisco_ok(&auth, "CISCO"));
			assert_false(nhrp_auth_cisco_ok(&auth, "CISCo"));
			assert_false(nhrp_auth_cisco_ok(&auth, "CISCOO"));
			assert_false(nhrp_auth_cisco_ok(&auth, "CISC"));
			assert_false(nhrp_auth_cisco_ok(&auth, ""));
		} else {
			assert_true(nhrp_auth_cisco_ok(&auth, "NHRPAUTH"));
			assert_false(nhrp_auth_cisco_ok(&auth, "NHRPAUT"));
		}
	}
	assert_int_equal(seen, 3);
}

static void reencode_one(const char *name, const u8 *pkt, size_t len)
{
	struct nhrp_msg msg;

	assert_int_equal(decode_exact(pkt, len, &msg, NULL), 0);
	check_reencode(name, &msg, pkt);
}

static void test_reencode(void **state)
{
	(void)state;
	with_all_packets(reencode_one);
}

/* decode(encode(x)) is x in every field. */
static void test_round_trip(void **state)
{
	const struct nhrp_sample *s;
	struct nhrp_msg in, out;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	(void)state;
	for (s = nhrp_samples; s->name; s++) {
		s->build(&in);
		len = nhrp_encode(&in, pkt, sizeof(pkt));
		assert_true(len > 0);
		assert_int_equal(decode_exact(pkt, len, &out, NULL), 0);
		if (memcmp(&in, &out, offsetof(struct nhrp_msg, buf)) ||
		    memcmp(in.buf, out.buf, in.buf_len))
			fail_msg("%s: decoded message is another", s->name);
	}
}

static void truncate_one(const char *name, const u8 *pkt, size_t len)
{
	struct nhrp_decode_err err;
	struct nhrp_msg msg;
	size_t n;

	for (n = 0; n < len; n++) {
		if (!decode_exact(pkt, n, &msg, &err))
			fail_msg("%s: taken with %zu of %zu octets", name, n,
				 len);
		assert_int_equal(err.reason, NHRP_BAD_SHORT);
		assert_int_equal(err.error_code, NHRP_ERR_NONE);
	}
}

static void test_truncated(void **state)
{
	(void)state;
	with_all_packets(truncate_one);
}

/* Cut, with ar$pktsz and checksum made right for what is left. */
static void shorten_one(const char *name, const u8 *pkt, size_t len)
{
	u8 cut[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	size_t n;

	memcpy(cut, pkt, len);
	for (n = 16; n < len; n++) {
		set16(cut + 10, n);
		repair_checksum(cut, n);
		if (!decode_exact(cut, n, &msg, NULL))
			check_reencode(name, &msg, cut);
	}
}

static void test_shortened(void **state)
{
	(void)state;
	with_all_packets(shorten_one);
}

static unsigned long refused[NHRP_BAD_MAX], n_refused, n_flips, n_accepted;

static void stale_flip_one(const char *name, const u8 *pkt, size_t len)
{
	struct nhrp_decode_err err;
	u8 bad[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	size_t bit;

	memcpy(bad, pkt, len);
	for (bit = 0; bit < len * 8; bit++) {
		bad[bit / 8] ^= 0x80 >> bit % 8;
		n_flips++;
		if (!decode_exact(bad, len, &msg, &err))
			fail_msg("%s: taken with bit %zu of octet %zu flipped",
				 name, bit % 8, bit / 8);
		assert_true(err.reason > NHRP_BAD_NONE &&
			    err.reason < NHRP_BAD_MAX);
		refused[err.reason]++;
		bad[bit / 8] ^= 0x80 >> bit % 8;
	}
}

static void test_flip_stale_checksum(void **state)
{
	int i;

	(void)state;
	memset(refused, 0, sizeof(refused));
	n_refused = 0;
	n_flips = 0;
	with_all_packets(stale_flip_one);
	for (i = 0; i < NHRP_BAD_MAX; i++)
		n_refused += refused[i];
	assert_int_equal(n_refused, n_flips);
	/* Only a flip in ar$pktsz can be found by anything else. */
	assert_int_equal(n_refused, refused[NHRP_BAD_CHECKSUM] +
			 refused[NHRP_BAD_SHORT] + refused[NHRP_BAD_LIMIT]);
}

static void repaired_flip_one(const char *name, const u8 *pkt, size_t len)
{
	u8 bad[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	size_t bit;

	for (bit = 0; bit < len * 8; bit++) {
		memcpy(bad, pkt, len);
		bad[bit / 8] ^= 0x80 >> bit % 8;
		repair_checksum(bad, len);
		if (decode_exact(bad, len, &msg, NULL)) {
			n_refused++;
			continue;
		}
		n_accepted++;
		check_reencode(name, &msg, bad);
	}
}

static void test_flip_repaired_checksum(void **state)
{
	(void)state;
	n_refused = 0;
	n_accepted = 0;
	with_all_packets(repaired_flip_one);
	print_message("# %lu flips refused, %lu accepted\n", n_refused,
		      n_accepted);
	assert_true(n_refused && n_accepted);
}

/* Link padding behind the packet is nobody's business. */
static void trailing_one(const char *name, const u8 *pkt, size_t len)
{
	u8 longer[NHRP_PKT_MAX + 7];
	struct nhrp_msg msg;

	memcpy(longer, pkt, len);
	memset(longer + len, 0xa5, 7);
	assert_int_equal(decode_exact(longer, len + 7, &msg, NULL), 0);
	check_reencode(name, &msg, pkt);
}

static void test_trailing(void **state)
{
	(void)state;
	with_all_packets(trailing_one);
}

/* The encoder never writes past the room that it is given. */
static void test_encode_room(void **state)
{
	const struct nhrp_sample *s;
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	int len, n;
	u8 *room;

	(void)state;
	for (s = nhrp_samples; s->name; s++) {
		s->build(&msg);
		len = nhrp_encode(&msg, pkt, sizeof(pkt));
		for (n = 0; n <= len; n++) {
			room = malloc(n ? n : 1);
			assert_non_null(room);
			assert_int_equal(nhrp_encode(&msg, room, n),
					 n < len ? -EMSGSIZE : len);
			free(room);
		}
	}
}

/* 40 + CIE 12 + extensions 4 + 4 + 4 + (4 + 20) + END 4, as Cisco's debug says */
static void test_size(void **state)
{
	struct nhrp_msg msg;
	u8 pkt[128];

	(void)state;
	nhrp_sample_build("registration request", &msg);
	assert_int_equal(nhrp_encode(&msg, pkt, sizeof(pkt)), 92);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_cisco_auth),
		cmocka_unit_test(test_reencode),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_flip_stale_checksum),
		cmocka_unit_test(test_flip_repaired_checksum),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_encode_room),
		cmocka_unit_test(test_size),
	};

	n_vectors = nhrp_vectors_load(vectors);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
