/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/ccel.h"

#include <errno.h>
#include <string.h>

/* Event types and algorithms of TCG's registries. */
enum {
	EV_NO_ACTION = 3,
	EV_SEPARATOR = 4,
	EV_IPL = 13,
	TPM_ALG_SHA384 = 0x000c,
	CC_TYPE_TDX = 2,
};
#define EV_EFI_ACTION 0x80000007U

enum {
	SHA1_SIZE = 20,
	EVENT_HEAD_SIZE = 4 + 4 + 4 + 2 + SHA384_SIZE + 4,
	FILL = 0xff,
	FILL_LEAST = 8, /* parsers stop at an index of 0xffffffff, or at 8 such bytes */
	DATA_MAX = 32 << 20,
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)value);
	put16(at + 2, (uint16_t)(value >> 16));
}

/* The kernel's struct acpi_table_header, and then struct acpi_table_ccel. */
void ccel_table(uint8_t table[static CCEL_TABLE_SIZE])
{
	static const char names[] = "TEESHM" /* OEM */
				    "TEESHIM " /* its table */;
	uint8_t sum = 0;

	memset(table, 0, CCEL_TABLE_SIZE);
	memcpy(table, "CCEL", 4);
	put32(table + 4, CCEL_TABLE_SIZE);
	table[8] = 1; /* revision */
	memcpy(table + 10, names, sizeof(names) - 1);
	put32(table + 24, 1);              /* OEM revision */
	memcpy(table + 28, "TSHM", 4);     /* creator */
	put32(table + 32, 1);              /* its revision */
	table[36] = CC_TYPE_TDX;           /* and subtype 0 */
	put32(table + 40, CCEL_AREA_SIZE); /* least length of the area, in eight bytes */
	for (size_t i = 0; i < CCEL_TABLE_SIZE; i++)
		sum = (uint8_t)(sum + table[i]);
	table[9] = (uint8_t)-sum; /* the bytes add up to 0 */
}

/* The first event, in the older form: it says that and how the others differ from it. */
static int spec_id_append(struct buf *out)
{
	static const uint8_t event[] = {
		'S',
		'p',
		'e',
		'c',
		' ',
		'I',
		'D',
		' ',
		'E',
		'v',
		'e',
		'n',
		't',
		'0',
		'3',
		'\0',
		0,
		0,
		0,
		0, /* platform class: client */
		0,
		2,
		0, /* version of the specification: 2.0, no errata */
		2, /* UINTN is two times four bytes */
		1,
		0,
		0,
		0, /* algorithms */
		TPM_ALG_SHA384,
		0,
		SHA384_SIZE,
		0,
		0, /* vendor's information */
	};
	uint8_t head[4 + 4 + SHA1_SIZE + 4] = {0};
	int err;

	put32(head, 1); /* as firmware has it, though no register is meant */
	put32(head + 4, EV_NO_ACTION);
	put32(head + 8 + SHA1_SIZE, sizeof(event));
	err = buf_append(out, head, sizeof(head), DATA_MAX);
	return err == 0 ? buf_append(out, event, sizeof(event), DATA_MAX) : err;
}

struct datum {
	uint32_t type;
	uint32_t len;
	const char *bytes;
};

#define ACTION(text)                                                                               \
	{                                                                                          \
		EV_EFI_ACTION, sizeof(text) - 1, text                                              \
	}

/*
 * Data that are the same in all guests, and of which the digest is the hash; parsers look for both to
 * find the end of the firmware's part, and refuse a log with others in their place.
 */
static const struct datum known_data[] = {
	{EV_SEPARATOR, 4, "\0\0\0\0"},
	{EV_SEPARATOR, 4, "\xff\xff\xff\xff"},
	{EV_SEPARATOR, 4, "\x01\0\0\0"}, /* of a boot that failed */
	ACTION("Calling EFI Application from Boot Option"),
	ACTION("Returning from EFI Application from Boot Option"),
	ACTION("Exit Boot Services Invocation"),
	ACTION("Exit Boot Services Returned with Failure"),
	ACTION("Exit Boot Services Returned with Success"),
};

static const char lost_data[] = "(the dstack agent does not give the data of this event)";

/* The data of an event, or what stands for them. */
static struct datum data_of(const struct agent_event *event)
{
	uint8_t digest[SHA384_SIZE];

	if (event->data_given)
		return (struct datum){event->type, (uint32_t)event->data.len,
				      (const char *)event->data.data};
	for (size_t i = 0; i < sizeof(known_data) / sizeof(known_data[0]); i++) {
		if (known_data[i].type != event->type)
			continue;
		sha384(digest, known_data[i].bytes, known_data[i].len);
		if (memcmp(digest, event->digest, SHA384_SIZE) == 0)
			return known_data[i];
	}
	return (struct datum){event->type, sizeof(lost_data) - 1, lost_data};
}

/*
 * dstack's own number is none of TCG's: go-eventlog ends the program at a type that it does not know, and
 * Trustee refuses the log.  EV_IPL is what loaders and systems measure as, with data of any kind.
 * Nothing is lost: the type is not measured, and dstack's data begin with it.
 */
static uint32_t type_of(const struct agent_event *event)
{
	return event->type == EVENT_TYPE_DSTACK ? EV_IPL : event->type;
}

static int event_append(struct buf *out, const struct agent_event *event)
{
	const struct datum data = data_of(event);
	uint8_t head[EVENT_HEAD_SIZE];
	int err;

	put32(head, event->imr + 1);
	put32(head + 4, type_of(event));
	put32(head + 8, 1); /* digests */
	put16(head + 12, TPM_ALG_SHA384);
	memcpy(head + 14, event->digest, SHA384_SIZE);
	put32(head + 14 + SHA384_SIZE, data.len);
	err = buf_append(out, head, sizeof(head), DATA_MAX);
	return err == 0 ? buf_append(out, data.bytes, data.len, DATA_MAX) : err;
}

static int fill_append(struct buf *out)
{
	const size_t areas = (out->len + FILL_LEAST + CCEL_AREA_SIZE - 1) / CCEL_AREA_SIZE;
	uint8_t fill[512];
	size_t left = areas * CCEL_AREA_SIZE - out->len;
	int err = 0;

	memset(fill, FILL, sizeof(fill));
	while (err == 0 && left > 0) {
		const size_t len = left < sizeof(fill) ? left : sizeof(fill);

		err = buf_append(out, fill, len, DATA_MAX);
		left -= len;
	}
	return err;
}

int ccel_data(struct buf *out, const struct agent_event_log *log)
{
	struct buf bytes = {0};
	int err = spec_id_append(&bytes);

	for (size_t i = 0; err == 0 && i < log->count; i++)
		err = event_append(&bytes, &log->event[i]);
	if (err == 0)
		err = fill_append(&bytes);
	if (err < 0)
		buf_free(&bytes);
	else
		*out = bytes;
	return err;
}

void ccel_replay(uint8_t rtmr[static EVENT_RTMR_COUNT][SHA384_SIZE],
		 const struct agent_event_log *log)
{
	uint8_t both[2 * SHA384_SIZE];

	memset(rtmr, 0, EVENT_RTMR_COUNT * sizeof(rtmr[0]));
	for (size_t i = 0; i < log->count; i++) {
		const struct agent_event *event = &log->event[i];

		if (event->type == EV_NO_ACTION)
			continue; /* told, not measured */
		memcpy(both, rtmr[event->imr], SHA384_SIZE);
		memcpy(both + SHA384_SIZE, event->digest, SHA384_SIZE);
		sha384(rtmr[event->imr], both, sizeof(both));
	}
}
