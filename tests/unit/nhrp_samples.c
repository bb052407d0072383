// SPDX-License-Identifier: GPL-2.0
/* The messages that we send, and some that only others would, see the header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nhrp/packet-ext.h"
#include "nhrp_samples.h"

#define HUB_NBMA	"192.168.50.1"
#define SPOKE1_NBMA	"192.168.50.2"
#define SPOKE2_NBMA	"192.168.50.3"
#define HUB		"192.168.111.1"
#define SPOKE1		"192.168.111.2"
#define SPOKE2		"192.168.111.3"
#define HUB_NBMA6	"2001:db8:50::1"
#define SPOKE1_NBMA6	"2001:db8:50::2"
#define HUB6		"2001:db8:111::1"
#define SPOKE1_6	"2001:db8:111::2"

static void must(int ret)
{
	if (ret) {
		fprintf(stderr, "cannot build a sample: %d\n", ret);
		abort();
	}
}

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a = { 0 };

	if (*text)
		must(nhrp_addr_parse(&a, text));
	return a;
}

static void start(struct nhrp_msg *msg, enum nhrp_type type, const char *nbma,
		  const char *src, const char *dst)
{
	struct nhrp_addr n = addr(nbma), s = addr(src);

	nhrp_msg_init(msg, type, n.family, s.family);
	msg->src_nbma = n;
	msg->src_proto = s;
	msg->dst_proto = addr(dst);
	if (type <= NHRP_PURGE_REPLY)
		msg->request_id = 0x01020304;
}

static struct nhrp_cie *cie(struct nhrp_cie_list *list, const char *nbma,
			    const char *proto)
{
	struct nhrp_cie *c = nhrp_cie_list_add(list);

	if (!c)
		abort();
	c->nbma = addr(nbma);
	c->proto = addr(proto);
	c->mtu = 1400;
	c->holding_time = 600;
	return c;
}

static void transit_exts(struct nhrp_msg *msg)
{
	if (!nhrp_msg_add_ext_cies(msg, NHRP_EXT_RESPONDER) ||
	    !nhrp_msg_add_ext_cies(msg, NHRP_EXT_FORWARD_TRANSIT) ||
	    !nhrp_msg_add_ext_cies(msg, NHRP_EXT_REVERSE_TRANSIT))
		abort();
}

static void dvpn_ext(struct nhrp_msg *msg, enum nhrp_dvpn_role role)
{
	struct nhrp_dvpn d = {
		.role = role,
		.epoch = 0x5ec0de01,
		.counter = 7,
		.nonce = 0x0123456789abcdefULL,
	};

	must(nhrp_msg_set_dvpn(msg, &d));
}

static void registration_request(struct nhrp_msg *msg)
{
	start(msg, NHRP_REGISTRATION_REQUEST, SPOKE1_NBMA, SPOKE1, HUB);
	msg->flags = NHRP_FLAG_REG_UNIQUE | NHRP_FLAG_NAT;
	cie(&msg->cies, "", "")->prefix_len = NHRP_PREFIX_HOST;
	transit_exts(msg);
	cie(nhrp_msg_add_ext_cies(msg, NHRP_EXT_NAT), HUB_NBMA, HUB);
}

static void registration_request_full(struct nhrp_msg *msg)
{
	registration_request(msg);
	must(nhrp_msg_add_auth_cisco(msg, "password"));
	dvpn_ext(msg, NHRP_DVPN_REQUEST);
}

static void registration_reply(struct nhrp_msg *msg)
{
	registration_request_full(msg);
	msg->type = NHRP_REGISTRATION_REPLY;
	msg->hop_count = 64;
	cie(&msg->responder, HUB_NBMA, HUB);
	cie(&msg->nat, "203.0.113.9", SPOKE1);
	dvpn_ext(msg, NHRP_DVPN_REPLY);
}

static void registration_nak(struct nhrp_msg *msg)
{
	registration_reply(msg);
	msg->cies.cie[0].code = NHRP_CODE_UNIQUE_EXISTS;
	msg->cies.cie[0].holding_time = 0;
}

static void registration_hint(struct nhrp_msg *msg)
{
	start(msg, NHRP_REGISTRATION_REPLY, HUB_NBMA, "0.0.0.0", "0.0.0.0");
	msg->hop_count = 1;
	msg->request_id = 0;
}

static void resolution_request(struct nhrp_msg *msg)
{
	start(msg, NHRP_RESOLUTION_REQUEST, SPOKE1_NBMA, SPOKE1,
	      "192.168.40.7");
	msg->flags = NHRP_FLAG_RES_ROUTER | NHRP_FLAG_RES_AUTHORITATIVE |
		     NHRP_FLAG_RES_SRC_STABLE | NHRP_FLAG_NAT;
	cie(&msg->cies, "", "");
	transit_exts(msg);
	cie(&msg->fwd_transit, HUB_NBMA, HUB);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_NAT);
	dvpn_ext(msg, NHRP_DVPN_REQUEST);
}

static void resolution_reply(struct nhrp_msg *msg)
{
	resolution_request(msg);
	msg->type = NHRP_RESOLUTION_REPLY;
	msg->flags |= NHRP_FLAG_RES_DST_STABLE;
	msg->cies.n = 0;
	cie(&msg->cies, SPOKE2_NBMA, SPOKE2)->prefix_len = 24;
	cie(&msg->responder, SPOKE2_NBMA, SPOKE2);
	cie(&msg->rev_transit, HUB_NBMA, HUB);
	cie(&msg->nat, "203.0.113.7", SPOKE2);
	dvpn_ext(msg, NHRP_DVPN_REPLY);
}

static void resolution_nak(struct nhrp_msg *msg)
{
	resolution_request(msg);
	msg->type = NHRP_RESOLUTION_REPLY;
	msg->cies.cie[0].code = NHRP_CODE_NO_BINDING;
	msg->cies.cie[0].holding_time = 0;
	cie(&msg->responder, HUB_NBMA, HUB);
}

static void purge_request(struct nhrp_msg *msg)
{
	start(msg, NHRP_PURGE_REQUEST, SPOKE1_NBMA, SPOKE1, HUB);
	msg->flags = NHRP_FLAG_PURGE_NO_REPLY;
	cie(&msg->cies, "", SPOKE1)->prefix_len = 32;
	cie(&msg->cies, SPOKE1_NBMA, "192.168.30.0")->prefix_len = 24;
	transit_exts(msg);
}

static void purge_reply(struct nhrp_msg *msg)
{
	purge_request(msg);
	msg->type = NHRP_PURGE_REPLY;
	msg->flags = 0;
}

static void error_indication(struct nhrp_msg *msg)
{
	struct nhrp_msg bad;
	u8 pkt[NHRP_PKT_MAX];
	int len;

	registration_request(&bad);
	len = nhrp_encode(&bad, pkt, sizeof(pkt));
	start(msg, NHRP_ERROR_INDICATION, HUB_NBMA, HUB, SPOKE1);
	msg->error_code = NHRP_ERR_PROTOCOL;
	msg->error_offset = 40;
	must(nhrp_msg_set_data(msg, pkt, len));
}

static void traffic_indication(struct nhrp_msg *msg)
{
	/* An ICMP echo from 192.168.30.5 to 192.168.40.7. */
	static const u8 ping[] = {
		0x45, 0x00, 0x00, 0x1c, 0x12, 0x34, 0x40, 0x00,
		0x3f, 0x01, 0x60, 0x4a, 192, 168, 30, 5,
		192, 168, 40, 7, 0x08, 0x00, 0xf7, 0xfd,
		0x00, 0x01, 0x00, 0x01,
	};

	start(msg, NHRP_TRAFFIC_INDICATION, HUB_NBMA, HUB, "192.168.30.5");
	must(nhrp_msg_set_data(msg, ping, sizeof(ping)));
}

static void traffic_indication_auth(struct nhrp_msg *msg)
{
	traffic_indication(msg);
	must(nhrp_msg_add_auth_cisco(msg, "password"));
}

static void registration_6_over_4(struct nhrp_msg *msg)
{
	start(msg, NHRP_REGISTRATION_REQUEST, SPOKE1_NBMA, SPOKE1_6, HUB6);
	cie(&msg->cies, "", "")->prefix_len = 128;
	transit_exts(msg);
	cie(nhrp_msg_add_ext_cies(msg, NHRP_EXT_NAT), HUB_NBMA, HUB6);
}

static void registration_4_over_6(struct nhrp_msg *msg)
{
	start(msg, NHRP_REGISTRATION_REQUEST, SPOKE1_NBMA6, SPOKE1, HUB);
	cie(&msg->cies, "", "")->prefix_len = 32;
	transit_exts(msg);
	cie(nhrp_msg_add_ext_cies(msg, NHRP_EXT_NAT), HUB_NBMA6, HUB);
}

static void resolution_reply_6_over_6(struct nhrp_msg *msg)
{
	start(msg, NHRP_RESOLUTION_REPLY, HUB_NBMA6, HUB6, "2001:db8:30::7");
	cie(&msg->cies, SPOKE1_NBMA6, SPOKE1_6)->prefix_len = 48;
	transit_exts(msg);
	cie(&msg->responder, SPOKE1_NBMA6, SPOKE1_6);
	dvpn_ext(msg, NHRP_DVPN_REPLY);
}

static void no_extensions(struct nhrp_msg *msg)
{
	start(msg, NHRP_PURGE_REPLY, SPOKE1_NBMA, SPOKE1, HUB);
}

/* All that is kept only because somebody may send it. */
static void everything_kept(struct nhrp_msg *msg)
{
	struct nhrp_cie *c;

	start(msg, NHRP_REGISTRATION_REPLY, SPOKE1_NBMA, SPOKE1, "");
	memcpy(msg->snap, "\x01\x02\x03\x04\x05", 5);
	msg->hop_count = 255;
	msg->src_nbma_type = NHRP_TL_E164;
	msg->flags = 0x1235;
	c = cie(&msg->cies, SPOKE2_NBMA, "");
	c->unused = 0xbeef;
	c->nbma_type = NHRP_TL_E164;
	c->preference = 200;
	cie(nhrp_msg_add_ext_cies(msg, NHRP_EXT_FORWARD_TRANSIT), "", SPOKE1)
		->prefix_len = 77;
	must(nhrp_msg_add_ext(msg, NHRP_EXT_VENDOR, 0, "\0\0\014cisco", 8));
	must(nhrp_msg_add_ext(msg, NHRP_EXT_VENDOR, 0, "\0\0\x0c", 3));
	must(nhrp_msg_add_ext(msg, NHRP_EXT_NAT, 0, "\0\0\0\1\0\0\0\1", 8));
	must(nhrp_msg_add_ext(msg, NHRP_EXT_AUTH, NHRP_EXT_F_COMPULSORY |
			      NHRP_EXT_F_RESERVED, "\xff\xff\x12\x34", 4));
	must(nhrp_msg_add_ext(msg, 0x1234, NHRP_EXT_F_COMPULSORY, "unknown",
			      7));
	must(nhrp_msg_add_ext(msg, 10, 0, NULL, 0));
	msg->unknown_compulsory = true;
	msg->end_flags = NHRP_EXT_F_RESERVED;
	msg->pad_len = 16;
}

/* As many of everything as there may be. */
static void limits(struct nhrp_msg *msg)
{
	u16 type;
	int i;

	start(msg, NHRP_PURGE_REQUEST, SPOKE1_NBMA, SPOKE1, HUB);
	transit_exts(msg);
	for (i = 0; i < NHRP_CIE_MAX; i++) {
		cie(&msg->cies, SPOKE1_NBMA, SPOKE1)->code = i;
		cie(&msg->fwd_transit, HUB_NBMA, HUB)->code = i;
		cie(&msg->rev_transit, HUB_NBMA, HUB)->code = i;
	}
	for (type = 100; msg->n_exts < NHRP_EXT_MAX; type++)
		must(nhrp_msg_add_ext(msg, type, 0, "x", 1));
}

static void error_indication_odd(struct nhrp_msg *msg)
{
	error_indication(msg);
	msg->flags = 0x8002;
	must(nhrp_msg_add_auth_cisco(msg, "x"));
	msg->pad_len = 16;
}

const struct nhrp_sample nhrp_samples[] = {
	{ "registration request", false, registration_request },
	{ "registration request, full", false, registration_request_full },
	{ "registration reply", false, registration_reply },
	{ "registration NAK", false, registration_nak },
	{ "registration hint", false, registration_hint },
	{ "resolution request", false, resolution_request },
	{ "resolution reply", false, resolution_reply },
	{ "resolution NAK", false, resolution_nak },
	{ "purge request", false, purge_request },
	{ "purge reply", false, purge_reply },
	{ "error indication", false, error_indication },
	{ "traffic indication", false, traffic_indication },
	{ "traffic indication, auth", false, traffic_indication_auth },
	{ "registration, IPv6 over IPv4", false, registration_6_over_4 },
	{ "registration, IPv4 over IPv6", false, registration_4_over_6 },
	{ "resolution, IPv6 over IPv6", false, resolution_reply_6_over_6 },
	{ "no extensions", false, no_extensions },
	{ "everything kept", true, everything_kept },
	{ "limits", true, limits },
	{ "error indication, odd", true, error_indication_odd },
	{ NULL, false, NULL },
};

void nhrp_sample_build(const char *name, struct nhrp_msg *msg)
{
	const struct nhrp_sample *s;

	for (s = nhrp_samples; s->name; s++) {
		if (!strcmp(s->name, name)) {
			s->build(msg);
			return;
		}
	}
	fprintf(stderr, "no sample %s\n", name);
	abort();
}
