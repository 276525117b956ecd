#include "controller/domain/prediction/load_series.hpp"

#include <gtest/gtest.h>

namespace chatflow::prediction {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

TEST(LoadSeries, IsOnTheLineBetweenTwoSamples) {
    const LoadSeries load{.start = kStart, .step = 60s, .samples = {1000, 4000, {}, 1000}};
    EXPECT_EQ(load.at(kStart), 1000);
    EXPECT_EQ(load.at(kStart + 20s), 2000);
    EXPECT_EQ(load.at(kStart + 60s), 4000);
    EXPECT_EQ(load.at(kStart + 70s), std::nullopt);
    EXPECT_EQ(load.at(kStart + 180s), 1000);
}

TEST(LoadSeries, IsNothingOutside) {
    const LoadSeries load{.start = kStart, .step = 60s, .samples = {1000, 4000}};
    EXPECT_EQ(load.at(kStart - 1s), std::nullopt);
    EXPECT_EQ(load.at(kStart + 61s), std::nullopt);
    EXPECT_EQ(LoadSeries{}.at(kStart), std::nullopt);
}

TEST(LoadSeries, BetweenKeepsTheTimesOfItsSamples) {
    const LoadSeries load{.start = kStart, .step = 60s, .samples = {1, 2, 3, 4}};
    const LoadSeries part = load.between(kStart + 60s, kStart + 180s);
    EXPECT_EQ(part, (LoadSeries{.start = kStart + 60s, .step = 60s, .samples = {2, 3}}));
}

TEST(BySlot, AveragesOnWholeMultiplesOfTheSlot) {
    const LoadSeries load{
        .start = kStart + 240s, .step = 60s, .samples = {100, 10, 20, 30, 40, 50}};
    const LoadSeries slots = by_slot(load, 300s);
    EXPECT_EQ(slots.start, kStart);
    EXPECT_EQ(slots.samples, (std::vector<std::optional<std::int64_t>>{{}, 30}));
}

TEST(BySlot, GivesNothingWhereMostIsMissing) {
    const LoadSeries load{.start = kStart, .step = 60s, .samples = {10, {}, {}, {}, 10}};
    EXPECT_EQ(by_slot(load, 300s).samples.front(), std::nullopt);
}

}  // namespace
}  // namespace chatflow::prediction
