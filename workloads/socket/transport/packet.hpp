#pragma once

#include "workloads/socket/protocol/websocket_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace chatflow::socket {

class Deflater;

/// A message as it goes over the wire, made once and shared by the queues of all who get it: an
/// unmasked WebSocket frame, whose payload is also what a polling client gets. Not atomic: one
/// thread.
class Packet {
 public:
    Packet() = default;
    Packet(const Packet& other) noexcept : body_(other.body_) {
        if (body_ != nullptr) ++body_->owners;
    }
    Packet(Packet&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
    Packet& operator=(Packet other) noexcept {
        std::swap(body_, other.body_);
        return *this;
    }
    ~Packet() { release(); }

    /// One frame with this payload. An ephemeral one may be dropped for who is slow.
    [[nodiscard]] static Packet make(Opcode opcode, std::string_view payload,
                                     bool is_ephemeral = false);

    /// The same message compressed, made once for all who take it so; itself when that is no
    /// smaller.
    [[nodiscard]] Packet deflated(Deflater& deflater) const;

    [[nodiscard]] std::string_view frame() const;
    [[nodiscard]] std::string_view payload() const { return frame().substr(body_->header); }
    [[nodiscard]] bool is_binary() const { return body_->opcode == Opcode::Binary; }
    /// Not a ping, a pong or a close.
    [[nodiscard]] bool is_message() const {
        return body_->opcode == Opcode::Text || body_->opcode == Opcode::Binary;
    }
    [[nodiscard]] bool is_ephemeral() const { return body_->is_ephemeral; }
    [[nodiscard]] std::size_t size() const { return body_->size; }
    [[nodiscard]] explicit operator bool() const { return body_ != nullptr; }

 private:
    struct Body {
        std::uint32_t owners;
        std::uint32_t size;  // of the frame, which lies behind this
        std::uint8_t header;
        Opcode opcode;
        bool is_ephemeral;
        bool was_deflated;  // or was found to be no smaller
        Body* deflated;     // one owner; null: as it is
    };

    static Body* make_body(Opcode opcode, std::string_view payload, bool is_ephemeral,
                           bool is_deflated);
    explicit Packet(Body* body) : body_(body) {}
    void release() noexcept;

    Body* body_ = nullptr;
};

}  // namespace chatflow::socket
