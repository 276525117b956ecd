#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::http {

enum class PlusSign { Literal, MeansSpace };

/// Replaces %XX; nothing when a % is not followed by two hexadecimal digits. In a query's values
/// a + means a space, in a path it does not.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

/// Where an http or https URL leads.
struct HttpUrl {
    bool is_tls = false;
    std::string host;  // a name or an address, without brackets
    std::uint16_t port = 80;
    std::string target = "/";  // path and query

    bool operator==(const HttpUrl&) const = default;
};

inline constexpr std::size_t kUrlBytesMax = 2048;

/// Nothing for other schemes, for user and password in it, and for what is longer than
/// kUrlBytesMax. A fragment is left out.
[[nodiscard]] std::optional<HttpUrl> parse_http_url(std::string_view text);

}  // namespace chatflow::http
