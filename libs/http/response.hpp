#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatflow::http {

class BodySource;

/// What a handler returns. Content-Length or Transfer-Encoding, Date and Connection are added by
/// the server.
struct Response {
    int status = 200;
    std::string_view content_type = {};  // a literal; empty: no Content-Type
    std::string body = {};
    std::vector<std::pair<std::string_view, std::string>> headers = {};  // names are literals
    bool close = false;                       // end the connection after this response
    std::shared_ptr<BodySource> source = {};  // in place of `body`, for what is large
};

[[nodiscard]] Response text(int status, std::string body);
[[nodiscard]] Response json(int status, std::string body);

/// "Not Found"
[[nodiscard]] std::string_view reason_phrase(int status);

/// What depends on the connection rather than on the handler.
struct ResponseFraming {
    bool keep_alive = true;
    bool is_http_1_0 = false;
    bool head_only = false;      // a HEAD request: the length, but no body
    std::string_view date = {};  // IMF-fixdate
};

/// Appends the response as it goes over the wire, without what its source holds.
void append_response(std::string& out, const Response& response, const ResponseFraming& framing);

}  // namespace chatflow::http
