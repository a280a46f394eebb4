/* SPDX-License-Identifier: Apache-2.0 */
/* Agents for the torture tests, as functions of tools/stub_agent.h. */
#ifndef TEESHIM_TESTS_TORTURE_AGENTS_H
#define TEESHIM_TESTS_TORTURE_AGENTS_H

/* On TDX.  agent_msgpack() - has /v1, whose attestation is MessagePack, and Info; agent_scale() - has neither. */
void agent_msgpack(int fd, const char *request);
void agent_scale(int fd, const char *request);

/* agent_snp() - on SEV-SNP, without /v1, and with a certificate that is none. */
void agent_snp(int fd, const char *request);

#endif
