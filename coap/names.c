/* Names of options, codes and types, as the IANA registries of CoAP spell them. */
#include <lwsec/coap.h>

const char *lwsec_coap_option_name(uint32_t number)
{
    switch (number) {
    case LWSEC_COAP_IF_MATCH: return "If-Match";
    case LWSEC_COAP_URI_HOST: return "Uri-Host";
    case LWSEC_COAP_ETAG: return "ETag";
    case LWSEC_COAP_IF_NONE_MATCH: return "If-None-Match";
    case LWSEC_COAP_OBSERVE: return "Observe";
    case LWSEC_COAP_URI_PORT: return "Uri-Port";
    case LWSEC_COAP_LOCATION_PATH: return "Location-Path";
    case LWSEC_COAP_OSCORE: return "OSCORE";
    case LWSEC_COAP_URI_PATH: return "Uri-Path";
    case LWSEC_COAP_CONTENT_FORMAT: return "Content-Format";
    case LWSEC_COAP_MAX_AGE: return "Max-Age";
    case LWSEC_COAP_URI_QUERY: return "Uri-Query";
    case LWSEC_COAP_HOP_LIMIT: return "Hop-Limit";
    case LWSEC_COAP_ACCEPT: return "Accept";
    case LWSEC_COAP_Q_BLOCK1: return "Q-Block1";
    case LWSEC_COAP_LOCATION_QUERY: return "Location-Query";
    case LWSEC_COAP_EDHOC: return "EDHOC";
    case LWSEC_COAP_BLOCK2: return "Block2";
    case LWSEC_COAP_BLOCK1: return "Block1";
    case LWSEC_COAP_SIZE2: return "Size2";
    case LWSEC_COAP_Q_BLOCK2: return "Q-Block2";
    case LWSEC_COAP_PROXY_URI: return "Proxy-Uri";
    case LWSEC_COAP_PROXY_SCHEME: return "Proxy-Scheme";
    case LWSEC_COAP_SIZE1: return "Size1";
    case LWSEC_COAP_ECHO: return "Echo";
    case LWSEC_COAP_NO_RESPONSE: return "No-Response";
    case LWSEC_COAP_REQUEST_TAG: return "Request-Tag";
    default: return NULL;
    }
}

static const char *request_name(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_EMPTY: return "Empty";
    case LWSEC_COAP_GET: return "GET";
    case LWSEC_COAP_POST: return "POST";
    case LWSEC_COAP_PUT: return "PUT";
    case LWSEC_COAP_DELETE: return "DELETE";
    case LWSEC_COAP_FETCH: return "FETCH";
    case LWSEC_COAP_PATCH: return "PATCH";
    case LWSEC_COAP_IPATCH: return "iPATCH";
    default: return NULL;
    }
}

static const char *success_name(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_CREATED: return "Created";
    case LWSEC_COAP_DELETED: return "Deleted";
    case LWSEC_COAP_VALID: return "Valid";
    case LWSEC_COAP_CHANGED: return "Changed";
    case LWSEC_COAP_CONTENT: return "Content";
    case LWSEC_COAP_CONTINUE: return "Continue";
    default: return NULL;
    }
}

static const char *client_error_name(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_BAD_REQUEST: return "Bad Request";
    case LWSEC_COAP_UNAUTHORIZED: return "Unauthorized";
    case LWSEC_COAP_BAD_OPTION: return "Bad Option";
    case LWSEC_COAP_CODE(4, 3): return "Forbidden";
    case LWSEC_COAP_NOT_FOUND: return "Not Found";
    case LWSEC_COAP_METHOD_NOT_ALLOWED: return "Method Not Allowed";
    case LWSEC_COAP_CODE(4, 6): return "Not Acceptable";
    case LWSEC_COAP_CODE(4, 8): return "Request Entity Incomplete";
    case LWSEC_COAP_CODE(4, 9): return "Conflict";
    case LWSEC_COAP_CODE(4, 12): return "Precondition Failed";
    case LWSEC_COAP_CODE(4, 13): return "Request Entity Too Large";
    case LWSEC_COAP_CODE(4, 15): return "Unsupported Content-Format";
    case LWSEC_COAP_CODE(4, 22): return "Unprocessable Entity";
    case LWSEC_COAP_CODE(4, 29): return "Too Many Requests";
    default: return NULL;
    }
}

static const char *server_error_name(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_CODE(5, 0): return "Internal Server Error";
    case LWSEC_COAP_CODE(5, 1): return "Not Implemented";
    case LWSEC_COAP_CODE(5, 2): return "Bad Gateway";
    case LWSEC_COAP_CODE(5, 3): return "Service Unavailable";
    case LWSEC_COAP_CODE(5, 4): return "Gateway Timeout";
    case LWSEC_COAP_CODE(5, 5): return "Proxying Not Supported";
    case LWSEC_COAP_CODE(5, 8): return "Hop Limit Reached";
    default: return NULL;
    }
}

static const char *signal_name(uint8_t code)
{
    switch (code) {
    case LWSEC_COAP_CODE(7, 1): return "CSM";
    case LWSEC_COAP_CODE(7, 2): return "Ping";
    case LWSEC_COAP_CODE(7, 3): return "Pong";
    case LWSEC_COAP_CODE(7, 4): return "Release";
    case LWSEC_COAP_CODE(7, 5): return "Abort";
    default: return NULL;
    }
}

const char *lwsec_coap_code_name(uint8_t code)
{
    switch (code >> 5) {
    case 0: return request_name(code);
    case 2: return success_name(code);
    case 4: return client_error_name(code);
    case 5: return server_error_name(code);
    case 7: return signal_name(code);
    default: return NULL;
    }
}

const char *lwsec_coap_type_name(uint8_t type)
{
    switch (type) {
    case LWSEC_COAP_CON: return "CON";
    case LWSEC_COAP_NON: return "NON";
    case LWSEC_COAP_ACK: return "ACK";
    case LWSEC_COAP_RST: return "RST";
    default: return NULL;
    }
}
