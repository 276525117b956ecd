#include "controller/domain/postgres/pending.hpp"

#include "controller/domain/postgres/plan.hpp"
#include "libs/base/number.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <ranges>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::postgres {

using api::PatroniMember;
using api::PendingChange;

namespace {

// "Hot Standby", Administrator's Overview, in PostgreSQL's manual.
constexpr std::array<std::string_view, 5> kCapacities{
    "max_connections", "max_locks_per_transaction", "max_prepared_transactions", "max_wal_senders",
    "max_worker_processes"};
constexpr std::size_t kNamedMax = 3;  // parameters in a sentence

bool is_lowered(const PendingChange& change) {
    if (!std::ranges::contains(kCapacities, change.parameter)) return false;
    const auto from = parse_number<long>(change.from);
    const auto to = parse_number<long>(change.to);
    return from && to && *to < *from;
}

bool waits_for_primary(const PendingChange& change, const PatroniMember& leader) {
    return is_lowered(change) &&
           std::ranges::contains(leader.pending, change.parameter, &PendingChange::parameter);
}

}  // namespace

std::vector<std::string> restartable(const api::PatroniCluster& cluster,
                                     const PatroniMember& leader) {
    std::vector<std::string> names;
    for (const PatroniMember& member : cluster.members) {
        if (!member.pending_restart) continue;
        const bool waits = &member != &leader && !member.pending.empty() &&
                           std::ranges::all_of(member.pending, [&](const PendingChange& change) {
                               return waits_for_primary(change, leader);
                           });
        if (!waits) names.push_back(member.name);
    }
    return names;
}

bool begins_with_primary(const PatroniMember& leader) {
    return std::ranges::any_of(leader.pending, is_lowered);
}

std::string restart_reason(const PatroniMember& member) {
    if (member.pending.empty()) return "a parameter needs a restart";
    std::vector<std::string> changes;
    for (const PendingChange& change : member.pending) {
        if (changes.size() == kNamedMax) {
            changes.emplace_back("…");
            break;
        }
        changes.push_back(fmt::format("{} {} -> {}", change.parameter, change.from, change.to));
    }
    return fmt::format("{} needs a restart", fmt::join(changes, ", "));
}

bool was_in_vain(const PatroniMember& member, const PatroniMember& leader,
                 const std::vector<api::PostgresAction>& actions, TimePoint now) {
    for (const api::PostgresAction& action : actions | std::views::reverse) {
        const bool is_restart = action.kind == to_string(StepKind::RestartServer);
        if (action.instance == member.name) {
            return is_restart && action.reason.starts_with(restart_reason(member)) &&
                   now - action.at < std::chrono::hours{1};
        }
        // What held the standby back may be gone with it.
        if (is_restart && action.instance == leader.name) return false;
    }
    return false;
}

}  // namespace chatflow::postgres
