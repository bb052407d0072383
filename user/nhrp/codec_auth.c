// SPDX-License-Identifier: GPL-2.0
/* The codec: the authentication extension, RFC 2332 5.3.4 and Cisco. */
#include <errno.h>
#include <string.h>

#include "nhrp/codec.h"
#include "nhrp/packet-ext.h"

/* Reserved and SPI, in front of the password or of source address and HMAC. */
#define AUTH_FIXED_LEN	4

int nhrp_msg_get_auth(const struct nhrp_msg *msg, struct nhrp_auth *auth)
{
	const struct nhrp_ext *ext = nhrp_msg_ext(msg, NHRP_EXT_AUTH);
	const u8 *value;

	if (!ext)
		return -ENOENT;
	value = nhrp_msg_ext_data(msg, ext);
	if (get16(value))
		return -EBADMSG;
	auth->spi = get16(value + 2);
	auth->data = value + AUTH_FIXED_LEN;
	auth->len = ext->len - AUTH_FIXED_LEN;
	return 0;
}

int nhrp_msg_add_auth_cisco(struct nhrp_msg *msg, const char *password)
{
	size_t len = strnlen(password, NHRP_AUTH_CISCO_MAX + 1);
	u8 value[AUTH_FIXED_LEN + NHRP_AUTH_CISCO_MAX] = {
		0, 0, 0, NHRP_AUTH_SPI_CISCO
	};

	if (!len || len > NHRP_AUTH_CISCO_MAX)
		return -EINVAL;
	memcpy(value + AUTH_FIXED_LEN, password, len);
	return nhrp_msg_add_ext(msg, NHRP_EXT_AUTH, NHRP_EXT_F_COMPULSORY,
				value, AUTH_FIXED_LEN + len);
}

bool nhrp_auth_cisco_ok(const struct nhrp_auth *auth, const char *password)
{
	size_t len = strnlen(password, NHRP_AUTH_CISCO_MAX);
	u8 diff = 0;
	size_t i;

	if (auth->spi != NHRP_AUTH_SPI_CISCO || !len || auth->len != len)
		return false;
	for (i = 0; i < len; i++)
		diff |= auth->data[i] ^ (u8)password[i];
	return !diff;
}
