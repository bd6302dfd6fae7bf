/* What a server remembers of sessions that may be resumed: bounded, and without any trust in it. */
#include "dtls/engine.h"

#include "core/reason.h"

#include <string.h>

#define WAYS 4U

/* A place; `size` bytes follow it. */
typedef struct place {
    uint8_t id[LWSEC_DTLS_SESSION_ID];
    uint64_t since;
    size_t size; /* 0: free */
} place;

static size_t place_size(const lwsec_dtls_config *config)
{
    return lwsec_dtls_has_ecdsa(config) ? LWSEC_DTLS_RESUME_X509 : LWSEC_DTLS_RESUME_PSK;
}

/* In front of the places lies the cache itself. */
static size_t whole_size(const lwsec_dtls_config *config, size_t places)
{
    return (sizeof(lwsec_dtls_cache) + 7U) / 8U * 8U + places * place_size(config);
}

bool lwsec_dtls_cache_fits(const lwsec_dtls_config *config)
{
    const bool wanted = config->role == LWSEC_DTLS_SERVER &&
                        (config->flags & (uint32_t)LWSEC_DTLS_ALLOW_RESUME) != 0;

    if (!wanted) {
        return config->resume == NULL && config->resume_size == 0;
    }
    return config->resume != NULL && (uintptr_t)config->resume % sizeof(uint64_t) == 0 &&
           config->resume_size >= whole_size(config, 1);
}

lwsec_status lwsec_dtls_cache_open(lwsec_dtls_endpoint *endpoint)
{
    const lwsec_dtls_config *config = &endpoint->config;
    lwsec_dtls_cache *cache = config->resume;

    if (cache == NULL) {
        return LWSEC_OK;
    }
    memset(config->resume, 0, config->resume_size);
    const size_t places = (config->resume_size - whole_size(config, 0)) / place_size(config);
    cache->places = (uint8_t *)config->resume + whole_size(config, 0);
    cache->place_size = place_size(config);
    cache->ways = places < WAYS ? places : WAYS;
    cache->sets = places / cache->ways;
    const lwsec_status status = lwsec_lock_init(&cache->lock);
    if (status == LWSEC_OK) {
        endpoint->cache = cache;
    }
    return status;
}

void lwsec_dtls_cache_close(lwsec_dtls_endpoint *endpoint)
{
    if (endpoint->cache != NULL) {
        lwsec_lock_destroy(&endpoint->cache->lock);
        lwsec_wipe(endpoint->config.resume, endpoint->config.resume_size);
        endpoint->cache = NULL;
    }
}

void lwsec_dtls_cache_tell_time(const lwsec_dtls *session)
{
    lwsec_dtls_cache *cache = session->endpoint->cache;

    if (cache != NULL) {
        lwsec_lock_take(&cache->lock);
        cache->now = session->now > cache->now ? session->now : cache->now;
        lwsec_lock_release(&cache->lock);
    }
}

/* IDs are random, and chosen by the server: their own bytes spread them. */
static place *place_at(const lwsec_dtls_cache *cache, const uint8_t id[LWSEC_DTLS_SESSION_ID],
                       size_t way)
{
    const size_t number = (size_t)id[0] << 16 | (size_t)id[1] << 8 | id[2];

    return (place *)(void *)&cache
        ->places[(number % cache->sets * cache->ways + way) * cache->place_size];
}

static uint8_t *content(place *one)
{
    return (uint8_t *)(one + 1);
}

static place *find(const lwsec_dtls_cache *cache, const uint8_t id[LWSEC_DTLS_SESSION_ID])
{
    for (size_t way = 0; way < cache->ways; way++) {
        place *one = place_at(cache, id, way);
        if (one->size > 0 && lwsec_equal_secret(lwsec_bytes_of(one->id, sizeof one->id),
                                                lwsec_bytes_of(id, LWSEC_DTLS_SESSION_ID))) {
            return one;
        }
    }
    return NULL;
}

static place *oldest(const lwsec_dtls_cache *cache, const uint8_t id[LWSEC_DTLS_SESSION_ID])
{
    place *best = place_at(cache, id, 0);

    for (size_t way = 1; way < cache->ways && best->size > 0; way++) {
        place *one = place_at(cache, id, way);
        best = one->size == 0 || one->since < best->since ? one : best;
    }
    return best;
}

/* ---- In ---- */

/* The entry is written without the lock, as the PSK is looked up for it. */
static size_t write_entry(lwsec_dtls *session, uint8_t *out, size_t capacity)
{
    lwsec_writer writer = lwsec_writer_of(out, capacity);

    if (lwsec_dtls_write_head(session, &writer) != LWSEC_OK || writer.full) {
        return 0;
    }
    lwsec_buffer rest = lwsec_buffer_of(&out[writer.size], capacity - writer.size);
    return session->endpoint->engine->ticket(session, &rest) == LWSEC_OK ? writer.size + rest.size
                                                                         : 0;
}

static void remember(lwsec_dtls *session, const uint8_t id[LWSEC_DTLS_SESSION_ID])
{
    lwsec_dtls_cache *cache = session->endpoint->cache;
    uint8_t bytes[LWSEC_DTLS_RESUME_X509];
    const size_t size = write_entry(session, bytes, cache->place_size - sizeof(place));

    lwsec_lock_take(&cache->lock);
    if (size > 0) {
        place *one = oldest(cache, id);
        memcpy(one->id, id, LWSEC_DTLS_SESSION_ID);
        memcpy(content(one), bytes, size);
        one->since = session->now;
        one->size = size;
    }
    lwsec_lock_release(&cache->lock);
    lwsec_wipe(bytes, sizeof bytes);
}

/* RFC 5246 section 7.2: after a fatal alert a session is not resumed. */
void lwsec_dtls_forget(const lwsec_dtls *session)
{
    lwsec_dtls_cache *cache = session->endpoint->cache;
    uint8_t id[LWSEC_DTLS_SESSION_ID];

    if (cache == NULL || session->endpoint->engine->session_id(session, id) != sizeof id) {
        return;
    }
    lwsec_lock_take(&cache->lock);
    place *one = find(cache, id);
    if (one != NULL) {
        lwsec_wipe(one, cache->place_size);
    }
    lwsec_lock_release(&cache->lock);
}

/* ---- Out ---- */

/* A copy, as the peer is judged without the lock. */
static bool copy_of(lwsec_dtls_cache *cache, lwsec_bytes id, lwsec_buffer *out)
{
    out->size = 0;
    if (id.size != LWSEC_DTLS_SESSION_ID) {
        return false;
    }
    lwsec_lock_take(&cache->lock);
    place *one = find(cache, id.data);
    if (one != NULL && cache->now - one->since >= LWSEC_DTLS_RESUME_MAX) {
        one->size = 0;
        one = NULL;
    }
    if (one != NULL) {
        memcpy(out->data, content(one), one->size);
        out->size = one->size;
    }
    lwsec_lock_release(&cache->lock);
    return one != NULL;
}

/* Judges by a session that stands for the peer alone. */
static bool read_entry(const lwsec_dtls_endpoint *endpoint, lwsec_bytes entry, lwsec_bytes *ticket)
{
    uint8_t kept[LWSEC_DTLS_KEPT];
    lwsec_dtls peer = {.endpoint = endpoint, .kept = kept};
    lwsec_reader reader = lwsec_reader_of(entry);

    const lwsec_status status = lwsec_dtls_read_head(&peer, &reader, NULL);
    *ticket = lwsec_reader_rest(&reader);
    return status == LWSEC_OK && ticket->size > 0;
}

bool lwsec_dtls_recall(const lwsec_dtls_endpoint *endpoint, lwsec_bytes id, lwsec_buffer *ticket)
{
    uint8_t bytes[LWSEC_DTLS_RESUME_X509];
    lwsec_buffer entry = lwsec_buffer_of(bytes, sizeof bytes);
    lwsec_bytes found;

    ticket->size = 0;
    if (endpoint->cache != NULL && copy_of(endpoint->cache, id, &entry) &&
        read_entry(endpoint, lwsec_buffer_bytes(&entry), &found) &&
        found.size <= ticket->capacity) {
        memcpy(ticket->data, found.data, found.size);
        ticket->size = found.size;
    }
    lwsec_wipe(bytes, sizeof bytes);
    return ticket->size > 0;
}

/* Whose session it was: judged once more, as it may have changed since the offer was taken. */
static bool take_over(lwsec_dtls *session, const uint8_t id[LWSEC_DTLS_SESSION_ID])
{
    uint8_t bytes[LWSEC_DTLS_RESUME_X509];
    lwsec_buffer entry = lwsec_buffer_of(bytes, sizeof bytes);
    bool good = false;

    if (session->endpoint->cache != NULL &&
        copy_of(session->endpoint->cache, lwsec_bytes_of(id, LWSEC_DTLS_SESSION_ID), &entry)) {
        lwsec_reader reader = lwsec_reader_of(lwsec_buffer_bytes(&entry));
        good = lwsec_dtls_read_head(session, &reader, NULL) == LWSEC_OK;
    }
    lwsec_wipe(bytes, sizeof bytes);
    return good;
}

/* A client's peer was judged, in this handshake or before its session was offered, or has the PSK,
 * without which there is no handshake. Whatever the engine says: CVE-2024-12797. */
static bool settle_client(lwsec_dtls *session)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;

    session->resumed = engine->is_resumed != NULL && engine->is_resumed(session);
    return session->authenticated || session->resumed ||
           lwsec_dtls_has_psk(&session->endpoint->config);
}

bool lwsec_dtls_settle(lwsec_dtls *session)
{
    const lwsec_dtls_engine *engine = session->endpoint->engine;
    const bool client = session->endpoint->config.role == LWSEC_DTLS_CLIENT;
    uint8_t id[LWSEC_DTLS_SESSION_ID];

    if (client) {
        return settle_client(session);
    }
    if (session->authenticated && session->endpoint->cache == NULL) {
        return true;
    }
    const size_t size = engine->session_id != NULL ? engine->session_id(session, id) : 0;
    if (session->authenticated) {
        if (size == sizeof id && lwsec_dtls_is_kept(session)) {
            remember(session, id);
        }
        return true;
    }
    session->resumed = size == sizeof id && take_over(session, id);
    if (!session->resumed) {
        session->why = LWSEC_WHY_DTLS_IDENTITY;
    }
    return session->resumed;
}
