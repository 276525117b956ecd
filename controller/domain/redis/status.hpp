#pragma once

#include "controller/domain/objects/verdict.hpp"
#include "controller/domain/redis/plan.hpp"

#include <optional>
#include <string>

namespace chatflow::redis_topology {

using objects::Verdict;

/// What applying has come to, beside the plan.
struct Outcome {
    std::string config_error;  // what a node answered to CONFIG SET; empty: none refused
    std::string step_error;    // why the last step of a cluster was not carried out
    // The pod's address that -rw leads to, "" for nowhere; nothing when nobody has looked.
    std::optional<std::string> writers_at;
    bool objects_changed = false;        // so that what was seen is older than what is wanted
    std::optional<Verdict> certificate;  // with spec.tls
    std::optional<Verdict> backup;       // with spec.backup
    std::optional<Verdict> restored;     // with spec.bootstrap
};

/// The status that follows from what was seen. Offsets move all the time, so they alone are no
/// reason to write: see worth_writing().
[[nodiscard]] api::RedisTopologyStatus next_status(const api::RedisTopology& topology,
                                                   const Observed& seen, const Plan& plan,
                                                   const Outcome& outcome);

/// Of a topology whose spec cannot be used.
[[nodiscard]] api::RedisTopologyStatus stalled_status(const api::RedisTopology& topology,
                                                      const std::string& message, TimePoint now);

[[nodiscard]] bool worth_writing(const api::RedisTopologyStatus& before,
                                 const api::RedisTopologyStatus& after);

}  // namespace chatflow::redis_topology
