#include "controller/domain/prediction/conformal.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::prediction {
namespace {

// Gibbs and Candès use 0.005 for daily prices; slots of minutes come in runs, so a little more.
constexpr double kStep = 0.02;
constexpr double kLevelLeast = 0.002;
constexpr double kLevelMost = 0.5;

}  // namespace

Conformal::Conformal(double coverage, std::size_t window)
    : allowed_(1 - coverage), level_(1 - coverage), window_(window) {}

double Conformal::margin() const {
    if (sorted_.empty()) return 0;
    const auto count = static_cast<double>(sorted_.size());
    // The ⌈(n + 1)(1 − α)⌉-th smallest: exact for finitely many.
    const double rank = std::ceil((count + 1) * (1 - level_));
    return sorted_[static_cast<std::size_t>(std::clamp(rank, 1.0, count)) - 1];
}

void Conformal::add(double miss, double margin) {
    const double missed = miss > margin ? 1 : 0;
    level_ = std::clamp(level_ + kStep * (allowed_ - missed), kLevelLeast, kLevelMost);
    recent_.push_back(miss);
    sorted_.insert(std::ranges::upper_bound(sorted_, miss), miss);
    if (recent_.size() > window_) {
        sorted_.erase(std::ranges::lower_bound(sorted_, recent_.front()));
        recent_.pop_front();
    }
}

}  // namespace chatflow::prediction
