# SPDX-License-Identifier: GPL-2.0
PROGS += frr-vty
frr-vty_SRCS := $(d)/frr-vty.c
