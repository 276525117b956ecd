#include "controller/domain/simulation/generate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chatflow::simulation {
namespace {

using prediction::LoadSeries;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};
constexpr double kDay = 86400;
constexpr std::int64_t kTooth = 1200;
constexpr double kRise = 300;

/// SplitMix64: short, good enough for noise, and the same on every machine.
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    /// In [0, 1).
    double uniform() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return static_cast<double>((z ^ (z >> 31U)) >> 11U) * 0x1.0p-53;
    }
    /// Mean 0, deviation 1: the sum of twelve is near enough to a normal distribution.
    double normal() {
        double sum = -6;
        for (int i = 0; i < 12; ++i) sum += uniform();
        return sum;
    }

 private:
    std::uint64_t state_;
};

/// A hill of height 1 around `hour`, that also reaches across midnight.
double hill(double hour_of_day, double hour, double width) {
    double away = std::abs(hour_of_day - hour);
    away = std::min(away, 24 - away);
    return std::exp(-away * away / (2 * width * width));
}

double daily_shape(double second) {
    const double hour = std::fmod(second, kDay) / 3600;
    const int weekday = static_cast<int>(second / kDay) % 7;
    const bool is_weekend = weekday >= 5;
    const double work = is_weekend ? 0.25 : 1.0;
    return 0.6 + work * (3.0 * hill(hour, 9.5, 1.2) + 2.4 * hill(hour, 14.5, 2.0)) +
           3.4 * hill(hour, 20.5, 1.8);
}

LoadSeries daily(Random& random, seconds span) {
    LoadSeries load{.start = kStart, .step = seconds{60}, .samples = {}};
    double drift = 0;    // of minutes: what one minute is above the usual, the next is in part
    double weather = 0;  // of the day
    for (std::int64_t at = 0; at <= span.count(); at += 60) {
        if (at % 86400 == 0) weather = 0.04 * random.normal();
        drift = 0.9 * drift + 0.02 * random.normal();
        const double level = daily_shape(static_cast<double>(at)) * (1 + weather + drift);
        load.samples.emplace_back(static_cast<std::int64_t>(std::max(0.05, level) * 1000));
    }
    return load;
}

LoadSeries flash_crowd(Random& random, seconds span) {
    LoadSeries load{.start = kStart, .step = seconds{15}, .samples = {}};
    const double length = static_cast<double>(span.count());
    const double crowds[] = {0.12 * length, 0.45 * length, 0.78 * length};
    for (std::int64_t at = 0; at <= span.count(); at += 15) {
        double level = 0.8;
        for (const double begin : crowds) {
            const double past = static_cast<double>(at) - begin;
            if (past < 0) continue;
            const double rise = std::min(1.0, past / 120);
            level += 7.2 * rise * std::exp(-std::max(0.0, past - 600) / 900);
        }
        level *= 1 + 0.03 * random.normal();
        load.samples.emplace_back(static_cast<std::int64_t>(std::max(0.05, level) * 1000));
    }
    return load;
}

LoadSeries saw_tooth(Random& random, seconds span) {
    LoadSeries load{.start = kStart, .step = seconds{15}, .samples = {}};
    for (std::int64_t at = 0; at <= span.count(); at += 15) {
        const double phase = static_cast<double>(at % kTooth) / kRise;
        const double level = (1 + (phase <= 1 ? 4 * phase : 0)) * (1 + 0.02 * random.normal());
        load.samples.emplace_back(static_cast<std::int64_t>(std::max(0.05, level) * 1000));
    }
    return load;
}

}  // namespace

LoadSeries generate(Shape shape, std::uint64_t seed, seconds span) {
    Random random(seed);
    switch (shape) {
        case Shape::Daily:
            return daily(random, span);
        case Shape::FlashCrowd:
            return flash_crowd(random, span);
        case Shape::SawTooth:
            return saw_tooth(random, span);
    }
    return {};
}

seconds usual_span(Shape shape) {
    return shape == Shape::Daily ? std::chrono::days{21} : seconds{std::chrono::hours{6}};
}

}  // namespace chatflow::simulation
