/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that the user gives for SEV-SNP reports, by TEESHIM_SNP_CERTS: many agents have none.
 * They are read anew for each report, so that a file may be replaced while programs run.
 */
#ifndef TEESHIM_TRANSLATE_SNP_CERTS_H
#define TEESHIM_TRANSLATE_SNP_CERTS_H

#include <stddef.h>

#include "base/buf.h"

enum { SNP_CERTS_FILES_MAX = 16, SNP_CERTS_FILE_MAX = 64 << 10 };

/*
 * snp_certs_read() - the bytes of a file, or of the files of a folder in the order of their names.
 * @path: symbolic links are followed.  In a folder, names that begin with a dot and what is no regular
 *        file are left out
 * @files, @count: the caller's to free, after success alone; elements for cert_table_make()
 *
 * Return: 0; -ENOMEM; else, after one log line, another -errno: neither file nor folder, too many files,
 * a file above SNP_CERTS_FILE_MAX, or what the kernel says.
 */
int snp_certs_read(const char *path, struct buf files[static SNP_CERTS_FILES_MAX], size_t *count);

#endif
