/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_CTL_H
#define TEST_CTL_H

/* Runs the tests of the client side of the control socket; 0 if all pass. */
int test_ctl_client(void);

#endif /* TEST_CTL_H */
