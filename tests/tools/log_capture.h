/* SPDX-License-Identifier: Apache-2.0 */
/* The library's log in a file, for tests of what it says. */
#ifndef TEESHIM_TESTS_LOG_CAPTURE_H
#define TEESHIM_TESTS_LOG_CAPTURE_H

/* log_capture_start(), log_capture_end() - set-up and teardown of a group of tests. */
int log_capture_start(void **state);
int log_capture_end(void **state);

/*
 * log_captured() - what was logged since the last call: one line or nothing; more fails the test.
 */
const char *log_captured(void);

#endif
