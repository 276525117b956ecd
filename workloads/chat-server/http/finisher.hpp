#pragma once

#include "libs/http/request.hpp"
#include "libs/http/response.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

/// Whether an Accept-Encoding takes gzip: named, or by *, and not with q=0.
[[nodiscard]] bool takes_gzip(std::string_view accept_encoding);

/// Whether an If-None-Match names the tag (RFC 9110 §13.1.2: the weak comparison), or all by *.
[[nodiscard]] bool names_tag(std::string_view if_none_match, std::string_view tag);

/// RFC 1952. Throws std::runtime_error when zlib has no memory.
[[nodiscard]] std::string gzip(std::string_view text);

/// What every response gets before it goes out: security headers, CORS, ETag and 304, gzip. One
/// executor only.
class Finisher {
 public:
    /// `origins`: of pages that may read answers; "*": all.
    explicit Finisher(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    void finish(const http::Request& request, http::Response& response) const;

    static constexpr std::size_t kGzipFrom = 1024;  // bytes; less is hardly smaller

 private:
    void allow_origin(const http::Request& request, http::Response& response) const;

    std::vector<std::string> origins_;
};

}  // namespace chatflow::chat
