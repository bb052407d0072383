// SPDX-License-Identifier: GPL-2.0
/*
 * States and counters in the text format of Prometheus: see metrics.h
 */
#include <string.h>

#include "dvpnctl/metrics.h"
#include "dvpnctl/text.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *string_of(json_t *entry, const char *member)
{
	const char *s = json_string_value(json_object_get(entry, member));

	return s ? s : "";
}

/* A label: the value is made safe first, and what is special here gets a backslash. */
static void put_label(const char *name, const char *value, bool first, FILE *out)
{
	char safe[TEXT_CELL_MAX];
	const char *c;

	text_safe(safe, sizeof(safe), value);
	fprintf(out, "%s%s=\"", first ? "{" : ",", name);
	for (c = safe; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

static void put_head(const char *name, const char *type, const char *help, FILE *out)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* ----- of a tunnel ----- */

static const struct {
	const char *member;
	const char *name;
	const char *help;
} gauges[] = {
	{ "maps", "dvpn_maps", "Mappings in the kernel's table." },
	{ "peers", "dvpn_peers", "Peers in the kernel's table." },
	{ "incomplete", "dvpn_incomplete", "Next hops that are being asked for." },
	{ "hubs", "dvpn_hubs", "Hubs that are configured." },
	{ "hubs_registered", "dvpn_hubs_registered", "Hubs that took all our addresses." },
	{ "spokes", "dvpn_spokes", "Addresses that are registered here." },
	{ "shortcuts", "dvpn_shortcuts", "Direct paths that carry data." },
	{ "queued", "dvpn_queued_changes", "Changes that the kernel has not acknowledged." },
	{ "frames_queued", "dvpn_queued_frames", "NHRP packets that wait to be handled." },
};

static void put_gauges(json_t *tunnels, FILE *out)
{
	json_t *tunnel, *value;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(gauges); i++) {
		put_head(gauges[i].name, "gauge", gauges[i].help, out);
		json_array_foreach(tunnels, j, tunnel) {
			value = json_object_get(tunnel, gauges[i].member);
			if (!json_is_integer(value))
				continue;
			fputs(gauges[i].name, out);
			put_label("tunnel", string_of(tunnel, "tunnel"), true, out);
			fprintf(out, "} %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
		}
	}
}

static void put_states(json_t *tunnels, FILE *out)
{
	json_t *tunnel;
	size_t i;

	put_head("dvpn_tunnel_up", "gauge", "Whether the tunnel is up; the label says more.", out);
	json_array_foreach(tunnels, i, tunnel) {
		const char *state = string_of(tunnel, "state");

		if (!json_is_object(tunnel))
			continue;
		fputs("dvpn_tunnel_up", out);
		put_label("tunnel", string_of(tunnel, "tunnel"), true, out);
		put_label("state", state, false, out);
		fprintf(out, "} %d\n", !strcmp(state, "up"));
	}
}

/* ----- counters ----- */

static const struct {
	const char *member;
	const char *name;
	const char *label;
	const char *help;
} groups[] = {
	{ "device", "dvpn_device_total", "counter", "Counters of the device." },
	{ "drops", "dvpn_drops_total", "reason", "Packets that were dropped." },
	{ "nhrp", "dvpn_nhrp_total", "counter", "NHRP messages, and reasons of refusals." },
	{ "daemon", "dvpn_daemon_total", "counter", "What dvpnd had to do with the kernel." },
};

static void put_counters(json_t *tunnels, FILE *out)
{
	json_t *tunnel, *value;
	const char *name;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		put_head(groups[i].name, "counter", groups[i].help, out);
		json_array_foreach(tunnels, j, tunnel) {
			json_object_foreach(json_object_get(tunnel, groups[i].member), name,
					    value) {
				if (!json_is_integer(value))
					continue;
				fputs(groups[i].name, out);
				put_label("tunnel", string_of(tunnel, "tunnel"), true, out);
				put_label(groups[i].label, name, false, out);
				fprintf(out, "} %" JSON_INTEGER_FORMAT "\n",
					json_integer_value(value));
			}
		}
	}
}

/* ----- hubs ----- */

static void put_hub(const char *metric, json_t *hub, bool value, FILE *out)
{
	fputs(metric, out);
	put_label("tunnel", string_of(hub, "tunnel"), true, out);
	put_label("hub", string_of(hub, "hub"), false, out);
	put_label("local", string_of(hub, "local"), false, out);
	fprintf(out, "} %d\n", value);
}

static void put_hubs(json_t *nhs, FILE *out)
{
	json_t *hub;
	size_t i;

	put_head("dvpn_hub_registered", "gauge", "Whether the hub knows this address of ours.",
		 out);
	/* Another address of its name is only tried: the hub has one entry for that it uses. */
	json_array_foreach(nhs, i, hub)
		if (!json_is_true(json_object_get(hub, "trial")))
			put_hub("dvpn_hub_registered", hub,
				!strcmp(string_of(hub, "state"), "registered"), out);
	put_head("dvpn_hub_in_use", "gauge", "Whether data without a better path goes by the hub.",
		 out);
	json_array_foreach(nhs, i, hub)
		if (!json_is_true(json_object_get(hub, "trial")))
			put_hub("dvpn_hub_in_use", hub,
				json_is_true(json_object_get(hub, "in_use")), out);
}

void metrics_print(json_t *status, json_t *counters, json_t *nhs, FILE *out)
{
	json_t *uptime = json_object_get(status, "uptime_ms");
	json_t *tunnels = json_object_get(status, "tunnels");

	put_head("dvpn_info", "gauge", "Version of dvpnd, and whether the module is loaded.", out);
	fputs("dvpn_info", out);
	put_label("version", string_of(status, "version"), true, out);
	put_label("module", string_of(status, "module"), false, out);
	fputs("} 1\n", out);
	if (json_is_integer(uptime)) {
		put_head("dvpn_uptime_seconds", "gauge", "Time since dvpnd was started.", out);
		fprintf(out, "dvpn_uptime_seconds %" JSON_INTEGER_FORMAT "\n",
			json_integer_value(uptime) / 1000);
	}
	put_states(tunnels, out);
	put_gauges(tunnels, out);
	put_counters(json_object_get(counters, "tunnels"), out);
	put_hubs(json_object_get(nhs, "nhs"), out);
}
