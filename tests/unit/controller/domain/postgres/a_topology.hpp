#pragma once

#include "controller/domain/postgres/plan.hpp"
#include "controller/domain/postgres/status.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace chatflow::postgres {

inline constexpr TimePoint kStart{std::chrono::days{20'000}};

/// Three members, chat-0 the primary, the others its synchronous standbys, all healthy and up to
/// date.
/// Plays the part of the operator: a visit plans and writes the status.
struct ATopology {
    ATopology() {
        topology.metadata = {.name = "chat", .name_space = "default", .uid = "u", .generation = 1};
        seen.now = kStart;
        seen.cluster.emplace();
        for (int i = 0; i < 3; ++i) {
            const std::string name = "chat-" + std::to_string(i);
            seen.pods.push_back({.name = name,
                                 .node = "node-1",
                                 .is_ready = true,
                                 .revision = "r1",
                                 .wanted_revision = "r1"});
            seen.cluster->members.push_back({.name = name,
                                             .role = "replica",
                                             .state = "streaming",
                                             .timeline = 1,
                                             .lag_bytes = 0});
        }
        lead("chat-0");
    }

    api::PatroniMember& member(std::size_t index) { return seen.cluster->members.at(index); }

    void lead(const std::string& leader) {
        for (api::PatroniMember& m : seen.cluster->members) {
            const bool is_leader = m.name == leader;
            m.role = is_leader ? "leader" : "quorum_standby";
            m.state = is_leader ? "running" : "streaming";
            if (is_leader) {
                m.lag_bytes.reset();
            } else {
                m.lag_bytes = 0;
            }
        }
    }

    void add_reader() {
        const std::string name = "chat-read-0";
        seen.pods.push_back({.name = name,
                             .node = "node-2",
                             .is_read_replica = true,
                             .is_ready = true,
                             .revision = "r1",
                             .wanted_revision = "r1"});
        seen.cluster->members.push_back(
            {.name = name, .role = "replica", .state = "streaming", .timeline = 1, .lag_bytes = 0});
        topology.spec.read_replicas = 1;
    }

    void change_template() {
        for (SeenPod& pod : seen.pods) pod.wanted_revision = "r2";
    }

    Plan visit() {
        Plan plan = plan_next(topology, seen);
        topology.status = next_status(topology, seen, plan);
        return plan;
    }

    /// The first step that comes within so many seconds, by visits each second.
    Plan visit_for(int seconds) {
        for (int i = 0; i < seconds; ++i) {
            if (Plan plan = visit(); plan.step) return plan;
            seen.now += std::chrono::seconds{1};
        }
        return {};
    }

    api::PostgresTopology topology;
    Seen seen;
};

}  // namespace chatflow::postgres
