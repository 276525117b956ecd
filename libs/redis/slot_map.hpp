#pragma once

#include "libs/redis/options.hpp"
#include "libs/redis/reply.hpp"
#include "libs/redis/slot.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace chatflow::redis {

/// Which master of a cluster serves which slot, as far as is known.
class SlotMap {
 public:
    SlotMap() { owner_.fill(kNobody); }

    /// From the reply of CLUSTER SLOTS, asked at `asked`: a node that does not know its own address
    /// leaves it empty. Throws ProtocolError.
    [[nodiscard]] static SlotMap from_reply(const Reply& reply, const Address& asked);

    /// Nullptr when no node is known for the slot.
    [[nodiscard]] const Address* find(std::uint16_t slot) const;
    void move(std::uint16_t slot, const Address& to);

    /// The masters.
    [[nodiscard]] const std::vector<Address>& nodes() const { return nodes_; }

 private:
    static constexpr std::uint16_t kNobody = 0xffff;

    std::uint16_t index_of(const Address& node);

    std::vector<Address> nodes_;
    std::array<std::uint16_t, kSlots> owner_{};  // an index of nodes_
};

/// What an error reply "MOVED 3999 10.0.0.7:6379" or "ASK …" says; nothing for other errors. An
/// empty host means the node that was asked.
struct Redirection {
    bool is_for_this_call_only = false;  // ASK
    std::uint16_t slot = 0;
    Address to;

    bool operator==(const Redirection&) const = default;
};
[[nodiscard]] std::optional<Redirection> parse_redirection(std::string_view error,
                                                           const Address& asked);

}  // namespace chatflow::redis
