// SPDX-License-Identifier: GPL-2.0
/*
 * dvpnctl: what a person sees
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dvpnctl/drops.h"
#include "dvpnctl/events.h"
#include "dvpnctl/metrics.h"
#include "dvpnctl/text.h"
#include "dvpnctl/view.h"
#include "lib/dvpn.h"
#include "nhrp/core.h"
#include "test_ctl.h"

static void safe_strings(void **state)
{
	char out[16];

	(void)state;
	text_safe(out, sizeof(out), "plain");
	assert_string_equal(out, "plain");
	text_safe(out, sizeof(out), "\033[2J");
	assert_string_equal(out, "\\x1b[2J");
	text_safe(out, sizeof(out), "\xc3\xa4\n\x7f");
	assert_string_equal(out, "\\xc3\\xa4\\x0a");
	text_safe(out, 1, "x");
	assert_string_equal(out, "");
	/* An escape is never cut in two. */
	text_safe(out, 4, "\n");
	assert_string_equal(out, "");
	text_safe(out, 5, "\n");
	assert_string_equal(out, "\\x0a");
}

static void durations(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "0.0s" }, { 349, "0.3s" }, { 9999, "9.9s" },
		{ 10000, "10s" }, { 59999, "59s" }, { 60000, "1m00s" },
		{ 594770, "9m54s" }, { 3600000, "1h00m" },
		{ 86399999, "23h59m" }, { 86400000, "1d00h" },
		{ 8639999999999, "99999d23h" }, { 8640000000000, "ages" },
		{ UINT64_MAX, "ages" },
	};
	char out[TEXT_DURATION_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(text_duration(out, rows[i].ms),
				    rows[i].text);
}

static void suggestions(void **state)
{
	static const char *const words[] = {
		"maps", "peers", "nhs", "shortcuts", "counters", NULL
	};

	(void)state;
	assert_string_equal(text_suggest("map", words), "maps");
	assert_string_equal(text_suggest("pers", words), "peers");
	assert_string_equal(text_suggest("hns", words), "nhs");
	assert_string_equal(text_suggest("mapss", words), "maps");
	assert_string_equal(text_suggest("shrotcuts", words), "shortcuts");
	assert_string_equal(text_suggest("count", words), "counters");
	assert_null(text_suggest("routes", words));
	assert_null(text_suggest("", words));
	assert_null(text_suggest("x", words));
	assert_null(text_suggest("a word that is longer than any command", words));
}

static const char aligned_text[] =
	"NAME       N  WHY\n"
	"a          7  -\n"
	"longer  1234  x\\x0ay\n";

static void table_alignment(void **state)
{
	static const struct text_column columns[] = {
		{ "NAME", false }, { "EMPTY", false }, { "N", true },
		{ "WHY", false },
	};
	struct text_table *table = text_table_new(columns, 4);
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	assert_true(text_table_empty(table));
	text_table_add(table, "a");
	text_table_add(table, "%s", "");
	text_table_add(table, "%d", 7);
	text_table_add(table, "%s", "");
	text_table_add(table, "longer");
	text_table_add(table, "%s", "");
	text_table_add(table, "%d", 1234);
	text_table_add(table, "x\ny");
	assert_false(text_table_empty(table));
	text_table_print(table, f);
	text_table_free(table);
	fclose(f);
	assert_string_equal(out, aligned_text);
	free(out);
}

/* What view_print() makes of the given JSON. */
static char *shown(const char *what, const char *json)
{
	json_t *entries = json_loads(json, 0, NULL);
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(entries);
	view_print(view_find(what), entries, f);
	fclose(f);
	json_decref(entries);
	return out;
}

static const char maps_json[] =
	"[{\"tunnel\": \"dvpn0\", \"protocol\": \"192.168.40.0\",\n"
	"  \"prefix_length\": 24, \"type\": \"shortcut\", \"state\": \"active\",\n"
	"  \"peer\": {\"encap\": \"gre\", \"nbma\": \"192.168.50.33\"},\n"
	"  \"age_ms\": 5230, \"idle_ms\": 120, \"expires_ms\": 594770},\n"
	" {\"tunnel\": \"dvpn0\", \"protocol\": \"9.0.0.1\",\n"
	"  \"prefix_length\": 32, \"type\": \"hub\", \"state\": \"active\",\n"
	"  \"flags\": [\"nhs\", \"unique\"],\n"
	"  \"peer\": {\"encap\": \"gre\", \"nbma\": \"192.168.50.10\"},\n"
	"  \"age_ms\": 90000}]";

static const char maps_text[] =
	"TUNNEL  PROTOCOL         NBMA           TYPE      STATE     AGE   LEFT  IDLE  FLAGS\n"
	"dvpn0   9.0.0.1          192.168.50.10  hub       active  1m30s  never     -  nhs,unique\n"
	"dvpn0   192.168.40.0/24  192.168.50.33  shortcut  active   5.2s  9m54s  0.1s  -\n";

static void maps_table(void **state)
{
	char *out = shown("maps", maps_json);

	(void)state;
	assert_string_equal(out, maps_text);
	free(out);
}

static const char peers_json[] =
	"[{\"tunnel\": \"dvpn0\", \"maps\": 2, \"flags\": [\"csum\"],\n"
	"  \"peer\": {\"encap\": \"udp\", \"nbma\": \"2001:db8::3\",\n"
	"             \"port\": 4754, \"mark\": 255, \"if_id\": 7},\n"
	"  \"counters\": {\"tx_packets\": 17}}]";

static const char peers_text[] =
	"TUNNEL  NBMA                                      MAPS  TX  FLAGS\n"
	"dvpn0   udp [2001:db8::3]:4754 mark 0xff if_id 7     2  17  csum\n";

static void peers_table(void **state)
{
	char *out = shown("peers", peers_json);

	(void)state;
	assert_string_equal(out, peers_text);
	free(out);
}

static void empty_tables(void **state)
{
	char *out;

	(void)state;
	out = shown("maps", "[]");
	assert_string_equal(out, "no mappings\n");
	free(out);
	out = shown("nhs", "[]");
	assert_string_equal(out, "no registrations: no hub is configured, or see dvpnctl status\n");
	free(out);
	assert_null(view_find("routes"));
	assert_null(view_find(""));
}

/* Wrong types, missing members, escapes: a line of something, never a crash. */
static void hostile_entries(void **state)
{
	static const char *const entries[] = {
		"[1, null, \"x\", [], {}, true]",
		"[{\"protocol\": 5, \"prefix_length\": \"a\", \"peer\": []}]",
		"[{\"protocol\": \"not an address\", \"prefix_length\": -1}]",
		"[{\"protocol\": \"zz:\", \"prefix_length\": 999999}]",
		"[{\"peer\": {\"encap\": \"udp\", \"port\": \"x\"}}]",
		"[{\"age_ms\": -1, \"expires_ms\": 9223372036854775807}]",
		"[{\"flags\": [1, null, {}, \"ok\"], \"protocols\": {}}]",
		"[{\"tunnel\": \"\\u001b[2J\\u0000\", \"reason\": \"\\n\\n\"}]",
		"[{\"counters\": 3}, {\"counters\": {\"tx_packets\": \"x\"}}]",
		"[{\"direction\": \"\\n\", \"lines\": [{}, \"\\u001b\\n\"], \"peer\": 4}]",
	};
	static const char *const whats[] = {
		"maps", "peers", "nhs", "shortcuts"
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (j = 0; j < ARRAY_SIZE(entries); j++) {
			json_t *json = json_loads(entries[j], JSON_ALLOW_NUL,
						  NULL);
			char *out;
			size_t size, k, lines = 0;
			FILE *f = open_memstream(&out, &size);

			assert_non_null(json);
			view_print(view_find(whats[i]), json, f);
			view_print_counters(json, true, f);
			view_print_reload(json_array_get(json, 0), f);
			events_print(json_array_get(json, 0), f);
			view_print_status(json_array_get(json, 0), f);
			view_print_leave(json, f);
			fclose(f);
			for (k = 0; k < size; k++) {
				lines += out[k] == '\n';
				assert_true(out[k] == '\n' ||
					    (out[k] >= ' ' && out[k] <= '~'));
			}
			assert_true(lines >= 2);
			free(out);
			json_decref(json);
		}
	}
}

static void long_strings_are_cut(void **state)
{
	char *big = malloc(1 << 20), *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);
	json_t *json;

	(void)state;
	memset(big, 'a', 1 << 20);
	big[(1 << 20) - 1] = '\0';
	json = json_pack("[{s:s, s:[s,s], s:s}]", "tunnel", big, "flags", big,
			 "ok", "reason", big);
	view_print(view_find("maps"), json, f);
	fclose(f);
	assert_true(size < 16 * TEXT_CELL_MAX);
	json_decref(json);
	free(out);
	free(big);
}

static const char counters_json[] =
	"[{\"tunnel\": \"dvpn0\",\n"
	"  \"device\": {\"tx_packets\": 10, \"rx_packets\": 0},\n"
	"  \"drops\": {\"tx_no_map\": 2, \"tx_back\": 0},\n"
	"  \"nhrp\": {\"drop-checksum\": 1, \"miss\": 3},\n"
	"  \"daemon\": {\"drop-checksum\": 1}}]";

static const char counters_text[] =
	"TUNNEL  GROUP   COUNTER        VALUE  MEANING\n"
	"dvpn0   device  tx_packets        10  -\n"
	"dvpn0   drops   tx_no_map          2  no mapping for the next hop, and no hub\n"
	"dvpn0   nhrp    drop-checksum      1  wrong checksum\n"
	"dvpn0   nhrp    miss               3  -\n"
	"dvpn0   daemon  drop-checksum      1  -\n";

static void counters_table(void **state)
{
	json_t *json = json_loads(counters_json, 0, NULL);
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	view_print_counters(json, false, f);
	fclose(f);
	assert_string_equal(out, counters_text);
	free(out);

	f = open_memstream(&out, &size);
	view_print_counters(json, true, f);
	fclose(f);
	assert_non_null(strstr(out, "rx_packets"));
	assert_non_null(strstr(out, "tx_back"));
	free(out);
	json_decref(json);
}

static const char status_json[] =
	"{\"version\": \"0.1.0\", \"pid\": 412, \"uptime_ms\": 12345,\n"
	" \"config\": \"/etc/dvpn/dvpnd.conf\", \"module\": \"loaded\",\n"
	" \"tunnels\": [{\"tunnel\": \"dvpn0\", \"state\": \"up\",\n"
	"   \"state_ms\": 12000, \"roles\": [\"nhc\"], \"phase\": 3,\n"
	"   \"addresses\": [\"192.168.111.2\", \"fe80::1\"], \"hubs\": 2,\n"
	"   \"hubs_registered\": 1, \"maps\": 2}]}";

static const char status_text[] =
	"dvpnd 0.1.0, pid 412, up 12s, config /etc/dvpn/dvpnd.conf, module loaded\n"
	"\n"
	"TUNNEL  STATE  SINCE  ROLES  PHASE  ADDRESSES      HUBS  MAPS\n"
	"dvpn0   up       12s  nhc        3  192.168.111.2   1/2     2\n";

static void status_table(void **state)
{
	json_t *json = json_loads(status_json, 0, NULL);
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	view_print_status(json, f);
	fclose(f);
	assert_string_equal(out, status_text);
	free(out);
	json_decref(json);
}

static const char events_text[] =
	"added a\nchanged b\nchanged c\n"
	"nothing has changed\n"
	"10:00:00.123  dvpn0  shortcut-up         192.168.40.0/24: direct\n"
	"10:00:00.123  dvpn0  refused             192.168.50.2: no key\n"
	"10:00:00.123  dvpn0  nhs-moved           at 192.168.50.2 now\n";

static void reload_and_events(void **state)
{
	json_t *json = json_loads("{\"added\": [\"a\"], \"removed\": [],\n"
				  " \"changed\": [\"b\", \"c\"]}", 0, NULL);
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	view_print_reload(json, f);
	json_decref(json);
	json = json_object();
	view_print_reload(json, f);
	json_decref(json);
	setenv("TZ", "UTC", 1);
	json = json_loads("{\"tunnel\": \"dvpn0\", \"time_ms\": 1763719200123,\n"
			  " \"event\": \"shortcut-up\", \"prefix_length\": 24,\n"
			  " \"protocol\": \"192.168.40.0\",\n"
			  " \"message\": \"direct\"}", 0, NULL);
	events_print(json, f);
	json_decref(json);
	json = json_loads("{\"tunnel\": \"dvpn0\", \"time_ms\": 1763719200123,\n"
			  " \"event\": \"refused\", \"message\": \"no key\",\n"
			  " \"peer\": {\"encap\": \"gre\", \"nbma\": \"192.168.50.2\"}}", 0, NULL);
	events_print(json, f);
	json_object_set_new(json, "event", json_string("nhs-moved"));
	json_object_set_new(json, "message", json_string("at 192.168.50.2 now"));
	events_print(json, f);
	json_decref(json);
	fclose(f);
	assert_string_equal(out, events_text);
	free(out);
}

static const char metrics_text[] =
	"dvpn_info{version=\"0.1.0\",module=\"loaded\"} 1\n"
	"dvpn_uptime_seconds 12\n"
	"dvpn_tunnel_up{tunnel=\"dvpn0\",state=\"up\"} 1\n"
	"dvpn_tunnel_up{tunnel=\"a\\\"\\\\x0a\",state=\"\"} 0\n"
	"dvpn_maps{tunnel=\"dvpn0\"} 2\n"
	"dvpn_spokes{tunnel=\"dvpn0\"} 0\n"
	"dvpn_device_total{tunnel=\"dvpn0\",counter=\"tx_packets\"} 7\n"
	"dvpn_drops_total{tunnel=\"dvpn0\",reason=\"tx_no_map\"} 1\n"
	"dvpn_nhrp_total{tunnel=\"dvpn0\",counter=\"drop-loop\"} 3\n"
	"dvpn_hub_registered{tunnel=\"dvpn0\",hub=\"h\",local=\"192.168.111.2\"} 1\n"
	"dvpn_hub_in_use{tunnel=\"dvpn0\",hub=\"h\",local=\"192.168.111.2\"} 0\n";

/* Each name has its two lines before it, once, and what makes no sense is left out. */
static void metrics(void **state)
{
	json_t *status = json_loads("{\"version\": \"0.1.0\", \"module\": \"loaded\",\n"
		"\"uptime_ms\": 12999, \"tunnels\": [{\"tunnel\": \"dvpn0\", \"state\": \"up\",\n"
		"\"maps\": 2, \"peers\": \"x\", \"spokes\": 0}, {\"tunnel\": \"a\\\"\\n\"}, 5]}",
		0, NULL);
	json_t *counters = json_loads("{\"tunnels\": [{\"tunnel\": \"dvpn0\", \"device\":\n"
		"{\"tx_packets\": 7, \"rx\": null}, \"drops\": {\"tx_no_map\": 1}, \"nhrp\":\n"
		"{\"drop-loop\": 3}, \"daemon\": []}]}", 0, NULL);
	json_t *nhs = json_loads("{\"nhs\": [{\"tunnel\": \"dvpn0\", \"hub\": \"h\", \"local\":\n"
		"\"192.168.111.2\", \"state\": \"registered\"}, {\"hub\": \"h\", \"trial\": true}]}",
		0, NULL);
	char *out, *line, samples[4096] = "", named[64] = "";
	size_t size, helps = 0;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	metrics_print(status, counters, nhs, f);
	fclose(f);
	for (line = strtok(out, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strncmp(line, "# HELP ", 7)) {
			snprintf(named, sizeof(named), "%.*s", (int)strcspn(line + 7, " "),
				 line + 7);
			helps++;
		} else if (!strncmp(line, "# TYPE ", 7)) {
			assert_int_equal(strncmp(line + 7, named, strlen(named)), 0);
		} else {
			assert_int_equal(strncmp(line, named, strlen(named)), 0);
			strcat(strcat(samples, line), "\n");
		}
	}
	assert_string_equal(samples, metrics_text);
	assert_int_equal(helps, 18);
	free(out);
	f = open_memstream(&out, &size);
	metrics_print(NULL, NULL, NULL, f);
	fclose(f);
	assert_non_null(strstr(out, "dvpn_info{version=\"\",module=\"\"} 1\n"));
	free(out);
	json_decref(status);
	json_decref(counters);
	json_decref(nhs);
}

static void configs(void **state)
{
	json_t *json = json_loads("{\"text\": \"tunnel a {\\n\\tphase = 2\\n}\\u001b\\n\",\n"
				  " \"differences\": [5, {\"path\": \"user\", \"from\": \"\",\n"
				  " \"to\": \"dvpn\"}, {\"tunnel\": \"a\", \"path\":\n"
				  " \"hub b.nbma\", \"from\": \"192.0.2.1\\n\",\n"
				  " \"cost\": \"all\"}]}", 0, NULL);
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	assert_non_null(json);
	view_print_config(json, f);
	view_print_differences(json, f);
	json_decref(json);
	/* Neither is there: a broken dvpnd. */
	json = json_object();
	view_print_config(json, f);
	view_print_differences(json, f);
	json_decref(json);
	fclose(f);
	assert_string_equal(out, "tunnel a {\n\tphase = 2\n}\\x1b\n"
			    "-: - -> -\n"
			    "user: \"\" -> dvpn\n"
			    "a: hub b.nbma: 192.0.2.1\\x0a -> - (all)\n");
	free(out);
}

static void every_drop_is_explained(void **state)
{
	unsigned int drop;

	(void)state;
	for (drop = DVPN_DROP_PAD + 1; drop <= DVPN_DROP_MAX; drop++)
		if (!*drop_text(dvpn_drop_name(drop)))
			fail_msg("no words for %s", dvpn_drop_name(drop));
	assert_string_equal(drop_text("no such counter"), "");
	assert_string_equal(drop_text("unspec"), "");
	/* Who looks for a wrong checksum of GRE in UDP looks in vain. */
	assert_non_null(strstr(drop_text("rx_csum"), "UDP"));
	assert_non_null(strstr(drop_text("rx_unknown_peer"), "UDP"));
}

static void every_refusal_is_explained(void **state)
{
	unsigned int c;

	(void)state;
	for (c = 0; c < NHRP_C_MAX; c++) {
		const char *name = nhrp_counter_name(c);
		bool drop = !strncmp(name, "drop-", 5);

		assert_string_equal(refusal_text(name), drop ? nhrp_counter_words(c) : "");
		if (drop)
			assert_string_not_equal(nhrp_counter_words(c), "no reason");
	}
	assert_string_equal(refusal_text("no such counter"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(safe_strings),
		cmocka_unit_test(durations),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(table_alignment),
		cmocka_unit_test(maps_table),
		cmocka_unit_test(peers_table),
		cmocka_unit_test(empty_tables),
		cmocka_unit_test(hostile_entries),
		cmocka_unit_test(long_strings_are_cut),
		cmocka_unit_test(counters_table),
		cmocka_unit_test(status_table),
		cmocka_unit_test(reload_and_events),
		cmocka_unit_test(metrics),
		cmocka_unit_test(configs),
		cmocka_unit_test(every_drop_is_explained),
		cmocka_unit_test(every_refusal_is_explained),
	};

	return cmocka_run_group_tests_name("dvpnctl", tests, NULL, NULL) +
	       test_ctl_client();
}
