/* What an operator may choose about connections: copied whole to each worker,
 * at start and at a reload. */
#ifndef NET_SETTINGS_H
#define NET_SETTINGS_H

#include "http/head.h"
#include "net/trust.h"
#include "watch/conn_state.h"

struct net_settings {
	struct head_limits head;
	uint64_t discard_body;		  /* bytes */
	uint32_t requests_per_connection; /* 0: no limit */
	uint32_t connections_per_ip;	  /* 0: no limit; see net/tally.h */
	bool when_full_refuse;		  /* 503; else they wait */
	int64_t timeout[DEADLINE_N];	  /* ns; 0: none */
	bool lab;			  /* the laboratory's endpoint is on */
	bool proxy_required; /* PROXY lines: from `trust`, and no others */
	struct trust trust;
};

#endif
