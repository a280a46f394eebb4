#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every row of docs/differences.md: the function of that name shows that the difference is there as
# the row says, so a row that is no longer true fails.  As an ordinary user and, where we are, as root.
# With names of rows as arguments only those run.
# shellcheck disable=SC2016 # $E and the like are for the preloaded shell
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/event_log.sh
. "$(dirname "$0")/lib/event_log.sh"

DOCUMENT=$ROOT/docs/differences.md
SOURCES=$ROOT/tests/differences

# ---------------------------------------------------------------------------- helpers

# is WHAT GOT EXPECTED
is() {
	[ "$2" = "$3" ] || die "$ROW: $1 is \"$2\", expected \"$3\""
}

# no_row WHY: this row cannot be shown here; the function returns after it.
no_row() {
	say "SKIP $ROW, uid $TEST_UID: $*"
	SHOWN=
}

# agent FLAGS...: for this row, an agent that is not well.
agent() {
	sim_agent 0.6.0 "$@"
	AGENT_WELL=
}

# sh_ TEXT: a preloaded bash runs it with $E, the row's entry, and $D, a file of 64 bytes.
sh_() {
	shim E="$ENTRY" D="$WORK/data.bin" bash -euc "$1"
}

# py TEXT: python3 runs it, with the entry at hand; an assert that fails fails the row.
py() {
	shim E="$ENTRY" STATE="$USER_DIR/state" OUT="$USER_DIR" python3 -c "$PRELUDE
$1" || die "$ROW: not as written"
}

PRELUDE='
import errno, fcntl, os, signal, struct, subprocess, sys, time
E, STATE, OUT = (os.environ[name] for name in ("E", "STATE", "OUT"))
A, B = b"A" * 64, b"B" * 64
def attribute(name, flags=os.O_RDONLY):
    return os.open(E + "/" + name, flags)
def commit(data=A):
    fd = attribute("inblob", os.O_WRONLY)
    os.write(fd, data)
    os.close(fd)
def whole(name):
    fd = attribute(name)
    data = os.read(fd, 100000)
    os.close(fd)
    return data
def generation():
    return int(whole("generation"))
def result(call):
    try:
        return call()
    except OSError as e:
        return errno.errorcode[e.errno]
def is_(got, expected):
    assert got == expected, "%r, expected %r" % (got, expected)
'

# sev_snp: for this row, an agent on SEV-SNP, and the entry made anew there.
sev_snp() {
	TEESHIM_TEE=sev-snp
	agent --tee sev-snp
	shim rmdir "$ENTRY"
	shim mkdir "$ENTRY"
}

# call LIBC NAME PATH: what tests/differences/calls.c prints.
call() {
	shim "$WORK/lib/calls.$1" "$2" "$3" || true
}

commit() {
	shim cp "$WORK/data.bin" "$ENTRY/inblob"
}

ABSENT='No such file or directory'

# ---------------------------------------------------------------------------- reading

D-eio-at-open() {
	commit
	agent --fault error
	py 'is_(result(lambda: attribute("outblob")), "EIO")' 2>"$WORK/log"
}

D-one-errno() {
	commit
	agent --fault hang
	py 'os.environ["TEESHIM_TIMEOUT_MS"] = "300"
is_(result(lambda: attribute("outblob")), "EIO")' 2>"$WORK/log"
	agent --fault garbage
	py 'is_(result(lambda: attribute("outblob")), "EIO")' 2>"$WORK/log"
}

D-asks-at-open() {
	local asked

	commit
	asked=$(grep -ciE 'quote|attest' "$SIM_LOG" || true)
	sh_ ': <"$E/outblob"'
	[ "$(grep -ciE 'quote|attest' "$SIM_LOG")" -gt "$asked" ] || die "$ROW: open() did not ask"
}

D-snapshot-at-open() {
	py 'commit(A)
quote, number = attribute("outblob"), attribute("generation")
commit(B)
data = os.read(quote, 100000)
assert A in data and B not in data
is_(os.read(number, 100), b"1\n")'
}

D-einval-kept() {
	py 'early = attribute("outblob")
is_(result(lambda: os.read(early, 100)), "EINVAL")
commit()
is_(result(lambda: os.read(early, 100)), "EINVAL")
assert A in whole("outblob")'
}

D-no-eintr() {
	commit
	agent --delay-ms 500
	py 'seen = []
signal.signal(signal.SIGALRM, lambda *ignored: seen.append(time.monotonic()))
signal.siginterrupt(signal.SIGALRM, True)
signal.setitimer(signal.ITIMER_REAL, 0.1)
start = time.monotonic()
fd = attribute("outblob")
assert A or fd
assert len(os.read(fd, 100000)) > 0
assert seen and seen[0] - start > 0.4, "interrupted"'
}

D-fionread() {
	commit
	py 'fd = attribute("outblob")
left, = struct.unpack("i", fcntl.ioctl(fd, 0x541b, bytes(4)))
is_(left, len(os.read(fd, 100000)))
assert left > 0'
}

D-removed-reads() {
	py 'commit()
quote, number = attribute("outblob"), attribute("generation")
os.rmdir(E)
assert A in os.read(quote, 100000)
is_(os.read(number, 100), b"1\n")'
}

D-deleted-link() {
	commit
	py 'fds = {name: attribute(name) for name in ("outblob", "generation", "provider")}
os.rmdir(E)
for name, fd in fds.items():
    is_(os.readlink("/proc/self/fd/%d" % fd), E + "/" + name)
    is_(os.fstat(fd).st_nlink, 0)'
}

D-unreadable-outblob() {
	py 'fd = attribute("outblob")
assert os.fstat(fd).st_dev != os.stat(E + "/outblob").st_dev
assert os.readlink("/proc/self/fd/%d" % fd).startswith("uts:")'
	is 'fstatfs type (nsfs)' "$(call glibc fstatfs "$ENTRY/outblob")" 'ok 6e736673'
	commit
	is 'fstatfs type of a readable one' "$(call glibc fstatfs "$ENTRY/outblob")" 'ok 62656570'
}

D-reopened() {
	py 'fd = attribute("inblob", os.O_WRONLY)
os.write(fd, A)
again = os.open("/proc/self/fd/%d" % fd, os.O_RDONLY)
is_(os.read(again, 100), A)'
	py 'start = generation()
fd = attribute("inblob", os.O_WRONLY)
again = os.open("/proc/self/fd/%d" % fd, os.O_WRONLY)
os.write(fd, A)
os.write(again, B)
os.close(again)
os.close(fd)
is_(generation(), start + 1)
assert B in whole("outblob")'
}

# ---------------------------------------------------------------------------- writing

D-efbig-unseen() {
	py 'fd = attribute("inblob", os.O_WRONLY)
is_(result(lambda: os.writev(fd, [A, B])), 128)
os.close(fd)
is_(result(lambda: whole("outblob")), "EINVAL")'
	py 'source = os.open(OUT + "/long", os.O_RDWR | os.O_CREAT, 0o600)
os.write(source, A + B)
fd = attribute("inblob", os.O_WRONLY)
is_(result(lambda: os.sendfile(fd, source, 0, 128)), 128)
os.close(fd)
is_(generation(), 2)'
	rm -f "$USER_DIR/long"
}

# What exec brought is not known to be an attribute: calls on it get the real file's answers.
D-inherited-reader() {
	commit
	py 'def inherits(code, status):
    done = subprocess.run([sys.executable, "-c", "import os, sys\nout = os.open(sys.argv[1], "
                           "os.O_RDWR | os.O_CREAT, 0o600)\n" + code, OUT + "/copy"],
                          stdin=attribute("outblob"))
    is_((code, done.returncode), (code, status))
inherits("os.lseek(0, 7, 0); sys.exit(len(os.read(0, 9)))", 9)
inherits("sys.exit(len(os.read(0, 0)))", 0)
inherits("sys.exit(os.sendfile(out, 0, 0, 64))", 64)
inherits("sys.exit(os.splice(0, os.pipe()[1], 64))", 64)
inherits("sys.exit(os.copy_file_range(0, out, 64))", 64)
inherits("os.fsync(0)", 0)'
	rm -f "$USER_DIR/copy"
	is mmap "$(sh_ "$WORK/lib/calls.glibc mmap-stdin / <\"\$E/outblob\"")" 'ok 0'
}

D-inherited-writer() {
	# cat has inherited the descriptor: its write() is not known to be one to inblob
	sh_ 'cat "$D" "$D" >"$E/inblob"'
	is generation "$(sh_ 'cat "$E/generation"')" 1
	expect_failure 'Invalid argument' sh_ 'cat "$E/outblob"'
	# a write of nothing: neither EFAULT nor counted
	py 'fd = attribute("inblob", os.O_WRONLY)
code = "import os, sys; os.fsync(1); sys.exit(os.write(1, bytes()))"
is_(subprocess.run([sys.executable, "-c", code], stdout=fd).returncode, 0)
os.close(fd)
is_(generation(), 1)'
	sh_ "$WORK/lib/calls.glibc fallocate-stdout / >\"\$E/inblob\""
	is 'generation after fallocate' "$(sh_ 'cat "$E/generation"')" 2
}

D-privlevel-unseen() {
	sev_snp
	py 'code = "import os; os.write(1, b\"1\"); os.write(1, bytes([10]))"
fd = attribute("privlevel", os.O_WRONLY)
is_(subprocess.run([sys.executable, "-c", code], stdout=fd).returncode, 0)
is_(generation(), 0)
os.close(fd)
is_(generation(), 1)'
	: >"$WORK/log"
	sh_ 'echo 7 >"$E/privlevel"; cat "$E/generation" >/dev/null' 2>>"$WORK/log"
	is 'generation' "$(shim cat "$ENTRY/generation")" 1
	grep -q 'privlevel: what was written is no level' "$WORK/log" || die "$ROW: log: $(cat "$WORK/log")"
	py 'fd = attribute("privlevel", os.O_WRONLY)
is_(result(lambda: os.write(fd, b"7")), "EINVAL")'
}

D-privlevel-report() {
	sev_snp
	py 'commit(A)
fd = attribute("privlevel", os.O_WRONLY)
is_(os.write(fd, b"3"), 1)
os.close(fd)
report = whole("outblob")
is_((report[0x50:0x90], report[0x30:0x34]), (A, bytes(4)))'
}

D-commit-order() {
	py 'def writer(data):
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        fd = attribute("inblob", os.O_WRONLY)
        os.write(fd, data)
        os.write(tell, b"x")
        signal.pause()
    os.read(ready, 1)
    return child
def end(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
first = writer(A)
second = writer(B)
end(second)
end(first)
is_(generation(), 2)
assert B in whole("outblob"), "committed in closing order"
# a look between makes the order right
first = writer(A)
second = writer(B)
end(second)
is_(generation(), 3)
end(first)
assert A in whole("outblob")
# dup2() over a descriptor is a close that is not seen
null, first, second = os.open("/dev/null", os.O_RDONLY), *(attribute("inblob", os.O_WRONLY) for i in "12")
os.write(first, A)
os.write(second, B)
os.dup2(null, second)
os.dup2(null, first)
assert B in whole("outblob"), "committed in closing order"'
	is fclose "$(call glibc fclose-order "$ENTRY/inblob")" 'ok 0'
	py 'assert B in whole("outblob"), "committed in closing order"'
}

D-record-locks() {
	py 'one, two = attribute("inblob", os.O_WRONLY), attribute("inblob", os.O_WRONLY)
F_OFD_SETLK = 37
lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
for fd in (one, two):
    fcntl.fcntl(fd, F_OFD_SETLK, lock)
    fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
for fd in (one, two):
    is_(result(lambda: len(fcntl.fcntl(fd, F_OFD_SETLK, lock))), len(lock))
# inherited over exec as well
code = "import fcntl; fcntl.lockf(1, fcntl.LOCK_EX)"
is_(subprocess.run([sys.executable, "-c", code], stdout=one, timeout=20).returncode, 0)'
}

D-flock-readable() {
	py 'old = attribute("generation")
fcntl.flock(old, fcntl.LOCK_EX)
is_(result(lambda: fcntl.flock(attribute("generation"), fcntl.LOCK_EX | fcntl.LOCK_NB)), "EAGAIN")
commit()
is_(result(lambda: fcntl.flock(attribute("generation"), fcntl.LOCK_EX | fcntl.LOCK_NB)), None)'
}

D-flock-removed() {
	py 'os.mkdir(E + "-gone")
one, two = (os.open(E + "-gone/inblob", os.O_WRONLY) for _ in range(2))
os.rmdir(E + "-gone")
fcntl.flock(one, fcntl.LOCK_EX)
is_(result(lambda: fcntl.flock(two, fcntl.LOCK_EX | fcntl.LOCK_NB)), None)'
}

D-append-flag() {
	py 'fd = attribute("inblob", os.O_WRONLY | os.O_APPEND)
is_(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND, 0)'
}

# ---------------------------------------------------------------------------- what stat and ls show

D-stable-inodes() {
	commit
	py 'first, second = os.stat(E + "/outblob"), os.stat(E + "/outblob")
is_((first.st_ino, first.st_mtime_ns), (second.st_ino, second.st_mtime_ns))'
}

D-truncated-size() {
	py 'is_(os.fstat(attribute("provider", os.O_RDONLY | os.O_TRUNC)).st_size, 4096)'
}

D-device-number() {
	py 'is_(os.stat(E).st_dev, os.stat(STATE).st_dev)'
}

D-listing-order() {
	local names=$USER_DIR/state/teeshim.native.names$ENTRY

	is 'order of ls -U' "$(shim ls -U "$ENTRY")" "$(as_user ls -U "$names")"
}

D-changes-ignored() {
	py 'before = os.stat(E + "/inblob"), os.stat(E)
for path in (E + "/inblob", E):
    is_(result(lambda: os.chmod(path, 0o777)), None)
    is_(result(lambda: os.chown(path, 12345, 12345)), None)
    is_(result(lambda: os.utime(path, (1, 1))), None)
after = os.stat(E + "/inblob"), os.stat(E)
for old, new in zip(before, after):
    is_((new.st_mode, new.st_uid, new.st_gid, new.st_mtime),
        (old.st_mode, old.st_uid, old.st_gid, old.st_mtime))'
}

D-unaware-chmod() {
	# stat and chmod are fresh processes with relative names: they have not met the tree
	is 'a folder after chmod' "$(sh_ 'cd "$E"; chmod 777 .; stat -c %a .')" 777
	is 'and after a look by path' "$(sh_ 'stat -c %a "$E"; cd "$E"; stat -c %a .')" '755
755'
	is 'an attribute after chmod' "$(sh_ 'cd "$E"; chmod 640 inblob; stat -c "%a %F" inblob')" \
		'640 socket'
	is 'and by path' "$(sh_ 'stat -c "%a %F" "$E/inblob"')" '200 regular empty file'
	sh_ 'cd "$E"; cat "$D" >inblob'
	is generation "$(sh_ 'cat "$E/generation"')" 1
}

D-every-user() {
	[ "$TEST_UID" != 0 ] || {
		no_row "this is about others than root"
		return
	}
	py 'is_(os.stat(E + "/inblob").st_uid, 0)
is_(os.stat(E + "/inblob").st_mode & 0o777, 0o200)
assert os.access(E + "/inblob", os.W_OK) and os.access(os.path.dirname(E), os.W_OK)
commit()
is_(generation(), 1)'
}

D-proc-fd() {
	py 'fd = attribute("provider")
bare = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
link = "/proc/%d/fd/%d" % (os.getpid(), fd)
is_(os.readlink(link), E + "/provider")
shown = subprocess.run(["readlink", link], env=bare, stdout=subprocess.PIPE).stdout.decode()
assert "teeshim.native.store" in shown, shown'
}

# ---------------------------------------------------------------------------- device and registers

# The device is the library's here; a row about it has nothing to show on a TDX guest.
device() {
	[ ! -e /dev/tdx_guest ] || {
		no_row "this machine has a /dev/tdx_guest of its own"
		return 1
	}
}

# report_save: a TDREPORT over HEX to $WORK/report.bin
report_save() {
	shim "$WORK/lib/tdx_selftest" "$HEX" >"$WORK/report.bin" || die "$ROW: no TDREPORT"
}

D-report-mac() {
	device || return 0
	report_save
	report_check "$WORK/report.bin" "$HEX" "$ROW"
	is MAC "$(hex_of "$WORK/report.bin" 224 32 | tr -d 0)" ''
}

D-report-svn2() {
	device || return 0
	report_save
	is 'TEE_TCB_SVN2' "$(hex_of "$WORK/report.bin" 384 16)" "$(hex_of "$WORK/report.bin" 264 16)"
	is 'the service TD' "$(hex_of "$WORK/report.bin" 912 48 | tr -d 0)" ''
	agent --quote-version 5
	report_save
	[ "$(hex_of "$WORK/report.bin" 384 16)" != "$(hex_of "$WORK/report.bin" 264 16)" ] ||
		die "$ROW: version 5: TEE_TCB_SVN2 is TEE_TCB_SVN"
}

D-report-waits() {
	local start

	device || return 0
	agent --delay-ms 500
	start=$(date +%s%3N)
	report_save
	[ $(($(date +%s%3N) - start)) -ge 500 ] || die "$ROW: it did not wait"
	agent --fault hang
	expect_failure 'Input/output error' shim TEESHIM_TIMEOUT_MS=300 "$WORK/lib/tdx_selftest" "$HEX"
}

D-device-minor() {
	device || return 0
	is 'the number' "$(shim stat -c '%t:%T' /dev/tdx_guest)" a:100
	is 'dev' "$(shim cat /sys/devices/virtual/misc/tdx_guest/dev)" 10:256
}

D-device-inherited() {
	device || return 0
	py 'fd = os.open("/dev/tdx_guest", os.O_RDWR)
is_(result(lambda: os.read(fd, 1)), "EINVAL")
code = """import fcntl, os
assert os.read(0, 1) == b"" and os.write(0, b"x") == 1 and os.lseek(0, 0, 0) == 0
assert os.fstat(0).st_rdev == os.stat("/dev/null").st_rdev
fcntl.ioctl(0, 0xc4405401, bytearray(1088))"""
is_(subprocess.run([sys.executable, "-c", code], stdin=fd).returncode, 0)'
}

D-device-null() {
	device || return 0
	py 'fd = os.open("/dev/tdx_guest", os.O_RDWR)
link = "/proc/self/fd/%d" % fd
is_(os.readlink(link), "/dev/null")
report = lambda fd: fcntl.ioctl(fd, 0xc4405401, bytearray(1088))
is_(result(lambda: report(os.open(link, os.O_RDWR))), "ENOTTY")
is_(result(lambda: report(fd)), 0)
fcntl.flock(os.open("/dev/null", os.O_RDWR), fcntl.LOCK_SH)
null = os.open("/dev/null", os.O_RDWR)
fcntl.flock(fd, fcntl.LOCK_SH)
is_(result(lambda: fcntl.flock(null, fcntl.LOCK_EX | fcntl.LOCK_NB)), "EAGAIN")
assert fcntl.fcntl(fd, fcntl.F_GETSIG) != 0
fcntl.fcntl(fd, fcntl.F_SETSIG, 0)
is_(result(lambda: report(fd)), "ENOTTY")'
}

D-device-vectors() {
	device || return 0
	py 'fd = os.open("/dev/tdx_guest", os.O_RDWR)
is_(result(lambda: os.readv(fd, [bytearray(8)])), 0)
is_(result(lambda: os.preadv(fd, [bytearray(8)], 0)), 0)
is_(result(lambda: os.writev(fd, [A])), 64)
is_(result(lambda: os.pwritev(fd, [A], 0)), 64)
ends = os.pipe()
os.write(ends[1], A)
is_(result(lambda: os.splice(ends[0], fd, 64)), 64)'
}

D-device-xattr() {
	device || return 0
	py 'is_(result(lambda: os.getxattr("/dev/tdx_guest", "user.x")), "ENOTSUP")
is_(result(lambda: os.setxattr("/dev/tdx_guest", "user.x", b"")), "ENOTSUP")'
}

D-device-folder() {
	device || return 0
	is 'the folder' "$(shim ls /sys/devices/virtual/misc/tdx_guest | tr '\n' ' ')" \
		'dev measurements uevent '
}

D-device-class() {
	device || return 0
	is 'dev below it' "$(shim cat /sys/class/misc/tdx_guest/dev)" 10:256
	is 'behind ..' "$(shim ls /sys/class/misc/tdx_guest/../../misc/tdx_guest/measurements | wc -l)" 8
	py 'link = "/sys/class/misc/tdx_guest"
assert not os.path.islink(link) and os.path.isdir(link)
is_(result(lambda: os.readlink(link)), "EINVAL")
os.open(link, os.O_RDONLY | os.O_NOFOLLOW)
is_(result(lambda: os.unlink(link)), "EISDIR")
is_(os.path.realpath(link + "/dev"), link + "/dev")'
	[ ! -e /sys/class/misc/sev-guest ] || return 0
	sev_snp
	is 'dev of the other' "$(shim cat /sys/class/misc/sev-guest/dev)" 10:256
}

D-device-uevent() {
	device || return 0
	py 'fd = os.open("/sys/devices/virtual/misc/tdx_guest/uevent", os.O_WRONLY)
is_(result(lambda: os.write(fd, b"change")), "EBADF")'
}

D-sev-platform() {
	[ ! -e /sys/devices/platform/sev-guest ] || {
		no_row 'the kernel has the device'
		return 0
	}
	sev_snp
	is 'the folder' "$(shim ls -A /sys/devices/platform/sev-guest)" ''
}

D-one-tee-above() {
	[ ! -e /sys/devices/virtual/misc/sev-guest ] || {
		no_row 'the kernel has the device'
		return 0
	}
	sev_snp
	is 'the folder above' "$(sh_ 'cd /sys/devices/virtual/misc/sev-guest; ls ..' |
		tr '\n' ' ')" 'sev-guest tdx_guest '
	expect_failure "$ABSENT" shim ls /sys/devices/virtual/misc/tdx_guest
}

D-register-write() {
	device || return 0
	py 'path = "/sys/devices/virtual/misc/tdx_guest/measurements/rtmr3:sha384"
os.stat(path)
is_(result(lambda: os.open(path, os.O_WRONLY)), "ENXIO")
is_(result(lambda: os.open(path, os.O_RDWR)), "ENXIO")' 2>>"$WORK/write.err"
	grep -q 'rtmr3:sha384: not extended: the agent extends no register by a raw digest' \
		"$WORK/write.err" || die "$ROW: nothing in the log: $(cat "$WORK/write.err")"
	agent_of_events
	rtmr 'is_(result(lambda: os.open(RTMR2, os.O_WRONLY)), "ENXIO")
old = open(RTMR3, "rb").read()
is_(os.write(writer(), A[:48]), 48)
import hashlib
raw = hashlib.sha384(old + A[:48]).digest()
event = hashlib.sha384(b"\1\0\0\x08:teeshim-rtmr3-extend:" + A[:48]).digest()
new = open(RTMR3, "rb").read()
assert new != raw and new == hashlib.sha384(old + event).digest()' 2>/dev/null
}

# agent_of_events: for this row, one that extends RTMR3.
agent_of_events() {
	sim_agent 0.5.11
	AGENT_WELL=
}

# rtmr TEXT: as py, under TEESHIM_RTMR=event.
rtmr() {
	py "os.environ['TEESHIM_RTMR'] = 'event'
RTMR2, RTMR3 = ('/sys/devices/virtual/misc/tdx_guest/measurements/rtmr%d:sha384' % n for n in (2, 3))
def writer():
    return os.open(RTMR3, os.O_WRONLY)
$1"
}

D-register-ioctl() {
	device || return 0
	agent_of_events
	rtmr 'extend = lambda n: fcntl.ioctl(os.open("/dev/tdx_guest", os.O_RDWR), 0x80315403, A[:48] + bytes([n]))
old = open(RTMR3, "rb").read()
extend(3)
assert open(RTMR3, "rb").read() != old
is_(result(lambda: extend(2)), "ENOTTY")
is_(result(lambda: extend(4)), "EINVAL")' 2>/dev/null
}

D-register-retry() {
	device || return 0
	agent_of_events
	sim_agent 0.5.11 --fault close
	rtmr 'os.environ["TEESHIM_TEE"] = "tdx"
is_(result(lambda: os.write(writer(), A[:48])), "EIO")' 2>/dev/null
	[ "$(grep -c EmitEvent "$SIM_LOG")" = 1 ] || die "$ROW: not asked once"
}

D-register-read-write() {
	device || return 0
	agent_of_events
	rtmr 'is_(result(lambda: os.open(RTMR3, os.O_RDWR)), "ENXIO")' 2>/dev/null
}

D-register-offset() {
	device || return 0
	agent_of_events
	rtmr 'fd = writer()
is_(os.lseek(fd, 20, os.SEEK_SET), 20)
is_(os.lseek(fd, 0, os.SEEK_CUR), 1)
is_(os.lseek(fd, 50, os.SEEK_SET), 50)
is_(os.lseek(fd, 0, os.SEEK_CUR), 48)'
}

D-register-vectors() {
	device || return 0
	agent_of_events
	rtmr 'old = open(RTMR3, "rb").read()
is_(result(lambda: os.writev(writer(), [A[:48]])), "ENOSPC")
is_(result(lambda: os.pwritev(writer(), [A[:48]], 0)), "ENOSPC")
ends = os.pipe()
os.write(ends[1], A)
is_(result(lambda: os.splice(ends[0], writer(), 48)), "EINVAL")
is_(open(RTMR3, "rb").read(), old)'
	expect_failure 'No space left on device' shim TEESHIM_RTMR=event bash -c \
		'printf %048d 1 >/sys/devices/virtual/misc/tdx_guest/measurements/rtmr3:sha384'
}

D-register-inherited() {
	device || return 0
	agent_of_events
	rtmr 'code = "import os; os.write(1, bytes(48))"
got = subprocess.run([sys.executable, "-c", code], stdout=writer(), stderr=subprocess.PIPE)
assert got.returncode == 1 and b"[Errno 28]" in got.stderr, got.stderr'
	expect_failure 'No space left on device' shim TEESHIM_RTMR=event D="$WORK/data.bin" bash -c \
		'head -c 48 "$D" >/sys/devices/virtual/misc/tdx_guest/measurements/rtmr3:sha384'
}

D-register-full() {
	device || return 0
	agent_of_events
	rtmr 'fd = writer()
link = "/proc/self/fd/%d" % fd
is_(os.readlink(link), "/dev/full")
is_(result(lambda: os.write(os.open(link, os.O_WRONLY), A[:48])), "ENOSPC")
assert fcntl.fcntl(fd, fcntl.F_GETSIG) != 0'
}

D-register-file() {
	device || return 0
	py 'import mmap, select
for name, size in (("/sys/devices/virtual/misc/tdx_guest/measurements/mrtd:sha384", 48),
                   ("'"$LOG"'", 65536)):
    fd = os.open(name, os.O_RDONLY)
    is_(len(mmap.mmap(fd, size, prot=mmap.PROT_READ)), size)
    is_(result(lambda: select.epoll().register(fd)), "EPERM")'
}

# Is the machine's own event log out of the way?  Else the row is skipped.
event_log() {
	[ ! -e "$LOG" ] || {
		no_row "this machine has a $LOG of its own"
		return 1
	}
}

D-ccel-table() {
	event_log || return 0
	shim cat "$CCEL" >"$WORK/table"
	is 'OEM' "$(tail -c +11 "$WORK/table" | head -c 14)" 'TEESHMTEESHIM '
	is 'the address' "$(hex_of "$WORK/table" 48 8)" 0000000000000000
}

D-ccel-runtime() {
	event_log || return 0
	shim cat "$LOG" >"$WORK/log.bin"
	python3 "$WORK/replay.py" "$WORK/log.bin" >"$WORK/replayed"
	is 'events of RTMR3' "$(grep -c '^4 0000000d proved ' "$WORK/replayed")" 9
	is 'all events of RTMR3' "$(grep -c '^4 ' "$WORK/replayed")" 9
}

D-ccel-lost-data() {
	event_log || return 0
	through none cat "$LOG" >"$WORK/log.bin"
	python3 "$WORK/replay.py" "$WORK/log.bin" >"$WORK/replayed"
	is 'events without data' "$(grep -c 'the dstack agent does not give the data' "$WORK/replayed")" 12
	is 'actions' "$(grep -c '^2 80000007 proved ' "$WORK/replayed")" 3
	is 'separators' "$(grep -c "^[12] 00000004 proved b'.x00.x00.x00.x00'" "$WORK/replayed")" 2
}

D-ccel-size() {
	event_log || return 0
	is 'stat' "$(shim stat -c %s "$LOG")" 65536
	is 'a long log' "$(through long cat "$LOG" | wc -c)" 131072
	is 'fstat of it' "$(through long sh -c 'stat -L -c %s /dev/fd/0 <"$0"' "$LOG")" 65536
}

D-ccel-asks() {
	local asked

	event_log || return 0
	asked=$(grep -c Info "$SIM_LOG" || true)
	sh_ ": <$LOG; : <$LOG"
	is 'questions' "$(grep -c Info "$SIM_LOG")" $((asked + 2))
	agent --fault error
	py 'is_(result(lambda: os.open("'"$LOG"'", os.O_RDONLY)), "EIO")' 2>"$WORK/log"
}

D-ccel-listing() {
	[ -d /sys/firmware/acpi/tables ] || {
		no_row "this machine has no /sys/firmware/acpi/tables"
		return
	}
	event_log || return 0
	is 'CCEL in the listing' "$(shim ls /sys/firmware/acpi/tables | grep -c CCEL || true)" 0
	shim cat "$CCEL" >/dev/null
}

D-get-quote() {
	device || return 0
	service 'import array
framed = frame(request())
def status(cmd):
    buffer = array.array("B", struct.pack("<QQII", 1, 7, len(framed), 0) + framed + bytes(16000))
    return result(lambda: fcntl.ioctl(fd, cmd, struct.pack("<QQ", *buffer.buffer_info())) and
                  (struct.unpack("<Q", buffer[8:16])[0], A in buffer.tobytes()[600:700]))
fd = os.open("/dev/tdx_guest", os.O_RDONLY)
is_(status(0x80105404), (0, True))
is_(status(0xc0105404), (0, True))
is_(status(0x80105402), "ENOTTY")
is_(status(0xc0105402), "ENOTTY")'
}

D-old-nodes() {
	local node

	for node in /dev/tdx-attest /dev/tdx-guest; do
		[ ! -e "$node" ] || {
			no_row "this machine has a $node"
			return 0
		}
		expect_failure "$ABSENT" shim ls "$node"
	done
}

# ---------------------------------------------------------------------------- /dev/sev-guest

# snp FLAGS... TEXT: py on a machine of SEV-SNP, with what asks the device at hand.
snp() {
	local -x TEESHIM_TEE=sev-snp

	[ ! -e /dev/sev-guest ] || {
		no_row "this machine has a /dev/sev-guest of its own"
		return 0
	}
	agent --tee sev-snp "${@:1:$#-1}"
	py "$SNP
${*: -1}"
}

SNP='import ctypes
REPORT, KEY, EXT = 0xc0205300, 0xc0205301, 0xc0205302
def ask(cmd, request, version=1):
    req, resp = ctypes.create_string_buffer(request, len(request)), ctypes.create_string_buffer(4000)
    arg = bytearray(struct.pack("<QQQQ", version, ctypes.addressof(req), ctypes.addressof(resp), 7))
    e = result(lambda: fcntl.ioctl(os.open("/dev/sev-guest", os.O_RDONLY), cmd, arg))
    return e, int.from_bytes(arg[24:], "little"), resp.raw
def request(vmpl=0, key=0):
    return A + struct.pack("<II", vmpl, key) + bytes(24)
def ext(buffer=None):
    where = (ctypes.addressof(buffer), len(buffer), 0) if buffer else (0, 0, 0)
    return request() + struct.pack("<QII", *where)
def number(data):
    return int.from_bytes(data[:4], "little")
'

D-snp-vmpl() {
	snp 'for vmpl in 0, 1, 2, 3:
    e, info, resp = ask(REPORT, request(vmpl))
    is_((e, info, number(resp), number(resp[0x20 + 0x30:])), (0, 7, 0, 0))'
}

D-snp-unknown() {
	snp 'for cmd in 0xc0205303, 0xc01c5300:
    is_(ask(cmd, request())[:2], ("ENOTTY", 7))
    is_(ask(cmd, request(), 0)[:2], ("ENOTTY", 7))'
}

D-snp-version() {
	snp 'for version in 2, 77:
    e, info, resp = ask(REPORT, request(), version)
    is_((e, info, number(resp)), (0, 7, 0))'
}

D-snp-key-select() {
	snp --certs vlek 'is_([number(ask(REPORT, request(key=key))[2]) for key in (0, 1, 2)], [0, 0x27, 0])'
	snp 'is_([number(ask(REPORT, request(key=key))[2]) for key in (0, 1, 2)], [0, 0, 0x27])'
}

D-snp-failure() {
	: >"$WORK/log"
	snp --fault error 'for i in range(2):
    is_(ask(REPORT, request())[:2], ("EIO", 0xff))' 2>>"$WORK/log"
	is 'lines in the log' "$(grep -c 'HTTP 400' "$WORK/log")" 2
}

D-snp-certs() {
	snp --certs table 'is_(ask(EXT, ext())[:2], ("EIO", 1 << 32))'
	TEESHIM_SOCKET=$SOCKET "$BUILD/teeshim" report --report-data 00 --json >"$WORK/json"
	snp 'is_(ask(EXT, ext())[:2], (0, 7))
buffer = ctypes.create_string_buffer(8192)
is_(ask(EXT, ext(buffer))[:2], (0, 7))
is_(buffer.raw, bytes(8192))'
	python3 - "$WORK/json" "$WORK/table" <<-'END'
		import json, sys
		open(sys.argv[2], "wb").write(bytes.fromhex(json.load(open(sys.argv[1]))["cert_table"]))
	END
	TEESHIM_SNP_CERTS=$WORK/table snp 'buffer = ctypes.create_string_buffer(8192)
is_(ask(EXT, ext(buffer))[:2], (0, 7))
is_(buffer.raw.rstrip(b"\0"), open(os.environ["TEESHIM_SNP_CERTS"], "rb").read().rstrip(b"\0"))'
}

D-snp-derived-key() {
	: >"$WORK/log"
	snp 'e, info, resp = ask(KEY, bytes(32))
is_((e, info, resp), ("EIO", 0x15, bytes(4000)))' 2>>"$WORK/log"
	is 'lines in the log' "$(grep -c 'TEESHIM_SNP_DERIVED_KEY=on' "$WORK/log")" 1
}

D-snp-key-root() {
	TEESHIM_SNP_DERIVED_KEY=on snp 'import http.client, json, socket
e, info, resp = ask(KEY, bytes(32))
is_((e, info, number(resp)), (0, 7, 0))
agent = http.client.HTTPConnection("localhost")
agent.sock = socket.socket(socket.AF_UNIX)
agent.sock.connect(os.environ["TEESHIM_SOCKET"])
agent.request("POST", "/GetKey", json.dumps({"path": "teeshim/snp-derived-key/v1/root=0/fields=00/vmpl=0"}),
              {"Content-Type": "application/json"})
is_(resp[0x20:0x40].hex(), json.load(agent.getresponse())["key"])'
}

# ---------------------------------------------------------------------------- the quoting service

# service TEXT: py, with what speaks to the quoting service at hand.
service() {
	py "$SERVICE
$1"
}

SERVICE='import socket, select
def request(report=b"\x81" + bytes(127) + A + bytes(832)):
    return struct.pack("<HHIIIII", 1, 1, 0, 1048, 0, 1024, 0) + report
def frame(message):
    return struct.pack(">I", len(message)) + message
def host(port=4050):
    s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    s.settimeout(3)
    s.connect((socket.VMADDR_CID_HOST, port))
    s.settimeout(None)
    return s
def whole_reply(s):
    reply = b""
    while True:
        part = s.recv(65536)
        if not part:
            return reply
        reply += part
def error(reply):
    return struct.unpack("<I", reply[16:20])[0]
'

D-vsock-mac() {
	device || return 0
	service 's = host()
s.sendall(frame(request()))
reply = whole_reply(s)
is_((error(reply), A in reply), (0, True))'
}

D-vsock-port() {
	device || return 0
	service 'for port in (1, 4050, 77777):
    s = host(port)
    s.sendall(frame(request()))
    is_(error(whole_reply(s)), 0)'
}

D-vsock-waits() {
	device || return 0
	agent --delay-ms 500
	service 's = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
s.setblocking(False)
is_(s.connect_ex((2, 4050)), 0)
start = time.monotonic()
s.send(frame(request()))
assert time.monotonic() - start > 0.4, "the send did not wait"
is_(error(whole_reply(s)), 0)'
}

D-vsock-early() {
	device || return 0
	service 's = host()
is_(select.select([s], [], [], 0)[0], [s])
s.setblocking(False)
is_(result(lambda: s.recv(1)), "EAGAIN")'
}

D-vsock-calls() {
	device || return 0
	service 'for send in (lambda s, data: s.sendmsg([data]), lambda s, data: os.writev(s.fileno(), [data])):
    s = host()
    send(s, frame(request()))
    is_(error(whole_reply(s)), 0)
    s = host()
    send(s, frame(request()))
    is_(s.recvmsg(100)[0], b"\0")
    is_(s.recv(1), b"")'
}

D-vsock-inherited() {
	device || return 0
	service 's, answered = host(), host()
answered.sendall(frame(request()))
code = """import socket, sys
reply = socket.socket(fileno=int(sys.argv[2])).recv(20, socket.MSG_WAITALL)
assert len(reply) == 20 and reply[16:20] == bytes(4), reply
s = socket.socket(fileno=int(sys.argv[1]))
s.sendall(sys.argv[3].encode())
assert s.recv(1) == bytes(1), "served"
try:
    assert s.recv(1) == b"", "not ended"
except ConnectionResetError:
    pass"""
fds = [s.fileno(), answered.fileno()]
is_(subprocess.run([sys.executable, "-c", code, *map(str, fds), "x" * 2000], pass_fds=fds).returncode, 0)'
}

D-vsock-names() {
	device || return 0
	service 's = host()
is_(s.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN), socket.AF_UNIX)
is_(s.getpeername(), "")
is_(result(lambda: s.setsockopt(socket.AF_VSOCK, 0, 65536)), "ENOTSUP")'
}

D-vsock-raw() {
	device || return 0
	service 's = host()
s.sendall(request()[24:])
is_(whole_reply(s), b"")'
}

D-vsock-length() {
	device || return 0
	service 's = host()
s.sendall(struct.pack(">I", 61440))
is_(whole_reply(s), b"")'
	agent --pad 66000
	service 's = host()
s.sendall(frame(request()))
is_(error(whole_reply(s)), 0x12001)' 2>"$WORK/log"
}

D-vsock-replaced() {
	device || return 0
	service 's = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
epoll = select.epoll()
epoll.register(s, select.EPOLLIN)
before = s.dup()
s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 3)
s.connect((2, 4050))
s.sendall(frame(request()))
is_(epoll.poll(0), [])
is_(s.getsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY), 0)
is_(result(before.getpeername), "ENOTCONN")
is_(error(whole_reply(s)), 0)'
}

D-vsock-number() {
	device || return 0
	service 'import ctypes
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.syscall(41, socket.AF_VSOCK, socket.SOCK_STREAM, 0)
if fd >= 0:
    s = socket.socket(fileno=fd)
    s.settimeout(3)
    assert s.connect_ex((2, 4050)) != 0, "served"
else:
    assert ctypes.get_errno() in (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT)'
}

# ---------------------------------------------------------------------------- names

D-listing-of-parents() {
	[ ! -e /sys/kernel/config ] || {
		no_row "the kernel has /sys/kernel/config"
		return
	}
	is 'config in ls /sys/kernel' "$(shim ls /sys/kernel | grep -cx config)" 0
	is 'what find finds' "$(shim find /sys/kernel -maxdepth 1 -name config)" ''
	is 'ls of it' "$(shim ls /sys/kernel/config)" tsm
	is 'tdx_guest in ls /dev' "$(shim ls /dev | grep -cx tdx_guest)" 0
	is 'ls of the device' "$(shim ls /dev/tdx_guest)" /dev/tdx_guest
}

D-no-mount() {
	grep -q ' configfs ' /proc/mounts && {
		no_row "the machine has a configfs"
		return
	}
	is 'configfs in /proc/mounts' "$(shim grep -c ' configfs ' /proc/mounts)" 0
	is 'statfs' "$(shim stat -f -c %T /sys/kernel/config)" configfs
	if sh_ 'mountpoint -q /sys/kernel/config'; then
		die "$ROW: mountpoint says yes"
	fi
}

D-per-user() {
	local other=$WORK/other-user

	[ "$(id -u)" = 0 ] || {
		no_row "two users need root"
		return
	}
	mkdir -m 700 "$other"
	chown 65533:65533 "$other"
	other() {
		as_uid 65533 env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
			TEESHIM_STATE_DIR="$other/state" "$@"
	}
	is 'list of entries' "$(other ls "$REPORT")" ''
	expect_failure "$ABSENT" other cat "$ENTRY/provider"
	other mkdir "$ENTRY"
	other rmdir "$ENTRY"
	is 'own entry' "$(sh_ 'cat "$E/generation"')" 0
	expect_failure 'Permission denied' as_uid 65533 env LD_PRELOAD="$LIBRARY" \
		TEESHIM_SOCKET="$SOCKET" TEESHIM_STATE_DIR="$USER_DIR/state" mkdir "$ENTRY.x"
	chmod -R u+rwX "$other"
	rm -rf "$other"
}

D-native-relative() {
	local shown

	unshare -m true 2>/dev/null || {
		no_row "a stand-in for the kernel's configfs needs a mount namespace"
		return
	}
	[ "$TEST_UID" != 0 ] || {
		no_row "root may use the native one"
		return
	}
	shown=$(unshare -m --propagation private bash -euc 'mount -t tmpfs -o mode=755 tmpfs /sys/kernel
		mkdir -p "$1"
		echo native >"$1/generation"
		shift
		exec "$@"' bash "$ENTRY" setpriv --reuid "$TEST_UID" --regid "$TEST_UID" --clear-groups \
		env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" TEESHIM_STATE_DIR="$USER_DIR/state" \
		sh -c "cat $ENTRY/generation
			cd /sys/kernel; cat ${ENTRY#/sys/kernel/}/generation
			cd /sys/kernel/config; cat ${ENTRY#/sys/kernel/config/}/generation")
	is 'generation by path, from above, from /sys/kernel/config' "$shown" '0
native
0'
}

D-symlink() {
	as_user ln -s "$ENTRY" "$USER_DIR/link"
	expect_failure "$ABSENT" shim cat "$USER_DIR/link/provider"
	rm "$USER_DIR/link"
}

D-lexical() {
	py 'is_(result(lambda: os.stat("/nonexistent/../sys/kernel/config/tsm/report").st_size), 0)
is_(result(lambda: os.stat("/etc/passwd/../../sys/kernel/config/tsm/report").st_size), 0)
is_(result(lambda: os.stat("/dev/tdx_guest/..")), "ENOENT")'
}

D-dotdot() {
	py 'os.chdir("/sys/kernel/config")
os.chdir("..")
is_(os.getcwd(), "/sys/kernel")
is_(os.listdir("."), ["config"])
is_(result(lambda: os.stat("mm")), "ENOENT")
os.stat("/sys/kernel/mm")'
}

D-proc-root() {
	expect_failure "$ABSENT" shim cat "/proc/self/root$ENTRY/provider"
}

D-chroot() {
	[ "$TEST_UID" = 0 ] || {
		no_row "chroot() needs root"
		return
	}
	py 'root = os.open("/", os.O_RDONLY)
name = E[1:] + "/provider"
os.stat(name, dir_fd=root)
os.mkdir(OUT + "/jail")
os.chroot(OUT + "/jail")
is_(result(lambda: os.stat(name, dir_fd=root)), "ENOENT")'
	rmdir "$USER_DIR/jail"
}

D-ftw() {
	is 'glibc nftw' "$(call glibc nftw "$ENTRY")" "$ABSENT"
	is 'glibc ftw' "$(call glibc ftw "$ENTRY")" "$ABSENT"
	is 'musl nftw' "$(call musl nftw "$ENTRY")" "$ABSENT"
	is 'musl ftw' "$(call musl ftw "$ENTRY")" "$ABSENT"
}

D-fts() {
	is 'glibc fts' "$(call glibc fts "$ENTRY")" "$ABSENT"
}

D-wordexp() {
	is 'glibc wordexp' "$(call glibc wordexp "$ENTRY")" 'ok 0'
	is 'musl wordexp, which asks a shell' "$(call musl wordexp "$ENTRY")" 'ok 4'
}

D-glob-musl() {
	is 'glibc glob' "$(call glibc glob "$ENTRY")" 'ok 4'
	is 'musl glob' "$(call musl glob "$ENTRY")" 'ok 0'
}

D-pathconf() {
	is 'glibc pathconf' "$(call glibc pathconf "$ENTRY")" "$ABSENT"
}

D-spawn-addopen() {
	commit
	is posix_spawn "$(call glibc spawn "$ENTRY/outblob")" "$ABSENT"
	is 'posix_spawn, musl' "$(call musl spawn "$ENTRY/outblob")" "$ABSENT"
}

D-exec() {
	is execve "$(call glibc exec "$ENTRY/provider")" "$ABSENT"
}

# ---------------------------------------------------------------------------- programs

D-static() {
	commit
	is 'open, dynamic glibc' "$(call glibc open "$ENTRY/outblob")" 'ok 0'
	is 'open, dynamic musl' "$(call musl open "$ENTRY/outblob")" 'ok 0'
	is 'open, static musl' "$(call static open "$ENTRY/outblob")" "$ABSENT"
}

D-inline-calls() {
	commit
	is 'open by an instruction' "$(call glibc inline "$ENTRY/outblob")" "$ABSENT"
}

D-io-uring() {
	local answer

	commit
	answer=$(call glibc uring "$ENTRY/outblob")
	[ "$answer" != 'no io_uring' ] || {
		no_row "the kernel gives no io_uring here"
		return
	}
	is 'open by io_uring' "$answer" "$ABSENT"
}

D-32-bit() {
	local status=0

	gcc -m32 -static -nostdlib -fno-pic -no-pie -fno-stack-protector -O1 \
		-o "$WORK/lib/open32" "$SOURCES/open32.c" || {
		no_row "gcc makes no 32-bit programs here"
		return
	}
	chmod 755 "$WORK/lib/open32"
	shim "$WORK/lib/open32" /etc/passwd || {
		no_row "the kernel runs no 32-bit programs"
		return
	}
	shim "$WORK/lib/open32" "$ENTRY/provider" || status=$?
	is 'errno of open (ENOENT)' "$status" 2
}

D-cpuid() {
	local bare

	bare=$(as_user "$WORK/lib/calls.glibc" cpuid /)
	[ "$bare" = 'ok none' ] || {
		no_row "the processor says that this is a TDX guest"
		return
	}
	is 'CPUID leaf 0x21' "$(call glibc cpuid /)" 'ok none'
}

D-set-user-id() {
	[ "$(id -u)" = 0 ] || {
		no_row "this needs root"
		return
	}
	[ "$TEST_UID" != 0 ] || {
		no_row "root raises nothing"
		return
	}
	install -m 4755 -o 65533 /bin/cat "$WORK/lib/setuid-cat"
	expect_failure "$ABSENT" shim "$WORK/lib/setuid-cat" "$ENTRY/provider"
}

D-cleared-environment() {
	expect_failure "$ABSENT" shim env -i cat "$ENTRY/provider"
	is 'with the variables' "$(shim env -i LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$USER_DIR/state" cat "$ENTRY/provider")" tdx_guest
}

D-lock-deadline() {
	py 'lock = os.open(STATE + "/tree.lock", os.O_RDWR)
fcntl.lockf(lock, fcntl.LOCK_EX)
child = os.fork()
if child == 0:
    os.environ["TEESHIM_TIMEOUT_MS"] = "200"
    os._exit(0 if result(lambda: os.mkdir(E + ".x")) == "EIO" else 1)
is_(os.waitpid(child, 0)[1], 0)' 2>>"$WORK/lock.err"
	grep -q 'tree.lock' "$WORK/lock.err" || die "$ROW: nothing in the log: $(cat "$WORK/lock.err")"
}

# ---------------------------------------------------------------------------- the rows

ROWS=$(declare -F | sed -n 's/^declare -f \(D-.*\)/\1/p' | sort)
DOCUMENTED=$(sed -n 's/^| \(D-[a-z0-9-]*\) .*/\1/p' "$DOCUMENT" | sort)
[ -n "$DOCUMENTED" ] || die "no rows in $DOCUMENT"
diff <(printf '%s\n' "$ROWS") <(printf '%s\n' "$DOCUMENTED") >"$WORK/rows.diff" ||
	die "functions here (<) and rows in $DOCUMENT (>) differ: $(cat "$WORK/rows.diff")"

KERNEL_HEADERS=(-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu)
gcc -std=gnu11 -O2 -o "$WORK/lib/calls.glibc" "$SOURCES/calls.c"
musl-gcc -std=gnu11 -O2 "${KERNEL_HEADERS[@]}" -o "$WORK/lib/calls.musl" "$SOURCES/calls.c"
musl-gcc -static -std=gnu11 -O2 "${KERNEL_HEADERS[@]}" -o "$WORK/lib/calls.static" "$SOURCES/calls.c"
chmod 755 "$WORK"/lib/calls.*
install -m 755 "$BUILD/tests/fake/tdx_selftest.glibc-dynamic" "$WORK/lib/tdx_selftest"
HEX=$(report_data)
hex_to_bytes "$HEX" >"$WORK/data.bin"
chmod 644 "$WORK/data.bin"

# The agent's TEE is told, so that an agent that fails is not asked for it first.
export TEESHIM_TEE=tdx

run_rows() {
	sim_agent 0.6.0
	AGENT_WELL=1
	for ROW in "$@"; do
		ENTRY=$REPORT/${ROW,,}
		SHOWN=1
		shim mkdir "$ENTRY"
		"$ROW"
		[ -z "$SHOWN" ] || say "ok $ROW, uid $TEST_UID"
		if [ -z "$AGENT_WELL" ]; then
			TEESHIM_TEE=tdx
			sim_agent 0.6.0
			AGENT_WELL=1
		fi
		# some rows have removed it
		shim sh -c "[ ! -e $ENTRY ] || rmdir $ENTRY" || die "$ROW: rmdir afterwards"
	done
}

mapfile -t rows <<<"$ROWS"
[ $# -eq 0 ] || rows=("$@")
run_rows "${rows[@]}"
if [ "$(id -u)" = 0 ]; then
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	run_rows "${rows[@]}"
fi
