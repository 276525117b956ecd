#include "workloads/chat-server/domain/cursor.hpp"

#include "libs/base/base64.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

namespace chatflow::chat {
namespace {

// The first byte says what follows, so that a cursor of one list is refused by another.
constexpr char kMessage = 'm';
constexpr char kId = 'r';
constexpr std::size_t kSequenceBytes = 8;

}  // namespace

std::string encode_message_cursor(std::int64_t seq) {
    std::string bytes(1, kMessage);
    for (std::size_t i = 0; i < kSequenceBytes; ++i) {
        bytes += static_cast<char>((seq >> (8 * (kSequenceBytes - 1 - i))) & 255);
    }
    return encode_base64url(bytes);
}

std::optional<std::int64_t> decode_message_cursor(std::string_view text) {
    const auto bytes = decode_base64url(text);
    if (!bytes || bytes->size() != 1 + kSequenceBytes || bytes->front() != kMessage) {
        return std::nullopt;
    }
    std::uint64_t seq = 0;
    for (const char c : bytes->substr(1)) seq = (seq << 8U) | static_cast<unsigned char>(c);
    const auto signed_seq = static_cast<std::int64_t>(seq);
    if (signed_seq < 0) return std::nullopt;
    return signed_seq;
}

std::string encode_id_cursor(std::string_view id) {
    return encode_base64url(kId + std::string(id));
}

std::optional<std::string> decode_id_cursor(std::string_view text) {
    const auto bytes = decode_base64url(text);
    if (!bytes || bytes->empty() || bytes->front() != kId) return std::nullopt;
    std::string id = bytes->substr(1);
    if (!is_uuid(id)) return std::nullopt;
    return id;
}

}  // namespace chatflow::chat
