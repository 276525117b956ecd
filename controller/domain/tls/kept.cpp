#include "controller/domain/tls/kept.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::tls {
namespace {

using namespace std::chrono_literals;

// How often a node is told to read its files while the kubelet may still be about to change them.
constexpr auto kBetweenReads = 60s;
// How far a node's clock may be behind ours without finding a certificate too young.
constexpr auto kClockSkew = 5min;
// Of our own ten days remain when it is renewed: half of them is time to see that it was not.
constexpr auto kEndsSoon = std::chrono::days{5};

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

}  // namespace

std::string secret_of(const std::string& topology, const std::string& existing) {
    return existing.empty() ? topology + "-tls" : existing;
}

std::string authority_secret_of(const std::string& topology) { return topology + "-ca"; }

void add_service(std::vector<std::string>& names, const std::string& service,
                 const std::string& name_space) {
    for (const char* form : {"{}", "{}.{}", "{}.{}.svc", "{}.{}.svc.cluster.local"}) {
        names.push_back(fmt::format(fmt::runtime(form), service, name_space));
    }
}

bool is_own(const Certificates& now) { return !now.authority.certificate.empty(); }

Stored stored_of(const Certificates& now) {
    Stored stored;
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

Certificates renewed(Certificates now, const Decision& decision, const std::string& topology,
                     const std::vector<std::string>& names, const Policy& policy, TimePoint at) {
    if (decision.make_authority) {
        now.authority = certificates::make_authority(
            topology + "-ca", {at - kClockSkew, at + policy.authority_lifetime});
        // What servers show now was signed by one of these, and stays so until they read anew.
        const std::string& earlier =
            now.authorities.empty() ? now.served_authorities : now.authorities;
        now.authorities = bundle_of(now.authority.certificate, earlier, at);
    }
    if (decision.issue) {
        now.server = certificates::issue(now.authority, names,
                                         {at - kClockSkew, at + policy.server_lifetime});
    }
    if (decision.issue && decision.is_renewal) ++now.renewals;
    return now;
}

bool must_read_again(const Certificates& now, const std::string& shown,
                     std::optional<TimePoint> last_read, const Policy& policy, TimePoint at) {
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

}  // namespace chatflow::tls
