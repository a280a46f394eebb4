/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path resolution: the input is a path, or a folder, a zero byte and a path in it.  A node's own
 * native path means the same node again; the cheap questions asked first never deny what the walk
 * finds.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "tree/attribute.h"
#include "tree/layout.h"
#include "tree/node.h"
#include "tree/place.h"

/* text_of() - the bytes up to the next zero, as a string with memory of exactly its length. */
static char *text_of(const uint8_t *data, size_t size, size_t *used)
{
	const size_t len = strnlen((const char *)data, size);
	char *text = malloc(len + 1);

	fuzz_check(text);
	memcpy(text, data, len);
	text[len] = '\0';
	*used = len < size ? len + 1 : size;
	return text;
}

static void bounds_check(const struct node *node)
{
	fuzz_check(node->kind >= NODE_FOREIGN && node->kind <= NODE_BELOW_FILE);
	fuzz_check(memchr(node->name, '\0', sizeof(node->name)));
	fuzz_check(memchr(node->through, '\0', sizeof(node->through)));
	fuzz_check(!strchr(node->name, '/') && !strchr(node->through, '/'));
	fuzz_check(node->kind != NODE_ATTRIBUTE || node->too_long || node->attribute);
	fuzz_check(!node->attribute || node->kind == NODE_ATTRIBUTE ||
		   node->kind == NODE_BELOW_FILE);
	fuzz_check(node->kind != NODE_ENTRY || node->too_long || node->name[0]);
	fuzz_check(!(node->ends_in_dot && node->ends_in_dotdot));
}

/* A folder's or attribute's native path leads back to it, and to nothing more. */
static void again_check(const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	char twice[LAYOUT_PATH_SIZE];
	struct node again;

	if (node->too_long || node->kind == NODE_FOREIGN || node->kind == NODE_MISSING ||
	    node->kind == NODE_BELOW_FILE)
		return;
	/* a folder of ours that stands for one of the system's: by its native name it is the system's */
	if (node->kind == NODE_PLACE && node->place->kind == PLACE_AROUND)
		return;
	layout_native_path(path, node);
	fuzz_check(strlen(path) < sizeof(path) - 1);
	node_from_path(&again, NULL, path);
	fuzz_check(again.kind == node->kind && again.place == node->place);
	fuzz_check(again.attribute == node->attribute && strcmp(again.name, node->name) == 0);
	fuzz_check(!again.dir_wanted && !again.too_long && !again.through_file);
	fuzz_check(!again.through[0]);
	layout_native_path(twice, &again);
	fuzz_check(strcmp(path, twice) == 0);
	fuzz_check(node_is_candidate(path));
	/* and so does the path by which the kernel shows the folder */
	layout_path(twice, "/dev/shm/teeshim-0-v1/" TREE_NAMES, node);
	node_from_path(&again, NULL, twice);
	fuzz_check(again.kind == node->kind && strcmp(again.name, node->name) == 0);
}

static void same_check(const struct node *a, const struct node *b)
{
	fuzz_check(a->kind == b->kind && a->place == b->place && a->attribute == b->attribute);
	fuzz_check(strcmp(a->name, b->name) == 0 && strcmp(a->through, b->through) == 0);
	fuzz_check(a->dir_wanted == b->dir_wanted && a->too_long == b->too_long);
	fuzz_check(a->ends_in_dot == b->ends_in_dot && a->ends_in_dotdot == b->ends_in_dotdot);
	fuzz_check(a->through_file == b->through_file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node node;
	struct node other;
	size_t used;
	char *path = text_of(data, size, &used);
	char *dir = NULL;

	if (used < size) {
		dir = path;
		path = text_of(data + used, size - used, &used);
		if (dir[0] != '/') {
			free(dir);
			dir = NULL;
		}
	}
	memset(&node, 0xa5, sizeof(node));
	node_from_path(&node, dir, path);
	bounds_check(&node);
	again_check(&node);
	node_may_start(path);
	if (path[0] == '/') {
		fuzz_check(node.kind == NODE_FOREIGN || node_is_candidate(path));
		/* the folder beside an absolute path does not matter */
		node_from_path(&other, "/sys/kernel/config/tsm", path);
		same_check(&node, &other);
	}
	free(path);
	free(dir);
	return 0;
}
