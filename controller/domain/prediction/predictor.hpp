#pragma once

#include "controller/api/scaling_prediction.hpp"
#include "controller/domain/prediction/load_series.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace chatflow::prediction {

/// How the load of one target is forecast. Made from a spec by tuning_of().
struct Tuning {
    std::chrono::seconds slot{300};
    std::chrono::seconds lead{60};
    std::optional<std::chrono::seconds> period;  // nothing: a day and a week
    std::int32_t coverage_percent = 95;
};

[[nodiscard]] Tuning tuning_of(const api::PredictionSpec& spec);

/// Learns from one slot after the other, and never looks ahead: what it says about a slot is fixed
/// before that slot is seen, so that the coverage it tells is what anybody would have got.
///
/// Several models run side by side (seasonal quantile and Holt-Winters, for each period). Each has
/// a conformal bound of its own; the one with the least pinball loss speaks. It is demoted to
/// Shadow when too few of its bounds held, or when a constant would have done as well; and trusted
/// again when neither is so. Pure: the same slots give the same forecast, bit for bit.
class Predictor {
 public:
    /// The first slot begins at `start`.
    Predictor(const Tuning& tuning, TimePoint start);
    ~Predictor();
    Predictor(Predictor&&) noexcept;
    Predictor& operator=(Predictor&&) noexcept;

    /// The load of the next slot, in thousandths; nothing where there is no data.
    void add(std::optional<std::int64_t> load);

    /// Of the slots from the next one to where pods asked for then become ready.
    [[nodiscard]] api::Forecast forecast() const;

    /// Whether the bound held in the slot that was added last; nothing without bound or load.
    [[nodiscard]] std::optional<bool> was_covered() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The forecast for the slots from `now` to the lead, made from whole slots before `now`.
[[nodiscard]] api::Forecast forecast(const Tuning& tuning, const LoadSeries& history,
                                     TimePoint now);

}  // namespace chatflow::prediction
