// SPDX-License-Identifier: GPL-2.0
/* VICI: what strongSwan tells of security associations */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vici/sa.h"

static char heard[1024];
static struct vici_out out;

static void note(const char *fmt, ...)
{
	size_t used = strlen(heard);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(heard + used, sizeof(heard) - used, fmt, ap);
	va_end(ap);
}

static const char *addr(const struct vici_addr *a, char *text)
{
	return a->family ? inet_ntop(a->family, a->bytes, text, INET6_ADDRSTRLEN) : "-";
}

static void on_child(enum vici_sa_news news, const struct vici_ike *ike,
		     const struct vici_child *child, void *ctx)
{
	static const char *const words[] = { "listed", "up", "rekeyed", "down" };
	char remote[INET6_ADDRSTRLEN], selector[INET6_ADDRSTRLEN];

	assert_ptr_equal(ctx, heard);
	note("%s %s[%u] %s '%s'%s: %u%s%s%s %x/%x %s:%u%s%s\n", words[news], ike->conn, ike->id,
	     addr(&ike->remote, remote), ike->identity, ike->established ? " established" : "",
	     child->id, child->installed ? " installed" : "", child->is_tunnel ? " tunnel" : "",
	     child->encap ? " encap" : "", child->spi_in, child->spi_out,
	     addr(&child->remote, selector), child->port, child->any_port ? " any" : "",
	     child->service);
}

static void on_rekeyed(u32 from, u32 to, void *ctx)
{
	(void)ctx;
	note("ike %u -> %u\n", from, to);
}

static const struct vici_sa_ops ops = { .child = on_child, .ike_rekeyed = on_rekeyed };

static void expect(const char *event, const char *text)
{
	assert_int_equal(vici_out_error(&out), 0);
	*heard = '\0';
	vici_sa_event(event, out.data, out.len, &ops, heard);
	assert_string_equal(heard, text);
}

static int begin(void **state)
{
	(void)state;
	vici_out_free(&out);
	return 0;
}

static int end(void **state)
{
	return begin(state);
}

/* As strongSwan 5.9.8 writes them, less what nobody reads. */
static void put_ike(u32 id, const char *remote, const char *identity)
{
	vici_text(&out, "uniqueid", "%u", id);
	vici_text(&out, "version", "2");
	vici_text(&out, "state", "ESTABLISHED");
	vici_text(&out, "local-host", "192.0.2.2");
	vici_text(&out, "remote-host", "%s", remote);
	vici_text(&out, "remote-id", "%s", identity);
	vici_list(&out, "tasks-active");
	vici_item(&out, "IKE_DPD");
	vici_list_end(&out);
}

static void put_child(u32 id, const char *state, const char *mode, const char *selector)
{
	vici_text(&out, "name", "dvpn");
	vici_text(&out, "uniqueid", "%u", id);
	vici_text(&out, "state", "%s", state);
	vici_text(&out, "mode", "%s", mode);
	vici_text(&out, "encap", "yes");
	vici_text(&out, "spi-in", "c0ffee%02x", id);
	vici_text(&out, "spi-out", "%08x", id);
	vici_list(&out, "local-ts");
	vici_item(&out, "192.0.2.2/32[udp/4754]");
	vici_list_end(&out);
	vici_list(&out, "remote-ts");
	vici_item(&out, selector);
	vici_item(&out, "203.0.113.0/24[udp/99]");
	vici_list_end(&out);
}

static void put_one(const char *conn, u32 id, const char *remote, const char *selector)
{
	vici_section(&out, conn);
	put_ike(id, remote, "spokeA");
	vici_section(&out, "child-sas");
	vici_section(&out, "dvpn-7");
	put_child(7, "INSTALLED", "TRANSPORT", selector);
	vici_section_end(&out);
	vici_section_end(&out);
	vici_section_end(&out);
}

#define SPOKE_A "dvpn[3] 198.51.100.2 'spokeA' established: 7 installed encap c0ffee07/7 198.51.100.2:40001\n"

static void up_and_down(void **state)
{
	(void)state;
	vici_text(&out, "up", "yes");
	put_one("dvpn", 3, "198.51.100.2", "198.51.100.2/32[udp/40001]");
	expect("child-updown", "up " SPOKE_A);
	expect("list-sa", "listed " SPOKE_A);
	expect("ike-updown", "");
	expect("log", "");
	vici_out_free(&out);
	put_one("dvpn", 3, "198.51.100.2", "198.51.100.2/32[udp/40001]");
	expect("child-updown", "down " SPOKE_A);
}

static void gre_and_ipv6(void **state)
{
	(void)state;
	put_one("dvpn", 3, "2001:db8::9", "2001:db8::9/128[gre]");
	expect("list-sa",
	       "listed dvpn[3] 2001:db8::9 'spokeA' established: 7 installed encap c0ffee07/7 2001:db8::9:0\n");
	vici_out_free(&out);
	/* A network is no address of a peer, a port beyond all is none. */
	put_one("dvpn", 3, "192.0.2.9", "10.0.0.0/24[udp/70000]");
	expect("list-sa",
	       "listed dvpn[3] 192.0.2.9 'spokeA' established: 7 installed encap c0ffee07/7 -:0 any\n");
}

/*
 * strongSwan writes the names of /etc/protocols and /etc/services, numbers for what is not in
 * there, and no port for all of them.
 */
static void selectors(void **state)
{
	static const struct {
		const char *selector;
		const char *port;
	} list[] = {
		{ "192.0.2.9/32[udp/40001]", "40001" },
		{ "192.0.2.9/32[17/40001]", "40001" },
		{ "192.0.2.9/32[0/40001]", "40001" },
		{ "192.0.2.9/32[udp/65535]", "65535" },
		{ "192.0.2.9/32[udp/l2f]", "0l2f" },
		{ "192.0.2.9/32[17/ipsec-nat-t]", "0ipsec-nat-t" },
		{ "192.0.2.9/32[udp/3com-tsmux]", "03com-tsmux" },
		{ "192.0.2.9/32[udp/a-name-that-is-longer-than-any-is]", "0 any" },
		{ "192.0.2.9/32[udp/1000-2000]", "0 any" },
		{ "192.0.2.9/32[udp/OPAQUE]", "0 any" },
		{ "192.0.2.9/32[udp/0]", "0 any" },
		{ "192.0.2.9/32[udp/65536]", "0 any" },
		{ "192.0.2.9/32[udp/]", "0 any" },
		{ "192.0.2.9/32[udp]", "0 any" },
		{ "192.0.2.9/32[17]", "0 any" },
		{ "192.0.2.9/32[udp", "0 any" },
		{ "192.0.2.9/32", "0 any" },
		{ "192.0.2.9/32[gre]", "0" },
		{ "192.0.2.9/32[47]", "0" },
		{ "192.0.2.9/32[tcp/22]", "0" },
		{ "192.0.2.9/32[udplite/22]", "0" },
	};
	char text[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		put_one("dvpn", 3, "192.0.2.9", list[i].selector);
		snprintf(text, sizeof(text),
			 "listed dvpn[3] 192.0.2.9 'spokeA' established: 7 installed encap c0ffee07/7 192.0.2.9:%s\n",
			 list[i].port);
		expect("list-sa", text);
		vici_out_free(&out);
	}
}

static void on_ike(const struct vici_ike *ike, void *ctx)
{
	assert_ptr_equal(ctx, heard);
	note("ike %s[%u]%s%s\n", ike->conn, ike->id, ike->established ? " established" : "",
	     ike->initiator ? " ours" : "");
}

/* One that is still begun has no children. */
static void only_begun(void **state)
{
	static const struct vici_sa_ops ike_ops = { .ike = on_ike, .child = on_child };
	static const char *const names[] = { "list-sa", "child-updown", "ike-rekey" };
	unsigned int i;

	(void)state;
	*heard = '\0';
	vici_section(&out, "dvpn");
	vici_text(&out, "uniqueid", "4");
	vici_text(&out, "remote-host", "192.0.2.9");
	vici_text(&out, "state", "CONNECTING");
	vici_text(&out, "initiator", "yes");
	vici_section(&out, "child-sas");
	vici_section_end(&out);
	vici_section_end(&out);
	for (i = 0; i < 3; i++)
		vici_sa_event(names[i], out.data, out.len, &ike_ops, heard);
	assert_string_equal(heard, "ike dvpn[4] ours\n");
}

static void child_rekey(void **state)
{
	(void)state;
	vici_section(&out, "dvpn");
	put_ike(3, "198.51.100.2", "spokeA");
	vici_section(&out, "child-sas");
	vici_section(&out, "dvpn-8");
	vici_section(&out, "old");
	put_child(7, "REKEYED", "TRANSPORT", "198.51.100.2/32[gre]");
	vici_section_end(&out);
	vici_section(&out, "new");
	put_child(8, "INSTALLED", "TUNNEL", "10.0.0.1/32[gre]");
	vici_section_end(&out);
	vici_section_end(&out);
	vici_section_end(&out);
	vici_section_end(&out);
	expect("child-rekey",
	       "rekeyed dvpn[3] 198.51.100.2 'spokeA' established: 8 installed tunnel encap c0ffee08/8 10.0.0.1:0\n"
	       "down dvpn[3] 198.51.100.2 'spokeA' established: 7 encap c0ffee07/7 198.51.100.2:0\n");
}

static void ike_rekey(void **state)
{
	(void)state;
	vici_section(&out, "dvpn");
	vici_section(&out, "old");
	put_ike(3, "198.51.100.2", "spokeA");
	vici_section_end(&out);
	vici_section(&out, "new");
	put_ike(4, "198.51.100.2", "spokeA");
	vici_section_end(&out);
	vici_section_end(&out);
	expect("ike-rekey", "ike 3 -> 4\n");
}

static void left_out(void **state)
{
	char name[VICI_CONN_MAX + 1];

	(void)state;
	memset(name, 'n', VICI_CONN_MAX);
	name[VICI_CONN_MAX] = '\0';
	put_one(name, 3, "198.51.100.2", "198.51.100.2/32[gre]");
	put_one("dvpn", 0, "198.51.100.2", "198.51.100.2/32[gre]");
	vici_list(&out, "a list");
	vici_item(&out, "x");
	vici_list_end(&out);
	vici_section(&out, "dvpn");
	put_ike(5, "not an address", "name\nwith a line");
	vici_section(&out, "child-sas");
	vici_section(&out, "a");
	vici_text(&out, "uniqueid", "99999999999");
	vici_section_end(&out);
	vici_section(&out, "b");
	vici_section(&out, "unknown");
	vici_section_end(&out);
	vici_text(&out, "uniqueid", "6");
	vici_text(&out, "state", "CREATED");
	vici_section_end(&out);
	vici_section_end(&out);
	vici_section_end(&out);
	expect("list-sa", "listed dvpn[5] - '' established: 6 0/0 -:0\n");
}

/* However it is cut, nothing is read that is not there. */
static void cut_off(void **state)
{
	size_t len;

	(void)state;
	put_one("dvpn", 3, "198.51.100.2", "198.51.100.2/32[gre]");
	for (len = 0; len < out.len; len++) {
		void *copy = memcpy(malloc(len + !len), out.data, len);

		vici_sa_event("list-sa", copy, len, &ops, heard);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(up_and_down, begin, end),
		cmocka_unit_test_setup_teardown(gre_and_ipv6, begin, end),
		cmocka_unit_test_setup_teardown(selectors, begin, end),
		cmocka_unit_test_setup_teardown(only_begun, begin, end),
		cmocka_unit_test_setup_teardown(child_rekey, begin, end),
		cmocka_unit_test_setup_teardown(ike_rekey, begin, end),
		cmocka_unit_test_setup_teardown(left_out, begin, end),
		cmocka_unit_test_setup_teardown(cut_off, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
