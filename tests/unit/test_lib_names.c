// SPDX-License-Identifier: GPL-2.0
/* libdvpn: every number of the interface has a name of its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/internal.h"

static const struct {
	unsigned int last;	/* largest value, or all bits */
	bool is_mask;
} enums[DVPN_NAMES_MAX] = {
	[DVPN_NAMES_CMD] = { DVPN_CMD_MAX, false },
	[DVPN_NAMES_ATTR] = { DVPN_A_MAX, false },
	[DVPN_NAMES_LINK_ATTR] = { IFLA_DVPN_MAX, false },
	[DVPN_NAMES_LINK_FLAG] = { DVPN_LINK_F_ALL, true },
	[DVPN_NAMES_DF] = { DVPN_DF_INHERIT, false },
	[DVPN_NAMES_RX_SOURCE] = { DVPN_RX_SOURCE_STRICT, false },
	[DVPN_NAMES_DOWN] = { DVPN_DOWN_PORT, false },
	[DVPN_NAMES_FEATURE] = { (DVPN_FEATURE_RX_SOURCE_STRICT << 1) - 1, true },
	[DVPN_NAMES_ENCAP] = { DVPN_ENCAP_UDP, false },
	[DVPN_NAMES_MAP_FLAG] = { DVPN_MAP_F_ALL, true },
	[DVPN_NAMES_PEER_FLAG] = { DVPN_PEER_F_ALL, true },
	[DVPN_NAMES_AGENT] = { DVPN_AGENT_ALL, true },
	[DVPN_NAMES_EVENT] = { DVPN_EVENT_MAX, false },
	[DVPN_NAMES_REASON] = { DVPN_REASON_MAX, false },
	[DVPN_NAMES_VERDICT] = { DVPN_VERDICT_DROP, false },
	[DVPN_NAMES_STAT] = { DVPN_STAT_MAX, false },
	[DVPN_NAMES_DROP] = { DVPN_DROP_MAX, false },
};

static void check_name(enum dvpn_names which, unsigned int value)
{
	const char *name = dvpn_name(which, value);

	assert_string_not_equal(name, "unknown");
	/* The way back finds the same value: the name is unique. */
	assert_int_equal(dvpn_name_value(which, name), value);
}

static void test_names(void **state)
{
	unsigned int which, i;

	(void)state;
	for (which = 0; which < DVPN_NAMES_MAX; which++) {
		if (enums[which].is_mask) {
			for (i = 1; i <= enums[which].last; i <<= 1)
				check_name(which, i);
			assert_string_equal(dvpn_name(which, i), "unknown");
			assert_string_equal(dvpn_name(which, 0), "unknown");
		} else {
			for (i = 0; i <= enums[which].last; i++)
				check_name(which, i);
			assert_string_equal(dvpn_name(which, i), "unknown");
		}
		assert_int_equal(dvpn_name_value(which, "unknown"), -ENOENT);
		assert_int_equal(dvpn_name_value(which, ""), -ENOENT);
	}
}

static void test_some_names(void **state)
{
	(void)state;
	assert_string_equal(dvpn_drop_name(DVPN_DROP_TX_NO_MAP), "tx_no_map");
	assert_string_equal(dvpn_stat_name(DVPN_STAT_RX_BYTES), "rx_bytes");
	assert_string_equal(dvpn_event_name(DVPN_EVENT_MISS), "miss");
	assert_string_equal(dvpn_reason_name(DVPN_REASON_NO_SA), "no_sa");
	assert_string_equal(dvpn_verdict_name(DVPN_VERDICT_NHS_PROBATION), "nhs_probation");
	assert_string_equal(dvpn_encap_name(DVPN_ENCAP_UDP), "udp");
	assert_string_equal(dvpn_down_name(DVPN_DOWN_NO_LINK), "no_link");
	assert_string_equal(dvpn_name(DVPN_NAMES_MAP_FLAG, DVPN_MAP_F_NHS), "nhs");
}

static void test_mask(void **state)
{
	char buf[64];
	size_t size;

	(void)state;
	assert_string_equal(dvpn_mask_str(DVPN_NAMES_MAP_FLAG, 0, ",", buf, sizeof(buf)), "");
	assert_string_equal(dvpn_mask_str(DVPN_NAMES_MAP_FLAG,
					  DVPN_MAP_F_NHS | DVPN_MAP_F_STATIC, ", ", buf,
					  sizeof(buf)), "nhs, static");
	assert_string_equal(dvpn_mask_str(DVPN_NAMES_MAP_FLAG, DVPN_MAP_F_NHS | 0x1000, ",",
					  buf, sizeof(buf)), "nhs,0x1000");
	assert_string_equal(dvpn_mask_str(DVPN_NAMES_MAP_FLAG, 0x1000, ",", buf, sizeof(buf)),
			    "0x1000");
	for (size = 1; size < 20; size++) {
		memset(buf, 'x', sizeof(buf));
		dvpn_mask_str(DVPN_NAMES_MAP_FLAG, 0xffffffff, ",", buf, size);
		assert_true(strlen(buf) < size);
		assert_int_equal(buf[size], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_some_names),
		cmocka_unit_test(test_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
