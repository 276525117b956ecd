#include "controller/clients/kube/api.hpp"
#include "controller/domain/objects/common.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/tls.hpp"
#include "controller/domain/tls/secrets.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "libs/async/with_deadline.hpp"

#include <chrono>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {

using nlohmann::json;

namespace {

// Of one pod: the others are asked even so.
constexpr std::chrono::seconds kPodAnswers{2};
// Each look is a connection to each pod; while a certificate is on its way, every visit looks.
constexpr std::chrono::seconds kLookPeriod{30};

kube::Resource secret(const api::ObjectMeta& topology, std::string name) {
    return kube::core_resource("secrets", topology.name_space, std::move(name));
}

api::Manifest tls_secret(const api::PostgresTopology& topology, const std::string& name,
                         const certificates::Pair& pair, const std::string& authorities) {
    const std::string& owner = topology.metadata.name;
    auto made =
        api::secret(objects::owned_meta<api::PostgresTopology>(
                        topology.metadata, name,
                        objects::with_common(postgres::pod_labels(owner), owner, "postgresql")),
                    json::object());
    made.object.erase("stringData");
    made.object["data"] = tls::secret_data(pair, authorities);
    return made;
}

}  // namespace

awaitable<void> PostgresReconciler::read_certificates(ObservedTopology& seen, Deadline deadline) {
    const api::PostgresTopology& topology = seen.topology;
    if (!topology.spec.tls.enabled) co_return;
    const auto server = co_await parts_.kube.get(
        secret(topology.metadata, postgres::tls_secret_of(topology)), deadline);
    if (!topology.spec.tls.existing_secret.empty()) {
        seen.certificates = tls::given_in(server);
        co_return;
    }
    const auto authority = co_await parts_.kube.get(
        secret(topology.metadata, tls::authority_secret_of(topology.metadata.name)), deadline);
    seen.certificates = tls::kept_in(server, authority);
}

awaitable<void> PostgresReconciler::keep_certificates(ObservedTopology& seen, Deadline deadline,
                                                      const Log& log) {
    const api::PostgresTopology& topology = seen.topology;
    if (!topology.spec.tls.enabled) co_return;
    tls::Certificates& stored = seen.certificates;
    std::string waits_for;
    if (!topology.spec.tls.existing_secret.empty()) {
        waits_for = fmt::format("There is no Secret {}.", topology.spec.tls.existing_secret);
    } else {
        const auto names = postgres::certificate_names(topology);
        const tls::Decision decision =
            tls::decide(tls::stored_of(stored), names, parts_.certificates, seen.seen.now);
        waits_for = decision.waits_for;
        if (decision.make_authority || decision.issue) {
            stored = tls::renewed(std::move(stored), decision, topology.metadata.name, names,
                                  parts_.certificates, seen.seen.now);
            co_await write_certificates(seen, deadline);
            const std::string event = decision.make_authority ? "AuthorityMade" : "CertificateMade";
            parts_.exported.acted(key_of(topology.metadata), event);
            tell(topology, {event, decision.reason, false}, log);
        } else if (stored.served_authorities != stored.authorities) {
            // Somebody, or a controller that ended between the two, left them different.
            co_await write_certificates(seen, deadline);
        }
    }
    const auto outdated = co_await load_certificates(seen, deadline);
    seen.seen.certificate =
        tls::certificate_valid(seen.certificates, waits_for, outdated, seen.seen.now);
}

awaitable<void> PostgresReconciler::write_certificates(const ObservedTopology& seen,
                                                       Deadline deadline) {
    const api::PostgresTopology& topology = seen.topology;
    const tls::Certificates& made = seen.certificates;
    // The authority first: what it has signed is worth nothing without it.
    const std::string authority = tls::authority_secret_of(topology.metadata.name);
    co_await apply_secret(tls_secret(topology, authority, made.authority, made.authorities),
                          topology.metadata.name_space, deadline);
    co_await apply_secret(
        tls_secret(topology, postgres::tls_secret_of(topology), made.server, made.authorities),
        topology.metadata.name_space, deadline);
}

awaitable<std::vector<std::string>> PostgresReconciler::load_certificates(
    const ObservedTopology& seen, Deadline deadline) {
    Memory& memory = memory_of(seen.topology);
    const auto facts = certificates::facts_of(seen.certificates.server.certificate);
    const bool is_time = seen.seen.now - memory.looked_at_certificates >= kLookPeriod;
    if (!facts || (!is_time && memory.outdated.empty())) co_return memory.outdated;
    memory.looked_at_certificates = seen.seen.now;
    std::vector<std::string> outdated;
    std::set<std::string> asked;
    // Poolers first: they have to trust an authority before servers show what it has signed.
    for (const pooler::Pod& pod : seen.poolers) {
        auto show = [this, pod](Deadline limit) {
            return parts_.pooler.shown_certificate(pod, limit);
        };
        auto read = [this, pod](Deadline limit) { return parts_.pooler.reload(pod, limit); };
        const std::string key = *asked.insert(pod.name + "/" + pod.ip).first;
        const bool is_new = co_await load_certificate(seen, key, show, read, deadline);
        if (!is_new) outdated.push_back(pod.name);
    }
    for (const auto& [name, address] : seen.addresses) {
        if (seen.passwords.superuser.empty()) break;
        const sql::Server server = server_at(seen, address);
        auto show = [this, server](Deadline limit) {
            return parts_.sql.shown_certificate(server, limit);
        };
        auto read = [this, server](Deadline limit) -> awaitable<void> {
            co_await parts_.sql.run(server, {"SELECT pg_reload_conf()"}, limit);
        };
        const std::string key = *asked.insert(name + "/" + address).first;
        const bool is_new = co_await load_certificate(seen, key, show, read, deadline);
        if (!is_new) outdated.push_back(name);
    }
    Memory& after = memory_of(seen.topology);
    after.outdated = outdated;
    std::erase_if(after.certificates_read,
                  [&asked](const auto& read) { return !asked.contains(read.first); });
    co_return outdated;
}

awaitable<bool> PostgresReconciler::load_certificate(
    const ObservedTopology& seen, std::string pod,
    std::function<awaitable<std::string>(Deadline)> show,
    std::function<awaitable<void>(Deadline)> read, Deadline deadline) {
    const auto facts = certificates::facts_of(seen.certificates.server.certificate);
    try {
        const std::string shown = co_await show(deadline.but_within(kPodAnswers));
        // Whoever told it before is unknown: an operator that is new tells it once more.
        const TimePoint last = memory_of(seen.topology).certificates_read[pod];
        if (tls::must_read_again(seen.certificates, shown, last, parts_.certificates,
                                 seen.seen.now)) {
            co_await read(deadline.but_within(kPodAnswers));
            memory_of(seen.topology).certificates_read[pod] = seen.seen.now;
        }
        co_return shown == facts->fingerprint;
    } catch (const sql::Error&) {
        // It has just gone away, or is still to come: it reads what there is then.
    }
    co_return true;
}

}  // namespace chatflow
