#pragma once

#include "controller/api/core/lease.hpp"
#include "libs/base/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::cli {

class ClusterSession;

/// A sentence when none of the operators whose Leases these are acts any more, so that what a
/// status tells is as they left it. Nothing without a Lease, which a user may not see, and within
/// a minute: an operator is replaced, or this machine's clock is not the cluster's.
[[nodiscard]] std::optional<std::string> nobody_acts(const std::vector<api::Lease>& leases,
                                                     TimePoint now);

/// Asks the cluster, and says so on standard error. Says nothing when it gets no answer: whoever
/// reads a status has it already.
void warn_when_nobody_acts(ClusterSession& session);

}  // namespace chatflow::cli
