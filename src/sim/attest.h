/* SPDX-License-Identifier: Apache-2.0 */
/* The "attestation" byte string of Attest: platform evidence in dstack's frame. */
#ifndef TEESHIM_SIM_ATTEST_H
#define TEESHIM_SIM_ATTEST_H

#include "sim/sim.h"

/* attest_v0() - append the SCALE form, which the unversioned Attest gives. */
void attest_v0(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN],
	       struct bytes *out);

/* attest_v1() - append the MessagePack form, which /v1/Attest gives. */
void attest_v1(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN],
	       struct bytes *out);

#endif
