#pragma once

#include "libs/auth/key.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::auth {

/// More keys, or a longer document, are refused.
inline constexpr std::size_t kKeysMax = 64;
inline constexpr std::size_t kKeySetBytesMax = 256U * 1024U;

/// The keys that tokens are checked with at one moment. Immutable; any thread.
class KeySet {
 public:
    explicit KeySet(std::vector<Key> keys) : keys_(std::move(keys)) {}

    /// A JWKS document: {"keys": […]}. Keys of a kind that we do not know, or for encryption, are
    /// left out, as RFC 7517 §5 says; a set without a usable key is an error.
    [[nodiscard]] static std::expected<KeySet, std::string> from_jwks(std::string_view text);

    /// The keys that a token with that header may be signed by: those of its kid, or without kid
    /// all that serve the algorithm.
    [[nodiscard]] std::vector<const Key*> candidates(const std::string& key_id,
                                                     Algorithm algorithm) const;

    [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
    std::vector<Key> keys_;
};

}  // namespace chatflow::auth
