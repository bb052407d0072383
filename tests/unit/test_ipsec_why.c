// SPDX-License-Identifier: GPL-2.0
/* IPsec: why there is no security association with a peer */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnd/ipsec-why.h"

static struct ipsec_whys whys;
static struct vici_out out;

static int begin(void **state)
{
	(void)state;
	memset(&whys, 0, sizeof(whys));
	vici_out_free(&out);
	return 0;
}

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;
	u8 bytes[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, text, bytes), 1);
	nhrp_addr_set(&a, family, bytes);
	return a;
}

/* As strongSwan tells it. Return: whether it is about an IKE_SA. */
static bool put(const char *id, const char *text, struct vici_log *log)
{
	vici_out_free(&out);
	vici_text(&out, "group", "IKE");
	vici_text(&out, "level", "1");
	vici_text(&out, "thread", "7");
	vici_text(&out, "ikesa-name", "dvpn");
	vici_text(&out, "ikesa-uniqueid", "%s", id);
	vici_text(&out, "msg", "%s", text);
	assert_int_equal(vici_out_error(&out), 0);
	return vici_log_event(out.data, out.len, log);
}

/* Return: whether that is new. */
static bool line(const char *id, const char *text)
{
	struct vici_log log;

	assert_true(put(id, text, &log));
	return ipsec_why_line(&whys, &log);
}

/* @words: some of what is said, NULL: nothing. */
static void expect(const char *peer, const char *words)
{
	struct nhrp_addr nbma = addr(peer);
	const char *said = ipsec_why_words(&whys, &nbma);

	if (!words)
		assert_null(said);
	else if (!said || !strstr(said, words))
		fail_msg("%s: \"%s\" is not in \"%s\"", peer, words, said ? said : "");
}

static void events(void **state)
{
	char longer[VICI_LOG_MAX + 8];
	struct vici_log log;

	(void)state;
	assert_true(put("3", "a\nb\xff", &log));
	assert_string_equal(log.conn, "dvpn");
	assert_int_equal(log.ike_id, 3);
	assert_string_equal(log.text, "a?b?");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_true(put("3", longer, &log));
	assert_int_equal(strlen(log.text), VICI_LOG_MAX - 1);
	assert_false(put("0", "text", &log));
	assert_false(put("4294967296", "text", &log));
	assert_false(put("-1", "text", &log));
	assert_false(put("3", "", &log));
	vici_out_free(&out);
	vici_text(&out, "msg", "of no IKE_SA");
	assert_false(vici_log_event(out.data, out.len, &log));
	assert_false(vici_log_event("\x05", 1, &log));
}

static void secret(void **state)
{
	struct nhrp_addr hub = addr("192.0.2.1");

	(void)state;
	line("3", "initiating IKE_SA dvpn[3] to 192.0.2.1");
	line("3", "authentication of '192.0.2.2' (myself) with pre-shared key");
	expect("192.0.2.1", NULL);
	assert_true(line("3", "received AUTHENTICATION_FAILED notify error"));
	expect("192.0.2.1", "it refuses our secret");
	/* The next try fails for the same, which is nothing new, and no reason to forget it. */
	line("4", "initiating IKE_SA dvpn[4] to 192.0.2.1");
	line("4", "authentication of '192.0.2.2' (myself) with pre-shared key");
	expect("192.0.2.1", "it refuses our secret");
	assert_false(line("4", "received AUTHENTICATION_FAILED notify error"));
	line("5", "initiating IKE_SA dvpn[5] to 192.0.2.1");
	assert_true(line("5", "retransmit 2 of request with message ID 0"));
	expect("192.0.2.1", "does not answer IKE");
	assert_true(line("5", "tried 1 shared key for 'a' - 'b', but MAC mismatched"));
	expect("192.0.2.1", "its secret is another");
	/* What follows from it says less. */
	assert_false(line("5", "giving up after 5 retransmits"));
	expect("192.0.2.1", "its secret is another");
	ipsec_why_over(&whys, &hub);
	expect("192.0.2.1", NULL);
	assert_false(line("5", "giving up after 5 retransmits"));
	expect("192.0.2.1", NULL);
}

static void certificates(void **state)
{
	(void)state;
	line("3", "initiating IKE_SA dvpn[3] to 2001:db8::1");
	line("3", "authentication of 'CN=a' (myself) with RSA_EMSA_PKCS1_SHA2_256 successful");
	assert_true(line("3", "received AUTHENTICATION_FAILED notify error"));
	expect("2001:db8::1", "it refuses our certificate");
	line("4", "initiating IKE_SA dvpn[4] to 2001:db8::1");
	assert_true(line("4", "subject certificate invalid (valid from Jan to Feb)"));
	assert_false(line("4", "no trusted ECDSA public key found for 'CN=b'"));
	expect("2001:db8::1", "has expired");
	line("5", "initiating IKE_SA dvpn[5] to 2001:db8::1");
	assert_true(line("5", "no issuer certificate found for \"CN=b\""));
	expect("2001:db8::1", "x509ca");
	expect("2001:db8::2", NULL);
}

/* What is not ours, and more than there is room for. */
static void strangers(void **state)
{
	char id[16], text[64];
	unsigned int i;

	(void)state;
	assert_false(line("9", "received AUTHENTICATION_FAILED notify error"));
	line("9", "initiating IKE_SA dvpn[9] to nowhere");
	line("9", "initiating IKE_SA dvpn[9]");
	line("9", "reinitiating IKE_SA dvpn[9] to 192.0.2.1");
	assert_false(line("9", "received AUTHENTICATION_FAILED notify error"));
	for (i = 1; i <= IPSEC_WHYS_MAX + 1; i++) {
		snprintf(id, sizeof(id), "%u", i);
		snprintf(text, sizeof(text), "initiating IKE_SA dvpn[%u] to 192.0.2.%u", i, i);
		line(id, text);
		assert_true(line(id, "received NO_PROPOSAL_CHOSEN notify error"));
	}
	expect("192.0.2.1", NULL);
	expect("192.0.2.2", "proposals");
	expect("192.0.2.33", "proposals");
	assert_false(line("1", "no shared key found for 'a' - 'b'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events, begin, begin),
		cmocka_unit_test_setup_teardown(secret, begin, begin),
		cmocka_unit_test_setup_teardown(certificates, begin, begin),
		cmocka_unit_test_setup_teardown(strangers, begin, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
