/* SPDX-License-Identifier: Apache-2.0 */
/* An SEV-SNP report for the eye and for tools. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/hex.h"
#include "cli/cli.h"
#include "translate/cert_table.h"
#include "translate/snp_report.h"

enum {
	ALGO_ECDSA_P384_SHA384 = 1,
	POLICY_DEBUG = 19,
	VERSION_WITH_CPUID = 3,
	VERSION_WITH_MITIGATIONS = 5
};

/* A set bit's name: AMD 56860, GUEST_POLICY and PLATFORM_INFO. */
struct bit {
	unsigned number;
	const char *name;
};

static const struct bit policy_bits[] = {
	{16, "SMT"},
	{18, "migration agent"},
	{POLICY_DEBUG, "DEBUG"},
	{20, "single socket"},
	{21, "CXL"},
	{22, "AES-256-XTS only"},
	{23, "RAPL off"},
	{24, "ciphertext hiding"},
	{25, "no page swap"},
	{0},
};

static const struct bit platform_bits[] = {
	{0, "SMT"},         {1, "TSME"}, {2, "ECC"}, {3, "RAPL off"}, {4, "ciphertext hiding"},
	{5, "alias check"}, {7, "TIO"},  {0},
};

static void print_bits(FILE *to, uint64_t value, const struct bit *bits)
{
	for (; bits->name; bits++)
		if (value >> bits->number & 1)
			fprintf(to, ", %s", bits->name);
	fputc('\n', to);
}

static void print_policy(FILE *to, uint64_t policy)
{
	fprintf(to, "%-15s 0x%llx: ABI %u.%u", "policy", (unsigned long long)policy,
		(unsigned)(policy >> 8 & 0xff), (unsigned)(policy & 0xff));
	print_bits(to, policy, policy_bits);
	if (policy >> POLICY_DEBUG & 1)
		fputs("                the DEBUG bit is set: the host can read this guest\n", to);
}

static void print_platform(FILE *to, uint64_t info)
{
	fprintf(to, "%-15s 0x%llx", "platform info", (unsigned long long)info);
	print_bits(to, info, platform_bits);
}

static void print_tcb(FILE *to, const char *name, uint64_t version, bool has_fmc)
{
	const struct snp_tcb tcb = snp_tcb_split(version, has_fmc);

	fprintf(to, "%-15s 0x%016llx:", name, (unsigned long long)version);
	if (has_fmc)
		fprintf(to, " FMC %u,", tcb.fmc);
	fprintf(to, " boot loader %u, TEE %u, SNP %u, microcode %u\n", tcb.boot_loader, tcb.tee,
		tcb.snp, tcb.microcode);
}

static void print_tcbs(FILE *to, const struct snp_report *report)
{
	const bool has_fmc = snp_report_has_fmc(report);

	print_tcb(to, "current TCB", report->current_tcb, has_fmc);
	print_tcb(to, "reported TCB", report->reported_tcb, has_fmc);
	print_tcb(to, "committed TCB", report->committed_tcb, has_fmc);
	print_tcb(to, "launch TCB", report->launch_tcb, has_fmc);
	fprintf(to, "%-15s current %u.%u build %u, committed %u.%u build %u\n", "firmware",
		report->current_major, report->current_minor, report->current_build,
		report->committed_major, report->committed_minor, report->committed_build);
	if (report->version >= VERSION_WITH_MITIGATIONS)
		fprintf(to, "%-15s launch 0x%llx, current 0x%llx\n", "mitigations",
			(unsigned long long)report->launch_mit_vector,
			(unsigned long long)report->current_mit_vector);
}

static void print_product(FILE *to, const struct snp_report *report)
{
	const char *name = snp_product_name(snp_report_product(report));

	if (report->version < VERSION_WITH_CPUID)
		fprintf(to, "%-15s not told by reports of version 2\n", "product");
	else
		fprintf(to, "%-15s %s: family 0x%x, model 0x%x, stepping 0x%x\n", "product",
			name ? name : "unknown", report->cpuid_fam_id, report->cpuid_mod_id,
			report->cpuid_step);
}

static void print_vmpl(FILE *to, uint32_t vmpl)
{
	if (vmpl == UINT32_MAX)
		fprintf(to, "%-15s asked for by the host\n", "VMPL");
	else
		fprintf(to, "%-15s %u\n", "VMPL", vmpl);
}

static void print_signer(FILE *to, const struct snp_report *report)
{
	const unsigned signer = snp_report_signer(report);

	fprintf(to, "%-15s ", "signing key");
	if (signer == SNP_SIGNER_VCEK)
		fputs("VCEK", to);
	else if (signer == SNP_SIGNER_VLEK)
		fputs("VLEK", to);
	else if (signer == SNP_SIGNER_NONE)
		fputs("none", to);
	else
		fprintf(to, "number %u, which is reserved", signer);
	if (report->signature_algo == ALGO_ECDSA_P384_SHA384)
		fputs(", ECDSA P-384 with SHA-384\n", to);
	else
		fprintf(to, ", algorithm %u\n", report->signature_algo);
}

static void print_certs(FILE *to, const struct buf *table)
{
	static const char *const names[] = {[CERT_VCEK] = "VCEK",
					    [CERT_VLEK] = "VLEK",
					    [CERT_ASK] = "ASK or ASVK",
					    [CERT_ARK] = "ARK",
					    [CERT_OTHER] = "the host's own data"};
	struct cert_entry entry;
	size_t i = 0;

	for (; cert_table_entry(table->data, table->len, i, &entry) == 0; i++)
		fprintf(to, "%-15s %s, %zu bytes\n", "certificate", names[entry.kind], entry.len);
	if (i == 0)
		fprintf(to, "%-15s none came with the report\n", "certificates");
}

/* Which processor to ask AMD about: reports of version 2 were made by Milan before any other. */
static enum snp_product kds_product(const struct snp_report *report)
{
	return report->version < VERSION_WITH_CPUID ? SNP_MILAN : snp_report_product(report);
}

static void print_kds(FILE *to, const struct snp_report *report)
{
	char url[SNP_KDS_URL_SIZE];

	fprintf(to, "%-15s ", "VCEK address");
	if (kds_product(report) == SNP_PRODUCT_UNKNOWN)
		fputs("none: this processor is not known here\n", to);
	else if (snp_report_signer(report) != SNP_SIGNER_VCEK)
		fputs("none: no VCEK signed this report\n", to);
	else if (snp_kds_url(report, kds_product(report), url) < 0)
		fputs("none: the host hides the chip's number\n", to);
	else
		fprintf(to, "%s\n", url);
	if (report->version < VERSION_WITH_CPUID)
		fputs("                if the processor is a Milan: this report does not say\n",
		      to);
}

void print_report_human(FILE *to, const struct agent *agent, const struct snp_evidence *evidence)
{
	struct snp_report report;

	if (snp_report_parse(&report, evidence->report.data, evidence->report.len) < 0)
		return;
	fprintf(to, "%-15s %s\n", "agent", agent->path);
	fprintf(to, "%-15s SEV-SNP version %u\n", "report", report.version);
	print_field(to, "report data", report.report_data, sizeof(report.report_data));
	print_field(to, "measurement", report.measurement, sizeof(report.measurement));
	print_field(to, "host data", report.host_data, sizeof(report.host_data));
	fprintf(to, "%-15s %u\n", "guest SVN", report.guest_svn);
	print_policy(to, report.policy);
	print_field(to, "family id", report.family_id, sizeof(report.family_id));
	print_field(to, "image id", report.image_id, sizeof(report.image_id));
	print_vmpl(to, report.vmpl);
	print_product(to, &report);
	print_tcbs(to, &report);
	print_platform(to, report.platform_info);
	print_field(to, "id key", report.id_key_digest, sizeof(report.id_key_digest));
	print_field(to, "author key", report.author_key_digest, sizeof(report.author_key_digest));
	print_field(to, "report id", report.report_id, sizeof(report.report_id));
	print_field(to, "report id of MA", report.report_id_ma, sizeof(report.report_id_ma));
	print_field(to, "chip id", report.chip_id, sizeof(report.chip_id));
	print_signer(to, &report);
	print_certs(to, &evidence->certs);
	print_kds(to, &report);
	fputs("\nThe signature was not checked.\n", to);
}

/* Bytes as a new JSON string, or NULL. */
static json_t *json_hex(const uint8_t *data, size_t len)
{
	char *digits = malloc(2 * len + 1);
	json_t *text = NULL;

	if (digits) {
		hex_encode(digits, data, len);
		text = json_string(digits);
	}
	free(digits);
	return text;
}

/* json_pack() takes NULL for its "s?" as JSON null, and for its "o" as a failure. */
int print_report_json(FILE *to, const struct snp_evidence *evidence,
		      const uint8_t report_data[static REPORT_DATA_SIZE])
{
	char url[SNP_KDS_URL_SIZE];
	struct snp_report report;
	bool has_url;
	json_t *object;

	if (snp_report_parse(&report, evidence->report.data, evidence->report.len) < 0)
		return -EINVAL;
	has_url = kds_product(&report) != SNP_PRODUCT_UNKNOWN &&
		  snp_kds_url(&report, kds_product(&report), url) == 0;
	object = json_pack("{s:o, s:o, s:s?, s:o}", "report",
			   json_hex(evidence->report.data, evidence->report.len), "cert_table",
			   json_hex(evidence->certs.data, evidence->certs.len), "vcek_url",
			   has_url ? url : NULL, "report_data",
			   json_hex(report_data, REPORT_DATA_SIZE));
	if (!object)
		return -ENOMEM;
	/* What it cannot write, main() finds on the stream. */
	json_dumpf(object, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(object);
	return 0;
}
