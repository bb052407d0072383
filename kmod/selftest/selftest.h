/* SPDX-License-Identifier: GPL-2.0 */
/* Self-tests of the debug build: they run when the module is loaded, which fails
 * if one of them does.
 */
#ifndef DVPN_SELFTEST_H
#define DVPN_SELFTEST_H

#include <linux/types.h>

struct dvpn_dev;

#ifdef CONFIG_DVPN_DEBUG
bool dvpn_selftest(void);
#else
static inline bool dvpn_selftest(void)
{
	return true;
}
#endif

/* Not what is wanted: says so and makes the test fail. */
#define dvpn_expect(pass, cond) do {					\
	if (!(cond)) {							\
		pr_err("dvpn: %s:%d: not so: %s\n", __func__, __LINE__, #cond); \
		*(pass) = false;					\
	}								\
} while (0)

/* Each takes a device with an empty table, locked, and leaves it so. */
bool dvpn_selftest_map(struct dvpn_dev *dd);
bool dvpn_selftest_prefix(struct dvpn_dev *dd);
bool dvpn_selftest_expiry(struct dvpn_dev *dd);
bool dvpn_selftest_nhs(struct dvpn_dev *dd);
bool dvpn_selftest_peer(struct dvpn_dev *dd);
bool dvpn_selftest_group(struct dvpn_dev *dd);
bool dvpn_selftest_mss(struct dvpn_dev *dd);
bool dvpn_selftest_limit(struct dvpn_dev *dd);

/* For the tests: a mapping of @addr/@len (host byte order) to a peer, changed
 * if it is there; its removal; what is sent to @dst by way of @nexthop.
 */
struct dvpn_map *dvpn_selftest_put(struct dvpn_dev *dd, u32 addr, u8 len,
				   u32 nbma, u32 flags, u8 preference,
				   s64 ttl_ns);
void dvpn_selftest_del(struct dvpn_dev *dd, u32 addr, u8 len);
/* The NBMA address it is sent to, host byte order; 0: nowhere. */
u32 dvpn_selftest_select(struct dvpn_dev *dd, u32 dst, u32 nexthop);

#endif /* DVPN_SELFTEST_H */
