// SPDX-License-Identifier: GPL-2.0
/*
 * dvpn: dynamic multipoint VPN device
 */
#include <linux/dvpn.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include "device.h"
#include "event.h"
#include "hook.h"
#include "netlink.h"
#include "selftest/selftest.h"

static int __init dvpn_module_init(void)
{
	int err;

	err = dvpn_map_cache_init();
	if (err)
		return err;
	err = dvpn_peer_cache_init();
	if (err)
		goto err_maps;

	err = -ENOTRECOVERABLE;
	if (!dvpn_selftest())
		goto err_peers;
	dvpn_hook_init();
	err = dvpn_event_module_init();
	if (err)
		goto err_peers;
	err = dvpn_netlink_init();
	if (err)
		goto err_event;
	err = dvpn_device_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	dvpn_netlink_exit();
err_event:
	dvpn_event_module_exit();
err_peers:
	rcu_barrier();
	dvpn_peer_cache_exit();
err_maps:
	dvpn_map_cache_exit();
	return err;
}

static void __exit dvpn_module_exit(void)
{
	dvpn_device_exit();
	dvpn_netlink_exit();
	dvpn_event_module_exit();
	/* RCU callbacks run code of this module. */
	rcu_barrier();
	dvpn_peer_cache_exit();
	dvpn_map_cache_exit();
}

module_init(dvpn_module_init);
module_exit(dvpn_module_exit);

MODULE_DESCRIPTION("Dynamic multipoint VPN device");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK(DVPN_LINK_KIND);
MODULE_ALIAS_GENL_FAMILY(DVPN_GENL_NAME);
