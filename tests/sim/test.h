/* SPDX-License-Identifier: GPL-2.0 */
/* What every test of the simulator includes. */
#ifndef SIM_TEST_H
#define SIM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim.h"

#define LAN1	"192.168.30.0/24"	/* of spoke 1 */
#define LAN2	"192.168.40.0/24"	/* of spoke 2 */

/* Counter of a node's tunnel. */
static inline u64 counter(const struct sim_node *n, enum nhrp_counter c)
{
	return nhrp_tunnel_counter(n->tunnel, c);
}

#endif
