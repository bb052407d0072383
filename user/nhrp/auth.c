// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication, hop by hop (RFC 2332 5.3.4): what comes in is checked and
 * stripped, what goes out is signed anew, so nothing is ever forwarded with
 * somebody else's.
 */
#include "nhrp/internal.h"
#include "nhrp/message.h"

bool nhrp_auth_check(struct nhrp_tunnel *t, const struct nhrp_msg *msg)
{
	struct nhrp_auth auth;

	switch (t->cfg.auth) {
	case NHRP_AUTH_NONE:
		return true;
	case NHRP_AUTH_CISCO:
		/* RFC 2332 5.2.7: Error Indications carry no extensions. */
		if (msg->type == NHRP_ERROR_INDICATION)
			return true;
		return !nhrp_msg_get_auth(msg, &auth) &&
		       nhrp_auth_cisco_ok(&auth, t->cfg.password);
	}
	return false;
}

void nhrp_auth_sign(struct nhrp_tunnel *t, struct nhrp_msg *msg)
{
	nhrp_msg_del_ext(msg, NHRP_EXT_AUTH);
	if (msg->type == NHRP_ERROR_INDICATION)
		return;
	switch (t->cfg.auth) {
	case NHRP_AUTH_NONE:
		break;
	case NHRP_AUTH_CISCO:
		nhrp_msg_add_auth_cisco(msg, t->cfg.password);
		break;
	}
}
