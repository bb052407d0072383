/* SPDX-License-Identifier: GPL-2.0 */
/* Connections of the IKE daemon that tunnels have as their profile: are they what is needed? */
#ifndef DVPND_IPSEC_PROFILE_H
#define DVPND_IPSEC_PROFILE_H

#include "dvpnd/config.h"
#include "dvpnd/charon.h"

struct daemon;
struct tunnel;

#define IPSEC_SELECTORS_MAX	128

/**
 * struct ipsec_profile - what the IKE daemon has of that name
 * @name: of the connection.
 * @loaded: it has it.
 * @trapped: a packet that a policy of it catches starts IKE.
 * @transport: in transport mode.
 * @selectors: what is caught, of ours, as the IKE daemon writes it.
 */
struct ipsec_profile {
	char name[CONFIG_PROFILE_MAX];
	bool loaded;
	bool trapped;
	bool transport;
	char selectors[IPSEC_SELECTORS_MAX];
};

/**
 * ipsec_profiles_fn - the IKE daemon has answered
 * @conns: names of all its connections, the reply to "get-conns"; NULL: that was all.
 * @len: its bytes.
 * @ctx: that of the profiles.
 */
typedef void (*ipsec_profiles_fn)(const void *conns, size_t len, void *ctx);

/**
 * struct ipsec_profiles - all of them
 * @nr: number of @list.
 * @list: those that tunnels have, as they were when last asked for.
 * @nr_next: number of @next.
 * @next: as they are being told of now.
 * @known: there was an answer since the IKE daemon came.
 * @asking: there is none yet.
 * @check_ms: when to ask again.
 * @charon: that is asked.
 * @told: called for the answers.
 * @ctx: for @told.
 */
struct ipsec_profiles {
	unsigned int nr;
	struct ipsec_profile list[CONFIG_TUNNELS_MAX];
	unsigned int nr_next;
	struct ipsec_profile next[CONFIG_TUNNELS_MAX];
	bool known;
	bool asking;
	u64 check_ms;
	struct charon *charon;
	ipsec_profiles_fn told;
	void *ctx;
};

/* There is such a tunnel. */
void ipsec_profile_add(struct ipsec_profiles *all, const char *name);

/* What the IKE daemon was asked for has come: the event "list-policy", or a reply. */
void ipsec_profile_policy(struct ipsec_profiles *all, const void *body, size_t len);
void ipsec_profile_conns(struct ipsec_profiles *all, const void *body, size_t len);

/**
 * ipsec_profiles_run() - ask for all of them when it is time to
 * @all: profiles, with @told and @ctx set.
 * @d: whose tunnels have them.
 * @charon: is up.
 * @check_ms: how often, if they are as they should be; sooner if they are not.
 * @now_ms: now.
 *
 * Return: milliseconds until it has to be called again.
 */
u64 ipsec_profiles_run(struct ipsec_profiles *all, const struct daemon *d, struct charon *charon,
		       u64 check_ms, u64 now_ms);

/* Begin to ask anew, and end it. */
void ipsec_profiles_begin(struct ipsec_profiles *all);
void ipsec_profiles_end(struct ipsec_profiles *all);

/**
 * ipsec_profile_trouble() - what is wrong with the profile of a tunnel?
 * @all: profiles.
 * @t: tunnel.
 * @text: filled in with what is wrong and what to do, "" if nothing is.
 * @size: bytes of @text.
 *
 * Return: whether there is something to say.
 */
bool ipsec_profile_trouble(const struct ipsec_profiles *all, const struct tunnel *t, char *text,
			   size_t size);

/* The connection of the IKE daemon that fits the tunnel, as a swanctl.conf; to be freed. */
char *ipsec_profile_template(const struct tunnel *t);

/* Has one of the tunnels from @t on a profile and hubs? */
bool ipsec_profile_hubs(const struct tunnel *t);

#endif /* DVPND_IPSEC_PROFILE_H */
