// SPDX-License-Identifier: GPL-2.0
/* What dvpnd says of a device that lacks what its config needs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnd/advice.h"
#include "dvpnd/tunnel.h"

#define NO_PORT(user) user " uses UDP, the interface has no port: " GIVE_PORT
#define GIVE_PORT "ip link set dvpn0 type dvpn port 4754"
#define NO_REDIRECT "spokes hear of no direct path: " GIVE_REDIRECT
#define GIVE_REDIRECT "ip link set dvpn0 type dvpn redirect on"

#define NO_CLAIM \
	"nobody can register, the address of dvpn0 has no subnet: claim = PREFIX says who may"
#define NO_LOCAL "a hub must say where it is: ip link set dvpn0 type dvpn local ADDRESS"

static struct config_tunnel cfg;
static struct nhrp_tunnel_config now;
static struct dvpn_link device;
static char text[TUNNEL_REASON_MAX];

static int begin(void **state)
{
	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	memset(&device, 0, sizeof(device));
	nhrp_addr_parse(&now.nbma[0], "192.0.2.1");
	snprintf(cfg.name, sizeof(cfg.name), "dvpn0");
	nhrp_tunnel_config_default(&cfg.core);
	memset(text, 'x', sizeof(text));
	return 0;
}

static void assert_port(const char *said)
{
	assert_int_equal(advice_port(&cfg, &device, text, sizeof(text)), *said != '\0');
	assert_string_equal(text, said);
}

static void assert_hub(const char *said)
{
	assert_int_equal(advice_hub(&cfg, &device, &now, text, sizeof(text)), *said != '\0');
	assert_string_equal(text, said);
}

static void udp_needs_a_port(void **state)
{
	(void)state;
	assert_port("");
	cfg.core.encap = NHRP_ENCAP_UDP;
	assert_port(NO_PORT("the tunnel"));
	device.port = 0x9212;
	assert_port("");
}

static void one_peer_over_udp_does(void **state)
{
	(void)state;
	cfg.core.nr_hubs = 2;
	cfg.core.nr_statics = 1;
	assert_port("");
	cfg.core.statics[0].peer.encap = NHRP_ENCAP_UDP;
	assert_port(NO_PORT("a map"));
	cfg.core.hubs[1].peer.encap = NHRP_ENCAP_UDP;
	assert_port(NO_PORT("a hub"));
	/* What stands behind the last one is not in force. */
	cfg.core.nr_hubs = 1;
	cfg.core.nr_statics = 0;
	assert_port("");
}

static void hub_of_phase_3_needs_redirect(void **state)
{
	(void)state;
	/* A spoke of phase 3 does not. */
	assert_true(cfg.core.redirect);
	assert_hub("");
	cfg.core.nhs = true;
	assert_hub(NO_REDIRECT);
	device.flags = DVPN_LINK_F_ALL & ~DVPN_LINK_F_REDIRECT;
	assert_hub(NO_REDIRECT);
	device.flags = DVPN_LINK_F_REDIRECT;
	assert_hub("");
	device.flags = 0;
	nhrp_tunnel_config_phase(&cfg.core, 2);
	assert_hub("");
}

static void hub_needs_an_address(void **state)
{
	(void)state;
	device.flags = DVPN_LINK_F_REDIRECT;
	memset(&now, 0, sizeof(now));
	assert_hub("");
	cfg.core.nhs = true;
	assert_hub(NO_LOCAL);
	nhrp_addr_parse(&now.nbma[1], "2001:db8::1");
	assert_hub("");
	memset(&now, 0, sizeof(now));
	nhrp_addr_parse(&now.nbma[0], "192.0.2.1");
	assert_hub("");
}

static void hub_needs_a_subnet(void **state)
{
	(void)state;
	device.flags = DVPN_LINK_F_REDIRECT;
	memset(&now, 0, sizeof(now));
	nhrp_addr_parse(&now.nbma[0], "192.0.2.1");
	nhrp_prefix_parse(&now.locals[0], "10.0.0.1/32");
	nhrp_prefix_parse(&now.locals[1], "fe80::1/64");
	now.nr_locals = 2;
	assert_hub("");
	cfg.core.nhs = true;
	assert_hub(NO_CLAIM);
	cfg.core.claim.nr = 1;
	assert_hub("");
	cfg.core.claim.nr = 0;
	nhrp_prefix_parse(&now.locals[1], "10.1.0.1/24");
	assert_hub("");
	nhrp_prefix_parse(&now.locals[1], "fd00::1/128");
	assert_hub(NO_CLAIM);
	/* One that has no address yet has other worries. */
	now.nr_locals = 0;
	assert_hub("");
}

static void assert_features(u32 features, const char *lacks)
{
	assert_int_equal(advice_features(&cfg, features, text, sizeof(text)), *lacks != '\0');
	if (*lacks)
		assert_non_null(strstr(text, lacks));
	else
		assert_string_equal(text, "");
}

static void module_must_have_what_is_configured(void **state)
{
	struct nhrp_peer_key *hub = &cfg.core.hubs[0].peer;
	struct nhrp_peer_key *map = &cfg.core.statics[0].peer;

	(void)state;
	assert_features(0, "");
	cfg.core.nr_hubs = 1;
	nhrp_addr_parse(&hub->nbma, "192.0.2.1");
	assert_features(DVPN_FEATURE_UNDERLAY6, "cannot do underlay4:");
	assert_features(DVPN_FEATURE_UNDERLAY4, "");
	nhrp_addr_parse(&hub->nbma, "2001:db8::1");
	assert_features(DVPN_FEATURE_UNDERLAY4,
			"cannot do underlay6: this kernel has no IPv6 (ipv6.disable=1?)");
	cfg.core.nr_statics = 1;
	map->mark = 1;
	assert_features(DVPN_FEATURE_UNDERLAY6, "cannot do mark:");
	map->mark = 0;
	map->if_id = 1;
	assert_features(DVPN_FEATURE_UDP,
			"the module cannot do underlay6, xfrm_if_id: load that of dvpn ");
	map->encap = NHRP_ENCAP_UDP;
	assert_features(~DVPN_FEATURE_UDP, "cannot do udp:");
	map->encap = NHRP_ENCAP_GRE;
	assert_features(~DVPN_FEATURE_UDP, "");
	cfg.core.encap = NHRP_ENCAP_UDP;
	assert_features(~DVPN_FEATURE_UDP, "cannot do udp:");
	/* What a newer one has beside it is no concern of ours. */
	assert_features(~0u, "");
}

static void long_names_fit(void **state)
{
	(void)state;
	snprintf(cfg.name, sizeof(cfg.name), "fifteen-letters");
	cfg.core.nhs = true;
	cfg.core.encap = NHRP_ENCAP_UDP;
	assert_true(advice_port(&cfg, &device, text, sizeof(text)));
	assert_non_null(strstr(text, " port 4754"));
	assert_true(advice_hub(&cfg, &device, &now, text, sizeof(text)));
	assert_non_null(strstr(text, " redirect on"));
	memset(&now, 0, sizeof(now));
	assert_true(advice_hub(&cfg, &device, &now, text, sizeof(text)));
	assert_non_null(strstr(text, " local ADDRESS"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(udp_needs_a_port, begin),
		cmocka_unit_test_setup(one_peer_over_udp_does, begin),
		cmocka_unit_test_setup(hub_of_phase_3_needs_redirect, begin),
		cmocka_unit_test_setup(hub_needs_an_address, begin),
		cmocka_unit_test_setup(hub_needs_a_subnet, begin),
		cmocka_unit_test_setup(module_must_have_what_is_configured, begin),
		cmocka_unit_test_setup(long_names_fit, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
