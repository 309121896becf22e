/* Live connections as others may see them: one row per slot, written by the
 * worker that owns the connection, read by the console without stopping it. */
#ifndef WATCH_ROWS_H
#define WATCH_ROWS_H

#include <stdatomic.h>
#include <stdint.h>

#include "watch/conn_state.h"
#include "watch/peer.h"

#define ROW_TARGET 48

/* A multiple of 8 bytes, no padding: copied as words. */
struct conn_row {
	uint64_t conn;	/* id, from 1, unique in the process; 0: slot is free */
	int64_t opened; /* ns, monotonic */
	int64_t since;	/* when the state was entered, monotonic ns */
	int64_t deadline; /* monotonic ns; 0: none */
	int64_t
	    moved; /* SENDING: when the client last took a byte; 0: unknown */
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t body_sent;  /* of the response under way */
	uint64_t body_total; /* 0: unknown or none */
	uint32_t requests;   /* so far, the one under way included */
	uint32_t slot;
	uint32_t generation;
	uint8_t state; /* enum conn_state */
	uint8_t worker;
	uint8_t target_n;
	uint8_t reserved;
	struct peer peer;
	uint32_t head_bytes;	 /* of a head that is arriving */
	char target[ROW_TARGET]; /* raw bytes: make printable before showing */
};
_Static_assert(sizeof(struct conn_row) % 8 == 0, "copied as words");

#define ROW_WORDS (sizeof(struct conn_row) / 8)

struct row_cell {
	_Atomic uint64_t seq; /* odd while being written */
	_Atomic uint64_t word[ROW_WORDS];
};

/* The owner publishes. */
void row_write(struct row_cell *cell, const struct conn_row *row);

/* Anybody reads; false when the row is free or could not be read untorn in a
 * few tries. */
bool row_read(const struct row_cell *cell, struct conn_row *row);

/* What the kernel knows of a connection's path to its client, asked for by
 * order (watch_paths); TCP_INFO of tcp(7).  As a row: whole words. */
struct conn_path {
	uint64_t conn;	    /* 0: nothing is known */
	int64_t at;	    /* ns, monotonic: when it was asked for */
	uint64_t bytes_out; /* given to the kernel by then, as in the row */
	uint64_t acked;	    /* of these the client has */
	/* microseconds since the beginning in which there was something to
	 * send, and of these limited by the client's window or our buffer */
	uint64_t busy_us;
	uint64_t window_us;
	uint64_t buffer_us;
	uint32_t rtt_us;
	uint32_t rtt_var_us;
	uint32_t rtt_min_us;
	uint32_t cwnd; /* segments */
	uint32_t ssthresh;
	uint32_t mss;
	uint32_t retransmits; /* segments sent again, all in all */
	uint32_t lost;	      /* segments believed lost now */
	uint32_t unacked;     /* segments on their way */
	uint32_t unsent;      /* bytes that the kernel holds */
	uint32_t window;      /* the client's, bytes; 0: not told */
	struct peer via;      /* whose socket it is, when a PROXY line named
				 another as the client; else family 0 */
};
_Static_assert(sizeof(struct conn_path) % 8 == 0, "copied as words");

#define PATH_WORDS (sizeof(struct conn_path) / 8)

struct path_cell {
	_Atomic uint64_t seq;
	_Atomic uint64_t word[PATH_WORDS];
};

/* As row_write and row_read. */
void path_write(struct path_cell *cell, const struct conn_path *path);
bool path_read(const struct path_cell *cell, struct conn_path *path);

#endif
