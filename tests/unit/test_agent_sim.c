/* SPDX-License-Identifier: Apache-2.0 */
/* The client against the simulator, in one process: platform, report and key of each release. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "sim/crypto.h"
#include "tools/log_capture.h"
#include "tools/sim_agent.h"
#include "translate/cert_table.h"
#include "translate/snp_evidence.h"

static const uint8_t report_data[REPORT_DATA_SIZE] = {9, 8, 7, [63] = 1};

static struct agent agent_of(const struct sim_agent *sim)
{
	struct agent agent = {.named = true};

	snprintf(agent.path, sizeof(agent.path), "%s", sim_agent_socket(sim));
	return agent;
}

static void platforms(void **state)
{
	static const struct {
		const char *release;
		const struct platform *platform;
		enum tee tee;
	} cases[] = {
		{"0.5.5", &platform_tdx, TEE_TDX},
		{"0.5.11", &platform_tdx, TEE_TDX},
		{"0.6.0-alpha", &platform_tdx, TEE_TDX},
		{"0.6.0", &platform_tdx, TEE_TDX},
		{"0.6.0-alpha", &platform_sev_snp, TEE_SEV_SNP},
		{"0.6.0", &platform_sev_snp, TEE_SEV_SNP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum tee tee = TEE_NONE;
		struct sim_agent *sim;
		struct agent agent;

		sim = sim_agent_start(cases[i].release, cases[i].platform, SNP_CERTS_NONE);
		agent = agent_of(sim);
		assert_int_equal(agent_platform(&agent, -1, clock_now_ms() + 5000, &tee), 0);
		assert_int_equal(tee, cases[i].tee);
		assert_string_equal(log_captured(), "");
		sim_agent_stop(sim);
	}
}

static void reports(void **state)
{
	static const char *const releases[] = {"0.6.0-alpha", "0.6.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		struct snp_evidence evidence;
		struct cert_entry entry;
		struct sim_agent *sim;
		struct agent agent;

		sim = sim_agent_start(releases[i], &platform_sev_snp, SNP_CERTS_VLEK);
		agent = agent_of(sim);
		assert_int_equal(
			snp_evidence_get(&agent, report_data, clock_now_ms() + 5000, &evidence), 0);
		assert_memory_equal(evidence.report.data + 0x50, report_data, sizeof(report_data));
		assert_int_equal(
			cert_table_entry(evidence.certs.data, evidence.certs.len, 0, &entry), 0);
		assert_int_equal(entry.kind, CERT_VLEK);
		assert_string_equal(log_captured(), "");
		buf_free(&evidence.report);
		buf_free(&evidence.certs);
		sim_agent_stop(sim);
	}
}

/* The same key for the same path on every release, whatever the purpose. */
static void keys(void **state)
{
	static const char *const releases[] = {"0.5.5", "0.5.11", "0.6.0-alpha", "0.6.0"};
	uint8_t app_key[32], expected[AGENT_KEY_SIZE];

	(void)state;
	crypto_stable("application key", app_key, sizeof(app_key));
	crypto_hkdf("RATLS", app_key, "snp/0/a path", expected);
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		const char *purpose = i % 2 ? "sealing" : "";
		uint8_t key[AGENT_KEY_SIZE], other[AGENT_KEY_SIZE];
		struct sim_agent *sim;
		struct agent agent;

		sim = sim_agent_start(releases[i], &platform_tdx, SNP_CERTS_NONE);
		agent = agent_of(sim);
		assert_int_equal(agent_get_key(&agent, "snp/0/a path", purpose, "",
					       clock_now_ms() + 5000, key),
				 0);
		assert_memory_equal(key, expected, sizeof(key));
		assert_int_equal(agent_get_key(&agent, "another", purpose, "ed25519",
					       clock_now_ms() + 5000, other),
				 0);
		assert_memory_not_equal(other, key, sizeof(key));
		assert_string_equal(log_captured(), "");
		sim_agent_stop(sim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms),
		cmocka_unit_test(reports),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, log_capture_start, log_capture_end);
}
