# SPDX-License-Identifier: GPL-2.0
LIBS += nhrp
nhrp_SRCS := $(sort $(wildcard $(d)/*.c))
nhrp_PKGS := nettle
