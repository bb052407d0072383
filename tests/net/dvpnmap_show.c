// SPDX-License-Identifier: GPL-2.0
/* What dvpnmap prints: one object a line, as key=value. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "dvpnmap.h"

static void show_addr(const char *name, const struct dvpn_addr *addr)
{
	char buf[DVPN_ADDR_STRLEN];

	if (addr->family)
		printf(" %s=%s", name, dvpn_addr_str(addr, buf));
}

static void show_bytes(const char *name, const u8 *bytes, unsigned int len)
{
	unsigned int i;

	if (!len)
		return;
	printf(" %s=", name);
	for (i = 0; i < len; i++)
		printf("%02x", bytes[i]);
}

static void show_key(const struct dvpn_peer_key *key)
{
	if (!key->nbma.family)
		return;
	show_addr("nbma", &key->nbma);
	printf(" encap=%s", dvpn_encap_name(key->encap));
	if (key->port)
		printf(" port=%u", ntohs(key->port));
	if (key->mark)
		printf(" mark=%u", key->mark);
	if (key->xfrm_if_id)
		printf(" if-id=%u", key->xfrm_if_id);
}

static void show_flags(enum dvpn_names names, u32 flags)
{
	char buf[160];

	printf(" flags=%s", dvpn_mask_str(names, flags, ",", buf, sizeof(buf)));
}

/* The members of a mapping, without a name in front. */
static void show_map_members(const struct dvpn_map *map)
{
	if (map->has & DVPN_MAP_HAS_ID)
		printf(" id=%u", map->id);
	if (map->has & DVPN_MAP_HAS_PROTO) {
		show_addr("proto", &map->proto);
		printf(" len=%u", map->prefixlen);
	}
	if (map->has & DVPN_MAP_HAS_FLAGS)
		show_flags(DVPN_NAMES_MAP_FLAG, map->flags);
	if (map->has & DVPN_MAP_HAS_PREFERENCE)
		printf(" preference=%u", map->preference);
	if (map->has & DVPN_MAP_HAS_EXPIRES)
		printf(" expires=%" PRIu64, (uint64_t)map->expires_ms);
	if (map->has & DVPN_MAP_HAS_AGE)
		printf(" age=%" PRIu64, (uint64_t)map->age_ms);
	if (map->has & DVPN_MAP_HAS_IDLE)
		printf(" idle=%" PRIu64, (uint64_t)map->idle_ms);
	if (map->has & DVPN_MAP_HAS_OWNER)
		printf(" owner=%u", map->owner);
	show_bytes("cookie", map->cookie.bytes, map->cookie.len);
	show_key(&map->peer);
	if (map->has & DVPN_MAP_HAS_PEER_ID)
		printf(" peer=%u", map->peer_id);
}

void show_map(const char *what, const struct dvpn_map *map)
{
	fputs(what, stdout);
	show_map_members(map);
	putchar('\n');
}

void show_peer(const char *what, const struct dvpn_peer *peer)
{
	printf("%s id=%u", what, peer->id);
	show_key(&peer->key);
	show_flags(DVPN_NAMES_PEER_FLAG, peer->flags);
	printf(" mark-mask=%u mtu=%u mtu-advertised=%u pmtu=%u mss=%u",
	       peer->mark_mask, peer->mtu, peer->mtu_advertised, peer->pmtu, peer->mss);
	printf(" keepalive=%u owner=%u maps=%u", peer->keepalive_s, peer->owner, peer->maps);
	if (peer->has & DVPN_PEER_HAS_EXPIRES)
		printf(" expires=%" PRIu64, (uint64_t)peer->expires_ms);
	if (peer->has & DVPN_PEER_HAS_RX_IDLE)
		printf(" rx-idle=%" PRIu64, (uint64_t)peer->rx_idle_ms);
	show_bytes("cookie", peer->cookie.bytes, peer->cookie.len);
	printf(" tx=%" PRIu64 " rx=%" PRIu64 "\n",
	       (uint64_t)peer->stats[DVPN_STAT_TX_PACKETS],
	       (uint64_t)peer->stats[DVPN_STAT_RX_PACKETS]);
}

void show_group(const struct dvpn_group *group)
{
	printf("group");
	show_addr("group", &group->group);
	printf(" peer=%u", group->peer_id);
	show_key(&group->peer);
	putchar('\n');
}

void show_dev(const struct dvpn_dev *dev)
{
	char buf[256];
	unsigned int i;

	printf("dev ifindex=%u ifname=%s", dev->ifindex, dev->ifname);
	printf(" features=%s",
	       dvpn_mask_str(DVPN_NAMES_FEATURE, dev->features, ",", buf, sizeof(buf)));
	printf(" generation=%u maps=%u peers=%u incomplete=%u", dev->generation, dev->maps,
	       dev->peers, dev->incomplete);
	printf(" agent=%s",
	       dvpn_mask_str(DVPN_NAMES_AGENT, dev->agent_classes, ",", buf, sizeof(buf)));
	printf(" nhs=%u", dev->default_nhs);
	for (i = DVPN_STAT_PAD + 1; i <= DVPN_STAT_MAX; i++)
		printf(" %s=%" PRIu64, dvpn_stat_name(i), (uint64_t)dev->stats[i]);
	for (i = DVPN_DROP_PAD + 1; i <= DVPN_DROP_MAX; i++)
		printf(" drop_%s=%" PRIu64, dvpn_drop_name(i), (uint64_t)dev->drops[i]);
	putchar('\n');
}

static void show_sa(const struct dvpn_sa *sa)
{
	if (sa->present)
		printf(" spi=%08x reqid=%u sa-if-id=%u", ntohl(sa->spi), sa->reqid, sa->if_id);
}

void show_frame(const struct dvpn_frame *frame)
{
	printf("frame seq=%u lost=%u", frame->stamp.seq, frame->stamp.lost);
	show_key(&frame->peer);
	show_addr("local", &frame->local);
	printf(" link=%u peer=%u", frame->link_ifindex, frame->peer_id);
	show_sa(&frame->sa);
	show_bytes("data", frame->data, frame->len);
	putchar('\n');
}

void show_event(const struct dvpn_event_msg *event)
{
	printf("event type=%s seq=%u lost=%u dev=%s", dvpn_event_name(event->type),
	       event->stamp.seq, event->stamp.lost, event->ifname);
	show_map_members(&event->map);
	show_addr("local", &event->local);
	show_sa(&event->sa);
	show_addr("src", &event->src);
	show_addr("dst", &event->dst);
	if (event->inner_proto)
		printf(" inner=%04x", event->inner_proto);
	if (event->inner_len)
		printf(" inner-len=%u", event->inner_len);
	if (event->excerpt_len)
		printf(" excerpt-len=%u", event->excerpt_len);
	if (event->reason)
		printf(" reason=%s", dvpn_reason_name(event->reason));
	if (event->error)
		printf(" errno=%u", event->error);
	putchar('\n');
}
