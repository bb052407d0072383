# SPDX-License-Identifier: GPL-2.0
LIBS += vici
vici_SRCS := $(sort $(wildcard $(d)/*.c))
