#include "net/path.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void
path_via(const struct conn *c, struct peer *via)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof(address);

	if (getpeername(c->fd, (struct sockaddr *)&address, &n) == 0)
		peer_from_sockaddr(via, (struct sockaddr *)&address);
}

/* Before the kernel had them, fields are 0, as *info is when it is passed. */
void
conn_path(const struct conn *c, int64_t now, struct conn_path *out)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	*out = (struct conn_path){
		.conn = c->id, .at = now, .bytes_out = c->bytes_out
	};
	if (c->proxied != 0)
		path_via(c, &out->via);
	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return;
	out->acked = info.tcpi_bytes_acked;
	out->busy_us = info.tcpi_busy_time;
	out->window_us = info.tcpi_rwnd_limited;
	out->buffer_us = info.tcpi_sndbuf_limited;
	out->rtt_us = info.tcpi_rtt;
	out->rtt_var_us = info.tcpi_rttvar;
	out->rtt_min_us = info.tcpi_min_rtt;
	out->cwnd = info.tcpi_snd_cwnd;
	out->ssthresh = info.tcpi_snd_ssthresh;
	out->mss = info.tcpi_snd_mss;
	out->retransmits = info.tcpi_total_retrans;
	out->lost = info.tcpi_lost;
	out->unacked = info.tcpi_unacked;
	out->unsent = info.tcpi_notsent_bytes;
	out->window = info.tcpi_snd_wnd;
	/* The kernel counts our SYN too: never more than what was sent. */
	if (out->acked > out->bytes_out)
		out->acked = out->bytes_out;
}
