#include "controller/domain/redis/place.hpp"

#include <charconv>

#include <fmt/format.h>

namespace chatflow::redis_topology {

std::string to_string(const Place& place) { return fmt::format("{}:{}", place.host, place.port); }

std::expected<Place, std::string> parse_place(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (colon == 0 || error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
        return std::unexpected(
            fmt::format("must be HOST:PORT, such as queue-0:6379, not {}", text));
    }
    return Place{std::string(text.substr(0, colon)), port};
}

}  // namespace chatflow::redis_topology
