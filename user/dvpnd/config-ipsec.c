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
	note_places(p, inner);
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
