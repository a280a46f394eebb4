/* SPDX-License-Identifier: Apache-2.0 */
/* The imaginary dstack guest; every identifier is a hash, as on a real one. */
#include "sim/guest.h"

#include <stdlib.h>
#include <string.h>

#include "sim/bytes.h"
#include "sim/crypto.h"

static const char app_compose[] =
	"{\"manifest_version\":2,\"name\":\"teeshim-demo\",\"runner\":\"docker-compose\","
	"\"docker_compose_file\":\"services:\\n  app:\\n    image: debian\\n    volumes:\\n"
	"      - /var/run/dstack.sock:/var/run/dstack.sock\\n\","
	"\"gateway_enabled\":false,\"public_logs\":true,\"public_sysinfo\":true,"
	"\"public_tcbinfo\":true,\"key_provider_id\":\"\",\"allowed_envs\":[],"
	"\"no_instance_id\":false,\"secure_time\":false,\"key_provider\":\"none\"}";

static const char vm_config_head[] = "{\"os_image_hash\":\"";
static const char vm_config_tail[] =
	"\",\"cpu_count\":2,"
	"\"memory_size\":2147483648,\"qemu_version\":\"9.2.1\",\"pci_hole64_size\":0,"
	"\"hugepages\":false,\"num_gpus\":0,\"num_nvswitches\":0,\"hotplug_off\":false,"
	"\"image\":\"teeshim-sim\",\"host_share_mode\":\"9p\",\"spec_version\":1}";

static char *vm_config_make(const struct guest *guest)
{
	struct bytes text = {0};
	char *hash = bytes_hex(guest->os_image_hash, sizeof(guest->os_image_hash));

	bytes_text(&text, vm_config_head);
	bytes_text(&text, hash);
	bytes_add(&text, vm_config_tail, sizeof(vm_config_tail));
	free(hash);
	return (char *)text.data;
}

void guest_make(struct guest *guest)
{
	*guest = (struct guest){
		.app_name = "teeshim-demo",
		.app_compose = app_compose,
		.key_provider = "{\"name\":\"none\",\"id\":\"\"}",
		.storage_fs = "ext4",
	};
	crypto_hash("SHA256", app_compose, strlen(app_compose), guest->compose_hash);
	memcpy(guest->app_id, guest->compose_hash, sizeof(guest->app_id));
	crypto_stable("instance", guest->instance_id, sizeof(guest->instance_id));
	crypto_hash("SHA256", "", 0, guest->device_id);
	crypto_stable("OS image", guest->os_image_hash, sizeof(guest->os_image_hash));
	guest->vm_config = vm_config_make(guest);
}

void guest_free(struct guest *guest)
{
	free(guest->vm_config);
	guest->vm_config = NULL;
}
