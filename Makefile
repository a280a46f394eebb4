# SPDX-License-Identifier: Apache-2.0
#
# teeshim: `make help` lists what can be made. Sources are found by folder; design in three lines:
#	build/libteeshim.so  src/{base,agent,translate,tree} and libcurl, libjansson, in src/interpose
#	build/teeshim        the same without src/interpose, with src/cli: one static musl binary
#	build/teeshim-sim    src/sim, against the system's libraries
# Variables: V=1 (whole command lines), WERROR=0, CC, MUSL_CC, BUILD, PREFIX, DESTDIR,
# TEESHIM_CACHE.

VERSION := 0.1.0

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

ifneq ($(filter undefined default,$(origin CC)),)
CC := gcc
endif
MUSL_CC ?= musl-gcc
BUILD := build
PREFIX := /usr/local
DESTDIR :=
WERROR := 1

V := 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '  %-6s%s\n' '$(1)' '$(2)')

# ---------------------------------------------------------------------------- flags

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
WARN += $(if $(filter 1,$(WERROR)),-Werror)
COMMON := -std=gnu11 -D_GNU_SOURCE= -DTEESHIM_VERSION='"$(VERSION)"' -Isrc -g $(WARN) -MMD -MP

# The minimal libcurl and jansson: see scripts/third-party.sh.
TEESHIM_CACHE ?= .cache
export TEESHIM_CACHE
TP := $(TEESHIM_CACHE)/third-party
TP_CFLAGS := -DCURL_STATICLIB -isystem $(TP)/curl/include -isystem $(TP)/jansson/include
TP_PIC := $(TP)/curl/pic/libcurl.a $(TP)/jansson/pic/libjansson.a
TP_MUSL := $(TP)/curl/musl/libcurl.a $(TP)/jansson/musl/libjansson.a

# One binary for glibc 2.17 and later and for musl: no helper function of the stack protector or of
# fortify, no C23 name (glibc_floor.h). Null checks stay: programs pass what headers call nonnull.
# Unwind tables stay: cancellation and C++ exceptions of the host program pass through our frames. No
# start files: the loader runs .init_array by itself, and what they would import is looked up at each
# process start. Bound lazily for the same reason: most processes call nothing of it (1.07 of an empty
# library's start, 1.09 with -z now); what signal handlers need, the constructor binds by itself.
SMALL := -Os -DNDEBUG -fvisibility=hidden -ffunction-sections -fdata-sections \
	-fno-stack-protector -U_FORTIFY_SOURCE -fno-delete-null-pointer-checks
LIB_CFLAGS := -include scripts/third-party/glibc_floor.h $(COMMON) $(TP_CFLAGS) $(SMALL) -fPIC
LIB_LDFLAGS := -shared -nostartfiles -Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,-z,defs \
	-Wl,-z,relro -Wl,-z,lazy -Wl,-z,noseparate-code -Wl,-z,noexecstack

# musl-gcc does not see the kernel's headers; after its own, so that libc headers stay musl's.
KERNEL_HEADERS := -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu
CMD_CFLAGS := $(COMMON) $(TP_CFLAGS) $(SMALL) $(KERNEL_HEADERS)
CMD_LDFLAGS := -static -Wl,--gc-sections

HOST_CFLAGS := $(COMMON) -Itests -O2 -fstack-protector-strong
SIM_LIBS := -lmicrohttpd -ljansson -lcrypto

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
TEST_CFLAGS := $(COMMON) $(TP_CFLAGS) -Itests -O1 -fno-omit-frame-pointer $(SANITIZE)

# ---------------------------------------------------------------------------- sources

CORE_SRC := $(wildcard $(addprefix src/,$(addsuffix /*.c,base agent translate tree)))
INTERPOSE_SRC := $(wildcard src/interpose/*.c src/interpose/*.S)
CMD_SRC := $(CORE_SRC) $(wildcard src/supervise/*.c src/cli/*.c)
SIM_SRC := $(wildcard src/sim/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
# Of tests/tools, what has no main() is shared by the unit tests.
TOOL_SRC := $(if $(wildcard tests/tools/*.c),$(shell grep -Lw '^int main' tests/tools/*.c))
FAKE_SRC := $(wildcard tests/fake_binaries/*.c)

object = $(addprefix $(BUILD)/obj/$(1)/,$(addsuffix .o,$(basename $(2))))
LIB_CORE_OBJ := $(call object,lib,$(CORE_SRC))
LIB_OBJ := $(call object,lib,$(INTERPOSE_SRC))
CMD_OBJ := $(call object,cmd,$(CMD_SRC))
SIM_OBJ := $(call object,host,$(SIM_SRC))
TEST_CORE_OBJ := $(call object,test,$(CORE_SRC))
TEST_SIM_OBJ := $(call object,test,$(filter-out src/sim/main.c,$(SIM_SRC)) $(TOOL_SRC))

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SRC))
LINKAGES := glibc-dynamic glibc-static musl-dynamic musl-static
FAKE := $(foreach linkage,$(LINKAGES), \
	$(patsubst tests/fake_binaries/%.c,$(BUILD)/tests/fake/%.$(linkage),$(FAKE_SRC)))

# ---------------------------------------------------------------------------- targets

LINTS := lint-format lint-shell lint-man lint-cppcheck lint-tidy
.PHONY: all deps demo test test-programs run-tests unit run-unit bench fuzz fuzz-programs lint $(LINTS) \
	install uninstall clean help

OUTPUTS := $(BUILD)/libteeshim.so $(BUILD)/teeshim $(BUILD)/teeshim-sim

all: $(OUTPUTS) ## the library, the command and the simulator (default)

deps: ## install what is missing to build, test and lint, saying so first
	@scripts/deps.sh

# Each works as the first thing typed: the packages come first, then a make that finds them.
demo: ## show an unmodified shell reading a TDX quote, and verify the quote
	@scripts/deps.sh build
	@$(MAKE) --no-print-directory all $(BUILD)/tests/verify-quote
	@BUILD=$(BUILD) scripts/demo.sh

test: ## build and run every test; ends with the summary of the system tests
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory run-tests

unit: ## build and run the unit tests alone
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory run-unit

bench: all ## measure what preloading costs, beside other libraries; the README's table
	@scripts/deps.sh build bench
	@BUILD=$(BUILD) bench/run.sh

suites: all ## run CPython's, coreutils' and jansson's own tests bare and preloaded, and compare
	@scripts/deps.sh build test suites
	@for suite in tests/suites/*.sh; do BUILD=$(BUILD) bash $$suite || [ $$? = 77 ] || exit 1; done

# Each target for so long; two of them at a time.
FUZZ_SECONDS := 600

fuzz: ## run every fuzz target for FUZZ_SECONDS (600); inputs found are kept in BUILD/fuzz
	@scripts/deps.sh build test
	@FUZZ_SECONDS=$(FUZZ_SECONDS) BUILD=$(BUILD) bash tests/system/fuzz.sh

help: ## this list
	@printf 'teeshim $(VERSION). Targets:\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '  %-10s %s\n' "$$name" "$$text"; done
	@printf 'Variables: V=1, WERROR=0, CC=, MUSL_CC=, BUILD=, PREFIX=, DESTDIR=, TEESHIM_CACHE=\n'

clean: ## remove what was built; the third-party libraries stay
	$(call say,RM,$(BUILD))
	$(Q)rm -rf $(BUILD)

# ---------------------------------------------------------------------------- what a build needs

$(BUILD)/deps-checked: scripts/deps.sh
	@scripts/deps.sh --check build
	@mkdir -p $(@D) && touch $@

$(TP)/stamp: scripts/third-party.sh $(wildcard scripts/third-party/*.h) | $(BUILD)/deps-checked
	@scripts/third-party.sh

READY := $(BUILD)/deps-checked $(TP)/stamp

# compile VARIANT, compiler, flags, label: rules for the objects below $(BUILD)/obj/VARIANT.
define compile
$(BUILD)/obj/$(1)/%.o: %.c Makefile | $(READY)
	$$(call say,$(4),$$<)
	$$(Q)mkdir -p $$(@D) && $(2) $(3) -c -o $$@ $$<
$(BUILD)/obj/$(1)/%.o: %.S Makefile | $(READY)
	$$(call say,$(4),$$<)
	$$(Q)mkdir -p $$(@D) && $(2) $(3) -c -o $$@ $$<
endef

# The wrappers stand in front of every call of the program: they are made for speed, and exceptions and
# cancellation of the host program unwind through them. The rest is made for size; behind it nothing of the
# host's runs, and cancellation is off, so no unwinder needs tables of it (debuggers find theirs in .debug).
NO_UNWIND := -fno-asynchronous-unwind-tables -fno-unwind-tables
$(BUILD)/obj/lib/%.o: KIND := $(NO_UNWIND)
$(BUILD)/obj/lib/src/interpose/%.o: KIND := -O2
# Wrappers that no program calls often, and what comes after a refusal.
COLD := fallback front_device front_socket front_two loader next syscall_answer undo wrap_cwd \
	wrap_dir wrap_statfs wrap_xattr
$(COLD:%=$(BUILD)/obj/lib/src/interpose/%.o): KIND :=
$(eval $(call compile,lib,$(CC),$(LIB_CFLAGS) $$(KIND),CC))
$(eval $(call compile,cmd,$(MUSL_CC),$(CMD_CFLAGS),MUSL))
$(eval $(call compile,host,$(CC),$(HOST_CFLAGS),HOST))
$(eval $(call compile,test,$(CC),$(TEST_CFLAGS),ASAN))

# strip_into OUTPUT: $@.debug becomes the stripped $@, which names it for debuggers.
strip_into = objcopy --only-keep-debug $(1).full $(1).debug && \
	objcopy --strip-all --add-gnu-debuglink=$(1).debug $(1).full $(1) && rm $(1).full

# ---------------------------------------------------------------------------- libteeshim.so

# The names of the interposed symbols, from the one table that has them.
$(BUILD)/symbols.txt: src/interpose/symbols.def Makefile
	@mkdir -p $(@D)
	@sed -n 's/^SYMBOL(\([A-Za-z0-9_]*\),.*/\1/p' $< >$@
	@test -s $@ || { echo '$<: no SYMBOL(name, ...) row found' >&2; exit 1; }

$(BUILD)/exports.map: $(BUILD)/symbols.txt
	@{ echo '{ global:'; sed 's/$$/;/' $<; echo 'local: *; };'; } >$@

$(BUILD)/redefine.txt: $(BUILD)/symbols.txt
	@sed 's/.*/& teeshim_next_&/' $< >$@

# Everything below the wrappers, with the archives' members that it uses, in one object whose own
# open(), close(), ... then become teeshim_next_open, ...: they must not bind to our wrappers.
# --unique keeps one section per function, for --gc-sections in the last link.
$(BUILD)/core.o: $(LIB_CORE_OBJ) $(BUILD)/redefine.txt $(TP)/stamp
	$(call say,LD,$@)
	$(Q)ld -r --unique -o $@.tmp $(LIB_CORE_OBJ) --start-group $(TP_PIC) --end-group
	$(Q)objcopy --redefine-syms=$(BUILD)/redefine.txt $@.tmp $@ && rm $@.tmp

$(BUILD)/libteeshim.so: $(LIB_OBJ) $(BUILD)/core.o $(BUILD)/exports.map scripts/check-preload.sh
	$(call say,LD,$@)
	$(Q)$(CC) $(LIB_LDFLAGS) -Wl,--version-script=$(BUILD)/exports.map -o $@.full \
		$(LIB_OBJ) $(BUILD)/core.o
	$(Q)$(call strip_into,$@)
	$(call say,CHECK,$@)
	$(Q)scripts/check-preload.sh $@ $(BUILD)/symbols.txt

# ---------------------------------------------------------------------------- teeshim, teeshim-sim

$(BUILD)/teeshim: $(CMD_OBJ) $(TP)/stamp
	$(call say,LD,$@)
	$(Q)$(MUSL_CC) $(CMD_LDFLAGS) -o $@.full $(CMD_OBJ) $(TP_MUSL)
	$(Q)$(call strip_into,$@)

$(BUILD)/teeshim-sim: $(SIM_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -Wl,-z,relro -Wl,-z,now -o $@ $(SIM_OBJ) $(SIM_LIBS)

# ---------------------------------------------------------------------------- tests

# Archives, so that a test takes only what it names; `q` because members may share a file name.
$(BUILD)/tests/libcore.a: $(TEST_CORE_OBJ)
$(BUILD)/tests/libsim.a: $(TEST_SIM_OBJ)
$(BUILD)/tests/libcore.a $(BUILD)/tests/libsim.a:
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/test/tests/unit/%.o $(BUILD)/tests/libcore.a \
		$(BUILD)/tests/libsim.a $(TP)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $< $(BUILD)/tests/libsim.a $(BUILD)/tests/libcore.a $(TP_PIC) \
		-lcmocka -lmicrohttpd -lcrypto

VERIFY_TOOLS := $(BUILD)/tests/verify-quote $(BUILD)/tests/verify-report
$(BUILD)/tests/verify-quote: $(call object,host,tests/tools/verify_quote.c tests/tools/quote_verify.c)
$(BUILD)/tests/verify-report: $(call object,host,tests/tools/verify_report.c tests/tools/report_verify.c)
$(VERIFY_TOOLS):
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -o $@ $^ -lcrypto

$(BUILD)/tests/system-run: $(call object,host,tests/system/run.c)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -o $@ $^ -lcmocka

# The fuzz targets, by clang: tests/system/fuzz.sh builds and runs them. Their objects are not of the
# other tests' kind, for libFuzzer needs to see each branch taken.
FUZZ_CC := clang
FUZZ_SRC := $(filter-out tests/fuzz/seeds.c,$(wildcard tests/fuzz/*.c))
FUZZ_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(FUZZ_SRC) tests/fuzz/seeds.c)
FUZZ_CFLAGS := $(COMMON) $(TP_CFLAGS) -Itests -O1 -fno-omit-frame-pointer
$(eval $(call compile,fuzz,$(FUZZ_CC),$(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link $(SANITIZE),FUZZ))

fuzz-programs: $(FUZZ_PROGRAMS)

$(BUILD)/tests/fuzz/libcore.a: $(call object,fuzz,$(CORE_SRC))
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^

$(BUILD)/tests/fuzz/seeds: $(call object,host,$(filter-out src/sim/main.c,$(SIM_SRC)) tests/fuzz/seeds.c)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -o $@ $^ $(SIM_LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/obj/fuzz/tests/fuzz/%.o $(BUILD)/tests/fuzz/libcore.a $(TP)/stamp
	$(call say,LD,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(SANITIZE) -o $@ $< $(BUILD)/tests/fuzz/libcore.a $(TP_PIC)

# The core with failures let in: the sources see a sys_call() that the tests define, and every
# allocation of theirs, curl's and jansson's is one that can fail.
TORTURE_SRC := $(wildcard tests/torture/*.c)
TORTURE_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(filter tests/torture/test_%,$(TORTURE_SRC)))
TORTURE_SHARED := $(filter-out tests/torture/test_%,$(TORTURE_SRC)) tests/tools/stub_agent.c
TORTURE_WRAP := $(foreach name,malloc calloc realloc strdup,-Wl,--wrap=$(name))
$(eval $(call compile,torture,$(CC),-include tests/torture/fail_sys.h $(TEST_CFLAGS),ASAN))

$(BUILD)/tests/torture/libcore.a: $(call object,torture,$(CORE_SRC) $(TORTURE_SHARED))
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^

$(TORTURE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/torture/tests/%.o $(BUILD)/tests/torture/libcore.a \
		$(TP)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) $(TORTURE_WRAP) -o $@ $< $(BUILD)/tests/torture/libcore.a $(TP_PIC) \
		-lcmocka

# Small stand-ins for real clients, each in the four linkages that real clients come in.
FAKE_CFLAGS := -std=gnu11 -D_GNU_SOURCE= -O2 $(WARN) -MMD -MP
define fake
$(BUILD)/tests/fake/%.$(1): tests/fake_binaries/%.c Makefile | $(BUILD)/deps-checked
	$$(call say,FAKE,$$@)
	$$(Q)mkdir -p $$(@D) $(BUILD)/obj/fake && \
		$(2) $(FAKE_CFLAGS) -MF $(BUILD)/obj/fake/$$(@F).d -o $$@ $$<
endef
$(eval $(call fake,glibc-dynamic,$(CC)))
$(eval $(call fake,glibc-static,$(CC) -static))
$(eval $(call fake,musl-dynamic,$(MUSL_CC) $(KERNEL_HEADERS)))
$(eval $(call fake,musl-static,$(MUSL_CC) -static $(KERNEL_HEADERS)))

test-programs: $(UNIT_TESTS) $(FAKE) $(VERIFY_TOOLS) $(BUILD)/tests/system-run \
	$(TORTURE_TESTS)

# run_units: one program after another, its uneventful lines left out, all of them on a failure.
# Sets $$failed to the programs that failed. A thread that ends by cancellation leaves its stack
# marked, and ASan then finds its own clean-up of the signal stack at fault: it gets none.
define run_units
failed=; \
export ASAN_OPTIONS=use_sigaltstack=0; \
for program in $(UNIT_TESTS); do \
	printf '  TEST  %s\n' "$$program"; \
	if "$$program" >"$$program.log" 2>&1; then \
		grep -v -E '^\[ (RUN  |      OK)' "$$program.log" || :; \
	else \
		cat "$$program.log"; failed="$$failed $$program"; \
	fi; \
done; \
[ -z "$$failed" ] || printf 'FAILED:%s\n' "$$failed" >&2
endef

# repeat_failed: what the unit tests in $$failed said stands far above, after the system tests.
define repeat_failed
for program in $$failed; do \
	printf 'FAILED %s; of %s.log:\n' "$$program" "$$program" >&2; \
	grep -a -E '^\[ +(ERROR|LINE|FAILED) |ERROR: |error: ' "$$program.log" | head -n 4 >&2 || :; \
done
endef

run-unit: $(UNIT_TESTS)
	@$(run_units); [ -z "$$failed" ]

run-tests: all test-programs
	@$(run_units); \
	printf '  TEST  $(BUILD)/tests/system-run\n'; \
	unset ASAN_OPTIONS; \
	BUILD=$(BUILD) $(BUILD)/tests/system-run; status=$$?; \
	$(repeat_failed); \
	[ "$$status" = 0 ] && [ -z "$$failed" ]

# ---------------------------------------------------------------------------- lint

LINT_DIRS := $(wildcard src tests bench)
LINT_C := $(if $(LINT_DIRS),$(shell find $(LINT_DIRS) -name '*.c' | sort))
LINT_H := $(if $(LINT_DIRS),$(shell find $(LINT_DIRS) scripts/third-party -name '*.h' | sort))
LINT_SH := .ci/run $(wildcard scripts/*.sh) \
	$(if $(LINT_DIRS),$(shell find $(LINT_DIRS) $(wildcard docker) -name '*.sh' | sort))
MAN := $(wildcard man/*.[1-8])
TIDY_FLAGS := $(filter-out -g -MMD -MP -Werror -DTEESHIM_VERSION=%,$(COMMON)) $(TP_CFLAGS) -Itests \
	-DTEESHIM_VERSION=\"$(VERSION)\"

# Left out: what is said for want of libc's headers, which are not given to cppcheck; uninitvar, it
# does not see what a call in the same argument list fills in, and clang's analyzer looks for the
# same; the index error, it does not follow a loop that counts down; internalAstError, its own trouble
# with a macro. Style is left to clang-tidy.
CPPCHECK := cppcheck --quiet --enable=warning,performance,portability --error-exitcode=1 \
	--std=c11 --platform=unix64 --inline-suppr -j 2 \
	-D__x86_64__ -D__linux__ -D__GLIBC__ -Isrc -Itests \
	--suppress=missingIncludeSystem --suppress=preprocessorErrorDirective --suppress=uninitvar \
	--suppress=arrayIndexOutOfBounds:src/tree/layout.c --suppress=internalAstError

# SC2016: recipes for other shells are texts in single quotes.
SHELLCHECK := shellcheck -x -P SCRIPTDIR -e SC2016

lint: $(LINTS) ## check the source by clang-format, clang-tidy and others; after make deps

$(BUILD)/lint-checked: scripts/deps.sh
	@scripts/deps.sh --check build test lint
	@mkdir -p $(@D) && touch $@

lint-format: | $(BUILD)/lint-checked
	$(call say,LINT,clang-format)
	$(Q)clang-format --dry-run -Werror $(LINT_C) $(LINT_H)

lint-shell: | $(BUILD)/lint-checked
	$(call say,LINT,shellcheck)
	$(Q)$(SHELLCHECK) $(LINT_SH)

lint-man: | $(BUILD)/lint-checked
	$(call say,LINT,mandoc)
	$(Q)$(if $(MAN),mandoc -T lint -W warning $(MAN),:)

lint-cppcheck: | $(BUILD)/lint-checked
	$(call say,LINT,cppcheck)
	$(Q)$(CPPCHECK) $(LINT_C)

# clang-tidy counts what it left out on stderr; that is shown with a finding only.
lint-tidy: | $(BUILD)/lint-checked $(READY)
	$(call say,LINT,clang-tidy ($(words $(LINT_C)) files))
	$(Q)printf '%s\n' $(LINT_C) | xargs -P 2 -n 4 sh -c \
		'out=$$(clang-tidy --quiet "$$@" -- $(TIDY_FLAGS) 2>&1) || { echo "$$out"; exit 1; }' sh

# ---------------------------------------------------------------------------- install

ROOT = $(DESTDIR)$(PREFIX)

install: all ## install below DESTDIR and PREFIX: lib/libteeshim.so, bin/, share/man, share/doc
	$(call say,INST,$(ROOT))
	$(Q)install -d $(ROOT)/lib $(ROOT)/bin $(ROOT)/share/doc/teeshim
	$(Q)install -m 755 $(BUILD)/libteeshim.so $(ROOT)/lib/
	$(Q)install -m 755 $(BUILD)/teeshim $(BUILD)/teeshim-sim $(ROOT)/bin/
	$(Q)install -m 644 LICENSE $(ROOT)/share/doc/teeshim/LICENSE
	$(Q)install -m 644 $(TP)/curl/COPYING $(ROOT)/share/doc/teeshim/LICENSE.curl
	$(Q)install -m 644 $(TP)/jansson/COPYING $(ROOT)/share/doc/teeshim/LICENSE.jansson
	$(Q)for page in $(MAN); do \
		install -D -m 644 $$page $(ROOT)/share/man/man$${page##*.}/$${page##*/}; \
	done

uninstall: ## remove what install put there
	$(call say,RM,teeshim below $(ROOT))
	$(Q)rm -f $(ROOT)/lib/libteeshim.so $(ROOT)/bin/teeshim $(ROOT)/bin/teeshim-sim
	$(Q)for page in $(MAN); do rm -f $(ROOT)/share/man/man$${page##*.}/$${page##*/}; done
	$(Q)rm -rf $(ROOT)/share/doc/teeshim

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
