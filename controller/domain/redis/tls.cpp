#include "controller/domain/redis/tls.hpp"

#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/objects.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;

// How often a node is told to read its files while the kubelet may still be about to change them.
constexpr auto kBetweenReads = 60s;
// How far a node's clock may be behind ours without finding a certificate too young.
constexpr auto kClockSkew = 5min;
// Of our own ten days remain when it is renewed: half of them is time to see that it was not.
constexpr auto kEndsSoon = std::chrono::days{5};

bool is_own(const Certificates& now) { return !now.authority.certificate.empty(); }

/// When the newest of what nodes read was made.
TimePoint newest(const Certificates& now) {
    TimePoint at{};
    for (const std::string* pem : {&now.authority.certificate, &now.server.certificate}) {
        if (const auto facts = certificates::facts_of(*pem)) {
            at = std::max(at, facts->validity.not_before);
        }
    }
    return at;
}

/// "queue-rw" in its own namespace, in others, and with the cluster's usual domain.
void add_service(std::vector<std::string>& names, const std::string& service,
                 const std::string& name_space) {
    for (const char* form : {"{}", "{}.{}", "{}.{}.svc", "{}.{}.svc.cluster.local"}) {
        names.push_back(fmt::format(fmt::runtime(form), service, name_space));
    }
}

}  // namespace

std::string tls_secret_of(const api::RedisTopology& topology) {
    const std::string& existing = topology.spec.tls.existing_secret;
    return existing.empty() ? topology.metadata.name + "-tls" : existing;
}

std::string authority_secret_of(const std::string& topology) { return topology + "-ca"; }

std::string server_name_of(const api::RedisTopology& topology) {
    const bool is_cluster = topology.spec.mode == api::RedisMode::Cluster;
    return fmt::format("{}-{}.{}.svc", topology.metadata.name, is_cluster ? "cluster" : "rw",
                       topology.metadata.name_space);
}

std::vector<std::string> certificate_names(const api::RedisTopology& topology,
                                           const Observed& seen) {
    const std::string& name = topology.metadata.name;
    const std::string& name_space = topology.metadata.name_space;
    std::vector<std::string> names{server_name_of(topology), "localhost", "127.0.0.1"};
    if (topology.spec.mode == api::RedisMode::Cluster) {
        add_service(names, name + "-cluster", name_space);
    } else {
        for (const char* part : {"rw", "ro", "sentinel"}) {
            add_service(names, fmt::format("{}-{}", name, part), name_space);
        }
        for (int i = 0; i < topology.spec.sentinel.instances; ++i) {
            add_service(names, fmt::format("{}-sentinel-{}", name, i), name_space);
        }
    }
    names.push_back(fmt::format("*.{}-nodes.{}.svc", name, name_space));
    names.push_back(fmt::format("*.{}-nodes.{}.svc.cluster.local", name, name_space));
    for (int i = 0; i < wanted_nodes(topology.spec); ++i) {
        add_service(names, fmt::format("{}-{}", name, i), name_space);
    }
    // Redis and Sentinel tell clients these.
    names.insert(names.end(), seen.hosts.begin(), seen.hosts.end());
    for (const SentinelView& sentinel : seen.sentinels) names.push_back(sentinel.endpoint.host);
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    std::erase(names, "");
    return names;
}

bool has_all_addresses(const api::RedisTopology& topology, const Observed& seen) {
    const bool is_cluster = topology.spec.mode == api::RedisMode::Cluster;
    const int sentinels = is_cluster ? 0 : topology.spec.sentinel.instances;
    return std::ssize(seen.hosts) >= wanted_nodes(topology.spec) &&
           std::ssize(seen.sentinels) >= sentinels;
}

tls::Stored stored_of(const Certificates& now) {
    tls::Stored stored;
    if (certificates::belong_together(now.authority)) {
        stored.authority = certificates::facts_of(now.authority.certificate)->validity;
    }
    const auto trusted = certificates::split(now.authorities);
    stored.has_predecessor = trusted.size() > 1;
    if (!certificates::belong_together(now.server)) return stored;
    stored.server = certificates::facts_of(now.server.certificate);
    const auto signs = [&now](const std::string& authority) {
        return certificates::is_signed_by(now.server.certificate, authority);
    };
    stored.is_signed_by_authority = signs(now.authority.certificate);
    stored.is_trusted = std::ranges::any_of(trusted, signs);
    return stored;
}

Certificates renewed(Certificates now, const tls::Decision& decision, const std::string& topology,
                     const std::vector<std::string>& names, const tls::Policy& policy,
                     TimePoint at) {
    if (decision.make_authority) {
        now.authority = certificates::make_authority(
            topology + "-ca", {at - kClockSkew, at + policy.authority_lifetime});
        now.authorities = tls::bundle_of(now.authority.certificate, now.authorities, at);
    }
    if (decision.issue) {
        now.server = certificates::issue(now.authority, names,
                                         {at - kClockSkew, at + policy.server_lifetime});
    }
    if (decision.issue && decision.is_renewal) ++now.renewals;
    return now;
}

std::string sentinel_certificates(const Certificates& now) {
    if (now.server.certificate.empty()) return {};
    // Of a certificate of the user's nobody knows why it is new.
    const std::string& server = is_own(now) ? std::to_string(now.renewals) : now.server.certificate;
    return fingerprint({{"authorities", now.authorities}, {"server", server}});
}

bool must_read_again(const Certificates& now, const std::string& shown,
                     std::optional<TimePoint> last_read, const tls::Policy& policy, TimePoint at) {
    const auto facts = certificates::facts_of(now.server.certificate);
    if (!facts) return false;
    if (last_read && at - *last_read < kBetweenReads) return false;
    const bool is_new = at - newest(now) < policy.trust_spreads_within;
    return shown != facts->fingerprint || (is_new && last_read.has_value());
}

Verdict certificate_valid(const Certificates& now, const std::string& waits_for,
                          const std::vector<std::string>& outdated, TimePoint at) {
    const auto facts = certificates::facts_of(now.server.certificate);
    if (!facts) {
        return {false, "NoCertificate", waits_for.empty() ? "There is none yet." : waits_for};
    }
    const std::string until = format_rfc3339(facts->validity.not_after);
    if (at >= facts->validity.not_after) {
        return {false, "Ended", fmt::format("The certificate ended on {}.", until)};
    }
    if (at >= facts->validity.not_after - kEndsSoon) {
        return {false, "NotRenewed", fmt::format("It ends on {} and was not renewed.", until)};
    }
    if (!certificates::belong_together(now.server)) {
        return {false, "WrongKey", "tls.key is not the key of tls.crt."};
    }
    if (!stored_of(now).is_trusted) {
        return {false, "NotTrusted", "No certificate in ca.crt has signed tls.crt."};
    }
    if (!outdated.empty()) {
        return {true, "BeingLoaded",
                fmt::format("It holds until {}; the one before is still shown by {}.", until,
                            fmt::join(outdated, ", "))};
    }
    return {true, "Valid", fmt::format("It holds until {}.", until)};
}

}  // namespace chatflow::redis_topology
