#pragma once

#include "controller/api/patroni_cluster.hpp"
#include "controller/api/postgres_topology.hpp"
#include "controller/domain/tls/kept.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::postgres {

struct SeenPod {
    std::string name;
    std::string node;
    bool is_read_replica = false;
    bool is_ready = false;
    bool is_terminating = false;
    bool is_held_back = false;  // its kubelet waits before it starts the container once more
    /// Of the template that the pod was made from, and of the one it should be made from.
    std::string revision;
    std::string wanted_revision;
    bool operator==(const SeenPod&) const = default;
};

struct Seen {
    TimePoint now{};
    std::vector<SeenPod> pods;
    std::optional<api::PatroniCluster> cluster;        // none: no member answers
    std::optional<api::PostgresPoolerStatus> pooler;   // none: there is none
    std::optional<api::PostgresBackupStatus> backups;  // none: none are asked for
    std::vector<api::PostgresIndexHint> index_hints;
    std::optional<tls::Verdict> certificate;  // none: without spec.tls
    std::vector<std::string> draining;        // read replicas that are to go
    std::vector<std::string> refused;         // what the API server or Patroni does not take
    std::map<std::string, std::string> lsns;  // of standbys that stream, and of the primary
    std::string silence;                      // what the last one that was asked said instead
};

enum class StepKind { RestartPod, RestartServer, Switchover, Reinitialize };
[[nodiscard]] std::string_view to_string(StepKind kind);

/// What to do now, one thing at a time. The client carries it out; event, log line and status entry
/// are made from it.
struct Step {
    StepKind kind = StepKind::RestartPod;
    std::string instance;               // for Switchover the primary that hands over
    std::optional<std::string> target;  // of a Switchover; none: Patroni chooses
    std::string reason;                 // a sentence
    bool operator==(const Step&) const = default;
};

struct Plan {
    std::optional<Step> step;
    /// A requestID that is carried out with the step, or that needs nothing any more.
    std::string finished_switchover;
    std::string waiting_for;  // why something that is due has to wait; empty: nothing waits
    bool operator==(const Plan&) const = default;
};

/// The next step towards the spec: a switchover that was asked for, healing, then changes that need
/// a restart: read replicas, standbys, the old primary last. Never elects: without a primary it
/// waits for Patroni. `topology.status` is what was written last.
[[nodiscard]] Plan plan_next(const api::PostgresTopology& topology, const Seen& seen);

/// healing.maxPerHour counts so far back.
inline constexpr std::chrono::hours kHealingWindow{1};

inline constexpr std::string_view kFenced = "fenced";             // ours, of an instance
inline constexpr std::string_view kCloning = "creating replica";  // Patroni's word

[[nodiscard]] bool is_fenced(const api::PostgresTopology& topology, const std::string& name);
/// What is fenced or about to go is neither healed nor changed, and nobody waits for it.
[[nodiscard]] bool is_left_alone(const api::PostgresTopology& topology, const Seen& seen,
                                 const std::string& name);

/// A primary that runs, a standby that streams. One that runs and does not stream for long has lost
/// its way: its WAL may be another than the primary's.
[[nodiscard]] bool is_healthy(const api::PatroniMember& member);
[[nodiscard]] bool is_cloning(const api::PatroniMember& member);
[[nodiscard]] const api::PatroniMember* leader_of(const Seen& seen);
[[nodiscard]] const api::PatroniMember* find_member(const Seen& seen, const std::string& name);
[[nodiscard]] const SeenPod* find_pod(const Seen& seen, const std::string& name);

}  // namespace chatflow::postgres
