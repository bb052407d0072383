// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's tables as the JSON that dvpnd would send
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnctl/kernel.h"
#include "lib/dvpn.h"

/**
 * struct source - one reading of the kernel
 * @handle: connection to the module.
 * @devs: all devices of the namespace.
 * @n_devs: how many.
 * @ifindex: the only one wanted, 0: all.
 */
struct source {
	struct dvpn_handle *handle;
	struct dvpn_dev *devs;
	size_t n_devs;
	unsigned int ifindex;
};

static const char *name_of(const struct source *source, unsigned int ifindex)
{
	size_t i;

	for (i = 0; i < source->n_devs; i++)
		if (source->devs[i].ifindex == ifindex)
			return source->devs[i].ifname;
	return "?";
}

static json_t *address_json(const struct dvpn_addr *addr)
{
	char text[DVPN_ADDR_STRLEN];

	return json_string(dvpn_addr_str(addr, text));
}

static json_t *key_json(const struct dvpn_peer_key *key)
{
	json_t *json = json_pack("{s:s, s:o}",
				 "encap", dvpn_encap_name(key->encap),
				 "nbma", address_json(&key->nbma));

	if (key->encap == DVPN_ENCAP_UDP)
		json_object_set_new(json, "port",
				    json_integer(ntohs(key->port)));
	if (key->mark)
		json_object_set_new(json, "mark", json_integer(key->mark));
	if (key->xfrm_if_id)
		json_object_set_new(json, "if_id",
				    json_integer(key->xfrm_if_id));
	return json;
}

/* Names of the bits as the control protocol writes them: "rx-only". */
static json_t *flags_json(enum dvpn_names which, __u32 flags, __u32 hide)
{
	json_t *list = json_array();
	unsigned int bit;
	char *c;

	for (bit = 0; bit < 32; bit++) {
		char name[32];

		if (!(flags & ~hide & (1u << bit)))
			continue;
		snprintf(name, sizeof(name), "%s", dvpn_name(which, 1u << bit));
		for (c = name; *c; c++)
			if (*c == '_')
				*c = '-';
		json_array_append_new(list, json_string(name));
	}
	return list;
}

static const char *map_type(const struct dvpn_map *map)
{
	unsigned int full = 8 * dvpn_addr_len(&map->proto);

	if (map->flags & DVPN_MAP_F_INCOMPLETE)
		return "incomplete";
	if (!map->owner)
		return "administrator";
	if (map->flags & DVPN_MAP_F_NHS)
		return "hub";
	if (map->flags & DVPN_MAP_F_STATIC)
		return "static";
	if (map->prefixlen < full || (map->flags & DVPN_MAP_F_SHORTCUT))
		return "shortcut";
	/* Registered or resolved: that only dvpnd knows. */
	return "learned";
}

static const char *map_state(const struct dvpn_map *map)
{
	if (map->flags & DVPN_MAP_F_INCOMPLETE)
		return "incomplete";
	if (map->flags & DVPN_MAP_F_UNREACHABLE)
		return "unreachable";
	if (map->flags & DVPN_MAP_F_PROBATION)
		return "probation";
	return "active";
}

static void set_if(json_t *json, bool present, const char *member, __u64 value)
{
	if (present)
		json_object_set_new(json, member, json_integer(value));
}

static json_t *map_json(const struct source *source, const struct dvpn_map *map)
{
	/* Type and state tell these. */
	const __u32 told = DVPN_MAP_F_INCOMPLETE | DVPN_MAP_F_UNREACHABLE |
			   DVPN_MAP_F_PROBATION | DVPN_MAP_F_SHORTCUT;
	json_t *json;

	json = json_pack("{s:s, s:o, s:i, s:s, s:s, s:o}",
			 "tunnel", name_of(source, map->ifindex),
			 "protocol", address_json(&map->proto),
			 "prefix_length", (int)map->prefixlen,
			 "type", map_type(map), "state", map_state(map),
			 "flags", flags_json(DVPN_NAMES_MAP_FLAG, map->flags,
					     told));
	if (map->has & DVPN_MAP_HAS_PEER)
		json_object_set_new(json, "peer", key_json(&map->peer));
	set_if(json, map->flags & DVPN_MAP_F_NHS, "preference",
	       map->preference);
	set_if(json, map->has & DVPN_MAP_HAS_AGE, "age_ms", map->age_ms);
	set_if(json, map->has & DVPN_MAP_HAS_IDLE, "idle_ms", map->idle_ms);
	set_if(json, map->has & DVPN_MAP_HAS_EXPIRES, "expires_ms",
	       map->expires_ms);
	set_if(json, true, "id", map->id);
	set_if(json, true, "owner", map->owner);
	return json;
}

static json_t *peer_json(const struct source *source,
			 const struct dvpn_peer *peer)
{
	json_t *json, *counters = json_object();
	unsigned int stat;

	for (stat = DVPN_STAT_TX_PACKETS; stat <= DVPN_STAT_RX_BYTES; stat++)
		set_if(counters, true, dvpn_stat_name(stat), peer->stats[stat]);
	json = json_pack("{s:s, s:o, s:o, s:o}",
			 "tunnel", name_of(source, peer->ifindex),
			 "peer", key_json(&peer->key),
			 "flags", flags_json(DVPN_NAMES_PEER_FLAG, peer->flags,
					     0),
			 "counters", counters);
	set_if(json, true, "maps", peer->maps);
	set_if(json, peer->has & DVPN_PEER_HAS_AGE, "age_ms", peer->age_ms);
	set_if(json, peer->has & DVPN_PEER_HAS_RX_IDLE, "rx_idle_ms",
	       peer->rx_idle_ms);
	set_if(json, peer->has & DVPN_PEER_HAS_EXPIRES, "expires_ms",
	       peer->expires_ms);
	set_if(json, peer->has & DVPN_PEER_HAS_PMTU, "pmtu", peer->pmtu);
	set_if(json, true, "mtu", peer->mtu);
	set_if(json, true, "mtu_advertised", peer->mtu_advertised);
	set_if(json, peer->has & DVPN_PEER_HAS_MSS, "mss", peer->mss);
	set_if(json, true, "keepalive_ms", 1000 * (__u64)peer->keepalive_s);
	set_if(json, true, "id", peer->id);
	set_if(json, true, "owner", peer->owner);
	return json;
}

static json_t *local_json(const struct dvpn_link *link)
{
	json_t *list = json_array();

	if (link->local4.family)
		json_array_append_new(list, address_json(&link->local4));
	if (link->local6.family)
		json_array_append_new(list, address_json(&link->local6));
	return list;
}

/* Why it is down, NULL if it is not. */
static const char *down_reason(const struct dvpn_link *link)
{
	if (!link->up)
		return "the interface is down";
	if (link->carrier)
		return NULL;
	switch (link->down_reason) {
	case DVPN_DOWN_NO_LINK:
		return "the underlay interface does not exist";
	case DVPN_DOWN_COLLISION:
		return "another device has the same local address and key";
	case DVPN_DOWN_PORT:
		return "another socket has the UDP port";
	default:
		return "the interface has no carrier";
	}
}

static void add_link(json_t *json, const struct dvpn_dev *dev)
{
	struct dvpn_link link;
	const char *reason;

	if (dvpn_link_get(dev->ifname, &link))
		return;
	reason = down_reason(&link);
	json_object_set_new(json, "state", json_string(reason ? "down" : "up"));
	if (reason)
		json_object_set_new(json, "reason", json_string(reason));
	json_object_set_new(json, "local", local_json(&link));
	set_if(json, true, "mtu", link.mtu);
}

static void add_addresses(json_t *json, const struct dvpn_dev *dev)
{
	struct dvpn_ifaddr *addrs;
	json_t *list;
	size_t n, i;

	if (dvpn_link_addrs(dev->ifindex, &addrs, &n) < 0)
		return;
	list = json_array();
	for (i = 0; i < n; i++)
		if (!addrs[i].link_local)
			json_array_append_new(list,
					      address_json(&addrs[i].addr));
	json_object_set_new(json, "addresses", list);
	free(addrs);
}

static json_t *dev_json(const struct source *source,
			const struct dvpn_dev *dev)
{
	struct dvpn_map nhs = {
		.has = DVPN_MAP_HAS_ID,
		.ifindex = dev->ifindex,
		.id = dev->default_nhs,
	};
	json_t *json = json_pack("{s:s, s:b, s:o}", "tunnel", dev->ifname,
				 "agent", dev->agent_classes != 0, "features",
				 flags_json(DVPN_NAMES_FEATURE, dev->features,
					    0));

	set_if(json, true, "ifindex", dev->ifindex);
	set_if(json, true, "maps", dev->maps);
	set_if(json, true, "peers", dev->peers);
	set_if(json, true, "incomplete", dev->incomplete);
	set_if(json, true, "generation", dev->generation);
	if (nhs.id && !dvpn_map_get(source->handle, &nhs))
		json_object_set_new(json, "default_nhs",
				    address_json(&nhs.proto));
	add_link(json, dev);
	add_addresses(json, dev);
	return json;
}

static json_t *counters_json(const struct dvpn_dev *dev)
{
	json_t *stats = json_object(), *drops = json_object();
	unsigned int i;

	for (i = DVPN_STAT_PAD + 1; i <= DVPN_STAT_MAX; i++)
		set_if(stats, true, dvpn_stat_name(i), dev->stats[i]);
	for (i = DVPN_DROP_PAD + 1; i <= DVPN_DROP_MAX; i++)
		set_if(drops, true, dvpn_drop_name(i), dev->drops[i]);
	return json_pack("{s:s, s:o, s:o}", "tunnel", dev->ifname,
			 "device", stats, "drops", drops);
}

static int read_maps(struct source *source, json_t *list)
{
	struct dvpn_map *maps;
	size_t n, i;
	int ret;

	ret = dvpn_dump_maps(source->handle, source->ifindex, &maps, &n);
	if (ret < 0)
		return ret;
	for (i = 0; i < n; i++)
		json_array_append_new(list, map_json(source, &maps[i]));
	free(maps);
	return 0;
}

static int read_peers(struct source *source, json_t *list)
{
	struct dvpn_peer *peers;
	size_t n, i;
	int ret;

	ret = dvpn_dump_peers(source->handle, source->ifindex, &peers, &n);
	if (ret < 0)
		return ret;
	for (i = 0; i < n; i++)
		json_array_append_new(list, peer_json(source, &peers[i]));
	free(peers);
	return 0;
}

static int read_groups(struct source *source, json_t *list)
{
	struct dvpn_group *groups;
	size_t n, i;
	int ret;

	ret = dvpn_dump_groups(source->handle, source->ifindex, &groups, &n);
	if (ret < 0)
		return ret;
	for (i = 0; i < n; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:o, s:o}", "tunnel",
						name_of(source,
							groups[i].ifindex),
						"group",
						address_json(&groups[i].group),
						"peer",
						key_json(&groups[i].peer)));
	free(groups);
	return 0;
}

static int read_status(struct source *source, json_t *list)
{
	size_t i;

	for (i = 0; i < source->n_devs; i++)
		if (!source->ifindex ||
		    source->ifindex == source->devs[i].ifindex)
			json_array_append_new(list, dev_json(source,
							     &source->devs[i]));
	return 0;
}

static int read_counters(struct source *source, json_t *list)
{
	size_t i;

	for (i = 0; i < source->n_devs; i++)
		if (!source->ifindex ||
		    source->ifindex == source->devs[i].ifindex)
			json_array_append_new(list,
					      counters_json(&source->devs[i]));
	return 0;
}

static const struct {
	const char *what;
	const char *member;
	int (*read)(struct source *source, json_t *list);
} readers[] = {
	{ "status", "tunnels", read_status },
	{ "maps", "maps", read_maps },
	{ "peers", "peers", read_peers },
	{ "groups", "groups", read_groups },
	{ "counters", "tunnels", read_counters },
};

static int find_tunnel(struct source *source, const char *tunnel, char *error)
{
	size_t i;

	if (!tunnel)
		return 0;
	for (i = 0; i < source->n_devs; i++) {
		if (!strcmp(tunnel, source->devs[i].ifname)) {
			source->ifindex = source->devs[i].ifindex;
			return 0;
		}
	}
	snprintf(error, KERNEL_ERROR_MAX,
		 "there is no dvpn device \"%.32s\" in this network namespace",
		 tunnel);
	return -ENODEV;
}

static void explain(const struct source *source, int ret, char *error)
{
	const char *text = source->handle ? dvpn_error(source->handle) : "";

	if (ret == -ENOENT && !source->handle)
		snprintf(error, KERNEL_ERROR_MAX,
			 "the kernel module is not loaded; load it with: modprobe dvpn");
	else if (ret == -EPERM || ret == -EACCES)
		snprintf(error, KERNEL_ERROR_MAX,
			 "reading the kernel's table needs CAP_NET_ADMIN; run dvpnctl as root");
	else
		snprintf(error, KERNEL_ERROR_MAX, "the kernel: %.200s",
			 *text ? text : strerror(-ret));
}

json_t *kernel_read(const char *what, const char *tunnel, char *error)
{
	struct source source = {};
	json_t *list = NULL;
	size_t i = 0;
	int ret;

	while (strcmp(readers[i].what, what))
		i++;
	*error = '\0';
	ret = dvpn_open(&source.handle);
	if (ret < 0)
		goto out;
	ret = dvpn_dump_devs(source.handle, &source.devs, &source.n_devs);
	if (ret < 0)
		goto out;
	ret = find_tunnel(&source, tunnel, error);
	if (ret < 0)
		goto out;
	list = json_array();
	ret = readers[i].read(&source, list);
out:
	if (ret < 0) {
		if (!*error)
			explain(&source, ret, error);
		json_decref(list);
		list = NULL;
	}
	free(source.devs);
	if (source.handle)
		dvpn_close(source.handle);
	return list ? json_pack("{s:o}", readers[i].member, list) : NULL;
}
