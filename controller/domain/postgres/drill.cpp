#include "controller/domain/postgres/drill.hpp"

#include "libs/base/fnv1a.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace chatflow::postgres {

using api::PostgresDrill;
using api::PostgresDrillStatus;

namespace {

constexpr std::string_view kDrill = "-drill";
constexpr std::size_t kNameMax = 45;  // of a topology, by its own definition
constexpr std::size_t kHashDigits = 8;

// The same name in every version of the operator.
std::string hash_of(const std::string& text) {
    return fmt::format("{:08x}", static_cast<std::uint32_t>(fnv1a(text)));
}

bool is_running(const std::optional<PostgresDrillStatus>& status) {
    return status && !status->finished;
}

bool is_due(const PostgresDrill& drill, const std::optional<PostgresDrillStatus>& before,
            TimePoint now) {
    const bool is_asked =
        !drill.request_id.empty() && (!before || before->request_id != drill.request_id);
    if (is_asked) return true;
    if (drill.every_days == 0) return false;
    return !before || now - before->started >= std::chrono::days{drill.every_days};
}

PostgresDrillStatus ended(PostgresDrillStatus status, const char* outcome, std::string message,
                          TimePoint now) {
    status.finished = now;
    status.outcome = outcome;
    status.message = std::move(message);
    return status;
}

}  // namespace

std::string drill_name(const std::string& topology) {
    if (topology.size() + kDrill.size() <= kNameMax) return fmt::format("{}{}", topology, kDrill);
    const std::size_t kept = kNameMax - kDrill.size() - kHashDigits - 1;
    return fmt::format("{}-{}{}", topology.substr(0, kept), hash_of(topology), kDrill);
}

PostgresDrillStatus refused_drill(PostgresDrillStatus begun, const std::string& words,
                                  TimePoint now) {
    return ended(std::move(begun), "Failed", "it was refused: " + words, now);
}

DrillPlan plan_drill(const std::optional<PostgresDrill>& drill,
                     const std::optional<PostgresDrillStatus>& before, bool has_backup,
                     const SeenDrill& seen, TimePoint now) {
    if (!is_running(before)) {
        if (seen.exists && before) return {.work = DrillWork::Delete, .status = before};
        if (!drill || !has_backup || seen.exists || !is_due(*drill, before, now)) {
            return {.work = DrillWork::None, .status = before};
        }
        PostgresDrillStatus status{.request_id = drill->request_id,
                                   .started = now,
                                   .finished = std::nullopt,
                                   .outcome = "Running",
                                   .message = "a topology is being restored"};
        if (before) status.last_succeeded = before->last_succeeded;
        return {.work = DrillWork::Create, .status = std::move(status)};
    }
    const auto took = std::chrono::round<std::chrono::seconds>(now - before->started);
    if (!drill) {
        return {.work = DrillWork::Delete,
                .status = ended(*before, "Failed", "it is no longer asked for", now)};
    }
    if (seen.is_primary_available) {
        auto status =
            ended(*before, "Succeeded",
                  fmt::format("the restored primary took writes after {} s", took.count()), now);
        status.last_succeeded = now;
        return {.work = DrillWork::Delete, .status = std::move(status)};
    }
    if (took >= std::chrono::minutes{drill->timeout_minutes}) {
        return {.work = DrillWork::Delete,
                .status =
                    ended(*before, "Failed",
                          fmt::format("no primary after {} s: {}", took.count(),
                                      seen.message.empty() ? "nothing was restored" : seen.message),
                          now)};
    }
    // Created, but not there: the write was lost, or someone deleted it.
    const DrillWork work = seen.exists ? DrillWork::None : DrillWork::Create;
    return {.work = work, .status = before};
}

api::PostgresTopologySpec drill_spec(const api::PostgresTopology& topology) {
    const api::PostgresTopologySpec& from = topology.spec;
    api::PostgresTopologySpec spec;
    spec.members = 1;
    spec.durability = api::Durability::None;
    spec.storage = from.storage;
    spec.resources = from.resources;
    spec.network_policy = from.network_policy;
    spec.image = from.image;
    spec.bootstrap =
        api::PostgresBootstrap{.recovery = api::PostgresRecovery{.source = topology.metadata.name,
                                                                 .target = from.backup->target,
                                                                 .target_time = std::nullopt}};
    return spec;
}

}  // namespace chatflow::postgres
