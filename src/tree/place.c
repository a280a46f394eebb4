/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/place.h"

#include <string.h>

#include "translate/ccel.h"
#include "tree/device.h"
#include "tree/event_log.h"
#include "tree/registers.h"

enum { TEXT_SIZE = 4096, REGISTER_SIZE = 48, MODE_FOLDER_NATIVE = 0755 };

#define AROUND(path)                                                                               \
	{                                                                                          \
		path, PLACE_AROUND, INTERFACE_SYSFS, MODE_FOLDER_NATIVE, 0, NULL                   \
	}
#define FOLDER(path, of)                                                                           \
	{                                                                                          \
		path, PLACE_FOLDER, INTERFACE_##of, MODE_FOLDER_NATIVE, 0, NULL                    \
	}
#define TEXT(path, mode, open)                                                                     \
	{                                                                                          \
		path, PLACE_FILE, INTERFACE_SYSFS, mode, TEXT_SIZE, open                           \
	}
#define REGISTER(name, mode)                                                                       \
	{                                                                                          \
		TDX_SYSFS_PATH "/measurements/" name, PLACE_FILE, INTERFACE_SYSFS, mode,           \
			REGISTER_SIZE, register_open                                               \
	}

static const struct place places[] = {
	AROUND("/dev"),
	{TDX_DEVICE_PATH, PLACE_DEVICE, INTERFACE_DEVICE, 0600, 0, NULL},
	AROUND("/sys"),
	AROUND("/sys/kernel"),
	FOLDER("/sys/kernel/config", CONFIGFS),
	FOLDER("/sys/kernel/config/tsm", CONFIGFS),
	{"/sys/kernel/config/tsm/report", PLACE_ENTRIES, INTERFACE_CONFIGFS, MODE_FOLDER_NATIVE, 0,
	 NULL},
	AROUND("/sys/devices"),
	AROUND("/sys/devices/virtual"),
	AROUND("/sys/devices/virtual/misc"),
	FOLDER(TDX_SYSFS_PATH, SYSFS),
	TEXT(TDX_SYSFS_PATH "/dev", 0444, device_number_open),
	TEXT(TDX_SYSFS_PATH "/uevent", 0644, device_uevent_open),
	FOLDER(TDX_SYSFS_PATH "/measurements", SYSFS),
	/* tsm-mr.c lists them in no order of its own; this is how kernfs hashes them on x86-64 */
	REGISTER("mrtd:sha384", 0444),
	REGISTER("mrownerconfig", 0444),
	REGISTER("rtmr2:sha384", 0644),
	REGISTER("rtmr1:sha384", 0644),
	REGISTER("mrconfigid", 0444),
	REGISTER("rtmr3:sha384", 0644),
	REGISTER("mrowner", 0444),
	REGISTER("rtmr0:sha384", 0644),
	AROUND("/sys/firmware"),
	FOLDER(ACPI_PATH, EVENT_LOG),
	FOLDER(ACPI_PATH "/tables", EVENT_LOG),
	{CCEL_PATH, PLACE_FILE, INTERFACE_EVENT_LOG, 0400, CCEL_TABLE_SIZE, event_log_table_open},
	FOLDER(ACPI_PATH "/tables/data", EVENT_LOG),
	{CCEL_DATA_PATH, PLACE_FILE, INTERFACE_EVENT_LOG, 0400, CCEL_AREA_SIZE,
	 event_log_data_open},
};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

const struct place *place_at(size_t index)
{
	return index < PLACES ? &places[index] : NULL;
}

const struct place *place_of_kind(enum place_kind kind)
{
	size_t i = 0;

	while (places[i].kind != kind)
		i++;
	return &places[i];
}

bool place_is_file(const struct place *place)
{
	return place->kind == PLACE_FILE || place->kind == PLACE_DEVICE;
}

bool place_holds_others(const struct place *place)
{
	return place->interface == INTERFACE_EVENT_LOG && place->kind == PLACE_FOLDER;
}

size_t place_number(const struct place *place)
{
	return (size_t)(place - places) + 1;
}
