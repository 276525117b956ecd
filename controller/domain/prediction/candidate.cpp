#include "controller/domain/prediction/candidate.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::prediction {
namespace {

// A week of the same day's slot, and a month of the same weekday's.
constexpr std::size_t kPeriodsOfADay = 7;
constexpr std::size_t kPeriodsOfAWeek = 4;
constexpr std::size_t kSlotsOfAWeek = 2016;
// Loads below this many thousandths are all alike: a part of nothing says nothing.
constexpr double kLeastExpected = 10;

std::variant<SeasonalQuantile, HoltWinters> forecaster(api::PredictionModel model,
                                                       std::size_t period) {
    if (model == api::PredictionModel::HoltWinters) return HoltWinters(period);
    return SeasonalQuantile(period, period >= kSlotsOfAWeek ? kPeriodsOfAWeek : kPeriodsOfADay);
}

}  // namespace

std::int64_t pinball_loss(std::int64_t load, std::int64_t bound, std::int32_t coverage_percent) {
    return load > bound ? (load - bound) * coverage_percent
                        : (bound - load) * (100 - coverage_percent);
}

Candidate::Candidate(api::PredictionModel model, const Sizes& sizes, std::int32_t coverage_percent)
    : model_(model),
      sizes_(sizes),
      coverage_percent_(coverage_percent),
      forecaster_(forecaster(model, sizes.period)),
      conformal_(coverage_percent / 100.0, sizes.misses),
      losses_(sizes.losses),
      said_(sizes.ahead) {}

void Candidate::add(std::optional<std::int64_t> load) {
    const std::optional<Saying> said = said_.front();
    said_.pop_front();
    if (said && load) compare(*said, *load);
    std::optional<double> expected;
    std::visit(
        [&](auto& model) {
            model.add(load);
            expected = model.forecast(sizes_.ahead);
        },
        forecaster_);
    if (!expected) {
        said_.emplace_back();
        return;
    }
    const double margin = conformal_.margin();
    const double scale = std::max(*expected, kLeastExpected);
    const double bound = std::max(0.0, *expected + margin * scale);
    said_.push_back(Saying{*expected, margin, std::llround(bound)});
}

void Candidate::compare(const Saying& said, std::int64_t load) {
    const double scale = std::max(said.expected, kLeastExpected);
    const bool had_bound = conformal_.size() >= sizes_.learned;
    conformal_.add((static_cast<double>(load) - said.expected) / scale, said.margin);
    if (had_bound) losses_.add(pinball_loss(load, said.bound, coverage_percent_));
}

std::optional<Saying> Candidate::said(std::size_t ahead) const {
    if (conformal_.size() < sizes_.learned) return std::nullopt;
    return said_[ahead - 1];
}

}  // namespace chatflow::prediction
