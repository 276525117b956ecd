#include "controller/domain/postgres/member_pool.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/base64.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace chatflow {

using nlohmann::json;

namespace {

// Of one member: another one is asked then.
constexpr std::chrono::seconds kMemberAnswers{2};

const std::string* label(const api::Pod& pod, const std::string& key) {
    const auto found = pod.labels->find(key);
    return found == pod.labels->end() ? nullptr : &found->second;
}

postgres::SeenPod seen_pod(const api::Pod& pod) {
    const std::string* pool = label(pod, std::string(postgres::kPoolLabel));
    const std::string* revision = label(pod, "controller-revision-hash");
    return {.name = pod.metadata.name,
            .node = *pod.node_name,
            .is_read_replica = pool != nullptr && *pool == postgres::kReadPool,
            .is_ready = pod.ready == api::ReadyStatus::True,
            .is_terminating = pod.metadata.deletion_timestamp.has_value(),
            .is_held_back = pod.is_held_back,
            .revision = revision != nullptr ? *revision : "",
            .wanted_revision = ""};
}

bool is_pooler(const api::Pod& pod) {
    const std::string* pool = label(pod, std::string(postgres::kPoolLabel));
    return pool != nullptr && *pool == postgres::kPoolerPool;
}

bool is_reachable(const api::Pod& pod) {
    return !pod.pod_ip.empty() && !pod.metadata.deletion_timestamp;
}

pooler::Pod pooler_pod(const api::Pod& pod) {
    return {.name = pod.metadata.name, .ip = pod.pod_ip, .console_password = ""};
}

kube::Resource secret_of(const api::ObjectMeta& meta, std::string name) {
    return kube::core_resource("secrets", meta.name_space, std::move(name));
}

kube::Resource stateful_set(const api::ObjectMeta& meta, std::string name) {
    return {.group = "apps",
            .version = "v1",
            .plural = "statefulsets",
            .name_space = meta.name_space,
            .name = std::move(name),
            .subresource = ""};
}

/// What the pods should be of, once the StatefulSet's controller has seen the template.
std::string wanted_revision(const json& set) {
    const json status = set.value("status", json::object());
    const auto generation = set.at("metadata").value("generation", std::int64_t{0});
    if (status.value("observedGeneration", std::int64_t{-1}) != generation) return "";
    return status.value("updateRevision", "");
}

std::optional<api::Quantity> volume_of(const json& set) {
    static const json::json_pointer kSize(
        "/spec/volumeClaimTemplates/0/spec/resources/requests/storage");
    if (!set.contains(kSize)) return std::nullopt;
    return api::Quantity::parse(set.at(kSize).get<std::string>());
}

// Patroni names each connection after its member.
constexpr const char* kLsns =
    "SELECT application_name AS name, flush_lsn::text AS lsn FROM pg_stat_replication "
    "WHERE flush_lsn IS NOT NULL UNION ALL SELECT '', pg_current_wal_flush_lsn()::text";

}  // namespace

awaitable<std::optional<ObservedTopology>> PostgresReconciler::gather(api::ObjectKey key,
                                                                      Deadline deadline) {
    const auto found = parts_.topologies.find(key);
    if (!found || found->metadata.deletion_timestamp) co_return std::nullopt;
    ObservedTopology seen{.topology = *found};
    seen.topology.status = memory_of(*found).status;
    seen.seen.now = parts_.clock.now();
    if (seen.topology.spec.image.empty()) seen.topology.spec.image = parts_.image;
    if (auto& pooler = seen.topology.spec.pooler; pooler && pooler->image.empty()) {
        pooler->image = parts_.pooler_image;
    }
    if (!found->spec_errors.empty()) co_return seen;

    const api::LabelSelector ours{.match_labels = postgres::pod_labels(key.name),
                                  .match_expressions = {}};
    for (const auto& pod : parts_.pods.select(key.name_space, ours)) {
        if (is_pooler(*pod)) {
            if (is_reachable(*pod)) seen.poolers.push_back(pooler_pod(*pod));
            continue;
        }
        seen.seen.pods.push_back(seen_pod(*pod));
        if (!pod->pod_ip.empty()) seen.addresses[pod->metadata.name] = pod->pod_ip;
    }
    std::ranges::sort(seen.seen.pods, {}, &postgres::SeenPod::name);
    co_await read_sets(seen, deadline);
    co_await read_passwords(seen, deadline);
    co_await read_certificates(seen, deadline);
    co_await ask_patroni(seen, deadline);
    seen.existing.members = postgres::member_pool(seen.topology, seen.seen, seen.members_there);
    co_await ask_primary(seen, deadline);
    co_await drain_readers(seen, deadline);
    co_await ask_poolers(seen, deadline);
    seen.seen.now = parts_.clock.now();
    co_return seen;
}

awaitable<void> PostgresReconciler::read_sets(ObservedTopology& seen, Deadline deadline) {
    const api::ObjectMeta& meta = seen.topology.metadata;
    const auto members = co_await parts_.kube.get(stateful_set(meta, meta.name), deadline);
    const auto readers =
        co_await parts_.kube.get(stateful_set(meta, postgres::read_pool(meta.name)), deadline);
    if (members) {
        seen.existing.member_volume = volume_of(*members);
        seen.members_there = members->at("spec").value("replicas", 0);
    }
    if (readers) {
        seen.existing.read_volume = volume_of(*readers);
        seen.readers_there = readers->at("spec").value("replicas", 0);
    }
    for (postgres::SeenPod& pod : seen.seen.pods) {
        const auto& set = pod.is_read_replica ? readers : members;
        if (set) pod.wanted_revision = wanted_revision(*set);
    }
}

awaitable<void> PostgresReconciler::read_passwords(ObservedTopology& seen, Deadline deadline) {
    const api::ObjectMeta& meta = seen.topology.metadata;
    const auto text_of = [](const json& secret, const char* name) {
        const auto text = secret.value("data", json::object()).value(name, "");
        return decode_base64(text).value_or("");
    };
    const auto secret = co_await parts_.kube.get(
        secret_of(meta, postgres::credentials_secret(meta.name)), deadline);
    if (secret) {
        seen.passwords = {.superuser = text_of(*secret, "superuser-password"),
                          .replication = "",
                          .rewind = "",
                          .rest_api = text_of(*secret, "rest-password")};
    }
    if (!seen.topology.spec.pooler) co_return;
    const auto pooler =
        co_await parts_.kube.get(secret_of(meta, postgres::pooler_object(meta.name)), deadline);
    if (!pooler) co_return;
    seen.pooler_passwords = {.lookup = text_of(*pooler, "lookup-password"),
                             .console = text_of(*pooler, "console-password")};
}

awaitable<void> PostgresReconciler::ask_patroni(ObservedTopology& seen, Deadline deadline) {
    // The last primary first: what it says is the newest.
    std::vector<std::string> names;
    for (const auto& [name, address] : seen.addresses) names.push_back(name);
    std::ranges::stable_partition(names, [&](const std::string& name) {
        return name == seen.topology.status.current_primary;
    });
    for (const std::string& name : names) {
        const patroni::Member member{.address = {.ip = seen.addresses.at(name)},
                                     .password = seen.passwords.rest_api};
        const Deadline step = deadline.but_within(kMemberAnswers);
        try {
            seen.seen.cluster = co_await parts_.patroni.cluster(member, step);
            seen.answers = name;
            seen.settings = co_await parts_.patroni.settings(member, step);
            co_return;
        } catch (const clients::TransportError& error) {
            seen.seen.silence = error.what();
        } catch (const DeadlineExceeded& error) {
            seen.seen.silence = error.what();
        } catch (const patroni::Refused& error) {
            // No settings before the first primary has written them.
            if (seen.seen.cluster) co_return;
            seen.seen.silence = error.what();
        }
    }
}

awaitable<void> PostgresReconciler::ask_primary(ObservedTopology& seen, Deadline deadline) {
    const auto primary = primary_of(seen);
    const auto* const leader = postgres::leader_of(seen.seen);
    if (!primary || leader == nullptr) co_return;
    const std::vector<std::string> questions{kLsns};
    try {
        const auto answers =
            co_await parts_.sql.run(*primary, questions, deadline.but_within(kMemberAnswers));
        for (const auto& row : answers.at(0)) {
            const std::string& name = row.at("name");
            seen.seen.lsns[name.empty() ? leader->name : name] = row.at("lsn");
        }
    } catch (const sql::Error&) {
        // They are not known then.
    }
}

}  // namespace chatflow
