// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnctl without dvpnd: the kernel's tables, from a kernel that is played here
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "dvpnctl/kernel.h"
#include "lib/dvpn.h"

static int open_error, dump_error;
static const char *kernel_text = "";

int dvpn_open(struct dvpn_handle **h)
{
	*h = open_error ? NULL : (struct dvpn_handle *)&open_error;
	return open_error;
}

void dvpn_close(struct dvpn_handle *h)
{
	assert_ptr_equal(h, &open_error);
}

const char *dvpn_error(const struct dvpn_handle *h)
{
	(void)h;
	return kernel_text;
}

int dvpn_dump_devs(struct dvpn_handle *h, struct dvpn_dev **out, size_t *n)
{
	struct dvpn_dev *devs;

	(void)h;
	*out = NULL;
	*n = 0;
	if (dump_error)
		return dump_error;
	devs = calloc(2, sizeof(*devs));
	devs[0] = (struct dvpn_dev){
		.ifindex = 7, .ifname = "dvpn0", .maps = 3, .peers = 2, .default_nhs = 1,
		.agent_classes = DVPN_AGENT_ALL, .features = DVPN_FEATURE_UNDERLAY4,
	};
	devs[0].drops[DVPN_DROP_TX_NO_MAP] = 5;
	devs[1] = (struct dvpn_dev){ .ifindex = 8, .ifname = "dvpn1" };
	*out = devs;
	*n = 2;
	return 0;
}

static struct dvpn_addr addr(const char *text)
{
	struct dvpn_addr a;

	assert_int_equal(dvpn_addr_parse(text, &a), 0);
	return a;
}

static struct dvpn_map make_map(unsigned int ifindex, const char *proto, u8 prefixlen, u32 flags)
{
	return (struct dvpn_map){
		.has = DVPN_MAP_HAS_AGE | DVPN_MAP_HAS_PEER,
		.ifindex = ifindex,
		.proto = addr(proto),
		.prefixlen = prefixlen,
		.flags = flags,
		.owner = 3,
		.age_ms = 1500,
		.peer = { .encap = DVPN_ENCAP_GRE, .nbma = addr("192.0.2.1") },
	};
}

int dvpn_map_get(struct dvpn_handle *h, struct dvpn_map *map)
{
	(void)h;
	assert_int_equal(map->id, 1);
	*map = make_map(7, "192.168.111.1", 32, DVPN_MAP_F_NHS);
	return 0;
}

int dvpn_dump_maps(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_map **out, size_t *n)
{
	struct dvpn_map *maps = calloc(6, sizeof(*maps));

	(void)h;
	assert_true(!ifindex || ifindex == 7);
	maps[0] = make_map(7, "192.168.111.1", 32, DVPN_MAP_F_NHS | DVPN_MAP_F_MULTICAST);
	maps[1] = make_map(7, "192.168.40.0", 24, DVPN_MAP_F_PROBATION);
	maps[2] = make_map(7, "192.168.41.7", 32, DVPN_MAP_F_SHORTCUT | DVPN_MAP_F_UNREACHABLE);
	maps[3] = make_map(8, "2001:db8::1", 128, DVPN_MAP_F_NHS);
	maps[3].owner = 0;
	maps[3].has |= DVPN_MAP_HAS_EXPIRES;
	maps[3].expires_ms = 4200;
	maps[3].peer = (struct dvpn_peer_key){
		.encap = DVPN_ENCAP_UDP, .port = htons(4754), .mark = 1, .xfrm_if_id = 2,
		.nbma = addr("2001:db8:1::1"),
	};
	maps[4] = make_map(7, "192.168.111.9", 32, DVPN_MAP_F_INCOMPLETE);
	maps[4].has = 0;
	maps[4].owner = 0;
	maps[5] = make_map(7, "192.168.111.8", 32, DVPN_MAP_F_STATIC);
	*out = maps;
	*n = 6;
	return 1;	/* the table kept changing: still good */
}

int dvpn_dump_peers(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_peer **out, size_t *n)
{
	struct dvpn_peer *peer = calloc(1, sizeof(*peer));

	(void)h;
	(void)ifindex;
	*peer = (struct dvpn_peer){
		.has = DVPN_PEER_HAS_RX_IDLE,
		.ifindex = 99,
		.key = { .nbma = addr("192.0.2.1") },
		.flags = DVPN_PEER_F_RX_ONLY | DVPN_PEER_F_ANY_SPORT,
		.keepalive_s = 20,
		.rx_idle_ms = 77,
	};
	peer->stats[DVPN_STAT_TX_PACKETS] = 11;
	*out = peer;
	*n = 1;
	return 0;
}

int dvpn_dump_groups(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_group **out,
		     size_t *n)
{
	struct dvpn_group *groups = calloc(2, sizeof(*groups));

	(void)h;
	(void)ifindex;
	groups[0] = (struct dvpn_group){
		.ifindex = 7, .group = addr("239.1.1.1"), .peer_id = 3,
		.peer = { .nbma = addr("192.0.2.1") },
	};
	groups[1] = (struct dvpn_group){
		.ifindex = 8, .group = addr("ff0e::1"), .peer_id = 4,
		.peer = { .encap = DVPN_ENCAP_UDP, .nbma = addr("192.0.2.2"),
			  .port = htons(4754) },
	};
	*out = groups;
	*n = 2;
	return 0;
}

int dvpn_link_get(const char *ifname, struct dvpn_link *link)
{
	if (!strcmp(ifname, "dvpn1"))
		return -ENODEV;
	*link = (struct dvpn_link){
		.up = true, .mtu = 1400, .local4 = addr("192.0.2.9"),
		.down_reason = DVPN_DOWN_NO_LINK,
	};
	return 0;
}

int dvpn_link_addrs(unsigned int ifindex, struct dvpn_ifaddr **out, size_t *n)
{
	struct dvpn_ifaddr *addrs;

	if (ifindex == 8)
		return -ENODEV;
	addrs = calloc(2, sizeof(*addrs));
	addrs[0].addr = addr("192.168.111.2");
	addrs[1].addr = addr("fe80::1");
	addrs[1].link_local = true;
	*out = addrs;
	*n = 2;
	return 0;
}

/* Is @json what @text says? Prints both if not. */
static void assert_json(json_t *json, const char *text)
{
	json_t *want = json_loads(text, 0, NULL);
	char *got = json_dumps(json, JSON_SORT_KEYS);

	assert_non_null(want);
	if (!json_equal(json, want))
		fail_msg("is %s, must be %s", got, text);
	free(got);
	json_decref(want);
}

static const char *string_at(json_t *list, size_t i, const char *member)
{
	return json_string_value(json_object_get(json_array_get(list, i), member));
}

static const char v6_json[] =
	"{\"tunnel\": \"dvpn1\", \"protocol\": \"2001:db8::1\", \"prefix_length\": 128,\n"
	" \"type\": \"administrator\", \"state\": \"active\", \"flags\": [\"nhs\"],\n"
	" \"peer\": {\"encap\": \"udp\", \"nbma\": \"2001:db8:1::1\", \"port\": 4754,\n"
	"           \"mark\": 1, \"if_id\": 2},\n"
	" \"preference\": 0, \"age_ms\": 1500, \"expires_ms\": 4200, \"id\": 0, \"owner\": 0}";

static void maps(void **state)
{
	static const struct {
		const char *type;
		const char *state;
	} rows[] = {
		{ "hub", "active" }, { "shortcut", "probation" }, { "shortcut", "unreachable" },
		{ "administrator", "active" }, { "incomplete", "incomplete" },
		{ "static", "active" },
	};
	char error[KERNEL_ERROR_MAX];
	json_t *reply, *list;
	size_t i;

	(void)state;
	reply = kernel_read("maps", NULL, error);
	list = json_object_get(reply, "maps");
	assert_int_equal(json_array_size(list), ARRAY_SIZE(rows));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_string_equal(string_at(list, i, "type"), rows[i].type);
		assert_string_equal(string_at(list, i, "state"), rows[i].state);
	}
	assert_json(json_object_get(json_array_get(list, 0), "flags"), "[\"nhs\", \"multicast\"]");
	assert_json(json_array_get(list, 3), v6_json);
	assert_null(json_object_get(json_array_get(list, 4), "peer"));
	json_decref(reply);
}

static void peers(void **state)
{
	char error[KERNEL_ERROR_MAX];
	json_t *reply, *peer;

	(void)state;
	reply = kernel_read("peers", "dvpn0", error);
	peer = json_array_get(json_object_get(reply, "peers"), 0);
	assert_json(json_object_get(peer, "flags"), "[\"rx-only\", \"any-sport\"]");
	assert_json(json_object_get(peer, "peer"), "{\"encap\": \"gre\", \"nbma\": \"192.0.2.1\"}");
	assert_int_equal(json_integer_value(json_object_get(peer, "keepalive_ms")), 20000);
	assert_int_equal(json_integer_value(json_object_get(peer, "rx_idle_ms")), 77);
	assert_null(json_object_get(peer, "pmtu"));
	/* A device that came after the devices were read. */
	assert_string_equal(json_string_value(json_object_get(peer, "tunnel")), "?");
	json_decref(reply);
}

static const char dvpn1_json[] =
	"{\"tunnels\": [{\"tunnel\": \"dvpn1\", \"agent\": false, \"features\": [],\n"
	" \"ifindex\": 8, \"maps\": 0, \"peers\": 0, \"incomplete\": 0, \"generation\": 0}]}";

static void status(void **state)
{
	char error[KERNEL_ERROR_MAX];
	json_t *reply, *tunnel;

	(void)state;
	reply = kernel_read("status", NULL, error);
	assert_int_equal(json_array_size(json_object_get(reply, "tunnels")), 2);
	tunnel = json_array_get(json_object_get(reply, "tunnels"), 0);
	assert_string_equal(json_string_value(json_object_get(tunnel, "state")), "down");
	assert_string_equal(json_string_value(json_object_get(tunnel, "reason")),
			    "the underlay interface does not exist");
	assert_string_equal(json_string_value(json_object_get(tunnel, "default_nhs")),
			    "192.168.111.1");
	assert_json(json_object_get(tunnel, "addresses"), "[\"192.168.111.2\"]");
	assert_json(json_object_get(tunnel, "local"), "[\"192.0.2.9\"]");
	assert_json(json_object_get(tunnel, "features"), "[\"underlay4\"]");
	json_decref(reply);

	reply = kernel_read("status", "dvpn1", error);
	assert_json(reply, dvpn1_json);
	json_decref(reply);
}

static void counters(void **state)
{
	char error[KERNEL_ERROR_MAX];
	json_t *reply, *drops;

	(void)state;
	reply = kernel_read("counters", "dvpn0", error);
	assert_int_equal(json_array_size(json_object_get(reply, "tunnels")), 1);
	drops = json_object_get(json_array_get(json_object_get(reply, "tunnels"), 0), "drops");
	assert_int_equal(json_object_size(drops), DVPN_DROP_MAX - DVPN_DROP_PAD);
	assert_int_equal(json_integer_value(json_object_get(drops, "tx_no_map")), 5);
	json_decref(reply);
}

static void assert_group(json_t *json, const char *tunnel, const char *group, const char *peer)
{
	assert_string_equal(json_string_value(json_object_get(json, "tunnel")), tunnel);
	assert_string_equal(json_string_value(json_object_get(json, "group")), group);
	assert_json(json_object_get(json, "peer"), peer);
}

static void replication(void **state)
{
	char error[KERNEL_ERROR_MAX];
	json_t *reply, *list;

	(void)state;
	reply = kernel_read("groups", NULL, error);
	list = json_object_get(reply, "groups");
	assert_int_equal(json_array_size(list), 2);
	assert_group(json_array_get(list, 0), "dvpn0", "239.1.1.1",
		     "{\"encap\": \"gre\", \"nbma\": \"192.0.2.1\"}");
	assert_group(json_array_get(list, 1), "dvpn1", "ff0e::1",
		     "{\"encap\": \"udp\", \"nbma\": \"192.0.2.2\", \"port\": 4754}");
	json_decref(reply);
}

static void failures(void **state)
{
	char error[KERNEL_ERROR_MAX];

	(void)state;
	assert_null(kernel_read("maps", "dvpn9", error));
	assert_non_null(strstr(error, "no dvpn device \"dvpn9\""));
	open_error = -ENOENT;
	assert_null(kernel_read("maps", NULL, error));
	assert_non_null(strstr(error, "modprobe dvpn"));
	open_error = 0;
	dump_error = -EPERM;
	assert_null(kernel_read("maps", NULL, error));
	assert_non_null(strstr(error, "CAP_NET_ADMIN"));
	dump_error = -EBADMSG;
	kernel_text = "attribute 7 has the wrong length";
	assert_null(kernel_read("maps", NULL, error));
	assert_string_equal(error, "the kernel: attribute 7 has the wrong length");
	dump_error = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps),
		cmocka_unit_test(peers),
		cmocka_unit_test(status),
		cmocka_unit_test(counters),
		cmocka_unit_test(replication),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests_name("dvpnctl without dvpnd", tests, NULL, NULL);
}
