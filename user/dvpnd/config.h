/* SPDX-License-Identifier: GPL-2.0 */
/* The config file: from text to checked values */
#ifndef DVPND_CONFIG_H
#define DVPND_CONFIG_H

#include <net/if.h>
#include <stddef.h>

#include "nhrp/core.h"

#define CONFIG_FILE_MAX		(1024 * 1024)	/* bytes */
#define CONFIG_TUNNELS_MAX	256
#define CONFIG_ERRORS_MAX	50
#define CONFIG_NAME_MAX		32	/* bytes of a hub's name with NUL */
#define CONFIG_PATH_MAX		108	/* as sun_path, NUL included */
#define CONFIG_USER_MAX		33
#define CONFIG_PROFILE_MAX	32	/* bytes of the name of an IPsec profile with NUL */
#define CONFIG_IPSECS_MAX	32	/* sections "ipsec" */
#define CONFIG_IKE_ID_MAX	256	/* bytes of an identity of IKE with NUL */
#define CONFIG_PROPOSALS_MAX	256	/* bytes of all proposals with NUL */
#define CONFIG_CERTIFICATE_MAX	32768	/* bytes of a file */
#define CONFIG_EXPOSED_MAX	256
#define CONFIG_EXPOSED_TEXT	"has a password or key, and everybody can read it: see FILES in dvpnd(8)"
#define CONFIG_EXPORT_TABLE_MAX	252	/* from 253 on they are the kernel's, or zebra takes none */

#define CONFIG_FILE_DEFAULT	"/etc/dvpn/dvpnd.conf"
#define CONFIG_SOCKET_DEFAULT	"/run/dvpn/dvpnd.sock"
#define CONFIG_STATE_DEFAULT	"/var/lib/dvpn"
#define CONFIG_USER_DEFAULT	"dvpn"
#define CONFIG_IPSEC_SOCKET_DEFAULT "/run/charon.vici"

/**
 * enum config_role - what a node is in a tunnel
 * @CONFIG_ROLE_NHC: spoke.
 * @CONFIG_ROLE_NHS: hub.
 * @CONFIG_ROLE_BOTH: hub that registers with other hubs.
 */
enum config_role {
	CONFIG_ROLE_NHC,
	CONFIG_ROLE_NHS,
	CONFIG_ROLE_BOTH,
};

/**
 * enum config_ipsec_auth - how the ends of IKE prove who they are
 * @CONFIG_IPSEC_PSK: by a secret that both have.
 * @CONFIG_IPSEC_PUBKEY: by a certificate and its private key.
 */
enum config_ipsec_auth {
	CONFIG_IPSEC_PSK,
	CONFIG_IPSEC_PUBKEY,
};

/**
 * enum config_ipsec_mode - what ESP protects
 * @CONFIG_IPSEC_TRANSPORT: packets between the NBMA addresses, which are those of IKE.
 * @CONFIG_IPSEC_TUNNEL: packets between NBMA addresses that are inside; spokes with hubs only.
 */
enum config_ipsec_mode {
	CONFIG_IPSEC_TRANSPORT,
	CONFIG_IPSEC_TUNNEL,
};

/**
 * struct config_ipsec_hub - where a hub is, in tunnel mode
 * @nbma: its NBMA address.
 * @at: its address for IKE.
 */
struct config_ipsec_hub {
	struct nhrp_addr nbma;
	struct nhrp_addr at;
};

/**
 * struct config_ipsec_hubs - those of a section
 * @nr: number of @hub.
 * @hub: each has another NBMA address.
 */
struct config_ipsec_hubs {
	unsigned int nr;
	struct config_ipsec_hub hub[NHRP_HUBS_MAX];
};

/**
 * struct config_certificate - a file with a certificate
 * @path: of the file, empty: none.
 * @data: what is in it, PEM or DER; NULL: none, or it was not read.
 * @len: bytes of @data.
 */
struct config_certificate {
	char path[CONFIG_PATH_MAX];
	u8 *data;
	size_t len;
};

/**
 * struct config_ipsec - one section "ipsec": a connection that the IKE daemon is given
 * @name: what tunnels call it in "ipsec-profile".
 * @mode: &enum config_ipsec_mode.
 * @hubs: in tunnel mode: those that we begin with.
 * @auth: &enum config_ipsec_auth.
 * @local_id: who we are, empty: the IKE daemon decides.
 * @remote_id: who peers may be.
 * @certificate: ours.
 * @ca: who must have issued that of the peer.
 * @proposals: for IKE, with a blank between.
 * @esp_proposals: for ESP.
 * @dpd_delay_s: a peer of which nothing was heard for so long is asked, 0: never.
 * @rekey_time_s: how long keys of ESP last.
 */
struct config_ipsec {
	char name[CONFIG_PROFILE_MAX];
	int mode;
	struct config_ipsec_hubs hubs;
	int auth;
	char local_id[CONFIG_IKE_ID_MAX];
	char remote_id[CONFIG_IKE_ID_MAX];
	struct config_certificate certificate;
	struct config_certificate ca;
	char proposals[CONFIG_PROPOSALS_MAX];
	char esp_proposals[CONFIG_PROPOSALS_MAX];
	u16 dpd_delay_s;
	u32 rekey_time_s;
};

/**
 * struct config_tunnel - one section "tunnel"
 * @name: name of the device.
 * @role: &enum config_role.
 * @carrier_follows_hubs: the device is dormant while no hub works.
 * @ipsec_profile: connection of the IKE daemon that protects it, empty: none.
 * @export_table: table for routes to those who are registered here, 0: none.
 * @hub_names: names of the hubs in @core, in its order.
 * @core: for the protocol core; what follows from the device and its addresses
 *	(locals, nbma, mtu) is not filled in.
 */
struct config_tunnel {
	char name[IFNAMSIZ];
	int role;
	bool carrier_follows_hubs;
	char ipsec_profile[CONFIG_PROFILE_MAX];
	u16 export_table;
	char hub_names[NHRP_HUBS_MAX][CONFIG_NAME_MAX];
	struct nhrp_tunnel_config core;
};

/**
 * struct config - all of a config file
 * @control_socket: path of the control socket.
 * @control_group: group that may connect to it, empty: none.
 * @state_dir: directory of the state file.
 * @user: user to run as when started by the superuser, empty: stay.
 * @ipsec_socket: path of the socket of the IKE daemon (VICI).
 * @log_level: least important syslog priority that is logged.
 * @nr_tunnels: number of @tunnels.
 * @tunnels: one for each section.
 * @nr_ipsecs: number of @ipsecs.
 * @ipsecs: sections "ipsec".
 * @exposed: first file that has a secret and that everybody can read, shortened if need be;
 *	empty: none.
 */
struct config {
	char control_socket[CONFIG_PATH_MAX];
	char control_group[CONFIG_USER_MAX];
	char state_dir[CONFIG_PATH_MAX];
	char user[CONFIG_USER_MAX];
	char ipsec_socket[CONFIG_PATH_MAX];
	int log_level;
	unsigned int nr_tunnels;
	struct config_tunnel *tunnels;
	unsigned int nr_ipsecs;
	struct config_ipsec *ipsecs;
	char exposed[CONFIG_EXPOSED_MAX];
};

/**
 * struct config_errors - what is wrong with a config file
 * @nr: number of @line.
 * @line: "FILE:LINE: text" each, without newline; without LINE if no line is wrong by itself.
 */
struct config_errors {
	unsigned int nr;
	char *line[CONFIG_ERRORS_MAX];
};

/**
 * config_parse() - read a config from memory
 * @file: its name, for messages.
 * @text: hostile bytes.
 * @len: their number.
 * @errors: every error found, up to the limit.
 *
 * Return: NULL if there was an error.
 */
struct config *config_parse(const char *file, const char *text, size_t len,
			    struct config_errors *errors);

/**
 * config_load() - read a config from a file and those beside it
 * @path: file name. The files in the directory PATH.d whose names end in ".conf" are
 *	read after it, in the order of their names.
 * @errors: as in config_parse(); a file that cannot be read is one, too.
 *
 * Return: NULL if there was an error.
 */
struct config *config_load(const char *path, struct config_errors *errors);

/**
 * config_has_secret() - is there something in it that must not be seen?
 * @cfg: config.
 */
bool config_has_secret(const struct config *cfg);

/**
 * config_free() - give a config back
 * @cfg: or NULL.
 */
void config_free(struct config *cfg);

/**
 * config_tunnel_copy() - a section of a tunnel that outlives its config
 * @to: overwritten.
 * @from: section.
 *
 * Return: 0 or -ENOMEM.
 */
int config_tunnel_copy(struct config_tunnel *to, const struct config_tunnel *from);

/**
 * config_tunnel_free() - forget what a section has, its secrets, too
 * @tun: zeroed.
 */
void config_tunnel_free(struct config_tunnel *tun);

/**
 * config_errors_free() - give the texts back
 * @errors: may be used again then.
 */
void config_errors_free(struct config_errors *errors);

/**
 * config_find() - the section of a tunnel
 * @cfg: config.
 * @name: name of the device.
 *
 * Return: NULL if there is none.
 */
const struct config_tunnel *config_find(const struct config *cfg, const char *name);

/**
 * config_ipsec_find() - the section "ipsec" of that name
 * @cfg: config.
 * @name: name.
 *
 * Return: NULL if there is none.
 */
const struct config_ipsec *config_ipsec_find(const struct config *cfg, const char *name);

/* Where IKE finds the hub with that NBMA address in tunnel mode; NULL: it is not in the section. */
const struct nhrp_addr *config_ipsec_hub_at(const struct config_ipsec *section,
					    const struct nhrp_addr *nbma);

/**
 * config_format() - a config as the text of a config file
 * @cfg: config.
 *
 * Options that have their default are left out. A secret is a comment "***", so that
 * nobody takes the text for a file that works.
 *
 * Return: to be freed; NULL: out of memory.
 */
char *config_format(const struct config *cfg);

/**
 * struct config_difference - an option that has two values
 * @tunnel: in the section of this tunnel; NULL: in none.
 * @path: the option, "phase" or "hub paris.priority".
 * @from: value in the one config; NULL: none.
 * @to: value in the other; NULL: none.
 * @cost: what it costs to go from the one to the other, in words; NULL: nothing.
 *
 * Secrets are "***". Of a section that one config lacks only the options come that are
 * not as by default.
 */
struct config_difference {
	const char *tunnel;
	const char *path;
	const char *from;
	const char *to;
	const char *cost;
};

/**
 * config_diff() - what differs between two configs, written words and order aside
 * @from: config.
 * @to: another.
 * @fn: called for each difference, or NULL.
 * @ctx: for @fn.
 *
 * Return: number of differences.
 */
unsigned int config_diff(const struct config *from, const struct config *to,
			 void (*fn)(const struct config_difference *diff, void *ctx), void *ctx);

/**
 * config_keep() - take back what cannot change while the daemon runs
 * @cfg: config that comes into force.
 * @running: the one in force until now.
 */
void config_keep(struct config *cfg, const struct config *running);

/**
 * config_tunnel_differs() - does a tunnel have to be configured anew?
 * @a: section of a tunnel.
 * @b: section of the same tunnel.
 */
bool config_tunnel_differs(const struct config_tunnel *a, const struct config_tunnel *b);

/**
 * config_options() - call a function for the name of every option there is
 * @fn: called; an option that several sections have comes several times.
 * @ctx: for @fn.
 */
void config_options(void (*fn)(const char *name, void *ctx), void *ctx);

/**
 * config_suggest() - the name that was probably meant
 * @word: what was written.
 * @names: what there is.
 * @nr: number of @names.
 *
 * Return: the nearest by Damerau-Levenshtein distance if that is small, else
 * NULL.
 */
const char *config_suggest(const char *word, const char *const *names, size_t nr);

#endif /* DVPND_CONFIG_H */
