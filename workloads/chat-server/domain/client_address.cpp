#include "workloads/chat-server/domain/client_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <ranges>

#include <arpa/inet.h>

namespace chatflow::chat {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0/96, before an IPv4 address

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_ipv4(const Bytes& address) {
    return std::ranges::all_of(address | std::views::take(10),
                               [](auto byte) { return byte == 0; }) &&
           address[10] == 0xFF && address[11] == 0xFF;
}

std::optional<Bytes> address_of(std::string_view text) {
    const std::string terminated(text.substr(0, INET6_ADDRSTRLEN));
    Bytes bytes{};
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    bytes[10] = bytes[11] = 0xFF;
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

std::optional<Network> network_of(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = address_of(text.substr(0, slash));
    if (!address) return std::nullopt;
    Network network{.address = *address};
    if (slash == std::string_view::npos) return network;
    const auto bits = text.substr(slash + 1);
    unsigned prefix = 0;
    const auto [stop, error] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
    const unsigned most = is_ipv4(*address) ? 32 : 128;
    if (error != std::errc{} || stop != bits.data() + bits.size() || prefix > most) {
        return std::nullopt;
    }
    network.prefix = prefix + (is_ipv4(*address) ? kMappedBits : 0);
    return network;
}

bool contains(const Network& network, const Bytes& address) {
    const unsigned whole = network.prefix / 8;
    if (std::memcmp(network.address.data(), address.data(), whole) != 0) return false;
    const unsigned rest = network.prefix % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xFFU << (8U - rest));
    return (network.address[whole] & mask) == (address[whole] & mask);
}

bool is_trusted(const Bytes& address, const std::vector<Network>& trusted) {
    return std::ranges::any_of(trusted,
                               [&](const Network& network) { return contains(network, address); });
}

std::string text_of(Bytes address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4(address)) {
        inet_ntop(AF_INET, address.data() + 12, text.data(), text.size());
        return text.data();
    }
    std::fill(address.begin() + 8, address.end(), std::uint8_t{0});
    inet_ntop(AF_INET6, address.data(), text.data(), text.size());
    return std::string(text.data()) + "/64";
}

}  // namespace

std::expected<std::vector<Network>, std::string> parse_networks(std::string_view text) {
    std::vector<Network> networks;
    for (const auto part : std::views::split(text, ',')) {
        const std::string_view name = trimmed(std::string_view(part));
        if (name.empty()) continue;
        const auto network = network_of(name);
        if (!network) {
            return std::unexpected("must be addresses or networks with commas between, not " +
                                   std::string(name));
        }
        networks.push_back(*network);
    }
    return networks;
}

std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<Network>& trusted) {
    auto client = address_of(peer);
    if (!client) return std::string(peer);
    std::string_view rest = forwarded_for;
    while (is_trusted(*client, trusted) && !rest.empty()) {
        const auto comma = rest.rfind(',');
        const auto last = trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
        const auto next = address_of(last);
        if (!next) break;  // what a trusted proxy did not write as an address tells nothing
        client = next;
    }
    return text_of(*client);
}

}  // namespace chatflow::chat
