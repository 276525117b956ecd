#include "controller/domain/redis/replacement.hpp"

namespace chatflow::redis_topology {
namespace {

bool cannot_start(const PodView& pod, const std::string& revision) {
    const bool is_old = !revision.empty() && !pod.revision.empty() && pod.revision != revision;
    return is_old && !pod.runs && !pod.ready && !pod.leaving;
}

}  // namespace

std::vector<Replacement> replacements_of_what_cannot_start(const Observed& seen) {
    std::vector<Replacement> found;
    const auto look = [&found](const std::vector<PodView>& pods, const std::string& revision,
                               bool is_sentinel) {
        for (const PodView& pod : pods) {
            if (!cannot_start(pod, revision)) continue;
            found.push_back(
                {pod.name, is_sentinel, "it cannot start, and its template has changed"});
        }
    };
    look(seen.pods, seen.revision, false);
    look(seen.sentinel_pods, seen.sentinel_revision, true);
    return found;
}

}  // namespace chatflow::redis_topology
