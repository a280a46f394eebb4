/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/log_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char log_path[] = "/tmp/teeshim-log-XXXXXX";

int log_capture_start(void **state)
{
	char setting[64];
	int fd = mkstemp(log_path);

	(void)state;
	close(fd);
	snprintf(setting, sizeof(setting), "error:%s", log_path);
	return setenv("TEESHIM_LOG", setting, 1);
}

int log_capture_end(void **state)
{
	(void)state;
	return unlink(log_path);
}

const char *log_captured(void)
{
	static char line[1024];
	FILE *file = fopen(log_path, "r");
	size_t len;

	assert_non_null(file);
	len = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	assert_int_equal(truncate(log_path, 0), 0);
	line[len] = '\0';
	if (len > 0)
		assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	return line;
}
