#include "libs/redis/slot_map.hpp"

#include "libs/base/number.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <string>

namespace chatflow::redis {
namespace {

std::string host_or(std::string_view host, const Address& asked) {
    return host.empty() || host == "?" ? asked.host : std::string(host);
}

std::uint16_t slot_in(const Reply::Element& value) {
    const auto slot = value.integer();
    if (slot < 0 || slot >= kSlots) throw ProtocolError("a slot is outside of 0 to 16383");
    return static_cast<std::uint16_t>(slot);
}

}  // namespace

SlotMap SlotMap::from_reply(const Reply& reply, const Address& asked) {
    SlotMap map;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        const auto range = reply[i];  // first, last, master, replicas…
        const auto master = range[2];
        const auto port = master[1].integer();
        if (port <= 0 || port > 65535) throw ProtocolError("a node has no port");
        const auto host = master[0].is_nil() ? std::string_view{} : master[0].text();
        const auto index = map.index_of({host_or(host, asked), static_cast<std::uint16_t>(port)});
        const auto last = slot_in(range[1]);
        for (unsigned slot = slot_in(range[0]); slot <= last; ++slot) map.owner_[slot] = index;
    }
    return map;
}

const Address* SlotMap::find(std::uint16_t slot) const {
    const auto owner = owner_[slot % kSlots];
    return owner == kNobody ? nullptr : &nodes_[owner];
}

void SlotMap::move(std::uint16_t slot, const Address& to) { owner_[slot % kSlots] = index_of(to); }

std::uint16_t SlotMap::index_of(const Address& node) {
    const auto place = std::ranges::find(nodes_, node);
    if (place == nodes_.end()) {
        nodes_.push_back(node);
        return static_cast<std::uint16_t>(nodes_.size() - 1);
    }
    return static_cast<std::uint16_t>(place - nodes_.begin());
}

std::optional<Redirection> parse_redirection(std::string_view error, const Address& asked) {
    const bool is_ask = error.starts_with("ASK ");
    if (!is_ask && !error.starts_with("MOVED ")) return std::nullopt;
    error.remove_prefix(error.find(' ') + 1);
    const auto space = error.find(' ');
    const auto colon = error.rfind(':');
    if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) {
        return std::nullopt;
    }
    const auto slot = parse_number<std::uint16_t>(error.substr(0, space));
    const auto port = parse_number<std::uint16_t>(error.substr(colon + 1));
    if (!slot || *slot >= kSlots || !port) return std::nullopt;
    const auto host = error.substr(space + 1, colon - space - 1);
    return Redirection{is_ask, *slot, {host_or(host, asked), *port}};
}

}  // namespace chatflow::redis
