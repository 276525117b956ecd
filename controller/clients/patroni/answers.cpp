#include "controller/clients/patroni/answers.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace chatflow::patroni {

using nlohmann::json;

namespace {

constexpr std::size_t kMembersMax = 64;
constexpr std::size_t kPendingMax = 64;

std::string text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> number_at(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

/// Of numbers and booleans, too: Patroni gives values as they are in its store.
std::string words_at(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return "";
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<api::PendingChange> pending_of(const json& member) {
    std::vector<api::PendingChange> changes;
    const auto reasons = member.find("pending_restart_reason");
    if (reasons == member.end() || !reasons->is_object()) return changes;
    for (const auto& [parameter, change] : reasons->items()) {
        if (!change.is_object() || changes.size() == kPendingMax) continue;
        changes.push_back({.parameter = parameter,
                           .from = words_at(change, "old_value"),
                           .to = words_at(change, "new_value")});
    }
    return changes;
}

}  // namespace

std::optional<api::PatroniCluster> read_cluster(std::string_view body) {
    const json answer = json::parse(body, nullptr, false);
    if (!answer.is_object()) return std::nullopt;
    const auto members = answer.find("members");
    if (members == answer.end() || !members->is_array()) return std::nullopt;
    api::PatroniCluster cluster;
    for (const json& member : *members) {
        if (!member.is_object() || cluster.members.size() == kMembersMax) continue;
        api::PatroniMember read{.name = text_at(member, "name"),
                                .role = text_at(member, "role"),
                                .state = text_at(member, "state"),
                                .timeline = number_at(member, "timeline").value_or(0),
                                .lag_bytes = number_at(member, "lag")};
        const auto pending = member.find("pending_restart");
        read.pending_restart = pending != member.end() && *pending == true;
        read.pending = pending_of(member);
        // A pod that Patroni has not begun to tell of.
        if (read.state.empty()) read.state = "unknown";
        if (!read.name.empty()) cluster.members.push_back(std::move(read));
    }
    return cluster;
}

}  // namespace chatflow::patroni
