// SPDX-License-Identifier: GPL-2.0
/* Self-tests of the replication table. */

#include <linux/inet.h>
#include <linux/netdevice.h>

#include "group.h"
#include "selftest/selftest.h"
#include "table.h"

#define PROTO(n)	(0x0a000000 + (n))
#define NBMA(n)		(0xc6120000 + (n))

static const struct dvpn_addr *addr(const char *text)
{
	static struct dvpn_addr addr;

	memset(&addr, 0, sizeof(addr));
	if (strchr(text, ':')) {
		addr.family = AF_INET6;
		in6_pton(text, -1, addr.ip.v6.s6_addr, -1, NULL);
	} else {
		addr.family = AF_INET;
		addr.ip.v4 = in_aton(text);
	}
	return &addr;
}

/* Which addresses can have entries? */
static bool group_check(void)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "224.0.0.0" }, { "224.0.0.255" }, { "224.0.1.0", true },
		{ "239.255.255.255", true }, { "223.255.255.255" },
		{ "240.0.0.0" }, { "0.0.0.0" }, { "255.255.255.255" },
		{ "ff01::1" }, { "ff02::1" }, { "ff02::1:ff00:1" },
		{ "ff05::1", true }, { "ff0e::1", true }, { "ff12::1", true },
		{ "fe80::1" }, { "::" }, { "::ffff:239.1.1.1" },
	};
	bool pass = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		dvpn_expect(&pass, !dvpn_group_check(addr(cases[i].text),
						     NULL) == cases[i].good);
	return pass;
}

bool dvpn_selftest_group(struct dvpn_dev *dd)
{
	struct dvpn_map *one, *two;
	bool pass = true;

	one = dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), 0, 0, 0);
	two = dvpn_selftest_put(dd, PROTO(2), 32, NBMA(2), 0, 0, 0);
	if (!one || !two)
		return false;

	dvpn_expect(&pass, group_check());
	dvpn_expect(&pass, !dvpn_group_add(dd, addr("239.1.1.1"), one->peer,
					   NULL));
	dvpn_expect(&pass, dvpn_group_add(dd, addr("239.1.1.1"), one->peer,
					  NULL) == -EEXIST);
	dvpn_expect(&pass, !dvpn_group_add(dd, addr("239.1.1.1"), two->peer,
					   NULL));
	/* The same bytes, another family. */
	dvpn_expect(&pass, dvpn_group_del(dd, addr("ef01:101::"), one->peer,
					  NULL) == -ENOENT);
	dvpn_expect(&pass, !dvpn_group_add(dd, addr("ff0e::1"), one->peer,
					   NULL));
	dvpn_expect(&pass, dd->n_group_entries == 3);

	/* A group goes with its last entry, an entry with its peer. */
	dvpn_selftest_del(dd, PROTO(1), 32);
	dvpn_expect(&pass, dd->n_group_entries == 1);
	dvpn_expect(&pass, !dvpn_group_del(dd, addr("239.1.1.1"), two->peer,
					   NULL));
	dvpn_expect(&pass, !dd->n_group_entries && xa_empty(&dd->group_ids));
	dvpn_selftest_del(dd, PROTO(2), 32);

	return pass;
}
