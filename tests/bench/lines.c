/* Notes which cache lines each thread reads and writes: what a program built
 * with -fsanitize=thread calls, linked to this instead of the sanitizer.
 *
 * LINES_CONTROL names a file of one byte: while that is not 0, accesses are
 * noted.  At the end LINES_OUT gets, for each thread, "thread NAME", how many
 * accesses found no room, and a line for each cache line: its number, reads,
 * writes, and from where the last of each was.  What the C library and the
 * kernel touch is not seen, but for copies and clearing.  See shared-lines. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LINE = 64, SLOTS = 1 << 18, THREADS = 64 };

struct line {
	uintptr_t number; /* address / LINE */
	uint64_t reads, writes;
	uintptr_t reader, writer; /* the last one's return address */
};

struct thread {
	char name[16];
	uint64_t lost;
	struct line line[SLOTS];
};

static volatile char *control;
static struct thread *threads[THREADS];
static _Atomic unsigned thread_count;
static __thread struct thread *mine;

static struct thread *
begin_thread(void)
{
	unsigned n = atomic_fetch_add(&thread_count, 1);

	if (n >= THREADS)
		abort();
	mine = threads[n] = mmap(NULL, sizeof(struct thread),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	prctl(PR_GET_NAME, mine->name, 0, 0, 0);
	return mine;
}

static void
note(const volatile void *p, size_t n, int writes, void *from)
{
	uintptr_t at = (uintptr_t)p / LINE, last;
	struct thread *t;

	if (control == NULL || !*control || n == 0)
		return;
	t = mine != NULL ? mine : begin_thread();
	for (last = ((uintptr_t)p + n - 1) / LINE; at <= last; at++) {
		unsigned i = (unsigned)(at * 2654435761u) % SLOTS, tries = 0;

		while (t->line[i].number != 0 && t->line[i].number != at &&
		    ++tries < 64)
			i = (i + 1) % SLOTS;
		if (tries == 64) {
			t->lost++;
			continue;
		}
		t->line[i].number = at;
		if (writes) {
			t->line[i].writes++;
			t->line[i].writer = (uintptr_t)from;
		} else {
			t->line[i].reads++;
			t->line[i].reader = (uintptr_t)from;
		}
	}
}

__attribute__((constructor)) static void
begin(void)
{
	const char *name = getenv("LINES_CONTROL");
	int fd = name != NULL ? open(name, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	control = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
}

/* Addresses of code are said as those of the program's file. */
__attribute__((destructor)) static void
end(void)
{
	extern const char __executable_start;
	const uintptr_t base = (uintptr_t)&__executable_start;
	const char *name = getenv("LINES_OUT");
	FILE *f = name != NULL ? fopen(name, "we") : NULL;

	if (f == NULL)
		return;
	control = NULL;
	for (unsigned n = 0; n < thread_count; n++) {
		const struct thread *t = threads[n];

		fprintf(f, "thread %s %llu\n", t->name,
		    (unsigned long long)t->lost);
		for (const struct line *l = t->line; l < t->line + SLOTS; l++)
			if (l->number != 0)
				fprintf(f, "%llx %llu %llu %llx %llx\n",
				    (unsigned long long)l->number,
				    (unsigned long long)l->reads,
				    (unsigned long long)l->writes,
				    (unsigned long long)(l->reader - base),
				    (unsigned long long)(l->writer - base));
	}
	fclose(f);
}

/* --- what the compiler calls --- */

#define FROM __builtin_return_address(0)

#define ACCESS(n)                                                              \
	void __tsan_read##n(void *p);                                          \
	void __tsan_write##n(void *p);                                         \
	void __tsan_unaligned_read##n(void *p);                                \
	void __tsan_unaligned_write##n(void *p);                               \
	void __tsan_volatile_read##n(void *p);                                 \
	void __tsan_volatile_write##n(void *p);                                \
	void __tsan_read##n(void *p)                                           \
	{                                                                      \
		note(p, n, 0, FROM);                                           \
	}                                                                      \
	void __tsan_write##n(void *p)                                          \
	{                                                                      \
		note(p, n, 1, FROM);                                           \
	}                                                                      \
	void __tsan_unaligned_read##n(void *p)                                 \
	{                                                                      \
		note(p, n, 0, FROM);                                           \
	}                                                                      \
	void __tsan_unaligned_write##n(void *p)                                \
	{                                                                      \
		note(p, n, 1, FROM);                                           \
	}                                                                      \
	void __tsan_volatile_read##n(void *p)                                  \
	{                                                                      \
		note(p, n, 0, FROM);                                           \
	}                                                                      \
	void __tsan_volatile_write##n(void *p)                                 \
	{                                                                      \
		note(p, n, 1, FROM);                                           \
	}
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_read_range(void *p, size_t n);
void __tsan_write_range(void *p, size_t n);
void __tsan_atomic_thread_fence(int order);

void
__tsan_init(void)
{
}
void
__tsan_func_entry(void *pc)
{
	(void)pc;
}
void
__tsan_func_exit(void)
{
}
void
__tsan_read_range(void *p, size_t n)
{
	note(p, n, 0, FROM);
}
void
__tsan_write_range(void *p, size_t n)
{
	note(p, n, 1, FROM);
}
void
__tsan_atomic_thread_fence(int order)
{
	(void)order;
	atomic_thread_fence(memory_order_seq_cst);
}

#define FETCH(bits, type, op)                                                  \
	type __tsan_atomic##bits##_fetch_##op(                                 \
	    volatile type *p, type v, int order);                              \
	type __tsan_atomic##bits##_fetch_##op(                                 \
	    volatile type *p, type v, int order)                               \
	{                                                                      \
		(void)order;                                                   \
		note(p, sizeof(*p), 1, FROM);                                  \
		return __atomic_fetch_##op(p, v, __ATOMIC_SEQ_CST);            \
	}

#define ATOMIC(bits, type)                                                     \
	type __tsan_atomic##bits##_load(const volatile type *p, int order);    \
	void __tsan_atomic##bits##_store(volatile type *p, type v, int order); \
	type __tsan_atomic##bits##_exchange(                                   \
	    volatile type *p, type v, int order);                              \
	int __tsan_atomic##bits##_compare_exchange_strong(                     \
	    volatile type *p, type *was, type v, int order, int other);        \
	int __tsan_atomic##bits##_compare_exchange_weak(                       \
	    volatile type *p, type *was, type v, int order, int other);        \
	type __tsan_atomic##bits##_load(const volatile type *p, int order)     \
	{                                                                      \
		(void)order;                                                   \
		note(p, sizeof(*p), 0, FROM);                                  \
		return __atomic_load_n(p, __ATOMIC_SEQ_CST);                   \
	}                                                                      \
	void __tsan_atomic##bits##_store(volatile type *p, type v, int order)  \
	{                                                                      \
		(void)order;                                                   \
		note(p, sizeof(*p), 1, FROM);                                  \
		__atomic_store_n(p, v, __ATOMIC_SEQ_CST);                      \
	}                                                                      \
	type __tsan_atomic##bits##_exchange(                                   \
	    volatile type *p, type v, int order)                               \
	{                                                                      \
		(void)order;                                                   \
		note(p, sizeof(*p), 1, FROM);                                  \
		return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);            \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_strong(                     \
	    volatile type *p, type *was, type v, int order, int other)         \
	{                                                                      \
		(void)order;                                                   \
		(void)other;                                                   \
		note(p, sizeof(*p), 1, FROM);                                  \
		return __atomic_compare_exchange_n(                            \
		    p, was, v, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);         \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_weak(                       \
	    volatile type *p, type *was, type v, int order, int other)         \
	{                                                                      \
		return __tsan_atomic##bits##_compare_exchange_strong(          \
		    p, was, v, order, other);                                  \
	}                                                                      \
	FETCH(bits, type, add)                                                 \
	FETCH(bits, type, sub)                                                 \
	FETCH(bits, type, and)                                                 \
	FETCH(bits, type, or)                                                  \
	FETCH(bits, type, xor)
ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

/* --- copies, by -Wl,--wrap --- */

void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__real_memset(void *to, int c, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);

void *
__wrap_memcpy(void *to, const void *from, size_t n)
{
	note(from, n, 0, FROM);
	note(to, n, 1, FROM);
	return __real_memcpy(to, from, n);
}

void *
__wrap_memmove(void *to, const void *from, size_t n)
{
	note(from, n, 0, FROM);
	note(to, n, 1, FROM);
	return __real_memmove(to, from, n);
}

void *
__wrap_memset(void *to, int c, size_t n)
{
	note(to, n, 1, FROM);
	return __real_memset(to, c, n);
}
