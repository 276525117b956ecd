#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/plan.hpp"

#include <string>
#include <vector>

namespace chatflow::postgres {

/// The status after `plan` was carried out: `topology.status` is what was written last, so that
/// moments and counts go on from there and the same observation again changes nothing.
[[nodiscard]] api::PostgresTopologyStatus next_status(const api::PostgresTopology& topology,
                                                      const Seen& seen, const Plan& plan);

/// The status to write before Patroni is asked for a Switchover: whoever comes after an operator
/// that dies half-way goes by it. A requestID is so carried out at most once.
[[nodiscard]] api::PostgresTopologyStatus begun_status(const api::PostgresTopology& topology,
                                                       const Seen& seen, const Plan& plan);

/// For a spec that cannot be used.
[[nodiscard]] api::PostgresTopologyStatus stalled_status(const api::PostgresTopology& topology,
                                                         const std::string& reason,
                                                         const std::string& message, TimePoint now);

/// Whether it is amiss when no primary takes writes: there has been one, and it does not hibernate.
[[nodiscard]] bool is_expected_to_serve(const api::PostgresTopologyStatus& status);

struct EventNote {
    std::string reason;
    std::string message;
    bool is_warning = false;
    bool operator==(const EventNote&) const = default;
};

/// What is worth telling about the way from one status to the next: each change once.
[[nodiscard]] std::vector<EventNote> events_between(const api::PostgresTopologyStatus& before,
                                                    const api::PostgresTopologyStatus& after);

}  // namespace chatflow::postgres
