/* SPDX-License-Identifier: Apache-2.0 */
/* The imaginary dstack guest that the simulator speaks for: its application and machine. */
#ifndef TEESHIM_SIM_GUEST_H
#define TEESHIM_SIM_GUEST_H

#include <stdint.h>

/* All of it is the same in every run. */
struct guest {
	const char *app_name;
	const char *app_compose;  /* the app-compose document, JSON */
	char *vm_config;          /* what the VMM tells about the machine, JSON */
	const char *key_provider; /* {"name":..,"id":..}, JSON */
	const char *storage_fs;
	uint8_t compose_hash[32]; /* SHA-256 of app_compose */
	uint8_t app_id[20];       /* the first 20 bytes of compose_hash */
	uint8_t instance_id[20];
	uint8_t device_id[32]; /* SHA-256 of nothing: dstack's constant off SEV-SNP */
	uint8_t os_image_hash[32];
};

/* guest_make() - fill in the guest; guest_free() releases its memory. */
void guest_make(struct guest *guest);
void guest_free(struct guest *guest);

#endif
