// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: the NHRP codec.
 *
 * The input is decoded as it is, and once more with its size and checksum made
 * right, which no mutation would find by itself. What is accepted must encode
 * to the same octets, and must still be a good message after what a transit NHS
 * or a responder does to it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nhrp/describe.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"

/* Longer inputs are cut: room for one that is too long for the codec. */
#define MAX_INPUT	(NHRP_PKT_MAX + 64)

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

static void check_reencode(const struct nhrp_msg *msg, const u8 *pkt)
{
	size_t pktsz = pkt[10] << 8 | pkt[11];
	u8 out[NHRP_PKT_MAX];
	u8 want[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, out, sizeof(out));

	require(len == (int)pktsz, "a decoded message encodes to its size");
	memcpy(want, pkt, pktsz);
	/* 0xffff and 0 are the same to the checksum; we write 0 */
	if (want[12] == 0xff && want[13] == 0xff)
		memset(want + 12, 0, 2);
	require(!memcmp(out, want, pktsz), "encoding gives the same octets");
}

static void check_readers(const struct nhrp_msg *msg)
{
	struct nhrp_msg quote;
	struct nhrp_prefix p;
	struct nhrp_auth auth;
	struct nhrp_dvpn dvpn;
	const u8 *data;
	size_t len;
	u8 i;

	for (i = 0; i < msg->cies.n; i++)
		require(nhrp_cie_prefix(&msg->cies.cie[i], &msg->src_proto,
					&p) != -ERANGE,
			"a prefix length in the mandatory part fits");
	if (!nhrp_msg_get_auth(msg, &auth))
		nhrp_auth_cisco_ok(&auth, "password");
	if (!nhrp_msg_get_dvpn(msg, &dvpn))
		require(dvpn.role == NHRP_DVPN_REQUEST ||
			dvpn.role == NHRP_DVPN_REPLY, "a role is known");
	data = nhrp_msg_data(msg, &len);
	nhrp_decode_quote(data, len, &quote);
}

/* Takes extensions out and puts ours in; the result must encode and decode. */
static void check_change(struct nhrp_msg *msg)
{
	static const struct nhrp_dvpn ours = {
		.role = NHRP_DVPN_REPLY, .epoch = 1, .counter = 2, .nonce = 3,
	};
	struct nhrp_msg again;
	struct nhrp_dvpn dvpn;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	nhrp_msg_del_ext(msg, NHRP_EXT_AUTH);
	if (nhrp_msg_set_dvpn(msg, &ours) ||
	    nhrp_msg_add_auth_cisco(msg, "password"))
		return;		/* no room */
	if (msg->n_exts && msg->ext[0].type != NHRP_EXT_VENDOR &&
	    msg->ext[0].type != NHRP_EXT_AUTH)
		nhrp_msg_del_ext(msg, msg->ext[0].type);
	len = nhrp_encode(msg, pkt, sizeof(pkt));
	if (len == -EMSGSIZE)
		return;		/* no room */
	require(len > 0, "a changed message encodes");
	require(!nhrp_decode(pkt, len, &again, NULL),
		"a changed message decodes");
	require(!nhrp_msg_get_dvpn(&again, &dvpn) && dvpn.nonce == ours.nonce,
		"our block is there once");
	check_reencode(&again, pkt);
}

static void check_line(void *arg, const char *line)
{
	size_t i, len = strlen(line);

	(*(int *)arg)++;
	require(len > 0 && len < NHRP_LINE_MAX, "a line has an end");
	for (i = 0; i < len; i++)
		require(line[i] >= ' ' && line[i] <= '~', "a line can be printed");
}

static void check_words(const u8 *pkt, size_t len)
{
	struct nhrp_addr who;
	int lines = 0;

	nhrp_describe(pkt, len, check_line, &lines);
	require(lines > 0, "there is something to say of every packet");
	nhrp_addr_set(&who, AF_INET, "\xc0\xa8\x6f\x02");
	nhrp_concerns(pkt, len, &who);
}

static void check(const u8 *pkt, size_t len)
{
	struct nhrp_decode_err err;
	struct nhrp_msg msg;

	check_words(pkt, len);
	if (nhrp_decode(pkt, len, &msg, &err)) {
		require(err.reason > NHRP_BAD_NONE && err.reason < NHRP_BAD_MAX,
			"a refusal has a reason");
		require(err.offset <= len, "a fault is inside the packet");
		return;
	}
	check_reencode(&msg, pkt);
	check_readers(&msg);
	check_change(&msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u16 sum;
	u8 *pkt;

	check(data, size);
	if (size > MAX_INPUT)
		size = MAX_INPUT;
	if (size < NHRP_FIXED_LEN)
		return 0;
	pkt = malloc(size);
	if (!pkt)
		abort();
	memcpy(pkt, data, size);
	pkt[10] = size >> 8;
	pkt[11] = size & 0xff;
	pkt[12] = 0;
	pkt[13] = 0;
	sum = nhrp_checksum(pkt, size);
	pkt[12] = sum >> 8;
	pkt[13] = sum & 0xff;
	check(pkt, size);
	free(pkt);
	return 0;
}
