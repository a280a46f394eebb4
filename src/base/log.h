/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line per event: what failed, where, what to do.
 *
 * TEESHIM_LOG is a level (error, info, debug; default error) and, after a colon, an optional file
 * to append to.  Without a file lines go to descriptor 2, and only if that is a terminal, a pipe
 * or open for appending: a program that closed descriptor 2 may have a data file there.
 * Never stdout, never a secret, errno untouched, one write() per line; no line where it would block,
 * and no SIGPIPE or SIGTTOU for it.
 *
 * Thread-safe.  Not for signal handlers (formats with vsnprintf), which is enough: only calls on our
 * own paths log.
 */
#ifndef TEESHIM_BASE_LOG_H
#define TEESHIM_BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* log_at() - write one line; the text carries no newline.  Longer lines are cut at 512 bytes. */
void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * log_errno() - a short English text for an errno value ("Connection refused"), never NULL.
 * A table of our own: strerror() may allocate and translate, and strerror_r() is two functions.
 */
const char *log_errno(int error);

#endif
