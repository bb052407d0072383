// SPDX-License-Identifier: GPL-2.0
/* Names of the interface's numbers: the one list that every tool prints from. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/internal.h"

struct name {
	unsigned int value;
	const char *name;
};

static const struct name cmd_names[] = {
	{ DVPN_CMD_UNSPEC, "unspec" },
	{ DVPN_CMD_DEV_GET, "dev_get" },
	{ DVPN_CMD_AGENT_BIND, "agent_bind" },
	{ DVPN_CMD_AGENT_UNBIND, "agent_unbind" },
	{ DVPN_CMD_MAP_NEW, "map_new" },
	{ DVPN_CMD_MAP_SET, "map_set" },
	{ DVPN_CMD_MAP_DEL, "map_del" },
	{ DVPN_CMD_MAP_GET, "map_get" },
	{ DVPN_CMD_MAP_FLUSH, "map_flush" },
	{ DVPN_CMD_MAP_LOOKUP, "map_lookup" },
	{ DVPN_CMD_MAP_NTF, "map_ntf" },
	{ DVPN_CMD_MAP_DEL_NTF, "map_del_ntf" },
	{ DVPN_CMD_PEER_NEW, "peer_new" },
	{ DVPN_CMD_PEER_SET, "peer_set" },
	{ DVPN_CMD_PEER_DEL, "peer_del" },
	{ DVPN_CMD_PEER_GET, "peer_get" },
	{ DVPN_CMD_PEER_FLUSH, "peer_flush" },
	{ DVPN_CMD_PEER_NTF, "peer_ntf" },
	{ DVPN_CMD_PEER_DEL_NTF, "peer_del_ntf" },
	{ DVPN_CMD_GROUP_NEW, "group_new" },
	{ DVPN_CMD_GROUP_DEL, "group_del" },
	{ DVPN_CMD_GROUP_GET, "group_get" },
	{ DVPN_CMD_FRAME, "frame" },
	{ DVPN_CMD_EVENT, "event" },
};

static const struct name attr_names[] = {
	{ DVPN_A_UNSPEC, "unspec" },
	{ DVPN_A_PAD, "pad" },
	{ DVPN_A_IFINDEX, "ifindex" },
	{ DVPN_A_IFNAME, "ifname" },
	{ DVPN_A_FEATURES, "features" },
	{ DVPN_A_GENERATION, "generation" },
	{ DVPN_A_MAP_COUNT, "map_count" },
	{ DVPN_A_PEER_COUNT, "peer_count" },
	{ DVPN_A_INCOMPLETE_COUNT, "incomplete_count" },
	{ DVPN_A_DEFAULT_NHS, "default_nhs" },
	{ DVPN_A_DROPS, "drops" },
	{ DVPN_A_DEV_STATS, "dev_stats" },
	{ DVPN_A_AGENT_CLASSES, "agent_classes" },
	{ DVPN_A_PROTO4, "proto4" },
	{ DVPN_A_PROTO6, "proto6" },
	{ DVPN_A_PREFIXLEN, "prefixlen" },
	{ DVPN_A_MAP_ID, "map_id" },
	{ DVPN_A_MAP_FLAGS, "map_flags" },
	{ DVPN_A_PREFERENCE, "preference" },
	{ DVPN_A_EXPIRES_MS, "expires_ms" },
	{ DVPN_A_AGE_MS, "age_ms" },
	{ DVPN_A_IDLE_MS, "idle_ms" },
	{ DVPN_A_OWNER, "owner" },
	{ DVPN_A_COOKIE, "cookie" },
	{ DVPN_A_MATCH_OWNER, "match_owner" },
	{ DVPN_A_MATCH_ID, "match_id" },
	{ DVPN_A_NOT_OWNER, "not_owner" },
	{ DVPN_A_ENCAP, "encap" },
	{ DVPN_A_NBMA4, "nbma4" },
	{ DVPN_A_NBMA6, "nbma6" },
	{ DVPN_A_PORT, "port" },
	{ DVPN_A_MARK, "mark" },
	{ DVPN_A_XFRM_IF_ID, "xfrm_if_id" },
	{ DVPN_A_PEER_ID, "peer_id" },
	{ DVPN_A_PEER_FLAGS, "peer_flags" },
	{ DVPN_A_MARK_MASK, "mark_mask" },
	{ DVPN_A_MTU, "mtu" },
	{ DVPN_A_MTU_ADVERTISED, "mtu_advertised" },
	{ DVPN_A_PMTU, "pmtu" },
	{ DVPN_A_MSS, "mss" },
	{ DVPN_A_KEEPALIVE, "keepalive" },
	{ DVPN_A_RX_IDLE_MS, "rx_idle_ms" },
	{ DVPN_A_PEER_MAPS, "peer_maps" },
	{ DVPN_A_PEER_STATS, "peer_stats" },
	{ DVPN_A_GROUP4, "group4" },
	{ DVPN_A_GROUP6, "group6" },
	{ DVPN_A_FRAME, "frame" },
	{ DVPN_A_LOCAL4, "local4" },
	{ DVPN_A_LOCAL6, "local6" },
	{ DVPN_A_LINK_IFINDEX, "link_ifindex" },
	{ DVPN_A_SA_SPI, "sa_spi" },
	{ DVPN_A_SA_REQID, "sa_reqid" },
	{ DVPN_A_SA_IF_ID, "sa_if_id" },
	{ DVPN_A_EVENT, "event" },
	{ DVPN_A_SEQ, "seq" },
	{ DVPN_A_LOST, "lost" },
	{ DVPN_A_SRC4, "src4" },
	{ DVPN_A_SRC6, "src6" },
	{ DVPN_A_DST4, "dst4" },
	{ DVPN_A_DST6, "dst6" },
	{ DVPN_A_INNER_PROTO, "inner_proto" },
	{ DVPN_A_EXCERPT, "excerpt" },
	{ DVPN_A_INNER_LEN, "inner_len" },
	{ DVPN_A_REASON, "reason" },
	{ DVPN_A_VERDICT, "verdict" },
	{ DVPN_A_ERRNO, "errno" },
};

static const struct name link_attr_names[] = {
	{ IFLA_DVPN_UNSPEC, "unspec" },
	{ IFLA_DVPN_LOCAL4, "local4" },
	{ IFLA_DVPN_LOCAL6, "local6" },
	{ IFLA_DVPN_LINK_NAME, "link_name" },
	{ IFLA_DVPN_LINK, "link" },
	{ IFLA_DVPN_KEY, "key" },
	{ IFLA_DVPN_FLAGS, "flags" },
	{ IFLA_DVPN_PORT, "port" },
	{ IFLA_DVPN_TTL, "ttl" },
	{ IFLA_DVPN_TOS, "tos" },
	{ IFLA_DVPN_DF, "df" },
	{ IFLA_DVPN_DOMAIN, "domain" },
	{ IFLA_DVPN_FWMARK, "fwmark" },
	{ IFLA_DVPN_XFRM_IF_ID, "xfrm_if_id" },
	{ IFLA_DVPN_MAX_MAPS, "max_maps" },
	{ IFLA_DVPN_MAX_PEERS, "max_peers" },
	{ IFLA_DVPN_QUEUE, "queue" },
	{ IFLA_DVPN_AGENT_GRACE, "agent_grace" },
	{ IFLA_DVPN_RX_SOURCE, "rx_source" },
	{ IFLA_DVPN_DOWN_REASON, "down_reason" },
	{ IFLA_DVPN_PAD, "pad" },
	{ IFLA_DVPN_MSS, "mss" },
};

static const struct name link_flag_names[] = {
	{ DVPN_LINK_F_KEY, "key" },
	{ DVPN_LINK_F_CSUM, "csum" },
	{ DVPN_LINK_F_LINK, "link" },
	{ DVPN_LINK_F_REQUIRE_IPSEC, "require_ipsec" },
	{ DVPN_LINK_F_REDIRECT, "redirect" },
	{ DVPN_LINK_F_UDP_ZERO_CSUM, "udp_zero_csum" },
	{ DVPN_LINK_F_UDP_ZERO_CSUM6, "udp_zero_csum6" },
};

static const struct name df_names[] = {
	{ DVPN_DF_SET, "set" },
	{ DVPN_DF_UNSET, "unset" },
	{ DVPN_DF_INHERIT, "inherit" },
};

static const struct name rx_source_names[] = {
	{ DVPN_RX_SOURCE_LOOSE, "loose" },
	{ DVPN_RX_SOURCE_STRICT, "strict" },
};

static const struct name down_names[] = {
	{ DVPN_DOWN_NONE, "none" },
	{ DVPN_DOWN_NO_LINK, "no_link" },
	{ DVPN_DOWN_COLLISION, "collision" },
	{ DVPN_DOWN_PORT, "port" },
};

static const struct name feature_names[] = {
	{ DVPN_FEATURE_UNDERLAY4, "underlay4" },
	{ DVPN_FEATURE_UNDERLAY6, "underlay6" },
	{ DVPN_FEATURE_UDP, "udp" },
	{ DVPN_FEATURE_GRE_CSUM, "gre_csum" },
	{ DVPN_FEATURE_REQUIRE_IPSEC, "require_ipsec" },
	{ DVPN_FEATURE_XFRM_IF_ID, "xfrm_if_id" },
	{ DVPN_FEATURE_MARK, "mark" },
	{ DVPN_FEATURE_TOS_INHERIT, "tos_inherit" },
	{ DVPN_FEATURE_PMTU, "pmtu" },
	{ DVPN_FEATURE_MSS, "mss" },
	{ DVPN_FEATURE_KEEPALIVE, "keepalive" },
	{ DVPN_FEATURE_SPORT_FLOW, "sport_flow" },
	{ DVPN_FEATURE_GROUPS, "groups" },
	{ DVPN_FEATURE_QUEUE, "queue" },
	{ DVPN_FEATURE_LOOKUP, "lookup" },
	{ DVPN_FEATURE_RX_SOURCE_STRICT, "rx_source_strict" },
};

static const struct name encap_names[] = {
	{ DVPN_ENCAP_GRE, "gre" },
	{ DVPN_ENCAP_UDP, "udp" },
};

static const struct name map_flag_names[] = {
	{ DVPN_MAP_F_NHS, "nhs" },
	{ DVPN_MAP_F_MULTICAST, "multicast" },
	{ DVPN_MAP_F_PROBATION, "probation" },
	{ DVPN_MAP_F_UNREACHABLE, "unreachable" },
	{ DVPN_MAP_F_INCOMPLETE, "incomplete" },
	{ DVPN_MAP_F_STATIC, "static" },
	{ DVPN_MAP_F_UNIQUE, "unique" },
	{ DVPN_MAP_F_SHORTCUT, "shortcut" },
};

static const struct name peer_flag_names[] = {
	{ DVPN_PEER_F_RX_ONLY, "rx_only" },
	{ DVPN_PEER_F_ANY_SPORT, "any_sport" },
	{ DVPN_PEER_F_SPORT_FLOW, "sport_flow" },
	{ DVPN_PEER_F_CSUM, "csum" },
};

static const struct name agent_names[] = {
	{ DVPN_AGENT_FRAME, "frame" },
	{ DVPN_AGENT_EVENT, "event" },
};

static const struct name event_names[] = {
	{ DVPN_EVENT_UNSPEC, "unspec" },
	{ DVPN_EVENT_MISS, "miss" },
	{ DVPN_EVENT_REDIRECT, "redirect" },
	{ DVPN_EVENT_UNKNOWN_PEER, "unknown_peer" },
	{ DVPN_EVENT_PEER_UNREACH, "peer_unreach" },
	{ DVPN_EVENT_EXPIRE, "expire" },
};

static const struct name reason_names[] = {
	{ DVPN_REASON_UNSPEC, "unspec" },
	{ DVPN_REASON_DELETED, "deleted" },
	{ DVPN_REASON_FLUSHED, "flushed" },
	{ DVPN_REASON_EXPIRED, "expired" },
	{ DVPN_REASON_DEVICE, "device" },
	{ DVPN_REASON_NO_ROUTE, "no_route" },
	{ DVPN_REASON_BAD_ROUTE, "bad_route" },
	{ DVPN_REASON_ICMP, "icmp" },
	{ DVPN_REASON_NO_SA, "no_sa" },
	{ DVPN_REASON_POLICY, "policy" },
};

static const struct name verdict_names[] = {
	{ DVPN_VERDICT_DIRECT, "direct" },
	{ DVPN_VERDICT_SHORTCUT, "shortcut" },
	{ DVPN_VERDICT_NHS, "nhs" },
	{ DVPN_VERDICT_NHS_PROBATION, "nhs_probation" },
	{ DVPN_VERDICT_NHS_UNREACHABLE, "nhs_unreachable" },
	{ DVPN_VERDICT_MULTICAST, "multicast" },
	{ DVPN_VERDICT_DROP, "drop" },
};

static const struct name stat_names[] = {
	{ DVPN_STAT_UNSPEC, "unspec" },
	{ DVPN_STAT_PAD, "pad" },
	{ DVPN_STAT_TX_PACKETS, "tx_packets" },
	{ DVPN_STAT_TX_BYTES, "tx_bytes" },
	{ DVPN_STAT_RX_PACKETS, "rx_packets" },
	{ DVPN_STAT_RX_BYTES, "rx_bytes" },
	{ DVPN_STAT_TX_NHS, "tx_nhs" },
	{ DVPN_STAT_MCAST_PACKETS, "mcast_packets" },
	{ DVPN_STAT_MCAST_COPIES, "mcast_copies" },
	{ DVPN_STAT_MISSES, "misses" },
	{ DVPN_STAT_FRAMES_RX, "frames_rx" },
	{ DVPN_STAT_FRAMES_TX, "frames_tx" },
	{ DVPN_STAT_EVENTS, "events" },
	{ DVPN_STAT_EVENTS_LIMITED, "events_limited" },
	{ DVPN_STAT_EVENTS_LOST, "events_lost" },
	{ DVPN_STAT_REDIRECTS, "redirects" },
	{ DVPN_STAT_KEEPALIVES, "keepalives" },
};

static const struct name drop_names[] = {
	{ DVPN_DROP_UNSPEC, "unspec" },
	{ DVPN_DROP_PAD, "pad" },
	{ DVPN_DROP_TX_NO_MAP, "tx_no_map" },
	{ DVPN_DROP_TX_UNREACHABLE, "tx_unreachable" },
	{ DVPN_DROP_TX_QUEUE_FULL, "tx_queue_full" },
	{ DVPN_DROP_TX_PROTO, "tx_proto" },
	{ DVPN_DROP_TX_MALFORMED, "tx_malformed" },
	{ DVPN_DROP_TX_NO_ROUTE, "tx_no_route" },
	{ DVPN_DROP_TX_BAD_ROUTE, "tx_bad_route" },
	{ DVPN_DROP_TX_LOOP, "tx_loop" },
	{ DVPN_DROP_TX_NO_LINK, "tx_no_link" },
	{ DVPN_DROP_TX_NO_SA, "tx_no_sa" },
	{ DVPN_DROP_TX_POLICY, "tx_policy" },
	{ DVPN_DROP_TX_TOO_BIG, "tx_too_big" },
	{ DVPN_DROP_TX_NOMEM, "tx_nomem" },
	{ DVPN_DROP_TX_BACK, "tx_back" },
	{ DVPN_DROP_TX_ICMP_REDIRECT, "tx_icmp_redirect" },
	{ DVPN_DROP_MCAST_NO_PEER, "mcast_no_peer" },
	{ DVPN_DROP_MCAST_QUEUE, "mcast_queue" },
	{ DVPN_DROP_RX_UNKNOWN_PEER, "rx_unknown_peer" },
	{ DVPN_DROP_RX_MALFORMED, "rx_malformed" },
	{ DVPN_DROP_RX_CSUM, "rx_csum" },
	{ DVPN_DROP_RX_PROTO, "rx_proto" },
	{ DVPN_DROP_RX_ECN, "rx_ecn" },
	{ DVPN_DROP_RX_POLICY, "rx_policy" },
	{ DVPN_DROP_RX_DOWN, "rx_down" },
	{ DVPN_DROP_RX_NOMEM, "rx_nomem" },
	{ DVPN_DROP_FRAME_NO_AGENT, "frame_no_agent" },
	{ DVPN_DROP_FRAME_OVERRUN, "frame_overrun" },
};

/* The tests see that every flag has a name; not that it has one only. */
#define ONE_NAME_EACH(names, all) \
	static_assert(DVPN_ARRAY_LEN(names) == __builtin_popcount(all), #names)

ONE_NAME_EACH(link_flag_names, DVPN_LINK_F_ALL);
ONE_NAME_EACH(map_flag_names, DVPN_MAP_F_ALL);
ONE_NAME_EACH(peer_flag_names, DVPN_PEER_F_ALL);
ONE_NAME_EACH(agent_names, DVPN_AGENT_ALL);

static const struct {
	const struct name *names;
	size_t n;
	bool is_mask;
} tables[DVPN_NAMES_MAX] = {
	[DVPN_NAMES_CMD] = { cmd_names, DVPN_ARRAY_LEN(cmd_names), false },
	[DVPN_NAMES_ATTR] = { attr_names, DVPN_ARRAY_LEN(attr_names), false },
	[DVPN_NAMES_LINK_ATTR] = { link_attr_names, DVPN_ARRAY_LEN(link_attr_names), false },
	[DVPN_NAMES_LINK_FLAG] = { link_flag_names, DVPN_ARRAY_LEN(link_flag_names), true },
	[DVPN_NAMES_DF] = { df_names, DVPN_ARRAY_LEN(df_names), false },
	[DVPN_NAMES_RX_SOURCE] = { rx_source_names, DVPN_ARRAY_LEN(rx_source_names), false },
	[DVPN_NAMES_DOWN] = { down_names, DVPN_ARRAY_LEN(down_names), false },
	[DVPN_NAMES_FEATURE] = { feature_names, DVPN_ARRAY_LEN(feature_names), true },
	[DVPN_NAMES_ENCAP] = { encap_names, DVPN_ARRAY_LEN(encap_names), false },
	[DVPN_NAMES_MAP_FLAG] = { map_flag_names, DVPN_ARRAY_LEN(map_flag_names), true },
	[DVPN_NAMES_PEER_FLAG] = { peer_flag_names, DVPN_ARRAY_LEN(peer_flag_names), true },
	[DVPN_NAMES_AGENT] = { agent_names, DVPN_ARRAY_LEN(agent_names), true },
	[DVPN_NAMES_EVENT] = { event_names, DVPN_ARRAY_LEN(event_names), false },
	[DVPN_NAMES_REASON] = { reason_names, DVPN_ARRAY_LEN(reason_names), false },
	[DVPN_NAMES_VERDICT] = { verdict_names, DVPN_ARRAY_LEN(verdict_names), false },
	[DVPN_NAMES_STAT] = { stat_names, DVPN_ARRAY_LEN(stat_names), false },
	[DVPN_NAMES_DROP] = { drop_names, DVPN_ARRAY_LEN(drop_names), false },
};

const char *dvpn_name(enum dvpn_names which, unsigned int value)
{
	const struct name *names = tables[which].names;
	size_t i;

	/* All enums but the masks count from 0 without a hole. */
	if (!tables[which].is_mask)
		return value < tables[which].n ? names[value].name : "unknown";
	for (i = 0; i < tables[which].n; i++)
		if (names[i].value == value)
			return names[i].name;
	return "unknown";
}

int dvpn_name_value(enum dvpn_names which, const char *name)
{
	size_t i;

	for (i = 0; i < tables[which].n; i++)
		if (!strcmp(tables[which].names[i].name, name))
			return tables[which].names[i].value;
	return -ENOENT;
}

const char *dvpn_mask_str(enum dvpn_names which, u32 mask, const char *sep, char *buf, size_t size)
{
	const char *between = "";
	size_t used = 0;
	size_t i;

	if (size)
		buf[0] = '\0';
	for (i = 0; i < tables[which].n && used < size; i++) {
		const struct name *n = &tables[which].names[i];

		if (!(mask & n->value))
			continue;
		used += snprintf(buf + used, size - used, "%s%s", between, n->name);
		mask &= ~n->value;
		between = sep;
	}
	if (mask && used < size)
		snprintf(buf + used, size - used, "%s0x%x", between, mask);
	return buf;
}
