#pragma once

#include "controller/api/redis_topology.hpp"
#include "controller/domain/redis/status.hpp"
#include "controller/domain/tls/rotation.hpp"
#include "libs/certificates/certificates.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// What the Secrets TOPOLOGY-ca and TOPOLOGY-tls hold, or a Secret of the user's instead.
struct Certificates {
    certificates::Pair authority;    // that signs; empty with a Secret of the user's
    std::string authorities;         // PEM: all that are trusted
    std::string served_authorities;  // the same, as the Secret of the server has it
    certificates::Pair server;
    int renewals = 0;  // of the server's certificate, apart from those for its names alone
    bool operator==(const Certificates&) const = default;
};

/// The Secret with the server's certificate, and the one with the authority.
[[nodiscard]] std::string tls_secret_of(const api::RedisTopology& topology);
[[nodiscard]] std::string authority_secret_of(const std::string& topology);

/// What every certificate of the topology is good for, whichever server shows it.
[[nodiscard]] std::string server_name_of(const api::RedisTopology& topology);

/// All names and addresses that clients, nodes and Sentinels find each other by.
[[nodiscard]] std::vector<std::string> certificate_names(const api::RedisTopology& topology,
                                                         const Observed& seen);

/// Whether every Service has an address that the certificate must be good for.
[[nodiscard]] bool has_all_addresses(const api::RedisTopology& topology, const Observed& seen);

[[nodiscard]] tls::Stored stored_of(const Certificates& now);

/// As `decision` says. Not pure: keys are random.
[[nodiscard]] Certificates renewed(Certificates now, const tls::Decision& decision,
                                   const std::string& topology,
                                   const std::vector<std::string>& names, const tls::Policy& policy,
                                   TimePoint at);

/// Sentinels read certificates at start only: they restart, one by one, when this changes. It does
/// not when a replica more gets an address.
[[nodiscard]] std::string sentinel_certificates(const Certificates& now);

/// Whether a node has to read its files again: it shows another certificate, or the files are so
/// new that it may have read the ones before. `last_read`: when it was told last.
[[nodiscard]] bool must_read_again(const Certificates& now, const std::string& shown,
                                   std::optional<TimePoint> last_read, const tls::Policy& policy,
                                   TimePoint at);

/// The condition CertificateValid. `waits_for`, `outdated`: pods that do not show the stored one.
[[nodiscard]] Verdict certificate_valid(const Certificates& now, const std::string& waits_for,
                                        const std::vector<std::string>& outdated, TimePoint at);

}  // namespace chatflow::redis_topology
