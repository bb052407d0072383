// SPDX-License-Identifier: GPL-2.0
/* Commands on a device as a whole: its state, its agent, NHRP frames. */

#include <linux/rtnetlink.h>

#include "frame.h"
#include "miss.h"
#include "netlink_ops.h"

/* ----- state ----- */

static int put_counters(struct sk_buff *msg, int attr, const u64 *counters,
			int first, int max, int pad)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = first; i <= max; i++)
		if (nla_put_u64_64bit(msg, i, counters[i], pad))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);

	return 0;
}

static int put_all_counters(struct sk_buff *msg, struct dvpn_dev *dd)
{
	u64 drop[__DVPN_DROP_MAX];
	u64 stat[__DVPN_STAT_MAX];

	dvpn_stats_fold(dd, drop, stat);

	return put_counters(msg, DVPN_A_DROPS, drop, DVPN_DROP_PAD + 1,
			    DVPN_DROP_MAX, DVPN_DROP_PAD) ?:
	       put_counters(msg, DVPN_A_DEV_STATS, stat, DVPN_STAT_PAD + 1,
			    DVPN_STAT_MAX, DVPN_STAT_PAD);
}

/* Table locked. */
static int put_dev(struct sk_buff *msg, struct dvpn_dev *dd)
{
	const struct dvpn_map *nhs;
	u32 nhs_id = 0;
	int err;

	rcu_read_lock();
	nhs = dvpn_nhs_get(dd);
	if (nhs)
		nhs_id = nhs->id;
	rcu_read_unlock();

	err = nla_put_u32(msg, DVPN_A_IFINDEX, dd->dev->ifindex) ?:
	      nla_put_string(msg, DVPN_A_IFNAME, dd->dev->name) ?:
	      nla_put_u32(msg, DVPN_A_FEATURES, dvpn_features) ?:
	      nla_put_u32(msg, DVPN_A_GENERATION, dd->generation) ?:
	      nla_put_u32(msg, DVPN_A_MAP_COUNT, dd->n_maps) ?:
	      nla_put_u32(msg, DVPN_A_PEER_COUNT, dd->n_peers) ?:
	      nla_put_u32(msg, DVPN_A_INCOMPLETE_COUNT, dvpn_miss_count(dd)) ?:
	      nla_put_u32(msg, DVPN_A_AGENT_CLASSES, dvpn_agent_classes(dd));
	if (!err && nhs_id)
		err = nla_put_u32(msg, DVPN_A_DEFAULT_NHS, nhs_id);

	return err ?: put_all_counters(msg, dd);
}

int dvpn_nl_dev(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_dev *dd = dvpn_nl_lock(info);
	struct sk_buff *reply;
	int err = -ENOMEM;
	void *hdr;

	if (IS_ERR(dd))
		return PTR_ERR(dd);
	reply = dvpn_nl_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (reply)
		err = dvpn_nl_reply(info, reply, hdr, put_dev(reply, dd));
	dvpn_nl_unlock(dd);

	return err;
}

static int fill_dev(struct sk_buff *skb, struct netlink_callback *cb,
		    struct dvpn_dev *dd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &dvpn_genl_family,
				NLM_F_MULTI, DVPN_CMD_DEV_GET);

	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (put_dev(skb, dd)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);

	return 0;
}

int dvpn_nl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dvpn_nl_dump(skb, cb, fill_dev);
}

/* ----- agent ----- */

static int get_classes(struct genl_info *info, u32 *classes)
{
	const struct nlattr *attr = info->attrs[DVPN_A_AGENT_CLASSES];

	if (!attr)
		return dvpn_nl_missing(info->extack, DVPN_A_AGENT_CLASSES,
				       "AGENT_CLASSES is missing: frames, events or both");
	*classes = nla_get_u32(attr);
	if (!*classes)
		return dvpn_nl_refuse(info->extack, attr, -EINVAL,
				      "AGENT_CLASSES must name frames, events or both");

	return 0;
}

int dvpn_nl_agent_bind(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	struct dvpn_dev *dd;
	u32 generation;
	u32 classes;
	void *hdr;
	int err;

	err = get_classes(info, &classes);
	if (err)
		return err;
	dd = dvpn_nl_dev_get(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	reply = dvpn_nl_reply_new(info, 2 * nla_total_size(sizeof(u32)), &hdr);
	if (!reply) {
		err = -ENOMEM;
		goto err_dev;
	}

	rtnl_lock();
	err = dvpn_agent_bind(dd, genl_info_net(info), info->snd_portid,
			      classes, info->extack);
	rtnl_unlock();
	if (err)
		goto err_reply;

	/* With an agent expiry is exact: what was deferred goes now. */
	err = dvpn_table_lock(dd);
	if (err)
		goto err_reply;
	generation = dd->generation;
	dvpn_table_unlock(dd);
	dvpn_nl_dev_put(dd);

	err = nla_put_u32(reply, DVPN_A_FEATURES, dvpn_features) ?:
	      nla_put_u32(reply, DVPN_A_GENERATION, generation);
	return dvpn_nl_reply(info, reply, hdr, err);

err_reply:
	nlmsg_free(reply);
err_dev:
	dvpn_nl_dev_put(dd);
	return err;
}

int dvpn_nl_agent_unbind(struct sk_buff *skb, struct genl_info *info)
{
	struct dvpn_dev *dd;
	u32 classes;
	int err;

	err = get_classes(info, &classes);
	if (err)
		return err;
	dd = dvpn_nl_dev_get(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	err = dvpn_agent_unbind(dd, genl_info_net(info), info->snd_portid,
				classes, info->extack);
	dvpn_nl_dev_put(dd);

	return err;
}

/* ----- frames from the agent ----- */

static void set_frame_text(struct netlink_ext_ack *extack, int err)
{
	switch (err) {
	case -EHOSTUNREACH:
		NL_SET_ERR_MSG(extack, "no route to the NBMA address");
		break;
	case -EMSGSIZE:
		NL_SET_ERR_MSG(extack, "the frame does not fit the path MTU");
		break;
	case -EINPROGRESS:
		NL_SET_ERR_MSG(extack, "no security association yet");
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "an IPsec policy refuses the packet");
		break;
	case -ENETDOWN:
		NL_SET_ERR_MSG(extack, "the device or its underlay is down");
		break;
	}
}

int dvpn_nl_frame(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *frame = info->attrs[DVPN_A_FRAME];
	struct dvpn_peer_key key;
	struct dvpn_addr local;
	struct dvpn_dev *dd;
	int err;

	if (!frame)
		return dvpn_nl_missing(info->extack, DVPN_A_FRAME,
				       "FRAME is missing");
	err = dvpn_nl_get_key(info, &key) ?:
	      dvpn_nl_get_addr(info, DVPN_A_LOCAL4, DVPN_A_LOCAL6, &local);
	if (err)
		return err;
	if (local.family != AF_UNSPEC && local.family != key.loc.family)
		return dvpn_nl_refuse(info->extack, NULL, -EINVAL,
				      "local and NBMA address are of different families");

	/* Without the table's lock: a frame does not wait for a flush. */
	dd = dvpn_nl_dev_get(info);
	if (IS_ERR(dd))
		return PTR_ERR(dd);
	err = dvpn_peer_key_check(dd, &key, info->extack);
	if (!err) {
		err = dvpn_send_frame(dd, &key, &local, nla_data(frame),
				      nla_len(frame));
		set_frame_text(info->extack, err);
	} else {
		dvpn_nl_blame_key(info, dd, &key);
	}
	dvpn_nl_dev_put(dd);

	return err;
}
