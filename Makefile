# httpconsole.  `make help` says what can be made.
#
# One flat Makefile.  Every source is found by its place; each build flavour
# (default, asan, tsan, coverage, or any name given as FLAVOUR=) has its own
# folder under build/, so that no flavour ever meets another's objects.

FLAVOUR ?= default
PREFIX  ?= /usr/local
DESTDIR ?=
PYTHON  := /usr/bin/python3
TOOLS   := tests/tools
B       := build/$(FLAVOUR)
# libFuzzer is clang's.
FUZZES := $(filter fuzz fuzz-fast,$(FLAVOUR))
ifneq ($(FUZZES),)
CC      := clang
endif
# -fcoverage-mcdc came with clang 18.
ifeq ($(FLAVOUR),mcdc)
CC      := clang-19
endif

# ---------------------------------------------------------------- sources

SRC     := $(sort $(wildcard src/*/*.c ui/*.c))
HEADERS := $(sort $(wildcard src/*/*.h ui/*.h))
UNIT    := $(sort $(wildcard tests/unit/test_*.c))
CONSOLE := $(sort $(wildcard tests/console/test_*.c))
DEMO    := $(sort $(wildcard tests/console/demo*.c))
FUZZ    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
REPLAY  := tests/fuzz/replay.c
KEPT    := $(sort $(wildcard tests/fuzz/kept_*.c))
HELPERS := $(filter-out $(CONSOLE) $(DEMO),$(sort $(wildcard tests/console/*.c)))

MAIN_OBJ    := $(B)/src/app/main.o
LIB         := $(B)/libhttpconsole.a
LIB_OBJ     := $(filter-out $(MAIN_OBJ),$(SRC:%.c=$(B)/%.o))
HELPER_OBJ  := $(HELPERS:%.c=$(B)/%.o)
UNIT_BIN    := $(UNIT:%.c=$(B)/%)
CONSOLE_BIN := $(CONSOLE:%.c=$(B)/%)
DEMO_BIN    := $(DEMO:%.c=$(B)/%)
FUZZ_BIN    := $(FUZZ:%.c=$(B)/%)
TEST_OBJ    := $(patsubst %.c,$(B)/%.o,$(UNIT) $(CONSOLE) $(DEMO) $(HELPERS) \
	$(FUZZ) $(REPLAY) $(KEPT))
# The default flavour's program is the one that people start.
PROGRAM     := $(if $(filter default,$(FLAVOUR)),httpconsole,$(B)/httpconsole)

# ------------------------------------------------------------------ flags

# What the compiler takes of the options given; nothing when it takes none.
comma   := ,
cc-option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null \
	2>/dev/null && echo '$(1)')

IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))

# Not -Wcast-qual: in C17 an atomic load wants a pointer to non-const.
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wvla -Wundef -Wpointer-arith -Wwrite-strings \
	-Wredundant-decls -Wnull-dereference -Wdouble-promotion
ifeq ($(IS_CLANG),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches
endif
ifneq ($(filter true 1,$(CI) $(WERROR)),)
WARN += -Werror
endif

FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
HARDEN  := -fstack-protector-strong -fPIE \
	$(call cc-option,-fstack-clash-protection) \
	$(call cc-option,-fcf-protection)
# gcc clears and copies structures of some hundred bytes by rep stos and rep
# movs, which take 10 ns to begin with, a dozen times a request.
UNROLL  := =vector_loop:256:noalign$(comma)libcall:-1:noalign
OPT     := -O2 -g $(call cc-option,-mmemset-strategy$(UNROLL)) \
	$(call cc-option,-mmemcpy-strategy$(UNROLL))
LINK    := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

# What these builds do at their end is more than the sandbox allows.
INSTRUMENTED := -DSANDBOX_INSTRUMENTED
# Sanitizers watch the same calls as the fortified functions, and do it better.
ifeq ($(FLAVOUR),asan)
OPT     := -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all $(INSTRUMENTED)
FORTIFY :=
else ifeq ($(FLAVOUR),mutants)
# A byte read too far is noticed: the tests parse copies of exactly their size.
OPT     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	$(INSTRUMENTED)
FORTIFY :=
else ifeq ($(FLAVOUR),valgrind)
# Memcheck takes the copying in optimised code for what it is not.
OPT     := -O1 -g -fno-omit-frame-pointer $(INSTRUMENTED)
FORTIFY :=
else ifeq ($(FLAVOUR),tsan)
OPT     := -O1 -g -fno-omit-frame-pointer -fsanitize=thread $(INSTRUMENTED)
FORTIFY :=
else ifeq ($(FLAVOUR),coverage)
OPT     := -O0 -g --coverage -fprofile-update=atomic $(INSTRUMENTED)
FORTIFY :=
else ifeq ($(FLAVOUR),mcdc)
OPT     := -O0 -g -fprofile-instr-generate -fcoverage-mapping \
	-fcoverage-mcdc $(INSTRUMENTED)
FORTIFY :=
else ifeq ($(FLAVOUR),fuzz)
OPT     := -O2 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=fuzzer-no-link,address,undefined
FORTIFY :=
else ifeq ($(FLAVOUR),fuzz-fast)
# Volume: without the address sanitizer and without a call for each comparison
# that is made, which is most of what the other one does.
OPT     := -O2 -g -fsanitize-coverage=inline-8bit-counters,pc-table \
	-fsanitize=undefined -fsanitize-trap=undefined
FORTIFY :=
endif
# What drives the fuzz targets: libFuzzer, or what replays kept inputs.
DRIVER  := $(if $(FUZZES),-fsanitize=fuzzer,$(B)/$(REPLAY:.c=.o))
ifeq ($(FLAVOUR),fuzz-fast)
DRIVER  += $(KEPT:%.c=$(B)/%.o) $(addprefix -Wl$(comma)--wrap=,mmap munmap \
	calloc realloc free open realpath)
# What an input does is told from the code under test alone.
$(KEPT:%.c=$(B)/%.o): ALL_CFLAGS += \
	-fno-sanitize-coverage=inline-8bit-counters,pc-table
endif

LIB_PKGS  := ncursesw yaml-0.1 libdeflate jansson libqrencode libseccomp \
	libpcre2-8 liburing
TEST_PKGS := cmocka vterm
pkg       = $(shell pkg-config $(1) $(2) 2>/dev/null)

# Not the packages' -D: _GNU_SOURCE asks for more than they do.
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -Isrc -I. -pthread \
	$(filter-out -D%,$(call pkg,--cflags,$(LIB_PKGS) $(TEST_PKGS))) \
	$(WARN) $(OPT) $(FORTIFY) $(HARDEN) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := -pthread $(OPT) $(LINK) $(LDFLAGS)
LIBS      := $(or $(call pkg,--libs,$(LIB_PKGS)),-lncursesw -ltinfo -lyaml -ldeflate -ljansson -lqrencode -lseccomp \
	-lpcre2-8 -luring)
TEST_LIBS := $(or $(call pkg,--libs,$(TEST_PKGS)),-lcmocka -lvterm) -lutil

# ------------------------------------------------------------------ build

.PHONY: all programs run test unit console-test wire browser asan tsan \
	sanitized valgrind memcheck analyze simulate lint lint-includes lint-format lint-cppcheck lint-tidy \
	format bench bench-console instructions conformance peers coverage \
	fuzz fuzz-programs lines model mutants mcdc faults race soak man install clean \
	help deps have-build have-test \
	have-lint FORCE
.DELETE_ON_ERROR:

all: $(PROGRAM) ## build ./httpconsole (the default; installs nothing)

httpconsole: $(B)/httpconsole
	@ln -f $< $@ 2>/dev/null || cp -f $< $@

$(B)/httpconsole: $(MAIN_OBJ) $(LIB)
	@echo "  LD    $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(MAIN_OBJ) $(LIB) $(LIBS)

$(LIB): $(LIB_OBJ) $(B)/sources
	@rm -f $@
	@$(AR) rcs $@ $(LIB_OBJ)

$(MAIN_OBJ) $(LIB_OBJ) $(TEST_OBJ): $(B)/%.o: %.c $(B)/flags | have-build
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(TEST_OBJ): | have-test

# Objects before the archive: a test's own definition of a function wins, such
# as the stand-in for src/app/control.c in tests/console.
$(UNIT_BIN): $(B)/%: $(B)/%.o $(LIB)
	@echo "  LD    $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS) $(TEST_LIBS)

$(filter $(B)/tests/unit/test_ui_%,$(UNIT_BIN)): $(HELPER_OBJ)

$(CONSOLE_BIN) $(DEMO_BIN): $(B)/%: $(B)/%.o $(HELPER_OBJ) $(LIB)
	@echo "  LD    $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS) $(TEST_LIBS)

$(FUZZ_BIN): $(B)/%: $(B)/%.o $(LIB) $(filter %.o,$(DRIVER))
	@echo "  LD    $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(filter-out $(DRIVER),$(filter %.o,$^)) \
		$(DRIVER) $(LIB) $(LIBS) $(TEST_LIBS)

$(B)/tests/fuzz/fuzz_keys: $(HELPER_OBJ)

# What things were made with: another compiler or flag makes the objects anew,
# a source that came or went makes the archive anew.
$(B)/flags: NOW = $(CC) $(ALL_CFLAGS) / $(ALL_LDFLAGS)
$(B)/sources: NOW = $(SRC)
$(B)/flags $(B)/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(NOW)' | cmp -s - $@ || echo '$(NOW)' > $@

# name what is missing, and the command that gets it
define need
	@command -v $(CC) >/dev/null 2>&1 && pkg-config --exists $(1) \
	2>/dev/null || { echo "Missing: a C compiler, pkg-config, or the" \
	"libraries $(1). Get them with: make deps" >&2; exit 1; }
endef

have-build:
	$(call need,$(LIB_PKGS))
have-test:
	$(call need,$(LIB_PKGS) $(TEST_PKGS))

programs: $(PROGRAM) $(UNIT_BIN) $(CONSOLE_BIN) $(DEMO_BIN) $(FUZZ_BIN)

-include $(wildcard $(patsubst %.o,%.d,$(MAIN_OBJ) $(LIB_OBJ) $(TEST_OBJ)))

# -------------------------------------------------------------- use, test

# All processors, unless the caller said how many.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
AGAIN = --no-print-directory $(JOBS)

RUN_TESTS = $(PYTHON) $(TOOLS)/run-tests --build $(B) --server $(PROGRAM)

deps: ## install what building and testing need (Debian)
	@$(TOOLS)/deps build test

# Both commands of the README start on a bare system: what is missing is
# installed before make looks for it, hence the second make.
run: ## install what is missing, build, start the console on www
	@$(TOOLS)/deps build
	@$(MAKE) $(AGAIN) all
	@./httpconsole

test: ## install what is missing, build, run every test
	@$(TOOLS)/deps build test
	@$(MAKE) $(AGAIN) programs
	@$(RUN_TESTS) unit fuzz console wire browser

unit: $(UNIT_BIN) ## run the unit tests
	@$(RUN_TESTS) unit
console-test: $(PROGRAM) $(CONSOLE_BIN) ## run the console on a virtual terminal
	@$(RUN_TESTS) console
wire: $(PROGRAM) ## run the tests over sockets
	@$(RUN_TESTS) wire
browser: $(PROGRAM) ## run the test page in headless Chromium
	@$(RUN_TESTS) browser

asan: ## test under address, leak and undefined-behaviour sanitizers
	@$(MAKE) $(AGAIN) FLAVOUR=asan sanitized
tsan: ## test under the thread sanitizer
	@$(MAKE) $(AGAIN) FLAVOUR=tsan sanitized
sanitized: programs
	@$(RUN_TESTS) unit fuzz console wire

analyze: ## gcc's static analyzer over src and ui
	@$(TOOLS)/deps build
	@$(TOOLS)/analyze $(SRC)

valgrind: ## the unit tests under memcheck: leaks, and what was never written
	@$(TOOLS)/deps build test
	@$(MAKE) $(AGAIN) FLAVOUR=valgrind memcheck
memcheck: $(UNIT_BIN) $(B)/openat2.so
	@$(RUN_TESTS) unit
$(B)/openat2.so: $(TOOLS)/valgrind-openat2.c | have-build
	@echo "  CC    $@"
	@$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -o $@ $<

simulate: ## SCHEDULES (1,000,000) of connections over a network in memory
	@$(TOOLS)/deps build test
	@$(MAKE) $(AGAIN) build/default/tests/unit/test_conn_schedules
	@$(TOOLS)/simulate --build build/default

# 30 seconds for each target, or FUZZ_SECONDS; FUZZ_TARGETS: only these;
# FUZZ_FAST=1: more executions, most of them without the address sanitizer.
fuzz: ## fuzz every target for FUZZ_SECONDS (30), two at a time
	@$(TOOLS)/deps build test fuzz
	@$(MAKE) $(AGAIN) FLAVOUR=fuzz fuzz-programs
	@[ "$$FUZZ_FAST" != 1 ] || $(MAKE) $(AGAIN) FLAVOUR=fuzz-fast fuzz-programs
	@$(TOOLS)/fuzz --build build/fuzz $(FUZZ_TARGETS)
fuzz-programs: $(FUZZ_BIN)

mutants: ## change the parser in small ways: do its tests notice?
	@$(TOOLS)/deps build test
	@$(MAKE) $(AGAIN) FLAVOUR=mutants $(UNIT:%.c=build/mutants/%)
	@$(TOOLS)/mutate --build build/mutants

LCOV = lcov --rc lcov_branch_coverage=1
coverage: ## what the tests reach: build/coverage/html; every branch of src/http
	@$(TOOLS)/deps build test coverage
	@$(MAKE) $(AGAIN) FLAVOUR=coverage programs
	@find build/coverage -name '*.gcda' -delete
	-@$(PYTHON) $(TOOLS)/run-tests --build build/coverage \
		--server build/coverage/httpconsole unit fuzz console wire
	@cd build/coverage && $(LCOV) -q -c -d . -b $(CURDIR) -o all.info 2>lcov.log \
		&& $(LCOV) -q -e all.info "$(CURDIR)/src/*" "$(CURDIR)/ui/*" -o src.info \
		&& genhtml -q --branch-coverage src.info -o html \
		&& $(LCOV) --summary src.info
	@$(TOOLS)/branches build/coverage/src.info

mcdc: ## which conditions of src/http the unit tests show to matter
	@$(TOOLS)/deps build test mcdc && command -v clang-19 >/dev/null || \
		{ echo "mcdc: skipped: there is no clang-19 to be had"; exit 0; }; \
	$(MAKE) $(AGAIN) FLAVOUR=mcdc $(UNIT:%.c=build/mcdc/%) && \
	$(TOOLS)/mcdc --build build/mcdc $(MCDC_OPTIONS)

bench-console: all ## what the console costs: bytes, CPU, wake-ups, keys
	@tests/bench/bench-console

bench: all ## measure (tests/bench)
	@for b in tests/bench/bench-*; do [ ! -x "$$b" ] || "$$b" || exit 1; done

CONFORMANCE = cd tests/http && PYTHONDONTWRITEBYTECODE=1 \
	HTTPCONSOLE=$(abspath $(PROGRAM)) $(PYTHON) -m conformance

conformance: $(PROGRAM) ## write tests/http/CONFORMANCE.md from a run
	@$(CONFORMANCE).report
peers: $(PROGRAM) ## the same cases on nginx, lighttpd, Apache: PEERS.md
	@$(CONFORMANCE).peers
FAULTS = PYTHONDONTWRITEBYTECODE=1 HTTPCONSOLE=$(abspath $(PROGRAM)) \
	$(PYTHON) tests/faults/run
RACE = build/default/tests/unit/test_race

faults: ## inject every fault of the table; tests/faults/RESULTS.md
	@$(TOOLS)/deps build test faults
	@$(MAKE) $(AGAIN) all $(RACE)
	@$(MAKE) $(AGAIN) FLAVOUR=asan all
	@FAULTS_ASAN=$(CURDIR)/build/asan/httpconsole $(FAULTS) --write
race: ## open RACE_OPENS (1,000,000) times while names are swapped
	@$(TOOLS)/deps build test
	@$(MAKE) $(AGAIN) all $(RACE)
	@$(FAULTS) --write race
soak: ## all at once for SOAK_MINUTES (60)
	@$(TOOLS)/deps build test
	@$(MAKE) $(AGAIN) all
	@$(FAULTS) --write --soak $(or $(SOAK_MINUTES),60)
model: ## every run of the shutdown protocol's model (spin)
	@$(TOOLS)/deps model
	@tests/model/run build/model
lines: ## which cache lines two workers have in common
	@tests/bench/shared-lines
instructions: all ## count the instructions of a request (RECORD=1: for good)
	@tests/bench/instructions

# ------------------------------------------------------------------- care

C_FILES   := $(SRC) $(HEADERS) $(sort $(wildcard tests/*/*.c tests/*/*.h))
GENERATED := $(if $(C_FILES),$(shell grep -lE '^(/\*| \*) Generated by' $(C_FILES)))
FORMATTED := $(filter-out $(GENERATED),$(C_FILES))
CHECKED   := $(filter-out $(GENERATED),$(SRC))

lint: lint-includes lint-format lint-cppcheck lint-tidy ## every check of the source (-k: go on)

have-lint:
	@$(TOOLS)/deps build lint
lint-includes: | have-lint
	@$(TOOLS)/lint-includes && echo 'include direction: ok'
lint-format: | have-lint
	@clang-format --dry-run -Werror $(FORMATTED) && echo 'clang-format: ok'
lint-cppcheck: | have-lint
	@cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 \
		--enable=warning,performance,portability \
		-D_GNU_SOURCE -Isrc -I. src ui && echo 'cppcheck: ok'
lint-tidy: | have-lint
	@printf '%s\n' $(CHECKED) | xargs -P$$(nproc) -I{} clang-tidy --quiet {} \
		-- -std=c17 -D_GNU_SOURCE -Isrc -I. 2>/dev/null \
		&& echo 'clang-tidy: ok'

format: ## clang-format every C file in place
	clang-format -i $(FORMATTED)

man: $(PROGRAM) ## write packaging/httpconsole.1 from what the program says
	@$(TOOLS)/man-page --server $(abspath $(PROGRAM)) >packaging/httpconsole.1

install: all ## copy to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/httpconsole
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/httpconsole
	install -m 644 server.yaml $(DESTDIR)$(PREFIX)/share/httpconsole/
	cp -R www $(DESTDIR)$(PREFIX)/share/httpconsole/
	install -D -m 644 packaging/httpconsole.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/httpconsole.1

clean: ## remove everything that was built
	rm -rf build httpconsole

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)
