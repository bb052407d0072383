// SPDX-License-Identifier: GPL-2.0
/*
 * What a Cisco router sent, as a hub of ours takes it: the captured requests of
 * tests/vectors go through the core, and the answers are those written down there.
 * Run in the top directory.
 */
#include <string.h>

#include "../unit/nhrp_samples.h"
#include "forged.h"
#include "test.h"

static struct nhrp_vector vectors[NHRP_MAX_VECTORS];
static int nr_vectors;

static const struct nhrp_vector *vector(const char *name)
{
	int i;

	for (i = 0; i < nr_vectors; i++)
		if (!strcmp(vectors[i].name, name))
			return &vectors[i];
	fail_msg("no tests/vectors/%s", name);
	return NULL;
}

static u8 reply[NHRP_PKT_MAX];
static size_t reply_len;
static struct nhrp_addr client;

static bool watch_reply(struct sim *sim, const struct sim_packet *p)
{
	(void)sim;
	if (!p->frame || !nhrp_addr_eq(&p->to, &client))
		return false;
	memcpy(reply, p->data, p->len);
	reply_len = p->len;
	return true;
}

struct network {
	const char *nbma;
	const char *proto;
	const char *client;
	const char *password;
};

static void build(struct sim_net *net, const struct network *as)
{
	struct nhrp_tunnel_config *cfg;

	nr_vectors = nhrp_vectors_load(vectors);
	net_build(net, 231, 0, 3);
	cfg = &net->hub->cfg;
	cfg->nbma[0] = sim_addr(as->nbma);
	cfg->locals[0] = sim_prefix(as->proto);
	cfg->auth = NHRP_AUTH_CISCO;
	snprintf(cfg->password, sizeof(cfg->password), "%s", as->password);
	client = sim_addr(as->client);
	net->sim->drop = watch_reply;
	net_start(net);
	sim_run(net->sim, 100);
}

static void deliver(struct sim_net *net, const struct network *as,
		    const u8 *pkt, size_t len)
{
	reply_len = 0;
	sim_forge(net->hub, as->client, pkt, len);
	sim_run(net->sim, 100);
}

static void assert_golden(const struct nhrp_vector *v)
{
	size_t i;

	if (reply_len != v->len || memcmp(reply, v->pkt, v->len)) {
		print_message("# got, in place of %s:", v->name);
		for (i = 0; i < reply_len; i++)
			print_message(" %02x", reply[i]);
		print_message("\n");
	}
	assert_int_equal(reply_len, v->len);
	assert_memory_equal(reply, v->pkt, v->len);
}

static void registers(const struct network *as, const char *request,
		      const char *answer)
{
	const struct nhrp_vector *v;
	struct sim_net net;
	u8 pkt[NHRP_PKT_MAX];

	build(&net, as);
	v = vector(request);
	deliver(&net, as, v->pkt, v->len);
	assert_int_equal(net_bindings(net.hub), 1);
	assert_golden(vector(answer));
	/* Its ids begin anew when it does, and that is no reason to refuse it. */
	deliver(&net, as, v->pkt, v->len);
	assert_golden(vector(answer));
	/* Octets behind the packet are the link's. */
	memcpy(pkt, v->pkt, v->len);
	memset(pkt + v->len, 0xa5, 4);
	deliver(&net, as, pkt, v->len + 4);
	assert_golden(vector(answer));
	net_free(&net);
}

/* Hop count 255, U with prefix length 32, MTU 17912, NAT extension after the password. */
static void even_registration(void **state)
{
	static const struct network network = {
		.nbma = "169.254.100.5", .proto = "155.1.0.5/24",
		.client = "169.254.100.1", .password = "NHRPAUTH",
	};

	(void)state;
	registers(&network, "cisco-registration-request.hex",
		  "dvpn-registration-reply-to-cisco.hex");
}

/* An odd number of octets, no NAT extension, holding time 30 s. */
static void odd_registration(void **state)
{
	static const struct network network = {
		.nbma = "10.0.12.1", .proto = "192.168.0.1/24",
		.client = "10.0.12.2", .password = "CISCO",
	};

	(void)state;
	registers(&network, "cisco-registration-request-odd.hex",
		  "dvpn-registration-reply-to-cisco-odd.hex");
}

static void wrong_password(void **state)
{
	static const struct network network = {
		.nbma = "169.254.100.5", .proto = "155.1.0.5/24",
		.client = "169.254.100.1", .password = "NHRPAUTX",
	};
	const struct nhrp_vector *v;
	struct nhrp_msg msg;
	struct sim_net net;

	(void)state;
	build(&net, &network);
	v = vector("cisco-registration-request.hex");
	deliver(&net, &network, v->pkt, v->len);
	assert_int_equal(net_bindings(net.hub), 0);
	assert_int_equal(nhrp_decode(reply, reply_len, &msg, NULL), 0);
	assert_int_equal(msg.type, NHRP_ERROR_INDICATION);
	assert_int_equal(msg.error_code, NHRP_ERR_AUTH);
	net_free(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(even_registration),
		cmocka_unit_test(odd_registration),
		cmocka_unit_test(wrong_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
