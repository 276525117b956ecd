#pragma once

#include "controller/domain/redis/plan.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// A pod that is deleted so that it comes back with the new template, and why.
struct Replacement {
    std::string pod;
    bool is_sentinel = false;
    std::string reason;
    bool operator==(const Replacement&) const = default;
};

/// Of pods that have no process and whose template has changed since: they lose nothing, and wait
/// for an image or a node that they may never get.
[[nodiscard]] std::vector<Replacement> replacements_of_what_cannot_start(const Observed& seen);

}  // namespace chatflow::redis_topology
