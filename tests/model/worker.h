/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEESHIM_TESTS_MODEL_WORKER_H
#define TEESHIM_TESTS_MODEL_WORKER_H

#include "model/op.h"

/* Worker N hears and answers on descriptor WORKER_CHANNEL + N, which every worker inherits. */
enum { WORKER_CHANNEL = 100 };

/*
 * worker_run() - perform one operation after another until told to exit.
 * Says hello with a result of 0 first.
 */
_Noreturn void worker_run(int number);

#endif
