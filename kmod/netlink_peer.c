// SPDX-License-Identifier: GPL-2.0
/* Commands on peers. */

#include "mss.h"
#include "netlink_ops.h"

#define MTU_MIN		68

static int get_mtu(struct genl_info *info, int attr, bool *has, u32 *mtu)
{
	const struct nlattr *nla = info->attrs[attr];

	if (!nla)
		return 0;
	*has = true;
	*mtu = nla_get_u32(nla);
	if (*mtu && *mtu < MTU_MIN)
		return dvpn_nl_refuse(info->extack, nla, -ERANGE,
				      "MTU must be 0 (none) or at least 68");

	return 0;
}

static int get_peer_attrs(struct genl_info *info, struct dvpn_peer_attrs *out)
{
	struct nlattr **attrs = info->attrs;
	struct nla_bitfield32 flags;

	memset(out, 0, sizeof(*out));
	if (attrs[DVPN_A_PEER_FLAGS]) {
		flags = nla_get_bitfield32(attrs[DVPN_A_PEER_FLAGS]);
		out->flags = flags.value;
		out->flags_mask = flags.selector;
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
	if (attrs[DVPN_A_MARK_MASK]) {
		out->has_mark_mask = true;
		out->mark_mask = nla_get_u32(attrs[DVPN_A_MARK_MASK]);
	}
	if (attrs[DVPN_A_MSS]) {
		out->has_mss = true;
		out->mss = nla_get_u32(attrs[DVPN_A_MSS]);
		if (!dvpn_mss_valid(out->mss))
			return dvpn_nl_refuse(info->extack, attrs[DVPN_A_MSS],
					      -ERANGE, DVPN_MSS_TEXT);
		if (out->mss == DVPN_MSS_OFF)
			out->mss = DVPN_MSS_OWN_OFF;
	}
	if (attrs[DVPN_A_KEEPALIVE]) {
		out->has_keepalive = true;
		out->keepalive_s = nla_get_u32(attrs[DVPN_A_KEEPALIVE]);
	}
	return get_mtu(info, DVPN_A_MTU, &out->has_mtu, &out->mtu) ?:
	       get_mtu(info, DVPN_A_MTU_ADVERTISED, &out->has_mtu_advertised,
		       &out->mtu_advertised);
}

/* All that a request does not give takes its default. */
static void default_rest(struct dvpn_peer_attrs *attrs)
{
	static const u8 no_cookie[1];

	attrs->flags_mask = DVPN_PEER_F_ALL;
	attrs->has_expires = true;
	attrs->has_owner = true;
	attrs->has_mark_mask = true;
	attrs->has_mtu = true;
	attrs->has_mtu_advertised = true;
	attrs->has_mss = true;
	attrs->has_keepalive = true;
	if (!attrs->has_cookie)
		attrs->cookie = no_cookie;
	attrs->has_cookie = true;
}

/* The peer that the request names, by id or by key. */
static struct dvpn_peer *find_peer(struct dvpn_dev *dd, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[DVPN_A_PEER_ID];
	struct dvpn_peer_key key;
	struct dvpn_peer *peer;
	int err;

	if (id) {
		if (dvpn_nl_has_key(info) || dvpn_nl_has_key_rest(info)) {
			err = dvpn_nl_refuse(info->extack, id, -EINVAL,
					     "name the peer by id or by key, not by both");
			return ERR_PTR(err);
		}
		peer = xa_load(&dd->peer_ids, nla_get_u32(id));
	} else {
		err = dvpn_nl_get_key(info, &key);
		if (err)
			return ERR_PTR(err);
		peer = dvpn_peer_find(dd, &key);
	}
	if (!peer) {
		NL_SET_ERR_MSG(info->extack, "no such peer");
		return ERR_PTR(-ENOENT);
	}

	return peer;
}

/* Table locked. A peer that a mapping made becomes one of its own. */
static int peer_new(struct dvpn_dev *dd, struct genl_info *info,
		    const struct dvpn_peer_key *key,
		    const struct dvpn_peer_attrs *attrs)
{
	struct dvpn_peer *peer = dvpn_peer_find(dd, key);
	int err;

	if (peer && !(info->nlhdr->nlmsg_flags & NLM_F_REPLACE))
		return dvpn_nl_refuse(info->extack, NULL, -EEXIST,
				      "a peer with this key exists");
	if (peer) {
		err = dvpn_nl_match(info, peer->owner, peer->id);
		if (err)
			return err;
	} else {
		if (info->attrs[DVPN_A_MATCH_OWNER] ||
		    info->attrs[DVPN_A_MATCH_ID])
			return dvpn_nl_refuse(info->extack, NULL, -ESTALE,
					      "the entry to be replaced is gone");
		peer = dvpn_peer_create(dd, key, 0, info->extack);
		if (IS_ERR(peer))
			return PTR_ERR(peer);
	}
	err = dvpn_peer_change(dd, peer, attrs, info->extack);
	if (err)
		goto err_release;
	peer->explicit = true;
	dvpn_peer_update_until(peer, NULL);
	dvpn_notify_peer(dd, peer, DVPN_CMD_PEER_NTF, DVPN_REASON_UNSPEC);

	return 0;

err_release:
	dvpn_peer_release(dd, peer, DVPN_REASON_DELETED);
	return err;
}

int dvpn_nl_peer_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_peer_attrs attrs;
	struct dvpn_peer_key key;
	struct dvpn_dev *dd;
	int err;

	err = dvpn_nl_get_key(info, &key) ?: get_peer_attrs(info, &attrs);
	if (err)
		return err;
	default_rest(&attrs);

	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	err = peer_new(dd, info, &key, &attrs);
	if (err)
		dvpn_nl_blame_key(info, dd, &key);
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_peer_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_peer_attrs attrs;
	struct dvpn_peer *peer;
	struct dvpn_dev *dd;
	int err;

	err = get_peer_attrs(info, &attrs);
	if (err)
		return err;

	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	peer = find_peer(dd, info);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		goto out;
	}
	err = dvpn_nl_match(info, peer->owner, peer->id);
	if (err)
		goto out;
	err = dvpn_peer_change(dd, peer, &attrs, info->extack);
	if (err)
		goto out;
	dvpn_notify_peer(dd, peer, DVPN_CMD_PEER_NTF, DVPN_REASON_UNSPEC);
out:
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_peer_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_dev *dd = dvpn_nl_lock(info);
	struct dvpn_peer *peer;
	int err;

	if (IS_ERR(dd))
		return PTR_ERR(dd);
	peer = find_peer(dd, info);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		goto out;
	}
	err = dvpn_nl_match(info, peer->owner, peer->id);
	if (err)
		goto out;
	if (peer->n_maps) {
		NL_SET_ERR_MSG(info->extack, "mappings point to the peer: delete them first");
		err = -EBUSY;
		goto out;
	}
	dvpn_peer_remove(dd, peer, DVPN_REASON_DELETED);
out:
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_peer_get(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_dev *dd = dvpn_nl_lock(info);
	struct dvpn_peer *peer;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (IS_ERR(dd))
		return PTR_ERR(dd);
	peer = find_peer(dd, info);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		goto out;
	}
	err = -ENOMEM;
	reply = dvpn_nl_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		goto out;
	err = nla_put_u32(reply, DVPN_A_IFINDEX, dd->dev->ifindex) ?:
	      dvpn_put_peer(reply, dd, peer);
	err = dvpn_nl_reply(info, reply, hdr, err);
out:
	dvpn_nl_unlock(dd);

	return err;
}

int dvpn_nl_peer_flush(struct sk_buff *skb, struct genl_info *info)
{
	u32 walked = 0, n = 0;
	struct dvpn_peer *peer;
	struct sk_buff *reply;
	struct dvpn_dev *dd;
	unsigned long id;
	void *hdr;
	int err;

	reply = dvpn_nl_reply_new(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return -ENOMEM;
	dd = dvpn_nl_lock(info);
	if (IS_ERR(dd)) {
		nlmsg_free(reply);
		return PTR_ERR(dd);
	}

	xa_for_each(&dd->peer_ids, id, peer) {
		if (!(++walked % DVPN_SLICE))
			cond_resched();
		if (peer->n_maps || !dvpn_nl_flush_owner(info, peer->owner))
			continue;
		dvpn_peer_remove(dd, peer, DVPN_REASON_FLUSHED);
		n++;
	}
	dvpn_nl_unlock(dd);

	err = nla_put_u32(reply, DVPN_A_PEER_COUNT, n);
	return dvpn_nl_reply(info, reply, hdr, err);
}

static int fill_peers(struct sk_buff *skb, struct netlink_callback *cb,
		      struct dvpn_dev *dd)
{
	struct dvpn_dump *dump = dvpn_dump(cb);
	unsigned long id = dump->cursor;
	struct dvpn_peer *peer;
	void *hdr;

	while ((peer = xa_find_after(&dd->peer_ids, &id, ULONG_MAX,
				     XA_PRESENT))) {
		hdr = dvpn_nl_dump_entry(skb, cb, dd, DVPN_CMD_PEER_GET);
		if (!hdr)
			return -EMSGSIZE;
		if (dvpn_put_peer(skb, dd, peer)) {
			genlmsg_cancel(skb, hdr);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, hdr);
		dump->cursor = id;
	}

	return 0;
}

int dvpn_nl_peer_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dvpn_nl_dump(skb, cb, fill_peers);
}
