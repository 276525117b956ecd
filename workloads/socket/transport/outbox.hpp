#pragma once

#include "workloads/socket/transport/packet.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

namespace chatflow::socket {

/// What waits to be written to one client. Bounded in bytes: from half of the bound on, ephemeral
/// packets are dropped; when others exceed it, the client is too slow.
class Outbox {
 public:
    enum class Result { Queued, Dropped, Full };

    [[nodiscard]] Result push(Packet packet, std::size_t bytes_max);

    [[nodiscard]] bool empty() const { return first_ == packets_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t packets() const { return packets_.size() - first_; }

    /// The next frames, for one writev. Returns how many of `parts` were filled.
    [[nodiscard]] std::size_t gather(std::span<iovec> parts) const;
    /// So many bytes of what gather() gave were written.
    void consume(std::size_t bytes);

    /// The first packet, whole; for polling. Not when empty.
    [[nodiscard]] const Packet& front() const { return packets_[first_]; }
    void pop();
    void clear();

    /// What is left as bytes: all, or only the rest of a packet that was begun.
    [[nodiscard]] std::string take_rest(bool only_begun);
    /// Beyond the bound.
    void add_last(Packet packet);

 private:
    std::size_t drop_ephemeral();

    std::vector<Packet> packets_;
    std::size_t first_ = 0;    // those before it are gone
    std::size_t written_ = 0;  // bytes of the first
    std::size_t bytes_ = 0;
};

}  // namespace chatflow::socket
