#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace chatflow::prediction {

/// An upper bound for what comes next, from how far the last forecasts were off: split-conformal
/// prediction (Vovk; Lei et al. 2018), whose level follows what was really covered (adaptive
/// conformal inference, Gibbs and Candès 2021). Misses are taken relative to the forecast, since a
/// busy hour is off by more than a quiet one.
class Conformal {
 public:
    /// `coverage` is in (0, 1); misses older than the last `window` are forgotten.
    Conformal(double coverage, std::size_t window);

    /// How far above the forecast the bound is, as a part of it; may be negative.
    [[nodiscard]] double margin() const;

    /// A miss, as a part of the forecast, of something that `margin` had been said for.
    void add(double miss, double margin);

    [[nodiscard]] std::size_t size() const { return recent_.size(); }

 private:
    double allowed_;  // of misses above the bound
    double level_;    // the one that makes it so
    std::size_t window_;
    std::deque<double> recent_;
    std::vector<double> sorted_;
};

}  // namespace chatflow::prediction
