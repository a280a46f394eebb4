/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-384 (FIPS 180-4), for the two hashes inside a TDREPORT and for replaying event logs.  Written
 * here because nothing that the preloaded library may link has it: libcurl and jansson bring none, the
 * kernel's AF_ALG is closed in many containers, and OpenSSL would be ten times the library.
 */
#ifndef TEESHIM_BASE_SHA384_H
#define TEESHIM_BASE_SHA384_H

#include <stddef.h>
#include <stdint.h>

enum { SHA384_SIZE = 48 };

/* sha384() - the digest of len bytes. */
void sha384(uint8_t digest[static SHA384_SIZE], const void *data, size_t len);

#endif
