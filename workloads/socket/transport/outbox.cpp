#include "workloads/socket/transport/outbox.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::socket {
namespace {

// An idle client keeps room for no more packets than this.
constexpr std::size_t kKeptCapacity = 16;

}  // namespace

Outbox::Result Outbox::push(Packet packet, std::size_t bytes_max) {
    const std::size_t size = packet.size();
    if (packet.is_ephemeral() && bytes_ + size > bytes_max / 2) return Result::Dropped;
    if (bytes_ + size > bytes_max) {
        drop_ephemeral();
        if (bytes_ + size > bytes_max) return Result::Full;
    }
    bytes_ += size;
    packets_.push_back(std::move(packet));
    return Result::Queued;
}

std::size_t Outbox::gather(std::span<iovec> parts) const {
    std::size_t count = 0;
    std::size_t skip = written_;
    for (std::size_t i = first_; i < packets_.size() && count < parts.size(); ++i) {
        const auto frame = packets_[i].frame().substr(std::exchange(skip, 0));
        // writev only reads.
        parts[count++] = {const_cast<char*>(frame.data()), frame.size()};  // NOLINT
    }
    return count;
}

void Outbox::consume(std::size_t bytes) {
    while (bytes > 0 && !empty()) {
        const std::size_t rest = packets_[first_].size() - written_;
        if (bytes < rest) {
            written_ += bytes;
            bytes_ -= bytes;
            return;
        }
        bytes -= rest;
        pop();
    }
}

void Outbox::pop() {
    bytes_ -= packets_[first_].size() - written_;
    written_ = 0;
    packets_[first_] = Packet();
    ++first_;
    if (first_ == packets_.size()) {
        clear();
    } else if (first_ >= 64 && first_ * 2 >= packets_.size()) {
        packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

void Outbox::clear() {
    packets_.clear();
    if (packets_.capacity() > kKeptCapacity) std::vector<Packet>().swap(packets_);
    first_ = 0;
    written_ = 0;
    bytes_ = 0;
}

std::string Outbox::take_rest(bool only_begun) {
    std::string bytes;
    if (!empty() && (written_ > 0 || !only_begun)) {
        bytes = packets_[first_].frame().substr(written_);
        for (std::size_t i = first_ + 1; i < packets_.size() && !only_begun; ++i) {
            bytes += packets_[i].frame();
        }
    }
    clear();
    return bytes;
}

void Outbox::add_last(Packet packet) {
    bytes_ += packet.size();
    packets_.push_back(std::move(packet));
}

std::size_t Outbox::drop_ephemeral() {
    const auto waiting =
        packets_.begin() + static_cast<std::ptrdiff_t>(first_ + (written_ > 0 ? 1 : 0));
    const auto kept = std::remove_if(waiting, packets_.end(), [this](const Packet& packet) {
        if (!packet.is_ephemeral()) return false;
        bytes_ -= packet.size();
        return true;
    });
    const auto dropped = static_cast<std::size_t>(packets_.end() - kept);
    packets_.erase(kept, packets_.end());
    return dropped;
}

}  // namespace chatflow::socket
