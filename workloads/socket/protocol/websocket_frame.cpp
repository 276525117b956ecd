#include "workloads/socket/protocol/websocket_frame.hpp"

#include "libs/base/base64.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <openssl/sha.h>

namespace chatflow::socket {
namespace {

constexpr std::size_t kControlPayloadMax = 125;
constexpr std::size_t kMaskBytes = 4;

unsigned byte_at(std::span<const char> input, std::size_t i) {
    return static_cast<unsigned char>(input[i]);
}

FrameView refused(CloseCode code) {
    return {.status = FrameView::Status::Refused, .refusal = code};
}

bool is_known(unsigned opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }

std::uint64_t read_length(std::span<const char> input, std::size_t at, std::size_t bytes) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = (length << 8U) | byte_at(input, at + i);
    return length;
}

void unmask(std::span<char> payload, const char* mask) {
    std::uint32_t word = 0;
    std::memcpy(&word, mask, kMaskBytes);
    const std::uint64_t wide = (static_cast<std::uint64_t>(word) << 32U) | word;
    std::size_t at = 0;
    for (; at + 8 <= payload.size(); at += 8) {
        std::uint64_t part = 0;
        std::memcpy(&part, payload.data() + at, 8);
        part ^= wide;
        std::memcpy(payload.data() + at, &part, 8);
    }
    for (; at < payload.size(); ++at) {
        payload[at] = static_cast<char>(payload[at] ^ mask[at % kMaskBytes]);
    }
}

}  // namespace

FrameView parse_frame(std::span<char> input, std::size_t payload_max, bool may_be_compressed) {
    if (input.size() < 2) return {.needed = 2};
    const unsigned first = byte_at(input, 0);
    const unsigned second = byte_at(input, 1);
    const bool is_compressed = (first & 0x40U) != 0;
    const bool is_first_of_data = (first & 0x0FU) == 0x1 || (first & 0x0FU) == 0x2;
    if (is_compressed && !(may_be_compressed && is_first_of_data)) {
        return refused(CloseCode::ProtocolError);
    }
    if ((first & 0x30U) != 0 || !is_known(first & 0x0FU)) return refused(CloseCode::ProtocolError);
    if ((second & 0x80U) == 0) return refused(CloseCode::ProtocolError);
    const bool is_final = (first & 0x80U) != 0;
    const bool is_control = (first & 0x08U) != 0;
    const unsigned short_length = second & 0x7FU;
    if (is_control && (!is_final || short_length > kControlPayloadMax)) {
        return refused(CloseCode::ProtocolError);
    }
    const std::size_t length_bytes = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
    const std::size_t header = 2 + length_bytes + kMaskBytes;
    if (input.size() < header) return {.needed = header};
    const std::uint64_t length =
        length_bytes == 0 ? short_length : read_length(input, 2, length_bytes);
    if ((length_bytes == 2 && length < 126) || (length_bytes == 8 && length <= 0xFFFF)) {
        return refused(CloseCode::ProtocolError);
    }
    if (length_bytes == 8 && (length >> 63U) != 0) return refused(CloseCode::ProtocolError);
    if (length > payload_max) return refused(CloseCode::TooBig);
    const std::size_t size = header + static_cast<std::size_t>(length);
    if (input.size() < size) return {.needed = size};
    const auto payload = input.subspan(header, static_cast<std::size_t>(length));
    unmask(payload, input.data() + header - kMaskBytes);
    return {.status = FrameView::Status::Complete,
            .opcode = static_cast<Opcode>(first & 0x0FU),
            .is_final = is_final,
            .is_compressed = is_compressed,
            .payload = {payload.data(), payload.size()},
            .size = size};
}

bool is_valid_close_code(unsigned code) {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void append_frame_header(std::string& out, Opcode opcode, std::size_t payload_size) {
    out += static_cast<char>(0x80U | static_cast<unsigned>(opcode));
    const auto append = [&](std::size_t bytes) {
        for (std::size_t i = bytes; i > 0; --i) {
            out += static_cast<char>((payload_size >> (8 * (i - 1))) & 0xFFU);
        }
    };
    if (payload_size < 126) {
        append(1);
    } else if (payload_size <= 0xFFFF) {
        out += static_cast<char>(126);
        append(2);
    } else {
        out += static_cast<char>(127);
        append(8);
    }
}

std::string close_payload(CloseCode code, std::string_view reason) {
    const auto number = static_cast<unsigned>(code);
    std::string payload = {static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)};
    payload += reason.substr(0, kControlPayloadMax - 2);
    return payload;
}

std::string websocket_accept(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes
    return encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool is_websocket_key(std::string_view key) {
    if (key.size() != 24 || !key.ends_with("==")) return false;
    const auto bytes = decode_base64(key);
    return bytes && bytes->size() == 16;
}

}  // namespace chatflow::socket
