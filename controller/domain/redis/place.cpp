#include "controller/domain/redis/place.hpp"

#include "libs/base/number.hpp"

#include <fmt/format.h>

namespace chatflow::redis_topology {

std::string to_string(const Place& place) { return fmt::format("{}:{}", place.host, place.port); }

std::expected<Place, std::string> parse_place(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    const auto port = parse_number<std::uint16_t>(digits);
    if (colon == 0 || port.value_or(0) == 0) {
        return std::unexpected(
            fmt::format("must be HOST:PORT, such as queue-0:6379, not {}", text));
    }
    return Place{std::string(text.substr(0, colon)), *port};
}

}  // namespace chatflow::redis_topology
