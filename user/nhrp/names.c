// SPDX-License-Identifier: GPL-2.0
/* Names of what the protocol core counts and tells. */
#include "nhrp/core.h"

const char *nhrp_counter_name(enum nhrp_counter c)
{
	static const char * const names[] = {
#define X(id, name, words) name,
		NHRP_COUNTERS(X)
#undef X
	};

	return c >= 0 && c < NHRP_C_MAX ? names[c] : "none";
}

const char *nhrp_counter_words(enum nhrp_counter c)
{
	static const char * const reasons[] = {
#define X(id, name, words) words,
		NHRP_COUNTERS(X)
#undef X
	};

	return c >= 0 && c < NHRP_C_MAX && reasons[c] ? reasons[c] : "no reason";
}

const char *nhrp_event_name(enum nhrp_event e)
{
	static const char * const names[] = {
#define X(id, name) name,
		NHRP_EVENTS(X)
#undef X
	};

	return e >= 0 && e < NHRP_EVENT_MAX ? names[e] : "unknown";
}

const char *nhrp_nhs_state_name(enum nhrp_nhs_state s)
{
	switch (s) {
	case NHRP_NHS_WAIT:
		return "wait";
	case NHRP_NHS_REGISTERING:
		return "registering";
	case NHRP_NHS_REGISTERED:
		return "registered";
	case NHRP_NHS_UNREACHABLE:
		return "unreachable";
	case NHRP_NHS_REFUSED:
		return "refused";
	case NHRP_NHS_STANDBY:
		return "standby";
	}
	return "unknown";
}

const char *nhrp_shortcut_state_name(enum nhrp_shortcut_state s)
{
	switch (s) {
	case NHRP_SHORTCUT_RESOLVING:
		return "resolving";
	case NHRP_SHORTCUT_PROBATION:
		return "probation";
	case NHRP_SHORTCUT_ACTIVE:
		return "active";
	case NHRP_SHORTCUT_RENEWING:
		return "renewing";
	case NHRP_SHORTCUT_NEGATIVE:
		return "negative";
	case NHRP_SHORTCUT_RELAYED:
		return "relayed";
	}
	return "unknown";
}
