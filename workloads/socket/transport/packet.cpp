#include "workloads/socket/transport/packet.hpp"

#include <cstring>
#include <new>
#include <string>

namespace chatflow::socket {

Packet Packet::make(Opcode opcode, std::string_view payload, bool is_ephemeral) {
    std::string header;  // fits the string's own memory
    append_frame_header(header, opcode, payload.size());
    const std::size_t size = header.size() + payload.size();
    // One allocation for the counter and the bytes.
    void* const memory = ::operator new(sizeof(Body) + size);
    auto* const body = new (memory) Body{.owners = 1,
                                         .size = static_cast<std::uint32_t>(size),
                                         .header = static_cast<std::uint8_t>(header.size()),
                                         .opcode = opcode,
                                         .is_ephemeral = is_ephemeral};
    char* const bytes = static_cast<char*>(memory) + sizeof(Body);
    std::memcpy(bytes, header.data(), header.size());
    if (!payload.empty()) std::memcpy(bytes + header.size(), payload.data(), payload.size());
    return Packet(body);
}

std::string_view Packet::frame() const {
    const void* const memory = body_;
    return {static_cast<const char*>(memory) + sizeof(Body), body_->size};
}

void Packet::release() noexcept {
    if (body_ == nullptr || --body_->owners > 0) return;
    ::operator delete(body_);
}

}  // namespace chatflow::socket
