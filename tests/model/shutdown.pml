/* How the server ends: a model of the shutdown protocol for spin.
 *
 * `make model` looks at every interleaving.  Shown are, of every run whatsoever:
 *   - it ends: no thread waits for ever (spin: no invalid end state), and the
 *     state graph has no cycle at all (spin: no non-progress cycle, and no state
 *     is marked as progress).  Whatever may recur is bounded below, so a cycle
 *     would be a thread that wakes itself for nothing, for ever; that also holds
 *     of the time before the stop, when the server is idle;
 *   - at the end, events produced = recorded + dropped, unless a recorder that
 *     hangs in a system call was left behind;
 *   - nobody uses what server_free has freed;
 *   - no event lies in a ring while everybody sleeps (the recorder is woken).
 *
 * What stands for what:
 *   main_thread  app/main.c main_loop, app/server.c server_join, server_free
 *   STOP         app/control.c control_stop: wanted state, mailboxes, the bell
 *   worker       net/worker.c worker_run; net/worker_orders.c: orders are
 *                written under the mailbox's lock, then the eventfd is rung;
 *                worker_take_orders, worker_drain_begin
 *   jobs         net/jobs.c: one queue, results into a worker's mailbox
 *   recorder     watch/recorder.c: naps, sleeps, is rung by who pushed
 *   console      ui/console.c: keys stop the server; joined within a time or
 *                left behind, its terminal may stand still
 *   aside        app/aside.c: a reload, which a disk may hold for ever
 *   operator     whoever sends signals and presses keys, at any time
 *
 * Each step between two looks at what others write is one step here; a critical
 * section in which nothing else is taken is one step, one that takes another
 * lock (app/control.c: the mailbox within the life's) is not.  Atomics are
 * sequentially consistent in the code where this relies on it (base/ring.c).
 *
 * Left out: how long things take (a deadline may pass at any time after it was
 * set, a bounded join may give up at any time that the thread hangs, and only
 * then), the terminal's bell, a log in trouble that is looked after once a
 * second, accepting that rests for want of descriptors, the listing that is
 * told of in pieces.
 *
 * BUG_* plant what must be found: tests/model/run runs them and expects it.
 * HANGS (a disk or a terminal that never answers) is not among its runs: it
 * finds that a stop asked for by a key is lost with a console that hangs, and
 * that without timeouts.shutdown a stuck client then waits for a signal. */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CLIENTS
#define CLIENTS 2 /* who connect, at any time */
#endif
#define RING 1	 /* events that a ring holds */
#ifndef EXCHANGES
#define EXCHANGES 0 /* requests of a client beyond the first */
#endif

mtype = { LIVE, DRAINING, ENDED }; /* enum life_state */
mtype = { FREE, BUSY, IDLE, WAITING, STUCK }; /* a connection */

/* struct control, under its lock */
bit life_lock;
mtype life = LIVE;
bit cut_given; /* c->cut */
byte deadline; /* timeouts.shutdown is set */
bit deadline_runs;
byte asides;
bit freed;

/* eventfds and the signalfd: readable or not */
bit wake_fd, done_fd, recorder_fd, console_fd;
byte signals, hangups;
byte done_count;

/* struct worker_mailbox, under its lock; event_fd */
typedef mailbox {
	bit lock, draining, cut, paused, result;
	bit bell;
};
mailbox box[WORKERS];

/* struct worker_shared */
byte accepting = WORKERS;
byte knocking; /* in the listening sockets' queue */
bit listening_ended;

/* struct watch */
byte ring[WORKERS];
byte pushed[WORKERS]; /* into the ring, and not published */
byte produced, recorded, dropped;
bit asleep, stop_recorder, recorder_left;

/* struct jobs */
bit jobs_lock, jobs_stop;
byte posted[WORKERS]; /* 1: a job of this worker waits */
bit jobs_left;

/* threads that have ended, and those that hang in a system call for good */
bit worker_ended[WORKERS];
bit jobs_ended, recorder_ended, console_ended, aside_ended;
bit jobs_hang, recorder_hangs, console_hangs, aside_hangs;
bit console_left, finished;

byte keys;	/* stops asked for at the console */
byte pauses;	/* pauses asked for at the console */

#define LOCK(l) atomic { l == 0 -> l = 1; assert(!freed) }
#define UNLOCK(l) l = 0

/* An order: written under the mailbox's lock, then rung for. */
#define POST(w, what)                                                          \
	atomic { box[w].lock == 0 -> assert(!freed); what };                   \
	box[w].bell = 1

/* control_cut, locked */
inline CUT()
{
	if
	:: cut_given -> skip
	:: else ->
		cut_given = 1;
		POST(0, box[0].draining = 1; box[0].cut = 1);
#if WORKERS > 1
		POST(1, box[1].draining = 1; box[1].cut = 1)
#endif
	fi
}

/* control_stop */
inline STOP(wakes)
{
	LOCK(life_lock);
	if
	:: life == ENDED -> skip
	:: life == DRAINING -> CUT()
	:: life == LIVE ->
		atomic { life = DRAINING; deadline_runs = (deadline == 1) };
		POST(0, box[0].draining = 1);
#if WORKERS > 1
		POST(1, box[1].draining = 1)
#endif
	fi;
	UNLOCK(life_lock);
	if
	:: wakes -> wake_fd = 1
	:: else -> skip
	fi
}

/* watch_publish: what was pushed can be seen; then look whether the recorder
 * sleeps: of those who find it so, one rings */
inline PUBLISH(w)
{
	if
	:: told ->
		atomic {
			ring[w] = ring[w] + pushed[w];
			pushed[w] = 0;
			told = 0
		};
		if
		:: atomic { asleep -> asleep = 0 }; recorder_fd = 1
		:: else -> skip
		fi
	:: else -> skip
	fi
}

/* watch_begin, watch_end: count, push or drop */
inline TELL(w)
{
	atomic {
		produced++;
		if
		:: ring[w] + pushed[w] < RING -> pushed[w]++
		:: else -> dropped++
		fi;
		told = 1
	}
}

inline CLOSE()
{
	atomic { conn = FREE; left = 0; told = 1 }
}

/* ---- a worker: one slot, which is enough to be full ---- */

proctype worker(byte w)
{
	mtype conn = FREE;
	bit draining, paused, listens = 1;
	bit files;	   /* something is due to expire */
	bit o_draining, o_cut, o_paused, o_result;
	byte left;	   /* requests that this client may still send */
	bit posted_once;
	bit told;	   /* something is to be published */

	do
	:: atomic { draining && conn == FREE } -> break
	:: else ->
		/* epoll_wait: what is ready */
		if
		:: box[w].bell ->
			/* worker_take_orders */
#ifndef BUG_LOST_WAKE
			box[w].bell = 0;
#endif
			atomic {
				o_draining = box[w].draining;
				o_cut = box[w].cut;
				o_paused = box[w].paused;
				o_result = box[w].result;
				box[w].result = 0
			};
#ifdef BUG_LOST_WAKE
			box[w].bell = 0;
#endif
			/* a result is answered, unless who asked has left */
			if
			:: o_result && conn == WAITING ->
				conn = IDLE;
				TELL(w)
			:: else -> skip
			fi;
			paused = o_paused && !o_draining;
			if
			:: o_draining && !draining ->
				/* worker_drain_begin */
				if
				:: atomic { knocking > 0 && conn == FREE ->
					knocking--; conn = BUSY }
				:: else -> skip
				fi;
				atomic {
					listens = 0;
					draining = 1
				};
				if
				:: conn == IDLE -> CLOSE()
				:: else -> skip
				fi;
				/* the last one ends the listening sockets */
				atomic {
					accepting--;
					if
					:: accepting == 0 ->
						listening_ended = 1;
						knocking = 0
					:: else -> skip
					fi
				}
			:: else -> skip
			fi;
			if
			:: o_cut && conn != FREE ->
				atomic { conn = FREE; left = 0 };
				TELL(w)
			:: else -> skip
			fi;
			atomic { o_draining = 0; o_cut = 0; o_paused = 0; o_result = 0 }
		:: atomic { listens && !paused && conn == FREE && knocking > 0 ->
			knocking--; conn = BUSY; left = EXCHANGES }
		:: conn == BUSY && !paused ->
			/* a request: answered; or its client takes no more
			 * of the answer; or it waits for a job */
			if
			:: TELL(w);
#ifdef EXPIRY
				files = 1;
#endif
				if
				:: left > 0 && !draining ->
					atomic { left--; conn = IDLE }
				:: CLOSE()
				fi
			:: atomic { conn = STUCK; left = 0 }
#ifdef JOBS
			:: !posted_once ->
				atomic { posted_once = 1; conn = WAITING };
				LOCK(jobs_lock);
				atomic { posted[w] = 1; UNLOCK(jobs_lock) }
#endif
			fi
		:: conn == IDLE && !paused ->
			/* another request, or the client goes, or its time is
			 * up */
			if
			:: conn = BUSY
			:: CLOSE()
			fi
#ifdef EXPIRY
		:: files ->
			/* worker_timeout: a kept file expires, once */
#ifndef BUG_REARM
			files = 0
#else
			skip
#endif
#endif
		fi;
#ifndef BUG_UNPUBLISHED
		/* the end of a turn: before it waits again */
		PUBLISH(w)
#endif
	od;
	/* the end of worker_run */
	PUBLISH(w);
	atomic {
		left = 0; files = 0; o_draining = 0; o_cut = 0; o_paused = 0;
		o_result = 0; done_count++; done_fd = 1
	};
	worker_ended[w] = 1
}

/* ---- the jobs thread ---- */

/* The jobs' own lock outlives the server when the thread was left. */
inline LOCK_JOBS()
{
	atomic { jobs_lock == 0 -> jobs_lock = 1 }
}

proctype jobs()
{
	byte w;

	do
	:: LOCK(jobs_lock);
		if
		:: jobs_stop -> UNLOCK(jobs_lock); break
		:: !jobs_stop && posted[0] -> atomic { w = 0; posted[0] = 0; UNLOCK(jobs_lock) }
		:: !jobs_stop && posted[WORKERS - 1] ->
			atomic { w = WORKERS - 1; posted[WORKERS - 1] = 0; UNLOCK(jobs_lock) }
		:: else ->
			/* pthread_cond_wait */
			UNLOCK(jobs_lock);
			jobs_stop || posted[0] || posted[WORKERS - 1];
			goto again
		fi;
		/* the disk: done; or not for a long time, or never */
		if
		:: skip
#ifdef HANGS
		:: jobs_hang = 1;
			if
			:: jobs_left -> skip /* long after the end */
			:: finished -> goto gone
			fi
#endif
		fi;
		LOCK_JOBS();
		if
		:: jobs_stop -> skip
		:: else ->
			POST(w, box[w].result = 1)
		fi;
		UNLOCK(jobs_lock);
again:		skip
	od;
gone:	jobs_ended = 1
}

/* ---- the recorder ---- */

inline TAKE_ONE(w, most)
{
	assert(!freed);
	if
	:: ring[w] > 0 ->
		recorded = recorded + ring[w];
		ring[w] = 0;
		most = 1
	:: else -> skip
	fi
}

inline TAKE(most)
{
	/* take_batch; a ring's push and pop meet in one atomic each */
	atomic { most = 0; TAKE_ONE(0, most) };
#if WORKERS > 1
	atomic { TAKE_ONE(1, most) }
#endif
}

#define RINGS_EMPTY (ring[0] == 0 && ring[WORKERS - 1] == 0)

proctype recorder()
{
	bit most, none;

	do
	:: stop_recorder -> break
	:: else ->
		TAKE(most);
		/* accesslog_flush: a dead disk holds it */
		if
		:: most ->
			if
			:: skip
#ifdef HANGS
			:: recorder_hangs = 1; recorder_left || finished; goto gone
#endif
			fi;
			/* doze for NAP_MS: a bell is taken, if there is one */
			recorder_fd = 0
		:: else ->
			/* sleep_until_woken */
			asleep = 1;
			none = RINGS_EMPTY;
			if
			:: none && !stop_recorder ->
				atomic { recorder_fd -> recorder_fd = 0 }
			:: else -> skip
			fi;
			atomic { asleep = 0; none = 0 }
		fi
	od;
	/* recorder_finish */
	do
	:: TAKE(most);
		if
		:: most -> skip
		:: else -> break
		fi
	od;
gone:	recorder_ended = 1
}

/* ---- the console ---- */

proctype console()
{
	do
	:: console_fd -> break
	:: keys > 0 ->
		atomic { keys-- };
#ifdef BUG_MAIN_SLEEPS
		STOP(false)
#else
		STOP(true)
#endif
	:: pauses > 0 ->
		/* control_pause */
		atomic { pauses-- };
		LOCK(life_lock);
		if
		:: life == LIVE ->
			POST(0, box[0].paused = 1);
#if WORKERS > 1
			POST(1, box[1].paused = 1)
#endif
		:: else -> skip
		fi;
		UNLOCK(life_lock)
#ifdef HANGS
	:: atomic { !console_hangs && keys == 0 && pauses == 0 && life != LIVE ->
		console_hangs = 1 }; /* writes to a terminal that stands still */
		console_left || finished;
		goto gone
#endif
	od;
	/* the last frame looks at the control */
	LOCK(life_lock);
	UNLOCK(life_lock);
gone:	console_ended = 1
}

/* ---- a reload ---- */

proctype aside()
{
	/* aside_reload has entered for it; a disk may hold it, for ever or
	 * until after the end */
	if
	:: skip
#ifdef HANGS
	:: aside_hangs = 1; finished;
		if
		:: goto gone
		:: skip
		fi
#endif
	fi;
	/* control_configure: nothing is posted any more once it drains */
	LOCK(life_lock);
	if
	:: life == LIVE ->
		POST(0, skip);
#if WORKERS > 1
		POST(1, skip)
#endif
	:: else -> skip
	fi;
	UNLOCK(life_lock);
	/* aside_leave */
	LOCK(life_lock);
	atomic { asides--; UNLOCK(life_lock) };
gone:	aside_ended = 1
}

/* ---- main ---- */

/* server_tick: a deadline that has passed cuts */
inline TICK()
{
	LOCK(life_lock);
	if
	:: life == DRAINING && deadline_runs && !cut_given -> CUT()
	:: else -> skip
	fi;
	UNLOCK(life_lock)
}

inline JOIN_RECORDER()
{
	/* watch_stop: the flag, then the bell */
#ifdef BUG_BELL_FIRST
	recorder_fd = 1;
	stop_recorder = 1;
#else
	stop_recorder = 1;
	recorder_fd = 1;
#endif
	if
	:: recorder_ended -> skip
	:: recorder_hangs && !recorder_ended -> recorder_left = 1
	fi
}

active proctype main_thread()
{
	byte ended;
	bit timed;

	atomic {
		select(knocking : 0 .. CLIENTS);
		select(deadline : 0 .. 1);
#ifdef PAUSE
		select(pauses : 0 .. 1);
#endif
#ifdef RELOAD
		select(hangups : 0 .. 1);
#endif
		run worker(0);
#if WORKERS > 1
		run worker(1);
#endif
#ifdef JOBS
		run jobs();
#endif
		run recorder();
		run console();
		run operator()
	};

	/* main_loop; the tick is asked for before each poll */
	do
	:: ended == WORKERS -> break
	:: else ->
		timed = life == DRAINING && deadline_runs && !cut_given;
		if
		:: hangups > 0 ->
			/* aside_reload */
			hangups--;
			LOCK(life_lock);
			if
			:: life == LIVE -> asides++; run aside()
			:: else -> skip
			fi;
			UNLOCK(life_lock)
		:: signals > 0 ->
			signals--;
			STOP(true)
		:: wake_fd -> wake_fd = 0
		:: done_fd ->
			atomic { done_fd = 0; ended = ended + done_count; done_count = 0 }
		:: timed -> TICK()
		fi;
		timed = 0
	od;

	/* server_join */
	worker_ended[0];
	worker_ended[WORKERS - 1];
	LOCK(jobs_lock);
	atomic { jobs_stop = 1; UNLOCK(jobs_lock) };
#ifdef JOBS
	if
	:: jobs_ended -> skip
	:: jobs_hang && !jobs_ended -> jobs_left = 1
	fi;
#endif
	JOIN_RECORDER();
	LOCK(life_lock);
	atomic { life = ENDED; UNLOCK(life_lock) };
	/* aside_join */
	if
	:: asides == 0 -> skip
	:: asides > 0 && aside_hangs -> skip
	fi;
	/* console_stop */
	console_fd = 1;
	if
	:: console_ended -> skip
	:: console_hangs && !console_ended -> console_left = 1
	fi;
	/* say_account */
	assert(recorder_left || produced == recorded + dropped);
	assert(recorder_left || RINGS_EMPTY);
	/* server_free */
	if
	:: !console_left && asides == 0 -> freed = 1
	:: else -> skip
	fi;
	finished = 1
}

/* ---- what happens from outside ---- */

proctype operator()
{
	/* at any time, or when all stand still: then nothing is left to tell */
	if
	:: skip
	:: skip; timeout -> assert(recorder_hangs ||
		(RINGS_EMPTY && pushed[0] == 0 && pushed[WORKERS - 1] == 0))
	fi;
	if
	:: signals++
	:: keys++
	fi;
	/* without a deadline the second one comes for certain */
	if
	:: signals++
	:: keys++
	:: deadline == 1 -> skip
	fi
}
