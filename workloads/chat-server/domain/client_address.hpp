#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

/// An IPv4 or IPv6 network; IPv4 stands as ::ffff:a.b.c.d.
struct Network {
    std::array<std::uint8_t, 16> address{};
    unsigned prefix = 128;  // bits

    bool operator==(const Network&) const = default;
};

/// "10.0.0.0/8, fd00::/8, 192.0.2.1"; empty is none. The error says which part cannot be used.
[[nodiscard]] std::expected<std::vector<Network>, std::string> parse_networks(
    std::string_view text);

/// Who sent a request: the peer, or where the peer is a trusted proxy, the last address of
/// X-Forwarded-For (all its lines as one list) that no trusted proxy has. What stands before it
/// anybody may have written.
/// An IPv6 client is its /64, since it has all addresses of it; a text that is no address stays.
[[nodiscard]] std::string client_address(std::string_view peer, std::string_view forwarded_for,
                                         const std::vector<Network>& trusted);

}  // namespace chatflow::chat
