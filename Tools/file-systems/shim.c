// SPDX-License-Identifier: MIT
//
// A stand-in for file systems that behave otherwise than a local disk: put before a program by LD_PRELOAD, it
// changes what the system answers for files below one folder. Tools/file-systems.sh builds and uses it.
//
//   SHIM_BELOW=FOLDER      the folder, an absolute path without links
//   SHIM_FLOCK=nolock|unsupported|local
//                          flock(2) and locks by fcntl(2) fail with ENOLCK or EOPNOTSUPP; or flock(2) says yes to
//                          everybody
//   SHIM_NODE=NAME         the process runs on another machine: host name and boot identity
//   SHIM_ROOM=BYTES        so much can be written; then writes are short, and then fail
//   SHIM_ROOM_ERROR=EDQUOT|ENOSPC|EIO|ESTALE      why (EDQUOT)
//   SHIM_ROOM_LATE=1       they do not fail, but what went too far is lost, and fsync(2) says so, once
//   SHIM_FSYNC=EIO|EINVAL  fsync(2) fails, from the SHIM_FSYNC_FROMth call on (1)
//   SHIM_STALE=N           one of N calls that open, look at or read a file finds a stale handle
//   SHIM_EINTR=N           one of N calls is interrupted by a signal
//   SHIM_CACHE=MS          what was seen of a name, its absence too, is believed for so long, unless this process
//                          makes something in the folder; folders show new names of others as late
//   SHIM_CLOCK=SECONDS     the file system's clock is ahead of ours by so much
//   SHIM_RETRY=N           one of N renames, links and unlinks is done, but its answer is lost: asked again, the
//                          server says ENOENT, EEXIST or ENOENT
//   SHIM_SILLY=1           unlinking an open file leaves .nfs… until it is closed
//   SHIM_SLOW=MS           each fsync(2) and each write to a file takes so long
//   SHIM_SEED=N            another sequence of random numbers
//   SHIM_TELL=FILE         at its end the process notes there how often each of these came

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 4096, NAMES = 512 };

static const char *below, *node;
static size_t below_length;
static int no_flock, stale_in, eintr_in, retry_in, silly, cache_ms, fsync_error, fsync_from, room_error;
static int room_late, slow_ms;
static long room = -1;
static long clock_ahead;
static uint64_t random_state;
static const char *tell;
static int told_stale, told_eintr, told_retry, told_room, told_fsync, told_silly, told_cache, told_flock;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char is_below[FILES];   // by descriptor
static char is_late[FILES];    // has lost bytes that fsync will tell of
static int fsyncs;

static const char *text(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static long number(const char *name, long otherwise) {
  const char *value = text(name);
  return value ? atol(value) : otherwise;
}

static int code(const char *value, int otherwise) {
  if (!value) return otherwise;
  if (!strcmp(value, "EDQUOT")) return EDQUOT;
  if (!strcmp(value, "ENOSPC")) return ENOSPC;
  if (!strcmp(value, "EIO")) return EIO;
  if (!strcmp(value, "ESTALE")) return ESTALE;
  if (!strcmp(value, "EINVAL")) return EINVAL;
  fprintf(stderr, "shim: no such error: %s\n", value);
  _exit(99);
}

__attribute__((constructor)) static void begin(void) {
  below = text("SHIM_BELOW");
  below_length = below ? strlen(below) : 0;
  node = text("SHIM_NODE");
  const char *locks = text("SHIM_FLOCK");
  no_flock = !locks ? 0 : !strcmp(locks, "local") ? -1 : !strcmp(locks, "nolock") ? ENOLCK : EOPNOTSUPP;
  room = number("SHIM_ROOM", -1);
  room_error = code(text("SHIM_ROOM_ERROR"), EDQUOT);
  room_late = (int)number("SHIM_ROOM_LATE", 0);
  fsync_error = code(text("SHIM_FSYNC"), 0);
  fsync_from = (int)number("SHIM_FSYNC_FROM", 1);
  stale_in = (int)number("SHIM_STALE", 0);
  eintr_in = (int)number("SHIM_EINTR", 0);
  retry_in = (int)number("SHIM_RETRY", 0);
  silly = (int)number("SHIM_SILLY", 0);
  slow_ms = (int)number("SHIM_SLOW", 0);
  cache_ms = (int)number("SHIM_CACHE", 0);
  clock_ahead = number("SHIM_CLOCK", 0);
  tell = text("SHIM_TELL");
  random_state = (uint64_t)number("SHIM_SEED", 1) * 0x9E3779B97F4A7C15u + 1;
}

__attribute__((destructor)) static void end(void) {
  if (!tell) return;
  FILE *file = fopen(tell, "a");
  if (!file) return;
  fprintf(file, "flock %d room %d fsync %d stale %d eintr %d retry %d silly %d cache %d\n", told_flock, told_room,
          told_fsync, told_stale, told_eintr, told_retry, told_silly, told_cache);
  fclose(file);
}

#define NEXT(result, name, ...)                                        \
  static result (*next)(__VA_ARGS__);                                  \
  if (!next) next = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int applies(const char *path) {
  return below && path && !strncmp(path, below, below_length) && (path[below_length] == '/' || !path[below_length]);
}

static int applies_to(int descriptor) {
  return descriptor >= 0 && descriptor < FILES && is_below[descriptor];
}

// Whether one of `in` has come up.
static int chance(int in) {
  if (in <= 0) return 0;
  pthread_mutex_lock(&mutex);
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  int hit = random_state % (uint64_t)in == 0;
  pthread_mutex_unlock(&mutex);
  return hit;
}

static int fails(int in, int error, int *told) {
  if (!chance(in)) return 0;
  ++*told;
  errno = error;
  return 1;
}

static int disturbed(int is_look) {
  return fails(eintr_in, EINTR, &told_eintr) || (is_look && fails(stale_in, ESTALE, &told_stale));
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// MARK: - What was seen of names

static struct {
  char path[PATH_MAX];
  struct stat status;
  int error;
  double until;
} seen[NAMES];
static int next_seen;

static int recall(const char *path, struct stat *status) {
  int found = -1;
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < NAMES && found < 0; i++)
    if (seen[i].until > now() && !strcmp(seen[i].path, path)) {
      *status = seen[i].status;
      found = seen[i].error;
      told_cache++;
    }
  pthread_mutex_unlock(&mutex);
  return found;
}

static void note(const char *path, const struct stat *status, int error) {
  if (!cache_ms || strlen(path) >= PATH_MAX) return;
  pthread_mutex_lock(&mutex);
  int place = next_seen++ % NAMES;
  strcpy(seen[place].path, path);
  seen[place].status = *status;
  seen[place].error = error;
  seen[place].until = now() + 1e-3 * cache_ms;
  pthread_mutex_unlock(&mutex);
}

static size_t folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) : 0;
}

// What this process does in a folder shows it the folder as it is.
static void forget(const char *path) {
  if (!cache_ms) return;
  size_t length = folder_length(path);
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < NAMES; i++)
    if (folder_length(seen[i].path) == length && !strncmp(seen[i].path, path, length)) seen[i].until = 0;
  pthread_mutex_unlock(&mutex);
}

static void forget_name(const char *path) {
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < NAMES; i++)
    if (!strcmp(seen[i].path, path)) seen[i].until = 0;
  pthread_mutex_unlock(&mutex);
}

// MARK: - Names

static int look(const char *path, struct stat *status, int follows) {
  static int (*plain)(const char *, struct stat *), (*link)(const char *, struct stat *);
  if (!plain) plain = (int (*)(const char *, struct stat *))dlsym(RTLD_NEXT, "stat");
  if (!link) link = (int (*)(const char *, struct stat *))dlsym(RTLD_NEXT, "lstat");
  int (*real)(const char *, struct stat *) = follows ? plain : link;
  if (!applies(path)) return real(path, status);
  if (disturbed(1)) return -1;
  int error = cache_ms ? recall(path, status) : -1;
  if (error < 0) {
    error = real(path, status) ? errno : 0;
    if (!error) status->st_mtim.tv_sec += clock_ahead;
    note(path, status, error);
  }
  errno = error;
  return error ? -1 : 0;
}

int stat(const char *path, struct stat *status) { return look(path, status, 1); }
int lstat(const char *path, struct stat *status) { return look(path, status, 0); }

int fstat(int descriptor, struct stat *status) {
  NEXT(int, "fstat", int, struct stat *);
  if (applies_to(descriptor) && disturbed(1)) return -1;
  int result = next(descriptor, status);
  if (!result && applies_to(descriptor)) status->st_mtim.tv_sec += clock_ahead;
  return result;
}

static int opened(const char *path, int flags, mode_t mode) {
  NEXT(int, "open", const char *, int, ...);
  if (node && !strcmp(path, "/proc/sys/kernel/random/boot_id")) {
    int descriptor = memfd_create("boot", 0);
    dprintf(descriptor, "boot-of-%s\n", node);
    lseek(descriptor, 0, SEEK_SET);
    return descriptor;
  }
  if (!applies(path)) {
    int descriptor = next(path, flags, mode);
    if (descriptor >= 0 && descriptor < FILES) is_below[descriptor] = 0;
    return descriptor;
  }
  if (disturbed(1)) return -1;
  struct stat status;
  if (!(flags & O_CREAT) && cache_ms) {
    int error = recall(path, &status);
    if (error > 0) {
      errno = error;
      return -1;
    }
    forget_name(path);
  }
  int descriptor = next(path, flags, mode);
  if (flags & O_CREAT) {
    int error = errno;
    forget(path);
    errno = error;
  }
  if (descriptor >= 0 && descriptor < FILES) {
    is_below[descriptor] = 1;
    is_late[descriptor] = 0;
  }
  return descriptor;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}

int rename(const char *path, const char *target) {
  NEXT(int, "rename", const char *, const char *);
  int result = next(path, target);
  if (!applies(target)) return result;
  int error = errno;
  forget(target);
  errno = error;
  return !result && fails(retry_in, ENOENT, &told_retry) ? -1 : result;
}

int link(const char *path, const char *target) {
  NEXT(int, "link", const char *, const char *);
  int result = next(path, target);
  if (!applies(target)) return result;
  int error = errno;
  forget(target);
  errno = error;
  return !result && fails(retry_in, EEXIST, &told_retry) ? -1 : result;
}

// Files that this process has unlinked while they were open: what they are called until they are closed.
static struct {
  ino_t number;
  char path[PATH_MAX];
} hidden[64];

static int is_open(ino_t number, int but) {
  struct stat status;
  NEXT(int, "fstat", int, struct stat *);
  for (int i = 0; i < FILES; i++)
    if (i != but && is_below[i] && !next(i, &status) && status.st_ino == number) return 1;
  return 0;
}

int unlink(const char *path) {
  NEXT(int, "unlink", const char *);
  if (!applies(path)) return next(path);
  struct stat status;
  int result = -1;
  if (silly && !syscall(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) &&
      is_open(status.st_ino, -1)) {
    for (int i = 0; i < 64; i++) {
      if (hidden[i].number) continue;
      snprintf(hidden[i].path, PATH_MAX, "%.*s/.nfs%08lx%08x", (int)folder_length(path), path,
               (unsigned long)status.st_ino, (unsigned)getpid());
      result = (int)syscall(SYS_rename, path, hidden[i].path);
      if (!result) hidden[i].number = status.st_ino;
      told_silly++;
      break;
    }
  } else {
    result = next(path);
  }
  int error = errno;
  forget(path);
  errno = error;
  return !result && fails(retry_in, ENOENT, &told_retry) ? -1 : result;
}

int close(int descriptor) {
  NEXT(int, "close", int);
  if (applies_to(descriptor) && silly) {
    struct stat status;
    if (!syscall(SYS_fstat, descriptor, &status))
      for (int i = 0; i < 64; i++)
        if (hidden[i].number == status.st_ino && !is_open(status.st_ino, descriptor)) {
          syscall(SYS_unlink, hidden[i].path);
          hidden[i].number = 0;
        }
  }
  if (descriptor >= 0 && descriptor < FILES) is_below[descriptor] = 0;
  return next(descriptor);
}

int dup(int descriptor) {
  NEXT(int, "dup", int);
  int other = next(descriptor);
  if (other >= 0 && other < FILES) is_below[other] = (char)applies_to(descriptor);
  return other;
}

static int duplicated(int descriptor, int other, int request) {
  if ((request == F_DUPFD || request == F_DUPFD_CLOEXEC) && other >= 0 && other < FILES)
    is_below[other] = (char)applies_to(descriptor);
  return other;
}

// Locks of ranges fail where those of files do.
static int is_refused(int descriptor, int request) {
  if (no_flock <= 0 || !applies_to(descriptor)) return 0;
  if (request != F_SETLK && request != F_SETLKW && request != F_GETLK) return 0;
  told_flock++;
  errno = no_flock;
  return 1;
}

int fcntl(int descriptor, int request, ...) {
  NEXT(int, "fcntl", int, int, ...);
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (is_refused(descriptor, request)) return -1;
  return duplicated(descriptor, next(descriptor, request, argument), request);
}

int fcntl64(int descriptor, int request, ...) {
  NEXT(int, "fcntl64", int, int, ...);
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (is_refused(descriptor, request)) return -1;
  return duplicated(descriptor, next(descriptor, request, argument), request);
}

struct dirent *readdir(DIR *folder) {
  NEXT(struct dirent *, "readdir", DIR *);
  struct dirent *entry;
  while ((entry = next(folder)) && cache_ms && below) {
    // New names of others show late; ours are shown too late as well, which is harder.
    char place[64], path[PATH_MAX];
    snprintf(place, sizeof place, "/proc/self/fd/%d", dirfd(folder));
    ssize_t length = readlink(place, path, sizeof path - 1);
    if (length < 0) break;
    path[length] = 0;
    if (!applies(path)) break;
    struct statx status;
    if (statx(dirfd(folder), entry->d_name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status)) continue;
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    double age = (double)(time.tv_sec - status.stx_btime.tv_sec) +
                 1e-9 * ((double)time.tv_nsec - (double)status.stx_btime.tv_nsec);
    if (age >= 1e-3 * cache_ms || age < 0) break;
    told_cache++;
  }
  return entry;
}

// MARK: - Bytes

// How many of `count` bytes have room; -1 if none has.
static ssize_t allowed(int descriptor, size_t count) {
  if (room < 0 || !applies_to(descriptor)) return (ssize_t)count;
  pthread_mutex_lock(&mutex);
  ssize_t most = (ssize_t)count < room ? (ssize_t)count : room;
  room -= most;
  pthread_mutex_unlock(&mutex);
  if (most == (ssize_t)count) return most;
  told_room++;
  if (most > 0) return most;
  errno = room_error;
  return -1;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  NEXT(ssize_t, "write", int, const void *, size_t);
  if (!applies_to(descriptor)) return next(descriptor, bytes, count);
  if (disturbed(0)) return -1;
  ssize_t most = allowed(descriptor, count);
  return most < 0 ? -1 : next(descriptor, bytes, (size_t)most);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t);
  if (!applies_to(descriptor)) return next(descriptor, bytes, count, offset);
  if (slow_ms) usleep(1000 * (unsigned)slow_ms);
  if (disturbed(0)) return -1;
  ssize_t most = allowed(descriptor, count);
  if (room_late && most < (ssize_t)count) {
    // The client takes it; the server will not. What it never got reads as zeros, or is not there.
    if (descriptor < FILES) is_late[descriptor] = 1;
    if (most > 0) next(descriptor, bytes, (size_t)most, offset);
    static int (*cut)(int, off_t);
    if (!cut) cut = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate");
    struct stat status;
    if (!syscall(SYS_fstat, descriptor, &status) && status.st_size < offset + (off_t)count)
      (void)!cut(descriptor, offset + (off_t)count);
    return (ssize_t)count;
  }
  return most < 0 ? -1 : next(descriptor, bytes, (size_t)most, offset);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  NEXT(ssize_t, "read", int, void *, size_t);
  if (applies_to(descriptor) && disturbed(1)) return -1;
  return next(descriptor, bytes, count);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
  NEXT(ssize_t, "pread", int, void *, size_t, off_t);
  if (applies_to(descriptor) && disturbed(1)) return -1;
  return next(descriptor, bytes, count, offset);
}

int ftruncate(int descriptor, off_t length) {
  NEXT(int, "ftruncate", int, off_t);
  if (applies_to(descriptor) && disturbed(0)) return -1;
  return next(descriptor, length);
}

int fsync(int descriptor) {
  NEXT(int, "fsync", int);
  if (!applies_to(descriptor)) return next(descriptor);
  if (slow_ms) usleep(1000 * (unsigned)slow_ms);
  if (disturbed(0)) return -1;
  if (is_late[descriptor]) {
    is_late[descriptor] = 0;
    told_fsync++;
    errno = room_error;
    return -1;
  }
  if (fsync_error && __sync_add_and_fetch(&fsyncs, 1) >= fsync_from) {
    told_fsync++;
    errno = fsync_error;
    return -1;
  }
  return next(descriptor);
}

int flock(int descriptor, int operation) {
  NEXT(int, "flock", int, int);
  if (!applies_to(descriptor)) return next(descriptor, operation);
  if (disturbed(0)) return -1;
  if (!no_flock) return next(descriptor, operation);
  told_flock++;
  if (no_flock < 0) return 0;
  errno = no_flock;
  return -1;
}

int gethostname(char *name, size_t length) {
  NEXT(int, "gethostname", char *, size_t);
  if (!node) return next(name, length);
  snprintf(name, length, "%s", node);
  return 0;
}
