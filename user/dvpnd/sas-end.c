// SPDX-License-Identifier: GPL-2.0
/* Ending security associations that no peer is left for: see sas-end.h */
#include <string.h>

#include "dvpnd/log.h"
#include "dvpnd/sas-end.h"
#include "vici/message.h"

#define UNWANTED_MS	30000	/* so long without a peer, then it ends: a mapping may come back */
#define ENDING_MS	30000	/* if it has not ended by then, ask again */
#define AT_ONCE_MAX	16

static void ended(int err, const void *body, size_t len, void *ctx)
{
	char why[96];

	(void)ctx;
	if (!err && !vici_succeeded(body, len, why, sizeof(why)))
		log_debug("strongSwan does not end a security association: %s", why);
}

/* The IKE_SA goes with the last of its children. */
static bool has_sibling(const struct sas *sas, const struct sa_entry *e)
{
	const struct sa_entry *other = NULL;

	while ((other = sas_of(sas, &e->sa.nbma, other)))
		if (other != e && other->sa.ike_id == e->sa.ike_id)
			return true;
	return false;
}

static int end(struct sas *sas, struct charon *charon, struct sa_entry *e, u64 now_ms)
{
	bool child = has_sibling(sas, e);
	struct vici_out body = { 0 };
	char nbma[NHRP_ADDR_STRLEN];
	int err;

	vici_text(&body, child ? "child-id" : "ike-id", "%u", child ? e->sa.id : e->sa.ike_id);
	vici_text(&body, "timeout", "-1");	/* do not wait for it */
	err = charon_request(charon, "terminate", &body, ended, NULL);
	vici_out_free(&body);
	if (err)
		return err;
	e->ending_ms = now_ms;
	log_line(LOG_INFO, NULL, "sa-unused", "%s: the security association ends: no peer needs it",
		 nhrp_addr_format(&e->sa.nbma, nbma, sizeof(nbma)));
	return 0;
}

void sas_want(struct sas *sas, const struct nhrp_addr *nbma, u16 port, bool any, u64 now_ms)
{
	struct sa_entry *e = NULL;

	while ((e = sas_of(sas, nbma, e)))
		if (any || e->sa.any_port || e->sa.port == port)
			e->wanted_ms = now_ms;
}

void sas_want_all(struct sas *sas, const char *profile, u64 now_ms)
{
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, sas)
		if (!strcmp(e->sa.profile, profile))
			e->wanted_ms = now_ms;
}

void sas_end_unwanted(struct sas *sas, struct charon *charon, u64 now_ms)
{
	unsigned int most = AT_ONCE_MAX;
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, sas) {
		if (now_ms - e->wanted_ms < UNWANTED_MS ||
		    (e->ending_ms && now_ms - e->ending_ms < ENDING_MS))
			continue;
		if (!most-- || end(sas, charon, e, now_ms))
			return;
	}
}
