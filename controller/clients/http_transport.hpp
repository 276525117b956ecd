#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::clients {

struct HttpHeader {
    std::string name;
    std::string value;

    bool operator==(const HttpHeader&) const = default;
};

using HttpHeaders = std::vector<HttpHeader>;

/// The first header of that name, whatever its case; nullptr when there is none.
[[nodiscard]] const std::string* find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
    std::string method = "GET";
    std::string target;  // path and query, percent-encoded, below the endpoint's base URL
    HttpHeaders headers;
    std::string body;
    std::size_t response_bytes_max = std::size_t{64} << 20;  // a longer body is a TransportError
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
};

/// What a connection has to prove and to ask for. PEM texts, not file names.
struct TlsSettings {
    std::string authorities_pem;  // empty: the system's
    std::string certificate_pem;  // with key_pem: who we are
    std::string key_pem;
    std::string server_name;  // empty: the host of the URL
    bool skip_verification = false;

    bool operator==(const TlsSettings&) const = default;
};

struct HttpEndpoint {
    std::string base_url;  // "https://10.96.0.1:443", with a path prefix where a proxy needs one
    TlsSettings tls;
};

/// No answer: not connected, refused by TLS, cut off, or more than allowed. A retry may cure it.
struct TransportError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A response whose body is read as it arrives. Destroying it closes the connection.
class HttpStream {
 public:
    virtual ~HttpStream() = default;

    [[nodiscard]] virtual const HttpResponse& head() const = 0;  // its body stays empty

    /// The next bytes, however many have arrived; nothing at the end of the body. Throws
    /// TransportError when the peer resets the connection or stays silent for longer than
    /// StreamOptions::idle_timeout. One caller at a time.
    [[nodiscard]] virtual awaitable<std::optional<std::string>> read() = 0;
};

struct StreamOptions {
    Deadline head_by;  // until the status line and headers are there
    std::chrono::steady_clock::duration idle_timeout = std::chrono::seconds(120);
};

/// HTTP out of the controller: the seam that hides the HTTP library. One event loop owns it;
/// several requests may be under way at once. Cancelling a caller's coroutine closes the socket.
class HttpTransport {
 public:
    virtual ~HttpTransport() = default;

    /// The whole response, whatever its status. Throws TransportError, or DeadlineExceeded.
    [[nodiscard]] virtual awaitable<HttpResponse> send(HttpRequest request, Deadline deadline) = 0;

    /// Returns as soon as the head is there; the body then comes through the stream, and no more
    /// than a few buffers of it are taken from the peer ahead of the reader.
    [[nodiscard]] virtual awaitable<std::unique_ptr<HttpStream>> open(HttpRequest request,
                                                                      StreamOptions options) = 0;

    /// For rotated authorities and certificates: new requests use new connections with these;
    /// requests under way go on. The same settings again change nothing.
    virtual void use_tls(const TlsSettings& tls) = 0;
};

}  // namespace chatflow::clients
