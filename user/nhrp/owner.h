/* SPDX-License-Identifier: GPL-2.0 */
/* Whose binding it is: what identities may do, and what nobody else may. */
#ifndef NHRP_OWNER_H
#define NHRP_OWNER_H

#include "nhrp/core.h"

struct nhrp_binding;
struct nhrp_rx;

/* owner.c. What returns a counter: NHRP_C_NONE, or the reason to refuse. */
enum nhrp_counter nhrp_owner_may_claim(const struct nhrp_rx *rx,
				       const struct nhrp_addr *proto);
/* Has it been registered with less than @rx has proved? Then @rx may have it at once. */
bool nhrp_owner_outdone(const struct nhrp_rx *rx, const struct nhrp_binding *b);
/* Is nobody else registered from where @rx came from? Asked of who says a password only. */
bool nhrp_owner_place_is_free(const struct nhrp_rx *rx);
/* Are those who are registered from where @rx came from outdone by it? */
bool nhrp_owner_place_outdone(const struct nhrp_rx *rx);
/* Those make room. */
void nhrp_owner_clear_place(const struct nhrp_rx *rx);
/* May it be registered, in place of what is there? */
enum nhrp_counter nhrp_owner_may_take(const struct nhrp_rx *rx,
				      const struct nhrp_binding *b);
/* Is it somebody's? */
bool nhrp_owner_has(const struct nhrp_binding *b);
/* Is there no other owner? */
bool nhrp_owner_agrees(const struct nhrp_rx *rx, const struct nhrp_binding *b);
bool nhrp_owner_same(const struct nhrp_rx *rx, const struct nhrp_binding *b);
bool nhrp_owner_may_speak(const struct nhrp_rx *rx, const struct nhrp_binding *b,
			  const struct nhrp_addr *proto);
bool nhrp_owner_may_bring(const struct nhrp_rx *rx, const struct nhrp_addr *proto);
/* What it says of the way to others, cut to what it may say; false: it may not. */
bool nhrp_owner_may_answer(const struct nhrp_rx *rx);
void nhrp_owner_set(struct nhrp_binding *b, struct nhrp_identity *identity,
		    u16 key_id);
/* Of what is an identity's it owns nothing, nor where no IKE is. After nhrp_owner_set(). */
void nhrp_owner_set_ike(struct nhrp_binding *b, u64 ike_owner);
void nhrp_owner_refused(const struct nhrp_rx *rx, struct nhrp_binding *b);
/* Is who owned it still one, and may have it? @owner: as far as it was found, or NULL. */
bool nhrp_owner_still(const struct nhrp_identity *owner,
		      const struct nhrp_addr *proto);
/* After a change of the configuration. */
void nhrp_owners_changed(struct nhrp_tunnel *t, u64 now);

/* What is said of an IKE identity there: so much of it. */
#define NHRP_OWNER_IKE_MAX	80
#define NHRP_OWNER_WORDS_MAX	(2 * (NHRP_IDENTITY_NAME_MAX + NHRP_OWNER_IKE_MAX) + \
				 NHRP_ADDR_STRLEN + 64)

/* "; identity x, owner y at 192.0.2.1", as far as there is any. */
const char *nhrp_owner_words(const struct nhrp_rx *rx,
			     const struct nhrp_binding *b, char *buf);

#endif
