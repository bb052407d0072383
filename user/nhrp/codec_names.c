// SPDX-License-Identifier: GPL-2.0
/* The codec: the standard's numbers in words. */
#include "nhrp/packet.h"

static const struct {
	const char *name;
	const char *text;
} bads[NHRP_BAD_MAX] = {
	[NHRP_BAD_NONE]		= { "none", "no fault" },
	[NHRP_BAD_SHORT]	= { "short", "packet is shorter than it says" },
	[NHRP_BAD_LIMIT]	= { "limit", "packet, CIE list or extension list is too long" },
	[NHRP_BAD_CHECKSUM]	= { "checksum", "checksum is wrong" },
	[NHRP_BAD_VERSION]	= { "version", "NHRP version is not 1" },
	[NHRP_BAD_TYPE]		= { "type", "message type is unknown" },
	[NHRP_BAD_NBMA_FAMILY]	= { "nbma-family", "NBMA address family is not IPv4 or IPv6" },
	[NHRP_BAD_PROTO_FAMILY]	= { "proto-family", "protocol type is not IPv4 or IPv6" },
	[NHRP_BAD_EXTOFF]	= { "extoff", "extension offset is outside the packet's rest" },
	[NHRP_BAD_ADDR_LEN]	= { "addr-len", "address length does not fit the family" },
	[NHRP_BAD_PREFIX_LEN]	= { "prefix-len", "prefix length is longer than the address" },
	[NHRP_BAD_CIE]		= { "cie", "client information entry is cut off" },
	[NHRP_BAD_CIE_MISSING]	= { "cie-missing", "client information entry is missing" },
	[NHRP_BAD_EXT]		= { "ext", "extension is cut off" },
	[NHRP_BAD_EXT_VALUE]	= { "ext-value", "extension's value is malformed" },
	[NHRP_BAD_EXT_TWICE]	= { "ext-twice", "extension is there twice" },
	[NHRP_BAD_EXT_END]	= { "ext-end", "End of Extensions is missing or not at the end" },
};

const char *nhrp_bad_str(enum nhrp_bad reason)
{
	return reason < NHRP_BAD_MAX ? bads[reason].text : "unknown fault";
}

const char *nhrp_bad_name(enum nhrp_bad reason)
{
	return reason < NHRP_BAD_MAX ? bads[reason].name : "unknown";
}

const char *nhrp_type_str(u8 type)
{
	switch ((enum nhrp_type)type) {
	case NHRP_RESOLUTION_REQUEST:
		return "Resolution Request";
	case NHRP_RESOLUTION_REPLY:
		return "Resolution Reply";
	case NHRP_REGISTRATION_REQUEST:
		return "Registration Request";
	case NHRP_REGISTRATION_REPLY:
		return "Registration Reply";
	case NHRP_PURGE_REQUEST:
		return "Purge Request";
	case NHRP_PURGE_REPLY:
		return "Purge Reply";
	case NHRP_ERROR_INDICATION:
		return "Error Indication";
	case NHRP_TRAFFIC_INDICATION:
		return "Traffic Indication";
	}
	return "unknown";
}

const char *nhrp_code_str(u8 code)
{
	switch ((enum nhrp_cie_code)code) {
	case NHRP_CODE_OK:
		return "success";
	case NHRP_CODE_ADMIN_PROHIBITED:
		return "administratively prohibited";
	case NHRP_CODE_NO_RESOURCES:
		return "insufficient resources";
	case NHRP_CODE_NO_BINDING:
		return "no binding exists";
	case NHRP_CODE_NOT_UNIQUE:
		return "binding exists but is not unique";
	case NHRP_CODE_UNIQUE_EXISTS:
		return "unique address already registered";
	}
	return "unknown code";
}

const char *nhrp_error_str(u16 code)
{
	switch ((enum nhrp_error)code) {
	case NHRP_ERR_NONE:
		return "none";
	case NHRP_ERR_UNKNOWN_EXT:
		return "unrecognized extension";
	case NHRP_ERR_LOOP:
		return "NHRP loop detected";
	case NHRP_ERR_UNREACHABLE:
		return "protocol address unreachable";
	case NHRP_ERR_PROTOCOL:
		return "protocol error";
	case NHRP_ERR_SDU_SIZE:
		return "NHRP SDU size exceeded";
	case NHRP_ERR_INVALID_EXT:
		return "invalid extension";
	case NHRP_ERR_INVALID_REPLY:
		return "invalid NHRP Resolution Reply received";
	case NHRP_ERR_AUTH:
		return "authentication failure";
	case NHRP_ERR_HOP_COUNT:
		return "hop count exceeded";
	case NHRP_ERR_VPN_MISMATCH:
		return "VPN mismatch";
	case NHRP_ERR_VPN_UNSUPPORTED:
		return "VPN unsupported";
	}
	return "unknown error";
}
