// SPDX-License-Identifier: GPL-2.0
/*
 * The NHRP codec against tshark: every message that we send decodes there
 * without complaint, with a good checksum, to the values that we put in, alone
 * and through GRE in IPv4; and captured packets decode to the same values here
 * and there. Skipped where tshark is not installed.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "nhrp_samples.h"

#define LINKTYPE_RAW	101	/* pcap: packets begin with the IP header */
#define MAX_PACKETS	128
#define LINE_LEN	(NHRP_N_FIELDS * NHRP_FIELD_LEN)

/* What is asked of tshark beside the values of a packet. */
enum { X_CHECKSUM_STATUS, X_EXPERT, X_MALFORMED, X_PROTOCOLS, N_EXTRA };

static const char * const extra_fields[N_EXTRA] = {
	[X_CHECKSUM_STATUS]	= "nhrp.hdr.chksum.status",
	[X_EXPERT]		= "_ws.expert.message",
	[X_MALFORMED]		= "_ws.malformed",
	[X_PROTOCOLS]		= "frame.protocols",
};

struct packet {
	const char *name;
	u8 pkt[NHRP_PKT_MAX];
	int len;
};

static struct packet packets[MAX_PACKETS];
static int n_packets;

static void add_packet(const char *name, const u8 *pkt, int len)
{
	struct packet *p = &packets[n_packets++];

	assert_true(n_packets <= MAX_PACKETS);
	assert_true(len > 0);
	p->name = name;
	p->len = len;
	memcpy(p->pkt, pkt, len);
}

static void write_packet(FILE *f, const struct packet *p)
{
	u32 len = 20 + 4 + p->len;
	u32 record[4] = { 0, 0, len, len };
	u8 head[24] = {
		0x45, 0xc0, len >> 8, len & 0xff, 0, 0, 0x40, 0, 255, 47, 0, 0,
		192, 168, 50, 1, 192, 168, 50, 2,
		0, 0, NHRP_ETHERTYPE >> 8, NHRP_ETHERTYPE & 0xff,
	};
	u16 sum = nhrp_checksum(head, 20);

	head[10] = sum >> 8;
	head[11] = sum & 0xff;
	fwrite(record, sizeof(record), 1, f);
	fwrite(head, sizeof(head), 1, f);
	fwrite(p->pkt, p->len, 1, f);
}

static void write_pcap(FILE *f)
{
	struct {
		u32 magic;
		u16 major, minor;
		u32 zone, sigfigs, snaplen, linktype;
	} header = { 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_RAW };
	int i;

	fwrite(&header, sizeof(header), 1, f);
	for (i = 0; i < n_packets; i++)
		write_packet(f, &packets[i]);
	assert_int_equal(fflush(f), 0);
}

static void check_line(const struct packet *p, char *line)
{
	struct nhrp_fields want;
	struct nhrp_msg msg;
	char *value;
	int i;

	assert_int_equal(nhrp_decode(p->pkt, p->len, &msg, NULL), 0);
	nhrp_fields_of(&msg, p->pkt, &want);
	line[strcspn(line, "\n")] = '\0';
	for (i = 0; i < NHRP_N_FIELDS; i++) {
		value = strsep(&line, "|");
		assert_non_null(value);
		if (strcmp(value, want.v[i]))
			fail_msg("%s: %s: tshark reads '%s', we '%s'", p->name,
				 nhrp_field_names[i], value, want.v[i]);
	}
	for (i = 0; i < N_EXTRA; i++) {
		value = strsep(&line, "|");
		assert_non_null(value);
		if (i == X_PROTOCOLS && strncmp(value, "raw:ip:gre:nhrp", 15))
			fail_msg("%s: tshark sees %s", p->name, value);
		/* one per packet, also for a quoted one; 1 is good */
		if (i == X_CHECKSUM_STATUS && strcmp(value, "1") &&
		    strcmp(value, "1,1"))
			fail_msg("%s: checksum status '%s', want 1",
				 p->name, value);
		if ((i == X_EXPERT || i == X_MALFORMED) && *value)
			fail_msg("%s: %s: %s", p->name, extra_fields[i], value);
	}
}

/* Writes all packets to a file, runs tshark on it, checks a line for each. */
static void run_tshark(void)
{
	static char command[8192], line[LINE_LEN];
	char path[] = "/tmp/dvpn-tshark-XXXXXX";
	int fd = mkstemp(path), i, used;
	FILE *f, *tshark;

	assert_true(fd >= 0);
	unlink(path);	/* the descriptor is inherited */
	f = fdopen(fd, "w");
	assert_non_null(f);
	write_pcap(f);
	used = sprintf(command,
		       "tshark -n -r /dev/fd/%d -T fields -E separator='|'", fd);
	for (i = 0; i < NHRP_N_FIELDS; i++)
		used += sprintf(command + used, " -e %s", nhrp_field_names[i]);
	for (i = 0; i < N_EXTRA; i++)
		used += sprintf(command + used, " -e %s", extra_fields[i]);
	sprintf(command + used, " 2>/dev/null");

	tshark = popen(command, "r");
	assert_non_null(tshark);
	for (i = 0; i < n_packets; i++) {
		if (!fgets(line, sizeof(line), tshark))
			fail_msg("tshark prints no line for %s",
				 packets[i].name);
		check_line(&packets[i], line);
	}
	assert_null(fgets(line, sizeof(line), tshark));
	assert_int_equal(pclose(tshark), 0);
	fclose(f);
}

static void test_ours(void **state)
{
	const struct nhrp_sample *s;
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_msg msg;
	u32 types = 0;

	(void)state;
	n_packets = 0;
	for (s = nhrp_samples; s->name; s++) {
		if (s->odd)
			continue;
		s->build(&msg);
		types |= 1 << msg.type;
		add_packet(s->name, pkt, nhrp_encode(&msg, pkt, sizeof(pkt)));
	}
	/* one of each type, 1 to 8 */
	assert_int_equal(types, 0x1fe);
	run_tshark();
}

static void test_captured(void **state)
{
	static struct nhrp_vector vectors[NHRP_MAX_VECTORS];
	int i, n = nhrp_vectors_load(vectors);

	(void)state;
	n_packets = 0;
	for (i = 0; i < n; i++)
		add_packet(vectors[i].name, vectors[i].pkt, vectors[i].len);
	run_tshark();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_captured),
	};

	if (system("tshark --version >/dev/null 2>&1")) {
		printf("1..0 # SKIP tshark is not installed\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
