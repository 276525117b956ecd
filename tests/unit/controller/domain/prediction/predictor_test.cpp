#include "controller/domain/prediction/predictor.hpp"

#include "controller/domain/prediction/conformal.hpp"
#include "controller/domain/prediction/models.hpp"
#include "controller/domain/simulation/generate.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace chatflow::prediction {
namespace {

using namespace std::chrono_literals;
using api::PredictionState;
using std::chrono::days;

constexpr std::size_t kDaySlots = 288;

LoadSeries chat_load(std::chrono::hours span, std::uint64_t seed = 7) {
    return by_slot(simulation::generate(simulation::Shape::Daily, seed, span), 300s);
}

Predictor after(const LoadSeries& load) {
    Predictor predictor(Tuning{}, load.start);
    for (const auto& slot : load.samples) predictor.add(slot);
    return predictor;
}

TEST(Conformal, BoundHoldsAsOftenAsAsked) {
    std::minstd_rand random(1);
    Conformal conformal(0.9, 500);
    int held = 0;
    for (int i = 0; i < 2000; ++i) {
        const double miss = static_cast<double>(random() % 1000) / 1000;
        const double margin = conformal.margin();
        if (i >= 500) held += miss <= margin ? 1 : 0;
        conformal.add(miss, margin);
    }
    EXPECT_NEAR(held / 1500.0, 0.9, 0.02);
}

TEST(Conformal, WidensAfterMisses) {
    Conformal conformal(0.9, 100);
    for (int i = 0; i < 50; ++i) conformal.add(0.01 * i, 1);
    const double before = conformal.margin();
    for (int i = 0; i < 10; ++i) conformal.add(0.6, conformal.margin());
    EXPECT_GT(conformal.margin(), before);
}

TEST(SeasonalQuantile, TakesTheSameSlotOfEarlierPeriodsAndItsNeighbours) {
    SeasonalQuantile model(4, 2);
    for (const std::int64_t load : {1, 2, 9, 4, 1, 2, 9, 4}) model.add(load);
    EXPECT_EQ(model.forecast(1), 2);  // of 4 1 2 and 1 2
    EXPECT_EQ(model.forecast(2), 9);  // of 1 2 9, twice
}

TEST(SeasonalQuantile, SaysNothingBeforeAWholePeriod) {
    SeasonalQuantile model(4, 2);
    model.add(1);
    EXPECT_EQ(model.forecast(1), std::nullopt);
}

TEST(HoltWinters, FollowsASeasonAndARisingLevel) {
    HoltWinters model(4);
    const std::int64_t season[] = {0, 10'000, 30'000, 10'000};
    for (std::int64_t i = 0; i < 400; ++i) model.add(50'000 + 100 * i + season[i % 4]);
    EXPECT_NEAR(*model.forecast(1), 50'000 + 100 * 400, 1500);
    EXPECT_NEAR(*model.forecast(3), 50'000 + 100 * 402 + 30'000, 1500);
}

TEST(HoltWinters, TakesAGapAsIfWhatWasExpectedHadCome) {
    HoltWinters model(2);
    for (int i = 0; i < 20; ++i) model.add(i % 2 == 0 ? 100 : 900);
    model.add(std::nullopt);
    model.add(std::nullopt);
    EXPECT_NEAR(*model.forecast(1), 100, 5);
    EXPECT_NEAR(*model.forecast(2), 900, 5);
}

TEST(Predictor, IsOffBeforeTwoPeriods) {
    const api::Forecast forecast = after(chat_load(days{2} - 1h)).forecast();
    EXPECT_EQ(forecast.state, PredictionState::Learning);
    EXPECT_EQ(forecast.reason, "HistoryTooShort");
}

TEST(Predictor, IsTrustedOnceTwoPeriodsWereSeen) {
    const api::Forecast forecast = after(chat_load(days{3})).forecast();
    EXPECT_EQ(forecast.state, PredictionState::Trusted) << forecast.reason;
    EXPECT_GE(forecast.coverage_permille, 900);
    EXPECT_GT(forecast.bound, forecast.expected);
}

TEST(Predictor, AWeekIsNoRhythmBeforeTwoOfThem) {
    constexpr std::size_t kWeekSlots = 7 * kDaySlots;
    const LoadSeries load = chat_load(days{28});
    Predictor predictor(Tuning{}, load.start);
    bool has_spoken = false;
    for (std::size_t i = 0; i < load.samples.size(); ++i) {
        predictor.add(load.samples[i]);
        const bool speaks = predictor.forecast().period_seconds == 7 * 86'400;
        const bool may_speak = i + 1 >= 2 * kWeekSlots - kDaySlots / 2;
        ASSERT_TRUE(may_speak || !speaks) << "after slot " << i;
        has_spoken = has_spoken || speaks;
    }
    EXPECT_TRUE(has_spoken);
}

TEST(Predictor, BoundHoldsOnWeeksThatItHasNotSeen) {
    const LoadSeries load = chat_load(days{28});
    Predictor predictor(Tuning{}, load.start);
    int held = 0;
    int measured = 0;
    for (const auto& slot : load.samples) {
        predictor.add(slot);
        if (const auto covered = predictor.was_covered()) {
            ++measured;
            held += *covered ? 1 : 0;
        }
    }
    EXPECT_GT(measured, 26 * 288 - 200);
    EXPECT_NEAR(static_cast<double>(held) / measured, 0.95, 0.015);
}

TEST(Predictor, IsDemotedWithinADayWhenHistoryIsScrambled) {
    LoadSeries load = chat_load(days{16});
    std::minstd_rand random(3);
    std::shuffle(load.samples.begin() + 14 * kDaySlots, load.samples.end(), random);
    Predictor predictor(Tuning{}, load.start);
    for (std::size_t i = 0; i < 15 * kDaySlots; ++i) predictor.add(load.samples[i]);
    EXPECT_EQ(predictor.forecast().state, PredictionState::Shadow);
}

TEST(Predictor, NeverTrustsAHistoryWithoutRhythm) {
    LoadSeries load = chat_load(days{14});
    std::minstd_rand random(3);
    std::ranges::shuffle(load.samples, random);
    const api::Forecast forecast = after(load).forecast();
    EXPECT_EQ(forecast.state, PredictionState::Shadow);
    EXPECT_EQ(forecast.reason, "NoSkill");
}

TEST(Predictor, IsTrustedAgainWhenTheRhythmIsBack) {
    LoadSeries load = chat_load(days{22});
    std::minstd_rand random(3);
    std::shuffle(load.samples.begin() + 14 * kDaySlots, load.samples.begin() + 15 * kDaySlots,
                 random);
    EXPECT_EQ(after(load).forecast().state, PredictionState::Trusted);
}

TEST(Predictor, SaysTheSameForTheSameHistoryBitForBit) {
    const LoadSeries load = chat_load(days{9});
    EXPECT_EQ(after(load).forecast(), after(load).forecast());
    EXPECT_EQ(forecast(Tuning{}, load, load.end() + 300s), after(load).forecast());
}

TEST(Predictor, HashTellsAnotherHistory) {
    LoadSeries load = chat_load(days{3});
    const std::string before = after(load).forecast().history_hash;
    load.samples[17] = *load.samples[17] + 1;
    EXPECT_NE(after(load).forecast().history_hash, before);
}

TEST(Predictor, LooksAsFarAheadAsPodsTakeToStart) {
    const LoadSeries load = chat_load(days{4} + 7h);  // on the way up to the morning's hill
    Tuning late;
    late.lead = 30min;
    Predictor predictor(late, load.start);
    for (const auto& slot : load.samples) predictor.add(slot);
    EXPECT_GT(predictor.forecast().slot, after(load).forecast().slot);
}

TEST(Predictor, TakesGapsForNothing) {
    LoadSeries load = chat_load(days{5});
    std::fill(load.samples.begin() + 3 * kDaySlots, load.samples.begin() + 3 * kDaySlots + 40,
              std::nullopt);
    EXPECT_EQ(after(load).forecast().state, PredictionState::Trusted)
        << after(load).forecast().reason;
}

TEST(TuningOf, TakesShortSlotsForShortPeriods) {
    EXPECT_EQ(tuning_of({.period_seconds = 3600}).slot, 60s);
    EXPECT_EQ(tuning_of({.period_seconds = 86400}).slot, 300s);
    EXPECT_EQ(tuning_of({}).period, std::nullopt);
}

}  // namespace
}  // namespace chatflow::prediction
