// SPDX-License-Identifier: GPL-2.0
/*
 * The codec: HMAC-SHA-256 in the authentication extension, RFC 2332 5.3.4
 *
 * It covers all octets of the packet as they are sent, the hop count too, but for
 * itself and for the checksum, which covers it. Both count as zero. The extension is
 * the last one, so it is known where the HMAC is: in front of END.
 */
#include <errno.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "nhrp/codec.h"
#include "nhrp/packet-ext.h"

_Static_assert(NHRP_HMAC_LEN == SHA256_DIGEST_SIZE, "SHA-256");

/* Reserved and SPI. */
#define AUTH_FIXED_LEN	4
/* The HMAC and END. */
#define TAIL_LEN	(NHRP_HMAC_LEN + NHRP_EXT_HDR_LEN)

int nhrp_msg_add_auth_hmac(struct nhrp_msg *msg, u16 key_id,
			   const struct nhrp_addr *hop,
			   const struct nhrp_addr *receiver)
{
	u8 value[AUTH_FIXED_LEN + 2 * NHRP_ADDR_MAX_LEN + NHRP_HMAC_LEN] = { 0 };

	if (key_id < NHRP_KEY_ID_MIN || msg->pad_len ||
	    hop->family != msg->proto_family ||
	    (receiver && receiver->family != msg->proto_family))
		return -EINVAL;
	set16(value + 2, key_id);
	memcpy(value + AUTH_FIXED_LEN, hop->b, hop->len);
	if (receiver)
		memcpy(value + AUTH_FIXED_LEN + hop->len, receiver->b, hop->len);
	return nhrp_msg_add_ext(msg, NHRP_EXT_AUTH, NHRP_EXT_F_COMPULSORY,
				value, AUTH_FIXED_LEN + 2 * hop->len +
				       NHRP_HMAC_LEN);
}

int nhrp_msg_get_auth_hmac(const struct nhrp_msg *msg, u16 *key_id,
			   struct nhrp_addr *hop, struct nhrp_addr *receiver)
{
	u8 len = nhrp_family_len(msg->proto_family);
	struct nhrp_auth auth;

	if (nhrp_msg_get_auth(msg, &auth))
		return -ENOENT;
	if (auth.spi < NHRP_KEY_ID_MIN || auth.len != 2 * len + NHRP_HMAC_LEN ||
	    msg->ext[msg->n_exts - 1].type != NHRP_EXT_AUTH || msg->pad_len)
		return -EBADMSG;
	*key_id = auth.spi;
	nhrp_addr_set(hop, msg->proto_family, auth.data);
	nhrp_addr_set(receiver, msg->proto_family, auth.data + len);
	return 0;
}

static void compute(const u8 *pkt, size_t len, const u8 *secret,
		    size_t secret_len, u8 *hmac)
{
	static const u8 zero[NHRP_HMAC_LEN];
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, secret_len, secret);
	hmac_sha256_update(&ctx, OFF_CHKSUM, pkt);
	hmac_sha256_update(&ctx, OFF_EXTOFF - OFF_CHKSUM, zero);
	hmac_sha256_update(&ctx, len - TAIL_LEN - OFF_EXTOFF, pkt + OFF_EXTOFF);
	hmac_sha256_update(&ctx, NHRP_HMAC_LEN, zero);
	hmac_sha256_update(&ctx, NHRP_EXT_HDR_LEN,
			   pkt + len - NHRP_EXT_HDR_LEN);
	hmac_sha256_digest(&ctx, NHRP_HMAC_LEN, hmac);
	explicit_bzero(&ctx, sizeof(ctx));
}

void nhrp_pkt_sign(u8 *pkt, size_t len, const u8 *secret, size_t secret_len)
{
	compute(pkt, len, secret, secret_len, pkt + len - TAIL_LEN);
	set16(pkt + OFF_CHKSUM, 0);
	set16(pkt + OFF_CHKSUM, nhrp_checksum(pkt, len));
}

bool nhrp_pkt_signed(const u8 *pkt, const u8 *secret, size_t secret_len)
{
	size_t len = get16(pkt + OFF_PKTSZ);
	u8 hmac[NHRP_HMAC_LEN];

	compute(pkt, len, secret, secret_len, hmac);
	return memeql_sec(hmac, pkt + len - TAIL_LEN, NHRP_HMAC_LEN);
}
