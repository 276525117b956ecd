#pragma once

#include "controller/domain/objects/verdict.hpp"
#include "controller/domain/tls/rotation.hpp"
#include "libs/certificates/certificates.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::tls {

/// What the Secrets TOPOLOGY-ca and TOPOLOGY-tls hold, or a Secret of the user's instead.
struct Certificates {
    certificates::Pair authority;    // that signs; empty with a Secret of the user's
    std::string authorities;         // PEM: all that are trusted
    std::string served_authorities;  // the same, as the Secret of the server has it
    certificates::Pair server;
    int renewals = 0;  // of the server's certificate, apart from those for its names alone
    bool operator==(const Certificates&) const = default;
};

using objects::Verdict;

/// The Secret with the server's certificate, and the one with the authority.
[[nodiscard]] std::string secret_of(const std::string& topology, const std::string& existing);
[[nodiscard]] std::string authority_secret_of(const std::string& topology);

/// "queue-rw" in its own namespace, in others, and with the cluster's usual domain.
void add_service(std::vector<std::string>& names, const std::string& service,
                 const std::string& name_space);

/// Whether nobody but the operator renews them.
[[nodiscard]] bool is_own(const Certificates& now);

[[nodiscard]] Stored stored_of(const Certificates& now);

/// As `decision` says. Not pure: keys are random.
[[nodiscard]] Certificates renewed(Certificates now, const Decision& decision,
                                   const std::string& topology,
                                   const std::vector<std::string>& names, const Policy& policy,
                                   TimePoint at);

/// Whether a server has to read its files again: it shows another certificate, or the files are so
/// new that it may have read the ones before. `last_read`: when it was told last.
[[nodiscard]] bool must_read_again(const Certificates& now, const std::string& shown,
                                   std::optional<TimePoint> last_read, const Policy& policy,
                                   TimePoint at);

/// The condition CertificateValid. `waits_for`, `outdated`: pods that do not show the stored one.
[[nodiscard]] Verdict certificate_valid(const Certificates& now, const std::string& waits_for,
                                        const std::vector<std::string>& outdated, TimePoint at);

}  // namespace chatflow::tls
