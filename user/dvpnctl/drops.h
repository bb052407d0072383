/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the counters of drops and refusals mean, in a few words
 */
#ifndef DVPNCTL_DROPS_H
#define DVPNCTL_DROPS_H

/**
 * drop_text() - explain a drop counter
 * @name: as in &enum dvpn_drop without prefix, lower case: "tx_no_map".
 *
 * Return: a few words, "" if there are none.
 */
const char *drop_text(const char *name);

/**
 * refusal_text() - explain a counter of refused NHRP messages
 * @name: as in NHRP_COUNTERS: "drop-checksum".
 *
 * Return: a few words, "" if there are none: the counter is no refusal.
 */
const char *refusal_text(const char *name);

#endif /* DVPNCTL_DROPS_H */
