// SPDX-License-Identifier: GPL-2.0
/* Messages for people: see describe.h. Pure, and what it reads is hostile. */
#include <stdarg.h>
#include <stdio.h>

#include "nhrp/describe.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"
#include "nhrp/redirect.h"

/**
 * struct lines - what is being written
 * @fn: takes a line that is complete.
 * @arg: for @fn.
 * @used: bytes of @text.
 * @text: line so far.
 */
struct lines {
	nhrp_line_fn fn;
	void *arg;
	size_t used;
	char text[NHRP_LINE_MAX];
};

static void __attribute__((format(printf, 2, 3)))
add(struct lines *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->used, sizeof(l->text) - l->used, fmt, ap);
	va_end(ap);
	l->used += n < 0 ? 0 : (size_t)n;
	if (l->used >= sizeof(l->text))
		l->used = sizeof(l->text) - 1;
}

static void end_line(struct lines *l)
{
	l->text[l->used] = 0;
	l->fn(l->arg, l->text);
	l->used = 0;
}

static void add_addr(struct lines *l, const struct nhrp_addr *a)
{
	char text[NHRP_ADDR_STRLEN];

	add(l, "%s", nhrp_addr_format(a, text, sizeof(text)));
}

/* ----- the header ----- */

static const struct {
	u8 first, last;		/* message types */
	u16 flag;
	const char *name;
} flag_names[] = {
	{ NHRP_RESOLUTION_REQUEST, NHRP_RESOLUTION_REPLY, NHRP_FLAG_RES_ROUTER, "router" },
	{ NHRP_RESOLUTION_REQUEST, NHRP_RESOLUTION_REPLY, NHRP_FLAG_RES_AUTHORITATIVE,
	  "authoritative" },
	{ NHRP_RESOLUTION_REQUEST, NHRP_RESOLUTION_REPLY, NHRP_FLAG_RES_DST_STABLE,
	  "destination stable" },
	{ NHRP_RESOLUTION_REQUEST, NHRP_RESOLUTION_REPLY, NHRP_FLAG_RES_UNIQUE, "unique" },
	{ NHRP_RESOLUTION_REQUEST, NHRP_RESOLUTION_REPLY, NHRP_FLAG_RES_SRC_STABLE,
	  "source stable" },
	{ NHRP_REGISTRATION_REQUEST, NHRP_REGISTRATION_REPLY, NHRP_FLAG_REG_UNIQUE, "unique" },
	{ NHRP_PURGE_REQUEST, NHRP_PURGE_REPLY, NHRP_FLAG_PURGE_NO_REPLY, "no reply" },
	{ NHRP_RESOLUTION_REQUEST, NHRP_PURGE_REPLY, NHRP_FLAG_NAT, "NAT" },
};

static void add_flags(struct lines *l, const struct nhrp_msg *msg)
{
	u16 left = msg->flags;
	size_t i;

	for (i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++) {
		if (msg->type < flag_names[i].first || msg->type > flag_names[i].last ||
		    !(left & flag_names[i].flag))
			continue;
		add(l, ", %s", flag_names[i].name);
		left &= (u16)~flag_names[i].flag;
	}
	if (left)
		add(l, ", flags 0x%04x", left);
}

static bool has_id(u8 type)
{
	return type >= NHRP_RESOLUTION_REQUEST && type <= NHRP_PURGE_REPLY;
}

/* The source of a reply is who asked; a resolution has the address that is asked for. */
static void add_ends(struct lines *l, const struct nhrp_msg *msg)
{
	bool reply = nhrp_type_is_reply(msg->type);
	bool resolution = msg->type == NHRP_RESOLUTION_REQUEST ||
			  msg->type == NHRP_RESOLUTION_REPLY;

	add(l, "%s ", reply ? "to" : "from");
	add_addr(l, &msg->src_proto);
	add(l, " at ");
	add_addr(l, &msg->src_nbma);
	add(l, " %s ", resolution ? "about" : reply ? "from" : "to");
	add_addr(l, &msg->dst_proto);
}

static void put_header(struct lines *l, const struct nhrp_msg *msg)
{
	add(l, "%s", nhrp_type_str(msg->type));
	if (has_id(msg->type))
		add(l, ", id %u", msg->request_id);
	add(l, ", hop count %u", msg->hop_count);
	add_flags(l, msg);
	end_line(l);
	add_ends(l, msg);
	end_line(l);
}

/* ----- entries ----- */

static bool is_host(const struct nhrp_msg *msg, const struct nhrp_cie *cie)
{
	return !cie->prefix_len || cie->prefix_len == NHRP_PREFIX_HOST ||
	       cie->prefix_len == nhrp_family_len(msg->proto_family) * 8;
}

/* In an extension the code has no meaning but what somebody may have put in. */
static void put_cie(struct lines *l, const char *what, const struct nhrp_msg *msg,
		    const struct nhrp_cie *cie, bool mandatory)
{
	add(l, "%s: ", what);
	if (!nhrp_addr_none(&cie->proto))
		add_addr(l, &cie->proto);
	else
		add(l, "no address");
	if (!nhrp_addr_none(&cie->nbma)) {
		add(l, " at ");
		add_addr(l, &cie->nbma);
	}
	if (!is_host(msg, cie))
		add(l, ", prefix length %u", cie->prefix_len);
	add(l, ", holding time %u s", cie->holding_time);
	if (cie->mtu)
		add(l, ", MTU %u", cie->mtu);
	if (cie->preference)
		add(l, ", preference %u", cie->preference);
	if (cie->code || (mandatory && nhrp_type_is_reply(msg->type)))
		add(l, ", code %u (%s)", cie->code, nhrp_code_str(cie->code));
	end_line(l);
}

static void put_cies(struct lines *l, const char *what, const struct nhrp_msg *msg,
		     const struct nhrp_cie_list *list)
{
	bool mandatory = list == &msg->cies;
	u8 i;

	for (i = 0; i < list->n; i++)
		put_cie(l, what, msg, &list->cie[i], mandatory);
}

/* ----- quotes ----- */

/* Of a message only who and what: it may hold a password. */
static void put_quoted_message(struct lines *l, const u8 *data, size_t len)
{
	struct nhrp_msg quoted;

	if (nhrp_decode_quote(data, len, &quoted)) {
		add(l, "about %zu octets that are no NHRP message", len);
	} else {
		add(l, "about: %s", nhrp_type_str(quoted.type));
		if (has_id(quoted.type))
			add(l, ", id %u", quoted.request_id);
		add(l, ", ");
		add_ends(l, &quoted);
	}
	end_line(l);
}

static void put_quoted_packet(struct lines *l, const u8 *data, size_t len)
{
	struct nhrp_addr src, dst;

	if (nhrp_inner_addrs(data, len, &src, &dst)) {
		add(l, "about a packet from ");
		add_addr(l, &src);
		add(l, " to ");
		add_addr(l, &dst);
	} else {
		add(l, "about %zu octets that are no IP packet", len);
	}
	end_line(l);
}

static void put_quote(struct lines *l, const struct nhrp_msg *msg)
{
	const u8 *data;
	size_t len;

	data = nhrp_msg_data(msg, &len);
	if (msg->type == NHRP_ERROR_INDICATION) {
		add(l, "error %u (%s) at octet %u", msg->error_code,
		    nhrp_error_str(msg->error_code), msg->error_offset);
		end_line(l);
		put_quoted_message(l, data, len);
	} else if (msg->type == NHRP_TRAFFIC_INDICATION) {
		if (msg->traffic_code) {
			add(l, "code %u", msg->traffic_code);
			end_line(l);
		}
		put_quoted_packet(l, data, len);
	}
}

/* ----- extensions ----- */

static const char *ext_name(u16 type)
{
	switch (type) {
	case NHRP_EXT_RESPONDER:
		return "Responder Address";
	case NHRP_EXT_FORWARD_TRANSIT:
		return "Forward Transit NHS Record";
	case NHRP_EXT_REVERSE_TRANSIT:
		return "Reverse Transit NHS Record";
	case NHRP_EXT_AUTH:
		return "Authentication";
	case NHRP_EXT_VENDOR:
		return "Vendor Private";
	case NHRP_EXT_NAT:
		return "NAT Address";
	default:
		return NULL;
	}
}

static void put_auth(struct lines *l, const struct nhrp_msg *msg)
{
	struct nhrp_addr hop, receiver;
	struct nhrp_auth auth;
	u16 key_id;

	add(l, "%s: ", ext_name(NHRP_EXT_AUTH));
	if (!nhrp_msg_get_auth_hmac(msg, &key_id, &hop, &receiver)) {
		add(l, "HMAC with key %u by ", key_id);
		add_addr(l, &hop);
		add(l, " for ");
		if (nhrp_addr_is_any(&receiver))
			add(l, "whoever it reaches");
		else
			add_addr(l, &receiver);
	} else if (nhrp_msg_get_auth(msg, &auth)) {
		add(l, "malformed");
	} else if (auth.spi == NHRP_AUTH_SPI_CISCO) {
		add(l, "password in clear text");
	} else {
		add(l, "of another kind, key %u", auth.spi);
	}
	end_line(l);
}

static bool put_dvpn(struct lines *l, const struct nhrp_msg *msg, const struct nhrp_ext *ext)
{
	struct nhrp_dvpn d;

	if (ext != nhrp_msg_ext(msg, NHRP_EXT_VENDOR) || nhrp_msg_get_dvpn(msg, &d))
		return false;
	add(l, "dvpn: %s, epoch %u, counter %u",
	    d.role == NHRP_DVPN_REPLY ? "of a node that answers" : "of a node that asks", d.epoch,
	    d.counter);
	end_line(l);
	return true;
}

static void put_raw(struct lines *l, const struct nhrp_ext *ext)
{
	const char *name = ext_name(ext->type);

	if (name)
		add(l, "%s", name);
	else
		add(l, "extension %u", ext->type);
	add(l, ": %u octets%s", ext->len,
	    ext->flags & NHRP_EXT_F_COMPULSORY && !name ? ", compulsory" : "");
	end_line(l);
}

static void put_ext(struct lines *l, const struct nhrp_msg *msg, const struct nhrp_ext *ext)
{
	const struct nhrp_cie_list *list;

	if (ext->cies) {
		list = nhrp_msg_ext_cies(msg, ext->type);
		if (list->n) {
			put_cies(l, ext_name(ext->type), msg, list);
			return;
		}
		add(l, "%s: empty", ext_name(ext->type));
		end_line(l);
	} else if (ext->type == NHRP_EXT_AUTH) {
		put_auth(l, msg);
	} else if (ext->type != NHRP_EXT_VENDOR || !put_dvpn(l, msg, ext)) {
		put_raw(l, ext);
	}
}

void nhrp_describe(const void *pkt, size_t len, nhrp_line_fn fn, void *arg)
{
	struct lines l = { .fn = fn, .arg = arg };
	struct nhrp_decode_err err;
	struct nhrp_msg msg;
	u8 i;

	if (nhrp_decode(pkt, len, &msg, &err)) {
		add(&l, "%zu octets that are no good NHRP message: %s, at octet %u", len,
		    nhrp_bad_str(err.reason), err.offset);
		end_line(&l);
		return;
	}
	put_header(&l, &msg);
	put_cies(&l, "entry", &msg, &msg.cies);
	put_quote(&l, &msg);
	for (i = 0; i < msg.n_exts; i++)
		put_ext(&l, &msg, &msg.ext[i]);
}

/* ----- whom it concerns ----- */

static bool header_names(const struct nhrp_msg *msg, const struct nhrp_addr *addr)
{
	return nhrp_addr_eq(&msg->src_proto, addr) || nhrp_addr_eq(&msg->dst_proto, addr);
}

static bool quote_names(const struct nhrp_msg *msg, const struct nhrp_addr *addr)
{
	struct nhrp_addr src, dst;
	struct nhrp_msg quoted;
	const u8 *data;
	size_t len;

	data = nhrp_msg_data(msg, &len);
	if (msg->type == NHRP_ERROR_INDICATION)
		return !nhrp_decode_quote(data, len, &quoted) && header_names(&quoted, addr);
	return msg->type == NHRP_TRAFFIC_INDICATION &&
	       nhrp_inner_addrs(data, len, &src, &dst) &&
	       (nhrp_addr_eq(&src, addr) || nhrp_addr_eq(&dst, addr));
}

static bool entry_names(const struct nhrp_msg *msg, const struct nhrp_cie *cie,
			const struct nhrp_addr *addr)
{
	struct nhrp_cie about = *cie;
	struct nhrp_prefix p;

	/* An answer names the next hop, and how much is there of what was asked for. */
	if (msg->type == NHRP_RESOLUTION_REPLY)
		about.proto = msg->dst_proto;
	return nhrp_addr_eq(&cie->proto, addr) ||
	       (!nhrp_cie_prefix(&about, NULL, &p) && nhrp_prefix_contains(&p, addr));
}

bool nhrp_concerns(const void *pkt, size_t len, const struct nhrp_addr *addr)
{
	struct nhrp_msg msg;
	u8 i;

	if (nhrp_decode(pkt, len, &msg, NULL))
		return false;
	if (header_names(&msg, addr) || quote_names(&msg, addr))
		return true;
	for (i = 0; i < msg.cies.n; i++)
		if (entry_names(&msg, &msg.cies.cie[i], addr))
			return true;
	return false;
}

const char *nhrp_verdict_name(enum nhrp_verdict v)
{
	switch (v) {
	case NHRP_VERDICT_NONE:
		return "undecided";
	case NHRP_VERDICT_SENT:
		return "sent";
	case NHRP_VERDICT_TAKEN:
		return "taken";
	case NHRP_VERDICT_ANSWERED:
		return "answered";
	case NHRP_VERDICT_FORWARDED:
		return "forwarded";
	case NHRP_VERDICT_REFUSED:
		return "refused";
	}
	return "unknown";
}
