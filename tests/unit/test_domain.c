// SPDX-License-Identifier: GPL-2.0
/* Tunnels of one domain: whose route it is, and whose backlog */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnd/daemon.h"
#include "dvpnd/domain.h"
#include "dvpnd/tunnel.h"

#define MUCH	513	/* more than may wait */

/**
 * struct world - three tunnels with devices 1, 2 and 3, the last one of no domain
 * @d: their daemon
 * @t: tunnels
 * @pending: what waits for the kernel at each of them, a channel points there
 */
static struct world {
	struct daemon d;
	struct tunnel t[3];
	unsigned int pending[3];
} w;

unsigned int __wrap_dvpn_chan_pending(const struct dvpn_chan *c)
{
	return *(const unsigned int *)c;
}

static int setup(void **state)
{
	unsigned int i;

	(void)state;
	memset(&w, 0, sizeof(w));
	for (i = 0; i < 3; i++) {
		w.t[i].d = &w.d;
		w.t[i].next = w.d.tunnels;
		w.d.tunnels = &w.t[i];
		w.t[i].has_link = true;
		w.t[i].attached = true;
		w.t[i].link.ifindex = i + 1;
		w.t[i].link.domain = i < 2 ? 7 : 0;
		w.t[i].chan = (struct dvpn_chan *)&w.pending[i];
	}
	return 0;
}

static void routes_by_its_tunnels(void **state)
{
	(void)state;
	assert_ptr_equal(domain_tunnel_at(&w.t[0], 1), &w.t[0]);
	assert_ptr_equal(domain_tunnel_at(&w.t[0], 2), &w.t[1]);
	assert_null(domain_tunnel_at(&w.t[0], 3));
	assert_null(domain_tunnel_at(&w.t[0], 4));
	/* None is no domain, and alone it is itself. */
	assert_ptr_equal(domain_tunnel_at(&w.t[2], 3), &w.t[2]);
	w.t[0].link.domain = 0;
	assert_null(domain_tunnel_at(&w.t[2], 1));
}

static void another_vrf_is_another_domain(void **state)
{
	(void)state;
	w.t[1].link.master = 9;
	assert_null(domain_tunnel_at(&w.t[0], 2));
	w.t[0].link.master = 9;
	assert_ptr_equal(domain_tunnel_at(&w.t[0], 2), &w.t[1]);
}

/* What comes by one may have to leave by the other one. */
static void backlog(void **state)
{
	(void)state;
	w.pending[0] = MUCH - 1;
	assert_false(domain_congested(&w.t[0]));
	w.pending[0] = MUCH;
	assert_true(domain_congested(&w.t[0]));
	assert_true(domain_congested(&w.t[1]));
	assert_false(domain_congested(&w.t[2]));
	/* It has none while nobody is its agent. */
	w.t[0].attached = false;
	w.t[0].chan = NULL;
	assert_false(domain_congested(&w.t[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(routes_by_its_tunnels, setup),
		cmocka_unit_test_setup(another_vrf_is_another_domain, setup),
		cmocka_unit_test_setup(backlog, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
