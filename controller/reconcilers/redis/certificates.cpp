#include "controller/domain/redis/names.hpp"
#include "controller/domain/tls/secrets.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"
#include "libs/base/base64.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kCallTimeout = 2s;
// Where the Secret is mounted; pod_templates.cpp does it.
constexpr const char* kFolder = "/etc/chatflow/tls";

kube::Resource secret(const api::RedisTopology& topology, std::string name) {
    return kube::core_resource("secrets", topology.metadata.name_space, std::move(name));
}

std::string event_of(const tls::Decision& decision) {
    return decision.make_authority ? "AuthorityMade" : "CertificateMade";
}

}  // namespace

awaitable<Certificates> RedisReconciler::read_certificates(const api::RedisTopology& topology,
                                                           Deadline deadline) {
    if (!topology.spec.tls.enabled) co_return Certificates{};
    const auto server =
        co_await parts_.kube.get(secret(topology, tls_secret_of(topology)), deadline);
    if (!topology.spec.tls.existing_secret.empty()) co_return tls::given_in(server);
    const auto authority = co_await parts_.kube.get(
        secret(topology, tls::authority_secret_of(topology.metadata.name)), deadline);
    co_return tls::kept_in(server, authority);
}

awaitable<std::string> RedisReconciler::trusted_authorities(const api::RedisTopology& topology,
                                                            Certificates stored,
                                                            Deadline deadline) {
    if (topology.spec.tls.existing_secret.empty()) co_return stored.authorities;
    const std::string name = tls::authority_secret_of(topology.metadata.name);
    const auto kept = co_await parts_.kube.get(secret(topology, name), deadline);
    const std::string earlier = tls::given_in(kept).authorities;
    std::string all = tls::bundle_of(stored.authorities, earlier, parts_.clock.now());
    if (all != earlier && !topology.spec.paused) {
        auto object = encoded_secret(topology, name, {{"ca.crt", encode_base64(all)}}, {});
        co_await apply_object(topology, std::move(object), deadline);
    }
    co_return all;
}

awaitable<std::optional<Verdict>> RedisReconciler::keep_certificates(
    const api::RedisTopology& topology, Certificates stored, Credentials credentials,
    const Observed& seen, Memory& memory, Deadline deadline, Log log) {
    if (!topology.spec.tls.enabled) co_return std::nullopt;
    const TimePoint now = parts_.clock.now();
    std::string waits_for;
    if (!topology.spec.tls.existing_secret.empty()) {
        waits_for = fmt::format("There is no Secret {}.", topology.spec.tls.existing_secret);
    } else if (!has_all_addresses(topology, seen)) {
        waits_for = "It waits for the addresses of the Services.";
    } else {
        const auto names = certificate_names(topology, seen);
        const tls::Decision decision =
            tls::decide(tls::stored_of(stored), names, parts_.certificates, now);
        waits_for = decision.waits_for;
        if (decision.make_authority || decision.issue) {
            stored = tls::renewed(std::move(stored), decision, topology.metadata.name, names,
                                  parts_.certificates, now);
            co_await write_certificates(topology, stored, deadline);
            parts_.metrics.acted(topology, event_of(decision));
            tell(topology, false, event_of(decision), decision.reason, log);
        } else if (stored.served_authorities != stored.authorities) {
            // Somebody, or a controller that ended between the two, left them different.
            co_await write_certificates(topology, stored, deadline);
        }
    }
    const auto outdated =
        co_await load_certificates(stored, std::move(credentials), seen, memory, deadline);
    co_return tls::certificate_valid(stored, waits_for, outdated, now);
}

awaitable<void> RedisReconciler::write_certificates(const api::RedisTopology& topology,
                                                    Certificates made, Deadline deadline) {
    // The authority first: what it has signed is worth nothing without it.
    auto authority = encoded_secret(topology, tls::authority_secret_of(topology.metadata.name),
                                    tls::secret_data(made.authority, made.authorities), {});
    co_await apply_object(topology, std::move(authority), deadline);
    auto server = encoded_secret(topology, tls_secret_of(topology),
                                 tls::secret_data(made.server, made.authorities),
                                 {{kRenewalsAnnotation, std::to_string(made.renewals)}});
    co_await apply_object(topology, std::move(server), deadline);
}

awaitable<std::vector<std::string>> RedisReconciler::load_certificates(const Certificates& stored,
                                                                       Credentials credentials,
                                                                       const Observed& seen,
                                                                       Memory& memory,
                                                                       Deadline deadline) {
    std::vector<std::string> outdated;
    const auto facts = certificates::facts_of(stored.server.certificate);
    for (std::size_t i = 0; facts && i < seen.nodes.size(); ++i) {
        const auto pod = std::ranges::find(seen.pods, seen.addresses[i].name, &PodView::name);
        if (pod == seen.pods.end() || seen.nodes[i].role == NodeRole::Unreachable) continue;
        const auto call = deadline.but_within(kCallTimeout);
        try {
            const std::string shown =
                co_await shown_certificate(seen.nodes[i].endpoint, credentials, call);
            if (shown != facts->fingerprint) outdated.push_back(pod->name);
            std::optional<TimePoint> last;
            if (const auto known = memory.certificates_read.find(pod->uid);
                known != memory.certificates_read.end()) {
                last = known->second;
            }
            if (!tls::must_read_again(stored, shown, last, parts_.certificates, seen.now)) continue;
            memory.certificates_read[pod->uid] = seen.now;
            co_await reread_certificates(seen.nodes[i].endpoint, credentials, kFolder, call);
        } catch (const redis::Error&) {
            // It has just gone away, or caught the files between the old and the new ones.
        }
    }
    co_return outdated;
}

}  // namespace chatflow
