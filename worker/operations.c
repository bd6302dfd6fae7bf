/* Operations that a thread does. Each is a function that posts it and one that runs it. */
#include "worker/worker.h"

static size_t tag_size(lwsec_store *store, uint32_t slot)
{
    return lwsec_worker_of(store)->slots[slot].algorithm->tag_size;
}

static lwsec_status run_seal(lwsec_job *job)
{
    const lwsec_job_order *order = &job->order;

    return lwsec_key_seal(job->key, order->in[0], order->in[1], order->in[2], job->result,
                          order->out_size);
}

static lwsec_status seal(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes plaintext, uint8_t *out)
{
    const lwsec_job_order order = {.run = run_seal,
                                   .in = {nonce, aad, plaintext},
                                   .out = out,
                                   .out_size = plaintext.size + tag_size(store, slot)};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_open(lwsec_job *job)
{
    const lwsec_job_order *order = &job->order;

    return lwsec_key_open(job->key, order->in[0], order->in[1], order->in[2], job->result,
                          order->out_size);
}

static lwsec_status open(lwsec_store *store, uint32_t slot, lwsec_bytes nonce, lwsec_bytes aad,
                         lwsec_bytes ciphertext, uint8_t *out)
{
    const lwsec_job_order order = {.run = run_open,
                                   .in = {nonce, aad, ciphertext},
                                   .out = out,
                                   .out_size = ciphertext.size - tag_size(store, slot)};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_mac(lwsec_job *job)
{
    return lwsec_key_mac(job->key, job->order.in[0], job->result, job->order.out_size);
}

/* An HKDF key is asked for the HMAC of a derivation, which does not wait. */
static lwsec_status mac(lwsec_store *store, uint32_t slot, int32_t hmac, lwsec_bytes message,
                        uint8_t *out)
{
    lwsec_worker *worker = lwsec_worker_of(store);
    const lwsec_key key = worker->slots[slot].inner;
    const lwsec_job_order order = {
        .run = run_mac, .in = {message}, .out = out, .out_size = tag_size(store, slot)};

    if (hmac == worker->slots[slot].algorithm->id) {
        return lwsec_job_post(worker, slot, &order);
    }
    return key.store->ops->mac != NULL
               ? key.store->ops->mac(key.store, key.slot, hmac, message, out)
               : LWSEC_UNSUPPORTED;
}

static lwsec_status run_cbc(lwsec_job *job)
{
    const lwsec_job_order *order = &job->order;

    return lwsec_key_cbc(job->key, order->direction, order->in[0], order->in[1], job->result,
                         order->out_size);
}

static lwsec_status cbc(lwsec_store *store, uint32_t slot, lwsec_direction direction,
                        lwsec_bytes iv, lwsec_bytes input, uint8_t *out)
{
    const lwsec_job_order order = {.run = run_cbc,
                                   .in = {iv, input},
                                   .out = out,
                                   .out_size = input.size,
                                   .direction = direction};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_ctr(lwsec_job *job)
{
    const lwsec_job_order *order = &job->order;

    return lwsec_key_ctr(job->key, order->in[0], order->in[1], job->result, order->out_size);
}

static lwsec_status ctr(lwsec_store *store, uint32_t slot, lwsec_bytes counter, lwsec_bytes input,
                        uint8_t *out)
{
    const lwsec_job_order order = {
        .run = run_ctr, .in = {counter, input}, .out = out, .out_size = input.size};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_block(lwsec_job *job)
{
    return lwsec_key_block(job->key, job->order.in[0], job->result, job->order.out_size);
}

static lwsec_status block(lwsec_store *store, uint32_t slot, lwsec_bytes input, uint8_t *out)
{
    const lwsec_job_order order = {
        .run = run_block, .in = {input}, .out = out, .out_size = input.size};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_sign(lwsec_job *job)
{
    return lwsec_key_sign(job->key, job->order.in[0], job->result, job->order.out_size);
}

static lwsec_status sign(lwsec_store *store, uint32_t slot, lwsec_bytes message, uint8_t *signature)
{
    const lwsec_job_order order = {
        .run = run_sign, .in = {message}, .out = signature, .out_size = tag_size(store, slot)};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_sign_digest(lwsec_job *job)
{
    return lwsec_key_sign_digest(job->key, job->order.in[0], job->result, job->order.out_size);
}

static lwsec_status sign_digest(lwsec_store *store, uint32_t slot, const uint8_t *digest,
                                uint8_t *signature)
{
    const lwsec_job_order order = {.run = run_sign_digest,
                                   .in = {lwsec_bytes_of(digest, 32)},
                                   .out = signature,
                                   .out_size = tag_size(store, slot)};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

static lwsec_status run_master(lwsec_job *job)
{
    const lwsec_job_order *order = &job->order;

    return lwsec_key_tls12_psk_master(job->key, order->hmac, order->in[0], job->result,
                                      order->out_size);
}

static lwsec_status tls12_psk_master(lwsec_store *store, uint32_t slot, int32_t hmac,
                                     lwsec_bytes seed, uint8_t *master)
{
    const lwsec_job_order order = {
        .run = run_master, .in = {seed}, .out = master, .out_size = 48, .hmac = hmac};

    return lwsec_job_post(lwsec_worker_of(store), slot, &order);
}

void lwsec_worker_set_operations(lwsec_store_ops *ops)
{
    ops->seal = seal;
    ops->open = open;
    ops->mac = mac;
    ops->cbc = cbc;
    ops->ctr = ctr;
    ops->block = block;
    ops->sign = sign;
    ops->sign_digest = sign_digest;
    ops->tls12_psk_master = tls12_psk_master;
    ops->poll = lwsec_job_poll;
    ops->cancel = lwsec_job_cancel;
}
