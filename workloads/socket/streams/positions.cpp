#include "workloads/socket/streams/positions.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace chatflow::socket {
namespace {

constexpr int kBase = 36;

}  // namespace

void Positions::advance(std::size_t shard, rooms::MessageId id) {
    ids_[shard] = std::max(ids_[shard], id);
}

std::string Positions::to_offset() const {
    std::string text;
    std::array<char, 16> digits{};  // 2^64 has 13 digits
    for (const auto id : ids_) {
        if (!text.empty()) text += '.';
        const auto end = std::to_chars(digits.begin(), digits.end(), id, kBase).ptr;
        text.append(digits.begin(), end);
    }
    return text;
}

std::optional<Positions> Positions::parse(std::string_view offset, std::size_t shards) {
    Positions positions(0);
    for (;;) {
        const auto part = offset.substr(0, offset.find('.'));
        rooms::MessageId id = 0;
        const auto [stop, error] = std::from_chars(part.begin(), part.end(), id, kBase);
        if (error != std::errc{} || stop != part.end() || positions.shards() == shards) {
            return std::nullopt;
        }
        positions.ids_.push_back(id);
        if (part.size() == offset.size()) break;
        offset.remove_prefix(part.size() + 1);
    }
    if (positions.shards() != shards) return std::nullopt;
    return positions;
}

}  // namespace chatflow::socket
