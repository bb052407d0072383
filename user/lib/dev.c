// SPDX-License-Identifier: GPL-2.0
/* What the kernel says about a device's table. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

int dvpn_get_dev(const struct nlattr **tb, struct dvpn_dev *dev)
{
	memset(dev, 0, sizeof(*dev));
	if (!tb[DVPN_A_IFINDEX] || !tb[DVPN_A_FEATURES] || !tb[DVPN_A_GENERATION])
		return -EBADMSG;
	dev->ifindex = dvpn_get_u32(tb[DVPN_A_IFINDEX]);
	dvpn_get_name(tb[DVPN_A_IFNAME], dev->ifname);
	dev->features = dvpn_get_u32(tb[DVPN_A_FEATURES]);
	dev->generation = dvpn_get_u32(tb[DVPN_A_GENERATION]);
	dev->maps = dvpn_get_u32(tb[DVPN_A_MAP_COUNT]);
	dev->peers = dvpn_get_u32(tb[DVPN_A_PEER_COUNT]);
	dev->incomplete = dvpn_get_u32(tb[DVPN_A_INCOMPLETE_COUNT]);
	dev->agent_classes = dvpn_get_u32(tb[DVPN_A_AGENT_CLASSES]);
	dev->default_nhs = dvpn_get_u32(tb[DVPN_A_DEFAULT_NHS]);
	if (dvpn_get_counters(tb[DVPN_A_DEV_STATS], DVPN_STAT_MAX, dev->stats))
		return -EBADMSG;
	return dvpn_get_counters(tb[DVPN_A_DROPS], DVPN_DROP_MAX, dev->drops);
}
