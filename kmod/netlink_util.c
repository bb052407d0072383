// SPDX-License-Identifier: GPL-2.0
/* What the commands of the netlink family have in common. */

#include "netlink_ops.h"

/* ----- device ----- */

/**
 * dvpn_nl_dev_get() - the device that a request names
 * @info: the request
 *
 * It may be going: dvpn_table_lock() tells.
 *
 * Context: process.
 * Return: the device, with a reference, or ERR_PTR: -EINVAL, -ENODEV,
 *	-EOPNOTSUPP.
 */
struct dvpn_dev *dvpn_nl_dev_get(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DVPN_A_IFINDEX];
	struct net_device *dev;

	if (!attr)
		return ERR_PTR(dvpn_nl_missing(info->extack, DVPN_A_IFINDEX,
					       "IFINDEX is missing: which device?"));
	dev = dev_get_by_index(genl_info_net(info), nla_get_u32(attr));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no device with this index");
		return ERR_PTR(-ENODEV);
	}
	if (!dvpn_is_dev(dev)) {
		dev_put(dev);
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a dvpn device");
		return ERR_PTR(-EOPNOTSUPP);
	}

	return netdev_priv(dev);
}

/**
 * dvpn_nl_dev_put() - give its reference back
 * @dd: device
 *
 * Context: process.
 */
void dvpn_nl_dev_put(struct dvpn_dev *dd)
{
	dev_put(dd->dev);
}

/**
 * dvpn_nl_lock() - the device that a request names, its table locked
 * @info: the request
 *
 * Context: process.
 * Return: as dvpn_nl_dev_get().
 */
struct dvpn_dev *dvpn_nl_lock(struct genl_info *info)
{
	struct dvpn_dev *dd = dvpn_nl_dev_get(info);
	int err;

	if (IS_ERR(dd))
		return dd;
	err = dvpn_table_lock(dd);
	if (err) {
		dvpn_nl_dev_put(dd);
		NL_SET_ERR_MSG(info->extack, "the device is going");
		return ERR_PTR(err);
	}

	return dd;
}

/**
 * dvpn_nl_unlock() - give table and device back
 * @dd: device
 *
 * Context: dvpn_table_lock() is held.
 */
void dvpn_nl_unlock(struct dvpn_dev *dd)
{
	dvpn_table_unlock(dd);
	dvpn_nl_dev_put(dd);
}

/* ----- answers ----- */

/**
 * dvpn_nl_reply_new() - begin an answer
 * @info: the request
 * @size: bytes of its attributes
 * @hdr: for dvpn_nl_reply()
 *
 * Context: process.
 * Return: the message or NULL.
 */
struct sk_buff *dvpn_nl_reply_new(struct genl_info *info, size_t size,
				  void **hdr)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &dvpn_genl_family, 0,
				 info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}

	return skb;
}

/**
 * dvpn_nl_reply() - send an answer
 * @info: the request
 * @skb: the message, consumed
 * @hdr: of dvpn_nl_reply_new()
 * @err: 0, or why the attributes could not be written
 *
 * Context: process.
 * Return: @err, or why it cannot be sent.
 */
int dvpn_nl_reply(struct genl_info *info, struct sk_buff *skb, void *hdr,
		  int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);

	return genlmsg_reply(skb, info);
}

/* ----- attributes ----- */

/**
 * dvpn_nl_get_addr() - read one of a pair of attributes
 * @info: the request
 * @attr4: attribute for IPv4
 * @attr6: attribute for IPv6
 * @addr: filled in; AF_UNSPEC: none is given
 *
 * Context: process.
 * Return: 0, or -EINVAL: both are given.
 */
int dvpn_nl_get_addr(struct genl_info *info, int attr4, int attr6,
		     struct dvpn_addr *addr)
{
	const struct nlattr *v4 = info->attrs[attr4];
	const struct nlattr *v6 = info->attrs[attr6];

	memset(addr, 0, sizeof(*addr));
	if (v4 && v6)
		return dvpn_nl_refuse(info->extack, v6, -EINVAL,
				      "an IPv4 and an IPv6 address where one belongs");
	if (v4) {
		addr->family = AF_INET;
		addr->ip.v4 = nla_get_in_addr(v4);
	} else if (v6) {
		addr->family = AF_INET6;
		addr->ip.v6 = nla_get_in6_addr(v6);
	}

	return 0;
}

/**
 * dvpn_nl_has_key() - does a request name a peer by key?
 * @info: the request
 *
 * Context: process.
 * Return: whether it has an NBMA address.
 */
bool dvpn_nl_has_key(const struct genl_info *info)
{
	return info->attrs[DVPN_A_NBMA4] || info->attrs[DVPN_A_NBMA6];
}

/**
 * dvpn_nl_has_key_rest() - does a request have other parts of a peer's key?
 * @info: the request
 *
 * Context: process.
 * Return: whether it has anything of a key but the NBMA address.
 */
bool dvpn_nl_has_key_rest(const struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	return attrs[DVPN_A_ENCAP] || attrs[DVPN_A_PORT] ||
	       attrs[DVPN_A_MARK] || attrs[DVPN_A_XFRM_IF_ID];
}

/* Refuse what this module does not know yet. */
static int key_supported(struct genl_info *info,
			 const struct dvpn_peer_key *key)
{
	struct nlattr **attrs = info->attrs;
	struct netlink_ext_ack *extack = info->extack;

	if (key->loc.family == AF_INET6 &&
	    !(dvpn_features & DVPN_FEATURE_UNDERLAY6))
		return dvpn_nl_refuse(extack, attrs[DVPN_A_NBMA6], -EOPNOTSUPP,
				      "this kernel runs without IPv6");

	return 0;
}

/**
 * dvpn_nl_get_key() - read a peer's key
 * @info: the request
 * @key: filled in
 *
 * Context: process.
 * Return: 0; -EINVAL; -EOPNOTSUPP this module cannot do that.
 */
int dvpn_nl_get_key(struct genl_info *info, struct dvpn_peer_key *key)
{
	struct nlattr **attrs = info->attrs;
	struct dvpn_addr nbma;
	__be16 port = 0;
	int err;

	err = dvpn_nl_get_addr(info, DVPN_A_NBMA4, DVPN_A_NBMA6, &nbma);
	if (err)
		return err;
	if (nbma.family == AF_UNSPEC)
		return dvpn_nl_missing(info->extack, DVPN_A_NBMA4,
				       "the peer's NBMA address is missing");

	memset(key, 0, sizeof(*key));
	key->loc.nbma = nbma.ip;
	key->loc.family = nbma.family;
	if (attrs[DVPN_A_ENCAP])
		key->loc.encap = nla_get_u8(attrs[DVPN_A_ENCAP]);
	if (attrs[DVPN_A_MARK])
		key->mark = nla_get_u32(attrs[DVPN_A_MARK]);
	if (attrs[DVPN_A_XFRM_IF_ID])
		key->if_id = nla_get_u32(attrs[DVPN_A_XFRM_IF_ID]);
	if (attrs[DVPN_A_PORT])
		port = nla_get_be16(attrs[DVPN_A_PORT]);

	err = key_supported(info, key);
	if (err)
		return err;
	if (key->loc.encap == DVPN_ENCAP_UDP)
		key->loc.port = port ?: htons(DVPN_UDP_PORT_DEFAULT);
	else if (port)
		return dvpn_nl_refuse(info->extack, attrs[DVPN_A_PORT], -EINVAL,
				      "a port belongs to encapsulation UDP only");

	return 0;
}

/**
 * dvpn_nl_blame_key() - was it the peer's address that a request failed for?
 * @info: the request
 * @dd: device
 * @key: its peer key
 *
 * Points the answer to the attribute. What refuses a key does not know where
 * it came from.
 *
 * Context: process.
 */
void dvpn_nl_blame_key(struct genl_info *info, struct dvpn_dev *dd,
		       const struct dvpn_peer_key *key)
{
	if (dvpn_peer_key_check(dd, key, NULL))
		NL_SET_BAD_ATTR(info->extack, info->attrs[DVPN_A_NBMA4] ?:
					      info->attrs[DVPN_A_NBMA6]);
}

/**
 * dvpn_nl_get_expires_ns() - read a time to live
 * @attr: of type DVPN_A_EXPIRES_MS
 *
 * Context: process.
 * Return: when it ends by CLOCK_BOOTTIME, 0 never.
 */
u64 dvpn_nl_get_expires_ns(const struct nlattr *attr)
{
	u64 ms = nla_get_u64(attr);

	return ms ? ktime_get_coarse_boottime_ns() + ms * NSEC_PER_MSEC : 0;
}

/**
 * dvpn_nl_match() - do the conditions of a request hold?
 * @info: the request
 * @owner: owner of the entry
 * @id: its id
 *
 * Context: process.
 * Return: 0, or -ESTALE.
 */
int dvpn_nl_match(struct genl_info *info, u32 owner, u32 id)
{
	const struct nlattr *match_owner = info->attrs[DVPN_A_MATCH_OWNER];
	const struct nlattr *match_id = info->attrs[DVPN_A_MATCH_ID];

	if (match_owner && nla_get_u32(match_owner) != owner)
		return dvpn_nl_refuse(info->extack, match_owner, -ESTALE,
				      "the entry has another owner");
	if (match_id && nla_get_u32(match_id) != id)
		return dvpn_nl_refuse(info->extack, match_id, -ESTALE,
				      "the entry has another id");

	return 0;
}

/**
 * dvpn_nl_flush_owner() - does a flush mean the entries of an owner?
 * @info: the request
 * @owner: the owner
 *
 * Context: process.
 * Return: whether it does.
 */
bool dvpn_nl_flush_owner(const struct genl_info *info, u32 owner)
{
	const struct nlattr *match = info->attrs[DVPN_A_MATCH_OWNER];
	const struct nlattr *spare = info->attrs[DVPN_A_NOT_OWNER];

	if (match && nla_get_u32(match) != owner)
		return false;

	return !spare || (owner && nla_get_u32(spare) != owner);
}
