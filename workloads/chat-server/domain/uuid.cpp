#include "workloads/chat-server/domain/uuid.hpp"

namespace chatflow::chat {
namespace {

constexpr std::size_t kLength = 36;
constexpr std::uint64_t kCounterMax = 0xFFF;
constexpr std::uint64_t kCounterStart = 0x7FF;  // starts in the lower half, so that it can count

bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

std::string formatted(std::uint64_t high, std::uint64_t low) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(kLength);
    for (std::size_t nibble = 0; nibble < 32; ++nibble) {
        if (is_dash_position(text.size())) text += '-';
        const std::uint64_t half = nibble < 16 ? high : low;
        text += kDigits[(half >> (60 - 4 * (nibble % 16))) & 0xF];
    }
    return text;
}

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != kLength) return false;
    for (std::size_t i = 0; i < kLength; ++i) {
        const char c = text[i];
        const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (is_dash_position(i) ? c != '-' : !is_digit) return false;
    }
    return true;
}

std::string UuidGenerator::next(TimePoint now) {
    const auto since_epoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    const auto clock = static_cast<std::uint64_t>(since_epoch.count());
    if (clock > millisecond_) {
        millisecond_ = clock;
        counter_ = random_() & kCounterStart;
    } else if (++counter_ > kCounterMax) {
        ++millisecond_;
        counter_ = random_() & kCounterStart;
    }
    constexpr std::uint64_t kVersion = 7;
    constexpr std::uint64_t kVariant = 0b10;
    const std::uint64_t high = (millisecond_ << 16U) | (kVersion << 12U) | counter_;
    const std::uint64_t low = (kVariant << 62U) | (random_() >> 2U);
    return formatted(high, low);
}

}  // namespace chatflow::chat
