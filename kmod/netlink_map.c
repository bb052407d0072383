// SPDX-License-Identifier: GPL-2.0
/* Commands on mappings. */

#include <linux/in6.h>
#include <net/ipv6.h>

#include "miss.h"
#include "netlink_ops.h"

/* ----- requests ----- */

/* PROTO4|6 and PREFIXLEN. */
static int get_map_key(struct genl_info *info, struct dvpn_map_key *key)
{
	const struct nlattr *len = info->attrs[DVPN_A_PREFIXLEN];
	struct dvpn_addr proto;
	u8 bits;
	int err;

	err = dvpn_nl_get_addr(info, DVPN_A_PROTO4, DVPN_A_PROTO6, &proto);
	if (err)
		return err;
	if (proto.family == AF_UNSPEC)
		return dvpn_nl_missing(info->extack, DVPN_A_PROTO4,
				       "the mapping's protocol address is missing");

	bits = dvpn_family_bits(proto.family);
	if (len) {
		if (nla_get_u8(len) > bits)
			return dvpn_nl_refuse(info->extack, len, -EINVAL,
					      "prefix length is longer than the address");
		bits = nla_get_u8(len);
	}
	dvpn_map_key_init(key, proto.family, &proto.ip, bits);
	if (!dvpn_ip_equal(&key->addr, &proto.ip))
		return dvpn_nl_refuse(info->extack,
				      info->attrs[DVPN_A_PROTO4] ?:
				      info->attrs[DVPN_A_PROTO6], -EINVAL,
				      "host bits of the prefix are not zero");

	return 0;
}

static int get_map_attrs(struct genl_info *info, struct dvpn_map_attrs *out)
{
	struct nlattr **attrs = info->attrs;
	struct nla_bitfield32 flags;

	memset(out, 0, sizeof(*out));
	if (attrs[DVPN_A_MAP_FLAGS]) {
		flags = nla_get_bitfield32(attrs[DVPN_A_MAP_FLAGS]);
		out->flags = flags.value;
		out->flags_mask = flags.selector;
	}
	if (attrs[DVPN_A_PREFERENCE]) {
		out->has_preference = true;
		out->preference = nla_get_u8(attrs[DVPN_A_PREFERENCE]);
	}
	if (attrs[DVPN_A_EXPIRES_MS]) {
		out->has_expires = true;
		out->expires_ns =
			dvpn_nl_get_expires_ns(attrs[DVPN_A_EXPIRES_MS]);
	}
	if (attrs[DVPN_A_OWNER]) {
		out->has_owner = true;
		out->owner = nla_get_u32(attrs[DVPN_A_OWNER]);
	}
	if (attrs[DVPN_A_COOKIE]) {
		out->has_cookie = true;
		out->cookie = nla_data(attrs[DVPN_A_COOKIE]);
		out->cookie_len = nla_len(attrs[DVPN_A_COOKIE]);
	}
	if (dvpn_nl_has_key(info)) {
		out->has_peer = true;
		return dvpn_nl_get_key(info, &out->peer);
	}
	if (dvpn_nl_has_key_rest(info))
		return dvpn_nl_missing(info->extack, DVPN_A_NBMA4,
				       "the peer's NBMA address is missing");

	return 0;
}

/* The mapping that the request names, by id or by address. */
static struct dvpn_map *find_map(struct dvpn_dev *dd, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[DVPN_A_MAP_ID];
	struct dvpn_map_key key;
	struct dvpn_map *map;
	int err;

	if (id) {
		if (info->attrs[DVPN_A_PROTO4] || info->attrs[DVPN_A_PROTO6] ||
		    info->attrs[DVPN_A_PREFIXLEN]) {
			err = dvpn_nl_refuse(info->extack, id, -EINVAL,
					     "name the mapping by id or by address, not by both");
			return ERR_PTR(err);
		}
		map = xa_load(&dd->map_ids, nla_get_u32(id));
	} else {
		err = get_map_key(info, &key);
		if (err)
			return ERR_PTR(err);
		map = dvpn_map_find(dd, &key);
	}
	if (!map) {
		NL_SET_ERR_MSG(info->extack, "no such mapping");
		return ERR_PTR(-ENOENT);
	}

	return map;
}

/* A mapping came or changed: what waited for one like it may go now. */
static void wake_waiting(struct dvpn_dev *dd, const struct dvpn_map_key *key)
{
	const struct dvpn_map *map = dvpn_map_find(dd, key);
	struct dvpn_addr addr = { .ip = key->addr, .family = key->family };

	if (!map || (map->flags & DVPN_MAP_F_PROBATION))
		return;
	if (key->prefixlen == dvpn_family_bits(key->family))
		dvpn_miss_resolved(dd, &addr);
	if (key->prefixlen < dvpn_family_bits(key->family) ||
	    (map->flags & (DVPN_MAP_F_NHS | DVPN_MAP_F_SHORTCUT)))
		dvpn_miss_retry(dd);
}

int dvpn_nl_map_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_map_attrs attrs;
	struct dvpn_map_key key;
	struct dvpn_map *map;
	struct dvpn_dev *dd;
	int err;

	err = get_map_key(info, &key) ?: get_map_attrs(info, &attrs);
	if (err)
		return err;
	if (!attrs.has_peer)
		return dvpn_nl_missing(info->extack, DVPN_A_NBMA4,
				       "the peer's NBMA address is missing");

	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	map = dvpn_map_find(dd, &key);
	if (!map) {
		/* Nothing there has the owner or the id that is asked for. */
		if (info->attrs[DVPN_A_MATCH_OWNER] ||
		    info->attrs[DVPN_A_MATCH_ID])
			err = dvpn_nl_refuse(info->extack, NULL, -ESTALE,
					     "the entry to be replaced is gone");
		else
			err = dvpn_map_add(dd, &key, &attrs, info->extack);
	} else if (!(info->nlhdr->nlmsg_flags & NLM_F_REPLACE)) {
		err = dvpn_nl_refuse(info->extack, NULL, -EEXIST,
				     "a mapping of this address or prefix exists");
	} else {
		err = dvpn_nl_match(info, map->owner, map->id) ?:
		      dvpn_map_replace(dd, map, &attrs, info->extack);
	}
	if (!err)
		wake_waiting(dd, &key);
	else
		dvpn_nl_blame_key(info, dd, &attrs.peer);
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_map_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_map_attrs attrs;
	struct dvpn_map_key key;
	struct dvpn_map *map;
	struct dvpn_dev *dd;
	int err;

	err = get_map_attrs(info, &attrs);
	if (err)
		return err;

	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	map = find_map(dd, info);
	if (IS_ERR(map)) {
		err = PTR_ERR(map);
		goto out;
	}
	key = map->key;
	err = dvpn_nl_match(info, map->owner, map->id) ?:
	      dvpn_map_change(dd, map, &attrs, info->extack);
	if (!err)
		wake_waiting(dd, &key);
	else if (attrs.has_peer)
		dvpn_nl_blame_key(info, dd, &attrs.peer);
out:
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_map_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_dev *dd = dvpn_nl_lock(info);
	struct dvpn_map *map;
	int err;

	if (IS_ERR(dd))
		return PTR_ERR(dd);
	map = find_map(dd, info);
	if (IS_ERR(map)) {
		err = PTR_ERR(map);
	} else {
		err = dvpn_nl_match(info, map->owner, map->id);
		if (!err)
			dvpn_map_remove(dd, map, DVPN_REASON_DELETED);
	}
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_map_get(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_dev *dd = dvpn_nl_lock(info);
	struct sk_buff *reply;
	struct dvpn_map *map;
	void *hdr;
	int err;

	if (IS_ERR(dd))
		return PTR_ERR(dd);
	map = find_map(dd, info);
	if (IS_ERR(map)) {
		err = PTR_ERR(map);
		goto out;
	}
	err = -ENOMEM;
	reply = dvpn_nl_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		goto out;
	err = nla_put_u32(reply, DVPN_A_IFINDEX, dd->dev->ifindex) ?:
	      dvpn_put_map(reply, map);
	err = dvpn_nl_reply(info, reply, hdr, err);
out:
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_map_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct nla_bitfield32 flags = {};
	struct sk_buff *reply;
	unsigned long id = 0;
	struct dvpn_map *map;
	struct dvpn_dev *dd;
	u32 walked = 0, n = 0;
	void *hdr;
	int err;

	if (info->attrs[DVPN_A_MAP_FLAGS])
		flags = nla_get_bitfield32(info->attrs[DVPN_A_MAP_FLAGS]);
	reply = dvpn_nl_reply_new(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return -ENOMEM;
	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd)) {
		nlmsg_free(reply);
		return PTR_ERR(dd);
	}

	xa_for_each(&dd->map_ids, id, map) {
		if (!(++walked % DVPN_SLICE))
			cond_resched();
		if ((map->flags & flags.selector) != flags.value ||
		    !dvpn_nl_flush_owner(info, map->owner))
			continue;
		dvpn_map_remove(dd, map, DVPN_REASON_FLUSHED);
		n++;
	}
	dvpn_nl_unlock(dd);

	err = nla_put_u32(reply, DVPN_A_MAP_COUNT, n);
	return dvpn_nl_reply(info, reply, hdr, err);
}

/* ----- lookup ----- */

static bool is_multicast(const struct dvpn_addr *addr)
{
	if (addr->family == AF_INET)
		return ipv4_is_multicast(addr->ip.v4) ||
		       ipv4_is_lbcast(addr->ip.v4);

	return ipv6_addr_is_multicast(&addr->ip.v6);
}

/* Under RCU: what the data path would do, and why. */
static enum dvpn_verdict lookup(struct dvpn_dev *dd,
				const struct dvpn_addr *dst,
				const struct dvpn_addr *nexthop,
				struct dvpn_map **mapp)
{
	const struct dvpn_map *host;

	*mapp = NULL;
	if (is_multicast(dst))
		return DVPN_VERDICT_MULTICAST;

	switch (dvpn_map_select(dd, dst->family, &dst->ip, nexthop, mapp)) {
	case DVPN_ROUTE_MAP:
		host = dvpn_map_find_host(dd, nexthop->family, &nexthop->ip);
		return *mapp == host ? DVPN_VERDICT_DIRECT :
				       DVPN_VERDICT_SHORTCUT;
	case DVPN_ROUTE_NHS:
		host = dvpn_map_find_host(dd, nexthop->family, &nexthop->ip);
		return host && (host->flags & DVPN_MAP_F_UNREACHABLE) ?
		       DVPN_VERDICT_NHS_UNREACHABLE :
		       DVPN_VERDICT_NHS_PROBATION;
	case DVPN_ROUTE_MISS:
		return *mapp ? DVPN_VERDICT_NHS : DVPN_VERDICT_DROP;
	case DVPN_ROUTE_UNREACHABLE:
		break;
	}

	return DVPN_VERDICT_DROP;
}

int dvpn_nl_map_lookup(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_addr dst, nexthop;
	enum dvpn_verdict verdict;
	struct sk_buff *reply;
	struct dvpn_map *map;
	struct dvpn_dev *dd;
	void *hdr;
	int err;

	err = dvpn_nl_get_addr(info, DVPN_A_DST4, DVPN_A_DST6, &dst) ?:
	      dvpn_nl_get_addr(info, DVPN_A_PROTO4, DVPN_A_PROTO6, &nexthop);
	if (err)
		return err;
	if (dst.family == AF_UNSPEC)
		return dvpn_nl_missing(info->extack, DVPN_A_DST4,
				       "the destination is missing");
	if (nexthop.family == AF_UNSPEC)
		nexthop = dst;

	reply = dvpn_nl_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;
	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd)) {
		nlmsg_free(reply);
		return PTR_ERR(dd);
	}
	rcu_read_lock();
	verdict = lookup(dd, &dst, &nexthop, &map);
	err = nla_put_u32(reply, DVPN_A_IFINDEX, dd->dev->ifindex) ?:
	      nla_put_u8(reply, DVPN_A_VERDICT, verdict);
	if (!err && map)
		err = dvpn_put_map(reply, map);
	rcu_read_unlock();
	dvpn_nl_unlock(dd);

	return dvpn_nl_reply(info, reply, hdr, err);
}

/* ----- dump: mappings by id, then what is being asked for ----- */

/**
 * struct dump_miss - arguments of put_miss()
 * @skb: the dump
 * @cb: its state
 * @dd: the device
 */
struct dump_miss {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct dvpn_dev *dd;
};

static int put_miss(const struct dvpn_addr *nexthop, u64 age_ms, void *ptr)
{
	struct dump_miss *arg = ptr;
	void *hdr;

	hdr = dvpn_nl_dump_entry(arg->skb, arg->cb, arg->dd, DVPN_CMD_MAP_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (dvpn_put_addr(arg->skb, DVPN_A_PROTO4, DVPN_A_PROTO6,
			  nexthop->family, &nexthop->ip) ||
	    nla_put_u8(arg->skb, DVPN_A_PREFIXLEN,
		       dvpn_family_bits(nexthop->family)) ||
	    nla_put_bitfield32(arg->skb, DVPN_A_MAP_FLAGS,
			       DVPN_MAP_F_INCOMPLETE, DVPN_MAP_F_ALL) ||
	    nla_put_u64_64bit(arg->skb, DVPN_A_AGE_MS, age_ms, DVPN_A_PAD)) {
		genlmsg_cancel(arg->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(arg->skb, hdr);

	return 0;
}

static int fill_maps(struct sk_buff *skb, struct netlink_callback *cb,
		     struct dvpn_dev *dd)
{
	struct dump_miss arg = { .skb = skb, .cb = cb, .dd = dd };
	struct dvpn_dump *dump = dvpn_dump(cb);
	unsigned long id = dump->cursor;
	struct dvpn_map *map;
	void *hdr;

	if (dump->stage == 0) {
		while ((map = xa_find_after(&dd->map_ids, &id, ULONG_MAX,
					    XA_PRESENT))) {
			hdr = dvpn_nl_dump_entry(skb, cb, dd, DVPN_CMD_MAP_GET);
			if (!hdr)
				return -EMSGSIZE;
			if (dvpn_put_map(skb, map)) {
				genlmsg_cancel(skb, hdr);
				return -EMSGSIZE;
			}
			genlmsg_end(skb, hdr);
			dump->cursor = id;
		}
		dump->stage = 1;
		dump->cursor = 0;
	}

	return dvpn_miss_walk(dd, &dump->cursor, put_miss, &arg);
}

int dvpn_nl_map_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dvpn_nl_dump(skb, cb, fill_maps);
}
