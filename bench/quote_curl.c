/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quote_curl SOCKET COUNT [parse]: the least that a program could do for a quote by itself: GetQuote by
 * libcurl over the unix socket, a connection for each, the answer kept; with "parse", the quote also
 * taken out of the JSON.  Prints the median in microseconds.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "measure.h"

enum { QUOTES_MAX = 10000 };

struct answer {
	size_t len;
	char body[1 << 20];
};

static struct answer answer;

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct answer *to = context;
	size_t len = size * count;

	if (len > sizeof(to->body) - to->len)
		return 0;
	memcpy(to->body + to->len, data, len);
	to->len += len;
	return len;
}

static unsigned nibble(char digit)
{
	return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)((digit | 32) - 'a' + 10);
}

/* As far as the library goes: the quote's own bytes. */
static void answer_parse(void)
{
	static unsigned char quote[1 << 16];
	json_t *object = json_loadb(answer.body, answer.len, JSON_REJECT_DUPLICATES, NULL);
	const char *digits = json_string_value(json_object_get(object, "quote"));

	if (!digits || strlen(digits) / 2 > sizeof(quote)) {
		fprintf(stderr, "quote_curl: no quote in the answer\n");
		exit(1);
	}
	for (size_t i = 0; digits[2 * i] && digits[2 * i + 1]; i++)
		quote[i] = (unsigned char)(nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1]));
	json_decref(object);
}

static int64_t quote_once(CURL *curl, unsigned number, bool parse)
{
	char question[192];
	int64_t begin = measure_now();
	CURLcode code;

	snprintf(question, sizeof(question), "{\"report_data\": \"%0128x\"}", number);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question);
	answer.len = 0;
	code = curl_easy_perform(curl);
	if (code != CURLE_OK || answer.len == 0) {
		fprintf(stderr, "quote_curl: GetQuote: %s\n", curl_easy_strerror(code));
		exit(1);
	}
	if (parse)
		answer_parse();
	return measure_now() - begin;
}

static CURL *curl_prepare(const char *path)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

	if (!curl || !headers)
		measure_die("quote_curl");
	curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/GetQuote");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	return curl;
}

int main(int argc, char **argv)
{
	const bool parse = argc == 4 && strcmp(argv[3], "parse") == 0;
	size_t count = argc == 3 || parse ? (size_t)atoi(argv[2]) : 0;
	static int64_t times[QUOTES_MAX];
	CURL *curl;

	if (count == 0 || count > QUOTES_MAX) {
		fprintf(stderr, "usage: quote_curl SOCKET COUNT [parse]\n");
		return 2;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		measure_die("quote_curl");
	curl = curl_prepare(argv[1]);
	quote_once(curl, (unsigned)count, parse);
	for (size_t i = 0; i < count; i++)
		times[i] = quote_once(curl, (unsigned)i, parse);
	printf("%.1f\n", (double)measure_median(times, count) / 1000);
	return 0;
}
