// SPDX-License-Identifier: GPL-2.0
/* The config file: section "ipsec", a connection that dvpnd gives to strongSwan */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dvpnd/config-option.h"

#define DPD_DELAY_S	30
#define REKEY_TIME_S	3600
#define REKEY_MIN_S	60
#define REKEY_MAX_S	604800

/* ----- proposals: words of strongSwan, which knows what they mean ----- */

static bool is_proposal(const char *word)
{
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && !strchr("-_", *word))
			return false;
	return true;
}

static void set_proposal(struct config_parser *p, const struct config_option *opt,
			 const char *value, void *where)
{
	char *all = where;
	size_t used = strlen(all), len = strlen(value);

	if (!len || !is_proposal(value))
		config_error(p, "%s = %s: not as \"aes256gcm16 aes128-sha256\" is", opt->name,
			     value);
	else if (used + len + 2 > opt->max)
		config_error(p, "%s: more than %lu characters", opt->name, opt->max - 1);
	else
		snprintf(all + used, opt->max - used, "%s%s", used ? " " : "", value);
}

/* "" are those that strongSwan is told of by default. */
static bool format_proposals(const struct config_option *opt, const void *where, char *buf,
			     size_t size)
{
	(void)opt;
	snprintf(buf, size, "%s", (const char *)where);
	return *buf;
}

static const struct config_type type_proposals = {
	.list = true,
	.set = set_proposal,
	.format = format_proposals,
};

/* ----- hubs in tunnel mode: "10.255.0.1@198.51.100.1" ----- */

static void set_ipsec_hub(struct config_parser *p, const struct config_option *opt,
			  const char *value, void *where)
{
	const char *at = strchr(value, '@');
	struct config_ipsec_hubs *hubs = where;
	struct config_ipsec_hub hub;
	char nbma[NHRP_ADDR_STRLEN];
	unsigned int i;

	snprintf(nbma, sizeof(nbma), "%.*s", at ? (int)(at - value) : 0, value);
	if (nhrp_addr_parse(&hub.nbma, nbma) || nhrp_addr_parse(&hub.at, at + 1) ||
	    !nhrp_addr_is_unicast(&hub.nbma) || !nhrp_addr_is_unicast(&hub.at)) {
		config_error(p,
			     "%s = %s: not as \"10.255.0.1@198.51.100.1\" is, the NBMA address of a hub and where IKE finds it",
			     opt->name, value);
		return;
	}
	for (i = 0; i < hubs->nr; i++)
		if (nhrp_addr_eq(&hubs->hub[i].nbma, &hub.nbma)) {
			config_error(p, "%s: %s is there twice", opt->name, nbma);
			return;
		}
	if (hubs->nr == NHRP_HUBS_MAX)
		config_error(p, "%s: more than %d hubs", opt->name, NHRP_HUBS_MAX);
	else
		hubs->hub[hubs->nr++] = hub;
}

static bool format_ipsec_hubs(const struct config_option *opt, const void *where, char *buf,
			      size_t size)
{
	const struct config_ipsec_hubs *hubs = where;
	char nbma[NHRP_ADDR_STRLEN], at[NHRP_ADDR_STRLEN];
	unsigned int i;
	size_t n = 0;

	(void)opt;
	for (i = 0; i < hubs->nr && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s@%s", i ? " " : "",
			      nhrp_addr_format(&hubs->hub[i].nbma, nbma, sizeof(nbma)),
			      nhrp_addr_format(&hubs->hub[i].at, at, sizeof(at)));
	return hubs->nr;
}

static bool equal_ipsec_hubs(const void *a, const void *b)
{
	const struct config_ipsec_hubs *x = a, *y = b;
	unsigned int i;

	for (i = 0; i < x->nr && x->nr == y->nr; i++)
		if (!nhrp_addr_eq(&x->hub[i].nbma, &y->hub[i].nbma) ||
		    !nhrp_addr_eq(&x->hub[i].at, &y->hub[i].at))
			return false;
	return x->nr == y->nr;
}

static const struct config_type type_ipsec_hubs = {
	.list = true,
	.equal = equal_ipsec_hubs,
	.set = set_ipsec_hub,
	.format = format_ipsec_hubs,
};

/* ----- certificates ----- */

/* Return: the words for what is wrong, NULL: nothing. */
static const char *read_all(int fd, struct config_certificate *c)
{
	ssize_t n;

	c->data = malloc(CONFIG_CERTIFICATE_MAX + 1);
	if (!c->data)
		return strerror(ENOMEM);
	while ((n = read(fd, c->data + c->len, CONFIG_CERTIFICATE_MAX + 1 - c->len)) > 0)
		c->len += n;
	if (n < 0)
		return strerror(errno);
	if (c->len > CONFIG_CERTIFICATE_MAX)
		return "larger than 32 KiB";
	return c->len ? NULL : "empty";
}

/* To open what is no file may do something. */
static const char *read_certificate(struct config_certificate *c)
{
	const char *wrong;
	struct stat st;
	int fd;

	if (stat(c->path, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a file";
	fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return strerror(errno);
	wrong = read_all(fd, c);
	close(fd);
	return wrong;
}

static void read_one(struct config_parser *p, const char *option, struct config_certificate *c,
		     const struct config_place *place)
{
	const char *wrong = *c->path ? read_certificate(c) : NULL;

	if (wrong)
		config_error_in(p, place, "%s = %s: %s", option, c->path, wrong);
}

void config_ipsec_read(struct config_parser *p)
{
	struct config_ipsec *ipsec = p->cfg->ipsecs;
	unsigned int i;

	for (i = 0; i < p->cfg->nr_ipsecs; i++, ipsec++) {
		read_one(p, "certificate", &ipsec->certificate, &p->certificates[i][0]);
		read_one(p, "ca-certificate", &ipsec->ca, &p->certificates[i][1]);
	}
}

void config_ipsec_free(struct config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_ipsecs; i++) {
		free(cfg->ipsecs[i].certificate.data);
		free(cfg->ipsecs[i].ca.data);
	}
	free(cfg->ipsecs);
}

/* ----- ipsec NAME ----- */

#define IPSEC(member) offsetof(struct config_ipsec, member)
static const struct config_option ipsec_options[] = {
	{ "mode", &config_choice, IPSEC(mode), 0, 0, "transport|tunnel" },
	{ "hubs", &type_ipsec_hubs, IPSEC(hubs), 0, 0, "" },
	{ "auth", &config_choice, IPSEC(auth), 0, 0, "psk|pubkey" },
	{ "local-id", &config_string, IPSEC(local_id), 0, CONFIG_IKE_ID_MAX, "" },
	{ "remote-id", &config_string, IPSEC(remote_id), 0, CONFIG_IKE_ID_MAX, "" },
	{ "certificate", &config_path, IPSEC(certificate.path), 0, CONFIG_PATH_MAX, "" },
	{ "ca-certificate", &config_path, IPSEC(ca.path), 0, CONFIG_PATH_MAX, "" },
	{ "proposals", &type_proposals, IPSEC(proposals), 0, CONFIG_PROPOSALS_MAX, "" },
	{ "esp-proposals", &type_proposals, IPSEC(esp_proposals), 0, CONFIG_PROPOSALS_MAX, "" },
	{ "dpd-delay", &config_interval, IPSEC(dpd_delay_s), 1, 3600, "seconds, or \"off\"" },
	{ "rekey-time", &config_u32, IPSEC(rekey_time_s), REKEY_MIN_S, REKEY_MAX_S, "seconds" },
};

const struct config_ipsec *config_ipsec_find(const struct config *cfg, const char *name)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_ipsecs; i++)
		if (!strcmp(cfg->ipsecs[i].name, name))
			return &cfg->ipsecs[i];
	return NULL;
}

static void set_default(struct config_ipsec *ipsec)
{
	memset(ipsec, 0, sizeof(*ipsec));
	ipsec->dpd_delay_s = DPD_DELAY_S;
	ipsec->rekey_time_s = REKEY_TIME_S;
}

/* NULL: there is no room for it. */
static struct config_ipsec *new_ipsec(struct config *cfg)
{
	struct config_ipsec *more;

	if (cfg->nr_ipsecs == CONFIG_IPSECS_MAX)
		return NULL;
	more = realloc(cfg->ipsecs, (cfg->nr_ipsecs + 1) * sizeof(*more));
	if (!more)
		return NULL;
	cfg->ipsecs = more;
	return &more[cfg->nr_ipsecs++];
}

static void ipsec_begin(struct config_parser *p, void *outer, const char *title,
			struct config_level *inner)
{
	struct config_ipsec *ipsec;

	(void)outer;
	if (!config_good_name(title))
		config_error(p, "ipsec \"%s\": a name is 1 to %d letters, digits, \"_.-\"", title,
			     CONFIG_PROFILE_MAX - 1);
	if (config_ipsec_find(p->cfg, title))
		config_error(p, "ipsec %s is already there", title);
	ipsec = new_ipsec(p->cfg);
	if (!ipsec) {
		config_error(p, "more than %d sections ipsec, or out of memory", CONFIG_IPSECS_MAX);
		ipsec = &p->spare.ipsec;
	}
	set_default(ipsec);
	snprintf(ipsec->name, sizeof(ipsec->name), "%.*s", CONFIG_PROFILE_MAX - 1, title);
	inner->base = ipsec;
}

/* Where an option of the section was set, which was in the file that is read. */
static struct config_place place_of(const struct config_level *inner, size_t offset)
{
	const struct config_section *sec = inner->section;
	unsigned int i;

	for (i = 0; i < sec->nr_options; i++)
		if (sec->options[i].offset == offset)
			return inner->set_at[i];
	return (struct config_place){ 0 };
}

static void note_places(struct config_parser *p, const struct config_level *inner)
{
	struct config_ipsec *ipsec = inner->base;
	struct config_place *at;

	if (ipsec == &p->spare.ipsec)
		return;
	at = p->certificates[ipsec - p->cfg->ipsecs];
	at[0] = place_of(inner, IPSEC(certificate.path));
	at[1] = place_of(inner, IPSEC(ca.path));
}

static void ipsec_end(struct config_parser *p, const struct config_level *inner)
{
	const struct config_ipsec *ipsec = inner->base;
	bool pubkey = ipsec->auth == CONFIG_IPSEC_PUBKEY;

	if (!pubkey && *ipsec->certificate.path)
		config_error_at(p, inner->line, "ipsec %s: certificate needs auth = pubkey",
				inner->title);
	if (!pubkey && *ipsec->ca.path)
		config_error_at(p, inner->line, "ipsec %s: ca-certificate needs auth = pubkey",
				inner->title);
	/* Which of those that strongSwan has would be its own guess. */
	if (pubkey && !config_was_set(inner, "certificate") && !*ipsec->local_id)
		config_error_at(p, inner->line,
				"ipsec %s: auth = pubkey needs certificate = FILE or local-id = ID",
				inner->title);
	if (ipsec->mode != CONFIG_IPSEC_TUNNEL && ipsec->hubs.nr)
		config_error_at(p, inner->line, "ipsec %s: hubs needs mode = tunnel", inner->title);
	note_places(p, inner);
}

const struct nhrp_addr *config_ipsec_hub_at(const struct config_ipsec *section,
					    const struct nhrp_addr *nbma)
{
	unsigned int i;

	for (i = 0; i < section->hubs.nr; i++)
		if (nhrp_addr_eq(&section->hubs.hub[i].nbma, nbma))
			return &section->hubs.hub[i].at;
	return NULL;
}

static void check_hub(struct config_parser *p, const struct config_place *place,
		      const struct config_ipsec *section, const struct config_tunnel *tun,
		      unsigned int i)
{
	const struct nhrp_hub *hub = &tun->core.hubs[i];
	char nbma[NHRP_ADDR_STRLEN];

	if (*hub->name)
		config_error_in(p, place,
				"tunnel %s: hub %s: ipsec %s has mode = tunnel, in which an NBMA address is no name",
				tun->name, tun->hub_names[i], section->name);
	else if (hub->peer.encap == NHRP_ENCAP_UDP)
		config_error_in(p, place,
				"tunnel %s: hub %s: encap = udp is for NAT, ipsec %s has mode = tunnel",
				tun->name, tun->hub_names[i], section->name);
	else if (!config_ipsec_hub_at(section, &hub->peer.nbma))
		config_error_in(p, place,
				"tunnel %s: hub %s: ipsec %s has not got it: hubs = %s@ADDRESS",
				tun->name, tun->hub_names[i], section->name,
				nhrp_addr_format(&hub->peer.nbma, nbma, sizeof(nbma)));
}

static void check_map(struct config_parser *p, const struct config_place *place,
		      const struct config_ipsec *section, const struct config_tunnel *tun,
		      unsigned int i)
{
	const struct nhrp_static *map = &tun->core.statics[i];
	char proto[NHRP_ADDR_STRLEN], nbma[NHRP_ADDR_STRLEN];

	nhrp_addr_format(&map->proto, proto, sizeof(proto));
	if (map->peer.encap == NHRP_ENCAP_UDP)
		config_error_in(p, place,
				"tunnel %s: map %s: encap = udp is for NAT, ipsec %s has mode = tunnel",
				tun->name, proto, section->name);
	else if (!tun->core.nhs && !config_ipsec_hub_at(section, &map->peer.nbma))
		config_error_in(p, place,
				"tunnel %s: map %s: ipsec %s has not got it: hubs = %s@ADDRESS",
				tun->name, proto, section->name,
				nhrp_addr_format(&map->peer.nbma, nbma, sizeof(nbma)));
}

/* An NBMA address that is inside tells nobody but those who know it where the node is. */
static void check_tunnel(struct config_parser *p, const struct config_place *place,
			 const struct config_tunnel *tun)
{
	const struct config_ipsec *section = config_ipsec_find(p->cfg, tun->ipsec_profile);
	unsigned int i;

	if (!section || section->mode != CONFIG_IPSEC_TUNNEL)
		return;
	if (tun->core.encap == NHRP_ENCAP_UDP)
		config_error_in(p, place,
				"tunnel %s: encap = udp is for NAT, ipsec %s has mode = tunnel",
				tun->name, section->name);
	if (tun->core.nhs && section->hubs.nr)
		config_error_in(p, place,
				"tunnel %s: a hub waits for spokes, it has none: ipsec %s has hubs",
				tun->name, section->name);
	for (i = 0; i < tun->core.nr_hubs; i++)
		check_hub(p, place, section, tun, i);
	for (i = 0; i < tun->core.nr_statics; i++)
		check_map(p, place, section, tun, i);
}

/* The selectors are of the addresses of one tunnel. */
static bool is_other(const struct config *cfg, unsigned int i)
{
	const char *profile = cfg->tunnels[i].ipsec_profile;
	const struct config_ipsec *section = config_ipsec_find(cfg, profile);

	if (!section || section->mode != CONFIG_IPSEC_TUNNEL)
		return false;
	while (i--)
		if (!strcmp(cfg->tunnels[i].ipsec_profile, profile))
			return true;
	return false;
}

void config_ipsec_check(struct config_parser *p)
{
	unsigned int i;

	for (i = 0; i < p->cfg->nr_tunnels; i++) {
		check_tunnel(p, &p->tunnels[i], &p->cfg->tunnels[i]);
		if (is_other(p->cfg, i))
			config_error_in(p, &p->tunnels[i],
					"tunnel %s: ipsec %s has mode = tunnel, and is another tunnel's already",
					p->cfg->tunnels[i].name, p->cfg->tunnels[i].ipsec_profile);
	}
}

static const void *ipsec_item(const void *outer, unsigned int *i, char *title)
{
	const struct config *cfg = outer;

	if (*i >= cfg->nr_ipsecs)
		return NULL;
	snprintf(title, LEX_WORD_MAX, "%s", cfg->ipsecs[*i].name);
	return &cfg->ipsecs[*i];
}

static const void *ipsec_find(const void *outer, const char *title)
{
	return config_ipsec_find(outer, title);
}

static void ipsec_unset(const void *outer, unsigned int i, union config_item *unset)
{
	(void)outer;
	(void)i;
	set_default(&unset->ipsec);
}

const struct config_section config_ipsec_section = {
	.name = "ipsec",
	.usage = "ipsec NAME { ... }",
	.where = "an ipsec section",
	.options = ipsec_options,
	.nr_options = ARRAY_SIZE(ipsec_options),
	.begin = ipsec_begin,
	.end = ipsec_end,
	.item = ipsec_item,
	.find = ipsec_find,
	.unset = ipsec_unset,
};
