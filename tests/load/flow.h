/* SPDX-License-Identifier: Apache-2.0 */
/* The flow that gets killed or stopped in its middle, and what it tells about itself meanwhile. */
#ifndef TEESHIM_TESTS_LOAD_FLOW_H
#define TEESHIM_TESTS_LOAD_FLOW_H

#include "load.h"

enum flow_step {
	STEP_MKDIR = 1,
	STEP_WRITE_FIRST,
	STEP_GENERATION_FIRST,
	STEP_OUTBLOB_FIRST,
	STEP_WRITE_SECOND,
	STEP_GENERATION_SECOND,
	STEP_OUTBLOB_SECOND,
	STEP_RMDIR,
};

/* In a file that both sides map: it survives the flow. */
struct progress {
	uint64_t which; /* of report_data_make(): one number per run */
	volatile int begun;
	volatile int ended;
};

#endif
