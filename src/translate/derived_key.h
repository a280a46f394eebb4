/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of SNP_GET_DERIVED_KEY out of keys that the agent has for paths: which path stands for which
 * request.  The hierarchy is the agent's, not the processor's; what is kept is that a key depends on
 * exactly what the request selects.
 *
 * The path has the root key select, the field select, the VMPL, and of each selected field its value:
 * policy, image id, family id and measurement as the report has them, the guest's SVN and the TCB
 * version as the request has them.  So an update of the firmware changes no key, and another image of
 * the guest changes those whose request selects the measurement.
 *
 * Pure: bytes in, text out.
 */
#ifndef TEESHIM_TRANSLATE_DERIVED_KEY_H
#define TEESHIM_TRANSLATE_DERIVED_KEY_H

#include "translate/snp_message.h"
#include "translate/snp_report.h"

/* GUEST_FIELD_SELECT of message version 1; the other bits are reserved in it. */
enum {
	DERIVED_KEY_POLICY = 1 << 0,
	DERIVED_KEY_IMAGE_ID = 1 << 1,
	DERIVED_KEY_FAMILY_ID = 1 << 2,
	DERIVED_KEY_MEASUREMENT = 1 << 3,
	DERIVED_KEY_GUEST_SVN = 1 << 4,
	DERIVED_KEY_TCB_VERSION = 1 << 5,
	DERIVED_KEY_FIELDS = (1 << 6) - 1,
};

/*
 * derived_key_status() - the verdict on a request.
 * @report: of this guest
 *
 * SNP_STATUS_INVALID_PARAM for reserved bits, a VMPL above 3, and a selected SVN or TCB version (any
 * part of it) above the guest's SVN or the committed TCB; SNP_STATUS_INVALID_KEY for the VLEK where it
 * is not what signs reports here.
 */
enum snp_status derived_key_status(const struct snp_derived_key_req *req,
				   const struct snp_report *report);

enum { DERIVED_KEY_PATH_SIZE = 400 };

/*
 * derived_key_path() - the path for a request whose status is 0: letters, digits, "/", "-" and "=".
 *
 * Two requests have one path if and only if they agree in everything that they select.
 */
void derived_key_path(const struct snp_derived_key_req *req, const struct snp_report *report,
		      char path[static DERIVED_KEY_PATH_SIZE]);

#endif
