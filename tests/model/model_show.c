/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for what stat(), a listing and getcwd() show. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "model/model.h"

/* Names of the fixed folders, each within the one before. */
const char *const model_folder_names[NODE_ENTRY] = {
	[NODE_ROOT] = "",         [NODE_SYS] = "sys", [NODE_KERNEL] = "kernel",
	[NODE_CONFIG] = "config", [NODE_TSM] = "tsm", [NODE_REPORT] = "report",
};

static uint64_t links_of(const struct model *model, struct node node)
{
	uint64_t links = 2;

	if (node_is_removed(model, node))
		return 0;
	if (node.kind == NODE_ATTR)
		return 1;
	if (node.kind == NODE_TSM)
		return 3;
	for (int i = 0; node.kind == NODE_REPORT && i < model->entries; i++)
		links += !model->entry[i].removed;
	return links;
}

void path_stat(const struct model *model, struct node node, const struct result *got,
	       struct result *want)
{
	const struct entry *entry = &model->entry[node.entry];

	want->len = sizeof(want->st);
	want->st = (struct op_stat){.nlink = links_of(model, node), .blksize = 4096};
	if (node.kind == NODE_ATTR) {
		want->st.mode = S_IFREG | (uint32_t)entry->mode[node.attr];
		want->st.size = node.attr <= ATTR_PROVIDER ? 4096 : 0;
		if (entry->resized[node.attr])
			want->st.size = got->st.size;
	} else {
		want->st.mode =
			S_IFDIR | (uint32_t)(node.kind == NODE_ENTRY ? entry->dir_mode
								     : model->dir_mode[node.kind]);
	}
	/* D-deleted-link: of a removed entry whose name was given again, or of an unreadable outblob */
	if ((model->differences & DIFFERENCE_AT_OPEN) && node.kind == NODE_ATTR &&
	    node.attr != ATTR_INBLOB && node_is_removed(model, node))
		want->st.nlink = got->st.nlink;
	/* what else is in configfs is not ours to know */
	if (node.kind == NODE_CONFIG)
		want->st.nlink = got->st.nlink;
}

static void list_add(struct result *want, const char *name, char type)
{
	int len = snprintf((char *)want->bytes + want->len, sizeof(want->bytes) - want->len,
			   "%s%s %c", want->len ? ", " : "", name, type);

	want->len += (uint32_t)len;
}

/* The same names, whatever their order: each of them differs from the others. */
static bool list_is_same(const struct result *a, const struct result *b)
{
	char names[256];
	char *left;

	if (a->ret != 0 || a->len != b->len || a->len >= sizeof(names))
		return false;
	memcpy(names, a->bytes, a->len);
	names[a->len] = '\0';
	for (char *name = strtok_r(names, ",", &left); name; name = strtok_r(NULL, ",", &left)) {
		name += name[0] == ' ';
		if (!memmem(b->bytes, b->len, name, strlen(name)))
			return false;
	}
	return true;
}

/* fs/configfs/dir.c configfs_readdir(): newest first, and attributes were made in table order. */
void path_list(const struct model *model, struct node node, const struct result *got,
	       struct result *want)
{
	if (!node_is_dir(node)) {
		want->ret = -ENOTDIR;
		return;
	}
	/* getdents() says ENOENT, which libc's readdir() shows as the end */
	if (node_is_removed(model, node))
		return;
	list_add(want, ".", 'd');
	list_add(want, "..", 'd');
	switch (node.kind) {
	case NODE_ENTRY:
		list_add(want, "outblob", 'f');
		list_add(want, "inblob", 'f');
		list_add(want, "provider", 'f');
		list_add(want, "generation", 'f');
		break;
	case NODE_REPORT:
		for (int i = model->entries; i-- > 0;)
			if (!model->entry[i].removed)
				list_add(want, model->entry[i].name, 'd');
		break;
	default:
		list_add(want, model_folder_names[node.kind + 1], 'd');
		break;
	}
	if (differs(model, DIFFERENCE_LISTING) && list_is_same(want, got))
		memcpy(want->bytes, got->bytes, got->len);
}

void path_name(const struct model *model, struct node node, struct result *want)
{
	char *text = (char *)want->bytes;
	int len = 0;

	if (node_is_removed(model, node)) {
		want->ret = -ENOENT;
		return;
	}
	for (int kind = NODE_SYS; kind <= NODE_REPORT && kind <= (int)node.kind; kind++)
		len += sprintf(text + len, "/%s", model_folder_names[kind]);
	if (node.kind == NODE_ENTRY)
		len += sprintf(text + len, "/%s", model->entry[node.entry].name);
	want->len = (uint32_t)len;
}
