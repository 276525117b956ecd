#pragma once

#include "libs/base/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::certificates {

/// PEM texts. The key is a secret: it belongs in no log and in no argument list.
struct Pair {
    std::string certificate;
    std::string key;
    bool operator==(const Pair&) const = default;
};

/// From when until when a certificate holds.
struct Validity {
    TimePoint not_before{};
    TimePoint not_after{};
    bool operator==(const Validity&) const = default;
};

/// What a certificate says.
struct Facts {
    Validity validity;
    std::vector<std::string> names;  // DNS names and addresses that it is good for, sorted
    std::string fingerprint;         // SHA-256, as 64 hexadecimal digits
    bool operator==(const Facts&) const = default;
};

/// An authority of our own: a P-256 key and a certificate signed by itself, which may sign servers
/// and clients but no further authority. Throws std::runtime_error when OpenSSL cannot.
[[nodiscard]] Pair make_authority(const std::string& common_name, Validity validity);

/// For a server that also is a client of its peers. `names`: DNS names and IP addresses.
[[nodiscard]] Pair issue(const Pair& authority, const std::vector<std::string>& names,
                         Validity validity);

/// Of the first certificate of the text; nothing for a text without one.
[[nodiscard]] std::optional<Facts> facts_of(std::string_view pem);

/// Whether the authority's key has signed the certificate; false for what is no certificate.
[[nodiscard]] bool is_signed_by(std::string_view certificate, std::string_view authority);

/// Whether the key is the certificate's own.
[[nodiscard]] bool belong_together(const Pair& pair);

/// The certificates of a text one by one, each with its line breaks.
[[nodiscard]] std::vector<std::string> split(std::string_view pem);

}  // namespace chatflow::certificates
