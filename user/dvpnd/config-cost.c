// SPDX-License-Identifier: GPL-2.0
/* The config file: what it costs those who use a tunnel to change an option */
#include <string.h>

#include "dvpnd/config-option.h"

#define AT_RESTART	"takes effect when dvpnd is restarted"
#define HUB_ANEW	"registers anew with this hub: no data by it until it has answered"
#define NOT_HEARD	"who has it otherwise is not heard: registrations and direct paths " \
			"end with their holding time"

#define HUB_NOT_HEARD	"registers again with this hub, which is not heard if it has it otherwise"

#define KEY_NOT_HEARD	"who signs with the key as it was is not heard: registrations and " \
			"direct paths end with their holding time"

/**
 * struct cost - what a change costs
 * @section: keyword of the section, NULL: outside of all.
 * @option: name of the option, NULL: the section is taken out.
 * @to: if this is the new value, NULL: any.
 * @words: one sentence.
 */
static const struct cost {
	const char *section;
	const char *option;
	const char *to;
	const char *words;
} costs[] = {
	{ NULL, "control-socket", NULL, AT_RESTART },
	{ NULL, "control-group", NULL, AT_RESTART },
	{ NULL, "state-dir", NULL, AT_RESTART },
	{ NULL, "user", NULL, AT_RESTART },
	{ "tunnel", NULL, NULL, "leaves: no data by this tunnel any more" },
	{ "tunnel", "role", "nhc", "spokes that are registered here are forgotten" },
	{ "tunnel", "carrier-follows-hubs", "yes",
	  "if no hub works, what watches the interface sees it go down" },
	{ "tunnel", "export-registrations", NULL,
	  "other hubs have no route to spokes of this one for a moment" },
	{ "tunnel", "ipsec-profile", NULL,
	  "security associations of the one before stay until they end by themselves" },
	{ "ipsec", NULL, NULL, "strongSwan begins no security association by it any more" },
	{ "ipsec", "mode", "tunnel", "direct paths end, data goes by the hub" },
	{ "tunnel", "auth", NULL, NOT_HEARD },
	{ "tunnel", "password", NULL, NOT_HEARD },
	{ "tunnel", "key", NULL, "who does not have this key does not hear us" },
	{ "tunnel", "claim", NULL,
	  "registrations of addresses that may not be claimed now end at once" },
	{ "tunnel", "shortcut", "no", "direct paths end, data goes by the hub" },
	{ "tunnel", "multicast", "no",
	  "no multicast, so a routing protocol may lose its neighbours" },
	{ "hub", NULL, NULL, "registrations there are withdrawn: no data by this hub any more" },
	{ "hub", "nbma", NULL, HUB_ANEW },
	{ "hub", "protocol", NULL, "unless the hub has this address: " HUB_ANEW },
	{ "hub", "encap", NULL, HUB_ANEW },
	{ "hub", "port", NULL, HUB_ANEW },
	{ "hub", "mark", NULL, HUB_ANEW },
	{ "hub", "if-id", NULL, HUB_ANEW },
	{ "hub", "auth", NULL, HUB_NOT_HEARD },
	{ "hub", "password", NULL, HUB_NOT_HEARD },
	{ "hub", "key", NULL, "a hub that signs with another key is not heard" },
	{ "map", NULL, NULL, "no data to this address until it is found otherwise" },
	{ "map", "multicast", "no", "no multicast to it" },
	{ "key", NULL, NULL, KEY_NOT_HEARD },
	{ "key", "secret", NULL, KEY_NOT_HEARD },
	{ "tunnel", "identity-required", "yes",
	  "who proves no identity is not registered any more when its registration ends" },
	{ "identity", NULL, NULL, "its registrations end at once" },
	{ "identity", "auth", NULL, "its registrations end at once" },
	{ "identity", "password", NULL, "who says the password as it was is not heard" },
	{ "identity", "key", NULL, KEY_NOT_HEARD },
	{ "identity", "ike", NULL, "its registrations end at once" },
	{ "identity", "claim", NULL, "its registrations of other addresses end at once" },
};

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

const char *config_cost(const struct config_section *sec, const char *option, const char *to)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(costs); i++)
		if (same(costs[i].section, sec->name) && same(costs[i].option, option) &&
		    (!costs[i].to || same(costs[i].to, to)))
			return costs[i].words;
	return NULL;
}
