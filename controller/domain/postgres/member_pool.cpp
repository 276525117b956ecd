#include "controller/domain/postgres/member_pool.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::postgres {

namespace {

// The highest number of members that a spec may have, and may have had.
constexpr std::int32_t kMembersMax = 9;

std::string member(const api::PostgresTopology& topology, std::int32_t ordinal) {
    return fmt::format("{}-{}", topology.metadata.name, ordinal);
}

bool is_there_and_well(const Seen& seen, const std::string& name) {
    const SeenPod* pod = find_pod(seen, name);
    const api::PatroniMember* member = find_member(seen, name);
    return pod != nullptr && !pod->is_terminating && member != nullptr && is_healthy(*member);
}

}  // namespace

bool is_surplus(const api::PostgresTopology& topology, const std::string& pod) {
    for (std::int32_t ordinal = topology.spec.members; ordinal < kMembersMax; ++ordinal) {
        if (pod == member(topology, ordinal)) return true;
    }
    return false;
}

std::int32_t member_pool(const api::PostgresTopology& topology, const Seen& seen,
                         std::int32_t existing) {
    const std::int32_t wanted = topology.spec.members;
    // What was there before hibernation has no pods that could be lost.
    if (existing <= wanted || topology.spec.hibernated) return wanted;
    const std::int32_t last = existing - 1;
    // The one before it is still on its way out.
    if (find_pod(seen, member(topology, existing)) != nullptr) return existing;
    const api::PatroniMember* leader = leader_of(seen);
    if (leader == nullptr || leader->name == member(topology, last)) return existing;
    for (std::int32_t ordinal = 0; ordinal < last; ++ordinal) {
        const std::string name = member(topology, ordinal);
        if (is_surplus(topology, name) || is_fenced(topology, name)) continue;
        if (!is_there_and_well(seen, name)) return existing;
    }
    return last;
}

}  // namespace chatflow::postgres
