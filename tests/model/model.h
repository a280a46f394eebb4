/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of configfs-tsm as a state machine: entries, attributes, open file descriptions, and the
 * processes that hold them.  It knows nothing of teeshim but the short list of differences below,
 * each of which stands in docs/differences.md.
 */
#ifndef TEESHIM_TESTS_MODEL_MODEL_H
#define TEESHIM_TESTS_MODEL_MODEL_H

#include "model/op.h"

/*
 * Where teeshim is known to differ from the kernel: rows of docs/differences.md that a sequence can
 * meet.  None of them with --native.
 */
enum difference {
	/*
	 * D-snapshot-at-open, D-einval-kept, D-removed-reads: what a readable attribute shows is
	 * taken at open(), natively at the first read(), for the descriptor is a real file.
	 */
	DIFFERENCE_AT_OPEN = 1 << 0,
	/*
	 * D-commit-order: nothing of ours runs when a descriptor ends by dup2(), exec, exit or a
	 * kill, or in a program that inherited it over exec.  Of several that ended with no look
	 * between them, at least one of them in such a way, another than the last one may be the
	 * current inblob.
	 */
	DIFFERENCE_ORDER = 1 << 1,
	/*
	 * D-changes-ignored, D-truncated-size: what stat() shows stays as it was.  D-unaware-chmod:
	 * but by a relative name, in a program that has not met the tree; left out.
	 */
	DIFFERENCE_CHANGES = 1 << 2,
	/*
	 * D-inherited-writer, D-inherited-reader: a program does not know that a descriptor which
	 * it inherited over exec is ours, so a real file answers.
	 */
	DIFFERENCE_EXEC = 1 << 3,
	/* D-flock-readable, D-flock-removed: private files that nobody else finds; not compared. */
	DIFFERENCE_FLOCK = 1 << 4,
	/* D-listing-order: the order is that of the file system behind. */
	DIFFERENCE_LISTING = 1 << 5,
	/* D-lexical: ".." after what is no folder may be resolved in the text; not compared. */
	DIFFERENCE_LEXICAL = 1 << 6,
};

enum {
	INBLOB_MAX = 64,
	BUFFER_MAX = 512, /* what an exec'ed writer can get into a description */
	CANDIDATES = 8,
	ENTRIES = 128, /* made in one sequence */
	DESCS = 512,
	ANSWERS = 256,
	REPORT_DATA_AT = 568, /* of a v4 quote: header 48, into the TD report body 520 */
	QUOTE_MIN = 1020,     /* libtdx_attest takes no shorter one */
	QUOTE_MAX = 8168,     /* the driver's 8192 bytes less its header */
};

enum attribute { ATTR_GENERATION, ATTR_PROVIDER, ATTR_INBLOB, ATTR_OUTBLOB, ATTRS };

enum node_kind {
	NODE_ROOT,
	NODE_SYS,
	NODE_KERNEL,
	NODE_CONFIG,
	NODE_TSM,
	NODE_REPORT,
	NODE_ENTRY,
	NODE_ATTR,
	NODE_OUTSIDE, /* anywhere else; nothing there is compared */
};

struct node {
	enum node_kind kind;
	int entry; /* index of model.entry, of an entry or attribute */
	enum attribute attr;
};

struct blob {
	int order; /* of opening */
	size_t size;
	uint8_t bytes[BUFFER_MAX];
};

/*
 * What outblob shows in one generation.  The bytes of a quote cannot be foretold, but all that were
 * seen must be seen again, and the report data must be the inblob's.
 */
struct answer {
	struct blob candidate[CANDIDATES]; /* the inblobs it may be over */
	int candidates;
	long size_min, size_max;
	uint8_t bytes[QUOTE_MAX];
	bool known[QUOTE_MAX];
};

struct entry {
	char name[16];
	bool removed;
	unsigned long generation;
	struct answer *answer; /* of this generation; NULL before the first */
	struct blob unsettled[CANDIDATES];
	int unsettleds; /* committed since the last look, in the order of closing */
	int mode[ATTRS], dir_mode;
	bool resized[ATTRS]; /* st_size is no longer foretold */
};

struct desc {
	int refs;
	struct node node;
	int access;
	bool path_only;
	bool loaded; /* text or answer is what this description shows */
	char text[24];
	struct answer *answer;
	struct blob blob;
	bool written;
	int64_t pos;
	int lock; /* LOCK_SH, LOCK_EX or 0 */
};

struct fd {
	struct desc *desc; /* NULL: closed */
	bool cloexec;
	bool inherited; /* over exec: see DIFFERENCE_EXEC */
};

struct proc {
	bool alive;
	bool execed; /* may not have met the tree yet: see DIFFERENCE_CHANGES */
	struct node cwd;
	struct fd fd[FD_END];
};

struct model {
	unsigned differences;
	struct proc proc[PROCS];
	struct entry entry[ENTRIES];
	int entries;
	struct desc desc[DESCS];
	int descs;
	struct answer *answer[ANSWERS];
	int answers;
	int opened; /* inblob descriptions so far */
	int dir_mode[NODE_ENTRY];
};

/* model_new() - no entry, and one process that stands in the report folder. */
struct model *model_new(bool native);

void model_free(struct model *model);

/*
 * model_ready() - is the operation one that can be performed and compared now?  Not so where its
 * process does not live, or where its outcome is outside of the rules.
 */
bool model_ready(const struct model *model, const struct op *op);

/*
 * model_step() - perform it on the model.
 * @got: what it gave in the real world
 * @want: what the rules ask for; equal to @got where that is one of several allowed outcomes
 */
void model_step(struct model *model, const struct op *op, const struct result *got,
		struct result *want);

/* ---- between the model's own files */

static inline bool differs(const struct model *model, enum difference difference)
{
	return (model->differences & difference) != 0;
}

/* The outcome of looking a path up. */
struct walk {
	int error;          /* 0 or errno: of the way to the last component */
	bool foreign;       /* it led out of the tree */
	struct node parent; /* where the last component is looked for */
	struct node node;   /* what it is, if it exists */
	bool exists;
	bool dot, dotdot; /* the last component is one of these */
	bool slash;       /* it has a trailing slash */
	char last[OP_PATH_SIZE];
};

extern const char *const model_attr_names[ATTRS];

void walk_path(const struct model *model, const struct proc *proc, int dirfd, const char *path,
	       struct walk *walk);
bool node_is_dir(struct node node);
bool node_is_same(struct node a, struct node b);
bool node_is_removed(const struct model *model, struct node node);

/* Names of the fixed folders, each within the one before. */
extern const char *const model_folder_names[NODE_ENTRY];

/* Operations on names: model_path.c; what they show: model_show.c. */
void path_step(struct model *model, const struct op *op, const struct result *got,
	       struct result *want);
void path_stat(const struct model *model, struct node node, const struct result *got,
	       struct result *want);
void path_list(const struct model *model, struct node node, const struct result *got,
	       struct result *want);
void path_name(const struct model *model, struct node node, struct result *want);

/* Operations on descriptors: model_file.c. */
void file_step(struct model *model, const struct op *op, const struct result *got,
	       struct result *want);

/* Descriptions, what is committed and what is shown: model.c, model_blob.c. */
int fd_lowest(const struct proc *proc);
void fd_drop(struct model *model, struct fd *fd, bool seen);
void open_step(struct model *model, const struct op *op, const struct walk *walk,
	       struct result *want);
void desc_text(const struct model *model, struct desc *desc);
void blob_commit(struct model *model, struct desc *desc);
void blob_look(struct entry *entry);
int64_t answer_read(struct answer *answer, int64_t at, size_t size, const struct result *got,
		    struct result *want);

#endif
