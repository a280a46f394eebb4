/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before every source of the torture tests' library: base/sys.h as clang's analyzer sees it,
 * where sys_call() is a function from elsewhere.
 */
#define __clang_analyzer__ 1
#include "base/sys.h"
#undef __clang_analyzer__
