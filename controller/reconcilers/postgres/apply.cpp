#include "controller/clients/kube/api.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "controller/reconcilers/postgres/random_password.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace chatflow {

using nlohmann::json;

namespace {

constexpr const char* kObjectManager = "chatflow-postgres";
constexpr const char* kStatusManager = "chatflow-status";
// What others changed or deleted in the meantime is put right this often.
constexpr std::chrono::minutes kApplyAgain{2};
// A lag that moves by less is not worth a write of its own.
constexpr std::int64_t kLagWorthWriting = std::int64_t{1} << 20;
constexpr std::chrono::minutes kArchivedWorthWriting{5};
constexpr std::size_t kWordsMax = 400;  // of one refusal

kube::Resource resource_of(const api::Manifest& manifest, const std::string& name_space) {
    return {.group = manifest.group,
            .version = manifest.version,
            .plural = manifest.plural,
            .name_space = name_space,
            .name = manifest.name(),
            .subresource = ""};
}

kube::Resource core(const std::string& plural, const std::string& name_space, std::string name) {
    return kube::core_resource(plural, name_space, std::move(name));
}

/// Whether the same will be refused again.
bool is_lasting(const kube::ApiError& error) {
    return error.code() >= 400 && error.code() < 500 && error.code() != 429 && !error.is_conflict();
}

std::string words_of(const kube::ApiError& error) {
    return std::string(cut(error.message(), kWordsMax));
}

bool is_near(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b) {
    return a.has_value() == b.has_value() && (!a || std::abs(*a - *b) < kLagWorthWriting);
}

bool worth_writing(const api::PostgresTopologyStatus& before, api::PostgresTopologyStatus after) {
    if (is_near(before.lag_bytes_max, after.lag_bytes_max)) {
        after.lag_bytes_max = before.lag_bytes_max;
    }
    for (std::size_t i = 0; i < std::min(before.instances.size(), after.instances.size()); ++i) {
        if (is_near(before.instances[i].lag_bytes, after.instances[i].lag_bytes)) {
            after.instances[i].lag_bytes = before.instances[i].lag_bytes;
        }
        // It moves with every write.
        if (before.instances[i].lsn.empty() == after.instances[i].lsn.empty()) {
            after.instances[i].lsn = before.instances[i].lsn;
        }
    }
    // Counts of connections move all the time.
    if (before.pooler && after.pooler && before.pooler->ready == after.pooler->ready &&
        before.pooler->paused == after.pooler->paused) {
        after.pooler = before.pooler;
    }
    if (before.backups && after.backups && before.backups->archived_at &&
        after.backups->archived_at &&
        *after.backups->archived_at - *before.backups->archived_at < kArchivedWorthWriting) {
        after.backups->archived_at = before.backups->archived_at;
    }
    return before != after;
}

}  // namespace

awaitable<void> PostgresReconciler::tolerate(ObservedTopology& seen, awaitable<void> work,
                                             const Log& log) {
    try {
        co_await std::move(work);
    } catch (const kube::ApiError& error) {
        log.warning("The API server refuses", {{"error", error.what()}});
        if (is_lasting(error)) seen.seen.refused.push_back(words_of(error));
    }
}

awaitable<void> PostgresReconciler::apply_objects(ObservedTopology& seen, Deadline deadline,
                                                  const Log& log) {
    const api::PostgresTopology& topology = seen.topology;
    if (topology.spec.paused) co_return;
    if (seen.passwords.rest_api.empty()) co_await create_credentials(topology, deadline);
    if (topology.spec.pooler && seen.pooler_passwords.console.empty()) {
        co_await create_secret(postgres::pooler_secret(topology, {.lookup = random_password(),
                                                                  .console = random_password()}),
                               topology.metadata.name_space, deadline);
    }
    Memory& memory = memory_of(topology);
    const bool again = seen.seen.now - memory.applied_at >= kApplyAgain;
    for (const api::Manifest& manifest : postgres::desired_objects(topology, seen.existing)) {
        const std::size_t hash = std::hash<json>{}(manifest.object);
        const std::string path = manifest.path();
        const auto known = memory.applied.find(path);
        const bool is_change = known == memory.applied.end() || known->second != hash;
        if (!again && !is_change) continue;
        Refusal& refusal = memory.refused[path];
        const bool is_refused = !refusal.words.empty() && refusal.hash == hash;
        if (!is_refused || seen.seen.now - refusal.at >= kApplyAgain) {
            const std::string words =
                co_await apply_object(manifest, topology.metadata.name_space, deadline);
            refusal = {.hash = hash, .at = seen.seen.now, .words = words};
            if (!words.empty()) log.warning("Object refused", {{"object", path}, {"error", words}});
        }
        if (!refusal.words.empty()) {
            seen.seen.refused.push_back(refusal.words);
            continue;
        }
        memory.refused.erase(path);
        if (is_change) log.info("Applied object", {{"object", path}});
        memory.applied[path] = hash;
    }
    if (again) {
        memory.applied_at = seen.seen.now;
        for (const api::Manifest& manifest : postgres::unwanted_objects(topology)) {
            co_await parts_.kube.remove(resource_of(manifest, topology.metadata.name_space), {},
                                        deadline);
        }
    }
}

awaitable<std::string> PostgresReconciler::apply_object(const api::Manifest& manifest,
                                                        std::string name_space, Deadline deadline) {
    try {
        co_await parts_.kube.apply(resource_of(manifest, name_space), manifest.object,
                                   {.field_manager = kObjectManager, .force = true}, deadline);
        co_return "";
    } catch (const kube::ApiError& error) {
        if (!is_lasting(error)) throw;
        co_return words_of(error);
    }
}

awaitable<void> PostgresReconciler::create_credentials(const api::PostgresTopology& topology,
                                                       Deadline deadline) {
    co_await create_secret(postgres::credentials(topology, {.superuser = random_password(),
                                                            .replication = random_password(),
                                                            .rewind = random_password(),
                                                            .rest_api = random_password()}),
                           topology.metadata.name_space, deadline);
}

awaitable<void> PostgresReconciler::create_secret(api::Manifest secret, std::string name_space,
                                                  Deadline deadline) {
    try {
        co_await parts_.kube.create(core("secrets", std::move(name_space), ""), secret.object,
                                    {.field_manager = kObjectManager}, deadline);
    } catch (const kube::ApiError& error) {
        if (!error.already_exists()) throw;
    }
}

awaitable<void> PostgresReconciler::apply_secret(api::Manifest secret, std::string name_space,
                                                 Deadline deadline) {
    co_await parts_.kube.apply(resource_of(secret, name_space), secret.object,
                               {.field_manager = kObjectManager, .force = true}, deadline);
}

awaitable<void> PostgresReconciler::grow_volumes(ObservedTopology& seen, Deadline deadline,
                                                 const Log& log) {
    const api::PostgresTopology& topology = seen.topology;
    if (topology.spec.paused || seen.seen.pods.empty()) co_return;
    Memory& memory = memory_of(topology);
    // Again and again: a volume that is made later has the template's size, and one that was not
    // grown may be another time.
    const bool is_due = memory.grown_generation != topology.metadata.generation ||
                        seen.seen.now - memory.grown_at >= kApplyAgain;
    if (is_due) {
        memory.grown_generation = topology.metadata.generation;
        memory.grown_at = seen.seen.now;
        std::vector<std::string> refused;
        for (const postgres::SeenPod& pod : seen.seen.pods) {
            std::string words = co_await grow_volume(topology, "data-" + pod.name, deadline, log);
            if (words.empty()) continue;
            if (!std::ranges::contains(memory.not_grown, words)) {
                tell(topology, {"VolumeNotGrown", words, true}, log);
            }
            refused.push_back(std::move(words));
        }
        memory.not_grown = std::move(refused);
    }
    for (const std::string& words : memory.not_grown) seen.seen.refused.push_back(words);
}

awaitable<std::string> PostgresReconciler::grow_volume(const api::PostgresTopology& topology,
                                                       std::string name, Deadline deadline,
                                                       const Log& log) {
    static const json::json_pointer kRequest("/spec/resources/requests/storage");
    const api::Quantity wanted = topology.spec.storage.size;
    const auto claim =
        core("persistentvolumeclaims", topology.metadata.name_space, std::move(name));
    const auto found = co_await parts_.kube.get(claim, deadline);
    if (!found || !found->contains(kRequest)) co_return "";
    const auto size = api::Quantity::parse(found->at(kRequest).get<std::string>());
    if (!size || size->milli() >= wanted.milli()) co_return "";
    json patch;
    patch[kRequest] = to_string(wanted);
    try {
        co_await parts_.kube.merge_patch(claim, patch, {.field_manager = kObjectManager}, deadline);
        log.info("Volume grows", {{"claim", claim.name}, {"size", to_string(wanted)}});
        co_return "";
    } catch (const kube::ApiError& error) {
        co_return fmt::format("{} cannot grow to {}: {}", claim.name, to_string(wanted),
                              words_of(error));
    }
}

awaitable<void> PostgresReconciler::write_settings(ObservedTopology& seen, Deadline deadline,
                                                   const Log& log) {
    if (!seen.settings || seen.topology.spec.paused || seen.passwords.rest_api.empty()) {
        co_return;
    }
    const json patch = postgres::settings_patch(
        *seen.settings, postgres::dynamic_settings(seen.topology.spec, seen.seen.draining));
    if (patch.is_null()) co_return;
    const patroni::Member member{.address = {.ip = seen.addresses.at(seen.answers)},
                                 .password = seen.passwords.rest_api};
    std::string failure;
    try {
        co_await parts_.patroni.patch_settings(member, patch, deadline);
        log.info("Changed Patroni's settings", {{"patch", patch.dump()}});
    } catch (const patroni::Refused& refused) {
        failure = refused.what();
    }
    if (failure.empty()) co_return;
    log.warning("Patroni refuses its settings", {{"error", failure}});
    seen.seen.refused.push_back("Patroni refuses its settings: " + failure);
}

awaitable<void> PostgresReconciler::report(const api::PostgresTopology& topology,
                                           api::PostgresTopologyStatus status, Deadline deadline,
                                           const Log& log) {
    Memory& memory = memory_of(topology);
    parts_.exported.observed(key_of(topology.metadata), status, memory.uses);
    if (!memory.is_unwritten && !worth_writing(memory.status, status)) co_return;
    for (const auto& note : postgres::events_between(memory.status, status)) {
        tell(topology, note, log);
    }
    json patch{{"apiVersion", api::api_version_of<api::PostgresTopology>()},
               {"kind", api::KindTraits<api::PostgresTopology>::kKind},
               {"metadata", {{"name", topology.metadata.name}}},
               {"status", api::to_json(status)}};
    kube::Api<api::PostgresTopology> topologies(parts_.kube, topology.metadata.name_space);
    // Also when the write fails: what was done must not be done again.
    memory.status = std::move(status);
    memory.is_unwritten = true;
    co_await topologies.apply_status(topology.metadata.name, std::move(patch),
                                     {.field_manager = kStatusManager, .force = true}, deadline);
    memory_of(topology).is_unwritten = false;
}

void PostgresReconciler::tell(const api::PostgresTopology& topology,
                              const postgres::EventNote& note, const Log& log) {
    if (note.is_warning) {
        log.warning(note.message, {{"reason", note.reason}});
    } else {
        log.info(note.message, {{"reason", note.reason}});
    }
    parts_.events.record(
        {.regarding = {.api_version = api::api_version_of<api::PostgresTopology>(),
                       .kind = std::string(api::KindTraits<api::PostgresTopology>::kKind),
                       .name_space = topology.metadata.name_space,
                       .name = topology.metadata.name,
                       .uid = topology.metadata.uid},
         .type = note.is_warning ? api::EventType::Warning : api::EventType::Normal,
         .reason = note.reason,
         .action = "Manage",
         .note = note.message});
}

}  // namespace chatflow
