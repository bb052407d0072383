# SPDX-License-Identifier: GPL-2.0
# tcpflow is a flow for the guest that counts instructions.
PROGS += tcpflow
tcpflow_SRCS := $d/tcpflow.c
