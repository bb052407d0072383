# SPDX-License-Identifier: GPL-2.0
# tcpflow is a flow for the guest that counts instructions, regload registers spokes with a hub.
PROGS += tcpflow
tcpflow_SRCS := $d/tcpflow.c

PROGS += regload
regload_SRCS := $d/regload.c
regload_LIBS := nhrp
