/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * dvpn: dynamic multipoint VPN device - the interface between kernel and user
 *
 * Two families speak through this header: rtnetlink ("ip link ... type dvpn",
 * IFLA_DVPN_*) makes and changes the device, generic netlink (family "dvpn",
 * DVPN_CMD_* and DVPN_A_*) edits its table and carries NHRP frames and events.
 * Documentation/netlink/dvpn.yaml describes the second one formally; a test
 * holds this header, that file, the kernel's policy and libdvpn together.
 *
 * Rules that hold everywhere:
 *  - addresses come in separate, exact-length attributes for IPv4 (4 bytes)
 *    and IPv6 (16 bytes), in network byte order; exactly one of a pair is
 *    present unless the text says otherwise;
 *  - UDP ports, GRE keys and SPIs are in network byte order, all other
 *    numbers in host byte order;
 *  - times are u64 milliseconds relative to the moment of the message;
 *  - flags are nla_bitfield32: bits not in the selector keep their value;
 *  - an attribute that is absent keeps its value (SET) or takes the default
 *    (NEW); unknown attributes are refused;
 *  - one message is one atomic change; many messages may travel in one send,
 *    each is acknowledged or refused by itself;
 *  - a refusal carries a text (NLMSGERR_ATTR_MSG). A function that this header
 *    describes and the module does not have yet is refused with -EOPNOTSUPP
 *    and its bit in DVPN_A_FEATURES is clear.
 */
#ifndef _UAPI_LINUX_DVPN_H
#define _UAPI_LINUX_DVPN_H

#include <linux/types.h>

#define DVPN_LINK_KIND		"dvpn"
#define DVPN_GENL_NAME		"dvpn"
#define DVPN_GENL_VERSION	1
#define DVPN_GENL_MCGRP_TABLE	"table"

/* Bounds that both sides rely on. */
#define DVPN_COOKIE_MAX		64	/* bytes of DVPN_A_COOKIE */
#define DVPN_FRAME_MAX		8192	/* bytes of DVPN_A_FRAME */
#define DVPN_EXCERPT_MAX	128	/* bytes of DVPN_A_EXCERPT */
#define DVPN_QUEUE_MAX		3	/* packets held per unresolved address */
#define DVPN_AGENT_GRACE_MAX	86400	/* seconds */
#define DVPN_MAX_MAPS_DEFAULT	16384
#define DVPN_MAX_PEERS_DEFAULT	16384
#define DVPN_TABLE_LIMIT	1048576	/* most that max-maps, max-peers take */
#define DVPN_GROUP_LIMIT	16384	/* entries of the replication table */
#define DVPN_MTU_DEFAULT	1400	/* bytes, device MTU */
#define DVPN_UDP_PORT_DEFAULT	4754	/* IANA, GRE-in-UDP (RFC 8086) */
#define DVPN_MSS_OFF		0	/* values of IFLA_DVPN_MSS, DVPN_A_MSS: off, */
#define DVPN_MSS_AUTO		1	/* from the path MTU, */
#define DVPN_MSS_MIN		88	/* or bytes, from this */
#define DVPN_MSS_MAX		65535	/* to this */
#define DVPN_NHRP_PROTO		0x2001	/* GRE protocol type of NHRP */

/* In IFLA_STATS_LINK_XSTATS: nest of u64 counters by &enum dvpn_drop, as in
 * IFLA_INFO_XSTATS and DVPN_A_DROPS. Far from the types of <linux/if_link.h>.
 */
#define DVPN_LINK_XSTATS_TYPE	DVPN_NHRP_PROTO

/**
 * enum dvpn_link_attr - attributes of the rtnetlink kind "dvpn"
 * @IFLA_DVPN_UNSPEC: never used.
 * @IFLA_DVPN_LOCAL4: __be32, our IPv4 NBMA address. 0.0.0.0 clears it. With
 *	neither local address the device takes any address of the host.
 * @IFLA_DVPN_LOCAL6: struct in6_addr, our IPv6 NBMA address. :: clears it.
 * @IFLA_DVPN_LINK_NAME: string, underlay interface by name; authoritative.
 *	The device stays when that interface goes and binds again when the name
 *	comes back. Cleared by the LINK bit of @IFLA_DVPN_FLAGS.
 * @IFLA_DVPN_LINK: u32, ifindex behind the name, 0 while absent. Read-only.
 * @IFLA_DVPN_KEY: __be32, GRE key. "No key" and "key 0" are different tuples;
 *	cleared by the KEY bit of @IFLA_DVPN_FLAGS.
 * @IFLA_DVPN_FLAGS: struct nla_bitfield32 of &enum dvpn_link_flags.
 * @IFLA_DVPN_PORT: __be16, local UDP port for GRE-in-UDP peers; 0: no UDP.
 * @IFLA_DVPN_TTL: u8, outer TTL or hop limit; 0 inherits the inner one.
 *	Default 64.
 * @IFLA_DVPN_TOS: u8, outer DSCP and ECN field; 1 inherits the inner DSCP.
 * @IFLA_DVPN_DF: u8, &enum dvpn_df. Default DVPN_DF_SET.
 * @IFLA_DVPN_DOMAIN: u32, devices with the same non-zero domain redirect
 *	traffic that passes between them; 0 means this device alone.
 * @IFLA_DVPN_FWMARK: u32, default routing mark of outer packets.
 * @IFLA_DVPN_XFRM_IF_ID: u32, default xfrm interface id of outer packets.
 * @IFLA_DVPN_MAX_MAPS: u32, most mappings, 1..DVPN_TABLE_LIMIT.
 * @IFLA_DVPN_MAX_PEERS: u32, most peers, 1..DVPN_TABLE_LIMIT.
 * @IFLA_DVPN_QUEUE: u32, packets held per unresolved next hop on a device
 *	without NHS, 0..DVPN_QUEUE_MAX. Default 0: drop and ask.
 * @IFLA_DVPN_AGENT_GRACE: u32 seconds, 0..DVPN_AGENT_GRACE_MAX; how long
 *	expiry of dynamic mappings is deferred while no agent is bound.
 * @IFLA_DVPN_RX_SOURCE: u8, &enum dvpn_rx_source. Reserved: only LOOSE is
 *	accepted yet.
 * @IFLA_DVPN_DOWN_REASON: u8, &enum dvpn_down_reason. Read-only.
 * @IFLA_DVPN_PAD: alignment of 64-bit attributes, no content.
 * @IFLA_DVPN_MSS: u32, TCP MSS clamp for peers that have none of their own
 *	(&enum dvpn_attr DVPN_A_MSS), with the same values. Default
 *	DVPN_MSS_AUTO.
 */
enum dvpn_link_attr {
	IFLA_DVPN_UNSPEC,
	IFLA_DVPN_LOCAL4,
	IFLA_DVPN_LOCAL6,
	IFLA_DVPN_LINK_NAME,
	IFLA_DVPN_LINK,
	IFLA_DVPN_KEY,
	IFLA_DVPN_FLAGS,
	IFLA_DVPN_PORT,
	IFLA_DVPN_TTL,
	IFLA_DVPN_TOS,
	IFLA_DVPN_DF,
	IFLA_DVPN_DOMAIN,
	IFLA_DVPN_FWMARK,
	IFLA_DVPN_XFRM_IF_ID,
	IFLA_DVPN_MAX_MAPS,
	IFLA_DVPN_MAX_PEERS,
	IFLA_DVPN_QUEUE,
	IFLA_DVPN_AGENT_GRACE,
	IFLA_DVPN_RX_SOURCE,
	IFLA_DVPN_DOWN_REASON,
	IFLA_DVPN_PAD,
	IFLA_DVPN_MSS,

	/* private: */
	__IFLA_DVPN_MAX,
};

#define IFLA_DVPN_MAX (__IFLA_DVPN_MAX - 1)

/**
 * enum dvpn_link_flags - bits of IFLA_DVPN_FLAGS
 * @DVPN_LINK_F_KEY: a GRE key is present on the wire. Follows IFLA_DVPN_KEY;
 *	selected and clear: "nokey".
 * @DVPN_LINK_F_CSUM: send GRE checksums by default (a received one is always
 *	verified).
 * @DVPN_LINK_F_LINK: bound to an underlay interface. Follows
 *	IFLA_DVPN_LINK_NAME; selected and clear: "nodev".
 * @DVPN_LINK_F_REQUIRE_IPSEC: nothing leaves and nothing enters without ESP.
 * @DVPN_LINK_F_REDIRECT: tell the agent about traffic that enters and leaves
 *	by the same domain.
 * @DVPN_LINK_F_UDP_ZERO_CSUM: no UDP checksum over IPv4 (GRE-in-UDP).
 * @DVPN_LINK_F_UDP_ZERO_CSUM6: no UDP checksum over IPv6, both directions.
 */
enum dvpn_link_flags {
	DVPN_LINK_F_KEY			= 1 << 0,
	DVPN_LINK_F_CSUM		= 1 << 1,
	DVPN_LINK_F_LINK		= 1 << 2,
	DVPN_LINK_F_REQUIRE_IPSEC	= 1 << 3,
	DVPN_LINK_F_REDIRECT		= 1 << 4,
	DVPN_LINK_F_UDP_ZERO_CSUM	= 1 << 5,
	DVPN_LINK_F_UDP_ZERO_CSUM6	= 1 << 6,
};

#define DVPN_LINK_F_ALL		0x7f

/**
 * enum dvpn_df - the Don't Fragment bit of outer IPv4 packets
 * @DVPN_DF_SET: always set; packets that do not fit are reported to the sender.
 * @DVPN_DF_UNSET: never set; the outer packet may be fragmented.
 * @DVPN_DF_INHERIT: copied from an inner IPv4 packet, set for IPv6.
 */
enum dvpn_df {
	DVPN_DF_SET,
	DVPN_DF_UNSET,
	DVPN_DF_INHERIT,
};

/**
 * enum dvpn_rx_source - is the inner source tied to the sending peer?
 * @DVPN_RX_SOURCE_LOOSE: no, as in every multipoint GRE.
 * @DVPN_RX_SOURCE_STRICT: its way back must lead to that peer. Reserved.
 */
enum dvpn_rx_source {
	DVPN_RX_SOURCE_LOOSE,
	DVPN_RX_SOURCE_STRICT,
};

/**
 * enum dvpn_down_reason - why a device that is up has no carrier
 * @DVPN_DOWN_NONE: it has carrier.
 * @DVPN_DOWN_NO_LINK: the underlay interface named by it does not exist.
 * @DVPN_DOWN_COLLISION: the underlay interface came back, and another device
 *	has the same (link, local, key) by now.
 * @DVPN_DOWN_PORT: the underlay interface came back or changed its VRF, and
 *	another socket has the UDP port there.
 */
enum dvpn_down_reason {
	DVPN_DOWN_NONE,
	DVPN_DOWN_NO_LINK,
	DVPN_DOWN_COLLISION,
	DVPN_DOWN_PORT,
};

/**
 * enum dvpn_cmd - commands of the generic netlink family "dvpn"
 *
 * Every command needs CAP_NET_ADMIN in the user namespace of the device's
 * network namespace, and so does joining the group "table". If the underlay is
 * another namespace, MARK and XFRM_IF_ID take it there, too, as a change of the
 * link does: -EPERM. DVPN_A_IFINDEX names the device unless said otherwise.
 *
 * @DVPN_CMD_UNSPEC: never used.
 * @DVPN_CMD_DEV_GET: do and dump. Reply: IFINDEX, IFNAME, FEATURES,
 *	GENERATION, MAP_COUNT, PEER_COUNT, INCOMPLETE_COUNT, AGENT_CLASSES in
 *	use, DEFAULT_NHS (mapping id) if any, DROPS, DEV_STATS.
 * @DVPN_CMD_AGENT_BIND: make this socket the device's agent for the classes
 *	in AGENT_CLASSES. Reply: FEATURES, GENERATION. -EBUSY: another socket
 *	holds one of the classes. Binding again by the holder is idempotent.
 *	The binding ends with the socket, with @DVPN_CMD_AGENT_UNBIND, and when
 *	the device moves to another network namespace.
 * @DVPN_CMD_AGENT_UNBIND: give the classes in AGENT_CLASSES back.
 * @DVPN_CMD_MAP_NEW: add a mapping: PROTO4|6, PREFIXLEN (default: host), the
 *	peer's key, optional MAP_FLAGS, PREFERENCE, EXPIRES_MS, OWNER, COOKIE.
 *	A peer with that key is created with defaults if there is none.
 *	-EEXIST without NLM_F_REPLACE, which replaces all of an existing
 *	mapping but its id (MATCH_* apply). -ENOSPC: max-maps or max-peers.
 * @DVPN_CMD_MAP_SET: change what is given of an existing mapping, named by
 *	PROTO4|6 and PREFIXLEN or by MAP_ID. A complete peer key moves it to
 *	that peer. -ENOENT: there is none. -ESTALE: MATCH_OWNER or MATCH_ID do
 *	not hold; nothing was changed.
 * @DVPN_CMD_MAP_DEL: delete a mapping, named and guarded as in SET.
 * @DVPN_CMD_MAP_GET: do: one mapping by PROTO4|6 and PREFIXLEN or MAP_ID.
 *	dump: every mapping of the device, or of every device of the namespace
 *	if IFINDEX is absent, by rising id. An entry that exists during the
 *	whole dump is in it exactly once; NLM_F_DUMP_INTR tells that the table
 *	changed meanwhile.
 * @DVPN_CMD_MAP_FLUSH: delete the mappings that satisfy all of: owner equal
 *	to MATCH_OWNER if given; owner neither NOT_OWNER nor 0 if given; the
 *	selected bits of MAP_FLAGS equal. Reply: MAP_COUNT deleted.
 * @DVPN_CMD_MAP_LOOKUP: what would the data path do with a packet to DST4|6
 *	whose next hop is PROTO4|6 (default: the destination)? Reply: the
 *	mapping used if any and VERDICT.
 * @DVPN_CMD_MAP_NTF: notification to the group "table": a mapping is new or
 *	changed. Attributes as in the dump.
 * @DVPN_CMD_MAP_DEL_NTF: notification: a mapping is gone; REASON says why.
 * @DVPN_CMD_PEER_NEW: add a peer by key, with attributes of its own. -EEXIST
 *	without NLM_F_REPLACE.
 * @DVPN_CMD_PEER_SET: change a peer named by key or PEER_ID.
 * @DVPN_CMD_PEER_DEL: delete a peer named by key or PEER_ID. -EBUSY while
 *	mappings point to it.
 * @DVPN_CMD_PEER_GET: do: one peer by key or PEER_ID; dump: as MAP_GET.
 * @DVPN_CMD_PEER_FLUSH: delete peers without mappings; MATCH_OWNER and
 *	NOT_OWNER as in MAP_FLUSH. Reply: PEER_COUNT deleted.
 * @DVPN_CMD_PEER_NTF: notification: a peer is new or changed.
 * @DVPN_CMD_PEER_DEL_NTF: notification: a peer is gone.
 * @DVPN_CMD_GROUP_NEW: add (GROUP4|6 -> peer) to the replication table. A
 *	group that has entries goes to none but these peers, as far as they
 *	take multicast at all; one without goes to every peer that does. The
 *	control groups (224.0.0.0/24, ff01::/16, ff02::/16) take no entries:
 *	-EINVAL. The peer, named by key, must exist (-ENOENT), and its entries
 *	go with it. -EEXIST; -ENOSPC: DVPN_GROUP_LIMIT.
 * @DVPN_CMD_GROUP_DEL: remove such an entry. -ENOENT: there is none.
 * @DVPN_CMD_GROUP_GET: dump the replication table: IFINDEX, GROUP4|6, PEER_ID
 *	and the key of the peer of each entry; else as MAP_GET. There are no
 *	notifications, but GENERATION grows.
 * @DVPN_CMD_FRAME: to the agent: an NHRP packet came in, with SEQ, LOST and
 *	GENERATION and what is known of where it came from. From the agent: send
 *	one to the peer with the given key, which need not exist; LOCAL4|6 is
 *	optional. The ack is the result: 0 sent, -EHOSTUNREACH no route,
 *	-EMSGSIZE, -EINPROGRESS no security association yet, -EPERM refused by
 *	policy, -ENETDOWN.
 * @DVPN_CMD_EVENT: to the agent: &enum dvpn_event in EVENT, with SEQ, LOST and
 *	GENERATION and what the event's text names.
 */
enum dvpn_cmd {
	DVPN_CMD_UNSPEC,
	DVPN_CMD_DEV_GET,
	DVPN_CMD_AGENT_BIND,
	DVPN_CMD_AGENT_UNBIND,
	DVPN_CMD_MAP_NEW,
	DVPN_CMD_MAP_SET,
	DVPN_CMD_MAP_DEL,
	DVPN_CMD_MAP_GET,
	DVPN_CMD_MAP_FLUSH,
	DVPN_CMD_MAP_LOOKUP,
	DVPN_CMD_MAP_NTF,
	DVPN_CMD_MAP_DEL_NTF,
	DVPN_CMD_PEER_NEW,
	DVPN_CMD_PEER_SET,
	DVPN_CMD_PEER_DEL,
	DVPN_CMD_PEER_GET,
	DVPN_CMD_PEER_FLUSH,
	DVPN_CMD_PEER_NTF,
	DVPN_CMD_PEER_DEL_NTF,
	DVPN_CMD_GROUP_NEW,
	DVPN_CMD_GROUP_DEL,
	DVPN_CMD_GROUP_GET,
	DVPN_CMD_FRAME,
	DVPN_CMD_EVENT,

	/* private: */
	__DVPN_CMD_MAX,
};

#define DVPN_CMD_MAX (__DVPN_CMD_MAX - 1)

/**
 * enum dvpn_attr - attributes of the generic netlink family "dvpn"
 * @DVPN_A_UNSPEC: never used.
 * @DVPN_A_PAD: alignment of 64-bit attributes, no content.
 * @DVPN_A_IFINDEX: u32, the dvpn device.
 * @DVPN_A_IFNAME: string, its name (replies and events).
 * @DVPN_A_FEATURES: u32, &enum dvpn_feature bits that this module has.
 * @DVPN_A_GENERATION: u32, grows with every change of the device's table.
 * @DVPN_A_MAP_COUNT: u32, mappings (without unresolved ones), or how many a
 *	flush deleted.
 * @DVPN_A_PEER_COUNT: u32, peers, or how many a flush deleted.
 * @DVPN_A_INCOMPLETE_COUNT: u32, unresolved next hops being asked for.
 * @DVPN_A_DEFAULT_NHS: u32, id of the NHS mapping that takes what has no
 *	mapping of its own; absent if none is usable.
 * @DVPN_A_DROPS: nest of u64 counters; the attribute type of each is its
 *	&enum dvpn_drop.
 * @DVPN_A_DEV_STATS: nest of u64 counters of &enum dvpn_stat.
 * @DVPN_A_AGENT_CLASSES: u32 mask of &enum dvpn_agent_class.
 * @DVPN_A_PROTO4: __be32, protocol address, or prefix of a prefix mapping
 *	(host bits must be zero).
 * @DVPN_A_PROTO6: struct in6_addr, the same for IPv6.
 * @DVPN_A_PREFIXLEN: u8, bits of PROTO4|6. Absent: the whole address. A
 *	mapping of the full length answers "who is this next hop"; a shorter
 *	one is matched on the destination of the packet, longest first.
 * @DVPN_A_MAP_ID: u32, given by the kernel, never 0, unique in the device.
 * @DVPN_A_MAP_FLAGS: struct nla_bitfield32 of &enum dvpn_map_flags.
 * @DVPN_A_PREFERENCE: u8, of an NHS mapping; the lowest usable one is taken.
 * @DVPN_A_EXPIRES_MS: u64, time to live of a mapping or peer that is left. In
 *	a request 0 means never; in a reply the attribute is absent then, and 0
 *	is an entry whose time is over and that agent-grace keeps.
 * @DVPN_A_AGE_MS: u64, since the mapping or peer was created. Read-only.
 * @DVPN_A_IDLE_MS: u64, since the mapping last carried a packet, in steps of
 *	up to a second; absent if it never did. Read-only.
 * @DVPN_A_OWNER: u32, who wrote the entry. 0 (the administrator) is never
 *	swept by NOT_OWNER.
 * @DVPN_A_COOKIE: at most DVPN_COOKIE_MAX bytes that the kernel only keeps.
 *	Empty clears it.
 * @DVPN_A_MATCH_OWNER: u32, act only if the entry's owner is this one.
 * @DVPN_A_MATCH_ID: u32, act only if the entry's id is this one.
 * @DVPN_A_NOT_OWNER: u32, a flush spares this owner and owner 0.
 * @DVPN_A_ENCAP: u8, &enum dvpn_encap, part of a peer's key. Default GRE.
 * @DVPN_A_NBMA4: __be32, NBMA address, part of a peer's key.
 * @DVPN_A_NBMA6: struct in6_addr, the same for IPv6.
 * @DVPN_A_PORT: __be16, remote UDP port, part of a peer's key (encap UDP
 *	only, default DVPN_UDP_PORT_DEFAULT).
 * @DVPN_A_MARK: u32, part of a peer's key; mark of the outer packet. Default
 *	0: the device's fwmark.
 * @DVPN_A_XFRM_IF_ID: u32, part of a peer's key; default 0: the device's.
 * @DVPN_A_PEER_ID: u32, given by the kernel, never 0, unique in the device.
 * @DVPN_A_PEER_FLAGS: struct nla_bitfield32 of &enum dvpn_peer_flags.
 * @DVPN_A_MARK_MASK: u32, a packet from the peer must match its mark under
 *	this mask. Default 0: any.
 * @DVPN_A_MTU: u32 bytes, configured path MTU (largest inner packet), 0 none.
 * @DVPN_A_MTU_ADVERTISED: u32 bytes, what the peer's CIE said, 0 none.
 * @DVPN_A_PMTU: u32 bytes, largest inner packet that fits now. Read-only.
 * @DVPN_A_MSS: u32, TCP MSS clamp: 0 off, 1 from the path MTU, else bytes, 88
 *	to 65535. The largest segment that a TCP SYN to or from the peer offers
 *	is lowered to that; one that offers none is left alone. Absent: as the
 *	device says (%IFLA_DVPN_MSS).
 * @DVPN_A_KEEPALIVE: u32 seconds, send an empty frame when nothing was sent
 *	for so long; 0 off.
 * @DVPN_A_RX_IDLE_MS: u64, since a packet last came from the peer; absent if
 *	none ever did. Read-only.
 * @DVPN_A_PEER_MAPS: u32, mappings that point to the peer. Read-only.
 * @DVPN_A_PEER_STATS: nest of u64 counters of &enum dvpn_stat.
 * @DVPN_A_GROUP4: __be32, multicast group.
 * @DVPN_A_GROUP6: struct in6_addr, multicast group.
 * @DVPN_A_FRAME: 1..DVPN_FRAME_MAX bytes, one NHRP packet without GRE header.
 * @DVPN_A_LOCAL4: __be32, our NBMA address: outer destination of a packet
 *	that came in, source of one to be sent.
 * @DVPN_A_LOCAL6: struct in6_addr, the same for IPv6.
 * @DVPN_A_LINK_IFINDEX: u32, underlay interface a packet came in by.
 * @DVPN_A_SA_SPI: __be32, of the last ESP state of the secpath. This and the
 *	next two are absent if the packet came in clear.
 * @DVPN_A_SA_REQID: u32, of that state.
 * @DVPN_A_SA_IF_ID: u32, xfrm interface id of that state.
 * @DVPN_A_EVENT: u8, &enum dvpn_event.
 * @DVPN_A_SEQ: u32, counts the messages sent to this binding.
 * @DVPN_A_LOST: u32, messages to this binding that did not fit into its
 *	receive buffer since the last one that did; if not 0, dump again.
 * @DVPN_A_SRC4: __be32, source of the inner packet an event is about.
 * @DVPN_A_SRC6: struct in6_addr, the same for IPv6.
 * @DVPN_A_DST4: __be32, its destination.
 * @DVPN_A_DST6: struct in6_addr, the same for IPv6.
 * @DVPN_A_INNER_PROTO: u16, GRE protocol type of that packet.
 * @DVPN_A_EXCERPT: the first bytes, at most DVPN_EXCERPT_MAX, of that packet,
 *	from its network header on.
 * @DVPN_A_INNER_LEN: u32, whole length of that packet in bytes.
 * @DVPN_A_REASON: u8, &enum dvpn_reason.
 * @DVPN_A_VERDICT: u8, &enum dvpn_verdict.
 * @DVPN_A_ERRNO: u32, positive errno behind a PEER_UNREACH event.
 */
enum dvpn_attr {
	DVPN_A_UNSPEC,
	DVPN_A_PAD,
	DVPN_A_IFINDEX,
	DVPN_A_IFNAME,
	DVPN_A_FEATURES,
	DVPN_A_GENERATION,
	DVPN_A_MAP_COUNT,
	DVPN_A_PEER_COUNT,
	DVPN_A_INCOMPLETE_COUNT,
	DVPN_A_DEFAULT_NHS,
	DVPN_A_DROPS,
	DVPN_A_DEV_STATS,
	DVPN_A_AGENT_CLASSES,
	DVPN_A_PROTO4,
	DVPN_A_PROTO6,
	DVPN_A_PREFIXLEN,
	DVPN_A_MAP_ID,
	DVPN_A_MAP_FLAGS,
	DVPN_A_PREFERENCE,
	DVPN_A_EXPIRES_MS,
	DVPN_A_AGE_MS,
	DVPN_A_IDLE_MS,
	DVPN_A_OWNER,
	DVPN_A_COOKIE,
	DVPN_A_MATCH_OWNER,
	DVPN_A_MATCH_ID,
	DVPN_A_NOT_OWNER,
	DVPN_A_ENCAP,
	DVPN_A_NBMA4,
	DVPN_A_NBMA6,
	DVPN_A_PORT,
	DVPN_A_MARK,
	DVPN_A_XFRM_IF_ID,
	DVPN_A_PEER_ID,
	DVPN_A_PEER_FLAGS,
	DVPN_A_MARK_MASK,
	DVPN_A_MTU,
	DVPN_A_MTU_ADVERTISED,
	DVPN_A_PMTU,
	DVPN_A_MSS,
	DVPN_A_KEEPALIVE,
	DVPN_A_RX_IDLE_MS,
	DVPN_A_PEER_MAPS,
	DVPN_A_PEER_STATS,
	DVPN_A_GROUP4,
	DVPN_A_GROUP6,
	DVPN_A_FRAME,
	DVPN_A_LOCAL4,
	DVPN_A_LOCAL6,
	DVPN_A_LINK_IFINDEX,
	DVPN_A_SA_SPI,
	DVPN_A_SA_REQID,
	DVPN_A_SA_IF_ID,
	DVPN_A_EVENT,
	DVPN_A_SEQ,
	DVPN_A_LOST,
	DVPN_A_SRC4,
	DVPN_A_SRC6,
	DVPN_A_DST4,
	DVPN_A_DST6,
	DVPN_A_INNER_PROTO,
	DVPN_A_EXCERPT,
	DVPN_A_INNER_LEN,
	DVPN_A_REASON,
	DVPN_A_VERDICT,
	DVPN_A_ERRNO,

	/* private: */
	__DVPN_A_MAX,
};

#define DVPN_A_MAX (__DVPN_A_MAX - 1)

/**
 * enum dvpn_feature - bits of DVPN_A_FEATURES
 * @DVPN_FEATURE_UNDERLAY4: peers with IPv4 NBMA addresses.
 * @DVPN_FEATURE_UNDERLAY6: peers with IPv6 NBMA addresses.
 * @DVPN_FEATURE_UDP: GRE-in-UDP peers.
 * @DVPN_FEATURE_GRE_CSUM: GRE checksums on transmit.
 * @DVPN_FEATURE_REQUIRE_IPSEC: link flag REQUIRE_IPSEC.
 * @DVPN_FEATURE_XFRM_IF_ID: xfrm interface ids.
 * @DVPN_FEATURE_MARK: marks in peer keys.
 * @DVPN_FEATURE_TOS_INHERIT: tos inherit.
 * @DVPN_FEATURE_PMTU: path MTU per peer, learned and configured.
 * @DVPN_FEATURE_MSS: TCP MSS clamp.
 * @DVPN_FEATURE_KEEPALIVE: keepalive frames from the kernel.
 * @DVPN_FEATURE_SPORT_FLOW: peer flag SPORT_FLOW.
 * @DVPN_FEATURE_GROUPS: replication table (GROUP commands).
 * @DVPN_FEATURE_QUEUE: link attribute queue.
 * @DVPN_FEATURE_LOOKUP: MAP_LOOKUP.
 * @DVPN_FEATURE_RX_SOURCE_STRICT: rx-source strict.
 */
enum dvpn_feature {
	DVPN_FEATURE_UNDERLAY4		= 1 << 0,
	DVPN_FEATURE_UNDERLAY6		= 1 << 1,
	DVPN_FEATURE_UDP		= 1 << 2,
	DVPN_FEATURE_GRE_CSUM		= 1 << 3,
	DVPN_FEATURE_REQUIRE_IPSEC	= 1 << 4,
	DVPN_FEATURE_XFRM_IF_ID		= 1 << 5,
	DVPN_FEATURE_MARK		= 1 << 6,
	DVPN_FEATURE_TOS_INHERIT	= 1 << 7,
	DVPN_FEATURE_PMTU		= 1 << 8,
	DVPN_FEATURE_MSS		= 1 << 9,
	DVPN_FEATURE_KEEPALIVE		= 1 << 10,
	DVPN_FEATURE_SPORT_FLOW		= 1 << 11,
	DVPN_FEATURE_GROUPS		= 1 << 12,
	DVPN_FEATURE_QUEUE		= 1 << 13,
	DVPN_FEATURE_LOOKUP		= 1 << 14,
	DVPN_FEATURE_RX_SOURCE_STRICT	= 1 << 15,
};

/**
 * enum dvpn_encap - how a peer is reached
 * @DVPN_ENCAP_GRE: GRE over IP (RFC 2784, 2890).
 * @DVPN_ENCAP_UDP: GRE in UDP (RFC 8086).
 */
enum dvpn_encap {
	DVPN_ENCAP_GRE,
	DVPN_ENCAP_UDP,
};

/**
 * enum dvpn_map_flags - bits of DVPN_A_MAP_FLAGS
 * @DVPN_MAP_F_NHS: the peer is a hub: takes what has no mapping of its own.
 * @DVPN_MAP_F_MULTICAST: the peer gets a copy of multicast packets.
 * @DVPN_MAP_F_PROBATION: not proven yet: accepted on receive, NHRP frames may
 *	go to it, unicast data goes by the default NHS, no multicast.
 * @DVPN_MAP_F_UNREACHABLE: known not to answer: data goes by the default NHS,
 *	or is refused with ICMP. Needs EXPIRES_MS.
 * @DVPN_MAP_F_INCOMPLETE: being asked for. Read-only.
 * @DVPN_MAP_F_STATIC: configured, not learned. Only stored.
 * @DVPN_MAP_F_UNIQUE: registered as unique. Only stored.
 * @DVPN_MAP_F_SHORTCUT: a full-length mapping is matched on the packet's
 *	destination as well, not only on its next hop. Shorter prefixes always
 *	are, and ignore it.
 */
enum dvpn_map_flags {
	DVPN_MAP_F_NHS		= 1 << 0,
	DVPN_MAP_F_MULTICAST	= 1 << 1,
	DVPN_MAP_F_PROBATION	= 1 << 2,
	DVPN_MAP_F_UNREACHABLE	= 1 << 3,
	DVPN_MAP_F_INCOMPLETE	= 1 << 4,
	DVPN_MAP_F_STATIC	= 1 << 5,
	DVPN_MAP_F_UNIQUE	= 1 << 6,
	DVPN_MAP_F_SHORTCUT	= 1 << 7,
};

#define DVPN_MAP_F_ALL		0xff

/**
 * enum dvpn_peer_flags - bits of DVPN_A_PEER_FLAGS
 * @DVPN_PEER_F_RX_ONLY: accepted on receive, never chosen on transmit.
 * @DVPN_PEER_F_ANY_SPORT: UDP: any source port (the peer uses entropy ports).
 * @DVPN_PEER_F_SPORT_FLOW: UDP: our source port follows the inner flow.
 * @DVPN_PEER_F_CSUM: send checksums to this peer: of GRE, or of UDP.
 */
enum dvpn_peer_flags {
	DVPN_PEER_F_RX_ONLY	= 1 << 0,
	DVPN_PEER_F_ANY_SPORT	= 1 << 1,
	DVPN_PEER_F_SPORT_FLOW	= 1 << 2,
	DVPN_PEER_F_CSUM	= 1 << 3,
};

/* Other bits are refused. There is room for what a peer needs that is reached by a relay,
 * which the agent will call "relayed".
 */
#define DVPN_PEER_F_ALL		0xf

/**
 * enum dvpn_agent_class - what a bound agent gets
 * @DVPN_AGENT_FRAME: NHRP packets (DVPN_CMD_FRAME).
 * @DVPN_AGENT_EVENT: events (DVPN_CMD_EVENT).
 */
enum dvpn_agent_class {
	DVPN_AGENT_FRAME	= 1 << 0,
	DVPN_AGENT_EVENT	= 1 << 1,
};

#define DVPN_AGENT_ALL		0x3

/**
 * enum dvpn_event - what DVPN_CMD_EVENT is about
 * @DVPN_EVENT_UNSPEC: never used.
 * @DVPN_EVENT_MISS: no mapping for next hop PROTO4|6; SRC, DST and EXCERPT of
 *	the packet. Once per next hop and back-off step.
 * @DVPN_EVENT_REDIRECT: a packet SRC -> DST entered by PEER_ID, whose key
 *	follows (both absent if it cannot be told), and left by a device of the
 *	same domain; EXCERPT, INNER_LEN. IFINDEX is the device it entered by. Rate-limited per
 *	(source, destination).
 * @DVPN_EVENT_UNKNOWN_PEER: a packet for this device came from NBMA4|6 (ENCAP,
 *	PORT), which is no peer; LOCAL, MARK, INNER_PROTO, SRC if there is one,
 *	INNER_LEN, SA_*. It was left to other owners. Rate-limited per address.
 * @DVPN_EVENT_PEER_UNREACH: packets to PEER_ID (its key follows) cannot leave:
 *	ERRNO or REASON. Rate-limited per peer.
 * @DVPN_EVENT_EXPIRE: the mapping in MAP_ID, PROTO4|6, PREFIXLEN, with its
 *	OWNER, COOKIE, flags, peer key and REASON, is gone because its time
 *	ended.
 */
enum dvpn_event {
	DVPN_EVENT_UNSPEC,
	DVPN_EVENT_MISS,
	DVPN_EVENT_REDIRECT,
	DVPN_EVENT_UNKNOWN_PEER,
	DVPN_EVENT_PEER_UNREACH,
	DVPN_EVENT_EXPIRE,

	/* private: */
	__DVPN_EVENT_MAX,
};

#define DVPN_EVENT_MAX (__DVPN_EVENT_MAX - 1)

/**
 * enum dvpn_reason - why a mapping is gone or a peer cannot be reached
 * @DVPN_REASON_UNSPEC: not told.
 * @DVPN_REASON_DELETED: DVPN_CMD_MAP_DEL or PEER_DEL.
 * @DVPN_REASON_FLUSHED: a flush.
 * @DVPN_REASON_EXPIRED: its time ended.
 * @DVPN_REASON_DEVICE: the device is going.
 * @DVPN_REASON_NO_ROUTE: no route to the NBMA address.
 * @DVPN_REASON_BAD_ROUTE: the route to the NBMA address is local, broadcast or
 *	multicast, or leads back into the device.
 * @DVPN_REASON_ICMP: the network said that it is unreachable.
 * @DVPN_REASON_NO_SA: no security association.
 * @DVPN_REASON_POLICY: an IPsec policy refuses it.
 */
enum dvpn_reason {
	DVPN_REASON_UNSPEC,
	DVPN_REASON_DELETED,
	DVPN_REASON_FLUSHED,
	DVPN_REASON_EXPIRED,
	DVPN_REASON_DEVICE,
	DVPN_REASON_NO_ROUTE,
	DVPN_REASON_BAD_ROUTE,
	DVPN_REASON_ICMP,
	DVPN_REASON_NO_SA,
	DVPN_REASON_POLICY,

	/* private: */
	__DVPN_REASON_MAX,
};

#define DVPN_REASON_MAX (__DVPN_REASON_MAX - 1)

/**
 * enum dvpn_verdict - where DVPN_CMD_MAP_LOOKUP ends
 * @DVPN_VERDICT_DIRECT: by the host mapping of the next hop.
 * @DVPN_VERDICT_SHORTCUT: by a prefix mapping of the destination.
 * @DVPN_VERDICT_NHS: by the default NHS, nothing better is known.
 * @DVPN_VERDICT_NHS_PROBATION: by the default NHS, the mapping is on probation.
 * @DVPN_VERDICT_NHS_UNREACHABLE: by the default NHS, the mapping is unreachable.
 * @DVPN_VERDICT_MULTICAST: replicated.
 * @DVPN_VERDICT_DROP: dropped, nothing is known.
 */
enum dvpn_verdict {
	DVPN_VERDICT_DIRECT,
	DVPN_VERDICT_SHORTCUT,
	DVPN_VERDICT_NHS,
	DVPN_VERDICT_NHS_PROBATION,
	DVPN_VERDICT_NHS_UNREACHABLE,
	DVPN_VERDICT_MULTICAST,
	DVPN_VERDICT_DROP,
};

/**
 * enum dvpn_stat - counters of a peer (PEER_STATS) or device (DEV_STATS)
 * @DVPN_STAT_UNSPEC: never used.
 * @DVPN_STAT_PAD: alignment, no content.
 * @DVPN_STAT_TX_PACKETS: packets sent, NHRP frames included.
 * @DVPN_STAT_TX_BYTES: their inner bytes.
 * @DVPN_STAT_RX_PACKETS: packets received, NHRP frames included.
 * @DVPN_STAT_RX_BYTES: their inner bytes.
 * @DVPN_STAT_TX_NHS: packets that went by the default NHS.
 * @DVPN_STAT_MCAST_PACKETS: multicast packets offered for replication.
 * @DVPN_STAT_MCAST_COPIES: copies of them.
 * @DVPN_STAT_MISSES: packets without a mapping.
 * @DVPN_STAT_FRAMES_RX: NHRP frames given to the agent.
 * @DVPN_STAT_FRAMES_TX: NHRP frames sent for the agent.
 * @DVPN_STAT_EVENTS: events given to the agent.
 * @DVPN_STAT_EVENTS_LIMITED: events held back by a rate limit.
 * @DVPN_STAT_EVENTS_LOST: events and frames the agent's buffer had no room for.
 * @DVPN_STAT_REDIRECTS: packets that entered and left by the same domain.
 * @DVPN_STAT_KEEPALIVES: empty frames sent because of KEEPALIVE.
 */
enum dvpn_stat {
	DVPN_STAT_UNSPEC,
	DVPN_STAT_PAD,
	DVPN_STAT_TX_PACKETS,
	DVPN_STAT_TX_BYTES,
	DVPN_STAT_RX_PACKETS,
	DVPN_STAT_RX_BYTES,
	DVPN_STAT_TX_NHS,
	DVPN_STAT_MCAST_PACKETS,
	DVPN_STAT_MCAST_COPIES,
	DVPN_STAT_MISSES,
	DVPN_STAT_FRAMES_RX,
	DVPN_STAT_FRAMES_TX,
	DVPN_STAT_EVENTS,
	DVPN_STAT_EVENTS_LIMITED,
	DVPN_STAT_EVENTS_LOST,
	DVPN_STAT_REDIRECTS,
	DVPN_STAT_KEEPALIVES,

	/* private: */
	__DVPN_STAT_MAX,
};

#define DVPN_STAT_MAX (__DVPN_STAT_MAX - 1)

/**
 * enum dvpn_drop - why a packet was dropped (or left to others)
 *
 * One enum for netlink (DVPN_A_DROPS), "ip -s link" and tracepoints.
 *
 * @DVPN_DROP_UNSPEC: never used.
 * @DVPN_DROP_PAD: alignment, no content.
 * @DVPN_DROP_TX_NO_MAP: no mapping, no NHS.
 * @DVPN_DROP_TX_UNREACHABLE: mapping marked unreachable, no NHS.
 * @DVPN_DROP_TX_QUEUE_FULL: waited for resolution, pushed out or timed out.
 * @DVPN_DROP_TX_PROTO: neither IPv4 nor IPv6.
 * @DVPN_DROP_TX_MALFORMED: too short, or header fields do not fit.
 * @DVPN_DROP_TX_NO_ROUTE: no route to the NBMA address.
 * @DVPN_DROP_TX_BAD_ROUTE: the route is local, broadcast or multicast.
 * @DVPN_DROP_TX_LOOP: the route leads back into a tunnel, or nested too deep.
 * @DVPN_DROP_TX_NO_LINK: the underlay interface is absent.
 * @DVPN_DROP_TX_NO_SA: no security association yet.
 * @DVPN_DROP_TX_POLICY: an IPsec policy, or "ipsec require", refuses it.
 * @DVPN_DROP_TX_TOO_BIG: larger than the path MTU; the sender was told.
 * @DVPN_DROP_TX_NOMEM: no memory.
 * @DVPN_DROP_TX_BACK: would go back to the peer it came from.
 * @DVPN_DROP_TX_ICMP_REDIRECT: an ICMP redirect of this host; senseless here.
 * @DVPN_DROP_MCAST_NO_PEER: multicast, and no peer takes it.
 * @DVPN_DROP_MCAST_QUEUE: replication queue full.
 * @DVPN_DROP_RX_UNKNOWN_PEER: from no peer (plain GRE: left to other owners).
 * @DVPN_DROP_RX_MALFORMED: GRE header broken or with unknown bits.
 * @DVPN_DROP_RX_CSUM: GRE checksum wrong, or no UDP checksum over IPv6.
 * @DVPN_DROP_RX_PROTO: inner protocol not carried.
 * @DVPN_DROP_RX_ECN: ECN marking must not be (RFC 6040).
 * @DVPN_DROP_RX_POLICY: an IPsec policy, or "ipsec require", refuses it.
 * @DVPN_DROP_RX_DOWN: the device is down.
 * @DVPN_DROP_RX_NOMEM: no memory.
 * @DVPN_DROP_FRAME_NO_AGENT: NHRP frame, and no agent is bound.
 * @DVPN_DROP_FRAME_OVERRUN: NHRP frame, and the agent's buffer is full.
 */
enum dvpn_drop {
	DVPN_DROP_UNSPEC,
	DVPN_DROP_PAD,
	DVPN_DROP_TX_NO_MAP,
	DVPN_DROP_TX_UNREACHABLE,
	DVPN_DROP_TX_QUEUE_FULL,
	DVPN_DROP_TX_PROTO,
	DVPN_DROP_TX_MALFORMED,
	DVPN_DROP_TX_NO_ROUTE,
	DVPN_DROP_TX_BAD_ROUTE,
	DVPN_DROP_TX_LOOP,
	DVPN_DROP_TX_NO_LINK,
	DVPN_DROP_TX_NO_SA,
	DVPN_DROP_TX_POLICY,
	DVPN_DROP_TX_TOO_BIG,
	DVPN_DROP_TX_NOMEM,
	DVPN_DROP_TX_BACK,
	DVPN_DROP_TX_ICMP_REDIRECT,
	DVPN_DROP_MCAST_NO_PEER,
	DVPN_DROP_MCAST_QUEUE,
	DVPN_DROP_RX_UNKNOWN_PEER,
	DVPN_DROP_RX_MALFORMED,
	DVPN_DROP_RX_CSUM,
	DVPN_DROP_RX_PROTO,
	DVPN_DROP_RX_ECN,
	DVPN_DROP_RX_POLICY,
	DVPN_DROP_RX_DOWN,
	DVPN_DROP_RX_NOMEM,
	DVPN_DROP_FRAME_NO_AGENT,
	DVPN_DROP_FRAME_OVERRUN,

	/* private: */
	__DVPN_DROP_MAX,
};

#define DVPN_DROP_MAX (__DVPN_DROP_MAX - 1)

#endif /* _UAPI_LINUX_DVPN_H */
