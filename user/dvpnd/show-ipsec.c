// SPDX-License-Identifier: GPL-2.0
/* Security associations and what the IKE daemon needs, as JSON */
#include <stdlib.h>
#include <string.h>

#include "dvpnd/clock.h"
#include "dvpnd/control.h"
#include "dvpnd/daemon.h"
#include "dvpnd/ipsec-conn.h"
#include "dvpnd/ipsec-profile.h"
#include "dvpnd/ipsec.h"
#include "dvpnd/show.h"
#include "dvpnd/tunnel.h"

static json_t *sa_json(const struct tunnel *t, const struct sa_entry *e, u64 now_ms)
{
	const struct sa *sa = &e->sa;
	json_t *obj = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:o, s:o, s:I}",
				"tunnel", t->cfg.name, "profile", sa->profile,
				"mode", sa->is_tunnel ? "tunnel" : "transport", "nat", sa->nat,
				"ike_id", (json_int_t)sa->ike_id, "id", (json_int_t)sa->id,
				"spi_in", json_sprintf("0x%08x", sa->spi_in),
				"spi_out", json_sprintf("0x%08x", sa->spi_out),
				"age_ms", (json_int_t)(now_ms - e->up_ms));
	struct nhrp_peer_key key = {
		.nbma = sa->nbma,
		.encap = sa->port ? NHRP_ENCAP_UDP : NHRP_ENCAP_GRE,
		.port = sa->port,
	};

	show_key(obj, &key);
	show_text(obj, "identity", sa->identity);
	if (e->ending_ms)
		show_text(obj, "reason", "ends: no peer needs it");
	return obj;
}

static void add_sas(json_t *list, const struct ipsec *ip, const struct tunnel *t)
{
	const struct sas *sas = ipsec_sas(ip);
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, sas)
		if (!strcmp(e->sa.profile, t->cfg.ipsec_profile))
			json_array_append_new(list, sa_json(t, e, clock_ms()));
}

void show_sas(struct client *cl, const struct show_scope *scope)
{
	json_t *list = json_array();
	struct tunnel *t = NULL;

	while ((t = show_next(scope, t)))
		add_sas(list, scope->d->ipsec, t);
	show_list(cl, "sas", list);
}

void show_ipsec_template(struct client *cl, const struct show_scope *scope)
{
	struct tunnel *t = show_next(scope, NULL);
	const struct config_ipsec *section;
	char *text;

	if (!t || (!scope->only && t->next)) {
		control_error(cl, "org.dvpn.NoSuchTunnel", NULL, "of which tunnel?");
		return;
	}
	section = config_ipsec_find(scope->d->cfg, t->cfg.ipsec_profile);
	text = section ? ipsec_conn_secrets(section) : ipsec_profile_template(t);
	if (text)
		control_reply(cl, json_pack("{s:s}", "text", text), false);
	else
		control_error(cl, "org.dvpn.Failed", NULL, "out of memory");
	free(text);
}
