#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::redis_topology {

/// A server by the name of its host: "queue-0:6379".
struct Place {
    std::string host;  // or an address
    std::uint16_t port = 0;
    bool operator==(const Place&) const = default;
};

[[nodiscard]] std::string to_string(const Place& place);
[[nodiscard]] std::expected<Place, std::string> parse_place(std::string_view text);

}  // namespace chatflow::redis_topology
