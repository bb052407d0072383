// SPDX-License-Identifier: GPL-2.0
/*
 * What the core puts on the wire, in the eyes of tshark: every message of a
 * session that has all types in it decodes without complaint. Run in the top
 * directory; skipped without tshark.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nhrp/packet.h"
#include "test.h"

#define LINKTYPE_RAW	101	/* pcap: packets begin with the IP header */
#define SKIP		77

static FILE *capture;

static void write_header(void)
{
	struct {
		u32 magic;
		unsigned short major, minor;
		u32 zone, sigfigs, snaplen, linktype;
	} h = { 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_RAW };

	fwrite(&h, sizeof(h), 1, capture);
}

static bool write_frame(struct sim *sim, const struct sim_packet *p)
{
	u32 len = 24 + (u32)p->len;
	u32 record[4] = { (u32)(sim->now / 1000), 0, len, len };
	u8 head[24] = { 0x45, 0xc0, (u8)(len >> 8), (u8)len, 0, 0, 0x40, 0,
			255, 47 };
	u16 sum;

	if (!p->frame)
		return false;
	memcpy(head + 12, p->from.nbma.b, 4);
	memcpy(head + 16, p->to.b, 4);
	sum = nhrp_checksum(head, 20);
	head[10] = (u8)(sum >> 8);
	head[11] = (u8)sum;
	head[22] = NHRP_ETHERTYPE >> 8;
	head[23] = NHRP_ETHERTYPE & 0xff;
	fwrite(record, sizeof(record), 1, capture);
	fwrite(head, sizeof(head), 1, capture);
	fwrite(p->data, p->len, 1, capture);
	return false;
}

/* Registration, NAT, redirect, both kinds of answers, hint, error, purge. */
static void session(unsigned int phase, enum nhrp_auth_mode auth)
{
	struct nhrp_peer_key stranger = { .nbma = sim_addr("192.168.50.99") };
	struct nhrp_addr nowhere = sim_addr("192.168.111.99");
	struct sim_net net;
	unsigned int i;

	net_build(&net, 71, 2, phase);
	net.sim->drop = write_frame;
	for (i = 0; i < 3; i++) {
		struct nhrp_tunnel_config *cfg = &net.sim->nodes[i]->cfg;

		cfg->auth = auth;
		memcpy(cfg->password, "NHRPAUTH", sizeof("NHRPAUTH"));
		cfg->key_id = 300;
		cfg->nr_keys = 1;
		cfg->keys[0] = (struct nhrp_key){
			.id = 300, .secret = { .len = NHRP_SECRET_MIN },
		};
	}
	if (auth == NHRP_AUTH_CISCO)	/* who does not know it: an error */
		net.spoke[1]->cfg.password[0] = 'X';
	net.spoke[0]->outside = sim_addr("198.51.100.2");
	net_start(&net);
	sim_run(net.sim, 1000);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 1000, 100);
	nhrp_tunnel_miss(net.spoke[0]->tunnel, &nowhere, net.sim->now);
	nhrp_tunnel_unknown_peer(net.hub->tunnel, &stranger, 100,
				 net.sim->now);
	sim_run(net.sim, 1000);
	nhrp_tunnel_leave(net.spoke[1]->tunnel, net.sim->now);
	sim_run(net.sim, 2000);
	net_free(&net);
}

static void tshark_is_content(void **state)
{
	char path[] = "/tmp/dvpn-wire-XXXXXX";
	char command[128];
	int fd = mkstemp(path), status;

	(void)state;
	assert_true(fd >= 0);
	capture = fdopen(fd, "w");
	write_header();
	session(3, NHRP_AUTH_NONE);
	session(2, NHRP_AUTH_NONE);
	session(3, NHRP_AUTH_CISCO);
	session(3, NHRP_AUTH_HMAC);
	assert_int_equal(fclose(capture), 0);
	snprintf(command, sizeof(command),
		 "tests/interop/tshark-nhrp -t '1 2 3 4 5 6 7 8' %s", path);
	status = system(command);
	unlink(path);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIP)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tshark_is_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
