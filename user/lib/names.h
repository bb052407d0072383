/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: names of what the module numbers */
#ifndef DVPN_LIB_NAMES_H
#define DVPN_LIB_NAMES_H

#include "lib/objects.h"

/**
 * enum dvpn_names - the enums that have names
 *
 * The name of a value is its identifier without the common prefix, in lower
 * case: DVPN_DROP_TX_NO_MAP is "tx_no_map". Masks are named bit by bit.
 *
 * @DVPN_NAMES_CMD: &enum dvpn_cmd
 * @DVPN_NAMES_ATTR: &enum dvpn_attr
 * @DVPN_NAMES_LINK_ATTR: &enum dvpn_link_attr
 * @DVPN_NAMES_LINK_FLAG: &enum dvpn_link_flags, mask
 * @DVPN_NAMES_DF: &enum dvpn_df
 * @DVPN_NAMES_RX_SOURCE: &enum dvpn_rx_source
 * @DVPN_NAMES_DOWN: &enum dvpn_down_reason
 * @DVPN_NAMES_FEATURE: &enum dvpn_feature, mask
 * @DVPN_NAMES_ENCAP: &enum dvpn_encap
 * @DVPN_NAMES_MAP_FLAG: &enum dvpn_map_flags, mask
 * @DVPN_NAMES_PEER_FLAG: &enum dvpn_peer_flags, mask
 * @DVPN_NAMES_AGENT: &enum dvpn_agent_class, mask
 * @DVPN_NAMES_EVENT: &enum dvpn_event
 * @DVPN_NAMES_REASON: &enum dvpn_reason
 * @DVPN_NAMES_VERDICT: &enum dvpn_verdict
 * @DVPN_NAMES_STAT: &enum dvpn_stat
 * @DVPN_NAMES_DROP: &enum dvpn_drop
 */
enum dvpn_names {
	DVPN_NAMES_CMD,
	DVPN_NAMES_ATTR,
	DVPN_NAMES_LINK_ATTR,
	DVPN_NAMES_LINK_FLAG,
	DVPN_NAMES_DF,
	DVPN_NAMES_RX_SOURCE,
	DVPN_NAMES_DOWN,
	DVPN_NAMES_FEATURE,
	DVPN_NAMES_ENCAP,
	DVPN_NAMES_MAP_FLAG,
	DVPN_NAMES_PEER_FLAG,
	DVPN_NAMES_AGENT,
	DVPN_NAMES_EVENT,
	DVPN_NAMES_REASON,
	DVPN_NAMES_VERDICT,
	DVPN_NAMES_STAT,
	DVPN_NAMES_DROP,
	DVPN_NAMES_MAX,
};

/**
 * dvpn_name - the name of a value
 * @which: the enum
 * @value: a value of it; of a mask a single bit
 *
 * Return: "unknown" if it has none.
 */
const char *dvpn_name(enum dvpn_names which, unsigned int value);

/**
 * dvpn_name_value - the value of a name
 * @which: the enum
 * @name: a name
 *
 * Return: the value or -ENOENT.
 */
int dvpn_name_value(enum dvpn_names which, const char *name);

/**
 * dvpn_mask_str - the names of all bits of a mask, in order
 * @which: the enum
 * @mask: the mask
 * @sep: what goes between two names
 * @buf: where to write; returned
 * @size: bytes that @buf has
 *
 * Bits without a name are one hexadecimal number at the end; 0 is the empty string.
 * Cut to @size.
 */
const char *dvpn_mask_str(enum dvpn_names which, u32 mask, const char *sep, char *buf,
			  size_t size);

static inline const char *dvpn_drop_name(unsigned int drop)
{
	return dvpn_name(DVPN_NAMES_DROP, drop);
}

static inline const char *dvpn_stat_name(unsigned int stat)
{
	return dvpn_name(DVPN_NAMES_STAT, stat);
}

static inline const char *dvpn_event_name(unsigned int event)
{
	return dvpn_name(DVPN_NAMES_EVENT, event);
}

static inline const char *dvpn_reason_name(unsigned int reason)
{
	return dvpn_name(DVPN_NAMES_REASON, reason);
}

static inline const char *dvpn_verdict_name(unsigned int verdict)
{
	return dvpn_name(DVPN_NAMES_VERDICT, verdict);
}

static inline const char *dvpn_encap_name(unsigned int encap)
{
	return dvpn_name(DVPN_NAMES_ENCAP, encap);
}

static inline const char *dvpn_down_name(unsigned int reason)
{
	return dvpn_name(DVPN_NAMES_DOWN, reason);
}

#endif /* DVPN_LIB_NAMES_H */
