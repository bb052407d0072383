/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the netlink family share. */
#ifndef DVPN_NETLINK_OPS_H
#define DVPN_NETLINK_OPS_H

#include "netlink.h"
#include "table.h"

/* Refuse a request: @text must be a literal, @attr the culprit or NULL. */
static inline int dvpn_nl_refuse(struct netlink_ext_ack *extack,
				 const struct nlattr *attr, int err,
				 const char *text)
{
	NL_SET_BAD_ATTR(extack, attr);
	if (extack)
		extack->_msg = text;

	return err;
}

/* Refuse a request without attribute @type, or for an address without it and
 * its twin of IPv6.
 */
static inline int dvpn_nl_missing(struct netlink_ext_ack *extack, int type,
				  const char *text)
{
	NL_SET_ERR_ATTR_MISS(extack, NULL, type);

	return dvpn_nl_refuse(extack, NULL, -EINVAL, text);
}

/* The device that DVPN_A_IFINDEX names, with a reference, or ERR_PTR. It may be
 * going: dvpn_table_lock() tells.
 */
struct dvpn_dev *dvpn_nl_dev_get(struct genl_info *info);
void dvpn_nl_dev_put(struct dvpn_dev *dd);
/* The same, and its table locked. */
struct dvpn_dev *dvpn_nl_lock(struct genl_info *info);
void dvpn_nl_unlock(struct dvpn_dev *dd);

/* A new message in answer to a request, or NULL. */
struct sk_buff *dvpn_nl_reply_new(struct genl_info *info, size_t size,
				  void **hdr);
/* Sends it if @err is 0, which says whether it could be written. */
int dvpn_nl_reply(struct genl_info *info, struct sk_buff *skb, void *hdr,
		  int err);

/* One of a pair of attributes: 0, -EINVAL both given. AF_UNSPEC: none given. */
int dvpn_nl_get_addr(struct genl_info *info, int attr4, int attr6,
		     struct dvpn_addr *addr);
bool dvpn_nl_has_key(const struct genl_info *info);
bool dvpn_nl_has_key_rest(const struct genl_info *info);
/* The peer's key in a request, checked for what this module can do. */
int dvpn_nl_get_key(struct genl_info *info, struct dvpn_peer_key *key);
/* A request failed: point to the key if that cannot be. */
void dvpn_nl_blame_key(struct genl_info *info, struct dvpn_dev *dd,
		       const struct dvpn_peer_key *key);
u64 dvpn_nl_get_expires_ns(const struct nlattr *attr);
/* MATCH_OWNER and MATCH_ID against an entry; -ESTALE. */
int dvpn_nl_match(struct genl_info *info, u32 owner, u32 id);
/* Is an entry of this owner one of those that a flush means? */
bool dvpn_nl_flush_owner(const struct genl_info *info, u32 owner);

/**
 * struct dvpn_dump - state of a dump, in netlink_callback.ctx
 * @ifindex: device that is being dumped, or the last one done
 * @one: that device only
 * @begun: something of the device may have been sent
 * @stage: what of the device
 * @cursor: last id that was sent
 * @subcursor: within that, of a peer in a group
 * @generation: of the device when its lock was last held. With every change of
 *	it netlink_callback.seq grows, which makes NLM_F_DUMP_INTR.
 */
struct dvpn_dump {
	u32 ifindex;
	bool one;
	bool begun;
	u8 stage;
	u32 cursor;
	u32 subcursor;
	u32 generation;
};

static inline struct dvpn_dump *dvpn_dump(struct netlink_callback *cb)
{
	return (struct dvpn_dump *)cb->ctx;
}

int dvpn_nl_dump_start(struct netlink_callback *cb);
/* Calls @fill with each device's table locked, which writes messages until
 * there is no room: not 0, or the device is done: 0.
 */
int dvpn_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 int (*fill)(struct sk_buff *skb, struct netlink_callback *cb,
			     struct dvpn_dev *dd));
/* Begin one entry's message, with IFINDEX; NULL: no room. */
void *dvpn_nl_dump_entry(struct sk_buff *skb, struct netlink_callback *cb,
			 struct dvpn_dev *dd, u8 cmd);

int dvpn_nl_map_new(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_map_set(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_map_del(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_map_get(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_map_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dvpn_nl_map_flush(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_map_lookup(struct sk_buff *skb, struct genl_info *info);

int dvpn_nl_peer_new(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_peer_set(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_peer_del(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_peer_get(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_peer_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dvpn_nl_peer_flush(struct sk_buff *skb, struct genl_info *info);

int dvpn_nl_group_new(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_group_del(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_group_dump(struct sk_buff *skb, struct netlink_callback *cb);

int dvpn_nl_dev(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dvpn_nl_agent_bind(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_agent_unbind(struct sk_buff *skb, struct genl_info *info);
int dvpn_nl_frame(struct sk_buff *skb, struct genl_info *info);

#endif /* DVPN_NETLINK_OPS_H */
