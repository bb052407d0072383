/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: the device as rtnetlink shows it; changed by "ip link ... type dvpn" */
#ifndef DVPN_LIB_LINK_H
#define DVPN_LIB_LINK_H

#include "lib/objects.h"

/**
 * struct dvpn_link - a network device, with its dvpn settings if it is one
 * @ifindex: interface index
 * @ifname: name
 * @is_dvpn: it is of kind dvpn; else what follows @master is 0
 * @is_vrf: it is a VRF
 * @up: administratively up
 * @carrier: has carrier
 * @told_ready: user space says whether it is ready for use (link mode dormant)
 * @dormant: it has carrier, but is not ready for use (RFC 2863)
 * @mtu: device MTU, bytes
 * @master: ifindex of the VRF it is in, 0: none
 * @flags: &enum dvpn_link_flags
 * @local4: our IPv4 NBMA address, AF_UNSPEC: any
 * @local6: our IPv6 NBMA address, AF_UNSPEC: any
 * @link_name: underlay interface, empty: none (see flag LINK)
 * @link_ifindex: behind that name, 0 while absent
 * @key: GRE key, host byte order; means something with flag KEY only
 * @port: local UDP port, network byte order, 0: no UDP
 * @ttl: outer TTL, 0 inherits
 * @tos: outer TOS, 1 inherits
 * @df: &enum dvpn_df
 * @domain: redirect domain, 0: this device alone
 * @fwmark: default mark of outer packets
 * @xfrm_if_id: default xfrm interface id
 * @max_maps: most mappings
 * @max_peers: most peers
 * @queue: packets held per unresolved next hop
 * @agent_grace_s: seconds that expiry waits for an agent
 * @rx_source: &enum dvpn_rx_source
 * @down_reason: &enum dvpn_down_reason
 * @mss: TCP MSS clamp for peers without one of their own: as there
 */
struct dvpn_link {
	unsigned int ifindex;
	char ifname[IF_NAMESIZE];
	bool is_dvpn;
	bool is_vrf;
	bool up;
	bool carrier;
	bool told_ready;
	bool dormant;
	u32 mtu;
	u32 master;
	u32 flags;
	struct dvpn_addr local4;
	struct dvpn_addr local6;
	char link_name[IF_NAMESIZE];
	unsigned int link_ifindex;
	u32 key;
	u16 port;
	u8 ttl;
	u8 tos;
	u8 df;
	u32 domain;
	u32 fwmark;
	u32 xfrm_if_id;
	u32 max_maps;
	u32 max_peers;
	u32 queue;
	u32 agent_grace_s;
	u8 rx_source;
	u8 down_reason;
	u32 mss;
};

/**
 * dvpn_link_get - one device by name, of any kind
 * @ifname: its name
 * @link: filled in
 *
 * Needs no privilege and no module.
 *
 * Return: 0, -ENODEV, or another negative errno.
 */
int dvpn_link_get(const char *ifname, struct dvpn_link *link);

/**
 * dvpn_link_set_ready - say whether a device is ready for use (RFC 2863)
 * @ifindex: the device
 * @told: from now on user space says so; false: it is when it has carrier
 * @ready: it is; false: it is dormant, which to the kernel makes no difference, but
 *	is not running to those who watch it
 *
 * Needs CAP_NET_ADMIN.
 *
 * Return: 0, -ENODEV, -EPERM, or another negative errno.
 */
int dvpn_link_set_ready(unsigned int ifindex, bool told, bool ready);

/**
 * dvpn_link_list - all devices of kind dvpn
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: as the dumps of a handle.
 */
int dvpn_link_list(struct dvpn_link **out, size_t *n);

/**
 * struct dvpn_ifaddr - an address of a device
 * @addr: the address
 * @prefixlen: of its network
 * @link_local: scope link
 */
struct dvpn_ifaddr {
	struct dvpn_addr addr;
	u8 prefixlen;
	bool link_local;
};

/**
 * dvpn_link_addrs - the addresses of a device, of both families
 * @ifindex: any device
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: as the dumps of a handle.
 */
int dvpn_link_addrs(unsigned int ifindex, struct dvpn_ifaddr **out, size_t *n);

/**
 * struct dvpn_linkmon_ops - changes of devices and their addresses
 * @link: a device is new or changed (any kind; see is_dvpn)
 * @gone: a device is gone
 * @addr: the addresses of a device changed; ask dvpn_link_addrs()
 */
struct dvpn_linkmon_ops {
	void (*link)(const struct dvpn_link *link, void *ctx);
	void (*gone)(unsigned int ifindex, const char *ifname, void *ctx);
	void (*addr)(unsigned int ifindex, void *ctx);
};

struct dvpn_linkmon;

/**
 * dvpn_linkmon_open - observe the devices of the namespace
 * @m: where to put the monitor; NULL on failure
 * @ops: whom to call; must outlive the socket
 * @ctx: handed to the callbacks
 *
 * Return: 0 or a negative errno.
 */
int dvpn_linkmon_open(struct dvpn_linkmon **m, const struct dvpn_linkmon_ops *ops, void *ctx);

/**
 * dvpn_linkmon_close - stop observing
 * @m: monitor, or NULL
 */
void dvpn_linkmon_close(struct dvpn_linkmon *m);

/**
 * dvpn_linkmon_fd - the descriptor to watch for reading
 * @m: monitor
 */
int dvpn_linkmon_fd(const struct dvpn_linkmon *m);

/**
 * dvpn_linkmon_read - take what changed
 * @m: monitor
 * @max: most messages to take
 *
 * Return: as dvpn_agent_read(); after -ENOBUFS list again.
 */
int dvpn_linkmon_read(struct dvpn_linkmon *m, unsigned int max);

#endif /* DVPN_LIB_LINK_H */
