/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real data that some checkouts have beside them, in ../shared/fixtures (seen from the project's
 * root) or where TEESHIM_FIXTURES says.  A test that needs a file which is not there is skipped, and
 * cmocka says so.
 */
#ifndef TEESHIM_TESTS_FIXTURE_H
#define TEESHIM_TESTS_FIXTURE_H

#include "base/buf.h"

/*
 * fixture_read() - the bytes of a file; skips the calling test where it is absent.
 * @name: below the fixtures' folder
 * @out: the caller's to buf_free()
 */
void fixture_read(const char *name, struct buf *out);

/* fixture_each() - call visit for every file of a folder; skips the calling test without one. */
void fixture_each(const char *folder, void (*visit)(const char *name, const struct buf *content));

#endif
