#pragma once

#include "controller/domain/postgres/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {

struct Healing {
    std::optional<Step> step;
    std::vector<std::string> waits;  // what would be due, and waits for
    bool operator==(const Healing&) const = default;
};

/// What helps an instance that has not streamed for long while `leader` runs: a new start of its
/// pod after half of healing.reinitAfterSeconds, a clone after all of it. A clone begins by
/// removing a copy of the data: one at a time, and only when another standby holds at least as
/// much. With two members there is no other one, and the primary alone has to do.
[[nodiscard]] Healing plan_healing(const api::PostgresTopology& topology, const Seen& seen,
                                   const api::PatroniMember& leader);

}  // namespace chatflow::postgres
