#include "controller/domain/prediction/models.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::prediction {
namespace {

constexpr double kQuantile = 0.8;
// How much of each new slot goes into level, trend and season; how much of the trend stays.
constexpr double kAlpha = 0.35;
constexpr double kBeta = 0.02;
constexpr double kGamma = 0.15;
constexpr double kDamping = 0.9;

}  // namespace

SeasonalQuantile::SeasonalQuantile(std::size_t period, std::size_t periods_kept)
    : period_(period), kept_(period * periods_kept + 1) {}

void SeasonalQuantile::add(std::optional<std::int64_t> load) {
    slots_.push_back(load);
    if (slots_.size() > kept_) slots_.pop_front();
}

std::optional<double> SeasonalQuantile::forecast(std::size_t ahead) const {
    const std::size_t count = slots_.size();
    std::vector<std::int64_t> alike;
    for (std::size_t back = period_; back <= count + ahead; back += period_) {
        for (const std::size_t beside : {0U, 1U, 2U}) {
            const std::size_t index = count + ahead + beside;  // two too many: no negative numbers
            if (index < back + 2 || index - back - 2 >= count) continue;
            if (const auto& load = slots_[index - back - 2]) alike.push_back(*load);
        }
    }
    if (alike.empty() || count + 1 < period_) return std::nullopt;
    const auto rank =
        static_cast<std::size_t>(std::ceil(kQuantile * static_cast<double>(alike.size())));
    std::ranges::sort(alike);
    return static_cast<double>(alike[rank - 1]);
}

HoltWinters::HoltWinters(std::size_t period) : period_(period) { first_.reserve(period); }

void HoltWinters::begin() {
    double sum = 0;
    std::size_t known = 0;
    for (const auto& load : first_) {
        sum += static_cast<double>(load.value_or(0));
        known += load ? 1U : 0U;
    }
    level_ = known > 0 ? sum / static_cast<double>(known) : 0;
    season_.reserve(period_);
    for (const auto& load : first_) {
        season_.push_back(load ? static_cast<double>(*load) - level_ : 0);
    }
    first_.clear();
    first_.shrink_to_fit();
}

void HoltWinters::add(std::optional<std::int64_t> load) {
    const std::size_t slot = count_++ % period_;
    if (season_.empty()) {
        first_.push_back(load);
        if (first_.size() == period_) begin();
        return;
    }
    const double carried = level_ + kDamping * trend_;
    if (!load) {  // as if what was expected had come
        level_ = carried;
        trend_ *= kDamping;
        return;
    }
    const auto seen = static_cast<double>(*load);
    const double level = kAlpha * (seen - season_[slot]) + (1 - kAlpha) * carried;
    trend_ = kBeta * (level - level_) + (1 - kBeta) * kDamping * trend_;
    season_[slot] = kGamma * (seen - carried) + (1 - kGamma) * season_[slot];
    level_ = level;
}

std::optional<double> HoltWinters::forecast(std::size_t ahead) const {
    if (season_.empty()) return std::nullopt;
    double carried = 0;
    double part = 1;
    for (std::size_t i = 0; i < ahead; ++i) carried += part *= kDamping;
    return std::max(0.0, level_ + carried * trend_ + season_[(count_ + ahead - 1) % period_]);
}

}  // namespace chatflow::prediction
