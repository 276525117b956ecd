#pragma once

#include "libs/certificates/certificates.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::tls {

/// How long certificates hold, and when they are made anew.
struct Policy {
    std::chrono::seconds authority_lifetime = std::chrono::days{365};
    // More than a server's lifetime: no authority ends before what it has signed.
    std::chrono::seconds authority_renewed_before = std::chrono::days{60};
    std::chrono::seconds server_lifetime = std::chrono::days{30};
    std::chrono::seconds server_renewed_before = std::chrono::days{10};
    // What a new authority waits for before it signs: until everybody trusts it.
    std::chrono::seconds trust_spreads_within = std::chrono::hours{1};
};

/// What is stored: of the topology's authority, and of the server's certificate.
struct Stored {
    std::optional<certificates::Validity> authority;  // nothing: there is none that can be used
    bool has_predecessor = false;                     // an older one is still trusted beside it
    std::optional<certificates::Facts> server;        // nothing: none that can be used
    bool is_signed_by_authority = false;              // the server's, by the one that signs now
    bool is_trusted = false;                          // the server's, by any of them
};

/// What to do about it, with the reason for log and event.
struct Decision {
    bool make_authority = false;
    bool issue = false;
    bool is_renewal = false;  // of its time or its authority; not only of its names
    std::string reason;
    std::string waits_for;      // why a renewal that is due waits; empty when none does
    TimePoint look_again_at{};  // the next moment at which time alone changes the decision
};

/// Pure. `names`: what the server's certificate has to be good for; further ones do not hurt.
[[nodiscard]] Decision decide(const Stored& stored, const std::vector<std::string>& names,
                              const Policy& policy, TimePoint now);

/// Authorities to be trusted: `current` first, then those of `earlier` that have not ended.
[[nodiscard]] std::string bundle_of(const std::string& current, const std::string& earlier,
                                    TimePoint now);

}  // namespace chatflow::tls
