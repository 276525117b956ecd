#include "controller/domain/scaling/metric_context.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::scaling {

api::MetricOutcome no_data(std::string name, std::string_view reason, std::string message) {
    api::MetricOutcome outcome;
    outcome.name = std::move(name);
    outcome.verdict = api::MetricVerdict::NoData;
    outcome.reason = reason;
    outcome.message = std::move(message);
    return outcome;
}

void keep_direction(Proposal& proposal, const MetricContext& context) {
    if (!context.is_ours() || context.current() == 0) {
        return;
    }
    if (proposal.ratio > 1.0) {
        proposal.replicas = std::max(proposal.replicas, context.current());
    } else if (proposal.ratio < 1.0) {
        proposal.replicas = std::min(proposal.replicas, context.current());
    }
}

void conclude(api::MetricOutcome& outcome, const Proposal& proposal, const MetricContext& context,
              const MetricStory& story) {
    outcome.proposal = proposal.replicas;
    outcome.verdict = proposal.replicas > context.current()   ? api::MetricVerdict::ScaleUp
                      : proposal.replicas < context.current() ? api::MetricVerdict::ScaleDown
                                                              : api::MetricVerdict::Hold;
    outcome.message = metric_message(story, proposal);
}

std::int32_t age_of(TimePoint at, TimePoint now) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - at);
    return capped_to_int32(std::max<std::int64_t>(age.count(), 0));
}

}  // namespace chatflow::scaling
