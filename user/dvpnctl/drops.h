/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's drop counters mean, in a few words
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

#endif /* DVPNCTL_DROPS_H */
