# SPDX-License-Identifier: GPL-2.0
# The protocol core on a virtual network; run in the top directory. One seed with every notice:
#     build/user/test-sim-seeds 101, or what test-sim-random prints

sim_engine := sim.c sim_heap.c sim_wire.c sim_queue.c sim_stop.c sim_table.c sim_kernel.c \
	sim_check.c topology.c
sim_tests := paths restart restore move hubs missed failover hostile auth epoch replay member wire \
	names places seeds wave random why overload codes transit fields cisco trace clear \
	identity ike owner waiting cover hierarchy holding probes claims families symmetric turns \
	clock mixed password

TESTS += $(sim_tests:%=test-sim-%)
$(foreach t,$(sim_tests),$(eval test-sim-$t_SRCS := \
	$(addprefix $(d)/,test_$t.c $(sim_engine))))
$(foreach t,move turns,$(eval test-sim-$t_SRCS += $(d)/moves.c))
$(foreach t,missed failover,$(eval test-sim-$t_SRCS += $(d)/spares.c))
$(foreach t,auth epoch replay identity ike owner waiting hierarchy clock mixed password,$(eval test-sim-$t_SRCS += $(d)/signed.c))
$(foreach t,names places,$(eval test-sim-$t_SRCS += $(d)/named.c))
$(foreach t,hostile codes transit fields cisco identity ike owner waiting cover hierarchy holding probes claims mixed password,$(eval test-sim-$t_SRCS += $(d)/forged.c))
$(foreach t,identity ike owner waiting hierarchy password,$(eval test-sim-$t_SRCS += $(d)/identities.c))
test-sim-cisco_SRCS += tests/unit/nhrp_vectors.c tests/unit/nhrp_fields.c
$(foreach t,$(sim_tests),$(eval test-sim-$t_LIBS := nhrp))
$(foreach t,$(sim_tests),$(eval test-sim-$t_PKGS := cmocka))
