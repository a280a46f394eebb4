/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEESHIM_TESTS_MODEL_GENERATE_H
#define TEESHIM_TESTS_MODEL_GENERATE_H

#include "model/model.h"

/* The names that sequences give their entries; some are also names of attributes. */
#define GENERATE_NAMES                                                                             \
	{                                                                                          \
		"a", "b", "provider", "inblob"                                                     \
	}

/* generate_op() - a random operation that can be performed on the model as it stands. */
void generate_op(const struct model *model, uint64_t *random, struct op *op);

#endif
