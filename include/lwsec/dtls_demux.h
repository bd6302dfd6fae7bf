/* Many DTLS sessions of a server over one socket. */
#ifndef LWSEC_DTLS_DEMUX_H
#define LWSEC_DTLS_DEMUX_H

#include <lwsec/dtls.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A demultiplexer finds the session of a datagram, by the CID in it or by the address, in a time
 * that does not grow with their number; it opens sessions, gives them their CIDs, and ends them
 * when they are idle. It belongs to one thread at a time, and so do its sessions.
 *
 *   loop: wait for a datagram or the deadline
 *         feed, or step
 *         while next gives a session: take all -> send to its address; events; read; write
 *
 * One session listens. Nothing is kept of a client before its cookie came back from its address.
 * From then on it takes one of `handshakes` places; if none is free, the oldest handshake makes
 * room, so that clients who prove their addresses and then do nothing keep nobody out for long.
 * Who is authenticated takes one of `sessions` places, which nobody can push him out of: if none
 * is free, new clients are not heard (LWSEC_LIMIT).
 *
 * A client that begins anew from a known address (RFC 6347 section 4.2.8): the old session goes on
 * until the new one is authenticated, and then ends with LWSEC_WHY_DTLS_REPLACED. With a CID it is
 * not tied to its address, and stays until it is idle.
 */
typedef struct lwsec_dtls_demux lwsec_dtls_demux;

/* The endpoint is of a server, and lives as long; with CIDs, their `cid_size` allows at least eight
 * times as many as there are places. */
typedef struct lwsec_dtls_demux_config {
    size_t size;
    const lwsec_dtls_endpoint *endpoint;
    uint32_t sessions;   /* 1 to 2^24 */
    uint32_t handshakes; /* 1 to 2^24, beside the sessions */
    uint64_t idle;       /* ms without plaintext in or out until a session ends; 0: never */
} lwsec_dtls_demux_config;

/* Bytes of memory for all of it, with every session; 0: a value that does not fit. What the engine
 * allocates for a session it allocates when that begins. */
LWSEC_API size_t lwsec_dtls_demux_size(const lwsec_dtls_demux_config *config);

/* Opens it in the caller's memory, aligned as for uint64_t. LWSEC_USAGE with LWSEC_WHY_CONFIG;
 * LWSEC_BUFFER; otherwise as lwsec_dtls_open. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_demux_open(const lwsec_dtls_demux_config *config,
                                                              void *memory, size_t size,
                                                              uint64_t now,
                                                              lwsec_dtls_demux **demux,
                                                              lwsec_reason *reason);

/* Closes it and all sessions, without a word to their peers, and sets the pointer to NULL. */
LWSEC_API void lwsec_dtls_demux_close(lwsec_dtls_demux **demux);

/*
 * A datagram. LWSEC_OK says only that it was looked at. LWSEC_REJECT with LWSEC_WHY_DTLS_ADDRESS:
 * nobody's. LWSEC_LIMIT with LWSEC_WHY_DTLS_FULL: a new client, and no place for it.
 * LWSEC_USAGE with LWSEC_WHY_CONFIG: no address, or one that is too long. LWSEC_FORKED.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_demux_feed(lwsec_dtls_demux *demux,
                                                              lwsec_bytes datagram,
                                                              lwsec_bytes address, uint64_t now,
                                                              lwsec_reason *reason);

/* What is due first, if it is due; to be called until the deadline is later than `now`. */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_demux_step(lwsec_dtls_demux *demux, uint64_t now,
                                                              lwsec_reason *reason);

/* When lwsec_dtls_demux_step is due; UINT64_MAX: never. */
LWSEC_API uint64_t lwsec_dtls_demux_deadline(const lwsec_dtls_demux *demux);

/*
 * The next session that something has happened to; it may be the one that listens, with an answer
 * to be sent to its address. LWSEC_ABSENT: no more. To be called after each feed and step, until it
 * is absent. A session that is over is closed by the next call; one that the caller ends at
 * another time is given out for that, once one of the calls has seen it. One that is open stays,
 * and may be written to at any time; keep no pointer to one that is not, as it may have to make
 * room.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_demux_next(lwsec_dtls_demux *demux,
                                                              lwsec_dtls **session);

/*
 * lwsec_dtls_load into one of the places: a server that starts again goes on with the sessions that
 * it had saved. Answers as that; LWSEC_LIMIT with LWSEC_WHY_DTLS_FULL: no place is free, and the
 * record was not taken. LWSEC_CONFLICT with LWSEC_WHY_DTLS_REPLACED: its CID, or without one its
 * address, is another session's by now; it is lost.
 */
LWSEC_API LWSEC_MUST_CHECK lwsec_status lwsec_dtls_demux_load(lwsec_dtls_demux *demux,
                                                              lwsec_state *state,
                                                              const uint8_t name[LWSEC_DTLS_NAME],
                                                              uint64_t now, lwsec_dtls **session,
                                                              lwsec_reason *reason);

/* Closes a session, without a word to the peer, and sets the pointer to NULL. */
LWSEC_API void lwsec_dtls_demux_drop(lwsec_dtls_demux *demux, lwsec_dtls **session);

/* A session's number, 0 to sessions + handshakes, for what the caller keeps of it; another session
 * gets it once this one is closed. */
LWSEC_API uint32_t lwsec_dtls_demux_index(const lwsec_dtls_demux *demux, const lwsec_dtls *session);

/* How many are authenticated, and how many are in their handshake. */
LWSEC_API uint32_t lwsec_dtls_demux_open_count(const lwsec_dtls_demux *demux);
LWSEC_API uint32_t lwsec_dtls_demux_shaking_count(const lwsec_dtls_demux *demux);

#ifdef __cplusplus
}
#endif
#endif
