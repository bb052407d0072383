// SPDX-License-Identifier: GPL-2.0
/* Why there is no security association with a peer: see ipsec-why.h */
#include <arpa/inet.h>
#include <string.h>

#include "dvpnd/ipsec-why.h"
#include "dvpnd/log.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char secret_refused[] =
	"it refuses our secret: swanctl.conf must have the same on both; swanctl --load-creds";

static const char cert_refused[] =
	"it refuses our certificate: is it expired, or not of the CA that it has? Its log says";

static const char no_answer[] =
	"it does not answer IKE: does strongSwan run there, do UDP ports 500 and 4500 pass?";

#define NOT_THE_SAME(what) \
	"it refuses our " what ": swanctl.conf must have the same ones on both sides"

/**
 * struct said - what strongSwan writes, and what that means
 * @line: part of the line.
 * @words: for the user.
 */
struct said {
	const char *line;
	const char *words;
};

/* The first of them counts: what fails for that fails with a later one, too. */
static const struct said known[] = {
	{ "MAC mismatched",
	  "its secret is another: swanctl.conf must have one for all; swanctl --load-creds" },
	{ "no shared key found for",
	  "we have no secret for it: secrets in swanctl.conf, then swanctl --load-creds" },
	{ "no private key found for",
	  "our certificate has no key: put it into /etc/swanctl/private; swanctl --load-creds" },
	{ "certificate invalid (valid from",
	  "its certificate has expired, or is not valid yet: renew it, or set our clock" },
	{ "no issuer certificate found",
	  "its certificate is of a CA that we do not have: put that into /etc/swanctl/x509ca" },
	{ "public key found for",
	  "its certificate is of another CA than cacerts, or revoked: the log of strongSwan says" },
	{ "constraint check",
	  "it is not who remote { id } of swanctl.conf demands: the log of strongSwan says who" },
	{ "received AUTHENTICATION_FAILED", cert_refused },
	{ "received NO_PROPOSAL_CHOSEN", NOT_THE_SAME("proposals") },
	{ "received TS_UNACCEPTABLE",
	  "it refuses GRE, or UDP: encap (local_ts, remote_ts of swanctl.conf) must fit on both" },
	{ "retransmit 2 of request", no_answer },
	{ "giving up after", no_answer },
};

static struct ipsec_why *of_peer(struct ipsec_whys *whys, const struct nhrp_addr *nbma)
{
	struct ipsec_why *w;

	for (w = whys->list; w < whys->list + IPSEC_WHYS_MAX; w++)
		if (w->ike_id && nhrp_addr_eq(&w->nbma, nbma))
			return w;
	return NULL;
}

static struct ipsec_why *of_ike(struct ipsec_whys *whys, u32 ike_id)
{
	struct ipsec_why *w;

	for (w = whys->list; w < whys->list + IPSEC_WHYS_MAX; w++)
		if (w->ike_id == ike_id)
			return w;
	return NULL;
}

static struct ipsec_why *oldest(struct ipsec_whys *whys)
{
	struct ipsec_why *w, *found = whys->list;

	for (w = whys->list; w < whys->list + IPSEC_WHYS_MAX; w++)
		if (!w->ike_id || (found->ike_id && w->used < found->used))
			found = w;
	memset(found, 0, sizeof(*found));
	return found;
}

/* "initiating IKE_SA NAME[3] to ADDRESS" */
static bool read_peer(const char *line, struct nhrp_addr *nbma)
{
	const char *to = strstr(line, "] to ");
	u8 bytes[16];

	if (strncmp(line, "initiating IKE_SA ", 18) || !to)
		return false;
	to += 5;
	if (inet_pton(AF_INET, to, bytes) == 1)
		nhrp_addr_set(nbma, AF_INET, bytes);
	else if (inet_pton(AF_INET6, to, bytes) == 1)
		nhrp_addr_set(nbma, AF_INET6, bytes);
	else
		return false;
	return true;
}

/* What was wrong with the one before is so until something else is known. */
static void begun(struct ipsec_whys *whys, u32 ike_id, const struct nhrp_addr *nbma)
{
	struct ipsec_why *w = of_peer(whys, nbma);

	if (!w)
		w = oldest(whys);
	w->nbma = *nbma;
	w->ike_id = ike_id;
	w->used = ++whys->used;
	w->by_secret = false;
	w->place = ARRAY_SIZE(known);
}

/* Return: place in the list of what is known, its end if the line says nothing. */
static unsigned int place_of(const char *line)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(line, known[i].line))
			break;
	return i;
}

const struct ipsec_why *ipsec_why_line(struct ipsec_whys *whys, const struct vici_log *log)
{
	struct ipsec_why *w;
	struct nhrp_addr nbma;
	unsigned int place;
	const char *words;

	if (read_peer(log->text, &nbma)) {
		begun(whys, log->ike_id, &nbma);
		return NULL;
	}
	w = of_ike(whys, log->ike_id);
	if (!w)
		return NULL;
	if (strstr(log->text, "(myself) with pre-shared key"))
		w->by_secret = true;
	place = place_of(log->text);
	if (place >= w->place)
		return NULL;
	w->place = place;
	words = known[place].words;
	if (w->by_secret && words == cert_refused)
		words = secret_refused;
	if (words == w->words)
		return NULL;
	w->words = words;
	return w;
}

void ipsec_why_over(struct ipsec_whys *whys, const struct nhrp_addr *nbma)
{
	struct ipsec_why *w = of_peer(whys, nbma);

	if (w)
		memset(w, 0, sizeof(*w));
}

const char *ipsec_why_words(const struct ipsec_whys *whys, const struct nhrp_addr *nbma)
{
	const struct ipsec_why *w = of_peer((struct ipsec_whys *)whys, nbma);

	return w ? w->words : NULL;
}

void ipsec_why_heard(struct ipsec_whys *whys, const struct vici_log *log)
{
	const struct ipsec_why *w = ipsec_why_line(whys, log);
	char nbma[NHRP_ADDR_STRLEN];

	if (w)
		log_line(LOG_WARNING, NULL, "sa-refused", "%s: no security association: %s",
			 nhrp_addr_format(&w->nbma, nbma, sizeof(nbma)), w->words);
}
