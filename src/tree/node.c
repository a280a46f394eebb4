/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/node.h"

#include <string.h>

#include "tree/attribute.h"
#include "tree/place.h"

/* Deeper than any place, its entries' attributes, and one for what goes below. */
enum { WALK_MAX = 9 };

/* The components of a path so far; those deeper than WALK_MAX are only counted. */
struct walk {
	const char *part[WALK_MAX];
	size_t len[WALK_MAX];
	size_t depth;
	size_t given;  /* depth of the folder that the kernel holds; its own ".." is real */
	bool in_state; /* starts in the state folder */
	size_t shown;  /* so many components the kernel shows: it stores files as NAME.NUMBER */
	const char *through; /* the last entry that ".." left; NULL */
	size_t through_len;
	bool through_file; /* ".." left a file */
	bool too_long;
};

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

/*
 * The length of a component, as far as it names a file.  Only what the kernel shows carries ".NUMBER";
 * the program's own text is taken at its word.
 */
static size_t walk_name_len(const struct walk *walk, size_t index)
{
	return index < walk->shown ? stored_name_len(walk->part[index], walk->len[index])
				   : walk->len[index];
}

/* Does the path begin with this place?  0, or the number of its components. */
static size_t walk_starts_with(const struct walk *walk, const struct place *place)
{
	const char *at = place->path;
	size_t depth = 0;

	while (*at == '/') {
		const char *name = at + 1;
		const size_t len = strcspn(name, "/");
		const bool last = name[len] == '\0';
		size_t part_len;

		if (depth >= walk->depth || depth >= WALK_MAX)
			return 0;
		part_len = last && place->open ? walk_name_len(walk, depth) : walk->len[depth];
		if (part_len != len || memcmp(walk->part[depth], name, len) != 0)
			return 0;
		depth++;
		at = name + len;
	}
	return depth;
}

/* The deepest place that the path leads to or through, and how many components follow. */
static const struct place *walk_place(const struct walk *walk, size_t *rest)
{
	const struct place *found = NULL;
	size_t deepest = 0;

	for (size_t i = 0; place_at(i); i++) {
		size_t depth = walk_starts_with(walk, place_at(i));

		if (depth > deepest) {
			deepest = depth;
			found = place_at(i);
		}
	}
	*rest = walk->depth - deepest;
	return found;
}

/* "x/.." is the folder around x only where x is a folder that exists: note what has to. */
static void walk_up(struct walk *walk)
{
	const struct place *place;
	size_t rest;

	if (walk->depth <= walk->given) {
		if (walk->depth > 0)
			walk->given = --walk->depth;
		return;
	}
	place = walk_place(walk, &rest);
	if (place && place->kind == PLACE_ENTRIES && (rest == 1 || rest == 2)) {
		walk->through = walk->part[walk->depth - rest];
		walk->through_len = walk->len[walk->depth - rest];
		walk->through_file |= rest == 2;
	} else if (place && rest == 0) {
		walk->through_file |= place_is_file(place);
	}
	walk->depth--;
}

static void walk_push(struct walk *walk, const char *part, size_t len)
{
	if (walk->depth < WALK_MAX) {
		walk->part[walk->depth] = part;
		walk->len[walk->depth] = len;
	}
	walk->depth++;
}

static bool walk_is_at(const struct walk *walk, const char *const *names, size_t count)
{
	if (walk->depth != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (walk->len[i] != strlen(names[i]) ||
		    memcmp(walk->part[i], names[i], walk->len[i]) != 0)
			return false;
	return true;
}

static bool is_device_name(const char *part, size_t len)
{
	static const char names[][10] = {"tdx_guest", "sev-guest"};

	return len == sizeof(names[0]) - 1 &&
	       (memcmp(part, names[0], len) == 0 || memcmp(part, names[1], len) == 0);
}

/*
 * The symbolic links among the native paths: /sys/class/misc/DEVICE leads to
 * ../../devices/virtual/misc/DEVICE, where ".." is that folder's own.
 */
static void walk_class_link(struct walk *walk)
{
	static const char *const from[] = {"sys", "class", "misc"};
	static const char *const to[] = {"devices", "virtual", "misc"};
	enum { LINKS = 3 };

	if (!walk_is_at(walk, from, LINKS))
		return;
	walk->depth = 1;
	for (size_t i = 0; i < LINKS; i++)
		walk_push(walk, to[i], strlen(to[i]));
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
	if (is_device_name(part, len))
		walk_class_link(walk);
	walk_push(walk, part, len);
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

static void classify_in_entry(struct node *node, const struct walk *walk, size_t rest)
{
	const size_t entry = walk->depth - rest;
	const char *attribute;

	if (walk->too_long) {
		node->kind = NODE_ENTRY;
		node->too_long = true;
		return;
	}
	memcpy(node->name, walk->part[entry], walk->len[entry]);
	node->name[walk->len[entry]] = '\0';
	node->kind = NODE_ENTRY;
	if (rest == 1)
		return;
	attribute = walk->part[entry + 1];
	node->attribute = attribute_find(attribute, walk_name_len(walk, entry + 1));
	if (node->attribute)
		node->kind = rest == 2 ? NODE_ATTRIBUTE : NODE_BELOW_FILE;
	else
		node->kind = rest == 2 ? NODE_MISSING : NODE_FOREIGN;
}

static void node_classify(struct node *node, const struct walk *walk)
{
	size_t rest;
	const struct place *place = walk_place(walk, &rest);

	/* what is around the places is the system's, but for the folders of ours that stand for it */
	if (!place || (place->kind == PLACE_AROUND && (!walk->in_state || rest > 0)))
		return;
	node->place = place;
	if (rest == 0)
		node->kind = NODE_PLACE;
	else if (place->kind == PLACE_ENTRIES)
		classify_in_entry(node, walk, rest);
	else if (place->kind == PLACE_FOLDER && rest == 1 &&
		 (walk->in_state || !place_holds_others(place)))
		node->kind = NODE_MISSING;
	else if (place->kind == PLACE_FOLDER)
		node->kind = NODE_FOREIGN;
	else
		node->kind = NODE_BELOW_FILE;
}

bool node_is_file(const struct node *node)
{
	return node->attribute || (node->kind == NODE_PLACE && place_is_file(node->place));
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
	node->is_held = path[0] == '.' && !strstr(path, "..") && !path[strspn(path, "./")];
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
	walk.in_state = native != NULL;
	walk.shown = native ? WALK_MAX : 0;
	walk_path(&walk, native ? native : start);
	if (start != path) {
		walk.given = walk.depth;
		walk.shown = native ? walk.depth : 0;
		walk_path(&walk, path);
	}
	node_classify(node, &walk);
	node->through_file = walk.through_file;
	if (walk.through && walk.through_len <= NODE_NAME_MAX)
		memcpy(node->through, walk.through, walk.through_len);
	note_ending(node, path);
}

/* Every place outside AROUND has one of these in its name. */
static bool names_a_place(const char *path)
{
	return strstr(path, "config") || strstr(path, "tdx_guest") || strstr(path, "acpi") ||
	       strstr(path, "sev");
}

bool node_is_candidate(const char *path)
{
	if (path[0] != '/')
		return false;
	path += strspn(path, "/");
	/* "." and ".." in front are too rare to be fast, and too legal to be wrong */
	if ((path[0] == '.' || strstr(path, "/..")) && names_a_place(path))
		return true;
	if ((strncmp(path, "sys/", 4) == 0 || strncmp(path, "dev/", 4) == 0) &&
	    names_a_place(path + 4))
		return true;
	return strstr(path, TREE_COMPONENT_PREFIX) != NULL;
}

bool node_may_start(const char *path)
{
	static const char *const first[] = {"sys",    "kernel",    "config",   "tsm",
					    "report", "tdx_guest", "firmware", "acpi",
					    "CCEL",   "sev-guest", "sev"};
	size_t len;

	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	if (path[0] == '.' && path[1] == '.')
		return (strstr(path, "config") && strstr(path, "tsm")) ||
		       strstr(path, "tdx_guest") || strstr(path, "acpi") || strstr(path, "CCEL") ||
		       strstr(path, "sev-guest") || strstr(path, "cpu/sev") ||
		       strstr(path, "sev/vmpl");
	len = strcspn(path, "/");
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (strlen(first[i]) == len && memcmp(path, first[i], len) == 0)
			return true;
	return strstr(path, "/tdx_guest") || strstr(path, "/CCEL") || strstr(path, "/sev-guest") ||
	       strstr(path, "cpu/sev");
}
