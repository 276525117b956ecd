#include "controller/domain/prediction/predictor.hpp"

#include "controller/domain/prediction/candidate.hpp"
#include "libs/base/fnv1a.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace chatflow::prediction {
namespace {

using api::Forecast;
using api::PredictionModel;
using api::PredictionState;
using std::chrono::seconds;

constexpr seconds kDay{86400};
constexpr seconds kWeek{7 * 86400};
constexpr seconds kLongPeriod{6 * 3600};  // from here on slots of 5 minutes are fine enough
constexpr seconds kLongSlot{300};
constexpr seconds kShortSlot{60};

// Fewer misses make no bound that holds 19 of 20 times.
constexpr std::size_t kMissesLeast = 40;
constexpr std::size_t kMissesDays = 3;
// By how many percent the measured coverage may be below the one asked for.
constexpr std::int32_t kSlackPercent = 5;
constexpr std::int32_t kSlackToReturnPercent = 3;
// The greatest part of a constant's loss.
constexpr std::int64_t kSkillPercent = 90;
constexpr std::int64_t kSkillToReturnPercent = 75;

/// The quantile of the last loads, whenever they were: what anything has to beat.
class Constant {
 public:
    Constant(std::size_t window, std::int32_t coverage_percent)
        : loads_(coverage_percent / 100.0, window),
          losses_(window),
          coverage_percent_(coverage_percent) {}

    void add(std::int64_t load) {
        const double bound = loads_.margin();
        if (loads_.size() > 0) {
            losses_.add(pinball_loss(load, static_cast<std::int64_t>(bound), coverage_percent_));
        }
        loads_.add(static_cast<double>(load), bound);
    }
    [[nodiscard]] std::int64_t loss() const { return losses_.sum(); }

 private:
    Conformal loads_;
    MovingSum losses_;
    std::int32_t coverage_percent_;
};

std::vector<std::size_t> periods_in_slots(const Tuning& tuning) {
    if (tuning.period) return {static_cast<std::size_t>(*tuning.period / tuning.slot)};
    return {static_cast<std::size_t>(kDay / tuning.slot),
            static_cast<std::size_t>(kWeek / tuning.slot)};
}

std::size_t slots_ahead(const Tuning& tuning) {
    return 1 + static_cast<std::size_t>((tuning.lead + tuning.slot - seconds{1}) / tuning.slot);
}

std::vector<Candidate> candidates_of(const Tuning& tuning) {
    const std::vector<std::size_t> periods = periods_in_slots(tuning);
    std::vector<Candidate> all;
    for (const std::size_t period : periods) {
        // One period to know the load, half of one for the bound, half of one to see it hold.
        const std::size_t half = std::max(kMissesLeast, periods.front() / 2);
        const Candidate::Sizes sizes{.period = period,
                                     .ahead = std::min(slots_ahead(tuning), period),
                                     .learned = half,
                                     .misses = std::max(kMissesDays * periods.front(), 3 * half),
                                     .losses = half};
        all.emplace_back(PredictionModel::SeasonalQuantile, sizes, tuning.coverage_percent);
        all.emplace_back(PredictionModel::HoltWinters, sizes, tuning.coverage_percent);
    }
    return all;
}

}  // namespace

Tuning tuning_of(const api::PredictionSpec& spec) {
    Tuning tuning{.slot = kLongSlot,
                  .lead = seconds{spec.lead_seconds},
                  .period = std::nullopt,
                  .coverage_percent = spec.coverage_percent};
    if (spec.period_seconds) {
        tuning.period = seconds{*spec.period_seconds};
        tuning.slot = *tuning.period >= kLongPeriod ? kLongSlot : kShortSlot;
    }
    return tuning;
}

struct Predictor::State {
    State(const Tuning& how, TimePoint from)
        : tuning(how),
          start(from),
          half(std::max(kMissesLeast, periods_in_slots(how).front() / 2)),
          candidates(candidates_of(how)),
          constant(half, how.coverage_percent),
          held(2 * half),
          published(slots_ahead(how)) {
        hash.add_number(static_cast<std::uint64_t>(from.time_since_epoch().count()));
        hash.add_number(static_cast<std::uint64_t>(how.slot.count()));
    }

    void note_outcome(std::optional<std::int64_t> load);
    void choose();
    void publish();
    void judge();
    [[nodiscard]] std::int32_t coverage_permille() const {
        const auto size = static_cast<std::int64_t>(held.size());
        return size > 0 ? static_cast<std::int32_t>(held.sum() * 1000 / size) : 0;
    }

    Tuning tuning;
    TimePoint start;
    std::size_t half;
    std::size_t count = 0;
    Fnv1a hash;
    std::vector<Candidate> candidates;
    Constant constant;
    MovingSum held;  // 1 for each bound that did
    std::optional<std::size_t> chosen;
    std::deque<std::optional<Saying>> published;  // of the next slots, the nearest first
    std::optional<bool> covered;
    PredictionState trust = PredictionState::Learning;
    std::string reason = "HistoryTooShort";
};

void Predictor::State::note_outcome(std::optional<std::int64_t> load) {
    const std::optional<Saying> said = published.front();
    published.pop_front();
    covered.reset();
    if (!said || !load) return;
    covered = *load <= said->bound;
    held.add(*covered ? 1 : 0);
}

/// The least loss among those that have been compared for long enough; before, the first that says
/// anything.
void Predictor::State::choose() {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        // Once is no rhythm: by the time its losses are compared, it has seen its period twice.
        const bool is_known = count + half >= 2 * candidates[i].period();
        if (!is_known || !candidates[i].said(1)) continue;
        const bool is_better =
            !best ||
            (candidates[i].has_losses() &&
             (!candidates[*best].has_losses() || candidates[i].loss() < candidates[*best].loss()));
        if (is_better) best = i;
    }
    chosen = best;
}

void Predictor::State::publish() {
    const std::size_t ahead = slots_ahead(tuning);
    published.push_back(
        chosen ? candidates[*chosen].said(std::min(ahead, candidates[*chosen].period()))
               : std::nullopt);
}

void Predictor::State::judge() {
    if (!chosen || held.size() < half || !candidates[*chosen].has_losses()) {
        trust = PredictionState::Learning;
        reason = "HistoryTooShort";
        return;
    }
    const bool was_trusted = trust != PredictionState::Shadow;
    const std::int32_t slack = was_trusted ? kSlackPercent : kSlackToReturnPercent;
    const std::int64_t skill = was_trusted ? kSkillPercent : kSkillToReturnPercent;
    const bool holds = coverage_permille() >= 10 * (tuning.coverage_percent - slack);
    const bool helps = candidates[*chosen].loss() * 100 <= constant.loss() * skill;
    trust = holds && helps ? PredictionState::Trusted : PredictionState::Shadow;
    reason = !holds ? "CoverageLow" : !helps ? "NoSkill" : "CoverageHeld";
}

Predictor::Predictor(const Tuning& tuning, TimePoint start)
    : state_(std::make_unique<State>(tuning, start)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

void Predictor::add(std::optional<std::int64_t> load) {
    State& state = *state_;
    ++state.count;
    state.hash.add_number(static_cast<std::uint64_t>(load.value_or(-1)));
    state.note_outcome(load);
    for (Candidate& candidate : state.candidates) candidate.add(load);
    if (load) state.constant.add(*load);
    state.choose();
    state.publish();
    state.judge();
}

Forecast Predictor::forecast() const {
    const State& state = *state_;
    Forecast result;
    result.state = state.trust;
    result.reason = state.reason;
    result.slot_seconds = static_cast<std::int32_t>(state.tuning.slot.count());
    result.coverage_permille = state.coverage_permille();
    result.measured_slots = static_cast<std::int32_t>(state.held.size());
    result.history_slots = static_cast<std::int32_t>(state.count);
    result.history_hash = fmt::format("{:016x}", state.hash.value());
    if (!state.chosen) return result;
    const Candidate& candidate = state.candidates[*state.chosen];
    result.model = candidate.model();
    result.period_seconds = static_cast<std::int32_t>(candidate.period()) * result.slot_seconds;
    for (std::size_t i = 0; i < state.published.size(); ++i) {
        const auto& said = state.published[i];
        if (!said || api::Quantity::from_milli(said->bound) < result.bound) continue;
        result.bound = api::Quantity::from_milli(said->bound);
        result.expected = api::Quantity::from_milli(static_cast<std::int64_t>(said->expected));
        result.slot = state.start + state.tuning.slot * static_cast<std::int64_t>(state.count + i);
    }
    return result;
}

std::optional<bool> Predictor::was_covered() const { return state_->covered; }

Forecast forecast(const Tuning& tuning, const LoadSeries& history, TimePoint now) {
    const LoadSeries slots = by_slot(history, tuning.slot);
    Predictor predictor(tuning, slots.start);
    for (std::size_t i = 0; i < slots.samples.size(); ++i) {
        const TimePoint end = slots.start + tuning.slot * static_cast<std::int64_t>(i + 1);
        if (end <= now) predictor.add(slots.samples[i]);
    }
    return predictor.forecast();
}

}  // namespace chatflow::prediction
