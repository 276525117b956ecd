#pragma once

#include <cstdint>
#include <string_view>

namespace chatflow {

/// FNV-1a, 64 bits: the same number for the same bytes in every program, version and machine, for
/// names and shards that all of them must agree on. No protection against chosen inputs.
/// Source: draft-eastlake-fnv.
class Fnv1a {
 public:
    constexpr void add(unsigned char byte) { value_ = (value_ ^ byte) * kPrime; }
    constexpr void add(std::string_view bytes) {
        for (const char byte : bytes) add(static_cast<unsigned char>(byte));
    }
    /// Its eight bytes, the least first.
    constexpr void add_number(std::uint64_t number) {
        for (int byte = 0; byte < 8; ++byte) {
            add(static_cast<unsigned char>(number >> (8 * byte) & 0xFFU));
        }
    }
    [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

 private:
    static constexpr std::uint64_t kPrime = 0x100000001b3U;

    std::uint64_t value_ = 0xcbf29ce484222325U;
};

/// Of one text.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view bytes) {
    Fnv1a hash;
    hash.add(bytes);
    return hash.value();
}

}  // namespace chatflow
