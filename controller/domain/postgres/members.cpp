#include "controller/domain/postgres/plan.hpp"

#include <algorithm>

namespace chatflow::postgres {

using api::PatroniMember;
using api::PostgresTopology;

bool is_fenced(const PostgresTopology& topology, const std::string& name) {
    return std::ranges::contains(topology.spec.fenced_instances, name);
}

bool is_left_alone(const PostgresTopology& topology, const Seen& seen, const std::string& name) {
    return is_fenced(topology, name) || std::ranges::contains(seen.draining, name);
}

std::string_view to_string(StepKind kind) {
    switch (kind) {
        case StepKind::RestartPod:
            return "RestartPod";
        case StepKind::RestartServer:
            return "RestartServer";
        case StepKind::Switchover:
            return "Switchover";
        case StepKind::Reinitialize:
            return "Reinitialize";
    }
    return {};
}

bool is_healthy(const PatroniMember& member) {
    return member.state == (member.role == "leader" ? "running" : "streaming");
}

bool is_cloning(const PatroniMember& member) { return member.state == kCloning; }

const PatroniMember* leader_of(const Seen& seen) {
    if (!seen.cluster) return nullptr;
    const auto found =
        std::ranges::find(seen.cluster->members, std::string("leader"), &PatroniMember::role);
    return found == seen.cluster->members.end() ? nullptr : &*found;
}

const PatroniMember* find_member(const Seen& seen, const std::string& name) {
    if (!seen.cluster) return nullptr;
    const auto found = std::ranges::find(seen.cluster->members, name, &PatroniMember::name);
    return found == seen.cluster->members.end() ? nullptr : &*found;
}

const SeenPod* find_pod(const Seen& seen, const std::string& name) {
    const auto found = std::ranges::find(seen.pods, name, &SeenPod::name);
    return found == seen.pods.end() ? nullptr : &*found;
}

}  // namespace chatflow::postgres
