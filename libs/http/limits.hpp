#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace chatflow::http {

/// Bounds of one server. More than `header_bytes` of header is answered with 431 (414 when the
/// request line alone is longer), more body with 413, slowness with 408 or a closed connection,
/// more connections, running requests or streams with 503.
struct Limits {
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 1024 * 1024;
    std::size_t headers = 100;
    // A POST to this path may have more, of so many requests at once; see Hooks::admit_large.
    std::string large_body_path = {};
    std::size_t large_body_bytes = 0;
    std::size_t large_bodies = 8;
    std::chrono::seconds large_body_time{120};
    std::size_t connections = 10'000;
    std::size_t running_requests = 10'000;
    std::chrono::seconds header_time{10};   // from the first byte of a request to its last header
    std::chrono::seconds body_time{30};     // for the body
    std::chrono::seconds handler_time{30};  // becomes Request::deadline
    std::chrono::seconds idle_time{75};     // between two requests of a connection
    std::chrono::seconds write_time{30};    // for the peer to take the response, or a piece of it
    std::size_t streams = 32;               // responses at once whose body comes from a source
    std::chrono::seconds stream_time{900};  // for the peer to take all of one
};

}  // namespace chatflow::http
