#pragma once

#include "libs/base/time.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// "018f…-…": 36 characters, hexadecimal in lower case.
[[nodiscard]] bool is_uuid(std::string_view text);

/// Makes UUIDs of version 7 (RFC 9562): they sort by the time they were made, within one
/// millisecond by a counter, so that they fill an index from one end. Not secret. One thread only.
class UuidGenerator {
 public:
    explicit UuidGenerator(std::uint64_t seed) : random_(seed) {}

    /// Greater than every UUID made before, also when the clock was set back.
    [[nodiscard]] std::string next(TimePoint now);

 private:
    std::mt19937_64 random_;
    std::uint64_t millisecond_ = 0;
    std::uint64_t counter_ = 0;  // 12 bits, then the next millisecond is begun early
};

}  // namespace chatflow::chat
