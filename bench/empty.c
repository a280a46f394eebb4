/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library that does nothing: what the loader takes to map one more object.  It needs the same
 * libraries as libteeshim.so (see run.sh) and has no constructor.
 */
extern const char teeshim_bench_empty[];
const char teeshim_bench_empty[] = "nothing";
