#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace chatflow::prediction {

// Each model is told one slot after the other and asked for one that lies ahead. Loads are
// thousandths. Nothing is forecast before a whole period was seen.

/// The 80 %-quantile of the same slot, the one before and the one after, in the last periods.
class SeasonalQuantile {
 public:
    /// `period` in slots; so many of them are kept.
    SeasonalQuantile(std::size_t period, std::size_t periods_kept);

    void add(std::optional<std::int64_t> load);
    /// `ahead` is 1 for the slot after the last one, and less than the period.
    [[nodiscard]] std::optional<double> forecast(std::size_t ahead) const;

 private:
    std::size_t period_;
    std::size_t kept_;
    std::deque<std::optional<std::int64_t>> slots_;
};

/// Damped additive Holt-Winters (Gardner and McKenzie 1985): level, trend that dies away, and what
/// each slot of the period adds. The first period makes the beginning.
class HoltWinters {
 public:
    explicit HoltWinters(std::size_t period);

    void add(std::optional<std::int64_t> load);
    [[nodiscard]] std::optional<double> forecast(std::size_t ahead) const;

 private:
    void begin();

    std::size_t period_;
    std::size_t count_ = 0;  // slots so far
    double level_ = 0;
    double trend_ = 0;
    std::vector<std::optional<std::int64_t>> first_;  // until the first period is whole
    std::vector<double> season_;
};

}  // namespace chatflow::prediction
