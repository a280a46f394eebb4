/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/node.h"

#include <string.h>

#include "tree/attribute.h"

/* Depth of /sys/kernel/config/tsm/report/NAME/attribute, and one for what goes below. */
enum { DEPTH_ATTRIBUTE = 7, WALK_MAX = 8 };

/* The components of a path so far; those deeper than WALK_MAX are only counted. */
struct walk {
	const char *part[WALK_MAX];
	size_t len[WALK_MAX];
	size_t depth;
	size_t given;        /* depth of the folder that the kernel holds; its own ".." is real */
	const char *through; /* the last entry that ".." left; NULL */
	size_t through_len;
	bool through_file; /* ".." left an attribute */
	bool too_long;
};

static const char *const fixed_parts[] = {"sys", "kernel", "config", "tsm", "report"};

enum { FIXED_PARTS = sizeof(fixed_parts) / sizeof(fixed_parts[0]) };

static bool part_is(const char *part, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(part, name, len) == 0;
}

static size_t walk_fixed(const struct walk *walk)
{
	size_t same = 0;

	while (same < FIXED_PARTS && same < walk->depth &&
	       part_is(walk->part[same], walk->len[same], fixed_parts[same]))
		same++;
	return same;
}

/* "x/.." is the folder around x only where x is a folder that exists: note what has to. */
static void walk_up(struct walk *walk)
{
	if (walk->depth <= walk->given) {
		if (walk->depth > 0)
			walk->given = --walk->depth;
		return;
	}
	if (walk->depth == FIXED_PARTS + 1 && walk_fixed(walk) == FIXED_PARTS) {
		walk->through = walk->part[FIXED_PARTS];
		walk->through_len = walk->len[FIXED_PARTS];
	}
	if (walk->depth == DEPTH_ATTRIBUTE && walk_fixed(walk) == FIXED_PARTS) {
		walk->through = walk->part[FIXED_PARTS];
		walk->through_len = walk->len[FIXED_PARTS];
		walk->through_file = true;
	}
	walk->depth--;
}

static void walk_component(struct walk *walk, const char *part, size_t len)
{
	if (len == 1 && part[0] == '.')
		return;
	if (len == 2 && part[0] == '.' && part[1] == '.') {
		walk_up(walk);
		return;
	}
	if (len > NODE_NAME_MAX)
		walk->too_long = true;
	if (walk->depth < WALK_MAX) {
		walk->part[walk->depth] = part;
		walk->len[walk->depth] = len;
	}
	walk->depth++;
}

static void walk_path(struct walk *walk, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len > 0)
			walk_component(walk, path, len);
		path += len;
		path += strspn(path, "/");
	}
}

const char *node_native_part(const char *path)
{
	static const char needle[] = "/" TREE_COMPONENT_PREFIX;
	const char *found = strstr(path, needle);
	const char *rest;

	/* an entry may be named as our folders are; the state folder is never below /sys */
	if (!found || strncmp(path, "/sys/", 5) == 0)
		return NULL;
	rest = found + sizeof(needle) - 1;
	for (size_t i = 0; i < sizeof("names") - 1; i++, rest++)
		if (*rest == '\0')
			return NULL;
	return *rest == '/' || *rest == '\0' ? rest : NULL;
}

/*
 * The file behind an attribute is named "inblob.12"; the links of descriptors say " (deleted)" of it
 * once a newer generation has replaced it, and of the name once the entry is gone.
 */
static size_t stored_name_len(const char *part, size_t len)
{
	size_t end = 0;

	while (end < len && part[end] != '.' && part[end] != ' ')
		end++;
	return end;
}

static const struct attribute *walk_attribute(const struct walk *walk, bool in_state)
{
	const char *part = walk->part[DEPTH_ATTRIBUTE - 1];
	size_t len = walk->len[DEPTH_ATTRIBUTE - 1];

	return attribute_find(part, in_state ? stored_name_len(part, len) : len);
}

static void node_classify(struct node *node, const struct walk *walk, bool in_state)
{
	static const enum node_kind kinds[] = {NODE_FOREIGN, NODE_FOREIGN,  NODE_FOREIGN,
					       NODE_CONFIG,  NODE_TSM,      NODE_REPORT,
					       NODE_ENTRY,   NODE_ATTRIBUTE};
	const size_t same = walk_fixed(walk);

	if (same < 3 || (same < walk->depth && same < FIXED_PARTS)) {
		/* beside the fixed folders: ours only as a missing name directly in one of them */
		if (same >= 3 && walk->depth == same + 1) {
			node->kind = NODE_MISSING;
			node->parent = kinds[same];
		}
		return;
	}
	if (walk->depth > DEPTH_ATTRIBUTE) {
		node->kind = NODE_BELOW_FILE;
	} else {
		node->kind = kinds[walk->depth];
		node->parent = kinds[walk->depth - 1];
	}
	if (walk->depth <= FIXED_PARTS)
		return;
	if (walk->too_long) {
		node->too_long = true;
		return;
	}
	memcpy(node->name, walk->part[FIXED_PARTS], walk->len[FIXED_PARTS]);
	node->name[walk->len[FIXED_PARTS]] = '\0';
	if (node->kind != NODE_ATTRIBUTE && node->kind != NODE_BELOW_FILE)
		return;
	node->attribute = walk_attribute(walk, in_state);
	if (!node->attribute)
		node->kind = node->kind == NODE_ATTRIBUTE ? NODE_MISSING : NODE_FOREIGN;
}

static void note_ending(struct node *node, const char *path)
{
	size_t len = strlen(path);

	node->dir_wanted = len > 0 && path[len - 1] == '/';
	while (len > 0 && path[len - 1] == '/')
		len--;
	if (len == 0 || path[len - 1] != '.')
		return;
	if (len == 1 || path[len - 2] == '/')
		node->ends_in_dot = true;
	else if (path[len - 2] == '.' && (len == 2 || path[len - 3] == '/'))
		node->ends_in_dotdot = true;
	node->dir_wanted |= node->ends_in_dot || node->ends_in_dotdot;
}

void node_from_path(struct node *node, const char *dir, const char *path)
{
	struct walk walk = {.depth = 0};
	const char *start = path[0] == '/' ? path : dir;
	const char *native = start ? node_native_part(start) : NULL;

	*node = (struct node){0};
	if (!start)
		return;
	walk_path(&walk, native ? native : start);
	if (start != path) {
		walk.given = walk.depth;
		walk_path(&walk, path);
	}
	/* only what the kernel shows carries ".NUMBER"; the program's own text is taken at its word */
	node_classify(node, &walk, native && (start == path || walk.given >= DEPTH_ATTRIBUTE));
	node->through_file = walk.through_file;
	if (walk.through && walk.through_len <= NODE_NAME_MAX)
		memcpy(node->through, walk.through, walk.through_len);
	note_ending(node, path);
}

bool node_is_candidate(const char *path)
{
	if (path[0] != '/')
		return false;
	path += strspn(path, "/");
	/* "." and ".." in front are too rare to be fast, and too legal to be wrong */
	if (path[0] == '.' || strstr(path, "/.."))
		return strstr(path, "config") != NULL;
	if (strncmp(path, "sys/", 4) != 0)
		return strstr(path, TREE_COMPONENT_PREFIX) != NULL;
	return strstr(path + 4, "config") != NULL;
}

bool node_may_start(const char *path)
{
	size_t len;

	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	if (path[0] == '.' && path[1] == '.')
		return strstr(path, "config") && strstr(path, "tsm");
	len = strcspn(path, "/");
	for (size_t i = 0; i < FIXED_PARTS; i++)
		if (part_is(path, len, fixed_parts[i]))
			return true;
	return false;
}
