/* SPDX-License-Identifier: Apache-2.0 */
/* The imaginary guest's event log: boot events of a TDX guest, dstack's own, then the programs'. */
#include "sim/eventlog.h"

#include <stdlib.h>
#include <string.h>

#include "sim/bytes.h"
#include "sim/crypto.h"
#include "sim/die.h"

/* Event types of the TCG PC Client Platform Firmware Profile, section 10.4.1. */
enum {
	EV_SEPARATOR = 4,
	EV_EVENT_TAG = 6,
	EV_PLATFORM_CONFIG_FLAGS = 10,
	EV_EFI_VARIABLE_DRIVER_CONFIG = (int)0x80000001,
	EV_EFI_VARIABLE_BOOT = (int)0x80000002,
	EV_EFI_BOOT_SERVICES_APPLICATION = (int)0x80000003,
	EV_EFI_ACTION = (int)0x80000007,
	EV_EFI_PLATFORM_FIRMWARE_BLOB2 = (int)0x8000000a,
	EV_EFI_HANDOFF_TABLES2 = (int)0x8000000b,
};

static const char acpi_marker[] = "ACPI DATA";
static const char separator[] = "\0\0\0";

/*
 * The boot events in the order of a guest's CCEL.  A separator's payload is four zero bytes, and actions
 * have the texts that every guest measures, by which parsers find their way.
 */
static const struct {
	uint32_t imr;
	int type;
	const char *payload;
} boot_events[] = {
	{0, EV_EFI_HANDOFF_TABLES2, "simulated TD hand-off block"},
	{0, EV_EFI_PLATFORM_FIRMWARE_BLOB2, "simulated firmware volume"},
	{0, EV_EFI_VARIABLE_DRIVER_CONFIG, "simulated SecureBoot"},
	{0, EV_EFI_VARIABLE_DRIVER_CONFIG, "simulated PK"},
	{0, EV_EFI_VARIABLE_DRIVER_CONFIG, "simulated KEK"},
	{0, EV_EFI_VARIABLE_DRIVER_CONFIG, "simulated db"},
	{0, EV_EFI_VARIABLE_DRIVER_CONFIG, "simulated dbx"},
	{0, EV_SEPARATOR, separator},
	{0, EV_PLATFORM_CONFIG_FLAGS, acpi_marker},
	{0, EV_PLATFORM_CONFIG_FLAGS, acpi_marker},
	{0, EV_PLATFORM_CONFIG_FLAGS, acpi_marker},
	{1, EV_EFI_BOOT_SERVICES_APPLICATION, "simulated kernel"},
	{0, EV_EFI_VARIABLE_BOOT, "simulated BootOrder"},
	{0, EV_EFI_VARIABLE_BOOT, "simulated Boot0000"},
	{1, EV_EFI_ACTION, "Calling EFI Application from Boot Option"},
	{1, EV_SEPARATOR, separator},
	{2, EV_EVENT_TAG, "simulated kernel command line"},
	{2, EV_EVENT_TAG, "simulated initrd"},
	{1, EV_EFI_ACTION, "Exit Boot Services Invocation"},
	{1, EV_EFI_ACTION, "Exit Boot Services Returned with Success"},
};

enum { BOOT_COUNT = sizeof(boot_events) / sizeof(boot_events[0]) };

static void boot_event(struct event *event, size_t index)
{
	struct bytes measured = {0};

	*event = (struct event){
		.imr = boot_events[index].imr,
		.type = (uint32_t)boot_events[index].type,
		.name = "",
		.digest_len = RTMR_SIZE,
		.payload = (const uint8_t *)boot_events[index].payload,
		.payload_len = boot_events[index].payload == separator
				       ? sizeof(separator)
				       : strlen(boot_events[index].payload),
	};
	/* The three ACPI events share a payload; what they measure is not in the log. */
	bytes_add(&measured, event->payload, event->payload_len);
	if (boot_events[index].payload == acpi_marker)
		bytes_u8(&measured, (uint8_t)index);
	crypto_hash("SHA384", measured.data, measured.len, event->digest);
	bytes_free(&measured);
}

/* dstack's digest, version 1: SHA-384 over type ":" name ":" payload. */
static void runtime_event(struct event *event, const char *name, const void *payload, size_t len)
{
	struct bytes measured = {0};

	*event = (struct event){
		.imr = 3,
		.type = EVENT_RUNTIME,
		.name = name,
		.digest_len = RTMR_SIZE,
		.payload = payload,
		.payload_len = len,
	};
	bytes_le32(&measured, event->type);
	bytes_text(&measured, ":");
	bytes_text(&measured, name);
	bytes_text(&measured, ":");
	bytes_add(&measured, payload, len);
	crypto_hash("SHA384", measured.data, measured.len, event->digest);
	bytes_free(&measured);
}

static void eventlog_add(struct eventlog *log, const struct event *event)
{
	struct event *more = realloc(log->event, (log->count + 1) * sizeof(*more));

	if (!more)
		die("out of memory");
	more[log->count++] = *event;
	log->event = more;
}

void eventlog_make(struct eventlog *log, const struct guest *guest)
{
	const struct {
		const char *name;
		const void *payload;
		size_t len;
	} runtime[] = {
		{"system-preparing", "", 0},
		{"app-id", guest->app_id, sizeof(guest->app_id)},
		{"compose-hash", guest->compose_hash, sizeof(guest->compose_hash)},
		{"instance-id", guest->instance_id, sizeof(guest->instance_id)},
		{"boot-mr-done", "", 0},
		{"os-image-hash", guest->os_image_hash, sizeof(guest->os_image_hash)},
		{"key-provider", guest->key_provider, strlen(guest->key_provider)},
		{"storage-fs", guest->storage_fs, strlen(guest->storage_fs)},
		{"system-ready", "", 0},
	};

	struct event event;

	*log = (struct eventlog){0};
	for (size_t i = 0; i < BOOT_COUNT; i++) {
		boot_event(&event, i);
		eventlog_add(log, &event);
	}
	for (size_t i = 0; i < sizeof(runtime) / sizeof(runtime[0]); i++) {
		runtime_event(&event, runtime[i].name, runtime[i].payload, runtime[i].len);
		eventlog_add(log, &event);
	}
}

void eventlog_free(struct eventlog *log)
{
	for (size_t i = 0; i < log->count; i++)
		free(log->event[i].owned);
	free(log->event);
	*log = (struct eventlog){0};
}

void eventlog_emit(struct eventlog *log, const char *name, const void *payload, size_t len)
{
	const size_t name_size = strlen(name) + 1;
	char *owned = malloc(name_size + len);
	struct event event;

	if (!owned)
		die("out of memory");
	memcpy(owned, name, name_size);
	if (len)
		memcpy(owned + name_size, payload, len);
	runtime_event(&event, owned, owned + name_size, len);
	event.owned = owned;
	eventlog_add(log, &event);
}

struct event event_shortened(const struct event *event)
{
	struct event shown = *event;

	if (event->type == EVENT_RUNTIME)
		shown.digest_len = 0;
	else if (event->payload != (const uint8_t *)acpi_marker)
		shown.payload_len = 0;
	return shown;
}

void event_extend(const struct event *event, uint8_t rtmr[static RTMR_SIZE])
{
	uint8_t both[2 * RTMR_SIZE];

	memcpy(both, rtmr, RTMR_SIZE);
	memcpy(both + RTMR_SIZE, event->digest, RTMR_SIZE);
	crypto_hash("SHA384", both, sizeof(both), rtmr);
}

void eventlog_replay(const struct eventlog *log, uint8_t rtmr[static RTMR_COUNT][RTMR_SIZE])
{
	memset(rtmr, 0, RTMR_COUNT * RTMR_SIZE);
	for (size_t i = 0; i < log->count; i++)
		event_extend(&log->event[i], rtmr[log->event[i].imr]);
}

json_t *eventlog_json(const struct eventlog *log, bool full)
{
	json_t *array = json_array();

	for (size_t i = 0; i < log->count; i++) {
		const struct event event = full ? log->event[i] : event_shortened(&log->event[i]);
		char *digest = bytes_hex(event.digest, event.digest_len);
		char *payload = bytes_hex(event.payload, event.payload_len);
		json_t *object =
			json_pack("{s:I, s:I, s:s, s:s, s:s}", "imr", (json_int_t)event.imr,
				  "event_type", (json_int_t)event.type, "digest", digest, "event",
				  event.name, "event_payload", payload);

		if (json_array_append_new(array, object))
			die("out of memory");
		free(digest);
		free(payload);
	}
	return array;
}
