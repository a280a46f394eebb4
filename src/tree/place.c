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
		path, PLACE_AROUND, INTERFACE_SYSFS, TEE_NONE, MODE_FOLDER_NATIVE, 0, NULL         \
	}
#define FOLDER(path, of, tee)                                                                      \
	{                                                                                          \
		path, PLACE_FOLDER, INTERFACE_##of, tee, MODE_FOLDER_NATIVE, 0, NULL               \
	}
#define DEVICE(path, tee)                                                                          \
	{                                                                                          \
		path, PLACE_DEVICE, INTERFACE_DEVICE, tee, 0600, 0, NULL                           \
	}
#define TEXT(path, tee, mode, open)                                                                \
	{                                                                                          \
		path, PLACE_FILE, INTERFACE_SYSFS, tee, mode, TEXT_SIZE, open                      \
	}
#define REGISTER(name, mode)                                                                       \
	{                                                                                          \
		TDX_SYSFS_PATH "/measurements/" name, PLACE_FILE, INTERFACE_SYSFS, TEE_TDX, mode,  \
			REGISTER_SIZE, register_open                                               \
	}
#define EVENT_LOG(path, size, open)                                                                \
	{                                                                                          \
		path, PLACE_FILE, INTERFACE_EVENT_LOG, TEE_TDX, 0400, size, open                   \
	}

static const struct place places[] = {
	AROUND("/dev"),
	DEVICE(TDX_DEVICE_PATH, TEE_TDX),
	DEVICE(SEV_DEVICE_PATH, TEE_SEV_SNP),
	AROUND("/sys"),
	AROUND("/sys/kernel"),
	FOLDER("/sys/kernel/config", CONFIGFS, TEE_NONE),
	FOLDER("/sys/kernel/config/tsm", CONFIGFS, TEE_NONE),
	{"/sys/kernel/config/tsm/report", PLACE_ENTRIES, INTERFACE_CONFIGFS, TEE_NONE,
	 MODE_FOLDER_NATIVE, 0, NULL},
	AROUND("/sys/devices"),
	AROUND("/sys/devices/virtual"),
	AROUND("/sys/devices/virtual/misc"),
	FOLDER(SEV_SYSFS_PATH, SYSFS, TEE_SEV_SNP),
	TEXT(SEV_SYSFS_PATH "/dev", TEE_SEV_SNP, 0444, device_number_open),
	TEXT(SEV_SYSFS_PATH "/uevent", TEE_SEV_SNP, 0644, device_uevent_open),
	AROUND("/sys/devices/platform"),
	FOLDER("/sys/devices/platform/sev-guest", SYSFS, TEE_SEV_SNP),
	AROUND("/sys/devices/system"),
	AROUND("/sys/devices/system/cpu"),
	FOLDER(SEV_CPU_PATH, SYSFS, TEE_SEV_SNP),
	TEXT(SEV_CPU_PATH "/vmpl", TEE_SEV_SNP, 0444, vmpl_open),
	FOLDER(TDX_SYSFS_PATH, SYSFS, TEE_TDX),
	TEXT(TDX_SYSFS_PATH "/dev", TEE_TDX, 0444, device_number_open),
	TEXT(TDX_SYSFS_PATH "/uevent", TEE_TDX, 0644, device_uevent_open),
	FOLDER(TDX_SYSFS_PATH "/measurements", SYSFS, TEE_TDX),
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
	FOLDER(ACPI_PATH, EVENT_LOG, TEE_TDX),
	FOLDER(ACPI_PATH "/tables", EVENT_LOG, TEE_TDX),
	EVENT_LOG(CCEL_PATH, CCEL_TABLE_SIZE, event_log_table_open),
	FOLDER(ACPI_PATH "/tables/data", EVENT_LOG, TEE_TDX),
	EVENT_LOG(CCEL_DATA_PATH, CCEL_AREA_SIZE, event_log_data_open),
};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

const struct place *place_at(size_t index)
{
	return index < PLACES ? &places[index] : NULL;
}

const struct place *place_of_kind(enum place_kind kind, enum tee tee)
{
	size_t i = 0;

	while (places[i].kind != kind || places[i].tee != tee)
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
