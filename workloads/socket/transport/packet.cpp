#include "workloads/socket/transport/packet.hpp"

#include "workloads/socket/protocol/deflate.hpp"

#include <cstring>
#include <new>
#include <string>

namespace chatflow::socket {

Packet Packet::make(Opcode opcode, std::string_view payload, bool is_ephemeral) {
    return Packet(make_body(opcode, payload, is_ephemeral, /*is_deflated=*/false));
}

Packet Packet::deflated(Deflater& deflater) const {
    if (!std::exchange(body_->was_deflated, true)) {
        if (const auto smaller = deflater.deflate(payload())) {
            body_->deflated = make_body(body_->opcode, *smaller, body_->is_ephemeral, true);
        }
    }
    if (body_->deflated == nullptr) return *this;
    ++body_->deflated->owners;
    return Packet(body_->deflated);
}

Packet::Body* Packet::make_body(Opcode opcode, std::string_view payload, bool is_ephemeral,
                                bool is_deflated) {
    std::string header;  // fits the string's own memory
    append_frame_header(header, opcode, payload.size());
    constexpr unsigned kCompressed = 0x40;  // RSV1
    if (is_deflated) header[0] = static_cast<char>(static_cast<unsigned>(header[0]) | kCompressed);
    const std::size_t size = header.size() + payload.size();
    // One allocation for the counter and the bytes.
    void* const memory = ::operator new(sizeof(Body) + size);
    auto* const body = new (memory) Body{.owners = 1,
                                         .size = static_cast<std::uint32_t>(size),
                                         .header = static_cast<std::uint8_t>(header.size()),
                                         .opcode = opcode,
                                         .is_ephemeral = is_ephemeral,
                                         .was_deflated = is_deflated,
                                         .deflated = nullptr};
    char* const bytes = static_cast<char*>(memory) + sizeof(Body);
    std::memcpy(bytes, header.data(), header.size());
    if (!payload.empty()) std::memcpy(bytes + header.size(), payload.data(), payload.size());
    return body;
}

std::string_view Packet::frame() const {
    const void* const memory = body_;
    return {static_cast<const char*>(memory) + sizeof(Body), body_->size};
}

void Packet::release() noexcept {
    if (body_ == nullptr || --body_->owners > 0) return;
    const Packet smaller(body_->deflated);  // goes with it
    ::operator delete(body_);
}

}  // namespace chatflow::socket
