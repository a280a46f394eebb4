/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's JSON, of three versions and of nobody's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/answer.h"
#include "agent/failure.h"
#include "tools/fixture.h"
#include "translate/tdx_quote.h"

static struct http_answer reply(long status, const char *body)
{
	struct http_answer answer = {.status = status};

	assert_int_equal(buf_append(&answer.body, body, strlen(body), HTTP_BODY_MAX), 0);
	return answer;
}

static int object_of(const char *body, json_t **object)
{
	struct http_answer answer = reply(200, body);
	int err = answer_object(&answer.body, object);

	http_answer_free(&answer);
	return err;
}

static void three_versions(void **state)
{
	static const struct {
		const char *body;
		const char *event_log;
		const char *vm_config;
	} cases[] = {
		/* tappd 0.3.6 */
		{"{\"quote\":\"04000200\",\"event_log\":\"[]\",\"hash_algorithm\":\"raw\","
		 "\"prefix\":\"\"}",
		 "[]", NULL},
		/* 0.5.5 */
		{"{\"quote\":\"04000200\",\"event_log\":\"[{\\\"imr\\\":0}]\","
		 "\"report_data\":\"00\",\"vm_config\":\"{}\"}",
		 "[{\"imr\":0}]", "{}"},
		/* a build between 0.5.11 and 0.6.0, its one field more */
		{"{\n  \"quote\": \"0x04000200\",\n  \"event_log\": \"\",\n  \"attestation\": "
		 "\"00\"\n}",
		 NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf quote = {0};
		char *event_log;
		char *vm_config;
		json_t *object;

		assert_int_equal(object_of(cases[i].body, &object), 0);
		assert_int_equal(answer_hex(object, "quote", &quote), 0);
		assert_int_equal(quote.len, 4);
		assert_memory_equal(quote.data, "\4\0\2\0", 4);
		assert_int_equal(answer_text(object, "event_log", &event_log), 0);
		assert_int_equal(answer_text(object, "vm_config", &vm_config), 0);
		assert_int_equal(!event_log, !cases[i].event_log);
		assert_int_equal(!vm_config, !cases[i].vm_config);
		if (event_log)
			assert_string_equal(event_log, cases[i].event_log);
		if (vm_config)
			assert_string_equal(vm_config, cases[i].vm_config);
		free(event_log);
		free(vm_config);
		buf_free(&quote);
		json_decref(object);
	}
}

static void not_objects(void **state)
{
	static const char *const bodies[] = {
		"",
		"null",
		"[]",
		"\"text\"",
		"{",
		"{\"quote\":\"04",
		"{\"quote\":\"04\"} more",
		"{\"quote\":\"04\",\"quote\":\"05\"}",
		"<html>404</html>",
		"{\"quote\":\"\xff\"}",
	};
	json_t *object;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(object_of(bodies[i], &object), -EBADMSG);
}

/* A long answer of few values is read, a short one of many is not. */
static void many_values(void **state)
{
	enum { COMMAS = 5000, LONG = 1 << 20 };
	static char commas[COMMAS + 1];
	char *body = malloc(LONG);
	json_t *object;

	(void)state;
	for (size_t i = 0; i < COMMAS; i += 2) {
		commas[i] = ',';
		commas[i + 1] = '0';
	}
	snprintf(body, LONG, "{\"a\":[0%s%s]}", commas, commas);
	assert_int_equal(object_of(body, &object), -EBADMSG);
	snprintf(body, LONG, "{\"a\":\"\\\"%s%s\",\"b\":\"%0900000d\"}", commas, commas, 0);
	assert_int_equal(object_of(body, &object), 0);
	json_decref(object);
	free(body);
}

static void bad_hex(void **state)
{
	static const char *const bodies[] = {
		"{\"quote\":\"040\"}",
		"{\"quote\":\"0g\"}",
		"{\"quote\":null}",
		"{\"quote\":4}",
		"{}",
		"{\"quote\":\"0x0x04\"}",
	};
	struct buf quote = {0};
	json_t *object;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(object_of(bodies[i], &object), 0);
		assert_int_equal(answer_hex(object, "quote", &quote), -EBADMSG);
		json_decref(object);
	}
	assert_int_equal(object_of("{\"quote\":\"\"}", &object), 0);
	assert_int_equal(answer_hex(object, "quote", &quote), 0);
	assert_int_equal(quote.len, 0);
	assert_null(quote.data);
	json_decref(object);
}

static void error_texts(void **state)
{
	static const struct {
		const char *body;
		const char *text;
	} cases[] = {
		{"{\n  \"error\": \"Report data is too long\"\n}", "Report data is too long"},
		{"{\"error\":{\"code\":404,\"reason\":\"Not Found\",\"description\":\"The "
		 "requested "
		 "resource could not be found.\"}}",
		 "The requested resource could not be found."},
		{"<html>\n\n  <h1>404</h1>", "<html> <h1>404</h1>"},
		{"{\"error\":\"a\\u001b[31m\\u009bred\\nline\"}", "a?[31m??red line"},
		{"{\"error\":7}", "{\"error\":7}"},
		{"", ""},
	};
	char text[ANSWER_ERROR_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_answer answer = reply(400, cases[i].body);

		answer_error(&answer, text);
		assert_string_equal(text, cases[i].text);
		http_answer_free(&answer);
	}
}

static void error_text_is_bounded(void **state)
{
	char text[8];

	(void)state;
	failure_text(text, sizeof(text), "0123456789", 10);
	assert_string_equal(text, "0123456");
	failure_text(text, 1, "0123456789", 10);
	assert_string_equal(text, "");
	failure_text(text, sizeof(text), " \t\n a\0b", 7);
	assert_string_equal(text, "a?b");
}

static void unknown_methods(void **state)
{
	static const struct {
		long status;
		const char *body;
		bool unknown;
	} cases[] = {
		{400, "{\n  \"error\": \"Service not found: Version\"\n}", true},
		{404, "{\n  \"error\": \"Service not found: Version\"\n}", true},
		{500, "{\n  \"error\": \"Service not found: Version\"\n}", false},
		{200, "{\n  \"error\": \"Service not found: Version\"\n}", false},
		{400, "{\n  \"error\": \"something else\"\n}", false},
		{404, "<html>404</html>", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_answer answer = reply(cases[i].status, cases[i].body);

		assert_int_equal(answer_unknown_method(&answer), cases[i].unknown);
		http_answer_free(&answer);
	}
}

static void real_quote(const char *name, bool has_vm_config)
{
	struct tdx_quote parsed;
	struct buf file = {0};
	struct buf quote = {0};
	char *event_log;
	char *vm_config;
	json_t *object;

	print_message("%s\n", name);
	fixture_read(name, &file);
	assert_int_equal(answer_object(&file, &object), 0);
	assert_int_equal(answer_hex(object, "quote", &quote), 0);
	assert_int_equal(tdx_quote_parse(&parsed, quote.data, quote.len), 0);
	assert_int_equal(answer_text(object, "event_log", &event_log), 0);
	assert_int_equal(event_log[0], '[');
	assert_int_equal(answer_text(object, "vm_config", &vm_config), 0);
	if (has_vm_config)
		assert_int_equal(vm_config[0], '{');
	free(event_log);
	free(vm_config);
	json_decref(object);
	buf_free(&quote);
	buf_free(&file);
}

static void real_quotes(void **state)
{
	(void)state;
	real_quote("dstack/getquote-0.5.4-like.json", true);
	real_quote("dstack/getquote-0.6.0-alpha-tdx.json", false);
	real_quote("constructed/getquote-tdx-0.5.11.response.json", true);
}

static void real_refusals(void **state)
{
	static const struct {
		const char *name;
		const char *text;
	} cases[] = {
		{"constructed/error-getquote-non-tdx-0.6.0.body.json",
		 "GetQuote is Intel TDX only, use Attest on this platform"},
		{"constructed/error-service-not-found.body.json", "Service not found: NoSuch"},
	};
	char text[ANSWER_ERROR_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_answer answer = {.status = 400};

		fixture_read(cases[i].name, &answer.body);
		answer_error(&answer, text);
		assert_string_equal(text, cases[i].text);
		http_answer_free(&answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_versions),  cmocka_unit_test(not_objects),
		cmocka_unit_test(many_values),     cmocka_unit_test(bad_hex),
		cmocka_unit_test(error_texts),     cmocka_unit_test(error_text_is_bounded),
		cmocka_unit_test(unknown_methods), cmocka_unit_test(real_quotes),
		cmocka_unit_test(real_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
