#pragma once

#include "libs/http/limits.hpp"
#include "libs/http/request.hpp"
#include "libs/http/response.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace chatflow::http {

/// Bytes in, one request after the other out; does no I/O. Refuses what two readers could
/// understand differently (request smuggling): Content-Length beside Transfer-Encoding, another
/// coding than a single "chunked", chunks in HTTP/1.0, two Hosts or none.
class RequestParser {
 public:
    enum class State {
        BeforeRequest,  // nothing of the next request has been seen
        InHeader,
        InBody,
        Complete,  // request() may be read
        Refused,   // refusal() says why; the connection has to end
    };

    explicit RequestParser(const Limits& limits);
    ~RequestParser();

    /// Takes bytes from the front of `input` and returns how many. What it did not take has to be
    /// at the front of the next call's input, with more behind it. Takes nothing once the state is
    /// Complete or Refused.
    std::size_t feed(std::string_view input);

    [[nodiscard]] State state() const;

    /// Valid until reset(). After a refusal: what was understood of it.
    [[nodiscard]] Request& request();
    [[nodiscard]] const Response& refusal() const;

    /// Whether the connection may go on after this request.
    [[nodiscard]] bool keep_alive() const;

    /// It is a POST to Limits::large_body_path.
    [[nodiscard]] bool is_large_body_allowed() const;

    /// The client waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool expects_continue() const;

    /// Forgets the request, so that the next one can be fed. Keeps its memory.
    void reset();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace chatflow::http
