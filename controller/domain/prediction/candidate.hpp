#pragma once

#include "controller/api/scaling_prediction.hpp"
#include "controller/domain/prediction/conformal.hpp"
#include "controller/domain/prediction/models.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>

namespace chatflow::prediction {

/// The sum over the last so many values.
class MovingSum {
 public:
    explicit MovingSum(std::size_t window) : window_(window) {}

    void add(std::int64_t value) {
        sum_ += value;
        values_.push_back(value);
        if (values_.size() <= window_) return;
        sum_ -= values_.front();
        values_.pop_front();
    }
    [[nodiscard]] std::int64_t sum() const { return sum_; }
    [[nodiscard]] std::size_t size() const { return values_.size(); }

 private:
    std::size_t window_;
    std::int64_t sum_ = 0;
    std::deque<std::int64_t> values_;
};

/// What a bound costs where `load` came: (100 − coverage) for each unit that it was too high,
/// coverage for each that it was too low. Least, on average, for the true quantile.
[[nodiscard]] std::int64_t pinball_loss(std::int64_t load, std::int64_t bound,
                                        std::int32_t coverage_percent);

/// What was said of a slot before it came.
struct Saying {
    double expected = 0;
    double margin = 0;
    std::int64_t bound = 0;
};

/// A model with its bound, and how well it has done.
class Candidate {
 public:
    struct Sizes {
        std::size_t period = 0;   // slots; all of these are
        std::size_t ahead = 0;    // how far it looks
        std::size_t learned = 0;  // misses that a bound needs
        std::size_t misses = 0;   // that are kept
        std::size_t losses = 0;   // that are compared
    };
    Candidate(api::PredictionModel model, const Sizes& sizes, std::int32_t coverage_percent);

    /// Compares what was said with what came, learns, and says what comes `ahead` slots later.
    void add(std::optional<std::int64_t> load);

    [[nodiscard]] api::PredictionModel model() const { return model_; }
    [[nodiscard]] std::size_t period() const { return sizes_.period; }
    /// Of the slot that is `ahead` away, from 1; nothing before enough was learned.
    [[nodiscard]] std::optional<Saying> said(std::size_t ahead) const;
    [[nodiscard]] bool has_losses() const { return losses_.size() == sizes_.losses; }
    [[nodiscard]] std::int64_t loss() const { return losses_.sum(); }

 private:
    void compare(const Saying& said, std::int64_t load);

    api::PredictionModel model_;
    Sizes sizes_;
    std::int32_t coverage_percent_;
    std::variant<SeasonalQuantile, HoltWinters> forecaster_;
    Conformal conformal_;
    MovingSum losses_;
    std::deque<std::optional<Saying>> said_;  // of the next slots, the nearest first
};

}  // namespace chatflow::prediction
